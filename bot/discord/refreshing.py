"""Reads the libraries again by itself, where IBID_REFRESH_HOURS is set: one after the other."""

import asyncio
import logging
import random
from datetime import timedelta

import discord
from discord.ext import commands

from bot.curation import AlreadyBuilding, Refreshed, schedule
from bot.curation.curator import EVERYONE
from bot.curation.jobs import kind_of
from bot.discord.app import Ibid
from bot.discord.library import Library
from bot.discord.logs import told
from bot.discord.metrics import REFRESHED, REFRESHES
from index.errors import IbidError

log = logging.getLogger("ibid.discord")

LOOK = 60.0
"""Seconds between two looks at whose turn it is."""


class Refreshing(commands.Cog):
    def __init__(self, bot: Ibid, library: Library, every: timedelta) -> None:
        self._bot = bot
        self._library = library
        self._every = every
        self._life: asyncio.Task[None] | None = None

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        if self._life is None:  # Discord says so anew after each lost connection
            self._life = asyncio.create_task(self._live())

    async def cog_unload(self) -> None:
        if self._life:
            self._life.cancel()
            await asyncio.wait([self._life])

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            try:
                await self.look()
            except IbidError as error:
                log.warning("not refreshed", extra={"why": told(error)})
            except Exception:  # one bad look must not be the last
                log.exception("bug", extra={"command": "refreshing"})

    async def look(self) -> None:
        """Refresh the libraries whose turn it is. Raises StateUnavailable."""
        for guild in await asyncio.to_thread(self._due):
            if self._bot.answering.closing:
                return
            await self._refresh(guild)

    def _due(self) -> list[int]:
        """The libraries whose turn it is; one that was never seen gets its turn within a period."""
        curator, now = self._library.curator, discord.utils.utcnow()
        here = {guild.id for guild in self._bot.guilds}
        turns = {}
        for guild in (EVERYONE, *(own for own in curator.guilds() if own in here)):
            folder = curator.folder(guild)
            if (turn := schedule.turn_in(folder)) is None:
                turn = schedule.first(now, self._every, random.random())  # noqa: S311 - no secret
                schedule.keep(folder, turn)
            turns[guild] = turn
        return schedule.due(turns, self._every, now)

    async def _refresh(self, guild: int) -> None:
        """Refresh one library. Where that fails, it is tried again at its next turn."""
        began = discord.utils.utcnow()
        curator = self._library.curator
        folder = curator.folder(guild)
        before = await asyncio.to_thread(schedule.turn_in, folder)
        try:
            # Noted first, so that what ends the bot does not do so at each start.
            turn = schedule.Turn(since=began, last=before.last if before else None)
            await asyncio.to_thread(schedule.keep, folder, turn)
            how = await curator.refresh(guild)
        except AlreadyBuilding:  # somebody is changing it; look again when they are done
            if before:
                await asyncio.to_thread(schedule.keep, folder, before)
            return
        except IbidError as error:
            log.warning("not refreshed", extra={"guild": guild, "why": told(error)})
            how = Refreshed(at=discord.utils.utcnow(), failed=kind_of(error))
        await asyncio.to_thread(schedule.keep, folder, schedule.Turn(since=began, last=how))
        counts = {name: getattr(how, name) for name in ("updated", "unchanged", "unread")}
        for name, count in counts.items():
            REFRESHED.labels(name).inc(count)
        REFRESHES.labels("failed" if how.failed else "done").inc()
        if not how.failed:
            seconds = round((how.at - began).total_seconds(), 1)
            log.info("refreshed", extra={"guild": guild, **counts, "seconds": seconds})
        if how.updated:
            await asyncio.to_thread(self._library.warm, guild)


async def setup(bot: Ibid) -> None:
    library = bot.get_cog("Library")
    if bot.settings.refresh_hours and isinstance(library, Library):
        await bot.add_cog(Refreshing(bot, library, timedelta(hours=bot.settings.refresh_hours)))
