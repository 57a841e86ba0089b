"""`/library` as moderators of two servers use it, with real child processes behind it."""

import asyncio
import re
import sys
import time
from itertools import pairwise
from pathlib import Path
from typing import cast

import discord
import pytest
from discord import app_commands
from simcord import Env
from simcord.actors import MemberActor
from simcord.backend.errors import SetupError
from simcord.results import InteractionResult, ResponseMessage

from bot.curation import Entry, Kind, Plan, Progress, Refusal, State, Why, reading
from bot.curation.curator import Curator
from bot.curation.planning import ARTICLES
from bot.desks import default_library
from bot.discord import create_bot, delivery, live
from bot.discord import library as feature
from bot.discord.app import Interaction
from bot.discord.library import Library as Feature
from bot.discord.library_pages import how_far, preview
from bot.discord.texts import ENGLISH
from bot.settings import Settings
from index.embeddings import MiniLM
from index.library import Library
from index.pace import Pace
from tests.bot.curated import COFFEE, STUCK, give_own, titles
from tests.bot.discord.conftest import Server, bot_of, custom_id, custom_ids, server_in
from tests.bot.discord.site import LOOPBACK, Site
from tests.index.notes import GENEVA

PRICES = "Where did coffee prices double?"
FOUR = """
from bot.curation import reading
reading.MOST = 4
workshop.main()
"""
HASTY = """
from bot.curation import reading
times = iter([0.0, 100.0])
reading.monotonic = lambda: next(times, 100.0)
workshop.main()
"""
CHATTY = """
import sys, time
sys.stdin.readline()
for n in range(50):
    print('{"line": "progress", "state": "embedding", "done": %d, "total": 250}' % n, flush=True)
    time.sleep(0.01)
print('{"line": "done", "change": {"added": [], "unchanged": ["coffee"]}}', flush=True)
"""


@pytest.fixture(autouse=True)
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits for Discord's sake; one of them looks that the bot does."""
    assert delivery.EDIT_EVERY >= 1
    monkeypatch.setattr(live, "EDIT_EVERY", 0.0)


def feature_of(env: Env) -> Feature:
    found = bot_of(env).get_cog("Library")
    assert isinstance(found, Feature)
    return found


def with_program(env: Env, code: str) -> Curator:
    ibid = bot_of(env)
    made = feature_of(env).curator = Curator(ibid.settings, ibid.guild_settings, (sys.executable, "-c", code))
    return made


async def add(
    server: Server, data: str | bytes = COFFEE, name: str = "coffee.txt", by: MemberActor | None = None
) -> InteractionResult:
    body = data.encode() if isinstance(data, str) else data
    return await (by or server.moderator).slash(server.channel, "library add", file=(name, body))


def told(result: InteractionResult) -> str:
    """The one thing that somebody was told, in private, and nothing in the channel."""
    assert result.ephemeral
    assert all(message.ephemeral for message in result.followups)
    messages = [message for message in (result.response, *result.followups) if message]
    return "\n".join(message.content for message in messages)


def response(result: InteractionResult) -> ResponseMessage:
    assert result.response
    return result.response


async def ask(server: Server, question: str) -> str:
    return told(await server.member.slash(server.channel, "ask", question=question, private=True))


