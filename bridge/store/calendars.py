"""Calendars and calendar objects as CalDAV sees them: one question or one mutation a method.

Every mutation raises the home's counter first, which is the home's lock, before it reads anything.
It stores the client's text as it came, and what that text makes of the activity, in the same
transaction. It leaves a transaction that must be undone when it raises: callers that go on after an
error wrap each mutation in `UnitOfWork.savepoint`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, select, update

from bridge.domain.identifiers import Href, Uid, UserId
from bridge.errors import (
    ConversionError,
    NotFound,
    UidConflict,
    UnsupportedComponent,
)
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.instances import Budget
from bridge.store.calendar_listing import (
    ListedObject,
    changed_objects,
    listed_objects,
    listed_texts,
)
from bridge.store.calendar_queries import objects_where, read_principal
from bridge.store.calendar_values import (
    STANDARD,
    NewCalendar,
    Principal,
    SharedCalendar,
    StoredCalendar,
    StoredObject,
)
from bridge.store.client_edit import ClientEdit
from bridge.store.homes import lock_homes, raise_revision
from bridge.store.lookups import calendar_at, object_at, objects_at
from bridge.store.object_writer import ObjectWriter
from bridge.store.places import Place, place_at
from bridge.store.range_answers import blocked, matching, matching_texts
from bridge.store.reconcile import settle
from bridge.store.schema import dav
from bridge.store.shared_calendars import shared_calendars
from bridge.store.time_ranges import Window, ids_found
from bridge.store.transaction import Transaction
from bridge.store.user_calendars import create_calendar, remove_calendar

_Object = dav.CalendarObject

Demand = Callable[[StoredObject | None], None]


def no_demand(holder: StoredObject | None) -> None:
    """Demand nothing of what a name holds."""


class CalendarRepository:
    """Reads and writes the calendars of one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction
        self._connection = transaction.connection

    def principal(self, login: str) -> Principal | None:
        """Return the user of that login with the home's calendars; None when there is none."""
        return read_principal(self._connection, login)

    def calendar(self, owner_id: UserId, slug: str) -> StoredCalendar | None:
        """Return a calendar of a home by its last path segment."""
        return calendar_at(self._connection, owner_id, slug)

    def create(self, owner_id: UserId, new: NewCalendar, *, now: datetime) -> StoredCalendar:
        """Make a further calendar in the home.

        Raises:
            InvalidInput: The name is not free to choose, or it would take no component.
            AlreadyExists: The home has a calendar of that name.
            NotFound: There is no such home.
        """
        return create_calendar(self._connection, owner_id, new, now=now)

    def remove(self, calendar: StoredCalendar, *, now: datetime) -> None:
        """Remove a calendar its owner made, with its objects; its activities softly.

        Raises:
            InvalidInput: It is one of the two standard calendars.
            NotFound: It is gone already.
        """
        remove_calendar(self._connection, calendar, now=now)

    def shared_with(self, grantee_id: UserId, name: str | None = None) -> Sequence[SharedCalendar]:
        """Return the colleagues' calendars a user may see; one statement.

        Args:
            grantee_id: Who looks.
            name: Only that one, by its name in the grantee's home; None for all.
        """
        return shared_calendars(self._connection, grantee_id, name)

    def object(self, calendar: StoredCalendar, href: Href) -> StoredObject | None:
        """Return the object of that name."""
        return object_at(self._connection, calendar, href)

    def objects(
        self, calendar: StoredCalendar, hrefs: Collection[Href] | None = None
    ) -> Sequence[StoredObject]:
        """Return the objects of these names that exist, or with None all; one statement."""
        if hrefs is None:
            return self._all(calendar)
        return objects_at(self._connection, calendar, hrefs)

    def listed(self, calendar: StoredCalendar, *, details: bool) -> Sequence[ListedObject]:
        """Return all objects without their texts; one statement.

        Args:
            calendar: Which.
            details: Whether times and sizes are wanted too.
        """
        return listed_objects(self._connection, calendar.id, calendar.epoch, details=details)

    def texts(
        self, calendar: StoredCalendar, hrefs: Collection[str] | None = None
    ) -> Sequence[ListedObject]:
        """Return the objects of these names that exist, or all, as listed, with their texts."""
        return listed_texts(self._connection, calendar.id, calendar.epoch, hrefs)

    def changes(
        self, calendar: StoredCalendar, after: int | None
    ) -> Sequence[tuple[int, ListedObject]]:
        """Return what changed or went after a revision, in the order of revisions; one statement.

        Args:
            calendar: Which.
            after: As in `changed_objects`.
        """
        return changed_objects(self._connection, calendar.id, calendar.epoch, after=after)

    def href_of_uid(self, calendar: StoredCalendar, uid: Uid) -> Href | None:
        """Return the name of the object with that UID."""
        query = select(_Object.href).where(_Object.calendar_id == calendar.id, _Object.uid == uid)
        href = self._connection.scalar(query)
        return None if href is None else Href(href)

    def in_range(
        self,
        calendar: StoredCalendar,
        component: str | None,
        start: datetime | None,
        end: datetime | None,
    ) -> Sequence[StoredObject]:
        """Return the objects with an instance in [start, end), as RFC 4791 section 9.9 says.

        One statement, by indexes. An undated to-do matches any range, an undated journal entry
        none. Series are followed only outside of what is on record of them; one that would take
        too long to follow counts as a match. Without any bound all objects are returned.

        Args:
            calendar: The calendar.
            component: Only objects of this component; None for all.
            start: Aware; None for no lower bound.
            end: Aware, exclusive; None for no upper bound.
        """
        if start is None and end is None:
            wanted = () if component is None else (_Object.component == component,)
            return self._all(calendar, *wanted)
        return matching(self._connection, calendar, Window.of(start, end), component)

    def texts_in_range(
        self,
        calendar: StoredCalendar,
        component: str | None,
        start: datetime | None,
        end: datetime | None,
    ) -> Sequence[ListedObject]:
        """Return what `in_range` does, as listed with texts: several times cheaper."""
        if start is None and end is None:
            found = listed_texts(self._connection, calendar.id, calendar.epoch)
            return [each for each in found if component in (None, each.component)]
        return matching_texts(self._connection, calendar, Window.of(start, end), component)

    def occurrences(
        self, calendar: StoredCalendar, start: datetime, end: datetime
    ) -> Mapping[int, Sequence[str]]:
        """Return the recurrence ids on record of instances in [start, end), by object id.

        One statement. They are all of an object's if `StoredObject.knows(start, end)`; those of
        any other object, and none at all, say nothing.
        """
        return ids_found(self._connection, calendar, Window.of(start, end))

    def busy_times(
        self,
        calendar: StoredCalendar,
        start: datetime,
        end: datetime,
        *,
        budget: Budget | None = None,
    ) -> Sequence[tuple[datetime, datetime, bool]]:
        """Return the times in [start, end) that events block, in order; two statements.

        Args:
            calendar: The calendar.
            start: Aware.
            end: Aware, exclusive.
            budget: One is spent for each instance of a series that has to be followed.

        Returns:
            Start, end, and whether it is tentative; cut to the range, not merged.
        """
        return blocked(self._connection, calendar, Window.of(start, end), budget)

    def settle(self, calendar: StoredCalendar, href: Href, *, now: datetime) -> None:
        """Carry what another program did to the activity of a name, before its ETag is compared.

        A conditional request calls this first in its writing transaction; `put`, `delete` and
        `move` refuse to overwrite such a change unseen.

        Raises:
            StoreBusy: The change concerns a home that another transaction holds.
        """
        lock_homes(self._connection, (calendar.owner_id,))
        stored = self.object(calendar, href)
        if stored is not None and stored.activity_id is not None:
            settle(self._transaction, stored.activity_id, calendar.owner_id, now=now)

    def put(  # noqa: PLR0913 - what, where, who, when, and on what condition
        self,
        calendar: StoredCalendar,
        href: Href,
        item: CalendarObject,
        *,
        origin: str,
        now: datetime,
        demand: Demand = no_demand,
    ) -> StoredObject:
        """Store a client's text under a name, byte for byte, and what it means.

        Args:
            calendar: Where.
            href: New, or that of an object with the same UID.
            item: Accepted by `CalendarObject.parse`.
            origin: `client` or `google:<connection>`.
            now: Aware.
            demand: Given what the name holds, None for nothing, before anything else is looked
                at; raises to refuse.

        Raises:
            UnsupportedComponent: The calendar does not take the component.
            UidConflict: The UID lives under another name there, or the name holds another UID.
            ConversionError: A standard calendar takes only what is an activity.
            ObjectChanged: Another program's change was waiting; `settle`, and compare again.
            NotFound: The calendar is gone.
        """
        revision = raise_revision(self._connection, calendar.owner_id)
        place = place_at(self._transaction, calendar, href, item.uid)
        demand(place.holder)
        if item.component not in calendar.components:
            raise UnsupportedComponent(f"this calendar takes no {item.component}")
        place.demand_free_for(item.uid)
        edit = self._edit(calendar, revision, origin=origin, now=now)
        edit.demand_settled(place)
        return edit.store(place, href, item)

    def delete(
        self,
        calendar: StoredCalendar,
        href: Href,
        *,
        origin: str,
        now: datetime,
        demand: Demand = no_demand,
    ) -> None:
        """Delete an object and, softly, its activity; a tombstone tells of it.

        Args:
            calendar: Where.
            href: Its name.
            origin: As for `put`.
            now: Aware.
            demand: As for `put`; not asked where there is nothing.

        Raises:
            NotFound: There is none of that name.
            ObjectChanged: Another program's change was waiting; `settle`, and compare again.
        """
        revision = raise_revision(self._connection, calendar.owner_id)
        place = place_at(self._transaction, calendar, href)
        stored = _holder(place)
        demand(stored)
        edit = self._edit(calendar, revision, origin=origin, now=now)
        edit.demand_settled(place)
        edit.remove(stored)

    def move(  # noqa: PLR0913 - two ends, and who does it when
        self,
        source: StoredCalendar,
        href: Href,
        target: StoredCalendar,
        target_href: Href,
        *,
        origin: str,
        now: datetime,
    ) -> StoredObject:
        """Give an object another name, in another calendar of the same home or in its own.

        What has the target's name is deleted first: whether it may be is the caller's question.

        Raises:
            NotFound: There is no such object, or the target is in another home.
            UnsupportedComponent: The target does not take the component.
            UidConflict: The UID lives under another name in the target.
            ConversionError: A standard calendar takes only what is an activity.
            ObjectChanged: Another program's change was waiting; `settle`, and compare again.
        """
        if target.owner_id != source.owner_id:
            raise NotFound("no such calendar in this home")
        revision = raise_revision(self._connection, source.owner_id)
        place = place_at(self._transaction, source, href)
        stored = _holder(place)
        if stored.component not in target.components:
            raise UnsupportedComponent(f"this calendar takes no {stored.component}")
        meaningless = stored.activity_id is None and stored.shared_id is None
        if meaningless and target.kind == STANDARD:
            raise ConversionError("this calendar takes only what is an activity", uid=stored.uid)
        edit = self._edit(source, revision, origin=origin, now=now)
        edit.demand_settled(place)
        if (source.id, href) == (target.id, target_href):
            return stored
        self._clear_target(target, target_href, stored, edit)
        return edit.rename(stored, target, target_href)

    def set_properties(
        self, calendar: StoredCalendar, properties: Mapping[str, str], *, now: datetime
    ) -> None:
        """Replace what clients set by PROPPATCH; the collection's ctag and token change.

        Args:
            calendar: Whose.
            properties: By Clark name, all of them.
            now: Aware.
        """
        revision = raise_revision(self._connection, calendar.owner_id)
        self._connection.execute(
            update(dav.Calendar)
            .where(dav.Calendar.id == calendar.id)
            .values(
                properties=dict(properties),
                properties_revision=revision,
                revision=revision,
                modified_at=now,
            )
        )

    def _edit(
        self, calendar: StoredCalendar, revision: int, *, origin: str, now: datetime
    ) -> ClientEdit:
        writer = ObjectWriter(self._connection, origin=origin, now=now)
        return ClientEdit(self._transaction, calendar, revision=revision, writer=writer)

    def _all(
        self, calendar: StoredCalendar, *conditions: ColumnElement[bool]
    ) -> list[StoredObject]:
        mine = _Object.calendar_id == calendar.id
        return objects_where(self._connection, calendar.epoch, mine, *conditions)

    def _clear_target(
        self, target: StoredCalendar, href: Href, moving: StoredObject, edit: ClientEdit
    ) -> None:
        place = place_at(self._transaction, target, href, moving.uid)
        if place.rival is not None and place.rival.id != moving.id:
            raise UidConflict("the UID is in use", href=place.rival.href)
        if place.holder is not None:
            edit.demand_settled(place)
            edit.remove(place.holder)


def _holder(place: Place) -> StoredObject:
    if place.holder is None:
        raise NotFound("no such calendar object")
    return place.holder
