"""The bot as one object: intents, what it opens at start-up, and what happens to errors."""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

import aiohttp
import discord
from discord import app_commands
from discord.ext import commands

from bot import opening
from bot.answer import Answer
from bot.desks import Desks
from bot.discord.access import Place, Refusal, place_of
from bot.discord.answering import Answering
from bot.discord.delivery import FAILURES
from bot.discord.escape import escaped
from bot.discord.logs import told
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
ACKNOWLEDGED = "acknowledged"
REMEMBERED = 1_000
"""Questions; after a lost connection, Discord may send again what it sent before."""
LONGEST_RATE_LIMIT = 60.0
"""Seconds that a request may wait for Discord's rate limit."""


class Refused(Exception):
    """Somebody may not do this, or not now; the message says so to them."""


Feature = Callable[["Ibid"], Awaitable[None]]
"""Attaches commands, buttons or listeners: the `setup` of a module beside this one."""


class Ibid(commands.AutoShardedBot):
    desks: Desks
    guild_settings: Guilds
    feedback: Feedback
    budget: Budget
    buttons_below: Callable[[Answer, Texts, bool], discord.ui.View]
    """Makes the buttons below an answer; the last argument is whether it may be shared."""

    def __init__(self, settings: Settings, features: Iterable[Feature]) -> None:
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
        self.answering = Answering(with_model=settings.has_model)
        self._features = tuple(features)
        self._heard: deque[int] = deque(maxlen=REMEMBERED)

    async def setup_hook(self) -> None:
        """Open the library and attach what members use. Raises IbidError."""
        own = self.settings.model_copy(update={"deadline": max(self.settings.deadline - MARGIN, 1)})
        self.desks = await asyncio.to_thread(opening.desks, own, _log_progress)
        await asyncio.to_thread(self.desks.default.titles)  # opens the index, or says what is wrong
        database = self.desks.record.database
        self.guild_settings = self.desks.guilds
        self.feedback = Feedback(database)
        self.budget = Budget(database)
        await self.attach()

    async def attach(self) -> None:
        for feature in self._features:
            await feature(self)

    async def on_message(self, message: discord.Message, /) -> None:
        """Leave messages to `listen`: there are no commands in text."""

    async def on_error(self, event: str, /, *_args: object, **_kwargs: object) -> None:
        log.exception("event failed", extra={"on": event})

    async def settings_of(self, guild: int) -> tuple[GuildSettings, Texts]:
        """What was set in a guild, and its words; the defaults in direct messages."""
        found = await asyncio.to_thread(self.guild_settings.settings, guild) if guild else GuildSettings()
        return found, texts(found.language)

    def is_new(self, event: int) -> bool:
        """Whether this interaction or message comes for the first time."""
        if event in self._heard:
            return False
        self._heard.append(event)
        return True

    async def close(self) -> None:
        if self.is_closed():
            return
        await self.answering.drain(0)  # whoever still waits is told so
        await super().close()
        if not hasattr(self, "desks"):
            return
        self.desks.abandon()
        await self.answering.close()
        await asyncio.to_thread(self.desks.close)


class Tree(app_commands.CommandTree["Ibid"]):
    async def interaction_check(self, interaction: Interaction, /) -> bool:
        return interaction.client.is_new(interaction.id)

    async def on_error(self, interaction: Interaction, error: app_commands.AppCommandError, /) -> None:
        """Log what `telling` has told already, and tell of what never got to a command."""
        if isinstance(error, app_commands.CommandInvokeError):
            log.error("bug", extra={"command": _name(interaction)}, exc_info=error.original)
        else:
            await report(interaction, error)


def place(interaction: Interaction) -> Place:
    return place_of(interaction.guild, interaction.channel, interaction.user, interaction.permissions)


async def allowed(interaction: Interaction, refusal: Refusal) -> tuple[GuildSettings, Texts]:
    """What is set where somebody may do this, and its words. Raises Refused."""
    settings, words = await interaction.client.settings_of(interaction.guild_id or 0)
    if why := refusal(place(interaction), settings, words):
        raise Refused(why)
    return settings, words


async def acknowledge(interaction: Interaction, *, hidden: bool) -> None:
    """Tell Discord within its three seconds that an answer is coming."""
    try:
        try:
            await interaction.response.defer(thinking=True, ephemeral=hidden)
        except aiohttp.ClientError:  # there is time for one more try, where discord.py makes none
            await interaction.response.defer(thinking=True, ephemeral=hidden)
    except discord.HTTPException as error:
        if error.code != ALREADY_ACKNOWLEDGED:  # it was heard the first time, and only the reply was lost
            raise
        interaction.extras[ACKNOWLEDGED] = True


async def tell(interaction: Interaction, content: str, view: discord.ui.View | None = None) -> None:
    """Answer an interaction in private, whether or not it was acknowledged already."""
    below = view or discord.utils.MISSING
    if interaction.response.is_done() or ACKNOWLEDGED in interaction.extras:
        await interaction.followup.send(content, view=below, ephemeral=True, suppress_embeds=True)
    else:
        await interaction.response.send_message(content, view=below, ephemeral=True, suppress_embeds=True)


@asynccontextmanager
async def telling(interaction: Interaction) -> AsyncIterator[None]:
    """Tell whoever waits, in private, what goes wrong inside. What nobody expected is raised again."""
    try:
        yield
    except (Refused, IbidError, *FAILURES) as error:
        await report(interaction, error)
    except Exception as error:
        await report(interaction, error)
        raise


async def report(interaction: Interaction, error: Exception) -> None:
    """One private line for whoever waits, and one in the log."""
    words = texts()
    try:
        _, words = await interaction.client.settings_of(interaction.guild_id or 0)
    except IbidError as unreadable:
        error = unreadable
    if isinstance(error, discord.NotFound):  # the interaction expired, or its message was deleted
        log.warning("too late to answer", extra={"command": _name(interaction), "code": error.code})
        return
    level = logging.INFO if isinstance(error, Refused) else logging.WARNING
    log.log(level, "refused", extra={"command": _name(interaction), "why": type(error).__name__})
    try:
        await tell(interaction, shown(error, words))
    except FAILURES as failed:
        log.warning("not told", extra={"command": _name(interaction), "why": told(failed)})


def shown(error: BaseException, words: Texts) -> str:
    """What a member is told of an error: the operator's part of it stays in the log."""
    if isinstance(error, Refused):
        return str(error)
    if isinstance(error, InputRejected):
        return escaped(str(error))
    return words.broken


def _log_progress(title: str, done: int, total: int) -> None:
    log.info("indexing", extra={"article": title, "done": done, "total": total})


def _name(interaction: Interaction) -> str:
    """The command or the button that was used, without what was typed."""
    if interaction.command:
        return interaction.command.qualified_name
    custom_id = str(dict(interaction.data or {}).get("custom_id", "?"))
    return ":".join(custom_id.split(":")[:2])
