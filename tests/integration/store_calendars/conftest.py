"""Anna's home, another program that writes the tables behind our back, and a statement counter."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from bridge.domain.activity import Activity
from bridge.domain.identifiers import ActivityId, Href
from bridge.domain.users import User
from bridge.ical.calendar_object import CalendarObject
from bridge.store.calendar_values import StoredCalendar, StoredObject
from bridge.store.database import Database
from bridge.store.reconcile import reconcile
from radicale_plugin.sync_tokens import SyncPoint, read_sync_token

_SAVEPOINTS = ("SAVEPOINT", "RELEASE")
_QUESTIONS = ("SELECT", "INSERT", "UPDATE", "DELETE")


@dataclass
class Desk:
    """What one user's clients and CRM do, each in a transaction of its own."""

    database: Database
    user: User
    now: datetime

    @staticmethod
    def vevent(uid: str = "a@x", summary: str = "Lunch with Eva", *more: str) -> str:
        """Return an event as some client writes it, with properties only it knows."""
        extra = "".join(f"{line}\r\n" for line in more)
        return (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Phone//EN\r\nX-WR-ODD:1\r\n"
            f"BEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260301T080000Z\r\n"
            f"DTSTART:20260310T100000Z\r\nDTEND:20260310T110000Z\r\nSUMMARY:{summary}\r\n"
            f"X-PHONE-COLOUR;X-P=1:teal\r\n{extra}END:VEVENT\r\nEND:VCALENDAR\r\n"
        )

    @staticmethod
    def vtodo(uid: str = "t@x", summary: str = "Send the offer", *more: str) -> str:
        """Return a to-do as some client writes it."""
        extra = "".join(f"{line}\r\n" for line in more)
        return (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Phone//EN\r\n"
            f"BEGIN:VTODO\r\nUID:{uid}\r\nDTSTAMP:20260301T080000Z\r\nSUMMARY:{summary}\r\n"
            f"{extra}END:VTODO\r\nEND:VCALENDAR\r\n"
        )

    def calendar(self, slug: str = "activities") -> StoredCalendar:
        """Return a calendar as it is now."""
        with self.database.read() as work:
            found = work.calendars.calendar(self.user.id, slug)
        assert found is not None
        return found

    def put(
        self, source: str, href: str = "a.ics", slug: str = "activities", origin: str = "client"
    ) -> StoredObject:
        """Put a text."""
        calendar = self.calendar(slug)
        with self.database.write([self.user.id]) as work:
            item = CalendarObject.parse(source)
            return work.calendars.put(calendar, Href(href), item, origin=origin, now=self.now)

    def delete(self, href: str = "a.ics", slug: str = "activities") -> None:
        """Delete a name."""
        calendar = self.calendar(slug)
        with self.database.write([self.user.id]) as work:
            work.calendars.delete(calendar, Href(href), origin="client", now=self.now)

    def object(self, href: str = "a.ics", slug: str = "activities") -> StoredObject | None:
        """Return what a name holds."""
        calendar = self.calendar(slug)
        with self.database.read() as work:
            return work.calendars.object(calendar, Href(href))

    def present(self, href: str = "a.ics", slug: str = "activities") -> StoredObject:
        """Return what a name holds; it holds something."""
        found = self.object(href, slug)
        assert found is not None
        return found

    def objects(self, slug: str = "activities") -> Sequence[StoredObject]:
        """Return all objects of a calendar."""
        calendar = self.calendar(slug)
        with self.database.read() as work:
            return work.calendars.objects(calendar)

    def in_range(
        self, start: datetime | None, end: datetime | None, component: str | None = "VEVENT"
    ) -> Sequence[Href]:
        """Return the names of candidates for a range, in the calendar of the component."""
        calendar = self.calendar("tasks" if component == "VTODO" else "activities")
        with self.database.read() as work:
            found = work.calendars.in_range(calendar, component, start, end)
        return [each.href for each in found]

    def changed(self, since: int, slug: str = "activities") -> Sequence[Href]:
        """Return what a client hears of a calendar that has the token of a revision."""
        calendar = self.calendar(slug)
        point = read_sync_token(
            SyncPoint(since).uri(calendar.epoch),
            epoch=calendar.epoch,
            floor=calendar.floor,
            revision=calendar.revision,
        )
        with self.database.read() as work:
            return [each.href for _, each in work.calendars.changes(calendar, point.told)]

    def add(self, **values: Any) -> Activity:
        """Let the CRM add an activity."""
        activity = Activity(
            **{
                "company_id": self.user.company_id,
                "owner_id": self.user.id,
                "type_key": "call",
                "subject": "Call Eva",
                **values,
            }
        )
        with self.database.write([self.user.id]) as work:
            return work.activities.add(activity, now=self.now)

    def update(self, activity: Activity, *others: User) -> Activity:
        """Let the CRM change an activity."""
        with self.database.write([self.user.id, *(other.id for other in others)]) as work:
            return work.activities.update(activity, now=self.now)

    def activity(self, activity_id: int | None) -> Activity:
        """Return an activity; it is there."""
        assert activity_id is not None
        with self.database.read() as work:
            found = work.activities.get(ActivityId(activity_id))
        assert found is not None
        return found

    def activities(self, *, deleted: bool = False) -> Sequence[Activity]:
        """Return the user's activities."""
        with self.database.read() as work:
            return work.activities.list(self.user.id, deleted=deleted)

    def pending(self) -> bool:
        """Return whether a read would have to reconcile first."""
        with self.database.read() as work:
            return work.foreign_changes.pending([self.user.id])

    def reconcile(self, *others: User, limit: int = 200) -> int:
        """Carry what other programs wrote."""
        homes = [self.user.id, *(other.id for other in others)]
        with self.database.write(homes) as work:
            return reconcile(work, homes=homes, limit=limit, now=self.now)

    def later(self, **time: float) -> Desk:
        """Return the same desk at a later time."""
        return Desk(self.database, self.user, self.now + timedelta(**time))


@pytest.fixture
def desk(database: Database, user: User, now: datetime) -> Desk:
    """Anna at work."""
    return Desk(database, user, now)


@pytest.fixture
def foreign(database_url: str) -> Iterator[Callable[..., list[Any]]]:
    """Another program: runs one SQL statement on a connection of its own."""
    engine = create_engine(database_url)

    def run(statement: str, **values: Any) -> list[Any]:
        with engine.begin() as connection:
            result = connection.execute(text(statement), values)
            return list(result.all()) if result.returns_rows else []

    yield run
    engine.dispose()


@dataclass
class Counter:
    """The statements that were sent, savepoints and settings aside."""

    statements: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.statements)


@pytest.fixture
def counting(sent: list[Any]) -> Callable[[], Any]:
    """Return a context manager that counts statements of every engine."""

    @contextmanager
    def count() -> Iterator[Counter]:
        counter = Counter()
        before = len(sent)
        yield counter
        told = [each.text for each in sent[before:]]
        counter.statements += [each for each in told if not each.startswith(_SAVEPOINTS)]

    return count


@pytest.fixture
def plans(database_url: str, sent: list[Any]) -> Callable[[], Any]:
    """Return a context manager that tells how SQLite carries out what runs inside."""

    @contextmanager
    def explain() -> Iterator[list[str]]:
        steps: list[str] = []
        before = len(sent)
        yield steps
        told = [each.text for each in sent[before:] if each.text.startswith(_QUESTIONS)]
        assert told
        engine = create_engine(database_url)
        with engine.connect() as connection:
            for each in told:
                rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {each}")
                steps += [row.detail for row in rows]
        engine.dispose()

    return explain
