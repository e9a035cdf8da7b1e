"""The lens between the calendar and Google (design decision 23).

`put(get(x), x) == x`; `get(put(v, x)) == v` for every v that `get` can make of x's side; for any
other v, `put` is total, and `put(get(put(v, x)), x) == put(v, x)`: what a side cannot take is
refused the same way each time. Privacy comes before the second law: with `Save as public` a laxer
view never reaches an event that is private at Google, with `Do not sync` private details pass in
neither direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.convert import contact_block, series_google, series_views, views
from bridge.convert.google_event import EVENT_TYPE, GUESTS_HIDDEN, READ_ONLY
from bridge.convert.lens_changes import new_calendar_lines, new_google_lines
from bridge.convert.properties.activity_type import named_type
from bridge.convert.properties.attendees import has_guests
from bridge.convert.properties.classification import HIDDEN
from bridge.convert.series_calendar import CalendarPut
from bridge.convert.series_frame import frame_of_schedule
from bridge.convert.series_rule import UnsupportedSeries
from bridge.domain.activity import DEFAULT_TYPES, ActivityType, CollectionName
from bridge.domain.identifiers import Uid
from bridge.domain.sync_settings import PrivateEvents, SyncSettings
from bridge.domain.view import Facts, Schedule, View
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.patch import build
from bridge.ical.spans import index_of, is_recurring
from bridge.ical.zones import zone_named

_SYNC = "X-CRM-SYNC"
_LAST_MOMENT = timedelta(seconds=1)


class GoogleLens:
    """How one connection's Google calendar shows the CRM, and how edits there come back.

    Attributes:
        settings: What the user chose.
        types: All types of the company.
        calendar_zone: IANA name of the Google calendar's zone; floating times are read in it.
    """

    def __init__(
        self, *, settings: SyncSettings, types: Sequence[ActivityType], calendar_zone: str
    ) -> None:
        self.settings = settings
        self.types = tuple(types)
        self.calendar_zone = zone_named(calendar_zone).name

    def calendar_view(self, item: CalendarObject) -> View | None:
        """Return how Google should show this calendar object; None when it cannot be shown."""
        return series_views.calendar_view(
            item, zone=self.calendar_zone, contacts=self.settings.contact_information
        )

    def google_view(self, item: CalendarObject) -> View | None:
        """Return what Google shows, in the same terms; None when it has no time.

        Under `Do not sync` a private event shows nothing but its time.
        """
        view = series_views.google_view(item, zone=self.calendar_zone)
        return series_views.busy_block(view) if view is not None and self._masked(view) else view

    def calendar_facts(self, item: CalendarObject) -> Facts:
        """Return what scope rules ask of a calendar object."""
        head, zone = item.head(), self.calendar_zone
        collection = _collection(item)
        shown = views.calendar_view(head, item.source(), zone=zone, contacts=False)
        named = named_type(head, [t for t in self.types if t.collection is collection])
        return Facts(
            type_key=named.key if named is not None else DEFAULT_TYPES[collection],
            last_day=self._last_day(item),
            recurring=is_recurring(item),
            unsupported=series_views.unsupported(item, zone=zone, shown=shown),
            do_not_sync=head.value(_SYNC).upper() == "FALSE",
            guests=any(has_guests(member) for member in item.members()),
        )

    def google_facts(self, item: CalendarObject) -> Facts:
        """Return what scope rules ask of an item from Google."""
        head, zone = item.head(), self.calendar_zone
        shown = views.google_view(head, item.source(), zone=zone)
        return Facts(
            last_day=self._last_day(item),
            recurring=is_recurring(item),
            unsupported=series_views.unsupported(item, zone=zone, shown=shown),
            guests=any(
                member.first(name) is not None
                for member in item.members()
                for name in ("ATTENDEE", GUESTS_HIDDEN)
            ),
            event_type=head.text(EVENT_TYPE) or "default",
            read_only=head.value(READ_ONLY).upper() == "TRUE",
        )

    def put_calendar(self, view: View, item: CalendarObject) -> CalendarObject:
        """Return the calendar object showing this view, all else untouched.

        A journal entry, and a series that Google cannot say, are returned as they are. In place of
        a description too long for Google no other is taken, only none: what was cut off for Google
        is not lost here. A mark on a whole series is not taken: done belongs to the instances.
        """
        if item.component == "VJOURNAL" or self.calendar_facts(item).unsupported:
            return item
        present = series_views.calendar_view(item, zone=self.calendar_zone, contacts=False)
        return self._calendar_put.put(self._normal(view, present), item)

    def put_google(self, view: View, item: CalendarObject) -> CalendarObject:
        """Return Google's item showing this view, all else untouched."""
        present = series_views.google_view(item, zone=self.calendar_zone)
        if present is None:
            return item
        wanted = self._allowed(self._normal(view, present), present)
        return series_google.put_google(wanted, present, item, zone=self.calendar_zone)

    def new_for_calendar(self, item: CalendarObject, *, uid: Uid) -> tuple[str, CalendarObject]:
        """Return collection id and a new calendar object of the incoming type for Google's item.

        Raises:
            ConversionError: It has no time, or the incoming type does not exist.
        """
        view = self.google_view(item)
        if view is None:
            raise ConversionError("it has no time", uid=item.uid, property_name="start")
        type_ = self._incoming_type(item.uid)
        put = self._calendar_put
        plain = replace(view, description=contact_block.strip(view.description))
        if view.schedule.recurrence:
            plain = replace(plain, done=False)
        lines = new_calendar_lines(plain, type_, item.head(), save_as_public=put.save_as_public)
        rules = frame_of_schedule(view.schedule).new_lines()
        made = build(uid=uid, component=type_.collection.component, lines=[*lines, *rules])
        return type_.collection.value, put.put_instances(view, made)

    def new_for_google(self, item: CalendarObject) -> CalendarObject:
        """Return Google's item for a calendar object.

        Raises:
            ConversionError: It cannot be shown there.
        """
        view = self.calendar_view(item)
        if view is None:
            raise ConversionError("it cannot be shown at Google", uid=item.uid)
        wanted = self._reduced(self._normal(view, None))
        lines = new_google_lines(wanted, item.head())
        rules = frame_of_schedule(wanted.schedule).new_lines()
        made = build(uid=item.uid, component="VEVENT", lines=[*lines, *rules])
        return series_google.put_instances(wanted, made, zone=self.calendar_zone)

    @property
    def _calendar_put(self) -> CalendarPut:
        private = self.settings.private_events
        return CalendarPut(
            zone=self.calendar_zone, save_as_public=private is PrivateEvents.SAVE_AS_PUBLIC
        )

    def _normal(self, view: View, present: View | None) -> View:
        """Return the view as a side can hold it; a recurrence that means nothing is not taken."""
        try:
            return series_views.normal(view, zone=self.calendar_zone)
        except UnsupportedSeries:
            single = Schedule(span=view.schedule.span)
            kept = single if present is None else present.schedule
            return series_views.normal(replace(view, schedule=kept), zone=self.calendar_zone)

    def _masked(self, view: View) -> bool:
        """Whether an item at Google is one whose details do not come in."""
        keep_out = self.settings.private_events is PrivateEvents.DO_NOT_SYNC
        return keep_out and view.visibility in HIDDEN

    def _allowed(self, wanted: View, present: View) -> View:
        """Return what may be written over Google's item: never what would show more of it."""
        if self._masked(present):
            return series_views.only_times(wanted, present)
        public = self.settings.private_events is PrivateEvents.SAVE_AS_PUBLIC
        if public and present.visibility in HIDDEN and wanted.visibility not in HIDDEN:
            return series_views.with_visibility(wanted, present.visibility)
        return self._reduced(wanted)

    def _reduced(self, wanted: View) -> View:
        """Under `Do not sync` private details pass in neither direction."""
        return series_views.busy_block(wanted) if self._masked(wanted) else wanted

    def _incoming_type(self, uid: Uid) -> ActivityType:
        for type_ in self.types:
            if type_.key == self.settings.incoming_type:
                return type_
        raise ConversionError("the type for incoming events does not exist", uid=uid)

    def _last_day(self, item: CalendarObject) -> date | None:
        index = index_of(item, floating_zone=self.calendar_zone)
        if index.first_utc is None:
            return None
        if index.last_utc is None:
            return date.max
        last = max(index.last_utc - _LAST_MOMENT, index.first_utc)
        return _day(last, self.calendar_zone)


def _collection(item: CalendarObject) -> CollectionName:
    return CollectionName.TASKS if item.component == "VTODO" else CollectionName.ACTIVITIES


def _day(at: datetime, zone: str) -> date:
    try:
        return at.astimezone(ZoneInfo(zone) if zone != "UTC" else UTC).date()
    except OverflowError:
        return at.date()
