"""What Google's item says of its master and of each exception, whatever version says it."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.ical.calendar_object import CalendarObject
from bridge.ical.rule_keys import key_of
from bridge.ical.scanner import ContentComponent
from bridge.ical.times import read_moment

_OF_A_VERSION = frozenset(
    {"DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "UID", "RECURRENCE-ID"}
)


def facts(item: CalendarObject) -> Mapping[str, object]:
    """Return something to compare two versions of an item by: per exception, by its key.

    The master has the key "". Two are equal where nobody changed anything that we read.

    Args:
        item: Made of Google's events.
    """
    return {_key(member, item): _said(member) for member in item.members()}


def _key(member: ContentComponent, item: CalendarObject) -> str:
    line = member.first("RECURRENCE-ID")
    if line is None:
        return ""
    moment = read_moment(line, item.source(), floating_zone="UTC")
    return key_of(moment.day if moment.is_date else moment.instant)


def _said(component: ContentComponent) -> object:
    lines = sorted(str(line.meaning) for line in component.lines if line.name not in _OF_A_VERSION)
    return lines, [_said(inner) for inner in component.components]
