import io
import os
import pty
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from bot.desk import Desk
from bot.terminal.repl import Chat
from index.catalog import EVERYTHING
from index.errors import InputRejected

TRADE = "How much could informal trade between Iran and Pakistan be worth?"
ROOT = Path(__file__).parents[3]


class Talk:
    """A chat whose output is read after each line."""

    def __init__(self, desk: Desk) -> None:
        self._out = io.StringIO()
        self._chat = Chat(desk, Console(file=self._out, width=300), EVERYTHING)

    def __call__(self, line: str) -> str:
        self._out.seek(0)
        self._out.truncate()
        self._chat.take(line)
        return self._out.getvalue()


@pytest.fixture
def talk(desk: Desk) -> Talk:
    return Talk(desk)


def test_a_follow_up_shows_what_was_understood(talk: Talk) -> None:
    assert "three billion dollars" in talk(TRADE)
    answer = talk("And the official one?")
    assert f"Understood as: {TRADE} And the official one?" in answer
    assert "two billion dollars" in answer
    talk("/new")
    assert "Understood as" not in talk("And the official one?")


def test_sources_passage_and_why_speak_of_the_last_answer(talk: Talk) -> None:
    talk(TRADE)
    assert "[1] “Based on an estimate" in talk("/sources")
    passage = talk("/passage 1")
    assert "Taken together, these economic activities are massive. Based on" in passage
    assert "Retrieved" in talk("/why")


def test_an_article_can_be_chosen_and_let_go(talk: Talk) -> None:
    assert "Using iran-pakistan-strikes." in talk("/article iran-pakistan-strikes")
    assert "Using all articles." in talk("/article")
    assert "iran-pakistan-strikes" in talk("/articles")


@pytest.mark.parametrize("line", ["/sources", "/why", "/passage 1", "/dance", "/article nope", "?!"])
def test_what_cannot_be_done_is_said_in_one_line(talk: Talk, line: str) -> None:
    with pytest.raises(InputRejected) as refused:
        talk(line)
    assert "\n" not in str(refused.value)


def test_help_names_every_command(talk: Talk) -> None:
    shown = talk("/help")
    for command in ("/sources", "/passage N", "/why", "/article", "/new", "Ctrl-C", "Ctrl-D"):
        assert command in shown


def command() -> list[str]:
    return [sys.executable, "-c", "from bot.cli import main; main()", "chat"]


def test_a_piped_chat_answers_line_by_line_and_goes_on_after_errors(home: Path) -> None:
    ran = subprocess.run(
        command(),
        input=f"{TRADE}\n/dance\n\nAnd the official one?\n",
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0
    assert ran.stdout.count("Sources") == 2
    assert ran.stderr == "ibid: /dance is no command; /help lists them.\n"
    assert "\x1b" not in ran.stdout


class Terminal:
    """A real terminal with the chat in it."""

    def __init__(self) -> None:
        self._fd, inner = pty.openpty()
        self.process = subprocess.Popen(
            command(),
            stdin=inner,
            stdout=inner,
            stderr=inner,
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "TERM": "xterm-256color",
                "PROMPT_TOOLKIT_NO_CPR": "1",
            },
        )
        os.close(inner)
        self.seen = ""

    def type(self, keys: str) -> None:
        """Type when the prompt takes keys, and forget what was seen before."""
        if keys[0] != "\r":
            self.wait_for("\x1b[?2004h")
        self.seen = ""
        os.write(self._fd, keys.encode())

    def wait_for(self, words: str, seconds: float = 60) -> None:
        ends = time.monotonic() + seconds
        while words not in self.seen:
            assert time.monotonic() < ends, self.seen
            if select.select([self._fd], [], [], 0.2)[0]:
                try:
                    self.seen += os.read(self._fd, 65536).decode(errors="replace")
                except OSError:
                    break
        assert words in self.seen, self.seen


def test_a_terminal_chat_prompts_answers_completes_and_leaves_on_ctrl_d(home: Path) -> None:
    terminal = Terminal()
    terminal.type("/sou\t")
    terminal.wait_for("rces")  # the rest of /sources
    terminal.type("\r")
    terminal.wait_for("Ask a question first.")
    terminal.type("\x03")  # Ctrl-C at the prompt does not leave
    terminal.type(f"{TRADE}\r")
    terminal.wait_for("ibid why")
    assert "\x1b[" in terminal.seen
    terminal.type("\x04")
    assert terminal.process.wait(timeout=20) == 0
    assert TRADE in (home / "history").read_text()
