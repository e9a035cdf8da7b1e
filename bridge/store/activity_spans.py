"""When an activity happens, as the columns of `activities` tell it.

- timed event: `due_date` and `due_time` are its start in UTC, `duration_seconds` its length;
- timed to-do: `due_date` and `due_time` are the instant it is due, in UTC, where its span ends,
  `duration_seconds` its length before that;
- `timezone` is the zone a person sees; NULL stands for the owner's;
- whole days: `due_date` is the first day, `due_time` and `timezone` are NULL, `duration_seconds`
  is 86400 for each day; less than a day, or NULL, is one day;
- undated: `due_date` is NULL.

Other programs write these columns too, and SQLite lets them write anything anywhere. They are
therefore selected as text and read here: nonsense raises `InvalidInput` and nothing else.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Row

from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.errors import InvalidInput
from bridge.ical.zones import iana_name
from bridge.store.raw_text import text_of

EVENT, TODO = "VEVENT", "VTODO"
_DAY_SECONDS = 86_400


def span_columns(span: Span | None, component: str) -> dict[str, Any]:
    """Return the columns that tell a span; see the module's docstring."""
    match span:
        case None:
            return _columns(None, None, None, None)
        case AllDaySpan():
            return _columns(span.start, None, span.days * _DAY_SECONDS, None)
        case TimedSpan():
            due = span.end_utc if component == TODO else span.start_utc
            seconds = int(span.duration.total_seconds())
            return _columns(due.date(), due.time().replace(microsecond=0), seconds, span.zone)


def read_span(raw: Row[*tuple[Any, ...]], component: str) -> Span | None:
    """Return the span of a row that has these columns, `due_date` and `due_time` as text.

    Args:
        raw: With `owner_timezone` besides.
        component: `VTODO` reads a timed span as ending at its due time, others as beginning.

    Raises:
        InvalidInput: The columns make no sense; `field` names the first such one.
    """
    if raw.due_date is None:
        return None
    day = _date(text_of(raw.due_date, "due_date"))
    length = _length(raw.duration_seconds)
    try:
        if raw.due_time is None:
            days = max(1, -(-length // timedelta(days=1)))
            return AllDaySpan(start=day, end=day + timedelta(days=days))
        due = datetime.combine(day, _time(text_of(raw.due_time, "due_time")), tzinfo=UTC)
        start = due - length if component == TODO else due
        return TimedSpan(start=start, end=start + length, zone=_zone(raw))
    except OverflowError as error:
        raise InvalidInput("it leaves the calendar", field="duration_seconds") from error


def read_instant(text: str, field: str) -> datetime:
    """Return an instant in UTC; a text without an offset is UTC.

    Raises:
        InvalidInput: It is none.
    """
    try:
        instant = datetime.fromisoformat(str(text))
        return instant.replace(tzinfo=UTC) if instant.tzinfo is None else instant.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidInput(f"`{field}` is no instant", field=field) from error


def _columns(
    day: date | None, at: time | None, seconds: int | None, zone: str | None
) -> dict[str, Any]:
    return {"due_date": day, "due_time": at, "duration_seconds": seconds, "timezone": zone}


def _date(text: str) -> date:
    # Some programs write midnight behind a date.
    head, _, rest = text.strip().replace("T", " ").partition(" ")
    try:
        if rest.strip("0:.Z+ "):
            raise InvalidInput("`due_date` has a time", field="due_date")
        return date.fromisoformat(head)
    except ValueError as error:
        raise InvalidInput("`due_date` is no date", field="due_date") from error


def _time(text: str) -> time:
    try:
        value = time.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput("`due_time` is no time of day", field="due_time") from error
    if value.utcoffset():
        raise InvalidInput("`due_time` is not in UTC", field="due_time")
    return value.replace(microsecond=0, tzinfo=None)


def _length(seconds: object) -> timedelta:
    if seconds is None:
        return timedelta(0)
    if not isinstance(seconds, int) or seconds < 0:
        raise InvalidInput("`duration_seconds` is no length", field="duration_seconds")
    try:
        return timedelta(seconds=seconds)
    except OverflowError as error:
        raise InvalidInput("it leaves the calendar", field="duration_seconds") from error


def _zone(raw: Row[*tuple[Any, ...]]) -> str:
    own = "" if raw.timezone is None else text_of(raw.timezone, "timezone")
    zone = iana_name(own or raw.owner_timezone or "")
    if zone is None:
        raise InvalidInput("`timezone` is no known time zone", field="timezone")
    return zone
