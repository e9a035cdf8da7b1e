"""Who is at the other end of the socket, and who is behind the proxies we were told to believe."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

FORWARDING_HEADERS = frozenset(
    {
        "HTTP_FORWARDED",
        "HTTP_VIA",
        "HTTP_X_FORWARDED_FOR",
        "HTTP_X_FORWARDED_HOST",
        "HTTP_X_FORWARDED_PORT",
        "HTTP_X_FORWARDED_PREFIX",
        "HTTP_X_FORWARDED_PROTO",
        "HTTP_X_FORWARDED_SERVER",
        "HTTP_X_REAL_IP",
        "HTTP_X_REMOTE_ADDR",
        "HTTP_X_REMOTE_USER",
        "HTTP_X_SCRIPT_NAME",
    }
)
"""WSGI names of headers that only a proxy has reason to send."""

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """Where a request came from.

    Attributes:
        address: The socket's own address, "" when the server does not tell.
        client: The address failed sign-ins are counted for.
        forwarded: Whether it carries a forwarding header, believed or not.
    """

    address: str = ""
    client: str = ""
    forwarded: bool = False


class Addresses:
    """A set of addresses and networks."""

    def __init__(self, entries: Iterable[str]) -> None:
        """Read addresses and networks in their usual notation.

        Raises:
            ValueError: An entry is neither.
        """
        self._networks: tuple[Network, ...] = tuple(
            ipaddress.ip_network(entry.strip(), strict=False) for entry in entries
        )

    def __contains__(self, address: str) -> bool:
        """Whether the address is one of them, or in one of the networks."""
        if not self._networks:
            return False
        try:
            ip = ipaddress.ip_address(address)
        except ValueError:
            return False
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        return any(ip in network for network in self._networks)


LOOPBACK = ("127.0.0.0/8", "::1")


def peer_of(environ: Mapping[str, Any], *, proxies: Addresses | None = None) -> Peer:
    """Return who sent the request.

    Args:
        environ: The WSGI environment, with all its headers.
        proxies: Whose `X-Forwarded-For` is believed; nobody's by default.
    """
    address = str(environ.get("REMOTE_ADDR") or "")
    client = address
    hops = str(environ.get("HTTP_X_FORWARDED_FOR", "")).split(",")
    # From the right: the last entry was written by the proxy next to us, those further left
    # could have been made up by whoever the first untrusted one is.
    while proxies is not None and client in proxies and hops:
        hop = hops.pop().strip()
        if not hop:
            break
        client = hop
    return Peer(
        address=address,
        client=client,
        forwarded=any(header in environ for header in FORWARDING_HEADERS),
    )
