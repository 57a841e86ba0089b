"""What is shown of long work, on a console and a clock of the test."""

from io import StringIO

import pytest
from rich.console import Console

from bot.terminal.progress import IndexingProgress, ReadingProgress, clock_time


class Shown:
    def __init__(self, *, terminal: bool = False) -> None:
        self.now = 50.0
        self.file = StringIO()
        self.console = Console(
            file=self.file, force_terminal=terminal, width=100, highlight=False, markup=False, soft_wrap=True
        )

    def clock(self) -> float:
        return self.now

    @property
    def lines(self) -> list[str]:
        return self.file.getvalue().splitlines()


@pytest.fixture
def pipe() -> Shown:
    return Shown()


def test_a_pipe_gets_a_line_a_second_with_count_rate_and_time_left(pipe: Shown) -> None:
    with IndexingProgress(clock=pipe.clock, out=pipe.console) as progress:
        for done in range(0, 100, 10):
            progress.report("Dams", done, 2_100)
            pipe.now += 0.5
        progress.report("", 2_100, 2_100)
    assert pipe.lines == [
        "Indexing Dams: 0/2,100 passages",
        "Indexing Dams: 20/2,100 passages",
        "Indexing Dams: 40/2,100 passages · 20/s · 1:43 left",
        "Indexing Dams: 60/2,100 passages · 20/s · 1:42 left",
        "Indexing Dams: 80/2,100 passages · 20/s · 1:41 left",
        "Indexed 2,100 passages in 5.0 s.",
    ]


def test_the_first_line_comes_at_once(pipe: Shown) -> None:
    with IndexingProgress(out=pipe.console) as progress:  # by the real clock, which never stands still
        progress.report("Dams", 0, 17)
        assert pipe.lines == ["Indexing Dams: 0/17 passages"]


def test_what_takes_less_than_a_second_is_not_spoken_of(pipe: Shown) -> None:
    with (
        ReadingProgress(clock=pipe.clock, out=pipe.console) as reading,
        IndexingProgress(after=1, clock=pipe.clock, out=pipe.console) as indexing,
    ):
        for progress in (reading, indexing):
            progress.report("a", 0, 2)
            pipe.now += 0.9
            progress.report("b", 1, 2)
            progress.report("", 2, 2)
    assert pipe.lines == []


def test_reading_says_which_of_how_many_and_what(pipe: Shown) -> None:
    with ReadingProgress(clock=pipe.clock, out=pipe.console) as progress:
        for done in range(12):
            progress.report(f"https://a.example/\x1b[31m{done}", done, 300)
            pipe.now += 1.5
    assert pipe.lines[0] == "Reading 2 of 300 · https://a.example/ [31m1"
    assert pipe.lines[-1] == "Reading 12 of 300 · 7:14 left · https://a.example/ [31m11"


def test_a_long_title_is_shown_by_its_beginning(pipe: Shown) -> None:
    with IndexingProgress(clock=pipe.clock, out=pipe.console) as progress:
        progress.report("On dams " * 30, 0, 2)
    (line,) = pipe.lines
    assert line.startswith("Indexing On dams On dams ")
    assert line.endswith("…: 0/2 passages")
    assert len(line) < 100


def test_a_long_name_is_shown_by_its_end(pipe: Shown) -> None:
    with ReadingProgress(after=0, clock=pipe.clock, out=pipe.console) as progress:
        progress.report("/folder" * 100 + "/dam.txt", 0, 2)
    (line,) = pipe.lines
    assert line.endswith("/dam.txt")
    assert len(line) < 100


def test_a_terminal_gets_a_bar_that_goes_away() -> None:
    shown = Shown(terminal=True)
    with IndexingProgress(clock=shown.clock, out=shown.console) as progress:
        for done in (0, 640):
            progress.report("Dams", done, 2_100)
            shown.now += 16
        progress.report("Dams", 700, 2_100)
        progress.report("", 2_100, 2_100)
    text = shown.file.getvalue()
    assert "Dams: 700/2,100 passages · 22/s · 1:04 left" in text
    assert text.endswith("\x1b[2KIndexed 2,100 passages in 32.0 s.\n")


@pytest.mark.parametrize(
    ("seconds", "told"), [(None, ""), (0.4, "0:00"), (38, "0:38"), (725, "12:05"), (3720, "1:02:00")]
)
def test_time_is_told_as_on_a_clock(seconds: float | None, told: str) -> None:
    assert clock_time(seconds) == told
