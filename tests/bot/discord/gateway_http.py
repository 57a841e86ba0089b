"""The REST half of the fake Discord: what it keeps, how it answers, and the faults that a test asks for."""

import asyncio
import json
import re
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from aiohttp import web

from tests.bot.discord.payloads import (
    APP,
    CHANNEL,
    EPHEMERAL,
    GUILD,
    LOADING,
    TOKEN,
    Json,
    channel,
    guild,
    message,
    now,
    snowflake,
    thread,
    user,
)

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
BODY: web.RequestKey[Any] = web.RequestKey("body", object)


@dataclass
class Request:
    """One request of the bot. `status` is None until it is answered, and 0 where the connection was cut."""

    method: str
    path: str
    query: dict[str, str]
    json: Any
    headers: dict[str, str]
    at: float
    status: int | None = None


@dataclass(frozen=True)
class Fault:
    """What happens in place of an answer. `status` None means the true answer, and 0 a connection cut."""

    status: int | None = None
    body: Json | str = ""
    headers: dict[str, str] = field(default_factory=dict)
    delay: float = 0
    carried_out: bool = False
    """The request takes effect, and only its answer is lost."""
    reset: bool = True
    """Whether a cut sends RST, or FIN."""

    def response(self) -> web.Response:
        if isinstance(self.body, str):
            return web.Response(status=self.status or 500, text=self.body, headers=self.headers)
        return as_json(self.body, self.status or 500, self.headers)


