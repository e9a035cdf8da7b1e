"""Links as rows and back: one row in `links`, one in `link_events` for each Google event.

Only tables and engine values are known here; nothing is read or written.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from bridge.domain.identifiers import ETag, RunId, Uid
from bridge.errors import StoreError
from bridge.ical.calendar_object import CalendarObject
from bridge.store.schema import google
from bridge.store.view_json import field_from_json, field_to_json, view_from_json, view_to_json
from bridge.sync.hold import Held, HoldAnswer, HoldKind
from bridge.sync.model import (
    JournalEntry,
    JournalState,
    Link,
    Parked,
    Part,
    Presence,
    Side,
    SideState,
    Version,
)
from bridge.sync.twin import Twin
from bridge.sync.unanswered import Unanswered

# Looked up here 40,000 times for 10,000 links; calling the enumeration costs five times as much.
_SIDES = {side.value: side for side in Side}
_PRESENCES = {presence.value: presence for presence in Presence}

HELD_COLUMNS = tuple(
    getattr(google.HeldChange, name).label(f"held_{name}")
    for name in ("kind", "since", "wish", "answer", "answered")
)
"""What `held_from_row` reads, beside the columns of any other table."""

Values = dict[str, Any]
AnyRow = Row[*tuple[Any, ...]]


def link_values(link: Link) -> Values:
    """Return the columns of `links` that runs write of this link, less ids.

    Raises:
        StoreError: The calendar side has several parts; a resource holds all of its item.
    """
    return {
        "uid": link.uid,
        "origin": link.origin.value,
        "agreed": None if link.agreed is None else view_to_json(link.agreed),
        "generation": link.generation,
        "withheld": link.withheld,
        "put_backs": link.put_backs,
        "judged": link.judged,
        "private_changes": link.private_changes,
        **_calendar_values(link),
        "google_presence": link.google.presence.value,
        "google_collection": link.google.collection,
        "google_object": _object_to_json(link.google.object),
        "google_base": _object_to_json(link.google.base),
        "google_replaced": _versions_to_json(link.google.replaced),
        "google_unanswered": _unanswered_to_json(link.google.unanswered),
        "twins": [_twin_to_json(twin) for twin in link.twins] or None,
    }


def event_values(link: Link) -> Iterable[Values]:
    """Return the rows of `link_events` of this link, less ids, the master first."""
    return (
        {
            "position": position,
            "google_event_id": part.name,
            "recurrence_id": part.recurrence_id,
            "etag_seen": part.seen,
            "etag_synced": part.synced,
        }
        for position, part in enumerate(link.google.parts)
    )


def parked_values(parked: Parked) -> Values:
    """Return the columns of `parked_items` that tell of this work, less ids."""
    return {
        "side": parked.side.value,
        "version": parked.version,
        "reason": parked.reason,
        "message": parked.message,
        "retry_at": parked.retry_at,
        "attempts": parked.attempts,
    }


def held_values(held: Held) -> Values:
    """Return the columns of `held_changes` that a run writes, less ids; the answer is a page's."""
    return {"kind": held.kind.value, "since": held.since, "wish": held.wish}


def held_from_row(row: AnyRow) -> Held | None:
    """Return the hold in `HELD_COLUMNS` of a row, None when they are empty."""
    if row.held_kind is None:
        return None
    held = Held(kind=HoldKind(row.held_kind), since=row.held_since, wish=row.held_wish)
    if row.held_answer is None or row.held_answered != held.question:
        return held
    return replace(held, answer=HoldAnswer(row.held_answer))


def guest_mail_values(entry: JournalEntry) -> Values:
    """Return the columns of `guest_mails` that tell of this write, less connection and company."""
    return {"entry_id": entry.id, "uid": entry.uid, "at": entry.at, "state": entry.state.value}


def journal_values(entry: JournalEntry) -> Values:
    """Return the columns of `journal` that tell of this entry, less connection and company."""
    return {
        "id": entry.id,
        "run_id": entry.run_id,
        "uid": entry.uid,
        "side": entry.side.value,
        "action": entry.action,
        "state": entry.state.value,
        "at": entry.at,
        "before": entry.before,
        "after": entry.after,
        "reason": entry.reason,
        "detail": entry.detail,
        "collection": entry.collection,
        "counterpart": entry.counterpart,
        "losers": [field_to_json(field) for field in entry.losers] or None,
        "losses": entry.losses,
        "event_id": entry.event_id,
        "href": entry.href,
        "left_out": entry.left_out,
    }


def link_from_row(
    row: AnyRow, parts: tuple[Part, ...], parked: Parked | None, held: Held | None = None
) -> Link:
    """Return the link of a row of `links`, its Google parts, its parked work and what is held."""
    return Link(
        uid=Uid(row.uid),
        origin=_SIDES[row.origin],
        calendar=SideState(
            presence=_PRESENCES[row.calendar_presence],
            collection=row.calendar_collection,
            parts=_calendar_parts(row),
            object=object_from_json(row.calendar_object),
            base=object_from_json(row.calendar_base),
            replaced=_versions_from_json(row.calendar_replaced),
            unanswered=_unanswered_from_json(row.calendar_unanswered),
        ),
        google=SideState(
            presence=_PRESENCES[row.google_presence],
            collection=row.google_collection,
            parts=parts,
            object=object_from_json(row.google_object),
            base=object_from_json(row.google_base),
            replaced=_versions_from_json(row.google_replaced),
            unanswered=_unanswered_from_json(row.google_unanswered),
        ),
        agreed=None if row.agreed is None else view_from_json(row.agreed),
        generation=row.generation,
        withheld=row.withheld,
        parked=parked,
        put_backs=row.put_backs,
        judged=row.judged,
        held=held,
        era=row.era,
        private_changes=row.private_changes,
        twins=twins_from_json(row.twins),
    )


