"""PDF -> the text of its pages in reading order, without running heads, with where each page begins."""

import io
import logging
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from index.article import BlockKind, Metadata
from index.errors import InputRejected
from index.readers.fragments import Budget, Fragment, Typeface, fragments
from index.readers.lines import lines
from index.readers.page import Page, assemble, parse_date
from index.readers.paragraphs import Paragraph, paragraphs
from index.readers.raw import Raw

MOST_PAGES = 500
"""A page of text takes 0.04 s; longer ones are books, whose chapters are the articles."""
LARGEST_STREAM = 30_000_000
"""Bytes after decompression."""
MOST_UNREADABLE = 0.05
"""Share of letters in fonts that do not say which letters they draw."""
SHORTEST_BODY = 200
"""Characters of a block that can only be body text; the title stands above it."""

_FILE_NAME = re.compile(
    r"\.(?:docx?|pdf|odt|rtf|txt|indd|qxp|tex|dvi|ps|xlsx?|pptx?|html?|wpd)$", re.IGNORECASE
)
_NO_TITLE = re.compile(
    r"(?:untitled|unbenannt|no title|title|document|dokument|presentation|slide|about:blank|none|unknown)"
    r"[\s\d_-]*|https?://\S+|[\W\d_]*",
    re.IGNORECASE,
)
_TOOL = re.compile(
    r"^(?:microsoft (?:word|powerpoint|excel)|powerpoint presentation|print|layout)\s*-\s*", re.IGNORECASE
)
_NO_AUTHOR = re.compile(
    r"(?:admin\w*|(?:default |normal |the )?user\w*|owner|unknown|anonymous|author|none|n/?a|test|root|guest|"
    r"(?:microsoft|adobe|acrobat|libreoffice|openoffice|windows|python|latex|tex|hp|dell|pc)\b.*|[\W\d_]*)",
    re.IGNORECASE,
)
_BYLINE = re.compile(r"by\s+([^\W\d_].{2,80})", re.IGNORECASE)
_CONTENTS = re.compile(r"(?:\. ?){5,}\s*\d+")
"""A line of a table of contents: dots lead to the number of a page."""
_UNSEEN = re.compile(r"[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_LIGATURES = re.compile("[ﬀ-ﬆ]")


def read(raw: Raw) -> Page:
    """Read a PDF; what it says of itself is its metadata, and `raw.name` its title where it says none.

    Raises InputRejected, also for one that is encrypted, holds pictures only or asks for too much.
    """
    # Importing it takes 0.16 s, which only those pay who read a PDF.
    from pypdf import PdfReader, apply_configuration
    from pypdf.errors import DependencyError, FileNotDecryptedError, LimitReachedError

    # pypdf tells its log of every fault that it mends; what cannot be mended is told below.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        with apply_configuration(
            zlib_maximum_output_length=LARGEST_STREAM,
            lzw_maximum_output_length=LARGEST_STREAM,
            run_length_maximum_output_length=LARGEST_STREAM,
            brotli_maximum_output_length=LARGEST_STREAM,
            array_based_stream_maximum_output_length=LARGEST_STREAM,
            stream_decoding_work_maximum_length=4 * LARGEST_STREAM,
            page_tree_maximum_entries=4 * MOST_PAGES,
        ):
            reader = PdfReader(io.BytesIO(raw.data))
            pages = _pages(raw, reader)
            info = _Info(reader)
    except InputRejected:
        raise
    except (FileNotDecryptedError, DependencyError):
        raise InputRejected(f"{raw.where} is encrypted; save a copy without a password.") from None
    except LimitReachedError:
        raise InputRejected(f"{raw.where} holds more than can be read; print it to PDF again.") from None
    except MemoryError:
        raise InputRejected(f"{raw.where} takes too much memory to read; print it to PDF again.") from None
    # On a broken file pypdf raises whatever its objects happen to raise: KeyError, TypeError,
    # RecursionError, struct.error and more, all of which mean that the file is broken.
    except Exception:  # noqa: BLE001
        raise InputRejected(
            f"{raw.where} is not a PDF that can be read: it is damaged, or cut short; get it again."
        ) from None
    return _page(raw, pages, info)


