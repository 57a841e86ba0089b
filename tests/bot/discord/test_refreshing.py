"""Libraries that are read again by themselves: whose turn it is, and what becomes of it."""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from discord.utils import utcnow
from prometheus_client import REGISTRY
from simcord import Env

from bot.curation import Refreshed, schedule
from bot.curation.curator import EVERYONE, Curator
from bot.curation.schedule import Turn
from bot.desks import default_library
from bot.discord import refreshing
from bot.discord.refreshing import Refreshing
from bot.settings import Settings
from index.builder import Builder
from index.embeddings import MiniLM
from tests.bot.curated import STUCK, give_own
from tests.bot.discord.conftest import bot_of, custom_id, server_in, simulated
from tests.bot.discord.site import LOOPBACK, Site, here
from tests.bot.discord.test_library import add, feature_of, told
from tests.index.notes import silent

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_a_library_is_due_when_its_period_is_over_and_the_longest_waiting_goes_first() -> None:
    turns = {guild: Turn(since=NOW - age * HOUR) for guild, age in ((0, 1), (1, 25), (2, 24), (3, 30))}
    assert schedule.due(turns, 24 * HOUR, NOW) == [3, 1, 2]
    assert schedule.due(turns, 26 * HOUR, NOW) == [3]


def test_a_clock_that_was_turned_back_keeps_no_library_waiting() -> None:
    assert schedule.due({0: Turn(since=NOW + HOUR)}, HOUR, NOW) == [0]


def test_new_libraries_get_their_first_turn_spread_over_a_period() -> None:
    for chance in (0.0, 0.5, 0.99):
        turn = schedule.first(NOW, 24 * HOUR, chance)
        assert schedule.due({0: turn}, 24 * HOUR, NOW) == []
        assert schedule.due({0: turn}, 24 * HOUR, NOW + (1 - chance) * 24 * HOUR) == [0]


def test_a_turn_is_kept_and_a_damaged_one_is_as_none(tmp_path: Path) -> None:
    turn = Turn(since=NOW, last=Refreshed(at=NOW, updated=1, failed=None))
    schedule.keep(tmp_path / "new", turn)
    assert schedule.turn_in(tmp_path / "new") == turn
    (tmp_path / "new" / "last-refresh.json").write_text("{")
    assert schedule.turn_in(tmp_path / "new") is None


@pytest_asyncio.fixture
async def daily(home: Path) -> AsyncIterator[Env]:
    async with simulated(Settings(home=home, refresh_hours=24)) as env:
        await refreshing_of(env).cog_unload()  # simcord waits for it; each test looks by itself
        feature_of(env).curator = Curator(
            bot_of(env).settings, bot_of(env).guild_settings, (sys.executable, "-c", LOOPBACK)
        )
        yield env


def refreshing_of(env: Env) -> Refreshing:
    found = bot_of(env).get_cog("Refreshing")
    assert isinstance(found, Refreshing)
    return found


def overdue(env: Env, *guilds: int) -> None:
    for guild in guilds:
        since = utcnow() - timedelta(hours=25)
        schedule.keep(feature_of(env).curator.folder(guild), Turn(since=since))


def count(outcome: str) -> float:
    return REGISTRY.get_sample_value("ibid_refreshes_total", {"outcome": outcome}) or 0


async def test_nothing_is_refreshed_by_itself_unless_it_was_asked_for(env: Env) -> None:
    assert bot_of(env).get_cog("Refreshing") is None


