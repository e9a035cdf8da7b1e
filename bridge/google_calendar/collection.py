"""One Google calendar as a `Collection` of the engine.

Single events are items, named by their event id. A series and its exceptions are told as one
`Unreadable` under the master's id with the reason `recurring`: parked and shown, never lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from bridge.convert.google_event import event_patch, event_to_object, object_to_event
from bridge.domain.identifiers import ETag, SyncToken, Uid
from bridge.errors import (
    ConversionError,
    ItemExists,
    ItemMissing,
    ItemRejected,
    PreconditionFailed,
)
from bridge.google_calendar.event_calls import EventCalls, check_role
from bridge.google_calendar.event_ids import EventIds
from bridge.google_calendar.grouping import EventGroup, etag_of, grouped, is_cancelled
from bridge.google_calendar.listing import Event
from bridge.google_calendar.session import GoogleCalendar, GoogleSession, Guard, no_guard
from bridge.google_calendar.transport import SIDE
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.model import Delta, Item, Part, Side, Unreadable
from bridge.sync.requests import Answer, Request, one_by_one

BURNT = "burnt"
FOREIGN = "foreign"
RECURRING = "recurring"
UNREADABLE = "unreadable"


class GoogleCollection:
    """The events of one Google calendar."""

    def __init__(
        self,
        session: GoogleSession,
        calendar: GoogleCalendar,
        *,
        install_key: bytes,
        guard: Guard = no_guard,
    ) -> None:
        """Bind the calendar; nothing is sent yet.

        Args:
            session: Signed in as the account that sees the calendar.
            calendar: With its resolved id.
            install_key: 32 bytes; own ids and stamps come from it.
            guard: Called before each request; raises if the caller has a transaction open.
        """
        self._session = session
        self._calendar = calendar
        self._guard = guard
        self._calls = EventCalls(session, calendar.id, guard=guard)
        self._ids = EventIds(install_key, calendar.id)

    @property
    def side(self) -> Side:
        """Google's side."""
        return Side.GOOGLE

    @property
    def id(self) -> str:
        """The resolved calendar id."""
        return self._calendar.id

    def changes(self, token: SyncToken | None) -> Delta:
        """List what changed since the token; with None everything.

        Raises:
            SyncTokenExpired: The token is not served any more (410 by its reason).
            CollectionGone: The calendar is not there, or not ours to read.
            SideUnavailable: The answer is cut, odd or endless; nothing of it counts.
        """
        listing = self._calls.listing(token)
        groups = list(grouped(listing.events.values()))
        told = [self._told(group) for group in groups if not group.removed]
        return Delta(
            items=tuple(item for item in told if isinstance(item, Item)),
            unreadable=tuple(item for item in told if isinstance(item, Unreadable)),
            removed=tuple(group.name for group in groups if group.removed),
            token=listing.token,
            full=token is None,
        )

    def get(self, names: Sequence[str]) -> Mapping[str, Item | None]:
        """Ask for these events, after making sure that the calendar itself answers.

        An event that is there but cannot be converted, such as a series, is left out of the answer.

        Raises:
            CollectionGone: The calendar is not on the account's list, or hides its events; nothing
                about the events follows.
        """
        self._probe()
        found: dict[str, Item | None] = {}
        for name, event in self._calls.get_many(names).items():
            gone = event is None or is_cancelled(event)
            item = None if event is None or gone else self._read(event)
            if not isinstance(item, Unreadable):
                found[name] = item
        return found

    def name_for(self, uid: Uid, *, generation: int = 0) -> str:
        """Return our own event id for the UID (design decision 26)."""
        return self._ids.name_for(uid, generation)

    def insert(self, name: str, item: CalendarObject) -> Item:
        """Create the event; one that got through before is success, a deleted one comes back.

        Raises:
            ItemExists: The id carries something that is not ours (`foreign`), or cannot be brought
                back (`burnt`).
            ItemRejected: Google refuses this event.
        """
        body = self._body(name, item)
        try:
            return self._item(self._calls.insert(body))
        except ItemExists as error:
            return self._take_over(name, item, body, error)
        except ItemMissing as error:
            self._probe()
            raise ItemRejected(str(error), side=SIDE, reason=error.reason) from error

    def update(
        self,
        name: str,
        item: CalendarObject,
        *,
        base: CalendarObject | None,
        if_match: ETag,
        parts: Sequence[Part] = (),
    ) -> Item:
        """Change the fields in which the item differs from `base`, and no others.

        Without a difference nothing is written; without a base the stored event is the base.

        Raises:
            PreconditionFailed: The event changed since.
            ItemMissing: It is gone, while the calendar is still there.
            ItemRejected: Google refuses this change.
        """
        try:
            stored = None
            if base is None:
                stored = self._version(name, if_match)
                base = stored.object
            with _refused_by_conversion():
                changes = event_patch(base, item)
            if changes:
                return self._item(self._calls.patch(name, changes, if_match=if_match))
            return stored or self._version(name, if_match)
        except ItemMissing:
            self._probe()
            raise
        except PreconditionFailed as error:
            # A tombstone has another version too; gone is not the same as changed.
            if self._is_gone(name):
                raise _gone(name) from error
            raise

    def delete(self, name: str, *, if_match: ETag) -> None:
        """Delete that version of the event; one that is gone already is success.

        Raises:
            PreconditionFailed: It changed since.
            ItemRejected: Google refuses the deletion.
        """
        try:
            self._calls.delete(name, if_match=if_match)
        except ItemMissing as error:
            # 410 is about the event; 404 could also mean that the calendar is gone.
            if error.reason != "deleted":
                self._probe()
        except (PreconditionFailed, ItemRejected):
            # A tombstone has another version, and deleting one has been answered with 403.
            if not self._is_gone(name):
                raise

    @property
    def most_at_once(self) -> int:
        """A request is one resource."""
        return 1

    def write(self, requests: Sequence[Request]) -> Sequence[Answer]:
        """Carry the requests out one after the other."""
        return one_by_one(self, requests)

    def _probe(self) -> None:
        """Make sure that the calendar is there and tells its events (design decision 22)."""
        self._guard()
        check_role(self._session.calendar(self._calendar.id).access_role)

    def _body(self, name: str, item: CalendarObject) -> dict[str, Any]:
        stamp = self._ids.stamp(item.uid, name)
        with _refused_by_conversion():
            body = {**object_to_event(item), "id": name, "status": "confirmed"}
        return body if stamp is None else {**body, "extendedProperties": {"private": stamp}}

    def _take_over(
        self, name: str, item: CalendarObject, body: Mapping[str, Any], error: ItemExists
    ) -> Item:
        """Decide what a taken id means (design decision 26)."""
        stored = self._calls.get(name)
        if stored is None:
            # Taken and yet not there: a tombstone that is not told any more.
            raise ItemExists(f"the id is used up: {name}", side=SIDE, reason=BURNT) from error
        if is_cancelled(stored):
            return self._bring_back(name, body, stored)
        if not self._ids.bears_stamp_of(stored, item.uid):
            raise ItemExists(f"the id is taken: {name}", side=SIDE, reason=FOREIGN) from error
        there = self._item(stored)
        with _refused_by_conversion():
            changes = event_patch(there.object, item)
        if not changes:
            return there
        return self._item(self._calls.patch(name, changes, if_match=there.etag))

    def _bring_back(self, name: str, body: Mapping[str, Any], tombstone: Event) -> Item:
        try:
            revived = self._calls.replace(name, body, if_match=etag_of(tombstone) or None)
        except (ItemRejected, ItemMissing, ItemExists) as error:
            raise ItemExists(
                f"the id cannot be used again: {name}", side=SIDE, reason=BURNT
            ) from error
        if is_cancelled(revived):
            raise ItemExists(f"the id stays deleted: {name}", side=SIDE, reason=BURNT)
        return self._item(revived)

    def _version(self, name: str, if_match: ETag) -> Item:
        """Read the event, which must be there in this version."""
        event = self._calls.get(name)
        if event is None or is_cancelled(event):
            raise _gone(name)
        if etag_of(event) != if_match:
            raise PreconditionFailed(f"changed since: {name}", side=SIDE, reason="conditionNotMet")
        return self._item(event)

    def _is_gone(self, name: str) -> bool:
        event = self._calls.get(name)
        return event is None or is_cancelled(event)

    def _told(self, group: EventGroup) -> Item | Unreadable:
        if group.recurring or group.master is None:
            return Unreadable(name=group.name, etag=group.etag, reason=RECURRING)
        return self._read(group.master)

    def _read(self, event: Event) -> Item | Unreadable:
        name, etag = event["id"], etag_of(event)
        if event.get("recurrence") or event.get("recurringEventId"):
            return Unreadable(name=name, etag=etag, reason=RECURRING)
        stamp = self._ids.stamped_uid(event)
        try:
            made = event_to_object(
                [event], uid=stamp or _foreign_uid(event), calendar_zone=self._calendar.zone
            )
        except ConversionError:
            return Unreadable(name=name, etag=etag, reason=UNREADABLE)
        return Item(name=name, etag=etag, object=made, stamp=stamp)

    def _item(self, event: Event) -> Item:
        """Read an event of ours; one that somebody made unreadable is this item's trouble only."""
        read = self._read(event)
        if isinstance(read, Unreadable):
            raise ItemRejected(
                f"the event cannot be read: {read.name}", side=SIDE, reason=read.reason
            )
        return read


@contextmanager
def _refused_by_conversion() -> Iterator[None]:
    """An item Google has no form for is this item's trouble only."""
    try:
        yield
    except ConversionError as error:
        raise ItemRejected(
            str(error), side=SIDE, reason=error.property_name or UNREADABLE
        ) from error


def _gone(name: str) -> ItemMissing:
    return ItemMissing(f"the event is gone: {name}", side=SIDE, reason="deleted")


def _foreign_uid(event: Event) -> Uid:
    uid = event.get("iCalUID")
    return Uid(uid if isinstance(uid, str) and uid else f"{event['id']}@google.com")
