"""Activities from the shell: list, add, import and export calendar files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from zoneinfo import ZoneInfo

from bridge.application.users import user_of
from bridge.domain.activity import Activity, ActivityType, CollectionName
from bridge.domain.identifiers import ActivityId, Href, Uid
from bridge.domain.message import Message
from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.domain.users import User
from bridge.errors import ConversionError, InvalidInput, NotFound, StoreError
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.files import RefusedItem, join_objects, split_file
from bridge.store.calendar_values import StoredCalendar
from bridge.store.database import Database
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.ports import Clock

DEFAULT_MINUTES = 30
_PAGE = 500
_SAFE_UID = re.compile(r"[A-Za-z0-9_@-][A-Za-z0-9._@-]{0,180}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewActivity:
    """What is told about an activity to be added.

    Attributes:
        start: Without a zone it is in the user's; of a to-do it is when it is due.
        minutes: Length of a timed one; None takes half an hour for an event, none for a to-do.
        day: Makes it an all-day one.
        do_not_sync: It stays out of the sync with Google.
    """

    type_key: str
    subject: str
    start: datetime | None = None
    minutes: int | None = None
    day: date | None = None
    do_not_sync: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedActivity:
    """An activity with the UID calendars know it by, "" while it has none."""

    activity: Activity
    uid: Uid


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What became of a file.

    Attributes:
        added: Items that were not there.
        replaced: Items whose UID was there.
        refused: Items that were not taken, with the reason.
    """

    added: int
    replaced: int
    refused: tuple[RefusedItem, ...]


def add_activity(database: Database, login: str, new: NewActivity, *, clock: Clock) -> Activity:
    """Add an activity for a user and return it as stored.

    Raises:
        NotFound: There is no such user.
        InvalidInput: The type does not exist, the subject is empty, or the times contradict.
    """
    user = user_of(database, login)
    if not new.subject.strip():
        raise InvalidInput("an activity needs a subject", field="subject")
    now = clock.now()
    with database.write([user.id]) as work:
        kind = _type(work, user, new.type_key)
        activity = Activity(
            company_id=user.company_id,
            owner_id=user.id,
            type_key=kind.key,
            subject=new.subject.strip(),
            do_not_sync=new.do_not_sync,
            span=_span(new, kind, user),
        )
        return work.activities.add(activity, now=now)


def list_activities(database: Database, login: str) -> Sequence[ListedActivity]:
    """Return a user's activities, by time, undated ones last.

    Raises:
        NotFound: There is no such user.
    """
    user = user_of(database, login)
    found: list[ListedActivity] = []
    last: ActivityId | None = None
    while True:
        with database.read() as work:
            page = work.activities.list(user.id, after=last, limit=_PAGE)
            found += [_listed(work, activity) for activity in page]
        if len(page) < _PAGE:
            break
        last = page[-1].id
    zone = ZoneInfo(user.timezone)
    return sorted(found, key=lambda one: _when(one.activity, zone))


def import_file(database: Database, login: str, text: str, *, clock: Clock) -> ImportReport:
    """Put every item of a calendar file into the user's standard calendars.

    An item whose UID is there already is replaced, so importing twice changes nothing more.

    Raises:
        NotFound: There is no such user.
        InvalidCalendarData: The text as a whole is no calendar.
    """
    user = user_of(database, login)
    added = replaced = 0
    refused: list[RefusedItem] = []
    for item in split_file(text):
        if isinstance(item, RefusedItem):
            refused.append(item)
            continue
        try:
            if _stored(database, user, item, clock.now()):
                added += 1
            else:
                replaced += 1
        except (ConversionError, StoreError) as error:
            refused.append(RefusedItem(uid=item.uid, reason=str(error)))
    return ImportReport(added=added, replaced=replaced, refused=tuple(refused))


def export_file(database: Database, login: str) -> str:
    """Return everything in the user's standard calendars as one calendar file.

    Raises:
        NotFound: There is no such user.
    """
    user = user_of(database, login)
    with database.read() as work:
        stored = [
            one.object
            for name in CollectionName
            for one in work.calendars.objects(_calendar(work, user, name))
        ]
    return join_objects(stored)


def _listed(work: UnitOfWork, activity: Activity) -> ListedActivity:
    uid = work.activities.uid_of(activity.id) if activity.id is not None else None
    return ListedActivity(activity=activity, uid=uid or Uid(""))


def _type(work: UnitOfWork, user: User, key: str) -> ActivityType:
    types = {kind.key: kind for kind in work.types.list(user.company_id) if kind.active}
    if key not in types:
        raise InvalidInput(
            f"there is no activity type `{key}`",
            field="type",
            hint=Message("known types: %(types)s", types=", ".join(types)),
        )
    return types[key]


def _span(new: NewActivity, kind: ActivityType, user: User) -> Span | None:
    if new.day is not None:
        if new.start is not None or new.minutes is not None:
            raise InvalidInput("an all-day activity has no start and no duration", field="day")
        return AllDaySpan(start=new.day, end=new.day + timedelta(days=1))
    if new.start is None:
        if new.minutes is not None:
            raise InvalidInput("a duration needs a start", field="minutes")
        return None
    return _timed(new.start, new.minutes, kind=kind, zone=user.timezone)


def _timed(start: datetime, minutes: int | None, *, kind: ActivityType, zone: str) -> TimedSpan:
    if minutes is not None and minutes < 0:
        raise InvalidInput("a duration cannot be negative", field="minutes")
    at = start if start.tzinfo else start.replace(tzinfo=ZoneInfo(zone))
    at = at.astimezone(UTC)
    if kind.collection is CollectionName.TASKS:
        # A to-do ends at its due time (RFC 5545 section 3.8.2.3).
        return TimedSpan(start=at - timedelta(minutes=minutes or 0), end=at, zone=zone)
    length = timedelta(minutes=DEFAULT_MINUTES if minutes is None else minutes)
    return TimedSpan(start=at, end=at + length, zone=zone)


def _when(activity: Activity, zone: ZoneInfo) -> tuple[bool, datetime]:
    span = activity.span
    if span is None:
        return True, datetime.max.replace(tzinfo=UTC)
    if isinstance(span, TimedSpan):
        return False, span.start_utc
    return False, datetime(span.start.year, span.start.month, span.start.day, tzinfo=zone)


def _stored(database: Database, user: User, item: CalendarObject, now: datetime) -> bool:
    """Put one object and say whether it is a new one."""
    name = CollectionName.TASKS if item.component == "VTODO" else CollectionName.ACTIVITIES
    with database.write([user.id]) as work:
        calendar = _calendar(work, user, name)
        href = work.calendars.href_of_uid(calendar, item.uid)
        work.calendars.put(calendar, href or _new_href(item.uid), item, origin="crm", now=now)
    return href is None


def _new_href(uid: Uid) -> Href:
    if _SAFE_UID.fullmatch(uid):
        return Href(f"{uid}.ics")
    return Href(f"{sha256(uid.encode()).hexdigest()}.ics")


def _calendar(work: UnitOfWork, user: User, name: CollectionName) -> StoredCalendar:
    calendar = work.calendars.calendar(user.id, name.value)
    if calendar is None:
        raise NotFound(f"`{user.login}` has no calendar `{name.value}`")
    return calendar
