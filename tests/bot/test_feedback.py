"""Votes, verdicts, the gaps they show, and forgetting all of it."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.answer import Answer, Asker, Index, Reason, Status, Timings, Writer
from bot.record import Record
from bot.record import database as database_module
from bot.record.feedback import CitationVerdict, Feedback, Forgotten, Gap
from bot.trace import Trace
from index.errors import StateUnavailable, UnknownAnswer

NOON = datetime(2024, 1, 25, 12, tzinfo=UTC)
GUILD, ELSEWHERE = 10, 20
ALICE, BOB = 0x5EEDFACE01, 0x5EEDFACE02


class Desk:
    """A record that answers are put into, a minute apart."""

    def __init__(self, folder: Path) -> None:
        self.record = Record(folder / "state.sqlite")
        self.feedback = Feedback(self.record.database)
        self.asked = 0

    def keep(
        self,
        question: str,
        reason: Reason | None = Reason.PASSAGES_DO_NOT_ANSWER,
        *,
        member: int = ALICE,
        guild: int = GUILD,
        conversation: str | None = None,
        standalone: str | None = None,
    ) -> str:
        self.asked += 1
        answer = Answer(
            id=f"{self.asked:08x}",
            question=question,
            standalone_question=standalone or question,
            status=Status.DECLINED if reason else Status.ANSWERED,
            reason=reason,
            statements=(),
            citations=(),
            nearest=(),
            withheld=0,
            confidence=0,
            writer=Writer(name="extractive"),
            index=Index(generation="g", embedding="e"),
            timings_ms=Timings(),
        )
        asker = Asker(guild, 1, member, private=False, conversation=conversation)
        trace = Trace(decision=f"about {question}")
        self.record.keep(answer, trace, NOON + timedelta(minutes=self.asked), asker)
        return answer.id

    def gaps(self, guild: int = GUILD) -> list[Gap]:
        return self.feedback.gaps(guild)

    def bytes_kept(self) -> bytes:
        return b"".join(file.read_bytes() for file in self.record.database.path.parent.glob("state.sqlite*"))


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def test_a_member_has_one_vote_and_one_verdict_a_citation(desk: Desk) -> None:
    answer = desk.keep("Who visited Moscow?", reason=None)
    feedback = desk.feedback
    feedback.vote(answer, ALICE, helpful=False)
    feedback.comment(answer, ALICE, "wrong year")
    feedback.vote(answer, BOB, helpful=False)
    (gap,) = desk.gaps()
    assert (gap.voted_down, gap.declined, gap.reason, gap.comments) == (2, 0, None, ("wrong year",))

    feedback.vote(answer, ALICE, helpful=True)
    (gap,) = desk.gaps()
    assert (gap.voted_down, gap.comments) == (1, ())
    feedback.vote(answer, BOB, helpful=True)
    assert desk.gaps() == []

    feedback.judge(answer, 1, ALICE, CitationVerdict.SUPPORTS)
    feedback.judge(answer, 1, ALICE, CitationVerdict.WRONG_PASSAGE)
    feedback.judge(answer, 2, ALICE, CitationVerdict.DOES_NOT)
    feedback.judge(answer, 1, BOB, CitationVerdict.SUPPORTS)
    assert feedback.verdicts(answer, ALICE) == {
        1: CitationVerdict.WRONG_PASSAGE,
        2: CitationVerdict.DOES_NOT,
    }


def test_a_comment_lasts_as_long_as_the_vote_that_it_explains(desk: Desk) -> None:
    answer, feedback = desk.keep("Who visited Moscow?", reason=None), desk.feedback
    assert not feedback.comment(answer, ALICE, "no vote")
    feedback.vote(answer, ALICE, helpful=False)
    assert feedback.comment(answer, ALICE, "wrong year")
    feedback.vote(answer, ALICE, helpful=False)
    (gap,) = desk.gaps()
    assert (gap.voted_down, gap.comments) == (1, ("wrong year",))

    feedback.vote(answer, ALICE, helpful=True)
    assert not feedback.comment(answer, ALICE, "too late")
    feedback.vote(answer, BOB, helpful=False)
    (gap,) = desk.gaps()
    assert (gap.voted_down, gap.comments) == (1, ())
    feedback.vote(answer, ALICE, helpful=False)
    (gap,) = desk.gaps()
    assert (gap.voted_down, gap.comments) == (2, ())


def test_gaps_show_the_comments_of_those_who_voted_down(desk: Desk) -> None:
    answer = desk.keep("Who visited Moscow?")
    with desk.record.database.writing() as db:  # as an earlier version could leave it
        db.execute("INSERT INTO vote VALUES (?, ?, 1, 'wrong year')", (answer, ALICE))
    (gap,) = desk.gaps()
    assert gap.comments == ()


def test_gaps_are_the_questions_of_one_guild_most_asked_first(desk: Desk) -> None:
    desk.keep("Who was it?", Reason.NOTHING_RETRIEVED)
    desk.keep("What is the GDP of Pakistan?")
    desk.keep("Who visited Moscow?", reason=None)
    desk.keep("what is the GDP of  Pakistan", Reason.NOT_SUPPORTED, member=BOB)
    desk.keep("Is it raining?", guild=ELSEWHERE)
    first, second = desk.gaps()
    assert first == Gap(
        question="what is the GDP of  Pakistan",
        times=2,
        declined=2,
        voted_down=0,
        reason=Reason.NOT_SUPPORTED,
        last_asked="2024-01-25T12:04:00+00:00",
        comments=(),
    )
    assert second.question == "Who was it?"
    assert [gap.question for gap in desk.gaps(ELSEWHERE)] == ["Is it raining?"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("What's the café's GDP?", "what’s the CAFE\u0301’S gdp"),
        ("Iran-Pakistan trade?", "Iran – Pakistan: trade?!"),
        ("Straße", "STRASSE"),
        ("ｗｈｏ？", "Who"),
        ("who\u200b visited", "Who visited…"),
    ],
)
def test_a_question_is_the_same_however_it_is_spelled(desk: Desk, one: str, other: str) -> None:
    desk.keep(one)
    desk.keep(other)
    (gap,) = desk.gaps()
    assert gap.times == 2


@pytest.mark.parametrize(
    ("one", "other"), [("What is C++?", "What is C#?"), ("राम की", "राम का"), ("Is it $5?", "Is it €5?")]
)
def test_different_questions_stay_apart(desk: Desk, one: str, other: str) -> None:
    desk.keep(one)
    desk.keep(other)
    assert [gap.question for gap in desk.gaps()] == [other, one]


def test_a_comment_is_kept_as_it_was_typed(desk: Desk) -> None:
    answer = desk.keep("Who visited Moscow?")
    for member, said in ((ALICE, 'a\x1fb, "c"\n\'); DROP TABLE vote; --'), (BOB, "我 😀")):
        desk.feedback.vote(answer, member, helpful=False)
        desk.feedback.comment(answer, member, said)
    (gap,) = desk.gaps()
    assert set(gap.comments) == {'a\x1fb, "c"\n\'); DROP TABLE vote; --', "我 😀"}


SECRETS = (b"zebra crossing", b"quagga", b"okapi", b"tapir", ALICE.to_bytes(6, "big"))


def say_much(desk: Desk) -> str:
    """What Alice says holds one of SECRETS; returns an answer to Bob, who asks on."""
    hers = desk.keep("Where is the zebra crossing?")
    for n in range(40):  # so many that some stand in pages of their own
        desk.keep(f"Where is the quagga of {n}? " + "words " * 300)
    feedback = desk.feedback
    feedback.vote(hers, ALICE, helpful=False)
    feedback.comment(hers, ALICE, "it is an okapi")
    feedback.comment(hers, ALICE, "no, it is a tapir")
    feedback.judge(hers, 1, ALICE, CitationVerdict.DOES_NOT)
    desk.record.show(hers, [77])
    desk.record.open_thread(88, hers)
    his = desk.keep(
        "And when?", member=BOB, conversation=hers, standalone="And when was the zebra crossing there? äöü"
    )
    feedback.vote(his, ALICE, helpful=True)
    feedback.vote(his, BOB, helpful=False)
    feedback.comment(his, BOB, "hippo")
    feedback.vote(hers, BOB, helpful=False)
    feedback.judge(hers, 1, BOB, CitationVerdict.SUPPORTS)
    return his


@pytest.fixture
def careless_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    """SQLite as most systems have it: what is deleted stays until it is overwritten. Debian's does not."""
    connect = sqlite3.connect

    def careless(*args: Any, **options: Any) -> sqlite3.Connection:
        db: sqlite3.Connection = connect(*args, **options)
        db.execute("PRAGMA secure_delete = OFF")
        return db

    monkeypatch.setattr(sqlite3, "connect", careless)


