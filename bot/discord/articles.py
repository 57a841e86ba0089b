"""What can be asked about, how to ask, and being forgotten."""

import asyncio
import re
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.discord.app import Ibid, Interaction, Refused, acknowledge, tell, telling
from bot.discord.ask import article_choices
from bot.discord.escape import escaped, shortened
from bot.discord.links import link_button
from bot.discord.render import day
from bot.discord.texts import Texts, counted
from bot.record.feedback import Forgotten
from index.article import Article, BlockKind

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
            known = await asyncio.to_thread(desk.articles)
            if article is None:
                await tell(interaction, *listing(known, 1, words))
                return
            chosen = next((found for found in known if found.id == article), None)
            if chosen is None:
                raise Refused(words.no_such_article.format(article=escaped(article)))
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


class TurnTo(ui.DynamicItem[ui.Button[Any]], template=r"ibid:articles:(?P<n>\d{1,4})"):
    """‹ or › below the list."""

    def __init__(self, n: int, label: str, *, disabled: bool = False) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"ibid:articles:{n}", disabled=disabled))
        self.n = n

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction[Any], _item: ui.Item[Any], match: re.Match[str], /
    ) -> Self:
        return cls(int(match["n"]), "")

    async def callback(self, interaction: Interaction) -> Any:  # type: ignore[override]
        async with telling(interaction):
            bot = interaction.client
            _, words = await bot.settings_of(interaction.guild_id or 0)
            desk = await asyncio.to_thread(bot.desks.of, interaction.guild_id or 0)
            content, view = listing(await asyncio.to_thread(desk.articles), self.n, words)
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


def listing(articles: list[Article], n: int, words: Texts) -> tuple[str, ui.View | None]:
    """Page `n` of the articles, counted from 1, with its buttons where there are more pages."""
    if not articles:
        return words.no_articles, None
    total = -(-len(articles) // PER_PAGE)
    n = min(max(n, 1), total)
    count = counted(words.article_count, len(articles))
    lines = [words.articles.format(count=count)]
    lines += [entry(article, words) for article in articles[(n - 1) * PER_PAGE : n * PER_PAGE]]
    if total == 1:
        return "\n".join(lines), None
    lines.append(f"-# {words.page.format(n=n, total=total)}")
    view = ui.View(timeout=None)
    view.add_item(TurnTo(n - 1, "‹", disabled=n == 1))
    view.add_item(TurnTo(n + 1, "›", disabled=n == total))
    return "\n".join(lines), view


def entry(article: Article, words: Texts) -> str:
    meta = article.metadata
    known = [shortened(escaped(part), 60) for part in (meta.author, meta.publisher) if part]
    return f"**{shortened(escaped(meta.title), 110)}**\n-# {' · '.join([*known, day(meta.published, words)])}"


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
