"""Who writes the statements. A writer is given evidence and says first whether it answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from bot.answer import Writer as Signature
from bot.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether the evidence answers the question."""

    answers: bool
    why: str
    """In words, for `ibid why`."""
    confidence: float | None = None
    """The estimated probability that the evidence answers; None where the writer cannot say."""
    scores: dict[int, float] | None = None
    """By sentence number: the estimated probability that this sentence answers."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A statement that nobody has checked yet, with the numbers of the sentences it cites."""

    text: str
    numbers: tuple[int, ...]


class Writer(Protocol):
    @property
    def signature(self) -> Signature:
        """How an answer names its writer."""
        ...

    def write(self, evidence: Evidence) -> Iterator[Decision | Draft]:
        """Yield one decision, then the drafts. Raises ModelUnavailable."""
        ...
