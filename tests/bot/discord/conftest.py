"""A simulated Discord around the real bot: `env` acts, `server` is a place to act in."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import discord
import pytest
import pytest_asyncio
from simcord import Env
from simcord.actors import MemberActor
from simcord.builders import ChannelHandle, GuildHandle
from simcord.results import ResponseMessage

from bot.desks import default_library
from bot.discord import Ibid, create_bot
from bot.settings import Settings
from index.library import Library
from tests.bot.discord.site import Site


@asynccontextmanager
async def simulated(
    settings: Settings, *, shards: int = 1, patience: float = 60, name: str = "Ibid"
) -> AsyncIterator[Env]:
    """The bot on a Discord of its own, which has to become quiet within `patience` seconds.

    Not `simcord.run`, whose end wants the context of its beginning; fixtures have one each.
    """
    bot = create_bot(settings)
    running = Env(bot, shard_count=shards, settle_timeout=patience)
    running.backend.bot_user.name = name
    await running.start()
    try:
        await bot.tree.sync()
        yield running
    finally:
        await running.shutdown()
    running.raise_errors()


@pytest_asyncio.fixture
async def env(home: Path) -> AsyncIterator[Env]:
    async with simulated(Settings(home=home)) as running:
        yield running


@dataclass(frozen=True, slots=True)
class Server:
    guild: GuildHandle
    channel: ChannelHandle
    member: MemberActor
    moderator: MemberActor


def server_in(env: Env, name: str = "Desk of Asia", shard_id: int | None = None) -> Server:
    """A guild with a channel, somebody who may only write, and somebody who manages it."""
    guild = env.create_guild(name, shard_id=shard_id)
    role = guild.create_role("Moderators", permissions=discord.Permissions(manage_guild=True))
    return Server(
        guild,
        guild.create_text_channel("general"),
        guild.add_member(env.create_user("alice")),
        guild.add_member(env.create_user("mo"), roles=[role]),
    )


def bot_of(env: Env) -> Ibid:
    assert isinstance(env.bot, Ibid)
    return env.bot


def custom_ids(message: ResponseMessage | None) -> list[str]:
    assert message
    return [str(item.get("custom_id", "")) for row in message.components for item in row["components"]]


def custom_id(message: ResponseMessage | None, part: str) -> str:
    """The id of the only button whose id holds `:part`."""
    (found,) = [known for known in custom_ids(message) if f":{part.lstrip(':')}" in known]
    return found


def at_rest(settings: Settings) -> Library:
    """The default library, as `ibid add` in another process sees it."""
    return default_library(settings)


@pytest.fixture
def site() -> Iterator[Site]:
    with Site().running() as running:
        yield running


@pytest_asyncio.fixture
async def server(env: Env) -> Server:
    return server_in(env)
