"""The buttons below an answer. They know the answer's id and nothing else, so they outlive restarts."""

import asyncio
import re
from typing import Any, Self

import discord
from discord import ui

from bot.answer import Answer
from bot.discord.app import Ibid, Interaction, Refused, report, tell, telling
from bot.discord.escape import escaped
from bot.discord.render import LONGEST, answer_pages
from bot.discord.texts import Texts
from bot.record.answers import Recorded
from index.errors import UnknownAnswer

ID = r"(?P<id>[0-9a-f]{8})"


class AnswerButton(ui.DynamicItem[ui.Button[Any]], template=r"ibid:never"):
    """A button that carries an answer's id; what it does is `pressed`."""

    def __init__(self, custom_id: str, **look: Any) -> None:
        super().__init__(ui.Button(custom_id=custom_id, **look))

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(match.string)

    async def callback(self, interaction: Interaction) -> Any:  # type: ignore[override]
        match = self.template.fullmatch(self.custom_id)
        assert match
        async with telling(interaction):
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
        await interaction.response.send_modal(WhatWentWrong(recorded.answer.id, words))


class WhatWentWrong(ui.Modal):
    def __init__(self, answer_id: str, words: Texts) -> None:
        super().__init__(title=words.what_went_wrong, timeout=900)
        self._answer_id = answer_id
        self._words = words
        self.said: ui.TextInput[Self] = ui.TextInput(
            style=discord.TextStyle.paragraph, required=False, max_length=1000
        )
        self.add_item(
            ui.Label(
                text=words.what_went_wrong_label, description=words.what_went_wrong_hint, component=self.said
            )
        )

    async def on_submit(self, interaction: Interaction) -> None:  # type: ignore[override]
        if said := self.said.value.strip():
            comment = interaction.client.feedback.comment
            await asyncio.to_thread(comment, self._answer_id, interaction.user.id, said)
        await tell(interaction, self._words.noted)

    async def on_error(self, interaction: Interaction, error: Exception) -> None:  # type: ignore[override]
        await report(interaction, error)


class Share(AnswerButton, template=rf"ibid:share:{ID}"):
    """Posts a private answer where it was asked, with the asker's name, once."""

    async def pressed(
        self, interaction: Interaction, recorded: Recorded, words: Texts, _match: re.Match[str]
    ) -> None:
        answer = recorded.answer
        record = interaction.client.desks.record
        if not await asyncio.to_thread(record.share, answer.id):
            raise Refused(words.already_shared)
        lead = words.shared.format(name=f"**{escaped(interaction.user.display_name)}**")
        first, *rest = answer_pages(answer, words, echo=True)
        pages = [f"{lead}\n{first}", *rest] if len(lead) + len(first) < LONGEST else [lead, first, *rest]
        view = answer_view(answer, words, private=False)
        shown = []
        for number, page in enumerate(pages, 1):
            below = view if number == len(pages) else discord.utils.MISSING
            if number == 1:
                sent = await interaction.response.send_message(page, view=below, suppress_embeds=True)
                shown.append(sent.message_id)
            else:
                message = await interaction.followup.send(page, view=below, suppress_embeds=True, wait=True)
                shown.append(message.id)
        await asyncio.to_thread(record.show, answer.id, [message for message in shown if message])


def answer_view(answer: Answer, words: Texts, *, private: bool) -> ui.View:
    """Sources, 👍, 👎, and Share where only the asker sees the answer."""
    from bot.discord.reader import Sources

    view = ui.View(timeout=None)
    if answer.citations or answer.nearest:
        view.add_item(Sources(f"ibid:sources:{answer.id}", label=words.sources, emoji="📖"))
    view.add_item(Helpful(f"ibid:helpful:{answer.id}", label="👍"))
    view.add_item(Unhelpful(f"ibid:unhelpful:{answer.id}", label="👎"))
    if private:
        view.add_item(Share(f"ibid:share:{answer.id}", label=words.share))
    return view


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
