"""What is on record of series, and what lies in a range of time, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import icalendar
import pytest
from alembic import command
from sqlalchemy import create_engine, insert, text

from bridge.domain.identifiers import Href
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.instances import instances
from bridge.ical.occurrences import FUTURE, PAST
from bridge.ical.spans import index_of
from bridge.store.database import Database
from bridge.store.migrate import _config
from bridge.store.occurrence_window import extension_of, objects_due, store_extension
from bridge.store.schema import dav

ZONE = "Europe/Prague"
DAY = timedelta(days=1)
_ROWS = "SELECT recurrence_id, start_utc, busy FROM occurrences ORDER BY recurrence_id"


def at(month, day, hour=0, year=2026):
    """Return an instant in UTC."""
    return datetime(year, month, day, hour, tzinfo=UTC)


def source(uid, *lines, component="VEVENT", overrides=()):
    """Return a text with a component of these lines, and one more for each override."""
    made = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN"]
    for own in (lines, *overrides):
        made += [f"BEGIN:{component}", f"UID:{uid}", "DTSTAMP:20260101T000000Z", "SUMMARY:x"]
        made += [*own, f"END:{component}"]
    return "\r\n".join([*made, "END:VCALENDAR", ""])


def ids(foreign):
    """Return the recurrence ids on record."""
    return [row[0] for row in foreign(_ROWS)]


def extend(desk, now):
    """Do what the worker does, until nothing is due; return how many objects that were."""
    done = 0
    while True:
        with desk.database.read() as work:
            due = objects_due(work, now=now, limit=7)
        if not due:
            return done
        with desk.database.write([desk.user.id]) as work:
            done += sum(store_extension(work, extension_of(each, now=now)) for each in due)


def test_a_series_is_on_record_with_its_text(desk, foreign):
    """Taken out dates are not, an override counts at its new time, single events have no rows."""
    lines = (
        "DTSTART;TZID=Europe/Prague:20260302T090000",
        "DURATION:PT1H",
        "RRULE:FREQ=WEEKLY;COUNT=5",
        "EXDATE;TZID=Europe/Prague:20260309T090000",
    )
    moved = ("RECURRENCE-ID;TZID=Europe/Prague:20260316T090000", "DTSTART:20260420T080000Z")
    desk.put(source("s@x", *lines, overrides=[moved]), "s.ics")
    desk.put(desk.vevent("single@x"), "single.ics")
    assert ids(foreign) == [
        "20260302T080000Z",
        "20260316T080000Z",
        "20260323T080000Z",
        "20260330T070000Z",
    ]
    assert desk.in_range(at(3, 9), at(3, 10)) == []
    assert desk.in_range(at(3, 16), at(3, 17)) == []
    assert desk.in_range(at(4, 20), at(4, 21)) == ["s.ics"]
    assert desk.in_range(at(3, 30, 7), at(3, 30, 8)) == ["s.ics"], "summer time has begun"


def test_an_object_of_one_override_is_found_at_its_time(desk, foreign):
    """Somebody was invited to one instance only."""
    lone = ("RECURRENCE-ID:20260309T090000Z", "DTSTART:20260310T090000Z", "DURATION:PT1H")
    desk.put(source("o@x", *lone), "o.ics")
    assert ids(foreign) == ["20260309T090000Z"]
    assert desk.in_range(at(3, 10), at(3, 11)) == ["o.ics"]
    assert desk.in_range(at(3, 9), at(3, 10)) == []


def test_rows_follow_every_change_of_the_object(desk, foreign, counting):
    """A new title leaves them alone, a new rule replaces them, no series has none."""
    lines = ("DTSTART:20260302T090000Z", "RRULE:FREQ=WEEKLY;COUNT=3")
    stored = desk.put(source("s@x", *lines), "s.ics")
    with counting() as counter:
        desk.put(source("s@x", *lines, "LOCATION:elsewhere"), "s.ics")
    assert not any("occurrences" in each for each in counter.statements)
    assert len(ids(foreign)) == 3
    found = desk.activity(stored.activity_id)
    desk.update(replace(found, recurrence=("RRULE:FREQ=DAILY;COUNT=2",)))
    assert ids(foreign) == ["20260302T090000Z", "20260303T090000Z"]
    desk.put(source("s@x", lines[0]), "s.ics")
    assert ids(foreign) == []
    assert desk.in_range(at(3, 9), at(3, 10)) == []
    desk.put(source("s@x", *lines), "s.ics")
    desk.delete("s.ics")
    assert ids(foreign) == []


def test_rows_follow_a_zone_that_is_defined_anew(desk):
    """The name and the lines of the event stay; the hours that the zone keeps do not."""
    lines = ("DTSTART;TZID=Office:20260105T100000", "DURATION:PT30M", "RRULE:FREQ=DAILY")
    winter = (
        "BEGIN:STANDARD", "DTSTART:19701025T030000", "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU",
        "TZOFFSETFROM:+0200", "TZOFFSETTO:+0100", "END:STANDARD",
    )  # fmt: skip
    summer = (
        "BEGIN:DAYLIGHT", "DTSTART:19700329T020000", "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",
        "TZOFFSETFROM:+0100", "TZOFFSETTO:+0200", "END:DAYLIGHT",
    )  # fmt: skip
    always = (*winter[:2], *winter[3:])
    for rules, hour in ((always, 9), ((*winter, *summer), 8)):
        zone = "\r\n".join(["BEGIN:VTIMEZONE", "TZID:Office", *rules, "END:VTIMEZONE", ""])
        text = source("s@x", *lines).replace("BEGIN:VEVENT", f"{zone}BEGIN:VEVENT")
        desk.put(text, "s.ics")
        found = [each for each in (8, 9) if desk.in_range(at(7, 6, each), at(7, 6, each + 1))]
        assert found == [hour]


def test_rows_move_with_the_object(desk, foreign):
    """To another name, and with the CRM to another calendar."""
    desk.put(source("s@x", "DTSTART:20260302T090000Z", "RRULE:FREQ=WEEKLY;COUNT=3"), "s.ics")
    here, tasks = desk.calendar(), desk.calendar("tasks")
    with desk.database.write([desk.user.id]) as work:
        work.calendars.move(here, Href("s.ics"), here, Href("t.ics"), origin="client", now=desk.now)
    assert desk.in_range(at(3, 9), at(3, 10)) == ["t.ics"]
    found = desk.activity(desk.present("t.ics").activity_id)
    desk.update(replace(found, type_key="task"))
    assert {row[0] for row in foreign("SELECT calendar_id FROM occurrences")} <= {tasks.id}
    assert desk.in_range(at(3, 9), at(3, 10)) == []


def test_the_window_moves_on_with_the_worker(desk, foreign):
    """Endless series are extended, ended ones never looked at again; nobody sees a change."""
    weekly = ("DTSTART:20200106T090000Z", "DURATION:PT1H")
    endless = desk.put(source("e@x", *weekly, "RRULE:FREQ=WEEKLY"), "e.ics")
    desk.put(source("d@x", *weekly, "RRULE:FREQ=WEEKLY;UNTIL=20260401T000000Z"), "d.ics")
    assert endless.known_since == desk.now - PAST
    assert endless.known_until == desk.now + FUTURE
    last = ids(foreign)[-1]
    assert extend(desk, desk.now) == 0
    before = desk.calendar().ctag
    assert extend(desk, desk.now + 40 * DAY) == 1
    assert ids(foreign)[-1] > last
    assert extend(desk, desk.now + 40 * DAY) == 0
    assert desk.present("e.ics").known_until == desk.now + 40 * DAY + FUTURE
    assert desk.calendar().ctag == before


def test_an_object_changed_meanwhile_keeps_what_its_writer_stored(desk, foreign):
    """What the worker worked out from an older text is thrown away."""
    desk.put(source("e@x", "DTSTART:20200106T090000Z", "RRULE:FREQ=WEEKLY"), "e.ics")
    later = desk.now + 40 * DAY
    with desk.database.read() as work:
        due = objects_due(work, now=later, limit=7)
    desk.put(source("e@x", "DTSTART:20260106T090000Z", "RRULE:FREQ=WEEKLY;COUNT=2"), "e.ics")
    with desk.database.write([desk.user.id]) as work:
        assert [store_extension(work, extension_of(each, now=later)) for each in due] == [False]
    assert ids(foreign) == ["20260106T090000Z", "20260113T090000Z"]


_STARTS = (
    ("DTSTART:20260105T093000Z", "DTEND:20260105T103000Z"),
    ("DTSTART;TZID=America/New_York:20251020T220000", "DURATION:PT3H"),
    ("DTSTART;VALUE=DATE:20251101", "DTEND;VALUE=DATE:20251103"),
    ("DTSTART:20251215T120000",),
    ("DTSTART;VALUE=DATE:20260101", "DTEND;VALUE=DATE:20260120"),
)
_RULES = (
    (),
    ("RRULE:FREQ=DAILY;INTERVAL=3",),
    ("RRULE:FREQ=WEEKLY;BYDAY=MO,FR;COUNT=20",),
    ("RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1",),
    ("RRULE:FREQ=MONTHLY;BYMONTHDAY=31;UNTIL=20270101",),
    ("RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU",),
    ("RRULE:FREQ=HOURLY;INTERVAL=5",),
)


def test_a_range_holds_what_following_every_series_says(desk):
    """Near and far, short and long windows: the same as following each object's text."""
    items = {}
    for number, (start, rule) in enumerate((s, r) for s in _STARTS for r in _RULES):
        name = f"{number}.ics"
        dates = [rule, (*rule, "RDATE:20260510T100000Z"), (*rule, "EXDATE:20260105T093000Z")]
        made = source(f"{number}@x", *start, *dates[number % 3])
        items[name] = CalendarObject.parse(made)
        desk.put(made, name)
    calendar = desk.calendar()
    for days, length in ((-900, 3), (-60, 1), (-8, 7), (0, 1), (3, 31), (200, 2), (1300, 20)):
        begin = desk.now + timedelta(days=days, hours=days % 7)
        end = begin + timedelta(days=length)
        wanted = {n for n, i in items.items() if instances(i, begin, end, floating_zone=ZONE)}
        assert set(desk.in_range(begin, end)) == wanted, (begin, end)
        with desk.database.read() as work:
            known = work.calendars.occurrences(calendar, begin, end)
            objects = {each.href: each for each in work.calendars.objects(calendar)}
        for name, item in items.items():
            stored = objects[name]
            if stored.recurring and stored.knows(begin, end):
                found = instances(item, begin, end, floating_zone=ZONE)
                assert sorted(known.get(stored.id, ())) == sorted(i.recurrence_id for i in found)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        (
            ["DTSTART:20260310T080000Z", "DURATION:PT2H"],
            [(7, 9), (8, 9), (9, 10), (9, 11), (10, 11)],
        ),
        (["DTSTART:20260310T080000Z", "DUE:20260310T100000Z"], [(7, 9), (8, 9), (9, 10), (9, 11)]),
        (["DTSTART:20260310T080000Z"], [(7, 9), (8, 9)]),
        (["DUE:20260310T100000Z"], [(9, 10), (9, 11)]),
        (["COMPLETED:20260310T080000Z"], [(7, 8), (7, 9), (8, 9)]),
        (["CREATED:20260310T080000Z"], [(7, 9), (8, 9), (9, 10), (9, 11), (10, 11)]),
        (
            ["CREATED:20260310T080000Z", "COMPLETED:20260310T100000Z"],
            [(7, 8), (7, 9), (8, 9), (9, 10), (9, 11), (10, 11)],
        ),
        ([], [(7, 8), (7, 9), (8, 9), (9, 10), (9, 11), (10, 11)]),
    ],
)
def test_to_dos_are_found_as_rfc_4791_says(desk, lines, found):
    """The table of VTODO in section 9.9, at the borders."""
    desk.put(source("t@x", *lines, component="VTODO"), "t.ics", "tasks")
    asked = [(7, 8), (7, 9), (8, 9), (9, 10), (9, 11), (10, 11)]
    met = [each for each in asked if desk.in_range(at(3, 10, each[0]), at(3, 10, each[1]), "VTODO")]
    assert met == found


