"""The shared projection of one component, a single item or one member of a series.

What a series shows as a whole is put together in `series_views`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from bridge.convert import contact_block, title_mark
from bridge.convert.descriptions import (
    google_description,
    normal_description,
    shown_description,
    with_block,
)
from bridge.convert.event_rules import COLOUR
from bridge.convert.google_people import answer_entry
from bridge.convert.google_reminders import google_reminders
from bridge.convert.google_times import can_be_written
from bridge.convert.people import has_strangers, normal_guests, own_entry, people_of
from bridge.convert.properties.classification import HIDDEN, is_busy, visibility_of
from bridge.convert.properties.completion import is_done
from bridge.convert.properties.conference import meeting_link, web_link
from bridge.convert.properties.crm_links import DEAL, ORGANIZATION, PERSON
from bridge.convert.properties.reminders import normal_reminders, reminders_of
from bridge.convert.showing import Showing
from bridge.convert.title_template import NO_FRAME, Frame, is_switched_off, title_frame
from bridge.domain.spans import Span, TimedSpan
from bridge.domain.view import Schedule, View, Visibility
from bridge.ical.component_span import component_span, todo_length
from bridge.ical.content_line import clean_text
from bridge.ical.scanner import ContentComponent
from bridge.ical.zones import iana_name, present_name

# Visibility at Google where the CRM's own is another one: an event that the CRM shows to everyone
# (`Save as public`), or that it shows to nobody but its owner (`IncomingVisibility.ONLY_ME`).
GOOGLE_VISIBILITY = "X-CRM-GOOGLE-VISIBILITY"
BUSY_TITLE = "Busy"
_TODO_LENGTH = timedelta(minutes=30)
# On Google's item: the conference Google keeps, and that the event is our copy of an activity.
GOOGLE_CONFERENCE = "X-GOOGLE-CONFERENCE"
OWN_COPY = "X-CRM-GOOGLE-COPY"


def calendar_view(
    component: ContentComponent, calendar: ContentComponent, showing: Showing
) -> View | None:
    """Return how Google should show one component, recurrence and instances aside.

    Args:
        component: A master or an override, from the calendar side.
        calendar: The VCALENDAR around it.
        showing: How it is shown.

    Returns:
        None for an undated to-do, an event without a start, a journal entry, and what is at the
        edge of the calendar (no event at Google could say it).
    """
    journal = component.name == "VJOURNAL"
    span = None if journal else shown_span(component, calendar, showing.zone)
    if span is None:
        return None
    schedule, busy = Schedule(span=span), is_busy(component)
    visibility = calendar_visibility(component)
    if showing.busy_only:
        return View(title=BUSY_TITLE, schedule=schedule, busy=busy, visibility=visibility)
    own = own_entry(component, showing.own_addresses)
    people = people_of(component, showing.own_addresses, own)
    return View(
        title=frame(component, showing).around(subject_of(component)),
        schedule=schedule,
        location=_plain(component, "LOCATION"),
        description=_calendar_description(component, showing),
        busy=busy,
        visibility=visibility,
        done=is_done(component),
        reminders=reminders_of(component),
        conference=meeting_link(component),
        attendees=people.guests,
        reply=people.reply,
        colour=showing.colour,
    )


def subject_of(component: ContentComponent) -> str:
    """Return the title of a component without mark, and without what a template adds."""
    return title_mark.split(component.text("SUMMARY"))[1].strip()


def frame(component: ContentComponent, showing: Showing) -> Frame:
    """Return what stands around the subject in the title that Google shows."""
    if not showing.template or is_switched_off(component):
        return NO_FRAME
    records = {"person": PERSON, "organization": ORGANIZATION, "deal": DEAL}
    fields = {name: component.text(of) for name, of in records.items()}
    return title_frame(showing.template, {**fields, "type": showing.type_name})


def google_view(
    component: ContentComponent, calendar: ContentComponent, showing: Showing
) -> View | None:
    """Return what Google shows of one event, recurrence and instances aside; None without a time.

    Args:
        component: A master or an exception, of Google's item.
        calendar: The VCALENDAR around it.
        showing: How it is shown.
    """
    span = component_span(component, calendar, floating_zone=showing.zone)
    if span is None:
        return None
    done, title = title_mark.split(component.text("SUMMARY"))
    description, link = google_description(component)
    people = people_of(component, showing.own_addresses, answer_entry(component))
    return View(
        title=title.strip(),
        schedule=Schedule(span=normal_span(span, showing.zone)),
        location=_plain(component, "LOCATION"),
        description=description,
        busy=is_busy(component),
        visibility=google_visibility(component, private_by_default=showing.private_by_default),
        done=done,
        reminders=google_reminders(component),
        conference=link or googles_link(component),
        attendees=people.guests,
        reply=people.reply,
        colour=component.value(COLOUR) if showing.own_copy else "",
    )


def googles_link(component: ContentComponent) -> str:
    """Return the link of the conference that Google itself keeps, "" without one."""
    return web_link(component.value(GOOGLE_CONFERENCE))


def google_visibility(component: ContentComponent, *, private_by_default: bool) -> Visibility:
    """Return who sees the details of an event; one that leaves it open is as private as that."""
    told = visibility_of(component)
    left_open = told is Visibility.DEFAULT and private_by_default
    return Visibility.PRIVATE if left_open else told


def busy_block(view: View) -> View:
    """Return the view with nothing but its time."""
    return View(
        title=BUSY_TITLE,
        schedule=view.schedule,
        busy=view.busy,
        visibility=Visibility.PRIVATE,
    )


def is_bare(view: View) -> bool:
    """Return whether the view shows no more than a busy block does, of whatever visibility."""
    return view == replace(busy_block(view), visibility=view.visibility)


def normal(view: View, showing: Showing) -> View:
    """Return the view of one component as a side can hold it, so that what is put is what is got.

    Recurrence and instances are left out: `series_views` sees to them.
    """
    return replace(
        view,
        title=clean_text(view.title).strip(),
        schedule=Schedule(span=normal_span(view.schedule.span, showing.zone)),
        location=clean_text(view.location).strip(),
        description=normal_description(view.description),
        reminders=normal_reminders(view.reminders),
        conference=web_link(view.conference),
        attendees=normal_guests(view.attendees, showing.own_addresses),
        instances=(),
    )


def calendar_visibility(component: ContentComponent) -> Visibility:
    """Return the visibility at Google that a component of the calendar asks for."""
    own = visibility_of(component)
    kept = component.value(GOOGLE_VISIBILITY).lower()
    if own in HIDDEN:
        shown = own is Visibility.PRIVATE and kept in (Visibility.DEFAULT, Visibility.PUBLIC)
        return Visibility(kept) if shown else own
    return Visibility(kept) if kept in HIDDEN else own


def shown_span(component: ContentComponent, calendar: ContentComponent, zone: str) -> Span | None:
    """Return when Google shows it: a timed to-do from its DUE on (contract, section 6)."""
    span = component_span(component, calendar, floating_zone=zone)
    if span is None:
        return None
    span = normal_span(span, zone)
    if not isinstance(span, TimedSpan):
        start = datetime.combine(span.start, time(), UTC)
        return span if can_be_written(start, timedelta(days=span.days)) else None
    start, length = span.start, span.duration
    if component.name == "VTODO":
        start = span.end
        if not length and todo_length(component) is None:
            length = _TODO_LENGTH
    if not can_be_written(start, length):
        return None
    return replace(span, start=start, end=start + length)


def normal_span(span: Span, zone: str) -> Span:
    """Return the span in whole seconds of UTC, its zone by its present name."""
    if not isinstance(span, TimedSpan):
        return span
    name = present_name(iana_name(span.zone) or zone)
    return TimedSpan(start=_second(span.start), end=_second(span.end), zone=name)


def _calendar_description(component: ContentComponent, showing: Showing) -> str:
    link = meeting_link(component)
    text = shown_description(component, link=link)
    if not showing.contacts or has_strangers(component, showing.own_addresses):
        return text
    return with_block(text, contact_block.block_of(component), link=link)


def _second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _plain(component: ContentComponent, name: str) -> str:
    return clean_text(component.text(name)).strip()
