"""Connections that go only to addresses which were looked up once and checked, and that take only so long."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from ipaddress import ip_address
from socket import SOCK_STREAM, getaddrinfo
from ssl import SSLContext
from threading import Thread
from time import monotonic
from typing import Any

# httpcore2 is what the openai client runs on. Its network backend is public, so that the address which
# was checked can be dialled and every read can be timed; other clients hide both.
import httpcore2

from index.errors import InputRejected
from index.sources.address import Address, Network, Target, is_public, serves_pages

Resolve = Callable[[str, int], Sequence[str]]
"""Called with a host name and a port, returns its addresses. Raises OSError."""

PUBLIC_ONLY: tuple[Network, ...] = ()
BY_HAND = "save the page in a browser and add the file"


class Deadline:
    """Counts from when it was made: `seconds` for everything, `pause` for one step."""

    def __init__(self, seconds: float, pause: float) -> None:
        self._end = monotonic() + seconds
        self._pause = pause

    def left(self) -> float:
        """Seconds that the next step may take. Raises TimeoutError where none are left."""
        left = min(self._pause, self._end - monotonic())
        if left <= 0:
            raise TimeoutError
        return left

    @contextmanager
    def halted(self) -> Iterator[None]:
        started = monotonic()
        try:
            yield
        finally:
            self._end += monotonic() - started


def look_up(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver. Raises OSError."""
    return [str(found[4][0]) for found in getaddrinfo(host, port, type=SOCK_STREAM)]


def addresses(
    target: Target, named: str, allowance: Collection[Network], resolve: Resolve, deadline: Deadline
) -> list[Address]:
    """Look a host up, once. Raises InputRejected unless every address of it may be reached."""
    try:
        found = [ip_address(target.host)]
    except ValueError:
        try:
            found = [ip_address(a) for a in _looked_up(target, resolve, deadline)]
        except TimeoutError:
            raise
        except (OSError, ValueError):  # unknown, or what the resolver says is no address
            found = []
    if not found:
        raise InputRejected(f"{named} names a host that is not known; check its spelling.") from None
    for address in found:
        if not is_public(address) and not any(address in network for network in allowance):
            raise InputRejected(f"{named} is not on the public internet; {BY_HAND}.")
    if not serves_pages(target):
        raise InputRejected(f"{named} names a port where no web server is expected; {BY_HAND}.")
    return found


def _looked_up(target: Target, resolve: Resolve, deadline: Deadline) -> Sequence[str]:
    """Resolve in a thread of its own, because a look-up in the system takes no time limit."""
    answer: Future[Sequence[str]] = Future()

    def work() -> None:
        try:
            answer.set_result(resolve(target.host, target.port))
        except OSError as error:
            answer.set_exception(error)

    Thread(target=work, daemon=True).start()
    return answer.result(deadline.left())


class Pinned(httpcore2.NetworkBackend):
    """Dials the addresses that were checked, whatever the name would resolve to by now."""

    def __init__(self, addresses: Sequence[Address], deadline: Deadline) -> None:
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

    def __init__(self, stream: httpcore2.NetworkStream, deadline: Deadline) -> None:
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
