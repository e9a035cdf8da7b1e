"""After a lost answer: which parts of our own write got through, told by what the side shows now.

An item at Google is several events, which are written one after the other: the master may be there
while an instance is not. So each part is judged by itself; in the calendar an item is one resource.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace

from bridge.domain.view import CANCELLED, Field, InstanceField, MergeField, View, kind_of
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.instances import plain_instance, without
from bridge.sync.intents import CREATE
from bridge.sync.model import (
    Item,
    JournalEntry,
    JournalState,
    Link,
    Part,
    Presence,
    Side,
    SideState,
)
from bridge.sync.ports import Lens
from bridge.sync.sight import Change, beating_delete, put_view, view_of

_NOTHING: frozenset[Field] = frozenset()


def base_of(side: Side, old: SideState, item: Item, lens: Lens) -> CalendarObject | None:
    """Return what a version the side tells is to be compared with."""
    if old.being_inserted:
        return _inserted_base(side, old, item, lens)
    if old.unanswered is not None and _is_through(side, old, item, lens):
        return old.unanswered.target_base or old.unanswered.item
    if not old.announced or old.object is None or old.base is None:
        return old.agreed_object
    through = _got_through(side, old, item, lens)
    if not through:
        return old.object
    if through == changed(lens, side, old.object, old.base):
        return old.base
    return _with(side, old.object, _seen(side, old.base, lens), through, lens)


def acknowledged(link: Link, side: Side, item: Item, lens: Lens) -> Link:
    """Return the link with what got through agreed on the side it was carried from."""
    old, source = link.side(side), link.side(side.other)
    if old.unanswered is not None:
        return _answered(link, side, item, lens)
    before = source.agreed_object
    if before is None or source.object is None or source.presence is not Presence.PRESENT:
        return link
    if changed(lens, side.other, before, source.object) is None:
        return link
    if old.being_inserted:
        agreed = _less(side.other, before, _missing(side, old, item, lens), lens)
    else:
        through = _got_through(side, old, item, lens)
        agreed = _with(side.other, before, _seen(side, old.base, lens), through, lens)
    if agreed == before:
        return link
    settled = changed(lens, side.other, agreed, source.object) == frozenset()
    return link.with_side(side.other, source.agreed_on(None if settled else agreed))


def _answered(link: Link, side: Side, item: Item, lens: Lens) -> Link:
    """Return the link as an answer would have left it, if all of an update got through.

    Nothing is made of a part of it: what went into the calendar is one resource, and at Google both
    sides had changes, so that a part cannot be told from what people did.
    """
    old = link.side(side)
    sent, state = old.unanswered, old.unannounced()
    if sent is None or not _is_through(side, old, item, lens):
        return link.with_side(side, state)
    parts = (Part(name=item.name, seen=item.etag), *item.parts)
    target = replace(state, replaced=old.replaced_by(parts))
    settled = link.with_side(side, target.agreed_on(sent.target_base or sent.item))
    source = link.side(side.other)
    whole = sent.source_base == source.object
    return settled.with_side(side.other, source.agreed_on(None if whole else sent.source_base))


def _is_through(side: Side, old: SideState, item: Item, lens: Lens) -> bool:
    sent = old.unanswered
    if sent is None or old.object is None:
        return False
    if item.object == sent.item:
        return True
    ours = changed(lens, side, old.object, sent.item)
    return bool(ours) and _shown_of(side, old.object, sent.item, item, lens) == ours


def insert_got_through(side: Side, old: SideState, item: Item, lens: Lens) -> bool:
    """Whether an item met under another name is the one we were about to insert.

    Nobody else knows the UID of an item that never was on this side. One made again after its
    deletion shows something of what the insert was to change.
    """
    if old.object is None or old.base is None:
        return True
    ours = changed(lens, side, old.object, old.base)
    return ours == _NOTHING or bool(_shown_of(side, old.object, old.base, item, lens))


def only_announced(entries: Iterable[JournalEntry]) -> bool:
    """Whether all that the journal has of an item are inserts at Google without an answer.

    An item that was new twice had gone from both sides and was brought back: a deletion on record
    can be that of before.
    """
    found = [*entries]
    lives = sum(
        entry.reason == Change.ADDED and entry.state is not JournalState.FAILED for entry in found
    )
    return (
        bool(found)
        and lives <= 1
        and all(
            (entry.side, entry.action) == (Side.GOOGLE, CREATE)
            and entry.state is not JournalState.DONE
            for entry in found
        )
    )


def changed(
    lens: Lens, side: Side, before: CalendarObject, after: CalendarObject
) -> frozenset[Field] | None:
    """Return the fields in which two versions differ; None when they cannot be compared."""
    if before == after:
        return _NOTHING
    try:
        old, new = view_of(lens, side, before), view_of(lens, side, after)
    except ConversionError:
        return None
    return None if old is None or new is None else new.changed_fields(old)


def _got_through(side: Side, old: SideState, item: Item, lens: Lens) -> frozenset[Field]:
    """Return the fields our own update changed, as far as it got through.

    A field that shows what we sent tells so; everything else is a person's. A mark such as done has
    two values only, and people make the same one: it tells nothing beside a text.
    """
    if not old.announced or old.object is None or old.base is None:
        return _NOTHING
    return _shown_of(side, old.object, old.base, item, lens)


def _shown_of(
    side: Side, before: CalendarObject, after: CalendarObject, item: Item, lens: Lens
) -> frozenset[Field]:
    """Return what our own write was to change, as far as an item shows it."""
    ours = changed(lens, side, before, after) or _NOTHING
    left = changed(lens, side, after, item.object)
    sent, found = _seen(side, after, lens), _seen(side, before, lens)
    if left is None or sent is None or found is None:
        return _NOTHING
    parts: dict[str, set[Field]] = defaultdict(set)
    for field in ours:
        parts[_part_of(field) if side is Side.GOOGLE else ""].add(field)
    return frozenset(
        field
        for fields in parts.values()
        if any(_shows(told, left) for told in _telling(fields, sent, found))
        for field in fields
    )


def _telling(fields: Iterable[Field], sent: View, found: View) -> frozenset[Field]:
    """Return the fields that can tell whether these were written; of an instance what it says.

    That an instance is cancelled tells as little beside a text as a mark does.
    """
    said = frozenset(each for field in fields for each in _said_by(field, sent, found))
    edits = beating_delete(said)
    texts = frozenset(each for each in edits if sent.value_of(each) != CANCELLED)
    return texts or edits or said


def _said_by(field: Field, sent: View, found: View) -> Iterable[Field]:
    """Return what makes a whole instance differ from its series; other fields stand for it all.

    What it showed before, and only its series does not show any more, is said by nobody.
    """
    if not isinstance(field, InstanceField) or field.field is not None:
        return (field,)
    instance = sent.by_key().get(field.key)
    if instance is None:
        return (field,)
    typed = instance.changed_fields(plain_instance(sent, field.key))
    if found.schedule == sent.schedule:
        was = found.by_key().get(field.key) or plain_instance(found, field.key)
        typed = frozenset(t for t in typed if instance.value_of(t) != was.value_of(t)) or typed
    return tuple(InstanceField(key=field.key, field=kind_of(each)) for each in typed) or (field,)


def _part_of(field: Field) -> str:
    return field.key if isinstance(field, InstanceField) else ""


def _shows(field: Field, left: frozenset[Field]) -> bool:
    """Whether a field shows what we sent; of an instance that is another one nobody knows."""
    whole = InstanceField(key=field.key) if isinstance(field, InstanceField) else field
    return field not in left and whole not in left


def _with(
    side: Side,
    before: CalendarObject,
    sent: View | None,
    fields: frozenset[Field],
    lens: Lens,
) -> CalendarObject:
    """Return an object with these fields as they were sent."""
    base = _seen(side, before, lens)
    if base is None or sent is None or not fields:
        return before
    if MergeField.SCHEDULE in fields and base.instances:
        # What a series had in single instances went with its move.
        base = replace(base, instances=())
    return put_view(lens, side, base.taking(sent, fields), before)


def _inserted_base(side: Side, old: SideState, item: Item, lens: Lens) -> CalendarObject | None:
    if old.base is None:
        return old.agreed_object
    return _less(side, old.base, _missing(side, old, item, lens), lens)


def _missing(side: Side, old: SideState, item: Item, lens: Lens) -> frozenset[str]:
    """Return the instances of a series being inserted that are not there yet as they are to be.

    A series that is made again may have exceptions of before, which say nothing of ours.
    """
    sent, there = _seen(side, old.base, lens), _seen(side, item.object, lens)
    if side is not Side.GOOGLE or sent is None or there is None:
        return frozenset()
    if sent.schedule != there.schedule:
        return frozenset()
    ours = {each.key for each in sent.instances}
    met = ours & there.by_key().keys()
    if old.reviving:
        before = _seen(side, old.object, lens)
        met = {key for key in met if _shows_instance(there, sent, key, before)}
    return frozenset(ours - met)


def _shows_instance(there: View, sent: View, key: str, before: View | None) -> bool:
    """Whether an instance says anything of what was sent of it, and had not been so before."""
    known = before if before is not None else without(there, frozenset({key}))
    telling = _telling((InstanceField(key=key),), sent, known)
    return any(there.value_of(field) == sent.value_of(field) for field in telling)


def _less(side: Side, item: CalendarObject, keys: frozenset[str], lens: Lens) -> CalendarObject:
    view = _seen(side, item, lens)
    if not keys or view is None:
        return item
    return put_view(lens, side, without(view, keys), item)


def _seen(side: Side, item: CalendarObject | None, lens: Lens) -> View | None:
    try:
        return view_of(lens, side, item)
    except ConversionError:
        return None
