"""`ibid chat`: questions and follow-ups in a terminal, or line by line from a pipe."""

import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from rich.console import Console

from bot.answer import Answer, Citation, Question, clean
from bot.desk import Desk
from bot.terminal import render
from index.catalog import Filter
from index.errors import IbidError, InputRejected

REMEMBERED = 10
"""Earlier questions that a follow-up may point back to."""

HELP = """\
Type a question; follow-ups such as "And the official one?" are understood.
  /sources         the sources of the last answer once more
  /passage N       the paragraph around source N
  /why             how the last answer came about
  /article [ID]    use one article only; without an ID, all of them
  /articles        list the articles
  /new             forget the questions so far
  /help            this
Ctrl-C stops an answer, Ctrl-D leaves."""

COMMANDS = ("/sources", "/passage", "/why", "/article", "/articles", "/new", "/help")


class Chat:
    """One conversation. Reads nothing itself: `take` is handed each line that a person typed."""

    def __init__(self, desk: Desk, out: Console, allowed: Filter) -> None:
        self._desk = desk
        self._out = out
        self._allowed = allowed
        self._asked: list[str] = []
        self._last: Answer | None = None

    def take(self, line: str) -> None:
        """Obey a command or answer a question. Raises IbidError."""
        word, _, rest = line.strip().partition(" ")
        if not word.startswith("/"):
            self._ask(line)
            return
        obey: dict[str, Callable[[str], None]] = {
            "/sources": self._sources,
            "/passage": self._passage,
            "/why": self._why,
            "/article": self._article,
            "/articles": lambda _: render.show_articles(self._out, self._desk.articles()),
            "/new": lambda _: self._asked.clear(),
            "/help": lambda _: self._out.print(HELP),
        }
        if word not in obey:
            raise InputRejected(f"{word} is no command; /help lists them.")
        obey[word](rest.strip())

    def _ask(self, line: str) -> None:
        text = clean(line)
        question = Question(text, tuple(self._asked), self._allowed)
        with closing(self._desk.ask(question)) as parts:
            for part in parts:
                if isinstance(part, Answer):
                    self._last = part
                    self._asked = [*self._asked, text][-REMEMBERED:]
                    render.show_rest(self._out, part)
                else:
                    render.show_statement(self._out, part)

    def _answer(self) -> Answer:
        if self._last is None:
            raise InputRejected("Ask a question first.")
        return self._last

    def _shown(self) -> tuple[Citation, ...]:
        answer = self._answer()
        return answer.citations or answer.nearest

    def _sources(self, _: str) -> None:
        for citation in self._shown():
            render.show_citation(self._out, citation)

    def _passage(self, number: str) -> None:
        for citation in self._shown():
            if str(citation.n) == number:
                render.show_context(self._out, citation, self._desk.context(citation))
                return
        numbers = ", ".join(str(citation.n) for citation in self._shown())
        raise InputRejected(f"/passage takes the number of a source: {numbers}.")

    def _why(self, _: str) -> None:
        recorded = self._desk.why(self._answer().id)
        render.show_why(self._out, recorded, self._desk.since(recorded.answer.citations))

    def _article(self, article_id: str) -> None:
        self._allowed = self._desk.filter((article_id,) if article_id else None)
        self._out.print(f"Using {article_id or 'all articles'}.")


def run(desk: Desk, history: Path, allowed: Filter) -> None:
    """Chat until the input ends."""
    out = render.console()
    errors = render.console(stderr=True)
    chat = Chat(desk, out, allowed)
    if sys.stdin.isatty():
        out.print("Ask about the articles. /help lists what else you can do; Ctrl-D leaves.")
    for line in _typed(desk, history) if sys.stdin.isatty() else sys.stdin:
        if not line.strip():
            continue
        try:
            chat.take(line)
        except IbidError as error:
            errors.print(f"ibid: {error}")
        except KeyboardInterrupt:
            errors.print("Stopped.")
        out.print()


def _typed(desk: Desk, history: Path) -> Iterator[str]:
    """Lines typed at a prompt that remembers and completes."""
    # prompt_toolkit takes 0.4 s to import, which a piped chat need not wait for.
    from prompt_toolkit import PromptSession
    from prompt_toolkit.history import FileHistory

    from bot.terminal.completion import ChatCompleter

    ids = [article.id for article in desk.articles()]
    session: PromptSession[str] = PromptSession(
        "? ",
        history=FileHistory(history),
        completer=ChatCompleter(COMMANDS, ids),
        complete_while_typing=False,
    )
    while True:
        try:
            yield session.prompt()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
