"""A user's own activities in a stretch of time, series by their instances, and shared meetings.

Two statements whatever lies there: one for what is found, one for the texts of series, which tell
what single instances were changed to. Rows that make no sense are left out, as everywhere.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from bridge.convert import title_mark
from bridge.convert.properties.completion import is_done
from bridge.domain.agenda import Agenda, AgendaEntry
from bridge.domain.identifiers import ActivityId, Uid, UserId
from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.errors import ConversionError, InvalidInput
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.instances import follow
from bridge.ical.occurrences import MOST
from bridge.ical.scanner import ContentComponent
from bridge.ical.series import Instance, Series
from bridge.ical.spans import is_recurring, span_of
from bridge.store import agenda_rows
from bridge.store.activity_spans import TODO, read_span
from bridge.store.raw_text import text_of
from bridge.store.transaction import Transaction

_FOLLOW_SECONDS = 1.0
_DAY = timedelta(days=1)
_MOMENT = timedelta(microseconds=1)
_LAST = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A half-open stretch of time as its user sees it.

    Attributes:
        start: Aware.
        end: Aware.
        zone: IANA name of the user's zone.
    """

    start: datetime
    end: datetime
    zone: str


class AgendaRepository:
    """Reads agendas within one transaction."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def between(self, owner_id: UserId, stretch: Stretch) -> Agenda:
        """Return the user's activities in a stretch of time, deleted ones left out."""
        # A to-do that is due on a day is found just before it, one due at a time just before that.
        wide = replace(stretch, start=stretch.start - _DAY)
        values = agenda_rows.between_values(wide.start, wide.end)
        rows = agenda_rows.BETWEEN.rows(self._connection, {"owner": owner_id, **values})
        beyond = {row.object_id: row for row in rows if row.kind == agenda_rows.BEYOND}
        copies = [row for row in rows if row.kind == agenda_rows.COPY]
        singles = _entries(row for row in rows if row.kind == agenda_rows.SINGLE)
        on_record = [
            row for row in rows if row.kind == agenda_rows.INSTANCE and row.object_id not in beyond
        ]
        texts = self._texts({row.object_id for row in (*on_record, *copies)} | beyond.keys())
        recurring = {row.object_id: row for row in copies if is_recurring(texts[row.object_id])}
        followed, unfollowed = _followed([*beyond.values(), *recurring.values()], texts, wide)
        found = [*singles, *_recorded(on_record, texts, wide), *followed]
        single = [row for row in copies if row.object_id not in recurring]
        found += _copied(single, texts, wide)
        entries = (entry for entry in found if _touches(entry, stretch))
        return Agenda(entries=_in_order(entries), unfollowed=unfollowed)

    def overdue(self, owner_id: UserId, *, before: datetime, limit: int) -> tuple[AgendaEntry, ...]:
        """Return what ended before today and is not done, the latest first; no series.

        Args:
            owner_id: Whose.
            before: Where today begins for them; what is due today is not told.
            limit: How many at most.
        """
        values = {"owner": owner_id, "end": before, "limit": limit}
        return tuple(_entries(agenda_rows.OVERDUE.rows(self._connection, values)))

    def undated(self, owner_id: UserId, *, limit: int) -> tuple[AgendaEntry, ...]:
        """Return what has no date and is not done, the newest first."""
        values = {"owner": owner_id, "limit": limit}
        return tuple(_entries(agenda_rows.UNDATED.rows(self._connection, values)))

    def _texts(self, ids: Iterable[int]) -> dict[int, CalendarObject]:
        rows = self._connection.execute(agenda_rows.SERIES_TEXTS, {"objects": sorted(ids)})
        return {
            row.id: CalendarObject(uid=Uid(row.uid), component=row.component, text=row.text)
            for row in rows
        }


def _entries(rows: Iterable[Any]) -> Iterator[AgendaEntry]:
    for row in rows:
        try:
            yield _entry(row, read_span(row, row.component), series=False)
        except InvalidInput:
            continue


def _entry(row: Any, span: Span | None, *, series: bool) -> AgendaEntry:
    return AgendaEntry(
        activity_id=ActivityId(row.activity_id),
        type_key=text_of(row.type_key, "type_key"),
        subject=text_of(row.subject, "subject"),
        span=span,
        todo=row.component == TODO,
        done=bool(row.done),
        private=bool(row.private),
        series=series,
        person=_name(row.person_name),
        organization=_name(row.organization_name),
        deal=_name(row.deal_title),
    )


