"""Feeds and sitemaps as they are written, broken ones and hostile ones."""

import gzip
import json
import random
import time
import tracemalloc
from datetime import date
from pathlib import Path

import pytest

from index.errors import InputRejected
from index.sources import syndication
from index.sources.feeds import MOST, Feed, Link, links

HERE = "https://courier.example/feeds/all.xml"
SECONDS_OF_FUZZING = 1.5
RSS = b"""<?xml version="1.0"?>
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
<title>Courier &amp; Co</title><link>https://courier.example/</link><managingEditor>ed@x.example</managingEditor>
<item><title>The &lt;b&gt;old&lt;/b&gt; bridge</title><link>/old</link>
  <author>ada@courier.example (Ada Quill)</author><pubDate>Tue, 05 Mar 2024 23:30:00 -0800</pubDate></item>
<item><title>The new bridge</title><link> https://Courier.example:443/new#top </link>
  <dc:creator>Bo Reed</dc:creator><pubDate>Wed, 06 Mar 2024 10:00:00 GMT</pubDate></item>
<item><title>Again</title><link>https://courier.example/old</link>
  <pubDate>Fri, 01 Mar 2024 10:00:00 GMT</pubDate></item>
<item><guid>https://courier.example/undated</guid><pubDate>some day</pubDate></item>
<item><title>Bad</title><link>javascript:alert(1)</link></item>
<item><title>Bad</title><link>file:///etc/passwd</link></item>
<item><title>Bad</title><link>http://user:secret@courier.example/</link></item>
<item><title>None</title></item>
</channel></rss>"""
ATOM = b"""<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://courier.example/news/">
<title>Courier</title><author><name>Ada Quill</name></author><updated>2024-04-09T00:00:00Z</updated>
<entry xml:base="2024/"><title type="html">A &amp;lt; B, &lt;i&gt;says&lt;/i&gt; Bo</title>
  <link rel="self" href="self"/><link rel="alternate" href="a"/>
  <updated>2024-03-05T10:00:00Z</updated></entry>
<entry><title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">x <b>y</b></div></title><link href="b"/>
  <published>2024-04-05T23:00:00-05:00</published><author><name>Bo Reed</name></author></entry></feed>"""
RDF = b"""<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><title>Courier</title></channel>
<item><title>A</title><link>https://courier.example/a</link><dc:date>2024-03-05</dc:date></item></rdf:RDF>"""
SITEMAP = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
<url><loc> https://courier.example/a </loc><lastmod>2024-03-05</lastmod>
  <image:image><image:loc>https://courier.example/a.png</image:loc></image:image></url>
<url><loc>/b</loc></url><url><loc>/b</loc></url><url><loc>ftp://courier.example/</loc></url><url/></urlset>"""
INDEX = b"""<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
<sitemap><loc>https://courier.example/1.xml.gz</loc></sitemap><sitemap><loc>2.xml</loc></sitemap></sitemapindex>"""
LAUGHS = b"<!DOCTYPE x [<!ENTITY a 'haha'><!ENTITY f SYSTEM 'file:///etc/passwd'>" + b"".join(
    b"<!ENTITY %c '%s'>" % (letter, b"&%c;" % (letter - 1) * 40) for letter in b"bcde"
)


def parsed(data: bytes, url: str | None = HERE) -> Feed:
    return syndication.parse(data, url)[0]


def refusal(data: bytes, kind: str = "", url: str | None = HERE) -> str:
    with pytest.raises(InputRejected) as refused:
        links(data, url, kind)
    message = str(refused.value)
    assert message.startswith(url or "This feed")
    assert message.endswith(".")
    assert "\n" not in message
    return message


# Feeds


def test_rss_gives_its_links_newest_first_with_what_it_says_of_them() -> None:
    assert links(RSS, HERE, "application/rss+xml") == Feed(
        links=(
            Link("https://courier.example/new", "The new bridge", "Bo Reed", date(2024, 3, 6)),
            Link("https://courier.example/old", "The old bridge", "Ada Quill", date(2024, 3, 5)),
            Link("https://courier.example/undated"),
        ),
        title="Courier & Co",
    )


