"""What the sync remembers: connections, leases, tokens, links, parked items, journal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bridge.store.schema.base import (
    Base,
    BigId,
    CompanyKey,
    Instant,
    OptionalInstant,
    PrimaryKey,
    UserKey,
    UtcDateTime,
)


class Connection(Base):
    """A user's link to one Google calendar; tokens are ciphertext bound to this row.

    `compared_at` is when both sides were last compared in full, `differences` what that found.
    """

    __tablename__ = "connections"

    id: Mapped[PrimaryKey]
    company_id: Mapped[CompanyKey]
    user_id: Mapped[UserKey]
    state: Mapped[str] = mapped_column(Text)
    attention: Mapped[str] = mapped_column(Text, server_default="")
    account_email: Mapped[str] = mapped_column(Text)
    google_subject: Mapped[str] = mapped_column(Text, server_default="")
    granted_scopes: Mapped[str] = mapped_column(Text, server_default="")
    refresh_token: Mapped[str | None] = mapped_column(Text)
    refresh_token_expires_at: Mapped[OptionalInstant]
    warned_of_end_at: Mapped[OptionalInstant]
    google_calendar_id: Mapped[str | None] = mapped_column(Text)
    google_calendar_name: Mapped[str] = mapped_column(Text, server_default="")
    google_calendar_zone: Mapped[str] = mapped_column(Text, server_default="UTC")
    settings: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    confirmed_uids: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    compared_at: Mapped[OptionalInstant]
    differences: Mapped[int] = mapped_column(server_default="0")
    home_revision_seen: Mapped[int] = mapped_column(BigInteger, server_default="-1")
    next_run_at: Mapped[OptionalInstant]
    last_success_at: Mapped[OptionalInstant]
    failures: Mapped[int] = mapped_column(server_default="0")
    created_at: Mapped[Instant]
    stopped_at: Mapped[OptionalInstant]
    farewell: Mapped[str | None] = mapped_column(Text)


class OAuthAttempt(Base):
    """One trip to Google's consent page; `state` is only here as a hash, and is used once."""

    __tablename__ = "oauth_attempts"

    state_digest: Mapped[str] = mapped_column(Text, primary_key=True)
    company_id: Mapped[CompanyKey]
    user_id: Mapped[UserKey]
    session_digest: Mapped[str] = mapped_column(Text)
    code_verifier: Mapped[str] = mapped_column(Text)
    login_hint: Mapped[str] = mapped_column(Text, server_default="")
    connection_id: Mapped[int | None] = mapped_column(BigId)
    created_at: Mapped[Instant]


class Lease(Base):
    """Who may sync a connection now; `fencing` only grows (design decision 5)."""

    __tablename__ = "leases"

    connection_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("connections.id"), primary_key=True, autoincrement=False
    )
    company_id: Mapped[CompanyKey]
    owner: Mapped[str] = mapped_column(Text, server_default="")
    fencing: Mapped[int] = mapped_column(BigInteger, server_default="0")
    expires_at: Mapped[OptionalInstant]


class GooglePush(Base):
    """What Google's push means for a connection; every connection has a row from its beginning.

    `told` counts messages that somebody has to look after: a run notes the count in `taken` when it
    begins and in `seen` when it has ended, so a run is due while `told` is above `seen`. In a flood
    of messages, until `flood_until`, runs are rare. `active_at` is when something happened last;
    `missed` counts runs in a row that found changes at Google no message had told of.

    `look_at` is when the channels are to be looked after next, null for never; whoever does so
    moves it ahead first. `refusal` is Google's reason for opening none.
    """

    __tablename__ = "google_push"

    connection_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("connections.id"), primary_key=True, autoincrement=False
    )
    company_id: Mapped[CompanyKey]
    told: Mapped[int] = mapped_column(BigInteger, server_default="0")
    taken: Mapped[int] = mapped_column(BigInteger, server_default="0")
    seen: Mapped[int] = mapped_column(BigInteger, server_default="0")
    taken_at: Mapped[OptionalInstant]
    flood_until: Mapped[OptionalInstant]
    active_at: Mapped[OptionalInstant]
    missed: Mapped[int] = mapped_column(server_default="0")
    look_at: Mapped[datetime | None] = mapped_column(UtcDateTime, index=True)
    failures: Mapped[int] = mapped_column(server_default="0")
    refusal: Mapped[str] = mapped_column(Text, server_default="")


