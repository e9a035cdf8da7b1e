"""What a view changes in one component on either side, field by field."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from bridge.convert import contact_block, title_mark
from bridge.convert.descriptions import (
    description_changes,
    google_description_changes,
    new_description,
)
from bridge.convert.event_rules import COLOUR
from bridge.convert.google_people import answer_entry, hides_guests, person_hosting
from bridge.convert.google_reminders import google_reminder_changes
from bridge.convert.people import (
    People,
    has_strangers,
    new_people,
    own_entry,
    people_changes,
    people_of,
)
from bridge.convert.properties.activity_type import type_changes
from bridge.convert.properties.attendees import written_attendee
from bridge.convert.properties.classification import HIDDEN, busy_changes, visibility_changes
from bridge.convert.properties.completion import event_done, todo_done, todo_title
from bridge.convert.properties.conference import meeting_changes, meeting_link, web_link
from bridge.convert.properties.mapper import text_change
from bridge.convert.properties.reminders import mailed_reminders
from bridge.convert.properties.schedule import (
    changes_schedule,
    event_times,
    raised_sequence,
    todo_due_times,
    todo_times,
)
from bridge.convert.series_rule import without_zone
from bridge.convert.showing import Showing
from bridge.convert.title_template import switched_off, title_frame
from bridge.convert.views import GOOGLE_VISIBILITY, OWN_COPY, frame, googles_link, is_bare
from bridge.domain.activity import ActivityType
from bridge.domain.spans import TimedSpan
from bridge.domain.sync_settings import IncomingVisibility, PrivateEvents, SyncSettings
from bridge.domain.view import Field, MergeField, Schedule, View, Visibility
from bridge.ical.content_line import ContentLine, make_line
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent
from bridge.ical.zones import zone_named

Changes = tuple[PropertyChange, ...]
_ORIGIN, _GOOGLE = "X-CRM-ORIGIN", "GOOGLE"
_OF_A_BUSY_BLOCK = frozenset({MergeField.SCHEDULE, MergeField.BUSY, MergeField.VISIBILITY})


def calendar_changes(
    view: View,
    present: View | None,
    head: ContentComponent,
    showing: Showing,
    *,
    recurrence: Changes = (),
) -> Changes:
    """Return what makes a component show the view; nothing for fields it shows already.

    Reminders are not among them, they are components of their own (`lens_alarms`).

    Args:
        view: In normal form.
        present: What it shows now without block of contacts, None for a to-do without a date.
        head: A master or an override.
        showing: How it is shown.
        recurrence: What else changes of its schedule, rules and dates.
    """
    fields = frozenset(MergeField) if present is None else _changed(view, present)
    if showing.busy_only and not is_from_google(head):
        fields &= _OF_A_BUSY_BLOCK
    changes = [
        change
        for concerned, change_of in _IN_CALENDAR
        if fields & concerned
        for change in change_of(view, head, showing)
    ]
    changes += recurrence
    if changes_schedule(changes):
        changes.append(PropertyChange(name="SEQUENCE", lines=(raised_sequence(head),)))
    return tuple(changes)


def google_changes(view: View, present: View, head: ContentComponent, showing: Showing) -> Changes:
    """Return what makes one of Google's events show the view; nothing for what it shows already."""
    fields = _changed(view, present)
    changes = tuple(
        change
        for concerned, change_of in _AT_GOOGLE
        if fields & concerned
        for change in change_of(view, head, showing)
    )
    # The way to the record is a detail as well.
    reduced = is_bare(view) and not is_bare(present) and head.first("URL") is not None
    return (*changes, PropertyChange(name="URL")) if reduced else changes


def _changed(view: View, present: View) -> frozenset[Field]:
    """Return the fields in which one component has to change; rules are not seen to here."""
    fields = view.changed_fields(present)
    same = view.schedule.span == present.schedule.span
    return fields - {MergeField.SCHEDULE} if same else fields


def new_calendar_lines(
    view: View,
    type_: ActivityType,
    google: ContentComponent,
    settings: SyncSettings,
    *,
    private: bool = False,
) -> list[ContentLine]:
    """Return the lines of a new calendar object that shows Google's view, but for its reminders.

    Args:
        view: What Google shows.
        type_: What it becomes.
        google: The component it is made from.
        settings: What the user chose.
        private: A rule hides it in the CRM; at Google it stays as visible as it is.
    """
    component = type_.collection.component
    around = title_frame(settings.title_template, {"type": type_.name})
    subject = around.subject_in(view.title)
    title = view.title if subject is None else subject
    changes: list[PropertyChange] = [*type_changes(None, type_)]
    if component == "VTODO":
        changes += todo_title(None, title, done=view.done)
        changes += todo_done(None, done=view.done, completed=None)
        changes += _todo_scheduled(view.schedule, None)
    else:
        changes += event_done(None, title, done=view.done)
        changes += event_times(view.schedule.span, None)
    changes += () if subject is not None else (switched_off(),)
    changes += text_change(None, "LOCATION", view.location)
    changes += new_description(view.description)
    changes += busy_changes(None, component=component, busy=view.busy)
    changes += _new_visibility(view.visibility, settings, private=private)
    changes += meeting_changes(None, view.conference)
    lines = [line for change in changes for line in change.lines]
    people = People(guests=view.attendees, reply=view.reply)
    lines += new_people(people, answer_entry(google), person_hosting(google))
    return [*stamp_lines(google), make_line("SEQUENCE", "0"), *lines, make_line(_ORIGIN, _GOOGLE)]


