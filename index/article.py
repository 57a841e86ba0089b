"""What an article is made of. Every span counts Unicode code points of `Article.text`."""

import hashlib
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class BlockKind(StrEnum):
    """What a block of an article is to its reader."""

    TITLE = "title"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    NOTE = "note"  # about the author; can be cited
    FURNITURE = "furniture"  # menus, bylines, captions: kept in the text, never cited


@dataclass(frozen=True, slots=True)
class Block:
    kind: BlockKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known about where an article comes from. Nothing is guessed silently."""

    title: str
    author: str | None = None
    publisher: str | None = None
    published: date | None = None
    url: str | None = None
    tags: tuple[str, ...] = ()
    published_is_guess: bool = False
    """The day was not given as the day of publication: it is a file's, or was found in the text."""


@dataclass(frozen=True, slots=True)
class Place:
    """Another place at which the very text of an article stands."""

    source: str
    metadata: Metadata


@dataclass(frozen=True, slots=True)
class Validators:
    """What a web server said of a page's version, to be asked with again (RFC 9110, section 8.8)."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Article:
    """One text with its metadata. `text` never changes within a revision."""

    id: str
    metadata: Metadata
    text: str
    blocks: tuple[Block, ...]
    source: str
    """Where it was read from: a path or an address, as the person who added it would recognise it."""
    pages: tuple[int, ...] = ()
    """Where each page begins, in a format that has pages."""
    mended: tuple[str, ...] = ()
    """The fields of `metadata` that a person set, which reading it again does not change."""
    also: tuple[Place, ...] = ()
    validators: Validators = field(default=Validators(), compare=False)

    @property
    def revision(self) -> str:
        """sha256 of the text, in hexadecimal."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Sentence:
    """The unit that is cited. `n` counts from 0 within the article, `block` indexes its blocks."""

    article: str
    n: int
    start: int
    end: int
    block: int
    heading: str | None


@dataclass(frozen=True, slots=True)
class Passage:
    """Consecutive sentences of one section, the unit that is embedded and retrieved.

    `first` and `last` are the numbers of its first and last sentence, both included.
    """

    article: str
    start: int
    end: int
    first: int
    last: int
    heading: str | None


def slug(name: str) -> str:
    """Turn a file name or title into an article id: `"My Report (v2)"` becomes `"my-report-v2"`."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", ascii_name.lower())
    if not words:  # a title without any Latin letter still needs an id that is its own
        return "article-" + hashlib.sha256(name.encode(errors="replace")).hexdigest()[:8]
    return "-".join(words)[:80].rstrip("-")
