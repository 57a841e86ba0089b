"""50 simultaneous `/ask` while another process builds and swaps the generation, on simcord.

    python -m tests.benchmarks.load

Acknowledgements are timed from the gateway event to the callback that the bot sends; the event-loop
gap is what a task that sleeps 5 ms is late. Floors: `../shared/reliability.md`, Load.
"""

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from simcord import Env, interactions
from simcord.actors import MemberActor
from simcord.enums import InteractionType

from bot import opening
from bot.desks import default_library
from bot.settings import Settings
from tests.bot.discord.conftest import Server, bot_of, server_in, simulated

QUESTIONS = (
    "How much could informal trade between Iran and Pakistan be worth?",
    "Who visited Moscow?",
    "What did Pakistan do after the strikes?",
    "Who won the football world cup in 1998?",
    "How many border markets are open?",
)
TICK = 0.005
LIMITS = {"ack p99": 1.0, "ack max": 2.5, "gap p99": 0.05, "gap max": 0.25}
"""Seconds, on 2 cores that do nothing else."""


class Stopwatch:
    """Times each interaction from its event to its first callback, in seconds."""

    def __init__(self, env: Env) -> None:
        self.began: dict[int, float] = {}
        self.acknowledged: dict[int, float] = {}
        adapter = env._webhook_adapter
        request: Callable[..., Awaitable[Any]] = adapter.request

        async def timed(route: Any, *arguments: Any, **options: Any) -> Any:
            if route.url.endswith("/callback"):
                number = int(route.url.split("/interactions/")[1].split("/")[0])
                self.acknowledged.setdefault(number, time.perf_counter() - self.began[number])
            return await request(route, *arguments, **options)

        adapter.request = timed


class Gaps:
    """How late a task is that wants to run every `TICK`, in seconds."""

    def __init__(self) -> None:
        self.late: list[float] = []

    async def watch(self) -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(TICK)
            self.late.append(time.perf_counter() - began - TICK)


def ask(env: Env, member: MemberActor, server: Server, question: str, stopwatch: Stopwatch) -> None:
    """Send `/ask` as the gateway does, without waiting for anything."""
    (root,) = [
        c
        for c in env.backend.visible_commands(user_id=member.id, channel_id=server.channel.id)
        if c["name"] == "ask"
    ]
    record, payload = interactions.base_payload(
        env.backend,
        type=InteractionType.APPLICATION_COMMAND,
        channel_id=server.channel.id,
        guild_id=server.guild.id,
        user_id=member.id,
        data={
            "id": root["id"],
            "name": "ask",
            "type": 1,
            "options": [{"name": "question", "type": 3, "value": question}],
        },
    )
    stopwatch.began[record.id] = time.perf_counter()
    env.backend.emit("INTERACTION_CREATE", payload)


async def run(home: Path, at_once: int) -> dict[str, float]:
    """One wave while the other process builds, one when it has swapped; the figures in seconds."""
    async with simulated(Settings(home=home), patience=120) as env:
        return await measured(env, home, at_once)


async def measured(env: Env, home: Path, at_once: int) -> dict[str, float]:
    bot, server = bot_of(env), server_in(env)
    bot.guild_settings.change(server.guild.id, cooldown=0, channel_rate=0, daily_budget=0)
    members = [server.guild.add_member(env.create_user(f"member{n}")) for n in range(at_once)]
    await env.settle()
    stopwatch, gaps = Stopwatch(env), Gaps()
    page = home / "lighthouse.txt"
    page.write_text("On lighthouses\n\n" + "The lighthouse of Calshot was built in 1887. " * 400)
    library = default_library(bot.settings)
    before = library.current_id()

    watching = asyncio.create_task(gaps.watch())
    builder = await asyncio.create_subprocess_exec(
        sys.executable, "-c", f"from bot.cli import run; run(['add', {str(page)!r}])",
        env={"IBID_HOME": str(home), "PYTHONPATH": str(Path.cwd())},
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    waves = 0
    while True:
        swapped = library.current_id() != before
        for n, member in enumerate(members):
            ask(env, member, server, QUESTIONS[n % len(QUESTIONS)], stopwatch)
        waves += 1
        await env.settle(timeout=120)
        if swapped or (builder.returncode is not None and library.current_id() == before):
            break
    await builder.wait()
    watching.cancel()
    answered = sum(
        "[1]" in m.content or "do not answer" in m.content for m in server.channel.history(viewer=None)
    )
    acknowledged = sorted(stopwatch.acknowledged.values())
    late = sorted(gaps.late)
    return {
        "waves": waves,
        "questions": waves * at_once,
        "acknowledged": len(acknowledged),
        "answers on screen": answered,
        "ack p99": at(acknowledged, 0.99),
        "ack max": acknowledged[-1],
        "gap p99": at(late, 0.99),
        "gap max": late[-1],
    }


def at(ordered: list[float], share: float) -> float:
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at-once", type=int, default=50)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        opening.desk(Settings(home=home), lambda *_: None).close()
        figures = asyncio.run(run(home, given.at_once))
    for name, figure in figures.items():
        limit = f"  (limit {LIMITS[name]})" if name in LIMITS else ""
        print(f"{name:18} {figure:7,.3f} s{limit}" if limit else f"{name:18} {figure:7,}")
    complete = figures["questions"] == figures["acknowledged"] == figures["answers on screen"]
    sys.exit(0 if complete else "not every question was answered")


if __name__ == "__main__":
    main()
