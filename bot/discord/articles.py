"""What can be asked about, how to ask, and being forgotten."""

import asyncio
import re

from discord import app_commands, ui
from discord.ext import commands

from bot.desk import Desk
from bot.discord.app import Ibid, Interaction, Refused, acknowledge, tell, telling
from bot.discord.ask import article_choices
from bot.discord.escape import escaped, shortened
from bot.discord.kept import Kept, turning
from bot.discord.links import link_button
from bot.discord.render import byline
from bot.discord.texts import Texts, counted
from bot.record.feedback import Forgotten
from index.article import Article, BlockKind
from index.errors import UnknownArticle

PER_PAGE = 8


class Articles(commands.Cog):
    def __init__(self, bot: Ibid) -> None:
        self.bot = bot

    @app_commands.command(name="articles")
    @app_commands.describe(article="Describe this article")
    async def articles(self, interaction: Interaction, article: str | None = None) -> None:
        """List what can be asked about, or describe one article."""
        async with telling(interaction):
            _, words = await self.bot.settings_of(interaction.guild_id or 0)
            desk = await asyncio.to_thread(self.bot.desks.of, interaction.guild_id or 0)
            if article is None:
                await tell(interaction, *await asyncio.to_thread(listing, desk, 1, words))
                return
            try:
                chosen = await asyncio.to_thread(desk.article, article)
            except UnknownArticle:
                raise Refused(words.no_such_article.format(article=escaped(article))) from None
            view = None
            if button := link_button(chosen.metadata.url or "", words.open_article):
                view = ui.View(timeout=None)
                view.add_item(button)
            await tell(interaction, description(chosen, words), view)

    @articles.autocomplete("article")
    async def _articles(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await article_choices(self.bot, interaction.guild_id or 0, typed)

    @app_commands.command(name="help")
    async def help(self, interaction: Interaction) -> None:
        """Tell how to ask and how to check what you read."""
        async with telling(interaction):
            _, words = await self.bot.settings_of(interaction.guild_id or 0)
            await tell(interaction, words.help)


class TurnTo(Kept, template=r"ibid:articles:(?P<n>\d{1,4})"):
    """‹ or › below the list."""

    async def used(self, interaction: Interaction, match: re.Match[str]) -> None:
        bot = interaction.client
        _, words = await bot.settings_of(interaction.guild_id or 0)
        desk = await asyncio.to_thread(bot.desks.of, interaction.guild_id or 0)
        content, view = await asyncio.to_thread(listing, desk, int(match["n"]), words)
        await interaction.response.edit_message(content=content, view=view)


class Forget(commands.GroupCog, group_name="forget", group_description="Delete what is kept of you"):
    def __init__(self, bot: Ibid) -> None:
        self.bot = bot

    @app_commands.command(name="me")
    async def me(self, interaction: Interaction) -> None:
        """Delete your questions, their answers, and your votes and verdicts."""
        async with telling(interaction):
            _, words = await self.bot.settings_of(interaction.guild_id or 0)
            await acknowledge(interaction, hidden=True)
            gone = await asyncio.to_thread(self.bot.feedback.forget, interaction.user.id)
            await tell(interaction, forgotten(gone, words))


def listing(desk: Desk, n: int, words: Texts) -> tuple[str, ui.View | None]:
    """Page `n` of the articles, counted from 1, with its buttons where there are more pages."""
    ids = list(desk.titles())
    if not ids:
        return words.no_articles, None
    total = -(-len(ids) // PER_PAGE)
    n = min(max(n, 1), total)
    lines = [words.articles.format(count=counted(words.article_count, len(ids)))]
    lines += [entry(desk.article(each), words) for each in ids[(n - 1) * PER_PAGE : n * PER_PAGE]]
    if total == 1:
        return "\n".join(lines), None
    lines.append(f"-# {words.page.format(n=n, total=total)}")
    view = ui.View(timeout=None)
    for button in turning(TurnTo, "ibid:articles", n, total):
        view.add_item(button)
    return "\n".join(lines), view


def entry(article: Article, words: Texts) -> str:
    title = shortened(escaped(article.metadata.title), 110)
    return f"**{title}**\n-# {byline(article.metadata, words)}"


def description(article: Article, words: Texts) -> str:
    """An article's title, origin, sections and length, and how it begins."""
    headings = [article.text[b.start : b.end] for b in article.blocks if b.kind is BlockKind.HEADING]
    begins = next((b for b in article.blocks if b.kind is BlockKind.PARAGRAPH), None)
    lines = [entry(article, words)]
    if begins:
        lines.append(f"> {shortened(escaped(article.text[begins.start : begins.end]), 400)}")
    if headings:
        shown = " · ".join(shortened(escaped(heading), 100) for heading in headings)
        lines.append(f"-# {words.sections}: {shortened(shown, 700)}")
    if article.metadata.tags:
        lines.append(f"-# {words.tags}: {shortened(escaped(', '.join(article.metadata.tags)), 200)}")
    lines.append(f"-# {words.length.format(words=f'{len(article.text.split()):,}')}")
    return "\n".join(lines)


def forgotten(gone: Forgotten, words: Texts) -> str:
    if gone == Forgotten(0, 0, 0):
        return words.nothing_kept
    return words.forgot.format(
        questions=counted(words.questions_forgotten, gone.answers),
        votes=counted(words.votes_forgotten, gone.votes),
        verdicts=counted(words.verdicts_forgotten, gone.verdicts),
    )


async def setup(bot: Ibid) -> None:
    bot.add_dynamic_items(TurnTo)
    await bot.add_cog(Articles(bot))
    await bot.add_cog(Forget(bot))
