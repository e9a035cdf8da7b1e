"""The dates of a series one by one: those around a moment, or one of them, taken out or not.

Work is bounded as in `bridge.ical.instances`: a series is followed piece by piece, for so many
dates and so many years, however long it goes on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.instances import FIRST, LAST, TooFarToFollow, instances
from bridge.ical.patch import PropertyChange, patch, patch_members
from bridge.ical.recurrence import read_dates
from bridge.ical.scanner import ContentComponent
from bridge.ical.series import Instance, Member, Series
from bridge.ical.times import read_value

_FIRST_PIECE = timedelta(days=1)
_FARTHEST = timedelta(days=366 * 50)
_MOST_STEPS = 4000
_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class SeriesDate:
    """One date of a series.

    Attributes:
        key: Its original start, as the recurrence ids of the master's own instances are written.
        instance: When it takes place; where it was taken out, when it would.
        member: The component that tells of it.
        own: Whether that is an override of this date alone.
        excluded: EXDATE takes it out.
        leads: It is an override that stands for all later dates as well.
    """

    key: str
    instance: Instance
    member: ContentComponent
    own: bool
    excluded: bool = False
    leads: bool = False

    @property
    def cancelled(self) -> bool:
        """Whether it does not take place."""
        told = self.own and self.member.value("STATUS").upper() == "CANCELLED"
        return self.excluded or told


@dataclass(frozen=True, slots=True, kw_only=True)
class DateList:
    """Some dates in a row.

    Attributes:
        dates: By time.
        more: There are further ones in the direction that was asked for.
        next: Where those after begin; None where there are none, or they were not asked for.
    """

    dates: tuple[SeriesDate, ...] = ()
    more: bool = False
    next: datetime | None = None


class SeriesDates:
    """The dates of one series; those that were taken out are among them.

    Attributes:
        item: The series.
        zone: IANA name of the zone floating times and days are read in.
        master: Its master.
        rules: The series with no date taken out, and without overrides.
    """

    def __init__(self, item: CalendarObject, *, floating_zone: str) -> None:
        """Read the series.

        Args:
            item: With a master.
            floating_zone: IANA name of the zone floating times and days are read in.

        Raises:
            ConversionError: It has no master, or a value cannot be read.
        """
        self.item = item
        self.zone = floating_zone
        self._series = Series(item, floating_zone=floating_zone)
        master = self._series.master
        if master is None:
            raise ConversionError("a series without its master", uid=item.uid)
        self.master: Member = self._series.members[master]
        # Nothing is taken out in these two, and the second one has no overrides either.
        self._open = patch(item, [PropertyChange(name="EXDATE")])
        self.rules = _without_overrides(self._open)
        self._ruled = Series(self.rules, floating_zone=floating_zone)
        self._excluded = self._excluded_keys()

    def after(self, moment: datetime, *, most: int) -> DateList:
        """Return the dates that begin at an aware moment or later, at most so many."""
        found = sorted(self._found(_ahead(moment), most), key=_when)
        more = len(found) > most
        later = found[most].instance.first_utc if more else None
        return DateList(dates=tuple(found[:most]), more=more, next=later)

    def before(self, moment: datetime, *, most: int) -> DateList:
        """Return the last dates that begin before an aware moment, at most so many."""
        found = sorted(self._found(_back(moment), most), key=_when)
        left = max(len(found) - most, 0)
        return DateList(dates=tuple(found[left:]), more=left > 0)

    def at(self, key: str) -> SeriesDate | None:
        """Return the date of a key, None where the series has no such date.

        Raises:
            TooFarToFollow: Following its rules would take too long.
        """
        try:
            instance = self._series.instance(key)
            original = self.original(key)
        except ConversionError:
            return None
        if instance is None or original.recurrence_id != key:
            return None
        found = self._date(instance, key)
        return found if found.own or self._has(original) else None

    def original(self, key: str) -> Instance:
        """Return the instance of a key as the rules alone have it.

        Raises:
            ConversionError: It is no recurrence id.
        """
        found = self._ruled.instance(key)
        assert found is not None  # noqa: S101 (there is a master)
        return found

    def plain(self, key: str) -> SeriesDate:
        """Return the date of a key as it is without an override of its own."""
        return SeriesDate(
            key=key, instance=self.original(key), member=self.master.source, own=False
        )

    def overrides(self, key: str) -> list[ContentComponent]:
        """Return all components that say they are about the date of this key alone."""
        return [
            member.source
            for member in self._series.members.values()
            if member.recurrence_id is not None
            and not member.all_later
            and self._series.original_id(member.recurrence_id) == key
        ]

    def key_of(self, value: str, tzid: str) -> str:
        """Return the key of a value of EXDATE or RECURRENCE-ID.

        Raises:
            ConversionError: It cannot be read.
        """
        moment = read_value(value, tzid, self.item.source(), floating_zone=self.zone)
        return self._series.original_id(moment)

    def _found(
        self, pieces: Iterator[tuple[datetime, datetime]], most: int
    ) -> Iterator[SeriesDate]:
        """Yield the dates of whole pieces until there are more than so many."""
        budget, seen = _Steps(), 0
        for start, end in pieces:
            try:
                piece = instances(self._open, start, end, floating_zone=self.zone, budget=budget)
            except TooFarToFollow:
                if not seen:
                    raise
                return
            for instance in piece:
                # One that goes on over a border belongs to the piece it begins in.
                if start <= instance.first_utc < end:
                    seen += 1
                    yield self._date(instance, self.key_of(instance.recurrence_id, ""))
            if seen > most:
                return

    def _date(self, instance: Instance, key: str) -> SeriesDate:
        member = self._series.members[instance.member]
        told = member.recurrence_id
        own = told is not None and key == self._series.original_id(told)
        return SeriesDate(
            key=key,
            instance=instance,
            member=member.source,
            own=own and not member.all_later,
            excluded=key in self._excluded,
            leads=own and member.all_later,
        )

    def _has(self, original: Instance) -> bool:
        end = max(original.last_utc, original.first_utc + _SECOND)
        found = instances(
            self.rules, original.first_utc, end, floating_zone=self.zone, budget=_Steps()
        )
        return any(each.recurrence_id == original.recurrence_id for each in found)

    def _excluded_keys(self) -> frozenset[str]:
        calendar = self.item.source()
        return frozenset(
            self._series.original_id(moment)
            for line in self.master.source.all("EXDATE")
            for moment in read_dates(line, calendar, self.zone)
        )


class _Steps:
    """How many instances may be looked at for one list."""

    def __init__(self) -> None:
        self._left = _MOST_STEPS

    def spend(self) -> None:
        """Take one.

        Raises:
            TooFarToFollow: There is none left.
        """
        self._left -= 1
        if self._left < 0:
            raise TooFarToFollow("the series has too many dates to be listed")


def _without_overrides(item: CalendarObject) -> CalendarObject:
    overrides = [each for each in item.members() if each.first("RECURRENCE-ID") is not None]
    return patch_members(item, removed=overrides)


def _ahead(moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    start, last, length = max(moment, FIRST), min(LAST, moment + _FARTHEST), _FIRST_PIECE
    while start < last:
        end = min(start + length, last)
        yield start, end
        start, length = end, length * 2


def _back(moment: datetime) -> Iterator[tuple[datetime, datetime]]:
    end, first, length = min(moment, LAST), max(FIRST, moment - _FARTHEST), _FIRST_PIECE
    while end > first:
        start = max(end - length, first)
        yield start, end
        end, length = start, length * 2


def _when(date: SeriesDate) -> tuple[datetime, str]:
    return date.instance.first_utc, date.key
