"""One HTTP request to an address a stranger gave us (threats, server-side request forgery).

The standard library's connection is used because it lets us dial the very address that was looked
at: a client that resolves names by itself may be told another one. No redirects, no proxies, no
cookies, one deadline for everything.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException

from bridge.domain.web_push import Destination, usual_port
from bridge.errors import SideUnavailable

DEADLINE_SECONDS = 10.0
SIDE = "push service"

_CONNECT_SECONDS = 4.0
_MOST_ADDRESSES = 3
_MOST_ANSWER_BYTES = 4_096
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True, kw_only=True)
class PushAnswer:
    """What a push service said.

    Attributes:
        status: HTTP status.
        retry_after: The header of that name, or "".
    """

    status: int
    retry_after: str


def post(
    destination: Destination,
    headers: Mapping[str, str],
    body: bytes,
    *,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> PushAnswer:
    """Send a request once and return what came back, whatever its status.

    Args:
        destination: Allowed by `PushHosts`.
        headers: Further headers.
        body: Whole.
        deadline_seconds: For everything after the name was resolved.

    Raises:
        SideUnavailable: No connection, no whole answer in time, a bad certificate, or the name
            leads to an address that is not public.
    """
    with _network_errors():
        addresses = _addresses(destination)
        connection = _Pinned(destination, addresses, seconds=deadline_seconds)
        try:
            connection.request("POST", destination.target, body=body, headers=dict(headers))
            response = connection.getresponse()
            connection.demand_whole()
            response.read(_MOST_ANSWER_BYTES)
            return PushAnswer(
                status=response.status, retry_after=response.getheader("Retry-After", "")
            )
        finally:
            connection.end()


class _Pinned(HTTPConnection):
    """A connection to addresses that were looked at, cut off at its deadline."""

    def __init__(self, destination: Destination, addresses: list[str], *, seconds: float) -> None:
        self.default_port = usual_port(destination.scheme)  # else it stands in the Host header
        super().__init__(destination.host, destination.port)
        self._destination = destination
        self._addresses = addresses
        self._ends = time.monotonic() + seconds
        self._timer: threading.Timer | None = None
        self._late = threading.Event()

    def connect(self) -> None:
        """Connect, with TLS where the address asks for it, before the time is over."""
        opened = self._dial()
        left = max(0.1, self._ends - time.monotonic())
        opened.settimeout(left)
        self.sock = opened
        if self._destination.scheme != "https":
            self._cut_after(left, opened)
            return
        secured = ssl.create_default_context().wrap_socket(
            opened, server_hostname=self._destination.host, do_handshake_on_connect=False
        )
        self.sock = secured
        self._cut_after(left, secured)
        secured.do_handshake()

    def demand_whole(self) -> None:
        """Refuse headers that ended because the deadline came: the library takes them for whole.

        Raises:
            TimeoutError: It came.
        """
        if self._late.is_set():
            raise TimeoutError("no whole answer in time")

    def end(self) -> None:
        """Close it, and call the deadline off; `close` alone is what the library calls early."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer.join()
        self.close()

    def _cut_after(self, seconds: float, opened: socket.socket) -> None:
        # The time-out counts for each read; a service that sends a byte now and then needs this.
        self._timer = threading.Timer(seconds, self._cut, (opened,))
        self._timer.daemon = True
        self._timer.start()

    def _cut(self, opened: socket.socket) -> None:
        """End both directions; whoever reads sees an end or an error."""
        self._late.set()
        # Not the method of SSLSocket, which takes the reader's TLS state away under its hands.
        with suppress(OSError):
            socket.socket.shutdown(opened, socket.SHUT_RDWR)

    def _dial(self) -> socket.socket:
        failure: OSError = ConnectionError("no address")
        for address in self._addresses:
            left = self._ends - time.monotonic()
            try:
                return socket.create_connection(
                    (address, self._destination.port), min(_CONNECT_SECONDS, max(0.1, left))
                )
            except OSError as error:
                failure = error
        raise failure


def _addresses(destination: Destination) -> list[str]:
    """Return the addresses of the host, if every one of them may be dialled."""
    found = socket.getaddrinfo(
        destination.host, destination.port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
    )
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not destination.private and not all(is_public(address) for address in addresses):
        raise SideUnavailable(
            "the push service has an address that is not public", side=SIDE, reason="private"
        )
    return addresses[:_MOST_ADDRESSES]


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to the public Internet, also behind its IPv6 forms."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:  # with a scope, as link-local addresses have
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        hidden = parsed.ipv4_mapped or parsed.sixtofour
        if parsed in _NAT64:
            hidden = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if hidden is not None:
            return is_public(str(hidden))
        if parsed.is_site_local:  # deprecated, and routed in some networks all the same
            return False
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


@contextmanager
def _network_errors() -> Iterator[None]:
    try:
        yield
    except (OSError, HTTPException, UnicodeError) as error:
        raise SideUnavailable(
            f"the push service could not be reached: {type(error).__name__}",
            side=SIDE,
            reason="network",
        ) from error
