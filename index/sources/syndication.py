"""RSS and Atom through feedparser, in a process of its own.

A feed of 50 kB can take feedparser 12 s (an author of 25,000 times "a." does), and one of twice the size
four times as long. No look at a feed tells which; a process can be stopped.
"""

import html
import re
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from datetime import date
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any

from pydantic import TypeAdapter

from index.confined import environment, limit, own_output
from index.errors import InputRejected
from index.sources.link import LONGEST, MOST, Feed, Link, absolute, day, line

SECONDS = 30.0
"""A feed of 10,000 entries takes 4."""
MEMORY = 2_000_000_000
"""Bytes of address space."""

_SAID: TypeAdapter[tuple[Feed, bool]] = TypeAdapter(tuple[Feed, bool])
_TAG = re.compile(r"<[^<>]{0,500}>")


def read(data: bytes, url: str | None, named: str, seconds: float = SECONDS, memory: int = MEMORY) -> Feed:
    """Read a feed. Raises InputRejected where it cannot be read, or not within `seconds` and `memory`."""
    command = [sys.executable, "-P", "-m", __name__, url or "", str(memory)]
    try:
        done = subprocess.run(  # noqa: S603 - this module
            command, input=data, capture_output=True, timeout=seconds, check=True, env=environment()
        )
    except subprocess.TimeoutExpired:
        raise InputRejected(f"{named} takes too long to read as a feed; add the pages it names.") from None
    except subprocess.CalledProcessError:
        raise InputRejected(f"{named} is a feed that cannot be read; add the pages that it names.") from None
    feed, broken = _SAID.validate_json(done.stdout)
    if broken and not feed.links:
        raise InputRejected(f"{named} is a feed that is broken; add the pages that it names.")
    return feed


def parse(data: bytes, url: str | None) -> tuple[Feed, bool]:
    """Read a feed in this process, newest entries first; also tells whether it is broken."""
    import feedparser  # 0.15 s

    where = {"content-location": url} if url else {}
    found = feedparser.parse(
        BytesIO(data),  # a string might be taken for a path or an address
        response_headers={"content-type": "application/xml", **where},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    atom = found.version.startswith("atom")
    # `dict`, for feedparser's own gives one date for another, with a warning.
    feed: dict[str, Any] = dict(found.feed)
    entries: list[dict[str, Any]] = sorted(map(dict, found.entries), key=_moment, reverse=True)
    author = _author(feed) if atom else None  # in RSS, that is who runs the site
    links: dict[str, Link] = {}
    for entry in entries:
        if len(links) < MOST and (address := absolute(entry.get("link"), url)):
            links.setdefault(address, _link(address, entry, atom, author))
    return Feed(tuple(links.values()), _title(feed)), bool(found.bozo)


def _link(address: str, entry: Mapping[str, Any], atom: bool, author: str | None) -> Link:
    updated = entry.get("updated")  # RSS 1.0 has it, as dc:date, in place of a date of publication
    return Link(
        url=address,
        title=_title(entry),
        author=_author(entry) or author,
        published=_day(entry.get("published") or (None if atom else updated)),
        modified=line(updated),
    )


def _moment(entry: Mapping[str, Any]) -> tuple[int, ...]:
    return tuple(entry.get("published_parsed") or entry.get("updated_parsed") or ())


def _title(entry: Mapping[str, Any]) -> str | None:
    title = str(entry.get("title") or "")[: 10 * LONGEST]
    detail: dict[str, Any] = dict(entry.get("title_detail") or {})
    return line(title if detail.get("type") == "text/plain" else html.unescape(_TAG.sub("", title)))


def _author(entry: Mapping[str, Any]) -> str | None:
    """A name, which RSS has behind an address of mail; feedparser cuts some of those wrongly."""
    author = line(entry.get("author"))
    if author is None or "@" not in author:
        return author
    names = [part.strip() for part in re.split("[()<>]", author) if "@" not in part]
    return next(filter(None, names), None)


def _day(written: object) -> date | None:
    """The day where it was written, which may be another one in Greenwich."""
    if found := day(written):
        return found
    with suppress(ValueError, OverflowError):
        return parsedate_to_datetime(str(written)).date()
    return None


def main() -> None:
    out = own_output()
    limit(int(sys.argv[2]))
    said = parse(sys.stdin.buffer.read(), sys.argv[1] or None)
    out.write(_SAID.dump_json(said).decode())
    out.flush()


if __name__ == "__main__":
    main()
