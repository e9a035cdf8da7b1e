"""Whether a component blocks time (RFC 4791 section 7.10)."""

from __future__ import annotations

from enum import IntEnum

from bridge.ical.scanner import ContentComponent


class Busy(IntEnum):
    """What an instance does to its owner's time; the numbers are stored."""

    FREE = 0
    BUSY = 1
    TENTATIVE = 2


def busy_of(component: ContentComponent) -> Busy:
    """Return what TRANSP and STATUS say; only events block time."""
    status = component.value("STATUS").upper()
    if component.name != "VEVENT" or status == "CANCELLED":
        return Busy.FREE
    if component.value("TRANSP").upper() == "TRANSPARENT":
        return Busy.FREE
    return Busy.TENTATIVE if status == "TENTATIVE" else Busy.BUSY
