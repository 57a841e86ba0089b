"""Words with their places on pages -> lines in the order in which a person reads them.

Columns are found by the white strip between them, as in the recursive cut of Nagy and Seth (1984),
but for bands of a page: what stands across a strip (a title, an abstract, a wide figure's caption)
parts what is above it from what is below. Heads, feet and page numbers that pages repeat are left out.
"""

import re
from bisect import bisect_left, bisect_right, insort
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median, median_low

from index.readers.fragments import WORD_GAP, Fragment

SAME_LINE = 0.3
"""Of the font size: how far apart baselines are that a reader takes for one."""
GUTTER = 0.7
"""Of the font size. LaTeX sets columns 1.0 apart; justified text seldom parts its words by more than .6."""
LEAST_FACING = 3
"""Lines that must stand on either side of a strip before it parts columns."""
LEAST_PROSE = 15
"""Characters a line on average, below which what stands in columns is a table."""
MOST_PARTS = 2_000
"""On a page in columns; a broadsheet has 1,000. Finding strips takes the square of it, 1 s here."""
DEEPEST_RUNNING = 3
"""Rows of a running head or foot."""

_SUPERSCRIPTS = str.maketrans("0123456789+-−()n", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁽⁾ⁿ")
_MARKS = re.compile(r"[\d,*†‡§¶∗–-]+|\[\d+\]")
_MARKED = re.compile(r"[^\W\d_]{4}$|[.,;:!?)\]”’\"'»]$")  # units and symbols (km², x²) are shorter
_PAGE_NUMBER = re.compile(
    r"[\W_]*(?:(?:page|p\.?|seite|s\.)\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|of|von|\|)\s*\d{1,4})?[\W_]*",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Line:
    """Points; `y` is the baseline's. Of a part of a line too, before parts become lines."""

    text: str
    x: float
    right: float
    y: float
    size: float
    bold: bool = False
    page: int = 0
    column: int = 0
    """Counts through the document."""
    left: float = 0.0
    edge: float = 0.0
    """Between these, the column's lines stand."""


def lines(pages: Sequence[Sequence[Fragment]]) -> list[Line]:
    """Give the lines of all pages in reading order, without what pages repeat."""
    parts = _without_running([_parts(fragments, n) for n, fragments in enumerate(pages)])
    gutters: list[float] = []
    for on_page in parts:
        _columns(on_page, (), gutters)
    columns = [column for on_page in parts for column in _columns(on_page, tuple(gutters), [])]
    return [line for n, column in enumerate(columns) for line in _stacked(column, n)]


# Words to parts of lines


def _parts(fragments: Sequence[Fragment], page: int) -> list[Line]:
    """The runs of words of a page that no wide gap parts, from top to bottom."""
    parts = [part for row in _rows(_with_initials(fragments)) for part in _runs(row, page)]
    return sorted(parts, key=lambda part: (-part.y, part.x))


def _with_initials(fragments: Sequence[Fragment]) -> list[Fragment]:
    """Set the large letter that begins a chapter onto the first of the lines beside it."""
    usual = _usual_size(fragments)
    given = list(fragments)
    for n, initial in enumerate(given):
        if len(initial.text) > 1 or not initial.text.isalpha() or initial.size < 1.8 * usual:
            continue
        beside = [
            f
            for f in fragments
            if f.size < 0.6 * initial.size
            and -0.1 * initial.size < f.y - initial.y < 0.8 * initial.size
            and abs(f.x - initial.right) < 1.2 * f.size
        ]
        if len({round(f.y) for f in beside}) > 1:
            first = max(beside, key=lambda f: f.y)
            given[n] = replace(initial, y=first.y, size=first.size, right=max(initial.x, first.x - 0.01))
    return given


def _usual_size(fragments: Iterable[Fragment | Line]) -> float:
    sizes: Counter[float] = Counter()
    for fragment in fragments:
        sizes[round(fragment.size, 1)] += len(fragment.text)
    return max(sizes, key=lambda size: (sizes[size], size), default=1.0)


def _rows(fragments: Iterable[Fragment]) -> list[list[Fragment]]:
    """What stands on one baseline, with the raised and lowered marks that touch it."""
    largest = max((f.size for f in fragments), default=0.0)
    baselines: list[tuple[float, int]] = []
    rows: list[list[Fragment]] = []
    for f in sorted(fragments, key=lambda f: (-round(f.size, 1), -f.y, f.x)):
        low = bisect_left(baselines, (f.y - 0.6 * largest, 0))
        high = bisect_right(baselines, (f.y + 0.6 * largest, len(rows)))
        near = sorted(baselines[low:high], key=lambda entry: abs(entry[0] - f.y))
        home = next((n for y, n in near if _belongs(f, y, rows[n])), None)
        if home is None:
            insort(baselines, (f.y, len(rows)))
            rows.append([f])
        else:
            rows[home].append(f)
    return [sorted(row, key=lambda f: (f.x, f.right)) for row in rows]


def _belongs(f: Fragment, y: float, row: Sequence[Fragment]) -> bool:
    size = row[0].size
    if abs(f.y - y) <= SAME_LINE * min(f.size, size):
        return True
    if not (0.4 * size <= f.size <= 0.85 * size and -0.3 * size <= f.y - y <= 0.6 * size):
        return False
    return any(abs(f.x - m.right) < 0.4 * size or abs(m.x - f.right) < 0.4 * size for m in row)


def _runs(row: Sequence[Fragment], page: int) -> list[Line]:
    """Part a row at its wide gaps, and spell each part."""
    drawn: list[Fragment] = []
    for f in row:  # bold is feigned by drawing a word twice
        twice = next((d for d in drawn[-3:] if d.text == f.text and abs(d.x - f.x) < 0.1 * f.size), None)
        if twice is None:
            drawn.append(f)
    tracking = _tracking(drawn)
    runs = [[drawn[0]]]
    for before, f in pairwise(drawn):
        if f.x - before.right > GUTTER * max(f.size, before.size) + tracking:
            runs.append([])
        runs[-1].append(f)
    return [_spelled(run, tracking, page) for run in runs]


def _tracking(row: Sequence[Fragment]) -> float:
    """The space between the letters of a line whose letters are set one by one and apart."""
    gaps = [b.x - a.right for a, b in pairwise(row) if len(a.text) == len(b.text) == 1 and not b.spaced]
    return max(0.0, median_low(gaps)) if len(gaps) > 5 else 0.0


def _spelled(run: Sequence[Fragment], tracking: float, page: int) -> Line:
    size = _usual_size(run)
    baseline = median_low([f.y for f in run if round(f.size, 1) == size])
    text, right = "", run[0].x
    for f in run:
        apart = bool(text) and (f.spaced or f.x - right > WORD_GAP * size + tracking)
        right = f.right
        if text and f.size < 0.85 * size and f.y - baseline > 0.15 * size and _MARKS.fullmatch(f.text):
            # The mark of a footnote would become a part of its word; an exponent is one.
            if _MARKED.search(text[-4:]):
                continue
            text += f.text.translate(_SUPERSCRIPTS)
        else:
            text += " " + f.text if apart else f.text
    letters = sum(len(f.text) for f in run)
    bold = sum(len(f.text) for f in run if f.bold) > 0.8 * letters
    return Line(" ".join(text.split()), run[0].x, max(f.right for f in run), baseline, size, bold, page)


# What pages repeat


def _without_running(pages: Sequence[list[Line]]) -> list[list[Line]]:
    usual = _usual_size(part for page in pages for part in page)
    rows = [_by_baseline(page) for page in pages]
    seen = Counter(
        key for page in rows for is_foot in (False, True) for key in {*_keys(page, is_foot).values()}
    )
    places = {
        (*key[:2], y)
        for page in rows
        for is_foot in (False, True)
        for key in _keys(page, is_foot).values()
        for y in range(key[2] - 1, key[2] + 2)
        if seen[key] > 1
    }
    kept = []
    for page in rows:
        top = _running(page, _keys(page, False), usual, places)
        bottom = _running(page[::-1], _keys(page, True), usual, places)
        kept.append([part for row in page[top : len(page) - bottom] for part in row])
    return kept


_Key = tuple[bool, float, int, str]


def _keys(page: Sequence[list[Line]], is_foot: bool) -> dict[int, _Key]:
    """Where the outer rows stand, how large they are, and what they say but for numbers."""
    outer = (page[::-1] if is_foot else page)[:DEEPEST_RUNNING]
    texts = [re.sub(r"\d+", "#", " ".join(part.text for part in row)).casefold() for row in outer]
    return {
        n: (is_foot, round(row[0].size), round(row[0].y / 2), text)
        for n, (row, text) in enumerate(zip(outer, texts, strict=True))
    }


def _running(
    rows: Sequence[list[Line]], keys: dict[int, _Key], usual: float, places: set[tuple[bool, float, int]]
) -> int:
    """How many rows at the edge of a page are its number, or stand where pages repeat what they say."""
    leading = abs(median([a[0].y - b[0].y for a, b in pairwise(rows)])) if len(rows) > 1 else 0.0
    running = 0
    for n, key in keys.items():
        text = " ".join(part.text for part in rows[n])
        if key[:3] not in places and not _PAGE_NUMBER.fullmatch(text):
            break
        # Body text that is the same on two pages is still text: a head stands apart from it.
        is_apart = n + 1 == len(rows) or abs(rows[n][0].y - rows[n + 1][0].y) > 1.25 * leading
        if is_apart or abs(rows[n][0].size - usual) > 0.05 * usual:
            running = n + 1
    return running


def _by_baseline(parts: Iterable[Line]) -> list[list[Line]]:
    rows: list[list[Line]] = []
    for part in sorted(parts, key=lambda part: (-part.y, part.x)):
        if rows and rows[-1][0].y - part.y <= SAME_LINE * min(part.size, rows[-1][0].size):
            rows[-1].append(part)
        else:
            rows.append([part])
    return [sorted(row, key=lambda part: part.x) for row in rows]


# Columns


def _columns(parts: list[Line], known: Sequence[float], found: list[float]) -> list[list[Line]]:
    """Part a page, or a part of one, into columns in reading order; add the strips used to `found`."""
    gutter = _gutter(parts, known)
    if gutter is None:
        return [parts] if parts else []
    found.append(gutter)
    rows = _by_baseline(parts)
    columns: list[list[Line]] = []
    across: list[Line] = []
    sides: tuple[list[Line], list[Line]] = ([], [])

    def close() -> None:
        for band in (across, *sides):
            smaller = len(band) < len(parts)
            columns.extend(_columns(list(band), known, found) if smaller else [list(band)])
            band.clear()

    for row in rows:
        if any(part.x < gutter < part.right for part in row):
            if any(sides):
                close()
            across.extend(row)
        else:
            if across:
                close()
            for part in row:
                sides[part.x > gutter].append(part)
    close()
    return columns


def _gutter(parts: Sequence[Line], known: Sequence[float]) -> float | None:
    """The middle of the strip that parts most lines into columns.

    One that parts columns on another page does so here too, where only a line or two stand beside it.
    """
    if not 2 <= len(parts) <= MOST_PARTS:
        return None
    size = _usual_size(parts)
    ordered = sorted(parts, key=lambda part: -part.y)
    best: tuple[int, float] | None = None
    for left in sorted({round(part.right) + 0.5 for part in parts}):
        middle = left + GUTTER / 2 * size
        least = 1 if any(abs(middle - other) < size for other in known) else LEAST_FACING
        score = _facing(ordered, left, left + GUTTER * size, least)
        if score and (best is None or score >= best[0]):
            best = score, middle
    return best[1] if best else None


def _facing(ordered: Sequence[Line], left: float, right: float, least: int) -> int:
    """How many lines face each other over a strip, within the bands that nothing crosses."""
    score = 0
    sides: tuple[list[Line], list[Line]] = ([], [])
    for part in (*ordered, None):
        if part is not None and part.right <= left:
            sides[0].append(part)
        elif part is not None and part.x >= right:
            sides[1].append(part)
        else:
            if all(sides):
                score += _prose_facing(*sides, least)
            sides = ([], [])
    return score


def _prose_facing(left: Sequence[Line], right: Sequence[Line], least: int) -> int:
    counts = []
    for one, other in ((left, right), (right, left)):
        top, bottom = other[0].y + other[0].size, other[-1].y - other[-1].size
        facing = [part for part in one if bottom <= part.y <= top]
        baselines = len({round(part.y) for part in facing})
        if baselines < least or sum(len(part.text) for part in facing) < LEAST_PROSE * baselines:
            return 0
        counts.append(baselines)
    return min(counts)


def _stacked(column: Sequence[Line], number: int) -> list[Line]:
    """The parts of a column as whole lines, from top to bottom."""
    left, edge = min(part.x for part in column), max(part.right for part in column)
    stacked = []
    for row in _by_baseline(column):
        size = _usual_size(row)
        letters = sum(len(part.text) for part in row)
        bold = sum(len(part.text) for part in row if part.bold) > 0.8 * letters
        text, right = " ".join(part.text for part in row), max(part.right for part in row)
        stacked.append(Line(text, row[0].x, right, row[0].y, size, bold, row[0].page, number, left, edge))
    return stacked
