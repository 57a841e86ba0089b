"""Questions without a command: a mention, a reply, or a message in a thread that the bot opened."""

import asyncio
import logging
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import discord
from discord.ext import commands

from bot.answer import Asker
from bot.condense import is_courtesy
from bot.discord.access import Place, is_addressed, place_of, refusal_to_ask, without_mentions
from bot.discord.app import Ibid, Refused
from bot.discord.ask import conversation_in, keep_thread
from bot.discord.delivery import FAILURES
from bot.discord.escape import plain, shortened
from bot.discord.logs import told
from bot.discord.respond import Asked, Limited, admit, respond
from bot.record.answers import Recorded
from index.errors import IbidError

log = logging.getLogger("ibid.discord")

TYPING_LASTS = 9.0
"""Seconds; Discord shows it for ten."""

HINT_EVERY = timedelta(minutes=10)
LONG_AGO = datetime.min.replace(tzinfo=UTC)


class Listen(commands.Cog):
    def __init__(self, bot: Ibid) -> None:
        self.bot = bot
        self._hinted: dict[int, datetime] = {}
        """When it was last said, in which channel, that messages cannot be read there."""

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        bot = self.bot.user
        if message.author.bot or message.webhook_id or bot is None or message.is_system():
            return
        if not self.bot.is_new(message.id):
            return
        try:
            await self._heard(message, bot.id)
        except IbidError as error:
            log.warning("message not answered", extra={"why": told(error)})

    async def _heard(self, message: discord.Message, bot: int) -> None:
        record = self.bot.desks.record
        thread = None
        if isinstance(message.channel, discord.Thread):
            thread = await asyncio.to_thread(record.thread, message.channel.id)
        replied = message.reference.message_id if message.reference else None
        earlier = await asyncio.to_thread(record.shown_in, replied) if replied else None
        if not is_addressed(
            message.content,
            bot,
            mentioned=[person.id for person in message.mentions],
            everyone=message.mention_everyone or bool(message.role_mentions),
            reply_to=bot if earlier else _author_of(message.reference),
            own_thread=thread is not None or message.guild is None,
        ):
            return
        where = place_of(message.guild, message.channel, message.author)
        question = without_mentions(message.content)
        if is_courtesy(question):  # "thanks!" asks for nothing
            return
        if not question:
            await self._hint(message, where)
            return
        try:
            settings, words = await admit(self.bot, where)
        except Refused as refused:  # a reply could not be private; a sign is quieter than words
            await _sign(message, "⏳" if isinstance(refused, Limited) else "🚫")
            return
        conversation = _conversation(earlier, where.guild) or await conversation_in(self.bot, where)
        asker = Asker(where.guild, where.channel, where.member, private=False, conversation=conversation)
        spot = Below(message)
        opened = None
        if settings.threads and isinstance(message.channel, discord.TextChannel) and not conversation:
            opened = await _thread_below(message, question)
            if opened:
                spot = Below(message, opened)
        typing = asyncio.create_task(_type(message.channel))
        try:
            answer = await respond(self.bot, spot, Asked(question, asker, words))
        finally:
            typing.cancel()
        if opened and answer:
            with suppress(*FAILURES):
                await keep_thread(self.bot, opened, answer, words)

    async def _hint(self, message: discord.Message, where: Place) -> None:
        """Say how to ask, to an empty mention, and once where what was said cannot be read."""
        settings, words = await self.bot.settings_of(where.guild)
        if refusal_to_ask(where, settings, words):
            return
        text = words.ask_something.format(example=words.example)
        if where.guild and not message.content and not self.bot.settings.message_content:
            now = discord.utils.utcnow()
            if now - self._hinted.get(where.channel, LONG_AGO) < HINT_EVERY:
                return
            self._hinted[where.channel] = now
            text = words.cannot_read.format(me=self.bot.user and self.bot.user.mention)
        try:
            await message.reply(text, mention_author=False, suppress_embeds=True)
        except FAILURES as error:
            log.warning("hint not told", extra={"why": told(error)})


class Below:
    """A reply to a message, or the first message of the thread below it."""

    def __init__(self, message: discord.Message, thread: discord.Thread | None = None) -> None:
        self._message = message
        self._thread = thread
        self._written: discord.Message | None = None

    async def put(self, content: str, view: discord.ui.View | None = None) -> discord.Message:
        if self._written:
            self._written = await self._written.edit(content=content, view=view)
        else:
            self._written = await self._send(content, view, first=True)
        return self._written

    async def add(self, content: str, view: discord.ui.View | None = None) -> discord.Message:
        return await self._send(content, view, first=False)

    async def _send(self, content: str, view: discord.ui.View | None, *, first: bool) -> discord.Message:
        channel = self._thread or self._message.channel
        # Discord writes a message with the same number once only, however often it is sent.
        number = str(self._message.id) if first else None
        return await channel.send(
            content,
            view=view,  # type: ignore[arg-type]  # None is none
            reference=self._message.to_reference(fail_if_not_exists=False)
            if first and not self._thread
            else None,  # type: ignore[arg-type]
            mention_author=False,
            suppress_embeds=True,
            nonce=number,  # type: ignore[arg-type]
        )


def _author_of(reference: discord.MessageReference | None) -> int | None:
    """Whose message is replied to, where Discord said so; 0 for one that is not known."""
    if reference is None:
        return None
    resolved = reference.resolved
    return resolved.author.id if isinstance(resolved, discord.Message) else 0


def _conversation(earlier: Recorded | None, guild: int) -> str | None:
    """The conversation that a reply goes on with, in the same server only."""
    if earlier is None or earlier.asker is None or earlier.asker.guild != guild:
        return None
    return earlier.asker.conversation


async def _thread_below(message: discord.Message, question: str) -> discord.Thread | None:
    try:
        return await message.create_thread(name=shortened(plain(question), 90) or "…")
    except FAILURES:
        return None  # without the permission the answer is a reply


async def _type(channel: discord.abc.Messageable) -> None:
    """Show that an answer is being written, which neither delays nor fails it."""
    with suppress(*FAILURES):
        while True:
            await channel.typing()
            await asyncio.sleep(TYPING_LASTS)


async def _sign(message: discord.Message, emoji: str) -> None:
    try:
        await message.add_reaction(emoji)
    except FAILURES as error:
        log.info("sign not shown", extra={"why": told(error)})


async def setup(bot: Ibid) -> None:
    await bot.add_cog(Listen(bot))
