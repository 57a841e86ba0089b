"""Shows that long work goes on: a bar in a terminal, a line a second in a pipe."""

import time
from types import TracebackType
from typing import Self

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeRemainingColumn,
)

from bot.terminal.render import console, safe


class IndexingProgress:
    """Pass `report` to the builder. Writes to stderr, so that stdout holds the result alone."""

    def __init__(self) -> None:
        self._out = console(stderr=True)
        self._bar: Progress | None = None
        self._began = time.monotonic()
        self._said = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._bar:
            self._bar.stop()

    def report(self, title: str, done: int, total: int) -> None:
        """`done` of `total` passages are embedded; `title` is the article that comes next."""
        if done == total:
            self._finish(total)
        elif self._out.is_terminal:
            self._draw(title, done, total)
        elif done == 0 or time.monotonic() - self._said >= 1:
            self._said = time.monotonic()
            self._out.print(f"Indexing {safe(title)}: {done} of {total} passages")

    def _draw(self, title: str, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = Progress(
                TextColumn("Indexing {task.fields[title]}"),
                BarColumn(bar_width=20),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=self._out,
                transient=True,
            )
            self._bar.add_task("", total=total, title="")
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=done, title=safe(title)[:40])

    def _finish(self, total: int) -> None:
        if self._bar:
            self._bar.stop()
            self._bar = None
        seconds = time.monotonic() - self._began
        self._out.print(f"Indexed {total} passages in {seconds:.1f} s.")
