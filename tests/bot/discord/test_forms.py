"""Forms, which may be sent after a restart, and **Follow up**, whose form asks a question."""

from typing import Any

import discord
import pytest
from simcord import Env
from simcord.actors import MemberActor, _dispatch_actor_interaction
from simcord.enums import InteractionType
from simcord.results import InteractionResult, ResponseMessage

from bot.discord import create_bot
from bot.discord.forms import Form, Forms, typed_in
from bot.record.guilds import GuildSettings
from bot.record.limits import BURST
from tests.bot.discord.conftest import Server, bot_of, custom_id
from tests.bot.discord.test_guards import subclasses
from tests.bot.discord.test_settings import panel_of, settings_of

MOSCOW = "Who visited Moscow?"
UNDERSTOOD = "Understood as: Who visited Moscow? And when?"
FORGOTTEN = "This answer is no longer kept."
NOT_YOURS = "This answer belongs to somebody else."


async def answered(server: Server, **options: Any) -> ResponseMessage:
    asked = await server.member.slash(server.channel, "ask", question=MOSCOW, **options)
    assert asked.response
    return asked.response


async def follow_up(
    member: MemberActor, answer: ResponseMessage, question: str = "And when?"
) -> InteractionResult:
    opened = await member.click(answer, label="Follow up")
    assert opened.modal
    return await member.submit_modal(opened, {"question": question})


async def forged(member: MemberActor, server: Server, form: str, **typed: str) -> InteractionResult:
    """A form that Discord would not have let through."""
    fields = [{"type": 4, "custom_id": name, "value": value} for name, value in typed.items()]
    components = [{"type": 18, "id": n, "component": field} for n, field in enumerate(fields, 1)]
    data = {"custom_id": form, "components": components}
    return await _dispatch_actor_interaction(member, InteractionType.MODAL_SUBMIT, server.channel, data)


def content(result: InteractionResult) -> str:
    assert result.response
    return result.response.content


def said_private(result: InteractionResult) -> str:
    assert result.ephemeral
    return content(result)


def comments(env: Env, server: Server) -> set[str]:
    return {said for gap in bot_of(env).feedback.gaps(server.guild.id) for said in gap.comments}


async def restart(env: Env) -> None:
    await env.restart_bot(create_bot(bot_of(env).settings))


async def test_what_went_wrong_is_kept_after_a_restart(env: Env, server: Server) -> None:
    """F15."""
    down = await server.member.click(await answered(server), label="👎")
    await restart(env)
    assert said_private(await server.member.submit_modal(down, {"said": "wrong year"})) == (
        "Thank you, this is noted."
    )
    assert comments(env, server) == {"wrong year"}


async def test_limits_are_set_after_a_restart(env: Env, server: Server) -> None:
    """F15."""
    panel = await panel_of(server)
    opened = await panel.press("limits")
    await restart(env)
    typed = {"cooldown": "7", "channel_rate": "8", "daily_budget": "9"}
    await server.moderator.submit_modal(opened, typed)
    assert settings_of(env, server) == GuildSettings(cooldown=7, channel_rate=8, daily_budget=9)
    assert "✓ Saved: **Limits**: 7 s between" in panel.text


async def test_a_question_is_answered_after_a_restart(env: Env, server: Server) -> None:
    """F15."""
    opened = await server.member.click(await answered(server), label="Follow up")
    await restart(env)
    assert UNDERSTOOD in content(await server.member.submit_modal(opened, {"question": "And when?"}))


async def test_forms_of_two_people_do_not_disturb_each_other(env: Env, server: Server) -> None:
    answer = await answered(server)
    hers = await server.member.click(answer, label="👎")
    his = await server.moderator.click(answer, label="👎")
    assert his.modal
    assert not bot_of(env)._connection._view_store._modals
    await server.member.submit_modal(hers, {"said": "hers"})
    await server.moderator.submit_modal(his, {"said": "his"})
    assert comments(env, server) == {"hers", "his"}


async def test_a_form_that_discord_sends_again_is_dropped(env: Env, server: Server) -> None:
    bot, answer = bot_of(env), await answered(server)
    seen: list[discord.Interaction[Any]] = []

    async def keep(interaction: discord.Interaction[Any]) -> None:
        seen.append(interaction)

    bot.add_listener(keep, "on_interaction")
    down = await server.member.click(answer, label="👎")
    await server.member.submit_modal(down, {"said": "first"})
    sent = seen[-1]
    again = await server.member.click(answer, label="👎")
    await server.member.submit_modal(again, {"said": "second"})
    cog = bot.get_cog("Forms")
    assert isinstance(cog, Forms)
    await cog.on_interaction(sent)
    assert comments(env, server) == {"second"}


async def test_a_dismissed_form_keeps_the_comment_and_another_vote_drops_it(env: Env, server: Server) -> None:
    answer = await answered(server)
    down = await server.member.click(answer, label="👎")
    await server.member.submit_modal(down, {"said": "wrong year"})
    open_still = await server.member.click(answer, label="👎")
    assert comments(env, server) == {"wrong year"}
    await server.member.click(answer, label="👍")
    late = await server.member.submit_modal(open_still, {"said": "too late"})
    assert said_private(late) == "This was not kept: you took your 👎 back before."
    await server.moderator.click(answer, label="👎")
    assert comments(env, server) == set()


