"""What do the articles say of a statement: support it, contradict it, or not mention it?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bot.answer import Verdict
from bot.check import FULL_SCORE, Criterion, Outcome, check, coverage
from bot.evidence import Evidence, Offered
from index.embeddings import MiniLM, as_vector
from index.words import content_stems

MOST_SENTENCES = 3
"""A statement of one sentence rests on three at the most."""
GAIN = 0.08
"""The share of the statement's words that a further sentence has to add to be cited beside."""
SAME_MATTER = 0.6
"""From this share of its words on, a sentence speaks of what the statement speaks of."""
UNPROVEN = 0.5
"""What each failed test leaves of the score."""


@dataclass(frozen=True, slots=True)
class Report:
    verdict: Verdict
    score: float
    """Rises with support, 0 to 1."""
    cited: tuple[Offered, ...]
    """The sentences that speak of it most, in reading order; none where it is not mentioned."""
    outcome: Outcome


def verify(statement: str, evidence: Evidence, encoder: MiniLM) -> Report:
    """Compare a statement with the sentences that retrieval found for it.

    Contradiction is claimed only where it can be shown: a sentence that speaks of the same matter
    has another number, date or name, or turns a negation round.
    """
    if not evidence.offered:
        return Report(Verdict.NOT_MENTIONED, 0.0, (), check(statement, (), 0.0))
    others = [offered.text for offered in evidence.offered]
    cited = tuple(evidence.offered[n] for n in nearest(statement, others, encoder))
    texts = [offered.text for offered in cited]
    vectors = encoder.embed_documents([statement, " ".join(texts)])
    first, second = map(as_vector, vectors)
    outcome = check(statement, texts, float(first @ second), others)
    if outcome.holds and outcome.score >= FULL_SCORE:
        return Report(Verdict.SUPPORTED, outcome.score, cited, outcome)
    score = outcome.score * UNPROVEN ** len(outcome.failures)
    shown = any(failure.criterion is not Criterion.MEANING for failure in outcome.failures)
    if shown and coverage(statement, " ".join(texts)) >= SAME_MATTER:
        return Report(Verdict.CONTRADICTED, score, cited, outcome)
    return Report(Verdict.NOT_MENTIONED, score, (), outcome)


def nearest(statement: str, texts: Sequence[str], encoder: MiniLM) -> list[int]:
    """Which sentence carries most of the statement, and which carry what it leaves out, in order."""
    vectors = np.array(encoder.embed_documents([statement, *texts]), np.float32)
    cosines = vectors[1:] @ vectors[0]
    wanted = set(content_stems(statement))
    held = [wanted & set(content_stems(text)) for text in texts]
    size = max(len(wanted), 1)
    best = max(range(len(texts)), key=lambda n: len(held[n]) / size + float(cosines[n]))
    chosen, covered = [best], set(held[best])
    while len(chosen) < MOST_SENTENCES:
        further = max(range(len(texts)), key=lambda n: (len(held[n] - covered), float(cosines[n])))
        if len(held[further] - covered) < GAIN * size:
            break
        chosen.append(further)
        covered |= held[further]
    return sorted(chosen)
