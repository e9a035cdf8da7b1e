"""What a side makes of an insert at once: its own wording is nobody's edit, its additions are news.

Google rewrites what it stores, HTML above all. What differs from what was sent is normal then, and
must not come back over the original.
"""

from __future__ import annotations

from bridge.domain.view import MergeField
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.merge import EMPTY
from bridge.sync.model import Side
from bridge.sync.ports import Lens
from bridge.sync.sight import put_view, view_of


def agreed_at_once(
    lens: Lens, side: Side, sent: CalendarObject, answer: CalendarObject
) -> CalendarObject | None:
    """Return how far the answer to an insert that made an item is agreed; None for all of it."""
    told, shown = view_of(lens, side, sent), view_of(lens, side, answer)
    if told is None or shown is None:
        return None
    changed = told.changed_fields(shown)
    added = [
        field
        for field in MergeField
        if field in changed and field in EMPTY and told.value_of(field) == EMPTY[field]
    ]
    return put_view(lens, side, shown.taking(told, added), answer) if added else None
