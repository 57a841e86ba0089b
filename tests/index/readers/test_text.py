from datetime import date

import pytest

from index import chunking
from index.article import Article, BlockKind
from index.readers import text
from index.readers.page import Page

PROSE = "This line is a full sentence of more than eight plain words."


def shown(page: Page, kind: BlockKind) -> list[str]:
    return [page.text[b.start : b.end] for b in page.blocks if b.kind is kind]


def test_the_bundled_article_shows_its_title_author_date_and_headings(bundled: Article) -> None:
    page = text.read(bundled.text, "name")
    assert page.metadata.title.startswith("The skies are quiet, but the Iran-Pakistan strikes")
    assert page.metadata.author == "Muhammad Faisal"
    assert page.metadata.published == date(2024, 1, 25)
    assert shown(page, BlockKind.HEADING) == ["Rethinking border security", "Trade ties that bind"]


def test_furniture_of_the_bundled_article_is_in_no_sentence_and_no_passage(
    bundled: Article,
) -> None:
    sentences, passages = chunking.split(bundled)
    furniture = [b for b in bundled.blocks if b.kind is BlockKind.FURNITURE]
    assert [bundled.text[b.start : b.end][:16] for b in furniture] == [
        "Conflict Economy",
        "New Atlanticist",
        "January 25, 2024",
        "By Muhammad Fais",
        "Further reading",
        "Image: A man loo",
    ]
    for start, end in [(span.start, span.end) for span in sentences] + [(p.start, p.end) for p in passages]:
        assert all(end <= b.start or b.end <= start for b in furniture)


def test_the_note_on_the_author_can_be_cited_and_belongs_to_no_section(bundled: Article) -> None:
    sentences, passages = chunking.split(bundled)
    note = sentences[-1]
    assert bundled.text[note.start : note.end] == (
        "Muhammad Faisal is a PhD candidate in international relations at the University of "
        "Technology Sydney."
    )
    assert bundled.blocks[note.block].kind is BlockKind.NOTE
    assert note.heading is None
    assert passages[-1].first == passages[-1].last == note.n


def test_every_sentence_of_the_bundled_article_knows_its_heading(bundled: Article) -> None:
    sentences, _ = chunking.split(bundled)
    headings = list(dict.fromkeys(s.heading for s in sentences))
    assert headings == [None, "Rethinking border security", "Trade ties that bind"]


def test_text_is_kept_to_the_letter() -> None:
    given = f"A title\n\n  {PROSE}  \n\n\n{PROSE}\n"
    assert text.read(given, "name").text == given


def test_lines_that_an_editor_wrapped_are_one_paragraph() -> None:
    page = text.read("The first line goes on\nand on for quite some time.\n\nAnother one.", "name")
    assert shown(page, BlockKind.PARAGRAPH) == [
        "The first line goes on\nand on for quite some time.",
        "Another one.",
    ]


def test_lines_that_nobody_wrapped_are_paragraphs_of_their_own() -> None:
    long = "word " * 30 + "ends here."
    page = text.read(f"{long}\n{long}", "name")
    assert shown(page, BlockKind.PARAGRAPH) == [long, long]


def test_a_text_without_a_title_is_called_by_its_name() -> None:
    page = text.read(PROSE, "report")
    assert page.metadata.title == "report"
    assert shown(page, BlockKind.PARAGRAPH) == [PROSE]


def test_a_text_that_is_nothing_but_a_title_can_be_cited() -> None:
    page = text.read("Ceasefire holds", "report")
    assert page.can_be_cited
    assert shown(page, BlockKind.PARAGRAPH) == ["Ceasefire holds"]


@pytest.mark.parametrize(
    "line", ["January 25, 2024", "25 Jan. 2024", "2024-01-25", "Published on 25 January 2024"]
)
def test_a_date_above_the_body_is_the_date_of_the_article(line: str) -> None:
    page = text.read(f"A title\n\n{line}\n\n{PROSE}", "name")
    assert page.metadata.published == date(2024, 1, 25)
    assert shown(page, BlockKind.FURNITURE) == [line]


def test_further_reading_in_the_middle_of_a_text_does_not_end_it() -> None:
    page = text.read("\n\n".join([PROSE, "Further reading", *[PROSE] * 9]), "name")
    assert len(shown(page, BlockKind.PARAGRAPH)) == 10


def test_a_long_first_line_without_a_full_stop_is_text_and_no_title() -> None:
    caption = "Figure 1 The concentrations of both proteins as functions of the strength " * 5
    page = text.read(
        f"{caption}\n\nBoth proteins are found in the cells of most animals and plants.", "figures"
    )
    assert page.metadata.title == "figures"
    assert page.blocks[0].kind is BlockKind.PARAGRAPH
