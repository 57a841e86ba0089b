"""What the bot and the process that works for it say to each other: one job, then lines, each as JSON."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from bot.curation.plans import Kind, Value
from index.builder import Change
from index.errors import (
    BuilderBusy,
    BuildFailed,
    EmbeddingMismatch,
    IbidError,
    IndexCorrupt,
    IndexMissing,
    IndexUnavailable,
    InputRejected,
    ModelUnavailable,
    SettingsInvalid,
)

PATIENCE = 20.0
"""Seconds in which addresses are begun to be read; the last one may take 40 more."""


class FromUrl(Value):
    do: Literal[Kind.ADD] = Kind.ADD
    url: str


class FromFile(Value):
    do: Literal[Kind.ADD] = Kind.ADD
    name: str


class Remove(Value):
    do: Literal[Kind.REMOVE] = Kind.REMOVE
    article: str


class Refresh(Value):
    do: Literal[Kind.REFRESH] = Kind.REFRESH
    article: str | None = None
    """All articles where it is None."""


class Edit(Value):
    do: Literal[Kind.EDIT] = Kind.EDIT
    article: str
    typed: dict[str, str]
    """By the fields of `Metadata`; empty where it is not known."""


Wanted = FromUrl | FromFile | Remove | Refresh | Edit


class Planning(Value):
    """A job: find out what a change would do."""

    step: Literal["plan"] = "plan"
    folder: Path
    guild: int
    library: Path
    """The one that the guild reads now."""
    begins_own: bool
    wanted: Wanted
    patience: float = PATIENCE
    contact: str | None = None
    """What web servers are told of who asks."""


class Building(Value):
    """A job: do what was planned. It holds of the settings what embedding needs."""

    step: Literal["build"] = "build"
    folder: Path
    library: Path
    origin: Path | None
    """What the library begins as a copy of, where there is none yet."""
    embedding: str
    embedding_folder: Path | None
    key: str | None = Field(repr=False)
    base_url: str | None
    timeout: float


Job = Planning | Building
JOB: TypeAdapter[Job] = TypeAdapter(Annotated[Job, Field(discriminator="step")])


class State(StrEnum):
    """What a job is doing."""

    WAITING = "waiting"
    STARTING = "starting"
    READING = "reading"
    EMBEDDING = "embedding"
    CHECKING = "checking"


class Progress(Value):
    line: Literal["progress"] = "progress"
    state: State
    title: str = ""
    done: int = 0
    total: int = 0
    """Articles that are read, or passages that are embedded."""


class Done(Value):
    line: Literal["done"] = "done"
    change: Change | None = None


class Failure(Value):
    line: Literal["failure"] = "failure"
    kind: str
    message: str

    @classmethod
    def of(cls, error: IbidError) -> "Failure":
        return cls(kind=kind_of(error), message=str(error))

    def error(self) -> IbidError:
        return _KINDS.get(self.kind, IbidError)(self.message)


Line = Progress | Done | Failure
LINE: TypeAdapter[Line] = TypeAdapter(Annotated[Line, Field(discriminator="line")])
Say = Callable[[Line], None]
Report = Callable[[Progress], None]

_KINDS: dict[str, type[IbidError]] = {
    kind.__name__: kind
    for kind in (
        InputRejected,
        SettingsInvalid,
        IndexMissing,
        IndexCorrupt,
        EmbeddingMismatch,
        IndexUnavailable,
        BuilderBusy,
        BuildFailed,
        ModelUnavailable,
        IbidError,
    )
}


def kind_of(error: IbidError) -> str:
    """The name of the nearest error that can be told with a message alone."""
    return next(base.__name__ for base in type(error).__mro__ if base.__name__ in _KINDS)
