"""The bot as one object: intents, what it opens at start-up, and what happens to errors."""

import asyncio
import logging

import discord
from discord import app_commands
from discord.ext import commands

from bot import opening
from bot.desks import Desks
from bot.discord.access import Place, place_of
from bot.discord.answering import Answering
from bot.discord.escape import escaped
from bot.discord.texts import Texts, texts
from bot.record.feedback import Feedback
from bot.record.guilds import Guilds, GuildSettings
from bot.record.limits import Budget
from bot.settings import Settings
from index.errors import IbidError, InputRejected

log = logging.getLogger("ibid.discord")

Interaction = discord.Interaction["Ibid"]

MARGIN = 5.0
"""Seconds that a model's deadline ends before that of the whole answer, so that its end is shown."""
ALREADY_ACKNOWLEDGED = 40_060
LONGEST_RATE_LIMIT = 60.0
"""Seconds that a request may wait for Discord's rate limit."""


class Refused(app_commands.CheckFailure):
    """Somebody may not do this; the message says so to them."""


def create_bot(settings: Settings | None = None) -> "Ibid":
    """The bot, configured and not yet connected. Raises SettingsInvalid."""
    return Ibid(settings or Settings.load())


class Ibid(commands.AutoShardedBot):
    desks: Desks
    guild_settings: Guilds
    feedback: Feedback
    budget: Budget

    def __init__(self, settings: Settings) -> None:
        super().__init__(
            command_prefix=commands.when_mentioned,  # asked for by the framework; `on_message` is ours
            help_command=None,
            tree_cls=Tree,
            intents=discord.Intents(
                guilds=True,
                guild_messages=True,
                dm_messages=True,
                message_content=settings.message_content,
            ),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            max_ratelimit_timeout=LONGEST_RATE_LIMIT,
        )
        self.settings = settings
        self.answering = Answering()
        self._greeted = False

    async def setup_hook(self) -> None:
        """Open the library and attach commands and buttons. Raises IbidError."""
        own = self.settings.model_copy(update={"deadline": max(self.settings.deadline - MARGIN, 1)})
        self.desks = await asyncio.to_thread(opening.desks, own, _log_progress)
        await asyncio.to_thread(self.desks.default.articles)  # opens the index, or says what is wrong
        database = self.desks.record.database
        self.guild_settings = self.desks.guilds
        self.feedback = Feedback(database)
        self.budget = Budget(database)
        # Imported here: each of them knows the bot.
        from bot.discord import articles, ask, buttons, check, gaps, library, listen, reader, settings

        for feature in (articles, ask, buttons, check, gaps, library, listen, reader, settings):
            await feature.setup(self)

    async def on_ready(self) -> None:
        if self._greeted:  # sent anew after each lost connection
            return
        self._greeted = True
        log.info("connected", extra={"as": str(self.user), "id": self.user and self.user.id})
        names = ", ".join(sorted(guild.name for guild in self.guilds)[:10])
        log.info("servers", extra={"count": len(self.guilds), "names": names or "none yet"})
        articles = await asyncio.to_thread(self.desks.default.articles)
        log.info("library", extra={"articles": len(articles), "home": str(self.settings.home)})
        model = self.settings.model if self.settings.has_model else None
        log.info("writer", extra={"model": model or "none; answers are quoted"})

    async def on_message(self, message: discord.Message, /) -> None:
        """Leave messages to `listen`: there are no commands in text."""

    async def on_error(self, event: str, /, *_args: object, **_kwargs: object) -> None:
        log.exception("event failed", extra={"event": event})

    async def settings_of(self, guild: int) -> tuple[GuildSettings, Texts]:
        """What was set in a guild, and its words; the defaults in direct messages."""
        found = await asyncio.to_thread(self.guild_settings.settings, guild) if guild else GuildSettings()
        return found, texts(found.language)

    async def close(self) -> None:
        if self.is_closed():
            return
        await super().close()
        if not hasattr(self, "desks"):
            return
        self.desks.abandon()
        await self.answering.close()
        await asyncio.to_thread(self.desks.close)


class Tree(app_commands.CommandTree["Ibid"]):
    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        """Say something to whoever waits, and keep the rest for the log."""
        await report(interaction, error)


def place(interaction: Interaction) -> Place:
    return place_of(interaction.guild, interaction.channel, interaction.user, interaction.permissions)


async def acknowledge(interaction: Interaction, *, hidden: bool) -> None:
    """Tell Discord within its three seconds that an answer is coming."""
    try:
        await interaction.response.defer(thinking=True, ephemeral=hidden)
    except discord.HTTPException as error:
        if error.code != ALREADY_ACKNOWLEDGED:  # its first reply was lost, and discord.py tried again
            raise


async def tell(interaction: Interaction, content: str, view: discord.ui.View | None = None) -> None:
    """Answer an interaction in private, whether or not it was acknowledged already."""
    below = view or discord.utils.MISSING
    if interaction.response.is_done():
        await interaction.followup.send(content, view=below, ephemeral=True, suppress_embeds=True)
    else:
        await interaction.response.send_message(content, view=below, ephemeral=True, suppress_embeds=True)


async def report(interaction: Interaction, error: Exception) -> None:
    """Turn any error of a command or button into one private line, and a line in the log."""
    cause = error.original if isinstance(error, app_commands.CommandInvokeError) else error
    words = texts()
    try:
        _, words = await interaction.client.settings_of(interaction.guild_id or 0)
    except IbidError as unreadable:
        cause = unreadable
    if isinstance(cause, discord.NotFound):  # the interaction expired, or its message was deleted
        log.warning("too late to answer", extra={"code": cause.code, "interaction": interaction.id})
        return
    known = isinstance(cause, IbidError | app_commands.CheckFailure)
    log.log(
        logging.WARNING if known else logging.ERROR,
        "command failed",
        extra={"command": interaction.command and interaction.command.qualified_name},
        exc_info=None if known else cause,
    )
    try:
        await tell(interaction, shown(cause, words))
    except discord.HTTPException as failed:
        log.warning("error could not be told", extra={"code": failed.code})


def shown(error: BaseException, words: Texts) -> str:
    """What a member is told of an error: the operator's part of it stays in the log."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, InputRejected):
        return escaped(str(error))
    return words.broken


def _log_progress(title: str, done: int, total: int) -> None:
    log.info("indexing", extra={"article": title, "done": done, "total": total})
