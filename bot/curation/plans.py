"""What a change would do to the articles of a guild, as people are shown it before it is done."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from index.diff import Edit


class Value(BaseModel):
    model_config = ConfigDict(frozen=True)


class Kind(StrEnum):
    ADD = "add"
    REMOVE = "remove"
    REFRESH = "refresh"
    EDIT = "edit"


class Why(StrEnum):
    """Why an article could not be read again."""

    UPLOADED = "uploaded"
    OPERATORS = "operators"
    NO_TIME = "no_time"
    UNREADABLE = "unreadable"


class Known(StrEnum):
    """What is known of an article beside its title."""

    AUTHOR = "author"
    PUBLISHER = "publisher"
    PUBLISHED = "published"
    URL = "url"


class Correction(Value):
    """Something that is known of an article and changes."""

    what: Known
    before: str
    after: str
    """Empty where it is not known."""


class Named(Value):
    id: str
    title: str


class Entry(Named):
    """An article as a preview shows it."""

    author: str | None = None
    publisher: str | None = None
    published: date | None = None
    published_is_guess: bool = False
    url: str | None = None
    characters: int
    passages: int
    begins: str
    """Its first sentence."""
    was: str | None = None
    """The title that it had before."""
    characters_before: int | None = None
    """Where its text changes."""
    edits: tuple[Edit, ...] = ()
    """The first sentences that change."""
    more_edits: int = 0
    corrections: tuple[Correction, ...] = ()

    @property
    def differs(self) -> bool:
        """Whether more changes than the places at which it stands."""
        return (
            bool(self.edits or self.corrections)
            or self.characters_before is not None
            or self.was != self.title
        )


class Duplicate(Value):
    """Something that was read and has the very text of an article from elsewhere."""

    source: str
    article: str
    title: str
    """Of the article."""


class Refusal(Value):
    why: Why
    title: str = ""
    """Of the article that is there already."""
    more: str = ""
    """Why it is unreadable, naming what."""


class Plan(Value):
    """What a change would do."""

    token: str
    guild: int
    kind: Kind
    added: tuple[Entry, ...] = ()
    updated: tuple[Entry, ...] = ()
    unchanged: tuple[Named, ...] = ()
    removed: tuple[Entry, ...] = ()
    merged: tuple[Duplicate, ...] = ()
    refused: tuple[Refusal, ...] = ()
    left_out: int = 0
    """Further pages that were named and not read."""
    typed: dict[str, str] = {}
    """What somebody wrote of the article that is edited, by the fields of `Metadata`."""
    copied: int | None = None
    """The articles that the guild's own library begins with, where it has none yet."""

    @property
    def changed(self) -> tuple[Entry, ...]:
        """The articles that building it adds, updates or removes."""
        return (*self.added, *self.updated, *self.removed)
