"""`readers.read_url`: from an address to an article, and `ibid add` with both files and addresses."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bot import cli
from index import readers
from index.errors import InputRejected
from index.sources.fetch import Fetched

PROSE = " ".join(
    2 * ["The council of Marne voted on Tuesday to close the old bridge for repairs that last two years."]
)
URL = "https://courier.example/news/Old%20Bridge.html"


def serving(
    body: str | bytes, kind: str = "text/html", charset: str | None = None, url: str = URL
) -> Callable[[str], Fetched]:
    data = body.encode() if isinstance(body, str) else body
    return lambda _asked: Fetched(url, data, kind, charset, None, None)


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


@pytest.mark.parametrize("kind", ["application/pdf", "image/png", "application/octet-stream", ""])
def test_any_other_content_type_is_refused_with_what_can_be_read(kind: str) -> None:
    assert "Ibid reads text/html" in refusal(URL, serving(PROSE, kind))


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
