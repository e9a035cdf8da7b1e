"""The field-level three-way merge (design decision 24).

Different fields merge. The same field changed on both sides follows one stated table; clocks are
never compared. The losing value is told, so that it can be shown and put back. Instances of a
series are compared in the terms of the schedule that will hold (`bridge.sync.align`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from bridge.domain.view import (
    Field,
    InstanceField,
    MergeField,
    View,
    Visibility,
    in_order,
    kind_of,
)
from bridge.sync.align import Aligned, align, moved
from bridge.sync.instance_rules import winner_of
from bridge.sync.model import Side
from bridge.sync.own_fields import own_changes, telling_of_own
from bridge.sync.sight import SideSight, Sight

WINNERS: Mapping[MergeField, Side] = {
    MergeField.TITLE: Side.CALENDAR,
    MergeField.SCHEDULE: Side.GOOGLE,
    MergeField.LOCATION: Side.GOOGLE,
    MergeField.DESCRIPTION: Side.CALENDAR,
    MergeField.BUSY: Side.CALENDAR,
    MergeField.VISIBILITY: Side.CALENDAR,
    MergeField.DONE: Side.CALENDAR,
    MergeField.REMINDERS: Side.CALENDAR,
    MergeField.CONFERENCE: Side.CALENDAR,
    MergeField.ATTENDEES: Side.GOOGLE,
    MergeField.REPLY: Side.CALENDAR,
    MergeField.COLOUR: Side.CALENDAR,
}
"""Who wins a field both sides changed: Google time, place and guests, the CRM all else."""

EMPTY: Mapping[MergeField, object] = {
    MergeField.TITLE: "",
    MergeField.LOCATION: "",
    MergeField.DESCRIPTION: "",
    MergeField.VISIBILITY: Visibility.DEFAULT,
    MergeField.DONE: False,
    MergeField.REMINDERS: None,
    MergeField.CONFERENCE: "",
    MergeField.ATTENDEES: (),
    MergeField.REPLY: None,
    MergeField.COLOUR: "",
}
"""Where a field can be empty: what it says then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Loser:
    """A value that was not kept."""

    field: Field
    side: Side
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What has to be carried to make both sides agree.

    Attributes:
        incoming: Fields whose value at Google goes to the calendar.
        outgoing: Fields whose value in the calendar goes to Google.
        losers: Values of both-changed fields that were not kept.
        aligned: In whose terms instances are named; None where each side's own names are meant.
    """

    incoming: frozenset[Field] = frozenset()
    outgoing: frozenset[Field] = frozenset()
    losers: tuple[Loser, ...] = ()
    aligned: Aligned | None = None


def merge(sight: Sight, *, source: Side | None = None) -> Merged:
    """Merge both sides of an item that is on both; fields of equal value are in neither set.

    Args:
        sight: With a view on both sides.
        source: The side that wins every conflict, of a one-way sync; None follows the table.
    """
    aligned = align(sight, _leader(sight, source))
    calendar, google = _views(aligned.sight)
    incoming: set[Field] = set()
    outgoing: set[Field] = set()
    losers = [
        Loser(field=InstanceField(key=each.key), side=aligned.leader.other, value=str(each.view))
        for each in aligned.gone
    ]
    for field in in_order(calendar.changed_fields(google)):
        winner, loser = _winner(field, aligned.sight, source)
        if winner is None:
            continue
        (incoming if winner is Side.GOOGLE else outgoing).add(field)
        if loser is not None:
            value = str(_value(aligned.sight.side(loser), field))
            losers.append(Loser(field=field, side=loser, value=value))
    return Merged(
        incoming=frozenset(incoming),
        outgoing=frozenset(outgoing),
        losers=tuple(losers),
        aligned=aligned,
    )


def mirror(sight: Sight, source: Side) -> Merged:
    """Return what makes the target show what the source of a one-way sync shows.

    What the target says for itself stays there, unsaid (`bridge.sync.own_fields`), and so does what
    both sides agreed to differ in.
    """
    if sight.calendar.base is None or sight.google.base is None:
        return merge(sight, source=source)
    told = telling_of_own(sight, source.other)
    aligned = None if told is sight else Aligned(sight=told, leader=source)
    calendar, google = _views(told)
    target, own = told.side(source.other), own_changes(told, source.other)
    changed = target.differs() | told.side(source).differs()
    fields = calendar.changed_fields(google) - own
    fields = frozenset(f for f in fields if isinstance(f, InstanceField) or f in changed)
    losers = tuple(
        Loser(field=field, side=source.other, value=str(_value(target, field)))
        for field in in_order(fields & target.differs())
    )
    if source is Side.CALENDAR:
        return Merged(outgoing=fields, incoming=own, losers=losers, aligned=aligned)
    return Merged(incoming=fields, outgoing=own, losers=losers, aligned=aligned)


def giving_up(sight: Sight, merged: Merged, kinds: Collection[MergeField]) -> Merged:
    """Return the merge in which the calendar gives up what it would tell Google of these kinds.

    Its values count as losers, so that they are shown and can be had back.
    """
    fields = frozenset(field for field in merged.outgoing if kind_of(field) in kinds)
    losers = tuple(
        Loser(field=field, side=Side.CALENDAR, value=str(_value(sight.calendar, field)))
        for field in in_order(fields)
    )
    return replace(
        merged,
        incoming=merged.incoming | fields,
        outgoing=merged.outgoing - fields,
        losers=(*merged.losers, *losers),
    )


def _leader(sight: Sight, source: Side | None) -> Side:
    """Return the side whose schedule will hold."""
    movers = [side for side in Side if moved(sight.side(side))]
    if len(movers) == 1:
        return movers[0]
    return source or WINNERS[MergeField.SCHEDULE]


def _winner(field: Field, sight: Sight, source: Side | None) -> tuple[Side | None, Side | None]:
    """Return the side whose value holds, and the side whose changed value is lost, if any."""
    if isinstance(field, InstanceField):
        return winner_of(field, sight, table=WINNERS, source=source)
    if sight.calendar.base is None or sight.google.base is None:
        return _winner_without_base(field, sight, source)
    changed = {side for side in Side if field in sight.side(side).differs()}
    if field is MergeField.COLOUR:
        # One that a person gave the copy at Google stays, until its type has another one.
        changed.discard(Side.GOOGLE)
    if len(changed) == len(Side):
        winner = source or WINNERS[field]
        return winner, winner.other
    # With no change the sides differ only in what one of them could not express: leave it.
    return (changed.pop(), None) if changed else (None, None)


def _winner_without_base(
    field: MergeField, sight: Sight, source: Side | None
) -> tuple[Side, Side | None]:
    """An empty field yields to a filled one; of two filled ones Google's is kept (decision 27).

    In a one-way sync its source's is kept; what is no copy of it is not emptied by that.
    """
    if field in EMPTY and sight.link.origin is not source:
        for side in Side:
            if _value(sight.side(side), field) == EMPTY[field]:
                return side.other, None
    winner = source or Side.GOOGLE
    return winner, winner.other


def _value(side: SideSight, field: Field) -> object:
    return side.view.value_of(field) if side.view is not None else None


def _views(sight: Sight) -> tuple[View, View]:
    assert sight.calendar.view is not None  # noqa: S101 - scope withholds items without a view
    assert sight.google.view is not None  # noqa: S101 - scope withholds items without a view
    return sight.calendar.view, sight.google.view
