"""Activities as the CRM knows them, and the types they are of.

The model is the union of what the modelled CRM's API tells of an activity: when, how long, of what
type, with whom, about which deal, done or not. `note` is internal: no converter reads it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bridge.domain.identifiers import ActivityId, CompanyId, UserId
from bridge.domain.spans import Span


class CollectionName(StrEnum):
    """The two standard collections of a calendar home; the value is the last path segment."""

    ACTIVITIES = "activities"
    TASKS = "tasks"

    @property
    def component(self) -> str:
        """The iCalendar component the collection holds."""
        return "VEVENT" if self is CollectionName.ACTIVITIES else "VTODO"


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivityType:
    """A kind of activity, such as Call.

    Attributes:
        key: Fixed for life, lower case (`call`).
        name: What people see; may be renamed.
        collection: Where the CRM makes activities of this type.
        color: `#rrggbb`, or "" for none.
        icon: Name of the icon.
        order: Position in lists, smallest first.
        active: Whether new activities may be of it.
    """

    key: str
    name: str
    collection: CollectionName
    color: str = ""
    icon: str = ""
    order: int = 0
    active: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """A contact of the CRM."""

    id: int
    name: str
    email: str = ""
    phone: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Organization:
    """A company that the CRM's users deal with."""

    id: int
    name: str
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """A sale in progress."""

    id: int
    title: str


class Reply(StrEnum):
    """A guest's answer; values are those of PARTSTAT in lower case (RFC 5545 section 3.2.12)."""

    NEEDS_ACTION = "needs-action"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    TENTATIVE = "tentative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attendee:
    """A guest of the event, by address; not a CRM link (that is `participants`)."""

    email: str
    name: str = ""
    reply: Reply = Reply.NEEDS_ACTION
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Conference:
    """Where to meet on line; every part may be ""."""

    client: str = ""
    url: str = ""
    id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One CRM activity.

    Attributes:
        id: None until it is stored.
        type_key: `ActivityType.key`.
        span: When; None for an undated activity, which lives in `tasks`. For a to-do, a timed
            span ends at DUE (its length is the duration), an all-day span covers the due date.
        done_at: When it was marked done, aware; None while open or when unknown.
        busy: True busy, False free, None unset (busy when timed, free when all-day).
        private: Only its owner sees title and details.
        do_not_sync: Its owner took this one item out of the sync with Google.
        public_description: Goes out to calendars. May be long; never cut.
        note: Internal; never leaves the CRM.
        priority: 0 none, 1 highest to 9 lowest (RFC 5545 section 3.8.1.9).
        recurrence: RRULE, RDATE and EXDATE content lines of the series, or empty.
        participants: Persons linked in the CRM besides `person`.
        deleted_at: Soft deletion, or None.
    """

    id: ActivityId | None = None
    company_id: CompanyId
    owner_id: UserId
    type_key: str
    subject: str
    span: Span | None = None
    done: bool = False
    done_at: datetime | None = None
    busy: bool | None = None
    private: bool = False
    do_not_sync: bool = False
    location: str = ""
    public_description: str = ""
    note: str = ""
    priority: int = 0
    person: Person | None = None
    organization: Organization | None = None
    deal: Deal | None = None
    participants: tuple[Person, ...] = ()
    attendees: tuple[Attendee, ...] = ()
    conference: Conference = Conference()
    recurrence: tuple[str, ...] = ()
    created_at: datetime | None = None
    updated_at: datetime | None = None
    deleted_at: datetime | None = None


STOCK_TYPES: tuple[ActivityType, ...] = (
    ActivityType(
        key="call",
        name="Call",
        collection=CollectionName.ACTIVITIES,
        color="#2f7de1",
        icon="call",
        order=1,
    ),
    ActivityType(
        key="meeting",
        name="Meeting",
        collection=CollectionName.ACTIVITIES,
        color="#2e9e5b",
        icon="meeting",
        order=2,
    ),
    ActivityType(
        key="lunch",
        name="Lunch",
        collection=CollectionName.ACTIVITIES,
        color="#e08a1e",
        icon="lunch",
        order=3,
    ),
    ActivityType(
        key="task",
        name="Task",
        collection=CollectionName.TASKS,
        color="#6b7280",
        icon="task",
        order=4,
    ),
    ActivityType(
        key="deadline",
        name="Deadline",
        collection=CollectionName.TASKS,
        color="#cf3f3f",
        icon="deadline",
        order=5,
    ),
    ActivityType(
        key="email",
        name="Email",
        collection=CollectionName.TASKS,
        color="#8b5cf6",
        icon="email",
        order=6,
    ),
)
DEFAULT_TYPES: dict[CollectionName, str] = {
    CollectionName.ACTIVITIES: "meeting",
    CollectionName.TASKS: "task",
}