def test_busy_times_are_read_from_columns(desk, counting, monkeypatch):
    """Free time is left out, tentative time told apart; no text is parsed."""
    hour = ("DTSTART:20260310T100000Z", "DURATION:PT1H")
    texts = {
        "a": source("a@x", *hour),
        "b": source("b@x", *hour, "TRANSP:TRANSPARENT"),
        "c": source("c@x", "DTSTART:20260310T150000Z", "DURATION:PT1H", "STATUS:TENTATIVE"),
        "d": source("d@x", "DTSTART:20260303T170000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY"),
        "e": source("e@x", *hour, "STATUS:CANCELLED"),
        "f": source("f@x", "DTSTART:20260310T120000Z"),
    }
    for name, made in texts.items():
        desk.put(made, f"{name}.ics")
    monkeypatch.setattr(icalendar.Calendar, "from_ical", None)
    calendar = desk.calendar()
    with counting() as counter, desk.database.read() as work:
        found = work.calendars.busy_times(calendar, at(3, 10), at(3, 11))
    assert len(counter) == 2
    assert found == [
        (at(3, 10, 10), at(3, 10, 11), False),
        (at(3, 10, 15), at(3, 10, 16), True),
        (at(3, 10, 17), at(3, 10, 18), False),
    ]


def _fill(desk, number, foreign, *, series, hours):
    """Put so many single events, over so many hours from the end of February, and series."""
    calendar = desk.calendar()
    rows = []
    for each in range(number):
        begin = at(2, 25) + timedelta(hours=each % hours)
        made = source(f"n{number}-{each}@x", f"DTSTART:{begin:%Y%m%dT%H%M%SZ}", "DURATION:PT1H")
        item = CalendarObject.parse(made) if each == 0 else None
        if item is not None:
            index = index_of(item, floating_zone=ZONE)
        rows.append(
            {
                "company_id": calendar.company_id, "owner_id": calendar.owner_id,
                "calendar_id": calendar.id, "href": f"n{number}-{each}.ics",
                "uid": f"n{number}-{each}@x", "component": "VEVENT", "text": made,
                "revision": 1, "first_utc": begin, "last_utc": begin + timedelta(hours=1),
                "recurring": False, "reach": index.reach, "busy": index.busy,
                "created_at": desk.now, "modified_at": desk.now,
            }
        )  # fmt: skip
    with desk.database.write([desk.user.id]) as work:
        work.connection.execute(insert(dav.CalendarObject), rows)
        for each in range(series):
            item = CalendarObject.parse(
                source(f"s{number}-{each}@x", "DTSTART:20260105T090000Z", "RRULE:FREQ=WEEKLY")
            )
            name = Href(f"s{number}-{each}.ics")
            work.calendars.put(calendar, name, item, origin="client", now=desk.now)
    foreign("ANALYZE")


