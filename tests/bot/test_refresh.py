"""`ibid refresh`: from a real server and real files, what changed is shown and then built."""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from importlib.metadata import version
from pathlib import Path

import pytest
import typer
from rich.console import Console

from bot.terminal import render
from index.sources.fetch import fetch
from index.sources.web import Web
from tests.bot.conftest import Ran
from tests.index.notes import COFFEE, COMETS, GENEVA
from tests.index.sources.server import HERE, Server, says, serving

Ibid = Callable[..., Ran]
BRIDGE = (
    "The council of Marne voted on Tuesday to close the old bridge for repairs that last two years. "
    "Traders on the east bank said that the detour would cost them half of their customers."
)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server that the product may reach in this test, without the pauses that it makes."""
    here = partial(Web, fetch=partial(fetch, allowance=HERE), pause=0)
    monkeypatch.setattr("index.sources.web.Web", here)
    with serving(Server()) as running:
        running.pages["/robots.txt"] = says(404)
        yield running


def page(*paragraphs: str) -> bytes:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f"<!doctype html><html><head><title>The Bridge</title></head><body>{body}</body></html>".encode()


def asked(server: Server, name: str) -> list[str | None]:
    """What the pages were asked with in a header, request by request."""
    return [request.headers.get(name) for request in server.requests if request.path != "/robots.txt"]


def test_a_page_is_asked_for_again_with_what_its_server_said(
    ibid: Ibid, empty_home: Path, server: Server
) -> None:
    day = "Sat, 03 Feb 2024 00:00:00 GMT"
    versioned = {"etag": '"1"', "last_modified": day, "content_type": "text/html"}
    server.pages["/bridge"] = says(200, page(BRIDGE, GENEVA), **versioned)
    assert ibid("add", server.url("/bridge")).out == "added: the-bridge\n"
    server.pages["/bridge"] = says(304, b"")
    ran = ibid("refresh")
    assert (ran.code, ran.out) == (0, "unchanged: the-bridge\n")
    assert asked(server, "If-None-Match") == [None, '"1"']
    assert asked(server, "If-Modified-Since") == [None, day]
    changed = page(BRIDGE, GENEVA.replace("Nine", "Ten"))
    server.pages["/bridge"] = says(200, changed, content_type="text/html")
    ran = ibid("refresh", "the-bridge")
    assert ran.out.splitlines() == [
        "the-bridge",
        "  - Nine states joined it at once.",
        "  + Ten states joined it at once.",
        "updated: the-bridge",
    ]
    assert "Ten states" in ibid("show", "the-bridge", "--text").out


def test_a_dry_run_shows_what_changed_and_changes_nothing(
    ibid: Ibid, empty_home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "treaty.txt"
    path.write_text(f"{GENEVA}\n\n{COFFEE}\n")
    ibid("add", str(path))
    path.write_text(f"{GENEVA}\n\n{COMETS}\n")
    ran = ibid("refresh", "--dry-run")
    assert "  - Coffee prices doubled" in ran.out
    assert "  + Comets are made" in ran.out
    assert ran.out.endswith("would be updated: treaty\n")
    assert ibid("show", "treaty", "--text").out == f"{GENEVA}\n\n{COFFEE}\n"
    said = json.loads(ibid("refresh", "--json").out)
    assert (said["updated"], said["passages_embedded"]) == (["treaty"], 1)
    assert ibid("refresh").out == "unchanged: treaty\n"


def test_an_article_that_is_gone_stays_and_stops_no_other(
    ibid: Ibid, empty_home: Path, server: Server, tmp_path: Path
) -> None:
    server.pages["/bridge"] = says(200, page(BRIDGE, GENEVA), content_type="text/html")
    gone, stays = tmp_path / "gone.txt", tmp_path / "stays.txt"
    gone.write_text(COFFEE)
    stays.write_text(COMETS)
    assert ibid("add", server.url("/bridge"), str(gone), str(stays)).code == 0
    gone.unlink()
    stays.write_text(f"{COMETS} They come back.")
    server.pages["/bridge"] = says(404)
    ran = ibid("refresh")
    assert ran.code == 5
    assert re.findall("^refused: (.*)$", ran.err, re.MULTILINE) == [  # in the order of their titles
        f"{gone} is gone; “gone” stays as it was read.",
        f"{server.url('/bridge')} does not exist (404); check the address.",
    ]
    assert "updated: stays" in ran.out
    assert {article["id"] for article in json.loads(ibid("articles", "--json").out)} == {
        "gone",
        "stays",
        "the-bridge",
    }


def test_what_a_person_mended_is_not_undone(ibid: Ibid, empty_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "treaty.md"
    path.write_text(f"---\ntitle: Treaty\ndate: 2024-01-01\n---\n\n{GENEVA}\n")
    ibid("add", str(path))
    ibid("edit", "treaty", "--date", "2024-02-02")
    path.write_text(f"---\ntitle: The treaty\ndate: 2024-03-03\n---\n\n{GENEVA}\n")
    assert "title: Treaty → The treaty" in ibid("refresh").out
    shown = ibid("show", "treaty").out
    assert "published  2 February 2024" in shown
    assert "title      The treaty" in shown


@pytest.mark.parametrize(("answer", "text"), [(False, GENEVA), (True, COFFEE)])
def test_in_a_terminal_it_asks_before_anything_is_changed(
    ibid: Ibid, empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: bool, text: str
) -> None:
    path = tmp_path / "treaty.txt"
    path.write_text(GENEVA)
    ibid("add", str(path))
    path.write_text(COFFEE)
    monkeypatch.setattr(render, "console", lambda **_: Console(force_terminal=True, width=80))
    questions: list[str] = []

    def confirm(question: str) -> bool:
        questions.append(question)
        return answer

    monkeypatch.setattr(typer, "confirm", confirm)
    ibid("refresh")
    assert questions == ["Bring these articles up to date?"]
    assert ibid("show", "treaty", "--text").out == text


def test_what_cannot_be_refreshed_is_said_in_one_line(ibid: Ibid, home: Path, empty_home: Path) -> None:
    ran = ibid("refresh")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("ibid: There is no index yet")
    ibid("ask", "Who visited Moscow?")
    assert ibid("refresh", "nobody").code == 5
    assert ibid("refresh").out == "unchanged: iran-pakistan-strikes\n"


def test_web_servers_are_told_whom_to_write_to(
    ibid: Ibid, empty_home: Path, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.pages["/bridge"] = says(200, page(BRIDGE, GENEVA), content_type="text/html")
    monkeypatch.setenv("IBID_CONTACT", "desk@courier.example")
    ibid("add", server.url("/bridge"))
    assert {request.headers["User-Agent"] for request in server.requests} == {
        f"Ibid/{version('ibid')} (reads pages that a person names; +desk@courier.example)"
    }
    monkeypatch.setenv("IBID_CONTACT", "two words")
    ran = ibid("refresh")
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert ran.err.startswith("ibid: IBID_CONTACT cannot be 'two words'")