@pytest.mark.usefixtures("careless_sqlite")
def test_nothing_of_a_member_remains_in_the_file_or_its_log(desk: Desk) -> None:
    with desk.record.database.reading():  # keeps the log from being deleted with its last user
        his = say_much(desk)
        before = desk.bytes_kept()
        gone = desk.feedback.forget(ALICE)
        after = desk.bytes_kept()
    assert [secret for secret in SECRETS if secret not in before] == []
    assert gone == Forgotten(answers=41, votes=2, verdicts=1)
    assert [secret for secret in SECRETS if secret in after] == []

    with desk.record.database.reading() as db:
        for table in ("asked", "vote", "verdict", "message"):
            left_over = f"SELECT count(*) FROM {table} WHERE answer NOT IN (SELECT id FROM answer)"
            assert db.execute(left_over).fetchone() == (0,), table
    assert b"hippo" in after
    found = desk.record.find(his).answer
    assert (found.question, found.standalone_question) == ("And when?", "And when?")
    assert [gap.comments for gap in desk.gaps()] == [("hippo",)]
    assert desk.record.shown_in(77) is None
    with pytest.raises(UnknownAnswer):
        desk.record.find("00000001")
    assert desk.feedback.forget(ALICE) == Forgotten(0, 0, 0)


@contextmanager
def reader_of(path: Path) -> Iterator[None]:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("BEGIN")
    db.execute("SELECT count(*) FROM answer").fetchone()
    yield
    db.close()


def test_it_is_said_where_what_was_deleted_could_not_be_overwritten(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    say_much(desk)
    monkeypatch.setattr(database_module, "PATIENCE", 0.1)
    with (
        reader_of(desk.record.database.path),
        pytest.raises(StateUnavailable, match="what was deleted is still in its log"),
    ):
        desk.feedback.forget(ALICE)
    assert desk.feedback.forget(ALICE) == Forgotten(0, 0, 0)
    after = desk.bytes_kept()
    assert [secret for secret in SECRETS if secret in after] == []
