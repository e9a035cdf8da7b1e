"""Listings of a calendar: names, tags, and what changed since a revision.

Rows become named tuples, since a listing has as many as the calendar has objects. Statements are
built once, as those of `lookups` are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Integer,
    LargeBinary,
    Select,
    bindparam,
    cast,
    false,
    func,
    literal,
    null,
    select,
    union_all,
)

from bridge.domain.identifiers import CalendarId
from bridge.store.prepared import Prepared
from bridge.store.schema.dav import CalendarObject, Tombstone


class ListedObject(NamedTuple):
    """A calendar object in a listing.

    Attributes:
        href: Name.
        etag: The strong entity tag, without quotes; "" for one that is gone.
        component: `VEVENT`, `VTODO` or `VJOURNAL`.
        private: Colleagues see a busy block only.
        modified_at: Aware; None when no details were asked for.
        size: Octets of the text; None likewise.
        text: What was put; None when no texts were asked for.
        created_at: Aware; None when no details were asked for, or not to be told.
    """

    href: str
    etag: str
    component: str
    private: bool
    modified_at: datetime | None = None
    size: int | None = None
    text: str | None = None
    created_at: datetime | None = None


LISTED_COLUMNS = (
    CalendarObject.href,
    CalendarObject.id,
    CalendarObject.revision,
    CalendarObject.component,
    CalendarObject.private,
)
"""What every listing reads: name, id, revision, component, whether it is private."""

_IN_CALENDAR = CalendarObject.calendar_id == bindparam("calendar")


def _listing(*further: Any) -> Select[*tuple[Any, ...]]:
    query = select(*LISTED_COLUMNS, *further).where(_IN_CALENDAR)
    return query.order_by(CalendarObject.id)


_LISTED = Prepared(_listing())
_TIMES = (CalendarObject.modified_at, CalendarObject.created_at)
_WITH_DETAILS = Prepared(_listing(*_TIMES, func.octet_length(CalendarObject.text)))
# `octet_length` is not in every SQLite.
_WITH_DETAILS_SQLITE = Prepared(
    _listing(*_TIMES, func.length(cast(CalendarObject.text, LargeBinary)))
)
_WITH_TEXT = Prepared(_listing(CalendarObject.text))
_WITH_TEXT_AT = _listing(CalendarObject.text).where(
    CalendarObject.href.in_(bindparam("names", expanding=True))
)


def _changes() -> Prepared:
    changed = select(*LISTED_COLUMNS).where(
        _IN_CALENDAR, CalendarObject.revision > bindparam("after")
    )
    gone = select(
        Tombstone.href, cast(null(), Integer), Tombstone.revision, literal(""), false()
    ).where(Tombstone.calendar_id == bindparam("calendar"), Tombstone.revision > bindparam("after"))
    both = union_all(changed, gone).subquery()
    return Prepared(select(both).order_by(both.c.revision, both.c.href))


_FIRST = Prepared(
    select(*LISTED_COLUMNS)
    .where(_IN_CALENDAR)
    .order_by(CalendarObject.revision, CalendarObject.href)
)
_SINCE = _changes()


def listed_objects(
    connection: Connection, calendar_id: CalendarId, epoch: str, *, details: bool
) -> list[ListedObject]:
    """Return all objects of a calendar in the order of their ids; one statement.

    Args:
        connection: Of the transaction.
        calendar_id: Which.
        epoch: Of the installation.
        details: Whether to tell when each was made and changed, and its size.
    """
    values = {"calendar": calendar_id}
    if not details:
        return [
            ListedObject(href, f"{epoch}-{number}-{revision}", component, private)
            for href, number, revision, component, private in _LISTED.tuples(connection, values)
        ]
    query = _WITH_DETAILS_SQLITE if connection.dialect.name == "sqlite" else _WITH_DETAILS
    return [
        ListedObject(
            href, f"{epoch}-{number}-{revision}", component, private, modified, size, None, created
        )
        for href, number, revision, component, private, modified, created, size in (
            query.tuples(connection, values)
        )
    ]


def listed_texts(
    connection: Connection,
    calendar_id: CalendarId,
    epoch: str,
    hrefs: Collection[str] | None = None,
) -> list[ListedObject]:
    """Return the objects of these names that exist, or all, with their texts; one statement."""
    values: dict[str, Any] = {"calendar": calendar_id}
    rows: Iterable[Any]
    if hrefs is None:
        rows = _WITH_TEXT.tuples(connection, values)
    else:
        rows = connection.execute(_WITH_TEXT_AT, {**values, "names": list(hrefs)})
    return [
        ListedObject(href, f"{epoch}-{number}-{revision}", component, private, None, None, text)
        for href, number, revision, component, private, text in rows
    ]


def changed_objects(
    connection: Connection, calendar_id: CalendarId, epoch: str, *, after: int | None
) -> list[tuple[int, ListedObject]]:
    """Return what changed or went after a revision, in the order of the revisions.

    Args:
        connection: Of the transaction.
        calendar_id: Which calendar.
        epoch: Of the installation.
        after: Revision the caller knows of; None for a first listing, which tells nothing gone. 0
            is a revision too: a client that saw the empty calendar may have made objects since.

    Returns:
        Revision and object; one that went has an empty ETag.
    """
    values: dict[str, Any] = {"calendar": calendar_id}
    if after is not None:
        values["after"] = after
    rows = (_FIRST if after is None else _SINCE).tuples(connection, values)
    return [
        (
            revision,
            ListedObject(
                href, f"{epoch}-{number}-{revision}" if number else "", component, private
            ),
        )
        for href, number, revision, component, private in rows
    ]
