"""What can be asked about, how, and being forgotten."""

import sqlite3

from simcord import Env

from index.builder import Builder
from index.embeddings import MiniLM
from tests.bot.discord.conftest import Server, at_rest, bot_of
from tests.index.notes import note

TRADE = "How much could informal trade between Iran and Pakistan be worth?"


async def test_articles_are_listed_in_pages_and_described(env: Env, server: Server, embedder: MiniLM) -> None:
    notes = [note(f"note-{n}", f"Note number {n} is about lighthouses.") for n in range(9)]
    Builder(at_rest(bot_of(env).settings), embedder).add(notes, lambda *_: None)
    listed = await server.member.slash(server.channel, "articles")
    assert listed.response
    assert listed.response.ephemeral
    assert "**What can be asked about** (10 articles)" in listed.response.content
    assert "Page 1 of 2" in listed.response.content
    turned = await server.member.click(listed.response, label="›")
    assert turned.response
    assert "Page 2 of 2" in turned.response.content
    assert "The skies are quiet" in turned.response.content

    described = await server.member.slash(server.channel, "articles", article="iran-pakistan-strikes")
    assert described.response
    assert "> Pakistan-Iran relations nosedived sharply" in described.response.content
    assert "Sections: Rethinking border security · Trade ties that bind" in described.response.content
    unknown = await server.member.slash(server.channel, "articles", article="`x`")
    assert unknown.response
    assert unknown.response.ephemeral
    assert unknown.response.content == r"There is no article \`x\` here; /articles lists them."


async def test_an_empty_library_says_who_can_fill_it(env: Env, server: Server, embedder: MiniLM) -> None:
    Builder(at_rest(bot_of(env).settings), embedder).remove(["iran-pakistan-strikes"])
    listed = await server.member.slash(server.channel, "articles")
    assert listed.response
    assert "/library add" in listed.response.content
    asked = await server.member.slash(server.channel, "ask", question=TRADE)
    assert asked.response
    assert "There is no article here that could be searched." in asked.response.content


async def test_help_and_forgetting_are_private_and_work_in_direct_messages(env: Env, server: Server) -> None:
    helped = await server.member.slash(server.channel, "help")
    assert helped.response
    assert helped.response.ephemeral
    await server.member.slash(server.channel, "ask", question=TRADE)
    await server.moderator.slash(server.channel, "ask", question=TRADE)
    forgot = await server.member.user.slash("forget me")
    assert forgot.response
    assert forgot.response.content.startswith("Deleted: 1 question with its answer, 0 votes, 0 verdicts.")
    again = await server.member.user.slash("forget me")
    assert again.response
    assert again.response.content == "Nothing is kept of you."
    with sqlite3.connect(bot_of(env).settings.home / "state.sqlite") as db:
        left = [row[0] for row in db.execute("SELECT member FROM asked")]
    db.close()
    assert left == [server.moderator.id]
