"""A page from the web, fetched so that neither its address nor its server can be turned against us.

A host is looked up once, every address that it has must be public, and the connection goes to just
those addresses. Redirects go through the same gate. Size and time are bounded whatever a server says.
"""

import re
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from socket import SOCK_STREAM, getaddrinfo
from ssl import SSLCertVerificationError, SSLContext
from threading import Thread
from time import monotonic
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

# httpcore2 is what the openai client runs on. Its network backend is public, so that the address which
# was checked can be dialled and every read can be timed; other clients hide both.
import httpcore2
import idna

from index.errors import InputRejected
from index.readers.raw import LARGEST

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address
Resolve = Callable[[str, int], Sequence[str]]
"""Called with a host name and a port, returns its addresses. Raises OSError."""

PUBLIC_ONLY: tuple[Network, ...] = ()
LONGEST_URL = 2_000
PIECE = 65_536
"""Bytes. How much is decompressed at a time."""

_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_NEVER = (  # what `is_global` lets through, in some Python or in all
    ip_network("168.63.129.16/32"),  # Azure's own service, the same in every virtual machine
    ip_network("192.0.0.0/24"),
    ip_network("192.88.99.0/24"),
    ip_network("2002::/16"),  # 6to4 wraps an IPv4 address, which may be private
    ip_network("3fff::/20"),
)
_NAME = re.compile(r"(?=.{1,254}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SAFE = "/%:@!$&'()*+,;=~-._?"
_BY_HAND = "save the page in a browser and add the file"


@dataclass(frozen=True, slots=True)
class Limits:
    size: int = LARGEST
    """Bytes, after decompression."""
    seconds: float = 30
    """For everything: look-ups, redirects and the body."""
    pause: float = 10
    """Seconds that one connection, one read or one write may take."""
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Fetched:
    url: str
    """Where the page was in the end, after all redirects."""
    data: bytes
    content_type: str
    """In lower case and without parameters; empty where the server names none."""
    charset: str | None
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True, slots=True)
class _Target:
    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"http": 80, "https": 443}[self.scheme]
        return host if self.port == usual else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def look_up(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver. Raises OSError."""
    return [str(found[4][0]) for found in getaddrinfo(host, port, type=SOCK_STREAM)]


def normalise(url: str) -> str:
    """Write an address as every spelling of it is written. Raises InputRejected."""
    return _parsed(url, url).url


def fetch(
    url: str,
    *,
    allowance: Collection[Network] = PUBLIC_ONLY,
    resolve: Resolve = look_up,
    limits: Limits = Limits(),
) -> Fetched:
    """Fetch one page.

    `allowance` names networks that may be reached though they are not public: tests serve from one.
    Raises InputRejected for whatever keeps the page from being read.
    """
    deadline = _Deadline(limits)
    named = url
    target = _parsed(url, named)
    try:
        for _ in range(limits.redirects + 1):
            addresses = _addresses(target, named, allowance, resolve, deadline)
            reached = _visit(target, url, addresses, limits.size, deadline)
            if isinstance(reached, Fetched):
                return reached
            named = f"The page that {url} redirects to"
            target = _parsed(reached, named, base=target.url)
    except (httpcore2.TimeoutException, TimeoutError):
        raise InputRejected(f"{url} took too long to answer; try later, or {_BY_HAND}.") from None
    except httpcore2.ConnectError as error:
        if any(isinstance(cause, SSLCertVerificationError) for cause in error.args):
            raise InputRejected(f"{url} has a certificate that cannot be trusted; {_BY_HAND}.") from None
        raise InputRejected(f"{url} cannot be reached; check the address, or try later.") from None
    except (httpcore2.NetworkError, httpcore2.ProtocolError, zlib.error):
        raise InputRejected(f"{url} broke off its answer; try later, or {_BY_HAND}.") from None
    raise InputRejected(f"{url} redirects more than {limits.redirects} times; give the page's own address.")


def _parsed(url: str, named: str, base: str = "") -> _Target:
    """Take an address apart; what browsers and libraries read in different ways is refused."""
    if len(url) > LONGEST_URL:
        raise InputRejected(f"An address of more than {LONGEST_URL:,} characters cannot be read; shorten it.")
    if not url.isprintable() or "\\" in url:
        raise InputRejected(f"{named} is no address that can be used; copy it from a browser.")
    try:
        parts = urlsplit(urljoin(base, url))
        port = parts.port
    except ValueError:
        raise InputRejected(f"{named} is no address that can be used; copy it from a browser.") from None
    if parts.scheme not in ("http", "https"):
        raise InputRejected(f"{named} does not begin with http:// or https://; only those can be read.")
    if "@" in parts.netloc:
        raise InputRejected("An address that holds a user name or password cannot be read; leave it out.")
    host = _host(parts.hostname or "")
    if host is None or port == 0:
        raise InputRejected(f"{named} has no host name that can be used; copy it from a browser.")
    path = quote(parts.path, safe=_SAFE) or "/"
    if parts.query:
        path += "?" + quote(parts.query, safe=_SAFE)
    return _Target(parts.scheme, host, port or {"http": 80, "https": 443}[parts.scheme], path)


def _host(given: str) -> str | None:
    """The name as DNS knows it, or the address in its usual spelling."""
    try:
        name = given if given.isascii() else idna.encode(given, uts46=True).decode()
    except idna.IDNAError:
        return None
    if "%" in name:  # names a network card of this machine
        return None
    try:
        return str(ip_address(name))
    except ValueError:
        pass
    # 2130706433, 0x7f.1 and 0177.0.0.1 are 127.0.0.1 to some resolvers and other hosts to others.
    if not _NAME.fullmatch(name) or _NUMBER.fullmatch(name.rstrip(".").rpartition(".")[2]):
        return None
    return name


def _addresses(
    target: _Target, named: str, allowance: Collection[Network], resolve: Resolve, deadline: "_Deadline"
) -> list[Address]:
    """Look a host up, once. Raises InputRejected unless every address of it may be reached."""
    try:
        found = [ip_address(target.host)]
    except ValueError:
        try:
            found = [ip_address(a) for a in _looked_up(target, resolve, deadline)]
        except TimeoutError:
            raise
        except OSError:
            found = []
    if not found:
        raise InputRejected(f"{named} names a host that is not known; check its spelling.") from None
    for address in found:
        if not _is_public(address) and not any(address in network for network in allowance):
            raise InputRejected(f"{named} is not on the public internet; {_BY_HAND}.")
    return found


def _looked_up(target: _Target, resolve: Resolve, deadline: "_Deadline") -> Sequence[str]:
    """Resolve in a thread of its own, because a look-up in the system takes no time limit."""
    answer: Future[Sequence[str]] = Future()

    def work() -> None:
        try:
            answer.set_result(resolve(target.host, target.port))
        except OSError as error:
            answer.set_exception(error)

    Thread(target=work, daemon=True).start()
    return answer.result(deadline.left())


def _is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return _is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address not in _UNICAST:  # ::1, ::ffff:127.0.0.1, fc00::, fe80::, ff02::
            return False
    return (
        address.is_global and not address.is_multicast and not any(address in network for network in _NEVER)
    )


def _visit(
    target: _Target, url: str, addresses: Sequence[Address], size: int, deadline: "_Deadline"
) -> Fetched | str:
    """The page at one address, or where it redirects to. `url` is what messages name."""
    connection = httpcore2.HTTPConnection(
        httpcore2.Origin(target.scheme.encode(), target.host.encode(), target.port),
        network_backend=_Pinned(addresses, deadline),
    )
    request = httpcore2.URL(
        scheme=target.scheme, host=target.host, port=target.port, target=target.path.encode()
    )
    headers: dict[bytes | str, bytes | str] = {
        "Host": target.authority,
        "User-Agent": f"Ibid/{_version()} (reads single pages that a person names)",
        "Accept": "text/html, application/xhtml+xml, text/markdown, text/plain;q=0.9",
        "Accept-Encoding": "gzip",
        "Connection": "close",
    }
    with closing(connection), connection.stream("GET", request, headers=headers) as response:
        location = _header(response, b"location")
        if response.status in (301, 302, 303, 307, 308) and location:
            return location
        if response.status != 200:
            raise InputRejected(f"{url} {_trouble(response.status)}.")
        kind = _header(response, b"content-type") or ""
        charset = re.search(r"""charset\s*=\s*["']?([\w.:-]+)""", kind, re.IGNORECASE)
        return Fetched(
            url=target.url,
            data=_body(response, url, size),
            content_type=kind.partition(";")[0].strip().lower(),
            charset=charset[1] if charset else None,
            etag=_header(response, b"etag"),
            last_modified=_header(response, b"last-modified"),
        )


def _header(response: httpcore2.Response, name: bytes) -> str | None:
    for key, value in response.headers:
        if key.lower() == name:
            return value.decode(errors="replace")
    return None


def _trouble(status: int) -> str:
    if status in (404, 410):
        return f"does not exist ({status}); check the address"
    if status in (401, 402, 403, 451):
        return f"is not open to programs ({status}); {_BY_HAND}"
    if status == 429 or status >= 500:
        return f"has trouble at its server ({status}); try later, or {_BY_HAND}"
    return f"gives no page ({status}); check the address, or {_BY_HAND}"


def _body(response: httpcore2.Response, url: str, size: int) -> bytes:
    encoding = (_header(response, b"content-encoding") or "identity").strip().lower()
    pieces: Iterable[bytes] = response.iter_stream()
    if encoding in ("gzip", "x-gzip"):
        pieces = _inflated(pieces)
    elif encoding != "identity":
        raise InputRejected(f"{url} is compressed in a way that Ibid did not ask for; {_BY_HAND}.")
    data = bytearray()
    for piece in pieces:
        data += piece
        if len(data) > size:
            raise InputRejected(f"{url} is larger than {size / 1_000_000:g} MB; add a part of it as a file.")
    return bytes(data)


def _inflated(pieces: Iterable[bytes]) -> Iterator[bytes]:
    decoder = zlib.decompressobj(zlib.MAX_WBITS | 16)
    for piece in pieces:
        rest = piece
        while rest and not decoder.eof:
            yield decoder.decompress(rest, PIECE)
            rest = decoder.unconsumed_tail
    if not decoder.eof:
        raise zlib.error("cut short")


class _Deadline:
    """Counts from when it was made."""

    def __init__(self, limits: Limits) -> None:
        self._end = monotonic() + limits.seconds
        self._pause = limits.pause

    def left(self) -> float:
        """Seconds that the next step may take. Raises TimeoutError where none are left."""
        left = min(self._pause, self._end - monotonic())
        if left <= 0:
            raise TimeoutError
        return left


class _Pinned(httpcore2.NetworkBackend):
    """Dials the addresses that were checked, whatever the name would resolve to by now."""

    def __init__(self, addresses: Sequence[Address], deadline: _Deadline) -> None:
        self._addresses = addresses
        self._deadline = deadline

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002
        port: int,
        timeout: float | None = None,  # noqa: ARG002
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.NetworkStream:
        failure: Exception = httpcore2.ConnectError()
        for address in self._addresses:
            try:
                stream = httpcore2.SyncBackend().connect_tcp(
                    str(address), port, self._deadline.left(), local_address, socket_options
                )
                return _Timed(stream, self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure


class _Timed(httpcore2.NetworkStream):
    """Holds each read and write to the deadline, so that headers cannot drip for ever either."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: _Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002
        return self._stream.read(max_bytes, self._deadline.left())

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002
        self._stream.write(buffer, self._deadline.left())

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002
    ) -> httpcore2.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _Timed(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _version() -> str:
    try:
        return version("ibid")
    except PackageNotFoundError:  # run from its source, not installed
        return "source"
