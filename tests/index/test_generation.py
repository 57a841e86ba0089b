import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from index.embeddings import MiniLM
from index.errors import IndexCorrupt, IndexMissing, IndexUnavailable
from index.generation import Generation
from index.library import Library
from index.retriever import HybridRetriever

READ = """
import sys
from pathlib import Path
from index.embeddings import MiniLM
from index.library import Library
from index.retriever import HybridRetriever
generation = Library(Path(sys.argv[1])).current()
hits = HybridRetriever(generation=generation, embedder=MiniLM()).search("Who signed in Geneva?")
print(hits[0].passage.article)
"""


POWERLESS = ("setpriv", "--bounding-set=-all", "--inh-caps=-all")
"""Before a command: root without its right to pass over the modes of files."""


def run_read(library: Library, temp: Path, *before: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*before, sys.executable, "-c", READ, str(library.folder)],
        env={**os.environ, "TMPDIR": str(temp)},
        capture_output=True,
        text=True,
        check=False,
    )


def handles(folder: Path) -> list[str]:
    """The files below a folder that this process holds open; other tests hold others."""
    open_files = []
    for handle in Path("/proc/self/fd").iterdir():
        with suppress(OSError):
            open_files.append(str(handle.readlink()))
    return [name for name in open_files if name.startswith(str(folder))]


def hashes(folder: Path) -> dict[str, str]:
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def one(folder: Path, pattern: str) -> Path:
    (path,) = folder.rglob(pattern)
    return path


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def empty_manifest(folder: Path) -> None:
    (folder / "manifest.json").write_text("{}")


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "vectors-deleted": (lambda f: one(f, "data_level0.bin").unlink(), "data_level0.bin is missing"),
    "links-deleted": (lambda f: one(f, "link_lists.bin").unlink(), "link_lists.bin is missing"),
    "vectors-truncated": (lambda f: truncate(one(f, "data_level0.bin")), "data_level0.bin is not"),
    "vectors-flipped": (lambda f: flip(one(f, "data_level0.bin")), "data_level0.bin is not"),
    "chroma-deleted": (lambda f: one(f, "chroma.sqlite3").unlink(), "chroma.sqlite3 is missing"),
    "chroma-truncated": (lambda f: truncate(one(f, "chroma.sqlite3")), "chroma.sqlite3 is not"),
    "catalog-deleted": (lambda f: one(f, "catalog.sqlite").unlink(), "catalog.sqlite is missing"),
    "catalog-truncated": (lambda f: truncate(one(f, "catalog.sqlite")), "catalog.sqlite is not"),
    "catalog-flipped": (lambda f: flip(one(f, "catalog.sqlite")), "catalog.sqlite is not"),
    "manifest-deleted": (lambda f: one(f, "manifest.json").unlink(), "manifest is missing"),
    "manifest-truncated": (lambda f: truncate(one(f, "manifest.json")), "manifest cannot be read"),
    "manifest-empty": (empty_manifest, "manifest cannot be read"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_found_at_open_and_the_generation_before_still_opens(
    stocked: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    do, reason = DAMAGES[damage]
    current = stocked.current_id()
    (before,) = stocked.previous()
    do(stocked.generations / current)
    with pytest.raises(IndexCorrupt) as found:
        stocked.current()
    message = str(found.value)
    assert current in message
    assert reason in message
    assert "`ibid doctor`" in message
    generation = Generation.open(stocked.generations / before)
    assert generation.catalog.count("article") == 1
    generation.close()
    assert list((tmp_path / "temp").glob("ibid-*")) == []


def test_canaries_find_rows_that_the_hashes_of_a_damaged_build_would_vouch_for(stocked: Library) -> None:
    """Chroma opens without its HNSW files, counts right and finds next to nothing."""
    from index.generation import list_files, read_manifest, write_manifest

    folder = stocked.generations / stocked.current_id()
    for path in one(folder, "data_level0.bin").parent.iterdir():
        path.unlink()
    manifest = read_manifest(folder)
    write_manifest(folder, manifest.model_copy(update={"files": list_files(folder)}))
    with pytest.raises(IndexCorrupt):
        stocked.current()


@pytest.mark.parametrize(
    "name", ["", "nothing", "..", ".", "../..", "/", "\0", "x" * 5_000, "two\nlines", "\udcff"]
)
def test_a_pointer_that_names_no_generation_means_that_the_index_is_missing(
    stocked: Library, name: str
) -> None:
    (stocked.folder / "current").write_bytes(name.encode("utf-8", "surrogateescape"))
    with pytest.raises(IndexMissing, match="`ibid doctor`"):
        stocked.current()
    assert not stocked.is_new()
    assert len(stocked.previous()) == 2


def test_a_pointer_that_is_gone_means_that_the_index_is_missing(stocked: Library) -> None:
    (stocked.folder / "current").unlink()
    with pytest.raises(IndexMissing, match="`ibid doctor`"):
        stocked.current()
    assert not stocked.is_new()


def test_an_empty_folder_is_new_and_says_how_to_begin(library: Library) -> None:
    assert library.is_new()
    with pytest.raises(IndexMissing, match="`ibid add`"):
        library.current()


def test_opening_and_searching_change_no_byte_of_a_generation(stocked: Library, embedder: MiniLM) -> None:
    before = hashes(stocked.folder)
    generation = stocked.current()
    retriever = HybridRetriever(generation=generation, embedder=embedder)
    for n in range(20):
        assert retriever.search(f"What happened on day {n}?")
    generation.close()
    assert hashes(stocked.folder) == before


def test_closing_leaves_no_file_and_no_handle(
    stocked: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "temp").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    folder = stocked.generations / stocked.current_id()
    Generation.open(folder).close()
    for _ in range(5):
        generation = Generation.open(folder)
        assert len(list((tmp_path / "temp").iterdir())) == 1
        generation.close()
        generation.close()
    assert list((tmp_path / "temp").glob("ibid-*")) == []
    assert handles(tmp_path) == []


def test_a_process_that_ends_without_closing_leaves_nothing_behind(stocked: Library, tmp_path: Path) -> None:
    (tmp_path / "temp").mkdir()
    done = run_read(stocked, tmp_path / "temp")
    assert (done.stdout, done.stderr) == ("treaty\n", "")
    assert list((tmp_path / "temp").glob("ibid-*")) == []


@pytest.mark.skipif(os.getuid() == 0 and not shutil.which("setpriv"), reason="root may write anything")
def test_a_generation_that_may_only_be_read_can_be_searched(stocked: Library, tmp_path: Path) -> None:
    (tmp_path / "temp").mkdir()
    for path in [stocked.folder, *stocked.folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    done = run_read(stocked, tmp_path / "temp", *(POWERLESS if os.getuid() == 0 else ()))
    assert (done.stdout, done.stderr) == ("treaty\n", "")
    assert list((tmp_path / "temp").glob("ibid-*")) == []


def test_no_room_for_the_working_copy_is_no_damage(
    stocked: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(IndexUnavailable, match="make room") as failed:
        stocked.current()
    assert not isinstance(failed.value, IndexCorrupt)
