"""What of a calendar lies in a range of time: objects, instances, busy times; by indexes alone.

A short range is found by its start, bounded on both sides, a long one apart from them: a plain
`start < b AND end > a` would walk half of the calendar. Series are found by their instances on
record; one whose record does not reach over the range is a candidate, to be followed by whoever
asks. Statements are built once and get their values at each call.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    literal,
    or_,
    select,
    union_all,
)

from bridge.domain.identifiers import CalendarId
from bridge.ical.busy import Busy
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.instances import FIRST, LAST
from bridge.ical.spans import LONGEST_SHORT, Reach
from bridge.store.calendar_listing import LISTED_COLUMNS, ListedObject
from bridge.store.calendar_queries import OBJECT_COLUMNS, stored_object
from bridge.store.calendar_values import StoredCalendar, StoredObject
from bridge.store.prepared import Prepared
from bridge.store.schema.base import UtcDateTime
from bridge.store.schema.dav import CalendarObject as DavObject
from bridge.store.schema.dav import Occurrence

_EVENT, _TODO = "VEVENT", "VTODO"
_TEXT_COLUMNS = (*LISTED_COLUMNS, DavObject.uid, DavObject.text)


def _instant(name: str) -> Any:
    return bindparam(name, type_=UtcDateTime())


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A half-open range of time, its open ends set to the ends of the calendar.

    Attributes:
        start: Aware.
        end: Aware.
    """

    start: datetime
    end: datetime

    @classmethod
    def of(cls, start: datetime | None, end: datetime | None) -> Window:
        """Return the window between two instants; None is an open end."""
        first = FIRST if start is None else max(start, FIRST)
        return cls(start=first, end=LAST if end is None else max(min(end, LAST), first))

    def values(self, calendar_id: CalendarId) -> dict[str, Any]:
        """Return the values of the statements here."""
        near = max(self.start, FIRST + LONGEST_SHORT) - LONGEST_SHORT
        return {"calendar": calendar_id, "start": self.start, "end": self.end, "near": near}


def objects_found(
    connection: Connection, calendar: StoredCalendar, window: Window, component: str | None
) -> list[tuple[StoredObject, bool]]:
    """Return the objects that match a range, in the order of their ids; one statement.

    Returns:
        Each with whether it is sure to match; the others are series to be followed.
    """
    values = {**window.values(calendar.id), "component": component}
    if component is None:
        del values["component"]
    found = {}
    for row in _objects(with_component=component is not None).rows(connection, values):
        # A series may be found by an instance on record and as a candidate besides.
        if row.sure or row.id not in found:
            found[row.id] = row
    return [
        (stored_object(row, calendar.epoch), bool(row.sure)) for _, row in sorted(found.items())
    ]


def texts_found(
    connection: Connection, calendar: StoredCalendar, window: Window, component: str | None
) -> list[tuple[ListedObject, CalendarObject | None]]:
    """Return what `objects_found` does, as listed with texts; one statement.

    Returns:
        Each with None, or with the series that is to be followed.
    """
    values = {**window.values(calendar.id), "component": component}
    if component is None:
        del values["component"]
    epoch = calendar.epoch
    found: dict[int, tuple[ListedObject, CalendarObject | None]] = {}
    rows = _texts(with_component=component is not None).tuples(connection, values)
    for href, number, revision, kind, private, uid, text, sure in rows:
        if sure or number not in found:
            etag = f"{epoch}-{number}-{revision}"
            listed = ListedObject(href, etag, kind, private, None, None, text)
            series = None if sure else CalendarObject(uid=uid, component=kind, text=text)
            found[number] = listed, series
    return [found[number] for number in sorted(found)]


def ids_found(
    connection: Connection, calendar: StoredCalendar, window: Window
) -> dict[int, list[str]]:
    """Return the recurrence ids on record of the instances in a range, by object; one statement.

    Only of objects that know the range (`StoredObject.knows`) these are all.
    """
    found: dict[int, list[str]] = {}
    for number, recurrence_id in _ids().rows(connection, window.values(calendar.id)):
        found.setdefault(number, []).append(recurrence_id)
    return found


def busy_found(
    connection: Connection, calendar: StoredCalendar, window: Window
) -> Iterator[tuple[datetime, datetime, bool]]:
    """Yield the times that single events and instances on record block; one statement.

    Returns:
        Start, end, and whether it is tentative.
    """
    for start, end, busy in _busy().rows(connection, window.values(calendar.id)):
        yield start, end, busy == Busy.TENTATIVE


