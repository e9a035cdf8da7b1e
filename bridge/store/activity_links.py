"""What an activity is linked to: persons, an organization, a deal; and its guests.

A record of another company, or a deleted one, is no link: nothing of it may be shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, bindparam, select

from bridge.domain.activity import Attendee, Deal, Organization, Person, Reply
from bridge.store.raw_text import raw_text, text_of
from bridge.store.schema import crm

LINK_COLUMNS = (
    crm.Person.id.label("person_id"),
    raw_text(crm.Person.name).label("person_name"),
    raw_text(crm.Person.email).label("person_email"),
    raw_text(crm.Person.phone).label("person_phone"),
    crm.Organization.id.label("organization_id"),
    raw_text(crm.Organization.name).label("organization_name"),
    raw_text(crm.Organization.address).label("organization_address"),
    crm.Deal.id.label("deal_id"),
    raw_text(crm.Deal.title).label("deal_title"),
)
_Rows = Mapping[int, Sequence[Row[*tuple[Any, ...]]]]
_guest, _link = crm.ActivityAttendee, crm.ActivityParticipant
# Built once, as every write of a client asks them.
_PARTICIPANTS = (
    select(
        _link.activity_id,
        crm.Person.id,
        raw_text(crm.Person.name).label("name"),
        raw_text(crm.Person.email).label("email"),
        raw_text(crm.Person.phone).label("phone"),
    )
    .join(
        crm.Person,
        and_(
            crm.Person.id == _link.person_id,
            crm.Person.company_id == _link.company_id,
            crm.Person.deleted_at.is_(None),
        ),
    )
    .where(_link.activity_id.in_(bindparam("activities", expanding=True)))
    .order_by(_link.activity_id, _link.person_id)
)
_ATTENDEES = (
    select(
        _guest.activity_id,
        raw_text(_guest.email).label("email"),
        raw_text(_guest.name).label("name"),
        raw_text(_guest.reply).label("reply"),
        _guest.optional,
    )
    .where(_guest.activity_id.in_(bindparam("activities", expanding=True)))
    .order_by(_guest.activity_id, _guest.email)
)


def with_link_tables(query: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """Join the tables of `LINK_COLUMNS` to a query from `activities`."""
    row = crm.Activity
    return (
        query.outerjoin(crm.Person, _is_link(crm.Person, row.person_id))
        .outerjoin(crm.Organization, _is_link(crm.Organization, row.organization_id))
        .outerjoin(crm.Deal, _is_link(crm.Deal, row.deal_id))
    )


def participant_rows(connection: Connection, ids: Sequence[int]) -> _Rows:
    """Return the rows of persons linked besides the main one, by activity; one statement."""
    return _by_activity(connection, _PARTICIPANTS, ids)


def attendee_rows(connection: Connection, ids: Sequence[int]) -> _Rows:
    """Return the rows of guests, by activity; one statement."""
    return _by_activity(connection, _ATTENDEES, ids)


def participant_of(row: Row[*tuple[Any, ...]]) -> Person:
    """Return the person of a row of `participant_rows`.

    Raises:
        InvalidInput: A column is no text.
    """
    return Person(
        id=row.id,
        name=text_of(row.name, "participants"),
        email=text_of(row.email, "participants"),
        phone=text_of(row.phone, "participants"),
    )


def attendee_of(row: Row[*tuple[Any, ...]]) -> Attendee:
    """Return the guest of a row of `attendee_rows`; a reply nobody knows is none.

    Raises:
        InvalidInput: A column is no text.
    """
    reply = text_of(row.reply, "attendees")
    return Attendee(
        email=text_of(row.email, "attendees"),
        name=text_of(row.name, "attendees"),
        reply=Reply(reply) if reply in set(Reply) else Reply.NEEDS_ACTION,
        optional=bool(row.optional),
    )


def person_of(raw: Row[*tuple[Any, ...]]) -> Person | None:
    """Return the linked person of a row with `LINK_COLUMNS`, or None.

    Raises:
        InvalidInput: A column is no text.
    """
    if raw.person_id is None:
        return None
    return Person(
        id=raw.person_id,
        name=text_of(raw.person_name, "person_id"),
        email=text_of(raw.person_email, "person_id"),
        phone=text_of(raw.person_phone, "person_id"),
    )


def organization_of(raw: Row[*tuple[Any, ...]]) -> Organization | None:
    """Return the linked organization of a row with `LINK_COLUMNS`, or None.

    Raises:
        InvalidInput: A column is no text.
    """
    if raw.organization_id is None:
        return None
    return Organization(
        id=raw.organization_id,
        name=text_of(raw.organization_name, "organization_id"),
        address=text_of(raw.organization_address, "organization_id"),
    )


def deal_of(raw: Row[*tuple[Any, ...]]) -> Deal | None:
    """Return the linked deal of a row with `LINK_COLUMNS`, or None.

    Raises:
        InvalidInput: A column is no text.
    """
    if raw.deal_id is None:
        return None
    return Deal(id=raw.deal_id, title=text_of(raw.deal_title, "deal_id"))


def _is_link(table: Any, key: Any) -> ColumnElement[bool]:
    mine = table.company_id == crm.Activity.company_id
    return and_(table.id == key, mine, table.deleted_at.is_(None))


def _by_activity(
    connection: Connection, query: Select[*tuple[Any, ...]], ids: Sequence[int]
) -> _Rows:
    found: dict[int, list[Row[*tuple[Any, ...]]]] = {}
    for row in connection.execute(query, {"activities": list(ids)}):
        found.setdefault(row.activity_id, []).append(row)
    return found