def part_from_row(row: AnyRow) -> Part:
    """Return the part of a row of `link_events`."""
    return Part(
        name=row.google_event_id,
        seen=_etag(row.etag_seen),
        synced=_etag(row.etag_synced),
        recurrence_id=row.recurrence_id,
    )


def parked_from_row(row: AnyRow) -> Parked:
    """Return the parked work of a row of `parked_items`."""
    return Parked(
        side=Side(row.side),
        version=_etag(row.version),
        reason=row.reason,
        message=row.message,
        retry_at=row.retry_at,
        attempts=row.attempts,
    )


def journal_from_row(row: AnyRow) -> JournalEntry:
    """Return the entry of a row of `journal`."""
    return JournalEntry(
        id=row.id,
        run_id=RunId(row.run_id),
        uid=Uid(row.uid),
        side=Side(row.side),
        action=row.action,
        state=JournalState(row.state),
        at=row.at,
        before=row.before,
        after=row.after,
        reason=row.reason,
        detail=row.detail,
        collection=row.collection,
        counterpart=row.counterpart,
        losers=tuple(field_from_json(stored) for stored in row.losers or ()),
        losses=row.losses,
        event_id=row.event_id,
        href=row.href,
        left_out=row.left_out,
    )


def _calendar_values(link: Link) -> Values:
    state = link.calendar
    if len(state.parts) > 1:
        raise StoreError(f"a calendar resource cannot have {len(state.parts)} parts")
    part = state.parts[0] if state.parts else Part(name="")
    return {
        "calendar_presence": state.presence.value,
        "calendar_collection": state.collection,
        "calendar_href": part.name,
        "calendar_seen": part.seen,
        "calendar_synced": part.synced,
        "calendar_object": _object_to_json(state.object),
        "calendar_base": _object_to_json(state.base),
        "calendar_replaced": _versions_to_json(state.replaced),
        "calendar_unanswered": _unanswered_to_json(state.unanswered),
    }


def _calendar_parts(row: AnyRow) -> tuple[Part, ...]:
    if not row.calendar_href:
        return ()
    seen, synced = _etag(row.calendar_seen), _etag(row.calendar_synced)
    return (Part(name=row.calendar_href, seen=seen, synced=synced),)


def _object_to_json(item: CalendarObject | None) -> Values | None:
    if item is None:
        return None
    return {"uid": item.uid, "component": item.component, "text": item.text}


def object_from_json(stored: Mapping[str, Any] | None) -> CalendarObject | None:
    """Return the object of a JSON column, None for none."""
    if stored is None:
        return None
    return CalendarObject(
        uid=Uid(stored["uid"]), component=stored["component"], text=stored["text"]
    )


def _twin_to_json(twin: Twin) -> Values:
    return {
        "collection": twin.collection,
        "name": twin.name,
        "seen": twin.seen,
        "since": twin.since.isoformat(),
        "beside": twin.beside,
        "base": _object_to_json(twin.base),
    }


def twins_from_json(stored: list[dict[str, Any]] | None) -> tuple[Twin, ...]:
    """Return the twins of a JSON column.

    Raises:
        StoreError: One of them makes no sense.
    """
    return tuple(_twin_from_json(twin) for twin in stored or ())


def _twin_from_json(stored: Mapping[str, Any]) -> Twin:
    base = object_from_json(stored["base"])
    if base is None:
        raise StoreError("a twin without a base is on record")
    return Twin(
        collection=stored["collection"],
        name=stored["name"],
        seen=_etag(stored["seen"]),
        since=datetime.fromisoformat(stored["since"]),
        beside=_etag(stored["beside"]),
        base=base,
    )


def _unanswered_to_json(sent: Unanswered | None) -> Values | None:
    if sent is None:
        return None
    return {
        "item": _object_to_json(sent.item),
        "target_base": _object_to_json(sent.target_base),
        "source_base": _object_to_json(sent.source_base),
    }


def _unanswered_from_json(stored: Mapping[str, Any] | None) -> Unanswered | None:
    if stored is None:
        return None
    item = object_from_json(stored["item"])
    if item is None:
        raise StoreError("an update without what it sent is on record")
    return Unanswered(
        item=item,
        target_base=object_from_json(stored["target_base"]),
        source_base=object_from_json(stored["source_base"]),
    )


def _versions_to_json(versions: tuple[Version, ...]) -> list[list[str]] | None:
    return [[version.name, version.etag] for version in versions] or None


def _versions_from_json(stored: list[list[str]] | None) -> tuple[Version, ...]:
    return tuple(Version(name=name, etag=ETag(etag)) for name, etag in stored or ())


def _etag(text: str | None) -> ETag | None:
    return None if text is None else ETag(text)
