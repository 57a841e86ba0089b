"""The only writer: clones the newest generation, applies a change, verifies it, lets it serve.

A kill at any moment leaves the old generation serving, because the new one is built in a folder of
its own and the pointer moves last. What a killed builder left behind, the next one sweeps away.
"""

import secrets
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from index import chunking
from index.article import Article, Passage
from index.catalog import Catalog
from index.errors import (
    BuildFailed,
    IndexCorrupt,
    IndexMissing,
    IndexUnavailable,
    InputRejected,
    UnknownArticle,
)
from index.generation import (
    FORMAT,
    Generation,
    Manifest,
    catalog_path,
    choose_canaries,
    list_files,
    vectors_path,
    write_manifest,
)
from index.library import Library, require
from index.lock import building
from index.vectors import Entry, Vectors, compact, copy_files

if TYPE_CHECKING:
    from index.embeddings import Embedder

KEPT = 2
"""Generations that stay beside the one that serves: readers may still be on them, and where the
newest is damaged the one before can serve."""

SLICE = 32
"""Passages embedded between two reports of progress: about a second."""

Progress = Callable[[str, int, int], None]
"""Called with an article's title, the passages embedded so far, and how many there are in all."""


@dataclass(frozen=True, slots=True)
class Change:
    """What a build did, by article id."""

    added: tuple[str, ...] = ()
    updated: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Articles under the ids that they get in a library, by what adding them does to it."""

    new: tuple[Article, ...]
    updated: tuple[Article, ...]
    unchanged: tuple[Article, ...]


def compare(articles: Iterable[Article], held: Iterable[Article]) -> Comparison:
    """What adding articles to a library that holds others would do.

    One is known by its source, or by its id and text; another one whose id is taken gets a number.
    """
    before = {article.id: article for article in held}
    known = dict(before)
    touched: dict[str, Article] = {}
    for given in articles:
        article = _identified(given, known)
        known[article.id] = touched[article.id] = article
    return Comparison(
        new=tuple(a for a in touched.values() if a.id not in before),
        updated=tuple(a for a in touched.values() if a.id in before and a != before[a.id]),
        unchanged=tuple(a for a in touched.values() if a == before.get(a.id)),
    )


class Builder:
    """Adds articles to a library and removes them. Each call publishes one generation or none."""

    def __init__(self, library: Library, embedder: "Embedder", patience: float = 0) -> None:
        """`patience` is how many seconds to wait for another builder to finish."""
        self._library = library
        self._embedder = embedder
        self._patience = patience

    def add(self, articles: Sequence[Article], report: Progress) -> Change:
        """Add articles; one that is known by its source, or by id and text, is brought up to date.

        Raises BuilderBusy, BuildFailed, EmbeddingMismatch, IndexUnavailable or ModelUnavailable.
        Whatever is raised, the library is as it was.
        """
        with self._building() as base:
            found = compare(articles, base.catalog.articles() if base else ())
            if found.new or found.updated:
                self._publish(
                    base, remove=_ids(found.updated), add=[*found.updated, *found.new], report=report
                )
            return Change(_ids(found.new), _ids(found.updated), _ids(found.unchanged))

    def remove(self, article_ids: Sequence[str]) -> Change:
        """Remove articles. Raises what `add` raises, and UnknownArticle before anything changes."""
        with self._building() as base:
            if base is None:
                raise UnknownArticle(article_ids[0])
            for article_id in article_ids:
                base.catalog.article(article_id)
            self._publish(base, remove=article_ids, add=(), report=_silent)
            return Change(removed=tuple(article_ids))

    def rebuild(self, report: Progress) -> Change:
        """Embed every article of the newest catalog that can be read, into a new generation.

        This is the way out of a damaged Chroma folder and of a changed embedding model.
        """
        with building(self._library.folder, self._patience):
            self._library.withdraw()
            articles = self._salvage()
            self._publish(None, remove=(), add=articles, report=report)
            return Change(updated=_ids(articles))

    @contextmanager
    def _building(self) -> Iterator[Generation | None]:
        """Hold the lock, with the generation to start from, or None in a new library."""
        with building(self._library.folder, self._patience):
            self._library.withdraw()
            if self._library.is_new():
                yield None
                return
            base = self._library.current()
            require(base, self._embedder.fingerprint)
            yield base

    def _publish(
        self,
        base: Generation | None,
        remove: Sequence[str],
        add: Sequence[Article],
        report: Progress,
    ) -> None:
        created = datetime.now(UTC)
        generation_id = f"{created:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        folder = self._library.generations / generation_id
        try:
            self._library.announce(generation_id)
            self._write(folder, base, remove, add, report)
            write_manifest(folder, self._describe(folder, base, created))
            Generation.open(folder).close()
            self._library.publish(generation_id)
        except (OSError, sqlite3.Error, IndexUnavailable) as error:
            raise BuildFailed(
                f"The index could not be written ({error}); the old one still serves. "
                f"Make room in {self._library.folder} or make it writable."
            ) from None
        finally:
            self._library.withdraw()
        self._prune()

    def _write(
        self,
        folder: Path,
        base: Generation | None,
        remove: Sequence[str],
        add: Sequence[Article],
        report: Progress,
    ) -> None:
        folder.mkdir(parents=True)
        if base is None:
            begin, begin_vectors = Catalog.create, Vectors.create
        else:
            shutil.copyfile(catalog_path(base.folder), catalog_path(folder))
            copy_files(vectors_path(base.folder), vectors_path(folder))
            begin, begin_vectors = Catalog.open_for_building, Vectors.open_for_building
        with (
            closing(begin(catalog_path(folder))) as catalog,
            closing(begin_vectors(vectors_path(folder))) as vectors,
        ):
            for article_id in remove:
                vectors.remove(catalog.remove(article_id))
            pieces = [(article, *chunking.split(article)) for article in add]
            total = sum(len(passages) for _, _, passages in pieces)
            entries: list[Entry] = []
            for article, its_sentences, passages in pieces:
                ids = catalog.add(article, its_sentences, passages)
                for start in range(0, len(passages), SLICE):
                    report(article.metadata.title, len(entries), total)
                    part = slice(start, start + SLICE)
                    entries.extend(self._embedded(article, ids[part], passages[part]))
            vectors.add(entries)
            report("", total, total)
            catalog.commit()
        compact(vectors_path(folder))

    def _embedded(self, article: Article, ids: Sequence[int], passages: Sequence[Passage]) -> Iterator[Entry]:
        from index.embeddings import as_vector  # 0.3 s, which who only looks what would change need not pay

        texts = [chunking.indexed_text(article, passage) for passage in passages]
        for passage_id, vector in zip(ids, self._embedder.embed_documents(texts), strict=True):
            yield Entry(passage_id, as_vector(vector), article.id, article.metadata.published)

    def _describe(self, folder: Path, base: Generation | None, created: datetime) -> Manifest:
        """Open what was written as a reader would, and write down what it holds."""
        with (
            closing(Catalog.open(catalog_path(folder))) as catalog,
            closing(Vectors.open(vectors_path(folder))) as vectors,
        ):
            if vectors.count() != catalog.count("passage"):
                raise IndexCorrupt("Chroma did not take every passage; try again")
            return Manifest(
                format=FORMAT,
                id=folder.name,
                parent=base.id if base else None,
                created=created,
                embedding=self._embedder.fingerprint,
                articles=catalog.count("article"),
                passages=catalog.count("passage"),
                canaries=choose_canaries(catalog, vectors),
                files=list_files(folder),
            )

    def _salvage(self) -> list[Article]:
        """The articles of the newest generation whose catalog can be read to the last page."""
        candidates = self._library.previous()
        try:
            candidates.insert(0, self._library.current_id())
        except IndexMissing:
            if not candidates:
                raise
        for generation_id in candidates:
            try:
                path = catalog_path(self._library.generations / generation_id)
                with closing(Catalog.open(path)) as catalog:
                    catalog.check()
                    return catalog.articles()
            except IndexCorrupt:
                continue
        raise IndexMissing("No catalog can be read any more; `ibid add` the articles again.")

    def _prune(self) -> None:
        """Delete all but the newest generation and the `KEPT` before it."""
        for generation_id in self._library.previous()[KEPT:]:
            shutil.rmtree(self._library.generations / generation_id, ignore_errors=True)


def restore(library: Library, generation_id: str) -> None:
    """Let an earlier generation serve again.

    Raises BuilderBusy, InputRejected for a name that no generation has, IndexCorrupt where it is
    damaged too.
    """
    with building(library.folder):
        if generation_id not in library.previous():
            known = ", ".join(library.previous()) or "there is none"
            raise InputRejected(f"{generation_id!r} is no earlier generation; known: {known}.")
        Generation.open(library.generations / generation_id).close()
        library.publish(generation_id)


def _identified(article: Article, known: dict[str, Article]) -> Article:
    """The article under the id that it has in the library: its own, or the next one that is free."""
    for other in known.values():
        if other.source == article.source:
            return replace(article, id=other.id)
    taken = known.get(article.id)
    if taken is None or taken.text == article.text:
        return article
    number = 2
    while f"{article.id}-{number}" in known:
        number += 1
    return replace(article, id=f"{article.id}-{number}")


def _ids(articles: Iterable[Article]) -> tuple[str, ...]:
    return tuple(article.id for article in articles)


def _silent(_title: str, _done: int, _total: int) -> None:
    pass
