"""Mentions, replies and threads: when the bot answers, and when it stays silent."""

import pytest
from simcord import Env

from bot.discord import create_bot
from bot.discord.access import is_addressed
from bot.record.limits import BURST
from tests.bot.discord.conftest import Server, bot_of

BOT, ALICE, BOB = 1, 2, 3
TRADE = "How much could informal trade between Iran and Pakistan be worth?"


@pytest.mark.parametrize(
    ("content", "mentioned", "reply_to", "own_thread", "addressed"),
    [
        ("<@1> who?", [BOT], None, False, True),
        ("<@!1> who?", [BOT], None, False, True),
        ("who?", [], BOT, False, True),
        ("who?", [BOT], BOT, False, True),
        ("who?", [], None, True, True),
        ("who?", [], None, False, False),
        ("<@3> look at this", [BOB], BOT, False, False),
        ("<@3> what do you say?", [BOB], None, True, False),
        ("I think so", [], BOB, True, False),
        ("<@3> <@1> who?", [BOB, BOT], None, False, True),
    ],
)
def test_who_is_asked(
    content: str, mentioned: list[int], reply_to: int | None, own_thread: bool, addressed: bool
) -> None:
    found = is_addressed(
        content, BOT, mentioned=mentioned, everyone=False, reply_to=reply_to, own_thread=own_thread
    )
    assert found is addressed


def test_everyone_is_not_the_bot() -> None:
    assert not is_addressed(
        "@everyone meet at noon", BOT, mentioned=[], everyone=True, reply_to=None, own_thread=True
    )


async def test_a_mention_is_answered_and_a_reply_asks_on(env: Env, server: Server) -> None:
    me = env.bot.user
    assert me
    await server.member.send(server.channel, f"{me.mention} Who visited Moscow?")
    answer = server.channel.last_message
    assert answer
    assert answer.author.id == me.id
    assert answer.reference
    assert "Imran Khan visiting Moscow" in answer.content
    await env.advance_time(10)
    await server.moderator.send(server.channel, f"{me.mention} And when?", reply_to=answer)
    followed = server.channel.last_message
    assert followed
    assert "Understood as: Who visited Moscow? And when?" in followed.content
    before = len(server.channel.history())
    await env.advance_time(10)
    bob = server.guild.add_member(env.create_user("bob"))
    await server.member.send(server.channel, "Who visited Moscow?")
    await server.member.send(server.channel, f"{bob.mention} look", reply_to=answer)
    other = await bob.send(server.channel, "I do not know")
    await server.member.send(server.channel, "Who does?", reply_to=other)
    assert len(server.channel.history()) == before + 4


async def test_other_bots_are_not_answered(env: Env, server: Server) -> None:
    assert env.bot.user
    robot = server.guild.add_member(env.create_user("robot", bot=True))
    await robot.send(server.channel, f"{env.bot.user.mention} Who visited Moscow?")
    assert len(server.channel.history()) == 1


async def test_an_empty_mention_is_told_how_to_ask(env: Env, server: Server) -> None:
    assert env.bot.user
    await server.member.send(server.channel, env.bot.user.mention)
    assert server.channel.last_message
    assert "/ask question:" in server.channel.last_message.content


async def test_a_flood_gets_a_sign_and_no_words(env: Env, server: Server) -> None:
    assert env.bot.user
    for _ in range(BURST + 1):
        await server.member.send(server.channel, f"{env.bot.user.mention} Who visited Moscow?")
    messages = server.channel.history()
    assert sum(message.author.id == env.bot.user.id for message in messages) == BURST
    assert [str(reaction) for reaction in messages[-1].reactions] == ["⏳"]


async def test_a_thread_a_question_goes_on_without_mentions_where_it_may_read(
    env: Env, server: Server
) -> None:
    bot = bot_of(env)
    bot.guild_settings.change(server.guild.id, threads=True)
    reading = create_bot(bot.settings.model_copy(update={"message_content": True}))
    await env.restart_bot(reading)
    assert reading.user
    await server.member.send(server.channel, f"{reading.user.mention} Who visited Moscow?")
    (thread,) = server.channel.threads
    assert thread.name == "Who visited Moscow?"
    assert thread.last_message
    assert "every message in this thread is a question" in thread.last_message.content
    assert "Imran Khan" in thread.history()[-2].content
    await env.advance_time(10)
    await server.moderator.send(thread, "And when?")
    assert thread.last_message
    assert "Understood as: Who visited Moscow? And when?" in thread.last_message.content
    await env.advance_time(10)
    await server.moderator.send(thread, f"{server.member.mention} what do you think?")
    assert thread.last_message.author.id == server.moderator.id

    asked = await server.member.slash(server.channel, "ask", question="How many people live in Balochistan?")
    assert asked.response
    assert len(server.channel.threads) == 2


async def test_without_the_intent_a_thread_says_once_what_it_can_read(env: Env, server: Server) -> None:
    bot = bot_of(env)
    assert bot.user
    bot.guild_settings.change(server.guild.id, threads=True)
    await server.member.send(server.channel, f"{bot.user.mention} Who visited Moscow?")
    (thread,) = server.channel.threads
    await env.advance_time(10)
    for _ in range(2):
        await server.member.send(thread, "And when?")
    hints = [m for m in thread.history() if "shows me only what mentions me" in m.content]
    assert len(hints) == 1
    await server.member.send(thread, f"{bot.user.mention} And when?")
    assert thread.last_message
    assert "Understood as" in thread.last_message.content


async def test_direct_messages_are_answered_from_the_default_library(env: Env, server: Server) -> None:
    await server.member.send_dm("Who visited Moscow?")
    last = server.member.user.dm_channel.last_message
    assert last
    assert "Imran Khan" in last.content
    await server.member.send_dm("And when?")
    last = server.member.user.dm_channel.last_message
    assert last
    assert "Understood as: Who visited Moscow? And when?" in last.content


async def test_a_private_question_stays_out_of_what_others_follow_up(env: Env, server: Server) -> None:
    bot = bot_of(env)
    assert bot.user
    bot.guild_settings.change(server.guild.id, threads=True)
    await server.member.send(server.channel, f"{bot.user.mention} {TRADE}")
    (thread,) = server.channel.threads
    secret = "What is the secret of informal trade in Balochistan?"
    await server.member.slash(thread, "ask", question=secret, private=True)
    await server.moderator.send(thread, f"{bot.user.mention} And the official one?")
    assert thread.last_message
    assert f"Understood as: {TRADE} And the official one?" in thread.last_message.content
    assert "secret" not in thread.last_message.content
    own = await server.member.slash(thread, "ask", question="And the official one?", private=True)
    assert own.response
    assert "secret" in own.response.content


async def test_others_that_are_named_and_thanks_are_no_part_of_a_question(env: Env, server: Server) -> None:
    assert env.bot.user
    asked = f"{env.bot.user.mention}, {server.moderator.mention}: who visited Moscow?"
    await server.member.send(server.channel, asked)
    assert server.channel.last_message
    assert "Imran Khan" in server.channel.last_message.content
    await server.member.send(server.channel, f"Thanks {env.bot.user.mention}!")
    assert server.channel.last_message.author.id == server.member.id
