"""The dates of a series in words, as a list on its page shows them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from flask import request

from bridge.application.single_dates import OpenDate, ShownDates
from bridge.domain.identifiers import ActivityId
from bridge.domain.spans import TimedSpan
from bridge.domain.users import User
from bridge.web import security
from bridge.web.activity_words import NO_SUBJECT, long_day, time_words
from bridge.web.languages import told

SINCE, UNTIL = "since", "until"
_FORM = "%Y%m%dT%H%M%SZ"


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedDate:
    """A date as the list shows it.

    Attributes:
        day: Its first day, of a to-do the day it is due.
        when: Its time, besides its day.
        subject: Where it is another one than that of the series, else "".
        past: It is over, and not done.
    """

    date: OpenDate
    day: str
    when: str
    subject: str
    past: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DatesPart:
    """The part of the page with the dates of a series.

    Attributes:
        since: As the address names the list, "" where it does not; so is `until`.
        earlier: Where the list before this one ends, "" where there is none.
        later: Where the list after this one begins, "" where there is none.
        unfollowed: The series repeats too often to be listed.
    """

    dates: tuple[ListedDate, ...]
    since: str
    until: str
    earlier: str
    later: str
    unfollowed: bool


def dates_part(user: User, activity_id: ActivityId, subject: str) -> DatesPart:
    """Return the dates that the request asks for; those around now where it names none."""
    since, until = moment_of(request.values.get(SINCE, "")), None
    if since is None:
        until = moment_of(request.values.get(UNTIL, ""))
    shown = security.services().single_dates.around(user, activity_id, since=since, until=until)
    return DatesPart(
        dates=_listed(user, shown, subject),
        since=_text(since),
        until=_text(until),
        earlier=_text(shown.earlier),
        later=_text(shown.later),
        unfollowed=shown.unfollowed,
    )


def moment_of(text: str) -> datetime | None:
    """Return the moment that an address names, None for what is none."""
    try:
        return datetime.strptime(text, _FORM).replace(tzinfo=UTC)
    except ValueError:
        return None


def day_of(user: User, date: OpenDate) -> str:
    """Return the day of a date in full; of a to-do, the day it is due."""
    days = date.entry.days(ZoneInfo(user.timezone))
    return "" if days is None else long_day(days[0])


def _listed(user: User, shown: ShownDates, subject: str) -> tuple[ListedDate, ...]:
    zone = ZoneInfo(user.timezone)
    now = security.services().agendas.now()
    return tuple(
        ListedDate(
            date=date,
            day=day_of(user, date),
            when=time_words(date.entry, zone),
            subject=_own_subject(date, subject),
            past=_is_past(date, now, zone),
        )
        for date in shown.dates
    )


def _own_subject(date: OpenDate, subject: str) -> str:
    own = date.opened.activity.subject.strip()
    if own == subject.strip():
        return ""
    text: str = own or told(NO_SUBJECT)
    return text


def _is_past(date: OpenDate, now: datetime, zone: ZoneInfo) -> bool:
    span = date.opened.activity.span
    if isinstance(span, TimedSpan):
        return span.end_utc < now
    return span is not None and span.end <= now.astimezone(zone).date()


def _text(moment: datetime | None) -> str:
    return "" if moment is None else moment.astimezone(UTC).strftime(_FORM)