def test_atom_gives_its_links_from_where_its_base_says() -> None:
    assert links(ATOM, HERE) == Feed(
        links=(
            Link("https://courier.example/news/b", "x y", "Bo Reed", date(2024, 4, 5)),
            Link(
                "https://courier.example/news/2024/a",
                "A < B, says Bo",
                "Ada Quill",
                modified="2024-03-05T10:00:00Z",
            ),
        ),
        title="Courier",
    )


def test_rss_of_the_first_version_gives_its_links() -> None:
    assert links(RDF, None) == Feed(
        links=(Link("https://courier.example/a", "A", published=date(2024, 3, 5), modified="2024-03-05"),),
        title="Courier",
    )


@pytest.mark.parametrize("version", ["0.90", "0.91", "0.92", "2.0"])
def test_rss_of_any_version_is_a_feed(version: str) -> None:
    feed = f'<rss version="{version}"><channel><item><link>/a</link></item></channel></rss>'
    assert [link.url for link in parsed(feed.encode()).links] == ["https://courier.example/a"]


def test_without_its_own_address_a_feed_gives_its_absolute_links() -> None:
    assert [link.url for link in parsed(RSS, None).links] == [
        "https://courier.example/new",
        "https://courier.example/old",
        "https://courier.example/undated",
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "iso-8859-1"])
def test_a_feed_is_read_in_its_encoding(encoding: str) -> None:
    declared = encoding.removesuffix("-sig")
    text = (
        f'<?xml version="1.0" encoding="{declared}"?><rss version="2.0"><channel><title>Bücher</title>'
        "</channel></rss>"
    )
    assert links(text.encode(encoding), HERE) == Feed(title="Bücher")


def test_a_broken_feed_gives_what_can_be_read() -> None:
    broken = RSS.replace(b"<item>", b"<item><description>one<br>two & three&nbsp;</description>")[:-100]
    feed = links(broken, HERE)
    assert feed
    assert [link.title for link in feed.links] == ["The new bridge", "The old bridge", None]


def test_a_feed_that_is_broken_at_once_is_refused() -> None:
    assert "is a feed that is broken" in refusal(b"<rss><channel><item><<<")
    assert "is a sitemap that is broken" in refusal(b"<urlset><url><loc><<<")
    assert "is a feed that is broken" in refusal(b'{"version": "https://jsonfeed.org/version/1.1", "items"')
    assert "is a feed that is broken" in refusal(b'{"version": "https://jsonfeed.org/version/1.1"}')


@pytest.mark.parametrize("kind", ["application/rss+xml", "application/atom+xml", "application/feed+json"])
def test_what_is_sent_as_a_feed_and_is_none_is_refused(kind: str) -> None:
    assert "is sent as a feed, but is none" in refusal(b"<html><body>Sorry</body></html>", kind)
    assert "is sent as a feed, but is none" in refusal(b"", kind, None)


def test_a_json_feed_gives_its_links() -> None:
    items = [
        {"id": "1", "url": "/a", "title": "A\n b", "date_published": "2024-03-05T23:00:00-05:00"},
        {"id": "https://courier.example/b", "date_published": "2024-04-05", "authors": [{"name": "Bo"}]},
        {"id": 3, "url": ["x"], "title": {}, "author": "x", "authors": "y", "date_published": 7},
        "x",
    ]
    feed = {
        "version": "https://jsonfeed.org/version/1",
        "title": "C",
        "author": {"name": "Ada"},
        "items": items,
    }
    for text in (json.dumps(feed), json.dumps(feed).replace("/", "\\/")):
        assert links(text.encode(), HERE) == Feed(
            links=(
                Link("https://courier.example/b", None, "Bo", date(2024, 4, 5)),
                Link("https://courier.example/a", "A b", "Ada", date(2024, 3, 5)),
            ),
            title="C",
        )


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"Plain text about <rss> feeds.",
        b"\0\1\2\3",
        b"%PDF-1.7 <rss></rss>",
        b"<!doctype html><html><link rel=alternate type='application/rss+xml' href=/feed></html>",
        b"<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><body><rss/></body></html>",
        b"<p><rss version='2.0'></rss></p>",
        b"<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'/>",
        b"<feed xmlns='https://fodder.example/ns'/>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b'{"about": "https://jsonfeed.org", "version": "2"}',
        b'{"version": "2"}',
        gzip.compress(b"<html></html>", mtime=0),
        gzip.compress(b"<html></html>", mtime=0)[:9],
        b"\x1f\x8brubbish",
    ],
)
@pytest.mark.parametrize("kind", ["", "text/xml", "text/html"])
def test_what_is_no_feed_is_none(data: bytes, kind: str) -> None:
    assert links(data, HERE, kind) is None


