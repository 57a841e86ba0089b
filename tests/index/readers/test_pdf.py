"""PDFs: the article in reading order, what it says of itself, and files made to do harm."""

import io
import random
import re
import subprocess
import sys
import time
import zlib
from datetime import date

import pytest
from pypdf import PdfReader, PdfWriter
from reportlab.pdfgen.canvas import Canvas

from index.article import BlockKind
from index.errors import InputRejected
from index.readers import fragments, pdf
from index.readers.page import Page
from index.readers.raw import Raw
from tests.index.readers.pdfs import HELVETICA, Press, built, drawn, stream

TALES = (
    "The council of Marne voted on Tuesday to close the old bridge for repairs that last two years. "
    "Traders on the east bank said that the detour would cost them half of their customers, and the "
    "ferry-house, which nobody had painted since the flood, was to be opened again.",
    "The mayor promised a ferry, which is to run every ten minutes from six in the morning. It is paid "
    "for by the Marne-Aube region, whose governor, a well-known friend of bridges, was never asked about "
    "the transformation of the harbour. Nothing was decided about the old toll.",
    "In the hearing, engineers described corrosion of the bearings, cracks in four of the seven piers "
    "and a transformation of the river bed that no survey had shown. They asked for eleven million. "
    "The treasurer answered that the town had seven, and that the other four were unaccounted for.",
)
STORY = [f"{n}. {tale}".replace(f"{n}. ", f"On day {n} it was said: ") for n in range(1, 9) for tale in TALES]
TEXT = b"BT /F 12 Tf 72 700 Td (The old bridge is closed.) Tj ET "


def read(data: bytes) -> Page:
    return pdf.read(Raw(data, "bridge", "bridge.pdf"))


def shown(page: Page, *kinds: BlockKind) -> list[str]:
    return [page.text[b.start : b.end] for b in page.blocks if b.kind in (kinds or tuple(BlockKind))]


def refusal(data: bytes) -> str:
    """The one line that a PDF is refused with."""
    with pytest.raises(InputRejected) as refused:
        read(data)
    message = str(refused.value)
    assert message.startswith("bridge.pdf ")
    assert "\n" not in message
    return message


