"""SIGKILL while building (F1), and two builders at once (F2)."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from index.builder import Builder
from index.embeddings import MiniLM
from index.errors import BuilderBusy, IndexMissing
from index.library import Library
from index.lock import building
from tests.index.notes import COFFEE, note, silent

ROOT = Path(__file__).parents[2]
LONGEST = 0.5
"""Seconds until a kill: about three builds of one article."""

HOLDER = """
import sys, time
from pathlib import Path
from index.lock import building
with building(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(600)
"""


@dataclass
class Killer:
    process: "subprocess.Popen[str]"

    def cycle(self, library: Library, first: int, where: str = "anywhere", wait: float = 0) -> list[str]:
        """Let a builder work for `wait` seconds, kill it, and return the articles it called added."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(f"{library.folder}\t{first}\t{where}\n")
        self.process.stdin.flush()
        ready, pid = self.process.stdout.readline().split()
        assert ready == "ready"
        if where == "anywhere":
            time.sleep(wait)
            os.kill(int(pid), signal.SIGKILL)
        added = []
        while (line := self.process.stdout.readline().strip()) != "dead":
            assert line.startswith("added ")
            added.append(line.removeprefix("added "))
        return added


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    command = [sys.executable, "-m", "tests.index.builder_to_kill"]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield Killer(process)
        assert process.stdin
        process.stdin.close()


def ids(library: Library) -> set[str]:
    """The articles of the generation that serves, opened and checked anew."""
    fresh = Library(library.folder)
    found = {article.id for article in fresh.current().catalog.articles()}
    fresh.close()
    return found


@pytest.mark.parametrize("cycles", [8, pytest.param(50, marks=pytest.mark.slow)])
def test_a_killed_builder_leaves_the_old_generation_serving_and_loses_no_article(
    stocked: Library, embedder: MiniLM, killer: Killer, cycles: int
) -> None:
    chance = random.Random(cycles)
    expected = ids(stocked)
    for n in range(cycles):
        first = n * 1_000
        expected |= set(killer.cycle(stocked, first, wait=chance.uniform(0, LONGEST)))
        found = ids(stocked)
        assert expected <= found
        assert len(found - expected) <= 1  # published, and killed before it could say so
        expected = found
    Builder(stocked, embedder).add([note("coffee", COFFEE)], silent)
    assert ids(stocked) == expected | {"coffee"}
    left = {path.name for path in stocked.folder.iterdir()}
    assert left <= {"generations", "current", "builder.lock", "embedded.sqlite"}
    assert len(list(stocked.generations.iterdir())) <= 3


def test_a_builder_killed_before_it_publishes_leaves_the_old_generation_serving(
    stocked: Library, embedder: MiniLM, killer: Killer
) -> None:
    before, earlier = stocked.current_id(), stocked.previous()
    killer.cycle(stocked, 0, "before-publishing")
    assert (stocked.current_id(), stocked.previous()) == (before, earlier)
    Builder(stocked, embedder).add([note("coffee", COFFEE)], silent)
    assert ids(stocked) == {"iran-pakistan-strikes", "treaty", "coffee"}
    assert stocked.previous() == [before, *earlier]


def test_a_builder_killed_before_its_first_publishing_leaves_the_library_new(
    library: Library, embedder: MiniLM, killer: Killer
) -> None:
    killer.cycle(library, 0, "before-publishing")
    assert len(list(library.generations.iterdir())) == 1
    assert library.is_new()
    with pytest.raises(IndexMissing, match="no index yet"):
        library.current_id()
    Builder(library, embedder).add([note("coffee", COFFEE)], silent)
    assert ids(library) == {"coffee"}
    assert library.previous() == []


def test_a_second_builder_is_refused_at_once_and_a_dead_holder_is_forgotten(
    stocked: Library, embedder: MiniLM
) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(stocked.folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        begun = time.monotonic()
        try:
            with pytest.raises(BuilderBusy, match=f"process {holder.pid} on "):
                Builder(stocked, embedder).add([note("coffee", COFFEE)], silent)
            assert time.monotonic() - begun < 1
        finally:
            holder.kill()
    Builder(stocked, embedder).add([note("coffee", COFFEE)], silent)
    assert "coffee" in ids(stocked)


def test_a_builder_with_patience_waits_for_the_lock(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER.replace("600", "0.5"), str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout
        assert holder.stdout.readline() == "held\n"
        with building(tmp_path, patience=10):
            assert f'"process": {os.getpid()}' in (tmp_path / "builder.json").read_text()
    assert not (tmp_path / "builder.json").exists()
