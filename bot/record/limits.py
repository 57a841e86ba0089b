"""How much may be asked. Counted in the state database, so that a restart gives nobody more."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.record.database import Database

DAY = 86_400.0
MINUTE = 60.0
BURST = 5
"""Questions that a member may ask in a row: a follow-up comes quicker than a flood may."""


class Limit(StrEnum):
    MEMBER = "member"
    CHANNEL = "channel"
    GUILD = "guild"


@dataclass(frozen=True, slots=True)
class Limits:
    """A limit of 0 is none."""

    cooldown: float
    """Seconds between questions of one member in one guild, of which `BURST` may come at once."""
    channel_rate: int
    """Questions a minute in one channel."""
    daily_budget: int
    """Questions in 24 hours in one guild, or of one person in direct messages."""


@dataclass(frozen=True, slots=True)
class Refusal:
    limit: Limit
    wait: float
    """Seconds until it may be tried again."""


class Budget:
    def __init__(self, database: Database) -> None:
        self._database = database

    def spend(self, guild: int, channel: int, member: int, limits: Limits, now: datetime) -> Refusal | None:
        """Count one question, or say which limit is reached; nothing is counted then.

        `guild` is 0 in direct messages, where the budget is the person's own.
        """
        at = now.timestamp()
        ids = {"guild": guild, "channel": channel, "member": member, "at": at}
        # What somebody asks in another guild is no business of this one's cooldown.
        theirs = "guild = :guild AND member = :member"
        checks = (
            (Limit.MEMBER, theirs, BURST * limits.cooldown, BURST),
            (Limit.CHANNEL, "channel = :channel", MINUTE, limits.channel_rate),
            (Limit.GUILD, "guild = :guild" if guild else theirs, DAY, limits.daily_budget),
        )
        with self._database.writing() as db:
            db.execute("DELETE FROM spent WHERE at <= ?", (at - DAY,))
            # A clock that was set back leaves questions in the future: they count as asked just now,
            # so that they are neither forgotten nor keep anybody waiting until then.
            db.execute("UPDATE spent SET at = :at WHERE at > :at", ids)
            for limit, where, window, most in checks:
                if not window or not most:  # no limit
                    continue
                found = db.execute(
                    f"SELECT at FROM spent WHERE {where} AND at > :since "  # noqa: S608
                    "ORDER BY at DESC LIMIT 1 OFFSET :more",
                    {**ids, "since": at - window, "more": most - 1},
                ).fetchone()
                if found:
                    return Refusal(limit, found[0] + window - at)
            db.execute("INSERT INTO spent VALUES (:guild, :channel, :member, :at)", ids)
            return None

    def left(self, guild: int, limits: Limits, now: datetime) -> int:
        """How many questions of the daily budget of a guild are left."""
        since = now.timestamp() - DAY
        with self._database.reading() as db:
            (used,) = db.execute(
                "SELECT count(*) FROM spent WHERE guild = ? AND at > ?", (guild, since)
            ).fetchone()
        return max(0, limits.daily_budget - int(used))
