"""`/library`: what a server's moderators do to its articles. Each change is shown first, then built."""

import asyncio
import logging
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cached_property, partial

import discord
from discord import app_commands, ui
from discord.ext import commands

from bot.curation import AlreadyBuilding, Kind, Known, Plan, PlanGone, SharesDefault, Upload, staging
from bot.curation.curator import Curator
from bot.discord.access import refusal_to_curate
from bot.discord.app import Ibid, Interaction, Refused, acknowledge, allowed, place, shown, tell, telling
from bot.discord.ask import article_choices
from bot.discord.escape import escaped, shortened
from bot.discord.forms import Form
from bot.discord.kept import Kept
from bot.discord.library_pages import MB, being_built, described, failure, preview, result, subject
from bot.discord.live import Live
from bot.discord.texts import Texts
from index.errors import IbidError, InputRejected, UnknownArticle
from index.metadata import mended
from index.readers.raw import LARGEST

log = logging.getLogger("ibid.discord")

MOST_TYPED = {"title": 500, "author": 300, "publisher": 300, "published": 10, "url": 2_000}
"""Characters of what is known of an article, by the fields of `Metadata`."""
FORMS_KEPT = 100
TOKEN = r"(?P<token>[0-9a-f]{16})"  # noqa: S105


@app_commands.guild_only()
@app_commands.default_permissions(manage_guild=True)
class Library(
    commands.GroupCog, group_name="library", group_description="Change the articles of this server"
):
    def __init__(self, bot: Ibid) -> None:
        self.bot = bot
        self.typed: OrderedDict[tuple[int, str], tuple[str, dict[str, str]]] = OrderedDict()
        """The article and what was typed in a form that could not be taken, by guild and token."""

    @cached_property
    def curator(self) -> Curator:
        """Made when it is first wanted: commands are also attached where nothing was opened."""
        return Curator(self.bot.settings, self.bot.guild_settings)

    async def cog_unload(self) -> None:
        if "curator" in self.__dict__:
            await self.curator.close()

    @app_commands.command(name="add")
    @app_commands.describe(
        url="The address of a page on the web, or of a feed or sitemap, of which 20 pages are read",
        file="A text, Markdown, HTML, PDF, Word (.docx) or EPUB file of at most 20 MB",
    )
    async def add(
        self, interaction: Interaction, url: str | None = None, file: discord.Attachment | None = None
    ) -> None:
        """Add articles from the web or from a file; you see what changes before it does."""
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

    @app_commands.command(name="edit")
    @app_commands.describe(article="The article whose title, author, publisher, date or address is wrong")
    async def edit(self, interaction: Interaction, article: str) -> None:
        """Correct what is known of an article; you see what changes before it does."""
        async with telling(interaction):
            _, words = await allowed(interaction, refusal_to_curate)
            shown = await self.known(interaction, article, words)
            await interaction.response.send_modal(Correct(article, shown, words))

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
    @edit.autocomplete("article")
    async def _articles(self, interaction: Interaction, typed: str) -> list[app_commands.Choice[str]]:
        return await article_choices(self.bot, interaction.guild_id or 0, typed)

    async def known(self, interaction: Interaction, article: str, words: Texts) -> dict[str, str]:
        """What is known of an article, as a form shows it. Raises Refused."""
        with in_words(words):
            try:
                found = await asyncio.to_thread(self.curator.article, place(interaction).guild, article)
            except UnknownArticle:
                raise _no_such(article, words) from None
        return {name: str(getattr(found.metadata, name) or "")[:most] for name, most in MOST_TYPED.items()}

    async def correct(
        self, interaction: Interaction, article: str, typed: dict[str, str], words: Texts
    ) -> None:
        """Show what would change by what was typed, or why it cannot, with a way back to the form."""
        before = await self.known(interaction, article, words)
        changed = {name: text for name, text in typed.items() if _line(text) != _line(before[name])}
        if not changed:
            raise Refused(words.nothing_typed)
        try:
            mended(changed)
        except InputRejected as error:
            token = staging.new_token()
            self.typed[place(interaction).guild, token] = (article, typed)
            if len(self.typed) > FORMS_KEPT:
                self.typed.popitem(last=False)
            view = ui.View(timeout=None)
            view.add_item(Again.button(f"ibid:edit:again:{token}", label=words.change))
            await tell(interaction, shown(error, words), view)
            return
        await acknowledge(interaction, hidden=True)
        plan = partial(self.curator.plan_edit, article=article, typed=changed)
        await self._show(interaction, words, plan)

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
            await asyncio.to_thread(self.warm, guild)
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

    def warm(self, guild: int) -> None:
        """Open the new index, which the next question would otherwise have to wait for."""
        try:
            self.bot.desks.of(guild).titles()  # which opens it
        except IbidError as error:
            log.warning("new index not opened", extra={"guild": guild, "why": str(error)})

    async def _require(self, interaction: Interaction, article: str, words: Texts) -> None:
        """Raises Refused unless the server has that article."""
        desk = await asyncio.to_thread(self.bot.desks.of, place(interaction).guild)
        try:
            await asyncio.to_thread(desk.filter, (article,))
        except UnknownArticle:
            raise _no_such(article, words) from None


