"""Write calendar objects, tombstones and the calendars' revisions, always together.

Whoever calls has raised the home's counter in this transaction and hands its value in: an object,
its tombstone and its collection carry one revision (design decision 13).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, update

from bridge.domain.identifiers import ActivityId, CalendarId, Href
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.occurrences import Known, known_of, same_times
from bridge.ical.spans import ObjectIndex
from bridge.store.calendar_values import StoredCalendar, StoredObject
from bridge.store.occurrences import (
    insert_occurrences,
    known_columns,
    move_occurrences,
    replace_occurrences,
)
from bridge.store.prepared import Prepared
from bridge.store.schema import dav

# Built once, as every write runs them; columns are set by the names of the values.
_INSERT = Prepared(insert(dav.CalendarObject).returning(dav.CalendarObject.id))
_ITS_ID = dav.CalendarObject.id == bindparam("object_id")
_UPDATE = Prepared(update(dav.CalendarObject).where(_ITS_ID))
_DELETE = Prepared(
    delete(dav.CalendarObject).where(_ITS_ID).returning(dav.CalendarObject.organizer)
)
_BURY = Prepared(insert(dav.Tombstone))
_UNBURY = Prepared(
    delete(dav.Tombstone).where(
        dav.Tombstone.calendar_id == bindparam("calendar"), dav.Tombstone.href == bindparam("name")
    )
)
_TOUCH = Prepared(
    update(dav.Calendar)
    .where(dav.Calendar.id == bindparam("calendar"))
    .values(revision=bindparam("new_revision"), modified_at=bindparam("now"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What is to be stored of an object.

    Attributes:
        activity_id: None for an object without a meaning in the CRM.
        private: Colleagues see a busy block only.
        type_key: The activity's type, "" without an activity.
        zone: IANA name of the zone floating times and days are read in.
        organizer: Of an event from Google; None leaves what is on record.
        shared_id: The colleague's activity that it is a copy of.
    """

    object: CalendarObject
    index: ObjectIndex
    activity_id: ActivityId | None
    private: bool
    type_key: str
    zone: str
    organizer: str | None = None
    shared_id: ActivityId | None = None