async def test_an_added_article_answers_in_its_own_server_and_nowhere_else(
    env: Env, server: Server, home: Path
) -> None:
    """H11, and the whole way of an article: shown, built, asked."""
    elsewhere = server_in(env, "Elsewhere")
    shown = await add(server)
    preview = told(shown)
    assert preview.startswith("**Preview: nothing has changed yet.**\nAdd **Coffee in the frost**\n")
    assert "100 characters, about 1 passage\n" in preview
    assert "> Coffee prices doubled in Brazil after the frost." in preview
    assert "a copy of the shared one (1 article)" in preview
    with pytest.raises(SetupError, match="not visible"):  # private: others cannot even see it
        await server.member.click(response(shown), label="Build")

    built = await server.moderator.click(response(shown), label="Build")
    said = response(built).content
    assert said.startswith("Added **Coffee in the frost**.\nQuestions go by this from now on.")
    assert "This server has a library of its own now." in said
    assert not custom_ids(response(built))
    assert "prices doubled in Brazil" in await ask(server, PRICES)
    assert "Brazil" not in await ask(elsewhere, PRICES)
    for name, value in (("ask", "coffee"), ("articles", "coffee")):
        found = await server.member.autocomplete(server.channel, name, "article", "coff")
        assert [choice["value"] for choice in found] == [value]
        assert await elsewhere.member.autocomplete(elsewhere.channel, name, "article", "coff") == []
    for name in ("library remove", "library refresh"):
        assert await elsewhere.moderator.autocomplete(elsewhere.channel, name, "article", "coff") == []
    assert "Coffee" in told(await server.member.slash(server.channel, "articles"))
    assert "Coffee" not in told(await elsewhere.member.slash(elsewhere.channel, "articles"))
    refused = told(await elsewhere.moderator.slash(elsewhere.channel, "library remove", article="coffee"))
    assert "There is no article coffee here" in refused
    assert titles(default_library(Settings(home=home))).isdisjoint({"Coffee in the frost"})

    status = told(await server.moderator.slash(server.channel, "library status"))
    assert status.startswith("**This server has a library of its own**\n2 articles, ")
    assert "Last change: adding “Coffee in the frost”, <t:" in status
    assert "Questions left today: 49" in status
    assert "shared articles**\n1 article, " in told(
        await elsewhere.moderator.slash(elsewhere.channel, "library status")
    )
    assert not server.channel.history()
    assert not elsewhere.channel.history()


async def test_an_article_is_removed_where_it_was_shown_first(
    env: Env, server: Server, embedder: MiniLM
) -> None:
    ibid = bot_of(env)
    own = give_own(ibid.settings, ibid.guild_settings, server.guild.id, embedder)
    assert "prices doubled" in await ask(server, PRICES)
    shown = await server.moderator.slash(server.channel, "library remove", article="coffee")
    assert "Remove **Coffee**" in told(shown)
    assert "> Coffee prices doubled in Brazil" in told(shown)
    assert "library of its own" not in told(shown)
    assert titles(own) == {"Coffee", "Treaty"}
    removed = await server.moderator.click(response(shown), label="Remove")
    assert response(removed).content == "Removed **Coffee**.\nQuestions go by this from now on."
    await env.advance_time(10)
    assert "Brazil" not in await ask(server, PRICES)
    assert titles(own) == {"Treaty"}


async def test_a_plan_outlives_a_restart_and_is_built_once(env: Env, server: Server, home: Path) -> None:
    shown = await add(server)
    bot_of(env).guild_settings.change(server.guild.id, own_library=False)
    await env.restart_bot(create_bot(Settings(home=home)))
    with_program(env, CHATTY)
    confirm = custom_id(shown.response, "build:")
    built = await server.moderator.click(response(shown), custom_id=confirm)
    assert response(built).content == ENGLISH.nothing_changed
    token = confirm.rpartition(":")[2]
    lasting = discord.ui.View(timeout=None)
    lasting.add_item(feature.Confirm.button(confirm, label="Build"))
    channel = bot_of(env).get_channel(server.channel.id)
    assert isinstance(channel, discord.TextChannel)
    forged = await channel.send("again", view=lasting)
    again = await server.moderator.click(forged, label="Build")
    assert told(again) == ENGLISH.plan_gone
    assert token not in {path.name for path in (home / "staging").iterdir()}


async def test_a_button_works_only_for_who_may_curate_in_its_own_server(
    env: Env, server: Server, home: Path
) -> None:
    """H13: the same button, forged into other places and pressed by other people."""
    elsewhere = server_in(env, "Elsewhere")
    shown = await add(server)
    view = discord.ui.View(timeout=None)
    for part, kind in (("build:", feature.Confirm), ("cancel:", feature.Cancel)):
        view.add_item(kind.button(custom_id(shown.response, part), label=part))
    ibid = bot_of(env)
    for place, who, why in (
        (server, server.member, ENGLISH.not_a_curator),
        (elsewhere, elsewhere.moderator, ENGLISH.plan_gone),
    ):
        channel = ibid.get_channel(place.channel.id)
        assert isinstance(channel, discord.TextChannel)
        forged = await channel.send("forged", view=view)
        for label in ("build:", "cancel:"):
            assert told(await who.click(forged, label=label)) == why
    person = await ibid.fetch_user(server.moderator.id)
    direct = await person.send("forged", view=view)
    for label in ("build:", "cancel:"):
        clicked = await server.moderator.user.click(direct, label=label)
        assert told(clicked) == ENGLISH.servers_only
    cancelled = await server.moderator.click(response(shown), label="Cancel")
    assert response(cancelled).content == "Cancelled; nothing has changed."
    assert not custom_ids(response(cancelled))
    assert not list((home / "staging").iterdir())
    assert not ibid.guild_settings.settings(server.guild.id).own_library


