"""What conversion asks of the database: the company's types, the owner's zone, who we are.

Read once for a mutation, in two statements, and handed to `bridge.convert`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import Connection, Row, bindparam, select, true

from bridge.convert.activity import activity_to_object, object_to_activity
from bridge.convert.properties.activity_type import named_type
from bridge.convert.properties.classification import HIDDEN, visibility_of
from bridge.domain.activity import DEFAULT_TYPES, Activity, ActivityType, CollectionName
from bridge.domain.identifiers import ActivityId, CompanyId, Href, Uid, UserId
from bridge.errors import ConversionError, InvalidInput, NotFound
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.spans import ObjectIndex, index_of, span_of
from bridge.store.activity_spans import TODO
from bridge.store.calendar_values import STANDARD, StoredCalendar, StoredObject
from bridge.store.object_writer import Content
from bridge.store.raw_text import raw_text, text_of
from bridge.store.schema import access, crm

_NAMES = UUID("5c0b4f0e-2d51-4f5e-9b0e-6a3c2f0d7b11")
_UNINDEXED = ObjectIndex(
    first_utc=None, last_utc=None, recurring=False, summary="", all_day=False, transparent=False
)

# Built once, as every write runs them.
_FACTS = (
    select(
        access.User.timezone,
        access.Installation.database_id,
        access.Installation.epoch,
        access.Installation.base_url,
    )
    .join(access.Installation, true())
    .where(access.User.id == bindparam("owner"), access.User.company_id == bindparam("company"))
)
_TYPES = (
    select(
        raw_text(crm.ActivityType.key).label("key"),
        raw_text(crm.ActivityType.name).label("name"),
        raw_text(crm.ActivityType.collection).label("collection"),
        raw_text(crm.ActivityType.color).label("color"),
        raw_text(crm.ActivityType.icon).label("icon"),
        crm.ActivityType.order_nr,
        crm.ActivityType.active,
    )
    .where(crm.ActivityType.company_id == bindparam("company"))
    .order_by(crm.ActivityType.order_nr, crm.ActivityType.key)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversion:
    """The facts of one owner that conversion needs.

    Attributes:
        zone: IANA name of the zone floating times are read in, the owner's.
        base_url: Public address of the CRM's pages, "" when unknown.
    """

    types: tuple[ActivityType, ...]
    zone: str
    database_id: str
    epoch: str
    base_url: str

    def type_of(self, key: str) -> ActivityType:
        """Return the type of that key.

        Raises:
            InvalidInput: The company has none.
        """
        for type_ in self.types:
            if type_.key == key:
                return type_
        raise InvalidInput("`type_key` names no activity type", field="type_key")

    def component_of(self, type_key: str, *, dated: bool) -> str:
        """Return the component the CRM makes of an activity (design decision 17).

        Raises:
            InvalidInput: The company has no such type.
        """
        return self.type_of(type_key).collection.component if dated else TODO

    def default_type(self, calendar: StoredCalendar, component: str) -> str:
        """Return the type of an object that names none."""
        wanted = _collection_of(component)
        keys = [t.key for t in self.types if t.collection is wanted]
        for key in (calendar.default_type, DEFAULT_TYPES[wanted]):
            if key in keys:
                return key
        return keys[0] if keys else calendar.default_type

    def is_dated(self, item: CalendarObject) -> bool:
        """Return whether an object has a date, as activities understand it."""
        return item.component != TODO or span_of(item, floating_zone=self.zone) is not None

    def to_activity(
        self,
        item: CalendarObject,
        *,
        base: Activity,
        previous: CalendarObject | None,
        calendar: StoredCalendar,
    ) -> Activity:
        """Return what a client's object makes of the activity `base`.

        Raises:
            ConversionError: It is no activity.
        """
        return object_to_activity(
            item,
            base=base,
            previous=previous,
            types=self.types,
            collection=CollectionName(calendar.slug) if calendar.kind == STANDARD else None,
            floating_zone=self.zone,
        )

    def to_object(
        self, activity: Activity, *, uid: Uid, base: StoredObject | None, now: datetime
    ) -> CalendarObject:
        """Return the calendar object of a stored activity; the very `base` if nothing differs.

        Raises:
            InvalidInput: Its type is none of the company's.
            ConversionError: It holds a zone or recurrence that means nothing.
        """
        return activity_to_object(
            activity,
            uid=uid,
            type_=self._type_to_say(activity, base),
            now=now,
            base=None if base is None else base.object,
            record_url=self.record_url(activity.id),
            types=self.types,
        )

    def _type_to_say(self, activity: Activity, base: StoredObject | None) -> ActivityType:
        """Return the type; while the CRM leaves it alone, the one a client's text already says."""
        type_ = self.type_of(activity.type_key)
        if base is None or activity.type_key != base.type_key:
            return type_
        said = named_type(base.object.head(), self.types)
        if said is not None:
            return said
        # It names none: it says no less than the collection's default does.
        default = DEFAULT_TYPES[_collection_of(base.component)]
        return next((each for each in self.types if each.key == default), type_)

    def record_url(self, activity_id: ActivityId | None) -> str:
        """Return the page of an activity, "" where the public address is unknown."""
        if activity_id is None or not self.base_url:
            return ""
        return f"{self.base_url.rstrip('/')}/activities/{activity_id}"

    def new_uid(self, activity_id: ActivityId, revision: int) -> Uid:
        """Return the UID of an activity made by the CRM at this revision.

        The same database makes the same UID of the same change. Neither a row id used again nor a
        revision counted again after a restored backup (that begins a new epoch) repeats one.
        """
        number = uuid5(_NAMES, f"{self.database_id}/{self.epoch}/{activity_id}/{revision}")
        return Uid(f"act-{number}@{self.database_id}")

    def content(self, item: CalendarObject, activity: Activity | None) -> Content:
        """Return what is stored of an object.

        Raises:
            ConversionError: It is an activity, and a time in it cannot be read.
        """
        try:
            index = index_of(item, floating_zone=self.zone)
        except ConversionError:
            if activity is not None:
                raise
            # Kept for its owner only, as an undated one.
            index = _UNINDEXED
        private = visibility_of(item.head()) in HIDDEN if activity is None else activity.private
        return Content(
            object=item,
            index=index,
            activity_id=None if activity is None else activity.id,
            private=private,
            type_key="" if activity is None else activity.type_key,
            zone=self.zone,
        )


