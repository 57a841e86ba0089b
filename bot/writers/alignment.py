"""What speaks for a sentence answering a question: features for the extractive writer's two models.

Two kinds of evidence. How well each word of the question is met by the words of the sentence, as the
encoder reads them inside their passage (late interaction over token vectors, as in ColBERT, Khattab
and Zaharia 2020). And plain counts: names that are missing, and the kind of thing that is asked for.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from index.embeddings import Tokens
from index.words import WORD, stem

_STOP_WORDS = frozenset(
    (
        "a an the of in on at to for from by with about into over after before between during as and or "
        "but if than then is are was were be been being am do does did done has have had having can could "
        "will would shall should may might must it its this that these those there their they them he she "
        "his her him i you we my our your us me not no what which who whom whose when where why how also "
        "so such some any all each other more most much many long name called"
    ).split()
)
"""More than the search leaves out: these words say how a question asks, not what it asks about."""
_NUMBER_WORDS = frozenset(
    (
        "one two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty "
        "sixty seventy eighty ninety hundred hundreds thousand thousands million billion trillion dozen "
        "dozens half third quarter single once twice"
    ).split()
)
_DATE_WORDS = frozenset(
    (
        "january february march april june july august september october november december monday tuesday "
        "wednesday thursday friday saturday sunday yesterday today tomorrow century centuries decade "
        "decades spring summer autumn winter week weeks month months year years day days hours night "
        "morning"
    ).split()
)
_AMOUNTS = frozenset(
    (
        "many much long old far often large big tall high percent percentage number population amount "
        "cost price"
    ).split()
)
_TIMES = frozenset(["year", "date", "day", "month", "decade", "century", "time"])
_PLACES = frozenset(["country", "city", "town", "state", "province", "continent"])
_QUESTION_WORDS = frozenset(["what", "which", "how", "why", "when"])

REACH = 5
"""Words between "how many THINGS" and the number that counts them."""


class Kind(StrEnum):
    """The kind of thing that a question asks for, as far as a sentence can be tested for it."""

    NAME = "name"
    WHEN = "when"
    NUMBER = "number"
    OTHER = "other"


@dataclass(frozen=True)
class Words:
    """A text's words as written and their stems."""

    text: str

    @cached_property
    def words(self) -> tuple[str, ...]:
        return tuple(WORD.findall(self.text))

    @cached_property
    def stems(self) -> tuple[str, ...]:
        return tuple(stem(word.lower()) for word in self.words)

    @cached_property
    def content(self) -> frozenset[str]:
        """The stems of the words that say what the text is about."""
        pairs = zip(self.words, self.stems, strict=True)
        return frozenset(s for word, s in pairs if word.lower() not in _STOP_WORDS)


@dataclass(frozen=True)
class Asked:
    """A question with its token vectors, and how rare each of its words is, 0.1 to 1, by stem."""

    words: Words
    tokens: Tokens
    rarity: dict[str, float]

    @cached_property
    def kind(self) -> Kind:
        low = [word.lower() for word in self.words.words]
        for word, after in zip(low, [*low[1:], ""], strict=True):
            if word in ("who", "whom", "whose", "where") or (word in ("what", "which") and after in _PLACES):
                return Kind.NAME
            if (word in ("what", "which") and after in _TIMES) or (word == "when" and low.index(word) < 3):
                return Kind.WHEN
            if (word == "how" and after in _AMOUNTS) or (
                word == "what" and after in ("percent", "percentage", "number")
            ):
                return Kind.NUMBER
            if word in _QUESTION_WORDS:
                return Kind.OTHER
        return Kind.OTHER

    @cached_property
    def names(self) -> dict[str, float]:
        """The names and numbers that the question holds, with their rarity."""
        pairs = zip(self.words.words, self.words.stems, strict=True)
        return {
            s: self.rarity[s]
            for n, (word, s) in enumerate(pairs)
            if s in self.words.content and (word[0].isdigit() or (n > 0 and word[0].isupper()))
        }

    @cached_property
    def plain(self) -> dict[str, float]:
        """The other words that say what it is about, with their rarity."""
        return {s: self.rarity[s] for s in self.words.content if s not in self.names}

    @cached_property
    def token_weights(self) -> NDArray[np.float32]:
        """A weight for each token: its word's rarity, shared among the word's tokens. (tokens,)"""
        weights = np.zeros(len(self.tokens.spans), np.float32)
        for match in WORD.finditer(self.words.text):
            if match.group().lower() not in _STOP_WORDS:
                rows = self.tokens.within(*match.span())
                weights[rows] = self.rarity[stem(match.group().lower())] / max(1, len(rows))
        return weights


@dataclass(frozen=True)
class Reading:
    """A passage as the encoder reads it, its sentences, and the words of its title and heading."""

    title: Words
    sentences: tuple[Words, ...]
    rows: tuple[Sequence[int], ...]
    """For each sentence, its tokens' rows in `tokens`; none where the encoder cut it off."""
    tokens: Tokens


