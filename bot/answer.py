"""What goes in and what comes out: the question, and the answer that every face renders.

`Answer` is the JSON contract. Offsets count Unicode code points of the article's text, and
`quote == text[start:end]`, always: quotes are cut from the stored article, never typed by a model.
"""

import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from urllib.parse import quote as percent_encoded

from pydantic import BaseModel, ConfigDict

from index.catalog import EVERYTHING, Filter
from index.errors import InputRejected

_WEB_ADDRESS = re.compile(r"https?://[!-~]+")
"""Only these become links: other schemes run programs, and white space ends a link early."""
LONGEST_QUESTION = 2_000
"""Characters: several times what a Discord message or a careful paragraph needs."""


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks on a chat server, and where, by the server's ids."""

    guild: int
    """0 in direct messages."""
    channel: int
    member: int
    private: bool
    conversation: str | None = None
    """What the question follows up; None begins a conversation."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a person asks, and the earlier questions of the conversation, oldest first."""

    text: str
    history: tuple[str, ...] = ()
    allowed: Filter = EVERYTHING
    asker: Asker | None = None
    """Kept with the answer, so that what is kept of a person can be found and forgotten."""


def clean(text: str, what: str = "question") -> str:
    """The text as it can be stored, searched and shown.

    Lone surrogates and control characters say nothing and break encoders, so they become spaces.
    Raises InputRejected where nothing is left to ask, or too much.
    """
    kept = "".join(" " if _unprintable(character) else character for character in text)
    kept = " ".join(kept.split())
    if not kept:
        raise InputRejected(f"The {what} is empty; type what you want to know.")
    if len(kept) > LONGEST_QUESTION:
        raise InputRejected(f"The {what} has {len(kept):,} characters; shorten it to {LONGEST_QUESTION:,}.")
    if not any(character.isalnum() for character in kept):
        raise InputRejected(f"The {what} holds no words; ask in words.")
    return kept


def _unprintable(character: str) -> bool:
    point = ord(character)
    return point < 0x20 or 0x7F <= point < 0xA0 or 0xD800 <= point < 0xE000


class Status(StrEnum):
    ANSWERED = "answered"
    DECLINED = "declined"


class Reason(StrEnum):
    """Why Ibid declined."""

    NOTHING_RETRIEVED = "nothing_retrieved"
    PASSAGES_DO_NOT_ANSWER = "passages_do_not_answer"
    NOT_SUPPORTED = "statements_not_supported"
    MODEL_UNAVAILABLE = "model_unavailable"


class Support(StrEnum):
    SUPPORTED = "supported"
    PARTIAL = "partial"


class Verdict(StrEnum):
    """What the articles say of a statement."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    NOT_MENTIONED = "not_mentioned"


class _Shown(BaseModel):
    model_config = ConfigDict(frozen=True)


class Also(_Shown):
    """Another place where the quoted words stand: the same text elsewhere, not a second source."""

    article: str | None
    """Its id, where it is an article of the library by itself."""
    title: str
    publisher: str | None
    published: date | None
    url: str | None
    link: str | None


class Citation(_Shown):
    """One footnote: where in which article the cited sentence stands."""

    n: int
    article: str
    title: str
    author: str | None
    published: date | None
    url: str | None
    start: int
    end: int
    quote: str
    link: str | None
    section: str | None = None
    publisher: str | None = None
    revision: str | None = None
    """Of the article's text, as `Article.revision`."""
    page: int | None = None
    """Counted from 1, in a format that has pages."""
    published_is_guess: bool = False
    age_days: int | None = None
    """Since it was published, where that was more than IBID_OLD_AFTER when it was cited."""
    also: tuple[Also, ...] = ()


class Statement(_Shown):
    """One sentence of an answer with the numbers of its footnotes."""

    text: str
    citations: tuple[int, ...]
    support: Support


class Writer(_Shown):
    """Who wrote the statements."""

    name: str
    """extractive or llm, as `--writer` takes it."""
    prompt: str | None = None
    """Name and version of the prompt."""
    model: str | None = None
    fallback: str | None = None
    """Why it was this writer and not the one that was asked for."""


class Index(_Shown):
    generation: str
    embedding: str


class Timings(_Shown):
    """Milliseconds."""

    condense: float = 0
    retrieve: float = 0
    write: float = 0
    check: float = 0
    total: float = 0


class Answer(_Shown):
    id: str
    question: str
    standalone_question: str
    status: Status
    reason: Reason | None
    statements: tuple[Statement, ...]
    citations: tuple[Citation, ...]
    nearest: tuple[Citation, ...]
    """The nearest passages of a decline. They are not an answer."""
    withheld: int
    dropped: int = 0
    """How many citations pointed at no sentence that was offered."""
    confidence: float
    writer: Writer
    index: Index
    timings_ms: Timings


class CheckReport(_Shown):
    """What the articles say of a statement."""

    verdict: Verdict
    score: float
    """Rises with support, 0 to 1."""
    citations: tuple[Citation, ...]
    failures: tuple[str, ...] = ()
    """Which checks it did not pass, in words."""


def page_link(url: str | None, page: int) -> str | None:
    """The article's URL with a fragment that opens a PDF at a page (RFC 8118, section 3)."""
    if url is None or not _WEB_ADDRESS.fullmatch(url):
        return None
    return f"{url.split('#')[0]}#page={page}"


def text_fragment_link(url: str | None, quote: str) -> str | None:
    """The article's URL with a text fragment that scrolls to and highlights the quoted words.

    Long quotes are named by their first and last words, as the specification advises
    (https://wicg.github.io/scroll-to-text-fragment/).
    """
    if url is None or not _WEB_ADDRESS.fullmatch(url):
        return None
    words = quote.split()
    ends = [" ".join(words)] if len(words) <= 12 else [" ".join(words[:5]), " ".join(words[-5:])]
    # A hyphen, a comma and an ampersand have a meaning of their own inside a fragment.
    encoded = ",".join(percent_encoded(end, safe="").replace("-", "%2D") for end in ends)
    return f"{url.split('#')[0]}#:~:text={encoded}"
