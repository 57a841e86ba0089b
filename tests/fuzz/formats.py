"""How the product reads each format, and what to begin with."""

import traceback
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from unittest import mock

from index import readers
from index.article import Article
from index.errors import InputRejected
from index.sources import feeds, syndication
from index.sources.fetch import Fetched
from index.sources.link import Feed
from tests.fuzz import materials
from tests.fuzz.mutation import Material

Read = Callable[[bytes, str], Article | Feed | None]
"""Of bytes and the address that they came from. Raises InputRejected as the product does."""

_CHARSETS = (
    None,
    None,
    None,
    "utf-8",
    "windows-1252",
    "utf-16",
    "iso-2022-jp",
    "gb18030",
    "big5",
    "nonsense",
)


@dataclass(frozen=True, slots=True)
class Format:
    suffix: str
    material: Callable[[], Material]
    """Made late: setting the PDFs takes 0.1 s."""
    read: Read


def _as(content_type: str) -> Read:
    def read(data: bytes, url: str) -> Article:
        charset = _CHARSETS[zlib.crc32(data) % len(_CHARSETS)]  # of a file that is kept, the same again
        return readers.from_fetched(Fetched(url, data, content_type, charset), url)

    return read


def _feed(data: bytes, url: str) -> Feed | None:
    with mock.patch.object(syndication, "read", _feed_here):
        return feeds.links(data, url, "application/rss+xml")


def _feed_here(data: bytes, url: str | None, named: str) -> Feed:
    """As in a process of its own, but that only what goes wrong in feedparser is a refusal."""
    try:
        feed, broken = syndication.parse(data, url)
    except Exception as error:
        if any("feedparser" in frame.filename for frame in traceback.extract_tb(error.__traceback__)):
            raise InputRejected(f"{named} is a feed that cannot be read.") from None
        raise
    if broken and not feed.links:
        raise InputRejected(f"{named} is a feed that is broken.")
    return feed


FORMATS = {
    "pdf": Format(".pdf", materials.pdf, _as("application/pdf")),
    "docx": Format(
        ".docx",
        materials.docx,
        _as("application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ),
    "epub": Format(".epub", materials.epub, _as("application/epub+zip")),
    "html": Format(".html", materials.html, _as("text/html")),
    "markdown": Format(".md", materials.markdown, _as("text/markdown")),
    "text": Format(".txt", materials.text, _as("text/plain")),
    "feeds": Format(".xml", materials.feeds, _feed),
}
