"""What an option shows otherwise than when both sides last agreed (features B10).

A changed option is nobody's edit: bases and sides are looked at through the present lens, and under
it nothing changed. What tells is the view that was agreed on, which is as the lens showed it then.
Where the calendar shows something else of the same object by now, Google's copy follows. Who sees
an item is the one thing that options read out of Google, so there the calendar follows.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.domain.view import Field, InstanceField, MergeField, View, kind_of
from bridge.sync.guests import HELD_FIELDS
from bridge.sync.merge import Merged
from bridge.sync.model import Side
from bridge.sync.sight import Sight

OPTIONS = "options"
"""Reason of a write that shows an item as changed options say."""
_OUTWARD = frozenset(
    {
        MergeField.TITLE,
        MergeField.LOCATION,
        MergeField.DESCRIPTION,
        MergeField.DONE,
        MergeField.REMINDERS,
        MergeField.CONFERENCE,
        MergeField.ATTENDEES,
        MergeField.COLOUR,
    }
)
"""What options show or hide of an activity."""


def with_reshown(sight: Sight, merged: Merged, not_out: frozenset[MergeField]) -> Merged:
    """Return the merge with what an option shows otherwise by now.

    Args:
        sight: Of an item that is on both sides.
        merged: What has to be carried anyway; its fields are as they are there.
        not_out: Kinds of fields that are not to be written to Google; what is held for guests is
            asked about.
    """
    fields = reshown(sight, guests_out=MergeField.ATTENDEES not in not_out)
    # Under another schedule the names of the instances mean other dates.
    moved = merged.aligned is not None and merged.aligned.sight is not sight
    fields = {
        field: side
        for field, side in fields.items()
        if field not in merged.incoming | merged.outgoing
        and not (moved and isinstance(field, InstanceField))
        and not (side is Side.CALENDAR and kind_of(field) in not_out - HELD_FIELDS)
    }
    outgoing = {field for field, side in fields.items() if side is Side.CALENDAR}
    return replace(
        merged,
        outgoing=merged.outgoing | outgoing,
        incoming=merged.incoming | (fields.keys() - outgoing),
    )


def reshown(sight: Sight, *, guests_out: bool = False) -> dict[Field, Side]:
    """Return the fields in which the sides differ since an option changed, and whose value holds.

    Nobody changed them. A title that came from Google is no copy that a template is for.

    Args:
        sight: Of the item.
        guests_out: Guests may be written to Google: those of an activity that it lacks go there.
    """
    here, there, agreed = sight.calendar, sight.google, sight.link.agreed
    if agreed is None or not (here.present and there.present):
        return {}
    if here.view is None or there.view is None or here.base is None or there.base is None:
        return {}
    edited = here.differs() | there.differs()
    found: dict[Field, Side] = {}
    for field in here.view.changed_fields(there.view) - edited:
        invited = guests_out and kind_of(field) is MergeField.ATTENDEES and _is_ours(sight)
        if invited or (_shows_otherwise(field, here.base, agreed) and _is_outward(field, sight)):
            found[field] = Side.CALENDAR
        elif field is MergeField.VISIBILITY and _shows_otherwise(field, there.base, agreed):
            found[field] = Side.GOOGLE
    return found


def _shows_otherwise(field: Field, base: View, agreed: View) -> bool:
    return base.value_of(field) != agreed.value_of(field)


def _is_outward(field: Field, sight: Sight) -> bool:
    if isinstance(field, InstanceField) and field.field is None:
        # With what it deviated in, an instance as a whole came or went.
        return True
    kind = kind_of(field)
    if kind is MergeField.TITLE and not _is_ours(sight):
        return False
    series = sight.calendar.view is not None and sight.calendar.view.schedule.recurrence
    return kind in _OUTWARD and not (series and field is MergeField.DONE)


def _is_ours(sight: Sight) -> bool:
    return sight.link.origin is Side.CALENDAR
