"""How a guild's articles stand: what is being built, and how the last build ended."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bot.curation import notes
from bot.curation.jobs import Progress, State
from bot.curation.plans import Kind, Plan, Value
from bot.curation.schedule import Refreshed


class Outcome(Value):
    """How the last build of a guild ended."""

    at: datetime
    kind: Kind
    title: str
    others: int
    """How many more articles it was about."""
    failed: str | None = None
    """The name of the error."""


@dataclass
class UnderWay:
    """A build that is not done yet."""

    plan: Plan
    began: datetime
    progress: Progress = field(default_factory=lambda: Progress(state=State.WAITING))


@dataclass(frozen=True, slots=True)
class Standing:
    """What a guild reads, and what became of its last change."""

    own: bool
    articles: int
    passages: int
    generation: str
    built: datetime
    size: int
    """Bytes."""
    last: Outcome | None
    refreshed: Refreshed | None
    """How it was read again by itself."""
    under_way: UnderWay | None


def note(folder: Path, plan: Plan, failed: str | None) -> None:
    """Keep how a build ended, for whoever asks when its message cannot be changed any more."""
    outcome = Outcome(
        at=datetime.now(UTC),
        kind=plan.kind,
        title=plan.changed[0].title,
        others=len(plan.changed) - 1,
        failed=failed,
    )
    notes.write(_path(folder), outcome)


def last(folder: Path) -> Outcome | None:
    """What was noted last in a guild's folder."""
    return notes.read(_path(folder), Outcome)


def _path(folder: Path) -> Path:
    return folder / "last-change.json"