async def test_a_library_is_refreshed_in_its_turn_and_says_so(
    daily: Env, embedder: MiniLM, site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    """The default one, and a guild's own; a moderator sees how it went, and the log holds no content."""
    env, server = daily, server_in(daily)
    elsewhere = server_in(daily, "Elsewhere")
    ibid = bot_of(env)
    pages = [here(site.url("/treaty")), here(site.url("/gone"))]
    Builder(default_library(ibid.settings), embedder).add(pages, silent)
    give_own(ibid.settings, ibid.guild_settings, server.guild.id, embedder, pages)
    await refreshing_of(env).look()  # seen for the first time: nobody's turn
    curator = feature_of(env).curator
    first = schedule.turn_in(curator.folder(EVERYONE))
    assert first
    assert first.last is None

    site.pages["/treaty"] = "Ten states joined the treaty in the end."
    del site.pages["/gone"]
    overdue(env, EVERYONE, server.guild.id)
    done = count("done")
    with caplog.at_level(logging.INFO, "ibid"):
        await refreshing_of(env).look()
    for place in (server, elsewhere):
        status = told(await place.moderator.slash(place.channel, "library status"))
        assert ">: 1 updated, 0 unchanged, 1 could not be read" in status
        answer = told(
            await place.member.slash(
                place.channel, "ask", question="How many states joined the treaty?", private=True
            )
        )
        assert "Ten states joined" in answer
    assert count("done") == done + 2
    said = [record for record in caplog.records if record.getMessage() == "refreshed"]
    assert [vars(record)["updated"] for record in said] == [1, 1]
    assert "treaty" not in " ".join(str(vars(record)) for record in said)
    asked = len(site.asked)
    await refreshing_of(env).look()  # its period has begun anew
    assert len(site.asked) == asked

    overdue(env, EVERYONE, server.guild.id)
    await refreshing_of(env).look()
    assert site.asked.count("304 /treaty") == 2
    assert not list((ibid.settings.home / "staging").iterdir())


async def test_what_fails_waits_for_its_next_turn_and_is_in_the_status(daily: Env) -> None:
    server = server_in(daily)
    overdue(daily, EVERYONE)
    ibid = bot_of(daily)
    feature_of(daily).curator = Curator(ibid.settings, ibid.guild_settings, (sys.executable, "-c", ""))
    await refreshing_of(daily).look()
    assert "did not succeed" in told(await server.moderator.slash(server.channel, "library status"))
    turn = schedule.turn_in(feature_of(daily).curator.folder(EVERYONE))
    assert turn
    assert turn.since > utcnow() - timedelta(minutes=5)


async def test_a_guild_that_is_being_changed_is_left_alone_and_looked_at_again(
    daily: Env, embedder: MiniLM
) -> None:
    server, ibid = server_in(daily), bot_of(daily)
    give_own(ibid.settings, ibid.guild_settings, server.guild.id, embedder)
    shown = await add(server)
    stuck = feature_of(daily).curator = Curator(
        ibid.settings, ibid.guild_settings, (sys.executable, "-c", STUCK)
    )
    token = custom_id(shown.response, "build:").rpartition(":")[2]
    reached = asyncio.Event()
    building = asyncio.create_task(stuck.build(server.guild.id, token, lambda _: reached.set()))
    await reached.wait()
    schedule.keep(stuck.folder(EVERYONE), Turn(since=utcnow()))
    overdue(daily, server.guild.id)
    before = schedule.turn_in(stuck.folder(server.guild.id))
    await refreshing_of(daily).look()
    assert schedule.turn_in(stuck.folder(server.guild.id)) == before
    await stuck.close()
    await asyncio.gather(building, return_exceptions=True)


async def test_a_refresh_ends_with_the_bot(daily: Env, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refreshing, "LOOK", 0.01)
    ibid = bot_of(daily)
    stuck = feature_of(daily).curator = Curator(
        ibid.settings, ibid.guild_settings, (sys.executable, "-c", STUCK)
    )
    overdue(daily, EVERYONE)
    cog = Refreshing(ibid, feature_of(daily), 24 * HOUR)
    await cog.on_ready()
    while not stuck._jobs:
        await asyncio.sleep(0.01)
    await cog.cog_unload()
    assert not stuck._jobs
    turn = schedule.turn_in(stuck.folder(EVERYONE))
    assert turn
    assert turn.since > utcnow() - timedelta(minutes=5)  # what ends the bot does not do so again
