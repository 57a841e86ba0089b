"""What the moderators of a guild set."""

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.record.database import Database
from bot.record.limits import Limits
from index.errors import StateUnavailable


class Language(StrEnum):
    """Languages of the interface; answers are in the words of the articles."""

    ENGLISH = "en"


class GuildSettings(BaseModel):
    model_config = ConfigDict(frozen=True)

    channels: tuple[int, ...] = ()
    """Where questions are answered; empty: everywhere."""
    askers: tuple[int, ...] = ()
    """Roles that may ask; empty: everyone."""
    curators: tuple[int, ...] = ()
    """Roles that may change the articles, beside those who manage the server."""
    threads: bool = False
    private: bool = False
    cooldown: Annotated[int, Field(ge=0, le=3_600)] = 5
    channel_rate: Annotated[int, Field(ge=0, le=600)] = 20
    daily_budget: Annotated[int, Field(ge=0, le=100_000)] = 500
    language: Language = Language.ENGLISH
    own_library: bool = False
    """Whether the guild has articles of its own, in place of the default library."""

    @property
    def limits(self) -> Limits:
        return Limits(self.cooldown, self.channel_rate, self.daily_budget)


class Guilds:
    def __init__(self, database: Database) -> None:
        self._database = database

    def settings(self, guild: int) -> GuildSettings:
        """What was set, or the defaults. Raises StateUnavailable."""
        with self._database.reading() as db:
            row = db.execute("SELECT settings FROM guild WHERE id = ?", (guild,)).fetchone()
        try:
            return GuildSettings.model_validate_json(row[0]) if row else GuildSettings()
        except ValidationError:
            # Defaults would open what was closed: better no answer than one in the wrong channel.
            raise StateUnavailable(f"The settings of server {guild} cannot be read.") from None

    def change(self, guild: int, **changes: object) -> GuildSettings:
        """Set some settings and return all. Raises pydantic's ValidationError for a bad value."""
        changed = GuildSettings.model_validate({**self.settings(guild).model_dump(), **changes})
        with self._database.writing() as db:
            db.execute("INSERT OR REPLACE INTO guild VALUES (?, ?)", (guild, changed.model_dump_json()))
        return changed
