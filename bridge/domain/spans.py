"""When something happens: a timed span or an all-day span, never both, never a naive time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from bridge.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedSpan:
    """A half-open span between two instants.

    Attributes:
        start: Aware datetime.
        end: Aware datetime, not before `start`; equal means zero length.
        zone: IANA name of the zone the span was made in, the zone a person sees (`Europe/Prague`).
            `UTC` for spans made in UTC.
    """

    start: datetime
    end: datetime
    zone: str = "UTC"

    def __post_init__(self) -> None:
        if self.start.tzinfo is None or self.end.tzinfo is None:
            raise InvalidInput("a timed span needs aware datetimes", field="start")
        if self.end < self.start:
            raise InvalidInput("a span cannot end before it starts", field="end")

    @property
    def duration(self) -> timedelta:
        """Length, zero or more."""
        return self.end.astimezone(UTC) - self.start.astimezone(UTC)

    @property
    def start_utc(self) -> datetime:
        """Start as an instant in UTC."""
        return self.start.astimezone(UTC)

    @property
    def end_utc(self) -> datetime:
        """End as an instant in UTC, exclusive."""
        return self.end.astimezone(UTC)

    @property
    def local_start(self) -> datetime:
        """Start on the wall clock of `zone`."""
        return self.start.astimezone(ZoneInfo(self.zone))

    @property
    def local_end(self) -> datetime:
        """End on the wall clock of `zone`."""
        return self.end.astimezone(ZoneInfo(self.zone))


@dataclass(frozen=True, slots=True, kw_only=True)
class AllDaySpan:
    """Whole days, without a zone.

    Attributes:
        start: First day.
        end: Day after the last one (exclusive, as in RFC 5545 section 3.6.1 and at Google).
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if isinstance(self.start, datetime) or isinstance(self.end, datetime):
            raise InvalidInput("an all-day span holds dates, not times", field="start")
        if self.end <= self.start:
            raise InvalidInput("an all-day span lasts at least one day", field="end")

    @property
    def days(self) -> int:
        """Number of days, one or more."""
        return (self.end - self.start).days


Span = TimedSpan | AllDaySpan
