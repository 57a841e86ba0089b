"""What changed between two revisions of an article, sentence by sentence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from index import sentences
from index.article import Article, BlockKind

SAME_SENTENCE = 0.5
"""Share of words in common from which a sentence is the edited form of another one."""
NEAR = 20
"""Sentences among which the edited form is looked for: all with all would take minutes."""


class Kind(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class Edit:
    kind: Kind
    before: str
    """Empty where a sentence was added."""
    after: str
    """Empty where a sentence was removed."""


def changes(before: Article, after: Article) -> tuple[Edit, ...]:
    """The sentences and headings that differ, in reading order."""
    old, new = _sentences(before), _sentences(after)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    found: list[Edit] = []
    for what, i, j, m, n in matcher.get_opcodes():
        if what != "equal":
            found.extend(_edits(old[i:j], new[m:n]))
    return tuple(found)


def _sentences(article: Article) -> list[str]:
    """Its sentences, and the headings between them."""
    headings = [(b.start, b.end) for b in article.blocks if b.kind is BlockKind.HEADING]
    spans = sorted([*headings, *((s.start, s.end) for s in sentences.split(article))])
    return [" ".join(article.text[start:end].split()) for start, end in spans]


def _edits(old: Sequence[str], new: Sequence[str]) -> Iterator[Edit]:
    """Each old sentence with the next new one that is its edited form."""
    begin = 0
    for sentence in old:
        match = next((n for n in range(begin, len(new))[:NEAR] if _alike(sentence, new[n])), None)
        if match is None:
            yield Edit(Kind.REMOVED, sentence, "")
            continue
        yield from (Edit(Kind.ADDED, "", other) for other in new[begin:match])
        yield Edit(Kind.CHANGED, sentence, new[match])
        begin = match + 1
    yield from (Edit(Kind.ADDED, "", other) for other in new[begin:])


def _alike(one: str, other: str) -> bool:
    words, others = set(one.casefold().split()), set(other.casefold().split())
    return len(words & others) >= SAME_SENTENCE * len(words | others)
