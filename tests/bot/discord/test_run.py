"""`ibid bot` from its start to its end, and `ibid bot sync`."""

import asyncio
import json
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from bot import cli
from bot.discord import create_bot, registry, run
from bot.settings import Settings
from bot.terminal.status import Exit, explained
from index.errors import IbidError, InputRejected
from tests.bot.conftest import Ran
from tests.bot.discord.gateway import FakeDiscord, pointed_at, running
from tests.bot.discord.gateway_http import MISSING_ACCESS, Fault, connection_cut, server_error, slow
from tests.bot.discord.payloads import GUILD, TOKEN
from tests.bot.endpoint import KEY, Endpoint, never_answers

TRADE = "How much could informal trade between Iran and Pakistan be worth?"
WORTH = "three billion dollars per year"
CHILD = """
import sys
from bot.cli import run
from tests.bot.discord.gateway import pointed_at
with pointed_at(*sys.argv[1:3]):
    sys.exit(run(sys.argv[3:]))
"""


@pytest_asyncio.fixture
async def fake() -> AsyncIterator[FakeDiscord]:
    async with FakeDiscord() as one:
        yield one


def settings(home: Path, **more: object) -> Settings:
    return Settings.model_validate({"home": home, "DISCORD_TOKEN": TOKEN, **more})


async def end(home: Path, **more: object) -> tuple[str, Exit]:
    """What the bot says as it ends by itself, and its exit code."""
    with pytest.raises(IbidError) as ended:
        async with asyncio.timeout(8):
            await run.serve(settings(home, **more))
    said, code = explained(ended.value)
    assert "\n" not in said
    return said, code


# What keeps it from starting


@pytest.mark.parametrize("command", [["bot"], ["bot", "sync"]])
def test_without_a_token_it_says_where_to_get_one(
    ibid: Callable[..., Ran], home: Path, command: list[str]
) -> None:
    ran = ibid(*command)
    assert ran.code == Exit.USAGE
    assert ran.err.startswith("ibid: DISCORD_TOKEN is not set; ")
    assert ran.err.count("\n") == 1


@pytest.mark.parametrize("token", ["two words", "line\nbreak", "tökén"])
async def test_what_cannot_be_a_token_is_not_sent(fake: FakeDiscord, home: Path, token: str) -> None:
    said, code = await end(home, DISCORD_TOKEN=token)
    assert (said.startswith("DISCORD_TOKEN is not a token"), code) == (True, Exit.USAGE)
    assert not fake.rest.requests


async def test_a_bad_token_is_named(fake: FakeDiscord, home: Path) -> None:
    said, code = await end(home, DISCORD_TOKEN="wrong")
    assert (said.startswith("Discord does not know this DISCORD_TOKEN"), code) == (True, Exit.USAGE)
    assert not fake.identifies


async def test_an_intent_that_is_not_granted_ends_the_bot_at_once(fake: FakeDiscord, home: Path) -> None:
    fake.granted = 0
    said, code = await end(home, message_content=True)
    assert ("IBID_MESSAGE_CONTENT unset" in said, code) == (True, Exit.USAGE)
    assert len(fake.identifies) == 1


@pytest.mark.parametrize(
    ("closed", "advice", "status"),
    [(4004, "no longer takes this DISCORD_TOKEN", Exit.USAGE), (4013, "(code 4013)", Exit.SERVICE)],
)
async def test_a_connection_that_discord_ends_for_good_is_not_tried_again(
    fake: FakeDiscord, home: Path, closed: int, advice: str, status: Exit
) -> None:
    fake.refuses = closed
    said, code = await end(home)
    assert (advice in said, code) == (True, status)
    assert len(fake.identifies) == 1


@pytest.mark.parametrize("path", ["/users/@me", "/gateway/bot"])
@pytest.mark.parametrize("fault", [server_error(503), connection_cut()], ids=["503", "RST"])
async def test_a_discord_that_fails_at_the_start_is_named(
    fake: FakeDiscord, home: Path, path: str, fault: Fault
) -> None:
    fake.fail("GET", path, fault, times=10)
    said, code = await end(home)
    assert ("https://discordstatus.com" in said, code) == (True, Exit.SERVICE)