async def test_forms_of_a_forgotten_answer_say_so(env: Env, server: Server) -> None:
    answer = await answered(server)
    down = await server.moderator.click(answer, label="👎")
    on = await server.moderator.click(answer, label="Follow up")
    await server.member.slash(server.channel, "forget me")
    assert said_private(await server.moderator.submit_modal(down, {"said": "wrong year"})) == FORGOTTEN
    assert said_private(await server.moderator.submit_modal(on, {"question": "And when?"})) == FORGOTTEN


async def test_forms_of_somebody_elses_private_answer_do_nothing(env: Env, server: Server) -> None:
    """H11."""
    answer_id = custom_id(await answered(server, private=True), "sources:").rpartition(":")[2]
    for form, typed in (("wrong", {"said": "wrong year"}), ("on", {"question": "And when?"})):
        sent = await forged(server.moderator, server, f"ibid:{form}:{answer_id}", **typed)
        assert said_private(sent) == NOT_YOURS


async def test_follow_up_answers_in_the_conversation_of_the_answer(env: Env, server: Server) -> None:
    first = await follow_up(server.moderator, await answered(server))
    assert not first.ephemeral
    assert content(first).startswith("> And when?")
    assert UNDERSTOOD in content(first)
    second = await follow_up(server.member, first.response, "And where?")  # type: ignore[arg-type]
    assert "Understood as: Who visited Moscow? And w" in content(second)
    record = bot_of(env).desks.record
    ids = [custom_id(r.response, "sources:").rpartition(":")[2] for r in (first, second)]
    one, other = [record.find(answer_id).asker for answer_id in ids]
    assert one
    assert other
    assert one.conversation == other.conversation
    assert (one.member, other.member) == (server.moderator.id, server.member.id)


async def test_what_follows_up_a_private_answer_is_private_until_that_is_shared(
    env: Env, server: Server
) -> None:
    private = await answered(server, private=True)
    assert UNDERSTOOD in said_private(await follow_up(server.member, private))
    shared = await server.member.click(private, label="Share")
    assert shared.response
    public = await follow_up(server.moderator, shared.response)
    assert not public.ephemeral
    assert UNDERSTOOD in content(public)
    bot_of(env).guild_settings.change(server.guild.id, private=True)
    assert UNDERSTOOD in said_private(await follow_up(server.moderator, shared.response))


async def test_follow_up_in_direct_messages(env: Env, server: Server) -> None:
    user = server.member.user
    asked = await user.slash("ask", question=MOSCOW)
    assert asked.response
    opened = await user.click(asked.response, label="Follow up")
    assert UNDERSTOOD in content(await user.submit_modal(opened, {"question": "And when?"}))


async def test_follow_up_opens_no_second_thread(env: Env, server: Server) -> None:
    bot_of(env).guild_settings.change(server.guild.id, threads=True)
    answer = await answered(server)
    assert len(server.channel.threads) == 1
    assert UNDERSTOOD in content(await follow_up(server.moderator, answer))
    assert len(server.channel.threads) == 1


async def test_limits_and_settings_hold_for_ask_on(env: Env, server: Server) -> None:
    """H14."""
    answer = await answered(server)
    opened = await server.moderator.click(answer, label="Follow up")
    for _ in range(BURST - 1):
        assert UNDERSTOOD in content(await follow_up(server.member, answer))
    assert said_private(await follow_up(server.member, answer)).startswith("You asked a lot just now")

    other = server.guild.create_text_channel("other")
    bot_of(env).guild_settings.change(server.guild.id, channels=(other.id,))
    refused = await server.moderator.submit_modal(opened, {"question": "And when?"})
    assert "this is none of them" in said_private(refused)
    pressed = await server.moderator.click(answer, label="Follow up")
    assert pressed.modal is None
    assert "this is none of them" in said_private(pressed)


async def test_a_question_without_words_is_told_in_private_and_not_counted(env: Env, server: Server) -> None:
    answer = await answered(server)
    for _ in range(BURST):
        assert said_private(await follow_up(server.member, answer, "?!")).startswith("The question ")
    assert UNDERSTOOD in content(await follow_up(server.member, answer))


async def test_every_form_is_recognised_by_a_new_bot(env: Env) -> None:
    """F15: each Form of the package is named in `features`."""
    cog = bot_of(env).get_cog("Forms")
    assert isinstance(cog, Forms)
    assert set(cog.kinds) == {form for form in subclasses(Form) if form.__module__.startswith("bot.discord")}


@pytest.mark.parametrize(
    "wrapped",
    [
        lambda field: {"type": 18, "component": field},
        lambda field: {"type": 1, "components": [field]},
        lambda field: field,
    ],
    ids=["label", "row", "bare"],
)
def test_fields_are_read_however_they_are_wrapped(wrapped: Any) -> None:
    fields = [{"type": 4, "custom_id": name, "value": f"{name}!"} for name in ("a", "b")]
    text = {"type": 10, "content": "A hint"}
    assert typed_in([text, *map(wrapped, fields)]) == {"a": "a!", "b": "b!"}
