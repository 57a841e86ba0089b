""" "Check against the articles" on somebody's message."""

from simcord import Env

from tests.bot.discord.conftest import Server

CLAIMS = (
    "Informal Iran-Pakistan trade could surpass three billion dollars per year. "
    "Informal Iran-Pakistan trade could surpass nine billion dollars per year. "
    "The Louvre is closed on Tuesdays. 😀"
)


async def test_each_sentence_is_supported_contradicted_or_not_mentioned(env: Env, server: Server) -> None:
    message = await server.moderator.send(server.channel, CLAIMS)
    checked = await server.member.context_menu(server.channel, "Check against the articles", message)
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
    refused = await server.member.context_menu(server.channel, "Check against the articles", empty)
    assert refused.ephemeral
    assert refused.response
    assert refused.response.content == "That message holds no sentence that could be checked."
    await env.advance_time(10)
    long = await server.member.send(server.channel, "Nine border markets are open today. " * 20)
    checked = await server.member.context_menu(server.channel, "Check against the articles", long)
    assert checked.response
    pages = [checked.response, *checked.followups]
    assert all(page.ephemeral and len(page.content) <= 2000 for page in pages)
    assert "Only the first 12 sentences were checked." in pages[-1].content
