"""What people said of answers, the gaps this shows, and forgetting all that is kept of a person."""

import json
import unicodedata
from collections import defaultdict
from dataclasses import dataclass
from enum import StrEnum

from bot.answer import Reason
from bot.record.database import Database


class CitationVerdict(StrEnum):
    """What a reader says of one citation."""

    SUPPORTS = "supports"
    DOES_NOT = "does_not"
    WRONG_PASSAGE = "wrong_passage"


@dataclass(frozen=True, slots=True)
class Gap:
    """A question that was declined or voted down, however it was spelled."""

    question: str
    """As it was understood last: a follow-up alone ("And when?") says nothing."""
    times: int
    declined: int
    voted_down: int
    reason: Reason | None
    """Why it was declined last, if it was."""
    last_asked: str
    """ISO 8601, UTC."""
    comments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Forgotten:
    """How much was kept of a person and is gone."""

    answers: int
    votes: int
    verdicts: int


class Feedback:
    def __init__(self, database: Database) -> None:
        self._database = database

    def vote(self, answer_id: str, member: int, *, helpful: bool) -> None:
        """One vote a member; a later one replaces it. The comment goes with the 👎 that it belongs to."""
        with self._database.writing() as db:
            db.execute(
                "INSERT INTO vote VALUES (?, ?, ?, NULL) ON CONFLICT (answer, member) DO UPDATE "
                "SET helpful = excluded.helpful, comment = iif(excluded.helpful, NULL, comment)",
                (answer_id, member, int(helpful)),
            )

    def comment(self, answer_id: str, member: int, text: str) -> bool:
        """What went wrong, in the member's words, beside their 👎; False where there is none any more."""
        with self._database.writing() as db:
            found = db.execute(
                "UPDATE vote SET comment = ? WHERE answer = ? AND member = ? AND helpful = 0",
                (text, answer_id, member),
            )
            return found.rowcount > 0

    def judge(self, answer_id: str, citation: int, member: int, verdict: CitationVerdict) -> None:
        """One verdict a member and citation; a later one replaces it."""
        with self._database.writing() as db:
            db.execute(
                "INSERT OR REPLACE INTO verdict VALUES (?, ?, ?, ?)", (answer_id, citation, member, verdict)
            )

    def verdicts(self, answer_id: str, member: int) -> dict[int, CitationVerdict]:
        """What a member said of an answer's citations, by footnote number."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT citation, verdict FROM verdict WHERE answer = ? AND member = ?", (answer_id, member)
            ).fetchall()
        return {citation: CitationVerdict(verdict) for citation, verdict in rows}

    def gaps(self, guild: int) -> list[Gap]:
        """The questions of a guild that were declined or voted down, most asked first."""
        with self._database.reading() as db:
            rows = db.execute(
                """
                SELECT json_extract(answer.answer, '$.standalone_question'), reason, asked_at,
                    answer.status = 'declined',
                    (SELECT count(*) FROM vote WHERE vote.answer = id AND helpful = 0),
                    (SELECT json_group_array(comment) FROM vote
                     WHERE vote.answer = id AND helpful = 0 AND comment IS NOT NULL)
                FROM answer JOIN asked ON asked.answer = id WHERE guild = ? ORDER BY answer.rowid
                """,
                (guild,),
            ).fetchall()
        asked = defaultdict(list)
        for row in rows:
            if row[3] or row[4]:
                asked[_words(row[0])].append(row)
        gaps = [_gap(same) for same in asked.values()]
        return sorted(gaps, key=lambda gap: (gap.times, gap.last_asked), reverse=True)

    def forget(self, member: int) -> Forgotten:
        """Delete a member's questions with their answers, votes, comments and verdicts.

        Raises StateUnavailable; where it says that the file is in use, they are deleted and not yet
        overwritten.
        """
        theirs = "IN (SELECT answer FROM asked WHERE member = ?)"
        with self._database.writing() as db:
            votes = db.execute("DELETE FROM vote WHERE member = ?", (member,)).rowcount
            verdicts = db.execute("DELETE FROM verdict WHERE member = ?", (member,)).rowcount
            answers = db.execute(f"DELETE FROM answer WHERE id {theirs}", (member,)).rowcount  # noqa: S608
            for table in ("vote", "verdict", "message"):
                db.execute(f"DELETE FROM {table} WHERE answer {theirs}", (member,))  # noqa: S608
            # The follow-ups of others, made whole with the words of the questions before them.
            db.execute(
                "UPDATE answer SET answer = json_set(answer, '$.standalone_question', question) "
                "WHERE id IN (SELECT answer FROM asked WHERE conversation IN "
                "(SELECT conversation FROM asked WHERE member = ?))",
                (member,),
            )
            db.execute("DELETE FROM asked WHERE member = ?", (member,))
        # What was deleted still stands in free pages and in the log until they are written anew.
        self._database.shred()
        return Forgotten(answers, votes, verdicts)


def _words(question: str) -> str:
    """What two spellings of a question share: case, punctuation, and how accents are written, do not
    count, but the signs of "C++" and "C#" do.
    """
    folded = unicodedata.normalize("NFKC", question).casefold()
    return " ".join("".join(" " if _is_punctuation(c) else c for c in folded).split())


def _is_punctuation(character: str) -> bool:
    return unicodedata.category(character)[0] in "PC" and character not in "#%&@"


def _gap(rows: list[tuple[str, str | None, str, int, int, str]]) -> Gap:
    question, _, last_asked, *_ = rows[-1]
    reasons = [reason for _, reason, *_ in rows if reason]
    comments = [comment for row in rows for comment in json.loads(row[5])]
    return Gap(
        question=question,
        times=len(rows),
        declined=sum(bool(row[3]) for row in rows),
        voted_down=sum(row[4] for row in rows),
        reason=Reason(reasons[-1]) if reasons else None,
        last_asked=last_asked,
        comments=tuple(comments),
    )
