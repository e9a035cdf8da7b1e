"""Rows of `activities` as domain values.

Other programs write these rows too, and SQLite lets them write anything anywhere. Dates, times
and instants are therefore selected as text and read here: a row that makes no sense raises
`InvalidInput` and nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Text, and_, cast, select

from bridge.domain.activity import (
    Activity,
    Attendee,
    Conference,
    Deal,
    Organization,
    Person,
    Reply,
)
from bridge.domain.identifiers import ActivityId, CompanyId, UserId
from bridge.errors import InvalidInput
from bridge.store.activity_spans import read_instant, read_span
from bridge.store.schema import access, crm, dav

_LOWEST_PRIORITY = 9
_HIGHEST_REVISION = 2**53
_UNKNOWN_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)

_row = crm.Activity
_COLUMNS = (
    _row.id,
    _row.company_id,
    _row.owner_id,
    _row.type_key,
    _row.subject,
    cast(_row.due_date, Text).label("due_date"),
    cast(_row.due_time, Text).label("due_time"),
    _row.duration_seconds,
    _row.timezone,
    _row.recurrence,
    _row.done,
    cast(_row.done_at, Text).label("done_at"),
    _row.busy,
    _row.private,
    _row.location,
    _row.public_description,
    _row.note,
    _row.priority,
    _row.conference_client,
    _row.conference_url,
    _row.conference_id,
    cast(_row.created_at, Text).label("created_at"),
    cast(_row.updated_at, Text).label("updated_at"),
    cast(_row.deleted_at, Text).label("deleted_at"),
    _row.crmdav_revision,
    access.User.timezone.label("owner_timezone"),
    access.User.company_id.label("owner_company_id"),
    dav.CalendarObject.component.label("object_component"),
    crm.Person.id.label("person_id"),
    crm.Person.name.label("person_name"),
    crm.Person.email.label("person_email"),
    crm.Person.phone.label("person_phone"),
    crm.Organization.id.label("organization_id"),
    crm.Organization.name.label("organization_name"),
    crm.Organization.address.label("organization_address"),
    crm.Deal.id.label("deal_id"),
    crm.Deal.title.label("deal_title"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityRow:
    """A row with its links, not judged yet.

    Attributes:
        deleted: Marked deleted.
        object_component: Component of its calendar object, None when it has none.
    """

    id: ActivityId
    company_id: CompanyId
    owner_id: UserId
    deleted: bool
    object_component: str | None
    raw: Row[*tuple[Any, ...]]
    participants: tuple[Person, ...]
    attendees: tuple[Attendee, ...]

    @property
    def type_key(self) -> str:
        """Key of the activity type, as it stands there.

        Raises:
            InvalidInput: It is no text.
        """
        return _text(self.raw.type_key, "type_key")

    @property
    def dated(self) -> bool:
        """Whether it has a date."""
        return self.raw.due_date is not None

    @property
    def sane_revision(self) -> int:
        """Its `crmdav_revision`; 0 when we never wrote the row.

        Raises:
            InvalidInput: Another program wrote it.
        """
        revision = self.raw.crmdav_revision
        if not isinstance(revision, int) or not 0 <= revision < _HIGHEST_REVISION:
            raise InvalidInput("`crmdav_revision` is not ours", field="crmdav_revision")
        return revision

    def activity(self, component: str) -> Activity:
        """Return the row as a domain value.

        Args:
            component: `VTODO` reads a timed span as ending at its due time, others as beginning.

        Raises:
            InvalidInput: The row makes no sense; `field` names the first such column.
        """
        raw = self.raw
        if raw.owner_company_id != self.company_id:
            raise InvalidInput("the owner is no user of this company", field="owner_id")
        done_at = None if raw.done_at is None else read_instant(raw.done_at, "done_at")
        return Activity(
            id=self.id,
            company_id=self.company_id,
            owner_id=self.owner_id,
            type_key=self.type_key,
            subject=_text(raw.subject, "subject"),
            span=read_span(raw, component),
            done=bool(raw.done),
            done_at=done_at,
            busy=None if raw.busy is None else bool(raw.busy),
            private=bool(raw.private),
            location=_text(raw.location, "location"),
            public_description=_text(raw.public_description, "public_description"),
            note=_text(raw.note, "note"),
            priority=_priority(raw.priority),
            person=_person(raw),
            organization=_organization(raw),
            deal=_deal(raw),
            participants=self.participants,
            attendees=self.attendees,
            conference=_conference(raw),
            recurrence=tuple(_text(raw.recurrence, "recurrence").splitlines()),
            created_at=_lenient_instant(raw.created_at),
            updated_at=_lenient_instant(raw.updated_at),
            deleted_at=(_lenient_instant(raw.deleted_at) or _UNKNOWN_INSTANT)
            if self.deleted
            else None,
        )


def load_rows(
    connection: Connection, *conditions: ColumnElement[bool], lock: bool = False
) -> list[ActivityRow]:
    """Return the rows that meet the conditions, by id, with their links, in three statements.

    Args:
        connection: Of an open transaction.
        conditions: On `activities`.
        lock: Hold the rows against other programs until the transaction ends.
    """
    query = _query(*conditions)
    if lock:
        query = query.with_for_update(of=crm.Activity)
    return with_links(connection, connection.execute(query).all())


def page_query(*conditions: ColumnElement[bool], limit: int) -> Select[*tuple[Any, ...]]:
    """Return the query for the first rows, by id, that meet the conditions."""
    return _query(*conditions).limit(limit)


def with_links(connection: Connection, rows: Sequence[Row[*tuple[Any, ...]]]) -> list[ActivityRow]:
    """Add participants and attendees to selected rows, in two statements."""
    ids = [row.id for row in rows]
    participants = _participants(connection, ids)
    attendees = _attendees(connection, ids)
    return [
        ActivityRow(
            id=ActivityId(row.id),
            company_id=CompanyId(row.company_id),
            owner_id=UserId(row.owner_id),
            deleted=row.deleted_at is not None,
            object_component=row.object_component,
            raw=row,
            participants=tuple(participants.get(row.id, ())),
            attendees=tuple(attendees.get(row.id, ())),
        )
        for row in rows
    ]


def _query(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    return (
        select(*_COLUMNS)
        .select_from(crm.Activity)
        .outerjoin(access.User, access.User.id == _row.owner_id)
        .outerjoin(dav.CalendarObject, dav.CalendarObject.activity_id == _row.id)
        .outerjoin(crm.Person, _links(crm.Person, _row.person_id))
        .outerjoin(crm.Organization, _links(crm.Organization, _row.organization_id))
        .outerjoin(crm.Deal, _links(crm.Deal, _row.deal_id))
        .where(*conditions)
        .order_by(_row.id)
    )


def _links(table: Any, key: Any) -> ColumnElement[bool]:
    # A record of another company, or a deleted one, is no link: nothing of it may be shown.
    return and_(table.id == key, table.company_id == _row.company_id, table.deleted_at.is_(None))


def _participants(connection: Connection, ids: Sequence[int]) -> dict[int, list[Person]]:
    link = crm.ActivityParticipant
    query = (
        select(link.activity_id, crm.Person.id, crm.Person.name, crm.Person.email, crm.Person.phone)
        .join(
            crm.Person,
            and_(
                crm.Person.id == link.person_id,
                crm.Person.company_id == link.company_id,
                crm.Person.deleted_at.is_(None),
            ),
        )
        .where(link.activity_id.in_(ids))
        .order_by(link.activity_id, link.person_id)
    )
    found: dict[int, list[Person]] = {}
    for activity_id, number, name, email, phone in connection.execute(query):
        found.setdefault(activity_id, []).append(
            Person(id=number, name=str(name), email=str(email), phone=str(phone))
        )
    return found


def _attendees(connection: Connection, ids: Sequence[int]) -> dict[int, list[Attendee]]:
    guest = crm.ActivityAttendee
    query = (
        select(guest.activity_id, guest.email, guest.name, guest.reply, guest.optional)
        .where(guest.activity_id.in_(ids))
        .order_by(guest.activity_id, guest.email)
    )
    found: dict[int, list[Attendee]] = {}
    for row in connection.execute(query):
        found.setdefault(row.activity_id, []).append(
            Attendee(
                email=str(row.email),
                name=str(row.name),
                reply=Reply(row.reply) if row.reply in set(Reply) else Reply.NEEDS_ACTION,
                optional=bool(row.optional),
            )
        )
    return found


def _text(value: object, field: str) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"`{field}` is no text", field=field)
    return value


def _lenient_instant(text: str | None) -> datetime | None:
    """These only describe the row: an odd one hides no activity."""
    try:
        return None if text is None else read_instant(text, "")
    except InvalidInput:
        return None


def _priority(value: object) -> int:
    # Other programs have scales of their own; what iCalendar does not know counts as none.
    return value if isinstance(value, int) and 0 <= value <= _LOWEST_PRIORITY else 0


def _person(raw: Row[*tuple[Any, ...]]) -> Person | None:
    if raw.person_id is None:
        return None
    return Person(
        id=raw.person_id,
        name=_text(raw.person_name, "person_id"),
        email=_text(raw.person_email, "person_id"),
        phone=_text(raw.person_phone, "person_id"),
    )


def _organization(raw: Row[*tuple[Any, ...]]) -> Organization | None:
    if raw.organization_id is None:
        return None
    return Organization(
        id=raw.organization_id,
        name=_text(raw.organization_name, "organization_id"),
        address=_text(raw.organization_address, "organization_id"),
    )


def _deal(raw: Row[*tuple[Any, ...]]) -> Deal | None:
    if raw.deal_id is None:
        return None
    return Deal(id=raw.deal_id, title=_text(raw.deal_title, "deal_id"))


def _conference(raw: Row[*tuple[Any, ...]]) -> Conference:
    return Conference(
        client=_text(raw.conference_client, "conference_client"),
        url=_text(raw.conference_url, "conference_url"),
        id=_text(raw.conference_id, "conference_id"),
    )
