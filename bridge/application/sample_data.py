"""A small sales team's weeks around today, for the demo and for trying things out.

Days are counted in working days from today, so that nothing falls on a weekend; what lies in the
past is done, but for a few things that somebody forgot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bridge.application.sample_rows import CONTACTS, SAMPLES, Sample
from bridge.domain.activity import Activity, Deal, Organization, Person
from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.domain.users import User
from bridge.store.database import Database
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.ports import Clock

_FRIDAY = 4
_TODO_TYPES = frozenset({"task", "deadline", "email"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom an activity is about; parts may be missing."""

    person: Person | None = None
    organization: Organization | None = None
    deal: Deal | None = None


def add_sample_data(database: Database, users: Mapping[str, User], *, clock: Clock) -> int:
    """Add contacts of one company and activities of its users, all or nothing.

    Args:
        database: Where.
        users: The user each sample owner (`anna`, `ben`) stands for; of one company.
        clock: Says what today is.

    Returns:
        How many activities were added.
    """
    now = clock.now()
    count = 0
    with database.write([user.id for user in users.values()]) as work:
        contacts = _contacts(work, next(iter(users.values())), now)
        for sample in SAMPLES:
            user = users[sample.owner]
            contact = contacts[sample.contact] if sample.contact else Contact()
            work.activities.add(sample_activity(sample, user, contact, now), now=now)
            count += 1
    return count


def sample_activity(sample: Sample, user: User, contact: Contact, now: datetime) -> Activity:
    """Return the activity a sample stands for, seen from today."""
    zone = ZoneInfo(user.timezone)
    span = _span(sample, now.astimezone(zone).date(), user.timezone)
    ended = _end(span, zone)
    done = ended is not None and ended < now and not sample.forgotten
    return Activity(
        company_id=user.company_id,
        owner_id=user.id,
        type_key=sample.type_key,
        subject=sample.subject,
        span=span,
        done=done,
        done_at=ended if done else None,
        private=sample.private,
        location=sample.location,
        public_description=sample.description,
        note=sample.note,
        person=contact.person,
        organization=contact.organization,
        deal=contact.deal,
    )


def working_day(today: date, offset: int) -> date:
    """Return the day so many working days after today, or before for a negative number.

    On a weekend, today counts as the Friday before.
    """
    day = today - timedelta(days=max(0, today.weekday() - _FRIDAY))
    step = timedelta(days=1 if offset > 0 else -1)
    for _ in range(abs(offset)):
        day += step
        while day.weekday() > _FRIDAY:
            day += step
    return day


def _span(sample: Sample, today: date, zone: str) -> Span | None:
    if sample.day is None:
        return None
    day = working_day(today, sample.day)
    if not sample.at:
        return AllDaySpan(start=day, end=day + timedelta(days=sample.days))
    moment = datetime.combine(day, time.fromisoformat(sample.at), ZoneInfo(zone))
    length = timedelta(minutes=sample.minutes)
    if sample.type_key in _TODO_TYPES:
        # A to-do is due at its time and ends there.
        return TimedSpan(start=_plus(moment, -length), end=moment, zone=zone)
    return TimedSpan(start=moment, end=_plus(moment, length), zone=zone)


def _plus(moment: datetime, length: timedelta) -> datetime:
    return (moment.astimezone(UTC) + length).astimezone(moment.tzinfo)


def _end(span: Span | None, zone: ZoneInfo) -> datetime | None:
    if span is None:
        return None
    if isinstance(span, TimedSpan):
        return span.end_utc
    return datetime.combine(span.end, time(), zone).astimezone(UTC)


def _contacts(work: UnitOfWork, user: User, now: datetime) -> dict[str, Contact]:
    company = user.company_id
    made = {}
    for key, row in CONTACTS.items():
        organization = work.contacts.add_organization(
            company, row.organization, address=row.address, now=now
        )
        person = work.contacts.add_person(
            company, row.person, email=row.email, phone=row.phone, now=now
        )
        deal = work.contacts.add_deal(company, row.deal, now=now) if row.deal else None
        made[key] = Contact(person=person, organization=organization, deal=deal)
    return made
