"""The private, paged reader behind "Sources": each citation inside its paragraph, and what is said of it."""

import asyncio
import re

import discord
from discord import ui

from bot.answer import Citation, Status
from bot.desk import Context
from bot.discord.app import Ibid, Interaction, Refused, tell
from bot.discord.buttons import ID, AnswerButton
from bot.discord.kept import turning
from bot.discord.links import link_button
from bot.discord.render import reader_page
from bot.discord.texts import Texts
from bot.record.answers import Recorded
from bot.record.feedback import CitationVerdict
from index.errors import SourceChanged

N = r"(?P<n>\d{1,3})"
MARKS = {
    CitationVerdict.SUPPORTS: "✓",
    CitationVerdict.DOES_NOT: "✗",
    CitationVerdict.WRONG_PASSAGE: "↔",
}


class Sources(AnswerButton, template=rf"ibid:sources:{ID}"):
    async def pressed(
        self, interaction: Interaction, recorded: Recorded, words: Texts, _match: re.Match[str]
    ) -> None:
        content, view = await _page(interaction, recorded, 1, words)
        await tell(interaction, content, view)


class Turn(AnswerButton, template=rf"ibid:read:{ID}:{N}"):
    """‹ or ›: shows another citation in the same message."""

    async def pressed(
        self, interaction: Interaction, recorded: Recorded, words: Texts, match: re.Match[str]
    ) -> None:
        content, view = await _page(interaction, recorded, int(match["n"]), words)
        await interaction.response.edit_message(content=content, view=view)


class Judge(AnswerButton, template=rf"ibid:judge:{ID}:{N}:(?P<verdict>[a-z_]+)"):
    """✓, ✗ or ↔: keeps what the reader says of the citation, and shows that it was kept."""

    async def pressed(
        self, interaction: Interaction, recorded: Recorded, words: Texts, match: re.Match[str]
    ) -> None:
        n, verdict = int(match["n"]), CitationVerdict(match["verdict"])
        judge = interaction.client.feedback.judge
        await asyncio.to_thread(judge, recorded.answer.id, n, interaction.user.id, verdict)
        content, view = await _page(interaction, recorded, n, words)
        await interaction.response.edit_message(content=content, view=view)


async def _page(interaction: Interaction, recorded: Recorded, n: int, words: Texts) -> tuple[str, ui.View]:
    answer = recorded.answer
    citations = answer.citations or answer.nearest
    if not 1 <= n <= len(citations):
        raise Refused(words.no_sources)
    citation = citations[n - 1]
    bot = interaction.client
    context = await asyncio.to_thread(_context, bot, interaction.guild_id or 0, citation)
    declined = answer.status is Status.DECLINED
    content = reader_page(citation, len(citations), context, words, declined=declined)
    said = await asyncio.to_thread(bot.feedback.verdicts, answer.id, interaction.user.id)
    if verdict := said.get(n):
        mark = f"{MARKS[verdict]} {words.verdicts[verdict]}"
        content += f"\n\n-# {words.your_verdict.format(verdict=mark)}"
    return content, _view(answer.id, citation, len(citations), said.get(n), words, declined=declined)


def _context(bot: Ibid, guild: int, citation: Citation) -> Context:
    """What a citation stands in; where that is not kept any more, the quotation alone."""
    desk = bot.desks.of(guild)
    try:
        return desk.context(citation)
    except SourceChanged:
        (since,) = desk.since([citation])
        return Context("", citation.quote, "", since)


def _view(
    answer_id: str,
    citation: Citation,
    total: int,
    said: CitationVerdict | None,
    words: Texts,
    *,
    declined: bool,
) -> ui.View:
    view = ui.View(timeout=None)
    n = citation.n
    if total > 1:
        for button in turning(Turn, f"ibid:read:{answer_id}", n, total):
            view.add_item(button)
    if link := link_button(citation.link or "", words.open_article):
        view.add_item(link)
    if not declined:
        for verdict, mark in MARKS.items():
            style = discord.ButtonStyle.primary if verdict is said else discord.ButtonStyle.secondary
            custom_id = f"ibid:judge:{answer_id}:{n}:{verdict}"
            label = f"{mark} {words.verdicts[verdict]}"
            view.add_item(Judge.button(custom_id, label=label, style=style, row=1))
    return view


async def setup(bot: Ibid) -> None:
    bot.add_dynamic_items(Sources, Turn, Judge)