def written(*lines: tuple[float, float, str], size: float = 10, font: str = "Times-Roman") -> bytes:
    """A page with lines at places that are given."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(595, 842), invariant=1)
    canvas.setFont(font, size)
    for x, y, text in lines:
        canvas.drawString(x, y, text)
    canvas.save()
    return out.getvalue()


def encrypted(password: str, algorithm: str) -> bytes:
    writer = PdfWriter()
    writer.append(io.BytesIO(drawn(TEXT)))
    writer.encrypt(password, "owner", algorithm=algorithm)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


# Reading order


@pytest.mark.parametrize(
    "press",
    [
        Press(columns=1),
        Press(columns=2, hyphenates=True),
        Press(columns=3, size=9, leading=10.5, hyphenates=True),
        Press(columns=2, rows_first=True),
        Press(columns=2, indent=0, gap=6),
        Press(columns=2, hyphenates=True, justifies=False),
    ],
    ids=["one", "two", "three", "row by row", "gaps", "ragged"],
)
def test_paragraphs_come_back_whole_from_columns_pages_and_broken_words(press: Press) -> None:
    press.heads, press.number = ("The Marne Review, no. 7", "Ada Quill: Bridges"), "- # -"
    page = read(press.print(*STORY, *STORY, *STORY))
    assert shown(page) == STORY * 3
    assert len(page.pages) > 2


def test_a_paragraph_that_begins_on_the_last_line_of_a_page_is_one_of_its_own() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    full = "The council of Marne voted on Tuesday to close the bridge for repairs."
    on = "then the mayor promised a ferry to all of the traders on the east bank."
    for x, y, text in ((72, 700, full), (72, 688, full), (84, 676, full[:66]), (72, 700, on), (72, 688, on)):
        canvas.drawString(x, y, text)
        if y == 676:
            canvas.showPage()
    canvas.save()
    assert shown(read(out.getvalue())) == [f"{full} {full}", f"{full[:66]} {on} {on}"]


def test_letters_that_are_set_one_by_one_are_words() -> None:
    page = read(Press(columns=2, hyphenates=True, one_by_one=True).print(*STORY[:12]))
    assert shown(page) == STORY[:12]


def test_each_page_begins_with_the_first_letter_that_stands_on_it() -> None:
    press = Press(columns=2, hyphenates=True, heads=("The Marne Review",), number="#", title="Bridges")
    page = read(press.print(*STORY, *STORY))
    assert len(page.pages) == len(press.starts) > 2
    assert page.pages[0] == 0
    middle = 0
    for start, line in list(zip(page.pages, press.starts, strict=True))[1:]:
        assert page.text[start:].startswith(line.rstrip("-"))
        middle += not any(block.start == start for block in page.blocks)
    assert middle  # a paragraph ran on


def test_a_page_without_text_begins_where_the_next_text_begins() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for text in ("", "One page of the article.", "", "Another page of the article.", ""):
        canvas.drawString(72, 700, text)
        canvas.showPage()
    canvas.save()
    page = read(out.getvalue())
    two = page.text.index("Another")
    assert page.pages == (0, 0, two, two, len(page.text))


def test_a_title_and_an_abstract_across_both_columns_come_before_them() -> None:
    press = Press(columns=2, title="A bridge\nand its ferry", abstract=TALES[0], hyphenates=True)
    page = read(press.print("**1 Repairs**", *STORY[:6], "**2 The ferry**", *STORY[6:18]))
    assert shown(page, BlockKind.TITLE) == ["A bridge and its ferry"]
    assert shown(page, BlockKind.HEADING) == ["1 Repairs", "2 The ferry"]
    assert shown(page, BlockKind.PARAGRAPH) == [TALES[0], *STORY[:18]]
    assert page.metadata.title == "A bridge and its ferry"


def test_a_footnote_parts_no_sentence_and_stays_on_its_page() -> None:
    press = Press(notes={1: "1 See the treaty of Marne, which was\nput aside in 1871."}, number="#")
    page = read(press.print(*STORY, *STORY))
    note = "1 See the treaty of Marne, which was put aside in 1871."
    assert [text for text in shown(page) if text != note] == STORY + STORY
    assert page.text.index(note) < page.pages[1]


def test_a_caption_parts_no_sentence() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for y, size, text in (
        (700, 10, "The mayor promised a ferry, which is to run every ten minutes"),
        (640, 8, "Figure 1. The ferry of 1871."),
        (600, 10, "from six in the morning, and a second one for the boats of the"),
        (588, 10, "harbour."),
    ):
        canvas.setFont("Times-Roman", size)
        canvas.drawString(72, y, text)
    canvas.save()
    whole = "The mayor promised a ferry, which is to run every ten minutes from six in the morning, "
    assert shown(read(out.getvalue())) == [
        "Figure 1. The ferry of 1871.",
        whole + "and a second one for the boats of the harbour.",
    ]


def test_a_table_is_read_row_by_row() -> None:
    rows = ("Year", "Cost", "Ships"), ("2023", "3 million", "17"), ("2024", "4 million", "19")
    cells = [
        (100.0 + 120 * n, 600.0 - 14 * m, cell) for m, row in enumerate(rows) for n, cell in enumerate(row)
    ]
    assert shown(read(written(*cells))) == ["Year Cost Ships 2023 3 million 17 2024 4 million 19"]


def test_a_table_of_contents_is_not_cited() -> None:
    contents = [
        (72.0, 700.0 - 14 * n, f"{n} The bridge of chapter {n} {20 * '.'} {10 * n}") for n in (1, 2, 3)
    ]
    page = read(
        written(*contents, *((72.0, 600.0 - 12 * n, line) for n, line in enumerate(STORY[0].split(". "))))
    )
    assert all(20 * "." not in text for text in shown(page, BlockKind.PARAGRAPH, BlockKind.HEADING))
    assert page.can_be_cited


def test_heads_feet_and_numbers_that_pages_repeat_are_left_out() -> None:
    press = Press(heads=("The Marne Review # (2024)", "Ada Quill"), number="Page # of 9")
    text = read(press.print(*STORY, *STORY, *STORY)).text
    assert not re.search("Review|Quill|Page", text)


def test_text_that_two_pages_begin_with_is_no_running_head() -> None:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    for _ in range(2):
        for n in range(5):
            canvas.drawString(72, 700 - 14 * n, f"Line {n} of what is said twice, as in a form.")
        canvas.showPage()
    canvas.save()
    assert read(out.getvalue()).text.count("Line 0 of") == 2


# Words


def test_a_broken_word_is_mended_by_what_the_document_writes_elsewhere() -> None:
    page = read(
        written(
            (72, 700, "The well-known friend of transformation was not asked of the trans-"),
            (72, 688, "formation, though a well-"),
            (72, 676, "known man of the Iran-"),
            (72, 664, "Pakistan line in 1990-"),
            (72, 652, "1995, of short- and"),
            (72, 640, "long-term plans, and of inter-"),
            (72, 628, "mediate and soft\xadly bro\xad"),
            (72, 616, "ken words."),
        )
    )
    assert page.text == (
        "The well-known friend of transformation was not asked of the transformation, though a well-known "
        "man of the Iran-Pakistan line in 1990-1995, of short- and long-term plans, and of intermediate and "
        "softly broken words."
    )


def test_marks_of_footnotes_go_and_exponents_stay() -> None:
    content = b"BT /F 10 Tf 72 700 Td (The treaty)Tj /F 6 Tf 4 Ts (1)Tj /F 10 Tf 0 Ts ( covers 12 km)Tj "
    content += b"/F 6 Tf 4 Ts (2)Tj /F 10 Tf 0 Ts ( or 10)Tj /F 6 Tf 4 Ts (6)Tj /F 10 Tf 0 Ts ( feet.)Tj ET"
    assert read(drawn(content)).text == "The treaty covers 12 km² or 10⁶ feet."


def test_letters_are_what_a_person_sees() -> None:
    cmap = b"1 begincodespacerange <00> <ff> endcodespacerange 8 beginbfchar "
    cmap += b"<41> <FB01> <42> <FB04> <43> <00A0> <44> <0000> <45> <D800> <46> <202E> <47> <E000> "
    cmap += b"<48> <00650301> "
    font = HELVETICA.replace(b">>", b"/ToUnicode 6 0 R>>")
    page = read(
        drawn(b"BT /F 12 Tf 72 700 Td (AneCsuBeDEFG cafH.)Tj ET", stream(cmap + b"endbfchar"), font=font)
    )
    assert page.text == "fine suffle café."


def test_an_initial_stands_before_the_first_of_its_lines() -> None:
    content = b"BT /F 36 Tf 72 676 Td (O)Tj /F 10 Tf 1 0 0 1 101 700 Tm 12 TL (nce upon a time there was)Tj "
    content += b"T* (a bridge over the river Marne)Tj T* (and a ferry.)Tj ET"
    assert (
        read(drawn(content)).text == "Once upon a time there was a bridge over the river Marne and a ferry."
    )


def test_what_stands_across_the_page_or_outside_of_it_is_not_read() -> None:
    across = b"BT 0 1 -1 0 30 300 Tm /F 8 Tf (arXiv:1234.5678)Tj ET BT /F 8 Tf 700 90 Td (Outside)Tj ET "
    assert read(drawn(across + TEXT)).text == "The old bridge is closed."


def test_a_page_that_is_turned_is_read_upright() -> None:
    content = b"q 0 1 -1 0 800 0 cm " + TEXT + b"BT /F 12 Tf 72 686 Td (A ferry is to run.)Tj ET Q"
    assert read(drawn(content)).text == "The old bridge is closed. A ferry is to run."


def test_a_form_is_read_where_the_page_places_it() -> None:
    form = stream(TEXT, b"/Type/XObject/Subtype/Form/Matrix[1 0 0 1 0 -200]/Resources<</Font<</F 5 0 R>>>>")
    page = read(
        drawn(
            b"q 1 0 0 1 0 100 cm /X Do Q BT /F 12 Tf 72 614 Td (First comes this.)Tj ET",
            form,
            resources=b"/XObject<</X 6 0 R>>",
        )
    )
    assert page.text == "First comes this.\n\nThe old bridge is closed."


# What it says of itself


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("How Marne lost its bridge", "How Marne lost its bridge"),
        ("Microsoft Word - How Marne lost its bridge", "How Marne lost its bridge"),
        ("Microsoft Word - paper_final.docx", "A bridge and its ferry"),
        ("untitled", "A bridge and its ferry"),
        ("", "A bridge and its ferry"),
    ],
)
def test_the_title_is_what_the_document_says_if_it_is_one(said: str, title: str) -> None:
    press = Press(title="A bridge and its ferry", info={"Title": said} if said else {})
    assert read(press.print(*STORY[:3])).metadata.title == title


def test_without_any_title_the_name_is_the_title() -> None:
    assert read(drawn(TEXT)).metadata.title == "bridge"


@pytest.mark.parametrize(
    ("said", "author"), [("Ada Quill", "Ada Quill"), ("Administrator", None), ("user", None), ("", None)]
)
def test_the_author_is_who_the_document_names(said: str, author: str | None) -> None:
    assert read(Press(info={"Author": said}).print(*STORY[:3])).metadata.author == author


def test_a_date_and_a_byline_on_the_first_page_are_the_day_and_the_author() -> None:
    page = read(
        Press(title="A bridge", indent=0, gap=9).print("By Ada Quill", "Published January 25, 2024", *STORY)
    )
    assert page.metadata.author == "Ada Quill"
    assert page.metadata.published == date(2024, 1, 25)
    assert not page.metadata.published_is_guess
    assert shown(page, BlockKind.FURNITURE) == ["By Ada Quill", "Published January 25, 2024"]


def test_the_day_that_the_file_was_made_is_a_guess() -> None:
    metadata = read(Press().print(*STORY[:3])).metadata  # its maker writes 2000-01-01 for files that compare
    assert metadata.published == date(2000, 1, 1)
    assert metadata.published_is_guess


# Files that cannot be read


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_what_is_encrypted_is_read_unless_it_takes_a_password(algorithm: str) -> None:
    assert read(encrypted("", algorithm)).text == "The old bridge is closed."
    assert "is encrypted; save a copy without a password" in refusal(encrypted("secret", algorithm))


def test_without_the_package_for_aes_it_is_refused_as_encrypted() -> None:
    program = (
        "import sys; sys.modules['cryptography'] = sys.modules['Crypto'] = None\n"
        "from index.readers import pdf; from index.readers.raw import Raw\n"
        "from index.errors import InputRejected\n"
        "try: pdf.read(Raw(sys.stdin.buffer.read(), 'bridge', 'bridge.pdf'))\n"
        "except InputRejected as error: print(error)"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, input=encrypted("", "AES-128"), capture_output=True, check=True)
    assert done.stdout.startswith(b"bridge.pdf is encrypted;")
    assert done.stderr == b""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"hello " * 100, "is not a PDF"),
        (b"%PDF-1.7\n", "is not a PDF"),
        (Press().print(*STORY)[:-4000], "is not a PDF"),
        (built(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"), "has no pages"),
        (drawn(b"0 0 100 100 re f"), "holds no text; it may be a scan: run OCR first"),
        (drawn(TEXT, font=b"<</Subtype/Type0/Encoding/Identity-H>>"), "which letters its fonts draw"),
        (built(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[2 0 R]/Count 1>>"), "is not a PDF"),
        (built(b"<</Type/Catalog/Pages 2 0 R>>", b"2 0 R"), "is not a PDF"),
        (drawn(b"[" * 5000), "is not a PDF"),
        (drawn(TEXT, kids=b"3 0 R " * 501), "has 501 pages"),
        (drawn(TEXT, kids=b"3 0 R " * 10_000), "holds more than can be read"),
    ],
    ids=[
        "words", "header only", "cut short", "no pages", "no text", "no letters", "tree in a loop",
        "reference to itself", "deep array", "501 pages", "10,000 pages",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_one_line(data: bytes, reason: str) -> None:
    assert reason in refusal(data)


def test_a_bomb_is_stopped_at_the_cap_on_decoded_bytes() -> None:
    bomb = zlib.compress(b" " * (pdf.LARGEST_STREAM + 10_000_000), 9)
    assert "holds more than can be read" in refusal(drawn(bomb, entries=b"/Filter/FlateDecode"))


def test_a_document_that_draws_too_much_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    wide = zlib.compress(b" " * (fragments.MOST_DRAWN + 1), 9)
    assert "draws too much" in refusal(drawn(wide, entries=b"/Filter/FlateDecode"))
    monkeypatch.setattr(fragments.Budget, "__init__", lambda self, where: _poor(self, where))
    assert "draws too much" in refusal(drawn(TEXT))


def _poor(budget: fragments.Budget, where: str) -> None:
    budget.where, budget.drawn, budget.glyphs, budget.unreadable = where, 10_000, 3, 0


def test_forms_that_multiply_or_hold_themselves_are_stopped() -> None:
    names = b"/XObject<<" + b"".join(b"/X%d %d 0 R" % (n, 6 + n) for n in range(9)) + b">>"
    forms = [
        stream(b"/X%d Do " % (n + 1) * 10 if n < 8 else TEXT, b"/Subtype/Form/Resources<<%s>>" % names)
        for n in range(9)
    ]
    start = time.monotonic()
    assert "draws too much" in refusal(drawn(b"/X0 Do", *forms, resources=names))
    assert time.monotonic() - start < 20
    itself = stream(b"/X0 Do", b"/Subtype/Form/Resources<<%s>>" % names)
    assert "nested too deeply" in refusal(drawn(b"/X0 Do", itself, resources=b"/XObject<</X0 6 0 R>>"))


def test_words_without_an_end_do_not_take_the_square_of_their_length() -> None:
    endless = b"".join(b"1 0 0 1 %.1f 700 Tm(%s)Tj " % (72 + n / 10, b"a" * (900 + n)) for n in range(150))
    start = time.monotonic()
    last = b"1 0 0 1 72 698 Tm(bridge)Tj "
    assert len(read(drawn(b"BT /F 1 Tf " + endless + last)).text) > 100_000
    assert time.monotonic() - start < 10


def test_scattered_words_do_not_take_the_square_of_their_number() -> None:
    scattered = b"".join(
        b"1 0 0 1 %d %d Tm(abcde)Tj " % (n * 7919 % 99_000, n % 4 * 2 + 1) for n in range(9_000)
    )
    wide = drawn(b"BT /F 1 Tf " + scattered).replace(b"[0 0 600 800]", b"[0 0 99999 9]")
    start = time.monotonic()
    assert read(wide).text
    assert time.monotonic() - start < 10


def test_what_pypdf_mends_is_not_told_on_stderr() -> None:
    program = (
        "import sys; from index.readers import pdf; from index.readers.raw import Raw\n"
        "pdf.read(Raw(sys.stdin.buffer.read(), 'bridge', 'bridge.pdf'))"
    )
    damaged = drawn(TEXT).replace(b"startxref\n", b"startxref\n9")
    command = [sys.executable, "-c", program]
    assert subprocess.run(command, input=damaged, capture_output=True, check=True).stderr == b""


def test_reading_twice_gives_the_same() -> None:
    data = Press(columns=2, hyphenates=True, heads=("A", "B"), number="#").print(*STORY)
    assert read(data) == read(data)


def test_no_mutation_of_a_pdf_raises_anything_else() -> None:
    rng = random.Random(7)
    form = stream(TEXT, b"/Subtype/Form/Matrix[1 0 0 1 0 9]/Resources<</Font<</F 5 0 R>>>>")
    seeds = [
        Press(columns=2, title="A bridge", heads=("Head",)).print(*STORY[:4]),
        drawn(TEXT + b"q /X Do Q", form, resources=b"/XObject<</X 6 0 R>>"),
        encrypted("", "AES-128"),
    ]
    words = [
        b"[",
        b"]",
        b"<<",
        b">>",
        b"(",
        b"R",
        b"2 0 R",
        b"4 0 R",
        b"-1",
        b"9" * 11,
        b"1e309",
        b"null",
        b"/W",
    ]
    end = time.monotonic() + 2
    while time.monotonic() < end:
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.choice((1, 2, 8))):
            at = rng.randrange(len(data))
            data[at : at + rng.choice((0, 1, 9))] = rng.choice((rng.choice(words), rng.randbytes(1)))
        try:
            page = read(bytes(data))
        except InputRejected:
            continue
        ends = [0, *(edge for block in page.blocks for edge in (block.start, block.end)), len(page.text)]
        assert ends == sorted(ends)
        assert list(page.pages) == sorted(page.pages)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]", page.text)


def test_the_fixtures_are_pdfs_that_others_can_read() -> None:
    assert "old bridge" in PdfReader(io.BytesIO(drawn(TEXT))).pages[0].extract_text()
