"""Budgets under every order of questions, clocks set back, crowds, and kills (F14, H14)."""

import multiprocessing
import os
import signal
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.record.database import Database
from bot.record.limits import BURST, DAY, MINUTE, Budget, Limit, Limits, Refusal

NOON = datetime(2026, 1, 25, 12, tzinfo=UTC)
FREE = Limits(cooldown=0, channel_rate=0, daily_budget=0)
GUILD, ELSEWHERE = 10, 20
HOUR = timedelta(hours=1)

# How the clock goes on before each question; a negative step sets it back.
STEPS = st.lists(
    st.floats(-DAY / 2, DAY / 2) | st.floats(0, 90) | st.sampled_from([0.0, MINUTE, DAY]),
    min_size=1,
    max_size=30,
)


def fresh() -> tuple[TemporaryDirectory[str], Budget]:
    folder = TemporaryDirectory()
    return folder, Budget(Database(Path(folder.name) / "state.sqlite"))


@settings(max_examples=40, deadline=None)
@given(STEPS, st.integers(1, 4), st.integers(1, 3), st.sampled_from([5, 60, 3_600]))
def test_no_limit_is_ever_exceeded_and_none_lasts_longer_than_itself(
    steps: list[float], budget: int, rate: int, cooldown: int
) -> None:
    """Time that passes is what a clock goes forward. Setting it back takes nothing from what has passed."""
    limits = Limits(cooldown, rate, budget)
    windows = {
        Limit.MEMBER: (BURST * cooldown, BURST),
        Limit.CHANNEL: (MINUTE, rate),
        Limit.GUILD: (DAY, budget),
    }
    folder, it = fresh()
    now, passed = NOON, 0.0
    counted: list[float] = []
    with folder:
        for step in steps:
            now += timedelta(seconds=step)
            passed += max(step, 0)
            refusal = it.spend(GUILD, 1, 7, limits, now)
            if refusal is None:
                counted.append(passed)
            else:
                window, _ = windows[refusal.limit]
                assert 0 < refusal.wait <= window + 1e-3
        for window, most in windows.values():
            for early, late in zip(counted, counted[most:], strict=False):
                assert late - early >= window - 1e-3


@settings(max_examples=40, deadline=None)
@given(STEPS, st.sampled_from([5, 3_600]), st.integers(1, 3))
def test_whoever_waits_as_long_as_was_said_gets_in(steps: list[float], cooldown: int, budget: int) -> None:
    folder, it = fresh()
    limits, now = Limits(cooldown, 2, budget), NOON
    with folder:
        for step in steps[:12]:
            now += timedelta(seconds=step)
            while refusal := it.spend(GUILD, 1, 7, limits, now):
                now += timedelta(seconds=refusal.wait, milliseconds=1)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(0, 4 * 3_600), min_size=8, max_size=25), st.integers(1, 5))
def test_the_budget_is_used_up_whenever_it_may_be(steps: list[float], budget: int) -> None:
    """Refusing everything would keep within any budget: a question is refused only where it must be."""
    folder, it = fresh()
    now = NOON
    counted: list[datetime] = []
    with folder:
        for step in steps:
            now += timedelta(seconds=step)
            recent = sum(now - at < timedelta(days=1) for at in counted)
            refusal = it.spend(GUILD, 1, 7, replace(FREE, daily_budget=budget), now)
            assert (refusal is None) == (recent < budget)
            if refusal is None:
                counted.append(now)


def test_limits_are_kept_apart(tmp_path: Path) -> None:
    """By guild, by channel and by member; in direct messages the budget is the person's own."""
    budget = Budget(Database(tmp_path / "state.sqlite"))
    slow = replace(FREE, cooldown=3_600)
    for _ in range(BURST):
        assert budget.spend(GUILD, 1, 7, slow, NOON) is None
    assert budget.spend(GUILD, 2, 7, slow, NOON) == Refusal(Limit.MEMBER, BURST * 3_600)
    assert budget.spend(GUILD, 1, 8, slow, NOON) is None
    assert budget.spend(ELSEWHERE, 3, 7, slow, NOON) is None

    few = replace(FREE, channel_rate=2)
    later = NOON + BURST * HOUR
    assert [budget.spend(GUILD, 1, n, few, later) for n in (1, 2)] == [None, None]
    assert budget.spend(GUILD, 1, 3, few, later) == Refusal(Limit.CHANNEL, MINUTE)
    assert budget.spend(GUILD, 2, 3, few, later) is None

    one = replace(FREE, daily_budget=1)
    assert budget.spend(0, 11, 7, one, NOON + 2 * HOUR) is None
    assert budget.spend(0, 12, 8, one, NOON + 2 * HOUR) is None
    assert budget.spend(0, 11, 7, one, NOON + 3 * HOUR) == Refusal(Limit.GUILD, DAY - 3_600)
    assert budget.spend(ELSEWHERE, 3, 7, one, NOON + 3 * HOUR) == Refusal(Limit.GUILD, DAY - 3 * 3_600)