async def test_who_may_not_curate_is_refused_in_private(env: Env, server: Server) -> None:
    """H13: Discord lets a server hand out its commands; the bot looks again. Curators may."""
    ibid = bot_of(env)
    group = ibid.tree.get_command("library")
    assert isinstance(group, app_commands.Group)
    group.default_permissions = None
    await ibid.tree.sync()
    for path, options in (
        ("add", {"url": "https://example.org"}),
        ("remove", {"article": "iran-pakistan-strikes"}),
        ("refresh", {}),
        ("edit", {"article": "iran-pakistan-strikes"}),
        ("status", {}),
    ):
        refused = await server.member.slash(server.channel, f"library {path}", **options)
        assert told(refused) == ENGLISH.not_a_curator
    role = server.guild.create_role("Curators")
    curator = server.guild.add_member(env.create_user("cleo"), roles=[role])
    ibid.guild_settings.change(server.guild.id, curators=(role.id,))
    assert "**Preview" in told(await add(server, by=curator))
    with pytest.raises(SetupError):
        await server.moderator.user.slash("library status")


async def test_what_cannot_be_read_is_refused_in_one_line(env: Env, server: Server) -> None:
    """H9"""
    for name, data, why in (
        ("empty.txt", b"", "empty.txt is empty."),
        ("binary.txt", b"\x7fELF\0" * 50, "binary.txt is not text"),
        ("large.txt", b"a" * 20_000_001, "This file is larger than 20 MB"),
    ):
        said = told(await add(server, data, name))
        assert said.startswith(why)
        assert "\n" not in said
    for options in ({}, {"url": "https://example.org", "file": ("a.txt", b"a")}):
        both = await server.moderator.slash(server.channel, "library add", **options)
        assert told(both) == ENGLISH.url_or_file
    for url in ("file:///etc/passwd", "http://127.0.0.1:1/"):
        local = told(await server.moderator.slash(server.channel, "library add", url=url))
        assert "begin with http" in local or "not on the public internet" in local
    assert not server.channel.history()


async def test_a_hostile_title_is_shown_as_text(env: Env, server: Server) -> None:
    """H3"""
    title = "](https://evil.example) `x` **b** <@1> @everyone \u202e<t:1> </cmd:1>"
    text = f"# {title}\n\n{GENEVA}"
    shown = told(await add(server, text, "h.md"))
    line = shown.splitlines()[1].removeprefix("Add **").removesuffix("**")
    assert "evil.example" in line
    assert "\u202e" not in line
    assert not re.search(r"(?<!\\)[\[\]`*<>]|://|@everyone", line)
    assert r"\<@1\>" in line


async def test_pages_are_added_and_refreshed_and_files_are_not_read_again(
    env: Env, server: Server, embedder: MiniLM, site: Site, home: Path
) -> None:
    ibid = bot_of(env)
    with_program(env, LOOPBACK)
    shown = await server.moderator.slash(server.channel, "library add", url=site.url("/treaty"))
    assert "Add **Treaty**" in told(shown)
    (staged,) = (home / "staging").glob("*/articles.json")
    page = ARTICLES.validate_json(staged.read_bytes())
    own = give_own(ibid.settings, ibid.guild_settings, server.guild.id, embedder, page)
    same = await server.moderator.slash(server.channel, "library refresh")
    assert told(same).startswith("**Nothing would change.**\n-# Unchanged: 1\n")
    assert "**Coffee**: from a file of whoever runs me" in told(same)
    assert not custom_ids(same.response)
    assert site.asked[-1] == "304 /treaty"
    site.pages["/treaty"] = "Ten states joined the treaty in the end. It ```is``` new @everyone."
    changed = await server.moderator.slash(server.channel, "library refresh", article="treaty-2")
    assert "Update **Treaty**" in told(changed)
    assert "before)" in told(changed)
    quoted = "`\u200b" * 3
    assert (
        "\n```diff\n- Nine states joined the treaty.\n+ Ten states joined the treaty in the end.\n"
        f"+ It {quoted}is{quoted} new @everyone.\n```" in told(changed)
    )
    refreshed = await server.moderator.click(response(changed), label="Build")
    assert response(refreshed).content.startswith("Updated **Treaty**.")
    fresh = Library(own.folder)
    assert "Ten states" in fresh.current().catalog.article("treaty-2").text
    fresh.close()


