"""A page that a feed or a sitemap names, and what it says of it."""

from dataclasses import dataclass
from datetime import date
from urllib.parse import urljoin

from index.errors import InputRejected
from index.sources.address import normalise

MOST = 10_000
"""Links that are read; a sitemap may hold 50,000."""
LONGEST = 500
"""Characters of a title or a name."""


@dataclass(frozen=True, slots=True)
class Link:
    url: str
    title: str | None = None
    author: str | None = None
    published: date | None = None
    modified: str | None = None
    """As it is written there, to be compared with what was written last time."""
    publisher: str | None = None
    """The feed's own title."""


@dataclass(frozen=True, slots=True)
class Feed:
    links: tuple[Link, ...] = ()
    """Newest first where the feed dates them, each address once."""
    title: str | None = None
    """Who publishes the pages."""
    nested: tuple[str, ...] = ()
    """Addresses of other sitemaps, which a sitemap index names in place of pages."""


def absolute(written: object, base: str | None) -> str | None:
    """The address that is meant, if it is one on the web."""
    if not isinstance(written, str) or not written.strip():
        return None
    try:
        return normalise(urljoin(base or "", written.strip()))
    except (InputRejected, ValueError):
        return None


def line(written: object) -> str | None:
    """One line of what a feed says, or None."""
    if not isinstance(written, str):
        return None
    words = " ".join(written[: 10 * LONGEST].split())
    return "".join(c for c in words if c.isprintable())[:LONGEST].strip() or None


def day(written: object) -> date | None:
    """The day that begins a date as the web writes it (ISO 8601)."""
    try:
        return date.fromisoformat(str(written).strip()[:10])
    except ValueError:
        return None
