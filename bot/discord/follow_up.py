"""**Follow up** below an answer: a question that follows it up.

Without the privileged message content intent, Discord gives no content of replies to the response to a
command, so this is the way on that always works.
"""

import re

import discord

from bot.answer import LONGEST_QUESTION
from bot.discord.access import refusal_to_ask
from bot.discord.app import Ibid, Interaction, allowed
from bot.discord.ask import ask_here
from bot.discord.buttons import ID, AnswerButton, answer_of
from bot.discord.forms import Form
from bot.discord.texts import Texts
from bot.record.answers import Recorded


class FollowUp(AnswerButton, template=rf"ibid:on:{ID}"):
    async def pressed(
        self, interaction: Interaction, recorded: Recorded, words: Texts, _match: re.Match[str]
    ) -> None:
        await allowed(interaction, refusal_to_ask)
        await interaction.response.send_modal(NextQuestion(recorded.answer.id, words))


class NextQuestion(Form, template=rf"ibid:on:{ID}"):
    def __init__(self, answer_id: str, words: Texts) -> None:
        super().__init__(f"ibid:on:{answer_id}", words.follow_up)
        self.ask(
            "question",
            words.follow_up_label,
            words.follow_up_hint,
            style=discord.TextStyle.paragraph,
            max_length=LONGEST_QUESTION,
        )

    @classmethod
    async def submitted(cls, interaction: Interaction, typed: dict[str, str], **of_id: str) -> None:
        recorded, _ = await answer_of(interaction, of_id["id"])
        asker = recorded.asker
        assert asker
        await ask_here(
            interaction,
            typed["question"],
            private=True if asker.private and not recorded.shared else None,
            conversation=asker.conversation,
        )


async def setup(bot: Ibid) -> None:
    bot.add_dynamic_items(FollowUp)
