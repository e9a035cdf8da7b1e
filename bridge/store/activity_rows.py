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

from sqlalchemy import ColumnElement, Connection, Row, Select, bindparam, null, select

from bridge.domain.activity import Activity, Conference
from bridge.domain.identifiers import ActivityId, CompanyId, UserId
from bridge.errors import InvalidInput
from bridge.store.activity_links import (
    LINK_COLUMNS,
    attendee_of,
    attendee_rows,
    deal_of,
    organization_of,
    participant_of,
    participant_rows,
    person_of,
    with_link_tables,
)
from bridge.store.activity_spans import read_instant, read_span
from bridge.store.prepared import Prepared
from bridge.store.raw_text import raw_text, text_of
from bridge.store.schema import access, crm, dav

_LOWEST_PRIORITY = 9
_HIGHEST_REVISION = 2**53
_UNKNOWN_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)

_Row = Row[*tuple[Any, ...]]
_row = crm.Activity
_OWN_COLUMNS = (
    _row.id,
    _row.company_id,
    _row.owner_id,
    raw_text(_row.type_key).label("type_key"),
    raw_text(_row.subject).label("subject"),
    raw_text(_row.due_date).label("due_date"),
    raw_text(_row.due_time).label("due_time"),
    _row.duration_seconds,
    raw_text(_row.timezone).label("timezone"),
    raw_text(_row.recurrence).label("recurrence"),
    _row.done,
    raw_text(_row.done_at).label("done_at"),
    _row.busy,
    _row.private,
    _row.do_not_sync,
    raw_text(_row.location).label("location"),
    raw_text(_row.public_description).label("public_description"),
    raw_text(_row.note).label("note"),
    _row.priority,
    raw_text(_row.conference_client).label("conference_client"),
    raw_text(_row.conference_url).label("conference_url"),
    raw_text(_row.conference_id).label("conference_id"),
    raw_text(_row.created_at).label("created_at"),
    raw_text(_row.updated_at).label("updated_at"),
    raw_text(_row.deleted_at).label("deleted_at"),
    _row.crmdav_revision,
    access.User.timezone.label("owner_timezone"),
    access.User.company_id.label("owner_company_id"),
)
_COLUMNS = (
    *_OWN_COLUMNS, dav.CalendarObject.component.label("object_component"), *LINK_COLUMNS
)  # fmt: skip
# A client's write changes no link and knows the object, so it does without both.
_UNASKED = ("object_component", "person_id", "organization_id", "deal_id")


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
    raw: _Row
    raw_participants: tuple[_Row, ...]
    raw_attendees: tuple[_Row, ...]

    @property
    def type_key(self) -> str:
        """Key of the activity type, as it stands there.

        Raises:
            InvalidInput: It is no text.
        """
        return text_of(self.raw.type_key, "type_key")

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
        return Activity(
            id=self.id,
            company_id=self.company_id,
            owner_id=self.owner_id,
            type_key=self.type_key,
            subject=text_of(raw.subject, "subject"),
            span=read_span(raw, component),
            done=bool(raw.done),
            done_at=_instant(raw.done_at, "done_at"),
            busy=None if raw.busy is None else bool(raw.busy),
            private=bool(raw.private),
            do_not_sync=bool(raw.do_not_sync),
            location=text_of(raw.location, "location"),
            public_description=text_of(raw.public_description, "public_description"),
            note=text_of(raw.note, "note"),
            priority=_priority(raw.priority),
            person=person_of(raw),
            organization=organization_of(raw),
            deal=deal_of(raw),
            participants=tuple(participant_of(row) for row in self.raw_participants),
            attendees=tuple(attendee_of(row) for row in self.raw_attendees),
            conference=_conference(raw),
            recurrence=tuple(text_of(raw.recurrence, "recurrence").splitlines()),
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


def load_unlinked_row(
    connection: Connection, activity_id: ActivityId, *, guests: bool
) -> ActivityRow | None:
    """Return one row as if nothing were linked to it; None when there is none.

    Args:
        connection: Of an open transaction.
        activity_id: Which.
        guests: Whether the guests are wanted all the same, for one statement more.
    """
    row = _BY_ID.row(connection, {"activity": activity_id})
    if row is None:
        return None
    attendees = attendee_rows(connection, [activity_id]) if guests else {}
    return _activity_row(row, (), attendees.get(activity_id, ()))


def page_query(*conditions: ColumnElement[bool], limit: int) -> Select[*tuple[Any, ...]]:
    """Return the query for the first rows, by id, that meet the conditions."""
    return _query(*conditions).limit(limit)


def with_links(connection: Connection, rows: Sequence[_Row]) -> list[ActivityRow]:
    """Add participants and attendees to selected rows, in two statements."""
    ids = [row.id for row in rows]
    participants = participant_rows(connection, ids)
    attendees = attendee_rows(connection, ids)
    return [
        _activity_row(row, participants.get(row.id, ()), attendees.get(row.id, ())) for row in rows
    ]


def _activity_row(
    row: _Row, participants: Sequence[_Row], attendees: Sequence[_Row]
) -> ActivityRow:
    return ActivityRow(
        id=ActivityId(row.id),
        company_id=CompanyId(row.company_id),
        owner_id=UserId(row.owner_id),
        deleted=row.deleted_at is not None,
        object_component=row.object_component,
        raw=row,
        raw_participants=tuple(participants),
        raw_attendees=tuple(attendees),
    )


def _query(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    query = (
        select(*_COLUMNS)
        .select_from(crm.Activity)
        .outerjoin(access.User, access.User.id == _row.owner_id)
        .outerjoin(dav.CalendarObject, dav.CalendarObject.activity_id == _row.id)
    )
    return with_link_tables(query).where(*conditions).order_by(_row.id)


def _instant(value: object, field: str) -> datetime | None:
    return None if value is None else read_instant(text_of(value, field), field)


def _lenient_instant(value: object) -> datetime | None:
    """These only describe the row: an odd one hides no activity."""
    try:
        return _instant(value, "")
    except InvalidInput:
        return None


def _priority(value: object) -> int:
    # Other programs have scales of their own; what iCalendar does not know counts as none.
    return value if isinstance(value, int) and 0 <= value <= _LOWEST_PRIORITY else 0


def _conference(raw: _Row) -> Conference:
    return Conference(
        client=text_of(raw.conference_client, "conference_client"),
        url=text_of(raw.conference_url, "conference_url"),
        id=text_of(raw.conference_id, "conference_id"),
    )


# Built once, as every change by a client asks it.
_BY_ID = Prepared(
    select(*_OWN_COLUMNS, *(null().label(name) for name in _UNASKED))
    .select_from(crm.Activity)
    .outerjoin(access.User, access.User.id == _row.owner_id)
    .where(_row.id == bindparam("activity"))
)
