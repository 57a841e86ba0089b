"""Word documents: what Word shows, and refusals for what is no such document or more than one can bear."""

import io
import struct
import time
from datetime import UTC, date, datetime
from pathlib import Path

import docx as python_docx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import BlockKind
from index.errors import InputRejected
from index.readers import docx, epub, zipped
from index.readers.page import Page
from index.readers.raw import Raw
from tests.index.readers.containers import W, book, core, paragraph, run, shown, word
from tests.index.readers.containers import zipped as archive

PROSE = (
    "The council of Marne voted on Tuesday to close the old bridge for repairs that last two years, it said."
)


def read(data: bytes) -> Page:
    return docx.read(Raw(data, "bridge", "bridge.docx"))


def refusal(data: bytes) -> str:
    with pytest.raises(InputRejected) as refused:
        read(data)
    message = str(refused.value)
    assert message.startswith("bridge.docx ")
    assert "\n" not in message
    return message


# What a person reads


def test_a_document_that_python_docx_writes_is_read() -> None:
    document = python_docx.Document()
    document.add_heading("The old bridge", 0)
    document.add_heading("What it costs", 1)
    document.add_paragraph(PROSE)
    document.add_paragraph("A point.", style="List Bullet")
    table = document.add_table(2, 2)
    for n, words in enumerate(["Year", "Cost", "2024", "3 million"]):
        table.cell(n // 2, n % 2).text = words
    document.core_properties.author = "Ada Quill"
    document.core_properties.created = datetime(2024, 3, 5, tzinfo=UTC)
    stream = io.BytesIO()
    document.save(stream)
    page = read(stream.getvalue())
    assert shown(page, BlockKind.TITLE) == ["The old bridge"]
    assert shown(page, BlockKind.HEADING) == ["What it costs"]
    assert shown(page, BlockKind.PARAGRAPH) == [PROSE, "A point.", "Year | Cost", "2024 | 3 million"]
    meta = page.metadata
    assert (meta.title, meta.author) == ("The old bridge", "Ada Quill")
    assert (meta.published, meta.published_is_guess) == (date(2024, 3, 5), True)


def test_headings_are_known_by_style_in_any_language_and_by_level() -> None:
    page = read(
        word(
            paragraph("The title", "Titel")
            + paragraph("One", "berschrift1")
            + paragraph("Two", "Eigene")
            + paragraph("Three", "", '<w:outlineLvl w:val="2"/>')
            + paragraph("Round", "Ring", '<w:outlineLvl w:val="9"/>')
            + paragraph("Contents 3", "Inhalt")
            + paragraph(PROSE * 3, "berschrift1")
            + paragraph("Another title", "Titel")
        )
    )
    assert shown(page, BlockKind.TITLE) == ["The title"]
    assert shown(page, BlockKind.HEADING) == ["One", "Two", "Three", "Another title"]
    assert shown(page, BlockKind.PARAGRAPH) == ["Round", PROSE * 3]
    assert shown(page, BlockKind.FURNITURE) == ["Contents 3"]


def test_what_word_shows_is_read_and_what_it_hides_is_not() -> None:
    text_box = f"<w:txbxContent>{paragraph('In a box.')}</w:txbxContent>"
    page = read(
        word(
            paragraph(
                run("Kept, ")
                + f"<w:ins>{run('inserted, ')}</w:ins>"
                + "<w:del><w:r><w:delText>deleted, </w:delText></w:r></w:del>"
                + f"<w:moveFrom>{run('moved away, ')}</w:moveFrom><w:moveTo>{run('moved here, ')}</w:moveTo>"
                + run("hidden, ", "<w:vanish/>")
                + run("hidden by style, ", '<w:rStyle w:val="Geheim"/>')
                + run("shown again, ", '<w:vanish w:val="0"/>')
                + f"<w:hyperlink>{run('linked, ')}</w:hyperlink>"
                + f"<w:sdt><w:sdtContent>{run('filled in')}</w:sdtContent></w:sdt>"
                + "<w:r><w:instrText>PAGE</w:instrText><w:footnoteReference/></w:r>"
                + "<w:r><w:t>.</w:t><w:br/><w:t>A</w:t><w:tab/>"
                + "<w:t>b</w:t><w:noBreakHyphen/><w:t>c</w:t></w:r>"
                + "<w:r><w:br/><w:br/></w:r>"
                + run("Apart.")
            )
            + f"<w:sdt><w:sdtContent>{paragraph('In a control.')}</w:sdtContent></w:sdt>"
            + paragraph(
                f'<w:r><AlternateContent xmlns="urn:mc"><Choice>{text_box}</Choice>'
                f"<Fallback>{text_box}</Fallback></AlternateContent></w:r>"
            ),
            {
                "word/footnotes.xml": f'<w:footnotes {W}><w:footnote w:type="separator">{paragraph("--")}'
                f"</w:footnote><w:footnote>{paragraph('A note.')}</w:footnote></w:footnotes>",
                "word/header1.xml": f"<w:hdr {W}>{paragraph('Running head')}</w:hdr>",
            },
        )
    )
    assert shown(page) == [
        "Kept, inserted, moved here, shown again, linked, filled in.\nA\tb-c",
        "Apart.",
        "In a control.",
        "In a box.",
        "A note.",
    ]


def test_line_ends_are_those_of_unix() -> None:
    # Found by fuzzing. Tools that read what `ibid show --text` prints would make them so, and shift offsets.
    ends = "One.&#13;&#10;Two.&#13;Three."
    lines = "One.\nTwo.\nThree."
    assert read(word(f"<w:p><w:r><w:t>{ends}</w:t></w:r></w:p>")).text == lines
    assert epub.read(Raw(book([f"<pre>{ends}</pre>"]), "bridge", "bridge.epub")).text == lines


def test_the_strict_edition_of_the_format_is_read() -> None:
    space = "http://purl.oclc.org/ooxml/wordprocessingml/main"
    data = f"<w:document xmlns:w='{space}'>{paragraph('Text.')}</w:document>"
    rels = '<R><r Type="http://purl.oclc.org/officeDocument" Target="/doc/main.xml"/></R>'
    assert shown(read(archive({"_rels/.rels": rels, "doc/main.xml": data}))) == ["Text."]


def test_a_date_and_a_byline_above_the_body_win_over_those_of_the_file() -> None:
    said = core(
        "<dc:title>From the file</dc:title><dc:creator>user</dc:creator>"
        "<dcterms:created>2020-01-01T00:00:00Z</dcterms:created><cp:keywords>bridge; ferry</cp:keywords>"
    )
    page = read(
        word("".join(map(paragraph, ["By Ada Quill", "5 March 2024", PROSE * 2, "6 March 2024"])), said)
    )
    meta = page.metadata
    assert (meta.title, meta.author, meta.tags) == ("From the file", "Ada Quill", ("bridge", "ferry"))
    assert (meta.published, meta.published_is_guess) == (date(2024, 3, 5), False)
    assert shown(page, BlockKind.FURNITURE) == ["By Ada Quill", "5 March 2024"]


@pytest.mark.parametrize("title", ["", "Word Document", "Document1", "Untitled"])
def test_a_title_that_a_program_filled_in_is_none(title: str) -> None:
    said = core(f"<dc:title>{title}</dc:title><dc:creator>python-docx</dc:creator>")
    meta = read(word(paragraph("One", "berschrift1") + paragraph(PROSE), said)).metadata
    assert (meta.title, meta.author, meta.published) == ("One", None, None)
    assert read(word(paragraph(PROSE))).metadata.title == "bridge"


WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters="\ufffe\uffff")
)
LINES = st.lists(WORDS.filter(lambda words: words.strip() == words != ""), min_size=1, max_size=8)


