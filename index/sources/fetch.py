"""A page from the web, fetched so that neither its address nor its server can be turned against us.

A host is looked up once, every address that it has must be public, and the connection goes to just
those addresses. Redirects go through the same gate. Size and time are bounded whatever a server says.
"""

import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from ssl import SSLCertVerificationError
from typing import overload

import httpcore2

from index.article import Validators
from index.errors import InputRejected
from index.readers.raw import LARGEST
from index.sources.address import Address, Network, Target, parsed
from index.sources.address import normalise as normalise
from index.sources.connection import BY_HAND, PUBLIC_ONLY, Deadline, Pinned, Resolve, addresses, look_up

PIECE = 65_536
"""Bytes. How much is decompressed at a time."""
LONGEST_HEADER = 1_000

_ACCEPT = (
    "text/html, application/xhtml+xml, text/markdown, application/pdf, application/epub+zip, "
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document, "
    "application/rss+xml, application/atom+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, text/plain;q=0.9"
)
_ETAG = re.compile(r'(W/)?"[!#-~]*"')
UNKNOWN = Validators()
_Headers = dict[bytes | str, bytes | str]


@dataclass(frozen=True, slots=True)
class Limits:
    size: int = LARGEST
    """Bytes, after decompression."""
    seconds: float = 30
    """For everything: look-ups, redirects and the body."""
    pause: float = 10
    """Seconds that one connection, one read or one write may take."""
    redirects: int = 5
    cut: bool = False
    """What is larger than `size` is cut there; else it is refused."""


@dataclass(frozen=True, slots=True)
class Fetched:
    url: str
    """Where the page was in the end, after all redirects."""
    data: bytes
    content_type: str
    """In lower case and without parameters; empty where the server names none."""
    charset: str | None
    validators: Validators = UNKNOWN
    """Empty where the page was reached by a redirect: they would be those of another address."""


@dataclass(frozen=True, slots=True)
class NotModified:
    """The page is still the one that the validators came with."""

    url: str
    validators: Validators
    """Those to ask with next time."""


class NoPage(InputRejected):
    """The server answered, but with no page."""

    def __init__(self, message: str, status: int, retry_after: float | None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after
        """Seconds that the server asks to wait."""


def _at_once(url: str) -> None:
    pass


@overload
def fetch(
    url: str,
    *,
    before: Callable[[str], None] = ...,
    contact: str | None = ...,
    allowance: Collection[Network] = ...,
    resolve: Resolve = ...,
    limits: Limits = ...,
) -> Fetched: ...
@overload
def fetch(
    url: str,
    *,
    validators: Validators,
    before: Callable[[str], None] = ...,
    contact: str | None = ...,
    allowance: Collection[Network] = ...,
    resolve: Resolve = ...,
    limits: Limits = ...,
) -> Fetched | NotModified: ...
def fetch(
    url: str,
    *,
    validators: Validators = UNKNOWN,
    before: Callable[[str], None] = _at_once,
    contact: str | None = None,
    allowance: Collection[Network] = PUBLIC_ONLY,
    resolve: Resolve = look_up,
    limits: Limits = Limits(),
) -> Fetched | NotModified:
    """Fetch one page, or learn that it is still the one that `validators` came with.

    Validators go to `url` only, never on to where it redirects: an ETag or a date of one page says
    nothing of another, and an older page would pass for an unchanged one.

    `before` is called with each address that is going to be asked, redirects included; it may wait,
    which the deadline does not count, or raise. `contact` tells servers how to reach who runs this.
    `allowance` names networks that may be reached though they are not public: tests serve from one.
    Raises InputRejected for whatever keeps the page from being read, NoPage where its server said so.
    """
    deadline = Deadline(limits.seconds, limits.pause)
    agent = _agent(contact)
    named = url
    target = parsed(url, named)
    try:
        for hop in range(limits.redirects + 1):
            found = addresses(target, named, allowance, resolve, deadline)
            with deadline.halted():
                before(target.url)
            sent = UNKNOWN if hop else validators
            reached = _visit(target, url, found, _headers(target, agent, sent), limits, deadline)
            if isinstance(reached, NotModified):
                given = reached.validators  # a 304 need not repeat them
                kept = Validators(given.etag or sent.etag, given.last_modified or sent.last_modified)
                return replace(reached, validators=kept)
            if isinstance(reached, Fetched):
                return replace(reached, validators=UNKNOWN) if hop else reached
            named = f"The page that {url} redirects to"
            target = parsed(reached, named, base=target.url)
    except (httpcore2.TimeoutException, TimeoutError):
        raise InputRejected(f"{url} took too long to answer; try later, or {BY_HAND}.") from None
    except httpcore2.ConnectError as error:
        if any(isinstance(cause, SSLCertVerificationError) for cause in error.args):
            raise InputRejected(f"{url} has a certificate that cannot be trusted; {BY_HAND}.") from None
        raise InputRejected(f"{url} cannot be reached; check the address, or try later.") from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError, zlib.error):
        raise InputRejected(f"{url} broke off its answer; try later, or {BY_HAND}.") from None
    message = f"{url} redirects more than {limits.redirects} times; give the page's own address."
    raise NoPage(message, 302, None)


