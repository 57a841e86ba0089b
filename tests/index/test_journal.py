"""Embeddings of builds that did not end: kept, found again by text and model, and gone when published."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from index import journal
from index.builder import SLICE, Builder
from index.embeddings import MiniLM
from index.errors import ModelUnavailable
from index.fingerprint import Fingerprint
from index.library import Library
from tests.index.notes import COFFEE, note, silent

SHIPS = [note(f"ship-{n}", f"Ship number {n} left port. It carried {n} tons of salt.") for n in range(80)]
KILLED = """
import os, sys
from pathlib import Path
from index.builder import Builder
from index.library import Library
from tests.index.test_journal import SHIPS, Counting
from tests.index.notes import silent

class Killed(Counting):
    def embed_documents(self, texts):
        if self.made:
            os.kill(os.getpid(), 9)
        return super().embed_documents(texts)

Builder(Library(Path(sys.argv[1])), Killed()).add(SHIPS, silent)
"""


class Counting(MiniLM):
    """Counts the texts that it embeds, and may fail after some."""

    def __init__(self, most: int = 1_000, name: str = "counting") -> None:
        super().__init__()
        self.made = 0
        self._most = most
        self._named = name

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint(self._named, 384, None)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        if self.made >= self._most:
            raise ModelUnavailable("The embedding endpoint failed.")
        self.made += len(texts)
        return super().embed_documents(texts)


def left(library: Library) -> list[str]:
    return sorted(path.name for path in library.folder.iterdir() if path.name.startswith("embedded"))


def test_a_build_that_was_killed_goes_on_where_it_was(library: Library) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(library.folder)], cwd=Path(__file__).parents[2], check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert left(library) == ["embedded.sqlite"]
    embedder = Counting()
    reports: list[int] = []
    change = Builder(library, embedder).add(SHIPS, lambda _title, done, _total: reports.append(done))
    assert embedder.made == change.embedded == len(SHIPS) - SLICE
    assert reports[0] == SLICE
    assert library.current().vectors.count() == len(SHIPS)
    assert left(library) == []


def test_what_an_endpoint_gave_before_it_failed_is_not_asked_for_again(library: Library) -> None:
    with pytest.raises(ModelUnavailable):
        Builder(library, Counting(most=SLICE)).add(SHIPS, silent)
    assert library.is_new()
    embedder = Counting()
    Builder(library, embedder).add(SHIPS, silent)
    assert embedder.made == len(SHIPS) - SLICE


def test_the_vectors_of_another_model_are_not_taken(library: Library) -> None:
    with pytest.raises(ModelUnavailable):
        Builder(library, Counting(most=SLICE)).add(SHIPS, silent)
    embedder = Counting(name="another")
    Builder(library, embedder).add(SHIPS, silent)
    assert embedder.made == len(SHIPS)


@pytest.mark.parametrize("damage", [b"", b"no database at all" * 500])
def test_a_damaged_journal_begins_anew(library: Library, damage: bytes) -> None:
    with pytest.raises(ModelUnavailable):
        Builder(library, Counting(most=SLICE)).add(SHIPS, silent)
    (library.folder / "embedded.sqlite").write_bytes(damage)
    embedder = Counting()
    Builder(library, embedder).add(SHIPS, silent)
    assert embedder.made == len(SHIPS)


def test_a_changed_model_embeds_everything_and_goes_on_after_a_failure(library: Library) -> None:
    Builder(library, Counting()).add(SHIPS, silent)
    with pytest.raises(ModelUnavailable):
        Builder(library, Counting(most=SLICE, name="new")).rebuild(silent)
    assert library.current().manifest.embedding.name == "counting"
    embedder = Counting(name="new")
    Builder(library, embedder).rebuild(silent)
    assert embedder.made == len(SHIPS) - SLICE
    assert library.current().manifest.embedding.name == "new"


def test_another_build_leaves_what_it_did_not_want(library: Library) -> None:
    with pytest.raises(ModelUnavailable):
        Builder(library, Counting(most=SLICE)).add(SHIPS, silent)
    Builder(library, Counting()).add([note("coffee", COFFEE)], silent)
    assert left(library) == ["embedded.sqlite"]
    embedder = Counting()
    Builder(library, embedder).add(SHIPS, silent)
    assert embedder.made == len(SHIPS) - SLICE
    assert left(library) == []


def test_what_nobody_wanted_for_long_is_forgotten(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ModelUnavailable):
        Builder(library, Counting(most=SLICE)).add(SHIPS, silent)
    monkeypatch.setattr(journal, "DAYS", -1)
    Builder(library, Counting()).add([note("coffee", COFFEE)], silent)
    assert left(library) == []
