"""The buttons below an answer. They know the answer's id and nothing else, so they outlive restarts."""

import asyncio
import re

import discord

from bot.answer import Answer
from bot.discord.access import refusal_to_ask
from bot.discord.app import Ibid, Interaction, Refused, allowed, tell
from bot.discord.delivery import FAILURES
from bot.discord.escape import escaped
from bot.discord.forms import Form
from bot.discord.kept import Kept
from bot.discord.render import LONGEST, answer_pages
from bot.discord.texts import Texts
from bot.record.answers import Recorded
from index.errors import UnknownAnswer

ID = r"(?P<id>[0-9a-f]{8})"


class AnswerButton(Kept, template=r"ibid:never"):
    """A button that carries an answer's id; what it does is `pressed`."""

    async def used(self, interaction: Interaction, match: re.Match[str]) -> None:
        recorded, words = await answer_of(interaction, match["id"])
        await self.pressed(interaction, recorded, words, match)

    async def pressed(
        self, interaction: Interaction, recorded: Recorded, words: Texts, match: re.Match[str]
    ) -> None:
        raise NotImplementedError


class Helpful(AnswerButton, template=rf"ibid:helpful:{ID}"):
    async def pressed(
        self, interaction: Interaction, recorded: Recorded, words: Texts, _match: re.Match[str]
    ) -> None:
        feedback = interaction.client.feedback
        await asyncio.to_thread(feedback.vote, recorded.answer.id, interaction.user.id, helpful=True)
        await tell(interaction, words.thanks)


class Unhelpful(AnswerButton, template=rf"ibid:unhelpful:{ID}"):
    """Counts the vote at once, and then asks what went wrong, which may be left unsaid."""

    async def pressed(
        self, interaction: Interaction, recorded: Recorded, words: Texts, _match: re.Match[str]
    ) -> None:
        feedback = interaction.client.feedback
        await asyncio.to_thread(feedback.vote, recorded.answer.id, interaction.user.id, helpful=False)
        hint = words.what_went_wrong_hint if interaction.guild_id else words.what_went_wrong_hint_direct
        await interaction.response.send_modal(WhatWentWrong(recorded.answer.id, hint, words))


class WhatWentWrong(Form, template=rf"ibid:wrong:{ID}"):
    def __init__(self, answer_id: str, hint: str, words: Texts) -> None:
        super().__init__(f"ibid:wrong:{answer_id}", words.what_went_wrong)
        self.ask(
            "said",
            words.what_went_wrong_label,
            hint,
            style=discord.TextStyle.paragraph,
            required=False,
            max_length=1000,
        )

    @classmethod
    async def submitted(cls, interaction: Interaction, typed: dict[str, str], **of_id: str) -> None:
        recorded, words = await answer_of(interaction, of_id["id"])
        if said := typed["said"].strip():
            comment = interaction.client.feedback.comment
            if not await asyncio.to_thread(comment, recorded.answer.id, interaction.user.id, said):
                raise Refused(words.not_noted)
        await tell(interaction, words.noted)


class Share(AnswerButton, template=rf"ibid:share:{ID}"):
    """Posts a private answer where it was asked, with the asker's name, once."""

    async def pressed(
        self, interaction: Interaction, recorded: Recorded, words: Texts, _match: re.Match[str]
    ) -> None:
        await allowed(interaction, refusal_to_ask)
        answer = recorded.answer
        record = interaction.client.desks.record
        if not await asyncio.to_thread(record.share, answer.id):
            raise Refused(words.already_shared)
        try:
            shown = await _post(interaction, answer, words)
        except FAILURES:
            await asyncio.to_thread(record.unshare, answer.id)
            raise
        await asyncio.to_thread(record.show, answer.id, shown)


async def _post(interaction: Interaction, answer: Answer, words: Texts) -> list[int]:
    """The messages that were posted."""
    lead = words.shared.format(name=f"**{escaped(interaction.user.display_name)}**")
    first, *rest = answer_pages(answer, words, echo=True)
    pages = [f"{lead}\n{first}", *rest] if len(lead) + len(first) < LONGEST else [lead, first, *rest]
    view = interaction.client.buttons_below(answer, words, False)
    shown = []
    for number, page in enumerate(pages, 1):
        below = view if number == len(pages) else discord.utils.MISSING
        if number == 1:
            sent = await interaction.response.send_message(page, view=below, suppress_embeds=True)
            shown.append(sent.message_id)
        else:
            message = await interaction.followup.send(page, view=below, suppress_embeds=True, wait=True)
            shown.append(message.id)
    return [message for message in shown if message]


async def answer_of(interaction: Interaction, answer_id: str) -> tuple[Recorded, Texts]:
    """The answer that a button belongs to. Raises Refused where it is gone or somebody else's."""
    bot = interaction.client
    _, words = await bot.settings_of(interaction.guild_id or 0)
    try:
        recorded = await asyncio.to_thread(bot.desks.record.find, answer_id)
    except UnknownAnswer:
        raise Refused(words.forgotten) from None
    asker = recorded.asker
    if asker is None or asker.guild != (interaction.guild_id or 0):
        raise Refused(words.forgotten)
    if asker.private and not recorded.shared and asker.member != interaction.user.id:
        raise Refused(words.not_yours)
    return recorded, words


async def setup(bot: Ibid) -> None:
    bot.add_dynamic_items(Helpful, Unhelpful, Share)