def load_conversion(connection: Connection, company_id: CompanyId, owner_id: UserId) -> Conversion:
    """Read the facts for one owner.

    Raises:
        NotFound: No such user in that company.
    """
    facts = connection.execute(_FACTS, {"owner": owner_id, "company": company_id}).one_or_none()
    if facts is None:
        raise NotFound(f"no user of this company: {owner_id}")
    return Conversion(
        types=read_types(connection, company_id),
        zone=facts.timezone,
        database_id=facts.database_id,
        epoch=facts.epoch,
        base_url=facts.base_url,
    )


def read_types(connection: Connection, company_id: CompanyId) -> tuple[ActivityType, ...]:
    """Return the company's activity types that make sense, in their order."""
    rows = connection.execute(_TYPES, {"company": company_id})
    return tuple(type_ for row in rows if (type_ := _type(row)) is not None)


def href_of(uid: Uid) -> Href:
    """Return the name of an object the CRM makes; its UIDs hold nothing a path may not."""
    return Href(f"{uid}.ics")


def with_done_at(new: Activity, old: Activity | None, now: datetime) -> Activity:
    """Return the activity with the instant it was marked done, where nobody told it."""
    if new.done and new.done_at is None and not (old is not None and old.done):
        return replace(new, done_at=now)
    return new


def _collection_of(component: str) -> CollectionName:
    return CollectionName.TASKS if component == TODO else CollectionName.ACTIVITIES


def _type(row: Row[*tuple[Any, ...]]) -> ActivityType | None:
    """Return the type; None for one that another program made and that makes no sense."""
    try:
        return ActivityType(
            key=text_of(row.key, "key"),
            name=text_of(row.name, "name"),
            collection=CollectionName(text_of(row.collection, "collection")),
            color=text_of(row.color, "color"),
            icon=text_of(row.icon, "icon"),
            order=row.order_nr,
            active=bool(row.active),
        )
    except (InvalidInput, ValueError):
        return None


def blank(calendar: StoredCalendar, type_key: str) -> Activity:
    """Return the activity that a new object of a client begins as."""
    return Activity(
        company_id=calendar.company_id,
        owner_id=calendar.owner_id,
        type_key=type_key,
        subject="",
    )
