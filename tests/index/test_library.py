import gc
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event, Thread

import pytest

from index.builder import Builder
from index.embeddings import MiniLM
from index.errors import EmbeddingMismatch
from index.fingerprint import Fingerprint
from index.library import Library, require
from index.retriever import HybridRetriever
from tests.index.notes import COFFEE, note, silent


@pytest.fixture
def temp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The system's folder for temporary files, empty."""
    folder = tmp_path / "temp"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_threads_that_ask_at_once_share_one_open_generation(stocked: Library, temp: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        opened = list(pool.map(lambda _: stocked.current(), range(16)))
    assert len({id(generation) for generation in opened}) == 1
    assert len(list(temp.iterdir())) == 1
    stocked.close()
    assert list(temp.iterdir()) == []


def test_answers_in_flight_finish_on_the_old_generation_and_the_next_sees_the_new(
    stocked: Library, embedder: MiniLM, temp: Path
) -> None:
    old = stocked.current()
    done = Event()
    failures: list[BaseException] = []
    seen: list[str] = []

    def ask() -> None:
        try:
            while not done.is_set():
                generation = stocked.current()
                known = {article.id for article in generation.catalog.articles()}
                hits = HybridRetriever(generation=generation, embedder=embedder).search("coffee in Brazil")
                assert {hit.passage.article for hit in hits} <= known
                assert (hits[0].passage.article == "coffee") == ("coffee" in known)
                seen.append(generation.id)
        except BaseException as error:
            failures.append(error)
            raise

    reader = Thread(target=ask)
    reader.start()
    Builder(Library(stocked.folder), embedder).add([note("coffee", COFFEE)], silent)
    new = stocked.current()
    assert new.id != old.id
    assert "coffee" in {article.id for article in new.catalog.articles()}
    hits = HybridRetriever(generation=old, embedder=embedder).search("fishing rights in Geneva")
    assert hits[0].passage.article == "treaty"
    while new.id not in seen and not failures:
        pass
    done.set()
    reader.join()
    assert not failures
    assert seen == sorted(seen, key=[old.id, new.id].index)
    del old, hits
    gc.collect()
    assert len(list(temp.iterdir())) == 1  # the old one's working copy went with its last reader
    stocked.close()


def test_another_embedding_model_is_refused_with_the_way_out(stocked: Library) -> None:
    with pytest.raises(EmbeddingMismatch) as refused:
        require(stocked.current(), Fingerprint("openai:m", 2, None))
    message = str(refused.value)
    assert "all-MiniLM-L6-v2-int8" in message
    assert "openai:m" in message
    assert "IBID_EMBEDDING" in message
    assert "`ibid rebuild`" in message
    stocked.close()
