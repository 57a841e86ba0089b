"""Lines in reading order -> paragraphs and headings, whole across columns, pages and broken words."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from index.article import BlockKind
from index.readers.lines import Line

NEW_PARAGRAPH = 1.3
"""Times the usual distance of lines; a superscript or a formula moves them by less."""
INDENT = 0.8
"""Of the font size. Printers indent by 1 or more; a line that is set by hand strays by .3."""
ASIDE = 0.93
"""Of the body's font size: notes, captions and tables are set smaller."""
LARGER = 1.08
"""Of the body's font size: headings."""
LONGEST_HEADING = 200
"""Characters."""

_TAIL = -80
"""Where the end of a text is looked for: a search through all of it takes the square of its length."""

_ENDED = re.compile(r"[.!?…:]['\"”’»)\]*†‡⁰¹²³⁴⁵⁶⁷⁸⁹]*$")
_CAPTION = re.compile(r"(?:figure|fig\.|table|abbildung|abb\.|tabelle)\s*\d", re.IGNORECASE)
_BULLET = re.compile(r"[•◦▪‣●○■□]\s*")
_ITEM = re.compile(r"(?:[•◦▪‣●○■□]|[–-]\s|\(?(?:\d{1,2}|[a-z])[.)]\s|\[\d+\]\s)")
_WORD = re.compile(r"[^\W\d_]+(?:[-‐][^\W\d_]+)*")
_BROKEN = re.compile(r"([^\W\d_]+(?:[-‐][^\W\d_]+)*)[-‐\u00ad]$")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A block of text. `pages` has the number of each page that it stands on, and where that begins."""

    kind: BlockKind
    text: str
    pages: tuple[tuple[int, int], ...]
    size: float


@dataclass(slots=True)
class _Draft:
    lines: list[Line]
    is_aside: bool
    is_heading: bool


class _Style:
    """What is usual in a document."""

    def __init__(self, lines: Sequence[Line]) -> None:
        sizes: Counter[float] = Counter()
        weights: Counter[bool] = Counter()
        for line in lines:
            sizes[round(line.size, 1)] += len(line.text)
            weights[line.bold] += len(line.text)
        self.size = max(sizes, key=lambda size: (sizes[size], size), default=1.0)
        self.is_bold = weights[True] > weights[False]
        gaps = Counter(
            round(2 * (a.y - b.y)) / 2
            for a, b in pairwise(lines)
            if a.column == b.column and a.y > b.y and _alike(a, b) and abs(a.size - self.size) < 0.1
        )
        self.leading = max(gaps, key=lambda gap: (gaps[gap], -gap), default=1.2 * self.size)
        self._lines = lines

    def is_apart(self, a: Line, b: Line) -> bool:
        """Whether more than the usual distance is between two lines of one column."""
        usual = max(self.leading * max(a.size, b.size) / self.size, max(a.size, b.size))
        return not -0.5 * usual < a.y - b.y <= NEW_PARAGRAPH * usual

    @cached_property
    def words(self) -> Counter[str]:
        """The words that no line end breaks, and those that they are made of."""
        found: Counter[str] = Counter()
        carried = False
        for line in self._lines:
            words = _WORD.findall(line.text)
            breaks = bool(_BROKEN.search(line.text[_TAIL:]))
            for word in words[carried : len(words) - breaks]:
                found[word.casefold()] += 1
                if len(parts := re.split("[-‐]", word.casefold())) > 1:
                    found.update(parts)
            carried = breaks
        return found


def paragraphs(lines: Sequence[Line]) -> list[Paragraph]:
    """Give the blocks of a document; notes and captions stand beside the paragraph they interrupt."""
    style = _Style(lines)
    drafts = _joined(list(_drafts(lines, style)), style)
    return [paragraph for draft in drafts if (paragraph := _written(draft, style)).text]


# Where a paragraph ends


def _drafts(lines: Sequence[Line], style: _Style) -> Iterator[_Draft]:
    current: list[Line] = []
    for n, line in enumerate(lines):
        following = lines[n + 1] if n + 1 < len(lines) else None
        if current and _begins(current, line, following, style):
            yield _draft(current, style)
            current = []
        current.append(line)
    if current:
        yield _draft(current, style)


def _draft(lines: list[Line], style: _Style) -> _Draft:
    text = " ".join(line.text for line in lines)
    is_heading = _is_heading(lines, text, style)
    small = lines[0].size < ASIDE * style.size
    return _Draft(lines, not is_heading and (small or bool(_CAPTION.match(text))), is_heading)


def _is_heading(lines: Sequence[Line], text: str, style: _Style) -> bool:
    """In doubt it is text: a heading is not cited."""
    if len(text) > LONGEST_HEADING or len(lines) > 4 or not any(c.isalpha() for c in text):
        return False
    if lines[0].size > LARGER * style.size:
        return len(text) <= 80 or not text.endswith(".")
    is_bold = all(line.bold for line in lines) and not style.is_bold
    full_size = lines[0].size >= ASIDE * style.size
    return is_bold and full_size and len(lines) <= 2 and not text.endswith((".", ",", ";", ":"))


def _begins(current: Sequence[Line], line: Line, following: Line | None, style: _Style) -> bool:
    """Whether a line begins a paragraph."""
    last = current[-1]
    if line.column != last.column or not _alike(last, line) or style.is_apart(last, line):
        return True
    if re.search(r"\w[-‐\u00ad]$", last.text[_TAIL:]):
        return False
    has_room = _has_room(last, line)
    if has_room and (line.bold != last.bold or _has_ended(last)):
        return True
    far = last.edge - last.right > 0.25 * (last.edge - last.left)
    if has_room and far and not line.text[0].islower() and not _are_centred(last, line):
        return True  # an item, a row of a table, a line of a poem
    if _ITEM.match(line.text) and (has_room or _has_ended(last)) and line.x <= last.x + line.size:
        return True
    if line.x > last.x + INDENT * line.size:
        hangs = len(current) == 1 and (_ITEM.match(last.text) or not _has_ended(last))
        is_last = following is None or following.column != line.column
        first = _is_indented(line, following, style) or (is_last and _has_ended(last))
        return first and (has_room or not hangs)
    if line.x < last.x - INDENT * line.size:
        hangs = len(current) > 1 and current[0].x < last.x - INDENT * line.size
        return hangs and not _are_centred(last, line)
    # A paragraph of one full line, before one that is indented like it.
    return len(current) == 1 and _is_indented(line, following, style) and _has_ended(last)


def _has_ended(line: Line) -> bool:
    return bool(_ENDED.search(line.text[_TAIL:]))


def _alike(a: Line, b: Line) -> bool:
    return abs(a.size - b.size) <= 0.06 * max(a.size, b.size)


def _are_centred(a: Line, b: Line) -> bool:
    return abs(a.x + a.right - b.x - b.right) < 0.5 * a.size and abs(a.x - b.x) > 0.3 * a.size


def _is_indented(line: Line, following: Line | None, style: _Style) -> bool:
    """Whether the next line of the same paragraph begins further left."""
    return (
        following is not None
        and following.column == line.column
        and not style.is_apart(line, following)
        and following.x < line.x - INDENT * line.size
        and not _are_centred(line, following)
    )


def _has_room(last: Line, line: Line) -> bool:
    """Whether the first word of a line would have fitted onto the last, had it been meant to go on."""
    first = len(line.text.split(" ", 1)[0]) / len(line.text) * (line.right - line.x)
    return last.edge - last.right > first + 0.3 * line.size


# What goes on in the next column


def _joined(drafts: list[_Draft], style: _Style) -> list[_Draft]:
    """Put paragraphs together that a column's end or a note parts.

    The note goes before a paragraph that begins on its page, since behind it, it would count as the
    next page's; behind one that began earlier.
    """
    indents = _uses_indents(drafts, style)
    joined: list[_Draft] = []
    last: int | None = None  # the place of the paragraph that may go on
    for n, draft in enumerate(drafts):
        following = drafts[n + 1].lines[0] if n + 1 < len(drafts) else None
        if draft.is_heading:
            last = None
            joined.append(draft)
        elif draft.is_aside:
            before = joined[-1] if joined and joined[-1].is_aside else None
            if (
                before
                and before.lines[-1].column != draft.lines[0].column
                and _goes_on(before, draft, following, False, style)
            ):
                before.lines.extend(draft.lines)
            else:
                joined.append(draft)
        elif last is not None and _goes_on(joined[last], draft, following, indents, style):
            whole = joined[last]
            asides = joined[last + 1 :]
            begun = whole.lines[0].page
            whole.lines.extend(draft.lines)
            before_it = [aside for aside in asides if aside.lines[0].page == begun]
            behind_it = [aside for aside in asides if aside.lines[0].page != begun]
            headed = last
            while headed and joined[headed - 1].is_heading and joined[headed - 1].lines[0].page == begun:
                headed -= 1  # a heading keeps the text that it heads
            joined[headed:] = [*before_it, *joined[headed:last], whole, *behind_it]
            last += len(before_it)
        else:
            last = len(joined)
            joined.append(draft)
    return joined


def _uses_indents(drafts: Iterable[_Draft], style: _Style) -> bool:
    bodies = [d.lines for d in drafts if not d.is_aside and not d.is_heading and len(d.lines) > 1]
    indented = sum(_is_indented(lines[0], lines[1], style) for lines in bodies)
    return 2 * indented > len(bodies)


def _goes_on(draft: _Draft, other: _Draft, following: Line | None, indents: bool, style: _Style) -> bool:
    last, first = draft.lines[-1], other.lines[0]
    second = other.lines[1] if len(other.lines) > 1 else following
    is_next = last.column != first.column or last.page != first.page
    if not is_next and abs(last.y - first.y) < NEW_PARAGRAPH * style.leading:
        return False
    if not _alike(last, first) or last.bold != first.bold or _ITEM.match(first.text):
        return False
    if first.text[0].islower() and not last.text.endswith(":"):
        return is_next or not _has_ended(last)
    if _is_indented(first, second, style) or _has_room(last, first) or not is_next:
        return False
    return indents or not _has_ended(last)


# Lines to text


def _written(draft: _Draft, style: _Style) -> Paragraph:
    text = ""
    pages: list[tuple[int, int]] = []
    for line in draft.lines:
        added = (
            line.text
            if text
            else _BULLET.sub("", line.text, count=1)
            if _BULLET.match(line.text)
            else line.text
        )
        if text and added:
            text = _before_next(text, added, style.words)
        if added and (not pages or pages[-1][0] != line.page):
            pages.append((line.page, len(text)))
        text += added
    text = text.replace("\u00ad", "")
    kind = BlockKind.HEADING if draft.is_heading else BlockKind.PARAGRAPH
    return Paragraph(kind, text, tuple(pages), draft.lines[0].size)


def _before_next(text: str, added: str, words: Counter[str]) -> str:
    """What stands before the next line's words: with a space, or without the hyphen of a broken word."""
    if text.endswith("\u00ad"):
        return text[:-1]
    broken, rest = _BROKEN.search(text[_TAIL:]), _WORD.match(added)
    if broken and rest:
        if rest[0] in ("and", "or", "und", "oder"):  # cis- and trans-acting
            return text + " "
        return text if _keeps_hyphen(broken[1], rest[0], words) else text[:-1]
    if re.search(r"[\w)][-‐–—/]$", text[_TAIL:]) and re.match(r"\w", added):  # 1990–1995, and/or, COVID-19
        return text
    return text + " "


def _keeps_hyphen(first: str, second: str, words: Counter[str]) -> bool:
    """Decide by what the document itself writes elsewhere, then by case, then by its words alone."""
    hyphenated, whole = f"{first}-{second}".casefold(), f"{first}{second}".casefold()
    if words[hyphenated] != words[whole]:
        return words[hyphenated] > words[whole]
    if second[0].isupper() and not (first.isupper() and len(first) > 1):
        return True
    last, following = re.split("[-‐]", first)[-1].casefold(), re.split("[-‐]", second)[0].casefold()
    if last != first.casefold():  # hard-to-find
        return last in words
    return min(len(last), len(following)) > 2 and words.keys() >= {last, following}  # not to-gether
