"""What of the dates of a series goes on in one that was split off it at Google (features F2).

Marks and alarms of single dates are the CRM's; Google drops them with the exceptions behind the
split. What was typed in the calendar and had not reached Google yet was never Google's to drop. All
else of single dates a person saw go, and the history of the old series has it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from bridge.domain.view import Instance, MergeField, Schedule, View
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.ordinals import lines_from
from bridge.ical.split_off import Predecessor
from bridge.sync.instances import carry_over, instance_at, plain_instance
from bridge.sync.ports import Lens
from bridge.sync.sight import beating_delete

MARKS = frozenset({MergeField.DONE})
"""What goes on even where nothing may be written to Google."""
_OWN = frozenset({MergeField.DONE, MergeField.REMINDERS})
_NEVER = frozenset({MergeField.ATTENDEES, MergeField.REPLY, MergeField.COLOUR})
"""With whom the new series is, Google has just said; a colour is that of its type anyway."""


def going_on(view: View, before: Predecessor, lens: Lens, *, kinds: frozenset[MergeField]) -> View:
    """Return the view of a new series with what goes on in it of the old one.

    Google may have taken exceptions along; what it says of them then counts.

    Args:
        view: As the new series, or the single event, is shown.
        before: What it goes on from.
        lens: Made for the present settings.
        kinds: What may go on.
    """
    old = lens.calendar_view(before.object) if before.key else None
    if old is None:
        return view
    agreed, kinds = _agreed(old, before.agreed, lens), kinds - _NEVER
    if not view.schedule.recurrence:
        return _single(view, old, agreed, before.key, kinds=kinds)
    try:
        mine, theirs = (_rest(each, before.key, view.schedule) for each in (old, agreed))
    except ConversionError:
        return view  # too far to follow: nothing can be told of its dates
    return _series(view, mine, theirs, kinds=kinds)


def _agreed(old: View, item: CalendarObject | None, lens: Lens) -> View:
    """Return what Google knew of the old series; the very `old` where nobody can tell."""
    try:
        agreed = None if item is None else lens.calendar_view(item)
    except ConversionError:
        return old
    return old if agreed is None or agreed.schedule != old.schedule else agreed


def _single(view: View, old: View, agreed: View, key: str, *, kinds: frozenset[MergeField]) -> View:
    mine, theirs = instance_at(old, key), instance_at(agreed, key)
    if mine is None:
        return view
    kinds -= {MergeField.SCHEDULE}
    return _date(view, mine, theirs or mine, plain_instance(old, key), told=True, kinds=kinds)


def _series(view: View, mine: View, theirs: View, *, kinds: frozenset[MergeField]) -> View:
    whole = view.taking(mine, _unsaid(view, mine, theirs, kinds - {MergeField.SCHEDULE}))
    told = dict(view.by_key())
    for key in sorted(mine.by_key().keys() | theirs.by_key().keys()):
        shown, own, agreed = (
            instance_at(whole, key),
            instance_at(mine, key),
            instance_at(theirs, key),
        )
        if shown is None:
            continue  # cancelled with the split
        if own is not None:
            plain = plain_instance(mine, key)
            agreed = agreed or plain
            told[key] = _date(shown, own, agreed, plain, told=key in told, kinds=kinds)
        elif agreed is not None and MergeField.SCHEDULE in kinds:
            edited = key in told and _is_edited(shown, agreed, plain_instance(whole, key))
            told[key] = told[key] if edited else None
    return _with(whole, told)


def _is_edited(shown: View, agreed: View, plain: View) -> bool:
    """Whether a date that Google tells of was edited there so that it beats a cancellation here.

    What it says as the new series does was said with the split, of no single date.
    """
    return bool(beating_delete(shown.changed_fields(agreed) & shown.changed_fields(plain)))


def _date(  # noqa: PLR0913  # one date, as four know it
    shown: View,
    mine: View,
    agreed: View,
    plain: View,
    *,
    told: bool,
    kinds: frozenset[MergeField],
) -> View:
    """Return a date of the new series with what goes on of the old one's.

    Args:
        shown: The date of the new series.
        mine: The date of the old one, in the calendar.
        agreed: The same as Google knew it.
        plain: What the old series shows where nothing deviates.
        told: Google tells of this date; else it only dropped what the old one had there.
        kinds: What may go on.
    """
    own = {field for field in _OWN if mine.value_of(field) != plain.value_of(field)}
    unsaid = _unsaid(shown, mine, agreed, kinds) if told else _changed(mine, agreed)
    return shown.taking(mine, (own | unsaid) & kinds)


def _unsaid(
    shown: View, mine: View, agreed: View, kinds: frozenset[MergeField]
) -> frozenset[MergeField]:
    """Return what was changed in the calendar only, and Google has not heard of."""
    return frozenset(
        field
        for field in _changed(mine, agreed) & kinds
        if shown.value_of(field) == agreed.value_of(field)
    )


def _changed(mine: View, agreed: View) -> frozenset[MergeField]:
    return frozenset(
        field for field in MergeField if mine.value_of(field) != agreed.value_of(field)
    )


def _rest(view: View, key: str, schedule: Schedule) -> View:
    """Return a series from one of its instances on, its dates named as the new schedule does.

    Raises:
        ConversionError: One of the schedules cannot be followed.
    """
    span = plain_instance(view, key).schedule.span
    rest = replace(
        view,
        schedule=Schedule(span=span, recurrence=lines_from(view.schedule.recurrence, key)),
        instances=tuple(each for each in view.instances if each.key >= key),
    )
    return replace(carry_over(rest, schedule).view, schedule=schedule)


def _with(view: View, told: Mapping[str, View | None]) -> View:
    return replace(view, instances=tuple(Instance(key=key, view=told[key]) for key in sorted(told)))