def is_from_google(component: ContentComponent) -> bool:
    """Return whether a component of the calendar was made from an event of Google's."""
    return component.value(_ORIGIN).upper() == _GOOGLE


def new_google_lines(view: View, calendar: ContentComponent, *, bare: bool) -> list[ContentLine]:
    """Return the lines of a new item for Google that shows the view.

    Args:
        view: What it shows; nobody's answer is made by us.
        calendar: The component of the calendar.
        bare: Nothing but the view leaves.
    """
    mailed = frozenset() if bare else mailed_reminders(calendar)
    changes: Sequence[PropertyChange] = (
        *text_change(None, "SUMMARY", _shown_title(view)),
        *event_times(view.schedule.span, None),
        *text_change(None, "LOCATION", view.location),
        *google_description_changes(None, view.description, view.conference),
        *busy_changes(None, component="VEVENT", busy=view.busy),
        *visibility_changes(view.visibility),
        *google_reminder_changes(None, view.reminders, mailed=mailed),
        *_coloured(view, None),
    )
    record = "" if bare else web_link(calendar.value("URL"))
    return [
        *stamp_lines(calendar),
        *(line for change in changes for line in change.lines),
        *(written_attendee(guest, None) for guest in view.attendees),
        *([make_line("URL", record)] if record else []),
        make_line(OWN_COPY, "TRUE"),
    ]


def _titled(view: View, head: ContentComponent, showing: Showing) -> Changes:
    """A title that the template does not give is the subject; the template is off from then on."""
    subject = frame(head, showing).subject_in(view.title)
    if subject is None:
        return (*_named(view, head), switched_off())
    return _named(replace(view, title=subject), head)


def _taking_part(view: View, head: ContentComponent, showing: Showing) -> Changes:
    people = People(guests=view.attendees, reply=view.reply)
    entry = own_entry(head, showing.own_addresses)
    return people_changes(head, people, showing.own_addresses, entry)


def _taking_part_at_google(view: View, head: ContentComponent, showing: Showing) -> Changes:
    """Where nobody is asked there is no answer, and who is asked has one.

    The list of guests is written whole: who is not told of would be uninvited.
    """
    entry = answer_entry(head)
    there = people_of(head, showing.own_addresses, entry)
    ours = showing.guests_out and not hides_guests(head)
    reply = there.reply if there.reply is None or view.reply is None else view.reply
    people = People(guests=view.attendees if ours else there.guests, reply=reply)
    return people_changes(head, people, showing.own_addresses, entry)


def _described_at_google(view: View, head: ContentComponent, showing: Showing) -> Changes:
    """What Google keeps of a conference stays; linked contacts are for no strangers."""
    link = "" if view.conference == googles_link(head) else view.conference
    strangers = hides_guests(head) or has_strangers(head, showing.own_addresses)
    text = contact_block.strip(view.description) if strangers else view.description
    return google_description_changes(head, text, link)


def _coloured(view: View, head: ContentComponent | None) -> Changes:
    return text_change(head, COLOUR, view.colour)


def _new_visibility(wanted: Visibility, settings: SyncSettings, *, private: bool) -> Changes:
    if private:
        told = wanted if wanted in HIDDEN else Visibility.PRIVATE
        kept = () if told is wanted else (_kept_visibility(wanted),)
        return (*visibility_changes(told), *kept)
    public = settings.private_events is PrivateEvents.SAVE_AS_PUBLIC
    if wanted in HIDDEN and public:
        return (_kept_visibility(wanted),)
    only_me = settings.incoming_visibility is IncomingVisibility.ONLY_ME
    if wanted is Visibility.DEFAULT and only_me:
        return (*visibility_changes(Visibility.PRIVATE), _kept_visibility(wanted))
    return visibility_changes(wanted)


def _shown_title(view: View) -> str:
    return title_mark.join(done=view.done, title=view.title).strip()


def _named(view: View, head: ContentComponent) -> Changes:
    if head.name == "VTODO":
        return (
            *todo_title(head, view.title, done=view.done),
            *todo_done(head, done=view.done, completed=None),
        )
    return event_done(head, view.title, done=view.done)


