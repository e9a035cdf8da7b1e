"""What views change in the alarms of a calendar object."""

from __future__ import annotations

from collections.abc import Iterable

from bridge.convert.properties.reminders import Reminders, reminder_edits
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.patch import apply_edits
from bridge.ical.scanner import ContentComponent, line_break_of


def with_reminders(
    item: CalendarObject, wanted: Iterable[tuple[ContentComponent, Reminders]]
) -> CalendarObject:
    """Return the object with these reminders in its members, all else untouched.

    Done after all other changes of a member: what an alarm of a to-do counts from depends on its
    times.

    Args:
        item: From the calendar side.
        wanted: Members of it, each with its reminders in normal form.

    Returns:
        The very `item` when it has them already.
    """
    line_break = line_break_of(item.text)
    edits = [
        edit
        for member, reminders in wanted
        for edit in reminder_edits(member, reminders, line_break)
    ]
    if not edits:
        return item
    text = apply_edits(item.text, edits)
    return CalendarObject(uid=item.uid, component=item.component, text=text)
