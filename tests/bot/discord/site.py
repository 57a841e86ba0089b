"""A small site on this machine: pages, feeds of them, and answers to conditional requests."""

import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network

from index.article import Article
from index.sources.apart import Apart
from index.sources.fetch import Fetched, fetch
from tests.index.notes import GENEVA

LOOPBACK = """
from ipaddress import ip_network
from index.sources import fetch, web
fetch.fetch.__kwdefaults__["allowance"] = (ip_network("127.0.0.0/8"),)
web.Web.__init__.__kwdefaults__["pause"] = 0.0
from bot.curation import workshop
workshop.main()
"""
"""The real program, but for the network of tests, and for the pause between two pages."""


class Site:
    """`pages` are the first sentences of its pages by path; of `/feed` it is all the other pages."""

    def __init__(self) -> None:
        self.pages: dict[str, str] = {"/treaty": "Nine states joined the treaty.", "/gone": "It went away."}
        self.answers: dict[str, tuple[int, bytes]] = {}
        """What is answered at some paths in their place."""
        self.asked: list[str] = []
        self._port = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}{path}"

    @contextmanager
    def running(self) -> Iterator["Site"]:
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = site.answer(self.path)
                tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
                if self.headers.get("If-None-Match") == tag:
                    status, body = 304, b""
                site.asked.append(f"{status} {self.path}")
                self.send_response(status)
                is_feed = self.path.startswith("/feed")
                self.send_header(
                    "Content-Type", "application/rss+xml" if is_feed else "text/html; charset=utf-8"
                )
                self.send_header("ETag", tag)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Stay silent."""

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            self._port = server.server_port
            threading.Thread(target=server.serve_forever, daemon=True).start()
            yield self
            server.shutdown()

    def answer(self, path: str) -> tuple[int, bytes]:
        if path in self.answers:
            return self.answers[path]
        if path == "/feed":
            items = "".join(
                f"<item><title>{name[1:]}</title><link>{self.url(name)}</link></item>" for name in self.pages
            )
            feed = f"<rss version='2.0'><channel><title>Herald</title>{items}</channel></rss>"
            return 200, feed.encode()
        if path not in self.pages:
            return 404, b"nothing"
        title = path[1:].replace("-", " ").capitalize()
        prose = (
            f"<p>{self.pages[path]} {GENEVA} It is kept in the archive of the town, where all may read it, "
            f"under the name of {title}.</p>"
        )
        return 200, (
            f"<html><head><title>{title}</title></head><body><article>{prose}</article></body></html>".encode()
        )


def here(url: str) -> Article:
    """The article at an address on this machine, as adding it reads it."""
    found = partial(fetch, allowance=(ip_network("127.0.0.0/8"),))(url)
    assert isinstance(found, Fetched)
    with Apart() as parser:
        return parser.page(found, url)
