"""Which articles share much of their words, as one agency's text in two outlets does.

A sketch is the smallest hashes of a text's runs of words; the share of hashes that two sketches have in
common estimates the Jaccard similarity of the texts (Broder, "On the resemblance and containment of
documents", 1997, with a single hash function).
"""

import re
from collections.abc import Iterator, Mapping
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Sketch = NDArray[np.uint64]
"""At most `SIZE` hashes, rising."""

SIZE = 64
RUN = 5
"""Words. Shorter runs are common phrases; longer ones break at every word that was edited."""
ALIKE = 0.1
"""From this similarity on, a shared sentence is taken to come from one source. It may be low, because
it only decides which articles are searched for the very sentence that is cited."""

_WORD = re.compile(r"\w+")


def sketch(text: str) -> Sketch:
    words = _WORD.findall(text.casefold())
    runs = {" ".join(words[n : n + RUN]) for n in range(max(1, len(words) - RUN + 1))}
    hashes = np.fromiter((_hash(run) for run in runs), np.uint64, len(runs))
    return np.sort(hashes)[:SIZE]


def similarity(one: Sketch, other: Sketch) -> float:
    """The Jaccard similarity of two texts, 0 to 1, give or take .06 (1 / sqrt(`SIZE`) at most)."""
    smallest = np.union1d(one, other)[:SIZE]
    return float(np.isin(smallest, np.intersect1d(one, other)).mean()) if len(smallest) else 0.0


def pairs(new: Mapping[str, Sketch], held: Mapping[str, Sketch]) -> Iterator[tuple[str, str]]:
    """Each article of `new` with each one of `held` that is alike, by id; both may hold the same ids."""
    names = list(held)
    sizes = [len(held[name]) for name in names]
    if not sum(sizes):
        return
    hashes = np.concatenate([held[name] for name in names])
    owners = np.repeat(np.arange(len(names)), sizes)
    order = np.argsort(hashes, kind="stable")
    hashes, owners = hashes[order], owners[order]
    for name, its_sketch in new.items():
        first = np.searchsorted(hashes, its_sketch, "left")
        last = np.searchsorted(hashes, its_sketch, "right")
        found = {n for a, b in zip(first, last, strict=True) for n in owners[a:b].tolist()}
        for other in sorted(found):
            if names[other] != name and similarity(its_sketch, held[names[other]]) >= ALIKE:
                yield name, names[other]


def _hash(run: str) -> int:
    return int.from_bytes(blake2b(run.encode(errors="replace"), digest_size=8).digest())
