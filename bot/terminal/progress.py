"""Shows that long work goes on: a bar in a terminal, a line a second in a pipe."""

import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn
from rich.table import Column

from bot.terminal.render import console, safe
from index.pace import Pace

EVERY = 1.0
"""Seconds between two lines in a pipe."""
LONGEST_NAME = 60


class _Shown:
    """A bar or lines on stderr, so that stdout holds the result alone."""

    def __init__(self, after: float, clock: Callable[[], float], out: Console | None) -> None:
        """Nothing is shown in the first `after` seconds, for what takes less is not worth reading."""
        self._after = after
        self._clock = clock
        self._out = out or console(stderr=True)
        self._began: float | None = None
        self._said: float | None = None
        self._bar: Progress | None = None
        self._pace = Pace(clock)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def _show(self, verb: str, facts: str, done: int, total: int) -> None:
        began, now = self._start(), self._clock()
        if now - began < self._after:
            return
        if self._out.is_terminal:
            self._draw(verb, facts, done, total)
        elif self._said is None or now - self._said >= EVERY:
            self._said = now
            self._out.print(f"{verb} {facts}")

    def _start(self) -> float:
        if self._began is None:
            self._began = self._clock()
        return self._began

    def _draw(self, verb: str, facts: str, done: int, total: int) -> None:
        if self._bar is None:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(bar_width=20),
                TextColumn("{task.fields[facts]}", table_column=Column(no_wrap=True, overflow="ellipsis")),
                console=self._out,
                transient=True,
            )
            self._bar.add_task(verb, total=total, facts=facts)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=done, total=total, facts=facts)

    def _stop(self) -> None:
        if self._bar:
            self._bar.stop()
            self._bar = None


class ReadingProgress(_Shown):
    """Pass `report` to `index.sources.reading`."""

    def __init__(
        self,
        after: float = EVERY,
        clock: Callable[[], float] = time.monotonic,
        out: Console | None = None,
    ) -> None:
        super().__init__(after, clock, out)

    def report(self, name: str, done: int, known: int) -> None:
        """`done` of the `known` places are read; `name` is the one that comes next."""
        if done == known:
            self._stop()
            return
        self._pace.note(done, known)
        left = f" · {clock_time(self._pace.left)} left" if self._pace.left else ""
        self._show("Reading", f"{done + 1:,} of {known:,}{left} · {_end(safe(name))}", done, known)


class IndexingProgress(_Shown):
    """Pass `report` to the builder. With `after`, its end is left to the command to tell."""

    def __init__(
        self,
        after: float = 0.0,
        clock: Callable[[], float] = time.monotonic,
        out: Console | None = None,
    ) -> None:
        super().__init__(after, clock, out)

    def report(self, title: str, done: int, total: int) -> None:
        """`done` of `total` passages are embedded; `title` is the article that comes next."""
        if done == total:
            self._finish(total)
            return
        self._pace.note(done, total)
        rate = f" · {self._pace.rate:.0f}/s" if self._pace.rate else ""
        left = f" · {clock_time(self._pace.left)} left" if self._pace.left else ""
        name = safe(title)
        name = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
        self._show("Indexing", f"{name}: {done:,}/{total:,} passages{rate}{left}", done, total)

    def _finish(self, total: int) -> None:
        if self._began is None:  # nothing had to be embedded
            return
        self._stop()
        seconds = self._clock() - self._start()
        if not self._after:
            self._out.print(f"Indexed {total:,} passage{'s' * (total != 1)} in {seconds:.1f} s.")


def clock_time(seconds: float | None) -> str:
    """`0:38`, `12:05` or `1:02:00`; empty where it is not known."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _end(name: str) -> str:
    """Where addresses and paths differ."""
    return name if len(name) <= LONGEST_NAME else "…" + name[1 - LONGEST_NAME :]
