"""Which override of a series goes on as which, once the schedule is another.

An override keeps what only the CRM knows of it: links, alarms, and details that are private. It
goes by ordinal where the series begins at another time (`bridge.ical.ordinals`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from bridge.convert import series_views
from bridge.domain.view import Schedule, View
from bridge.errors import ConversionError
from bridge.ical.ordinals import Pattern, carried
from bridge.ical.scanner import ContentComponent

_NOT_OWN = frozenset({
    "UID", "DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "RECURRENCE-ID",
    "DTSTART", "DTEND", "DUE", "DURATION", "STATUS", "COMPLETED", "PERCENT-COMPLETE",
})  # fmt: skip
"""What every instance has for itself, or what views tell of it besides texts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """What becomes of the overrides of a calendar object.

    Attributes:
        names: RECURRENCE-ID, as the text has it, of what goes on as the override with a key.
        hidden: Keys of those that are private while their series is not.
        plain: Keys of those that show no more than their series; what only the CRM knows of them
            is not to be lost.
    """

    names: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    plain: frozenset[str] = frozenset()


def carried_overrides(
    overrides: Mapping[str, ContentComponent],
    master: ContentComponent,
    old: View,
    new: Schedule,
) -> Carried:
    """Return what becomes of overrides under a new schedule, which may be the old one.

    Args:
        overrides: By key in the old schedule, those of instances that take place.
        master: As it was.
        old: What the object showed.
        new: Now; has rules.
    """
    keys = _new_keys(overrides, old.schedule, new)
    moved = {now: overrides[key] for key, now in keys.items() if now is not None}
    deviating = old.by_key().keys()
    return Carried(
        names={key: recurrence_id(each) for key, each in moved.items()},
        hidden=frozenset(key for key, each in moved.items() if series_views.hides(each, master)),
        plain=frozenset(
            now for key, now in keys.items() if now is not None and key not in deviating
        ),
    )


def recurrence_id(override: ContentComponent) -> str:
    """Return how the text names the instance of an override; "" of a master."""
    line = override.first("RECURRENCE-ID")
    return "" if line is None else line.text


def empty(
    overrides: Iterable[ContentComponent], master: ContentComponent
) -> list[ContentComponent]:
    """Return those that have nothing of their own, of overrides that show what their series does.

    Their own are alarms and lines that the master has not; times, versions and marks aside.
    """
    lines = {line.text for line in master.lines}
    alarms = {_texts(each) for each in master.components}
    return [
        each
        for each in overrides
        if all(line.text in lines or line.name in _NOT_OWN for line in each.lines)
        and all(_texts(alarm) in alarms for alarm in each.components)
    ]


def _texts(component: ContentComponent) -> tuple[str, ...]:
    return tuple(line.text for line in component.lines)


def _new_keys(
    overrides: Mapping[str, ContentComponent], old: Schedule, new: Schedule
) -> Mapping[str, str | None]:
    if old == new:
        return {key: key for key in overrides}
    before = Pattern(span=old.span, lines=old.recurrence)
    after = Pattern(span=new.span, lines=new.recurrence)
    try:
        return carried(overrides.keys(), before, after)
    except ConversionError:
        # Too far to follow: they are made anew.
        return {}