class Correct(Form, template=r"ibid:edit:(?P<article>[a-z0-9-]{1,88})"):
    """What is known of an article, to be corrected."""

    def __init__(self, article: str, shown: dict[str, str], words: Texts) -> None:
        super().__init__(f"ibid:edit:{article}", words.edit_title)
        for name, most in MOST_TYPED.items():
            is_title = name == "title"
            self.ask(
                name,
                words.edit_article_title if is_title else words.known[Known(name)],
                words.date_hint if name == Known.PUBLISHED else None,
                default=shown[name],
                max_length=most,
                required=is_title,
            )

    @classmethod
    async def submitted(cls, interaction: Interaction, typed: dict[str, str], **of_id: str) -> None:
        _, words = await allowed(interaction, refusal_to_curate)
        await library_of(interaction).correct(interaction, of_id["article"], typed, words)


class Again(Kept, template=rf"ibid:edit:again:{TOKEN}"):
    """Shows the form with what was typed, which could not be taken."""

    async def used(self, interaction: Interaction, match: re.Match[str]) -> None:
        _, words = await allowed(interaction, refusal_to_curate)
        try:
            article, typed = library_of(interaction).typed[place(interaction).guild, match["token"]]
        except KeyError:
            raise Refused(words.typed_is_gone) from None
        await interaction.response.send_modal(Correct(article, typed, words))


class Confirm(Kept, template=rf"ibid:build:{TOKEN}"):
    async def used(self, interaction: Interaction, match: re.Match[str]) -> None:
        _, words = await allowed(interaction, refusal_to_curate)
        await library_of(interaction).build(interaction, match["token"], words)


class Cancel(Kept, template=rf"ibid:cancel:{TOKEN}"):
    async def used(self, interaction: Interaction, match: re.Match[str]) -> None:
        _, words = await allowed(interaction, refusal_to_curate)
        with in_words(words):
            await library_of(interaction).curator.discard(place(interaction).guild, match["token"])
        await interaction.response.edit_message(content=words.cancelled, view=None)


def library_of(interaction: Interaction) -> Library:
    found = interaction.client.get_cog("Library")
    assert isinstance(found, Library)
    return found


async def begun(interaction: Interaction) -> Texts:
    """Acknowledge a command in private. Raises Refused."""
    await acknowledge(interaction, hidden=True)
    _, words = await allowed(interaction, refusal_to_curate)
    return words


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


def _no_such(article: str, words: Texts) -> Refused:
    return Refused(words.no_such_article.format(article=escaped(shortened(article, 100))))


def _line(text: str) -> str:
    return " ".join(text.split())


def buttons(plan: Plan, words: Texts) -> ui.View | None:
    if not plan.changed:
        return None
    removes = plan.kind is Kind.REMOVE
    style = discord.ButtonStyle.danger if removes else discord.ButtonStyle.primary
    label = words.remove if removes else words.build
    view = ui.View(timeout=None)
    view.add_item(Confirm.button(f"ibid:build:{plan.token}", label=label, style=style))
    view.add_item(Cancel.button(f"ibid:cancel:{plan.token}", label=words.cancel))
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
    bot.add_dynamic_items(Confirm, Cancel, Again)
    await bot.add_cog(Library(bot))
