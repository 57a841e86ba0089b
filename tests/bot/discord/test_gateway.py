"""The bot as it is, over real HTTP and WebSockets, while Discord and the network misbehave."""

import asyncio
import importlib
import logging
import re
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import discord
import pytest
import pytest_asyncio

from bot.discord import Ibid, create_bot, delivery, render
from bot.settings import Settings
from index.errors import StateUnavailable
from tests.bot.discord.gateway import FakeDiscord, running
from tests.bot.discord.gateway_http import (
    BANNED,
    MISSING_ACCESS,
    MISSING_PERMISSIONS,
    UNKNOWN_CHANNEL,
    UNKNOWN_MESSAGE,
    Fault,
    Interaction,
    connection_cut,
    rate_limited,
    server_error,
)
from tests.bot.discord.payloads import APP, CHANNEL, GUILD, Json, channel
from tests.bot.endpoint import KEY, Endpoint, never_answers

TRADE = "How much could informal trade between Iran and Pakistan be worth?"
WORTH = "three billion dollars per year"
MENTION = f"<@{APP}> {TRADE}"
FAULTS = {
    "429": rate_limited(0.1),
    "429 everywhere": rate_limited(0.1, everywhere=True),
    "500": server_error(500),
    "502": server_error(502),
    "503": server_error(503),
    "RST": connection_cut(),
    "FIN": connection_cut(reset=False),
}
CHANNELS = range(CHANNEL + 1, CHANNEL + 20)


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(heartbeat=0.1) as one:
        one.rest.guilds[str(GUILD)]["channels"] += [channel(id_) for id_ in CHANNELS]
        yield one


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """discord.py waits 5 s between two identifies."""

    async def at_once(*_: object, **__: object) -> None: ...

    monkeypatch.setattr(Ibid, "before_identify_hook", at_once)


def made(home: Path, **settings: object) -> Ibid:
    bot = create_bot(Settings.model_validate({"home": home, **settings}))
    bot._connection.guild_ready_timeout = 0.05
    return bot


@pytest_asyncio.fixture
async def bot(home: Path, fake: FakeDiscord) -> AsyncIterator[Ibid]:
    async with running(one := made(home)):
        await one.wait_until_ready()
        yield one


@pytest.fixture(autouse=True)
def no_bugs(caplog: pytest.LogCaptureFixture) -> object:
    """Whatever Discord does, nothing is logged as an error of ours."""
    caplog.set_level(logging.INFO)
    yield
    assert not [
        record
        for record in caplog.get_records("call")
        if record.levelno >= logging.ERROR and not record.name.startswith("discord.")
    ]


def asked(home: Path) -> list[str | None]:
    """Of every answer in the record, why it was not delivered."""
    with closing(sqlite3.connect(home / "state.sqlite")) as db:
        if not db.execute("SELECT * FROM sqlite_master WHERE name = 'asked'").fetchone():
            return []
        return [why for (why,) in db.execute("SELECT undelivered FROM asked")]


async def recorded(home: Path, count: int = 1) -> list[str | None]:
    async with asyncio.timeout(8):
        while len(found := asked(home)) < count or not any(found):
            await asyncio.sleep(0.02)
    return found


def own(fake: FakeDiscord) -> list[Json]:
    return [one for one in fake.messages.values() if one["author"]["id"] == str(APP)]


def custom_id(message: Json, kind: str) -> str:
    buttons = [button for row in message["components"] for button in row["components"]]
    return next(
        str(one["custom_id"]) for one in buttons if one.get("custom_id", "").startswith(f"ibid:{kind}")
    )


async def whole(fake: FakeDiscord, interaction: Interaction) -> Json:
    """The answer to a question with its buttons, which a draft of it has not."""
    found = await fake.until(lambda: interaction.original and interaction.original["components"], within=8)
    assert found
    assert interaction.original
    return interaction.original


async def told(fake: FakeDiscord, interaction: Interaction) -> str:
    """What a press of a button was answered."""
    await fake.until(lambda: interaction.callback)
    assert interaction.callback
    return str(interaction.callback["data"]["content"])


