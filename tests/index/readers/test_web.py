"""`readers.read_url`: from an address to an article, and `ibid add` with both files and addresses."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from docx import Document

from bot import cli
from index import readers
from index.article import Block, BlockKind, Metadata, Validators
from index.errors import InputRejected
from index.readers.page import Page
from index.sources.fetch import Fetched
from index.sources.link import Link
from tests.index.readers.pdfs import Press

PROSE = " ".join(
    2 * ["The council of Marne voted on Tuesday to close the old bridge for repairs that last two years."]
)
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
GUESS = date(2020, 5, 17)
URL = "https://courier.example/news/Old%20Bridge.html"


def serving(
    body: str | bytes, kind: str = "text/html", charset: str | None = None, url: str = URL
) -> Callable[[str], Fetched]:
    data = body.encode() if isinstance(body, str) else body
    return lambda _asked: Fetched(url, data, kind, charset)


def page(head: str = "") -> str:
    return f"<!doctype html><html><head>{head}</head><body><p>{PROSE}</p><p>{PROSE}</p></body></html>"


def refusal(url: str, fetch: Callable[[str], Fetched]) -> str:
    """The one line that an address is refused with."""
    with pytest.raises(InputRejected) as refused:
        readers.read_url(url, fetch)
    message = str(refused.value)
    assert message
    assert "\n" not in message
    return message


def test_a_page_becomes_an_article_under_its_title() -> None:
    article = readers.read_url(
        "HTTPS://Courier.example:443/b#top", serving(page("<title>The Bridge</title>"))
    )
    assert article.id == "the-bridge"
    assert article.metadata.title == "The Bridge"
    assert article.source == "https://courier.example/b"
    assert article.text == f"{PROSE}\n\n{PROSE}"


@pytest.mark.parametrize(
    ("url", "name"),
    [(URL, "old-bridge"), ("https://courier.example/", "courier-example"), ("https://a.example/b/c/", "c")],
)
def test_a_page_without_a_title_is_named_for_its_address(url: str, name: str) -> None:
    assert readers.read_url(url, serving(page(), url=url)).id == name


@pytest.mark.parametrize(
    ("claimed", "taken"),
    [
        ("https://courier.example/bridge", "https://courier.example/bridge"),
        ("http://courier.example/bridge#part", "http://courier.example/bridge"),
        ("https://other.example/bridge", URL),
        ("https://courier.example.evil.example/", URL),
        ("https://courier.example@evil.example/", URL),
        ("javascript:alert(1)", URL),
        ("file:///etc/passwd", URL),
        ("https://[", URL),
        ("", URL),
    ],
)
def test_a_page_may_name_its_own_address_on_its_own_host(claimed: str, taken: str) -> None:
    head = f'<title>T</title><link rel="canonical" href="{claimed}">'
    assert readers.read_url("https://short.example/b", serving(page(head))).metadata.url == taken


@pytest.mark.parametrize(
    ("kind", "url", "body", "text"),
    [
        (
            "text/plain",
            "https://a.example/notes.txt",
            f"# Not a title\n\n{PROSE}",
            f"# Not a title\n\n{PROSE}",
        ),
        ("text/markdown", "https://a.example/notes", f"# Title\n\n{PROSE}", f"Title\n\n{PROSE}"),
        ("text/plain", "https://a.example/README.md", f"# Title\n\n{PROSE}", f"Title\n\n{PROSE}"),
        ("application/xhtml+xml", "https://a.example/notes", page(), f"{PROSE}\n\n{PROSE}"),
    ],
)
def test_the_reader_is_chosen_by_the_content_type(kind: str, url: str, body: str, text: str) -> None:
    article = readers.read_url(url, serving(body, kind, url=url))
    assert article.text == text
    assert article.metadata.url == url


def test_the_encoding_of_the_answer_is_used() -> None:
    russian = "Совет города решил закрыть старый мост для ремонта на два года, сообщил мэр."
    url = "https://a.example/a.txt"
    fetch = serving(russian.encode("koi8-r"), "text/plain", "KOI8-R", url)
    assert readers.read_url(url, fetch).text == russian


@pytest.mark.parametrize("kind", ["image/png", "application/octet-stream", ""])
def test_any_other_content_type_is_refused_with_what_can_be_read(kind: str) -> None:
    assert "Ibid reads text, Markdown, HTML, PDF, Word" in refusal(URL, serving(PROSE, kind))


@pytest.mark.parametrize(
    "kind", ["application/pdf", "application/octet-stream", "binary/octet-stream", "text/plain", ""]
)
def test_a_pdf_is_known_by_how_it_begins_where_its_server_does_not_say(kind: str) -> None:
    article = readers.read_url("https://a.example/paper", serving(Press().print(*[PROSE] * 3), kind))
    assert PROSE[:40] in article.text
    assert article.pages == (0,)
    assert "which cannot be read" in refusal(URL, serving(Press().print(PROSE), "image/png"))


@pytest.mark.parametrize("kind", [DOCX, "application/octet-stream"])
def test_a_word_document_is_known_by_its_type_or_its_name(kind: str) -> None:
    document = Document()
    document.add_paragraph(PROSE)
    data = io.BytesIO()
    document.save(data)
    url = "https://a.example/paper.docx"
    assert PROSE in readers.read_url(url, serving(data.getvalue(), kind, url=url)).text
    assert "is no Word document" in refusal(url, serving(b"PK\3\4 and no document", kind, url=url))


@pytest.mark.parametrize("kind", ["application/octet-stream", "application/zip"])
def test_a_word_document_is_known_by_what_it_holds_where_nothing_names_it(kind: str) -> None:
    document = Document()
    document.add_paragraph(PROSE)
    data = io.BytesIO()
    document.save(data)
    assert PROSE in readers.read_url(URL, serving(data.getvalue(), kind)).text
    assert "which cannot be read" in refusal(URL, serving(b"PK\3\4 and no document", kind))


def test_a_pdf_that_is_served_as_a_page_is_read_as_a_pdf() -> None:
    assert readers.read_url(URL, serving(Press().print(*[PROSE] * 3))).pages == (0,)


def test_a_text_about_pdf_stays_a_text() -> None:
    url = "https://a.example/notes.txt"
    assert readers.read_url(url, serving(f"On %PDF- files. {PROSE}", "text/plain", url=url)).pages == ()


def test_what_a_feed_says_fills_in_what_the_page_does_not() -> None:
    said = Link(URL, "From the feed", "Ada Quill", date(2024, 1, 25))
    bare = readers.from_fetched(serving(page())(URL), URL, said)
    assert bare.id == "from-the-feed"
    assert bare.metadata.author == "Ada Quill"
    assert (bare.metadata.published, bare.metadata.published_is_guess) == (date(2024, 1, 25), False)
    head = '<title>Own</title><meta name="author" content="Ben Ink">'
    head += '<meta property="article:published_time" content="2023-02-01">'
    own = readers.from_fetched(serving(page(head))(URL), URL, said)
    assert (own.id, own.metadata.author, own.metadata.published) == ("own", "Ben Ink", date(2023, 2, 1))


def test_the_day_of_a_feed_wins_over_one_that_the_page_only_lets_guess(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    guessed = Page(PROSE, (Block(BlockKind.PARAGRAPH, 0, len(PROSE)),), Metadata("T", None, None, GUESS))
    guessed = replace(guessed, metadata=replace(guessed.metadata, published_is_guess=True))
    monkeypatch.setitem(readers.CONTENT_TYPES, "text/html", lambda _raw: guessed)
    alone = readers.from_fetched(serving(page())(URL), URL)
    assert (alone.metadata.published, alone.metadata.published_is_guess) == (GUESS, True)
    told = readers.from_fetched(serving(page())(URL), URL, Link(URL, published=date(2024, 1, 25)))
    assert (told.metadata.published, told.metadata.published_is_guess) == (date(2024, 1, 25), False)


def test_the_validators_of_a_page_stay_with_its_article() -> None:
    fetched = replace(serving(page())(URL), validators=Validators('"1"', None))
    assert readers.from_fetched(fetched, URL).validators == Validators('"1"', None)


@pytest.mark.parametrize("kind", ["text/html", "text/plain", "text/markdown"])
@pytest.mark.parametrize("body", [b"", b" \n", b"\0\1\2"])
def test_an_answer_without_text_is_refused(kind: str, body: bytes) -> None:
    assert refusal(URL, serving(body, kind)).startswith(URL)


def test_an_html_file_is_read_like_a_page(tmp_path: Path) -> None:
    path = tmp_path / "old-bridge.HTM"
    path.write_text(page('<title>The Bridge</title><link rel="canonical" href="https://a.example/b">'))
    path.with_suffix(".toml").write_text('author = "Ada Quill"\n')
    article = readers.read(path)
    assert (article.id, article.source) == ("old-bridge", str(path))
    assert (article.metadata.title, article.metadata.author) == ("The Bridge", "Ada Quill")
    assert article.metadata.url == "https://a.example/b"


def test_add_refuses_what_is_neither_a_file_nor_on_the_public_web(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("IBID_HOME", str(tmp_path))
    given = ["http://127.0.0.1:9/", "HTTPS://localhost/", "file:///etc/passwd", "ftp://a.example/", "a:b.txt"]
    assert cli.run(["add", *given]) == 5
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == len(given)
    for line, reason in zip(lines, ["public", "public", "http://", "http://", "no such file"], strict=True):
        assert line.startswith("refused: ")
        assert reason in line