def _agent(contact: str | None) -> str:
    if contact is None:
        return f"Ibid/{_version()} (reads pages that a person names)"
    if not re.fullmatch(r"[!-'*-\[\]-~]{1,200}", contact):  # no spaces, brackets or backslashes
        raise InputRejected("The contact for web servers is no address; give https://... or a mail address.")
    return f"Ibid/{_version()} (reads pages that a person names; +{contact})"


def _headers(target: Target, agent: str, validators: Validators) -> _Headers:
    headers: _Headers = {
        "Host": target.authority,
        "User-Agent": agent,
        "Accept": _ACCEPT,
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    if (etag := validators.etag) and _is_plain(etag) and _ETAG.fullmatch(etag):
        headers["If-None-Match"] = etag
    if (modified := validators.last_modified) and _is_plain(modified):
        headers["If-Modified-Since"] = modified
    return headers


def _visit(
    target: Target,
    url: str,
    found: Sequence[Address],
    headers: _Headers,
    limits: Limits,
    deadline: Deadline,
) -> Fetched | NotModified | str:
    """The page at one address, or where it redirects to. `url` is what messages name."""
    connection = httpcore2.HTTPConnection(
        httpcore2.Origin(target.scheme.encode(), target.host.encode(), target.port),
        network_backend=Pinned(found, deadline),
    )
    request = httpcore2.URL(
        scheme=target.scheme, host=target.host, port=target.port, target=target.path.encode()
    )
    conditional = "If-None-Match" in headers or "If-Modified-Since" in headers
    with closing(connection), connection.stream("GET", request, headers=headers) as response:
        location = _header(response, b"location")
        if response.status in (301, 302, 303, 307, 308) and location:
            return location
        etag = _plain(response, b"etag")
        if etag and not _ETAG.fullmatch(etag):  # "*" would match whatever the page becomes
            etag = None
        validators = Validators(etag, _plain(response, b"last-modified"))
        if response.status == 304 and conditional:
            return NotModified(target.url, validators)
        if response.status != 200:
            message = f"{url} {_trouble(response.status)}."
            raise NoPage(message, response.status, _retry_after(response))
        kind = _plain(response, b"content-type") or ""
        charset = re.search(r"""charset\s*=\s*["']?([\w.:-]+)""", kind, re.IGNORECASE)
        return Fetched(
            url=target.url,
            data=_body(response, url, limits),
            content_type=kind.partition(";")[0].strip().lower(),
            charset=charset[1] if charset else None,
            validators=validators,
        )


def _header(response: httpcore2.Response, name: bytes) -> str | None:
    for key, value in response.headers:
        if key.lower() == name:
            return value.decode(errors="replace")
    return None


def _plain(response: httpcore2.Response, name: bytes) -> str | None:
    """A header that is kept or sent back, unless it is not fit for that."""
    value = _header(response, name)
    return value if value and _is_plain(value) else None


def _is_plain(value: str) -> bool:
    return len(value) <= LONGEST_HEADER and value.isascii() and value.isprintable()


def _retry_after(response: httpcore2.Response) -> float | None:
    """Seconds (RFC 9110, section 10.2.3); a date counts from the server's own clock."""
    value = (_plain(response, b"retry-after") or "").strip()
    if value.isdigit():
        return float(value[:9])
    try:
        then = parsedate_to_datetime(value)
        now = parsedate_to_datetime(_plain(response, b"date") or "")
    except (ValueError, OverflowError):
        return None
    return max(0.0, (_aware(then) - _aware(now)).total_seconds())


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _trouble(status: int) -> str:
    if status in (404, 410):
        return f"does not exist ({status}); check the address"
    if status in (401, 402, 403, 451):
        return f"is not open to programs ({status}); {BY_HAND}"
    if status == 429 or status >= 500:
        return f"has trouble at its server ({status}); try later, or {BY_HAND}"
    return f"gives no page ({status}); check the address, or {BY_HAND}"


def _body(response: httpcore2.Response, url: str, limits: Limits) -> bytes:
    encoding = (_header(response, b"content-encoding") or "identity").strip().lower()
    pieces: Iterable[bytes] = response.iter_stream()
    if encoding in ("gzip", "x-gzip"):
        pieces = _inflated(pieces)
    elif encoding != "identity":
        raise InputRejected(f"{url} is compressed in a way that Ibid did not ask for; {BY_HAND}.")
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > limits.size:
            if limits.cut:
                return bytes(data[: limits.size])
            megabytes = limits.size / 1_000_000
            raise InputRejected(f"{url} is larger than {megabytes:g} MB; add a part of it as a file.")
    return bytes(data)


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
    for piece in pieces:
        rest = piece
        while rest and not decoder.eof:
            yield decoder.decompress(rest, PIECE)
            rest = decoder.unconsumed_tail
        if decoder.eof:  # browsers read no further either
            return
    raise zlib.error("cut short")


def _version() -> str:
    try:
        return version("ibid")
    except PackageNotFoundError:  # run from its source, not installed
        return "source"
