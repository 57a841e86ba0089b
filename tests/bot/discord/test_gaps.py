"""`/gaps` as those who look after the articles see it."""

import csv
import io
import re

import pytest
from simcord import Env
from simcord.actors import _component_interaction
from simcord.backend.errors import SetupError
from simcord.results import InteractionResult

from bot.answer import Reason
from bot.discord import create_bot
from bot.discord import gaps as gaps_module
from bot.discord.gaps import as_csv, cell
from bot.discord.render import LONGEST
from bot.discord.texts import texts
from bot.record.feedback import Gap
from tests.bot.discord.conftest import Server, bot_of, custom_id, custom_ids, server_in
from tests.bot.discord.test_ask import OFF, TRADE
from tests.bot.test_feedback import Desk

NOT_A_CURATOR = "This is for those who manage the server or curate its articles."
HOSTILE = (
    "**x** ](https://evil.example) `@everyone` </cmd:1> <#1> <t:1> <@2> \u202egnp.exe https://evil.example"
)


def desk_of(env: Env) -> Desk:
    """Puts answers into the record of the running bot."""
    return Desk(bot_of(env).settings.home)


async def gaps_of(server: Server) -> InteractionResult:
    shown = await server.moderator.slash(server.channel, "gaps")
    assert shown.ephemeral
    return shown


def content(result: InteractionResult) -> str:
    assert result.response
    assert result.response.ephemeral
    return result.response.content


def gap(question: str, *comments: str) -> Gap:
    return Gap(question, 1, 1, 0, Reason.NOTHING_RETRIEVED, "2024-01-25T12:00:00+00:00", comments)


async def test_what_was_declined_or_voted_down_is_listed_most_asked_first(env: Env, server: Server) -> None:
    assert content(await gaps_of(server)).startswith("No gaps: every question here found an answer")
    for question in (TRADE, OFF, f"  {OFF.lower()}"):
        asked = await server.member.slash(server.channel, "ask", question=question)
        await env.advance_time(10)
        if question == TRADE:
            assert asked.response
            down = await server.member.click(
                asked.response, custom_id=custom_id(asked.response, "unhelpful:")
            )
            (field,) = [row["component"]["custom_id"] for row in (down.modal or {})["components"]]
            await server.member.submit_modal(down, {field: "the [sum](https://x.example) is wrong"})
    shown = await gaps_of(server)
    header, first, first_facts, second, second_facts, comment = content(shown).split("\n")
    assert header == "**Questions without a good answer** (2)"
    assert first == f"**1.** {OFF.lower()}"
    assert first_facts.startswith("-# asked 2 times · The articles do not answer this · last <t:")
    assert second == f"**2.** {TRADE}"
    assert second_facts.startswith("-# asked once · It was answered, and voted down. · 👎 1 · last <t:")
    assert comment == r"-# “the \[sum\](https:\//x.example) is wrong”"
    assert "alice" not in content(shown)
    assert custom_ids(shown.response) == ["ibid:gaps:csv"]

    elsewhere = server_in(env, "Elsewhere")
    assert content(await gaps_of(elsewhere)).startswith("No gaps")


async def test_pages_turn_and_the_file_comes_after_a_restart(env: Env, server: Server) -> None:
    desk = desk_of(env)
    for n in range(30):
        desk.keep(f"{n} " + "Ж*" * 300, guild=server.guild.id)
    shown = await gaps_of(server)
    assert shown.response
    assert "Page 1 of 10" in content(shown)
    await env.restart_bot(create_bot(bot_of(env).settings))
    turned = await server.moderator.click(shown.response, label="›")
    assert "**4.** 26 Ж" in content(turned)
    assert "Page 2 of 10" in content(turned)
    assert len(content(turned)) <= LONGEST
    with bot_of(env).desks.record.database.writing() as db:  # a panel of yesterday, fewer gaps today
        db.execute("DELETE FROM answer WHERE rowid > 3")
    only = content(await server.moderator.click(shown.response, label="›"))
    assert "**1.** 2 Ж" in only
    assert "Page" not in only

    sent = await server.moderator.click(shown.response, label="CSV")
    assert content(sent) == "3 in all, most asked first."
    assert sent.response
    (file,) = sent.response.attachments
    assert file.filename == "gaps.csv"
    data = await file.read()
    assert data.startswith(b"\xef\xbb\xbfquestion,times,")
    rows = list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"))))
    assert [row["question"][:4] for row in rows] == ["2 Ж*", "1 Ж*", "0 Ж*"]
    assert {row["why"] for row in rows} == {"The articles do not answer this"}


