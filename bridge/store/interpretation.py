"""What a calendar object means to its owner, with the few facts that takes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from bridge.convert.activity import object_to_activity
from bridge.convert.properties.classification import HIDDEN, visibility_of
from bridge.domain.activity import DEFAULT_TYPES, Activity, ActivityType, CollectionName
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.spans import ObjectIndex, index_of, span_of
from bridge.store.activity_spans import TODO
from bridge.store.calendar_values import STANDARD, StoredCalendar
from bridge.store.object_writer import Content

_UNINDEXED = ObjectIndex(
    first_utc=None, last_utc=None, recurring=False, summary="", all_day=False, transparent=False
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interpretation:
    """The facts of one owner that reading an object needs.

    Attributes:
        types: Of the company; empty where the object is known to name no other type than before.
        zone: IANA name of the zone floating times are read in, the owner's.
    """

    types: tuple[ActivityType, ...]
    zone: str

    def default_type(self, calendar: StoredCalendar, component: str) -> str:
        """Return the type of an object that names none."""
        wanted = collection_of(component)
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


def blank(calendar: StoredCalendar, type_key: str) -> Activity:
    """Return the activity that a new object of a client begins as."""
    return Activity(
        company_id=calendar.company_id,
        owner_id=calendar.owner_id,
        type_key=type_key,
        subject="",
    )


def with_done_at(new: Activity, old: Activity | None, now: datetime) -> Activity:
    """Return the activity with the instant it was marked done, where nobody told it."""
    if new.done and new.done_at is None and not (old is not None and old.done):
        return replace(new, done_at=now)
    return new


def collection_of(component: str) -> CollectionName:
    """Return the standard collection in which objects of a component lie."""
    return CollectionName.TASKS if component == TODO else CollectionName.ACTIVITIES
