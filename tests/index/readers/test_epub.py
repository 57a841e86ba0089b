"""Books: the chapters in the order of the spine, with what the package says of them."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.article import BlockKind
from index.errors import InputRejected
from index.readers import epub
from index.readers.page import Page
from index.readers.raw import Raw
from tests.index.readers.containers import book, shown

ONE = "<h1>The bridge</h1><p>One &nbsp;paragraph with <i>some</i> stress,<br/>two lines.</p>"
TWO = (
    '<h2>Next<a epub:type="noteref" href="#n">1</a></h2><div>Loose <ul><li>point <p>and more</p></li></ul>end'
    '</div><span epub:type="pagebreak">7</span><table><tr><th>Year</th><td>2024</td></tr></table>'
    "<pre>a\n  b</pre><blockquote>Quoted &amp; <b>bold</b></blockquote>"
    "<script>unseen</script><nav>unseen</nav>"
)


def read(data: bytes) -> Page:
    return epub.read(Raw(data, "bridge", "bridge.epub"))


def refusal(data: bytes) -> str:
    with pytest.raises(InputRejected) as refused:
        read(data)
    message = str(refused.value)
    assert message.startswith("bridge.epub ")
    assert "\n" not in message
    return message


def test_chapters_are_read_in_the_order_of_the_spine_without_the_contents() -> None:
    page = read(book([ONE, TWO], "<dc:title>The Bridge</dc:title>"))
    assert shown(page, BlockKind.TITLE) == ["The bridge"]
    assert shown(page, BlockKind.HEADING) == ["Next"]
    assert shown(page, BlockKind.PARAGRAPH) == [
        "One paragraph with some stress, two lines.",
        "Loose",
        "point",
        "and more",
        "end",
        "Year | 2024",
        "a\n  b",
        "Quoted & bold",
    ]


def test_the_package_says_who_wrote_it_and_when() -> None:
    meta = read(
        book(
            [ONE],
            "<dc:title>The Bridge</dc:title>"
            "<dc:creator>Ada Quill</dc:creator><dc:creator>Ben Ink</dc:creator>"
            '<dc:publisher>Marne Press</dc:publisher><dc:date opf:event="modification">2025-01-01</dc:date>'
            "<dc:date>2024-03-05T00:00:00Z</dc:date><dc:identifier>urn:isbn:1</dc:identifier>"
            "<dc:identifier>https://marne.example/bridge</dc:identifier><dc:subject>Bridges</dc:subject>",
        )
    ).metadata
    assert (meta.title, meta.author, meta.publisher) == ("The Bridge", "Ada Quill, Ben Ink", "Marne Press")
    assert (meta.published, meta.published_is_guess) == (date(2024, 3, 5), False)
    assert (meta.url, meta.tags) == ("https://marne.example/bridge", ("Bridges",))


def test_a_book_that_says_nothing_of_itself_is_called_by_its_name() -> None:
    meta = read(book([ONE], "<dc:date>2024</dc:date>")).metadata
    assert (meta.title, meta.author, meta.published) == ("bridge", None, None)


def test_a_chapter_that_is_no_xml_is_read_as_browsers_would() -> None:
    assert shown(read(book(["<p>One<p>two <b>three</p>"]))) == ["One", "two three"]


def test_a_chapter_with_a_doctype_keeps_its_named_letters() -> None:
    head = '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.1//EN" "http://www.w3.org/TR/xhtml11/DTD/xhtml11.dtd">'
    assert shown(read(book(["<p>caf&eacute; &mdash; bar</p>"], head=head))) == ["café — bar"]


def encryption(algorithm: str) -> dict[str, str | bytes]:
    return {
        "META-INF/encryption.xml": "<encryption><EncryptedData>"
        f'<EncryptionMethod Algorithm="{algorithm}"/></EncryptedData></encryption>'
    }


def test_a_protected_book_is_refused_and_one_with_hidden_fonts_is_not() -> None:
    protected = encryption("http://www.w3.org/2001/04/xmlenc#aes128-cbc")
    assert "DRM" in refusal(book([ONE], more=protected))
    assert read(book([ONE], more=encryption("http://www.idpf.org/2008/embedding"))).can_be_cited


@pytest.mark.parametrize(
    "data",
    [
        b"text",
        book([ONE])[:-40],
        book([ONE], more={"META-INF/container.xml": "<container/>"}),
        book([ONE], more={"META-INF/container.xml": '<rootfile full-path="../../../etc/passwd"/>'}),
    ],
    ids=["text", "cut", "no-package", "traversal"],
)
def test_what_is_no_book_is_refused(data: bytes) -> None:
    assert "is no EPUB that can be read" in refusal(data)


@pytest.mark.parametrize("tag", ["div", "span", "table><tr><td"])
def test_a_chapter_nested_without_end_is_refused(tag: str) -> None:
    for depth in (240, 100_000):
        assert "nested too deeply" in refusal(book([f"<{tag}>" * depth + "words"]))


WORDS = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zs", "Zl", "Zp"), exclude_characters="\ufffe\uffff")
)
LINES = st.lists(WORDS.filter(lambda words: words.strip(" |") != ""), min_size=1, max_size=8)


@given(LINES)
def test_the_blocks_of_any_book_are_what_was_written_in_order(lines: list[str]) -> None:
    from html import escape

    page = read(book(["".join(f"<p>{escape(line)}</p>" for line in lines)]))
    assert page.text == "\n\n".join(lines)
    assert shown(page) == lines