async def test_a_feed_is_added_as_its_first_pages_and_says_what_it_left_out(
    env: Env, server: Server, site: Site
) -> None:
    """The first 20 are read; here, of seven, the first four."""
    assert reading.MOST == 20
    site.pages = {f"/page-{n}": f"Treaty number {n} was signed." for n in range(7)}
    site.answers["/page-2"] = (404, b"")
    with_program(env, LOOPBACK.replace("workshop.main()", FOUR))
    shown = await server.moderator.slash(server.channel, "library add", url=site.url("/feed"))
    assert told(shown).startswith(
        "**Preview: nothing has changed yet.**\nAdd **Page 0**\n-# Herald · undated · "
    )
    assert told(shown).count("\nAdd **Page ") == 3
    assert "/page-2 does not exist (404)" in told(shown), told(shown)
    assert "names 7 pages, of which" in told(shown), told(shown)
    assert site.asked[-1] == "200 /page-3"
    built = await server.moderator.click(response(shown), label="Build")
    assert response(built).content.startswith("Added **Page 0**, **Page 1**, **Page 3**.")


async def test_a_feed_that_takes_too_long_is_added_as_far_as_it_was_read(
    env: Env, server: Server, site: Site
) -> None:
    site.pages = {f"/page-{n}": f"Treaty number {n} was signed." for n in range(5)}
    with_program(env, LOOPBACK.replace("workshop.main()", HASTY))
    shown = await server.moderator.slash(server.channel, "library add", url=site.url("/feed"))
    assert "Add **Page 0**" in told(shown)
    assert "Page 1" not in told(shown)
    assert "\n-# 4 more pages were not read: the time was up." in told(shown)


async def test_the_same_text_from_elsewhere_is_one_more_place_of_an_article(
    env: Env, server: Server, site: Site
) -> None:
    site.answers["/copy"] = site.answer("/treaty")
    with_program(env, LOOPBACK)
    first = await server.moderator.slash(server.channel, "library add", url=site.url("/treaty"))
    await server.moderator.click(response(first), label="Build")
    again = await server.moderator.slash(server.channel, "library add", url=site.url("/copy"))
    source = site.url("/copy").replace("://", ":\\//")
    assert f"\n**{source}** has the same text as **Treaty**; it will be noted as another place" in told(again)
    assert "Update" not in told(again)
    built = await server.moderator.click(response(again), label="Build")
    assert response(built).content.startswith("Noted another place of **Treaty**.")
    answer = await ask(server, "How many states joined the treaty?")
    assert f"also in: [Treaty](<{site.url('/copy')}>)" in answer
    known = await server.moderator.slash(server.channel, "library add", url=site.url("/copy"))
    assert told(known).startswith("**Nothing would change.**")
    assert "noted as another place" not in told(known)


FORM = {"title": "Coffee", "author": "", "publisher": "", "published": "", "url": ""}


async def test_what_is_known_of_an_article_is_corrected_and_stays_so(
    env: Env, server: Server, embedder: MiniLM
) -> None:
    ibid = bot_of(env)
    own = give_own(ibid.settings, ibid.guild_settings, server.guild.id, embedder)
    form = await server.moderator.slash(server.channel, "library edit", article="coffee")
    assert form.modal
    assert '"Coffee"' in str(form.modal).replace("'", '"')
    typed = FORM | {"author": " Ann  *Lee*", "published": "2024-01-25"}
    shown = await server.moderator.submit_modal(form, typed)
    assert "-# Author: not known → Ann \\*Lee\\*\n-# Date: not known → 2024\\-01-25" in told(shown)
    assert "before)" not in told(shown)
    built = await server.moderator.click(response(shown), label="Build")
    assert response(built).content.startswith("Updated **Coffee**.")
    fresh = Library(own.folder)
    article = fresh.current().catalog.article("coffee")
    fresh.close()
    assert (article.metadata.author, article.mended) == ("Ann *Lee*", ("author", "published"))
    assert "Ann \\*Lee\\* · 25 January 2024" in await ask(server, PRICES)


