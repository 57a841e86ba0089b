"""`/ask` as a member sees it."""

import re
from pathlib import Path

import pytest
from simcord import Env

from bot.discord import create_bot
from bot.discord.render import LONGEST
from bot.record.limits import BURST
from bot.settings import Settings
from index import readers
from index.builder import Builder
from index.embeddings import MiniLM
from tests.bot.discord.conftest import Server, at_rest, bot_of, custom_ids, server_in, simulated

TRADE = "How much could informal trade between Iran and Pakistan be worth?"
OFF = "Who won the football world cup in 1998?"


async def test_an_answer_carries_footnotes_and_names_its_source(env: Env, server: Server) -> None:
    asked = await server.member.slash(server.channel, "ask", question=TRADE)
    assert not asked.ephemeral
    assert asked.response
    content = asked.response.content
    assert content.startswith(f"> {TRADE}")
    assert re.search(r"three billion dollars per year.*\[1\]", content)
    assert re.search(
        r"\[1\].* · Muhammad Faisal, New Atlanticist, Atlantic Council · 25 January 2024", content
    )
    buttons = [b for row in asked.response.components for b in row["components"]]
    assert [b["label"] for b in buttons] == ["Sources", "Follow up", "👍", "👎"]


async def test_a_decline_says_why_and_marks_what_is_near_as_no_answer(env: Env, server: Server) -> None:
    asked = await server.member.slash(server.channel, "ask", question=OFF)
    assert asked.response
    assert "**The articles do not answer this.**" in asked.response.content
    assert "**not an answer**" in asked.response.content
    assert "[1]" not in asked.response.content
    opened = await server.member.click(asked.response, label="Passages")
    assert opened.response
    assert "Nearest passage 1 of 3, **not an answer**" in opened.response.content
    assert not any("judge" in button for button in custom_ids(opened.response))


async def test_a_private_answer_is_the_askers_until_it_is_shared(env: Env, server: Server) -> None:
    asked = await server.member.slash(server.channel, "ask", question=TRADE, private=True)
    assert asked.ephemeral
    assert asked.response
    shared = await server.member.click(asked.response, label="Share")
    assert shared.response
    assert not shared.ephemeral
    assert shared.response.content.startswith("**alice** asked and shares this answer:")
    assert "three billion" in shared.response.content
    again = await server.member.click(asked.response, label="Share")
    assert again.ephemeral
    assert again.response
    assert again.response.content == "This answer was shared already."
    read = await server.moderator.click(shared.response, label="Sources")
    assert read.response
    assert "**Based on an estimate" in read.response.content


async def test_article_names_are_completed_and_narrow_the_search(env: Env, server: Server) -> None:
    found = await server.member.autocomplete(server.channel, "ask", "article", "SKIES")
    assert [choice["value"] for choice in found] == ["iran-pakistan-strikes"]
    assert await server.member.autocomplete(server.channel, "ask", "article", "no such title") == []
    asked = await server.member.slash(server.channel, "ask", question=TRADE, article="iran-pakistan-strikes")
    assert asked.response
    assert "three billion" in asked.response.content
    await env.advance_time(10)
    title = "the Skies are quiet, but the Iran-Pakistan strikes left lasting diplomatic damage"
    typed = await server.member.slash(server.channel, "ask", question=TRADE, article=title)
    assert typed.response
    assert "three billion" in typed.response.content
    unknown = await server.member.slash(server.channel, "ask", question=TRADE, article="`nothing`")
    assert unknown.response
    assert unknown.ephemeral
    assert unknown.response.content == r"There is no article “\`nothing\`” here; /articles lists them."


async def test_after_five_questions_in_a_row_there_is_a_wait(env: Env, server: Server) -> None:
    for _ in range(BURST):
        await server.member.slash(server.channel, "ask", question=TRADE)
    refused = await server.member.slash(server.channel, "ask", question=TRADE)
    assert refused.ephemeral
    assert refused.response
    assert re.fullmatch(r"You asked a lot just now; try again <t:\d+:R>\.", refused.response.content)
    others = await server.moderator.slash(server.channel, "ask", question=TRADE)
    assert others.response
    assert "three billion" in others.response.content
    await env.restart_bot(create_bot(bot_of(env).settings))
    refused = await server.member.slash(server.channel, "ask", question=TRADE)
    assert refused.response
    assert "try again" in refused.response.content
    await env.advance_time(26)
    again = await server.member.slash(server.channel, "ask", question=TRADE)
    assert again.response
    assert "three billion" in again.response.content


@pytest.mark.parametrize("question", ["?!", "\x00\u202e\u200b", "😀"])
async def test_a_question_without_words_gets_one_line(env: Env, server: Server, question: str) -> None:
    asked = await server.member.slash(server.channel, "ask", question=question)
    assert asked.response
    assert asked.ephemeral
    assert asked.response.content.startswith("The question ")
    assert "\n" not in asked.response.content


async def test_links_lead_to_the_quoted_words_and_long_answers_are_split(
    home: Path, embedder: MiniLM, tmp_path: Path
) -> None:
    words = " ".join(f"delta{n}" for n in range(60))
    page = tmp_path / "glaciers.md"
    page.write_text(
        "---\ntitle: On glaciers\nurl: https://example.org/glaciers_(2024)\n---\n\n"
        + "\n\n".join(
            f"The glacier named Aletsch lost ice in the year {1990 + n}, {words}." for n in range(6)
        )
    )
    settings = Settings(home=home)
    Builder(at_rest(settings), embedder).add([readers.read(page)], lambda *_: None)
    async with simulated(settings) as env:
        server = server_in(env)
        asked = await server.member.slash(
            server.channel, "ask", question="Which year did the glacier Aletsch lose ice?"
        )
        assert asked.response
        pages = [asked.response, *asked.followups]
        assert all(len(page.content) <= LONGEST for page in pages)
        whole = "\n".join(page.content for page in pages)
        link = re.search(
            r"\[\[1\]\]\(<(https://example\.org/glaciers_%282024%29#:~:text=[^<>() ]+)>\)", whole
        )
        assert link
        assert not [page for page in pages[:-1] if page.components]
        assert pages[-1].components