def busy_unknown(
    connection: Connection, calendar: StoredCalendar, window: Window
) -> list[StoredObject]:
    """Return the events whose text has to be asked for the times they block; one statement."""
    rows = _unknown().rows(connection, window.values(calendar.id))
    return [stored_object(row, calendar.epoch) for row in rows]


def _mine(reach: Reach) -> tuple[ColumnElement[bool], ...]:
    return DavObject.calendar_id == bindparam("calendar"), DavObject.reach == reach


def _single(*columns: Any, conditions: tuple[ColumnElement[bool], ...] = ()) -> list[Any]:
    """Return the searches for single objects with dates."""
    first, last = DavObject.first_utc, DavObject.last_utc
    return [
        select(*columns).where(
            *_mine(Reach.SHORT),
            first > _instant("near"),
            first < _instant("end"),
            last > _instant("start"),
            *conditions,
        ),
        select(*columns).where(
            *_mine(Reach.LONG),
            first < _instant("end"),
            or_(last.is_(None), last > _instant("start")),
            *conditions,
        ),
    ]


def _instances(*columns: Any, conditions: tuple[ColumnElement[bool], ...] = ()) -> list[Any]:
    """Return the searches for instances on record."""
    here = Occurrence.calendar_id == bindparam("calendar")
    start, end = Occurrence.start_utc, Occurrence.end_utc
    return [
        select(*columns).where(
            here,
            Occurrence.is_long.is_(False),
            start > _instant("near"),
            start < _instant("end"),
            end > _instant("start"),
            *conditions,
        ),
        select(*columns).where(
            here,
            Occurrence.is_long.is_(True),
            start < _instant("end"),
            end > _instant("start"),
            *conditions,
        ),
    ]


def _candidates(*columns: Any, conditions: tuple[ColumnElement[bool], ...] = ()) -> list[Any]:
    """Return the searches for series whose record does not reach over the range."""
    here = DavObject.calendar_id == bindparam("calendar")
    touching = (
        DavObject.first_utc < _instant("end"),
        or_(DavObject.last_utc.is_(None), DavObject.last_utc > _instant("start")),
    )
    return [
        select(*columns).where(here, beyond, *touching, *conditions)
        for beyond in (
            DavObject.known_since > _instant("start"),
            DavObject.known_until < _instant("end"),
        )
    ]


def _objects(*, with_component: bool) -> Prepared:
    return _searches(OBJECT_COLUMNS, with_component=with_component)


def _texts(*, with_component: bool) -> Prepared:
    return _searches(_TEXT_COLUMNS, with_component=with_component)


@cache
def _searches(columns: tuple[Any, ...], *, with_component: bool) -> Prepared:
    """Return the searches for objects; whole rows, so that no plan has to join them again."""
    sure = (*columns, literal(1).label("sure"))
    wanted: tuple[ColumnElement[bool], ...] = ()
    if with_component:
        wanted = (DavObject.component == bindparam("component"),)
    on_record = union_all(*_instances(Occurrence.object_id)).subquery()
    return Prepared(
        union_all(
            *_single(*sure, conditions=wanted),
            select(*sure).where(*_mine(Reach.UNDATED), DavObject.component == _TODO, *wanted),
            select(*sure).where(DavObject.id.in_(select(on_record.c.object_id)), *wanted),
            *_candidates(*columns, literal(0).label("sure"), conditions=wanted),
        )
    )


@cache
def _ids() -> Prepared:
    return Prepared(union_all(*_instances(Occurrence.object_id, Occurrence.recurrence_id)))


@cache
def _busy() -> Prepared:
    last = DavObject.last_utc
    single = _single(
        DavObject.first_utc, last, DavObject.busy,
        conditions=(DavObject.busy > Busy.FREE, last.is_not(None)),
    )  # fmt: skip
    on_record = _instances(
        Occurrence.start_utc, Occurrence.end_utc, Occurrence.busy,
        conditions=(Occurrence.busy > Busy.FREE,),
    )  # fmt: skip
    return Prepared(union_all(*single, *on_record))


@cache
def _unknown() -> Prepared:
    number = DavObject.id.label("number")
    searches = union_all(
        *_single(number, conditions=(DavObject.busy.is_(None),)), *_candidates(number)
    ).subquery()
    return Prepared(
        select(*OBJECT_COLUMNS)
        .where(DavObject.id.in_(select(searches.c.number)), DavObject.component == _EVENT)
        .order_by(DavObject.id)
    )
