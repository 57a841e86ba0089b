"""A real web server on this machine, which says what a test has it say and notes what it was asked."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network
from threading import Event, Thread
from time import monotonic

HERE = (ip_network("127.0.0.1/32"),)
PAGE = b"<html><body><p>A page.</p></body></html>"


class Handler(BaseHTTPRequestHandler):
    server: "Server"

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.requests.append(Request(self.path, dict(self.headers), monotonic()))
        self.server.headers = dict(self.headers)
        self.server.pages.get(self.path, self.server.reply)(self)

    def say(self, status: int = 200, body: bytes = PAGE, **headers: str) -> None:
        """Answer at once; a header's `_` becomes `-`."""
        self.send_response(status)
        headers.setdefault("content_length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def drip(self, piece: bytes, seconds: float = 0.02) -> None:
        """Send a piece again and again, until the other side has gone."""
        try:
            while not self.server.closing.wait(seconds):
                self.wfile.write(piece)
        except OSError:
            self.close_connection = True

    def log_message(self, *_: object) -> None:
        pass


Reply = Callable[[Handler], None]


@dataclass(frozen=True, slots=True)
class Request:
    path: str
    headers: dict[str, str]
    time: float
    """Seconds, on `time.monotonic`."""


def says(status: int = 200, body: bytes = PAGE, **headers: str) -> Reply:
    return lambda handler: handler.say(status, body, **headers)


class Server(ThreadingHTTPServer):
    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.reply: Reply = Handler.say
        """To what is not in `pages`."""
        self.pages: dict[str, Reply] = {}
        self.asked: list[str] = []
        """Paths, in order."""
        self.requests: list[Request] = []
        self.headers: dict[str, str] = {}
        """Those of the last request."""
        self.closing = Event()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.server_port}{path}"

    def handle_error(self, *_: object) -> None:
        pass


@contextmanager
def serving(server: Server) -> Iterator[Server]:
    with server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            server.closing.set()
            server.shutdown()
            thread.join()
