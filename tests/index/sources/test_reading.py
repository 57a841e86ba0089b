"""`reading`: real files, a real server, and the real worker between them."""

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import partial
from pathlib import Path

import pytest

from index.article import Article, Validators
from index.sources import reading
from index.sources.apart import Apart
from index.sources.fetch import fetch
from index.sources.reading import LeftOut, Refused, Same
from index.sources.web import Web
from tests.index.notes import note, silent
from tests.index.sources.server import HERE, Handler, Server, says

PROSE = "This line is a full sentence of more than eight plain words."
MODIFIED = "Tue, 05 Mar 2024 10:00:00 GMT"

Found = Article | Refused
Reading = Callable[..., list[Found]]
Again = Callable[..., list[Article | Same | Refused]]


@pytest.fixture(scope="module")
def parser() -> Iterator[Apart]:
    with Apart() as made:
        yield made


@pytest.fixture
def web(server: Server) -> Web:
    server.pages["/robots.txt"] = says(404)
    server.reply = says(404)
    return Web(fetch=partial(fetch, allowance=HERE), pause=0)


@pytest.fixture
def read(web: Web, parser: Apart) -> Reading:
    def call(*places: object, report: reading.Report = silent, most: int = 100) -> list[Found]:
        given = [str(place) for place in places]
        return list(reading.read(given, web=web, parser=parser, report=report, most=most))

    return call


@pytest.fixture
def again(web: Web, parser: Apart) -> Again:
    def call(*articles: Article) -> list[Article | Same | Refused]:
        found = list(reading.read_again(articles, web=web, parser=parser, report=silent))
        assert [article for article, _ in found] == list(articles)
        return [result for _, result in found]

    return call


def written(path: Path, content: bytes | str = PROSE) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def page(text: str, head: str = "") -> bytes:
    body = "".join(f"<p>{text} {PROSE} {PROSE}</p>" for _ in range(2))
    return f"<!doctype html><html><head>{head}</head><body>{body}</body></html>".encode()


def serve(server: Server, path: str, text: str, head: str = "", **headers: str) -> str:
    server.pages[path] = says(200, page(text, head), content_type="text/html", **headers)
    return server.url(path)


def rss(server: Server, *items: tuple[str, str]) -> bytes:
    """A feed of (path, day) pairs, in that order."""
    entries = "".join(
        f"<item><title>About {path[1:]}</title><link>{server.url(path)}</link>"
        f"<dc:creator>Ada Quill</dc:creator><pubDate>{day} 2024 10:00:00 GMT</pubDate></item>"
        for path, day in items
    )
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/">'
        f"<channel><title>The Courier</title>{entries}</channel></rss>"
    ).encode()


def sitemap(server: Server, *paths: str, index: bool = False) -> bytes:
    outer, inner = ("sitemapindex", "sitemap") if index else ("urlset", "url")
    entries = "".join(f"<{inner}><loc>{server.url(path)}</loc></{inner}>" for path in paths)
    return (
        f'<?xml version="1.0"?><{outer} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
        f"{entries}</{outer}>"
    ).encode()


def articles(found: Sequence[object]) -> list[Article]:
    return [one for one in found if isinstance(one, Article)]


def ids(found: Sequence[object]) -> list[str]:
    return [article.id for article in articles(found)]


def whys(found: Sequence[object]) -> list[str]:
    told = [one.why for one in found if isinstance(one, Refused)]
    assert not any("\n" in why for why in told)
    return told


# Files and folders


def test_a_folder_is_read_in_the_order_of_names_with_the_folders_below(read: Reading, tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "c.HTM", ".hidden.txt", ".git/x.txt", "b.toml", "a/y.text"):
        content = page("Words.") if name.endswith("HTM") else "" if name.endswith("toml") else PROSE
        written(tmp_path / name, content)
    found = read(tmp_path)
    assert ids(found) == ["y", "z", "b", "c"]
    assert whys(found) == []


