"""What the moderators of a guild set."""

import sqlite3
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.record.database import Database
from bot.record.limits import Limits
from index.errors import StateUnavailable

LONGEST_COOLDOWN = 3_600
MOST_A_MINUTE = 600
MOST_A_DAY = 100_000


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
    cooldown: Annotated[int, Field(ge=0, le=LONGEST_COOLDOWN)] = 5
    """Seconds after which a member may ask again; `limits.BURST` questions may come at once. A limit of 0
    is none."""
    channel_rate: Annotated[int, Field(ge=0, le=MOST_A_MINUTE)] = 20
    daily_budget: Annotated[int, Field(ge=0, le=MOST_A_DAY)] = 500
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
            return _settings(db, guild)

    def change(self, guild: int, **changes: object) -> GuildSettings:
        """Set some settings and return all; two changes at once are both kept.

        Raises StateUnavailable, and pydantic's ValidationError for a bad value.
        """
        with self._database.writing() as db:
            changed = GuildSettings.model_validate({**_settings(db, guild).model_dump(), **changes})
            db.execute("INSERT OR REPLACE INTO guild VALUES (?, ?)", (guild, changed.model_dump_json()))
        return changed


def _settings(db: sqlite3.Connection, guild: int) -> GuildSettings:
    row = db.execute("SELECT settings FROM guild WHERE id = ?", (guild,)).fetchone()
    try:
        return GuildSettings.model_validate_json(row[0]) if row else GuildSettings()
    except ValidationError:
        # Defaults would open what was closed: better no answer than one in the wrong channel.
        raise StateUnavailable(f"The settings of server {guild} cannot be read.") from None
