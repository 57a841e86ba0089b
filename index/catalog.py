"""The SQLite side of a generation: articles, sentences, passages, and the words of the passages."""

import json
import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import numpy as np
from pydantic import TypeAdapter

from index import schema, similar
from index.article import Article, Block, BlockKind, Metadata, Passage, Place, Sentence, Validators
from index.errors import IndexCorrupt, UnknownArticle, UnknownRevision
from index.identity import Identity

KEPT = 1_000
"""Revisions of an article that stay for the answers that cite them."""

_COLUMNS = (
    "id, source, title, author, publisher, published, published_is_guess, url, tags, text, blocks, "
    "pages, mended, also, etag, last_modified"
)
_PLACES = TypeAdapter(tuple[Place, ...])


@dataclass(frozen=True, slots=True)
class Filter:
    """Which articles a search may see. An article without a date is outside every date range."""

    articles: tuple[str, ...] | None = None
    published_from: date | None = None
    published_to: date | None = None

    @property
    def is_open(self) -> bool:
        return self == Filter()


EVERYTHING = Filter()


class Catalog:
    """Reads and, in the builder's hands, writes one catalog file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection

    @classmethod
    def create(cls, path: Path) -> "Catalog":
        db = sqlite3.connect(path)
        try:
            db.executescript(schema.SCHEMA + schema.UPDATE)
        except sqlite3.Error:
            db.close()
            raise
        return cls(db)

    @classmethod
    def open_for_building(cls, path: Path) -> "Catalog":
        catalog = cls(sqlite3.connect(path))
        if catalog._is_old():
            catalog._db.executescript(schema.UPDATE)
            ids = [row[0] for row in catalog._rows("SELECT id FROM article")]
            for article_id in ids:
                its_sketch = similar.sketch(catalog.article(article_id).text).tobytes()
                catalog._db.execute("UPDATE article SET sketch = ? WHERE id = ?", (its_sketch, article_id))
            catalog.relate(ids)
        return catalog

    @classmethod
    def open(cls, path: Path) -> "Catalog":
        """Open a finished catalog, which no one may change; safe to use from several threads.

        Raises IndexCorrupt where the file is not a catalog.
        """
        db: sqlite3.Connection | None = None
        try:
            # `immutable` saves every lock and works on a read-only disk.
            db = sqlite3.connect(f"{path.absolute().as_uri()}?immutable=1", uri=True, check_same_thread=False)
            for table in ("article", "sentence", "passage", "words"):
                db.execute(f"SELECT 1 FROM {table} LIMIT 1")  # noqa: S608
            catalog = cls(db)
            if catalog._is_old():
                db.executescript(schema.OVERLAY)
        except sqlite3.Error as error:
            if db is not None:
                db.close()
            raise IndexCorrupt(f"the catalog cannot be read ({error})") from None
        return catalog

    def close(self) -> None:
        self._db.close()

    # -- reading -----------------------------------------------------------------------------

    def articles(self) -> list[Article]:
        """Every article, by title."""
        sql = f"SELECT {_COLUMNS} FROM article ORDER BY title COLLATE NOCASE, id"  # noqa: S608
        return [_article(row) for row in self._rows(sql)]

    def identities(self) -> list[Identity]:
        """What every article is known by, without reading the texts."""
        rows = self._rows("SELECT id, revision, source, url, also FROM article")
        return [
            Identity(article_id, revision, source, url, tuple(place.source for place in _places(also)))
            for article_id, revision, source, url, also in rows
        ]

    def titles(self) -> dict[str, str]:
        """The title of every article by its id, in the order of titles, without reading the texts."""
        return dict(self._rows("SELECT id, title FROM article ORDER BY title COLLATE NOCASE, id"))

    def article(self, article_id: str) -> Article:
        """Raises UnknownArticle."""
        for row in self._rows(f"SELECT {_COLUMNS} FROM article WHERE id = ?", article_id):  # noqa: S608
            return _article(row)
        raise UnknownArticle(article_id)

    def revision(self, article_id: str, revision: str) -> Article:
        """An article as it was at a revision. Raises UnknownArticle, UnknownRevision."""
        article = self.article(article_id)
        if article.revision == revision:
            return article
        sql = "SELECT text, blocks, pages FROM former WHERE article = ? AND revision = ?"
        for text, blocks, pages in self._rows(sql, article_id, revision):
            with _readable(article_id):
                return replace(
                    article,
                    text=zlib.decompress(text).decode(),
                    blocks=_blocks(blocks),
                    pages=tuple(json.loads(pages)),
                )
        raise UnknownRevision(article.metadata.title)

    def revisions(self, article_id: str) -> list[str]:
        """The former revisions of an article that are kept, newest first."""
        sql = "SELECT revision FROM former WHERE article = ? ORDER BY rowid DESC"
        return [row[0] for row in self._rows(sql, article_id)]

    def alike(self, article_id: str) -> list[str]:
        """The articles that share much of their text with this one."""
        sql = "SELECT other FROM alike WHERE article = ? ORDER BY other"
        return [row[0] for row in self._rows(sql, article_id)]

    def sentences(self, article_id: str, first: int = 0, last: int = 1 << 40) -> list[Sentence]:
        """The sentences numbered `first` to `last`, both included, in reading order."""
        sql = "SELECT * FROM sentence WHERE article = ? AND n BETWEEN ? AND ? ORDER BY n"
        return [Sentence(*row) for row in self._rows(sql, article_id, first, last)]

    def slice(self, article_id: str, start: int, end: int) -> str:
        """`article.text[start:end]`, cut inside SQLite, which counts code points as Python does."""
        sql = "SELECT substr(text, ? + 1, ? - ?) FROM article WHERE id = ?"
        for (piece,) in self._rows(sql, start, end, start, article_id):
            return str(piece)
        raise UnknownArticle(article_id)

    def passages(self, ids: Iterable[int]) -> dict[int, tuple[Passage, str]]:
        """The passages with these ids, each with its text."""
        sql = (
            "SELECT passage.id, article, start, end, first, last, heading, "
            "substr(text, start + 1, end - start) "
            "FROM passage JOIN article ON article.id = passage.article "
            "WHERE passage.id IN (SELECT value FROM json_each(?))"
        )
        rows = self._rows(sql, json.dumps(list(ids)))
        return {row[0]: (Passage(*row[1:7]), row[7]) for row in rows}

    def passage_ids(self, article_id: str | None = None) -> list[int]:
        sql = "SELECT id FROM passage WHERE ?1 IS NULL OR article = ?1 ORDER BY id"
        return [row[0] for row in self._rows(sql, article_id)]

    def count(self, table: Literal["article", "sentence", "passage"]) -> int:
        (count,) = next(self._rows(f"SELECT count(*) FROM {table}"))  # noqa: S608
        return int(count)

    def match(self, expression: str, allowed: Filter, limit: int) -> dict[int, float]:
        """BM25 of the passages that match an FTS5 expression, best first; higher is better."""
        if not expression:  # a query without words; to FTS5 it would be a syntax error
            return {}
        condition, values = _condition(allowed)
        sql = f"SELECT rowid, -rank FROM words WHERE words MATCH ?{condition} ORDER BY rank LIMIT ?"  # noqa: S608
        return dict(self._rows(sql, expression, *values, limit))

    def frequency(self, word: str) -> int:
        """How many passages hold a word, in any of its forms."""
        (count,) = next(self._rows("SELECT count(*) FROM words WHERE words MATCH ?", f'"{word}"'))
        return int(count)

    def check(self) -> None:
        """Read every page and every text. Raises IndexCorrupt; takes about a second a gigabyte."""
        (problem,) = next(self._rows("PRAGMA integrity_check(1)"))
        if problem != "ok":
            raise IndexCorrupt(f"the catalog is damaged ({problem})")
        for article_id, recorded in self._rows("SELECT id, revision FROM article"):
            if self.article(article_id).revision != recorded:
                raise IndexCorrupt(f"the text of {article_id} is not the one that was added")

    # -- writing, by the builder alone -----------------------------------------------------------

    def add(self, article: Article, sentences: Sequence[Sentence], passages: Sequence[Passage]) -> list[int]:
        """Store an article and return the ids of its passages, in order."""
        meta = article.metadata
        self._db.execute(
            f"INSERT INTO article ({_COLUMNS}, revision, sketch) VALUES ({', '.join(18 * '?')})",  # noqa: S608
            (
                article.id,
                article.source,
                meta.title,
                meta.author,
                meta.publisher,
                meta.published.isoformat() if meta.published else None,
                meta.published_is_guess,
                meta.url,
                json.dumps(meta.tags, ensure_ascii=False),
                article.text,
                json.dumps([(block.kind, block.start, block.end) for block in article.blocks]),
                json.dumps(article.pages),
                json.dumps(article.mended),
                _PLACES.dump_json(article.also).decode(),
                article.validators.etag,
                article.validators.last_modified,
                article.revision,
                similar.sketch(article.text).tobytes(),
            ),
        )
        self._db.executemany(
            "INSERT INTO sentence VALUES (?, ?, ?, ?, ?, ?)",
            [(s.article, s.n, s.start, s.end, s.block, s.heading) for s in sentences],
        )
        ids: list[int] = []
        for p in passages:
            cursor = self._db.execute(
                "INSERT INTO passage (article, start, end, first, last, heading) VALUES (?, ?, ?, ?, ?, ?)",
                (p.article, p.start, p.end, p.first, p.last, p.heading),
            )
            assert cursor.lastrowid is not None
            ids.append(cursor.lastrowid)
            self._db.execute(
                "INSERT INTO words (rowid, title, heading, body) VALUES (?, ?, ?, ?)",
                (ids[-1], meta.title, p.heading or "", article.text[p.start : p.end]),
            )
        return ids

    def keep(self, before: Article) -> None:
        """Keep what an article said before its text changed, and `KEPT` such revisions at most."""
        self._db.execute(
            "INSERT OR REPLACE INTO former VALUES (?, ?, ?, ?, ?)",
            (
                before.id,
                before.revision,
                zlib.compress(before.text.encode()),
                json.dumps([(block.kind, block.start, block.end) for block in before.blocks]),
                json.dumps(before.pages),
            ),
        )
        self._db.execute(
            "DELETE FROM former WHERE article = ?1 AND rowid NOT IN "
            "(SELECT rowid FROM former WHERE article = ?1 ORDER BY rowid DESC LIMIT ?2)",
            (before.id, KEPT),
        )

    def adopt(self, other: "Catalog") -> None:
        """Take over the former revisions of the articles of another catalog."""
        rows = other._rows("SELECT article, revision, text, blocks, pages FROM former ORDER BY rowid")  # noqa: SLF001
        self._db.executemany("INSERT INTO former VALUES (?, ?, ?, ?, ?)", rows)

    def relate(self, article_ids: Iterable[str]) -> None:
        """Note which articles share much of their text with these."""
        rows = self._rows("SELECT id, sketch FROM article")
        held = {article_id: np.frombuffer(sketch, np.uint64) for article_id, sketch in rows}
        new = {article_id: held[article_id] for article_id in article_ids}
        found = list(similar.pairs(new, held))
        both = {*found, *((other, one) for one, other in found)}
        self._db.executemany("INSERT OR IGNORE INTO alike VALUES (?, ?)", sorted(both))

    def remove(self, article_id: str, *, for_good: bool) -> list[int]:
        """Delete an article, `for_good` with its former revisions; return the ids that its passages had."""
        ids = self.passage_ids(article_id)
        self._db.execute("DELETE FROM alike WHERE ?1 IN (article, other)", (article_id,))
        if for_good:
            self._db.execute("DELETE FROM former WHERE article = ?", (article_id,))
        self._db.executemany("DELETE FROM words WHERE rowid = ?", [(n,) for n in ids])
        for table, column in (("passage", "article"), ("sentence", "article"), ("article", "id")):
            self._db.execute(f"DELETE FROM {table} WHERE {column} = ?", (article_id,))  # noqa: S608
        return ids

    def commit(self) -> None:
        self._db.commit()

    def _is_old(self) -> bool:
        (version,) = next(self._rows("PRAGMA user_version"))
        return int(version) < schema.VERSION

    def _rows(self, sql: str, *values: object) -> Iterator[tuple[Any, ...]]:
        try:
            yield from self._db.execute(sql, values)
        except sqlite3.DatabaseError as error:
            raise IndexCorrupt(f"the catalog is damaged ({error})") from None


def _condition(allowed: Filter) -> tuple[str, tuple[object, ...]]:
    """SQL that keeps the passages of the allowed articles, and its values."""
    if allowed.is_open:
        return "", ()
    tests = []
    values: list[object] = []
    if allowed.articles is not None:
        tests.append("article.id IN (SELECT value FROM json_each(?))")
        values.append(json.dumps(allowed.articles))
    if allowed.published_from:
        tests.append("article.published >= ?")
        values.append(allowed.published_from.isoformat())
    if allowed.published_to:
        tests.append("article.published <= ?")
        values.append(allowed.published_to.isoformat())
    chosen = (
        "SELECT passage.id FROM passage JOIN article ON article.id = passage.article WHERE "  # noqa: S608
        + " AND ".join(tests)
    )
    return f" AND rowid IN ({chosen})", tuple(values)


def _article(row: tuple[Any, ...]) -> Article:
    article_id, source, title, author, publisher, published, is_guess, url, tags, text, *more = row
    blocks, pages, mended, also, etag, last_modified = more
    with _readable(article_id):
        return Article(
            id=article_id,
            metadata=Metadata(
                title=title,
                author=author,
                publisher=publisher,
                published=date.fromisoformat(published) if published else None,
                url=url,
                tags=tuple(json.loads(tags)),
                published_is_guess=bool(is_guess),
            ),
            text=text,
            blocks=_blocks(blocks),
            source=source,
            pages=tuple(json.loads(pages)),
            mended=tuple(json.loads(mended)),
            also=_places(also),
            validators=Validators(etag, last_modified),
        )


def _blocks(stored: str) -> tuple[Block, ...]:
    return tuple(Block(BlockKind(kind), start, end) for kind, start, end in json.loads(stored))


def _places(stored: str) -> tuple[Place, ...]:
    return () if stored == "[]" else _PLACES.validate_json(stored)


@contextmanager
def _readable(article_id: str) -> Iterator[None]:
    """A damaged page may still be a sound SQLite row."""
    try:
        yield
    except (TypeError, ValueError, zlib.error) as error:
        raise IndexCorrupt(f"the record of {article_id} cannot be read ({error})") from None