class ObjectWriter:
    """Writes under one revision at a time for one writer.

    Attributes:
        origin: `client`, `crm` or `google:<connection>`.
        now: Aware; what is written is modified then.
    """

    def __init__(self, connection: Connection, *, origin: str, now: datetime) -> None:
        self.origin = origin
        self.now = now
        self._connection = connection

    def add(
        self,
        calendar: StoredCalendar,
        href: Href,
        content: Content,
        *,
        revision: int,
        buried: bool = True,
    ) -> StoredObject:
        """Store a new object; its name and UID are free in the calendar.

        Args:
            calendar: Where.
            href: Its name.
            content: What is stored.
            revision: Of the home.
            buried: False where it is known that no tombstone tells of the name.
        """
        known = self._known(content)
        values = {
            **self._values(content, revision),
            **known_columns(known),
            "company_id": calendar.company_id,
            "owner_id": calendar.owner_id,
            "calendar_id": calendar.id,
            "href": href,
            "uid": content.object.uid,
            "created_at": self.now,
        }
        number = _INSERT.rows(self._connection, values)[0].id
        if known is not None:
            insert_occurrences(self._connection, number, known)
        if buried:
            self._clear_tombstone(calendar.id, href)
        self._touch(calendar.id, revision)
        return StoredObject(
            id=number,
            calendar_id=calendar.id,
            href=href,
            uid=content.object.uid,
            component=content.object.component,
            text=content.object.text,
            revision=revision,
            epoch=calendar.epoch,
            first_utc=content.index.first_utc,
            last_utc=content.index.last_utc,
            recurring=content.index.recurring,
            private=content.private,
            activity_id=content.activity_id,
            modified_at=self.now,
            created_at=self.now,
            type_key=content.type_key,
            known_since=None if known is None else known.since,
            known_until=None if known is None else known.until,
            organizer=content.organizer,
            shared_id=content.shared_id,
        )

    def change(self, stored: StoredObject, content: Content, *, revision: int) -> StoredObject:
        """Store another content under the same name; the UID stays."""
        values = self._values(content, revision)
        if not self._same_instances(stored, content):
            known = self._known(content)
            values.update(known_columns(known))
            stored = replace(
                stored,
                known_since=None if known is None else known.since,
                known_until=None if known is None else known.until,
            )
            replace_occurrences(self._connection, stored.id, known)
        self._update(stored.id, values)
        self._touch(stored.calendar_id, revision)
        return replace(
            stored,
            component=content.object.component,
            text=content.object.text,
            revision=revision,
            first_utc=content.index.first_utc,
            last_utc=content.index.last_utc,
            recurring=content.index.recurring,
            private=content.private,
            activity_id=content.activity_id,
            modified_at=self.now,
            type_key=content.type_key,
            organizer=stored.organizer if content.organizer is None else content.organizer,
            shared_id=content.shared_id,
        )

    def rename(
        self, stored: StoredObject, target: StoredCalendar, href: Href, *, revision: int
    ) -> StoredObject:
        """Move an object to a free name of a calendar in the same home, bytes untouched."""
        self._bury(stored, target.company_id, revision)
        values = {"calendar_id": target.id, "href": href, "revision": revision}
        self._update(stored.id, {**values, "origin": self.origin, "modified_at": self.now})
        self._clear_tombstone(target.id, href)
        self._touch(stored.calendar_id, revision)
        if target.id != stored.calendar_id:
            move_occurrences(self._connection, stored.id, target.id)
            self._touch(target.id, revision)
        return replace(
            stored, calendar_id=target.id, href=href, revision=revision, modified_at=self.now
        )

    def remove(self, stored: StoredObject, *, company_id: int, revision: int) -> bool:
        """Turn an object into a tombstone.

        Returns:
            Whether colleagues may have copies of the meeting that it was of. This is how it stands
            now: who shares it says so in the object, whatever was read of it before.
        """
        organizer = _DELETE.scalar(self._connection, {"object_id": stored.id})
        self._bury(stored, company_id, revision)
        self._touch(stored.calendar_id, revision)
        return organizer is not None

    def _known(self, content: Content) -> Known | None:
        return known_of(content.object, content.index, now=self.now, floating_zone=content.zone)

    def _same_instances(self, stored: StoredObject, content: Content) -> bool:
        """Return whether what is on record of the instances, if anything, stays right."""
        if not stored.recurring and not content.index.recurring:
            return stored.known_until is None
        return (
            stored.known_until is not None
            and (stored.first_utc, stored.last_utc)
            == (content.index.first_utc, content.index.last_utc)
            and same_times(stored.object, content.object)
        )

    def _values(self, content: Content, revision: int) -> dict[str, Any]:
        organizer = {} if content.organizer is None else {"organizer": content.organizer}
        return {
            **organizer,
            "activity_id": content.activity_id,
            "component": content.object.component,
            "text": content.object.text,
            "revision": revision,
            "first_utc": content.index.first_utc,
            "last_utc": content.index.last_utc,
            "recurring": content.index.recurring,
            "reach": content.index.reach,
            "busy": content.index.busy,
            "private": content.private,
            "type_key": content.type_key,
            "shared_activity_id": content.shared_id,
            "origin": self.origin,
            "modified_at": self.now,
        }

    def _update(self, number: int, values: dict[str, Any]) -> None:
        _UPDATE.run(self._connection, {**values, "object_id": number})

    def _bury(self, stored: StoredObject, company_id: int, revision: int) -> None:
        # No object and its tombstone exist at once, so the name is free here.
        tombstone = {
            "calendar_id": stored.calendar_id,
            "href": stored.href,
            "company_id": company_id,
            "uid": stored.uid,
            "revision": revision,
            "deleted_at": self.now,
        }
        _BURY.run(self._connection, tombstone)

    def _clear_tombstone(self, calendar_id: CalendarId, href: Href) -> None:
        _UNBURY.run(self._connection, {"calendar": calendar_id, "name": href})

    def _touch(self, calendar_id: CalendarId, revision: int) -> None:
        values = {"calendar": calendar_id, "new_revision": revision, "now": self.now}
        _TOUCH.run(self._connection, values)
