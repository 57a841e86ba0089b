import os
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from index.builder import KEPT, Builder, Change
from index.embeddings import Embedder, MiniLM
from index.errors import (
    BuildFailed,
    EmbeddingMismatch,
    IndexCorrupt,
    IndexMissing,
    ModelUnavailable,
    UnknownArticle,
)
from index.fingerprint import Fingerprint
from index.identity import Merged
from index.library import Library
from index.retriever import HybridRetriever
from tests.index.notes import COFFEE, COMETS, GENEVA, note, silent

QUERY = "Who signed the treaty on trade?"


def state(library: Library) -> tuple[str, list[str], list[str]]:
    """Which generation serves, and every file of the library."""
    files = sorted(str(path.relative_to(library.folder)) for path in library.folder.rglob("*"))
    return library.current_id(), library.previous(), files


def contents(library: Library, embedder: Embedder) -> list[object]:
    """What a reader can tell of the index: articles, counts and the hits of a search."""
    catalog = library.current().catalog
    hits = HybridRetriever(generation=library.current(), embedder=embedder, top=20).search(QUERY)
    return [
        catalog.articles(),
        [catalog.count(table) for table in ("article", "sentence", "passage")],
        library.current().vectors.count(),
        [(hit.passage, round(hit.score, 5), hit.page_content) for hit in hits],
    ]


def test_an_article_that_is_added_can_be_found(library: Library, builder: Builder, embedder: MiniLM) -> None:
    reports: list[tuple[str, int, int]] = []
    change = builder.add([note("treaty", GENEVA)], lambda *report: reports.append(report))
    assert change == Change(added=("treaty",))
    assert reports == [("Treaty", 0, 1), ("", 1, 1)]
    hits = HybridRetriever(generation=library.current(), embedder=embedder).search(QUERY)
    assert [hit.page_content for hit in hits] == [GENEVA]


def test_what_is_known_by_its_source_is_brought_up_to_date(stocked: Library, embedder: MiniLM) -> None:
    builder = Builder(stocked, embedder)
    renamed = replace(note("treaty", COFFEE), id="another-id")
    assert builder.add([renamed], silent) == Change(updated=("treaty",))
    catalog = stocked.current().catalog
    assert catalog.article("treaty").text == COFFEE
    assert catalog.count("article") == 2
    hits = HybridRetriever(generation=stocked.current(), embedder=embedder).search("coffee")
    assert hits[0].passage.article == "treaty"
    assert not any(GENEVA in hit.page_content for hit in hits)


def test_metadata_that_changed_is_brought_up_to_date(stocked: Library, embedder: MiniLM) -> None:
    known = stocked.current().catalog.article("treaty")
    corrected = replace(known, metadata=replace(known.metadata, author="Ada Lin"))
    assert Builder(stocked, embedder).add([corrected], silent) == Change(updated=("treaty",))
    assert stocked.current().catalog.article("treaty") == corrected


def test_an_article_that_did_not_change_makes_no_generation(stocked: Library, embedder: MiniLM) -> None:
    before = state(stocked)
    known = stocked.current().catalog.articles()
    change = Builder(stocked, embedder).add([*known, *known], silent)
    assert sorted(change.unchanged) == ["iran-pakistan-strikes", "treaty"]
    assert not change.added + change.updated + change.removed
    assert state(stocked) == before


def test_articles_of_one_name_from_two_folders_are_both_kept(library: Library, builder: Builder) -> None:
    one, other = note("report", GENEVA, folder="/a"), note("report", COFFEE, folder="/b")
    assert builder.add([one, other], silent) == Change(added=("report", "report-2"))
    assert builder.add([note("report", COMETS, folder="/c")], silent) == Change(added=("report-3",))
    assert builder.add([other], silent) == Change(unchanged=("report-2",))
    assert library.current().catalog.article("report-2").text == COFFEE


def test_copies_of_one_file_in_one_call_are_one_article(library: Library, builder: Builder) -> None:
    copies = [note("report", GENEVA, folder=folder) for folder in ("/a", "/b", "/a")]
    merged = (Merged("/b/report.txt", "report"),)
    assert builder.add(copies, silent) == Change(added=("report",), merged=merged)
    (report,) = library.current().catalog.articles()
    assert [place.source for place in report.also] == ["/b/report.txt"]


def test_removing_leaves_the_index_as_it_was_before_adding(stocked: Library, embedder: MiniLM) -> None:
    builder = Builder(stocked, embedder)
    before = contents(stocked, embedder)
    assert builder.add([note("coffee", COFFEE), note("comets", COMETS)], silent).added == ("coffee", "comets")
    assert contents(stocked, embedder) != before
    assert builder.remove(["coffee", "comets"]) == Change(removed=("coffee", "comets"))
    assert contents(stocked, embedder) == before


def test_an_unknown_id_changes_nothing(stocked: Library, library: Library, embedder: MiniLM) -> None:
    before = state(stocked)
    with pytest.raises(UnknownArticle, match=r"'nobody'.*`ibid articles`"):
        Builder(stocked, embedder).remove(["treaty", "nobody"])
    assert state(stocked) == before


def test_removing_from_a_library_that_is_new_is_refused(library: Library, builder: Builder) -> None:
    with pytest.raises(UnknownArticle):
        builder.remove(["nobody"])
    assert library.is_new()


