"""What Google's copy of an item lacks for the sake of its guests, so that it can be said; pure."""

from __future__ import annotations

from bridge.errors import ConversionError
from bridge.sync.model import Link
from bridge.sync.ports import Lens

CONTACTS = "contacts"
"""The linked contacts, which strangers are not told (features D3)."""


def left_out_at_google(link: Link, lens: Lens) -> str:
    """Return what stays away from the copy of an activity, machine-readable; "" for nothing."""
    item = link.calendar.object
    if item is None:
        return ""
    try:
        return CONTACTS if lens.withholds_contacts(item, link.google.object) else ""
    except ConversionError:
        return ""
