"""`fetch` against a real server on this machine, which only an explicit allowance lets it reach."""

import gzip
import random
import socket
import ssl
import struct
import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from ipaddress import ip_network
from pathlib import Path
from threading import Event

import pytest
import trustme

from index.article import Validators
from index.errors import InputRejected
from index.sources.address import normalise
from index.sources.connection import Resolve
from index.sources.fetch import Fetched, Limits, NoPage, NotModified, fetch
from tests.index.sources.server import HERE, PAGE, Handler, Reply, Server, says, serving

ROOT = Path(__file__).parents[3]
TIGHT = Limits(size=100_000, seconds=1, pause=0.4)
AUTHORITY = trustme.CA()


@pytest.fixture
def dialled(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Every address that a connection was opened to."""
    addresses: list[tuple[str, int]] = []
    connect = socket.create_connection

    def recorded(
        address: tuple[str, int], timeout: float, source_address: tuple[str, int] | None
    ) -> socket.socket:
        addresses.append(address)
        return connect(address, timeout, source_address)

    monkeypatch.setattr(socket, "create_connection", recorded)
    return addresses


def answers(*rounds: Sequence[str]) -> Resolve:
    """A resolver that answers otherwise each time that it is asked, the last answer for ever."""
    left = list(rounds)
    return lambda _host, _port: left.pop(0) if len(left) > 1 else left[0]


def unknown(host: str, _port: int) -> Sequence[str]:
    raise socket.gaierror(f"{host} is a secret of the resolver")


def refusal(url: str, reaching: Callable[[str], Fetched] = fetch) -> str:
    """The one line that a fetch is refused with."""
    with pytest.raises(InputRejected) as refused:
        reaching(url)
    message = str(refused.value)
    assert message.endswith(".")
    assert "\n" not in message
    assert len(message) < 500
    return message


here = partial(fetch, allowance=HERE, limits=TIGHT)


# What is fetched


def test_a_page_is_fetched_with_what_its_server_says_of_it(server: Server) -> None:
    server.reply = lambda handler: handler.say(
        content_type='Text/HTML; Charset="ISO-8859-1"',
        etag='"a1"',
        last_modified="Tue, 05 Mar 2024 10:00:00 GMT",
    )
    fetched = here(server.url("/é a?q=ü#part"))
    assert fetched == Fetched(
        url=server.url("/%C3%A9%20a?q=%C3%BC"),
        data=PAGE,
        content_type="text/html",
        charset="ISO-8859-1",
        validators=Validators('"a1"', "Tue, 05 Mar 2024 10:00:00 GMT"),
    )


def test_the_server_learns_who_asks_and_which_host_is_meant(server: Server) -> None:
    here(server.url(host="site.example"), resolve=answers(["127.0.0.1"]))
    assert server.headers["User-Agent"].startswith("Ibid/")
    assert server.headers["Host"] == f"site.example:{server.server_port}"


def test_redirects_are_followed_to_the_fifth(server: Server) -> None:
    def reply(handler: Handler) -> None:
        hop = int(handler.path[1:])
        if hop < 5:
            handler.say(302, location=f"/{hop + 1}")
        else:
            handler.say()

    server.reply = reply
    assert here(server.url("/0")).url == server.url("/5")
    server.reply = lambda handler: handler.say(302, location="/again")
    server.asked.clear()
    assert "redirects more than 5 times" in refusal(server.url(), here)
    assert len(server.asked) == 6


def test_a_compressed_page_is_decompressed(server: Server) -> None:
    server.reply = lambda handler: handler.say(body=gzip.compress(PAGE), content_encoding="gzip")
    assert here(server.url()).data == PAGE
    assert server.headers["Accept-Encoding"] == "gzip"


def test_a_proxy_of_the_environment_is_not_asked(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert here(server.url()).data == PAGE


@pytest.mark.parametrize(
    ("given", "normal"),
    [
        ("HTTP://Site.EXAMPLE:80", "http://site.example/"),
        ("https://site.example:443/A%20b c?q=1#part", "https://site.example/A%20b%20c?q=1"),
        ("http://bücher.example/straße", "http://xn--bcher-kva.example/stra%C3%9Fe"),
        ("http://[2606:4700:0:0::1]:8080/", "http://[2606:4700::1]:8080/"),
        ("http://site.example/a/../b/./c/..", "http://site.example/b/"),
        ("http://site.example/a/%2e%2E/b", "http://site.example/b"),
        ("http://site.example/../../b//c/...", "http://site.example/b//c/..."),
    ],
)
def test_an_address_has_one_spelling(given: str, normal: str) -> None:
    assert normalise(given) == normal
    assert normalise(normal) == normal


def test_the_server_learns_how_to_reach_who_runs_this(server: Server) -> None:
    here(server.url(), contact="https://courier.example/bot")
    assert server.headers["User-Agent"].endswith("+https://courier.example/bot)")
    here(server.url(), contact="desk@courier.example")
    assert server.headers["User-Agent"].endswith("+desk@courier.example)")


@pytest.mark.parametrize("contact", ["", "a\r\nCookie: x", "a) evil (", "a b", "é", "x" * 201])
def test_a_contact_that_would_spoil_the_header_is_refused(server: Server, contact: str) -> None:
    assert "contact" in refusal(server.url(), partial(here, contact=contact))
    assert server.asked == []


@pytest.mark.parametrize(
    "kind", ["application/pdf", "application/rss+xml", "application/epub+zip", "text/xml"]
)
def test_the_server_learns_what_can_be_read(server: Server, kind: str) -> None:
    here(server.url())
    assert kind in server.headers["Accept"]


# Whether it has changed

KNOWN = Validators('W/"a1"', "Tue, 05 Mar 2024 10:00:00 GMT")


def test_a_page_that_is_still_the_same_is_not_sent_again(server: Server) -> None:
    server.reply = says(304, b"")
    found = fetch(server.url("/a?b#c"), validators=KNOWN, allowance=HERE)
    assert found == NotModified(server.url("/a?b"), KNOWN)
    assert server.headers["If-None-Match"] == 'W/"a1"'
    assert server.headers["If-Modified-Since"] == "Tue, 05 Mar 2024 10:00:00 GMT"


def test_what_an_unchanged_page_says_of_its_version_is_what_counts_from_then(server: Server) -> None:
    server.reply = says(304, b"", etag='"a2"')
    found = here(server.url(), validators=KNOWN)
    assert found.validators == Validators('"a2"', KNOWN.last_modified)


def test_a_page_that_changed_comes_with_its_new_version(server: Server) -> None:
    server.reply = says(etag='W/"a2"')
    found = here(server.url(), validators=KNOWN)
    assert isinstance(found, Fetched)
    assert found.validators == Validators('W/"a2"')


def test_without_a_version_to_ask_with_no_page_can_be_unchanged(server: Server) -> None:
    server.reply = says(304, b"")
    assert "gives no page (304)" in refusal(server.url(), partial(here, validators=Validators()))
    assert not {"If-None-Match", "If-Modified-Since"} & server.headers.keys()


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("host", ["site.example", "other.example"])
def test_a_version_is_asked_for_where_it_comes_from_and_nowhere_else(
    server: Server, status: int, host: str
) -> None:
    server.pages["/"] = says(status, location=server.url("/new", host=host))
    server.reply = says(etag='"b"', last_modified=KNOWN.last_modified or "")
    found = here(server.url(host="site.example"), validators=KNOWN, resolve=answers(["127.0.0.1"]))
    first, second = server.requests
    assert first.headers["If-None-Match"] == KNOWN.etag
    assert not {"If-None-Match", "If-Modified-Since"} & second.headers.keys()
    # Nor is that of the page behind the redirect taken for one of the address that was given.
    assert isinstance(found, Fetched)
    assert found.validators == Validators()


@pytest.mark.parametrize("etag", ["*", "a1", '"a", "b"', '"' + "x" * 1000 + '"', '"é"', '"a b"', '"\t"', ""])
def test_an_etag_that_could_mean_something_else_is_dropped(server: Server, etag: str) -> None:
    server.reply = says(etag=etag)
    assert here(server.url()).validators == Validators()
    here(server.url(), validators=Validators(etag, None))
    assert "If-None-Match" not in server.headers


@pytest.mark.parametrize("date", ["x" * 1001, "é", "a\tb"])
def test_a_date_that_is_no_plain_line_is_dropped(server: Server, date: str) -> None:
    server.reply = says(last_modified=date)
    assert here(server.url()).validators == Validators()


@pytest.mark.parametrize("value", ['"a"\r\nCookie: x', '"a"\nCookie: x', "\x00", "Tue\x85"])
def test_a_version_from_the_catalog_cannot_add_a_header(server: Server, value: str) -> None:
    here(server.url(), validators=Validators(value, value))
    assert not {"If-None-Match", "If-Modified-Since", "Cookie"} & server.headers.keys()


# Who may look before


def test_each_address_is_shown_before_it_is_asked(server: Server) -> None:
    server.pages["/"] = says(302, location="/next")
    shown: list[tuple[str, int]] = []
    here(server.url(), before=lambda url: shown.append((url, len(server.asked))))
    assert shown == [(server.url("/"), 0), (server.url("/next"), 1)]


def test_an_address_that_is_not_public_is_not_even_shown() -> None:
    shown: list[str] = []
    assert "public internet" in refusal("http://10.0.0.1/", partial(fetch, before=shown.append))
    assert shown == []


def test_waiting_for_a_hosts_sake_is_not_counted_as_its_time(server: Server) -> None:
    limits = Limits(seconds=0.5)
    assert here(server.url(), limits=limits, before=lambda _url: time.sleep(0.7)).data == PAGE


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("7", 7),
        ("Tue, 05 Mar 2024 10:00:30 GMT", 20),
        ("Tue, 05 Mar 2024 09:00:00 GMT", 0),
        ("9" * 900, 999_999_999),
        ("-7", None),
        ("²", None),
        ("1e3", None),
        ("soon", None),
        ("Tue, 05 Mar 2024 10:00:99999999999999 GMT", None),
        ("", None),
    ],
)
def test_how_long_a_server_asks_to_wait_is_told(server: Server, said: str, seconds: float | None) -> None:
    def reply(handler: Handler) -> None:
        handler.send_response_only(503)
        handler.send_header("Date", "Tue, 05 Mar 2024 10:00:10 GMT")
        handler.send_header("Retry-After", said)
        handler.end_headers()

    server.reply = reply
    with pytest.raises(NoPage) as refused:
        here(server.url())
    assert (refused.value.status, refused.value.retry_after) == (503, seconds)


# Where it may not be sent

PRIVATE = [
    "127.0.0.1",
    "127.255.0.9",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "224.0.0.1",
    "239.1.1.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "2001:0:7f00:1::1",
    "2001:1::1",
    "2001:20::1",
    "2001:db8::1",
    "2002:7f00:1::1",
    "2002:a9fe:a9fe::1",
    "3fff::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
    "ff0e::1",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_never_dialled(address: str, dialled: list[tuple[str, int]]) -> None:
    url = f"http://[{address}]/" if ":" in address else f"http://{address}/"
    assert "not on the public internet" in refusal(url)
    named = partial(fetch, resolve=answers([address]))
    assert "not on the public internet" in refusal("http://site.example/", named)
    # One public address beside it changes nothing.
    mixed = partial(fetch, resolve=answers(["1.1.1.1", address]))
    assert "not on the public internet" in refusal("https://site.example/", mixed)
    assert dialled == []


@pytest.mark.parametrize(
    "address", ["1.1.1.1", "93.184.215.14", "100.128.0.1", "2606:4700:4700::1111", "64:ff9b::101:101"]
)
def test_a_public_address_is_dialled(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dialled = []

    def unreachable(address: tuple[str, int], *_args: object, **_kwargs: object) -> socket.socket:
        dialled.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", unreachable)
    assert "cannot be reached" in refusal("http://site.example/", partial(fetch, resolve=answers([address])))
    assert dialled == [(address, 80)]


@pytest.mark.parametrize(
    "host",
    [
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "127.1",
        "127.0.1",
        "127.0.0.1.",
        "0",
        "0x",
        "169.254.43518",
        "①②⑦.⓪.⓪.①",
        "127。0。0。1",
        "%31%32%37.0.0.1",
        "1.1.1.1.1",
        "[::1%25lo]",
        "[2606:4700::1%eth0]",
        "[::1",
        "::1",
        "localhost",
        "localhost.",
    ],
)
def test_no_other_spelling_reaches_this_machine(host: str, dialled: list[tuple[str, int]]) -> None:
    refusal(f"http://{host}/")
    refusal(f"http://{host}:8080/")
    assert dialled == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "127.0.0.1."])
def test_a_number_is_no_host_name_even_where_the_resolver_takes_it(
    host: str, dialled: list[tuple[str, int]]
) -> None:
    assert "host name" in refusal(f"http://{host}/", partial(fetch, resolve=answers(["1.1.1.1"])))
    assert dialled == []


@pytest.mark.parametrize("port", [1, 22, 25, 53, 110, 389, 445, 587, 993, 1023])
def test_servers_of_mail_files_and_names_are_not_sent_what_an_address_says(
    port: int, dialled: list[tuple[str, int]]
) -> None:
    url = f"http://site.example:{port}/"
    assert "no web server is expected" in refusal(url, partial(fetch, resolve=answers(["1.1.1.1"])))
    assert dialled == []


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "ftp://site.example/",
        "gopher://site.example/",
        "data:text/html,<p>x",
        "javascript:alert(1)",
        "//site.example/",
        "site.example",
        "",
        "http:",
        "http://",
        "http:///etc/passwd",
        "http://:80/",
        "http://site.example:0/",
        "http://site.example:99999/",
        "http://site.example:port/",
        "http://user@site.example/",
        "http://user:secret@site.example/",
        "http://site.example\\@127.0.0.1/",
        "http://site.example\r\nHost: other.example/",
        "http://site.\texample/",
        "http://site\0.example/",
        "http://a..example/",
        "http://-a b.example/",
        f"http://{'a' * 64}.example/",
        f"http://{'a.' * 130}example/",
        f"http://site.example/{'a' * 2000}",
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str, dialled: list[tuple[str, int]]) -> None:
    message = refusal(url, partial(fetch, resolve=answers(["1.1.1.1"])))
    assert "secret" not in message
    assert dialled == []


@pytest.mark.parametrize(
    "location",
    [
        "http://10.0.0.1/",
        "//169.254.169.254/latest/meta-data/",
        "http://[::ffff:10.0.0.1]/",
        "http://0x7f.1/",
        "http://inside.example/",
        "file:///etc/passwd",
        "ftp://site.example/",
        "http://user:secret@site.example/",
        "http://[",
        "http://secret.example/" + "x" * 3000,
    ],
)
def test_a_redirect_goes_through_the_same_gate(
    server: Server, dialled: list[tuple[str, int]], location: str
) -> None:
    server.reply = lambda handler: handler.say(302, location=location)
    hosts = {"site.example": ["127.0.0.1"], "inside.example": ["10.0.0.1"]}
    there = partial(here, resolve=lambda host, _port: hosts[host])
    message = refusal(server.url(host="site.example"), there)
    for told in ("10.0.0.1", "169.254", "passwd", "secret", "inside"):
        assert told not in message
    assert len(dialled) == len(server.asked) == 1


def test_the_address_that_was_checked_is_the_one_that_is_dialled(
    server: Server, dialled: list[tuple[str, int]]
) -> None:
    looked_up = []

    def rebinding(host: str, _port: int) -> Sequence[str]:
        looked_up.append(host)
        return ["127.0.0.1"] if len(looked_up) == 1 else ["127.0.0.2"]

    assert here(server.url(host="rebinding.example"), resolve=rebinding).data == PAGE
    assert looked_up == ["rebinding.example"]
    assert dialled == [("127.0.0.1", server.server_port)]


def test_each_redirect_is_looked_up_anew(server: Server, dialled: list[tuple[str, int]]) -> None:
    server.reply = lambda handler: handler.say(302, location="/next")
    there = partial(here, resolve=answers(["127.0.0.1"], ["10.0.0.1"]))
    assert "redirects to is not on the public internet" in refusal(server.url(host="site.example"), there)
    assert len(dialled) == 1


def test_a_second_address_serves_where_the_first_is_dead(server: Server) -> None:
    two = (*HERE, ip_network("127.0.0.2/32"))
    there = partial(fetch, allowance=two, limits=TIGHT, resolve=answers(["127.0.0.2", "127.0.0.1"]))
    assert there(server.url(host="site.example")).data == PAGE


def test_only_tests_allow_what_is_not_public(server: Server) -> None:
    assert fetch.__kwdefaults__ is not None
    assert fetch.__kwdefaults__["allowance"] == ()
    for package in ("bot", "index", "prompts"):
        for path in (ROOT / package).rglob("*.py"):
            assert "allowance=" not in path.read_text("utf-8"), path
    assert "not on the public internet" in refusal(server.url())
    assert server.asked == []


# Certificates


@contextmanager
def secure() -> Iterator[tuple[Server, list[str | None]]]:
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    AUTHORITY.issue_cert("secure.example").configure_cert(context)
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    server = Server()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    with serving(server):
        yield server, names


def test_a_certificate_is_checked_against_the_name_though_an_address_is_dialled(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
    there = partial(here, resolve=answers(["127.0.0.1"]))
    with secure() as (server, names):
        assert there(f"https://secure.example:{server.server_port}/").data == PAGE
        assert names == ["secure.example"]
        other = refusal(f"https://other.example:{server.server_port}/", there)
        assert "certificate that cannot be trusted" in other
        assert server.asked == ["/"]


def test_a_certificate_that_nobody_vouches_for_is_refused() -> None:
    there = partial(here, resolve=answers(["127.0.0.1"]))
    with secure() as (server, _):
        assert "certificate" in refusal(f"https://secure.example:{server.server_port}/", there)
        assert server.asked == []


# Sizes and times


def test_a_page_of_just_the_size_that_is_allowed_is_read(server: Server) -> None:
    server.reply = lambda handler: handler.say(body=b"x" * 100_000)
    assert len(here(server.url()).data) == 100_000
    server.reply = lambda handler: handler.say(body=b"x" * 100_001)
    assert "larger than 0.1 MB" in refusal(server.url(), here)


def test_a_gzip_bomb_is_stopped_at_the_cap(server: Server) -> None:
    bomb = gzip.compress(b"\0" * 200_000_000, compresslevel=1)
    server.reply = lambda handler: handler.say(body=bomb, content_encoding="gzip")
    started = time.monotonic()
    patient = partial(fetch, allowance=HERE)
    assert "larger than 20 MB" in refusal(server.url(), patient)
    assert time.monotonic() - started < 3


def test_a_gzip_bomb_is_never_held_in_memory(server: Server) -> None:
    bomb = gzip.compress(b"\0" * 50_000_000, compresslevel=9)
    server.reply = lambda handler: handler.say(body=bomb, content_encoding="gzip")
    tracemalloc.start()
    try:
        assert "larger" in refusal(server.url(), here)
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()


def test_what_follows_a_compressed_page_is_not_waited_for(server: Server) -> None:
    def reply(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Encoding", "gzip")
        handler.end_headers()
        handler.wfile.write(gzip.compress(PAGE))
        handler.drip(b"more")

    server.reply = reply
    assert here(server.url()).data == PAGE


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_page_that_may_be_cut_is_cut_at_the_cap(server: Server, encoding: str) -> None:
    body = b"x" * 300_000
    packed = gzip.compress(body) if encoding == "gzip" else body
    server.reply = lambda handler: handler.say(body=packed, content_encoding=encoding)
    limits = Limits(size=100_000, cut=True)
    assert here(server.url(), limits=limits).data == body[:100_000]


def test_a_body_without_end_is_stopped_at_the_cap(server: Server) -> None:
    def reply(handler: Handler) -> None:
        handler.send_response(200)
        handler.end_headers()
        handler.drip(b"x" * 50_000, seconds=0)

    server.reply = reply
    assert "larger than 0.1 MB" in refusal(server.url(), here)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_a_body_that_is_shorter_than_it_claims_is_not_taken_for_the_page(
    server: Server, encoding: str
) -> None:
    body = gzip.compress(PAGE) if encoding == "gzip" else PAGE
    server.reply = lambda handler: handler.say(
        body=body[:-5], content_length=str(len(body)), content_encoding=encoding
    )
    assert "broke off" in refusal(server.url(), here)


def test_a_compressed_body_that_ends_early_is_not_taken_for_the_page(server: Server) -> None:
    server.reply = lambda handler: handler.say(body=gzip.compress(PAGE)[:-9], content_encoding="gzip")
    assert "broke off" in refusal(server.url(), here)


def test_a_body_that_is_longer_than_it_claims_is_cut_where_it_claims(server: Server) -> None:
    server.reply = lambda handler: handler.say(content_length="6")
    assert here(server.url()).data == PAGE[:6]


def test_compression_that_nobody_asked_for_is_refused(server: Server) -> None:
    for encoding in ("gzip, gzip", "deflate", "br", "zstd", "compress"):
        server.reply = says(content_encoding=encoding)
        assert "compressed" in refusal(server.url(), here)
    server.reply = lambda handler: handler.say(content_encoding="gzip")
    assert "broke off" in refusal(server.url(), here)


def silent(handler: Handler) -> None:
    handler.server.closing.wait(3)


def dripped_body(handler: Handler) -> None:
    handler.send_response(200)
    handler.end_headers()
    handler.drip(b"x")


def dripped_headers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
    handler.drip(b"x")


def interim_answers(handler: Handler) -> None:
    handler.drip(b"HTTP/1.1 103 Early Hints\r\n\r\n")


def empty_blocks(handler: Handler) -> None:
    """Compressed data that goes on for ever and decompresses to nothing."""
    handler.send_response(200)
    handler.send_header("Content-Encoding", "gzip")
    handler.end_headers()
    handler.wfile.write(b"\x1f\x8b\x08\0\0\0\0\0\0\xff")
    handler.drip(b"\0\0\0\xff\xff" * 100)


def tiny_chunks(handler: Handler) -> None:
    """A body that costs us more to take apart than it costs to send."""
    handler.send_response(200)
    handler.send_header("Transfer-Encoding", "chunked")
    handler.end_headers()
    handler.drip(b"1;a=b\r\nx\r\n" * 100)


def trailers(handler: Handler) -> None:
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n")
    handler.drip(b"X: y\r\n")


@pytest.mark.parametrize(
    "reply", [silent, dripped_body, dripped_headers, interim_answers, empty_blocks, tiny_chunks, trailers]
)
def test_a_slow_server_is_left_when_the_time_is_up(server: Server, reply: Reply) -> None:
    server.reply = reply
    started = time.monotonic()
    assert "too long" in refusal(server.url(), partial(here, limits=replace(TIGHT, seconds=0.5)))
    assert time.monotonic() - started < 1.5


def test_a_silent_server_is_left_after_the_pause(server: Server) -> None:
    server.reply = silent
    started = time.monotonic()
    assert "too long" in refusal(server.url(), partial(fetch, allowance=HERE, limits=Limits(pause=0.2)))
    assert time.monotonic() - started < 1


def test_redirects_share_one_deadline(server: Server) -> None:
    def reply(handler: Handler) -> None:
        time.sleep(0.3)
        handler.say(302, location="/next")

    server.reply = reply
    assert "too long" in refusal(server.url(), here)
    assert len(server.asked) < 6


def test_a_resolver_that_does_not_answer_is_left_too() -> None:
    done = Event()

    def asleep(_host: str, _port: int) -> Sequence[str]:
        done.wait(5)
        return ["127.0.0.1"]

    started = time.monotonic()
    assert "too long" in refusal("http://site.example/", partial(here, resolve=asleep))
    assert time.monotonic() - started < 2
    done.set()


# What goes wrong


@pytest.mark.parametrize(
    ("status", "advice"),
    [
        (404, "does not exist (404); check the address"),
        (410, "does not exist"),
        (401, "not open to programs"),
        (403, "not open to programs"),
        (429, "try later"),
        (500, "try later"),
        (503, "try later"),
        (204, "gives no page"),
        (206, "gives no page"),
        (304, "gives no page"),
        (302, "gives no page"),
        (999, "try later"),
    ],
)
def test_a_status_is_told_in_words(server: Server, status: int, advice: str) -> None:
    server.reply = lambda handler: handler.say(
        status, b"" if status in (204, 304) else b"a secret stack trace"
    )
    message = refusal(server.url(), here)
    assert advice in message
    assert "secret" not in message


def test_a_reset_is_told_in_a_line(server: Server) -> None:
    def reply(handler: Handler) -> None:
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        handler.connection.close()
        handler.close_connection = True

    server.reply = reply
    assert "broke off" in refusal(server.url(), here)


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"SSH-2.0-OpenSSH_9.9\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000,
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n",
        b"<html>HTTP/0.9 has no headers</html>",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX: " + b"x" * 300_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;" + b"x" * 300_000,
        b"HTTP/1.1 302 Found\r\nLocation: http://1.1.1.1/\rX: y\r\n\r\n",
        random.Random(7).randbytes(5000),
    ],
)
def test_what_is_no_proper_answer_is_told_in_a_line(server: Server, said: bytes) -> None:
    def reply(handler: Handler) -> None:
        handler.wfile.write(said)
        handler.close_connection = True

    server.reply = reply
    refusal(server.url(), here)


def test_a_port_where_nobody_listens_is_told_in_a_line() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        assert "cannot be reached" in refusal(f"http://127.0.0.1:{free.getsockname()[1]}/", here)


def test_a_host_that_nobody_knows_is_told_in_a_line() -> None:
    message = refusal("http://site.example/", partial(fetch, resolve=unknown))
    assert "not known; check its spelling" in message
    assert "secret" not in message
    assert "not known" in refusal("http://site.example/", partial(fetch, resolve=answers([])))
