"""A calendar object reduced to its times: its members, and what an instance of each lasts.

Read from content lines with our own reading of zones; no library sees the text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.ical.busy import Busy, busy_of
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.component_span import Timing, matched_range, timing_of
from bridge.ical.recurrence import read_periods
from bridge.ical.rule_steps import TooFarToFollow
from bridge.ical.scanner import ContentComponent
from bridge.ical.times import Moment, day_start, read_moment, read_value, utc_text

_MOST_MOVES = 200
_DAY = timedelta(days=1)
_RANGE = "THISANDFUTURE"
Time = date | datetime
"""A date or an aware datetime."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One instance of a series.

    Attributes:
        recurrence_id: Its original start, as RECURRENCE-ID says it: in UTC, floating, or a date.
        member: Index of the component it comes from, in `CalendarObject.members`.
        start: A date or an aware datetime.
        end: The same type as the start; a to-do's is when it is due.
        first_utc: Start of the range it is found in (RFC 4791 section 9.9).
        last_utc: End of that range, exclusive.
        busy: Whether it blocks time; one without a length does not.
    """

    recurrence_id: str
    member: int
    start: Time
    end: Time
    first_utc: datetime
    last_utc: datetime
    busy: Busy

    def span(self, zone: str, *, todo: bool) -> Span:
        """Return when it takes place, as somebody in the zone of that name sees it."""
        if isinstance(self.start, datetime) and isinstance(self.end, datetime):
            return TimedSpan(start=self.start, end=max(self.start, self.end), zone=zone)
        # DUE names the last day, DTEND the day after it.
        end = max(self.end + _DAY if todo else self.end, self.start + _DAY)
        return AllDaySpan(start=self.start, end=end)


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """One component of the object, with its times.

    Attributes:
        recurrence_id: None for the master.
        all_later: It stands for the later instances too (RANGE=THISANDFUTURE).
        periods: Lengths of instances named by RDATE with a length of their own, by instant.
    """

    source: ContentComponent
    timing: Timing
    recurrence_id: Moment | None
    all_later: bool
    periods: Mapping[datetime, timedelta] = field(default_factory=dict)

    @property
    def length(self) -> timedelta:
        """From its start to its end, on the clock where both have the same zone."""
        return _minus(self.timing.end.value, self.timing.start.value)

    @property
    def sequence(self) -> int:
        """SEQUENCE, -1 when absent or odd."""
        value = self.source.value("SEQUENCE")
        return int(value) if value.isascii() and value.isdigit() and len(value) < 12 else -1  # noqa: PLR2004 (digits)


class Series:
    """The members of an object with dates, and what its recurrence ids mean.

    Attributes:
        members: By index in `CalendarObject.members`; undated ones are left out.
    """

    def __init__(self, item: CalendarObject, *, floating_zone: str) -> None:
        """Read the members.

        Args:
            item: The object.
            floating_zone: IANA name of the zone floating times and days are read in.

        Raises:
            ConversionError: A value cannot be read.
            TooFarToFollow: There are too many overrides that move others.
        """
        self._calendar = item.source()
        self.zone = floating_zone
        self.members: dict[int, Member] = {}
        for index, source in enumerate(item.members()):
            timing = timing_of(source, self._calendar, floating_zone=floating_zone)
            if timing is not None:
                self.members[index] = self._member(source, timing)
        self.master = next((i for i, m in self.members.items() if m.recurrence_id is None), None)
        self._overrides = self._by_key()
        self._moves = sorted(
            (self.key_of(member.recurrence_id), index)
            for index, member in self.members.items()
            if member.all_later and member.recurrence_id is not None
        )
        if len(self._moves) > _MOST_MOVES:
            raise TooFarToFollow("too many overrides of all later instances", uid=item.uid)

    @property
    def moves_later(self) -> bool:
        """Whether an override stands for the later instances too."""
        return bool(self._moves)

    @property
    def moved_back(self) -> timedelta:
        """The longest time by which instances lie before their original start."""
        longest = timedelta(0)
        for _, index in self._moves:
            member = self.members[index]
            if member.recurrence_id is not None:
                start = member.timing.start.value
                shift = _minus(self._like(start, member.recurrence_id), start)
                longest = max(longest, shift)
        return longest

    def key_of(self, moment: Moment | Time) -> datetime:
        """Return a recurrence id as something to compare: naive, in UTC; a date at midnight."""
        value = moment.value if isinstance(moment, Moment) else moment
        if isinstance(value, datetime):
            return value.astimezone(UTC).replace(tzinfo=None)
        return datetime(value.year, value.month, value.day)  # noqa: DTZ001 (a key, no instant)

    def member_at(self, key: datetime) -> int | None:
        """Return the component that tells of the instance with that key."""
        if key in self._overrides:
            return self._overrides[key]
        found = self.master
        for moved, index in self._moves:
            if moved < key:
                found = index
        return found

    def override_at(self, key: datetime) -> int | None:
        """Return the override whose own recurrence id has that key."""
        return self._overrides.get(key)

    def original_of(self, member: Member) -> Time:
        """Return an override's recurrence id, times on the clock of its start."""
        own, start = member.recurrence_id, member.timing.start.value
        if own is None:
            return start
        return own.value if own.is_date != member.timing.start.is_date else self._like(start, own)

    def instance(self, recurrence_id: str) -> Instance | None:
        """Return the instance of a recurrence id that the series is known to have.

        Raises:
            ConversionError: It is no recurrence id.
        """
        moment = read_value(recurrence_id, "", self._calendar, floating_zone=self.zone)
        key = self.key_of(moment)
        index = self.member_at(key)
        if index is None:
            return None
        return self.made(index, self._start(self.members[index], moment))

    def original_id(self, moment: Moment) -> str:
        """Return a recurrence id or excluded date as the master's own instances are named.

        There has to be a master.
        """
        assert self.master is not None  # noqa: S101 (the caller looked)
        start = self.members[self.master].timing.start
        return recurrence_id_text(self._like(start.value, moment), floating=start.floating)

    def original(self, member: Member) -> Instance | None:
        """Return the instance that an override replaced, as the master has it."""
        if self.master is None or member.recurrence_id is None:
            return None
        start = self._start(self.members[self.master], member.recurrence_id)
        return self.made(self.master, start)

    def made(self, index: int, start: Time) -> Instance:
        """Return the instance of a member that begins at `start`."""
        member = self.members[index]
        length = member.periods.get(self.key_of(start)) if member.periods else None
        end = _plus(start, member.length if length is None else length)
        first, last = self._instant(start), self._instant(end)
        found_from, found_to = matched_range(member.timing.shape, first, last)
        return Instance(
            recurrence_id=self._recurrence_id(member, start),
            member=index,
            start=start,
            end=end,
            first_utc=found_from,
            last_utc=found_to,
            busy=busy_of(member.source) if last > first else Busy.FREE,
        )

    def _member(self, source: ContentComponent, timing: Timing) -> Member:
        line = source.first("RECURRENCE-ID")
        own = None
        if line is not None:
            own = read_moment(line, self._calendar, floating_zone=self.zone)
        periods = {
            self.key_of(start): length
            for dates in source.all("RDATE")
            for start, length in read_periods(dates, self._calendar, self.zone)
        }
        return Member(
            source=source,
            timing=timing,
            recurrence_id=own,
            all_later=line is not None and line.parameter("RANGE").upper() == _RANGE,
            periods=periods,
        )

    def _by_key(self) -> dict[datetime, int]:
        """Return the overrides by key; the highest SEQUENCE wins, then the first."""
        found: dict[datetime, int] = {}
        for index, member in self.members.items():
            if member.recurrence_id is None:
                continue
            key = self.key_of(member.recurrence_id)
            other = found.get(key)
            if other is None or self.members[other].sequence < member.sequence:
                found[key] = index
        return found

    def _start(self, member: Member, recurrence_id: Moment) -> Time:
        """Return the start of the member's instance that was to begin at the recurrence id."""
        start = member.timing.start.value
        if member.recurrence_id is None:
            return self._like(start, recurrence_id)
        original = self._like(start, member.recurrence_id)
        return _plus(self._like(start, recurrence_id), _minus(start, original))

    def _recurrence_id(self, member: Member, start: Time) -> str:
        own, shown = member.recurrence_id, member.timing.start
        if own is None:
            return recurrence_id_text(start, floating=shown.floating)
        if not member.all_later:
            return recurrence_id_text(own.value, floating=own.floating)
        original = _plus(start, -_minus(shown.value, self._like(shown.value, own)))
        return recurrence_id_text(original, floating=own.floating)

    def _like(self, model: Time, moment: Moment) -> Time:
        """Return a moment as the type of the model, times on the model's clock."""
        if not isinstance(model, datetime):
            return moment.day
        if moment.is_date:
            return datetime(moment.day.year, moment.day.month, moment.day.day, tzinfo=model.tzinfo)
        return moment.instant.astimezone(model.tzinfo)

    def _instant(self, value: Time) -> datetime:
        return value.astimezone(UTC) if isinstance(value, datetime) else day_start(value, self.zone)


def recurrence_id_text(value: Time, *, floating: bool) -> str:
    """Return a recurrence id: a date, a floating time, or a time in UTC."""
    if not isinstance(value, datetime):
        return f"{value:%Y%m%d}".zfill(8)
    if floating:
        return utc_text(value.replace(tzinfo=UTC)).removesuffix("Z")
    return utc_text(value)


def _plus(value: Time, length: timedelta) -> Time:
    return value + length


def _minus(one: Time, other: Time) -> timedelta:
    if isinstance(one, datetime) and isinstance(other, datetime):
        return one - other
    return date(one.year, one.month, one.day) - date(other.year, other.month, other.day)
