"""A small lawful lens for the memory sides, and the objects it reads.

It knows one unfolded VEVENT with the shared properties in UTC, and keeps every other line. The real
lens is `bridge.convert`; this one shows what the engine expects of it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from bridge.domain.identifiers import Uid
from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.domain.view import Facts, Schedule, View, Visibility
from bridge.ical.calendar_object import CalendarObject

_SHARED = (
    "SUMMARY",
    "DTSTART",
    "DTSTART;VALUE=DATE",
    "DTEND",
    "DTEND;VALUE=DATE",
    "LOCATION",
    "DESCRIPTION",
    "TRANSP",
    "CLASS",
    "X-CRM-DONE",
)
_INSTANT = "%Y%m%dT%H%M%SZ"
_DAY = "%Y%m%d"


def plain_object(uid: Uid, view: View | None, *extra: str) -> CalendarObject:
    """Return an object showing this view; None makes one without a date.

    Args:
        uid: Its UID.
        view: What it shows.
        extra: Further content lines, such as `X-CRM-SYNC:FALSE`.
    """
    return _object(uid, _lines_of(view), list(extra))


class PlainLens:
    """Views and facts of plain objects.

    Attributes:
        incoming_type: Type of new activities made from events.
        collection: Id of the collection they are made in.
    """

    def __init__(self, *, incoming_type: str = "meeting", collection: str = "activities") -> None:
        self.incoming_type = incoming_type
        self.collection = collection

    def calendar_view(self, item: CalendarObject) -> View | None:
        """Return the view of a calendar object."""
        return _view(_properties(item))

    def google_view(self, item: CalendarObject) -> View | None:
        """Return the view of Google's item."""
        return _view(_properties(item))

    def calendar_facts(self, item: CalendarObject) -> Facts:
        """Return the facts of a calendar object."""
        told = _properties(item)
        return _facts(told, type_key=told.get("X-CRM-ACTIVITY-TYPE", self.incoming_type))

    def google_facts(self, item: CalendarObject) -> Facts:
        """Return the facts of Google's item."""
        return _facts(_properties(item), type_key="")

    def put_calendar(self, view: View, item: CalendarObject) -> CalendarObject:
        """Return the calendar object showing this view."""
        return _shown(view, item)

    def put_google(self, view: View, item: CalendarObject) -> CalendarObject:
        """Return Google's item showing this view."""
        return _shown(view, item)

    def new_for_calendar(self, item: CalendarObject, *, uid: Uid) -> tuple[str, CalendarObject]:
        """Return a new calendar object of the incoming type."""
        shared = _lines_of(self.google_view(item))
        kind = f"X-CRM-ACTIVITY-TYPE:{self.incoming_type}"
        return self.collection, _object(uid, shared, [kind])

    def new_for_google(self, item: CalendarObject) -> CalendarObject:
        """Return Google's item, with the shared properties only."""
        return _object(item.uid, _lines_of(self.calendar_view(item)), [])


def _object(uid: Uid, shared: list[str], extra: list[str]) -> CalendarObject:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//crmdav//memory//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260101T000000Z",
        *shared,
        *extra,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return CalendarObject(uid=uid, component="VEVENT", text="\r\n".join(lines))


def _properties(item: CalendarObject) -> dict[str, str]:
    pairs = (line.split(":", 1) for line in item.text.split("\r\n") if ":" in line)
    return {name: value.replace("\\n", "\n").replace("\\\\", "\\") for name, value in pairs}


def _shown(view: View, item: CalendarObject) -> CalendarObject:
    known = (*_SHARED, "BEGIN", "END", "VERSION", "PRODID", "UID", "DTSTAMP")
    kept = [line for line in item.text.split("\r\n") if line and line.split(":", 1)[0] not in known]
    return _object(item.uid, _lines_of(view), kept)


def _lines_of(view: View | None) -> list[str]:
    if view is None:
        return []
    span = view.schedule.span
    told = {"SUMMARY": view.title, "LOCATION": view.location, "DESCRIPTION": view.description}
    lines = [
        f"{name}:{value.replace(chr(92), chr(92) * 2).replace(chr(10), chr(92) + 'n')}"
        for name, value in told.items()
        if value
    ]
    lines += _span_lines(span)
    if not view.busy:
        lines.append("TRANSP:TRANSPARENT")
    if view.visibility is not Visibility.DEFAULT:
        lines.append(f"CLASS:{view.visibility.value.upper()}")
    if view.done:
        lines.append("X-CRM-DONE:TRUE")
    return lines


def _span_lines(span: Span) -> list[str]:
    if isinstance(span, AllDaySpan):
        return [
            f"DTSTART;VALUE=DATE:{span.start.strftime(_DAY)}",
            f"DTEND;VALUE=DATE:{span.end.strftime(_DAY)}",
        ]
    return [
        f"DTSTART:{span.start_utc.strftime(_INSTANT)}",
        f"DTEND:{span.end_utc.strftime(_INSTANT)}",
    ]


def _span(told: dict[str, str]) -> Span | None:
    if "DTSTART;VALUE=DATE" in told:
        return AllDaySpan(
            start=_day(told["DTSTART;VALUE=DATE"]), end=_day(told["DTEND;VALUE=DATE"])
        )
    if "DTSTART" not in told:
        return None
    return TimedSpan(start=_instant(told["DTSTART"]), end=_instant(told["DTEND"]))


def _day(text: str) -> date:
    return datetime.strptime(text, _DAY).replace(tzinfo=UTC).date()


def _instant(text: str) -> datetime:
    return datetime.strptime(text, _INSTANT).replace(tzinfo=UTC)


def _view(told: dict[str, str]) -> View | None:
    span = _span(told)
    if span is None:
        return None
    return View(
        title=told.get("SUMMARY", ""),
        schedule=Schedule(span=span),
        location=told.get("LOCATION", ""),
        description=told.get("DESCRIPTION", ""),
        busy=told.get("TRANSP") != "TRANSPARENT",
        visibility=Visibility(told.get("CLASS", "default").lower()),
        done=told.get("X-CRM-DONE") == "TRUE",
    )


def _facts(told: dict[str, str], *, type_key: str) -> Facts:
    return Facts(
        type_key=type_key,
        last_day=_last_day(_span(told)),
        recurring="RRULE" in told,
        do_not_sync=told.get("X-CRM-SYNC") == "FALSE",
        guests="ATTENDEE" in told,
        event_type=told.get("X-EVENT-TYPE", "default"),
        read_only="X-READ-ONLY" in told,
    )


def _last_day(span: Span | None) -> date | None:
    match span:
        case None:
            return None
        case AllDaySpan():
            return span.end - timedelta(days=1)
        case TimedSpan():
            return span.end_utc.date()
