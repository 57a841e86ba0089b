"""The start-up lines: who the bot is, where, what it reads, who writes, and what it may see."""

import asyncio
import logging

import discord
from discord.ext import commands

from bot.discord import registry
from bot.discord.app import Ibid
from bot.discord.delivery import FAILURES
from bot.discord.logs import told
from bot.model import place
from bot.settings import Settings, WriterChoice

log = logging.getLogger("ibid.discord")

NAMED = 10
"""How many servers are named."""
NEEDED = discord.Permissions(
    view_channel=True,
    send_messages=True,
    send_messages_in_threads=True,
    create_public_threads=True,
    read_message_history=True,
    attach_files=True,
    add_reactions=True,
)


class Greeting(commands.Cog):
    def __init__(self, bot: Ibid) -> None:
        self._bot = bot
        self._greeted = False

    @commands.Cog.listener()
    async def on_ready(self) -> None:
        if self._greeted:  # Discord says so anew after each lost connection
            return
        self._greeted = True
        await greet(self._bot)


async def greet(bot: Ibid) -> None:
    """Write the start-up lines."""
    user = bot.user
    log.info("connected", extra={"as": str(user), "id": user and user.id, "shards": len(bot.shards)})
    guilds = sorted(guild.name for guild in bot.guilds)
    more = f" and {len(guilds) - NAMED} more" if len(guilds) > NAMED else ""
    log.info("servers", extra={"count": len(guilds), "names": ", ".join(guilds[:NAMED]) + more or None})
    if not guilds and bot.application_id:
        log.info(
            "in no server yet",
            extra={"invite": discord.utils.oauth_url(bot.application_id, permissions=NEEDED)},
        )
    articles = await asyncio.to_thread(bot.desks.default.titles)
    log.info("library", extra={"articles": len(articles), "home": str(bot.settings.home)})
    log.info("writer", extra={"model": writer(bot.settings)})
    intents = ", ".join(name for name, wanted in bot.intents if wanted)
    log.info("intents", extra={"names": intents})
    try:
        log.info("commands", extra={"state": await registry.state(bot)})
    except FAILURES as error:
        log.warning("commands not known", extra={"why": told(error)})


def writer(settings: Settings) -> str:
    """Which model writes, and where, without the credentials that an address may carry."""
    auto = settings.writer is WriterChoice.AUTO
    if settings.writer is WriterChoice.EXTRACTIVE or (auto and not settings.has_model):
        return "none, answers are quoted from the articles"
    return f"{settings.model} at {place(settings)}"


async def setup(bot: Ibid) -> None:
    await bot.add_cog(Greeting(bot))