def test_a_month_costs_the_same_statements_in_a_fuller_calendar(
    desk, counting, foreign, monkeypatch
):
    """Nothing is parsed for it either."""
    counts = []
    for number in (100, 1000):
        _fill(desk, number, foreign, series=number // 50, hours=1_500)
        calendar = desk.calendar()
        with monkeypatch.context() as patched, counting() as counter:
            patched.setattr(icalendar.Calendar, "from_ical", None)
            patched.setattr("bridge.ical.scanner.scan", None)
            with desk.database.read() as work:
                found = work.calendars.in_range(calendar, "VEVENT", at(3, 1), at(4, 1))
                work.calendars.busy_times(calendar, at(3, 1), at(4, 1))
                work.calendars.occurrences(calendar, at(3, 1), at(4, 1))
        counts.append(len(counter))
        assert len(found) > number // 50
    assert counts == [4, 4]


def test_ranges_are_searched_by_index_on_both_sides(desk, foreign, dialect, database_url, sent):
    """No plan walks the calendar; starts are bounded on both sides."""
    _fill(desk, 4_000, foreign, series=12, hours=16_000)
    calendar = desk.calendar()
    sent.clear()
    with desk.database.read() as work:
        work.calendars.in_range(calendar, "VEVENT", at(3, 2), at(3, 9))
        work.calendars.occurrences(calendar, at(3, 2), at(3, 9))
        work.calendars.busy_times(calendar, at(3, 2), at(3, 9))
    searches = [each for each in sent if "occurrences" in each.text]
    assert len(searches) == 3
    engine = create_engine(database_url)
    with engine.connect() as connection:
        explain = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN "
        for statement, parameters in searches:
            rows = connection.exec_driver_sql(explain + statement, parameters).all()
            plan = "\n".join(str(row[-1]) for row in rows)
            for table in ("calendar_objects", "occurrences"):
                assert f"SCAN {table}" not in plan, plan
                assert f"Seq Scan on {table}" not in plan, plan
            assert "Merge Join" not in plan, plan
            assert "ix_calendar_objects_revision" not in plan, plan
            if dialect == "sqlite":
                assert "is_long=? AND start_utc>? AND start_utc<?" in plan, plan
                if "calendar_objects" in plan:
                    assert "reach=? AND first_utc>? AND first_utc<?" in plan, plan
    engine.dispose()


def test_what_a_migration_left_is_answered_right_and_read_by_the_worker(desk, foreign):
    """An older database knows neither instances nor busy times at first."""
    weekly = ("DTSTART:20260302T090000Z", "DURATION:PT1H", "RRULE:FREQ=WEEKLY")
    desk.put(source("s@x", *weekly), "s.ics")
    desk.put(source("t@x", *weekly, "TRANSP:TRANSPARENT"), "t.ics")
    desk.put(source("f@x", "DTSTART:20260310T100000Z", "TRANSP:TRANSPARENT"), "f.ics")
    desk.put(desk.vevent("b@x"), "b.ics")
    rows = foreign(_ROWS)
    foreign("DELETE FROM occurrences")
    foreign(
        "UPDATE calendar_objects SET busy = NULL, extend_at = '1970-01-01 00:00:00.000000',"
        " known_since = CASE WHEN reach = 3 THEN '9999-12-29 00:00:00.000000' END,"
        " known_until = CASE WHEN reach = 3 THEN '0001-01-03 00:00:00.000000' END"
        if desk.database.dialect == "sqlite"
        else "UPDATE calendar_objects SET busy = NULL, extend_at = '1970-01-01 00:00:00+00',"
        " known_since = CASE WHEN reach = 3 THEN timestamptz '9999-12-29 00:00:00+00' END,"
        " known_until = CASE WHEN reach = 3 THEN timestamptz '0001-01-03 00:00:00+00' END"
    )

    def told():
        calendar = desk.calendar()
        with desk.database.read() as work:
            busy = work.calendars.busy_times(calendar, at(3, 9), at(3, 11))
        return desk.in_range(at(3, 9), at(3, 10)), desk.in_range(at(3, 10), at(3, 11)), busy

    before = told()
    assert before[:2] == (["s.ics", "t.ics"], ["f.ics", "b.ics"])
    assert before[2] == [(at(3, 9, 9), at(3, 9, 10), False), (at(3, 10, 10), at(3, 10, 11), False)]
    assert extend(desk, desk.now) == 4
    assert told() == before
    assert foreign(_ROWS) == rows


def test_migration_classifies_what_is_there(empty_database_url):
    """By the columns alone; everything is due to be read."""
    database = Database(empty_database_url)
    database.migrate()
    database.dispose()
    engine = create_engine(empty_database_url)
    with engine.begin() as connection:
        for statement in _OLDER:
            connection.execute(text(statement), {"now": at(3, 1)} if ":now" in statement else {})
        for name, days, recurring in (("short", 1, False), ("long", 9, False), ("series", 0, True)):
            values = {"name": name, "first": at(3, 1), "last": at(3, 1 + days) if days else None}
            connection.execute(_OBJECT, {**values, "recurring": recurring, "now": at(3, 1)})
        undated = {"name": "undated", "first": None, "last": None, "recurring": False}
        connection.execute(_OBJECT, {**undated, "now": at(3, 1)})
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        found = connection.execute(
            text("SELECT href, reach, known_until IS NULL, extend_at IS NULL FROM calendar_objects")
        ).all()
    engine.dispose()
    assert sorted((row[0], row[1], bool(row[2]), bool(row[3])) for row in found) == [
        ("long", 2, True, False),
        ("series", 3, False, False),
        ("short", 1, True, False),
        ("undated", 0, True, False),
    ]


_NEWER = ("known_since", "known_until", "extend_at")
# What makes the newest schema that of 0005, with a calendar in it.
_OLDER = (
    "DROP TABLE occurrences",
    *(f"DROP INDEX ix_calendar_objects_{name}" for name in (*_NEWER, "span")),
    *(f"ALTER TABLE calendar_objects DROP COLUMN {name}" for name in (*_NEWER, "reach", "busy")),
    "CREATE INDEX ix_calendar_objects_span ON calendar_objects (calendar_id, first_utc)",
    "UPDATE alembic_version SET version_num = '0005'",
    "INSERT INTO companies (id, name, created_at) VALUES (1, 'Acme', :now)",
    "INSERT INTO users (id, company_id, login, name, email, timezone, role, created_at)"
    " VALUES (1, 1, 'anna', 'Anna', 'a@x', 'UTC', 'user', :now)",
    "INSERT INTO calendars (id, company_id, owner_id, slug, components, created_at, modified_at)"
    " VALUES (1, 1, 1, 'activities', 'VEVENT', :now, :now)",
)
_OBJECT = text(
    "INSERT INTO calendar_objects (company_id, owner_id, calendar_id, href, uid, component, text,"
    " revision, first_utc, last_utc, recurring, created_at, modified_at) VALUES (1, 1, 1, :name,"
    " :name, 'VEVENT', '', 1, :first, :last, :recurring, :now, :now)"
)
