"""Refusals on the wire: which status and which precondition element a store error becomes.

Statuses are those of RFC 4791 section 5.3.2.1, RFC 4918 section 16 and RFC 6578 section 3.2. A
refusal is never a 500: Thunderbird takes that for success.
"""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from http import client
from typing import TYPE_CHECKING

from radicale import xmlutils

from bridge.domain.worker_lease import LEASE_LOST
from bridge.errors import (
    BridgeError,
    ConversionError,
    InvalidInput,
    InvalidResource,
    LeaseLost,
    NotFound,
    ObjectChanged,
    SignInThrottled,
    StoreBusy,
    StoreError,
    SyncTokenExpired,
    UidConflict,
    UnsupportedComponent,
    UnsupportedKind,
)
from radicale_plugin.vocabulary import NAMESPACE

if TYPE_CHECKING:
    from radicale.types import WSGIResponse

BUSY_SECONDS = 2
"""What `Retry-After` says when the database is busy."""


class Refusal(BridgeError):
    """A request that is refused with a certain status.

    Attributes:
        status: HTTP status.
        condition: Precondition element in Radicale's notation (`C:max-resource-size`), or "".
    """

    def __init__(self, message: str, *, status: int, condition: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.condition = condition


class Forbidden(Refusal):
    """The user has no right to something, or nobody signed in."""

    def __init__(self) -> None:
        super().__init__(
            "you have no right to this", status=client.FORBIDDEN, condition="D:need-privileges"
        )


def answer_to(error: BridgeError, *, base_prefix: str = "", parent: str = "/") -> WSGIResponse:
    """Return the response that tells a client of the error.

    Args:
        error: What was raised.
        base_prefix: What stands before all paths, as in `/dav`.
        parent: Path of the collection, for conditions that name another resource in it.
    """
    status, conditions = _classify(error)
    headers = {}
    if isinstance(error, StoreBusy):
        headers["Retry-After"] = str(BUSY_SECONDS)
    if isinstance(error, SignInThrottled):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after)))
    if not conditions:
        headers["Content-Type"] = "text/plain"
        return status, headers, f"{error}\n", None
    headers["Content-Type"] = "application/xml; charset=utf-8"
    body = xmlutils.webdav_error(conditions[0])
    if isinstance(error, UidConflict):
        href = ET.SubElement(body[0], xmlutils.make_clark("D:href"))
        href.text = xmlutils.make_href(base_prefix, parent + error.href)
    for further in conditions[1:]:
        ET.SubElement(body, xmlutils.make_clark(further))
    ET.SubElement(body, f"{{{NAMESPACE}}}message").text = str(error)
    return status, headers, ET.tostring(body, "utf-8", xml_declaration=True), None


# The first row whose error it is counts, so that particular errors stand before general ones.
_TABLE: tuple[tuple[type[BridgeError], int, tuple[str, ...]], ...] = (
    # Both fail: no calendar takes it (threats, I21), and no resource may be one (section 4.1).
    (
        UnsupportedKind,
        client.FORBIDDEN,
        ("C:supported-calendar-component", "C:valid-calendar-object-resource"),
    ),
    (InvalidResource, client.FORBIDDEN, ("C:valid-calendar-object-resource",)),
    (ConversionError, client.FORBIDDEN, ("C:valid-calendar-data",)),
    (UnsupportedComponent, client.FORBIDDEN, ("C:supported-calendar-component",)),
    (UidConflict, client.CONFLICT, ("C:no-uid-conflict",)),
    (SyncTokenExpired, client.FORBIDDEN, ("D:valid-sync-token",)),
    (ObjectChanged, client.PRECONDITION_FAILED, ()),
    (LeaseLost, client.PRECONDITION_FAILED, (LEASE_LOST,)),
    (StoreBusy, client.SERVICE_UNAVAILABLE, ()),
    (SignInThrottled, client.TOO_MANY_REQUESTS, ()),
    (NotFound, client.NOT_FOUND, ()),
    (InvalidInput, client.BAD_REQUEST, ()),
    (StoreError, client.CONFLICT, ()),
)


def _classify(error: BridgeError) -> tuple[int, tuple[str, ...]]:
    """Return the status and the preconditions that failed."""
    if isinstance(error, Refusal):
        return error.status, (error.condition,) if error.condition else ()
    for kind, status, conditions in _TABLE:
        if isinstance(error, kind):
            return status, conditions
    return client.FORBIDDEN, ()
