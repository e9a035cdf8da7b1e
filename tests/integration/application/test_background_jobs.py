"""The worker's jobs over a real database, and what readiness says of them."""

from datetime import timedelta

import pytest

from bridge.application import background
from bridge.application.activities import NewActivity, add_activity
from bridge.application.background import Background
from bridge.application.readiness import readiness
from bridge.application.sample_data import add_sample_data
from bridge.domain.identifiers import Href
from bridge.errors import LeaseHeld
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.occurrences import FUTURE
from bridge.store.database import Database


@pytest.fixture
def jobs(database, runner, clock):
    """The jobs, under a name of the tests."""
    return Background(database, sync=runner, clock=clock, owner="worker of a test")


def write_sql(database, statement):
    """Write as another program does."""
    with database.write() as work:
        work.connection.exec_driver_sql(statement)


def test_due_connection_is_run_and_then_rests(jobs, connection):
    """Until the poll interval is over, or something changes."""
    assert jobs.due(5) == (connection.id,)
    jobs.sync(connection.id)
    assert jobs.due(5) == ()


def test_connection_that_vanished_or_stopped_in_between_is_left_alone(jobs, connection, connecting):
    """Nothing is raised for what is no failure."""
    jobs.sync(connection.id + 1)
    connecting.stop(connection)
    jobs.sync(connection.id)
    assert jobs.due(5) == ()


def test_lease_held_elsewhere_is_told_to_the_worker(jobs, connection, database, clock):
    """It knows when to try again."""
    with database.write() as work:
        work.leases.acquire(connection.id, "somebody", now=clock.now(), seconds=60)
    with pytest.raises(LeaseHeld):
        jobs.sync(connection.id)


def test_row_written_by_another_program_is_reconciled_in_portions(jobs, database, user, clock):
    """Then nothing is left to do."""
    new = NewActivity(type_key="task", subject="Before")
    add_activity(database, "anna", new, clock=clock)
    assert not jobs.reconcile()
    write_sql(database, "UPDATE activities SET subject = 'After'")
    assert jobs.reconcile()
    assert not jobs.reconcile()
    with database.read() as work:
        calendar = work.calendars.calendar(user.id, "tasks")
        (stored,) = work.calendars.objects(calendar)
    assert "SUMMARY:After" in stored.text