async def test_a_question_is_answered(fake: FakeDiscord, bot: Ibid, home: Path) -> None:
    answer = await whole(fake, fake.interaction("ask", {"question": TRADE}))
    assert WORTH in answer["content"]
    fake.message(MENTION, mentions=(APP,), author=3001)
    sent = await fake.wait_for_request("POST", f"/channels/{CHANNEL}/messages$")
    assert WORTH in sent.json["content"]
    assert asked(home) == [None, None]


@pytest.mark.parametrize("trouble", ["drop", "asked to reconnect", "invalid session", "zombie"])
async def test_a_lost_connection_repeats_neither_answers_nor_the_start(
    fake: FakeDiscord, home: Path, trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    bot = made(home)
    bot._connection.heartbeat_timeout = 0.4
    async with running(bot):
        await bot.wait_until_ready()
        bot.guild_settings.change(GUILD, cooldown=0)
        before = fake.interaction("ask", {"question": TRADE})
        heard = fake.message(MENTION, mentions=(APP,), author=3001)
        await whole(fake, before)
        await fake.until(lambda: len(own(fake)) == 2)
        if trouble == "invalid session":
            fake.invalidate()
            await fake.ready(2)
        else:
            match trouble:
                case "drop":
                    fake.drop()
                case "asked to reconnect":
                    fake.reconnect()
                case "zombie":
                    fake.withhold_acks()
            meanwhile = fake.interaction("ask", {"question": TRADE}, member=3002)
            await fake.resumed()
            assert WORTH in (await whole(fake, meanwhile))["content"]
        # Sent again, as events are that the bot seemed not to have heard.
        fake.dispatch("INTERACTION_CREATE", before.payload)
        fake.dispatch("MESSAGE_CREATE", heard)
        after = fake.interaction("ask", {"question": TRADE}, member=3003)
        await whole(fake, after)
        await asyncio.sleep(0.3)
    answers = 3 if trouble == "invalid session" else 4
    assert len(own(fake)) == answers
    assert asked(home) == [None] * answers
    assert len(fake.rest.matching("GET", "/users/@me$")) == 1
    assert not fake.rest.matching("PUT", "commands$")
    said = [record.getMessage() for record in caplog.records if record.name == "ibid.discord"]
    assert {one: said.count(one) for one in ("connected", "library", "writer", "commands")} == {
        "connected": 1,
        "library": 1,
        "writer": 1,
        "commands": 1,
    }


async def test_an_edit_that_fails_once_shows_the_answer_once(
    fake: FakeDiscord, bot: Ibid, home: Path
) -> None:
    questions = {}
    for n, (name, fault) in enumerate(FAULTS.items()):
        questions[name] = fake.interaction("ask", {"question": TRADE}, member=4000 + n, channel=CHANNELS[n])
        fake.fail("PATCH", f"/webhooks/{APP}/{questions[name].token}/messages/@original$", fault)
    for name, one in questions.items():
        assert WORTH in (await whole(fake, one))["content"], name
        assert not one.followups, name
    assert len(own(fake)) == len(FAULTS)
    assert asked(home) == [None] * len(FAULTS)


async def test_a_follow_up_that_fails_once_shows_every_page_once(
    fake: FakeDiscord, bot: Ibid, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(render, "LONGEST", render.SPARED + 200)
    questions = {}
    for n, (name, fault) in enumerate(FAULTS.items()):
        questions[name] = fake.interaction("ask", {"question": TRADE}, member=4000 + n, channel=CHANNELS[n])
        fake.fail("POST", f"/webhooks/{APP}/{questions[name].token}$", fault)
    for name, one in questions.items():
        await fake.answer(one)
        await fake.until(lambda one=one: one.followups and one.followups[-1]["components"])  # type: ignore[misc]
        pages = [one.original or {}, *one.followups]
        contents = [page["content"] for page in pages]
        assert len(set(contents)) == len(contents) > 1, name
        assert [bool(page["components"]) for page in pages] == [False] * (len(pages) - 1) + [True], name
        assert sum(WORTH in content for content in contents) == 1, name
    assert asked(home) == [None] * len(FAULTS)


@pytest.mark.parametrize("taken", [False, True], ids=["not taken", "taken, and only the reply lost"])
async def test_a_reply_that_fails_once_is_sent_once(
    fake: FakeDiscord, bot: Ibid, home: Path, taken: bool
) -> None:
    for n, fault in enumerate(FAULTS.values()):
        if taken:
            fault = Fault(fault.status, fault.body, fault.headers, carried_out=True, reset=fault.reset)
        fake.fail("POST", f"/channels/{CHANNELS[n]}/messages$", fault)
        fake.message(MENTION, mentions=(APP,), author=4000 + n, channel=CHANNELS[n])
    for n, name in enumerate(FAULTS):
        sent = await fake.wait_for_request("POST", f"/channels/{CHANNELS[n]}/messages$", 2)
        assert WORTH in sent.json["content"], name
    await asyncio.sleep(0.1)
    assert sorted(int(one["channel_id"]) for one in own(fake)) == list(CHANNELS[: len(FAULTS)])
    assert asked(home) == [None] * len(FAULTS)


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        (server_error(503), "503 "),
        (connection_cut(), "Client"),
        (BANNED, "429 "),
        (rate_limited(100), "the rate limit asks for 100 s"),
        (UNKNOWN_CHANNEL, "404 (error code 10003)"),
        (MISSING_ACCESS, "403 (error code 50001)"),
        (MISSING_PERMISSIONS, "403 (error code 50013)"),
    ],
    ids=["503", "RST", "banned", "long rate limit", "10003", "50001", "50013"],
)
async def test_a_reply_that_cannot_be_sent_is_recorded_with_its_reason(
    fake: FakeDiscord, bot: Ibid, home: Path, fault: Fault, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "PAUSES", (0.02, 0.02, 0.02))
    fake.fail("POST", f"/channels/{CHANNEL}/", fault, times=100)  # typing as well
    fake.message(MENTION, mentions=(APP,))
    (why,) = await recorded(home)
    assert why
    assert why.startswith(reason)