@given(LINES)
def test_the_blocks_of_any_document_are_what_was_written_in_order(lines: list[str]) -> None:
    page = read(word("".join(paragraph(run(line)) for line in lines)))
    assert page.text == "\n\n".join(lines)
    assert shown(page) == lines


# What cannot be used


def test_the_old_format_and_a_password_are_told_apart() -> None:
    ole = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500)
    assert refusal(ole).endswith("of the old format; save it as .docx.")
    assert refusal(ole + "EncryptedPackage".encode("utf-16-le")).endswith("password; save it without one.")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        b"PK\x03\x04" + bytes(40),
        archive({"a": "b"}),
        archive({"word/document.xml": "<w:p>"}),
        word(paragraph(PROSE))[:-30],
        archive({"_rels/.rels": '<R><r Type="/officeDocument" Target="../../etc/passwd"/></R>'}),
    ],
    ids=["empty", "text", "header", "other", "xml", "cut", "traversal"],
)
def test_what_is_no_document_is_refused(data: bytes) -> None:
    assert "is no Word document that can be read" in refusal(data)


def test_a_bomb_is_stopped_while_it_unpacks() -> None:
    bomb = paragraph(run("x" * 60_000_000))
    started = time.monotonic()
    assert "unpacks to more" in refusal(word(bomb))
    assert time.monotonic() - started < 5
    assert "unpacks to more" in refusal(archive({str(n): "" for n in range(zipped.MOST_PARTS + 1)}))


