"""Embeddings that were made and are not published yet, so that a killed build does not begin again."""

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import date
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.fingerprint import Fingerprint

if TYPE_CHECKING:
    from index.embeddings import Vector  # 0.3 s


DAYS = 30
"""How long vectors wait for the build that they were made for."""


class Journal:
    """A file of vectors by the text and the model that they were made of. Its builder is the only user."""

    def __init__(self, path: Path, fingerprint: Fingerprint) -> None:
        """Raises sqlite3.Error where the file cannot be written. One that is damaged begins anew."""
        self._path = path
        self._wanted: set[bytes] = set()
        self._model = blake2b(repr(fingerprint).encode(), digest_size=32).digest()
        try:
            self._db = _opened(path)
        except sqlite3.Error:
            _unlink(path)
            try:
                self._db = _opened(path)
            except sqlite3.Error:
                _unlink(path)
                raise

    def find(self, texts: Iterable[str]) -> dict[str, "Vector"]:
        """The vectors of those of the texts that were embedded before."""
        found = {}
        for text in texts:
            key = self._key(text)
            self._wanted.add(key)
            row = self._db.execute("SELECT vector FROM made WHERE key = ?", (key,)).fetchone()
            if row:
                found[text] = np.frombuffer(row[0], np.float32)
        return found

    def keep(self, vectors: Mapping[str, "Vector"]) -> None:
        """Write down the vectors of texts, all or none."""
        with self._db:
            today = date.today().toordinal()  # noqa: DTZ011  # it only has to age
            rows = [(self._key(text), vector.tobytes(), today) for text, vector in vectors.items()]
            self._db.executemany("INSERT OR IGNORE INTO made VALUES (?, ?, ?)", rows)

    def published(self) -> None:
        """Forget what was looked for, and what lies here for long; the rest is another build's."""
        today = date.today().toordinal()  # noqa: DTZ011  # it only has to age
        with suppress(sqlite3.Error), self._db:  # what is published is published
            self._db.executemany("DELETE FROM made WHERE key = ?", [(key,) for key in self._wanted])
            self._db.execute("DELETE FROM made WHERE day < ?", (today - DAYS,))
        self.close()

    def close(self) -> None:
        """Leave what was kept to the next builder, or nothing where nothing was."""
        kept = self._db.execute("SELECT 1 FROM made LIMIT 1").fetchone()
        self._db.close()
        if not kept:
            _unlink(self._path)

    def delete(self) -> None:
        """Forget everything, as the disk cannot hold it."""
        self._db.close()
        _unlink(self._path)

    def _key(self, text: str) -> bytes:
        return blake2b(text.encode(), key=self._model, digest_size=16).digest()


def _opened(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path)
    try:
        db.execute("PRAGMA synchronous = OFF")  # a power cut may lose it: it only saves time
        db.execute(
            "CREATE TABLE IF NOT EXISTS made (key BLOB PRIMARY KEY, vector BLOB, day INTEGER) WITHOUT ROWID"
        )
        db.execute("SELECT count(day) FROM made")
    except sqlite3.Error:
        db.close()
        raise
    return db


def _unlink(path: Path) -> None:
    for name in (path.name, path.name + "-journal"):
        with suppress(OSError):
            path.with_name(name).unlink()
