"""Texts so plain that no library has to be asked whether it can read and write them.

Whatever is accepted is tried with icalendar once, as something may fail later that we did not think
of. That trial is most of what accepting costs. Nearly all texts of nearly all programs hold nothing
but the property forms below, all of which icalendar reads and writes; a test compares.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

from bridge.ical.content_line import ContentLine
from bridge.ical.scanner import ContentComponent

_COMPONENTS = frozenset({"VCALENDAR", "VEVENT", "VTODO", "VALARM"})
_SKIPPED = "VTIMEZONE"  # the trial leaves them out as well
_BLANK_LINE = re.compile(r"\n\r?\n|\A\r?\n")

_VALUE = r'(?:"[A-Za-z0-9 .,:;/@_+\'-]*"|[A-Za-z0-9 ./@_+\'\u00a1-\ufdcf-]+)'
_PARAMETER = (
    r"(?:LANGUAGE|CN|ROLE|PARTSTAT|RSVP|CUTYPE|EMAIL|RELTYPE|SCHEDULE-AGENT|SCHEDULE-STATUS"
    rf"|X-[A-Z0-9-]+)={_VALUE}"
)
_TEXT = re.compile(rf"(?:;{_PARAMETER})*:.*", re.DOTALL)
_WORD = re.compile(r":[A-Z][A-Z-]*")
_NUMBER = re.compile(r":[0-9]{1,9}")
_ADDRESS = re.compile(rf"(?:;{_PARAMETER})*:[!-~]+")
_URI = re.compile(r":[!-~]+")
_LENGTH = r"-?P(?:[0-9]{1,4}[DW]|T[0-9]{1,4}[HMS])"
_DURATION = re.compile(rf":{_LENGTH}")
_TRIGGER = re.compile(rf"(?:;RELATED=(?:START|END)|;VALUE=DURATION)?:{_LENGTH}")
_MOMENT = re.compile(
    r"(?:;VALUE=DATE:(?P<day>[0-9]{8})"
    r"|(?:;VALUE=DATE-TIME)?(?:;TZID=(?P<zone>[A-Za-z0-9_/+-]+))?:(?P<time>[0-9]{8}T[0-9]{6})Z?)"
)
_UTC = re.compile(r":(?P<time>[0-9]{8}T[0-9]{6})Z")
_DAYS = r"(?:[+-]?[1-5])?(?:MO|TU|WE|TH|FR|SA|SU)"
_RULE = re.compile(
    r":FREQ=(?:DAILY|WEEKLY|MONTHLY|YEARLY)(?:;(?:"
    r"(?:INTERVAL|COUNT)=[1-9][0-9]{0,3}|WKST=(?:MO|TU|WE|TH|FR|SA|SU)"
    rf"|BYDAY={_DAYS}(?:,{_DAYS})*|BYMONTHDAY=(?:[1-9]|[12][0-9]|3[01])|BYMONTH=(?:[1-9]|1[0-2])"
    r"|UNTIL=(?P<until>[0-9]{8}(?:T[0-9]{6})?)Z?))*"
)
_FORMS = {
    **dict.fromkeys(("SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CATEGORIES"), _TEXT),
    **dict.fromkeys(("UID", "PRODID", "VERSION", "CALSCALE", "RELATED-TO"), _TEXT),
    **dict.fromkeys(("STATUS", "TRANSP", "CLASS", "ACTION"), _WORD),
    **dict.fromkeys(("SEQUENCE", "PRIORITY", "PERCENT-COMPLETE"), _NUMBER),
    **dict.fromkeys(("ORGANIZER", "ATTENDEE"), _ADDRESS),
    **dict.fromkeys(("DTSTART", "DTEND", "DUE", "RECURRENCE-ID"), _MOMENT),
    **dict.fromkeys(("DTSTAMP", "CREATED", "LAST-MODIFIED", "COMPLETED"), _UTC),
    "URL": _URI,
    "DURATION": _DURATION,
    "TRIGGER": _TRIGGER,
    "RRULE": _RULE,
}


def is_familiar(text: str, tree: ContentComponent) -> bool:
    """Return whether the text holds nothing but components and properties of common forms.

    Args:
        text: The text.
        tree: What `scan` made of it.
    """
    return _BLANK_LINE.search(text) is None and _is_familiar(text, tree)


def _is_familiar(text: str, component: ContentComponent) -> bool:
    return (
        component.name in _COMPONENTS
        and _is_framed(text, component)
        and all(_is_common(line) for line in component.lines)
        and all(part.name == _SKIPPED or _is_familiar(text, part) for part in component.components)
    )


def _is_framed(text: str, component: ContentComponent) -> bool:
    """Whether BEGIN and END stand there bare, without parameters."""
    name = component.name
    begin = text[component.start : component.body].strip()
    end = text[component.end - len(name) - len("\nEND:\r\n") : component.end].rsplit(maxsplit=1)[-1]
    return begin == f"BEGIN:{name}" and end == f"END:{name}"


def _is_common(line: ContentLine) -> bool:
    form = _TEXT if line.name.startswith("X-") else _FORMS.get(line.name)
    found = None if form is None else form.fullmatch(line.text, len(line.name))
    if found is None:
        return False
    told = found.groupdict()
    zone, stamp = told.get("zone"), told.get("day") or told.get("time") or told.get("until")
    return (zone is None or zone in _zones()) and (stamp is None or _exists(stamp))


def _exists(stamp: str) -> bool:
    try:
        datetime.fromisoformat(stamp)
    except ValueError:
        return False
    return True


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())
