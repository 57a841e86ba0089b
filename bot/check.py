"""Does the cited text support the statement?

First what can be shown: numbers, dates, names and negation of the statement have to stand in the
cited sentences. Then meaning: the statement's words, and its embedding, against the same sentences.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot import facts
from index.words import STOP_WORDS, content_stems, stem


class Criterion(StrEnum):
    """What a statement is tested for, in this order."""

    CITATIONS = "citations"
    NUMBERS = "numbers"
    DATES = "dates"
    NAMES = "names"
    NEGATION = "negation"
    MEANING = "meaning"


@dataclass(frozen=True, slots=True)
class Failure:
    """A test that a statement did not pass, and what was wrong, for people to read."""

    criterion: Criterion
    detail: str

    def __str__(self) -> str:
        return f"{self.criterion}: {self.detail}"


@dataclass(frozen=True, slots=True)
class Outcome:
    score: float
    """How much of the statement the cited text carries, 0 to 1."""
    failures: tuple[Failure, ...]

    @property
    def holds(self) -> bool:
        return not self.failures


LEAST_SCORE = 0.45
"""Below this a statement says something else than what it cites and is withheld."""
FULL_SCORE = 0.65
"""From this on a statement is called supported, below it partial."""


def check(statement: str, cited: Sequence[str], cosine: float, elsewhere: Sequence[str] = ()) -> Outcome:
    """Check a statement against the sentences that it cites.

    `cosine` is that of the embeddings of the statement and of the cited sentences together.
    `elsewhere` are other sentences of the same articles: a word that is written small there is no
    name, even where it begins the statement.
    """
    if not cited:
        return Outcome(0.0, (Failure(Criterion.CITATIONS, "it cites no sentence that was offered"),))
    if " ".join(cited) == statement:
        return Outcome(1.0, ())
    text = " ".join(cited)
    failures = [
        Failure(criterion, ", ".join(missing))
        for criterion, missing in (
            (Criterion.NUMBERS, _missing_numbers(statement, text)),
            (Criterion.DATES, _missing_dates(statement, text)),
            (Criterion.NAMES, _missing_names(statement, text, elsewhere)),
            (Criterion.NEGATION, _turned(statement, text)),
        )
        if missing
    ]
    score = (coverage(statement, text) + max(cosine, 0.0)) / 2
    if score < LEAST_SCORE:
        failures.append(Failure(Criterion.MEANING, f"only {score:.0%} of it stands there"))
    return Outcome(score, tuple(failures))


def coverage(statement: str, text: str) -> float:
    """The share of the statement's content words whose stem stands in the text."""
    wanted = set(content_stems(statement))
    return len(wanted & set(content_stems(text))) / len(wanted) if wanted else 0.0


def _missing_numbers(statement: str, text: str) -> list[str]:
    present = facts.numbers(text)
    return [f"{number:,.15g}" for number in sorted(facts.numbers(statement) - present)]


def _missing_dates(statement: str, text: str) -> list[str]:
    present = facts.dates(text)
    return [
        str(date)
        for date in sorted(facts.dates(statement), key=str)
        if not any(date.agrees_with(other) for other in present)
    ]


def _missing_names(statement: str, text: str, elsewhere: Sequence[str]) -> list[str]:
    small = {word for sentence in (text, *elsewhere) for word in sentence.split() if word.islower()}
    return [name for name in facts.names(statement, small) if not facts.stands_in(name, text)]


def _turned(statement: str, text: str) -> list[str]:
    """Words that one side negates and the other does not."""
    said, unsaid = _by_polarity(statement)
    there, not_there = _by_polarity(text)
    turned = (unsaid & (there - not_there)) | (said & (not_there - there))
    if unsaid and not not_there:
        turned |= unsaid
    return sorted(turned)


def _by_polarity(text: str) -> tuple[set[str], set[str]]:
    """The stems of the content words of a text that are asserted, and those that are negated."""
    asserted: set[str] = set()
    denied: set[str] = set()
    for word, reached in facts.negated(text):
        if word not in STOP_WORDS:
            (denied if reached else asserted).add(stem(word))
    return asserted, denied
