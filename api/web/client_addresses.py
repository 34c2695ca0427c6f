"""Finds the address of a client behind our own proxies, in every notation that proxies use."""

import ipaddress
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from fastapi import Request
from starlette.datastructures import Headers

from services.site import ProxyHeader, Site

UNREADABLE = "unreadable"
"""What every address counts as that cannot be read, so that nobody gets around a limit by an odd notation."""

_BRACKETED = re.compile(r"\[(?P<address>[^\[\]]*)\](?::[\w.-]*)?", re.ASCII)
_WITH_PORT = re.compile(r"(?P<address>[^:]*):[\w.-]*", re.ASCII)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_PAIR = re.compile(r'\s*([\w!#$%&\'*+.^`|~-]+)=("(?:[^"\\]|\\.)*"|[^\s;"]*)\s*', re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Passage:
    """How a request came: whose it is, and what proxies have written about it.

    `entries` counts the addresses in the header that the site believes. `has_other_header`: the other one came.
    """

    address: str
    entries: int
    has_other_header: bool

    @property
    def is_readable(self) -> bool:
        """Whether the client's address could be read."""
        return self.address != UNREADABLE


def client_address(request: Request, site: Site) -> str:
    """The address by which attempts are counted: behind our own proxies, and for IPv6 its /64 network."""
    return passage(request, site).address


def passage(request: Request, site: Site) -> Passage:
    """How a request came. Only the entries that our own proxies wrote count; a client can write any before them."""
    entries = _entries(request.headers, site.proxy_header)
    hops = min(site.trusted_proxies, len(entries))
    if hops == 0:
        node = request.client.host if request.client else ""
    else:
        node = _node(entries[-hops]) if site.proxy_header is ProxyHeader.FORWARDED else entries[-hops]
    other_headers = [header for header in ProxyHeader if header is not site.proxy_header]
    return Passage(
        address=_subject(node),
        entries=len(entries),
        has_other_header=any(header in request.headers for header in other_headers),
    )


def _entries(headers: Headers, name: ProxyHeader) -> list[str]:
    """All entries of all lines of the header, in the order in which proxies appended them."""
    return [entry for line in headers.getlist(name) for entry in _split(line)]


def _split(line: str) -> list[str]:
    """The entries of one line, read from its end.

    A comma inside quotes separates nothing. A client can leave a quote open, so what comes before our own proxies'
    entries must not decide how these are read.
    """
    entries, end, is_quoted = [], len(line), False
    for place in range(len(line) - 1, -1, -1):
        if line[place] == '"' and not _is_escaped(line, place):
            is_quoted = not is_quoted
        elif line[place] == "," and not is_quoted:
            entries.append(line[place + 1 : end])
            end = place
    entries.append(line[:end])
    return [entry.strip() for entry in reversed(entries) if entry.strip()]


def _is_escaped(line: str, place: int) -> bool:
    before = line[:place]
    return (len(before) - len(before.rstrip("\\"))) % 2 == 1


def _node(element: str) -> str:
    """Whom an element of `Forwarded` is for (RFC 7239, 4); empty if it does not say so, or says it twice."""
    pairs = [_PAIR.fullmatch(pair) for pair in _pairs(element)]
    nodes = [pair[2] for pair in pairs if pair and pair[1].lower() == "for"]
    return nodes[0] if len(nodes) == 1 and all(pairs) else ""


def _pairs(element: str) -> list[str]:
    return re.findall(r'(?:[^;"]|"(?:[^"\\]|\\.)*")+', element)


def _subject(node: str) -> str:
    """What an address counts as, without quotes, brackets, port and zone."""
    text = node.strip().strip('"').strip()
    for notation in (_BRACKETED, _WITH_PORT):
        if match := notation.fullmatch(text):
            text = match["address"]
    address = _parsed(text) or _parsed(
        text.rpartition(":")[0]
    )  # some write a port behind an IPv6 address as it is
    return _network(address) if address else UNREADABLE


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None


def _network(address: IPv4Address | IPv6Address) -> str:
    if isinstance(address, IPv4Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    if address in _NAT64:
        return str(IPv4Address(int(address) & 0xFFFFFFFF))  # RFC 6052: else all of IPv4 would be one network
    # The owner of one IPv6 address usually has all 2^64 addresses of its network.
    return str(ipaddress.ip_network((address, 64), strict=False))
