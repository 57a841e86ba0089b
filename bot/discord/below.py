"""What stands below an answer. The bot carries it, for these buttons lead to answers themselves."""

from discord import ui

from bot.answer import Answer
from bot.discord.app import Ibid
from bot.discord.buttons import Helpful, Share, Unhelpful
from bot.discord.follow_up import FollowUp
from bot.discord.reader import Sources
from bot.discord.texts import Texts


def buttons_below(answer: Answer, words: Texts, shareable: bool) -> ui.View:
    """Sources, Follow up, 👍, 👎, and Share where others may be shown what only the asker sees."""
    view = ui.View(timeout=None)
    if answer.citations or answer.nearest:
        label = words.sources if answer.citations else words.nearest_passages
        view.add_item(Sources.button(f"ibid:sources:{answer.id}", label=label, emoji="📖"))
    view.add_item(FollowUp.button(f"ibid:on:{answer.id}", label=words.follow_up))
    view.add_item(Helpful.button(f"ibid:helpful:{answer.id}", label="👍"))
    view.add_item(Unhelpful.button(f"ibid:unhelpful:{answer.id}", label="👎"))
    if shareable:
        view.add_item(Share.button(f"ibid:share:{answer.id}", label=words.share))
    return view


async def setup(bot: Ibid) -> None:
    bot.buttons_below = buttons_below
