import io
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from bot.answer import Citation
from bot.terminal import render


def citation(**changes: object) -> Citation:
    known: dict[str, object] = {
        "n": 1,
        "article": "dam",
        "title": "The dam",
        "author": "Ana Beridze",
        "published": date(2024, 1, 5),
        "url": "https://example.org/dam",
        "start": 3,
        "end": 9,
        "quote": "opened",
        "link": "https://example.org/dam#:~:text=opened",
        "section": "History",
    }
    return Citation.model_validate(known | changes)


def shown(terminal: bool, **changes: object) -> str:
    out = Console(file=io.StringIO(), force_terminal=terminal, width=200)
    render.show_citation(out, citation(**changes))
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue()


def test_a_known_url_becomes_a_link_in_a_terminal_and_nothing_in_a_pipe() -> None:
    assert "\x1b]8;" in shown(True)
    assert "https://example.org/dam#:~:text=opened" in shown(True)
    assert "\x1b" not in shown(False)
    assert "\x1b]8;" not in shown(True, link=None)


def test_a_source_names_title_author_date_and_place() -> None:
    lines = [line.strip() for line in shown(False).splitlines() if line.strip()]
    assert lines == [
        "[1] “opened”",
        "The dam",
        "Ana Beridze, 5 January 2024",
        "“History”, characters 3-9 of dam",
    ]
    assert "undated" in shown(False, published=None, author=None)


def test_no_color_is_heeded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[36m" not in shown(True)


def test_a_line_in_a_pipe_is_never_cut(tmp_path: Path) -> None:
    title = "a very long title " * 20
    with (tmp_path / "out").open("w+") as file:
        out = render.console()
        out.file = file
        render.show_citation(out, citation(title=title))
        file.seek(0)
        assert title.strip() in file.read()


@pytest.mark.parametrize(
    "text", ["\x1b[31mred", "bell\x07", "\x9b31m", "a\u202eb", "c\u2066d", "\x1b]8;;http://x\x1b\\y"]
)
def test_no_text_steers_a_terminal(text: str) -> None:
    safe = render.safe(text)
    assert not any(c in safe for c in "\x1b\x07\x9b\u202e\u2066")