def test_only_the_newest_generations_are_kept(stocked: Library, embedder: MiniLM) -> None:
    served = [stocked.current_id()]
    for n in range(KEPT + 2):
        Builder(stocked, embedder).add([note(f"note-{n}", f"Ship {n} left port.")], silent)
        served.append(stocked.current_id())
    assert stocked.previous() == served[-2 : -2 - KEPT : -1]
    assert len(list(stocked.generations.iterdir())) == 1 + KEPT


class Renamed(MiniLM):
    """The same vectors under another name, as a model would give whose file was replaced."""

    @property
    def fingerprint(self) -> Fingerprint:
        return Fingerprint("renamed", 384, None)


def test_another_embedding_model_has_to_rebuild(stocked: Library) -> None:
    builder = Builder(stocked, Renamed())
    before = state(stocked)
    with pytest.raises(EmbeddingMismatch, match="`ibid rebuild`"):
        builder.add([note("coffee", COFFEE)], silent)
    assert state(stocked) == before
    assert sorted(builder.rebuild(silent).updated) == ["iran-pakistan-strikes", "treaty"]
    assert stocked.current().manifest.embedding.name == "renamed"
    builder.add([note("coffee", COFFEE)], silent)


@pytest.mark.parametrize("lost", ["chroma", "manifest.json", "pointer"])
def test_a_rebuild_brings_every_article_back(stocked: Library, embedder: MiniLM, lost: str) -> None:
    before = contents(stocked, embedder)
    stocked.close()
    serving = stocked.generations / stocked.current_id()
    if lost == "chroma":
        shutil.rmtree(serving / "chroma")
    elif lost == "manifest.json":
        (serving / lost).unlink()
    else:
        (stocked.folder / "current").unlink()
    builder = Builder(stocked, embedder)
    with pytest.raises((IndexCorrupt, IndexMissing), match="`ibid doctor`"):
        builder.add([note("coffee", COFFEE)], silent)
    builder.rebuild(silent)
    assert contents(stocked, embedder) == before


def test_a_rebuild_takes_the_newest_catalog_that_can_be_read(stocked: Library, embedder: MiniLM) -> None:
    catalog = stocked.generations / stocked.current_id() / "catalog.sqlite"
    os.truncate(catalog, catalog.stat().st_size // 2)
    assert Builder(stocked, embedder).rebuild(silent).updated == ("iran-pakistan-strikes",)


def test_nothing_can_be_rebuilt_in_a_library_that_is_new(builder: Builder, library: Library) -> None:
    with pytest.raises(IndexMissing):
        builder.rebuild(silent)
    assert library.is_new()


class Unplugged(MiniLM):
    def embed_documents(self, _texts: list[str]) -> list[list[float]]:
        raise ModelUnavailable("The embedding endpoint failed.")


def test_a_model_that_fails_while_building_changes_nothing(stocked: Library) -> None:
    before = state(stocked)
    with pytest.raises(ModelUnavailable):
        Builder(stocked, Unplugged()).add([note("coffee", COFFEE)], silent)
    assert state(stocked) == before


# -- a disk that is full or read-only (F5) -------------------------------------------------------


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize("size", [0, 10, 5_000, 50_000, 100_000, 180_000])
def test_a_build_that_may_not_write_fails_and_leaves_nothing(
    stocked: Library, embedder: MiniLM, size: int
) -> None:
    before = state(stocked)
    stocked.current()  # its working copy is none of the builder's files
    with files_no_larger_than(size), pytest.raises(BuildFailed, match=r"[mM]ake room") as failed:
        Builder(stocked, embedder).add([note("coffee", COFFEE)], silent)
    assert "\n" not in str(failed.value)
    assert state(stocked) == before
    Builder(stocked, embedder).add([note("coffee", COFFEE)], silent)


@pytest.fixture
def small_disk(tmp_path: Path, _shelf: Path) -> Iterator[Path]:
    """A disk of 8 MB with a stocked library on it."""
    disk = tmp_path / "disk"
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    shutil.copytree(_shelf, disk / "library")
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.mark.parametrize("room", [0, 4, 20, 60, 100, 200, 300, 400, 500])
def test_a_build_on_a_full_disk_fails_and_leaves_nothing(
    small_disk: Path, embedder: MiniLM, room: int
) -> None:
    library = Library(small_disk / "library")
    before = state(library)
    filler = small_disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(small_disk).free - room * 1024))
    with pytest.raises(BuildFailed, match="ake room"):
        Builder(library, embedder).add([note("coffee", COFFEE)], silent)
    assert state(library) == before
    filler.unlink()
    Builder(library, embedder).add([note("coffee", COFFEE)], silent)
    assert "coffee" in {article.id for article in library.current().catalog.articles()}


def test_a_read_only_disk_is_searched_and_not_built_on(small_disk: Path, embedder: MiniLM) -> None:
    library = Library(small_disk / "library")
    before = state(library)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(BuildFailed, match=r"Read-only file system.*make it writable"):
        Builder(library, embedder).add([note("coffee", COFFEE)], silent)
    with pytest.raises(BuildFailed):
        Builder(Library(small_disk / "new"), embedder).add([note("coffee", COFFEE)], silent)
    assert state(library) == before
    assert len(contents(library, embedder)[0]) == 2  # type: ignore[arg-type]
