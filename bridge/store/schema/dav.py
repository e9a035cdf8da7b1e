"""What CalDAV adds to activities: calendars, calendar objects with their text, tombstones.

UID, href and text live here by activity id, so that other programs may replace rows of
`activities` (design decision 15). Revisions come from `homes.revision`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from bridge.store.schema.base import (
    BareCompanyKey,
    BareUserKey,
    Base,
    BigId,
    CompanyKey,
    Instant,
    OptionalInstant,
    PrimaryKey,
    UserKey,
)


class Calendar(Base):
    """A calendar collection of one user.

    `components` is a comma-separated list (`VEVENT`). `kind` is `standard` or `user`.
    `revision` is the highest revision in it, `floor` the highest that compaction dropped: tokens
    below it are expired. `properties` are what clients set by PROPPATCH, by Clark name;
    `properties_revision` is the revision of the last such change.
    """

    __tablename__ = "calendars"
    __table_args__ = (UniqueConstraint("owner_id", "slug"),)

    id: Mapped[PrimaryKey]
    company_id: Mapped[CompanyKey]
    owner_id: Mapped[UserKey]
    slug: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text, server_default="standard")
    components: Mapped[str] = mapped_column(Text)
    default_type: Mapped[str] = mapped_column(Text, server_default="")
    properties: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")
    properties_revision: Mapped[int] = mapped_column(BigInteger, server_default="0")
    revision: Mapped[int] = mapped_column(BigInteger, server_default="0")
    floor: Mapped[int] = mapped_column(BigInteger, server_default="0")
    created_at: Mapped[Instant]
    modified_at: Mapped[Instant]


class CalendarObject(Base):
    """One calendar object resource.

    `first_utc` and `last_utc` bound all its instances (RFC 4791 section 9.9), half-open; both
    NULL means undated, `last_utc` NULL with a `first_utc` means without end. `activity_id` is NULL
    for an object without a CRM meaning. `private` objects show colleagues a busy block only.
    `type_key` is the activity's type when the two last agreed, "" without an activity.
    `origin` names the last writer: `client`, `crm`, `google:<connection>`.

    `organizer` is told of events that a sync worker made here of Google's: the organizer's address
    in lower case, "" where none is named; NULL for everything else. A colleague's copy of a meeting
    whose activity is another user's already has no `activity_id`: `shared_activity_id` says which
    it is (`bridge.store.shared_meetings`).

    `reach` says how it is searched by time (`bridge.ical.spans.Reach`), `busy` whether a single
    object blocks time (`bridge.ical.busy.Busy`; NULL while nobody looked). Of a series every
    instance found in [`known_since`, `known_until`) is in `occurrences`; from `extend_at` on the
    worker looks again.
    """

    __tablename__ = "calendar_objects"
    __table_args__ = (
        UniqueConstraint("calendar_id", "href"),
        UniqueConstraint("calendar_id", "uid"),
        Index("ix_calendar_objects_revision", "calendar_id", "revision"),
        Index("ix_calendar_objects_span", "calendar_id", "reach", "first_utc", "last_utc"),
        *(
            Index(
                f"ix_calendar_objects_{name}",
                *columns,
                sqlite_where=text(f"{name} IS NOT NULL"),
                postgresql_where=text(f"{name} IS NOT NULL"),
            )
            for name, *columns in (
                ("known_since", "calendar_id", "known_since"),
                ("known_until", "calendar_id", "known_until"),
                ("extend_at", "extend_at"),
            )
        ),
        Index(
            "ix_calendar_objects_meeting",
            "company_id",
            "uid",
            sqlite_where=text("organizer IS NOT NULL"),
            postgresql_where=text("organizer IS NOT NULL"),
        ),
        *(
            Index(
                f"ix_calendar_objects_{name}",
                *columns,
                sqlite_where=text("shared_activity_id IS NOT NULL"),
                postgresql_where=text("shared_activity_id IS NOT NULL"),
            )
            for name, *columns in (
                ("shared_activity_id", "shared_activity_id"),
                ("shared", "calendar_id", "last_utc"),
            )
        ),
    )

    id: Mapped[PrimaryKey]
    company_id: Mapped[BareCompanyKey]
    owner_id: Mapped[BareUserKey]
    calendar_id: Mapped[int] = mapped_column(BigId, ForeignKey("calendars.id"))
    activity_id: Mapped[int | None] = mapped_column(BigId, unique=True)
    href: Mapped[str] = mapped_column(Text)
    uid: Mapped[str] = mapped_column(Text)
    component: Mapped[str] = mapped_column(Text)
    text: Mapped[str] = mapped_column(Text)
    revision: Mapped[int] = mapped_column(BigInteger)
    first_utc: Mapped[OptionalInstant]
    last_utc: Mapped[OptionalInstant]
    recurring: Mapped[bool] = mapped_column(server_default="0")
    reach: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    busy: Mapped[int | None] = mapped_column(SmallInteger)
    known_since: Mapped[OptionalInstant]
    known_until: Mapped[OptionalInstant]
    extend_at: Mapped[OptionalInstant]
    private: Mapped[bool] = mapped_column(server_default="0")
    type_key: Mapped[str] = mapped_column(Text, server_default="")
    origin: Mapped[str] = mapped_column(Text, server_default="crm")
    organizer: Mapped[str | None] = mapped_column(Text)
    shared_activity_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[Instant]
    modified_at: Mapped[Instant]


class Tombstone(Base):
    """A name that was deleted, told by sync-collection until compaction (RFC 6578)."""

    __tablename__ = "tombstones"
    __table_args__ = (Index("ix_tombstones_revision", "calendar_id", "revision"),)

    calendar_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("calendars.id"), primary_key=True, autoincrement=False
    )
    href: Mapped[str] = mapped_column(Text, primary_key=True)
    company_id: Mapped[BareCompanyKey]
    uid: Mapped[str] = mapped_column(Text, server_default="")
    revision: Mapped[int] = mapped_column(BigInteger)
    deleted_at: Mapped[Instant]


class Occurrence(Base):
    """One instance of a recurring object, so that time ranges are a search of an index.

    Single objects have none: their range is on the object. `recurrence_id` is the instance's
    original start as RECURRENCE-ID writes it: in UTC, floating, or a date. `start_utc` and
    `end_utc` are the half-open range it is found in (RFC 4791 section 9.9); `is_long` ranges are
    searched apart, so that the starts of all others are bounded on both sides. `busy` is one of
    `bridge.ical.busy.Busy`.
    """

    __tablename__ = "occurrences"
    __table_args__ = (
        Index("ix_occurrences_span", "calendar_id", "is_long", "start_utc", "end_utc", "object_id"),
    )

    object_id: Mapped[int] = mapped_column(
        BigId,
        ForeignKey("calendar_objects.id", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    )
    recurrence_id: Mapped[str] = mapped_column(Text, primary_key=True)
    calendar_id: Mapped[int] = mapped_column(BigId)
    company_id: Mapped[BareCompanyKey]
    start_utc: Mapped[Instant]
    end_utc: Mapped[Instant]
    is_long: Mapped[bool]
    busy: Mapped[int] = mapped_column(SmallInteger)


class ReportedRow(Base):
    """A row another program wrote that makes no sense; it is shown to the admin, never served."""

    __tablename__ = "reported_rows"

    table_name: Mapped[str] = mapped_column(Text, primary_key=True)
    row_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    company_id: Mapped[int | None] = mapped_column(BigId)
    reason: Mapped[str] = mapped_column(Text)
    reported_at: Mapped[Instant]
