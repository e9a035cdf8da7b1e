"""The statements of an agenda: one for a stretch of time, whatever lies in it.

Single objects are found by their own range, series by their instances on record; a series whose
record does not reach over the stretch is told as one to be followed. Copies of meetings that a
colleague keeps are told by their objects alone: no column of the activity is read. Built once.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    and_,
    bindparam,
    false,
    literal,
    not_,
    null,
    or_,
    select,
    union_all,
)

from bridge.ical.spans import LONGEST_SHORT, Reach
from bridge.store.activity_links import LINK_COLUMNS, with_link_tables
from bridge.store.activity_spans import TODO
from bridge.store.prepared import Prepared
from bridge.store.raw_text import raw_text
from bridge.store.schema import access, crm, dav
from bridge.store.schema.base import UtcDateTime

SINGLE, INSTANCE, BEYOND, COPY = 0, 1, 2, 3
"""What a row of `BETWEEN` is: a single object, an instance on record, a series to be followed, or
a copy of a colleague's meeting, to be followed as well."""

_row, _object, _occurrence = crm.Activity, dav.CalendarObject, dav.Occurrence
_LINKS = {column.name: column for column in LINK_COLUMNS}
_COLUMNS = (
    _row.id.label("activity_id"),
    _object.id.label("object_id"),
    _object.component,
    raw_text(_row.type_key).label("type_key"),
    raw_text(_row.subject).label("subject"),
    raw_text(_row.due_date).label("due_date"),
    raw_text(_row.due_time).label("due_time"),
    _row.duration_seconds,
    raw_text(_row.timezone).label("timezone"),
    access.User.timezone.label("owner_timezone"),
    _row.done,
    _row.private,
    _LINKS["person_name"],
    _LINKS["organization_name"],
    _LINKS["deal_title"],
)
_START = bindparam("start", type_=UtcDateTime())
_END = bindparam("end", type_=UtcDateTime())
_NEAR = bindparam("near", type_=UtcDateTime())
_OWNER: Any = bindparam("owner")
_NO_INSTANCE: Any = literal("")
_CALENDARS = select(dav.Calendar.id).where(dav.Calendar.owner_id == _OWNER)


def _selected(kind: int, instance: Any = _NO_INSTANCE) -> Select[Any]:
    """Return living activities, still of anybody."""
    query: Select[Any] = (
        select(*_COLUMNS, instance.label("recurrence_id"), literal(kind).label("kind"))
        .select_from(_object)
        .join(_row, _row.id == _object.activity_id)
        .join(access.User, access.User.id == _row.owner_id)
    )
    if kind == INSTANCE:
        query = query.join(_occurrence, _occurrence.object_id == _object.id)
    return with_link_tables(query).where(_row.deleted_at.is_(None))


def _by_time(kind: int, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Return one's own activities, found by the indexes of times."""
    table: Any = _occurrence if kind == INSTANCE else _object
    instance = _occurrence.recurrence_id if kind == INSTANCE else _NO_INSTANCE
    # Plus nothing: the index of owners would find all that they ever had.
    mine = (table.calendar_id.in_(_CALENDARS), _row.owner_id + 0 == _OWNER)
    return _selected(kind, instance).where(*mine, *conditions)


def _copies() -> Select[Any]:
    """Return one's own copies of meetings, with the columns of the others; their texts tell all."""
    told = {
        "activity_id": _object.shared_activity_id,
        "object_id": _object.id,
        "component": _object.component,
        "type_key": raw_text(_object.type_key),
        "subject": raw_text(literal("")),
        "done": false(),
        "private": _object.private,
        "recurrence_id": _NO_INSTANCE,
        "kind": literal(COPY),
    }
    columns = (*(column.key for column in _COLUMNS), "recurrence_id", "kind")
    return select(*(told.get(name, null()).label(name) for name in columns)).where(
        _object.calendar_id.in_(_CALENDARS),
        _object.shared_activity_id.is_not(None),
        *_long(*_WHOLE),
    )


def _short(first: Any, last: Any) -> tuple[ColumnElement[bool], ...]:
    """Bound the start of a short range on both sides; see `bridge.store.time_ranges`."""
    return first > _NEAR, first < _END, last > _START


def _long(first: Any, last: Any) -> tuple[ColumnElement[bool], ...]:
    return first < _END, or_(last.is_(None), last > _START)


_WHOLE = _object.first_utc, _object.last_utc
_EACH = _occurrence.start_utc, _occurrence.end_utc
_DATED = _row.due_date.is_not(None)
BETWEEN = Prepared(
    union_all(
        _by_time(SINGLE, _object.reach == Reach.SHORT, *_short(*_WHOLE), _DATED),
        _by_time(SINGLE, _object.reach == Reach.LONG, *_long(*_WHOLE), _DATED),
        _by_time(INSTANCE, _occurrence.is_long.is_(False), *_short(*_EACH)),
        _by_time(INSTANCE, _occurrence.is_long.is_(True), *_long(*_EACH)),
        _by_time(BEYOND, _object.known_since > _START, *_long(*_WHOLE)),
        _by_time(BEYOND, _object.known_until < _END, *_long(*_WHOLE)),
        _copies(),
    )
)
"""Values: `owner`, and as `between_values` gives them."""

_OPEN = (_row.owner_id == _OWNER, _object.calendar_id.in_(_CALENDARS), _row.done.is_(False))
# A to-do that is due on a day is found where that day begins (RFC 4791 section 9.9).
_DUE_ON_A_DAY = and_(_object.component == TODO, _row.due_time.is_(None))
OVERDUE = Prepared(
    _selected(SINGLE)
    .where(
        *_OPEN,
        _DATED,
        _object.reach != Reach.SERIES,
        or_(_object.last_utc < _END, and_(_object.last_utc == _END, not_(_DUE_ON_A_DAY))),
    )
    .order_by(_object.last_utc.desc(), _row.id)
    .limit(bindparam("limit"))
)
"""Values: `owner`, `end`, where today begins, `limit`."""

UNDATED = Prepared(
    _selected(SINGLE)
    .where(*_OPEN, _row.due_date.is_(None))
    .order_by(_row.id.desc())
    .limit(bindparam("limit"))
)
"""Values: `owner`, `limit`."""

SERIES_TEXTS = select(_object.id, _object.uid, _object.component, _object.text).where(
    _object.id.in_(bindparam("objects", expanding=True))
)


def between_values(start: datetime, end: datetime) -> dict[str, datetime]:
    """Return the values of `BETWEEN` for a half-open stretch of time between aware instants."""
    return {"start": start, "end": end, "near": start - LONGEST_SHORT}