def _pages(raw: Raw, reader: Any) -> list[list[Fragment]]:
    if reader.is_encrypted and not reader.decrypt(""):
        raise InputRejected(f"{raw.where} is encrypted; save a copy without a password.")
    count = len(reader.pages)
    if count == 0:
        raise InputRejected(f"{raw.where} has no pages.")
    if count > MOST_PAGES:
        raise InputRejected(f"{raw.where} has {count} pages; split it into articles of at most {MOST_PAGES}.")
    budget = Budget(raw.where)
    faces: dict[Any, Typeface] = {}
    pages = [_clean(fragments(page, reader, budget, faces)) for page in reader.pages]
    letters = sum(len(f.text) for page in pages for f in page)
    if budget.unreadable > MOST_UNREADABLE * (letters + budget.unreadable):
        raise InputRejected(
            f"{raw.where} does not say which letters its fonts draw; print it to PDF again, or run OCR."
        )
    if not letters:
        raise InputRejected(f"{raw.where} holds no text; it may be a scan: run OCR first.")
    return pages


def _clean(drawn: Sequence[Fragment]) -> list[Fragment]:
    cleaned = ((f, _letters(f.text)) for f in drawn)
    return [replace(f, text=text) for f, text in cleaned if text]


def _letters(text: str) -> str:
    """Spell ligatures out, and leave out what no one sees."""
    if text.isascii() and text.isprintable():
        return text
    text = _LIGATURES.sub(lambda match: unicodedata.normalize("NFKC", match[0]), text)
    text = _UNSEEN.sub("", unicodedata.normalize("NFC", text))
    # Controls, surrogates, private use and what is not assigned: no one can say which letter is meant.
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs", "Co", "Cn"))


class _Info:
    """What the document says of itself."""

    def __init__(self, reader: Any) -> None:
        info = reader.metadata
        self.title = _sensible_title(_line(info.title if info else None))
        self.author = _sensible_author(_line(info.author if info else None))
        self.created = _created(info)


def _line(value: object) -> str:
    return " ".join(_letters(" ".join(value.split())).split())[:300] if isinstance(value, str) else ""


def _sensible_title(title: str) -> str | None:
    title = _TOOL.sub("", title)
    is_name = _FILE_NAME.search(title) or _NO_TITLE.fullmatch(title) or (" " not in title and "_" in title)
    return None if is_name else title


def _sensible_author(author: str) -> str | None:
    return None if not author or len(author) > 150 or _NO_AUTHOR.fullmatch(author) else author


def _created(info: Any) -> date | None:
    try:
        written = info.creation_date if info else None
    except ValueError:
        return None
    return written.date() if written else None


def _page(raw: Raw, drawn: Sequence[Sequence[Fragment]], info: _Info) -> Page:
    read_lines = lines(drawn)
    blocks = paragraphs(read_lines)
    heading = _title(blocks, info.title)
    first = [line.text for line in read_lines if line.page == read_lines[0].page]
    stated = next((found for text in first if (found := parse_date(text))), None)
    byline = next((match[1] for text in first if (match := _BYLINE.fullmatch(text))), None)
    pieces = []
    for n, block in enumerate(blocks):
        kind = block.kind
        if n == heading:
            kind = BlockKind.TITLE
        elif parse_date(block.text) or _BYLINE.fullmatch(block.text) or _CONTENTS.search(block.text):
            kind = BlockKind.FURNITURE
        pieces.append((kind, block.text))
    metadata = Metadata(
        title=info.title or (blocks[heading].text if heading is not None else raw.name),
        author=info.author or byline,
        published=stated or info.created,
        published_is_guess=stated is None and info.created is not None,
    )
    page = assemble(pieces, metadata)
    return replace(page, pages=_starts(page, blocks, len(drawn)))


def _title(blocks: Sequence[Paragraph], said: str | None) -> int | None:
    """Which block is the title: the heading that says so, or the largest above the body of page 1."""
    top = [n for n, block in enumerate(blocks) if block.pages[0][0] == blocks[0].pages[0][0]]
    headings = [n for n in top if blocks[n].kind is BlockKind.HEADING]
    for n in headings:
        if said and blocks[n].text.casefold() == said.casefold():
            return n
    body = next((n for n in top if len(blocks[n].text) >= SHORTEST_BODY), len(blocks))
    return max((n for n in headings if n < body), key=lambda n: (blocks[n].size, -n), default=None)


def _starts(page: Page, blocks: Sequence[Paragraph], count: int) -> tuple[int, ...]:
    """Where each page begins; one without text where the next text begins."""
    first: dict[int, int] = {}
    for block, paragraph in zip(page.blocks, blocks, strict=True):
        for number, offset in paragraph.pages:
            first.setdefault(number, block.start + offset)
    starts: list[int] = []
    following = len(page.text)
    for number in reversed(range(count)):
        following = min(following, first.get(number, following))
        starts.append(following)
    return tuple(reversed(starts))
