"""Each answer with its question, evidence, checks, writer and timings, and with who asked."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.answer import Answer, Asker
from bot.record.database import Database
from bot.trace import Trace
from index.errors import StateUnavailable, UnknownAnswer

FOLLOWED = 10
"""Earlier questions that a follow-up may point back to."""


@dataclass(frozen=True, slots=True)
class Recorded:
    asked_at: datetime
    answer: Answer
    trace: Trace
    asker: Asker | None = None
    shared: bool = False
    """Whether a private answer was posted for everyone."""


class Record:
    def __init__(self, path: Path) -> None:
        self.database = Database(path)

    def keep(self, answer: Answer, trace: Trace, asked_at: datetime, asker: Asker | None = None) -> None:
        """Store an answer and who asked, whole or not at all. Raises StateUnavailable."""
        row = (
            answer.id,
            asked_at.isoformat(timespec="seconds"),
            answer.status,
            answer.reason,
            answer.question,
            answer.model_dump_json(),
            trace.model_dump_json(),
        )
        try:
            with self.database.writing() as db:
                db.execute("INSERT INTO answer VALUES (?, ?, ?, ?, ?, ?, ?)", row)
                if asker:
                    db.execute(
                        "INSERT INTO asked (answer, conversation, guild, channel, member, private) "
                        "VALUES (?, ?, ?, ?, ?, ?)",
                        (
                            answer.id,
                            asker.conversation or answer.id,
                            asker.guild,
                            asker.channel,
                            asker.member,
                            asker.private,
                        ),
                    )
        except StateUnavailable as error:
            raise StateUnavailable(f"The answer could not be kept: {error}") from None

    def find(self, answer_id: str) -> Recorded:
        """The answer with this id. Raises UnknownAnswer or StateUnavailable."""
        if not self.database.path.exists():
            raise UnknownAnswer(answer_id)
        with self.database.reading() as db:
            row = db.execute(
                "SELECT asked_at, answer.answer, trace, guild, channel, member, private, conversation, "
                "shared FROM answer LEFT JOIN asked ON asked.answer = id WHERE id = ?",
                (answer_id,),
            ).fetchone()
        if row is None:
            raise UnknownAnswer(answer_id)
        asked_at, answer, trace, guild, channel, member, private, conversation, shared = row
        return Recorded(
            datetime.fromisoformat(asked_at),
            Answer.model_validate_json(answer),
            Trace.model_validate_json(trace),
            None if guild is None else Asker(guild, channel, member, bool(private), conversation),
            bool(shared),
        )

    def conversation(self, name: str, member: int | None = None) -> tuple[str, ...]:
        """The last questions of a conversation, oldest first.

        Private ones are left out, but for those of `member`, who must then be the only one to see
        what comes of them.
        """
        with self.database.reading() as db:
            rows = db.execute(
                "SELECT question FROM asked JOIN answer ON answer.id = asked.answer "
                "WHERE conversation = ? AND (private = 0 OR shared = 1 OR member = ?) "
                "ORDER BY answer.rowid DESC LIMIT ?",
                (name, member, FOLLOWED),
            ).fetchall()
        return tuple(question for (question,) in reversed(rows))

    def show(self, answer_id: str, messages: Iterable[int]) -> None:
        """Note the messages that show an answer, so that a reply to one of them can follow up."""
        with self.database.writing() as db:
            rows = [(message, answer_id) for message in messages]
            db.executemany("INSERT OR REPLACE INTO message VALUES (?, ?)", rows)

    def shown_in(self, message: int) -> Recorded | None:
        """The answer that a message shows, or None."""
        with self.database.reading() as db:
            row = db.execute("SELECT answer FROM message WHERE id = ?", (message,)).fetchone()
        try:
            return self.find(row[0]) if row else None
        except UnknownAnswer:  # forgotten
            return None

    def open_thread(self, thread: int, conversation: str) -> None:
        with self.database.writing() as db:
            db.execute("INSERT OR REPLACE INTO thread VALUES (?, ?)", (thread, conversation))

    def thread(self, thread: int) -> str | None:
        """The conversation that a thread was opened for, or None for anybody else's thread."""
        with self.database.reading() as db:
            row = db.execute("SELECT conversation FROM thread WHERE id = ?", (thread,)).fetchone()
        return row[0] if row else None

    def share(self, answer_id: str) -> bool:
        """Mark a private answer as shared; False where it was before."""
        with self.database.writing() as db:
            found = db.execute("UPDATE asked SET shared = 1 WHERE answer = ? AND shared = 0", (answer_id,))
            return found.rowcount > 0

    def unshare(self, answer_id: str) -> None:
        """Take the mark back where an answer could not be posted after all."""
        with self.database.writing() as db:
            db.execute("UPDATE asked SET shared = 0 WHERE answer = ?", (answer_id,))

    def undelivered(self, answer_id: str, why: str) -> None:
        """Write down that an answer did not reach its asker."""
        with self.database.writing() as db:
            db.execute("UPDATE asked SET undelivered = ? WHERE answer = ?", (why, answer_id))

    def check(self) -> int:
        """Read every page and return the number of answers kept. Raises StateUnavailable."""
        self.database.check()
        if not self.database.path.exists():
            return 0
        with self.database.reading() as db:
            (count,) = db.execute("SELECT count(*) FROM answer").fetchone()
        return int(count)
