"""Answers in the articles' own words: chooses the sentences that answer, as few as do.

Two logistic regressions over a dozen features, fitted on SQuAD 2 and ClapNQ by
`tests/evals/fit_extractive.py`: how likely a sentence holds the answer, and how likely the best ones
answer at all.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

from bot.answer import Writer as Signature
from bot.evidence import Evidence
from bot.writers import Decision, Draft
from bot.writers.alignment import (
    Asked,
    Reading,
    Words,
    counts,
    missing,
    rarities,
    sentence_cosine,
    sentence_features,
)
from index import chunking
from index.article import Article
from index.embeddings import MiniLM, Tokens
from index.retriever import Hit

READINGS_KEPT = 128
"""Passages whose token vectors stay in memory: about 35 MB."""


class Regression(BaseModel):
    means: list[float]
    scales: list[float]
    weights: list[float]
    intercept: float

    def logits(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """(rows, features) -> (rows,)"""
        scaled = (rows - np.array(self.means, np.float32)) / np.array(self.scales, np.float32)
        return np.asarray(scaled @ np.array(self.weights, np.float32) + self.intercept, np.float32)


class Weights(BaseModel):
    sentence: Regression
    answer: Regression
    threshold: float
    """The least probability at which to answer."""
    gaps: tuple[float, float]
    """How many logits behind the best a second and a third sentence may be."""


@cache
def load_weights() -> Weights:
    return Weights.model_validate_json(Path(__file__).with_name("weights.json").read_bytes())


@dataclass(frozen=True, slots=True)
class Choice:
    """Sentence numbers, best first, and how likely they answer."""

    numbers: tuple[int, ...]
    confidence: float
    scores: dict[int, float]


class ExtractiveWriter:
    signature = Signature(name="extractive")

    def __init__(self, encoder: MiniLM, weights: Weights | None = None, kept: int = READINGS_KEPT) -> None:
        self._encoder = encoder
        self._weights = weights or load_weights()
        self._most_kept = kept
        self._kept: dict[str, Tokens] = {}

    def write(self, evidence: Evidence) -> Iterator[Decision | Draft]:
        choice = self.choose(evidence)
        answers = choice.confidence >= self._weights.threshold
        verb = "probably answer" if answers else "probably do not answer"
        why = (
            f"the best sentences {verb}: {choice.confidence:.0%}, "
            f"and {self._weights.threshold:.0%} is the least to answer at"
        )
        yield Decision(answers, why, choice.confidence, choice.scores)
        if answers:
            for offered in evidence.resolve(choice.numbers):
                yield Draft(offered.text, (offered.number,))

    def choose(self, evidence: Evidence) -> Choice:
        """The one to three sentences that most likely answer, whether or not they do."""
        asked, readings = self.read(evidence)
        features = np.concatenate([sentence_features(asked, reading) for reading in readings])
        logits = self._weights.sentence.logits(features)
        keys = [offered.number for hit in evidence.hits for offered in evidence.within(hit.passage)]
        order = np.argsort(-logits, kind="stable")
        best = order[0]
        chosen = [best]
        for row, gap in zip(order[1:], self._weights.gaps, strict=False):
            if logits[best] - logits[row] >= gap:
                break
            chosen.append(row)
        whole = answer_features(asked, readings, logits)
        confidence = _probability(float(self._weights.answer.logits(whole)[0]))
        scores = {n: round(_probability(float(x)), 3) for n, x in zip(keys, logits, strict=True)}
        return Choice(tuple(keys[row] for row in chosen), confidence, scores)

    def read(self, evidence: Evidence) -> tuple[Asked, list[Reading]]:
        """The question and the passages as the encoder reads them."""
        words = Words(evidence.standalone)
        (tokens,) = self._encoder.embed_tokens([evidence.standalone])
        catalog = evidence.generation.catalog
        asked = Asked(words, tokens, rarities(words, catalog.frequency, catalog.count("passage")))
        texts = [
            chunking.indexed_text(evidence.articles[hit.passage.article], hit.passage)
            for hit in evidence.hits
        ]
        kept = self._encoded(texts)
        return asked, [
            _reading(hit, evidence.articles[hit.passage.article], evidence, kept[text], text)
            for hit, text in zip(evidence.hits, texts, strict=True)
        ]

    def _encoded(self, texts: list[str]) -> dict[str, Tokens]:
        """The token vectors of passages: 35 ms each, so the last ones asked for are kept."""
        kept = {text: self._kept[text] for text in texts if text in self._kept}
        unread = [text for text in texts if text not in kept]
        kept |= dict(zip(unread, self._encoder.embed_tokens(unread), strict=True))
        for text in texts:  # the dictionary remembers in which order they were asked for
            self._kept.pop(text, None)
            self._kept[text] = kept[text]
        while len(self._kept) > self._most_kept:
            del self._kept[next(iter(self._kept))]
        return kept


ANSWER_FEATURES = (
    "logit",  # of the best sentence
    "lead",  # how many logits it is ahead of the sixth: an answer stands out, a topic is spread
    "cosine",  # of the question and the best sentence
    "uncounted",  # "how many THINGS", and no number stands near the things
    "names_absent",  # the question's names that neither the best two nor the title hold
)
FIELD = 5
"""How many sentences behind the best the one stands that its lead is measured from."""


def answer_features(
    asked: Asked, readings: Sequence[Reading], logits: NDArray[np.float32]
) -> NDArray[np.float32]:
    """One row of `ANSWER_FEATURES`, from the logit of every sentence of the readings. (1, features)"""
    places = [(reading, n) for reading in readings for n in range(len(reading.sentences))]
    order = np.argsort(-logits, kind="stable")
    reading, n = places[order[0]]
    best_two = [places[row][0].sentences[places[row][1]] for row in order[:2]]
    held = reading.title.content.union(*(sentence.content for sentence in best_two))
    row = (
        logits[order[0]],
        logits[order[0]] - logits[order[: FIELD + 1][-1]],
        sentence_cosine(asked, reading, n),
        not any(counts(asked, words) for words in best_two),
        missing(asked.names, held),
    )
    return np.array([row], np.float32)


def _reading(hit: Hit, article: Article, evidence: Evidence, tokens: Tokens, indexed: str) -> Reading:
    passage = hit.passage
    lead = len(indexed) - (passage.end - passage.start)  # title and heading stand in front
    its_own = [offered.sentence for offered in evidence.within(passage)]
    spans = [(lead + s.start - passage.start, lead + s.end - passage.start) for s in its_own]
    return Reading(
        title=Words(f"{article.metadata.title} {passage.heading or ''}"),
        sentences=tuple(Words(article.text[s.start : s.end]) for s in its_own),
        rows=tuple(tokens.within(*span) for span in spans),
        tokens=tokens,
    )


def _probability(logit: float) -> float:
    return 1 / (1 + math.exp(-logit))
