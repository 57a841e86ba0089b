"""How well does the checker's score tell supported claims from the rest? WiCE, claims of Wikipedia
against the pages that they cite.

usage: python -m tests.evals.wice [FOLDER]    (default: ../shared/evals/wice)
Prints the AUROC of supported against partially and not supported, floors first.
"""

import json
import sys
from pathlib import Path

import numpy as np

from bot.check import check, coverage
from bot.verify import UNPROVEN, nearest
from index.embeddings import MiniLM, as_vector
from index.words import content_stems

FOLDER = Path(__file__).parents[3] / "shared" / "evals" / "wice"
CANDIDATES = 15


def auroc(scores: list[float], positive: list[bool]) -> float:
    """The chance that a positive case scores above a negative one; a tie counts half."""
    values, marks = np.array(scores), np.array(positive)
    above = values[marks][:, None] - values[~marks][None, :]
    return float((above > 0).mean() + (above == 0).mean() / 2)


def candidates(claim: str, texts: list[str]) -> list[str]:
    """The sentences that share most words with a claim, as retrieval would leave them, in order."""
    wanted = set(content_stems(claim))
    shared = [len(wanted & set(content_stems(text))) for text in texts]
    kept = sorted(range(len(texts)), key=lambda n: -shared[n])[:CANDIDATES]
    return [texts[n] for n in sorted(kept)]


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    cases = [json.loads(line) for line in (folder / "dev.jsonl").read_text("utf-8").splitlines()]
    cases = [case for case in cases if case["evidence"]]
    encoder = MiniLM()
    supported = [case["label"] == "supported" for case in cases]
    names = ("words, anywhere", "words, cited", "cosine", "score", "score and failures")
    figures: dict[str, list[float]] = {name: [] for name in names}
    for case in cases:
        claim = case["claim"]
        texts = candidates(claim, case["evidence"])
        cited = [texts[n] for n in nearest(claim, texts, encoder)]
        first, second = map(as_vector, encoder.embed_documents([claim, " ".join(cited)]))
        cosine = float(first @ second)
        outcome = check(claim, cited, cosine, texts)
        scores = (
            coverage(claim, " ".join(case["evidence"])),
            coverage(claim, " ".join(cited)),
            cosine,
            outcome.score,
            outcome.score * UNPROVEN ** len(outcome.failures),
        )
        for name, score in zip(names, scores, strict=True):
            figures[name].append(score)
    print(f"{len(cases)} claims, {sum(supported)} supported")
    for name, values in figures.items():
        print(f"{name:<22} AUROC {auroc(values, supported):.3f}")


if __name__ == "__main__":
    main()