async def test_gaps_are_shown_to_those_who_may_curate(env: Env, server: Server) -> None:
    """H13. Discord lets nobody else see the command; it is checked all the same, at every press."""
    desk = desk_of(env)
    for n in range(30):
        desk.keep(f"{n} " + "words " * 60, guild=server.guild.id)
    with pytest.raises(SetupError):
        await server.member.slash(server.channel, "gaps")
    (command,) = [c for c in await bot_of(env).tree.fetch_commands() if c.name == "gaps"]
    server.guild.set_command_permissions(command, {server.member: True})
    assert content(await server.member.slash(server.channel, "gaps")) == NOT_A_CURATOR
    shown = await gaps_of(server)
    assert shown.response
    stored = env.backend.get_message(server.channel.id, shown.response.id)
    for known in ("ibid:gaps:2", "ibid:gaps:csv"):
        forged = await _component_interaction(
            server.member, stored, {"custom_id": known, "component_type": 2}
        )
        assert content(forged) == NOT_A_CURATOR
        assert forged.response
        assert forged.response.attachments == []

    editors = server.guild.create_role("Editors")
    bot_of(env).guild_settings.change(server.guild.id, curators=(editors.id,))
    env.backend.edit_member(server.guild.id, server.member.id, {"role_ids": [editors.id]})
    theirs = await server.member.slash(server.channel, "gaps")
    assert "**1.** 29" in content(theirs)
    env.backend.edit_member(server.guild.id, server.member.id, {"role_ids": []})
    assert theirs.response
    assert content(await server.member.click(theirs.response, label="›")) == NOT_A_CURATOR


async def test_questions_and_comments_are_shown_as_text(env: Env, server: Server) -> None:
    """H1, H3."""
    desk = desk_of(env)
    answer = desk.keep(HOSTILE, guild=server.guild.id)
    for member in range(5):
        desk.feedback.vote(answer, member, helpful=False)
        desk.feedback.comment(answer, member, f"{HOSTILE}\n# {member}")
    _, question, _, *comments, more = content(await gaps_of(server)).split("\n")
    assert more == "-# and 2 more comments in the file"
    shown = [question.removeprefix("**1.** "), *(said.removeprefix("-# ") for said in comments)]
    assert len(shown) == 4
    for line in shown:
        assert not re.search(r"(?<!\\)[*_`<>\[\]]|@everyone|://|\u202e", line)


@pytest.mark.parametrize("first", ["=", "+", "-", "@", "\t=", " =", "\u200b=", "＝", "\n+"])
def test_no_cell_is_a_formula(first: str) -> None:
    data, _ = as_csv([gap(f'{first}HYPERLINK("x")', f"{first}1", "b")], texts())
    _, row = csv.reader(io.StringIO(data.decode("utf-8-sig")))
    assert row[0] == f'\'{first[-1]}HYPERLINK("x")'
    assert row[-1] == f"'{first[-1]}1 | b"
    assert cell("\t1") == "'\t1"
    assert cell("Who = he?") == "Who = he?"


def test_a_file_stays_within_what_discord_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gaps_module, "LARGEST_FILE", 2_000)
    data, kept = as_csv([gap("語" * 100)] * 50, texts())
    assert 2_000 < len(data) < 3_000
    assert kept == len(data.decode("utf-8-sig").splitlines()) - 1 < 50