def test_other_formats_in_a_folder_are_one_line(read: Reading, tmp_path: Path) -> None:
    written(tmp_path / "a.txt")
    for name in ("1.jpg", "2.jpg", "sub/3.jpg", "t.xlsx", "lone.toml", "LICENSE"):
        written(tmp_path / name)
    found = read(tmp_path)
    assert ids(found) == ["a"]
    assert whys(found) == [
        f"{tmp_path} also holds 6 files of other formats (.jpg, without a suffix, .toml, .xlsx), which "
        "are not read."
    ]
    assert isinstance(found[1], LeftOut)


def test_a_folder_with_nothing_to_read_says_so(read: Reading, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    written(tmp_path / "pictures" / "1.jpg")
    found = read(tmp_path / "empty", tmp_path / "pictures")
    assert whys(found) == [
        f"{tmp_path}/empty is an empty folder.",
        f"{tmp_path}/pictures holds nothing that can be read, only 1 file of another format (.jpg); "
        "Ibid reads text, Markdown, HTML, PDF, Word (.docx) and EPUB.",
    ]
    assert not any(isinstance(one, LeftOut) for one in found)


def test_links_that_lead_round_and_round_end(read: Reading, tmp_path: Path) -> None:
    written(tmp_path / "a" / "x.txt")
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    (tmp_path / "gone.txt").symlink_to(tmp_path / "nowhere")
    found = read(tmp_path)
    assert ids(found) == ["x"]
    assert "no such file" in whys(found)[0]


def test_bad_files_of_every_kind_stop_no_other(read: Reading, tmp_path: Path) -> None:
    written(tmp_path / "a.txt")
    written(tmp_path / "b-empty.txt", "")
    written(tmp_path / "c-picture.txt", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff")
    written(tmp_path / "d-deep.html", "<div>" * 100_000 + PROSE)
    os.truncate(written(tmp_path / "e-large.txt", ""), 200_000_000)
    os.truncate(written(tmp_path / "f-large.pdf", ""), 200_000_000)
    os.mkfifo(tmp_path / "g-pipe.txt")
    (tmp_path / "h-broken.txt").symlink_to("/proc/self/mem")  # which cannot be read, even by root
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/i-\xe9.txt")).write_text(PROSE)
    written(tmp_path / "j-sidecar.txt")
    written(tmp_path / "j-sidecar.toml", "title = 7")
    written(tmp_path / "z.txt")
    found = read(tmp_path)
    assert ids(found) == ["a", "z"]
    reasons = [
        "is empty",
        "binary",
        "give another address",
        "20 MB",
        "100 MB",
        "not a file",
        "cannot be read",
    ]
    reasons += ["not UTF-8", "strings"]
    for why, reason, letter in zip(whys(found), reasons, "bcdefghij", strict=True):
        assert reason in why
        assert f"/{letter}-" in why


def test_ten_bad_files_in_300_are_named_and_the_others_read(read: Reading, tmp_path: Path) -> None:
    for n in range(300):
        written(tmp_path / f"{n:03}.txt", b"\0" if n % 30 == 7 else f"Number {n}. {PROSE}")
    seen: list[tuple[str, int, int]] = []
    found = read(tmp_path, report=lambda *told: seen.append(told))
    assert len(ids(found)) == 290
    assert [Path(one.place).stem for one in found if isinstance(one, Refused)] == [
        f"{n:03}" for n in range(7, 300, 30)
    ]
    assert seen[11] == (str(tmp_path / "011.txt"), 11, 300)
    assert seen[-1] == ("", 300, 300)


def test_places_of_all_kinds_keep_their_order(read: Reading, server: Server, tmp_path: Path) -> None:
    url = serve(server, "/bridge", "The bridge is old.", "<title>Bridge</title>")
    written(tmp_path / "folder" / "b.txt")
    places = [
        tmp_path / "none.txt",
        url,
        tmp_path / "folder",
        "ftp://a.example/",
        written(tmp_path / "a.txt"),
    ]
    found = read(*places)
    assert [one.id if isinstance(one, Article) else "-" for one in found] == ["-", "bridge", "b", "-", "a"]
    assert isinstance(found[0], Refused)
    assert found[0].place == str(tmp_path / "none.txt")


# Feeds and sitemaps


def test_of_a_feed_the_pages_are_read_newest_first(read: Reading, server: Server) -> None:
    for path in ("/one", "/two", "/three"):
        serve(server, path, f"The words of {path[1:]}.")
    server.pages["/feed"] = says(
        200,
        rss(server, ("/one", "01 Mar"), ("/three", "03 Mar"), ("/two", "02 Mar")),
        content_type="text/xml",
    )
    seen: list[int] = []
    found = read(server.url("/feed"), report=lambda _name, _done, known: seen.append(known))
    assert ids(found) == ["about-three", "about-two", "about-one"]
    assert seen == [1, 4, 4, 4, 4]


def test_a_feed_fills_in_what_a_page_does_not_say(read: Reading, server: Server) -> None:
    serve(server, "/bare", "Bare words.")
    head = '<title>Own</title><meta name="author" content="Ben Ink"><meta property="article:published_time" '
    serve(server, "/full", "Full words.", head + 'content="2023-01-02">')
    server.pages["/feed"] = says(200, rss(server, ("/bare", "02 Mar"), ("/full", "01 Mar")))
    bare, full = articles(read(server.url("/feed")))
    assert bare.metadata.title == "About bare"
    assert (bare.metadata.author, bare.metadata.published) == ("Ada Quill", date(2024, 3, 2))
    assert not bare.metadata.published_is_guess
    assert (full.metadata.title, full.metadata.author) == ("Own", "Ben Ink")
    assert full.metadata.published == date(2023, 1, 2)


def test_a_page_of_a_feed_that_is_gone_stops_no_other(read: Reading, server: Server) -> None:
    serve(server, "/two", "The words of two.")
    server.pages["/feed"] = says(200, rss(server, ("/one", "02 Mar"), ("/two", "01 Mar")))
    found = read(server.url("/feed"))
    assert ids(found) == ["about-two"]
    assert "/one does not exist (404)" in whys(found)[0]


def test_no_more_pages_are_read_than_asked_for_and_the_rest_is_told(read: Reading, server: Server) -> None:
    for n in range(5):
        serve(server, f"/{n}", f"The words of {n}.")
    server.pages["/feed"] = says(200, rss(server, *((f"/{n}", f"0{n + 1} Mar") for n in range(5))))
    found = read(server.url("/feed"), most=2)
    assert ids(found) == ["about-4", "about-3"]
    url = server.url("/feed")
    assert whys(found) == [f"{url} names 5 pages, of which only the newest 2 are read."]
    assert isinstance(found[-1], LeftOut)


def test_a_feed_may_lie_in_a_file(read: Reading, server: Server, tmp_path: Path) -> None:
    serve(server, "/one", "The words of one.")
    feed = written(tmp_path / "feed.rss", rss(server, ("/one", "01 Mar")))
    other = written(tmp_path / "other.xml", "<html><p>No feed.</p></html>")
    broken = written(tmp_path / "broken.atom", '<feed xmlns="http://www.w3.org/2005/Atom"><entry>')
    found = read(feed, other, broken, tmp_path / "none.xml")
    assert ids(found) == ["about-one"]
    assert "other.xml is no feed and no sitemap" in whys(found)[0]
    assert "broken.atom" in whys(found)[1]
    assert whys(found)[2].endswith("none.xml: no such file.")


def test_a_page_that_two_feeds_name_is_read_once(read: Reading, server: Server) -> None:
    serve(server, "/one", "The words of one.")
    server.pages["/feed"] = server.pages["/more"] = says(200, rss(server, ("/one", "01 Mar")))
    assert ids(read(server.url("/feed"), server.url("/more"))) == ["about-one"]
    assert server.asked.count("/one") == 1


def test_sitemaps_within_sitemaps_are_read_to_a_depth_of_two(read: Reading, server: Server) -> None:
    for path in ("/a", "/b", "/c"):
        serve(server, path, f"The words of {path}.", f"<title>Page {path[1]}</title>")
    maps = {
        "/0": sitemap(server, "/1", "/gone", index=True),
        "/1": sitemap(server, "/2", "/leaf", index=True),
        "/2": sitemap(server, "/3", "/1", index=True),
        "/3": sitemap(server, "/a"),
        "/leaf": sitemap(server, "/b", "/c"),
    }
    server.pages |= {path: says(200, body, content_type="application/xml") for path, body in maps.items()}
    found = read(server.url("/0"))
    assert ids(found) == ["page-b", "page-c"]
    assert [why.removeprefix(server.url()) for why in whys(found)] == [
        "3 is a sitemap too deep within others; add it itself.",
        "gone does not exist (404); check the address.",
    ]
    assert ids(read(server.url("/0"), most=1)) == ["page-b"]


def test_a_sitemap_of_very_many_sitemaps_ends(
    read: Reading, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MOST_SITEMAPS", 3)
    serve(server, "/a", "The words of a.", "<title>Page a</title>")
    server.pages["/0"] = says(200, sitemap(server, *(f"/{n}" for n in range(1, 100)), index=True))
    server.pages |= {f"/{n}": says(200, sitemap(server, "/a")) for n in range(1, 100)}
    found = read(server.url("/0"))
    assert ids(found) == ["page-a"]
    assert server.asked == ["/robots.txt", "/0", "/1", "/2", "/3", "/a"]
    assert "names more than 1 pages" in whys(found)[0]


# Once more


def test_what_its_server_says_is_unchanged_is_not_read_again(
    again: Again, read: Reading, server: Server
) -> None:
    url = serve(server, "/bridge", "The bridge is old.", etag='"v1"', last_modified=MODIFIED)
    (article,) = articles(read(url))

    def reply(handler: Handler) -> None:
        assert handler.headers["If-None-Match"] == '"v1"'
        handler.say(304, b"", etag='"v2"')

    server.pages["/bridge"] = reply
    (same,) = again(article)
    assert same == Same(article)
    assert same.article.validators == Validators('"v2"', MODIFIED)


def test_a_page_is_the_same_source_wherever_it_leads_by_now(
    again: Again, read: Reading, server: Server
) -> None:
    url = serve(server, "/bridge", "The bridge is old.", "<title>Old</title>")
    (article,) = articles(read(url))
    server.pages["/bridge"] = says(302, b"", location="/elsewhere")
    serve(server, "/elsewhere", "The bridge is new.", "<title>New</title>")
    (anew,) = articles(again(article))
    assert isinstance(anew, Article)
    assert (anew.source, anew.metadata.title) == (url, "New")


def test_what_a_feed_said_of_a_page_is_not_lost(again: Again, read: Reading, server: Server) -> None:
    serve(server, "/bare", "Bare words.")
    server.pages["/feed"] = says(200, rss(server, ("/bare", "02 Mar")))
    (article,) = articles(read(server.url("/feed")))
    serve(server, "/bare", "Other words.")
    (anew,) = articles(again(article))
    assert anew.metadata == article.metadata
    assert anew.text != article.text


def test_a_file_is_read_again_where_it_still_is(again: Again, read: Reading, tmp_path: Path) -> None:
    kept, gone = written(tmp_path / "kept.txt"), written(tmp_path / "gone.txt")
    first, second = articles(read(kept, gone))
    written(kept, PROSE + " And one more.")
    gone.unlink()
    anew, refused = again(first, second)
    assert isinstance(anew, Article)
    assert anew.text == PROSE + " And one more."
    assert refused == Refused(str(gone), f"{gone} is gone; “gone” stays as it was read.")


def test_an_upload_has_to_be_uploaded_again(again: Again) -> None:
    (refused,) = again(replace(note("a", PROSE), source="attachment:a.txt"))
    assert "upload it again" in whys([refused])[0]


def test_one_page_that_is_gone_stops_no_other_from_being_read_again(
    again: Again, read: Reading, server: Server
) -> None:
    url = serve(server, "/bridge", "The bridge is old.", "<title>Bridge</title>")
    (article,) = articles(read(url))
    refused, anew = again(replace(article, id="x", source=server.url("/gone")), article)
    assert "404" in whys([refused])[0]
    assert anew == article