# Sitemaps


def test_a_sitemap_gives_its_pages_in_order() -> None:
    feed = Feed((Link("https://courier.example/a", modified="2024-03-05"), Link("https://courier.example/b")))
    assert links(SITEMAP, HERE) == feed
    assert links(gzip.compress(SITEMAP, mtime=0), HERE) == feed


def test_a_sitemap_index_names_other_sitemaps() -> None:
    nested = ("https://courier.example/1.xml.gz", "https://courier.example/feeds/2.xml")
    assert links(INDEX, HERE) == Feed(nested=nested)


def test_a_sitemap_that_ends_early_gives_what_came_before() -> None:
    feed = Feed((Link("https://courier.example/a", modified="2024-03-05"),))
    assert links(SITEMAP[: SITEMAP.index(b"<loc>/b")], HERE) == feed
    pages = b"".join(b"<url><loc>/%d</loc></url>" % n for n in random.Random(7).sample(range(10**9), 9000))
    cut = links(gzip.compress(b"<urlset>" + pages, mtime=0)[:-5000], HERE)
    assert cut
    assert 100 < len(cut.links) < 9000


def test_half_a_character_in_a_sitemap_costs_no_more_than_its_page() -> None:
    # Found by fuzzing: lxml raised UnicodeDecodeError for a reference to a lone surrogate.
    pages = b"<url><loc>/a</loc></url><url><loc>/b&#xD800;</loc></url><url><loc>/c</loc></url>"
    feed = links(b"<urlset>" + pages + b"</urlset>", HERE)
    assert feed
    assert [link.url for link in feed.links] == ["https://courier.example/a", "https://courier.example/c"]
    assert links(b"<urlset xmlns='&#xD800;'>" + pages + b"</urlset>", HERE) is None


# Limits


def test_only_so_many_links_are_read() -> None:
    pages = b"".join(b"<url><loc>/%d</loc></url>" % n for n in range(MOST + 5))
    feed = links(b"<urlset>" + pages + b"</urlset>", HERE)
    assert feed
    assert len(feed.links) == MOST
    items = [{"url": f"/{n}"} for n in range(MOST + 5)]
    said = json.dumps({"version": "https://jsonfeed.org/version/1", "items": items})
    feed = links(said.encode(), HERE)
    assert feed
    assert len(feed.links) == MOST


def test_of_a_long_feed_the_newest_links_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(syndication, "MOST", 2)
    assert [link.title for link in parsed(RSS).links] == ["The new bridge", "The old bridge"]


def test_what_a_feed_says_is_one_short_line() -> None:
    long = (
        b"<rss><channel><item><link>/a</link><title>\n a&#x200b; \n"
        + b"b" * 9000
        + b"</title></item></channel></rss>"
    )
    title = parsed(long).links[0].title
    assert title
    assert title.startswith("a b")
    assert len(title) == 500


