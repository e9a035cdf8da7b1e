"""What the parts of the plugin know of the HTTP request that is being answered.

Radicale makes its storage, auth and rights objects apart from each other and tells each of them
little; this record, one per request in a context variable, is how they share the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from bridge.domain.identifiers import ConnectionId, Fencing
from bridge.domain.users import User
from bridge.domain.worker_lease import HEADER, read_fencing
from radicale_plugin.peer import Peer, peer_of

PEER = "crmdav.peer"
"""Key in the WSGI environment under which the gateway leaves the `Peer`."""

CLIENT = "client"
"""Origin of what any calendar program writes."""

_LEASE = "HTTP_" + HEADER.upper().replace("-", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """The window in which a REPORT wants instances instead of series (RFC 4791 section 9.6.5).

    Attributes:
        start: Aware, UTC, inclusive.
        end: Aware, UTC, exclusive.
    """

    start: datetime
    end: datetime


@dataclass(slots=True, kw_only=True)
class Request:
    """One HTTP request.

    Attributes:
        peer: Who sent it.
        user: Who signed in, once that is known.
        connection_id: The connection whose worker signed in; None for a person.
        fencing: Of the lease under which a worker writes; None where it is not told.
        charset: The charset the body claims, lower case, or "".
        secret_id: The app password that signed in, if one did.
        retry_after: Seconds to wait when sign-in was refused unseen, else None.
        dont_notify: The header `Push-Dont-Notify`, or "".
    """

    peer: Peer = field(default_factory=Peer)
    user: User | None = None
    connection_id: ConnectionId | None = None
    fencing: Fencing | None = None
    charset: str = ""
    secret_id: int | None = None
    retry_after: float | None = None
    dont_notify: str = ""

    @property
    def origin(self) -> str:
        """What is recorded as writer: `client` or `google:<connection>`."""
        return CLIENT if self.connection_id is None else f"google:{self.connection_id}"


_current: ContextVar[Request | None] = ContextVar("crmdav_dav_request", default=None)


def begin_request(environ: Mapping[str, Any]) -> Request:
    """Start the record of a new request, in place of the thread's last one."""
    peer = environ.get(PEER)
    request = Request(
        peer=peer if isinstance(peer, Peer) else peer_of(environ),
        fencing=read_fencing(environ.get(_LEASE)),
        dont_notify=environ.get("HTTP_PUSH_DONT_NOTIFY", ""),
    )
    _current.set(request)
    return request


def current_request() -> Request:
    """Return the record of the request being answered; an empty one outside of any."""
    request = _current.get()
    if request is None:
        request = Request()
        _current.set(request)
    return request
