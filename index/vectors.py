"""The Chroma side of a generation: one embedding a passage, searched by cosine."""

import shutil
import sqlite3
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index.catalog import Filter
from index.errors import IndexCorrupt

if TYPE_CHECKING:
    from index.embeddings import Vector  # 0.3 s

COLLECTION = "passages"
BATCH = 5_000
"""Embeddings a call: Chroma takes at most 5,461, and writes all its vectors anew at every call."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A passage as Chroma knows it: its id in the catalog, its vector, and what filters look at."""

    passage: int
    vector: "Vector"
    article: str
    published: date | None


class Vectors:
    """One Chroma collection in a folder of its own."""

    def __init__(self, client: Any, collection: Any, copy: Path | None = None) -> None:
        self._collection = collection
        # Runs by itself at the end of the last search on a generation that no longer serves, and
        # at the end of the process: nobody else would delete the copy.
        self._release = weakref.finalize(self, _release, client, copy)

    @classmethod
    def create(cls, folder: Path) -> "Vectors":
        """Start an empty collection. Raises IndexCorrupt where Chroma cannot write it."""
        configuration = {
            "hnsw": {
                "space": "cosine",  # cannot be changed later, and is not the default
                "ef_construction": 200,
                "ef_search": 200,  # Chroma's 100 loses neighbours in large indexes
                "sync_threshold": 1,  # else small indexes are never written as HNSW files
                "batch_size": 1,
            }
        }
        return cls(
            *_opened(
                folder,
                lambda client: client.create_collection(
                    COLLECTION,
                    embedding_function=None,  # else Chroma would fetch a model of its own
                    configuration=configuration,
                ),
            )
        )

    @classmethod
    def open_for_building(cls, folder: Path) -> "Vectors":
        """Open a folder to change it. Raises IndexCorrupt where it holds no collection."""
        return cls(*_existing(folder))

    @classmethod
    def open(cls, folder: Path) -> "Vectors":
        """Open a copy of a finished folder, so that every byte of the folder stays as it is.

        Chroma writes to its files whenever it opens them, waits for other processes that do, and
        cannot open read-only ones. The copy takes 20 ms for 10,000 vectors (24 MB).
        Raises IndexCorrupt where the folder holds no such collection.
        """
        copy = Path(tempfile.mkdtemp(prefix="ibid-"))
        try:
            copy_files(folder, copy)
            return cls(*_existing(copy), copy)
        except BaseException:
            shutil.rmtree(copy, ignore_errors=True)
            raise

    def close(self) -> None:
        """Let go of the files. No search may be under way."""
        self._release()

    def count(self) -> int:
        return int(self._call("count"))

    def nearest(self, vector: "Vector", limit: int, allowed: Filter) -> dict[int, float]:
        """The passages nearest to a unit vector, each with its cosine (-1 to 1), best first."""
        conditions = _conditions(allowed)
        found = self._call(
            "query",
            query_embeddings=[vector],
            n_results=limit,
            include=["distances"],
            **({"where": conditions} if conditions else {}),
        )
        return {
            int(passage): 1.0 - float(distance)
            for passage, distance in zip(found["ids"][0], found["distances"][0], strict=True)
        }

    def get(self, passages: Sequence[int]) -> dict[int, "Vector"]:
        """The stored vectors of these passages; those that are lost are not in the result."""
        found = self._call("get", ids=[str(n) for n in passages], include=["embeddings"])
        return {
            int(passage): vector for passage, vector in zip(found["ids"], found["embeddings"], strict=True)
        }

    def add(self, entries: Iterable[Entry]) -> None:
        pending = list(entries)
        for start in range(0, len(pending), BATCH):
            batch = pending[start : start + BATCH]
            self._call(
                "add",
                ids=[str(entry.passage) for entry in batch],
                embeddings=[entry.vector for entry in batch],
                metadatas=[_metadata(entry) for entry in batch],
            )

    def remove(self, passages: Sequence[int]) -> None:
        for start in range(0, len(passages), BATCH):
            self._call("delete", ids=[str(n) for n in passages[start : start + BATCH]])

    def _call(self, method: str, **arguments: Any) -> Any:
        with _chroma():
            return getattr(self._collection, method)(**arguments)


def compact(folder: Path) -> None:
    """Take what Chroma no longer needs out of its SQLite file: about two thirds of it."""
    with closing(sqlite3.connect(folder / "chroma.sqlite3", timeout=10)) as db:
        db.execute("VACUUM")


def copy_files(source: Path, target: Path) -> None:
    """Copy a folder's files but not their modes, so that those of read-only ones can be written."""
    target.mkdir(exist_ok=True)
    for path in sorted(source.rglob("*")):  # a folder comes before what it holds
        copy = target / path.relative_to(source)
        if path.is_dir():
            copy.mkdir()
        else:
            shutil.copyfile(path, copy)


def _existing(folder: Path) -> tuple[Any, Any]:
    if not (folder / "chroma.sqlite3").is_file():  # Chroma would make a new, empty one
        raise IndexCorrupt("the Chroma database is missing")
    return _opened(folder, lambda client: client.get_collection(COLLECTION, embedding_function=None))


def _opened(folder: Path, collection: Callable[[Any], Any]) -> tuple[Any, Any]:
    with _chroma():
        client = _client(folder)
        try:
            return client, collection(client)
        except BaseException:
            client.close()
            raise


@contextmanager
def _chroma() -> Iterator[None]:
    """Give Chroma's errors a type of ours. It raises ValueError where it cannot open a folder."""
    import chromadb.errors

    try:
        yield
    except (chromadb.errors.ChromaError, ValueError) as error:
        raise IndexCorrupt(f"Chroma failed ({str(error)[:120]})") from None


def _release(client: Any, copy: Path | None) -> None:
    client.close()
    if copy:
        shutil.rmtree(copy, ignore_errors=True)


def _client(folder: Path) -> Any:
    # Importing chromadb takes 2 s, more than all else together.
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(path=str(folder), settings=Settings(anonymized_telemetry=False))


def _metadata(entry: Entry) -> dict[str, str | int]:
    known: dict[str, str | int] = {"article": entry.article}
    if entry.published:
        known["published"] = _day(entry.published)
    return known


def _conditions(allowed: Filter) -> dict[str, Any]:
    tests: list[dict[str, Any]] = []
    if allowed.articles is not None:
        tests.append({"article": {"$in": list(allowed.articles)}})
    if allowed.published_from:
        tests.append({"published": {"$gte": _day(allowed.published_from)}})
    if allowed.published_to:
        tests.append({"published": {"$lte": _day(allowed.published_to)}})
    return {"$and": tests} if len(tests) > 1 else (tests[0] if tests else {})


def _day(day: date) -> int:
    """20240125: Chroma compares numbers, not dates."""
    return day.year * 10_000 + day.month * 100 + day.day
