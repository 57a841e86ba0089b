"""Pages read as their hosts ask."""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Protocol
from urllib.parse import urlsplit

from index.article import Validators
from index.errors import InputRejected
from index.sources import robots
from index.sources.connection import BY_HAND
from index.sources.fetch import UNKNOWN, Fetched, Limits, NoPage, NotModified, fetch, normalise

SHORT = 5.0
"""Seconds that a host may ask for again and again: its other pages are asked for then."""
PATIENCE = 30.0
"""Seconds. A host that asks for a longer wait is left alone for that time."""
UNSAID = 60.0
"""Seconds that a host is left alone which finds us too fast (429) and does not say for how long."""


class Fetch(Protocol):
    """As `index.sources.fetch.fetch`."""

    def __call__(
        self,
        url: str,
        *,
        validators: Validators,
        before: Callable[[str], None],
        contact: str | None,
        limits: Limits,
    ) -> Fetched | NotModified: ...


@dataclass(slots=True)
class _Host:
    name: str
    ended: float | None = None
    """When its last answer had been read."""
    busy_until: float = 0.0
    closed: str | None = None
    """Why it is not even waited for until then."""


class Web:
    """Reads pages as their hosts ask: robots.txt, one request at a time, a pause between two.

    `pause` is in seconds, from the end of one request to the next to the same host, robots.txt and
    redirects included; a longer Crawl-delay counts in its place. `contact`, an address on the web or of
    mail, tells hosts whom to turn to. `clock` counts seconds. Not for several threads at once.
    """

    def __init__(
        self,
        *,
        fetch: Fetch = fetch,
        pause: float = 1.0,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], None] = sleep,
        contact: str | None = None,
    ) -> None:
        self._fetch = fetch
        self._pause = pause
        self._clock = clock
        self._sleep = sleep
        self._contact = contact
        self._hosts: dict[str, _Host] = {}
        self._robots = robots.Robots(self._rules, clock)

    def get(self, url: str, validators: Validators = UNKNOWN) -> Fetched | NotModified:
        """Read one page, or learn that it is still the one that `validators` came with.

        Raises InputRejected, also where robots.txt closes the page or one that it redirects to.
        """
        own = normalise(url)

        def check(hop: str) -> None:
            self._robots.check(hop, url if hop == own else f"The page that {url} redirects to")

        return self._patiently(url, validators, Limits(), check)

    def _rules(self, url: str) -> Fetched:
        fetched = self._patiently(url, UNKNOWN, robots.LIMITS, lambda _url: None)
        assert isinstance(fetched, Fetched), "without validators, each answer is a page"
        return fetched

    def _patiently(
        self, url: str, validators: Validators, limits: Limits, check: Callable[[str], None]
    ) -> Fetched | NotModified:
        """Ask, and once more where the host said when."""
        try:
            return self._ask(url, validators, limits, check)
        except _Busy as first:
            if first.host.closed:
                raise
        try:
            return self._ask(url, validators, limits, check)
        except _Busy as second:
            if second.host.busy_until - self._clock() > SHORT:
                second.host.closed = str(second)
            raise

    def _ask(
        self, url: str, validators: Validators, limits: Limits, check: Callable[[str], None]
    ) -> Fetched | NotModified:
        asked: _Host | None = None

        def before(hop: str) -> None:
            nonlocal asked
            if asked:
                asked.ended = self._clock()
            asked = None
            host = self._open(hop)
            check(hop)
            self._wait(host, hop)
            asked = host

        try:
            return self._fetch(
                url, validators=validators, before=before, contact=self._contact, limits=limits
            )
        except NoPage as error:
            if asked and error.status in (429, 503):
                self._leave(asked, error)
            raise
        finally:
            if asked:
                asked.ended = self._clock()

    def _open(self, url: str) -> _Host:
        """The host of an address. Raises InputRejected where it wants to be left alone."""
        name = urlsplit(url).hostname or ""
        host = self._hosts.setdefault(name, _Host(name))
        if host.closed and self._clock() < host.busy_until:
            raise InputRejected(host.closed)
        host.closed = None
        return host

    def _wait(self, host: _Host, url: str) -> None:
        """Sleep until its host may be asked for an address."""
        ready = host.busy_until
        if host.ended is not None:
            ready = max(ready, host.ended + max(self._pause, self._robots.delay(url)))
        left = ready - self._clock()
        if left > 0:
            self._sleep(left)

    def _leave(self, host: _Host, error: NoPage) -> None:
        """Note until when a host does not want to be asked. Raises _Busy where it wants that."""
        seconds = error.retry_after
        if seconds is None and error.status == 429:
            seconds = UNSAID
        if seconds is None:
            return
        host.busy_until = self._clock() + seconds
        reason = (
            f"{host.name} asks programs to wait {seconds:,.0f} s ({error.status}); "
            f"try again then, or {BY_HAND}."
        )
        if seconds > PATIENCE:
            host.closed = reason
        raise _Busy(reason, error, host) from None


class _Busy(NoPage):
    def __init__(self, message: str, error: NoPage, host: _Host) -> None:
        super().__init__(message, error.status, error.retry_after)
        self.host = host