def test_a_clock_that_was_set_back_gives_nothing_away_and_locks_nobody_out(tmp_path: Path) -> None:
    budget = Budget(Database(tmp_path / "state.sqlite"))
    limits = Limits(cooldown=60, channel_rate=0, daily_budget=BURST)
    ahead = NOON + timedelta(days=365)
    for _ in range(BURST):
        assert budget.spend(GUILD, 1, 7, limits, ahead) is None
    assert budget.spend(GUILD, 1, 9, limits, NOON) == Refusal(Limit.GUILD, DAY)
    assert budget.spend(GUILD, 1, 7, limits, NOON) == Refusal(Limit.MEMBER, BURST * 60)
    assert budget.spend(GUILD, 1, 7, limits, NOON + timedelta(days=1)) is None


GUILDS = 40
CROWD = 5


class Slow(Database):
    """Dawdles between looking whether there is room and taking it."""

    def _open(self) -> sqlite3.Connection:
        db = super()._open()
        db.set_trace_callback(lambda sql: time.sleep(0.01) if sql.startswith("INSERT") else None)
        return db


def _ask_everywhere(path: Path, member: int) -> int:
    """Wait until the whole crowd is there, and ask once in every guild, whose budget is one question."""
    (path.parent / f"ready-{member}").touch()
    while len(list(path.parent.glob("ready-*"))) < CROWD:
        time.sleep(0.001)
    budget = Budget(Slow(path))
    one = replace(FREE, daily_budget=1)
    return sum(budget.spend(guild, 1, member, one, NOON) is None for guild in range(1, GUILDS + 1))


def _ask_for_ever(path: Path, told: Path) -> None:
    """Write a mark for each question that was counted, after it was."""
    budget = Budget(Database(path))
    with told.open("ab", buffering=0) as file:
        for n in range(1_000_000):
            assert budget.spend(GUILD, 1, n, FREE, NOON) is None
            file.write(b".")


def test_a_crowd_in_threads_and_processes_gets_exactly_the_budget(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    spawn = multiprocessing.get_context("spawn")
    with spawn.Pool(2) as pool, ThreadPoolExecutor(3) as threads:
        others = pool.starmap_async(_ask_everywhere, [(path, 0), (path, 1)], chunksize=1)
        ours = threads.map(_ask_everywhere, [path] * 3, (2, 3, 4))
        assert sum(ours) + sum(others.get(60)) == GUILDS


def test_a_kill_in_the_middle_of_counting_loses_no_question_and_counts_none_twice(tmp_path: Path) -> None:
    path, told = tmp_path / "state.sqlite", tmp_path / "told"
    told.touch()
    spawn = multiprocessing.get_context("spawn")
    database = Database(path)
    for _ in range(2):
        before = told.stat().st_size
        asker = spawn.Process(target=_ask_for_ever, args=(path, told))
        asker.start()
        while told.stat().st_size < before + 40:
            assert asker.is_alive()
        assert asker.pid
        os.kill(asker.pid, signal.SIGKILL)
        asker.join()
        database.check()
        with database.reading() as db:
            (kept,) = db.execute("SELECT count(*) FROM spent").fetchone()
        assert 0 <= kept - told.stat().st_size <= 1
        told.write_bytes(b"." * kept)
    assert Budget(database).spend(GUILD, 1, 1, replace(FREE, daily_budget=kept + 1), NOON) is None
    assert Budget(database).spend(GUILD, 1, 1, replace(FREE, daily_budget=kept + 1), NOON)
