"""What a view changes in one component on either side, field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bridge.convert import title_mark
from bridge.convert.properties.activity_type import type_changes
from bridge.convert.properties.classification import HIDDEN, busy_changes, visibility_changes
from bridge.convert.properties.completion import event_done, todo_done, todo_title
from bridge.convert.properties.mapper import text_change
from bridge.convert.properties.schedule import (
    changes_schedule,
    event_times,
    raised_sequence,
    todo_due_times,
    todo_times,
)
from bridge.convert.properties.texts import described
from bridge.convert.series_rule import without_zone
from bridge.convert.views import GOOGLE_VISIBILITY
from bridge.domain.activity import ActivityType
from bridge.domain.spans import TimedSpan
from bridge.domain.view import MergeField, Schedule, View, Visibility
from bridge.ical.content_line import ContentLine, make_line
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent
from bridge.ical.zones import zone_named

Changes = tuple[PropertyChange, ...]


def calendar_changes(
    view: View,
    present: View | None,
    head: ContentComponent,
    *,
    save_as_public: bool,
    recurrence: Changes = (),
) -> Changes:
    """Return what makes a component show the view; nothing for fields it shows already.

    Args:
        view: In normal form, without contact block.
        present: What it shows now, None for a to-do without a date.
        head: A master or an override.
        save_as_public: What is private at Google is public in the CRM.
        recurrence: What else changes of its schedule, rules and dates.
    """
    fields = frozenset(MergeField) if present is None else view.changed_fields(present)
    changes: list[PropertyChange] = []
    if fields & {MergeField.TITLE, MergeField.DONE}:
        changes += _named(view, head)
    if present is None or view.schedule.span != present.schedule.span:
        changes += scheduled(view.schedule, head)
    changes += recurrence
    if MergeField.LOCATION in fields:
        changes += text_change(head, "LOCATION", view.location)
    if MergeField.DESCRIPTION in fields:
        changes += described(head, view.description)
    if MergeField.BUSY in fields:
        changes += busy_changes(head, component=head.name, busy=view.busy)
    if MergeField.VISIBILITY in fields:
        changes += _classified(view.visibility, head, save_as_public=save_as_public)
    if changes_schedule(changes):
        changes.append(PropertyChange(name="SEQUENCE", lines=(raised_sequence(head),)))
    return tuple(changes)


def google_changes(view: View, present: View, head: ContentComponent) -> Changes:
    """Return what makes one of Google's events show the view; nothing for what it shows already."""
    fields = view.changed_fields(present)
    changes: list[PropertyChange] = []
    if fields & {MergeField.TITLE, MergeField.DONE}:
        changes += text_change(head, "SUMMARY", _shown_title(view))
    if view.schedule.span != present.schedule.span:
        changes += event_times(view.schedule.span, head)
    if MergeField.LOCATION in fields:
        changes += text_change(head, "LOCATION", view.location)
    if MergeField.DESCRIPTION in fields:
        changes += described(head, view.description)
    if MergeField.BUSY in fields:
        changes += busy_changes(head, component=head.name, busy=view.busy)
    if MergeField.VISIBILITY in fields:
        changes += visibility_changes(view.visibility)
    return tuple(changes)


def new_calendar_lines(
    view: View, type_: ActivityType, google: ContentComponent, *, save_as_public: bool
) -> list[ContentLine]:
    """Return the lines of a new calendar object that shows Google's view."""
    component = type_.collection.component
    changes: list[PropertyChange] = [*type_changes(None, type_)]
    if component == "VTODO":
        changes += todo_title(None, view.title, done=view.done)
        changes += todo_done(None, done=view.done, completed=None)
        changes += _todo_scheduled(view.schedule, None)
    else:
        changes += event_done(None, view.title, done=view.done)
        changes += event_times(view.schedule.span, None)
    changes += text_change(None, "LOCATION", view.location)
    changes += text_change(None, "DESCRIPTION", view.description)
    changes += busy_changes(None, component=component, busy=view.busy)
    if view.visibility in HIDDEN and save_as_public:
        changes.append(_kept_visibility(view.visibility))
    else:
        changes += visibility_changes(view.visibility)
    lines = [line for change in changes for line in change.lines]
    return [*_stamp(google), make_line("SEQUENCE", "0"), *lines]


def new_google_lines(view: View, calendar: ContentComponent) -> list[ContentLine]:
    """Return the lines of a new item for Google that shows the view."""
    changes: Sequence[PropertyChange] = (
        *text_change(None, "SUMMARY", _shown_title(view)),
        *event_times(view.schedule.span, None),
        *text_change(None, "LOCATION", view.location),
        *text_change(None, "DESCRIPTION", view.description),
        *busy_changes(None, component="VEVENT", busy=view.busy),
        *visibility_changes(view.visibility),
    )
    return [*_stamp(calendar), *(line for change in changes for line in change.lines)]


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


def _stamp(source: ContentComponent) -> list[ContentLine]:
    """DTSTAMP is when the source changed: the lens has no clock."""
    value = source.value("LAST-MODIFIED") or source.value("DTSTAMP")
    return [make_line("DTSTAMP", value or "19700101T000000Z")]
