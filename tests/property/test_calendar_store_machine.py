"""Clients, the CRM and another program write one home; a client that only syncs ends equal.

Everything goes through the store alone. The other program writes SQL on its own connection. After
each step: ETags never stand for two texts, and what changed carries a revision the home never had.
In the end: the syncing client holds exactly what the calendars hold, every living activity has its
object, every object its living activity, and reconciling everything once more changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import Engine, create_engine, text

from bridge.domain.activity import Activity
from bridge.domain.identifiers import Href
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.domain.users import User
from bridge.errors import NotFound, ObjectChanged, UidConflict
from bridge.ical.calendar_object import CalendarObject
from bridge.store.calendar_values import StoredCalendar, StoredObject
from bridge.store.database import Database
from bridge.store.reconcile import reconcile

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
SLUGS = ("activities", "tasks")
SPANS = {
    "none": None,
    "timed": TimedSpan(start=NOON, end=NOON + timedelta(minutes=45), zone="Europe/Prague"),
    "moment": TimedSpan(start=NOON, end=NOON),
    "days": AllDaySpan(start=NOON.date(), end=NOON.date() + timedelta(days=2)),
}
TIMES = {
    "VEVENT": (
        "DTSTART:20260311T090000Z\r\nDTEND:20260311T100000Z\r\n",
        "DTSTART;TZID=Europe/Prague:20260311T090000\r\nDURATION:PT20M\r\n",
        "DTSTART;VALUE=DATE:20260311\r\n",
        "DTSTART:20260311T090000\r\nRRULE:FREQ=WEEKLY;COUNT=4\r\nEXDATE:20260318T090000\r\n",
    ),
    "VTODO": (
        "",
        "DUE:20260311T090000Z\r\n",
        "DTSTART:20260311T080000Z\r\nDUE:20260311T090000Z\r\n",
        "DUE;VALUE=DATE:20260311\r\n",
    ),
}
WORDS = (
    "",
    "X-PHONE;P=1:kept\r\n",
    "STATUS:CONFIRMED\r\nCLASS:PRIVATE\r\n",
    "CATEGORIES:Call,Friends\r\n",
    "CATEGORIES:Deadline\r\nPRIORITY:1\r\n",
    "LOCATION:Bar\\, upstairs\r\nDESCRIPTION:One\\nTwo\r\n",
    "ATTENDEE;CN=Eva;PARTSTAT=ACCEPTED:mailto:eva@example.com\r\n",
)
ODD_VALUES = (
    "type_key = 'golf'", "type_key = 'task'", "type_key = 'meeting'", "due_date = NULL",
    "due_time = NULL", "duration_seconds = -5", "duration_seconds = 5400", "subject = 'By SQL'",
    "private = TRUE", "done = TRUE", "deleted_at = CURRENT_TIMESTAMP", "deleted_at = NULL",
    "due_date = '2026-04-01', due_time = '07:30:00', timezone = NULL", "timezone = 'Mars/Base'",
    "location = 'Roof', note = 'secret'", "recurrence = 'RRULE:FREQ=DAILY;COUNT=3'",
    "recurrence = 'nonsense'",
)  # fmt: skip
_numbers = count(1)


def source(component: str, uid: str, *, times: int, words: int, title: int) -> str:
    """Return what a client puts."""
    status = WORDS[words % len(WORDS)].replace("STATUS:CONFIRMED\r\n", "")
    return (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Phone//EN\r\n"
        f"BEGIN:{component}\r\nUID:{uid}\r\nDTSTAMP:20260301T000000Z\r\n"
        f"{TIMES[component][times % 4]}SUMMARY:Title {title}\r\n{status}"
        f"END:{component}\r\nEND:VCALENDAR\r\n"
    )


class CalendarStoreMachine(RuleBasedStateMachine):
    """One user's home; every example has a user of its own in the same database."""

    def __init__(self, database: Database, other_program: Engine, user: User) -> None:
        super().__init__()
        self.database = database
        self.other_program = other_program
        self.user = user
        self.now = NOON
        self.texts: dict[tuple[int, str, str], str] = {}
        self.counter = 0
        self.told: dict[tuple[int, str], str] = {}
        self.copies: dict[str, dict[str, tuple[str, str]]] = {slug: {} for slug in SLUGS}
        self.tokens: dict[str, int] = dict.fromkeys(SLUGS, 0)

    # What the parties see

    def calendar(self, slug: str) -> StoredCalendar:
        """Return a calendar as it is now."""
        with self.database.read() as work:
            found = work.calendars.calendar(self.user.id, slug)
        assert found is not None
        return found

    def objects(self, slug: str) -> list[StoredObject]:
        """Return what a calendar holds."""
        calendar = self.calendar(slug)
        with self.database.read() as work:
            return list(work.calendars.objects(calendar))

    def chosen(self, index: int) -> tuple[str, StoredObject] | None:
        """Return one of all objects, with its calendar."""
        found = [(slug, stored) for slug in SLUGS for stored in self.objects(slug)]
        return found[index % len(found)] if found else None

    def activities(self) -> list[Activity]:
        """Return the user's activities."""
        with self.database.read() as work:
            return list(work.activities.list(self.user.id))

    def rows(self, statement: str, **values: Any) -> list[Any]:
        """Run SQL as the other program."""
        with self.other_program.begin() as connection:
            result = connection.execute(text(statement), {"owner": self.user.id, **values})
            return list(result.all()) if result.returns_rows else []

    def attempt(self, mutation: Callable[[Any], object]) -> None:
        """Run a mutation as the plugin does: refusals undo it, the transaction goes on."""
        self.now += timedelta(minutes=1)
        with self.database.write([self.user.id]) as work:
            try:
                with work.savepoint():
                    mutation(work)
            except (UidConflict, ObjectChanged, NotFound):
                pass

    def settle(self) -> None:
        """Reconcile until nothing waits."""
        for _ in range(50):
            with self.database.write([self.user.id]) as work:
                work.foreign_changes.expand_shared(10)
                if not reconcile(work, homes=[self.user.id], limit=3, now=self.now):
                    return
        raise AssertionError("reconciling does not end")

    # What the parties do

    @initialize()
    def begin(self) -> None:
        """Start with an empty home."""
        assert self.objects("activities") == []

    @rule(uid=st.integers(0, 4), times=st.integers(0, 3), words=st.integers(0, 6),
          title=st.integers(0, 3), slug=st.sampled_from(SLUGS))  # fmt: skip
    def put(self, uid: int, times: int, words: int, title: int, slug: str) -> None:
        """A client puts under the name it always uses for this UID."""
        calendar = self.calendar(slug)
        component = "VEVENT" if slug == "activities" else "VTODO"
        body = source(component, f"u{uid}@x", times=times, words=words, title=title)
        item = CalendarObject.parse(body)
        href = Href(f"u{uid}.ics")
        self.attempt(
            lambda work: work.calendars.put(calendar, href, item, origin="client", now=self.now)
        )

    @rule(index=st.integers(0, 9), title=st.integers(0, 3))
    def edit(self, index: int, title: int) -> None:
        """A client changes the title of what it sees."""
        found = self.chosen(index)
        if found is None:
            return
        slug, stored = found
        lines = stored.text.split("\r\n")
        body = "\r\n".join(
            f"SUMMARY:Edited {title}" if line.startswith("SUMMARY") else line for line in lines
        )
        calendar, item = self.calendar(slug), CalendarObject.parse(body)
        self.attempt(
            lambda work: work.calendars.put(
                calendar, stored.href, item, origin="client", now=self.now
            )
        )

    @rule(index=st.integers(0, 9))
    def delete(self, index: int) -> None:
        """A client deletes."""
        found = self.chosen(index)
        if found is not None:
            calendar, href = self.calendar(found[0]), found[1].href
            self.attempt(
                lambda work: work.calendars.delete(calendar, href, origin="client", now=self.now)
            )

    @rule(index=st.integers(0, 9), new_name=st.integers(0, 4))
    def move(self, index: int, new_name: int) -> None:
        """A client renames, over whatever is there."""
        found = self.chosen(index)
        if found is None:
            return
        calendar, href, new = self.calendar(found[0]), found[1].href, Href(f"u{new_name}.ics")
        self.attempt(
            lambda work: work.calendars.move(
                calendar, href, calendar, new, origin="client", now=self.now
            )
        )

    @rule(kind=st.sampled_from(["call", "task", "meeting"]), span=st.sampled_from(sorted(SPANS)))
    def crm_add(self, kind: str, span: str) -> None:
        """The CRM makes an activity."""
        activity = Activity(
            company_id=self.user.company_id,
            owner_id=self.user.id,
            type_key=kind,
            subject="Made",
            span=SPANS[span],
        )
        self.attempt(lambda work: work.activities.add(activity, now=self.now))

    @rule(index=st.integers(0, 9), change=st.sampled_from(
        [{"type_key": "task"}, {"type_key": "lunch"}, {"span": None}, {"span": SPANS["days"]},
         {"span": SPANS["timed"]}, {"subject": "By the CRM"}, {"done": True}, {"done": False},
         {"private": True}, {"note": "secret"}, {}]))  # fmt: skip
    def crm_update(self, index: int, change: dict[str, Any]) -> None:
        """The CRM changes an activity it read in the same transaction."""
        found = self.activities()
        if not found:
            return
        number = found[index % len(found)].id

        def update(work: Any) -> None:
            present = work.activities.get(number)
            if present is not None:
                work.activities.update(replace(present, **change), now=self.now)

        self.attempt(update)

    @rule(index=st.integers(0, 9))
    def crm_delete(self, index: int) -> None:
        """The CRM deletes."""
        found = self.activities()
        if found:
            number = found[index % len(found)].id
            self.attempt(lambda work: work.activities.delete(number, now=self.now))

    @rule(index=st.integers(0, 9), change=st.sampled_from(ODD_VALUES))
    def sql_update(self, index: int, change: str) -> None:
        """Another program changes a row, sensibly or not."""
        ids = self.rows("SELECT id FROM activities WHERE owner_id = :owner ORDER BY id")
        if ids:
            statement = f"UPDATE activities SET {change} WHERE id = :id"  # noqa: S608 - texts of this test
            self.rows(statement, id=ids[index % len(ids)][0])

    @rule(day=st.sampled_from([None, "2026-03-12"]), at=st.sampled_from([None, "08:15:00"]))
    def sql_insert(self, day: str | None, at: str | None) -> None:
        """Another program makes a row."""
        self.rows(
            "INSERT INTO activities (company_id, owner_id, type_key, subject, due_date, due_time)"
            " VALUES (:company, :owner, 'call', 'Inserted', :day, :at)",
            company=self.user.company_id,
            day=day,
            at=at,
        )

    @rule(index=st.integers(0, 9))
    def sql_delete(self, index: int) -> None:
        """Another program takes a row away."""
        ids = self.rows("SELECT id FROM activities WHERE owner_id = :owner ORDER BY id")
        if ids:
            self.rows("DELETE FROM activities WHERE id = :id", id=ids[index % len(ids)][0])

    @rule(limit=st.integers(1, 4))
    def carry(self, limit: int) -> None:
        """A portion of what waits is reconciled."""
        with self.database.write([self.user.id]) as work:
            reconcile(work, homes=[self.user.id], limit=limit, now=self.now)

    @rule(slug=st.sampled_from(SLUGS))
    def sync(self, slug: str) -> None:
        """The syncing client asks what changed since its token."""
        calendar = self.calendar(slug)
        copy = self.copies[slug]
        with self.database.read() as work:
            found = work.calendars.changes(calendar, self.tokens[slug])
            hrefs = [each.href for _, each in found]
            present = {each.href: each for each in work.calendars.objects(calendar, hrefs)}
        assert len(set(hrefs)) == len(hrefs)
        for href in hrefs:
            copy.pop(href, None)
            if href in present:
                copy[href] = (present[href].etag, present[href].text)
        self.tokens[slug] = calendar.revision

    # What always holds

    @invariant()
    def etags_and_revisions_are_used_once(self) -> None:
        """An ETag stands for one text; what changed has a revision above all before."""
        counter = self.rows("SELECT revision FROM homes WHERE user_id = :owner")[0][0]
        assert counter >= self.counter
        told: dict[tuple[int, str], str] = {}
        for slug in SLUGS:
            calendar, found = self.calendar(slug), self.objects(slug)
            assert calendar.revision <= counter
            for stored in found:
                key = (calendar.id, stored.href, stored.etag)
                assert self.texts.setdefault(key, stored.text) == stored.text
                name = (calendar.id, stored.href)
                told[name] = stored.etag
                if self.told.get(name) != stored.etag:
                    assert stored.revision > self.counter
                assert stored.revision <= calendar.revision
        self.counter, self.told = counter, told

    def teardown(self) -> None:
        """Let everything come to rest and compare."""
        self.settle()
        for slug in SLUGS:
            self.sync(slug)
            held = {each.href: (each.etag, each.text) for each in self.objects(slug)}
            assert self.copies[slug] == held
        self.activities_and_objects_are_one()
        before = {slug: self.objects(slug) for slug in SLUGS}
        with self.database.write() as work:
            work.foreign_changes.ask_full_comparison(now=self.now)
        self.settle()
        assert {slug: self.objects(slug) for slug in SLUGS} == before

    def activities_and_objects_are_one(self) -> None:
        """Rows that were reported keep what they had; all others say what their object says."""
        odd = {row[0] for row in self.rows("SELECT row_id FROM reported_rows")}
        living = {each.id: each for each in self.activities() if each.id not in odd}
        held = {each.activity_id: each for slug in SLUGS for each in self.objects(slug)}
        assert held.keys() - odd == living.keys()
        for number, activity in living.items():
            assert activity.subject.split()[0] in held[number].text
            assert held[number].private == activity.private
            assert (held[number].first_utc is None) <= (activity.span is None)
            assert "secret" not in held[number].text


@pytest.mark.usefixtures("company")
def test_everybody_ends_with_the_same_calendars(
    database: Database, database_url: str, make_user: Callable[..., User]
) -> None:
    """Whatever the order of writes, of whatever origin."""
    other_program = create_engine(database_url)

    def machine() -> CalendarStoreMachine:
        return CalendarStoreMachine(database, other_program, make_user(f"user{next(_numbers)}"))

    try:
        run_state_machine_as_test(
            cast("Any", machine),  # a factory will do, though its type says class
            settings=settings(
                max_examples=12,
                stateful_step_count=25,
                deadline=None,
                derandomize=True,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        other_program.dispose()
