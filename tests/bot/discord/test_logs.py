"""What the operator reads, and what nobody may read there."""

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import aiohttp
import discord
import pytest

from bot.discord import create_bot, logs
from bot.settings import Settings
from index.errors import IndexCorrupt, UnknownArticle
from tests.bot.discord.gateway import FakeDiscord, running
from tests.bot.discord.gateway_http import rate_limited
from tests.bot.discord.payloads import APP, TOKEN
from tests.bot.endpoint import KEY, Endpoint, error

SECRET = "What did the secret envoy Zorblax say?"
ADDRESS = "http://reader:passw0rd@127.0.0.1:1/v1"
log = logging.getLogger("ibid.discord")


@contextmanager
def logged(monkeypatch: pytest.MonkeyPatch, **settings: object) -> Iterator[io.StringIO]:
    out = io.StringIO()
    monkeypatch.setattr("sys.stderr", out)
    given = {"DISCORD_TOKEN": TOKEN, "OPENAI_API_KEY": KEY, "OPENAI_BASE_URL": ADDRESS, **settings}
    with logs.written(Settings.model_validate(given)):
        yield out


def test_a_line_is_time_level_event_and_what_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    with logged(monkeypatch) as out:
        log.info("answered", extra={"answer": "00ff", "reason": None, "ms": 40, "names": 'a "b"\n\x9bc'})
    time, line = out.getvalue().split(" ", 1)
    assert time.endswith("Z")
    assert line == 'info answered answer=00ff ms=40 names="a \\"b\\" \\u009bc"\n'


def test_json_has_the_same_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    with logged(monkeypatch, log="json") as out:
        log.warning("undelivered", extra={"answer": "00ff", "why": "503"})
    line = json.loads(out.getvalue())
    assert line.pop("time")
    assert line == {"level": "warning", "event": "undelivered", "answer": "00ff", "why": "503"}


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("secret", [TOKEN, KEY, "passw0rd"])
def test_secrets_are_hidden_wherever_they_stand(
    monkeypatch: pytest.MonkeyPatch, form: str, secret: str
) -> None:
    with logged(monkeypatch, log=form) as out:
        log.error("%s", secret, extra={"why": f"Bot {secret}"})
        try:
            raise aiohttp.ClientError(f"no {secret}")
        except aiohttp.ClientError:
            log.exception("failed")
    assert secret not in out.getvalue()
    assert out.getvalue().count("[secret]") == 3


def test_the_token_of_an_interaction_is_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    with logged(monkeypatch) as out:
        address = f"https://discord.com/api/v10/webhooks/{APP}/aW50ZXJ0b2tlbg/messages/@original"
        logging.getLogger("discord.http").warning("PATCH %s responded with 429.", address)
    assert f"/webhooks/{APP}/[secret]/messages/@original" in out.getvalue()


def test_an_exception_is_one_line_and_tells_only_what_no_person_wrote(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for failure, told in [
        (ValueError(SECRET), "error=ValueError at="),
        (UnknownArticle(SECRET), "error=UnknownArticle at="),
        (discord.app_commands.AppCommandError(SECRET), "error=AppCommandError at="),
        (IndexCorrupt("Run\nibid rebuild"), 'error="IndexCorrupt: Run ibid rebuild" at='),
    ]:
        with logged(monkeypatch) as out:
            try:
                raise failure from KeyError(SECRET)
            except type(failure):
                log.exception("event failed")
        assert told in out.getvalue()
        assert "at=test_logs.py:" in out.getvalue()
        assert out.getvalue().endswith(" cause=KeyError\n")
        assert out.getvalue().count("\n") == 1
        assert SECRET not in out.getvalue()


def test_other_libraries_are_named_and_not_quoted(monkeypatch: pytest.MonkeyPatch) -> None:
    with logged(monkeypatch) as out:
        logging.getLogger("openai").warning(SECRET)
        logging.getLogger("openai").info("hidden")
    assert "logger=openai" in out.getvalue()
    assert SECRET not in out.getvalue()
    assert out.getvalue().count("\n") == 1


@pytest.mark.parametrize("fallback", [True, False])
async def test_no_question_and_no_secret_is_logged_even_where_everything_debugs(
    home: Path, endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, fallback: bool
) -> None:
    endpoint.behave = error(500)
    given: dict[str, object] = {"home": home, "OPENAI_BASE_URL": endpoint.url, "fallback": fallback}
    with logged(monkeypatch, **given) as out:
        for name in ("", "discord", "discord.http", "aiohttp", "ibid", "openai", "httpx", "asyncio"):
            monkeypatch.setattr(logging.getLogger(name), "level", logging.DEBUG)
        logging.getLogger("x")._cache.clear()  # type: ignore[attr-defined]
        logging.Logger.manager._clear_cache()  # type: ignore[attr-defined]
        async with FakeDiscord() as fake:
            settings = {**given, "DISCORD_TOKEN": TOKEN, "OPENAI_API_KEY": KEY}
            async with running(create_bot(Settings.model_validate(settings))):
                await fake.ready()
                asked = fake.interaction("ask", {"question": SECRET})
                fake.fail("PATCH", "@original", rate_limited(0.05))
                fake.message(f"<@{APP}> {SECRET}", mentions=(APP,), author=3001)
                await fake.answer(asked, within=15)
                await fake.wait_for_request("POST", "/channels/[0-9]+/messages$", within=15)
    said = out.getvalue()
    assert "declined" in said
    assert "rate limited" in said
    for hidden in ("Zorblax", TOKEN, KEY, asked.token):
        assert hidden not in said
