"""`/metrics` and `/healthz` on loopback, where IBID_METRICS_PORT is set."""

import asyncio
import logging
import time
from collections import deque

from aiohttp import web
from discord.ext import commands
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from bot.discord.app import Ibid
from bot.discord.metrics import LOOP_GAP
from index.errors import IbidError, SettingsInvalid

log = logging.getLogger("ibid.discord")

HOST = "127.0.0.1"
STEP = 0.05
"""Seconds between two looks at how late the event loop is."""
SECOND = round(1 / STEP)


class Watch(commands.Cog):
    """A cog, so that it starts and ends with the bot."""

    def __init__(self, bot: Ibid, port: int) -> None:
        self._bot = bot
        self._wanted = port
        self.port = 0
        """Where it listens; the setting may leave the choice to the system."""
        app = web.Application()
        app.router.add_get("/metrics", self._metrics)
        app.router.add_get("/healthz", self._healthz)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)

    async def cog_load(self) -> None:
        """Start. Raises SettingsInvalid where the port is taken."""
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self._wanted).start()
        except OSError as error:
            await self._runner.cleanup()
            raise SettingsInvalid(
                f"IBID_METRICS_PORT: {HOST}:{self._wanted} cannot be used ({error.strerror}); choose another."
            ) from None
        self.port = self._runner.addresses[0][1]
        self._lateness = asyncio.create_task(_measure())
        log.info("watching", extra={"metrics": f"http://{HOST}:{self.port}/metrics"})

    async def cog_unload(self) -> None:
        self._lateness.cancel()
        await self._runner.cleanup()

    async def _metrics(self, _: web.Request) -> web.Response:
        return web.Response(body=generate_latest(), headers={"Content-Type": CONTENT_TYPE_LATEST})

    async def _healthz(self, _: web.Request) -> web.Response:
        reason = await self._ailment()
        body = {"healthy": reason is None, "reason": reason, "answering": self._bot.answering.count}
        return web.json_response(body, status=503 if reason else 200)

    async def _ailment(self) -> str | None:
        bot = self._bot
        if bot.answering.closing:
            return "stopping"
        away = sorted(number for number, shard in bot.shards.items() if shard.is_closed())
        if away or not bot.is_ready():
            return f"not connected to Discord (shards: {', '.join(map(str, away)) or 'none yet'})"
        try:
            await asyncio.to_thread(bot.desks.default.titles)
        except IbidError as error:
            return str(error)
        return None


async def _measure() -> None:
    """Keep the gauge at the longest of the last second's delays."""
    late: deque[float] = deque(maxlen=SECOND)
    while True:
        due = time.perf_counter() + STEP
        await asyncio.sleep(STEP)
        late.append(max(time.perf_counter() - due, 0))
        LOOP_GAP.set(max(late))


async def setup(bot: Ibid) -> None:
    if bot.settings.metrics_port is not None:
        await bot.add_cog(Watch(bot, bot.settings.metrics_port))
