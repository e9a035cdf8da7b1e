"""What the store tells of calendars: frozen values, detached from the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bridge.domain.identifiers import (
    ActivityId,
    CalendarId,
    CompanyId,
    ETag,
    Href,
    Login,
    SyncToken,
    Uid,
    UserId,
)
from bridge.domain.users import GrantLevel, User
from bridge.ical.calendar_object import CalendarObject

STANDARD = "standard"
"""`kind` of the two calendars every user has; they can be neither deleted nor replaced."""


USER = "user"
"""`kind` of a calendar that its owner made and may remove."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCalendar:
    """A calendar that a user wants to make.

    Attributes:
        slug: Last path segment.
        components: Components it takes, at least one.
        default_type: Activity type of objects that name none; "" for the component's stock one.
        properties: What a client sets of it, by Clark name.
    """

    slug: str
    components: frozenset[str]
    default_type: str = ""
    properties: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCalendar:
    """A calendar collection as it was when it was read.

    Attributes:
        slug: Last path segment.
        kind: `standard` or `user`.
        components: Components it takes (RFC 4791 section 5.2.3).
        default_type: Activity type of objects that name none.
        properties: What clients set by PROPPATCH, by Clark name.
        revision: The highest revision in it.
        floor: The highest revision that compaction dropped.
        epoch: Of the installation; a restored backup begins a new one.
        modified_at: Aware.
        zone: IANA name of the owner's zone; floating times and days are read in it.
    """

    id: CalendarId
    company_id: CompanyId
    owner_id: UserId
    owner_login: Login
    slug: str
    kind: str
    components: frozenset[str]
    default_type: str
    properties: Mapping[str, str]
    revision: int
    floor: int
    epoch: str
    modified_at: datetime
    zone: str = "UTC"

    @property
    def ctag(self) -> ETag:
        """Changes with everything in the collection (`CS:getctag`), without quotes."""
        return ETag(f"{self.epoch}-{self.revision}")

    @property
    def sync_token(self) -> SyncToken:
        """The present token of sync-collection (RFC 6578), less its URL prefix."""
        return SyncToken(f"{self.epoch}/{self.revision}")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """A calendar object resource as it was when it was read.

    Attributes:
        text: Exactly what was put, or what the CRM's changes made of it.
        first_utc: Start of the range its instances lie in (half-open); None for an undated one.
        last_utc: End of that range; None when it is open or undated.
        recurring: A series, or a lone override of one.
        private: Colleagues see a busy block only.
        activity_id: None for an object without a meaning in the CRM.
        modified_at: Aware.
        type_key: The activity's type when the two last agreed; "" without an activity.
        variant: What tells the ETag of a view of the object, such as a colleague's, from its own.
        known_since: Every instance of a series in [`known_since`, `known_until`) is on record;
            None for a single object.
        known_until: See there.
        created_at: Aware; None where it is not to be told.
        organizer: Of an event that came from Google, "" where none is named; None of others.
        shared_id: The colleague's activity that this is a copy of; it has none of its own then.
    """

    id: int
    calendar_id: CalendarId
    href: Href
    uid: Uid
    component: str
    text: str
    revision: int
    epoch: str
    first_utc: datetime | None
    last_utc: datetime | None
    recurring: bool
    private: bool
    activity_id: ActivityId | None
    modified_at: datetime
    type_key: str = ""
    variant: str = ""
    known_since: datetime | None = None
    known_until: datetime | None = None
    created_at: datetime | None = None
    organizer: str | None = None
    shared_id: ActivityId | None = None

    def knows(self, start: datetime, end: datetime) -> bool:
        """Return whether all its instances in [start, end) are on record."""
        if self.known_since is None or self.known_until is None:
            return False
        return self.known_since <= start and self.known_until >= end

    @property
    def etag(self) -> ETag:
        """The strong entity tag, without quotes; never repeats for other bytes."""
        return ETag(f"{self.epoch}-{self.id}-{self.revision}{self.variant}")

    @property
    def size(self) -> int:
        """Octets of the text in UTF-8."""
        return len(self.text.encode())

    @property
    def object(self) -> CalendarObject:
        """The calendar object; nothing is parsed."""
        return CalendarObject(uid=self.uid, component=self.component, text=self.text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Principal:
    """A user with the calendars of the home, in the order they were made."""

    user: User
    epoch: str
    calendars: tuple[StoredCalendar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedCalendar:
    """A colleague's calendar as a grant lets the grantee see it.

    Attributes:
        calendar: The owner's.
        owner_name: For people.
        grant_version: Changes with every change of the grant (design decision 13).
    """

    calendar: StoredCalendar
    owner_name: str
    level: GrantLevel
    grant_version: int
