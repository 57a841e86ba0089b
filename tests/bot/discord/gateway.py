"""A fake Discord on loopback: real HTTP and real WebSockets, against which discord.py runs as it is.

While `async with FakeDiscord() as fake` lasts, discord.py's two addresses lead here; nothing else is touched.
`fake.rest` holds what the bot did over HTTP. Events such as `fake.interaction(...)` are sent without waiting.
"""

import asyncio
import json
import socket
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import yarl
from aiohttp import web
from discord.ext import commands
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.bot.discord import payloads
from tests.bot.discord.gateway_http import Interaction, Request, Rest, cut
from tests.bot.discord.payloads import APP, CHANNEL, EVERYDAY, GUILD, MEMBER, TOKEN, Json

T = TypeVar("T")
GUILD_MESSAGES, MESSAGE_CONTENT = 1 << 9, 1 << 15
PRIVILEGED = 1 << 1 | 1 << 8 | MESSAGE_CONTENT
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, REQUEST_MEMBERS, INVALID, HELLO, ACK = (
    0,
    1,
    2,
    6,
    7,
    8,
    9,
    10,
    11,
)


@contextmanager
def pointed_at(http_url: str, gateway_url: str) -> Iterator[None]:
    """Lead discord.py to these addresses. A child process that runs a bot needs this too."""
    base, gateway = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
    Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = http_url, yarl.URL(gateway_url)
    try:
        yield
    finally:
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = base, gateway


@asynccontextmanager
async def running(bot: commands.AutoShardedBot, token: str = TOKEN) -> AsyncIterator[asyncio.Task[None]]:
    """The bot at work, as a task; closed at the end."""
    async with bot:
        task = asyncio.create_task(bot.start(token))
        try:
            yield task
        finally:
            await bot.close()
            task.cancel()
            await asyncio.wait([task])


class Line:
    """One WebSocket. What is put into `outbox` is sent in turn; a number closes with that code."""

    def __init__(self, socket: web.WebSocketResponse, request: web.Request) -> None:
        self.socket, self.transport = socket, request.transport
        self.outbox: asyncio.Queue[Json | int] = asyncio.Queue()
        self.compress, self.flush = _stream(request.query.get("compress", ""))
        self.session: Session | None = None
        self.mute = self.closed_here = False

    def send(self, op: int, data: object = None, **more: object) -> None:
        self.outbox.put_nowait({"op": op, "d": data, "s": None, "t": None, **more})

    async def write(self) -> None:
        while True:
            item = await self.outbox.get()
            if isinstance(item, int):
                self.closed_here = True
                await self.socket.close(code=item)
            elif not self.mute and not self.socket.closed:
                await self.socket.send_bytes(self.compress(json.dumps(item).encode()) + self.flush())


def _stream(kind: str) -> tuple[Callable[[bytes], bytes], Callable[[], bytes]]:
    """One compressor for the whole connection, flushed after each event; discord.py asks for either kind."""
    if kind == "zstd-stream":
        import zstandard

        zstd = zstandard.ZstdCompressor().compressobj()
        return zstd.compress, lambda: zstd.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)
    assert kind == "zlib-stream", f"no transport compression is called {kind!r}"
    stream = zlib.compressobj()
    return stream.compress, lambda: stream.flush(zlib.Z_SYNC_FLUSH)


@dataclass
class Session:
    """What a bot has identified as. It outlives its connections, and remembers what it sent."""

    id: str
    shard: int
    intents: int
    line: Line | None
    sent: list[Json] = field(default_factory=list)

    def dispatch(self, event: str, data: Json) -> None:
        self.sent.append({"op": DISPATCH, "t": event, "s": len(self.sent) + 1, "d": data})
        if self.line:
            self.line.outbox.put_nowait(self.sent[-1])

    def replay(self, line: Line, after: int) -> None:
        self.line, line.session = line, self
        for event in self.sent[after:]:
            line.outbox.put_nowait(event)
        self.dispatch("RESUMED", {"_trace": []})


