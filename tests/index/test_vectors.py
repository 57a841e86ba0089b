from datetime import date
from pathlib import Path

import numpy as np
import pytest

from index import sentences
from index.article import Article
from index.catalog import EVERYTHING, Filter
from index.embeddings import MiniLM, as_vector
from index.vectors import BATCH, Entry, Vectors
from tests.index.notes import note

CORPORA = Path(__file__).parents[2].parent / "shared/evals/chunking_evaluation/corpora"


def unit(*numbers: float) -> np.ndarray:
    vector = np.array(numbers, dtype=np.float32)
    return vector / np.linalg.norm(vector)


def test_chroma_finds_what_an_exact_scan_finds(tmp_path: Path, embedder: MiniLM, bundled: Article) -> None:
    corpus = CORPORA / "state_of_the_union.md"
    article = note("speech", corpus.read_text("utf-8")[:40_000]) if corpus.exists() else bundled
    texts = [article.text[s.start : s.end] for s in sentences.split(article)]
    matrix = np.array(embedder.embed_documents(texts), dtype=np.float32)
    vectors = Vectors.create(tmp_path / "chroma")
    vectors.add(Entry(n, vector, "speech", None) for n, vector in enumerate(matrix))
    found = 0
    queries = range(0, len(texts), max(1, len(texts) // 100))
    for n in queries:
        query = as_vector(embedder.embed_query(f"What about {texts[n][:40].lower()}?"))
        exact = np.sort(matrix @ query)[::-1][:5]
        # Repeated sentences tie, so what counts is how near the five are, not which.
        near = list(vectors.nearest(query, 5, EVERYTHING).values())
        found += sum(cosine >= exact[-1] - 1e-5 for cosine in near)
    vectors.close()
    assert found >= 0.99 * 5 * len(queries)


def test_cosines_are_exact_and_best_first(tmp_path: Path) -> None:
    vectors = Vectors.create(tmp_path / "chroma")
    vectors.add([Entry(1, unit(1, 0), "a", None), Entry(2, unit(1, 1), "b", None)])
    near = vectors.nearest(unit(1, 0), 9, EVERYTHING)
    assert list(near) == [1, 2]
    assert list(near.values()) == pytest.approx([1, 0.5**0.5], abs=1e-6)
    assert vectors.get([2, 3]).keys() == {2}
    vectors.close()


def test_filters_are_applied_before_the_nearest_are_taken(tmp_path: Path) -> None:
    vectors = Vectors.create(tmp_path / "chroma")
    near = [Entry(n, unit(1, n / 1_000), "near", date(2024, 1, 25)) for n in range(200)]
    vectors.add(
        [*near, Entry(900, unit(-1, 0), "far", date(2024, 1, 26)), Entry(901, unit(0, 1), "far", None)]
    )
    query = unit(1, 0)
    assert set(vectors.nearest(query, 5, Filter(articles=("far",)))) == {900, 901}
    assert set(vectors.nearest(query, 5, Filter(published_from=date(2024, 1, 26)))) == {900}
    both = Filter(articles=("far",), published_to=date(2024, 1, 25))
    assert vectors.nearest(query, 5, both) == {}
    vectors.close()


def test_more_vectors_than_chroma_takes_at_once_are_all_taken(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    rows = random.normal(size=(BATCH + 1_000, 4)).astype(np.float32)
    vectors = Vectors.create(tmp_path / "chroma")
    vectors.add(Entry(n, row / np.linalg.norm(row), "a", None) for n, row in enumerate(rows))
    assert vectors.count() == len(rows)
    vectors.remove(range(len(rows)))
    assert vectors.count() == 0
    assert vectors.nearest(unit(1, 0, 0, 0), 5, EVERYTHING) == {}
    vectors.close()
