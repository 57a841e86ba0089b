"""How much may be asked. Counted in the state database, so that a restart gives nobody more."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.record.database import Database

DAY = 86_400.0
MINUTE = 60.0


class Limit(StrEnum):
    MEMBER = "member"
    CHANNEL = "channel"
    GUILD = "guild"


@dataclass(frozen=True, slots=True)
class Limits:
    cooldown: float
    """Seconds between two questions of one member."""
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
        with self._database.writing() as db:
            db.execute("DELETE FROM spent WHERE at <= ?", (at - DAY,))
            # A clock that was set back leaves questions in the future: they count as asked just now,
            # so that they are neither forgotten nor keep anybody waiting until then.
            db.execute("UPDATE spent SET at = ? WHERE at > ?", (at, at))

            def reached(limit: Limit, where: str, value: int, window: float, most: int) -> Refusal | None:
                found = db.execute(
                    f"SELECT at FROM spent WHERE {where} = ? AND at > ? "  # noqa: S608
                    "ORDER BY at DESC LIMIT 1 OFFSET ?",
                    (value, at - window, most - 1),
                ).fetchone()
                return Refusal(limit, found[0] + window - at) if found else None

            refusal = (
                (limits.cooldown and reached(Limit.MEMBER, "member", member, limits.cooldown, 1))
                or (
                    limits.channel_rate
                    and reached(Limit.CHANNEL, "channel", channel, MINUTE, limits.channel_rate)
                )
                or (
                    limits.daily_budget
                    and (
                        reached(Limit.GUILD, "guild", guild, DAY, limits.daily_budget)
                        if guild
                        else reached(Limit.GUILD, "guild = 0 AND member", member, DAY, limits.daily_budget)
                    )
                )
            )
            if refusal:
                return refusal
            db.execute("INSERT INTO spent VALUES (?, ?, ?, ?)", (guild, channel, member, at))
            return None

    def left(self, guild: int, limits: Limits, now: datetime) -> int:
        """How many questions of the daily budget of a guild are left."""
        since = now.timestamp() - DAY
        with self._database.reading() as db:
            (used,) = db.execute(
                "SELECT count(*) FROM spent WHERE guild = ? AND at > ?", (guild, since)
            ).fetchone()
        return max(0, limits.daily_budget - int(used))
