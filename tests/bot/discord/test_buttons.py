"""The buttons below an answer, and the private reader behind "Sources"."""

import pytest
from simcord import Env
from simcord.results import ResponseMessage

from bot.discord import Ibid, create_bot
from bot.record.feedback import CitationVerdict
from index.builder import Builder
from index.embeddings import MiniLM
from tests.bot.discord.conftest import Server, at_rest, bot_of, custom_id, custom_ids, server_in

TRADE = "How much could informal trade between Iran and Pakistan be worth?"


async def answered(server: Server, question: str = TRADE, *, private: bool = False) -> ResponseMessage:
    asked = await server.member.slash(server.channel, "ask", question=question, private=private)
    assert asked.response
    return asked.response


async def test_the_reader_shows_the_quoted_sentence_in_bold_inside_its_paragraph(
    env: Env, server: Server
) -> None:
    answer = await answered(server)
    read = await server.member.click(answer, label="Sources")
    assert read.ephemeral
    assert read.response
    shown = read.response.content
    assert "Citation 1 of 1" in shown
    assert "**The skies are quiet, but the Iran-Pakistan strikes left lasting diplomatic damage**" in shown
    assert "Muhammad Faisal, New Atlanticist, Atlantic Council · 25 January 2024" in shown
    assert "*Trade ties that bind*" in shown
    assert "> Taken together, these economic activities are massive. **Based on an estimate" in shown
    assert "two billion dollars per year.** Islamabad’s challenge" in shown


async def test_every_button_works_after_a_restart(env: Env, server: Server) -> None:
    """F15: the answer was on the screen before the bot was started."""
    answer = await answered(server, "Who visited Moscow?")
    private = await server.moderator.slash(server.channel, "ask", question=TRADE, private=True)
    assert private.response
    read_before = await server.member.click(answer, label="Sources")
    await env.restart_bot(create_bot(bot_of(env).settings))

    read = await server.member.click(answer, label="Sources")
    assert read.response
    assert "Citation 1 of" in read.response.content
    assert read_before.response
    judged = await server.member.click(
        read_before.response, custom_id=custom_id(read_before.response, ":supports")
    )
    assert judged.response
    assert "You said: ✓ supports" in judged.response.content
    assert (await server.member.click(answer, custom_id=custom_id(answer, "helpful:"))).ephemeral
    down = await server.member.click(answer, custom_id=custom_id(answer, "unhelpful:"))
    assert down.modal
    shared = await server.moderator.click(private.response, label="Share")
    assert shared.response
    assert "three billion" in shared.response.content


async def test_pages_turn_between_citations(env: Env, server: Server) -> None:
    """A decline has three passages to turn between."""
    answer = await answered(server, "Who won the football world cup in 1998?")
    page = await server.member.click(answer, label="Passages")
    assert page.response
    assert "1 of 3" in page.response.content
    for n, label in ((2, "›"), (3, "›"), (2, "‹")):
        page = await server.member.click(page.response, label=label)
        assert page.response
        assert f"{n} of 3" in page.response.content


async def test_votes_and_what_went_wrong_are_kept(env: Env, server: Server) -> None:
    answer = await answered(server)
    thanks = await server.member.click(answer, custom_id=custom_id(answer, "helpful:"))
    assert thanks.ephemeral
    down = await server.moderator.click(answer, custom_id=custom_id(answer, "unhelpful:"))
    noted = await server.moderator.submit_modal(down, {"said": " It is about smuggling. "})
    assert noted.ephemeral
    (gap,) = bot_of(env).feedback.gaps(server.guild.id)
    assert gap.voted_down == 1
    assert gap.comments == ("It is about smuggling.",)


async def test_a_verdict_is_kept_for_one_reader_and_can_be_changed(env: Env, server: Server) -> None:
    answer = await answered(server)
    read = await server.member.click(answer, label="Sources")
    assert read.response
    first = await server.member.click(read.response, label="✗ does not support")
    assert first.response
    assert "You said: ✗ does not support" in first.response.content
    await server.member.click(first.response, label="↔ wrong passage")
    answer_id = custom_id(answer, "sources:").rpartition(":")[2]
    feedback = bot_of(env).feedback
    assert feedback.verdicts(answer_id, server.member.id) == {1: CitationVerdict.WRONG_PASSAGE}
    assert feedback.verdicts(answer_id, server.moderator.id) == {}


