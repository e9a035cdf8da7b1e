"""The lens between the calendar and Google (design decision 23).

`put(get(x), x) == x`; `get(put(v, x)) == v` for every v that `get` can make of x's side; for any
other v, `put` is total, and `put(get(put(v, x)), x) == put(v, x)`: what a side cannot take is
refused the same way each time. Privacy comes before the second law: with `Save as public` a laxer
view never reaches an event that is private at Google, with `Do not sync` private details pass in
neither direction.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.convert import contact_block, series_google, series_views, views
from bridge.convert.event_rules import linking_lines, traits_of
from bridge.convert.google_event import DEFAULT_EVENT, EVENT_TYPE, READ_ONLY
from bridge.convert.google_people import hides_guests, is_host
from bridge.convert.lens_changes import is_from_google, new_calendar_lines, new_google_lines
from bridge.convert.people import has_strangers
from bridge.convert.properties.activity_type import type_of
from bridge.convert.properties.attendees import has_guests, is_own
from bridge.convert.properties.classification import HIDDEN
from bridge.convert.properties.sync_switch import is_switched_off
from bridge.convert.series_calendar import CalendarPut
from bridge.convert.series_frame import frame_of_schedule
from bridge.convert.series_rest import rest_of
from bridge.convert.series_rule import UnsupportedSeries
from bridge.convert.showing import Showing
from bridge.convert.views import OWN_COPY
from bridge.domain.activity import DEFAULT_TYPES, ActivityType, CollectionName
from bridge.domain.identifiers import Uid
from bridge.domain.rules import ActionKind, EventTraits, RuleAction, actions_for
from bridge.domain.sync_settings import PrivateEvents, SyncSettings
from bridge.domain.view import Facts, Schedule, View
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.patch import build
from bridge.ical.scanner import ContentComponent
from bridge.ical.spans import index_of, is_recurring
from bridge.ical.split_off import Predecessor
from bridge.ical.zones import zone_named

_LAST_MOMENT = timedelta(seconds=1)


class GoogleLens:
    """How one connection's Google calendar shows the CRM, and how edits there come back.

    Attributes:
        settings: What the user chose.
        types: All types of the company.
        calendar_zone: IANA name of the Google calendar's zone; floating times are read in it.
        own_addresses: Of the account's owner, in lower case, the account's first.
    """

    def __init__(
        self,
        *,
        settings: SyncSettings,
        types: Sequence[ActivityType],
        calendar_zone: str,
        own_addresses: Iterable[str] = (),
    ) -> None:
        self.settings = settings
        self.types = tuple(types)
        self.calendar_zone = zone_named(calendar_zone).name
        known = (address.strip().lower() for address in own_addresses)
        self.own_addresses = tuple(dict.fromkeys(address for address in known if address))

    def calendar_view(self, item: CalendarObject) -> View | None:
        """Return how Google should show this calendar object; None when it cannot be shown."""
        return series_views.calendar_view(item, self._showing(item))

    def withholds_contacts(self, item: CalendarObject, there: CalendarObject | None = None) -> bool:
        """Return whether linked contacts stay away from Google because strangers take part.

        Args:
            item: In the calendar.
            there: Google's item, None while there is none; it may have guests that the calendar
                does not know yet, or is never told.
        """
        showing = self._showing(item)
        if not showing.contacts or showing.busy_only:
            return False
        linked = [each for each in item.members() if contact_block.block_of(each)]
        guests = [*linked, *(there.members() if linked and there is not None else ())]
        return any(has_strangers(each, self.own_addresses) or hides_guests(each) for each in guests)

    def google_view(self, item: CalendarObject, *, whole: bool = False) -> View | None:
        """Return what Google shows, in the same terms; None when it has no time.

        Under `Do not sync` a private event shows nothing but its time, unless it is asked for as a
        whole.
        """
        view = series_views.google_view(item, self._at_google(item))
        if view is None or whole or not self._masked(view):
            return view
        return series_views.busy_block(view)

    def unveiled(self, view: View, beside: View) -> View:
        """Return a view of Google; of a private one under `Do not sync` only the times are its own.

        All else is as the other view, of the calendar, has it.
        """
        return series_views.only_times(view, beside) if self._masked(view) else view

    def calendar_facts(self, item: CalendarObject) -> Facts:
        """Return what scope rules ask of a calendar object."""
        head, showing = item.head(), self._showing(item)
        shown = views.calendar_view(head, item.source(), showing)
        return Facts(
            type_key=self._type_key(item),
            last_day=self._last_day(item),
            recurring=is_recurring(item),
            unsupported=series_views.unsupported(item, zone=showing.zone, shown=shown),
            do_not_sync=is_switched_off(head),
            guests=any(has_guests(member, self.own_addresses) for member in item.members()),
            subject=views.subject_of(head) if showing.template and shown is not None else "",
        )

    def google_facts(self, item: CalendarObject) -> Facts:
        """Return what scope rules ask of an item from Google."""
        head, showing = item.head(), self._at_google(item)
        shown = views.google_view(head, item.source(), showing)
        event_type = head.text(EVENT_TYPE) or DEFAULT_EVENT
        return Facts(
            last_day=self._last_day(item),
            recurring=is_recurring(item),
            unsupported=series_views.unsupported(item, zone=showing.zone, shown=shown),
            guests=any(_invites(member) for member in item.members()),
            event_type=event_type,
            traits=self.traits(item),
            # Birthdays, working places and the like come in as blocks that only Google changes.
            read_only=head.value(READ_ONLY).upper() == "TRUE" or event_type != DEFAULT_EVENT,
        )

    def traits(self, item: CalendarObject) -> EventTraits:
        """Return what rules ask of an item from Google."""
        event_type = item.head().text(EVENT_TYPE) or DEFAULT_EVENT
        return traits_of(item, event_type=event_type, own_addresses=self.own_addresses)

    def put_calendar(self, view: View, item: CalendarObject) -> CalendarObject:
        """Return the calendar object showing this view, all else untouched.

        A journal entry, and a series that Google cannot say, are returned as they are. A mark on a
        whole series is not taken: done belongs to the instances.
        """
        return self._put(view, item)

    def put_google(self, view: View, item: CalendarObject) -> CalendarObject:
        """Return Google's item showing this view, all else untouched.

        A conference that Google keeps is never taken off.
        """
        showing = self._at_google(item)
        present = series_views.google_view(item, showing)
        if present is None:
            return item
        wanted = self._allowed(_normal(view, present, showing), present, showing)
        return series_google.put_google(wanted, present, item, showing)

    def new_for_calendar(
        self, item: CalendarObject, *, uid: Uid, before: Predecessor | None = None
    ) -> tuple[str, CalendarObject]:
        """Return collection id and a new calendar object for Google's item.

        It is of the incoming type, unless a rule gives another one that still exists. One that goes
        on from a series is of its type, and in its calendar while that is there.

        Raises:
            ConversionError: It has no time, or the incoming type does not exist.
        """
        view = self.google_view(item)
        if view is None:
            raise ConversionError("it has no time", uid=item.uid, property_name="start")
        if before is not None and (made := self._going_on(view, item, before, uid)) is not None:
            return before.collection or _collection(made).value, made
        actions = actions_for(self.settings.rules, self.traits(item))
        type_ = self._type_of_rule(actions) or self._incoming_type(item.uid)
        if view.schedule.recurrence:
            view = replace(view, done=False)
        private = ActionKind.PRIVATE in actions
        lines = new_calendar_lines(view, type_, item.head(), self.settings, private=private)
        lines += linking_lines(actions)
        rules = frame_of_schedule(view.schedule).new_lines()
        made = build(uid=uid, component=type_.collection.component, lines=[*lines, *rules])
        put = CalendarPut(showing=replace(self._showing(made), contacts=False))
        return type_.collection.value, put.put_instances(view, made)

    def new_for_google(self, item: CalendarObject) -> CalendarObject:
        """Return Google's item for a calendar object.

        Raises:
            ConversionError: It cannot be shown there.
        """
        return self._new_for_google(item, masks=True)

    def block_at_google(self, block: CalendarObject) -> CalendarObject:
        """Return Google's item of which no more is known than a busy block in the calendar says.

        It says whether it is done, which nothing private says at Google under `Do not sync`. It is
        what both sides agree on, and is never sent.

        Raises:
            ConversionError: It cannot be shown there.
        """
        return self._new_for_google(block, masks=False)

    def _new_for_google(self, item: CalendarObject, *, masks: bool) -> CalendarObject:
        showing = self._showing(item)
        view = series_views.calendar_view(item, showing)
        if view is None:
            raise ConversionError("it cannot be shown at Google", uid=item.uid)
        wanted = self._sendable(_normal(view, None, showing))
        masked = masks and self._masked(wanted)
        if masked:
            wanted = series_views.busy_block(wanted)
        lines = new_google_lines(wanted, item.head(), bare=showing.busy_only or masked)
        rules = frame_of_schedule(wanted.schedule).new_lines()
        made = build(uid=item.uid, component="VEVENT", lines=[*lines, *rules])
        return series_google.put_instances(wanted, made, self._at_google(made))

    def _going_on(
        self, view: View, item: CalendarObject, before: Predecessor, uid: Uid
    ) -> CalendarObject | None:
        """Return the object that goes on from a series; None where that cannot be done."""
        showing = self._showing(before.object)
        try:
            rest = rest_of(before.object, before.key, uid=uid, google=item.head(), showing=showing)
            made = None if rest is None else self._put(view, rest, keeps_own=True)
            shown = None if made is None else self.calendar_view(made)
        except ConversionError:
            return None
        # What it could not take for its time would be put back at Google, where a person chose it.
        return made if shown is not None and shown.schedule == view.schedule else None

    def _put(self, view: View, item: CalendarObject, *, keeps_own: bool = False) -> CalendarObject:
        if item.component == "VJOURNAL" or self.calendar_facts(item).unsupported:
            return item
        showing = replace(self._showing(item), contacts=False)
        present = series_views.calendar_view(item, showing)
        put = CalendarPut(showing=showing, keeps_own=keeps_own)
        return put.put(_normal(view, present, showing), item)

    def _at_google(self, item: CalendarObject) -> Showing:
        """How an item of Google's is looked at.

        Our own copy says itself what is private, as its activity does.
        """
        settings = self.settings
        own_copy = item.head().first(OWN_COPY) is not None
        return Showing(
            zone=self.calendar_zone,
            own_addresses=self.own_addresses,
            private_by_default=settings.calendar_is_private and not own_copy,
            save_as_public=settings.private_events is PrivateEvents.SAVE_AS_PUBLIC,
            guests_out=settings.guests_out,
            own_copy=own_copy,
        )

    def _showing(self, item: CalendarObject) -> Showing:
        """How a calendar object is shown, all of its components alike."""
        settings = self.settings
        busy_only, colours = bool(settings.busy_only_types), settings.type_colours
        copied = bool(colours) and not is_from_google(item.head())
        type_ = type_of(item.head(), self.types) if settings.title_template else None
        return Showing(
            zone=self.calendar_zone,
            own_addresses=self.own_addresses,
            contacts=settings.contact_information,
            template=settings.title_template,
            type_name=type_.name if type_ is not None else "",
            busy_only=busy_only and self._type_key(item) in settings.busy_only_types,
            save_as_public=settings.private_events is PrivateEvents.SAVE_AS_PUBLIC,
            guests_out=settings.guests_out,
            colour=self._colour_of(self._type_key(item)) if copied else "",
        )

    def _colour_of(self, type_key: str) -> str:
        colours = self.settings.type_colours
        return next((each.colour for each in colours if each.type_key == type_key), "")

    def _type_key(self, item: CalendarObject) -> str:
        type_ = type_of(item.head(), self.types)
        return type_.key if type_ is not None else DEFAULT_TYPES[_collection(item)]

    def _masked(self, view: View) -> bool:
        """Whether an item is one whose details pass in neither direction."""
        keep_out = self.settings.private_events is PrivateEvents.DO_NOT_SYNC
        return keep_out and view.visibility in HIDDEN

    def _allowed(self, wanted: View, present: View, showing: Showing) -> View:
        """Return what may be written over Google's item: never what would show more of it."""
        if self._masked(present):
            return series_views.only_times(wanted, present)
        bare = self.settings.busy_only_types and series_views.is_bare(wanted)
        if bare and not showing.own_copy and not self._masked(wanted):
            # Not what we left out: what people wrote at Google themselves.
            own = series_views.only_times(wanted, present)
            wanted = series_views.with_visibility(own, wanted.visibility)
        public = self.settings.private_events is PrivateEvents.SAVE_AS_PUBLIC
        if public and present.visibility in HIDDEN and wanted.visibility not in HIDDEN:
            return series_views.with_visibility(wanted, present.visibility)
        return series_views.hidden(wanted, present) if self._masked(wanted) else wanted

    def _sendable(self, view: View) -> View:
        """Return the view without guests, unless the user lets them go out, and without answer."""
        shown = {key: each and self._sendable(each) for key, each in view.by_key().items()}
        guests = view.attendees if self.settings.guests_out else ()
        plain = replace(view, attendees=guests, reply=None)
        return series_views.with_instances(plain, shown)

    def _type_of_rule(self, actions: Mapping[ActionKind, RuleAction]) -> ActivityType | None:
        wanted = actions.get(ActionKind.TYPE)
        found = (type_ for type_ in self.types if wanted and type_.key == wanted.value)
        return next((type_ for type_ in found if type_.active), None)

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


def _normal(view: View, present: View | None, showing: Showing) -> View:
    """Return the view as a side can hold it; a recurrence that means nothing is not taken."""
    try:
        return series_views.normal(view, showing)
    except UnsupportedSeries:
        single = Schedule(span=view.schedule.span)
        kept = single if present is None else present.schedule
        return series_views.normal(replace(view, schedule=kept), showing)


def _invites(component: ContentComponent) -> bool:
    """Return whether an event at Google has guests besides the account and the organizer."""
    lines = component.all("ATTENDEE")
    return hides_guests(component) or any(not (is_own(line) or is_host(line)) for line in lines)


def _collection(item: CalendarObject) -> CollectionName:
    return CollectionName.TASKS if item.component == "VTODO" else CollectionName.ACTIVITIES


def _day(at: datetime, zone: str) -> date:
    try:
        return at.astimezone(ZoneInfo(zone) if zone != "UTC" else UTC).date()
    except OverflowError:
        return at.date()
