"""What a change would do to the articles of a guild, as people are shown it before it is done."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class Kind(StrEnum):
    ADD = "add"
    REMOVE = "remove"
    REFRESH = "refresh"


class Why(StrEnum):
    """Why an article could not be read again."""

    UPLOADED = "uploaded"
    OPERATORS = "operators"
    NO_TIME = "no_time"
    UNREADABLE = "unreadable"


class Entry(Value):
    """An article as a preview shows it."""

    id: str
    title: str
    author: str | None = None
    publisher: str | None = None
    published: date | None = None
    url: str | None = None
    characters: int
    passages: int
    begins: str
    """Its first sentence."""
    was: str | None = None
    """The title that it had before."""
    characters_before: int | None = None


class Refusal(Value):
    title: str
    why: Why
    more: str = ""


class Plan(Value):
    """What a change would do."""

    token: str
    guild: int
    kind: Kind
    added: tuple[Entry, ...] = ()
    updated: tuple[Entry, ...] = ()
    unchanged: tuple[Entry, ...] = ()
    removed: tuple[Entry, ...] = ()
    refused: tuple[Refusal, ...] = ()
    copied: int | None = None
    """The articles that the guild's own library begins with, where it has none yet."""

    @property
    def changed(self) -> tuple[Entry, ...]:
        """The articles that building it adds, updates or removes."""
        return (*self.added, *self.updated, *self.removed)