class GoogleChannel(Base):
    """A push channel that Google opened for us; its token is made from the id and kept nowhere.

    `heard_at` is when its first message came: only then is it known that Google can reach us.
    """

    __tablename__ = "google_channels"

    id: Mapped[PrimaryKey]
    company_id: Mapped[CompanyKey]
    connection_id: Mapped[int] = mapped_column(BigId, ForeignKey("connections.id"), index=True)
    channel_id: Mapped[str] = mapped_column(Text, unique=True)
    google_calendar_id: Mapped[str] = mapped_column(Text)
    address: Mapped[str] = mapped_column(Text)
    resource_id: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    created_at: Mapped[Instant]
    expires_at: Mapped[Instant]
    heard_at: Mapped[OptionalInstant]
    closed_at: Mapped[OptionalInstant]


class CollectionToken(Base):
    """The sync token of one collection of a connection, of either side."""

    __tablename__ = "collection_tokens"

    connection_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("connections.id"), primary_key=True, autoincrement=False
    )
    collection: Mapped[str] = mapped_column(Text, primary_key=True)
    company_id: Mapped[CompanyKey]
    token: Mapped[str] = mapped_column(Text)


class Link(Base):
    """One item of a connection on both sides (design decisions 18, 19, 21, 22).

    The Google side's events are rows of their own in `link_events`.
    """

    __tablename__ = "links"
    __table_args__ = (UniqueConstraint("connection_id", "uid"),)

    id: Mapped[PrimaryKey]
    company_id: Mapped[CompanyKey]
    connection_id: Mapped[int] = mapped_column(BigId, ForeignKey("connections.id"))
    uid: Mapped[str] = mapped_column(Text)
    origin: Mapped[str] = mapped_column(Text)
    agreed: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    generation: Mapped[int] = mapped_column(server_default="0")
    withheld: Mapped[str] = mapped_column(Text, server_default="")
    put_backs: Mapped[int] = mapped_column(server_default="0")
    judged: Mapped[str] = mapped_column(Text, server_default="")
    private_changes: Mapped[int] = mapped_column(server_default="0")
    calendar_presence: Mapped[str] = mapped_column(Text, server_default="absent")
    calendar_collection: Mapped[str] = mapped_column(Text, server_default="")
    calendar_href: Mapped[str] = mapped_column(Text, server_default="")
    calendar_seen: Mapped[str | None] = mapped_column(Text)
    calendar_synced: Mapped[str | None] = mapped_column(Text)
    calendar_object: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    calendar_base: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    calendar_replaced: Mapped[list[list[str]] | None] = mapped_column(JSON(none_as_null=True))
    calendar_unanswered: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    google_presence: Mapped[str] = mapped_column(Text, server_default="absent")
    google_collection: Mapped[str] = mapped_column(Text, server_default="")
    google_object: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    google_base: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    google_replaced: Mapped[list[list[str]] | None] = mapped_column(JSON(none_as_null=True))
    google_unanswered: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    era: Mapped[int | None]
    twins: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))


class LinkEvent(Base):
    """One Google event of a link: the single event, a series' master, or an exception."""

    __tablename__ = "link_events"
    __table_args__ = (UniqueConstraint("connection_id", "google_event_id"),)

    id: Mapped[PrimaryKey]
    company_id: Mapped[CompanyKey]
    connection_id: Mapped[int] = mapped_column(BigId, ForeignKey("connections.id"))
    link_id: Mapped[int] = mapped_column(BigId, ForeignKey("links.id"), index=True)
    position: Mapped[int] = mapped_column(server_default="0")
    google_event_id: Mapped[str] = mapped_column(Text)
    recurrence_id: Mapped[str] = mapped_column(Text, server_default="")
    etag_seen: Mapped[str | None] = mapped_column(Text)
    etag_synced: Mapped[str | None] = mapped_column(Text)


class ParkedItem(Base):
    """Work of a link that failed and waits (design decision 19)."""

    __tablename__ = "parked_items"

    link_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("links.id"), primary_key=True, autoincrement=False
    )
    company_id: Mapped[CompanyKey]
    connection_id: Mapped[int] = mapped_column(BigId, ForeignKey("connections.id"), index=True)
    side: Mapped[str] = mapped_column(Text)
    version: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    message: Mapped[str] = mapped_column(Text)
    retry_at: Mapped[OptionalInstant]
    attempts: Mapped[int] = mapped_column(server_default="1")


