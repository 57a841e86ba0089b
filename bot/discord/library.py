"""`/library`: what a server's moderators do to its articles. Each change is shown first, then built."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial
from typing import Any, Self

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.curation import AlreadyBuilding, Kind, Plan, PlanGone, SharesDefault, Upload
from bot.curation.curator import Curator
from bot.discord.access import refusal_to_curate
from bot.discord.app import Ibid, Interaction, Refused, acknowledge, place, shown, telling
from bot.discord.ask import article_choices
from bot.discord.escape import escaped, shortened
from bot.discord.library_pages import MB, being_built, described, failure, preview, result, subject
from bot.discord.live import Live
from bot.discord.texts import Texts
from index.errors import IbidError, InputRejected, UnknownArticle
from index.readers.raw import LARGEST

log = logging.getLogger("ibid.discord")

TOKEN = r"(?P<token>[0-9a-f]{16})"  # noqa: S105


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class Library(
    commands.GroupCog, group_name="library", group_description="Change the articles of this server"
):
    def __init__(self, bot: Ibid) -> None:
        self.bot = bot

    @cached_property
    def curator(self) -> Curator:
        """Made when it is first wanted: commands are also attached where nothing was opened."""
        return Curator(self.bot.settings, self.bot.guild_settings)

    async def cog_unload(self) -> None:
        if "curator" in self.__dict__:
            await self.curator.close()

    @app_commands.command(name="add")
    @app_commands.describe(
        url="The address of a page on the web", file="A text, Markdown or HTML file of at most 20 MB"
    )
    async def add(
        self, interaction: Interaction, url: str | None = None, file: discord.Attachment | None = None
    ) -> None:
        """Add an article from the web or from a file; you see what changes before it does."""
        async with telling(interaction):
            words = await begun(interaction)
            what: str | Upload
            url = (url or "").strip()
            if url and not file:
                what = url
            elif file and not url:
                what = await _downloaded(file, words)
            else:
                raise Refused(words.url_or_file)
            await self._show(interaction, words, partial(self.curator.plan_add, what=what))

    @app_commands.command(name="remove")
    @app_commands.describe(article="The article to remove")
    async def remove(self, interaction: Interaction, article: str) -> None:
        """Remove an article; you see which one before it goes."""
        async with telling(interaction):
            words = await begun(interaction)
            await self._require(interaction, article, words)
            await self._show(interaction, words, partial(self.curator.plan_remove, article=article))

    @app_commands.command(name="refresh")
    @app_commands.describe(article="Only this article, in place of all that came from the web")
    async def refresh(self, interaction: Interaction, article: str | None = None) -> None:
        """Look whether the pages behind the articles have changed; you see what before it does."""
        async with telling(interaction):
            words = await begun(interaction)
            if article:
                await self._require(interaction, article, words)
            await self._show(interaction, words, partial(self.curator.plan_refresh, article=article))

    @app_commands.command(name="status")
    async def status(self, interaction: Interaction) -> None:
        """Show which articles this server has, and what is being changed."""
        async with telling(interaction):
            words = await begun(interaction)
            guild = place(interaction).guild
            settings, _ = await self.bot.settings_of(guild)
            with in_words(words):
                standing = await asyncio.to_thread(self.curator.standing, guild)
            lines = described(standing, words)
            if settings.daily_budget:
                now = discord.utils.utcnow()
                left = await asyncio.to_thread(self.bot.budget.left, guild, settings.limits, now)
                lines.append(words.questions_left.format(left=f"{left:,}", all=f"{settings.daily_budget:,}"))
            await Live(interaction).end("\n".join(lines))

    @remove.autocomplete("article")
    @refresh.autocomplete("article")
    async def _articles(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await article_choices(self.bot, interaction.guild_id or 0, typed)

    async def build(self, interaction: Interaction, token: str, words: Texts) -> None:
        """Build a plan in the message that shows it, which then says how far it is and how it ended."""
        guild = place(interaction).guild
        with in_words(words):
            plan = await self.curator.find(guild, token)
            self.curator.require_idle(guild)
        live = Live(interaction)
        doing = words.doing[plan.kind].format(what=subject(plan))
        await interaction.response.edit_message(content=doing, view=None)
        try:
            with in_words(words):
                change = await self.curator.build(guild, token, live.follow(words, doing))
        except asyncio.CancelledError:
            await live.end(words.build_interrupted, buttons(plan, words))
            raise
        except Refused as refused:  # nothing has changed, so that it may be tried again
            await live.end(shown(refused, words), buttons(plan, words))
        except InputRejected as error:
            await live.end(shown(error, words))
        else:
            await asyncio.to_thread(self._warm, guild)
            await live.end(result(plan, change, words))

    async def _show(
        self, interaction: Interaction, words: Texts, planning: Callable[..., Awaitable[Plan]]
    ) -> None:
        """Plan a change and show what it would do, or why it cannot be done."""
        live = Live(interaction)
        try:
            with in_words(words):
                plan = await planning(guild=place(interaction).guild, report=live.follow(words))
        except asyncio.CancelledError:
            await live.end(words.restarting)
            raise
        except (Refused, InputRejected) as error:
            await live.end(shown(error, words))
        else:
            await live.end(preview(plan, words), buttons(plan, words))

    def _warm(self, guild: int) -> None:
        """Open the new index, which the next question would otherwise have to wait for."""
        try:
            self.bot.desks.of(guild).articles()
        except IbidError as error:
            log.warning("new index not opened", extra={"guild": guild, "why": str(error)})

    async def _require(self, interaction: Interaction, article: str, words: Texts) -> None:
        """Raises Refused unless the server has that article."""
        desk = await asyncio.to_thread(self.bot.desks.of, place(interaction).guild)
        try:
            await asyncio.to_thread(desk.filter, (article,))
        except UnknownArticle:
            raise Refused(words.no_such_article.format(article=escaped(shortened(article, 100)))) from None


class PlanButton(ui.DynamicItem[ui.Button[Any]], template=r"ibid:never"):
    """A button that carries the token of a plan; what it does is `pressed`."""

    def __init__(self, custom_id: str, **look: Any) -> None:
        super().__init__(ui.Button(custom_id=custom_id, **look))

    @classmethod
    async def from_custom_id(cls, _interaction: Any, _item: Any, match: re.Match[str], /) -> Self:
        return cls(match.string)

    async def callback(self, interaction: Interaction) -> Any:  # type: ignore[override]
        match = self.template.fullmatch(self.custom_id)
        assert match
        async with telling(interaction):
            words = await admitted(interaction)
            library = interaction.client.get_cog("Library")
            assert isinstance(library, Library)
            await self.pressed(interaction, library, match["token"], words)

    async def pressed(self, interaction: Interaction, library: Library, token: str, words: Texts) -> None:
        raise NotImplementedError


class Confirm(PlanButton, template=rf"ibid:build:{TOKEN}"):
    async def pressed(self, interaction: Interaction, library: Library, token: str, words: Texts) -> None:
        await library.build(interaction, token, words)


class Cancel(PlanButton, template=rf"ibid:cancel:{TOKEN}"):
    async def pressed(self, interaction: Interaction, library: Library, token: str, words: Texts) -> None:
        with in_words(words):
            await library.curator.discard(place(interaction).guild, token)
        await interaction.response.edit_message(content=words.cancelled, view=None)


async def admitted(interaction: Interaction) -> Texts:
    """The words of the server, for somebody who may change its articles. Raises Refused."""
    settings, words = await interaction.client.settings_of(interaction.guild_id or 0)
    if why := refusal_to_curate(place(interaction), settings, words):
        raise Refused(why)
    return words


async def begun(interaction: Interaction) -> Texts:
    """Acknowledge a command in private. Raises Refused."""
    await acknowledge(interaction, hidden=True)
    return await admitted(interaction)


@contextmanager
def in_words(words: Texts) -> Iterator[None]:
    """Turn what the core raises into what a moderator is told; the operator's part goes to the log."""
    try:
        yield
    except AlreadyBuilding as error:
        raise Refused(being_built(error.first, words)) from None
    except PlanGone:
        raise Refused(words.plan_gone) from None
    except SharesDefault:
        raise Refused(words.shares_default) from None
    except InputRejected:
        raise
    except IbidError as error:
        log.warning("articles not changed", extra={"kind": type(error).__name__, "why": str(error)})
        raise Refused(failure(error, words)) from None


def buttons(plan: Plan, words: Texts) -> ui.View | None:
    if not plan.changed:
        return None
    removes = plan.kind is Kind.REMOVE
    style = discord.ButtonStyle.danger if removes else discord.ButtonStyle.primary
    label = words.remove if removes else words.build
    view = ui.View(timeout=None)
    view.add_item(Confirm(f"ibid:build:{plan.token}", label=label, style=style))
    view.add_item(Cancel(f"ibid:cancel:{plan.token}", label=words.cancel))
    return view


async def _downloaded(file: discord.Attachment, words: Texts) -> Upload:
    if file.size > LARGEST:
        raise Refused(words.too_large.format(size=LARGEST // MB))
    try:
        return Upload(file.filename, await file.read())
    except discord.HTTPException as error:
        log.warning("attachment not read", extra={"code": error.status})
        raise Refused(words.no_attachment) from None


async def setup(bot: Ibid) -> None:
    bot.add_dynamic_items(Confirm, Cancel)
    await bot.add_cog(Library(bot))