async def test_a_changed_article_is_said_to_have_changed(env: Env, server: Server, embedder: MiniLM) -> None:
    answer = await answered(server)
    Builder(at_rest(bot_of(env).settings), embedder).remove(["iran-pakistan-strikes"])
    read = await server.member.click(answer, label="Sources")
    assert read.response
    assert "The article was removed since; this is what was cited." in read.response.content
    assert "**Based on an estimate" in read.response.content


async def test_a_forgotten_answer_and_another_guilds_answer_say_nothing(env: Env, server: Server) -> None:
    answer = await answered(server)
    gone = await server.member.slash(server.channel, "forget me")
    assert gone.ephemeral
    assert gone.response
    assert gone.response.content.startswith("Deleted: 1 question with its answer")
    pressed = await server.member.click(answer, label="Sources")
    assert pressed.ephemeral
    assert pressed.response
    assert pressed.response.content == "This answer is no longer kept."


@pytest.mark.parametrize("what", ["guild", "member"])
async def test_an_answer_id_from_elsewhere_opens_nothing(env: Env, server: Server, what: str) -> None:
    """H11: a button is only as good as who presses it where."""
    from bot.discord.app import Refused
    from bot.discord.buttons import answer_of

    private = await answered(server, private=True)
    answer_id = custom_id(private, "sources:").rpartition(":")[2]

    class Pressed:
        client: Ibid = bot_of(env)
        guild_id = server_in(env, "Elsewhere").guild.id if what == "guild" else server.guild.id
        user = server.moderator

    with pytest.raises(Refused):
        await answer_of(Pressed(), answer_id)  # type: ignore[arg-type]


def kinds(message: ResponseMessage | None) -> list[str]:
    return [known.split(":")[1] for known in custom_ids(message)]


async def test_what_others_cannot_see_can_be_shared_where_there_are_others(env: Env, server: Server) -> None:
    assert kinds(await answered(server)) == ["sources", "on", "helpful", "unhelpful"]
    private = await answered(server, private=True)
    assert kinds(private) == ["sources", "on", "helpful", "unhelpful", "share"]
    shared = await server.member.click(private, label="Share")
    assert kinds(shared.response) == ["sources", "on", "helpful", "unhelpful"]
    direct = await server.member.user.slash("ask", question=TRADE, private=True)
    assert kinds(direct.response) == ["sources", "on", "helpful", "unhelpful"]


async def test_who_reads_what_went_wrong_is_said_as_it_is(env: Env, server: Server) -> None:
    answer = await answered(server)
    down = await server.member.click(answer, label="👎")
    assert "moderators of this server" in str(down.modal)
    direct = await server.member.user.slash("ask", question=TRADE)
    assert direct.response
    down = await server.member.user.click(direct.response, label="👎")
    assert "Seen by whoever runs this bot" in str(down.modal)
    assert "moderators" not in str(down.modal)


async def test_what_could_not_be_shared_can_be_shared_again(env: Env, server: Server) -> None:
    private = await answered(server, private=True)
    env.inject_error("POST", "/interactions/*/callback", status=403, code=50013)
    failed = await server.member.click(private, label="Share")
    assert failed.ephemeral
    again = await server.member.click(private, label="Share")
    assert not again.ephemeral
    assert again.response
    assert "three billion" in again.response.content


async def test_nothing_is_shared_where_no_questions_are_answered(env: Env, server: Server) -> None:
    private = await answered(server, private=True)
    other = server.guild.create_text_channel("other")
    change = bot_of(env).guild_settings.change
    change(server.guild.id, channels=(other.id,))
    refused = await server.member.click(private, label="Share")
    assert refused.ephemeral
    assert refused.response
    assert "this is none of them" in refused.response.content
    change(server.guild.id, channels=())
    assert not (await server.member.click(private, label="Share")).ephemeral
