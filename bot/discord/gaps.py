"""`/gaps`: what was asked and not answered well, for those who look after the articles."""

import asyncio
import csv
import io
import re
from collections.abc import Iterable
from datetime import datetime

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.discord.access import refusal_to_curate
from bot.discord.app import Ibid, Interaction, acknowledge, allowed, tell, telling
from bot.discord.escape import escaped, plain, shortened
from bot.discord.kept import Kept, turning
from bot.discord.render import paged, when
from bot.discord.texts import Texts, counted
from bot.record.feedback import Gap

MOST_COMMENTS = 3
"""Comments of a question on the page; the file has them all."""
LARGEST_FILE = 8_000_000
"""Bytes; Discord takes 10 MB."""
COLUMNS = ("question", "times", "declined", "voted_down", "why", "last_asked", "comments")
_FORMULA = ("=", "+", "-", "@", "\t", "＝", "＋", "－", "＠")


class Gaps(commands.Cog):
    @app_commands.command(name="gaps")
    @app_commands.guild_only()
    @app_commands.default_permissions(manage_guild=True)
    async def gaps(self, interaction: Interaction) -> None:
        """Show the questions that found no answer or were voted down, most asked first."""
        async with telling(interaction):
            _, words = await allowed(interaction, refusal_to_curate)
            await acknowledge(interaction, hidden=True)
            await tell(interaction, *await listing(interaction, 1, words))


class TurnTo(Kept, template=r"ibid:gaps:(?P<n>\d{1,5})"):
    """‹ or › below the list."""

    async def used(self, interaction: Interaction, match: re.Match[str]) -> None:
        _, words = await allowed(interaction, refusal_to_curate)
        content, view = await listing(interaction, int(match["n"]), words)
        await interaction.response.edit_message(content=content, view=view)


class AsFile(Kept, template=r"ibid:gaps:csv"):
    """Sends the whole list, for a spreadsheet."""

    async def used(self, interaction: Interaction, _match: re.Match[str]) -> None:
        _, words = await allowed(interaction, refusal_to_curate)
        await acknowledge(interaction, hidden=True)
        gaps = await asyncio.to_thread(interaction.client.feedback.gaps, interaction.guild_id or 0)
        data, kept = await asyncio.to_thread(as_csv, gaps, words)
        said = words.gaps_file if kept == len(gaps) else words.gaps_file_cut
        await interaction.followup.send(
            said.format(kept=f"{kept:,}", total=f"{len(gaps):,}"),
            file=discord.File(io.BytesIO(data), "gaps.csv"),
            ephemeral=True,
        )


async def listing(interaction: Interaction, n: int, words: Texts) -> tuple[str, ui.View | None]:
    """Page `n` of the gaps, counted from 1, with its buttons."""
    count, pages = await asyncio.to_thread(_pages, interaction.client, interaction.guild_id or 0, words)
    if not pages:
        return words.no_gaps, None
    n = min(max(n, 1), len(pages))
    view = ui.View(timeout=None)
    content = f"{words.gaps.format(count=f'{count:,}')}\n{pages[n - 1]}"
    if len(pages) > 1:
        content += f"\n-# {words.page.format(n=n, total=len(pages))}"
        for button in turning(TurnTo, "ibid:gaps", n, len(pages)):
            view.add_item(button)
    view.add_item(AsFile.button("ibid:gaps:csv", label="CSV", emoji="📄"))
    return content, view


def entry(number: int, gap: Gap, words: Texts) -> str:
    """A question, how often it was asked, why it is here, and what was said of its answers."""
    facts = [
        counted(words.asked, gap.times),
        why(gap, words),
    ]
    if gap.voted_down:
        facts.append(f"👎 {gap.voted_down:,}")
    facts.append(words.last_asked.format(when=when(datetime.fromisoformat(gap.last_asked))))
    comments = [f"-# “{shortened(escaped(said), 200)}”" for said in gap.comments[:MOST_COMMENTS]]
    more = len(gap.comments) - MOST_COMMENTS
    if more > 0:
        comments.append(f"-# {words.more_comments.format(n=f'{more:,}')}")
    question = f"**{number}.** {shortened(escaped(gap.question), 400)}"
    return "\n".join([question, f"-# {' · '.join(facts)}", *comments])


def why(gap: Gap, words: Texts) -> str:
    return words.reasons[gap.reason].rstrip(".") if gap.reason else words.voted_down


def as_csv(gaps: Iterable[Gap], words: Texts) -> tuple[bytes, int]:
    """The gaps as a file that spreadsheets read, and how many of them it holds."""
    out = io.BytesIO()
    file = io.TextIOWrapper(out, "utf-8-sig", newline="", write_through=True)
    write = csv.writer(file).writerow
    write(COLUMNS)
    kept = 0
    for gap in gaps:
        if out.tell() > LARGEST_FILE:
            break
        said = " | ".join(plain(comment) for comment in gap.comments)
        cells = [gap.question, gap.times, gap.declined, gap.voted_down, why(gap, words), gap.last_asked, said]
        write([cell(plain(text)) if isinstance(text, str) else text for text in cells])
        kept += 1
    return out.getvalue(), kept


def cell(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _pages(bot: Ibid, guild: int, words: Texts) -> tuple[int, list[str]]:
    gaps = bot.feedback.gaps(guild)
    return len(gaps), paged(entry(number, gap, words) for number, gap in enumerate(gaps, 1))


async def setup(bot: Ibid) -> None:
    bot.add_dynamic_items(TurnTo, AsFile)
    await bot.add_cog(Gaps())
