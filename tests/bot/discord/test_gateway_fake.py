"""The fake Discord, proved with a small bot; and what discord.py does when things go wrong."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Callable

import aiohttp
import discord
import pytest
import pytest_asyncio
from discord.ext import commands

from tests.bot.discord.gateway import FakeDiscord, running
from tests.bot.discord.gateway_http import (
    BANNED,
    MISSING_PERMISSIONS,
    UNKNOWN_MESSAGE,
    Fault,
    connection_cut,
    rate_limited,
    server_error,
    slow,
)
from tests.bot.discord.payloads import APP, CHANNEL, GUILD

pytestmark = pytest.mark.asyncio


class Bot(commands.AutoShardedBot):
    """Answers /ask, and hears messages. It identifies again at once, where discord.py would wait 5 s."""

    def __init__(self, *, heartbeat_timeout: float = 60, content: bool = False) -> None:
        intents = discord.Intents.default()
        intents.message_content = content
        super().__init__("!", intents=intents, heartbeat_timeout=heartbeat_timeout, guild_ready_timeout=0.05)
        self.heard: list[str] = []
        self.failed: list[BaseException] = []

    async def setup_hook(self) -> None:
        @self.tree.command()
        async def ask(interaction: discord.Interaction, question: str) -> None:
            """Answer."""
            await interaction.response.defer(thinking=True)
            await interaction.edit_original_response(content=f"Answer to {question}")
            if question == "more":
                await interaction.followup.send("And more")

        @self.tree.error
        async def failed(
            interaction: discord.Interaction, error: discord.app_commands.AppCommandError
        ) -> None:
            self.failed.append(error.__cause__ or error)

        await self.tree.sync()

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Do not wait."""

    async def on_message(self, message: discord.Message) -> None:
        self.heard.append(message.content)


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord(heartbeat=0.1) as one:
        yield one


@pytest_asyncio.fixture
async def bot(fake: FakeDiscord) -> AsyncIterator[Bot]:
    async with running(one := Bot()):
        await fake.ready()
        yield one


async def test_a_bot_logs_in_and_hears_of_its_guild(fake: FakeDiscord, bot: Bot) -> None:
    await bot.wait_until_ready()
    assert [guild.id for guild in bot.guilds] == [GUILD]
    assert fake.identifies[0]["shard"] == [0, 1]
    assert [command["name"] for command in fake.rest.commands["commands"]] == ["ask"]
    await fake.until(lambda: fake.heartbeats > 2)


async def test_an_interaction_is_deferred_and_answered(fake: FakeDiscord, bot: Bot) -> None:
    asked = fake.interaction("ask", {"question": "why"})
    assert (await fake.answer(asked))["content"] == "Answer to why"
    callback = await fake.wait_for_request("POST", "/callback$")
    assert callback.json["type"] == 5


async def test_the_words_of_a_message_are_hidden_without_the_intent_unless_the_bot_is_mentioned(
    fake: FakeDiscord, bot: Bot
) -> None:
    fake.message("among ourselves")
    fake.message(f"<@{APP}> hello", mentions=(APP,))
    await _soon(lambda: len(bot.heard) == 2)
    assert bot.heard == ["", f"<@{APP}> hello"]


async def test_what_was_missed_during_a_drop_comes_with_the_resume(fake: FakeDiscord, bot: Bot) -> None:
    fake.drop()
    asked = fake.interaction("ask", {"question": "why"})
    assert (await fake.answer(asked))["content"] == "Answer to why"
    assert (len(fake.identifies), len(fake.resumes)) == (1, 1)
    assert len(fake.rest.matching("POST", "/callback$")) == 1


async def test_an_invalid_session_is_identified_anew(fake: FakeDiscord, bot: Bot) -> None:
    fake.invalidate()
    await fake.ready(2)
    assert not fake.resumes


@pytest.mark.parametrize("how", ["invalid but resumable", "asked to reconnect", "going away"])
async def test_a_session_is_resumed(fake: FakeDiscord, bot: Bot, how: str) -> None:
    if how == "going away":
        fake.close_with(1001)
    elif how == "asked to reconnect":
        fake.reconnect()
    else:
        fake.invalidate(resumable=True)
    await fake.resumed()
    assert len(fake.identifies) == 1


