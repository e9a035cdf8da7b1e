"""What others see: one sample activity as its owner, a colleague and a guest would see it (G6).

The views are made by the very code that makes the real ones: the lens of the options in question,
the scope, and the reduction for colleagues. Nobody is asked and nothing is stored.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from bridge.convert.activity import activity_to_object
from bridge.convert.colleague_view import busy_view, readable_view
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import (
    Activity,
    ActivityType,
    Attendee,
    CollectionName,
    Deal,
    Organization,
    Person,
)
from bridge.domain.connection import Connection
from bridge.domain.identifiers import ETag, Uid
from bridge.domain.message import Message
from bridge.domain.spans import TimedSpan
from bridge.domain.sync_settings import SyncSettings
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.left_out import left_out_at_google
from bridge.sync.model import Link, Part, Presence, Side, SideState
from bridge.sync.policy import Policy
from bridge.sync.scope import Treatment, judge
from bridge.sync.sight import look

_GUEST = Attendee(email="guest@example.org", name="Eva Guest")
_SUBJECT, _LOCATION = Message("Talk about the offer"), Message("Office, second floor")
_DESCRIPTION, _DEAL = Message("Bring the draft."), Message("Sample deal")
SAMPLE_TEXTS = (_SUBJECT, _LOCATION, _DESCRIPTION, _DEAL)
"""What the sample says; pages tell it in other languages, wherever it stands in a line."""

_DAY_AHEAD = timedelta(days=1)
_HOUR = timedelta(hours=1)


class Viewer(StrEnum):
    """Who looks."""

    OWNER = "owner"
    AT_GOOGLE = "at-google"  # whoever sees the Google calendar, its owner first
    GUEST = "guest"  # somebody from outside whom the Google event invites
    READER = "reader"  # a colleague who may read
    BUSY_READER = "busy-reader"  # a colleague who sees when one is busy


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one of them sees; None is nothing at all.

    Attributes:
        description: With the contact block, where there is one.
        left_out: What the description lacks for the guests' sake, machine-readable, "" for nothing.
    """

    title: str
    location: str
    description: str
    left_out: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """One activity and how everybody sees it."""

    private: bool
    type_name: str
    seen: tuple[tuple[Viewer, Seen | None], ...]


def sample_views(
    connection: Connection,
    settings: SyncSettings,
    types: Sequence[ActivityType],
    *,
    now: datetime,
) -> tuple[Sample, ...]:
    """Return an ordinary and a private sample under these options.

    Args:
        connection: Whose calendar.
        settings: The options in question.
        types: Of the company; the sample is of the first one that goes to Google.
        now: Aware.
    """
    kind = _sample_type(settings, types)
    if kind is None:
        return ()
    lens = GoogleLens(settings=settings, types=types, calendar_zone=connection.google_calendar_zone)
    samples = [_activity(connection, kind, now, private=private) for private in (False, True)]
    return tuple(
        Sample(
            private=each.private,
            type_name=kind.name,
            seen=_seen_by_all(each, kind, lens, Policy.of(settings), now),
        )
        for each in samples
    )


def _sample_type(settings: SyncSettings, types: Sequence[ActivityType]) -> ActivityType | None:
    """Return the type people see most of: one of events, that goes out, in full if there is one."""
    events = [kind for kind in types if kind.collection is CollectionName.ACTIVITIES]
    events.sort(
        key=lambda kind: (
            kind.key not in settings.outgoing_types,
            kind.key in settings.busy_only_types,
            kind.order,
        )
    )
    return next(iter(events), None)


def _activity(
    connection: Connection, kind: ActivityType, now: datetime, *, private: bool
) -> Activity:
    start = now.astimezone(UTC).replace(minute=0, second=0, microsecond=0) + _DAY_AHEAD
    return Activity(
        company_id=connection.company_id,
        owner_id=connection.user_id,
        type_key=kind.key,
        subject=str(_SUBJECT),
        span=TimedSpan(start=start, end=start + _HOUR),
        private=private,
        location=str(_LOCATION),
        public_description=str(_DESCRIPTION),
        note="Never leaves the CRM.",
        person=Person(id=1, name="Ada Sample", email="ada@example.org", phone="+420 000 000 000"),
        organization=Organization(id=1, name="Sample Works"),
        deal=Deal(id=1, title=str(_DEAL)),
    )


def _seen_by_all(
    activity: Activity, kind: ActivityType, lens: GoogleLens, policy: Policy, now: datetime
) -> tuple[tuple[Viewer, Seen | None], ...]:
    item = _object(activity, kind, now)
    invited = _object(replace(activity, attendees=(_GUEST,)), kind, now)
    readable = readable_view(item, private=activity.private)
    busy = busy_view(item)
    return (
        (Viewer.OWNER, _of_object(item)),
        (Viewer.AT_GOOGLE, _at_google(item, lens, policy)),
        (Viewer.GUEST, _at_google(invited, lens, policy)),
        (Viewer.READER, _of_object(readable)),
        (Viewer.BUSY_READER, _of_object(busy)),
    )


def _object(activity: Activity, kind: ActivityType, now: datetime) -> CalendarObject:
    return activity_to_object(activity, uid=Uid("sample"), type_=kind, now=now)


def _of_object(item: CalendarObject | None) -> Seen | None:
    if item is None:
        return None
    head = item.head()
    return Seen(
        title=head.text("SUMMARY"),
        location=head.text("LOCATION"),
        description=head.text("DESCRIPTION"),
    )


def _at_google(item: CalendarObject, lens: GoogleLens, policy: Policy) -> Seen | None:
    """Return what Google would show of a new activity, None when it does not go there."""
    state = SideState(
        presence=Presence.PRESENT,
        collection=CollectionName.ACTIVITIES.value,
        parts=(Part(name="sample", seen=ETag("1")),),
        object=item,
    )
    sight = look(Link(uid=item.uid, origin=Side.CALENDAR, calendar=state), lens)
    goes = judge(sight, policy).treatment is Treatment.SYNC and policy.may_write(Side.GOOGLE)
    view = lens.google_view(lens.new_for_google(item)) if goes else None
    if view is None:
        return None
    return Seen(
        title=view.title,
        location=view.location,
        description=view.description,
        left_out=left_out_at_google(sight.link, lens),
    )
