"""Whether a scanned text is a calendar object resource that is safe to keep and to pass on.

Our own checks come first; what they accept is parsed and written once by icalendar, so that
nothing is accepted here that fails later. Texts that hold only common forms are spared that.
"""

from __future__ import annotations

import warnings
from threading import Lock

from icalendar import Calendar, Component
from icalendar.timezone import tzp

from bridge.domain.identifiers import Uid
from bridge.errors import (
    ConversionError,
    InvalidCalendarData,
    InvalidResource,
    UnsupportedKind,
)
from bridge.ical.component_span import component_range, component_span
from bridge.ical.familiar import is_familiar
from bridge.ical.limits import Limits
from bridge.ical.recurrence import check_period, check_rule, read_dates, rule_parts
from bridge.ical.scanner import BYTE_ORDER_MARK, ContentComponent, with_crlf
from bridge.ical.times import Moment, add_duration, read_duration, read_moment
from bridge.ical.zone_rules import parse_offset

_KINDS = ("VEVENT", "VTODO", "VJOURNAL")
_SINGLE = ("UID", "DTSTART", "DTEND", "DUE", "DURATION", "RECURRENCE-ID")
_MOMENTS = ("DTSTART", "DTEND", "DUE", "RECURRENCE-ID")
_ZONE_RULES = frozenset({"YEARLY", "MONTHLY", "WEEKLY"})
_MOST_OBSERVANCES = 1_000
# icalendar documents ValueError; broken samples make it raise the others as well.
_REFUSALS = (
    ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError,
    AssertionError,
)  # fmt: skip
# icalendar remembers zones of one text for the next one by TZID, process-wide: a stranger's
# VTIMEZONE would move other people's times. Each parse starts and ends with nothing remembered.
_parsing = Lock()


def check(text: str, tree: ContentComponent, limits: Limits) -> tuple[Uid, str]:
    """Return UID and component of a valid calendar object resource.

    Raises:
        InvalidCalendarData: It is not valid; names the property where one is at fault.
        InvalidResource: It is valid, but not one resource.
        UnsupportedKind: It is one that no calendar takes.
    """
    members, kind = _members(tree)
    uid = _uid(members, limits)
    try:
        _check_envelope(tree, uid)
        _check_zones(tree)
        _check_masters(members, uid)
        for member in members:
            _check_member(member, tree, limits)
        if not is_familiar(text, tree):
            _trial(text, tree)
    except InvalidCalendarData:
        raise
    except ConversionError as error:
        raise InvalidCalendarData(
            str(error), uid=uid, property_name=error.property_name, hint=error.hint
        ) from error
    return uid, kind


def parse_calendar(text: str) -> Calendar:
    """Parse with icalendar, apart from every other text's time zones.

    Raises:
        InvalidCalendarData: icalendar refuses it.
    """
    # What icalendar warns of (zones it guesses, above all) has been decided by us already.
    with _parsing, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tzp.use_default()
        try:
            # icalendar leaves the CR of a line break torn by a fold in the value.
            whole = with_crlf(text.removeprefix(BYTE_ORDER_MARK))
            parsed: Component = Calendar.from_ical(whole)
        except _REFUSALS as error:
            raise InvalidCalendarData("not readable as iCalendar") from error
        finally:
            tzp.use_default()
    if not isinstance(parsed, Calendar):
        raise InvalidCalendarData("no VCALENDAR component")
    return parsed


def _members(tree: ContentComponent) -> tuple[tuple[ContentComponent, ...], str]:
    members = tuple(part for part in tree.components if part.name in _KINDS)
    kinds = {member.name for member in members}
    if not kinds:
        others = any(part.name != "VTIMEZONE" for part in tree.components)
        raise (UnsupportedKind if others else InvalidResource)("no event, to-do or journal entry")
    if len(kinds) > 1:
        raise InvalidResource("components of several kinds in one object")
    return members, kinds.pop()


def _uid(members: tuple[ContentComponent, ...], limits: Limits) -> Uid:
    uids = {line.text_value for member in members for line in member.all("UID")}
    if any(member.first("UID") is None for member in members) or not all(uids):
        raise InvalidCalendarData("a component without UID", property_name="UID")
    if len(uids) > 1:
        raise InvalidResource("several UIDs in one object", property_name="UID")
    uid = uids.pop()
    if len(uid) > limits.max_uid or not uid.strip() or "\n" in uid:
        raise InvalidCalendarData("a UID that is empty or too long", property_name="UID")
    return Uid(uid)