async def test_a_bad_date_or_address_is_refused_and_what_was_typed_is_kept(
    env: Env, server: Server, embedder: MiniLM
) -> None:
    ibid = bot_of(env)
    give_own(ibid.settings, ibid.guild_settings, server.guild.id, embedder)
    form = await server.moderator.slash(server.channel, "library edit", article="coffee")
    for wrong, why in (
        ({"published": "25.1.2024"}, "is no date; write it as 2024-01-25."),
        ({"url": "javascript:alert(1)"}, "is no web address"),
    ):
        refused = await server.moderator.submit_modal(form, FORM | {"author": "Ann Lee"} | wrong)
        assert why in told(refused)
        assert "\n" not in told(refused)
        form = await server.moderator.click(response(refused), label="Change")
        for text in ("Ann Lee", *wrong.values()):
            assert text in str(form.modal)
    feature_of(env).typed.clear()  # as after a restart
    gone = await server.moderator.click(response(refused), label="Change")
    assert told(gone) == ENGLISH.typed_is_gone
    same = await server.moderator.submit_modal(form, FORM)
    assert told(same) == ENGLISH.nothing_typed
    unknown = await server.moderator.slash(server.channel, "library edit", article="nothing")
    assert "There is no article nothing here" in told(unknown)


async def test_only_curators_correct_and_only_their_own_servers_articles(
    env: Env, server: Server, embedder: MiniLM
) -> None:
    """H11 and H13: the form, however it was come by, and the button that shows it again."""
    ibid = bot_of(env)
    give_own(ibid.settings, ibid.guild_settings, server.guild.id, embedder)
    form = await server.moderator.slash(server.channel, "library edit", article="coffee")
    refused = await server.moderator.submit_modal(form, FORM | {"published": "soon"})
    elsewhere = server_in(env, "Elsewhere")
    view = discord.ui.View(timeout=None)
    view.add_item(feature.Again.button(custom_id(refused.response, "edit:again:"), label="Change"))
    for place, who, why in (
        (server, server.member, ENGLISH.not_a_curator),
        (elsewhere, elsewhere.moderator, ENGLISH.typed_is_gone),
    ):
        channel = ibid.get_channel(place.channel.id)
        assert isinstance(channel, discord.TextChannel)
        forged = await channel.send("forged", view=view)
        assert told(await who.click(forged, label="Change")) == why
    other = await elsewhere.moderator.slash(elsewhere.channel, "library edit", article="coffee")
    assert "There is no article coffee here" in told(other)


def test_a_large_refresh_is_shown_as_far_as_a_message_holds() -> None:
    entry = Entry(
        id="a", title="A" * 300, characters=9_000, passages=20, begins="B.", characters_before=8_000
    )
    refused = [
        Refusal(title="Gone", why=Why.UNREADABLE, more="https://a.example does not exist (404)."),
        *(Refusal(title="Kept", why=why) for why in Why if why is not Why.UNREADABLE),
    ]
    plan = Plan(token="0" * 16, guild=1, kind=Kind.REFRESH, updated=(entry,) * 40, refused=tuple(refused))
    page = preview(plan, ENGLISH)
    assert len(page) < 2_000
    assert re.search(r"-# and \d+ more$", page)
    assert page.count("\nUpdate **AAA") > 8
    few = preview(plan.model_copy(update={"updated": (entry,)}), ENGLISH)
    assert "9,000 characters, about 20 passages (8,000 before)" in few
    assert "-# **Gone**: https:\\//a.example does not exist" in few
    assert few.count("**Kept**") == 3


