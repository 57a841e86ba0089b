import multiprocessing
import os
import signal
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.answer import Answer, Question
from bot.desk import Desk
from bot.record import Record
from bot.trace import Trace
from index.errors import StateUnavailable, UnknownAnswer

NOON = datetime(2024, 1, 25, 12, tzinfo=UTC)


@pytest.fixture
def answer(desk: Desk) -> Answer:
    return desk.answer(Question("Who visited Moscow?"))


def test_an_answer_is_kept_whole(tmp_path: Path, answer: Answer) -> None:
    record = Record(tmp_path / "state.sqlite")
    record.keep(answer, Trace(decision="because"), NOON)
    found = record.find(answer.id)
    assert found.answer == answer
    assert found.trace == Trace(decision="because")
    assert found.asked_at == NOON
    assert record.check() == 1


def test_the_desk_keeps_every_answer_with_its_evidence(desk: Desk, answer: Answer) -> None:
    kept = desk.why(answer.id)
    assert kept.answer == answer
    assert len(kept.trace.candidates) == 5
    assert all(considered.score is not None for considered in kept.trace.considered)
    assert [checked.shown for checked in kept.trace.checked] == [True] * len(answer.statements)


def test_an_unknown_answer_is_said_to_be_unknown(tmp_path: Path, answer: Answer) -> None:
    record = Record(tmp_path / "state.sqlite")
    with pytest.raises(UnknownAnswer, match="'nope'"):
        record.find("nope")
    record.keep(answer, Trace(), NOON)
    with pytest.raises(UnknownAnswer, match="'nope'"):
        record.find("nope")


def test_a_damaged_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"not a database at all, but long enough to look like one" * 50)
    for call in (Record(path).check, lambda: Record(path).find("x")):
        with pytest.raises(StateUnavailable, match=r"state\.sqlite"):
            call()


def _keep_for_ever(path: Path, answer: Answer) -> None:
    record = Record(path)
    for n in range(1_000_000):
        record.keep(answer.model_copy(update={"id": f"{os.getpid()}-{n}"}), Trace(), NOON)


def has_begun(record: Record, writer: int | None) -> bool:
    try:
        return bool(record.find(f"{writer}-0"))
    except UnknownAnswer:
        return False


def test_a_kill_in_the_middle_of_a_write_leaves_only_whole_answers(tmp_path: Path, answer: Answer) -> None:
    path = tmp_path / "state.sqlite"
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=_keep_for_ever, args=(path, answer)) for _ in range(2)]
    for writer in writers:
        writer.start()
    record = Record(path)
    while record.check() < 40 or not all(has_begun(record, writer.pid) for writer in writers):
        assert all(writer.is_alive() for writer in writers)
    for writer in writers:
        assert writer.pid is not None
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
    kept = record.check()
    assert kept >= 40
    record.keep(answer, Trace(), NOON)
    assert record.check() == kept + 1
    assert record.find(f"{writers[0].pid}-0").answer.citations == answer.citations
