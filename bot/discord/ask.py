"""`/ask`: a question in the words of a member, answered below it."""

import asyncio
from contextlib import suppress
from typing import Literal

import discord
from discord import app_commands
from discord.ext import commands

from bot.answer import Answer, Asker, clean
from bot.discord.access import Place
from bot.discord.app import Ibid, Interaction, Refused, acknowledge, place, telling
from bot.discord.delivery import FAILURES
from bot.discord.escape import escaped, plain, shortened
from bot.discord.respond import Asked, admit, respond
from bot.discord.texts import Texts
from index.errors import IbidError

THREAD_KEPT: Literal[1440] = 1440
"""Minutes after which Discord puts a quiet thread away."""


class Ask(commands.Cog):
    def __init__(self, bot: Ibid) -> None:
        self.bot = bot

    @app_commands.command(name="ask")
    @app_commands.describe(
        question="What you want to know",
        article="Use this article only",
        private="Show the answer to you alone; moderators see unanswered questions, without names",
    )
    async def ask(
        self,
        interaction: Interaction,
        question: app_commands.Range[str, 1, 2000],
        article: str | None = None,
        private: bool | None = None,
    ) -> None:
        """Ask the articles; every sentence of the answer shows where it stands."""
        async with telling(interaction):
            await ask_here(interaction, question, article, private=private)

    @ask.autocomplete("article")
    async def _articles(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await article_choices(self.bot, interaction.guild_id or 0, typed)


async def ask_here(
    interaction: Interaction,
    question: str,
    article: str | None = None,
    *,
    private: bool | None,
    conversation: str | None = None,
) -> None:
    """Answer below an interaction. `private` None is as the server has set it; a `conversation` is the
    one that is followed up, in place of that of the channel.
    """
    bot = interaction.client
    where = place(interaction)
    # Looked at before it counts, and before the answer is public or private.
    question = clean(question)
    article = await chosen(bot, where.guild, article)
    settings, words = await admit(bot, where)
    hidden = settings.private if private is None else private
    await acknowledge(interaction, hidden=hidden)
    follows = conversation or await conversation_in(bot, where)
    asker = Asker(where.guild, where.channel, where.member, hidden, follows)
    spot = Behind(interaction, hidden=hidden)
    answer = await respond(bot, spot, Asked(question, asker, words, article, echo=True))
    if (
        answer
        and settings.threads
        and not follows
        and not hidden
        and isinstance(interaction.channel, discord.TextChannel)
    ):
        with suppress(*FAILURES):  # the answer is there; a thread can do without
            message = await interaction.original_response()
            await open_thread(bot, message, answer, words)


class Behind:
    """The response to a deferred interaction."""

    def __init__(self, interaction: Interaction, *, hidden: bool) -> None:
        self._interaction = interaction
        self._hidden = hidden

    async def put(self, content: str, view: discord.ui.View | None = None) -> discord.Message:
        return await self._interaction.edit_original_response(content=content, view=view)

    async def add(self, content: str, view: discord.ui.View | None = None) -> discord.Message:
        return await self._interaction.followup.send(
            content,
            view=view or discord.utils.MISSING,
            ephemeral=self._hidden,
            suppress_embeds=True,
            wait=True,
        )


async def article_choices(bot: Ibid, guild: int, typed: str) -> list[app_commands.Choice[str]]:
    """Up to 25 articles whose title or id holds what was typed; none where there is no library."""
    try:
        desk = await asyncio.to_thread(bot.desks.of, guild)
        titles = await asyncio.to_thread(desk.titles)
    except IbidError:
        return []
    wanted = typed.casefold()
    return [
        app_commands.Choice(name=shortened(plain(title), 100) or article, value=article)
        for article, title in titles.items()
        if wanted in title.casefold() or wanted in article
    ][:25]


async def chosen(bot: Ibid, guild: int, typed: str | None) -> str | None:
    """The id of the article that is meant, by id or whole title, however it is spelled. Raises Refused."""
    if typed is None:
        return None
    _, words = await bot.settings_of(guild)
    desk = await asyncio.to_thread(bot.desks.of, guild)
    titles = await asyncio.to_thread(desk.titles)
    wanted = typed.strip().casefold()
    for article, title in titles.items():
        if wanted in (article, title.casefold(), plain(title).casefold()):
            return article
    raise Refused(words.no_such_article.format(article=f"“{shortened(escaped(typed), 100)}”"))


async def conversation_in(bot: Ibid, where: Place) -> str | None:
    """The conversation that a thread was opened for, or that direct messages are; None begins one."""
    if not where.guild:
        return f"direct-{where.channel}"
    return await asyncio.to_thread(bot.desks.record.thread, where.channel)


async def open_thread(bot: Ibid, message: discord.Message, answer: Answer, words: Texts) -> None:
    """Open a thread below a message, in which every question follows up. Without the permission, none."""
    try:
        thread = await message.create_thread(
            name=shortened(plain(answer.question), 90), auto_archive_duration=THREAD_KEPT
        )
        await keep_thread(bot, thread, answer, words)
    except FAILURES:
        return


async def keep_thread(bot: Ibid, thread: discord.Thread, answer: Answer, words: Texts) -> None:
    """Remember what a thread was opened for, and say in it how to ask on."""
    await asyncio.to_thread(bot.desks.record.open_thread, thread.id, answer.id)
    hint = words.thread_hint_content if bot.settings.message_content else words.thread_hint
    await thread.send(hint, suppress_embeds=True)


async def setup(bot: Ibid) -> None:
    await bot.add_cog(Ask(bot))