def _name(value: object) -> str:
    return "" if value is None else text_of(value, "name")


def _recorded(
    rows: Sequence[Any], texts: dict[int, CalendarObject], stretch: Stretch
) -> Iterator[AgendaEntry]:
    """Yield the instances on record, as the texts of their series tell them."""
    read: dict[int, Series] = {}
    for row in rows:
        item = texts[row.object_id]
        try:
            if row.object_id not in read:
                read[row.object_id] = Series(item, floating_zone=stretch.zone)
            instance = read[row.object_id].instance(row.recurrence_id)
            if instance is not None:
                yield from _shown(row, item, instance, stretch.zone)
        except (ConversionError, InvalidInput):
            continue


def _followed(
    rows: Iterable[Any], texts: dict[int, CalendarObject], stretch: Stretch
) -> tuple[list[AgendaEntry], int]:
    """Return the instances of what only texts tell, and how many series are too much."""
    found: list[AgendaEntry] = []
    unfollowed, deadline = 0, time.thread_time() + _FOLLOW_SECONDS
    for row in rows:
        item = texts[row.object_id]
        steps = follow(item, stretch.start, stretch.end, floating_zone=stretch.zone)
        try:
            kept = list(islice(steps, MOST + 1)) if time.thread_time() < deadline else None
            if kept is None or len(kept) > MOST:
                unfollowed += 1
                continue
            for instance in kept:
                found += _shown(row, item, instance, stretch.zone)
        except (ConversionError, InvalidInput):
            unfollowed += 1
    return found, unfollowed


def _copied(
    rows: Sequence[Any], texts: dict[int, CalendarObject], stretch: Stretch
) -> Iterator[AgendaEntry]:
    """Yield the single meetings among one's copies."""
    for row in rows:
        item = texts[row.object_id]
        try:
            yield _said(row, item.head(), span_of(item, floating_zone=stretch.zone))
        except ConversionError:
            continue


def _shown(row: Any, item: CalendarObject, instance: Instance, zone: str) -> Iterator[AgendaEntry]:
    """Yield one instance of a series, unless it was cancelled."""
    span = instance.span(zone, todo=row.component == TODO)
    member = item.members()[instance.member]
    if member.first("RECURRENCE-ID") is None and row.kind != agenda_rows.COPY:
        yield _entry(row, span, series=True)
    elif member.value("STATUS").upper() != "CANCELLED":
        yield replace(_said(row, member, span), series=True)


def _said(row: Any, component: ContentComponent, span: Span | None) -> AgendaEntry:
    """Return the entry of what a component says itself."""
    _, subject = title_mark.split(component.text("SUMMARY"))
    shared = row.kind == agenda_rows.COPY
    entry = _entry(row, span, series=False)
    return replace(entry, subject=subject, done=is_done(component), shared=shared)


def _touches(entry: AgendaEntry, stretch: Stretch) -> bool:
    """Return whether an entry takes place, or is due, in a stretch."""
    match entry.span:
        case TimedSpan(start_utc=start, end_utc=end):
            if entry.todo:
                start = end
            return start < stretch.end and (end > stretch.start or start >= stretch.start)
        case AllDaySpan():
            zone = ZoneInfo(stretch.zone)
            first = entry.span.end - _DAY if entry.todo else entry.span.start
            last_moment = (stretch.end - _MOMENT).astimezone(zone)
            begins = stretch.start.astimezone(zone)
            return first <= last_moment.date() and entry.span.end > begins.date()
        case None:
            return False


def _in_order(entries: Iterable[AgendaEntry]) -> tuple[AgendaEntry, ...]:
    return tuple(sorted(entries, key=_when))


def _when(entry: AgendaEntry) -> tuple[datetime, bool, int]:
    span = entry.span
    if isinstance(span, TimedSpan):
        return (span.end_utc if entry.todo else span.start_utc), True, entry.activity_id
    if span is None:
        return _LAST, True, entry.activity_id
    day = span.start
    return datetime(day.year, day.month, day.day, tzinfo=UTC), False, entry.activity_id
