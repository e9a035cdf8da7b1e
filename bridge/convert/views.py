"""The shared projection of calendar objects and of Google's items, and its normal form."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from bridge.convert import contact_block, title_mark
from bridge.convert.google_times import can_be_written
from bridge.convert.properties.classification import HIDDEN, is_busy, visibility_of
from bridge.convert.properties.completion import is_done
from bridge.domain.spans import Span, TimedSpan
from bridge.domain.view import Schedule, View, Visibility
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.component_span import todo_length
from bridge.ical.content_line import clean_text
from bridge.ical.scanner import ContentComponent
from bridge.ical.spans import is_recurring, span_of
from bridge.ical.zones import iana_name, present_name

# Visibility at Google of an event that the CRM shows to everyone (`Save as public`).
GOOGLE_VISIBILITY = "X-CRM-GOOGLE-VISIBILITY"
BUSY_TITLE = "Busy"
_TODO_LENGTH = timedelta(minutes=30)
# Google answers 400 to a longer description; what is cut off is marked.
LONGEST_DESCRIPTION = 8192
CUT_MARK = "\n…"


def calendar_view(item: CalendarObject, *, zone: str, contacts: bool) -> View | None:
    """Return how Google should show a calendar object.

    Args:
        item: From the calendar side.
        zone: IANA name of the zone floating times are read in.
        contacts: Whether the block of linked contacts is added.

    Returns:
        None for an undated to-do, an event without a start, a journal entry, what is at the edge
        of the calendar (no event at Google could say it), and, as yet, a series.
    """
    span = None if item.component == "VJOURNAL" or is_recurring(item) else shown_span(item, zone)
    if span is None:
        return None
    head = item.head()
    description = _shortened(own_description(head))
    if contacts:
        blocked = contact_block.append(description, contact_block.block_of(head))
        description = blocked if len(blocked) <= LONGEST_DESCRIPTION else description
    return View(
        title=title_mark.split(head.text("SUMMARY"))[1].strip(),
        schedule=Schedule(span=span),
        location=_plain(head, "LOCATION"),
        description=description,
        busy=is_busy(head),
        visibility=calendar_visibility(head),
        done=is_done(head),
    )


def own_description(head: ContentComponent) -> str:
    """Return the whole description without the block of contacts."""
    return contact_block.strip(clean_text(head.text("DESCRIPTION")))


def is_cut(head: ContentComponent) -> bool:
    """Whether a calendar object's description is longer than Google takes."""
    return len(own_description(head)) > LONGEST_DESCRIPTION


def google_view(item: CalendarObject, *, zone: str) -> View | None:
    """Return what Google shows; None when it has no time, or is a series, as yet."""
    span = None if is_recurring(item) else span_of(item, floating_zone=zone)
    if span is None:
        return None
    head = item.head()
    done, title = title_mark.split(head.text("SUMMARY"))
    return View(
        title=title.strip(),
        schedule=Schedule(span=normal_span(span, zone)),
        location=_plain(head, "LOCATION"),
        description=contact_block.trim_end(clean_text(head.text("DESCRIPTION"))),
        busy=is_busy(head),
        visibility=visibility_of(head),
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
    """Return the view as a side can hold it, so that what is put is what is got.

    Series are not synced yet: recurrence lines are left out.
    """
    return replace(
        view,
        title=clean_text(view.title).strip(),
        schedule=Schedule(span=normal_span(view.schedule.span, zone)),
        location=clean_text(view.location).strip(),
        description=contact_block.trim_end(clean_text(view.description)),
    )


def calendar_visibility(component: ContentComponent) -> Visibility:
    """Return the visibility at Google that a calendar object asks for."""
    own = visibility_of(component)
    kept = component.value(GOOGLE_VISIBILITY).lower()
    if own in HIDDEN or kept not in {visibility.value for visibility in HIDDEN}:
        return own
    return Visibility(kept)


def shown_span(item: CalendarObject, zone: str) -> Span | None:
    """Return when Google shows it: a timed to-do from its DUE on (contract, section 6)."""
    span = span_of(item, floating_zone=zone)
    if span is None:
        return None
    span = normal_span(span, zone)
    if not isinstance(span, TimedSpan):
        start = datetime.combine(span.start, time(), UTC)
        return span if can_be_written(start, timedelta(days=span.days)) else None
    start, length = span.start, span.duration
    if item.component == "VTODO":
        start = span.end
        if not length and todo_length(item.head()) is None:
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
