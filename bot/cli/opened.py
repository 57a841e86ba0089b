"""What the commands work with, opened for as long as they need it."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bot.desk import Desk
    from bot.settings import Settings
    from index.builder import Builder, Progress


def read_settings() -> "Settings":
    from bot.settings import Settings

    return Settings.load()


@contextmanager
def opened_desk() -> "Iterator[Desk]":
    from bot import opening
    from bot.terminal.progress import IndexingProgress

    with IndexingProgress() as progress:
        desk = opening.desk(read_settings(), progress.report)
    gc.enable()
    gc.freeze()  # what is loaded by now stays: collecting it at exit would take 0.3 s
    try:
        yield desk
    finally:
        desk.close()


@contextmanager
def opened_builder(after: float = 0.0) -> "Iterator[tuple[Builder, Progress]]":
    """A builder, and what it reports to, which shows nothing in the first `after` seconds."""
    from bot import opening
    from bot.terminal.progress import IndexingProgress
    from index.builder import Builder

    settings = read_settings()
    with IndexingProgress(after) as progress:
        builder = Builder(opening.library(settings), opening.embedder(settings))
        yield builder, progress.report


@contextmanager
def told_when_stopped(consequence: str) -> Iterator[None]:
    """Say what Ctrl-C means for the work that it stops."""
    try:
        yield
    except KeyboardInterrupt:
        print(consequence, file=sys.stderr)
        raise