def test_parts_that_are_each_small_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zipped, "LARGEST_READ", 100_000)
    half = f"<w:x {W}>{' ' * 60_000}</w:x>"
    assert "unpacks to more" in refusal(
        word(paragraph(PROSE), {"word/footnotes.xml": half, "word/styles.xml": half})
    )


def test_a_size_that_lies_is_found_out() -> None:
    data = word(paragraph(PROSE * 50))
    entry = data.rindex(b"PK\x01\x02", 0, data.index(b"word/document.xml", data.index(b"PK\x01\x02")))
    small = data[: entry + 24] + struct.pack("<L", 100) + data[entry + 28 :]
    assert "damaged" in refusal(small)
    huge = data[: entry + 24] + struct.pack("<L", 600_000_000) + data[entry + 28 :]
    assert "unpacks to more" in refusal(huge)


def test_parts_that_share_their_bytes_are_refused() -> None:
    data = word(paragraph(PROSE), {"a": "x" * 50, "b": "x" * 50})
    first, second = (
        data.index(name, data.index(b"PK\x01\x02")) - 46 for name in (b"word/document", b"word/styles")
    )
    joined = data[: second + 42] + data[first + 42 : first + 46] + data[second + 46 :]
    assert "damaged" in refusal(joined)


def test_a_password_of_the_zip_is_named() -> None:
    data = word(paragraph(PROSE))
    entry = data.index(b"PK\x01\x02")
    assert "password" in refusal(data[: entry + 8] + b"\x01" + data[entry + 9 :])


@pytest.mark.parametrize("tags", ["w:tbl w:tr w:tc", "w:sdt w:sdtContent", "w:ins"])
@pytest.mark.parametrize("depth", [230, 100_000])
def test_a_document_nested_without_end_is_refused_at_once(tags: str, depth: int) -> None:
    names = tags.split()
    opened = "".join(f"<{name}>" for name in names)
    closed = "".join(f"</{name}>" for name in reversed(names))
    started = time.monotonic()
    refusal(word(opened * depth + paragraph(PROSE) + closed * depth))
    assert time.monotonic() - started < 3


def declaring(kind: str, where: Path) -> str:
    """A document type with an entity that names a file, or one of a hundred million laughs."""
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    return {
        "file": f'<!DOCTYPE x [<!ENTITY e SYSTEM "{where.as_uri()}">]>',
        "parameter": f'<!DOCTYPE x [<!ENTITY % p SYSTEM "{where.as_uri()}"> %p; <!ENTITY e "x">]>',
        "laughs": f'<!DOCTYPE x [<!ENTITY l0 "ha">{laughs}<!ENTITY e "&l8;">]>',
    }[kind]


@pytest.mark.parametrize("kind", ["file", "parameter", "laughs"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_no_entity_is_looked_up_in_a_document_or_a_book(tmp_path: Path, kind: str, encoding: str) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the secret words")
    head = f'<?xml version="1.0" encoding="{encoding}"?>{declaring(kind, secret)}'
    document = (
        f"{head}<w:document {W}><w:body><w:p><w:r><w:t>&e; {PROSE}</w:t></w:r></w:p></w:body></w:document>"
    )
    chapter = f"{head}<html><body><p title='&e;'>&e; {PROSE}</p></body></html>"
    for reader, made in (
        (docx.read, word("", {"word/document.xml": document.encode(encoding)})),
        (epub.read, book(["x"], more={"OEBPS/text/c0.xhtml": chapter.encode(encoding)})),
    ):
        started = time.monotonic()
        with pytest.raises(InputRejected) as refused:
            reader(Raw(made, "a", "a.zip"))
        assert "secret words" not in str(refused.value)
        assert time.monotonic() - started < 2


def test_entities_are_refused_by_name() -> None:
    assert "declares entities" in refusal(word(paragraph(PROSE), head='<!DOCTYPE x [<!ENTITY e "x">]>'))
