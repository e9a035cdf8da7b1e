"""What a user has to do in a stretch of time: activities, series by their instances."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from bridge.domain.identifiers import ActivityId
from bridge.domain.spans import AllDaySpan, Span

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class AgendaEntry:
    """One activity, or one instance of a series, as a calendar or a list shows it.

    Attributes:
        span: When; None for an undated one. That of a to-do ends when it is due.
        todo: Its time is when it is due.
        series: It is an instance of a series.
        shared: It is the user's copy of a meeting whose activity a colleague keeps.
        person: Name of the linked person, "" without one; so are the next two.
    """

    activity_id: ActivityId
    type_key: str
    subject: str
    span: Span | None
    todo: bool = False
    done: bool = False
    private: bool = False
    series: bool = False
    shared: bool = False
    person: str = ""
    organization: str = ""
    deal: str = ""

    def days(self, zone: ZoneInfo) -> tuple[date, date] | None:
        """Return the first and the last day it takes place on; a to-do, the day it is due.

        None for an undated one. Days are those of the clock of `zone`.
        """
        if self.span is None:
            return None
        if isinstance(self.span, AllDaySpan):
            last = self.span.end - timedelta(days=1)
            return (last if self.todo else self.span.start), last
        start, end = self.span.start_utc, self.span.end_utc
        if self.todo:
            due = end.astimezone(zone).date()
            return due, due
        last_moment = max(start, end - _MOMENT)
        return start.astimezone(zone).date(), last_moment.astimezone(zone).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """The entries of a stretch of time.

    Attributes:
        entries: By time.
        unfollowed: How many series are left out because they repeat too often to be followed.
    """

    entries: tuple[AgendaEntry, ...] = ()
    unfollowed: int = 0