def as_json(body: object, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """discord.py reads JSON only where the content type names no charset."""
    data = json.dumps(body).encode()
    return web.Response(status=status, body=data, headers=headers, content_type="application/json")


def refused(status: int, code: int, text: str) -> Fault:
    return Fault(status, {"message": text, "code": code})


def rate_limited(after: float, *, everywhere: bool = False) -> Fault:
    body = {"message": "You are being rate limited.", "retry_after": after, "global": everywhere}
    headers = {"Via": "1.1 google", "Retry-After": str(int(after) + 1), "X-RateLimit-Scope": "user"}
    return Fault(429, body, {**headers, "X-RateLimit-Global": "true"} if everywhere else headers)


def server_error(status: int, *, carried_out: bool = False) -> Fault:
    return Fault(status, "upstream connect error", carried_out=carried_out)


def connection_cut(*, reset: bool = True, carried_out: bool = False) -> Fault:
    return Fault(0, reset=reset, carried_out=carried_out)


def slow(seconds: float) -> Fault:
    return Fault(delay=seconds)


BANNED = Fault(429, "error code: 1015")
"""As Cloudflare answers: no `Via`, no JSON."""
UNAUTHORIZED = refused(401, 0, "401: Unauthorized")
UNKNOWN_CHANNEL = refused(404, 10003, "Unknown Channel")
UNKNOWN_MESSAGE = refused(404, 10008, "Unknown Message")
UNKNOWN_WEBHOOK = refused(404, 10015, "Unknown Webhook")
UNKNOWN_INTERACTION = refused(404, 10062, "Unknown interaction")
ALREADY_ACKNOWLEDGED = refused(400, 40060, "Interaction has already been acknowledged.")
MISSING_ACCESS = refused(403, 50001, "Missing Access")
EMPTY_MESSAGE = refused(400, 50006, "Cannot send an empty message")
MISSING_PERMISSIONS = refused(403, 50013, "Missing Permissions")
TOKEN_EXPIRED = refused(401, 50027, "Invalid Webhook Token")
TOO_LONG = refused(400, 50035, "Invalid Form Body: content: Must be 2000 or fewer in length.")


class Refused(Exception):
    def __init__(self, fault: Fault) -> None:
        self.fault = fault


@dataclass
class Interaction:
    """One interaction as Discord sees it: to be acknowledged within 3 s, usable for 15 minutes."""

    payload: Json
    at: float
    callback: Json | None = None
    """The first response, once the bot has given it."""
    original: Json | None = None
    """The message that it answers with."""
    followups: list[Json] = field(default_factory=list)

    @property
    def token(self) -> str:
        return str(self.payload["token"])


class Rest:
    """Keeps the messages and commands of the bot, and answers its requests."""

    def __init__(self, told: Callable[[], None]) -> None:
        self.requests: list[Request] = []
        self.messages: dict[str, Json] = {}
        self.interactions: dict[str, Interaction] = {}
        self.commands: dict[str, list[Json]] = {}
        self.guilds: dict[str, Json] = {str(GUILD): guild()}
        self.channels: dict[str, Json] = {str(CHANNEL): channel()}
        self.token = TOKEN
        self.shards = 1
        self.acknowledge_within, self.token_lives = 3.0, 900.0
        self.gateway_url = ""
        self._faults: list[tuple[str, re.Pattern[str], list[Fault]]] = []
        self._told = told

    def fail(self, method: str, path: str, fault: Fault, times: int = 1) -> None:
        """Meet the next `times` requests of this method, with this pattern in the path, with `fault`."""
        self._faults.append((method, re.compile(path), [fault] * times))

    def matching(self, method: str, path: str) -> list[Request]:
        return [one for one in self.requests if one.method == method and re.search(path, one.path)]

    def app(self) -> web.Application:
        app = web.Application(middlewares=[self._meet])
        commands = r"/applications/{app}/{scope:(?:guilds/\d+/)?commands}"
        original = r"/webhooks/{app}/{token}/messages/{message}"
        inside = "/channels/{channel}/messages"
        routes: list[tuple[str, str, Handler]] = [
            ("GET", "/users/@me", self._me),
            ("GET", "/users/{user:\\d+}", self._user),
            ("POST", "/users/@me/channels", self._open_dm),
            ("GET", "/oauth2/applications/@me", self._application),
            ("GET", "/gateway/bot", self._gateway),
            ("GET", commands, self._commands),
            ("PUT", commands, self._set_commands),
            ("POST", commands, self._add_command),
            ("POST", "/interactions/{id}/{token}/callback", self._callback),
            ("POST", "/webhooks/{app}/{token}", self._followup),
            ("GET", original, self._get_response),
            ("PATCH", original, self._edit_response),
            ("DELETE", original, self._delete_response),
            ("GET", "/guilds/{guild}", self._guild),
            ("GET", "/channels/{channel}", self._channel),
            ("POST", "/channels/{channel}/typing", self._nothing),
            ("POST", "/channels/{channel}/threads", self._thread),
            ("GET", inside, self._history),
            ("POST", inside, self._send),
            ("GET", inside + "/{message}", self._get),
            ("PATCH", inside + "/{message}", self._edit),
            ("DELETE", inside + "/{message}", self._delete),
            ("POST", inside + "/{message}/threads", self._thread),
            ("PUT", inside + "/{message}/reactions/{emoji}/@me", self._nothing),
        ]
        for method, path, handler in routes:
            app.router.add_route(method, "/api/v10" + path, handler)
        return app

    @web.middleware
    async def _meet(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith("/api/v10"):
            return await handler(request)
        path = request.path.removeprefix("/api/v10")
        seen = Request(
            request.method, path, dict(request.query), None, dict(request.headers), time.monotonic()
        )
        self.requests.append(seen)
        seen.json = request[BODY] = await _body(request)
        fault = self._fault(request.method, path)
        await asyncio.sleep(fault.delay)
        response: web.StreamResponse = web.Response()
        if fault.status is None or fault.carried_out:
            response = await self._answer(request, handler)
        if fault.status:
            response = fault.response()
        elif fault.status == 0:
            cut(request.transport, reset=fault.reset)
        seen.status = 0 if fault.status == 0 else response.status
        self._told()
        return response

    def _fault(self, method: str, path: str) -> Fault:
        for wanted, pattern, left in self._faults:
            if left and wanted == method and pattern.search(path):
                return left.pop()
        return Fault()

    async def _answer(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        by_token = request.path.startswith(("/api/v10/webhooks/", "/api/v10/interactions/"))
        if not by_token and request.headers.get("Authorization") != f"Bot {self.token}":
            return UNAUTHORIZED.response()
        try:
            return await handler(request)
        except Refused as refusal:
            return refusal.fault.response()

    # who and where

    async def _me(self, _: web.Request) -> web.Response:
        return as_json(user())

    async def _user(self, request: web.Request) -> web.Response:
        return as_json(user(int(request.match_info["user"])))

    async def _open_dm(self, request: web.Request) -> web.Response:
        return as_json(channel(int(request[BODY]["recipient_id"]) + 1, None))

    async def _application(self, _: web.Request) -> web.Response:
        named = {
            "id": str(APP),
            "name": "ibid",
            "icon": None,
            "description": "",
            "verify_key": "0",
            "flags": 0,
        }
        owned = {"owner": user(1), "team": None, "bot_public": True, "bot_require_code_grant": False}
        return as_json({**named, **owned, "verify_key": "0", "summary": "", "rpc_origins": []})

    async def _gateway(self, _: web.Request) -> web.Response:
        limit = {"total": 1000, "remaining": 999, "reset_after": 14_400_000, "max_concurrency": 1}
        return as_json({"url": self.gateway_url, "shards": self.shards, "session_start_limit": limit})

    async def _guild(self, request: web.Request) -> web.Response:
        return as_json(_found(self.guilds, request.match_info["guild"], refused(404, 10004, "Unknown Guild")))

    async def _channel(self, request: web.Request) -> web.Response:
        return as_json(_found(self.channels, request.match_info["channel"], UNKNOWN_CHANNEL))

    async def _nothing(self, _: web.Request) -> web.Response:
        return web.Response(status=204)

    async def _thread(self, request: web.Request) -> web.Response:
        made = int(request.match_info.get("message", snowflake()))
        one = thread(made, int(request.match_info["channel"]), request[BODY]["name"])
        self.channels[one["id"]] = one
        return as_json(one, 201)

    # commands

    async def _commands(self, request: web.Request) -> web.Response:
        return as_json(self.commands.get(request.match_info["scope"], []))

    async def _set_commands(self, request: web.Request) -> web.Response:
        scope = request.match_info["scope"]
        known = {one["name"]: one["id"] for one in self.commands.get(scope, [])}
        self.commands[scope] = [_command(one, known.get(one["name"])) for one in request[BODY]]
        return as_json(self.commands[scope])

    async def _add_command(self, request: web.Request) -> web.Response:
        one = _command(request[BODY])
        self.commands.setdefault(request.match_info["scope"], []).append(one)
        return as_json(one, 201)

    # interactions

    async def _callback(self, request: web.Request) -> web.Response:
        one = _found(self.interactions, request.match_info["token"], UNKNOWN_INTERACTION)
        if one.callback is not None:
            raise Refused(ALREADY_ACKNOWLEDGED)
        if time.monotonic() - one.at > self.acknowledge_within:
            raise Refused(UNKNOWN_INTERACTION)
        kind, data = request[BODY]["type"], request[BODY].get("data") or {}
        if kind in (4, 5):
            flags = data.get("flags", 0) | (LOADING if kind == 5 else 0)
            one.original = self._make(int(one.payload["channel_id"]), {**data, "flags": flags})
        elif kind in (6, 7):
            one.original = self.messages.get(one.payload["message"]["id"])
            if kind == 7:
                self._change(one.original, data)
        one.callback = request[BODY]
        if request.query.get("with_response") not in {"1", "true"}:
            return web.Response(status=204)
        about: Json = {"id": one.payload["id"], "type": one.payload["type"]}
        if one.original is None:
            return as_json({"interaction": about, "resource": {"type": kind}})
        flags = one.original["flags"]
        about |= {
            "response_message_id": one.original["id"],
            "response_message_loading": bool(flags & LOADING),
        }
        about |= {"response_message_ephemeral": bool(flags & EPHEMERAL)}
        return as_json({"interaction": about, "resource": {"type": kind, "message": one.original}})

    def _usable(self, request: web.Request) -> Interaction:
        one = _found(self.interactions, request.match_info["token"], UNKNOWN_WEBHOOK)
        if time.monotonic() - one.at > self.token_lives:
            raise Refused(TOKEN_EXPIRED)
        if one.callback is None:
            raise Refused(UNKNOWN_WEBHOOK)
        return one

    def _response(self, request: web.Request) -> Json:
        one = self._usable(request)
        id_ = request.match_info["message"]
        if id_ == "@original":
            id_ = one.original["id"] if one.original else ""
        return _found(self.messages, id_, UNKNOWN_MESSAGE)

    async def _followup(self, request: web.Request) -> web.Response:
        one = self._usable(request)
        if one.original and one.original["flags"] & LOADING:
            return as_json(self._change(one.original, request[BODY]))
        made = self._make(int(one.payload["channel_id"]), request[BODY])
        one.followups.append(made)
        return as_json(made)

    async def _get_response(self, request: web.Request) -> web.Response:
        return as_json(self._response(request))

    async def _edit_response(self, request: web.Request) -> web.Response:
        return as_json(self._change(self._response(request), request[BODY]))

    async def _delete_response(self, request: web.Request) -> web.Response:
        del self.messages[self._response(request)["id"]]
        return web.Response(status=204)

    # messages

    def _stored(self, request: web.Request) -> Json:
        return _found(self.messages, request.match_info["message"], UNKNOWN_MESSAGE)

    def _make(self, place: int, given: Json) -> Json:
        made = message("", user(), place, application_id=str(APP), nonce=given.get("nonce"))
        if given.get("enforce_nonce"):
            for one in self.messages.values():
                if (one.get("nonce"), one["channel_id"]) == (made["nonce"], made["channel_id"]):
                    return one
        self._change(made, given)
        made["edited_timestamp"] = None
        self.messages[made["id"]] = made
        return made

    def _change(self, kept: Json | None, given: Json) -> Json:
        """Set what is given and leave the rest, once Discord's own two checks have passed."""
        if kept is None:
            raise Refused(UNKNOWN_MESSAGE)
        fields = {"content", "embeds", "components", "attachments", "flags"} & given.keys()
        new = {**kept, **{name: given[name] or type(kept[name])() for name in fields}}
        if "flags" not in given:
            new["flags"] &= ~LOADING
        if len(new["content"]) > 2000:
            raise Refused(TOO_LONG)
        shown = new["content"] or new["embeds"] or new["components"] or new["attachments"]
        if not shown and not new["flags"] & LOADING:
            raise Refused(EMPTY_MESSAGE)
        if "message_reference" in given:
            new |= {"type": 19, "message_reference": given["message_reference"]}
        kept.update(new, edited_timestamp=now())
        return kept

    async def _history(self, request: web.Request) -> web.Response:
        place = request.match_info["channel"]
        inside = [one for one in self.messages.values() if one["channel_id"] == place]
        return as_json(inside[::-1][: int(request.query.get("limit", 50))])

    async def _send(self, request: web.Request) -> web.Response:
        return as_json(self._make(int(request.match_info["channel"]), request[BODY]))

    async def _get(self, request: web.Request) -> web.Response:
        return as_json(self._stored(request))

    async def _edit(self, request: web.Request) -> web.Response:
        return as_json(self._change(self._stored(request), request[BODY]))

    async def _delete(self, request: web.Request) -> web.Response:
        del self.messages[self._stored(request)["id"]]
        return web.Response(status=204)


def _found(among: dict[str, T], key: str, otherwise: Fault) -> T:
    if key not in among:
        raise Refused(otherwise)
    return among[key]


def _command(given: Json, id_: str | None = None) -> Json:
    plain = {"type": 1, "description": "", "options": [], "version": "1", "default_member_permissions": None}
    return {**plain, **given, "id": id_ or str(snowflake()), "application_id": str(APP)}


async def _body(request: web.Request) -> Any:
    """The JSON of a request; files that came with it stand in its attachments with what they hold."""
    if not request.content_type.startswith("multipart/"):
        return json.loads(text) if (text := await request.text()) else None
    form = await request.post()
    given = json.loads(str(form.get("payload_json", "{}")))
    files = [one for one in form.values() if isinstance(one, web.FileField)]
    place = f"{request.scheme}://{request.host}/files/"
    given["attachments"] = [
        {
            "id": str(snowflake()),
            "filename": one.filename,
            "size": len(data),
            "text": data.decode(errors="replace"),
        }
        | dict.fromkeys(("url", "proxy_url"), place + one.filename)
        for one in files
        for data in [one.file.read()]
    ]
    return given


def cut(transport: asyncio.BaseTransport | None, *, reset: bool = True) -> None:
    """End a connection without a word: with RST, or with FIN."""
    if not isinstance(transport, asyncio.Transport):
        return
    if reset:
        linger = struct.pack("ii", 1, 0)
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    transport.abort()
