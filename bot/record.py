"""The state database: each answer with its question, evidence, checks, writer and timings."""

import sqlite3
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.answer import Answer
from bot.trace import Trace
from index.errors import StateUnavailable, UnknownAnswer

_SCHEMA = """
CREATE TABLE IF NOT EXISTS answer (
    id TEXT PRIMARY KEY, asked_at TEXT NOT NULL, status TEXT NOT NULL, reason TEXT,
    question TEXT NOT NULL, answer TEXT NOT NULL, trace TEXT NOT NULL
)
"""
PATIENCE = 10.0
"""Seconds to wait for another process that is writing."""


@dataclass(frozen=True, slots=True)
class Recorded:
    asked_at: datetime
    answer: Answer
    trace: Trace


class Record:
    """Opens the database anew for each call, so that threads and processes may share it."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def keep(self, answer: Answer, trace: Trace, asked_at: datetime) -> None:
        """Store an answer, whole or not at all. Raises StateUnavailable."""
        row = (
            answer.id,
            asked_at.isoformat(timespec="seconds"),
            answer.status,
            answer.reason,
            answer.question,
            answer.model_dump_json(),
            trace.model_dump_json(),
        )
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with closing(self._open()) as db, db:
                db.execute(_SCHEMA)
                db.execute("INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        except (sqlite3.Error, OSError) as error:
            raise StateUnavailable(
                f"The answer could not be kept in {self._path} ({error}); see `ibid doctor`."
            ) from None

    def find(self, answer_id: str) -> Recorded:
        """The answer with this id. Raises UnknownAnswer or StateUnavailable."""
        if not self._path.exists():
            raise UnknownAnswer(answer_id)
        try:
            with closing(self._open()) as db:
                db.execute(_SCHEMA)
                row = db.execute(
                    "SELECT asked_at, answer, trace FROM answer WHERE id = ?", (answer_id,)
                ).fetchone()
        except sqlite3.Error as error:
            raise StateUnavailable(f"{self._path} cannot be read ({error}); see `ibid doctor`.") from None
        if row is None:
            raise UnknownAnswer(answer_id)
        return Recorded(
            datetime.fromisoformat(row[0]),
            Answer.model_validate_json(row[1]),
            Trace.model_validate_json(row[2]),
        )

    def check(self) -> int:
        """Read every page and return the number of answers kept. Raises StateUnavailable."""
        if not self._path.exists():
            return 0
        try:
            with closing(self._open()) as db:
                (problem,) = db.execute("PRAGMA integrity_check(1)").fetchone()
                if problem != "ok":
                    raise sqlite3.DatabaseError(problem)
                db.execute(_SCHEMA)
                (count,) = db.execute("SELECT count(*) FROM answer").fetchone()
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_BUSY:
                raise StateUnavailable(f"{self._path} is in use by another process; try again.") from None
            raise StateUnavailable(
                f"{self._path} is damaged ({error}); move it away, and a new one is made."
            ) from None
        return int(count)

    def _open(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, timeout=PATIENCE)
        # With a write-ahead log readers and writers do not wait for each other. The mode stays in
        # the file; changing it fails at once where another process is just doing so.
        if db.execute("PRAGMA journal_mode").fetchone() != ("wal",):
            with suppress(sqlite3.OperationalError):
                db.execute("PRAGMA journal_mode = WAL")
        return db
