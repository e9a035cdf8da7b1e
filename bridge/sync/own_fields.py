"""What people say of a copy for themselves, which a one-way sync neither undoes nor carries.

Whether an activity was done, who sees it in the CRM, and when one is reminded is no matter of the
event it was made from; reminders and colour of a copy at Google are of whoever looks at it there.
The side that is followed still has the last word on what is changed there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bridge.domain.view import Field, InstanceField, MergeField, View
from bridge.sync.instances import plain_instance, spelled_out
from bridge.sync.model import Side
from bridge.sync.sight import SideSight, Sight

OWN: Mapping[Side, frozenset[MergeField]] = {
    Side.CALENDAR: frozenset({MergeField.DONE, MergeField.VISIBILITY, MergeField.REMINDERS}),
    Side.GOOGLE: frozenset({MergeField.REMINDERS, MergeField.COLOUR}),
}


def own_changes(sight: Sight, target: Side) -> frozenset[Field]:
    """Return what changed on the target since both sides agreed that is nobody else's business.

    Args:
        sight: Of an item that was agreed on.
        target: Of the one-way sync.
    """
    here, followed = sight.side(target), sight.side(target.other).differs()
    changed = here.differs() - followed
    return frozenset(field for field in changed if _is_own(field, here, OWN[target]))


def changes_only_its_own(sight: Sight, target: Side) -> bool:
    """Return whether nothing happened to the copy that would have to be undone."""
    changed = sight.side(target).differs()
    return bool(changed) and changed == own_changes(sight, target)


def telling_of_own(sight: Sight, target: Side) -> Sight:
    """Return the sight telling of dates that deviate in the target's own only, on both sides.

    All else of such a date is compared field by field then, as it follows its series.
    """
    views = (sight.calendar.view, sight.google.view)
    if len({view and view.schedule for view in views}) > 1:
        return sight
    keys = {
        field.key
        for field in own_changes(sight, target)
        if isinstance(field, InstanceField) and field.field is None
    }
    here, there = (_telling(side, keys) for side in (sight.calendar, sight.google))
    return replace(sight, calendar=here, google=there) if keys else sight


def _telling(side: SideSight, keys: set[str]) -> SideSight:
    def told(view: View | None) -> View | None:
        return view and spelled_out(view, keys, schedule=view.schedule)

    return replace(side, view=told(side.view), base=told(side.base))


def _is_own(field: Field, side: SideSight, own: frozenset[MergeField]) -> bool:
    if isinstance(field, MergeField):
        return field in own
    if field.field is not None:
        return field.field in own
    # A date is told of only because of what deviates in it.
    now, before = (
        view and view.by_key().get(field.key, plain_instance(view, field.key))
        for view in (side.view, side.base)
    )
    return now is not None and before is not None and now.changed_fields(before) <= own
