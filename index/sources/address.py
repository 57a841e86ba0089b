"""Addresses on the web: one spelling for each, and which of them lie on the public internet."""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import quote, urljoin, urlsplit

import idna

from index.errors import InputRejected

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

LONGEST_URL = 2_000

_PORTS = {"http": 80, "https": 443}
_LOWEST = 1024
"""Below it are mail, name and file servers, which are not to be sent what a stranger wrote into a URL."""
_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")
_NEVER = (  # what `is_global` lets through, in some Python or in all
    ip_network("168.63.129.16/32"),  # Azure's own service, the same in every virtual machine
    ip_network("192.0.0.0/24"),
    ip_network("192.88.99.0/24"),
    ip_network("2001::/23"),  # Teredo, and other protocols that are no host's address
    ip_network("2002::/16"),  # 6to4 wraps an IPv4 address, which may be private
    ip_network("3fff::/20"),
)
_NAME = re.compile(r"(?=.{1,254}\Z)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_DOT = re.compile(r"%2e", re.IGNORECASE)
_SAFE = "/%:@!$&'()*+,;=~-._?"


@dataclass(frozen=True, slots=True)
class Target:
    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def normalise(url: str) -> str:
    """Write an address as every spelling of it is written. Raises InputRejected."""
    return parsed(url, url).url


def parsed(url: str, named: str, base: str = "") -> Target:
    """Take an address apart; what browsers and libraries read in different ways is refused.

    `named` is what messages call it. Raises InputRejected.
    """
    if len(url) > LONGEST_URL:
        raise InputRejected(f"An address of more than {LONGEST_URL:,} characters cannot be read; shorten it.")
    if not url.isprintable() or "\\" in url:
        raise InputRejected(f"{named} is no address that can be used; copy it from a browser.")
    try:
        parts = urlsplit(urljoin(base, url))
        port = parts.port
    except ValueError:
        raise InputRejected(f"{named} is no address that can be used; copy it from a browser.") from None
    if parts.scheme not in _PORTS:
        raise InputRejected(f"{named} does not begin with http:// or https://; only those can be read.")
    if "@" in parts.netloc:
        raise InputRejected("An address that holds a user name or password cannot be read; leave it out.")
    host = _host(parts.hostname or "")
    if host is None or port == 0:
        raise InputRejected(f"{named} has no host name that can be used; copy it from a browser.")
    path = quote(_without_dots(parts.path), safe=_SAFE) or "/"
    if parts.query:
        path += "?" + quote(parts.query, safe=_SAFE)
    return Target(parts.scheme, host, port or _PORTS[parts.scheme], path)


def serves_pages(target: Target) -> bool:
    """Whether a web server may be expected at its port."""
    return target.port in _PORTS.values() or target.port >= _LOWEST


def is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        if address in _NAT64:
            return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
        if address not in _UNICAST:  # ::1, ::ffff:127.0.0.1, 64:ff9b:1::, fc00::, fe80::, ff02::
            return False
    return (
        address.is_global and not address.is_multicast and not any(address in network for network in _NEVER)
    )


def _without_dots(path: str) -> str:
    """Resolve `.` and `..` (RFC 3986, section 5.2.4), which would hide a page from robots.txt's rules."""
    kept: list[str] = []
    segments = _DOT.sub(".", path).split("/")
    for segment in segments[1:]:
        if segment == "..":
            kept[-1:] = []
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in (".", ".."):
        kept.append("")
    return "".join(f"/{segment}" for segment in kept)


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
