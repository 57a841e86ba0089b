"""Does the cited text support the statement?

First what can be shown: numbers, dates, names and negation of the statement have to stand in the
cited sentences. Then meaning: the statement's words, and its embedding, against the same sentences.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from bot import facts
from index.words import content_stems


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


MOST_CITED = 6
"""A statement that points at everything points at nothing; the prompt asks for three at the most."""


def check(statement: str, cited: Sequence[str], cosine: float, elsewhere: Sequence[str] = ()) -> Outcome:
    """Check a statement against the sentences that it cites.

    `cosine` is that of the embeddings of the statement and of the cited sentences together.
    `elsewhere` are other sentences of the same articles: a word that is written small there is no
    name, even where it begins the statement.
    """
    if not cited:
        return Outcome(0.0, (Failure(Criterion.CITATIONS, "it cites no sentence that was offered"),))
    if len(cited) > MOST_CITED:
        return Outcome(0.0, (Failure(Criterion.CITATIONS, f"it cites {len(cited)} sentences at once"),))
    if " ".join(cited) == statement:
        return Outcome(1.0, ())
    text = " ".join(cited)
    failures = [
        Failure(criterion, ", ".join(missing))
        for criterion, missing in (
            (Criterion.NUMBERS, _wrong_numbers(statement, text)),
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


def _wrong_numbers(statement: str, text: str) -> list[str]:
    stated, present = facts.numbers(statement), facts.numbers(text)
    missing = stated - present - facts.implied_numbers(text)
    if not missing and len(stated) == 1 and len(present) > 1:
        missing = {number for number in stated if _belongs_elsewhere(number, statement, text)}
    return [f"{number:,.15g}" for number in sorted(missing)]


def _belongs_elsewhere(number: float, statement: str, text: str) -> bool:
    """Whether the text says the same with another number, and this number of something else.

    Clause by clause: the one with the other number holds more of the statement's words.
    """
    wanted = {word for word in content_stems(statement) if not facts.numbers(word)}
    own = others = 0
    for clause in _CLAUSE_ENDS.split(text):
        present, shared = facts.numbers(clause), len(wanted & set(content_stems(clause)))
        if number in present:
            own = max(own, shared)
        elif present:
            others = max(others, shared)
    return others >= own + MISPLACED


_CLAUSE_ENDS = re.compile(r"[,;:—](?!\d)|\b(?:while|whereas|but)\b")
MISPLACED = 2
"""Words that the other clause has to hold more: one may be chance."""


def _missing_dates(statement: str, text: str) -> list[str]:
    present = facts.dates(text)
    return [
        str(date)
        for date in sorted(facts.dates(statement), key=str)
        if not any(date.agrees_with(other) for other in present)
    ]


def _missing_names(statement: str, text: str, elsewhere: Sequence[str]) -> list[str]:
    small = {word for sentence in (text, *elsewhere) for word in sentence.split() if word.islower()}
    names = [name for name in facts.names(statement, small) if not facts.stands_in(name, text)]
    return names + [link for link in _LINK.findall(statement) if link not in text]


_LINK = re.compile(r"(?:\w+://|www\.)[^\s)\]>]+")


def _turned(statement: str, text: str) -> list[str]:
    """Words that one side negates and the other does not."""
    said, unsaid = facts.negated(statement)
    there, not_there = facts.negated(text)
    denied_here = set().union(*unsaid)
    denied_there = set().union(*not_there)
    turned: set[str] = set()
    for reached in unsaid:
        if not reached & denied_there and (not denied_there or _half(reached, there)):
            turned |= reached
    for reached in not_there:
        if not reached & denied_here and _half(reached, said):
            turned |= reached & said
    return sorted(turned)


def _half(reached: set[str], words: set[str]) -> bool:
    return 2 * len(reached & words) >= len(reached)
