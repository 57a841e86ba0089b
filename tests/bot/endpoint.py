"""A real HTTP server on loopback that answers as an OpenAI endpoint does, or as badly as a test asks."""

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

KEY = "sk-test-5ecret-5ecret-5ecret"
BODY = "words-of-the-server-itself"
"""Stands in every error body, beside the key; neither may be seen again."""

Behaviour = Callable[["Exchange"], None]


class Exchange(BaseHTTPRequestHandler):
    """One request. A behaviour writes the response with these methods."""

    server: "_Server"
    request_body: dict[str, Any]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.request_body = json.loads(body)
        endpoint = self.server.endpoint
        endpoint.requests.append(self.request_body)
        endpoint.keys.append(self.headers["Authorization"])
        try:
            endpoint.behave(self)
            self.wfile.flush()
        except OSError:
            endpoint.hung_up.set()
        self.close_connection = True

    def send(self, status: int, content_type: str, body: str = "", **headers: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body.encode())

    def event(self, data: str) -> None:
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()

    def delta(self, content: str | None, finish: str | None = None) -> None:
        delta = {} if content is None else {"role": "assistant", "content": content}
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self.event(json.dumps(chunk([choice])))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


def chunk(choices: list[dict[str, Any]]) -> dict[str, Any]:
    return {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": choices}


class _Server(ThreadingHTTPServer):
    endpoint: "Endpoint"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up is what these tests are about."""


class Endpoint:
    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.behave: Behaviour = error(500)
        self.over = threading.Event()
        self.hung_up = threading.Event()
        self._server = _Server(("127.0.0.1", 0), Exchange)
        self._server.endpoint = self
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    @contextmanager
    def running(self) -> Iterator["Endpoint"]:
        thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield self
        finally:
            self.over.set()
            self._server.shutdown()
            thread.join()
            self._server.server_close()


def error(status: int, code: str | None = None, **headers: str) -> Behaviour:
    body = json.dumps({"error": {"message": f"{BODY} {KEY}", "type": "e", "code": code, "param": None}})
    return lambda exchange: exchange.send(status, "application/json", body, **headers)


def plain(body: str, content_type: str) -> Behaviour:
    return lambda exchange: exchange.send(200, content_type, body)


def events(*data: str) -> Behaviour:
    """A stream of just these events."""

    def behave(exchange: Exchange) -> None:
        exchange.send(200, "text/event-stream")
        for one in data:
            exchange.event(one)

    return behave


def says(content: object, *, finish: str | None = "stop", size: int = 7, done: bool = True) -> Behaviour:
    """A reply with this text, or this JSON, in pieces of a few characters."""
    text = content if isinstance(content, str) else json.dumps(content)

    def behave(exchange: Exchange) -> None:
        exchange.send(200, "text/event-stream")
        for start in range(0, len(text), size):
            exchange.delta(text[start : start + size])
        if finish:
            exchange.delta(None, finish)
        if done:
            exchange.event("[DONE]")

    return behave


def breaks_off(text: str) -> Behaviour:
    """Promises more bytes than it sends."""

    def behave(exchange: Exchange) -> None:
        exchange.send(200, "text/event-stream", Content_Length="100000")
        exchange.delta(text)

    return behave


def never_answers(exchange: Exchange) -> None:
    exchange.server.endpoint.over.wait(60)


def resets(exchange: Exchange) -> None:
    exchange.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    exchange.connection.close()


def drips(piece: str) -> Behaviour:
    """Sends the same bytes ten times a second until the client hangs up."""

    def behave(exchange: Exchange) -> None:
        exchange.send(200, "text/event-stream")
        while not exchange.server.endpoint.over.wait(0.1):
            exchange.wfile.write(piece.encode())
            exchange.wfile.flush()

    return behave


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """One behaviour for each request; the last one stays."""
    left = list(behaviours)
    return lambda exchange: (left.pop(0) if len(left) > 1 else left[0])(exchange)
