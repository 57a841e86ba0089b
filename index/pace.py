"""How fast work goes, and how long what is left of it will take."""

from collections import deque
from collections.abc import Callable
from time import monotonic

FIRST = 2.0
"""Seconds before there is an estimate: the first bits of work are no measure of the rest."""
WINDOW = 30.0
"""Seconds that an estimate looks back."""


class Pace:
    """Tell it `note` how far the work is. What was done when it was first told took no time of ours.

    `clock` counts seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._notes: deque[tuple[float, int]] = deque()
        self._total = 0

    def note(self, done: int, total: int) -> None:
        """`done` of `total` are done by now. Where `done` has fallen, other work has begun."""
        if self._notes and done < self._notes[-1][1]:
            self._notes.clear()
        now = self._clock()
        self._notes.append((now, done))
        self._total = total
        while len(self._notes) > 2 and self._notes[1][0] <= now - WINDOW:
            self._notes.popleft()

    @property
    def rate(self) -> float | None:
        """How many are done in a second; None while that cannot be told."""
        if not self._notes:
            return None
        (began, first), (_, last) = self._notes[0], self._notes[-1]
        seconds = self._clock() - began
        return (last - first) / seconds if seconds >= FIRST and last > first else None

    @property
    def left(self) -> float | None:
        """Seconds until all are done; None while that cannot be told."""
        rate = self.rate
        return (self._total - self._notes[-1][1]) / rate if rate else None
