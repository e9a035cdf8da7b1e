"""The shared projection of one component, a single item or one member of a series.

What a series shows as a whole is put together in `series_views`.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from bridge.convert import contact_block, title_mark
from bridge.convert.google_times import can_be_written
from bridge.convert.properties.classification import HIDDEN, is_busy, visibility_of
from bridge.convert.properties.completion import is_done
from bridge.domain.spans import Span, TimedSpan
from bridge.domain.view import Schedule, View, Visibility
from bridge.ical.component_span import component_span, todo_length
from bridge.ical.content_line import clean_text
from bridge.ical.scanner import ContentComponent
from bridge.ical.zones import iana_name, present_name

# Visibility at Google of an event that the CRM shows to everyone (`Save as public`).
GOOGLE_VISIBILITY = "X-CRM-GOOGLE-VISIBILITY"
BUSY_TITLE = "Busy"
_TODO_LENGTH = timedelta(minutes=30)
# Google answers 400 to a longer description; what is cut off is marked.
LONGEST_DESCRIPTION = 8192
CUT_MARK = "\n…"


def calendar_view(
    component: ContentComponent, calendar: ContentComponent, *, zone: str, contacts: bool
) -> View | None:
    """Return how Google should show one component, recurrence and instances aside.

    Args:
        component: A master or an override, from the calendar side.
        calendar: The VCALENDAR around it.
        zone: IANA name of the zone floating times are read in.
        contacts: Whether the block of linked contacts is added.

    Returns:
        None for an undated to-do, an event without a start, a journal entry, and what is at the
        edge of the calendar (no event at Google could say it).
    """
    span = None if component.name == "VJOURNAL" else shown_span(component, calendar, zone)
    if span is None:
        return None
    description = _shortened(own_description(component))
    if contacts:
        blocked = contact_block.append(description, contact_block.block_of(component))
        description = blocked if len(blocked) <= LONGEST_DESCRIPTION else description
    return View(
        title=title_mark.split(component.text("SUMMARY"))[1].strip(),
        schedule=Schedule(span=span),
        location=_plain(component, "LOCATION"),
        description=description,
        busy=is_busy(component),
        visibility=calendar_visibility(component),
        done=is_done(component),
    )


def own_description(component: ContentComponent) -> str:
    """Return the whole description without the block of contacts."""
    return contact_block.strip(clean_text(component.text("DESCRIPTION")))


def is_cut(component: ContentComponent) -> bool:
    """Whether the description of a component is longer than Google takes."""
    return len(own_description(component)) > LONGEST_DESCRIPTION


def google_view(
    component: ContentComponent, calendar: ContentComponent, *, zone: str
) -> View | None:
    """Return what Google shows of one event, recurrence and instances aside; None without a time.

    Args:
        component: A master or an exception, of Google's item.
        calendar: The VCALENDAR around it.
        zone: IANA name of the Google calendar's zone.
    """
    span = component_span(component, calendar, floating_zone=zone)
    if span is None:
        return None
    done, title = title_mark.split(component.text("SUMMARY"))
    return View(
        title=title.strip(),
        schedule=Schedule(span=normal_span(span, zone)),
        location=_plain(component, "LOCATION"),
        description=contact_block.trim_end(clean_text(component.text("DESCRIPTION"))),
        busy=is_busy(component),
        visibility=visibility_of(component),
        done=done,
    )


def busy_block(view: View) -> View:
    """Return the view with nothing but its time."""
    return View(
        title=BUSY_TITLE,
        schedule=view.schedule,
        busy=view.busy,
        visibility=Visibility.PRIVATE,
    )


def normal(view: View, *, zone: str) -> View:
    """Return the view of one component as a side can hold it, so that what is put is what is got.

    Recurrence and instances are left out: `series_views` sees to them.
    """
    return replace(
        view,
        title=clean_text(view.title).strip(),
        schedule=Schedule(span=normal_span(view.schedule.span, zone)),
        location=clean_text(view.location).strip(),
        description=contact_block.trim_end(clean_text(view.description)),
        instances=(),
    )


def calendar_visibility(component: ContentComponent) -> Visibility:
    """Return the visibility at Google that a component of the calendar asks for."""
    own = visibility_of(component)
    kept = component.value(GOOGLE_VISIBILITY).lower()
    if own in HIDDEN or kept not in {visibility.value for visibility in HIDDEN}:
        return own
    return Visibility(kept)


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


def _shortened(text: str) -> str:
    if len(text) <= LONGEST_DESCRIPTION:
        return text
    return contact_block.trim_end(text[: LONGEST_DESCRIPTION - len(CUT_MARK)]) + CUT_MARK


def _second(at: datetime) -> datetime:
    return at.astimezone(UTC).replace(microsecond=0)


def _plain(component: ContentComponent, name: str) -> str:
    return clean_text(component.text(name)).strip()