def _check_envelope(tree: ContentComponent, uid: Uid) -> None:
    if tree.first("METHOD") is not None:
        raise UnsupportedKind(
            "a scheduling message, not a calendar object", uid=uid, property_name="METHOD"
        )


def _check_masters(members: tuple[ContentComponent, ...], uid: Uid) -> None:
    masters = [member for member in members if member.first("RECURRENCE-ID") is None]
    if len(masters) > 1:
        raise InvalidResource("two masters of one UID", uid=uid, property_name="UID")


def _check_member(member: ContentComponent, tree: ContentComponent, limits: Limits) -> None:
    for name in _SINGLE:
        if len(member.all(name)) > 1:
            raise ConversionError("given more than once", property_name=name)
    moments = {name: _moment(member, tree, name) for name in _MOMENTS}
    _check_length(member, moments["DTSTART"])
    _check_dates(member, tree, limits)
    for line in (*member.all("RRULE"), *member.all("EXRULE")):
        check_rule(line, limits)
    component_span(member, tree, floating_zone="UTC")
    component_range(member, tree, floating_zone="UTC")
    for alarm in member.components:
        _check_alarm(alarm, limits)


def _moment(member: ContentComponent, tree: ContentComponent, name: str) -> Moment | None:
    line = member.first(name)
    return None if line is None else read_moment(line, tree, floating_zone="UTC")


def _check_length(member: ContentComponent, start: Moment | None) -> None:
    """Refuse negative lengths; an end before the start is read as absent instead (I07)."""
    length = member.first("DURATION")
    if length is not None:
        duration = read_duration(length.value)
        if duration.negative:
            raise ConversionError("a negative length", property_name="DURATION")
        if start is not None:
            add_duration(start, duration)


def _check_dates(member: ContentComponent, tree: ContentComponent, limits: Limits) -> None:
    lines = (*member.all("RDATE"), *member.all("EXDATE"))
    if sum(line.value.count(",") + 1 for line in lines) > limits.max_dates:
        raise ConversionError("too many single dates", property_name="EXDATE")
    for line in lines:
        for period in (value for value in line.value.split(",") if "/" in value):
            check_period(period, line.name)
        read_dates(line, tree, "UTC")


def _check_alarm(alarm: ContentComponent, limits: Limits) -> None:
    repeat = alarm.value("REPEAT")
    if repeat and not (repeat.isdecimal() and len(repeat) < 12):  # noqa: PLR2004 (digits)
        raise ConversionError("an alarm that repeats oddly", property_name="REPEAT")
    if repeat and int(repeat) > limits.max_alarm_repeat:
        raise ConversionError("an alarm that repeats too often", property_name="REPEAT")


def _check_zones(tree: ContentComponent) -> None:
    """Refuse time zones that would keep a reader busy or that mean nothing (I18)."""
    for zone in tree.components:
        if zone.name != "VTIMEZONE":
            continue
        if len(zone.components) > _MOST_OBSERVANCES:
            raise ConversionError("a time zone with too many rules", property_name="TZID")
        for observance in zone.components:
            for name in ("TZOFFSETFROM", "TZOFFSETTO"):
                parse_offset(observance.value(name))
            for rule in observance.all("RRULE"):
                if rule_parts(rule.value).get("FREQ") not in _ZONE_RULES:
                    raise ConversionError(
                        "a time zone rule that is not yearly", property_name="RRULE"
                    )


def _trial(text: str, tree: ContentComponent) -> None:
    """Read and write it once with icalendar: accepted must mean writable.

    Time zones are left out: ours are resolved by us, and reading theirs may take for ever.
    """
    kept, offset = [], 0
    for zone in tree.components:
        if zone.name == "VTIMEZONE":
            kept.append(text[offset : zone.start])
            offset = zone.end
    kept.append(text[offset:])
    calendar = parse_calendar("".join(kept))
    try:
        calendar.to_ical(sorted=False)
    except _REFUSALS as error:
        # Parsed is not yet writable: PERIODs made of dates are one known case (I20).
        raise InvalidCalendarData("readable, but not writable as iCalendar") from error