class FakeDiscord:
    """`heartbeat` in seconds. `granted` are the privileged intents that the application may ask for."""

    def __init__(self, *, heartbeat: float = 5, shards: int = 1, granted: int = PRIVILEGED) -> None:
        self._news = asyncio.Event()
        self.rest = Rest(self._tell)
        self.rest.shards = shards
        self.fail, self.messages = self.rest.fail, self.rest.messages
        self.heartbeat, self.granted = heartbeat, granted
        self.down = False
        """Whether the gateway turns connections away with 503."""
        self.refuses: int | None = None
        """The close code that answers an IDENTIFY, where one should."""
        self.identifies: list[Json] = []
        self.resumes: list[Json] = []
        self.heartbeats = self.readied = self.resumed_ = 0
        self.sessions: dict[int, Session] = {}
        self.lines: set[Line] = set()
        self.http_url = self.gateway_url = ""

    async def __aenter__(self) -> "FakeDiscord":
        app = self.rest.app()
        app.router.add_get("/gateway", self._serve)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
        await self._runner.setup()
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        await web.SockSite(self._runner, listener).start()
        place = f"127.0.0.1:{listener.getsockname()[1]}"
        self.http_url, self.gateway_url = f"http://{place}/api/v10", f"ws://{place}/gateway"
        self.rest.gateway_url = self.gateway_url
        self._restored = ExitStack()
        self._restored.enter_context(pointed_at(self.http_url, self.gateway_url))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._restored.close()
        self.drop()
        await self._runner.cleanup()

    # waiting

    def _tell(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def until(self, found: Callable[[], T], within: float = 5) -> T:
        """Wait until this is true, and return it. Looked at whenever the bot has done something here."""
        async with asyncio.timeout(within):
            while not (result := found()):
                await self._news.wait()
        return result

    async def ready(self, n: int = 1, within: float = 5) -> None:
        await self.until(lambda: self.readied >= n, within)

    async def resumed(self, n: int = 1, within: float = 5) -> None:
        await self.until(lambda: self.resumed_ >= n, within)

    async def wait_for_request(self, method: str, path: str, n: int = 1, within: float = 5) -> Request:
        """The `n`th answered request of this method with this pattern in its path, past ones counted."""

        def answered() -> list[Request]:
            return [one for one in self.rest.matching(method, path) if one.status is not None][n - 1 :]

        return (await self.until(answered, within))[0]

    async def answer(self, interaction: Interaction, within: float = 5) -> Json:
        """The message that answers an interaction, once it no longer says that the bot is thinking."""

        def shown() -> Json | None:
            one = interaction.original
            return one if one and not one["flags"] & payloads.LOADING else None

        found = await self.until(shown, within)
        assert found
        return found

    # what happens in Discord

    def dispatch(self, event: str, data: Json, guild: int | None = GUILD) -> None:
        """To the session of the guild's shard; kept for a RESUME where it is not connected just now."""
        session = self.sessions.get(((guild or 0) >> 22) % self.rest.shards)
        if session:
            session.dispatch(event, data)

    def message(
        self,
        content: str,
        *,
        mentions: tuple[int, ...] = (),
        guild: int | None = GUILD,
        channel: int = CHANNEL,
        author: int = MEMBER,
        **more: object,
    ) -> Json:
        """A message of `author`; mentioning the bot takes `mentions=(APP,)` as well as the words."""
        one = payloads.message(content, payloads.user(author), channel, **more)
        one["mentions"] = [payloads.user(id_) for id_ in mentions]
        if guild:
            one |= {"guild_id": str(guild), "member": payloads.member(author)}
        self.messages[one["id"]] = one
        session = self.sessions.get(((guild or 0) >> 22) % self.rest.shards)
        private = guild and APP not in mentions and session and not session.intents & MESSAGE_CONTENT
        self.dispatch("MESSAGE_CREATE", {**one, "content": ""} if private else one, guild)
        return one

    def interaction(
        self, command: str, options: Json | None = None, *, kind: int = 2, focused: str = "", **where: Any
    ) -> Interaction:
        """A slash command, `library add` style for subcommands; with `kind=4` the completion of `focused`."""
        known = {c["name"]: c["id"] for scope in self.rest.commands.values() for c in scope}
        data = payloads.command_data(command, options or {}, known.get(command.split()[0], "1"))
        last = data["options"]
        while last and last[0]["type"] < 3:
            last = last[0]["options"]
        for option in last:
            if option["name"] == focused:
                option["focused"] = True
        return self.interact(kind, data, **where)

    def click(
        self, message: Json, custom_id: str, values: list[str] | None = None, **where: Any
    ) -> Interaction:
        """A press of a button; with `values`, a choice in a select menu."""
        data: Json = {"custom_id": custom_id, "component_type": 2 if values is None else 3}
        return self.interact(3, data | ({"values": values} if values else {}), message=message, **where)

    def submit(self, custom_id: str, fields: dict[str, str], **where: Any) -> Interaction:
        """A modal sent off."""
        inputs = [{"type": 4, "custom_id": name, "value": value} for name, value in fields.items()]
        rows = [{"type": 18, "component": one} for one in inputs]
        return self.interact(5, {"custom_id": custom_id, "components": rows}, **where)

    def interact(
        self,
        kind: int,
        data: Json,
        *,
        guild: int | None = GUILD,
        channel: int = CHANNEL,
        member: int = MEMBER,
        permissions: int = EVERYDAY,
        **more: object,
    ) -> Interaction:
        id_ = str(payloads.snowflake())
        one: Json = {
            "id": id_,
            "application_id": str(APP),
            "type": kind,
            "token": f"t{id_}",
            "version": 1,
            **more,
        }
        one |= {"data": data, "channel_id": str(channel), "channel": payloads.channel(channel, guild)}
        one |= {"locale": "en-US", "app_permissions": str(EVERYDAY), "attachment_size_limit": 10 << 20}
        one |= {"entitlements": [], "authorizing_integration_owners": {"0": str(guild or 0)}}
        if guild:
            one |= {"guild_id": str(guild), "guild_locale": "en-US", "context": 0}
            one |= {"guild": {"id": str(guild), "locale": "en-US", "features": []}}
            one["member"] = payloads.member(member, permissions)
        else:
            one |= {"user": payloads.user(member), "context": 1}
        asked = self.rest.interactions[one["token"]] = Interaction(one, time.monotonic())
        self.dispatch("INTERACTION_CREATE", one, guild)
        return asked

    # what happens to connections

    def drop(self) -> None:
        """Cut every WebSocket. Events until the bot is back are those that a RESUME replays."""
        for line in list(self.lines):
            cut(line.transport)
            self._left(line)

    def close_with(self, code: int) -> None:
        for line in self.lines:
            line.outbox.put_nowait(code)

    def invalidate(self, *, resumable: bool = False) -> None:
        for line in self.lines:
            line.send(INVALID, resumable)
        if not resumable:
            self.sessions.clear()

    def reconnect(self) -> None:
        for line in self.lines:
            line.send(RECONNECT)

    def withhold_acks(self) -> None:
        """Make zombies of the present connections: they stay open, and nothing comes any more."""
        for line in self.lines:
            line.mute = True

    def _left(self, line: Line) -> None:
        self.lines.discard(line)
        if line.session and line.session.line is line:
            line.session.line = None

    # the gateway

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        if self.down:
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        line = Line(socket, request)
        self.lines.add(line)
        line.send(HELLO, {"heartbeat_interval": int(self.heartbeat * 1000), "_trace": []})
        writer = asyncio.create_task(line.write())
        try:
            async for message in socket:
                self._hear(line, message.json())
                self._tell()
        finally:
            writer.cancel()
            await asyncio.wait([writer])
            self._left(line)
            if line.session and not line.closed_here and socket.close_code in {1000, 1001}:
                self.sessions.pop(line.session.shard, None)  # so the bot ends a session
            self._tell()
        return socket

    def _hear(self, line: Line, heard: Json) -> None:
        data = heard["d"]
        if heard["op"] == HEARTBEAT:
            self.heartbeats += 1
            line.send(ACK)
        elif heard["op"] == IDENTIFY:
            self._identify(line, data)
        elif heard["op"] == RESUME:
            self._resume(line, data)
        elif heard["op"] == REQUEST_MEMBERS and line.session:
            chunk = {"guild_id": data["guild_id"], "members": [], "chunk_index": 0, "chunk_count": 1}
            line.session.dispatch("GUILD_MEMBERS_CHUNK", {**chunk, "nonce": data.get("nonce")})

    def _identify(self, line: Line, data: Json) -> None:
        self.identifies.append(data)
        if data["token"] != self.rest.token:
            return line.outbox.put_nowait(4004)
        if self.refuses or data["intents"] & PRIVILEGED & ~self.granted:
            return line.outbox.put_nowait(self.refuses or 4014)
        shard, shards = data.get("shard", (0, 1))
        session = Session(f"session{len(self.identifies)}", shard, data["intents"], line)
        self.sessions[shard] = line.session = session
        guilds = [one for id_, one in self.rest.guilds.items() if (int(id_) >> 22) % shards == shard]
        away = [{"id": one["id"], "unavailable": True} for one in guilds]
        ready: Json = {"v": 10, "user": payloads.user(), "guilds": away, "session_id": session.id}
        ready |= {"resume_gateway_url": self.gateway_url, "shard": [shard, shards]}
        session.dispatch("READY", {**ready, "application": {"id": str(APP), "flags": 0}})
        for one in guilds:
            session.dispatch("GUILD_CREATE", one)
        self.readied += 1
        return None

    def _resume(self, line: Line, data: Json) -> None:
        self.resumes.append(data)
        for session in self.sessions.values():
            if session.id == data["session_id"]:
                session.replay(line, data["seq"])
                self.resumed_ += 1
                return
        line.send(INVALID, data=False)
