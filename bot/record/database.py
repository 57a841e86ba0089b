"""The SQLite file behind the record. Everything in it belongs to people: what is forgotten is gone."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from index.errors import StateUnavailable

VERSION = 3
"""Raised with each new table, column or index; a file of a later version is left alone."""
_SCHEMA = """
CREATE TABLE IF NOT EXISTS answer (
    id TEXT PRIMARY KEY, asked_at TEXT NOT NULL, status TEXT NOT NULL, reason TEXT,
    question TEXT NOT NULL, answer TEXT NOT NULL, trace TEXT NOT NULL
);
-- Who asked on Discord, and where. `guild` is 0 in direct messages.
CREATE TABLE IF NOT EXISTS asked (
    answer TEXT PRIMARY KEY, conversation TEXT NOT NULL, guild INTEGER NOT NULL, channel INTEGER NOT NULL,
    member INTEGER NOT NULL, private INTEGER NOT NULL, shared INTEGER NOT NULL DEFAULT 0, undelivered TEXT
);
CREATE INDEX IF NOT EXISTS asked_in_conversation ON asked (conversation);
CREATE INDEX IF NOT EXISTS asked_by_member ON asked (member);
CREATE INDEX IF NOT EXISTS asked_in_guild ON asked (guild);
-- The messages that show an answer, and the threads that were opened for a conversation.
CREATE TABLE IF NOT EXISTS message (id INTEGER PRIMARY KEY, answer TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS thread (id INTEGER PRIMARY KEY, conversation TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS vote (
    answer TEXT NOT NULL, member INTEGER NOT NULL, helpful INTEGER NOT NULL, comment TEXT,
    PRIMARY KEY (answer, member)
);
CREATE TABLE IF NOT EXISTS verdict (
    answer TEXT NOT NULL, citation INTEGER NOT NULL, member INTEGER NOT NULL, verdict TEXT NOT NULL,
    PRIMARY KEY (answer, citation, member)
);
CREATE TABLE IF NOT EXISTS guild (id INTEGER PRIMARY KEY, settings TEXT NOT NULL);
-- What counts towards a limit: ids and seconds since 1970, for one day.
CREATE TABLE IF NOT EXISTS spent (
    guild INTEGER NOT NULL, channel INTEGER NOT NULL, member INTEGER NOT NULL, at REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS spent_at ON spent (at);
CREATE INDEX IF NOT EXISTS spent_in_guild ON spent (guild, at);
"""
PATIENCE = 10.0
"""Seconds to wait for another process that is writing."""


class Database:
    """Opens the file anew for each transaction, so that threads and processes may share it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read from. Raises StateUnavailable."""
        try:
            with closing(self._open()) as db:
                yield db
        except (sqlite3.Error, OSError) as error:
            raise StateUnavailable(f"{self.path} cannot be read ({error}); see `ibid doctor`.") from None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, alone from its first statement: kept whole or not at all.

        Raises StateUnavailable.
        """
        try:
            with closing(self._open()) as db:
                db.execute("BEGIN IMMEDIATE")
                with db:
                    yield db
        except (sqlite3.Error, OSError) as error:
            raise StateUnavailable(f"{self.path} cannot be written ({error}); see `ibid doctor`.") from None

    def shred(self) -> None:
        """Overwrite what was deleted, in the file and in its log. Raises StateUnavailable."""
        with self.reading() as db:
            db.execute("VACUUM")
            (kept_open, *_) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if kept_open:  # by a reader, for longer than our patience
                raise sqlite3.OperationalError("it is in use, and what was deleted is still in its log")

    def check(self) -> None:
        """Read every page. Raises StateUnavailable."""
        if not self.path.exists():
            return
        try:
            with closing(self._open()) as db:
                (problem,) = db.execute("PRAGMA integrity_check(1)").fetchone()
                if problem != "ok":
                    raise sqlite3.DatabaseError(problem)
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                raise StateUnavailable(f"{self.path} is in use by another process; try again.") from None
            raise StateUnavailable(
                f"{self.path} is damaged ({error}); move it away, and a new one is made."
            ) from None

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(self.path, timeout=PATIENCE, isolation_level=None)
        try:
            # With a write-ahead log readers and writers do not wait for each other. The mode stays in
            # the file; changing it fails at once where another process is just doing so.
            if db.execute("PRAGMA journal_mode").fetchone() != ("wal",):
                with suppress(sqlite3.OperationalError):
                    db.execute("PRAGMA journal_mode = WAL")
            (version,) = db.execute("PRAGMA user_version").fetchone()
            if version > VERSION:
                raise StateUnavailable(f"{self.path} was made by a later Ibid; use that one.")
            if version < VERSION:
                db.executescript(f"BEGIN IMMEDIATE; {_SCHEMA} PRAGMA user_version = {VERSION}; COMMIT")
        except BaseException:
            db.close()
            raise
        return db
