"""The SQLite side of a generation: articles, sentences, passages, and the words of the passages."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from index.article import Article, Block, BlockKind, Metadata, Passage, Sentence
from index.errors import IndexCorrupt, UnknownArticle

_SCHEMA = """
CREATE TABLE article (
    id TEXT PRIMARY KEY, revision TEXT NOT NULL, source TEXT NOT NULL,
    title TEXT NOT NULL, author TEXT, publisher TEXT, published TEXT, url TEXT,
    tags TEXT NOT NULL, text TEXT NOT NULL, blocks TEXT NOT NULL
);
CREATE TABLE sentence (
    article TEXT NOT NULL, n INTEGER NOT NULL, start INTEGER NOT NULL, end INTEGER NOT NULL,
    block INTEGER NOT NULL, heading TEXT, PRIMARY KEY (article, n)
) WITHOUT ROWID;
CREATE TABLE passage (
    id INTEGER PRIMARY KEY AUTOINCREMENT, article TEXT NOT NULL, start INTEGER NOT NULL,
    end INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL, heading TEXT
);
CREATE INDEX passage_of_article ON passage (article);
CREATE VIRTUAL TABLE words USING fts5 (
    title, heading, body, tokenize = 'porter unicode61 remove_diacritics 2'
);
-- FTS5 multiplies the frequency of a term by the weight of its column, so 2 everywhere acts as
-- k1 = 0.6 in place of its fixed 1.2, which suits short passages (SQuAD 2, Hit@1 .757 -> .768).
INSERT INTO words (words, rank) VALUES ('rank', 'bm25(2.0, 2.0, 2.0)');
"""


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
            db.executescript(_SCHEMA)
        except sqlite3.Error:
            db.close()
            raise
        return cls(db)

    @classmethod
    def open_for_building(cls, path: Path) -> "Catalog":
        return cls(sqlite3.connect(path))

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
        except sqlite3.Error as error:
            if db is not None:
                db.close()
            raise IndexCorrupt(f"the catalog cannot be read ({error})") from None
        return cls(db)

    def close(self) -> None:
        self._db.close()

    # -- reading -----------------------------------------------------------------------------

    def articles(self) -> list[Article]:
        """Every article, by title."""
        return [_article(row) for row in self._rows("SELECT * FROM article ORDER BY title, id")]

    def titles(self) -> dict[str, str]:
        """The title of every article by its id, in the order of titles, without reading the texts."""
        return dict(self._rows("SELECT id, title FROM article ORDER BY title, id"))

    def article(self, article_id: str) -> Article:
        """Raises UnknownArticle."""
        for row in self._rows("SELECT * FROM article WHERE id = ?", article_id):
            return _article(row)
        raise UnknownArticle(article_id)

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
            "INSERT INTO article VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                article.id,
                article.revision,
                article.source,
                meta.title,
                meta.author,
                meta.publisher,
                meta.published.isoformat() if meta.published else None,
                meta.url,
                json.dumps(meta.tags, ensure_ascii=False),
                article.text,
                json.dumps([(block.kind, block.start, block.end) for block in article.blocks]),
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

    def remove(self, article_id: str) -> list[int]:
        """Delete an article and return the ids that its passages had."""
        ids = self.passage_ids(article_id)
        self._db.executemany("DELETE FROM words WHERE rowid = ?", [(n,) for n in ids])
        for table, column in (("passage", "article"), ("sentence", "article"), ("article", "id")):
            self._db.execute(f"DELETE FROM {table} WHERE {column} = ?", (article_id,))  # noqa: S608
        return ids

    def commit(self) -> None:
        self._db.commit()

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
    article_id, _, source, title, author, publisher, published, url, tags, text, blocks = row
    try:
        spans = [(BlockKind(kind), start, end) for kind, start, end in json.loads(blocks)]
        return Article(
            id=article_id,
            metadata=Metadata(
                title=title,
                author=author,
                publisher=publisher,
                published=date.fromisoformat(published) if published else None,
                url=url,
                tags=tuple(json.loads(tags)),
            ),
            text=text,
            blocks=tuple(Block(*span) for span in spans),
            source=source,
        )
    except (TypeError, ValueError) as error:  # a damaged page may still be a sound SQLite row
        raise IndexCorrupt(f"the record of {article_id} cannot be read ({error})") from None
