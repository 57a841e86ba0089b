from datetime import date

import pytest

from index.article import BlockKind
from index.errors import InputRejected
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


def refusal(text: str) -> str:
    with pytest.raises(InputRejected) as refused:
        markdown.read(text, "name", "post.md")
    message = str(refused.value)
    assert message.startswith("post.md, line ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize(
    ("front", "line", "reason"),
    [
        ("author: Ada\ndate: 2024-13-45", 3, "'2024-13-45' is no date; write it as 2024-01-25"),
        ("date: someday", 2, "'someday' is no date"),
        ("title: [unclosed", 3, "expected ',' or ']'"),
        ("title: Rice: a report", 2, "mapping values are not allowed here"),
        ("title: 'rice", 3, "end of stream"),
        ("title: x\n\tauthor: y", 3, "cannot start any token"),
        ("title: x\ny", 4, "could not find expected ':'"),
        ("title: [a, [b]]", 2, "title has to be one line of text"),
        ("a: " + "[" * 2_000, 2, "nested too deeply"),
        ("title: \x07", 2, "special characters are not allowed"),
        ("title: x\ntext: " + "x" * 100_000, 1, "more than 100,000 characters"),
    ],
)
def test_front_matter_that_cannot_be_used_is_refused_by_its_line(front: str, line: int, reason: str) -> None:
    message = refusal(f"---\n{front}\n---{BODY}")
    assert message.startswith(f"post.md, line {line}: ")
    assert reason in message


@pytest.mark.parametrize(
    "prose",
    [
        "A line of prose between two rules.",
        "A line, and: another: colon.",
        "- a list",
        "Please note this: the museum is closed.",
        "He said: 'no",
        "{{ template }}",
    ],
)
@pytest.mark.parametrize("rule", ["---", "+++"])
def test_text_between_two_rules_that_is_no_front_matter_stays_in_the_text(prose: str, rule: str) -> None:
    page = markdown.read(f"{rule}\n{prose}\n{rule}{BODY}", "name")
    assert shown(page, BlockKind.PARAGRAPH) == [prose.removeprefix("- "), BODY.strip()]
    assert page.metadata.title == "name"


@pytest.mark.parametrize(
    "written",
    ["2024-01-25", '"2024-01-25"', "25 January 2024", "2024-01-25T10:00:00Z", "2024-01-25 10:00:00 +0100"],
)
def test_a_date_may_be_written_in_many_ways(written: str) -> None:
    assert markdown.read(f"---\ndate: {written}\n---{BODY}", "n").metadata.published == date(2024, 1, 25)


@pytest.mark.parametrize(
    ("front", "field", "value"),
    [
        ("authors: [Ada Lin, Bo Ek]", "author", "Ada Lin, Bo Ek"),
        ("author:\n  - name: Ada Lin\n    url: x\n  - Bo Ek", "author", "Ada Lin, Bo Ek"),
        ("author: {name: Ada Lin}", "author", "Ada Lin"),
        ("author: null", "author", None),
        ("site: Field Notes", "publisher", "Field Notes"),
        ("source: Field Notes", "publisher", "Field Notes"),
        ("source: https://example.org/a", "url", "https://example.org/a"),
        ("canonical: https://example.org/a", "url", "https://example.org/a"),
        ("url: /posts/a/", "url", None),
        ("link: javascript:alert(1)", "url", None),
        ("keywords: rice, trade", "tags", ("rice", "trade")),
        ("tags: [rice]\ncategories: [trade]", "tags", ("rice", "trade")),
        ("Title: Yes", "title", "Yes"),
        ("published: false", "published", None),
    ],
)
def test_front_matter_is_read_as_static_sites_write_it(front: str, field: str, value: object) -> None:
    page = markdown.read(f"---\n{front}\n---{BODY}", "name")
    assert getattr(page.metadata, field) == value
    assert page.text == BODY.strip()


def test_front_matter_in_toml_is_read() -> None:
    page = markdown.read(f'+++\ntitle = "Rice"\ndate = 2024-01-25T10:00:00Z\ntags = ["a"]\n+++{BODY}', "name")
    assert (page.metadata.title, page.metadata.published) == ("Rice", date(2024, 1, 25))
    assert page.text == BODY.strip()
    assert refusal(f"+++\na = 1\ntitle = rice\n+++{BODY}").startswith("post.md, line 3: ")


def test_no_word_in_html_is_lost_and_no_script_is_shown() -> None:
    page = markdown.read(
        "<h1 align=center>Rice</h1>\n\n<div>\n<p>One &amp; <b>two</b>.</p>three</div>\n\n<!-- unseen -->\n\n"
        "<script>unseen()</script>\n\nfour<br>five <i>six</i>\n\n"
        "<table><tr><td>a</td><td>b</td></tr></table>\n\n<details><summary>S</summary>\n\n*inner*\n\n</details>",
        "name",
    )
    assert page.metadata.title == "Rice"
    assert shown(page, BlockKind.PARAGRAPH) == [
        "One & two.", "three", "four\nfive six", "a | b", "S", "inner",
    ]  # fmt: skip


def test_front_matter_that_refers_to_itself_eightfold_stays_small() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 8)}]" for n in range(1, 12)]
    page = markdown.read("---\n" + "\n".join([*lines, "author: *a11", "tags: *a11"]) + f"\n---{BODY}", "name")
    assert page.metadata.author is None
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
