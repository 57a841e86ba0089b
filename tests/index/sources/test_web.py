"""`Web`: robots.txt, pauses and busy hosts, against a real server and mostly without waiting."""

from collections.abc import Sequence
from functools import partial

import pytest

from index.article import Validators
from index.errors import InputRejected
from index.sources.fetch import Fetched, NotModified, fetch
from index.sources.web import Web
from tests.index.sources.server import HERE, PAGE, Handler, Reply, Server, says

HOSTS = ("site.example", "www.site.example", "other.example")


def resolve(host: str, _port: int) -> Sequence[str]:
    return ["127.0.0.1"] if host in HOSTS else ["10.0.0.1"]


class Time:
    """A clock that sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def web(time: Time) -> Web:
    return Web(
        fetch=partial(fetch, allowance=HERE, resolve=resolve), clock=time.clock, sleep=time.sleep, pause=1.0
    )


def refusal(web: Web, url: str) -> str:
    with pytest.raises(InputRejected) as refused:
        web.get(url)
    message = str(refused.value)
    assert message.endswith(".")
    assert "\n" not in message
    return message


def in_turn(*replies: Reply) -> Reply:
    left = list(replies)
    return lambda handler: (left.pop(0) if len(left) > 1 else left[0])(handler)


def test_a_page_is_asked_for_after_the_rules_of_its_host(server: Server, web: Web) -> None:
    found = web.get(server.url("/a"))
    assert isinstance(found, Fetched)
    assert found.data == PAGE
    web.get(server.url("/b"))
    assert server.asked == ["/robots.txt", "/a", "/b"]


def test_an_unchanged_page_is_told_and_its_rules_are_asked_without_a_version(
    server: Server, web: Web
) -> None:
    server.pages["/a"] = says(304, b"")
    assert web.get(server.url("/a"), Validators('"a"')) == NotModified(server.url("/a"), Validators('"a"'))
    rules, page = server.requests
    assert "If-None-Match" not in rules.headers
    assert page.headers["If-None-Match"] == '"a"'


def test_the_hosts_learn_whom_to_turn_to(server: Server, time: Time) -> None:
    here = partial(fetch, allowance=HERE)
    Web(fetch=here, sleep=time.sleep, contact="desk@courier.example").get(server.url())
    assert all("+desk@courier.example" in request.headers["User-Agent"] for request in server.requests)


def test_a_page_that_robots_txt_closes_is_not_asked_for(server: Server, web: Web) -> None:
    server.pages["/robots.txt"] = says(body=b"User-agent: Ibid\nDisallow: /private")
    assert "closed to programs" in refusal(web, server.url("/private"))
    for spelling in ("/x/../private", "/x/%2e%2E/private", "/%70rivate", "/./private"):
        assert "closed to programs" in refusal(web, server.url(spelling))
    assert server.asked == ["/robots.txt"]


def test_a_redirect_asks_the_rules_of_where_it_leads(server: Server, web: Web) -> None:
    def rules(handler: Handler) -> None:
        other = handler.headers["Host"].startswith("other")
        handler.say(body=b"User-agent: *\nDisallow: /secret" if other else b"")

    server.pages["/robots.txt"] = rules
    server.pages["/"] = says(302, location=server.url("/secret", host="other.example"))
    message = refusal(web, server.url(host="site.example"))
    assert "The page that http://site.example" in message
    assert "closed to programs" in message
    assert "secret" not in message
    assert server.asked == ["/robots.txt", "/", "/robots.txt"]


def test_a_redirect_to_a_closed_page_of_the_same_host_is_not_followed(server: Server, web: Web) -> None:
    server.pages["/robots.txt"] = says(body=b"User-agent: *\nDisallow: /closed")
    server.pages["/"] = says(302, location="/closed")
    assert "closed to programs" in refusal(web, server.url())
    assert "/closed" not in server.asked


@pytest.mark.parametrize("url", ["http://10.0.0.1/", "http://inside.example/", "http://127.0.0.1:25/"])
def test_where_no_page_may_be_read_no_rules_are_asked_for_either(server: Server, web: Web, url: str) -> None:
    assert "robots.txt" not in refusal(web, url)
    assert server.asked == []


# Pauses


def test_the_first_request_does_not_wait_and_all_others_do(server: Server, web: Web, time: Time) -> None:
    web.get(server.url("/a"))
    assert time.slept == [1]  # between robots.txt and the page
    web.get(server.url("/b"))
    time.now += 0.75
    web.get(server.url("/c"))
    time.now += 5
    web.get(server.url("/d"))
    assert time.slept == [1, 1, 0.25]


def test_hosts_do_not_wait_for_each_other(server: Server, web: Web, time: Time) -> None:
    web.get(server.url(host="site.example"))
    web.get(server.url(host="other.example"))
    assert time.slept == [1, 1]  # each after its own robots.txt


def test_redirects_wait_too(server: Server, web: Web, time: Time) -> None:
    server.pages["/a"] = says(302, location="/b")
    web.get(server.url("/a"))
    assert time.slept == [1, 1]


def test_the_time_that_an_answer_takes_is_no_pause(server: Server, web: Web, time: Time) -> None:
    def slow(handler: Handler) -> None:
        time.now += 5
        handler.say()

    server.pages["/a"] = slow
    web.get(server.url("/a"))
    web.get(server.url("/b"))
    assert time.slept == [1, 1]


def test_a_host_may_ask_for_longer_pauses(server: Server, web: Web, time: Time) -> None:
    server.pages["/robots.txt"] = says(body=b"User-agent: *\nCrawl-delay: 8")
    web.get(server.url("/a"))
    web.get(server.url("/b"))
    assert time.slept == [8, 8]


def test_a_page_that_fails_counts_as_a_request(server: Server, web: Web, time: Time) -> None:
    server.reply = says(404)
    refusal(web, server.url("/a"))
    refusal(web, server.url("/b"))
    assert time.slept == [1, 1]


def test_pauses_are_kept_in_real_time(server: Server) -> None:
    web = Web(fetch=partial(fetch, allowance=HERE), pause=0.2)
    web.get(server.url("/a"))
    web.get(server.url("/b"))
    first, second, third = (request.time for request in server.requests)
    assert second - first >= 0.2
    assert third - second >= 0.2


# Busy hosts


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_host_is_asked_once_more_when_it_said(
    server: Server, web: Web, time: Time, status: int
) -> None:
    server.pages["/a"] = in_turn(says(status, retry_after="20"), says())
    assert isinstance(web.get(server.url("/a")), Fetched)
    assert time.slept == [1, 20]
    assert server.asked == ["/robots.txt", "/a", "/a"]


@pytest.mark.parametrize(
    ("replies", "asked"),
    [
        ([says(503, retry_after="20"), says(503, retry_after="20")], 2),
        ([says(503, retry_after="31")], 1),
        ([says(429)], 1),
    ],
)
def test_a_host_that_stays_busy_is_left_alone_until_then(
    server: Server, web: Web, time: Time, replies: list[Reply], asked: int
) -> None:
    server.pages["/a"] = in_turn(*replies)
    reason = refusal(web, server.url("/a"))
    assert "asks programs to wait" in reason
    assert server.asked.count("/a") == asked
    slept = len(time.slept)
    for path in ("/b", "/c"):
        assert refusal(web, server.url(path)) == reason
    assert server.asked.count("/b") == 0
    assert len(time.slept) == slept
    web.get(server.url(host="other.example"))  # which is another host
    time.now += 61
    assert isinstance(web.get(server.url("/b")), Fetched)


def test_one_page_that_is_always_busy_for_a_second_closes_no_host(
    server: Server, web: Web, time: Time
) -> None:
    server.pages["/a"] = says(429, retry_after="1")
    assert "asks programs to wait" in refusal(web, server.url("/a"))
    assert isinstance(web.get(server.url("/b")), Fetched)


def test_trouble_with_one_page_closes_no_host(server: Server, web: Web) -> None:
    for status in (500, 502, 503):
        server.pages["/a"] = says(status)
        assert f"({status})" in refusal(web, server.url("/a"))
        assert isinstance(web.get(server.url("/b")), Fetched)


def test_busy_rules_are_asked_for_once_more_too(server: Server, web: Web, time: Time) -> None:
    server.pages["/robots.txt"] = in_turn(says(503, retry_after="3"), says(404))
    assert isinstance(web.get(server.url("/a")), Fetched)
    assert time.slept == [3, 1]


def test_a_busy_host_is_not_asked_for_the_rules_of_another_port_either(server: Server, web: Web) -> None:
    server.pages["/a"] = says(429, retry_after="500")
    reason = refusal(web, server.url("/a"))
    assert refusal(web, "http://127.0.0.1:8080/a") == reason


def test_the_host_that_a_redirect_leads_to_is_the_busy_one(server: Server, web: Web) -> None:
    server.pages["/a"] = says(302, location=server.url("/busy", host="other.example"))
    server.pages["/busy"] = says(429, retry_after="500")
    assert "other.example asks programs to wait 500 s" in refusal(web, server.url("/a", host="site.example"))
    assert isinstance(web.get(server.url("/b", host="site.example")), Fetched)
    refusal(web, server.url("/c", host="other.example"))
    assert "/c" not in server.asked
