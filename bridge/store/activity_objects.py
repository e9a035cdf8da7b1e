"""Let a calendar object follow its activity: make it, patch it, move it, withdraw it.

This is the CRM's side only; a client's edits go through `bridge.store.calendars`. Where an object
lies follows design decision 17: a change of type, of datedness or of owner by the CRM may move it,
nothing else does.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from bridge.convert.recast import recast
from bridge.domain.activity import Activity
from bridge.domain.identifiers import CalendarId, UserId
from bridge.errors import NotFound
from bridge.ical.calendar_object import CalendarObject
from bridge.store.activity_spans import EVENT, TODO
from bridge.store.activity_writer import stored_id
from bridge.store.calendar_queries import at_href_or_uid, calendars_where, objects_where
from bridge.store.calendar_values import STANDARD, StoredCalendar, StoredObject
from bridge.store.conversion import Conversion, href_of
from bridge.store.meeting_heirs import make_copy
from bridge.store.object_writer import ObjectWriter
from bridge.store.schema import dav


@dataclass(frozen=True, slots=True, kw_only=True)
class Placement:
    """What of an activity decides where its object lies."""

    owner_id: UserId
    type_key: str
    dated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Revisions:
    """The revisions to write under: of the home an object leaves, and of the one it lies in."""

    leaving: int
    entering: int


class Homes:
    """The calendars of the homes concerned, read once."""

    def __init__(self, connection: Connection, owners: Collection[UserId]) -> None:
        self._by_id: Mapping[CalendarId, StoredCalendar] = {
            calendar.id: calendar
            for calendar in calendars_where(connection, dav.Calendar.owner_id.in_(owners))
        }

    def calendar(self, calendar_id: CalendarId) -> StoredCalendar:
        """Return a calendar of one of these homes."""
        return self._by_id[calendar_id]

    def standard(self, owner_id: UserId, component: str) -> StoredCalendar:
        """Return the calendar in which the CRM makes objects of that component.

        Raises:
            NotFound: The user has no calendar home.
        """
        for calendar in self._by_id.values():
            ours = calendar.owner_id == owner_id and calendar.kind == STANDARD
            if ours and component in calendar.components:
                return calendar
        raise NotFound(f"no calendar for {component} in the home: {owner_id}")


def place(
    stored: StoredObject,
    calendar: StoredCalendar,
    *,
    old: Placement,
    new: Placement,
    conversion: Conversion,
) -> str:
    """Return the component an object has after the CRM changed its activity.

    Raises:
        InvalidInput: The new type is none of the company's.
    """
    made = conversion.component_of(new.type_key, dated=new.dated)
    if stored.component == EVENT and not new.dated:
        return TODO
    if calendar.kind != STANDARD and old.owner_id == new.owner_id:
        return stored.component
    if (old.type_key, old.dated) == (new.type_key, new.dated):
        return stored.component
    return made


class ActivityObjects:
    """Writes the objects of one owner's activities, for the homes it was made for."""

    def __init__(
        self, connection: Connection, homes: Homes, *, conversion: Conversion, writer: ObjectWriter
    ) -> None:
        self._connection = connection
        self._homes = homes
        self._conversion = conversion
        self._writer = writer

    def create(self, activity: Activity, *, revision: int) -> StoredObject:
        """Store the first object of a stored activity.

        Raises:
            InvalidInput: Its type is none of the company's.
            ConversionError: It cannot be said in iCalendar.
        """
        uid = self._conversion.new_uid(stored_id(activity), revision)
        item = self._conversion.to_object(activity, uid=uid, base=None, now=self._writer.now)
        calendar = self._homes.standard(activity.owner_id, item.component)
        content = self._conversion.content(item, activity)
        return self._writer.add(calendar, href_of(uid), content, revision=revision)

    def render(self, stored: StoredObject, activity: Activity, component: str) -> CalendarObject:
        """Return what the object is to say now; the very same text if it says it already.

        Raises:
            InvalidInput: The type is none of the company's.
            ConversionError: It cannot be said in iCalendar.
        """
        base: StoredObject | None = stored
        if component != stored.component:
            other = recast(stored.object, component)
            base = None if other is None else replace(stored, text=other.text, component=component)
        return self._conversion.to_object(activity, uid=stored.uid, base=base, now=self._writer.now)

    def is_settled(self, stored: StoredObject, activity: Activity, item: CalendarObject) -> bool:
        """Return whether the stored object is what it is to be, in the right place."""
        return (
            item.text == stored.text
            and stored.private == activity.private
            and stored.type_key == activity.type_key
            and self._goal(stored, activity, item).id == stored.calendar_id
        )

    def follow(
        self,
        stored: StoredObject,
        activity: Activity,
        item: CalendarObject,
        *,
        revisions: Revisions,
    ) -> StoredObject:
        """Store what `render` returned, in the calendar where it belongs.

        A new owner who shares the meeting has an object of it already: that one becomes the
        activity's, and the other a copy.
        """
        goal = self._goal(stored, activity, item)
        if goal.id == stored.calendar_id:
            content = self._conversion.content(item, activity)
            return self._writer.change(stored, content, revision=revisions.entering)
        own = self._own_copy(stored, activity) if item.component == EVENT else None
        if own is not None:
            return self._swap(own, activity, revision=revisions.entering)
        fresh = self._conversion.new_uid(stored_id(activity), revisions.entering)
        taken = self._names_taken(goal, stored)
        if any(other.uid == stored.uid for other in taken):
            # Somebody else's copy of this object is there already; ours becomes one of its own.
            item = self._conversion.to_object(activity, uid=fresh, base=None, now=self._writer.now)
        href = href_of(fresh) if taken else stored.href
        content = self._conversion.content(item, activity)
        if item.uid == stored.uid:
            content = replace(content, organizer=stored.organizer)
        self.withdraw(stored, revision=revisions.leaving)
        return self._writer.add(goal, href, content, revision=revisions.entering)

    def withdraw(self, stored: StoredObject, *, revision: int) -> None:
        """Turn the object into a tombstone."""
        company_id = self._homes.calendar(stored.calendar_id).company_id
        self._writer.remove(stored, company_id=company_id, revision=revision)

    def _goal(
        self, stored: StoredObject, activity: Activity, item: CalendarObject
    ) -> StoredCalendar:
        present = self._homes.calendar(stored.calendar_id)
        stays = present.owner_id == activity.owner_id and item.component == stored.component
        return present if stays else self._homes.standard(activity.owner_id, item.component)

    def _own_copy(self, stored: StoredObject, activity: Activity) -> StoredObject | None:
        """Return what the activity's owner has of a meeting, where it is a copy of this one."""
        if stored.organizer is None:
            return None
        found = objects_where(
            self._connection,
            stored.epoch,
            dav.CalendarObject.owner_id == activity.owner_id,
            dav.CalendarObject.shared_activity_id == activity.id,
        )
        return found[0] if found else None

    def _swap(self, own: StoredObject, activity: Activity, *, revision: int) -> StoredObject:
        make_copy(self._connection, stored_id(activity))
        content = self._conversion.content(self.render(own, activity, EVENT), activity)
        return self._writer.change(own, content, revision=revision)

    def _names_taken(self, goal: StoredCalendar, stored: StoredObject) -> list[StoredObject]:
        return objects_where(
            self._connection, goal.epoch, at_href_or_uid(goal.id, stored.href, stored.uid)
        )
