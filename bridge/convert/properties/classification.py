"""Busy or free, private, priority: TRANSP, CLASS, PRIORITY."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bridge.convert.properties.mapper import Reading, Writing, edited
from bridge.domain.activity import Activity
from bridge.domain.spans import AllDaySpan
from bridge.domain.view import Visibility
from bridge.ical.content_line import make_line
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent

_LOWEST = 9
_CLASSES = {
    "": Visibility.DEFAULT,
    "PUBLIC": Visibility.PUBLIC,
    "PRIVATE": Visibility.PRIVATE,
    "CONFIDENTIAL": Visibility.CONFIDENTIAL,
}
HIDDEN = frozenset({Visibility.PRIVATE, Visibility.CONFIDENTIAL})


class BusyMapper:
    """`Activity.busy` and TRANSP; unset means busy when timed, free when all-day or a to-do."""

    def write(self, activity: Activity, writing: Writing) -> Sequence[PropertyChange]:
        """Write TRANSP."""
        return busy_changes(
            writing.base, component=writing.component, busy=_effective(activity, writing.component)
        )

    def read(self, component: ContentComponent, activity: Activity, reading: Reading) -> Activity:
        """Read TRANSP; unset stays unset while it means the same."""
        busy = is_busy(component)
        if _effective(activity, component.name) == busy:
            return activity
        return replace(activity, busy=busy)


class PrivateMapper:
    """`Activity.private` and CLASS."""

    def write(self, activity: Activity, writing: Writing) -> Sequence[PropertyChange]:
        """Write CLASS:PRIVATE, or take a private class off; a stricter class stays."""
        hidden = writing.base is not None and visibility_of(writing.base) in HIDDEN
        if hidden == activity.private:
            return ()
        wanted = Visibility.PRIVATE if activity.private else Visibility.DEFAULT
        return visibility_changes(wanted)

    def read(self, component: ContentComponent, activity: Activity, reading: Reading) -> Activity:
        """Read CLASS."""
        return edited(activity, private=visibility_of(component) in HIDDEN)


class PriorityMapper:
    """`Activity.priority` and PRIORITY (RFC 5545 section 3.8.1.9)."""

    def write(self, activity: Activity, writing: Writing) -> Sequence[PropertyChange]:
        """Write PRIORITY; 0 is written by its absence."""
        if (0 if writing.base is None else _priority(writing.base)) == activity.priority:
            return ()
        lines = (make_line("PRIORITY", str(activity.priority)),) if activity.priority else ()
        return (PropertyChange(name="PRIORITY", lines=lines),)

    def read(self, component: ContentComponent, activity: Activity, reading: Reading) -> Activity:
        """Read PRIORITY; anything but 0 to 9 counts as none."""
        return edited(activity, priority=_priority(component))


def is_busy(component: ContentComponent) -> bool:
    """Return whether it blocks time: events do unless they say not, to-dos only if they say so."""
    told = component.value("TRANSP").upper()
    return told == "OPAQUE" if component.name == "VTODO" else told != "TRANSPARENT"


def busy_changes(
    base: ContentComponent | None, *, component: str, busy: bool
) -> tuple[PropertyChange, ...]:
    """Return the change that makes it block time or not; to-dos say it only when they do."""
    if base is not None and is_busy(base) == busy:
        return ()
    if component == "VTODO" and not busy:
        return () if base is None else (PropertyChange(name="TRANSP"),)
    value = "OPAQUE" if busy else "TRANSPARENT"
    return (PropertyChange(name="TRANSP", lines=(make_line("TRANSP", value),)),)


def visibility_of(component: ContentComponent) -> Visibility:
    """Return the class; an absent one is default, an unknown one private (RFC 5545 3.8.1.3)."""
    return _CLASSES.get(component.value("CLASS").upper(), Visibility.PRIVATE)


def visibility_changes(wanted: Visibility) -> tuple[PropertyChange, ...]:
    """Return the change that sets the class; the default is its absence."""
    lines = () if wanted is Visibility.DEFAULT else (make_line("CLASS", wanted.value.upper()),)
    return (PropertyChange(name="CLASS", lines=lines),)


def _effective(activity: Activity, component: str) -> bool:
    if activity.busy is not None:
        return activity.busy
    return component == "VEVENT" and not isinstance(activity.span, AllDaySpan)


def _priority(component: ContentComponent) -> int:
    value = component.value("PRIORITY")
    return int(value) if len(value) == 1 and value.isdecimal() and int(value) <= _LOWEST else 0
