"""Looks at everything that an answer needs, and says of each how it is and how to mend it."""

import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from bot import opening
from bot.settings import Settings
from index.errors import EmbeddingMismatch, IbidError, IndexUnavailable
from index.generation import Generation
from index.library import Library, require

LEAST_SPACE = 500_000_000
"""Bytes: a build holds the old index and the new one at once."""


class Health(StrEnum):
    GOOD = "good"
    NOTE = "note"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    what: str
    health: Health
    detail: str
    of_index: bool = False
    """Whether a bad finding means that no question can be answered from the index."""


def examine(settings: Settings) -> Iterator[Finding]:
    """Yield one finding for each part, as soon as it was looked at."""
    yield _looked("data folder", lambda: _folder(settings))
    yield _looked("SQLite", _sqlite)
    yield _looked("embedding model", lambda: opening.embedder(settings).fingerprint.name)
    library = opening.library(settings)
    yield _index(library, settings)
    yield _looked("answers kept", lambda: f"{opening.record(settings).check():,}")
    if settings.has_model:
        yield _looked("language model", lambda: opening.try_model(settings))
    else:
        detail = "none; answers are quoted from the articles (OPENAI_API_KEY or OPENAI_BASE_URL)"
        yield Finding("language model", Health.NOTE, detail)


def _looked(what: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(what, Health.GOOD, look())
    except (IbidError, OSError) as error:
        return Finding(what, Health.BAD, str(error))


def _folder(settings: Settings) -> str:
    settings.home.mkdir(parents=True, exist_ok=True)
    if not os.access(settings.home, os.W_OK):
        raise PermissionError(f"{settings.home} cannot be written; change IBID_HOME or its rights")
    free = shutil.disk_usage(settings.home).free
    if free < LEAST_SPACE:
        raise OSError(f"{settings.home} has only {free // 1_000_000} MB free; make room")
    return f"{settings.home}, {free // 1_000_000_000} GB free"


def _sqlite() -> str:
    with sqlite3.connect(":memory:") as db:
        options = {row[0] for row in db.execute("PRAGMA compile_options")}
    if "ENABLE_FTS5" not in options:
        raise OSError("this Python's SQLite has no FTS5; use another Python")
    return sqlite3.sqlite_version


def _index(library: Library, settings: Settings) -> Finding:
    if library.is_new():
        detail = "none yet; the first question or `ibid add` makes it"
        return Finding("index", Health.NOTE, detail)
    try:
        generation = library.current()
        generation.catalog.check()
        require(generation, opening.embedder(settings).fingerprint)
    except EmbeddingMismatch as error:
        return Finding("index", Health.BAD, str(error), of_index=True)
    except IndexUnavailable as error:
        return Finding("index", Health.BAD, f"{error} {_advice(library)}", of_index=True)
    manifest = generation.manifest
    size = sum(file.size for file in manifest.files.values()) / 1e6
    detail = f"{manifest.articles:,} articles, {manifest.passages:,} passages, {size:.1f} MB"
    return Finding("index", Health.GOOD, f"{detail}, {manifest.id}")


def _advice(library: Library) -> str:
    """What to run, most faithful first."""
    sound = [name for name in library.previous() if _opens(library, name)]
    earlier = f", or `ibid restore {sound[0]}` lets that earlier one serve" if sound else ""
    return f"`ibid rebuild` makes it anew from the newest catalog that can be read{earlier}."


def _opens(library: Library, generation_id: str) -> bool:
    try:
        Generation.open(library.generations / generation_id).close()
    except IndexUnavailable:
        return False
    return True