def rarities(words: Words, frequency: Callable[[str], int], passages: int) -> dict[str, float]:
    """How rare each word of a question is, by stem: 0.1 where every passage holds it, 1 where none
    does (inverse document frequency, scaled). `frequency` counts the passages that hold a word.
    """
    size = passages + 1
    rarity = {}
    for word, its_stem in zip(words.words, words.stems, strict=True):
        count = frequency(word)
        known = math.log(size / (count + 1)) / math.log(size) if count and size > 1 else 1.0
        rarity[its_stem] = max(0.1, known)
    return rarity


SENTENCE_FEATURES = (
    "met",  # the question's words, by rarity, each as its nearest token of the sentence meets it
    "met_all",  # the same over every token of the question, stop words too
    "spread",  # its plain words in the sentence, or at a discount near it or elsewhere in the passage
    "new",  # what the sentence says beyond the question
    "fits_name",
    "fits_when",
    "fits_number",
    "names_absent",  # the question's names that neither the passage nor its title holds
)


def sentence_features(asked: Asked, reading: Reading) -> NDArray[np.float32]:
    """One row of `SENTENCE_FEATURES` for each sentence of a passage. (sentences, features)"""
    similar = asked.tokens.vectors @ reading.tokens.vectors.T
    total = float(asked.token_weights.sum()) or 1.0
    plain_total = sum(asked.plain.values()) or 1.0
    title = reading.title.content
    around = title.union(*(sentence.content for sentence in reading.sentences))
    absent = missing(asked.names, around)
    table = []
    for n, (sentence, rows) in enumerate(zip(reading.sentences, reading.rows, strict=True)):
        best = similar[:, rows].max(axis=1) if len(rows) else np.zeros(len(similar), np.float32)
        neighbours = reading.sentences[max(0, n - 1) : n + 2]
        near = title.union(*(other.content for other in neighbours))
        spread = sum(
            weight * (1.0 if s in sentence.content else 0.7 if s in near else 0.4 * (s in around))
            for s, weight in asked.plain.items()
        )
        fits = 0.0 if asked.kind is Kind.OTHER else 1.0 if brings(asked, sentence) else -1.0
        table.append(
            (
                float(asked.token_weights @ best) / total,
                float(best.mean()),
                spread / plain_total,
                math.log1p(len(sentence.content - asked.words.content)),
                fits * (asked.kind is Kind.NAME),
                fits * (asked.kind is Kind.WHEN),
                fits * (asked.kind is Kind.NUMBER),
                absent,
            )
        )
    return np.array(table, np.float32)


def sentence_cosine(asked: Asked, reading: Reading, n: int) -> float:
    """The cosine of the mean token vectors of the question and of one sentence in its passage."""
    rows = reading.rows[n]
    if not len(rows):
        return 0.0
    question, sentence = asked.tokens.vectors.mean(axis=0), reading.tokens.vectors[rows].mean(axis=0)
    return float(question @ sentence / (np.linalg.norm(question) * np.linalg.norm(sentence)))


def brings(asked: Asked, sentence: Words) -> bool:
    """Whether a sentence holds something of the asked kind that the question does not."""
    known = asked.words.content
    new = [
        (n, word)
        for n, (word, s) in enumerate(zip(sentence.words, sentence.stems, strict=True))
        if s not in known
    ]
    match asked.kind:
        case Kind.NUMBER:
            return any(_is_number(word) for _, word in new)
        case Kind.WHEN:
            return any(
                word.lower() in _DATE_WORDS or (word[:4].isdigit() and len(word) in (4, 5)) for _, word in new
            )
        case _:
            return any(n and w[0].isupper() and w.lower() not in _STOP_WORDS for n, w in new)


def counts(asked: Asked, sentence: Words) -> bool:
    """For "how many THINGS": whether a new number stands near the things. True for other questions."""
    low = [word.lower() for word in asked.words.words]
    if asked.kind is not Kind.NUMBER or "many" not in low[:-1]:
        return True
    thing = asked.words.stems[low.index("many") + 1]
    things = [n for n, s in enumerate(sentence.stems) if s == thing]
    numbers = [
        n
        for n, (word, s) in enumerate(zip(sentence.words, sentence.stems, strict=True))
        if s not in asked.words.content and _is_number(word)
    ]
    return any(abs(a - b) <= REACH for a in things for b in numbers)


def _is_number(word: str) -> bool:
    return word[0].isdigit() or word.lower() in _NUMBER_WORDS


def missing(weights: dict[str, float], present: frozenset[str]) -> float:
    """The weighted share of the names that are not present; 0 where there are none."""
    total = sum(weights.values())
    absent = sum(weight for name, weight in weights.items() if not _akin(name, present))
    return absent / total if total else 0.0


def _akin(name: str, present: frozenset[str]) -> bool:
    """Whether a name is present, or one that differs at its end only: "Iran", "Iranian"."""
    if name in present or len(name) <= 3 or name[0].isdigit():
        return name in present
    root = name[: max(4, len(name) - 3)]
    return any(other.startswith(root) for other in present)
