"""What an operator's tools read on loopback."""

import asyncio
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio

from bot.discord import Ibid, create_bot, watch
from bot.settings import Settings
from tests.bot.discord.gateway import FakeDiscord, running

TRADE = "How much could informal trade between Iran and Pakistan be worth?"


@dataclass
class Watched:
    bot: Ibid
    fake: FakeDiscord

    @property
    def port(self) -> int:
        cog = self.bot.get_cog("Watch")
        assert isinstance(cog, watch.Watch)
        return cog.port

    async def ask(self, member: int) -> None:
        asked = self.fake.interaction("ask", {"question": TRADE}, member=member)
        await self.fake.until(lambda: asked.original and asked.original["components"])

    async def get(self, path: str) -> tuple[int, str]:
        async with (
            aiohttp.ClientSession() as client,
            client.get(f"http://127.0.0.1:{self.port}{path}") as reply,
        ):
            return reply.status, await reply.text()

    async def figure(self, name: str) -> float:
        _, text = await self.get("/metrics")
        return next(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name + " "))


@pytest_asyncio.fixture
async def watched(home: Path) -> AsyncIterator[Watched]:
    async with FakeDiscord() as fake:
        bot = create_bot(Settings(home=home, metrics_port=0))
        bot._connection.guild_ready_timeout = 0.05
        async with running(bot):
            await bot.wait_until_ready()
            yield Watched(bot, fake)


async def test_questions_are_counted(watched: Watched) -> None:
    counted = 'ibid_questions_total{outcome="answered"}'
    await watched.ask(3000)
    before = await watched.figure(counted)
    await watched.ask(3001)
    assert await watched.figure(counted) == before + 1


async def test_a_blocked_event_loop_is_seen_for_a_second(watched: Watched) -> None:
    await asyncio.sleep(0.1)
    time.sleep(0.3)
    await asyncio.sleep(0.1)
    assert 0.25 < await watched.figure("ibid_event_loop_gap_seconds") < 2
    await asyncio.sleep(1.3)
    assert await watched.figure("ibid_event_loop_gap_seconds") < 0.25


async def test_a_connected_bot_is_healthy(watched: Watched) -> None:
    status, body = await watched.get("/healthz")
    assert status == 200
    assert '"healthy": true' in body


async def test_a_bot_without_its_gateway_says_so(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("discord.backoff.ExponentialBackoff.delay", lambda _: 0.05)
    watched.fake.down = True
    watched.fake.drop()
    async with asyncio.timeout(5):
        while (answer := await watched.get("/healthz"))[0] == 200:
            await asyncio.sleep(0.02)
    assert answer[0] == 503
    assert "not connected to Discord (shards: 0)" in answer[1]


async def test_a_library_that_cannot_be_opened_is_the_reason(watched: Watched, home: Path) -> None:
    (home / "index" / "current").write_text("nothing")
    status, body = await watched.get("/healthz")
    assert status == 503
    assert "ibid rebuild" in body or "ibid doctor" in body or "restore" in body


async def test_a_bot_that_stops_is_not_asked_any_more(watched: Watched) -> None:
    await watched.bot.answering.drain(0)
    assert (await watched.get("/healthz"))[0] == 503


async def test_nothing_listens_after_the_end_or_without_the_setting(home: Path) -> None:
    async with FakeDiscord():
        async with running(bot := create_bot(Settings(home=home, metrics_port=0))):
            async with asyncio.timeout(10):
                while not bot.get_cog("Watch"):
                    await asyncio.sleep(0.02)
            port = Watched(bot, FakeDiscord()).port
        with pytest.raises(OSError, match="Connect call failed"):
            await asyncio.open_connection("127.0.0.1", port)
        async with running(bot := create_bot(Settings(home=home))):
            await asyncio.sleep(0.5)
            assert not bot.get_cog("Watch")