async def test_an_answer_whose_message_was_deleted_is_recorded_as_such(
    fake: FakeDiscord, bot: Ibid, home: Path
) -> None:
    fake.fail("PATCH", "/messages/@original$", UNKNOWN_MESSAGE, times=100)
    fake.interaction("ask", {"question": TRADE})
    assert await recorded(home) == ["404 (error code 10008)"]


async def test_a_question_that_was_deleted_is_answered_all_the_same(fake: FakeDiscord, bot: Ibid) -> None:
    fake.message(MENTION, mentions=(APP,))
    sent = await fake.wait_for_request("POST", f"/channels/{CHANNEL}/messages$")
    assert sent.json["message_reference"]["fail_if_not_exists"] is False


async def test_an_interaction_that_expired_while_the_loop_was_blocked_is_let_go(
    fake: FakeDiscord, bot: Ibid, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    late = fake.interaction("ask", {"question": TRADE})
    asyncio.get_running_loop().call_soon(time.sleep, 4)
    callback = await fake.wait_for_request("POST", "/callback$", within=8)
    assert callback.status == 404
    await whole(fake, fake.interaction("ask", {"question": TRADE}, member=3001))
    assert late.callback is None
    assert [record.getMessage() for record in caplog.records].count("too late to answer") == 1
    assert len(own(fake)) == len(asked(home)) == 1


async def test_an_acknowledgement_whose_reply_is_lost_costs_nothing(
    fake: FakeDiscord, bot: Ibid, home: Path
) -> None:
    questions = {}
    for n, fault in enumerate([server_error(502, carried_out=True), connection_cut(carried_out=True)]):
        questions[n] = fake.interaction("ask", {"question": TRADE}, member=4000 + n)
        fake.fail("POST", f"/{questions[n].token}/callback$", fault)
    for one in questions.values():
        assert WORTH in (await whole(fake, one))["content"]
    assert [one.status for one in fake.rest.matching("POST", "/callback$")].count(400) == 2
    assert asked(home) == [None, None]


async def test_what_fails_after_such_an_acknowledgement_is_told(
    fake: FakeDiscord, bot: Ibid, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(_: int) -> str:
        raise StateUnavailable("The state database cannot be read.")

    monkeypatch.setattr(bot.desks.record, "thread", unreadable)
    one = fake.interaction("ask", {"question": TRADE})
    fake.fail("POST", f"/{one.token}/callback$", connection_cut(carried_out=True))
    assert (await fake.answer(one))["content"].startswith("Something went wrong on my side")


async def test_a_refusal_reaches_the_asker_where_its_first_try_fails(fake: FakeDiscord, bot: Ibid) -> None:
    bot.guild_settings.change(GUILD, askers=(1,))
    refused = fake.interaction("ask", {"question": TRADE})
    fake.fail("POST", f"/{refused.token}/callback$", server_error(500))
    assert "Asking is kept to some roles" in await told(fake, refused)


async def test_a_press_that_discord_does_not_take_raises_nothing(
    fake: FakeDiscord, bot: Ibid, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await whole(fake, fake.interaction("ask", {"question": TRADE}))
    fake.fail("POST", "/callback$", connection_cut(), times=10)
    press = fake.click(answer, custom_id(answer, "helpful"))
    await fake.wait_for_request("POST", f"/{press.token}/callback$")
    await asyncio.sleep(0.2)
    assert not [record for record in caplog.records if record.exc_info]


@pytest.fixture
def hanging(endpoint: Endpoint) -> dict[str, object]:
    """Settings with a model that never answers, whose client is loaded already."""
    importlib.import_module("langchain_openai")
    endpoint.behave = never_answers
    return {"OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": endpoint.url, "deadline": 6}


@pytest.mark.parametrize(
    ("fallback", "said"),
    [
        (True, "The language model gave no usable reply, so this is quoted from the articles."),
        (False, "The language model gave no usable reply, so there is no answer."),
    ],
)
async def test_a_model_past_its_deadline_leaves_a_reason_and_buttons_that_work(
    fake: FakeDiscord, home: Path, hanging: dict[str, object], fallback: bool, said: str
) -> None:
    async with running(bot := made(home, fallback=fallback, **hanging)):
        await bot.wait_until_ready()
        began = time.monotonic()
        answer = await whole(fake, fake.interaction("ask", {"question": TRADE}))
        assert time.monotonic() - began < 4
        assert said in answer["content"]
        assert ("not an answer" not in answer["content"]) is fallback
        press = fake.click(answer, custom_id(answer, "unhelpful"))
        await fake.until(lambda: press.callback)
        assert press.callback
        assert press.callback["type"] == discord.InteractionResponseType.modal.value
        read = await told(fake, fake.click(answer, custom_id(answer, "sources")))
        assert ("Citation 1" in read) is fallback


async def test_an_answer_past_the_hard_deadline_is_given_up_in_words(
    fake: FakeDiscord, home: Path, hanging: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.discord.app.MARGIN", -60)
    async with running(bot := made(home, **{**hanging, "deadline": 0.5})):
        await bot.wait_until_ready()
        answer = await fake.answer(fake.interaction("ask", {"question": TRADE}))
    assert answer["content"].startswith("This took too long")


async def test_buttons_outlive_a_restart(fake: FakeDiscord, home: Path) -> None:
    async with running(first := made(home)):
        await first.wait_until_ready()
        answer = await whole(fake, fake.interaction("ask", {"question": TRADE, "private": True}))
    async with running(second := made(home)):
        await second.wait_until_ready()
        assert "noted" in await told(fake, fake.click(answer, custom_id(answer, "helpful")))
        assert WORTH in await told(fake, fake.click(answer, custom_id(answer, "sources")))
        asked_why = fake.click(answer, custom_id(answer, "unhelpful"))
        await fake.until(lambda: asked_why.callback)
        share = await told(fake, fake.click(answer, custom_id(answer, "share")))
        assert re.search(rf"shares this answer:.*{WORTH}", share, re.DOTALL)