def series(database, user, clock, uid):
    """Store a weekly series without end, and return how to look at it again."""
    text = (
        f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n"
        "DTSTAMP:20260301T080000Z\r\nDTSTART:20260105T090000Z\r\nDURATION:PT1H\r\n"
        "RRULE:FREQ=WEEKLY\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    href, item = Href(f"{uid}.ics"), CalendarObject.parse(text)
    with database.write([user.id]) as work:
        calendar = work.calendars.calendar(user.id, "activities")
        work.calendars.put(calendar, href, item, origin="client", now=clock.now())

    def look():
        with database.read() as work:
            calendar = work.calendars.calendar(user.id, "activities")
            stored = work.calendars.object(calendar, href)
            until = stored.known_until
            found = work.calendars.occurrences(calendar, until - timedelta(days=7), until)
            return until, len(found.get(stored.id, ())), calendar.ctag

    return look


def test_series_of_all_homes_are_extended_in_portions_as_time_goes_on(
    jobs, database, make_user, clock, monkeypatch
):
    """Each is known as far ahead as when it was stored, and no client sees a change."""
    monkeypatch.setattr(background, "_SERIES_AT_ONCE", 2)
    looks = [
        series(database, owner, clock, f"{owner.login}-{number}")
        for owner in (make_user("eva"), make_user("ben"))
        for number in range(2)
    ]
    before = [look() for look in looks]
    assert {until for until, _, _ in before} == {clock.now() + FUTURE}
    assert not jobs.extend()
    clock.advance(days=40)
    assert jobs.extend()
    assert [look()[0] == clock.now() + FUTURE for look in looks].count(True) == 2
    assert [jobs.extend(), jobs.extend()] == [True, False]
    after = [look() for look in looks]
    assert {until for until, _, _ in after} == {clock.now() + FUTURE}
    assert {count for _, count, _ in after} == {1}
    assert [ctag for _, _, ctag in after] == [ctag for _, _, ctag in before]


def test_a_series_changed_while_it_was_followed_keeps_what_its_writer_stored(
    jobs, database, user, clock, monkeypatch
):
    """It is read and followed without a lock."""
    look = series(database, user, clock, "weekly")
    clock.advance(days=40)
    follow = background.extension_of

    def changing(due, *, now):
        followed = follow(due, now=now)
        write_sql(database, "UPDATE calendar_objects SET revision = revision + 1")
        return followed

    monkeypatch.setattr(background, "extension_of", changing)
    before = look()
    assert not jobs.extend()
    assert look()[0] == before[0]


def test_readiness_follows_the_workers_signs_of_life(jobs, database, clock):
    """Silent before the first and after the last."""
    assert readiness(database, clock=clock)["worker"] == "silent"
    jobs.beat()
    assert readiness(database, clock=clock) == {"database": "ok", "schema": "ok", "worker": "ok"}
    clock.at += timedelta(seconds=20)
    jobs.beat()
    clock.at += timedelta(seconds=20)
    assert readiness(database, clock=clock)["worker"] == "ok"
    clock.at += timedelta(seconds=20)
    assert readiness(database, clock=clock)["worker"] == "silent"


def test_workers_that_ended_long_ago_are_forgotten(jobs, database, clock):
    """The table does not grow with every restart."""
    with database.write() as work:
        work.beats.beat("an old one", clock.now() - timedelta(days=2))
    jobs.beat()
    with database.read() as work:
        rows = work.connection.exec_driver_sql("SELECT owner FROM worker_beats").all()
    assert [row[0] for row in rows] == ["worker of a test"]


def test_readiness_tells_a_missing_schema_from_a_missing_database(tmp_path, clock):
    """Each has another cure."""
    absent = Database(f"sqlite:///{tmp_path / 'absent.sqlite'}")
    assert readiness(absent, clock=clock)["schema"] == "outdated"
    (tmp_path / "odd.sqlite").write_bytes(b"no database at all" * 100)
    odd = Database(f"sqlite:///{tmp_path / 'odd.sqlite'}")
    assert readiness(odd, clock=clock)["database"] != "ok"
    odd.dispose()


def test_sample_data_is_stored_with_a_calendar_object_for_each(database, make_user, clock):
    """All of it in one go."""
    users = {"anna": make_user("anna"), "ben": make_user("ben", timezone="America/New_York")}
    count = add_sample_data(database, users, clock=clock)
    assert count >= 60
    stored = 0
    with database.read() as work:
        for user in users.values():
            for slug in ("activities", "tasks"):
                calendar = work.calendars.calendar(user.id, slug)
                stored += len(work.calendars.objects(calendar))
    assert stored == count


def test_journal_is_kept_for_thirty_days_and_quiet_runs_for_two(
    jobs, database, connection, request, monkeypatch
):
    """What runs did in numbers stays; everything goes in portions."""
    names = ("runner", "sides", "clock", "event_text")
    runner, sides, clock, event_text = map(request.getfixturevalue, names)
    monkeypatch.setattr(background, "PORTION", 3)

    def told():
        with database.read() as work:
            runs = work.history.runs(connection.id, 99)
            return len(work.history.journal(connection.id, 99)), [run.entries for run in runs]

    for number in range(4):
        text = event_text(f"uid-{number}", f"Title {number}")
        sides.activities.put(f"uid-{number}.ics", CalendarObject.parse(text))
    for _ in range(4):
        runner.run(connection.id)
        clock.advance(minutes=1)
    assert not jobs.compact()
    assert told() == (4, [0, 0, 0, 4])
    clock.advance(days=3)
    assert [jobs.compact(), jobs.compact()] == [True, False]
    assert told() == (4, [4])
    clock.advance(days=28)
    assert [jobs.compact(), jobs.compact()] == [True, False]
    assert told() == (0, [4])
    assert not jobs.compact()
