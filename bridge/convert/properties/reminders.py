"""Reminders: alarms as minutes before the start (RFC 5545 section 3.6.6; Google: Reminders).

Without an alarm the calendar's default reminders hold; `X-CRM-REMINDERS:OWN` says that the alarms
there are, or that there are none, is what its owner wants. Google takes five: the five nearest to
the start. What Google cannot say stays in the calendar and is never touched: absolute times, times
after the start or far before it, sounds and programs, a program's own default alarms. So does what
is past the five; once somebody chooses reminders at Google, it is marked `X-CRM-AT-GOOGLE:FALSE`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import timedelta

from bridge.errors import ConversionError
from bridge.ical.content_line import ContentLine, make_line, write_lines
from bridge.ical.patch import Edit
from bridge.ical.scanner import ContentComponent
from bridge.ical.times import read_duration, write_duration

Reminders = tuple[int, ...] | None
"""Minutes before the start in ascending order; None for the calendar's default reminders."""

MOST = 5
FARTHEST = 40_320
"""Minutes; four weeks."""
_OWN_MARK, _OWN = "X-CRM-REMINDERS", "OWN"
_AT_GOOGLE = "X-CRM-AT-GOOGLE"
_PROGRAMS_DEFAULTS = ("X-APPLE-DEFAULT-ALARM", "X-DEFAULT-ALARM")
_START, _END = "START", "END"
_DAY = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class _Alarm:
    component: ContentComponent
    minutes: int


def reminders_of(component: ContentComponent) -> Reminders:
    """Return the reminders of an event, or of a to-do, that Google can have."""
    minutes = sorted({alarm.minutes for alarm in _alarms(component)})
    if minutes:
        return tuple(minutes[:MOST])
    return () if _is_own(component) else None


def normal_reminders(wanted: Reminders) -> Reminders:
    """Return the reminders as both sides can hold them."""
    if wanted is None:
        return None
    return tuple(sorted({each for each in wanted if 0 <= each <= FARTHEST})[:MOST])


def mailed_reminders(component: ContentComponent) -> frozenset[int]:
    """Return the minutes at which a mail is all that is asked for."""
    alarms = list(_alarms(component))
    shown = {a.minutes for a in alarms if a.component.value("ACTION").upper() == "DISPLAY"}
    return frozenset(alarm.minutes for alarm in alarms) - shown


def reminder_edits(component: ContentComponent, wanted: Reminders, line_break: str) -> list[Edit]:
    """Return the edits that make a component have these reminders, alarms it has already as is.

    Args:
        component: Of the text that the edits are for.
        wanted: In normal form.
        line_break: Of that text.
    """
    present = reminders_of(component)
    if present == wanted:
        return []
    kept = frozenset(wanted or ())
    alarms = list(_alarms(component))
    edits = [
        _gone(alarm) if alarm.minutes in (present or ()) else _not_told(alarm, line_break)
        for alarm in alarms
        if alarm.minutes not in kept
    ]
    added = kept.difference(alarm.minutes for alarm in alarms)
    edits += _mark_edits(component, own=wanted is not None, line_break=line_break)
    text = "".join(_alarm_text(m, component, line_break) for m in sorted(added))
    return [*edits, Edit(start=component.tail, end=component.tail, text=text)] if text else edits


def _alarms(component: ContentComponent) -> Iterator[_Alarm]:
    """Give the alarms that Google can have, in the order of the text."""
    if not component.components:
        return
    relations = _relations_to_start(component)
    for inner in component.components:
        if inner.name == "VALARM" and (minutes := _minutes(inner, relations)) is not None:
            yield _Alarm(component=inner, minutes=minutes)


def _minutes(alarm: ContentComponent, relations: Collection[str]) -> int | None:
    trigger = alarm.first("TRIGGER")
    if trigger is None or alarm.value("ACTION").upper() not in ("DISPLAY", "EMAIL"):
        return None
    if any(alarm.value(name).upper() == "TRUE" for name in _PROGRAMS_DEFAULTS):
        return None
    if alarm.value(_AT_GOOGLE).upper() == "FALSE":
        return None
    if trigger.parameter("RELATED", _START).upper() not in relations:
        return None
    try:
        before = -read_duration(trigger.value).total
    except ConversionError:
        return None  # an absolute time, or no time at all
    # Parts of a minute are rounded up: it rings no later than asked for.
    minutes = -(-before // timedelta(minutes=1))
    return minutes if before >= timedelta(0) and minutes <= FARTHEST else None


def _relations_to_start(component: ContentComponent) -> Collection[str]:
    """Return the ends that mean the start of the event at Google.

    A to-do with a time is shown there from its DUE on, one without from midnight of its first day.
    """
    if component.name != "VTODO":
        return (_START,)
    start, due = component.first("DTSTART"), component.first("DUE")
    if start is None or (due is not None and start.meaning[1:] == due.meaning[1:]):
        return (_END, _START)
    by_day = "T" not in (due or start).value.upper()
    return (_START,) if by_day else (_END,)


def _is_own(component: ContentComponent) -> bool:
    return component.value(_OWN_MARK).upper() == _OWN


def _gone(alarm: _Alarm) -> Edit:
    return Edit(start=alarm.component.start, end=alarm.component.end, text="")


def _not_told(alarm: _Alarm, line_break: str) -> Edit:
    place = alarm.component.tail
    return Edit(start=place, end=place, text=_written(make_line(_AT_GOOGLE, "FALSE"), line_break))


def _mark_edits(component: ContentComponent, *, own: bool, line_break: str) -> list[Edit]:
    if own == _is_own(component):
        return []
    edits = [Edit(start=o.start, end=o.end, text="") for o in component.all(_OWN_MARK)]
    if own:
        place = component.tail
        text = _written(make_line(_OWN_MARK, _OWN), line_break)
        edits.append(Edit(start=place, end=place, text=text))
    return edits


def _alarm_text(minutes: int, component: ContentComponent, line_break: str) -> str:
    related = {} if _START in _relations_to_start(component) else {"RELATED": _END}
    lines = (
        make_line("BEGIN", "VALARM"),
        make_line("ACTION", "DISPLAY"),
        make_line("DESCRIPTION", "Reminder"),
        make_line("TRIGGER", _before(minutes), related),
        make_line("END", "VALARM"),
    )
    return write_lines(lines, line_break)


def _before(minutes: int) -> str:
    if not minutes:
        return "PT0S"
    if minutes % _DAY == 0:
        return f"-P{minutes // _DAY}D"
    return f"-{write_duration(timedelta(minutes=minutes))}"


def _written(line: ContentLine, line_break: str) -> str:
    return write_lines((line,), line_break)
