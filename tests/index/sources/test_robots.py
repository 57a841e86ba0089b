"""robots.txt as a real server gives it, read through the guarded `fetch`."""

import time
from functools import partial

import pytest

from index.errors import InputRejected
from index.sources import robots
from index.sources.fetch import fetch
from index.sources.robots import Robots
from tests.index.sources.server import HERE, Handler, Server, says


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def reading(clock: Clock | None = None) -> Robots:
    return Robots(partial(fetch, allowance=HERE, limits=robots.LIMITS), clock or Clock())


def refusal(rules: Robots, url: str) -> str | None:
    try:
        rules.check(url, url)
    except InputRejected as refused:
        message = str(refused)
        assert message.endswith(".")
        assert "\n" not in message
        return message
    return None


def with_rules(server: Server, text: str | bytes) -> None:
    server.pages["/robots.txt"] = says(body=text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    ("text", "path", "open_"),
    [
        ("User-agent: *\nDisallow: /private", "/public", True),
        ("User-agent: *\nDisallow: /private", "/private/a", False),
        ("User-agent: *\nDisallow: /private", "/%70rivate", False),
        ("User-agent: *\nDisallow: /\nAllow: /news/", "/news/a", True),
        ("User-agent: *\nDisallow: /*.pdf$", "/a.pdf", False),
        ("User-agent: *\nDisallow: /a?b=", "/a?b=1", False),
        ("User-agent: *\nDisallow: /\n\nUser-agent: ibid\nAllow: /", "/a", True),
        ("User-agent: ibid/1.0\nDisallow: /", "/a", False),
        ("user-agent : IBID # us\nuser-agent: x\nDisallow: /", "/a", False),
        ("User-agent: Ibidem\nDisallow: /", "/a", True),
        ("User-agent: i\nDisallow: /", "/a", True),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("\ufeffUser-agent: *\r\nDisallow: /\r\n", "/a", False),
        ("User-agent: *\rDisallow: /\r", "/a", False),
        ("User-agent: *\nDisallow: //[\nDisallow: http://a:b/", "/a", True),
        ("<html><body>Not found</body></html>", "/a", True),
        ("", "/a", True),
        (b"\xff\xfe\x00\x80" * 100, "/a", True),
    ],
)
def test_a_page_is_read_where_the_rules_for_us_allow_it(
    server: Server, text: str | bytes, path: str, open_: bool
) -> None:
    with_rules(server, text)
    message = refusal(reading(), server.url(path))
    assert (message is None) is open_
    assert open_ or (message and "closed to programs by the robots.txt" in message)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451, 204])
def test_a_host_without_rules_allows_everything(server: Server, status: int) -> None:
    server.pages["/robots.txt"] = says(status, b"")
    assert refusal(reading(), server.url("/a")) is None


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_host_whose_rules_cannot_be_read_is_left_alone(server: Server, status: int) -> None:
    server.pages["/robots.txt"] = says(status, b"a secret")
    host = f"127.0.0.1:{server.server_port}"
    assert refusal(reading(), server.url("/a")) == (
        f"robots.txt of {host} cannot be read ({status}), so its pages are left alone; "
        "try later, or save the page in a browser and add the file."
    )


def test_a_host_that_does_not_answer_for_its_rules_is_left_alone(server: Server) -> None:
    def reply(handler: Handler) -> None:
        handler.close_connection = True

    server.pages["/robots.txt"] = reply
    assert "(it does not answer)" in (refusal(reading(), server.url("/a")) or "")


def test_rules_may_stand_behind_five_redirects_and_no_more(server: Server) -> None:
    for hop in range(7):
        path = f"/{hop}" if hop else "/robots.txt"
        server.pages[path] = says(302, location=f"/{hop + 1}")
    server.pages["/5"] = says(body=b"User-agent: *\nDisallow: /")
    assert refusal(reading(), server.url("/a"))
    server.pages["/5"] = says(302, location="/6")
    assert refusal(reading(), server.url("/a")) is None  # RFC 9309, section 2.3.1.2


def test_rules_that_redirect_to_a_private_address_are_not_read(server: Server) -> None:
    server.pages["/robots.txt"] = says(302, location="http://10.0.0.1/robots.txt")
    message = refusal(reading(), server.url("/a")) or ""
    assert "cannot be read" in message
    assert "10.0.0.1" not in message


def test_each_host_is_asked_once_a_day(server: Server) -> None:
    clock = Clock()
    rules = reading(clock)
    for now in (0, 10, 23 * 3600):
        clock.now = now
        assert refusal(rules, server.url("/a")) is None
    assert server.asked == ["/robots.txt"]
    clock.now = 24 * 3600
    rules.check(server.url("/a"), "")
    assert len(server.asked) == 2


def test_a_host_in_trouble_is_asked_again_after_ten_minutes(server: Server) -> None:
    clock = Clock()
    rules = reading(clock)
    server.pages["/robots.txt"] = says(500)
    assert refusal(rules, server.url("/a"))
    server.pages.clear()
    clock.now = 599
    assert refusal(rules, server.url("/a"))
    clock.now = 600
    assert refusal(rules, server.url("/a")) is None


def test_only_so_many_hosts_are_remembered(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(robots, "MOST", 2)
    there = partial(fetch, allowance=HERE, limits=robots.LIMITS, resolve=lambda _host, _port: ["127.0.0.1"])
    rules = Robots(there, Clock())
    for host in ("a.example", "b.example", "a.example", "c.example", "a.example", "b.example"):
        rules.check(server.url(host=host), "")
    hosts = [request.headers["Host"][0] for request in server.requests]
    assert hosts == ["a", "b", "c", "b"]


def test_of_long_rules_the_first_half_megabyte_counts(server: Server) -> None:
    long = b"#" + b"x" * 600_000 + b"\n"
    with_rules(server, b"User-agent: *\nDisallow: /a\n" + long + b"Disallow: /b\n")
    rules = reading()
    assert refusal(rules, server.url("/a"))
    assert refusal(rules, server.url("/b")) is None


def test_rules_cannot_take_long_to_understand(server: Server) -> None:
    agents = "".join(f"User-agent: a{n}\n" for n in range(15_000))
    with_rules(server, agents + "".join(f"Disallow: /{n}\n" for n in range(1_500)))
    started = time.monotonic()
    assert refusal(reading(), server.url("/a")) is None
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("5", 5), ("0.5", 0.5), ("30", 30), ("3600", 30), ("-1", 0), ("nan", 0), ("inf", 0), ("x", 0), ("", 0)],
)
def test_a_host_may_ask_for_up_to_half_a_minute_between_pages(
    server: Server, said: str, seconds: float
) -> None:
    with_rules(server, f"User-agent: *\nCrawl-delay: {said}\n")
    rules = reading()
    assert rules.delay(server.url()) == 0  # nothing is known yet
    rules.check(server.url(), "")
    assert rules.delay(server.url()) == seconds
