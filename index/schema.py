"""The tables of a catalog, and what brings one of an older Ibid up to date."""

VERSION = 2
"""Of the schema. A catalog of version 1 can be read, and a build on it brings it up to date."""

SCHEMA = """
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
_ADDED = {
    "published_is_guess": "INTEGER NOT NULL DEFAULT 0",
    "pages": "TEXT NOT NULL DEFAULT '[]'",
    "mended": "TEXT NOT NULL DEFAULT '[]'",
    "also": "TEXT NOT NULL DEFAULT '[]'",
    "etag": "TEXT DEFAULT NULL",
    "last_modified": "TEXT DEFAULT NULL",
    "sketch": "BLOB NOT NULL DEFAULT x''",
}
"""Columns of `article` that version 1 has not."""
_ADDED_TABLES = """
CREATE TABLE former (
    article TEXT NOT NULL, revision TEXT NOT NULL, text BLOB NOT NULL, blocks TEXT NOT NULL,
    pages TEXT NOT NULL, PRIMARY KEY (article, revision)
);
CREATE TABLE alike (article TEXT NOT NULL, other TEXT NOT NULL, PRIMARY KEY (article, other));
"""
UPDATE = ";".join(
    [f"ALTER TABLE article ADD COLUMN {name} {kind}" for name, kind in _ADDED.items()]
    + [_ADDED_TABLES, f"PRAGMA user_version = {VERSION}"]
)
# A finished catalog cannot be changed, so what version 1 lacks is laid over it for this connection.
OVERLAY = "CREATE TEMP VIEW article AS SELECT *, {} FROM main.article; {}".format(  # noqa: S608
    ", ".join(f"{kind.partition('DEFAULT ')[2]} AS {name}" for name, kind in _ADDED.items()),
    _ADDED_TABLES.replace("CREATE TABLE", "CREATE TEMP TABLE"),
)
