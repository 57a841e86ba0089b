"""Article -> sentences, with exact offsets."""

import re
from collections.abc import Iterator

import sentencex

from index.article import Article, BlockKind, Sentence

LONGEST = 800
"""Characters. A longer run without a full stop (tables, logs) is cut at white space, because a
citation has to fit on a screen, and a passage, which holds whole sentences, in 800 characters."""


AT_ONCE = 10_000
"""Characters. In what stands between quotes sentencex takes the square of the length: 160,000 backticks in a
paragraph took 7 s. Of a longer one, the last sentence found is begun anew with what follows."""

_SPACE = re.compile(r"[^\S\n]")


def split(article: Article) -> list[Sentence]:
    """Split the paragraphs and notes of an article into sentences, in reading order.

    The splitter is Wikimedia's sentencex; its offsets count code points, as ours do.
    """
    found: list[Sentence] = []
    heading: str | None = None
    for number, block in enumerate(article.blocks):
        if block.kind is BlockKind.HEADING:
            heading = article.text[block.start : block.end]
        elif block.kind is BlockKind.NOTE:
            heading = None  # a note about the author belongs to no section
        if block.kind not in (BlockKind.PARAGRAPH, BlockKind.NOTE):
            continue
        for start, end in spans(article.text[block.start : block.end]):
            found.append(
                Sentence(
                    article=article.id,
                    n=len(found),
                    start=block.start + start,
                    end=block.start + end,
                    block=number,
                    heading=heading,
                )
            )
    return found


def spans(text: str) -> Iterator[tuple[int, int]]:
    for start, end in _boundaries(text):
        while end - start > LONGEST:
            cut = text.rfind(" ", start + 1, start + LONGEST)
            cut = cut if cut > start else start + LONGEST
            yield from _trimmed(text, start, cut)
            start = cut
        yield from _trimmed(text, start, end)


def _boundaries(text: str) -> Iterator[tuple[int, int]]:
    # sentencex panics at a full stop before a space of several bytes, such as U+3000 or U+2028.
    text = _SPACE.sub(" ", text)
    start = 0
    while start < len(text):
        found = sentencex.get_sentence_boundaries("en", text[start : start + AT_ONCE])
        if start + AT_ONCE < len(text) and len(found) > 1:
            found.pop()
        for boundary in found:
            yield start + boundary["start_index"], start + boundary["end_index"]
        start += found[-1]["end_index"] if found else AT_ONCE


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The span without its outer white space; nothing where only white space is left."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end -= len(piece) - len(piece.rstrip())
    if start < end:
        yield start, end
