"""Who wins an instance of a series that both sides changed; clocks are never compared.

Field by field where both sides have the instance, as for items (`bridge.sync.merge`); as a whole
where one of them cancelled it or took its changes back.
"""

from __future__ import annotations

from collections.abc import Mapping

from bridge.domain.view import InstanceField, MergeField, View, kind_of
from bridge.sync.instances import instance_at
from bridge.sync.model import Side
from bridge.sync.sight import BEATS_DELETE, SideSight, Sight

Winner = tuple[Side | None, Side | None]
"""The side whose value holds, and the side whose changed value is lost, if any."""


def winner_of(
    field: InstanceField, sight: Sight, *, table: Mapping[MergeField, Side], source: Side | None
) -> Winner:
    """Return who wins a field in which the sides differ.

    Args:
        field: Of an instance.
        sight: Of the item, both sides in the terms of one schedule.
        table: Who wins a field both sides changed.
        source: The side that wins every conflict, of a one-way sync.
    """
    if sight.calendar.base is None or sight.google.base is None:
        return _never_agreed(field, sight, source)
    changed = {side for side in Side if _changed(sight.side(side), field)}
    if len(changed) < len(Side):
        # With no change the sides differ only in what one of them could not express: leave it.
        return (changed.pop(), None) if changed else (None, None)
    winner = source or _edited_against_cancelled(field, sight) or table[kind_of(field)]
    return winner, winner.other


def _never_agreed(field: InstanceField, sight: Sight, source: Side | None) -> Winner:
    """An instance that only one side tells of is taken from it; else Google's (decision 27)."""
    if source is not None:
        return source, source.other
    told = [side for side in Side if field.key in _view(sight.side(side)).by_key()]
    return (told[0], None) if len(told) == 1 else (Side.GOOGLE, Side.CALENDAR)


def _edited_against_cancelled(field: InstanceField, sight: Sight) -> Side | None:
    """An edited instance beats a cancelled one, as an edit beats a delete."""
    cancelled = [side for side in Side if _is_cancelled(sight.side(side), field.key)]
    if field.field is not None or len(cancelled) != 1:
        return None
    (by,) = cancelled
    other = sight.side(by.other)
    if field.key not in _view(other).by_key():
        return None
    return by.other if _is_edited(other, field.key) else by


def _is_cancelled(side: SideSight, key: str) -> bool:
    return _view(side).by_key().get(key, _view(side)) is None


def _is_edited(side: SideSight, key: str) -> bool:
    """Whether a person changed what matters of an instance since both sides agreed."""
    assert side.base is not None  # noqa: S101 - the caller asked
    before, now = instance_at(side.base, key), instance_at(_view(side), key)
    if before is None or now is None:
        return True
    return any(kind_of(field) in BEATS_DELETE for field in now.changed_fields(before))


def _changed(side: SideSight, field: InstanceField) -> bool:
    """Whether the side changed the field of the instance, or the instance as a whole."""
    assert side.base is not None  # noqa: S101 - the caller asked
    view, base = _view(side), side.base
    if field.field is None:
        told, before = view.by_key(), base.by_key()
        return (field.key in told) != (field.key in before) or told.get(field.key) != before.get(
            field.key
        )
    now, then = instance_at(view, field.key), instance_at(base, field.key)
    if now is None or then is None:
        return now is not then
    return now.value_of(field.field) != then.value_of(field.field)


def _view(side: SideSight) -> View:
    assert side.view is not None  # noqa: S101 - scope withholds items without a view
    return side.view
