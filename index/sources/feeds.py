"""What a feed or a sitemap links to: RSS, Atom, JSON Feed, sitemaps and their indexes."""

import json
import zlib
from contextlib import suppress
from dataclasses import dataclass
from gzip import GzipFile
from io import BytesIO
from typing import Any

from index.errors import InputRejected
from index.readers.raw import LARGEST
from index.sources.link import LONGEST, MOST, Feed, Link, absolute, day, line

__all__ = ["MOST", "Feed", "Link", "links"]

PIECE = 65_536
"""Bytes. How much is decompressed at a time, and how much may come before the first element."""

_CLAIMS = ("application/rss+xml", "application/atom+xml", "application/feed+json")
_RSS_1 = ("http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/")
_SAFE = {"recover": True, "resolve_entities": False, "no_network": True, "huge_tree": False}


def links(data: bytes, url: str | None, content_type: str = "") -> Feed | None:
    """Read the links of a feed or a sitemap; None where it is neither: a page with links is no feed.

    `url` is its own address, from which relative links count. A sitemap index gives `nested` sitemaps.
    Raises InputRejected where it is one, or is sent as one, and cannot be read.
    """
    named = url or "This feed"
    data = _unpacked(data, named)
    if b"jsonfeed.org" in data[:PIECE] and data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        return _json_feed(data, url, named)
    root = _root(data)
    if root is not None and root.is_sitemap:
        return _sitemap(data, url, named)
    if root is not None and root.is_feed:
        from index.sources import syndication

        return syndication.read(data, url, named)
    if content_type in _CLAIMS:
        raise InputRejected(f"{named} is sent as a feed, but is none; add the pages that it names.")
    return None


@dataclass(frozen=True, slots=True)
class _Root:
    """The first element of an XML document."""

    name: str
    namespace: str
    declared: frozenset[str]

    @property
    def is_sitemap(self) -> bool:
        return self.name in ("urlset", "sitemapindex")

    @property
    def is_feed(self) -> bool:
        return (
            self.name == "rss"
            or (self.name == "feed" and (not self.namespace or "atom" in self.namespace.lower()))
            or (self.name == "rdf" and not self.declared.isdisjoint(_RSS_1))  # RDF is more than RSS
        )


def _root(data: bytes) -> _Root | None:
    from lxml import etree  # 0.03 s

    parser = etree.XMLPullParser(events=("start",), **_SAFE)
    try:
        parser.feed(data[:PIECE].lstrip())
        _, element = next(iter(parser.read_events()))
        namespace, _, name = element.tag.rpartition("}")
        declared = frozenset(element.nsmap.values())
    except (etree.XMLSyntaxError, StopIteration, UnicodeDecodeError):  # as in a sitemap
        return None
    name = name.rpartition(":")[2].lower()  # of a prefix that is not declared
    return _Root(name, namespace.removeprefix("{"), declared)


def _unpacked(data: bytes, named: str) -> bytes:
    """What a .gz file holds; where it ends too early or in rubbish, what comes before that."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    found = bytearray()
    try:
        with GzipFile(fileobj=BytesIO(data)) as packed:
            while piece := packed.read1(PIECE):
                found += piece
                if len(found) > LARGEST:
                    raise InputRejected(
                        f"{named} is larger than {LARGEST // 1_000_000} MB; add a part of it."
                    )
    except (OSError, EOFError, zlib.error):
        pass
    return bytes(found)


def _sitemap(data: bytes, url: str | None, named: str) -> Feed:
    from lxml import etree

    pages: dict[str, Link] = {}
    nested: dict[str, None] = {}
    elements = etree.iterparse(BytesIO(data.lstrip()), tag=("{*}url", "{*}sitemap"), **_SAFE)
    for _, element in elements:
        with suppress(UnicodeDecodeError):  # lxml lets &#xD800; pass, and then trips over it
            where = absolute(element.findtext("{*}loc"), url)
            if where and element.tag.rpartition("}")[2] == "sitemap":
                nested.setdefault(where)
            elif where:
                pages.setdefault(where, Link(where, modified=line(element.findtext("{*}lastmod"))))
        if len(pages) + len(nested) >= MOST:
            break
        element.clear()
    if elements.error_log and not pages and not nested:
        raise InputRejected(f"{named} is a sitemap that is broken; add the pages that it names.")
    return Feed(tuple(pages.values()), nested=tuple(nested))


def _json_feed(data: bytes, url: str | None, named: str) -> Feed | None:
    """Read a JSON Feed (jsonfeed.org/version/1.1)."""
    try:
        said: Any = json.loads(data)
        if not str(said["version"]).startswith("https://jsonfeed.org/version/"):
            return None
        items = [item for item in said["items"] if isinstance(item, dict)]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise InputRejected(f"{named} is a feed that is broken; add the pages that it names.") from None
    items.sort(key=lambda item: str(item.get("date_published") or ""), reverse=True)
    found: dict[str, Link] = {}
    for item in items:
        where = absolute(item.get("url") or item.get("id"), url)
        if where and len(found) < MOST:
            link = Link(
                url=where,
                title=line(item.get("title")),
                author=_json_author(item) or _json_author(said),
                published=day(item.get("date_published")),
                modified=line(item.get("date_modified")),
            )
            found.setdefault(where, link)
    return Feed(tuple(found.values()), line(said.get("title")))


def _json_author(said: dict[str, Any]) -> str | None:
    authors = said.get("authors") or [said.get("author")]  # version 1 knew of one
    if not isinstance(authors, list):
        return None
    names = [line(author.get("name")) for author in authors if isinstance(author, dict)]
    return ", ".join(name for name in names if name)[:LONGEST] or None
