"""Logs for the operator on stderr: one line each, `time level event key=value ...`, or JSON.

They hold no question, no answer and no message, no token and no key, at any level. So of exceptions
only those speak whose words come from Discord, the network or Ibid; of any other the type and the
place are given. And of other libraries, which log requests whole where they debug, only Discord's and
the event loop's own words are shown, from INFO and WARNING up.
"""

import json
import logging
import re
import sys
from asyncio import AbstractEventLoop
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from traceback import walk_tb
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import discord

from bot.settings import LogFormat, Settings
from index.errors import IbidError, InputRejected

log = logging.getLogger("ibid.discord")

LEAST = {"ibid": logging.DEBUG, "discord": logging.INFO, "aiohttp": logging.WARNING}
"""The levels from which these may be logged, whatever level is set; all others from WARNING."""
NO_NEWS = "discord.client"
"""Tells that it logs in, and what voice would need."""
TELLING = (IbidError, discord.HTTPException, discord.ConnectionClosed, aiohttp.ClientError, OSError)
FRAMES = 6
"""How many of the innermost calls are named where something failed."""

_GIVEN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_BARE = re.compile(r"[\w.:/@+#-]+")
_INTERACTION = re.compile(r"/(webhooks|interactions)/(\d+)/[^/\s\"']+")
"""The token of an interaction stands in its address, and allows to answer it for 15 minutes."""


@contextmanager
def written(settings: Settings) -> Iterator[None]:
    """Log to stderr while this lasts."""
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(allowed)
    handler.setFormatter(Lines(secrets(settings), as_json=settings.log is LogFormat.JSON))
    root = logging.getLogger()
    levels = {name: logging.getLogger(name).level for name in LEAST}
    root.addHandler(handler)
    for name in LEAST:
        logging.getLogger(name).setLevel(max(LEAST[name], logging.INFO))
    try:
        yield
    finally:
        root.removeHandler(handler)
        for name, level in levels.items():
            logging.getLogger(name).setLevel(level)


def allowed(record: logging.LogRecord) -> bool:
    if record.name == NO_NEWS and record.levelno < logging.ERROR:
        return False
    return record.levelno >= LEAST.get(record.name.partition(".")[0], logging.WARNING)


def secrets(settings: Settings) -> tuple[str, ...]:
    """What must not be seen, the longest first."""
    endpoint = urlsplit(settings.openai_base_url or "")
    kept = [one.get_secret_value() for one in (settings.discord_token, settings.openai_api_key) if one]
    kept += [one for one in (endpoint.password, endpoint.username) if one]
    return tuple(sorted((one.strip() for one in kept if len(one.strip()) > 3), key=len, reverse=True))


class Lines(logging.Formatter):
    def __init__(self, hidden: Collection[str], *, as_json: bool) -> None:
        super().__init__()
        self._hidden = hidden
        self._as_json = as_json

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        head = {"time": time.replace("+00:00", "Z"), "level": record.levelname.lower()}
        fields = {name: self._clean(value) for name, value in _fields(record).items() if value is not None}
        if self._as_json:
            return json.dumps(head | fields, ensure_ascii=False)
        event = _bare(str(fields.pop("event")))
        rest = (f"{name}={_quoted(str(value))}" for name, value in fields.items())
        return " ".join((*head.values(), event, *rest))

    def _clean(self, value: object) -> object:
        if isinstance(value, bool | int | float):
            return value
        text = " ".join(str(value).split())
        for secret in self._hidden:
            text = text.replace(secret, "[secret]")
        return _INTERACTION.sub(r"/\1/\2/[secret]", text)


def _fields(record: logging.LogRecord) -> dict[str, object]:
    family = record.name.partition(".")[0]
    if family in LEAST:
        fields: dict[str, object] = {"event": record.getMessage()}
    else:
        fields = {"event": "a library logged something", "line": f"{record.pathname}:{record.lineno}"}
    if family != "ibid":
        fields["logger"] = record.name
    extra = {name: value for name, value in vars(record).items() if name not in _GIVEN}
    failed = record.exc_info[1] if record.exc_info else None
    return fields | extra | (_failure(failed) if failed else {})


def _failure(error: BaseException) -> dict[str, object]:
    frames = [f"{Path(f.f_code.co_filename).name}:{line}" for f, line in walk_tb(error.__traceback__)]
    named: dict[str, object] = {
        "error": told(error),
        "at": " < ".join(islice(reversed(frames), FRAMES)) or None,
    }
    cause = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return named | ({"cause": told(cause)} if cause else {})


def told(error: BaseException) -> str:
    """The type of an error, and its words where no person wrote them."""
    name = type(error).__name__
    if isinstance(error, TELLING) and not isinstance(error, InputRejected):
        return f"{name}: {error}"
    return name


def _bare(text: str) -> str:
    return text if text.isprintable() else json.dumps(text)[1:-1]


def _quoted(text: str) -> str:
    return text if _BARE.fullmatch(text) else json.dumps(text, ensure_ascii=not text.isprintable())


def unhandled(_loop: AbstractEventLoop, context: Mapping[str, Any]) -> None:
    """Handle what no task did; the loop's own handler would print whatever the error holds."""
    error = context.get("exception")
    log.error("task failed", exc_info=error, extra={"in": type(context.get("task") or error).__name__})