def test_a_discord_that_cannot_be_reached_is_one_line(
    ibid: Callable[..., Ran], home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    with pointed_at("http://127.0.0.1:9/api", "ws://127.0.0.1:9"):
        ran = ibid("bot")
    assert ran.code == Exit.SERVICE
    assert ran.err.startswith("ibid: Discord cannot be reached (")
    assert ran.err.count("\n") == 1


async def test_a_library_that_cannot_be_read_ends_it_as_it_ends_any_command(
    fake: FakeDiscord, home: Path
) -> None:
    for catalog in home.glob("index/generations/*/catalog*"):
        catalog.write_bytes(b"")
    _, code = await end(home)
    assert code == Exit.INDEX
    assert not fake.identifies


async def test_a_port_that_is_taken_is_named(fake: FakeDiscord, home: Path) -> None:
    taken = int(fake.http_url.split(":")[2].split("/")[0])
    said, code = await end(home, metrics_port=taken)
    assert (said.startswith("IBID_METRICS_PORT: "), code) == (True, Exit.USAGE)


# Commands


async def test_sync_registers_the_commands_and_says_which(
    fake: FakeDiscord, home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DISCORD_TOKEN", TOKEN)
    assert await asyncio.to_thread(cli.run, ["bot", "sync"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("Registered everywhere: ")
    assert "/ask" in said
    assert "“Check against the articles”" in said
    assert {one["name"] for one in fake.rest.commands["commands"]} > {"ask", "articles", "help"}
    assert not fake.identifies, "it does not connect"
    assert await asyncio.to_thread(cli.run, ["bot", "sync", "--guild", str(GUILD)]) == 0
    assert f"Registered in server {GUILD}: " in capsys.readouterr().out
    assert fake.rest.commands[f"guilds/{GUILD}/commands"]


async def test_a_server_that_the_bot_is_not_in_is_refused(fake: FakeDiscord, home: Path) -> None:
    fake.fail("PUT", "/guilds/", MISSING_ACCESS)
    with pytest.raises(InputRejected, match="is it a member there"):
        await run._sync(settings(home), GUILD)


async def test_the_start_says_whether_discord_knows_the_commands(fake: FakeDiscord, home: Path) -> None:
    async with running(bot := create_bot(settings(home))):
        await fake.ready()
        assert await registry.state(bot) == "none registered; run `ibid bot sync`"
        await registry.register(bot)
        assert await registry.state(bot) == "registered"
        ask = next(one for one in fake.rest.commands["commands"] if one["name"] == "ask")
        ask["options"][0]["description"] = "Otherwise"
        assert await registry.state(bot) == "changed since they were registered; run `ibid bot sync`"


# The end


class Child:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process

    async def ended(self, *signals: signal.Signals) -> tuple[int, float, list[dict[str, Any]]]:
        """Exit code, seconds from the last signal, and the lines of the log."""
        for one in signals:
            self.process.send_signal(one)
            await asyncio.sleep(0.2)
        began = time.monotonic() - 0.2
        _, err = await asyncio.wait_for(self.process.communicate(), 15)
        lines = [json.loads(line) for line in err.decode().splitlines()]
        assert not [hidden for hidden in (TRADE, TOKEN, KEY) if hidden in err.decode()]
        return self.process.returncode or 0, time.monotonic() - began, lines


@asynccontextmanager
async def child(fake: FakeDiscord, home: Path, **environment: str) -> AsyncIterator[Child]:
    """`ibid bot` in a process of its own, connected."""
    root = str(Path(__file__).parents[3])
    given = {"IBID_HOME": str(home), "DISCORD_TOKEN": TOKEN, "IBID_LOG": "json", "PYTHONPATH": root}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CHILD, fake.http_url, fake.gateway_url, "bot"),
        env={**os.environ, **given, **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        await fake.ready(within=30)
        yield Child(process)
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def soon(true: Callable[[], object]) -> None:
    async with asyncio.timeout(15):
        while not true():
            await asyncio.sleep(0.02)


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_lets_the_answer_under_way_arrive_and_turns_new_questions_away(
    fake: FakeDiscord, home: Path, told: signal.Signals
) -> None:
    async with child(fake, home) as bot:
        fake.fail("PATCH", "@original", slow(2))
        asked = fake.interaction("ask", {"question": TRADE})
        await soon(lambda: fake.rest.matching("PATCH", "@original"))
        ending = asyncio.create_task(bot.ended(told))
        await asyncio.sleep(0.5)
        late = fake.interaction("ask", {"question": TRADE}, member=3001)
        code, seconds, lines = await ending
    assert code == 0
    assert seconds < 5
    assert asked.original
    assert WORTH in asked.original["content"]
    assert late.callback
    assert "about to restart" in late.callback["data"]["content"]
    assert not fake.sessions, "it said goodbye"
    events = [line["event"] for line in lines]
    assert "stopping" in events
    assert events[-1] == "stopped"


@pytest.mark.slow
async def test_a_model_that_hangs_neither_delays_the_end_nor_costs_the_answer(
    fake: FakeDiscord, home: Path, endpoint: Endpoint
) -> None:
    endpoint.behave = never_answers
    async with child(fake, home, OPENAI_BASE_URL=endpoint.url, OPENAI_API_KEY=KEY) as bot:
        asked = fake.interaction("ask", {"question": TRADE})
        await soon(lambda: endpoint.requests)
        code, seconds, _ = await bot.ended(signal.SIGTERM)
    assert code == 0
    assert 5 < seconds < 9.5
    assert asked.original
    assert "gave no usable reply, so this is quoted" in asked.original["content"]
    assert not fake.sessions


async def test_a_second_signal_ends_it_at_once(fake: FakeDiscord, home: Path) -> None:
    async with child(fake, home) as bot:
        fake.fail("PATCH", "@original", slow(5))
        fake.interaction("ask", {"question": TRADE})
        await soon(lambda: fake.rest.matching("PATCH", "@original"))
        code, seconds, _ = await bot.ended(signal.SIGINT, signal.SIGTERM)
    assert code == -signal.SIGTERM
    assert seconds < 1


@pytest.mark.slow
async def test_it_ends_within_ten_seconds_where_discord_hangs(fake: FakeDiscord, home: Path) -> None:
    async with child(fake, home) as bot:
        fake.fail("PATCH", "@original", slow(60), times=10)
        fake.interaction("ask", {"question": TRADE})
        await soon(lambda: fake.rest.matching("PATCH", "@original"))
        code, seconds, _ = await bot.ended(signal.SIGTERM)
    assert code == 0
    assert 8 < seconds < 10