def scheduled(schedule: Schedule, head: ContentComponent) -> Changes:
    """Return what gives a component of the calendar the times that Google shows.

    Floating times stay floating only where the caller sees to it (`floating`).
    """
    if head.name == "VTODO":
        return _todo_scheduled(schedule, head)
    return event_times(schedule.span, head)


def floating(changes: Sequence[PropertyChange], zone: str) -> Changes:
    """Return changes with the times of this zone written without one."""
    return tuple(
        replace(
            change,
            lines=tuple(
                without_zone(line) if line.parameter("TZID") == zone else line
                for line in change.lines
            ),
        )
        for change in changes
    )


def _todo_scheduled(schedule: Schedule, head: ContentComponent | None) -> Changes:
    """A new to-do from Google has DTSTART and DUE at its start (contract, section 6)."""
    span = schedule.span
    needed = head is None or bool(schedule.recurrence)
    if not isinstance(span, TimedSpan):
        return todo_times(span, head, start_needed=needed)
    if not schedule.recurrence or _begins_on_its_day(span):
        return todo_due_times(span, head, start_needed=needed)
    # The rules of a to-do that is due the day after it begins would have other days.
    anew = todo_due_times(span, None, start_needed=True)
    return (*anew, PropertyChange(name="DURATION"))


def _begins_on_its_day(due: TimedSpan) -> bool:
    clock = zone_named(due.zone).tz
    begins = due.start_utc - due.duration
    return begins.astimezone(clock).date() == due.start.astimezone(clock).date()


def _classified(wanted: Visibility, head: ContentComponent, *, save_as_public: bool) -> Changes:
    public_here = head.value("CLASS").upper() in ("", "PUBLIC")
    if save_as_public and wanted in HIDDEN and public_here:
        return (_kept_visibility(wanted),)
    forget = head.first(GOOGLE_VISIBILITY) is not None
    kept = (PropertyChange(name=GOOGLE_VISIBILITY),) if forget else ()
    return (*visibility_changes(wanted), *kept)


def _kept_visibility(wanted: Visibility) -> PropertyChange:
    line = make_line(GOOGLE_VISIBILITY, wanted.value.upper())
    return PropertyChange(name=GOOGLE_VISIBILITY, lines=(line,))


def stamp_lines(source: ContentComponent) -> list[ContentLine]:
    """Return DTSTAMP of a new object: when its source changed, as the lens has no clock."""
    value = source.value("LAST-MODIFIED") or source.value("DTSTAMP")
    return [make_line("DTSTAMP", value or "19700101T000000Z")]


_Change = Callable[[View, ContentComponent, Showing], Changes]
_Table = tuple[tuple[frozenset[MergeField], _Change], ...]

# Which fields change which properties of a component in the calendar.
_IN_CALENDAR: _Table = (
    (frozenset({MergeField.TITLE, MergeField.DONE}), _titled),
    (frozenset({MergeField.SCHEDULE}), lambda v, c, _: scheduled(v.schedule, c)),
    (frozenset({MergeField.LOCATION}), lambda v, c, _: text_change(c, "LOCATION", v.location)),
    (
        frozenset({MergeField.DESCRIPTION}),
        lambda v, c, _: description_changes(c, v.description, link=meeting_link(c)),
    ),
    (
        frozenset({MergeField.BUSY}),
        lambda v, c, _: busy_changes(c, component=c.name, busy=v.busy),
    ),
    (
        frozenset({MergeField.VISIBILITY}),
        lambda v, c, s: _classified(v.visibility, c, save_as_public=s.save_as_public),
    ),
    (frozenset({MergeField.CONFERENCE}), lambda v, c, _: meeting_changes(c, v.conference)),
    (frozenset({MergeField.ATTENDEES, MergeField.REPLY}), _taking_part),
)
# And those of one of Google's events.
_AT_GOOGLE: _Table = (
    (
        frozenset({MergeField.TITLE, MergeField.DONE}),
        lambda v, c, _: text_change(c, "SUMMARY", _shown_title(v)),
    ),
    (frozenset({MergeField.SCHEDULE}), lambda v, c, _: event_times(v.schedule.span, c)),
    (frozenset({MergeField.LOCATION}), lambda v, c, _: text_change(c, "LOCATION", v.location)),
    (frozenset({MergeField.DESCRIPTION, MergeField.CONFERENCE}), _described_at_google),
    (
        frozenset({MergeField.BUSY}),
        lambda v, c, _: busy_changes(c, component=c.name, busy=v.busy),
    ),
    (frozenset({MergeField.VISIBILITY}), lambda v, _c, _s: visibility_changes(v.visibility)),
    (
        frozenset({MergeField.REMINDERS}),
        lambda v, c, _: google_reminder_changes(c, v.reminders),
    ),
    (frozenset({MergeField.ATTENDEES, MergeField.REPLY}), _taking_part_at_google),
    (frozenset({MergeField.COLOUR}), lambda v, c, s: _coloured(v, c) if s.own_copy else ()),
)
