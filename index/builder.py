"""The only writer: clones the newest generation, applies a change, verifies it, lets it serve.

A kill at any moment leaves the old generation serving, because the new one is built in a folder of
its own and the pointer moves last. What a killed builder left behind, the next one sweeps away.
"""

import secrets
import shutil
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index import chunking
from index.article import Article
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
from index.identity import Merged, compare
from index.journal import Journal
from index.library import Library, require
from index.lock import building
from index.vectors import Entry, Vectors, compact, copy_files

if TYPE_CHECKING:
    from index.embeddings import Embedder, Vector

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
    merged: tuple[Merged, ...] = ()
    embedded: int = field(default=0, compare=False)
    """Passages that had to be embedded, because no vector of their words was known."""


class Builder:
    """Adds articles to a library and removes them. Each call publishes one generation or none."""

    def __init__(self, library: Library, embedder: "Embedder", patience: float = 0) -> None:
        """`patience` is how many seconds to wait for another builder to finish."""
        self._library = library
        self._embedder = embedder
        self._patience = patience

    def add(self, articles: Sequence[Article], report: Progress) -> Change:
        """Add articles, or bring them up to date; `identity.compare` tells which is which.

        Raises BuilderBusy, BuildFailed, EmbeddingMismatch, IndexUnavailable or ModelUnavailable.
        Whatever is raised, the library is as it was.
        """
        with self._building() as base:
            found = compare(articles, base.catalog if base else None)
            embedded = 0
            if found.new or found.updated:
                embedded = self._publish(base, revise=found.updated, add=found.new, remove=(), report=report)
            return Change(
                added=_ids(found.new),
                updated=_ids(found.updated),
                unchanged=_ids(found.unchanged),
                merged=found.merged,
                embedded=embedded,
            )

    def edit(self, article_id: str, report: Progress, **fields: Any) -> Change:
        """Mend what is known of an article; reading it again will not change these fields of `Metadata`.

        Raises what `add` raises, and UnknownArticle.
        """
        with self._building() as base:
            if base is None:
                raise UnknownArticle(article_id)
            before = base.catalog.article(article_id)
            if "published" in fields:
                fields["published_is_guess"] = False
            mended = sorted({*before.mended, *fields} - {"published_is_guess"})
            after = replace(before, metadata=replace(before.metadata, **fields), mended=tuple(mended))
            if after == before:
                return Change(unchanged=(article_id,))
            embedded = self._publish(base, revise=(after,), add=(), remove=(), report=report)
            return Change(updated=(article_id,), embedded=embedded)

    def remove(self, article_ids: Sequence[str]) -> Change:
        """Remove articles. Raises what `add` raises, and UnknownArticle before anything changes."""
        with self._building() as base:
            if base is None:
                raise UnknownArticle(article_ids[0])
            for article_id in article_ids:
                base.catalog.article(article_id)
            self._publish(base, revise=(), add=(), remove=article_ids, report=_silent)
            return Change(removed=tuple(article_ids))

    def rebuild(self, report: Progress) -> Change:
        """Embed every article of the newest catalog that can be read, into a new generation.

        This is the way out of a damaged Chroma folder and of a changed embedding model.
        """
        with building(self._library.folder, self._patience):
            self._library.withdraw()
            with self._salvage() as old:
                articles = old.articles()
                embedded = self._publish(None, revise=(), add=articles, remove=(), report=report, old=old)
            return Change(updated=_ids(articles), embedded=embedded)

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
        *,
        revise: Sequence[Article],
        add: Sequence[Article],
        remove: Sequence[str],
        report: Progress,
        old: Catalog | None = None,
    ) -> int:
        """Build a generation and let it serve; return how many passages were embedded for it."""
        created = datetime.now(UTC)
        generation_id = f"{created:%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
        folder = self._library.generations / generation_id
        change = _Wanted(tuple(revise), tuple(add), tuple(remove), old)
        try:
            self._library.announce(generation_id)
            with self._journal() as journal:
                embedded = self._write(folder, base, change, journal, report)
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
        return embedded

    @contextmanager
    def _journal(self) -> Iterator[Journal]:
        """What was embedded so far: kept where the model fails or somebody stops it, else deleted."""
        journal = Journal(self._library.folder / "embedded.sqlite", self._embedder.fingerprint)
        try:
            yield journal
        except (OSError, sqlite3.Error, IndexUnavailable):
            journal.delete()
            raise
        except BaseException:
            journal.close()
            raise
        journal.published()

    def _write(
        self, folder: Path, base: Generation | None, change: "_Wanted", journal: Journal, report: Progress
    ) -> int:
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
            for article_id in change.remove:
                vectors.remove(catalog.remove(article_id, for_good=True))
            known: dict[str, Vector] = {}
            for after in change.revise:
                before = catalog.article(after.id)
                if before.revision != after.revision:
                    catalog.keep(before)
                known |= _vectors_by_text(before, catalog, vectors)
                vectors.remove(catalog.remove(after.id, for_good=False))
            if change.old:
                catalog.adopt(change.old)
            articles = (*change.revise, *change.add)
            wanted = [passage for article in articles for passage in _stored(article, catalog)]
            catalog.relate(article.id for article in articles)
            embedded = self._embed(wanted, known, journal, report)
            vectors.add(
                Entry(passage.id, known[passage.text], passage.article.id, passage.article.metadata.published)
                for passage in wanted
            )
            report("", len(wanted), len(wanted))
            catalog.commit()
        compact(vectors_path(folder))
        return embedded

    def _embed(
        self, wanted: Sequence["_Wanting"], known: dict[str, "Vector"], journal: Journal, report: Progress
    ) -> int:
        """Complete the vectors that are known; return how many had to be made."""
        from index.embeddings import as_vector  # 0.3 s, which who only looks what would change need not pay

        known |= journal.find([passage.text for passage in wanted if passage.text not in known])
        missing = {passage.text: passage for passage in wanted if passage.text not in known}
        texts = list(missing)
        times = Counter(passage.text for passage in wanted)
        done = sum(passage.text in known for passage in wanted)
        for start in range(0, len(texts), SLICE):
            part = texts[start : start + SLICE]
            report(missing[part[0]].article.metadata.title, done, len(wanted))
            made = dict(zip(part, map(as_vector, self._embedder.embed_documents(part)), strict=True))
            journal.keep(made)
            known |= made
            done += sum(times[text] for text in part)
        return len(texts)

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

    @contextmanager
    def _salvage(self) -> Iterator[Catalog]:
        """The newest catalog that can be read to the last page."""
        candidates = self._library.previous()
        try:
            candidates.insert(0, self._library.current_id())
        except IndexMissing:
            if not candidates:
                raise
        for generation_id in candidates:
            path = catalog_path(self._library.generations / generation_id)
            try:
                catalog = Catalog.open(path)
            except IndexCorrupt:
                continue
            with closing(catalog):
                try:
                    catalog.check()
                except IndexCorrupt:
                    continue
                yield catalog
                return
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


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What a new generation has to have done to it."""

    revise: tuple[Article, ...]
    add: tuple[Article, ...]
    remove: tuple[str, ...]
    old: Catalog | None
    """Whose former revisions are taken over."""


@dataclass(frozen=True, slots=True)
class _Wanting:
    """A passage in the catalog that has no vector yet."""

    id: int
    article: Article
    text: str
    """What is embedded for it."""


def _stored(article: Article, catalog: Catalog) -> list[_Wanting]:
    sentences, passages = chunking.split(article)
    ids = catalog.add(article, sentences, passages)
    return [
        _Wanting(passage_id, article, chunking.indexed_text(article, passage))
        for passage_id, passage in zip(ids, passages, strict=True)
    ]


def _vectors_by_text(article: Article, catalog: Catalog, vectors: Vectors) -> dict[str, "Vector"]:
    """The vectors that an article has now, by what was embedded for them."""
    ids = catalog.passage_ids(article.id)
    passages = catalog.passages(ids)
    return {
        chunking.indexed_text(article, passages[passage_id][0]): vector
        for passage_id, vector in vectors.get(ids).items()
    }


def _ids(articles: Iterable[Article]) -> tuple[str, ...]:
    return tuple(article.id for article in articles)


def _silent(_title: str, _done: int, _total: int) -> None:
    pass