def test_a_gzip_bomb_is_stopped_at_the_cap() -> None:
    bomb = gzip.compress(b"<urlset>" + b" " * 100_000_000, mtime=0)
    tracemalloc.start()
    try:
        assert "larger than 20 MB" in refusal(bomb)
        assert tracemalloc.get_traced_memory()[1] < 60_000_000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "body",
    [
        b"<urlset><url><loc>/&%s;</loc></url><url><loc>/b</loc></url></urlset>",
        b"<urlset><url><loc x='&%s;'>/b</loc></url></urlset>",
        b"<rss><channel><title>&%s;</title><item><link>/&f;</link></item></channel></rss>",
        b"<rss x='&%s;'><channel><title>x</title></channel></rss>",
        b"<feed xmlns='http://www.w3.org/2005/Atom' x='&%s;'/>",
    ],
)
@pytest.mark.parametrize("entity", [b"e", b"f"])
def test_entities_neither_blow_up_nor_read_files(body: bytes, entity: bytes) -> None:
    secret = Path("/etc/passwd").read_text().splitlines()[0]
    started = time.monotonic()
    try:
        found = str(links(LAUGHS + b"]>" + body % entity, HERE))
    except InputRejected as refused:
        found = str(refused)
    assert secret not in found
    assert "haha" * 40 not in found
    assert len(found) < 1000
    assert time.monotonic() - started < 3


def test_a_document_type_elsewhere_is_not_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError

    monkeypatch.setattr("socket.socket.connect", never)
    declared = (
        b'<!DOCTYPE rss SYSTEM "http://127.0.0.1:9/rss.dtd"><rss><channel><title>T</title></channel></rss>'
    )
    assert parsed(declared).title == "T"
    assert links(declared.replace(b"rss", b"urlset"), HERE) == Feed()


def test_a_feed_that_takes_too_long_is_refused() -> None:
    slow = b"<rss><channel><item><author>" + b"a." * 60_000 + b"</author></item></channel></rss>"
    started = time.monotonic()
    with pytest.raises(InputRejected, match="takes too long"):
        syndication.read(slow, HERE, HERE, seconds=0.7)
    assert time.monotonic() - started < 3


def test_a_feed_that_needs_too_much_memory_is_refused() -> None:
    with pytest.raises(InputRejected, match="is a feed that cannot be read"):
        syndication.read(RSS, HERE, HERE, memory=1_000)


def test_nesting_and_the_length_of_one_text_are_bounded() -> None:
    assert "broken" in refusal(b"<urlset>" + b"<a>" * 200_000)
    assert "broken" in refusal(b"<urlset><url><loc>" + b"a" * 11_000_000 + b"</loc></url></urlset>")
    assert "broken" in refusal(b'{"version": "https://jsonfeed.org/version/1", "items": ' + b"[" * 200_000)


SEEDS = (RSS, ATOM, RDF, SITEMAP, INDEX, LAUGHS + b"]>" + SITEMAP, gzip.compress(SITEMAP, mtime=0))
SHARDS = (
    b"<",
    b">",
    b"&",
    b"&#",
    b"&#x110000;",
    b"]]>",
    b"<![CDATA[",
    b"\0",
    b"\xff",
    b"'",
    b"<a:b>",
    b"//[",
    b"9" * 30,
)


def mutated(chance: random.Random) -> bytes:
    data = bytearray(chance.choice(SEEDS))
    for _ in range(chance.randint(1, 8)):
        at, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
        match chance.randrange(4):
            case 0:
                data[at:at] = chance.choice(SHARDS)
            case 1:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 2:
                del data[at : min(end, at + 40)]
            case _:
                data[at:at] = data[at : min(end, at + 200)]
    return bytes(data)


def test_whatever_a_feed_holds_it_is_read_or_refused_in_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def here(data: bytes, url: str | None, named: str) -> Feed:
        """Without a process for each, which turns whatever goes wrong in it into a refusal."""
        try:
            return syndication.parse(data, url)[0]
        except Exception:  # noqa: BLE001
            raise InputRejected(named) from None

    monkeypatch.setattr(syndication, "read", here)
    chance = random.Random(7)
    end = time.monotonic() + SECONDS_OF_FUZZING
    read = 0
    while time.monotonic() < end:
        try:
            feed = links(mutated(chance), HERE)
        except InputRejected:
            continue
        for link in feed.links if feed else ():
            read += 1
            assert link.url.startswith(("http://", "https://"))
            assert link.published is None or type(link.published) is date
            assert all(
                said is None or said.isprintable() for said in (link.title, link.author, link.modified)
            )
    assert read > 100
