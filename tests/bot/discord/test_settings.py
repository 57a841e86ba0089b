"""`/settings` as a moderator uses it, and what it changes for members."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from simcord import Env
from simcord.actors import MemberActor, _component_interaction
from simcord.backend.errors import SetupError
from simcord.components import walk_components
from simcord.results import InteractionResult, ResponseMessage

from bot.desks import guild_library
from bot.discord import create_bot
from bot.record import Record
from bot.record.guilds import Guilds, GuildSettings
from bot.record.limits import BURST
from index.builder import Builder
from index.embeddings import MiniLM
from index.errors import StateUnavailable
from tests.bot.discord.conftest import Server, bot_of, server_in
from tests.bot.discord.test_ask import TRADE
from tests.bot.test_limits import Slow
from tests.index.notes import GENEVA, note

GUILD, ELSEWHERE = 10, 20
NOT_A_MANAGER = "This is for those who manage the server."


@dataclass
class Panel:
    """What a moderator has on the screen."""

    message: ResponseMessage
    reader: MemberActor

    @property
    def text(self) -> str:
        return "\n".join(c["content"] for c in walk_components(self.message.components) if c["type"] == 10)

    def part(self, custom_id: str) -> dict[str, Any]:
        (found,) = [
            c
            for c in walk_components(self.message.components)
            if c.get("custom_id", "").startswith(f"ibid:settings:{custom_id}")
        ]
        return found

    def chosen(self, menu: str) -> list[int]:
        return [int(value["id"]) for value in self.part(menu).get("default_values", [])]

    async def press(self, button: str) -> InteractionResult:
        return await self.reader.click(self.message, custom_id=self.part(button)["custom_id"])

    async def choose(self, menu: str, *values: Any) -> InteractionResult:
        return await self.reader.select(self.message, values, custom_id=f"ibid:settings:{menu}")

    async def limit(self, *values: str) -> InteractionResult:
        names = ("cooldown", "channel_rate", "daily_budget")
        asked = await self.press("limits")
        return await self.reader.submit_modal(asked, dict(zip(names, values, strict=True)))


async def panel_of(server: Server) -> Panel:
    opened = await server.moderator.slash(server.channel, "settings")
    assert opened.ephemeral
    assert opened.response
    return Panel(opened.response, server.moderator)


def settings_of(env: Env, server: Server) -> GuildSettings:
    return bot_of(env).guild_settings.settings(server.guild.id)


async def ask(server: Server, member: MemberActor | None = None, **options: Any) -> InteractionResult:
    return await (member or server.member).slash(
        options.pop("channel", server.channel), "ask", question=TRADE, **options
    )


def is_answered(asked: InteractionResult) -> bool:
    assert asked.response
    return "three billion" in asked.response.content


def refusal(result: InteractionResult) -> str:
    assert result.ephemeral
    assert result.response
    return result.response.content


async def test_only_those_who_manage_the_server_set_anything(env: Env, server: Server) -> None:
    """H13. Discord lets nobody else see the command; it is checked all the same, at every press."""
    with pytest.raises(SetupError):
        await server.member.slash(server.channel, "settings")
    (command,) = [c for c in await bot_of(env).tree.fetch_commands() if c.name == "settings"]
    server.guild.set_command_permissions(command, {server.member: True})
    assert refusal(await server.member.slash(server.channel, "settings")) == NOT_A_MANAGER

    panel = await panel_of(server)
    limits = await panel.press("limits")
    stored = env.backend.get_message(server.channel.id, panel.message.id)
    for part, values in (("private", None), ("channels", [str(server.channel.id)]), ("limits", None)):
        found = panel.part(part)
        data = {"custom_id": found["custom_id"], "component_type": found["type"], "id": found["id"]}
        if values:
            data["values"] = values
        forged = await _component_interaction(server.member, stored, data)
        assert refusal(forged) == NOT_A_MANAGER
        assert forged.modal is None

    env.backend.edit_member(server.guild.id, server.moderator.id, {"role_ids": []})
    assert refusal(await panel.press("private")) == NOT_A_MANAGER
    assert refusal(await panel.choose("channels", server.channel)) == NOT_A_MANAGER
    typed = {"cooldown": "0", "channel_rate": "0", "daily_budget": "0"}
    assert refusal(await server.moderator.submit_modal(limits, typed)) == NOT_A_MANAGER
    assert settings_of(env, server) == GuildSettings()


async def test_the_panel_shows_every_setting_and_outlives_a_restart(env: Env, server: Server) -> None:
    other = server.guild.create_text_channel("other")
    readers, editors = server.guild.create_role("Readers"), server.guild.create_role("Editors")
    panel = await panel_of(server)
    assert "Saved" not in panel.text
    for line in (
        "**Where I answer**: everywhere",
        "**Who may ask**: everyone",
        "**Who may change the articles**: only those who manage the server",
        "Server Settings › Integrations",
        "**A thread for each question**: off",
        "**Private by default**: off",
        "**Articles**: those that all servers share",
        "**Limits**: 5 s between questions of a member, after the first five · 20 a minute in a channel",
        "**Language**: English",
    ):
        assert line in panel.text
    await env.restart_bot(create_bot(bot_of(env).settings))

    await panel.choose("channels", server.channel, other)
    assert f"✓ Saved: **Where I answer**: {server.channel.mention}, {other.mention}" in panel.text
    await panel.choose("askers", readers)
    await panel.choose("curators", editors)
    assert f"✓ Saved: **Who may change the articles**: {editors.mention}, and those who manage" in panel.text
    await panel.press("threads")
    await panel.press("private")
    assert "✓ Saved: **Private by default**: on" in panel.text
    await panel.choose("language", "en")
    await panel.limit("7", "0", "1000")
    limits = "7 s between questions of a member, after the first five · any number a minute in a channel"
    assert f"✓ Saved: **Limits**: {limits} · 1,000 a day" in panel.text
    assert settings_of(env, server) == GuildSettings(
        channels=(server.channel.id, other.id),
        askers=(readers.id,),
        curators=(editors.id,),
        threads=True,
        private=True,
        cooldown=7,
        channel_rate=0,
        daily_budget=1_000,
    )

    again = await panel_of(server)
    assert again.chosen("channels") == [server.channel.id, other.id]
    assert (again.chosen("askers"), again.chosen("curators")) == ([readers.id], [editors.id])
    env.backend.delete_channel(other.id)
    env.backend.delete_role(server.guild.id, readers.id)
    await env.settle()
    again = await panel_of(server)
    assert (again.chosen("channels"), again.chosen("askers")) == ([server.channel.id], [])
    await again.choose("channels")
    await again.press("private")
    assert again.part("private")["label"] == "Turn on"
    assert settings_of(env, server).channels == ()
    assert not settings_of(env, server).private


async def test_questions_are_answered_where_and_to_whom_it_was_set(env: Env, server: Server) -> None:
    other, readers = server.guild.create_text_channel("other"), server.guild.create_role("Readers")
    reader = server.guild.add_member(env.create_user("rae"), roles=[readers])
    panel = await panel_of(server)
    await panel.choose("channels", other)
    assert (
        refusal(await ask(server))
        == "I answer in some channels of this server only, and this is none of them."
    )
    assert is_answered(await ask(server, channel=other))
    await panel.choose("channels")
    await panel.choose("askers", readers)
    await env.advance_time(10)
    assert refusal(await ask(server)).startswith("Asking is kept to some roles")
    assert is_answered(await ask(server, reader))
    assert is_answered(await ask(server, server.moderator))
    await panel.choose("askers")
    assert is_answered(await ask(server))
    elsewhere = server_in(env, "Elsewhere")
    assert settings_of(env, elsewhere) == GuildSettings()


async def test_answers_are_private_or_open_a_thread_as_it_was_set(env: Env, server: Server) -> None:
    panel = await panel_of(server)
    await panel.limit("0", "0", "0")
    await panel.press("private")
    await panel.press("threads")
    hidden = await ask(server)
    assert hidden.ephemeral
    assert is_answered(hidden)
    assert server.channel.threads == []
    shown = await ask(server, private=False)
    assert not shown.ephemeral
    (thread,) = server.channel.threads
    assert thread.name == TRADE
    await panel.press("private")
    assert not (await ask(server)).ephemeral
    assert len(server.channel.threads) == 2
    await panel.press("threads")
    await ask(server)
    assert len(server.channel.threads) == 2


async def test_limits_hold_as_they_were_set_and_across_a_restart(env: Env, server: Server) -> None:
    """H14."""
    panel = await panel_of(server)
    await panel.limit("100", "0", "7")
    for _ in range(BURST):
        assert is_answered(await ask(server))
    await env.advance_time(BURST * 100 - 10)
    assert refusal(await ask(server)).startswith("You asked a lot just now")
    await env.advance_time(11)
    assert is_answered(await ask(server))

    await panel.limit("0", "2", "7")
    assert is_answered(await ask(server, server.moderator))
    assert refusal(await ask(server)).startswith("There are many questions in this channel")
    await env.advance_time(60)
    await env.restart_bot(create_bot(bot_of(env).settings))
    assert refusal(await ask(server)).startswith("This server's questions for today are used up")
    await env.advance_time(86_400 - BURST * 100)
    assert is_answered(await ask(server))


async def test_numbers_that_cannot_be_taken_change_nothing_and_are_not_lost(env: Env, server: Server) -> None:
    panel = await panel_of(server)
    for typed, wrong in (
        (
            ("-1", "600", "100000"),
            ["“Seconds between questions of a member” takes", r"3,600, not “\-1”."],
        ),
        (("3600", "601", "1e3"), ["0 to 600, not “601”.", "0 to 100,000, not “1e3”."]),
        (("5|5", "@here:5", "²"), ["not “5\\|5”.", "not “@\u200bhere:5”.", "not “²”."]),
    ):
        await panel.limit(*typed)
        assert panel.text.count("✗ Not saved") == len([said for said in wrong if "not “" in said])
        assert [said for said in wrong if said not in panel.text] == []
        assert settings_of(env, server) == GuildSettings()
        again = await panel.press("limits")
        shown = [c["value"] for c in walk_components((again.modal or {})["components"]) if c["type"] == 4]
        assert shown == [text.replace("|", " ") for text in typed]
    await panel.limit(" 3600 ", "600", "١٠٠٠٠٠")  # digits of any script
    assert settings_of(env, server) == GuildSettings(cooldown=3_600, channel_rate=600, daily_budget=100_000)
    assert "Not saved" not in panel.text


async def test_a_library_of_its_own_is_used_once_there_is_one(
    env: Env, server: Server, embedder: MiniLM
) -> None:
    panel = await panel_of(server)
    said = refusal(await panel.press("own_library"))
    assert said == "This server has no articles of its own yet; /library add makes a library of them."
    assert not settings_of(env, server).own_library

    library = guild_library(bot_of(env).settings, server.guild.id)
    library.folder.mkdir(parents=True)
    Builder(library, embedder).add([note("treaty", GENEVA)], lambda *_: None)
    await panel.press("own_library")
    assert "✓ Saved: **Articles**: those of this server" in panel.text
    listed = await server.member.slash(server.channel, "articles")
    assert listed.response
    assert "Treaty" in listed.response.content
    assert not is_answered(await ask(server))
    await env.advance_time(10)

    await panel.press("own_library")
    assert "✓ Saved: **Articles**: those that all servers share" in panel.text
    assert is_answered(await ask(server))
    assert library.current_id()
    await panel.press("own_library")
    assert settings_of(env, server).own_library


async def test_settings_that_cannot_be_read_close_what_they_would_guard(env: Env, server: Server) -> None:
    panel = await panel_of(server)
    await panel.press("private")
    with bot_of(env).desks.record.database.writing() as db:
        db.execute("""UPDATE guild SET settings = '{"channels": ["all"]}'""")
    broken = "Something went wrong on my side; it was noted. Try again in a minute."
    assert refusal(await ask(server)) == broken
    assert refusal(await panel.press("private")) == broken
    assert refusal(await server.moderator.slash(server.channel, "settings")) == broken
    assert is_answered(await ask(server_in(env, "Elsewhere")))


def test_settings_are_kept_whole_and_never_guessed(tmp_path: Path) -> None:
    guilds = Guilds(Record(tmp_path / "state.sqlite").database)
    assert guilds.settings(GUILD) == GuildSettings()
    guilds.change(GUILD, channels=(1, 2), private=True)
    assert guilds.change(GUILD, cooldown=9) == GuildSettings(channels=(1, 2), private=True, cooldown=9)
    with pytest.raises(ValueError, match="cooldown"):
        guilds.change(GUILD, cooldown=3_601)
    assert guilds.settings(GUILD).cooldown == 9
    assert guilds.settings(ELSEWHERE) == GuildSettings()
    for damage in ("", "{", "[]", '{"channels": "all"}', '{"cooldown": -1}', '{"private": 7}'):
        with Record(tmp_path / "state.sqlite").database.writing() as db:
            db.execute("UPDATE guild SET settings = ?", (damage,))
        for call in (guilds.settings, guilds.change):
            with pytest.raises(StateUnavailable, match="cannot be read"):
                call(GUILD)


def test_two_moderators_at_once_both_have_their_way(tmp_path: Path) -> None:
    guilds = Guilds(Slow(tmp_path / "state.sqlite"))
    guilds.settings(GUILD)
    together = Barrier(2)

    def change(**changes: object) -> None:
        together.wait()
        guilds.change(GUILD, **changes)

    with ThreadPoolExecutor(2) as threads:
        for done in (threads.submit(change, private=True), threads.submit(change, cooldown=9)):
            done.result()
    assert guilds.settings(GUILD) == GuildSettings(private=True, cooldown=9)
