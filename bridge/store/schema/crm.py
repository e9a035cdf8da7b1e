"""What the CRM owns. Other programs may write these tables (design decision 15).

`crmdav_revision` is ours: others never write it. It tells our own writes from theirs, so that
the triggers note only theirs in `foreign_changes`. No foreign key leads from these tables to
ours, and nothing cascades.
"""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Annotated

from sqlalchemy import BigInteger, Date, Index, Text, Time, UniqueConstraint, func, text
from sqlalchemy.orm import Mapped, mapped_column

from bridge.store.schema.base import (
    BareCompanyKey,
    Base,
    BigId,
    CompanyKey,
    OptionalInstant,
    PrimaryKey,
    UtcDateTime,
)

Revision = Annotated[int, mapped_column(BigInteger, server_default="0")]
CreatedAt = Annotated[
    datetime | None,
    mapped_column(UtcDateTime, server_default=func.current_timestamp(), nullable=True),
]


class ActivityType(Base):
    """A kind of activity; `key` never changes, `collection` is `activities` or `tasks`."""

    __tablename__ = "activity_types"
    __table_args__ = (UniqueConstraint("company_id", "key"),)

    id: Mapped[PrimaryKey]
    company_id: Mapped[CompanyKey]
    key: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    collection: Mapped[str] = mapped_column(Text)
    color: Mapped[str] = mapped_column(Text, server_default="")
    icon: Mapped[str] = mapped_column(Text, server_default="")
    order_nr: Mapped[int] = mapped_column(server_default="0")
    active: Mapped[bool] = mapped_column(server_default="1")
    crmdav_revision: Mapped[Revision]


class Organization(Base):
    """A company that the CRM's users deal with."""

    __tablename__ = "organizations"

    id: Mapped[PrimaryKey]
    company_id: Mapped[CompanyKey]
    owner_id: Mapped[int | None] = mapped_column(BigId)
    name: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[OptionalInstant]
    deleted_at: Mapped[OptionalInstant]
    crmdav_revision: Mapped[Revision]


class Person(Base):
    """A contact."""

    __tablename__ = "persons"
    # Guests of activities are looked up by their addresses, whatever their letters' case.
    __table_args__ = (Index("ix_persons_address", "company_id", text("lower(email)")),)

    id: Mapped[PrimaryKey]
    company_id: Mapped[CompanyKey]
    owner_id: Mapped[int | None] = mapped_column(BigId)
    organization_id: Mapped[int | None] = mapped_column(BigId)
    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text, server_default="")
    phone: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[OptionalInstant]
    deleted_at: Mapped[OptionalInstant]
    crmdav_revision: Mapped[Revision]


class Deal(Base):
    """A sale in progress."""

    __tablename__ = "deals"

    id: Mapped[PrimaryKey]
    company_id: Mapped[CompanyKey]
    owner_id: Mapped[int | None] = mapped_column(BigId)
    person_id: Mapped[int | None] = mapped_column(BigId)
    organization_id: Mapped[int | None] = mapped_column(BigId)
    title: Mapped[str] = mapped_column(Text)
    status: Mapped[str] = mapped_column(Text, server_default="open")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[OptionalInstant]
    deleted_at: Mapped[OptionalInstant]
    crmdav_revision: Mapped[Revision]


class Activity(Base):
    """An activity, with the columns an integration of the modelled CRM expects.

    `due_date` and `due_time` are in UTC when there is a time; a date without a time is whole days.
    `duration_seconds` counts from `due_date` and `due_time` on for events; a to-do ends there.
    `timezone` is the zone a person sees. `recurrence` holds content lines, one per line.
    """

    __tablename__ = "activities"
    __table_args__ = (
        Index("ix_activities_owner_due", "owner_id", "due_date"),
        *(
            Index(
                f"ix_activities_{name}",
                name,
                sqlite_where=text(f"{name} IS NOT NULL"),
                postgresql_where=text(f"{name} IS NOT NULL"),
            )
            for name in ("person_id", "organization_id", "deal_id")
        ),
    )

    id: Mapped[PrimaryKey]
    company_id: Mapped[CompanyKey]
    owner_id: Mapped[int] = mapped_column(BigId)
    type_key: Mapped[str] = mapped_column(Text)
    subject: Mapped[str] = mapped_column(Text, server_default="")
    due_date: Mapped[date | None] = mapped_column(Date)
    due_time: Mapped[time | None] = mapped_column(Time)
    duration_seconds: Mapped[int | None] = mapped_column(BigInteger)
    timezone: Mapped[str | None] = mapped_column(Text)
    recurrence: Mapped[str] = mapped_column(Text, server_default="")
    done: Mapped[bool] = mapped_column(server_default="0")
    done_at: Mapped[OptionalInstant]
    busy: Mapped[bool | None]
    private: Mapped[bool] = mapped_column(server_default="0")
    do_not_sync: Mapped[bool] = mapped_column(server_default="0")
    location: Mapped[str] = mapped_column(Text, server_default="")
    public_description: Mapped[str] = mapped_column(Text, server_default="")
    note: Mapped[str] = mapped_column(Text, server_default="")
    priority: Mapped[int] = mapped_column(server_default="0")
    person_id: Mapped[int | None] = mapped_column(BigId)
    organization_id: Mapped[int | None] = mapped_column(BigId)
    deal_id: Mapped[int | None] = mapped_column(BigId)
    lead_id: Mapped[str | None] = mapped_column(Text)
    project_id: Mapped[int | None] = mapped_column(BigId)
    conference_client: Mapped[str] = mapped_column(Text, server_default="")
    conference_url: Mapped[str] = mapped_column(Text, server_default="")
    conference_id: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[CreatedAt]
    updated_at: Mapped[OptionalInstant]
    deleted_at: Mapped[OptionalInstant]
    crmdav_revision: Mapped[Revision]


class ActivityParticipant(Base):
    """A person linked to an activity besides its main one."""

    __tablename__ = "activity_participants"

    activity_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False, index=True)
    company_id: Mapped[CompanyKey]


class ActivityAttendee(Base):
    """A guest of an activity, by address."""

    __tablename__ = "activity_attendees"

    activity_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    email: Mapped[str] = mapped_column(Text, primary_key=True)
    company_id: Mapped[BareCompanyKey]
    name: Mapped[str] = mapped_column(Text, server_default="")
    reply: Mapped[str] = mapped_column(Text, server_default="needs-action")
    optional: Mapped[bool] = mapped_column(server_default="0")


class ForeignChange(Base):
    """A change of a CRM table by another program, noted by a trigger, consumed by deleting it.

    `table_name` is the changed table, `row_id` its row (NULL asks for a full comparison),
    `old_owner_id` and `new_owner_id` are owners before and after, NULL for shared records. No
    foreign keys: the note must never fail the other program's write.
    """

    __tablename__ = "foreign_changes"

    id: Mapped[PrimaryKey]
    company_id: Mapped[int | None] = mapped_column(BigId)
    table_name: Mapped[str] = mapped_column(Text)
    row_id: Mapped[int | None] = mapped_column(BigId)
    old_owner_id: Mapped[int | None] = mapped_column(BigId, index=True)
    new_owner_id: Mapped[int | None] = mapped_column(BigId, index=True)
    operation: Mapped[str] = mapped_column(Text)
    created_at: Mapped[CreatedAt]