async def test_a_second_build_is_refused_in_one_line_that_names_the_first(env: Env, server: Server) -> None:
    first, second = await add(server), await add(server, "Ships\n\n" + GENEVA, "ships.txt")
    curator = with_program(env, STUCK)
    token = custom_id(first.response, "build:").rpartition(":")[2]
    reached = asyncio.Event()
    building = asyncio.create_task(
        curator.build(server.guild.id, token, lambda progress: reached.set() if progress.done else None)
    )
    await reached.wait()
    refused = await server.moderator.click(response(second), label="Build")
    assert told(refused).startswith("Adding “Coffee in the frost” … since <t:")
    assert told(refused).endswith("Embedding ▰▰▱▱▱▱▱▱▱▱ 120 of 480 passages.")
    assert len(custom_ids(second.response)) == 2  # it can be built later
    status = told(await server.moderator.slash(server.channel, "library status"))
    assert "Embedding ▰▰▱▱▱▱▱▱▱▱ 120 of 480 passages." in status
    await feature_of(env).cog_unload()  # as where the bot stops
    (ended,) = await asyncio.gather(building, return_exceptions=True)
    assert isinstance(ended, asyncio.CancelledError)
    after = told(await server.moderator.slash(server.channel, "library status"))
    assert "The last change did not succeed: adding “Coffee in the frost”" in after


async def test_a_build_that_fails_says_so_and_may_be_tried_again(
    env: Env, server: Server, home: Path
) -> None:
    shown = await add(server)
    with_program(env, "import os; os.abort()")
    failed = await server.moderator.click(response(shown), label="Build")
    assert response(failed).content == ENGLISH.build_failed
    assert str(home) not in response(failed).content
    assert not bot_of(env).guild_settings.settings(server.guild.id).own_library

    with_program(env, CHATTY)
    built = await server.moderator.click(response(failed), label="Build")
    assert response(built).content == ENGLISH.nothing_changed


class Message:
    """An interaction's message, as far as a job is shown in it; simcord's clock stands still."""

    def __init__(self, *, expired: bool = False) -> None:
        self.expired = expired
        self.edits: list[tuple[float, str]] = []

    def is_expired(self) -> bool:
        return self.expired

    async def edit_original_response(self, *, content: str, **_rest: object) -> None:
        self.edits.append((time.monotonic(), content))


async def test_progress_is_shown_at_a_pace_and_not_after_15_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "EDIT_EVERY", 0.2)
    message, late = Message(), Message(expired=True)
    shown = [live.Live(cast("Interaction", where)) for where in (message, late)]
    reports = [one.follow(ENGLISH, "Adding “A” …") for one in shown]
    for n in range(48):
        for report in reports:
            report(Progress(state=State.EMBEDDING, done=n, total=480))
        await asyncio.sleep(0.01)
    for one in shown:
        await one.end("Added.")
    times = [at for at, _ in message.edits]
    assert 2 <= len(times) <= 6
    assert all(after - before > 0.19 for before, after in pairwise(times))
    assert re.fullmatch(r"Adding “A” …\n-# Embedding ▱{10} \d+ of 480 passages", message.edits[0][1])
    assert message.edits[-1][1] == "Added."
    assert [content for _, content in late.edits] == ["Added."]


def test_a_long_job_shows_how_fast_it_is_and_how_long_it_will_take() -> None:
    now = iter([0.0, 10.0, 10.0, 10.0, 10.0])
    pace = Pace(lambda: next(now, 10.0))
    pace.note(0, 480)
    pace.note(120, 480)
    embedding = Progress(state=State.EMBEDDING, done=120, total=480)
    assert how_far(embedding, ENGLISH, pace) == (
        "Embedding ▰▰▱▱▱▱▱▱▱▱ 120 of 480 passages · 12 a second · about 30 s left"
    )
    slow = Pace(lambda: next(slowly, 100.0))
    slowly = iter([0.0])
    slow.note(0, 20)
    slow.note(2, 20)
    reading_third = Progress(state=State.READING, title="*The* treaty", done=2, total=20)
    assert how_far(reading_third, ENGLISH, slow) == (r"Reading 3 of 20: \*The\* treaty · about 15 min left")


async def test_what_ends_after_its_message_expired_is_in_the_status(
    env: Env, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = await add(server)
    with_program(env, CHATTY)
    monkeypatch.setattr(discord.Interaction, "is_expired", lambda _: True)
    env.inject_error("PATCH", "/webhooks/*/messages/@original", status=401, code=50027)
    await server.moderator.click(response(shown), label="Build")
    status = told(await server.moderator.slash(server.channel, "library status"))
    assert "Last change: adding “Coffee in the frost”" in status
