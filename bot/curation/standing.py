"""How a guild's articles stand: what is being built, and how the last build ended."""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from pydantic import ValidationError

from bot.curation.jobs import Progress, State
from bot.curation.plans import Kind, Plan, Value
from bot.curation.schedule import Refreshed

log = logging.getLogger("ibid.curation")


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
    path = _path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        written = path.with_suffix(".new")
        written.write_text(outcome.model_dump_json(), "utf-8")
        written.replace(path)
    except OSError as error:
        log.warning("outcome not kept", extra={"why": str(error)})


def last(folder: Path) -> Outcome | None:
    """What was noted last in a guild's folder."""
    try:
        return Outcome.model_validate_json(_path(folder).read_bytes())
    except (OSError, ValidationError):
        return None


def _path(folder: Path) -> Path:
    return folder / "last-change.json"
