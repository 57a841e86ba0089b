"""What hosts allow programs to read: robots.txt (RFC 9309)."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from protego import Protego

from index.errors import InputRejected
from index.sources.connection import BY_HAND
from index.sources.fetch import Fetched, Limits, NoPage

TOKEN = "Ibid"  # noqa: S105 - a name, not a secret
LIMITS = Limits(size=512_000, seconds=10, pause=5, cut=True)
"""RFC 9309, section 2.5: of what is longer, the first 500 KiB count."""
KEPT_FOR = 24 * 3600.0
"""Seconds, section 2.4."""
UNREADABLE_FOR = 600.0
"""Seconds after which a host whose robots.txt could not be read is asked again."""
MOST = 200
"""Hosts that are remembered: a feed may name thousands, each with rules of half a megabyte."""
LONGEST_DELAY = 30.0
"""Seconds. Crawl-delay is no part of RFC 9309; what is longer is taken as this."""

_GROUP = re.compile(r"^[ \t]*user[ -]?agent[ \t]*:?[ \t]*(.*)$", re.IGNORECASE)
_OURS = re.compile(rf"{TOKEN}(?![\w-])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Rules:
    until: float
    parser: Protego | None = None
    trouble: str | None = None
    """Why nothing may be read."""


class Robots:
    """Asks each host once for its rules.

    `fetch` reads robots.txt itself, within `LIMITS`; it raises InputRejected. `clock` counts seconds.
    """

    def __init__(self, fetch: Callable[[str], Fetched], clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._clock = clock
        self._known: dict[str, _Rules] = {}

    def check(self, url: str, named: str) -> None:
        """Raise InputRejected where the host of `url`, which messages call `named`, closes it to programs."""
        rules = self._rules(url)
        if rules.trouble:
            raise InputRejected(rules.trouble)
        if rules.parser and not rules.parser.can_fetch(url, TOKEN):
            raise InputRejected(f"{named} is closed to programs by the robots.txt of its host; {BY_HAND}.")

    def delay(self, url: str) -> float:
        """Seconds that its host asks to leave between two pages, as far as it is known; at most 30."""
        rules = self._known.get(_origin(url))
        asked = rules.parser.crawl_delay(TOKEN) if rules and rules.parser else None
        return min(asked or 0.0, LONGEST_DELAY)

    def _rules(self, url: str) -> _Rules:
        origin = _origin(url)
        rules = self._known.pop(origin, None)
        if rules is None or rules.until <= self._clock():
            rules = self._read(origin)
        if len(self._known) >= MOST:
            del self._known[next(iter(self._known))]
        self._known[origin] = rules  # last, as the one that was used last
        return rules

    def _read(self, origin: str) -> _Rules:
        try:
            found = self._fetch(f"{origin}/robots.txt")
        except NoPage as error:
            # Section 2.3.1.3. A 429 is no word on what may be read, so it counts as trouble.
            if 200 <= error.status < 500 and error.status != 429:
                return _Rules(self._clock() + KEPT_FOR)
            reason = str(error.status)
        except InputRejected:
            reason = "it does not answer"
        else:
            lines = found.data.decode("utf-8-sig", errors="replace").splitlines()
            text = "\n".join(_GROUP.sub(_group, line) for line in lines)
            return _Rules(self._clock() + KEPT_FOR, Protego.parse(text))
        trouble = (
            f"robots.txt of {urlsplit(origin).netloc} cannot be read ({reason}), so its pages are left "
            f"alone; try later, or {BY_HAND}."
        )
        return _Rules(self._clock() + UNREADABLE_FOR, trouble=trouble)


def _group(line: re.Match[str]) -> str:
    """Rename what others are called: Protego takes half a minute over 15,000 names with 1,500 rules."""
    name = line[1].partition("#")[0].strip()
    if name == "*":
        return "User-agent: *"
    return f"User-agent: {TOKEN if _OURS.match(name) else 'another'}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
