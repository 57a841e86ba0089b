"""Plain text as people paste it from a page: tells body, headings and the page's furniture apart.

The text is kept to the letter (but for line ends), so an offset counts in the file as it was given.
"""

import re
from datetime import date

from index.article import Block, BlockKind, Metadata
from index.readers.page import Page, parse_date

WRAPPED_AT = 100
"""Characters. Where no line is longer, line breaks inside a paragraph are the editor's doing."""
LONGEST_TITLE = 300
"""Characters. What is longer is text, though no full stop ends it."""
SHARE_OF_TAIL = 0.25
"""A "Further reading" line ends the body only where at most this share of the text follows it."""

_BYLINE = re.compile(r"by\s+(\S.{2,80})", re.IGNORECASE)
_TAIL = re.compile(
    r"(further|recommended|related) (reading|articles|content|stories)|read more|related|see also",
    re.IGNORECASE,
)
_CAPTION = re.compile(r"(image|photo|picture|caption|photograph)( credit| by)?:\s", re.IGNORECASE)


def read(text: str, name: str) -> Page:
    """Read plain text; `name` is its title where the text itself shows none."""
    spans = _spans(text)
    lines = [text[start:end] for start, end in spans]
    kinds = [BlockKind.PARAGRAPH] * len(lines)
    body = next((n for n, line in enumerate(lines) if _is_prose(line) or len(line) > LONGEST_TITLE), 0)
    title, author, published = _read_head(lines[:body], kinds)
    _mark_tail(text, spans, lines, kinds, body)
    for n in range(body, len(lines)):
        if kinds[n] is not BlockKind.PARAGRAPH:
            continue
        if _CAPTION.match(lines[n]):
            kinds[n] = BlockKind.FURNITURE
        elif author and n > len(lines) // 2 and lines[n].startswith(author):
            kinds[n] = BlockKind.NOTE
        elif _is_heading(lines[n]) and n + 1 < len(lines) and _is_prose(lines[n + 1]):
            kinds[n] = BlockKind.HEADING
    blocks = tuple(Block(kind, *span) for kind, span in zip(kinds, spans, strict=True))
    return Page(text, blocks, Metadata(title=title or name, author=author, published=published))


def _spans(text: str) -> list[tuple[int, int]]:
    """Paragraphs: what blank lines part, and each line where lines are not wrapped by an editor."""
    wrapped = max(map(len, text.split("\n"))) <= WRAPPED_AT
    border = r"\n[^\S\n]*(?:\n[^\S\n]*)+" if wrapped else r"\n"
    spans = []
    start = 0
    for end, after in [*((m.start(), m.end()) for m in re.finditer(border, text)), (len(text), 0)]:
        piece = text[start:end]
        if piece.strip():
            left = start + len(piece) - len(piece.lstrip())
            spans.append((left, left + len(piece.strip())))
        start = after
    return spans


def _read_head(lines: list[str], kinds: list[BlockKind]) -> tuple[str | None, str | None, date | None]:
    """Mark what stands above the body, and return the title, author and date found there."""
    dates = {n: found for n, line in enumerate(lines) if (found := parse_date(line))}
    bylines = {n: match[1] for n, line in enumerate(lines) if (match := _BYLINE.fullmatch(line))}
    plain = [n for n in range(len(lines)) if n not in dates and n not in bylines]
    if not plain:
        for n in range(len(lines)):
            kinds[n] = BlockKind.FURNITURE
        return None, next(iter(bylines.values()), None), next(iter(dates.values()), None)
    # A page sets its title right above the byline, or above the date where nobody is named.
    anchor = min(bylines or dates or {plain[0] + 1: ""})
    title = max((n for n in plain if n < anchor), default=plain[0])
    for n in range(len(lines)):
        is_section = not dates and not bylines and n > title
        kinds[n] = BlockKind.HEADING if is_section else BlockKind.FURNITURE
    kinds[title] = BlockKind.TITLE
    author = next(iter(bylines.values()), None)
    return lines[title], author, next(iter(dates.values()), None)


def _mark_tail(
    text: str,
    spans: list[tuple[int, int]],
    lines: list[str],
    kinds: list[BlockKind],
    body: int,
) -> None:
    for n in range(body, len(lines)):
        share = (len(text) - spans[n][0]) / len(text)
        if _TAIL.fullmatch(lines[n].rstrip(":")) and share <= SHARE_OF_TAIL:
            kinds[n:] = [BlockKind.FURNITURE] * (len(lines) - n)
            return


_CLOSING = "\"'”’)]» "


def _is_prose(line: str) -> bool:
    return len(line.split()) >= 8 and line.rstrip(_CLOSING).endswith((".", "!", "?", "…", ":"))


def _is_heading(line: str) -> bool:
    """Whether a line can only be a heading.

    In doubt it is text: a heading is not cited, and a wrong one is searched with all that follows
    (recall at k=5 on chunking_evaluation fell from .86 to .80 where tables and chats had headings).
    """
    words = line.split()
    return (
        (line[0].isupper() or line[0].isdigit())
        and not any(mark in line for mark in "\n|?")
        and len(line) <= 100
        and len(words) <= 14
        and not line.rstrip(_CLOSING).endswith((".", "!", "…", ":", ";", ",", "—"))
        and sum(any(c.isdigit() for c in word) for word in words) <= len(words) / 3
    )
