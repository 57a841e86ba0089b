from simcord import Env

from tests.bot.discord.conftest import Server

TRADE = "How much could informal trade between Iran and Pakistan be worth?"


async def test_an_answer_carries_footnotes_and_names_its_source(env: Env, server: Server) -> None:
    asked = await server.member.slash(server.channel, "ask", question=TRADE)
    assert not asked.ephemeral
    assert asked.response
    assert "three billion dollars per year" in asked.response.content
    assert "[1]" in asked.response.content
    assert "25 January 2024" in asked.response.content
