"""`Pace`: how fast work goes, with a clock that the test turns."""

import pytest

from index.pace import FIRST, WINDOW, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def pace(clock: Clock) -> Pace:
    return Pace(clock)


def test_nothing_is_estimated_before_there_is_something_to_go_by(clock: Clock, pace: Pace) -> None:
    assert pace.rate is pace.left is None
    pace.note(0, 100)
    clock.now += FIRST / 2
    pace.note(10, 100)
    assert pace.rate is pace.left is None
    clock.now += FIRST
    assert pace.rate
    assert pace.left


def test_steady_work_has_its_rate_and_its_end(clock: Clock, pace: Pace) -> None:
    for done in range(0, 400, 40):
        pace.note(done, 1000)
        clock.now += 1
    pace.note(400, 1000)
    assert pace.rate == pytest.approx(40)
    assert pace.left == pytest.approx(15)


def test_what_was_done_before_took_no_time_of_ours(clock: Clock, pace: Pace) -> None:
    pace.note(900, 1000)  # from a journal
    clock.now += 10
    pace.note(910, 1000)
    assert pace.rate == pytest.approx(1)
    assert pace.left == pytest.approx(90)


def test_the_rate_is_that_of_the_last_half_minute(clock: Clock, pace: Pace) -> None:
    for done in range(100):
        pace.note(done, 10_000)
        clock.now += 1
    for done in range(100, 100 + 10 * int(WINDOW) + 20, 10):
        pace.note(done, 10_000)
        clock.now += 1
    assert pace.rate == pytest.approx(10, rel=0.1)


def test_work_that_stands_still_takes_longer_and_longer(clock: Clock, pace: Pace) -> None:
    pace.note(0, 100)
    clock.now += 10
    pace.note(50, 100)
    before = pace.left
    clock.now += 20
    assert before
    assert pace.left
    assert pace.left > 2 * before


def test_other_work_begins_its_own_estimate(clock: Clock, pace: Pace) -> None:
    pace.note(0, 100)
    clock.now += 10
    pace.note(100, 100)
    pace.note(0, 5)
    assert pace.rate is pace.left is None
