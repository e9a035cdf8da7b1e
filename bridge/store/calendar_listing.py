"""Listings of a calendar that do without texts: names, tags, and what changed since a revision.

Rows become named tuples, since a listing has as many as the calendar has objects.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    Integer,
    LargeBinary,
    Select,
    cast,
    false,
    func,
    literal,
    null,
    select,
    union_all,
)

from bridge.domain.identifiers import CalendarId
from bridge.store.schema.dav import CalendarObject, Tombstone


class ListedObject(NamedTuple):
    """A calendar object in a listing that does without its text.

    Attributes:
        href: Name.
        etag: The strong entity tag, without quotes; "" for one that is gone.
        component: `VEVENT`, `VTODO` or `VJOURNAL`.
        private: Colleagues see a busy block only.
        modified_at: Aware; None when no details were asked for.
        size: Octets of the text; None likewise.
    """

    href: str
    etag: str
    component: str
    private: bool
    modified_at: datetime | None = None
    size: int | None = None


def listed_objects(
    connection: Connection, calendar_id: CalendarId, epoch: str, *, details: bool
) -> list[ListedObject]:
    """Return all objects of a calendar in the order of their ids; one statement.

    Args:
        connection: Of the transaction.
        calendar_id: Which.
        epoch: Of the installation.
        details: Whether to tell when each was changed, and its size.
    """
    columns: list[Any] = [
        CalendarObject.href,
        CalendarObject.id,
        CalendarObject.revision,
        CalendarObject.component,
        CalendarObject.private,
    ]
    if details:
        size = _octets(connection)
        columns += [CalendarObject.modified_at, size]
    query = (
        select(*columns)
        .where(CalendarObject.calendar_id == calendar_id)
        .order_by(CalendarObject.id)
    )
    return [
        ListedObject(href, f"{epoch}-{number}-{revision}", component, private, *rest)
        for href, number, revision, component, private, *rest in connection.execute(query)
    ]


def changed_objects(
    connection: Connection,
    calendar_id: CalendarId,
    epoch: str,
    *,
    after: int | None,
    limit: int | None = None,
) -> list[tuple[int, ListedObject]]:
    """Return what changed or went after a revision, in the order of the revisions.

    Args:
        connection: Of the transaction.
        calendar_id: Which calendar.
        epoch: Of the installation.
        after: Revision the caller knows of; None for a first listing, which tells nothing gone. 0
            is a revision too: a client that saw the empty calendar may have made objects since.
        limit: The most rows; None for all.

    Returns:
        Revision and object; one that went has an empty ETag.
    """
    query = _changes(calendar_id, after)
    if limit is not None:
        query = query.limit(limit)
    return [
        (
            revision,
            ListedObject(
                href, f"{epoch}-{number}-{revision}" if number else "", component, private
            ),
        )
        for revision, href, number, component, private in connection.execute(query)
    ]


def _changes(calendar_id: CalendarId, after: int | None) -> Select[*tuple[Any, ...]]:
    changed = select(
        CalendarObject.revision,
        CalendarObject.href,
        CalendarObject.id,
        CalendarObject.component,
        CalendarObject.private,
    ).where(CalendarObject.calendar_id == calendar_id)
    if after is None:
        return changed.order_by(CalendarObject.revision, CalendarObject.href)
    gone = select(
        Tombstone.revision, Tombstone.href, cast(null(), Integer), literal(""), false()
    ).where(Tombstone.calendar_id == calendar_id, Tombstone.revision > after)
    both = union_all(changed.where(CalendarObject.revision > after), gone).subquery()
    return select(both).order_by(both.c.revision, both.c.href)


def _octets(connection: Connection) -> Any:
    """Return the size of a text in UTF-8; `octet_length` is not in every SQLite."""
    if connection.dialect.name == "sqlite":
        return func.length(cast(CalendarObject.text, LargeBinary))
    return func.octet_length(CalendarObject.text)
