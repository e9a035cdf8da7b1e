"""`reminders` of a Google event, kept in Google's item as X-CRM-GOOGLE-REMINDERS.

Its value is `NONE`, or methods and minutes such as `email=30,popup=10`; without it the calendar's
default reminders hold. Source: Google, Events resource (`reminders.useDefault`, `overrides`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Any

from bridge.convert.properties.reminders import FARTHEST, MOST, Reminders
from bridge.errors import ConversionError
from bridge.ical.content_line import ContentLine, make_line
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent

REMINDERS = "X-CRM-GOOGLE-REMINDERS"
DEFAULT_REMINDERS: dict[str, Any] = {"useDefault": True, "overrides": []}
"""What a patch says to have the calendar's default ones again; Google merges what it finds."""
_NONE = "NONE"
_POPUP, _EMAIL = "popup", "email"
_Override = tuple[str, int]


def event_reminders(event: Mapping[str, Any]) -> tuple[ContentLine, ...]:
    """Return the line of an event's own reminders; nothing where the default ones hold.

    Raises:
        ConversionError: They cannot be read.
    """
    told = event.get("reminders")
    if not told:
        return ()
    if not isinstance(told, Mapping) or not isinstance(told.get("overrides") or [], list):
        raise ConversionError("not reminders", property_name="reminders")
    if told.get("useDefault") is True:
        return ()
    return (_line(_read_override(each) for each in told.get("overrides") or []),)


def google_reminders(component: ContentComponent) -> Reminders:
    """Return the reminders of Google's item; two methods at one time are one reminder."""
    overrides = _overrides(component)
    return None if overrides is None else tuple(sorted({minutes for _, minutes in overrides}))


def google_reminder_changes(
    component: ContentComponent | None, wanted: Reminders, *, mailed: Collection[int] = ()
) -> tuple[PropertyChange, ...]:
    """Return the change that gives Google's item these reminders; methods it has stay.

    Args:
        component: None for a new item.
        wanted: In normal form.
        mailed: New ones that are mails; others show on the screen.
    """
    if wanted is None:
        return () if component is None else (PropertyChange(name=REMINDERS),)
    had = () if component is None else _overrides(component) or ()
    kept = [override for override in had if override[1] in wanted]
    known = {minutes for _, minutes in kept}
    kept += [(_EMAIL if m in mailed else _POPUP, m) for m in wanted if m not in known]
    if len(kept) > MOST:
        # Two methods at one time count as two: the time matters more than the second method.
        kept = [(method, m) for m, method in dict(sorted((m, k) for k, m in kept)).items()]
    return (PropertyChange(name=REMINDERS, lines=(_line(kept),)),)


def reminders_body(component: ContentComponent) -> dict[str, Any] | None:
    """Return `reminders` as Google takes them; None for the calendar's default ones."""
    overrides = _overrides(component)
    if overrides is None:
        return None
    written = [{"method": method, "minutes": minutes} for method, minutes in overrides]
    return {"useDefault": False, "overrides": written}


def _overrides(component: ContentComponent) -> tuple[_Override, ...] | None:
    line = component.first(REMINDERS)
    return None if line is None else tuple(_read(line.value))


def _read(value: str) -> Iterator[_Override]:
    for piece in value.split(","):
        method, _, minutes = piece.strip().partition("=")
        if minutes.isdecimal():
            yield method, int(minutes)


def _read_override(given: Any) -> _Override:
    if not isinstance(given, Mapping):
        raise ConversionError("not a reminder", property_name="reminders")
    minutes = given.get("minutes")
    if not isinstance(minutes, int) or not 0 <= minutes <= FARTHEST:
        raise ConversionError("not minutes before the start", property_name="reminders")
    return _EMAIL if given.get("method") == _EMAIL else _POPUP, int(minutes)


def _line(overrides: Collection[_Override] | Iterator[_Override]) -> ContentLine:
    told = [f"{method}={minutes}" for method, minutes in sorted(set(overrides))]
    return make_line(REMINDERS, ",".join(told) or _NONE)
