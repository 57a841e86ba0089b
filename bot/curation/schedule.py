"""When which library is read again by itself, and how that ended last: pure decisions, and a file each."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path

from bot.curation import notes
from bot.curation.plans import Value


class Refreshed(Value):
    """How a library was read again, in numbers of articles."""

    at: datetime
    updated: int = 0
    unchanged: int = 0
    unread: int = 0
    """Those that could not be read."""
    failed: str | None = None
    """The name of the error."""


class Turn(Value):
    """What is kept of a library, so that a restart is not taken for the end of a period."""

    since: datetime
    """When its period began."""
    last: Refreshed | None = None


def first(now: datetime, every: timedelta, chance: float) -> Turn:
    """The turn of a library that is seen for the first time; `chance`, from 0 to 1, spreads them."""
    return Turn(since=now - chance * every)


def due(turns: Mapping[int, Turn], every: timedelta, now: datetime) -> list[int]:
    """The libraries whose period is over, longest first; also where the clock was turned back."""
    over = {guild for guild, turn in turns.items() if not turn.since <= now < turn.since + every}
    return sorted(over, key=lambda guild: (turns[guild].since, guild))


def turn_in(folder: Path) -> Turn | None:
    """What is kept in a folder."""
    return notes.read(_path(folder), Turn)


def keep(folder: Path, turn: Turn) -> None:
    notes.write(_path(folder), turn)


def _path(folder: Path) -> Path:
    return folder / "last-refresh.json"
