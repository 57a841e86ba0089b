"""`ibid bot` and `ibid bot sync`: one life of the bot, and advice where it cannot begin or go on."""

import asyncio
import gc
import logging
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

import aiohttp
import discord

from bot.discord import logs, registry
from bot.discord.app import Ibid
from bot.discord.features import COMMANDS, create_bot
from bot.settings import Settings
from index.errors import DiscordUnavailable, InputRejected, SettingsInvalid

log = logging.getLogger("ibid.discord")

PATIENCE = 8.0
"""Seconds that answers under way are given once the bot is told to stop."""
PATIENCE_WITH_MODELS = 6.0
"""Seconds after which these answers are quoted rather than waiting for a language model."""
LAST_MOMENT = 9.5
"""Seconds after which the process ends whatever hangs; what supervises it may kill it at 10."""
SIGNALS = (signal.SIGTERM, signal.SIGINT)
PORTAL = "https://discord.com/developers/applications"
BAD_TOKEN, MISSING_INTENT = 4004, 4014
"""Codes with which Discord closes a connection."""


def run(settings: Settings) -> None:
    """Run the bot until SIGTERM or SIGINT, which let answers under way be delivered.

    A second signal ends the process at once. Raises SettingsInvalid, DiscordUnavailable, and what
    `opening.desks` raises.
    """
    gc.enable()
    last = threading.Timer(LAST_MOMENT, _leave)
    last.daemon = True
    try:
        with logs.written(settings):
            asyncio.run(serve(settings, last.start))
    finally:
        last.cancel()


async def serve(settings: Settings, told: Callable[[], None] = lambda: None) -> None:
    """What `run` does; `told` is called when the bot is told to stop."""
    token = _token(settings)
    asyncio.get_running_loop().set_exception_handler(logs.unhandled)
    stopping: list[asyncio.Task[None]] = []
    with _explained():
        async with create_bot(settings) as bot:
            life = asyncio.create_task(_live(bot, token))

            def stop() -> None:
                told()
                stopping.append(asyncio.create_task(_stop(bot, life)))

            with _signals(stop):
                await asyncio.wait([life])
                for task in stopping:
                    await task
                if not life.cancelled():
                    life.result()


def sync(settings: Settings, guild: int | None = None) -> list[str]:
    """Register the commands with Discord, everywhere or in one guild, and return their names.

    Raises SettingsInvalid, DiscordUnavailable, InputRejected where the bot is not in the guild.
    """
    gc.enable()
    return asyncio.run(_sync(settings, guild))


async def _sync(settings: Settings, guild: int | None) -> list[str]:
    token = _token(settings)
    with _explained():
        async with _Registrar(settings, COMMANDS) as bot:
            await bot.login(token)
            try:
                return await registry.register(bot, guild)
            except discord.Forbidden:
                raise InputRejected(
                    f"Discord does not let the bot register commands in server {guild}; is it a member there?"
                ) from None


class _Registrar(Ibid):
    async def setup_hook(self) -> None:
        """Attach the commands; no library is opened, and no port."""
        await self.attach()


async def _live(bot: Ibid, token: str) -> None:
    await bot.login(token)
    gc.freeze()  # what is loaded by now stays: to collect it takes 0.3 s, in which nobody is heard
    await bot.connect()


async def _stop(bot: Ibid, life: asyncio.Task[None]) -> None:
    log.info("stopping", extra={"answers": bot.answering.count})
    if hasattr(bot, "desks"):
        asyncio.get_running_loop().call_later(PATIENCE_WITH_MODELS, bot.desks.abandon)
    await bot.answering.drain(PATIENCE)
    await bot.close()
    life.cancel()  # where it had not come as far as connecting
    log.info("stopped")


def _leave() -> None:
    log.error("left without waiting for what hangs")
    os._exit(0)


@contextmanager
def _signals(stop: Callable[[], None]) -> Iterator[None]:
    """Call `stop` at the first signal, and let a second one end the process.

    asyncio's own way to hear signals is missing on Windows.
    """
    loop = asyncio.get_running_loop()

    def heard(_number: int, _frame: FrameType | None) -> None:
        for one in SIGNALS:
            signal.signal(one, signal.SIG_DFL)
        loop.call_soon_threadsafe(stop)

    before = {one: signal.signal(one, heard) for one in SIGNALS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def _token(settings: Settings) -> str:
    token = settings.discord_token.get_secret_value().strip() if settings.discord_token else ""
    if not token:
        raise SettingsInvalid(f"DISCORD_TOKEN is not set; the bot's token is at {PORTAL}, under Bot.")
    if not token.isascii() or not token.isprintable() or " " in token:
        raise SettingsInvalid(f"DISCORD_TOKEN is not a token; copy it again from {PORTAL}, under Bot.")
    return token


@contextmanager
def _explained() -> Iterator[None]:
    """Turn what discord.py raises into advice."""
    try:
        yield
    except discord.LoginFailure as error:
        raise SettingsInvalid(
            f"Discord does not know this DISCORD_TOKEN; copy it again from {PORTAL}, under Bot."
        ) from error
    except discord.PrivilegedIntentsRequired as error:
        raise SettingsInvalid(
            "Discord does not grant the message content intent; switch it on at "
            f"{PORTAL}, under Bot, or leave IBID_MESSAGE_CONTENT unset."
        ) from error
    except discord.ConnectionClosed as error:
        if error.code == BAD_TOKEN:
            raise SettingsInvalid(
                f"Discord no longer takes this DISCORD_TOKEN; copy the new one from {PORTAL}, under Bot."
            ) from error
        raise DiscordUnavailable(f"Discord closed the connection (code {error.code}); try again.") from error
    except discord.HTTPException as error:
        raise DiscordUnavailable(
            f"Discord failed ({error.status}); try again in some minutes, see https://discordstatus.com."
        ) from error
    except (discord.GatewayNotFound, aiohttp.ClientError, ConnectionError, TimeoutError) as error:
        raise DiscordUnavailable(
            f"Discord cannot be reached ({type(error).__name__}); check the network, "
            "and see https://discordstatus.com."
        ) from error