class KeptApart(Base):
    """Two equal items that a person wants to be two (design decision 27), remembered for good."""

    __tablename__ = "kept_apart"

    connection_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("connections.id"), primary_key=True, autoincrement=False
    )
    uid: Mapped[str] = mapped_column(Text, primary_key=True)
    google_event_id: Mapped[str] = mapped_column(Text, primary_key=True)
    company_id: Mapped[CompanyKey]


class HeldChange(Base):
    """What waits for a person's word because of an event's guests (design decision 28).

    Runs write `kind`, `since` and `wish`; pages write the rest. `answered` is the question that was
    answered: an answer to another one than the present counts for nothing.
    """

    __tablename__ = "held_changes"

    link_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("links.id"), primary_key=True, autoincrement=False
    )
    company_id: Mapped[CompanyKey]
    connection_id: Mapped[int] = mapped_column(BigId, ForeignKey("connections.id"), index=True)
    kind: Mapped[str] = mapped_column(Text)
    since: Mapped[Instant]
    wish: Mapped[str] = mapped_column(Text, server_default="")
    answer: Mapped[str | None] = mapped_column(Text)
    answered: Mapped[str | None] = mapped_column(Text)
    answered_at: Mapped[OptionalInstant]


class GuestMail(Base):
    """A write of which Google was asked to mail the guests; no other write is in here, ever.

    A row stays when the journal's entry is gone. `state` is the entry's: a write that was refused
    mailed nobody.
    """

    __tablename__ = "guest_mails"

    entry_id: Mapped[str] = mapped_column(Text, primary_key=True)
    company_id: Mapped[CompanyKey]
    connection_id: Mapped[int] = mapped_column(BigId, ForeignKey("connections.id"), index=True)
    uid: Mapped[str] = mapped_column(Text)
    at: Mapped[Instant]
    state: Mapped[str] = mapped_column(Text)


class Run(Base):
    """One run of a connection, for the history.

    `undone` names the run or entry it takes back.

    `entries` counts its writes, which the journal forgets earlier than this.
    """

    __tablename__ = "runs"
    __table_args__ = (Index("ix_runs_connection_started", "connection_id", "started_at"),)

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    company_id: Mapped[CompanyKey]
    connection_id: Mapped[int] = mapped_column(BigId, ForeignKey("connections.id"))
    started_at: Mapped[Instant]
    finished_at: Mapped[OptionalInstant]
    outcome: Mapped[str] = mapped_column(Text, server_default="running")
    error: Mapped[str] = mapped_column(Text, server_default="")
    counts: Mapped[dict[str, Any]] = mapped_column(JSON, server_default="{}")
    undone: Mapped[str] = mapped_column(Text, server_default="")
    entries: Mapped[int] = mapped_column(server_default="0")


class JournalEntry(Base):
    """One write on one side, with before and after (design decision 31).

    `counterpart` is what the other side held last when this write took the item from the link,
    `losers` are the fields whose value a merge did not keep here, and `losses` is what the brakes
    count of it. `event_id` and `href` are the item's names, by which it is found once it is gone.
    `left_out` is what guests were not to see.
    """

    __tablename__ = "journal"
    __table_args__ = (
        Index("ix_journal_connection_at", "connection_id", "at"),
        Index("ix_journal_uid", "connection_id", "uid"),
        Index("ix_journal_event_id", "connection_id", "event_id"),
        Index("ix_journal_href", "connection_id", "href"),
    )

    id: Mapped[str] = mapped_column(Text, primary_key=True)
    company_id: Mapped[CompanyKey]
    connection_id: Mapped[int] = mapped_column(BigId, ForeignKey("connections.id"))
    run_id: Mapped[str] = mapped_column(Text, index=True)
    uid: Mapped[str] = mapped_column(Text)
    side: Mapped[str] = mapped_column(Text)
    action: Mapped[str] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text)
    at: Mapped[Instant]
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, server_default="")
    detail: Mapped[str] = mapped_column(Text, server_default="")
    collection: Mapped[str] = mapped_column(Text, server_default="")
    counterpart: Mapped[str | None] = mapped_column(Text)
    losers: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    losses: Mapped[int] = mapped_column(server_default="0")
    event_id: Mapped[str] = mapped_column(Text, server_default="")
    href: Mapped[str] = mapped_column(Text, server_default="")
    left_out: Mapped[str] = mapped_column(Text, server_default="")
