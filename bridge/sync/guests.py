"""What is held for the sake of guests, and what a person's answer makes of it; pure (decision 28).

Only what guests would learn of is held: the time of an event that has guests at Google, or its
deletion. All other fields of the item go on meanwhile.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

from bridge.domain.spans import AllDaySpan
from bridge.domain.view import (
    Field,
    InstanceField,
    MergeField,
    Schedule,
    View,
    in_order,
    kind_of,
)
from bridge.sync.hold import Held, HoldKind
from bridge.sync.instances import plain_instance
from bridge.sync.merge import Merged, giving_up
from bridge.sync.sight import Sight

HELD_FIELDS = frozenset({MergeField.SCHEDULE})
"""The kinds of fields that are held."""


def has_guests(sight: Sight) -> bool:
    """Whether people at Google would be surprised."""
    facts = sight.google.facts
    return sight.google.present and facts is not None and facts.guests


def invites(sight: Sight) -> bool:
    """Whether the item has guests on either side."""
    told = (sight.calendar.facts, sight.google.facts)
    return any(facts is not None and facts.guests for facts in told)


def hold_of_change(sight: Sight, merged: Merged, now: datetime) -> Held | None:
    """Return the hold of a new time that is about to go to Google; None when nothing is held."""
    fields = _held_fields(merged) - unheard(sight, merged)
    if not fields or not has_guests(sight) or sight.calendar.view is None:
        return None
    return _hold(sight, HoldKind.CHANGE, _wish(sight.calendar.view, fields), now)


def hold_of_delete(sight: Sight, now: datetime) -> Held:
    """Return the hold of a deletion at Google."""
    return _hold(sight, HoldKind.DELETE, "", now)


def hold_of_withdrawal(sight: Sight, reason: str, now: datetime) -> Held:
    """Return the hold of a withdrawal of our own copy."""
    return _hold(sight, HoldKind.WITHDRAW, reason, now)


def kept(sight: Sight, merged: Merged) -> Merged:
    """Return the merge that puts the calendar back where Google is, in what was held."""
    going = unheard(sight, merged)
    back = giving_up(sight, replace(merged, outgoing=merged.outgoing - going), HELD_FIELDS)
    return replace(back, outgoing=back.outgoing | going)


def unheard(sight: Sight, merged: Merged) -> frozenset[Field]:
    """Return the single dates that go out with nothing that guests would hear of.

    A date that is plain on one side and changed on the other is told as a whole, be it that it was
    done or that it was moved.
    """
    on = sight if merged.aligned is None else merged.aligned.sight
    fields = (field for field in merged.outgoing if isinstance(field, InstanceField))
    return frozenset(each for each in fields if each.field is None and _at_one_time(on, each.key))


def _at_one_time(sight: Sight, key: str) -> bool:
    shown = [
        view.by_key().get(key, plain_instance(view, key))
        for view in (sight.calendar.view, sight.google.view)
        if view is not None
    ]
    times = {None if each is None else each.schedule for each in shown}
    return None not in times and len(times) == 1


def _held_fields(merged: Merged) -> frozenset[Field]:
    return frozenset(field for field in merged.outgoing if kind_of(field) in HELD_FIELDS)


def _hold(sight: Sight, kind: HoldKind, wish: str, now: datetime) -> Held:
    """Return the hold there is already, with this wish; an answer to another one is none."""
    before = sight.link.held
    if before is None or before.kind is not kind:
        return Held(kind=kind, since=now, wish=wish)
    return before if before.wish == wish else replace(before, wish=wish, answer=None)


def _wish(view: View, fields: frozenset[Field]) -> str:
    told = "\n".join(f"{field.value}: {_text(view.value_of(field))}" for field in in_order(fields))
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def _text(value: object) -> str:
    """Return a value as text, equal for equal instants whatever zone object tells them."""
    match value:
        case View():
            return _text(value.schedule)
        case Schedule():
            return " ".join((*_ends(value), *value.recurrence))
        case _:
            return str(value)


def _ends(schedule: Schedule) -> tuple[str, str]:
    span = schedule.span
    if isinstance(span, AllDaySpan):
        return span.start.isoformat(), span.end.isoformat()
    return span.start_utc.isoformat(), span.end_utc.isoformat()
