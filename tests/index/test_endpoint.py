"""Embeddings behind an OpenAI-compatible endpoint, over a real connection."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from index.embeddings import Endpoint
from index.errors import ModelUnavailable
from index.fingerprint import Fingerprint

KEY = "sk-a-secret-that-nobody-may-see"


@dataclass
class Server:
    """What it replies next, and what it was asked last."""

    url: str = ""
    status: int = 200
    body: str | None = None
    kind: str = "application/json"
    closing: bool = False
    asked: dict[str, object] = field(default_factory=dict)


def vectors(*embeddings: object) -> str:
    return json.dumps({"object": "list", "model": "m", "data": [{"embedding": e} for e in embeddings]})


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            server.asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            if server.closing:
                self.close_connection = True
                return
            texts = server.asked["input"]
            assert isinstance(texts, list)
            body = vectors(*[[3.0, 4.0]] * len(texts)) if server.body is None else server.body
            self.send_response(server.status)
            self.send_header("Content-Type", server.kind)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        server.url = f"http://127.0.0.1:{http.server_port}/v1"
        thread = Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        http.shutdown()
        thread.join()


@pytest.fixture
def endpoint(server: Server) -> Endpoint:
    return Endpoint("m", server.url, KEY, timeout=5)


def failure(endpoint: Endpoint) -> str:
    with pytest.raises(ModelUnavailable) as failed:
        endpoint.embed_documents(["one", "two"])
    message = str(failed.value)
    assert "\n" not in message
    assert KEY not in message
    assert "IBID_EMBEDDING" in message
    return message


def test_vectors_of_an_endpoint_get_length_1(endpoint: Endpoint, server: Server) -> None:
    assert endpoint.embed_documents(["one", "two"]) == [pytest.approx([0.6, 0.8])] * 2
    assert endpoint.embed_query("one") == pytest.approx([0.6, 0.8])
    assert (server.asked["model"], server.asked["input"]) == ("m", ["one"])


def test_the_fingerprint_holds_the_dimension_that_the_endpoint_sends(endpoint: Endpoint) -> None:
    assert endpoint.fingerprint == Fingerprint("openai:m", 2, None)


def test_a_key_that_is_refused_is_not_repeated(endpoint: Endpoint, server: Server) -> None:
    server.status = 401
    server.body = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}."}})
    assert "Incorrect API key provided" in failure(endpoint)


@pytest.mark.parametrize("kind", ["text/html", "application/json"])
def test_a_page_in_place_of_vectors_is_a_failure(endpoint: Endpoint, server: Server, kind: str) -> None:
    server.body, server.kind = "<html>\n<body>Welcome</body>\n</html>", kind
    failure(endpoint)


@pytest.mark.parametrize(
    "body",
    [
        "null",
        "[]",
        "{}",
        '{"data": [',
        vectors(),
        vectors([1.0, 0.0]),
        vectors([], []),
        vectors("abc", "abc"),
        vectors([0.0, 0.0], [0.0, 0.0]),
        vectors([float("nan"), 1.0], [1.0, 1.0]),
        vectors(None, None),
    ],
)
def test_a_reply_without_a_vector_for_each_text_is_a_failure(
    endpoint: Endpoint, server: Server, body: str
) -> None:
    server.body = body
    failure(endpoint)


def test_a_connection_that_is_closed_is_a_failure(endpoint: Endpoint, server: Server) -> None:
    server.closing = True
    assert "Connection error" in failure(endpoint)


def test_an_endpoint_that_is_not_there_is_a_failure() -> None:
    assert "Connection error" in failure(Endpoint("m", "http://127.0.0.1:9/v1", KEY, timeout=5))