async def test_a_session_that_discord_forgot_is_identified_anew(fake: FakeDiscord, bot: Bot) -> None:
    fake.sessions.clear()
    fake.drop()
    await fake.ready(2)
    assert len(fake.resumes) == 1


async def test_a_silent_connection_is_left_after_the_heartbeat_timeout(fake: FakeDiscord) -> None:
    async with running(Bot(heartbeat_timeout=0.4)):
        await fake.ready()
        fake.withhold_acks()
        await fake.resumed()


async def test_the_other_compression_and_two_shards_work_too(
    fake: FakeDiscord, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("discord.utils._ActiveDecompressionContext", _Zlib)
    fake.rest.shards = 2
    async with running(Bot()):
        await fake.ready(2)
        asked = fake.interaction("ask", {"question": "why"})
        assert await fake.answer(asked)


async def test_a_bad_token_fails_at_login(fake: FakeDiscord) -> None:
    async with running(Bot(), token="wrong") as task:
        with pytest.raises(discord.LoginFailure):
            await task
    assert not fake.identifies


async def test_4004_ends_the_bot_with_connection_closed(fake: FakeDiscord) -> None:
    async with running(Bot()) as task:
        await fake.ready()
        fake.close_with(4004)
        with pytest.raises(discord.ConnectionClosed) as closed:
            await asyncio.wait_for(task, 5)
    assert closed.value.code == 4004


async def test_an_intent_that_was_not_granted_ends_the_bot(fake: FakeDiscord) -> None:
    fake.granted = 0
    async with running(Bot(content=True)) as task:
        with pytest.raises(discord.PrivilegedIntentsRequired):
            await asyncio.wait_for(task, 5)


async def test_a_gateway_that_is_down_costs_the_session(
    fake: FakeDiscord, bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("discord.backoff.ExponentialBackoff.delay", lambda _: 0.05)
    fake.down = True
    fake.drop()
    await asyncio.sleep(0.2)
    fake.down = False
    await fake.ready(2)
    assert not fake.resumes


EDIT, SEND = ("PATCH", "/messages/@original$"), ("POST", f"/channels/{CHANNEL}/messages$")


@pytest.mark.parametrize("fault", [rate_limited(0.1), rate_limited(0.1, everywhere=True), slow(0.2)])
async def test_rate_limits_and_slow_answers_are_waited_for(fake: FakeDiscord, bot: Bot, fault: Fault) -> None:
    fake.fail(*EDIT, fault)
    fake.fail(*SEND, fault)
    asked = fake.interaction("ask", {"question": "why"})
    assert (await fake.answer(asked))["content"] == "Answer to why"
    await bot.get_partial_messageable(CHANNEL).send("hello")


@pytest.mark.parametrize("status", [500, 502, 503, 504])
async def test_a_webhook_retries_all_server_errors_and_a_channel_all_but_503(
    fake: FakeDiscord, bot: Bot, naps: list[float], status: int
) -> None:
    fake.fail(*EDIT, server_error(status))
    asked = fake.interaction("ask", {"question": "why"})
    assert await fake.answer(asked)
    assert naps == [1]
    fake.fail(*SEND, server_error(status), times=5)
    with pytest.raises(discord.DiscordServerError):
        await bot.get_partial_messageable(CHANNEL).send("hello")
    assert naps[1:] == ([] if status == 503 else [1, 3, 5, 7, 9])


@pytest.mark.parametrize(
    ("reset", "error"), [(True, aiohttp.ClientOSError), (False, aiohttp.ServerDisconnectedError)]
)
async def test_a_cut_connection_is_not_retried_and_raises_what_is_no_discord_exception(
    fake: FakeDiscord, bot: Bot, reset: bool, error: type[Exception]
) -> None:
    fault = connection_cut(reset=reset, carried_out=True)
    fake.fail(*EDIT, fault)
    fake.fail(*SEND, fault)
    fake.interaction("ask", {"question": "why"})
    with pytest.raises(error):
        await bot.get_partial_messageable(CHANNEL).send("hello")
    await _soon(lambda: bot.failed)
    assert isinstance(bot.failed[0], error)
    assert len(fake.messages) == 2, "both took effect"
    assert len(fake.rest.matching(*EDIT)) == len(fake.rest.matching(*SEND)) == 1


async def test_a_cut_put_is_repeated_once_by_aiohttp(fake: FakeDiscord, bot: Bot) -> None:
    fake.fail("PUT", "commands$", connection_cut())
    await bot.tree.sync()
    assert len(fake.rest.matching("PUT", "commands$")) == 3


async def test_a_retried_callback_that_had_taken_effect_is_refused(
    fake: FakeDiscord, bot: Bot, naps: list[float]
) -> None:
    fake.fail("POST", "/callback$", server_error(502, carried_out=True))
    asked = fake.interaction("ask", {"question": "why"})
    await _soon(lambda: bot.failed)
    assert isinstance(bot.failed[0], discord.HTTPException)
    assert bot.failed[0].code == 40060
    assert asked.original


async def test_a_retried_followup_that_had_taken_effect_is_doubled_and_a_send_is_not(
    fake: FakeDiscord, bot: Bot, naps: list[float]
) -> None:
    fake.fail(*SEND, server_error(502, carried_out=True))
    await bot.get_partial_messageable(CHANNEL).send("hello")
    assert len(fake.messages) == 1, "discord.py gives it a nonce"
    fake.fail("POST", "/webhooks/", server_error(502, carried_out=True))
    asked = fake.interaction("ask", {"question": "more"})
    await fake.wait_for_request("POST", "/webhooks/", 2)
    assert len(asked.followups) == 2


async def test_a_503_while_starting_ends_the_bot(fake: FakeDiscord) -> None:
    fake.fail("GET", "/gateway/bot", server_error(503))
    async with running(Bot()) as task:
        with pytest.raises(discord.GatewayNotFound):
            await task


@pytest.mark.parametrize(
    ("fault", "error", "code"),
    [
        (BANNED, discord.HTTPException, 0),
        (UNKNOWN_MESSAGE, discord.NotFound, 10008),
        (MISSING_PERMISSIONS, discord.Forbidden, 50013),
    ],
)
async def test_refusals_are_raised_at_once(
    fake: FakeDiscord, bot: Bot, fault: Fault, error: type[discord.HTTPException], code: int
) -> None:
    fake.fail(*SEND, fault)
    with pytest.raises(error) as refused:
        await bot.get_partial_messageable(CHANNEL).send("hello")
    assert refused.value.code == code


async def test_an_interaction_that_waited_too_long_is_unknown(fake: FakeDiscord, bot: Bot) -> None:
    fake.rest.acknowledge_within = 0
    fake.interaction("ask", {"question": "why"})
    await _soon(lambda: bot.failed)
    assert isinstance(bot.failed[0], discord.NotFound)
    assert bot.failed[0].code == 10062


async def test_a_button_answers_and_messages_are_checked_as_discord_checks_them(
    fake: FakeDiscord, bot: Bot
) -> None:
    channel = bot.get_partial_messageable(CHANNEL)
    view = discord.ui.View()
    button: discord.ui.Button[discord.ui.View] = discord.ui.Button(label="more", custom_id="more")

    async def pressed(interaction: discord.Interaction) -> None:
        await interaction.response.edit_message(content="more of it")

    button.callback = pressed  # type: ignore[method-assign]
    sent = await channel.send("some", view=view.add_item(button))
    fake.click(fake.messages[str(sent.id)], "more")
    await fake.wait_for_request("POST", "/callback$")
    assert fake.messages[str(sent.id)]["content"] == "more of it"
    view.stop()
    for content, code in [("x" * 2001, 50035), (None, 50006)]:
        with pytest.raises(discord.HTTPException) as refused:
            await channel.send(content)
        assert refused.value.code == code


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits of discord.py's HTTP code from half a second up, which are skipped."""
    taken: list[float] = []
    sleep = asyncio.sleep

    async def nap(seconds: float, result: object = None) -> None:
        if seconds >= 0.5:
            taken.append(seconds)
        await sleep(0 if seconds >= 0.5 else seconds)

    monkeypatch.setattr(asyncio, "sleep", nap)
    return taken


async def _soon(true: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not true():
            await asyncio.sleep(0.01)


class _Zlib:
    """discord.py's own, which it defines only where zstandard is missing."""

    COMPRESSION_TYPE = "zlib-stream"

    def __init__(self) -> None:
        self.context = zlib.decompressobj()

    def decompress(self, data: bytes) -> str:
        assert data.endswith(b"\x00\x00\xff\xff")
        return self.context.decompress(data).decode()
