from datetime import date

import pytest

from index.article import BlockKind
from index.readers import markdown
from index.readers.page import Page

BODY = "\n\nThe body has one sentence."


def shown(page: Page, *kinds: BlockKind) -> list[str]:
    return [page.text[b.start : b.end] for b in page.blocks if b.kind in kinds]


def test_front_matter_is_metadata_and_no_text() -> None:
    page = markdown.read(
        '---\ntitle: "Rice: a report"\nauthor: Ada Lin\ndate: 2024-01-25\n'
        "publisher: Field Notes\nurl: https://example.org/rice\ntags: [rice, trade]\n---" + BODY,
        "name",
    )
    meta = page.metadata
    assert (meta.title, meta.author, meta.publisher) == ("Rice: a report", "Ada Lin", "Field Notes")
    assert (meta.published, meta.url) == (date(2024, 1, 25), "https://example.org/rice")
    assert meta.tags == ("rice", "trade")
    assert page.text == "The body has one sentence."


@pytest.mark.parametrize(
    "front",
    ["date: 2024-13-45", "a: " + "[" * 2_000, "a: [", "- a list", "title: [a, [b]]", "{}: {}"],
    ids=["impossible-date", "deep", "unclosed", "list", "title-is-a-list", "braces"],
)
def test_front_matter_that_is_no_metadata_does_no_harm(front: str) -> None:
    page = markdown.read(f"---\n{front}\n---{BODY}", "name")
    assert page.metadata.title == "name"
    assert page.text == "The body has one sentence."


def test_front_matter_that_refers_to_itself_eightfold_stays_small() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 12)]
    page = markdown.read("---\n" + "\n".join([*lines, "title: *a11", "tags: *a11"]) + f"\n---{BODY}", "name")
    assert page.metadata.title == "name"
    assert page.metadata.tags == ()


def test_metadata_holds_no_lone_surrogates() -> None:
    page = markdown.read(f'---\ntitle: "\\ud800 title"\n---{BODY}', "name")
    assert page.metadata.title == "? title"


def test_the_first_level_one_heading_is_the_title_and_others_are_headings() -> None:
    page = markdown.read("# Rice\n\n## Prices\n\nThey rose.\n\n# Harvest\n\nIt fell.", "name")
    assert page.metadata.title == "Rice"
    assert shown(page, BlockKind.TITLE) == ["Rice"]
    assert shown(page, BlockKind.HEADING) == ["Prices", "Harvest"]


def test_underlined_headings_are_headings() -> None:
    page = markdown.read("Rice\n====\n\nPrices\n------\n\nThey rose.", "name")
    assert shown(page, BlockKind.TITLE) == ["Rice"]
    assert shown(page, BlockKind.HEADING) == ["Prices"]


def test_lists_tables_links_and_code_read_as_they_are_shown() -> None:
    page = markdown.read(
        "- one *item*\n- a [link](https://example.org)\n  - nested\n\n"
        "| year | tons |\n|---|---|\n| 2023 | 41 |\n\n"
        "Run `make`\nnow. ![picture](x.png)\n\n```sh\nls -l\n```\n\n    indented\n\n<b>html</b>\n",
        "name",
    )
    assert shown(page, BlockKind.PARAGRAPH) == [
        "one item",
        "a link",
        "nested",
        "year | tons",
        "2023 | 41",
        "Run make now.",
        "ls -l",
        "indented",
        "html",
    ]


def test_markdown_that_is_nothing_but_a_title_cannot_be_cited() -> None:
    assert not markdown.read("# Rice", "name").can_be_cited
