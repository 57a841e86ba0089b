""" "Check against the articles" on somebody's message."""

import pytest
from simcord import Env

from bot.answer import CheckReport, Citation, Verdict
from bot.check import Criterion
from bot.discord.render import check_pages
from bot.discord.texts import ENGLISH
from tests.bot.discord.conftest import Server

CHECK = "Check against the articles"
TRADE = "How much could informal trade between Iran and Pakistan be worth?"

CLAIMS = (
    "Informal Iran-Pakistan trade could surpass three billion dollars per year. "
    "Informal Iran-Pakistan trade could surpass nine billion dollars per year. "
    "The Louvre is closed on Tuesdays. 😀"
)


async def test_each_sentence_is_supported_contradicted_or_not_mentioned(env: Env, server: Server) -> None:
    message = await server.moderator.send(server.channel, CLAIMS)
    checked = await server.member.context_menu(server.channel, CHECK, message)
    assert checked.ephemeral
    assert checked.response
    lines = [line for line in checked.response.content.splitlines() if line.startswith("**")]
    assert lines[0] == "**Checked against the articles**"
    assert lines[1].startswith("**✓ supported**: Informal")
    assert lines[2].startswith("**✗ contradicted**: Informal")
    assert lines[3].startswith("**– not mentioned**: The Louvre")
    assert len(lines) == 4
    assert "“Based on an estimate" in checked.response.content
    assert len(server.channel.history()) == 1


async def test_a_message_without_sentences_and_a_long_one(env: Env, server: Server) -> None:
    empty = await server.member.send(server.channel, "😀 ?!")
    refused = await server.member.context_menu(server.channel, CHECK, empty)
    assert refused.ephemeral
    assert refused.response
    assert refused.response.content == "That message holds no sentence that could be checked."
    await env.advance_time(10)
    long = await server.member.send(server.channel, "Nine border markets are open today. " * 20)
    checked = await server.member.context_menu(server.channel, CHECK, long)
    assert checked.response
    pages = [checked.response, *checked.followups]
    assert all(page.ephemeral and len(page.content) <= 2000 for page in pages)
    assert "Only the first 12 sentences were checked." in pages[-1].content


@pytest.mark.parametrize(
    "claim",
    [
        "<@145000000000000044> Imran Khan visited Moscow.",
        "<@!145000000000000044> <@&44> **Imran Khan** <:flag:44> visited Moscow <t:1700000044:D> [1].",
        "> - *Imran Khan* visited [Moscow](https://news.example/2024/44). https://news.example/Kabul-44",
        "```\nAnna = 44\n```\nImran Khan visited `Moscow` ([44](<https://news.example>), https://x.example).",
    ],
)
async def test_markup_is_no_fact(env: Env, server: Server, claim: str) -> None:
    message = await server.member.send(server.channel, claim)
    checked = await server.member.context_menu(server.channel, CHECK, message)
    assert checked.response
    lines = [line for line in checked.response.content.splitlines() if line.startswith("**")]
    assert len(lines) == 2, lines
    assert lines[1].startswith("**✓ supported**: Imran Khan visited")


async def test_an_answer_of_the_bot_is_supported_by_what_it_was_made_of(env: Env, server: Server) -> None:
    await server.member.slash(server.channel, "ask", question=TRADE)
    answer = server.channel.last_message
    assert answer
    assert "[1]" in answer.content
    checked = await server.member.context_menu(server.channel, CHECK, answer)
    assert checked.response
    lines = [line for line in checked.response.content.splitlines() if line.startswith("**")]
    assert len(lines) >= 2
    assert all(line.startswith("**✓ supported**") for line in lines[1:])


async def test_a_decline_of_the_bot_states_nothing(env: Env, server: Server) -> None:
    await server.member.slash(server.channel, "ask", question="How do I bake sourdough bread?")
    decline = server.channel.last_message
    assert decline
    assert "do not answer" in decline.content
    assert decline.content == decline.content.strip()
    checked = await server.member.context_menu(server.channel, CHECK, decline)
    assert checked.response
    assert checked.response.content == "That message holds no sentence that could be checked."


async def test_a_question_is_not_checked(env: Env, server: Server) -> None:
    message = await server.member.send(server.channel, "Imran Khan visited Kabul? He visited Moscow.")
    checked = await server.member.context_menu(server.channel, CHECK, message)
    assert checked.response
    assert "Kabul" not in checked.response.content


CITED = Citation(
    n=1, article="a", title="A title", author=None, published=None, url=None, start=0, end=12, link=None,
    quote="A quotation.",
)  # fmt: skip


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        ("numbers: 44", "The articles have another number than 44."),
        ("dates: 3 May", "The articles do not say it of 3 May."),
        ("names: Anna: A Life, *Bo*", r"The articles do not say it of Anna: A Life, \*Bo\*."),
        ("negation: damag, storm", "One says it, the other denies it."),
        ("meaning: only 32% of it stands there", "The articles say only a part of it."),
    ],
)
def test_why_it_is_contradicted_is_said_in_words(failure: str, words: str) -> None:
    reports = {
        verdict: CheckReport(verdict=verdict, score=0.5, citations=(CITED,), failures=(failure,))
        for verdict in Verdict
    }
    (page,) = check_pages([("It is so.", reports[Verdict.CONTRADICTED])], ENGLISH)
    assert f"-# {words}" in page.splitlines()
    assert failure not in page
    (page,) = check_pages([("It is so.", reports[Verdict.NOT_MENTIONED])], ENGLISH)
    assert words not in page


def test_each_check_that_may_fail_has_words() -> None:
    assert set(ENGLISH.check_reasons) == set(Criterion)
