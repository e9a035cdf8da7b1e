"""A constant number of statements, and exactly one winner."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bridge.domain.identifiers import Href
from bridge.domain.spans import TimedSpan
from bridge.errors import StoreBusy
from bridge.ical.calendar_object import CalendarObject
from bridge.store.reconcile import reconcile

SPAN = TimedSpan(
    start=datetime(2026, 3, 11, 14, tzinfo=UTC), end=datetime(2026, 3, 11, 15, tzinfo=UTC)
)
_UNIQUE = (
    "(rowid=?)", "(calendar_id=? AND href=?)", "(calendar_id=? AND uid=?)", "(activity_id=?)",
)  # fmt: skip


def _read(desk, ask):
    """Return a function that asks one question of the calendar repository in a snapshot."""

    def run():
        calendar = desk.calendar()
        with desk.database.read() as work:
            ask(work, calendar)

    return run


def _operations(desk):
    """Return every operation by name; each may be run many times."""
    numbers = iter(range(10_000))
    soon = desk.now + timedelta(days=30)

    def put_new():
        number = next(numbers)
        desk.put(desk.vevent(f"n{number}@x"), f"n{number}.ics")

    def put_again():
        desk.put(desk.vevent("base@x", f"No {next(numbers)}"), "base.ics")

    def crm_update():
        found = desk.activity(desk.present("base.ics").activity_id)
        desk.update(replace(found, subject=f"No {next(numbers)}"))

    def crm_move():
        found = desk.activity(desk.present("moving.ics").activity_id)
        desk.update(replace(found, type_key="task"))
        desk.update(replace(desk.activity(found.id), type_key="call"))

    def delete():
        put_new()
        desk.delete(desk.objects()[-1].href)

    return {
        "put new": put_new,
        "put again": put_again,
        "crm add": lambda: desk.add(span=SPAN),
        "crm update": crm_update,
        "crm move": crm_move,
        "delete": delete,
        "principal": _read(desk, lambda work, _: work.calendars.principal("anna")),
        "objects": _read(desk, lambda work, it: work.calendars.objects(it)),
        "range": _read(desk, lambda work, it: work.calendars.in_range(it, None, desk.now, soon)),
        "changes": _read(desk, lambda work, it: work.calendars.changes(it, 0)),
        "pending": _read(desk, lambda work, _: work.foreign_changes.pending([desk.user.id])),
        "list": _read(desk, lambda work, _: work.activities.list(desk.user.id)),
    }


def test_no_operation_costs_more_statements_in_a_full_calendar(desk, counting):
    """Ten times the objects, the same statements."""
    desk.put(desk.vevent("base@x"), "base.ics")
    desk.put(desk.vevent("moving@x", "Moving", "CATEGORIES:Call"), "moving.ics")
    operations = _operations(desk)

    def measure():
        counts = {}
        for name, run in operations.items():
            with counting() as counter:
                run()
            counts[name] = len(counter)
        return counts

    measure()
    few = measure()
    for number in range(30):
        desk.add(span=SPAN, subject=f"More {number}")
    assert measure() == few
    # Each reading operation also asks for the calendar itself.
    assert {few[name] for name in ("principal", "objects", "range", "changes", "pending")} == {2}
    assert few["put new"] <= 9
    assert few["put again"] <= 9


def test_portion_of_edits_costs_few_statements_for_each(desk, counting, foreign):
    """Rows are loaded together; each changed one costs three writes."""
    for number in range(40):
        desk.add(span=SPAN, subject=f"No {number}")
    counts = []
    for share in (10, 40):
        foreign(
            "UPDATE activities SET location = 'R' || :share WHERE id <= :count",
            share=str(share),
            count=share,
        )
        with counting() as counter:
            assert desk.reconcile() == share
        counts.append(len(counter))
    assert (counts[1] - counts[0]) / 30 <= 3


def test_range_and_sync_queries_use_their_indexes(desk, foreign, dialect):
    """Neither walks the calendar (SQLite tells its plan)."""
    if dialect == "sqlite":
        plan = foreign(
            "EXPLAIN QUERY PLAN SELECT href FROM calendar_objects"
            " WHERE calendar_id = 1 AND revision > 5"
        )
        assert "ix_calendar_objects_revision" in str(plan)
    pending = "SELECT 1 FROM foreign_changes WHERE new_owner_id IN (1, 2)"
    explain = "EXPLAIN QUERY PLAN " if dialect == "sqlite" else "EXPLAIN "
    foreign("INSERT INTO foreign_changes (table_name, operation) VALUES ('persons', 'update')")
    if dialect == "postgresql":
        foreign("SET enable_seqscan = off")
    assert "ix_foreign_changes_new_owner_id" in str(foreign(explain + pending))


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_writes_search_objects_by_unique_indexes_only(desk, plans):
    """No write walks the calendar, as a search by the calendar alone would."""
    writes = {
        "put new": lambda: desk.put(desk.vevent("a@x"), "a.ics"),
        "put again": lambda: desk.put(desk.vevent("a@x", "Again"), "a.ics"),
        "delete": lambda: desk.delete("a.ics"),
    }
    for name, write in writes.items():
        with plans() as seen:
            write()
        searches = [step for step in seen if "calendar_objects" in step or " sought" in step]
        assert searches
        wide = [step for step in searches if not step.removesuffix(" LEFT-JOIN").endswith(_UNIQUE)]
        assert wide == [], name


def test_retitling_asks_for_neither_types_nor_guests(desk, counting):
    """Their rows matter only to a text that tells of other ones."""
    guest = "ATTENDEE:mailto:eva@example.com"
    desk.put(desk.vevent("a@x", "x", guest, "CATEGORIES:Call"))
    with counting() as counter:
        desk.put(desk.vevent("a@x", "y", guest, "CATEGORIES:Call"))
    asked = " ".join(counter.statements)
    assert "UPDATE activities" in asked
    assert "activity_types" not in asked
    assert "activity_attendees" not in asked


def test_one_precondition_many_writers_exactly_one_wins(desk):
    """Each reads the ETag in its writing transaction, compares, and puts."""
    known = desk.put(desk.vevent()).etag
    calendar = desk.calendar()
    start = threading.Barrier(4)
    won, lost = [], []

    def write(number):
        start.wait(10)
        item = CalendarObject.parse(desk.vevent("a@x", f"Writer {number}"))
        for _ in range(20):
            try:
                with desk.database.write([desk.user.id]) as work:
                    stored = work.calendars.object(calendar, Href("a.ics"))
                    if stored.etag != known:
                        lost.append(number)
                        return
                    work.calendars.put(calendar, Href("a.ics"), item, origin="client", now=desk.now)
            except StoreBusy:
                continue
            won.append(number)
            return

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(won) == 1
    assert len(lost) == 3
    assert f"Writer {won[0]}" in desk.present().text


def test_writers_of_one_home_never_share_a_revision(desk):
    """Commit order is revision order, so that no sync token skips a change."""
    start = threading.Barrier(3)
    revisions = []

    def write(number):
        start.wait(10)
        for round_ in range(5):
            while True:
                try:
                    put = desk.put(desk.vevent(f"{number}-{round_}@x"), f"{number}-{round_}.ics")
                except StoreBusy:
                    continue
                break
            revisions.append(put.revision)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(revisions)) == 15
    assert desk.calendar().revision == max(revisions)
    assert len(desk.changed(0)) == 15


def test_two_reconcilers_carry_an_owner_change_once(desk, make_user, foreign):
    """Both homes' readers come at once; neither waits for ever."""
    bob = make_user("bob")
    theirs = type(desk)(desk.database, bob, desk.now)
    for number in range(5):
        desk.put(desk.vevent(f"{number}@x"), f"{number}.ics")
    foreign("UPDATE activities SET owner_id = :owner", owner=bob.id)
    failures = []

    def work_off(user):
        for _ in range(200):
            try:
                with desk.database.write([user.id]) as work:
                    reconcile(work, homes=[user.id], limit=2, now=desk.now)
                with desk.database.read() as work:
                    if not work.foreign_changes.pending([user.id]):
                        return
            except StoreBusy:
                continue
        failures.append(user.login)

    threads = [threading.Thread(target=work_off, args=(user,)) for user in (desk.user, bob)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert desk.objects() == []
    assert len(theirs.objects()) == 5


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_program_without_any_right_on_our_tables_is_noted(desk, foreign):
    """The trigger's function has the rights of the owner, and looks into no other schema."""
    foreign("CREATE ROLE guest LOGIN")
    foreign("GRANT SELECT, UPDATE ON activities TO guest")
    put = desk.put(desk.vevent())
    foreign(
        "SET ROLE guest; CREATE TEMP TABLE foreign_changes (LIKE public.activities);"
        " UPDATE public.activities SET subject = 'Guest'; RESET ROLE;"
        " DROP TABLE pg_temp.foreign_changes; DROP OWNED BY guest; DROP ROLE guest"
    )
    assert desk.pending()
    desk.reconcile()
    assert "SUMMARY:Guest" in desk.present().text
    assert desk.present().id == put.id
