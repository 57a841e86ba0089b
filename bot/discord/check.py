"""The context menu "Check against the articles": a message, sentence by sentence."""

import asyncio
import re

import discord
from discord import app_commands

from bot.answer import CheckReport, clean
from bot.desk import Desk
from bot.discord.answering import Busy
from bot.discord.app import Ibid, Interaction, Refused, acknowledge, place, telling
from bot.discord.render import check_pages
from bot.discord.respond import admit
from bot.discord.unmarked import claims
from index import sentences
from index.errors import InputRejected

MOST_SENTENCES = 12
"""Sentences of a message that are checked; each takes about 50 ms."""
_QUESTION = re.compile(r"\?\W*$")


@app_commands.context_menu(name="Check against the articles")
async def check_message(interaction: Interaction, message: discord.Message) -> None:
    """Say what of a message the articles support, contradict, or do not mention."""
    async with telling(interaction):
        own = message.author == interaction.client.user
        await _check(interaction, claims(message.content, own=own))


async def _check(interaction: Interaction, content: str) -> None:
    bot = interaction.client
    _, words = await admit(bot, place(interaction))
    said = split(content)
    if not said:
        raise Refused(words.nothing_to_check)
    await acknowledge(interaction, hidden=True)
    desk = await asyncio.to_thread(bot.desks.of, interaction.guild_id or 0)
    try:
        async with bot.answering.turn():
            reports = await bot.answering.call(lambda: _checked(desk, said[:MOST_SENTENCES]))
    except Busy:
        raise Refused(words.busy) from None
    note = words.checked_first.format(n=MOST_SENTENCES) if len(said) > MOST_SENTENCES else ""
    for page in check_pages(reports, words, note):
        await interaction.followup.send(page, ephemeral=True, suppress_embeds=True)


def split(content: str) -> list[str]:
    """The sentences of a message that hold words and state something: questions do not."""
    kept = []
    for start, end in sentences.spans(content):
        if _QUESTION.search(content[start:end]):
            continue
        try:
            kept.append(clean(content[start:end], "sentence"))
        except InputRejected:
            continue
    return kept


def _checked(desk: Desk, said: list[str]) -> list[tuple[str, CheckReport]]:
    return [(sentence, desk.check(sentence)) for sentence in said]


async def setup(bot: Ibid) -> None:
    bot.tree.add_command(check_message)
