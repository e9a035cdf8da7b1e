"""Other programs write the CRM's tables; reconciling carries it into the calendars."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.errors import ObjectChanged
from bridge.store.catch_up import catch_up
from bridge.store.reconcile import reconcile

INSERT = (
    "INSERT INTO activities (company_id, owner_id, type_key, subject, due_date, due_time,"
    " duration_seconds) VALUES (:company, :owner, :type, :subject, :day, :time, :seconds)"
)


@pytest.fixture
def insert(desk, foreign):
    """Return a function that inserts an activity as another program does."""

    def run(**values):
        given = {"type": "call", "subject": "Foreign", "day": "2026-03-11", "time": "14:00:00"}
        given = given | {"seconds": 1800, "company": desk.user.company_id, "owner": desk.user.id}
        foreign(INSERT, **(given | values))
        return foreign("SELECT max(id) FROM activities")[0][0]

    return run


def reported(foreign):
    """Return the reasons by row."""
    return dict(foreign("SELECT row_id, reason FROM reported_rows"))


def test_our_own_writes_are_not_noted(desk, foreign):
    """Every kind of write of ours is silent."""
    put = desk.put(desk.vevent())
    desk.update(replace(desk.activity(put.activity_id), subject="Two", type_key="task"))
    desk.put(desk.vtodo(), "t.ics", "tasks")
    desk.delete("t.ics", "tasks")
    assert foreign("SELECT * FROM foreign_changes") == []


def test_inserted_activity_gets_an_object(desk, insert):
    """It is served after reconciling, and noted no more."""
    number = insert()
    assert desk.pending()
    assert desk.reconcile() == 1
    assert not desk.pending()
    stored = desk.objects()[0]
    assert stored.activity_id == number
    assert "SUMMARY:Foreign" in stored.text
    start = datetime(2026, 3, 11, 14, tzinfo=UTC)
    span = TimedSpan(start=start, end=start.replace(minute=30), zone="Europe/Prague")
    assert desk.activity(number).span == span
    assert desk.reconcile() == 0


def test_last_modified_is_the_time_of_the_change(desk, insert, foreign):
    """Whoever reconciles, whenever, writes the same text."""
    insert()
    foreign("UPDATE foreign_changes SET created_at = '2026-02-01 10:00:00'")
    desk.later(days=3).reconcile()
    assert "LAST-MODIFIED:20260201T100000Z" in desk.objects()[0].text


def test_updated_activity_is_patched(desk, foreign):
    """A foreign edit patches the client's own text."""
    put = desk.put(desk.vevent())
    foreign("UPDATE activities SET subject = 'New' WHERE id = :id", id=put.activity_id)
    assert desk.reconcile() == 1
    after = desk.present()
    assert "SUMMARY:New" in after.text
    assert "X-PHONE-COLOUR;X-P=1:teal" in after.text
    assert (after.id, after.uid) == (put.id, put.uid)
    assert after.revision > put.revision


def test_edit_no_client_sees_keeps_the_etag(desk, foreign):
    """The entry is consumed, nothing is written."""
    put = desk.put(desk.vevent())
    foreign("UPDATE activities SET note = 'secret' WHERE id = :id", id=put.activity_id)
    assert desk.reconcile() == 1
    assert desk.present() == put
    assert "secret" not in desk.present().text


def test_deleted_row_withdraws_the_object(desk, foreign):
    """The tombstone tells of it."""
    put = desk.put(desk.vevent())
    foreign("DELETE FROM activities WHERE id = :id", id=put.activity_id)
    desk.reconcile()
    assert desk.object() is None
    assert desk.changed(put.revision) == ["a.ics"]


def test_softly_deleted_row_withdraws_the_object_and_comes_back(desk, foreign):
    """Taking the mark off serves the activity again."""
    put = desk.put(desk.vevent())
    mark = "UPDATE activities SET deleted_at = {} WHERE id = :id"
    foreign(mark.format("CURRENT_TIMESTAMP"), id=put.activity_id)
    desk.reconcile()
    assert desk.object() is None
    foreign(mark.format("NULL"), id=put.activity_id)
    desk.reconcile()
    assert [each.activity_id for each in desk.objects()] == [put.activity_id]


def test_deleting_a_row_we_had_marked_is_silent(desk, foreign):
    """Another program may clean up behind us."""
    put = desk.put(desk.vevent())
    desk.delete()
    foreign("DELETE FROM activities WHERE id = :id", id=put.activity_id)
    assert not desk.pending()


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_replaced_row_is_an_edit(desk, foreign):
    """SQLite runs no DELETE trigger for INSERT OR REPLACE; UID and name stay."""
    put = desk.put(desk.vevent())
    foreign(
        "INSERT OR REPLACE INTO activities (id, company_id, owner_id, type_key, subject, due_date)"
        " SELECT id, company_id, owner_id, type_key, 'Replaced', due_date FROM activities"
    )
    assert desk.reconcile() == 1
    after = desk.present()
    assert (after.id, after.uid, after.activity_id) == (put.id, put.uid, put.activity_id)
    assert "SUMMARY:Replaced" in after.text


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_replacement_that_copies_our_mark_is_noticed_too(desk, foreign):
    """A program that copies whole rows copies the newest revision with them."""
    desk.put(desk.vevent())
    foreign("CREATE TEMP TABLE copied AS SELECT * FROM activities")
    foreign("UPDATE copied SET subject = 'Copied'")
    foreign("INSERT OR REPLACE INTO activities SELECT * FROM copied")
    assert desk.pending()
    desk.reconcile()
    assert "SUMMARY:Copied" in desk.present().text


def test_type_changed_by_sql_moves_the_object(desk, foreign):
    """From the events to the to-dos, due when it said it was due."""
    put = desk.put(desk.vevent())
    foreign("UPDATE activities SET type_key = 'task' WHERE id = :id", id=put.activity_id)
    desk.reconcile()
    assert desk.object() is None
    moved = desk.objects("tasks")[0]
    assert (moved.uid, moved.activity_id) == (put.uid, put.activity_id)
    due = datetime(2026, 3, 10, 10, tzinfo=UTC)
    assert desk.activity(put.activity_id).span == TimedSpan(
        start=due.replace(hour=9), end=due, zone="UTC"
    )


def test_owner_changed_by_sql_moves_the_object_to_the_other_home(desk, make_user, foreign):
    """Either home's read finds the entry; both are changed at once."""
    bob = make_user("bob")
    theirs = type(desk)(desk.database, bob, desk.now)
    put = desk.put(desk.vevent())
    statement = "UPDATE activities SET owner_id = :owner WHERE id = :id"
    foreign(statement, owner=bob.id, id=put.activity_id)
    assert desk.pending()
    assert theirs.pending()
    assert theirs.reconcile() == 1
    assert desk.object() is None
    assert theirs.present().uid == put.uid
    assert not desk.pending()
    assert foreign("SELECT * FROM foreign_changes") == []


def test_whole_day_without_a_duration_is_one_day(desk, insert):
    """A date alone is a day."""
    number = insert(time=None, seconds=None)
    desk.reconcile()
    assert desk.activity(number).span == AllDaySpan(start=date(2026, 3, 11), end=date(2026, 3, 12))


@pytest.mark.parametrize(
    ("values", "word"),
    [
        ({"type": "golf"}, "type_key"),
        ({"seconds": -1}, "duration_seconds"),
        ({"seconds": 2**60}, "calendar"),
    ],
)
def test_row_that_makes_no_sense_is_reported_and_not_served(desk, insert, foreign, values, word):
    """The entry is consumed; the admin sees why."""
    number = insert(**values)
    assert desk.reconcile() == 1
    assert desk.objects() == []
    assert not desk.pending()
    assert word in reported(foreign)[number]


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(
    ("column", "value"),
    [("due_time", "25:99"), ("due_time", "0900"), ("due_date", "tomorrow"),
     ("due_date", "2026-13-45"), ("duration_seconds", "an hour"), ("timezone", "Mars/Phobos"),
     ("due_time", "09:00:00+02:00"), ("subject", b"\xff\x00"), ("done_at", "yesterday")],
)  # fmt: skip
def test_odd_text_in_sqlite_is_reported_and_the_object_stays(desk, foreign, column, value):
    """SQLite stores anything; what was served goes on being served."""
    put = desk.put(desk.vevent())
    foreign(f"UPDATE activities SET {column} = :value", value=value)  # noqa: S608 - names of this test
    assert desk.reconcile() == 1
    assert desk.present() == put
    assert column in reported(foreign)[put.activity_id]
    assert desk.activities() == ()


@pytest.mark.parametrize("value", ["09:00", "09:00:00", "09:00:00.000", "T0900"])
def test_times_without_seconds_are_read(desk, foreign, value):
    """Ordinary spellings of a time make sense."""
    put = desk.put(desk.vevent())
    foreign("UPDATE activities SET due_time = :value", value=value)
    desk.reconcile()
    span = desk.activity(put.activity_id).span
    assert isinstance(span, TimedSpan)
    assert span.start == datetime(2026, 3, 10, 9, tzinfo=UTC)


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize(
    ("column", "value"), [("updated_at", "now-ish"), ("created_at", "long ago"), ("busy", "maybe")]
)
def test_odd_bookkeeping_hides_no_activity(desk, foreign, column, value):
    """These columns only describe the row."""
    put = desk.put(desk.vevent())
    foreign(f"UPDATE activities SET {column} = :value, subject = 'Seen'", value=value)  # noqa: S608 - names of this test
    desk.reconcile()
    assert "SUMMARY:Seen" in desk.present().text
    assert desk.activity(put.activity_id).subject == "Seen"


@pytest.mark.parametrize("dialect", ["postgresql"])
@pytest.mark.parametrize("value", ["infinity", "10000-01-01", "0044-03-15 BC"])
def test_odd_dates_of_postgresql_are_reported(desk, foreign, value):
    """It knows dates that no calendar does."""
    put = desk.put(desk.vevent())
    foreign("UPDATE activities SET due_date = CAST(:value AS date)", value=value)
    desk.reconcile()
    assert desk.present() == put
    assert "due_date" in reported(foreign)[put.activity_id]


def test_row_that_makes_sense_again_is_served_and_no_longer_reported(desk, insert, foreign):
    """The report is of now, not of the past."""
    number = insert(type="golf")
    desk.reconcile()
    foreign("UPDATE activities SET type_key = 'call' WHERE id = :id", id=number)
    desk.reconcile()
    assert [each.activity_id for each in desk.objects()] == [number]
    assert reported(foreign) == {}


@pytest.mark.parametrize("dialect", ["sqlite"])
def test_put_over_an_odd_row_gives_it_sense(desk, foreign):
    """The client's text is the only sense there is."""
    put = desk.put(desk.vevent())
    foreign("UPDATE activities SET due_date = 'tomorrow'")
    desk.reconcile()
    desk.put(desk.vevent("a@x", "Healed"))
    assert desk.activity(put.activity_id).subject == "Healed"
    assert reported(foreign) == {}
    assert not desk.pending()


def test_owner_who_is_nobody_is_reported_and_consumed(desk, insert, foreign):
    """Nobody's home is found by the worker only, and ends there."""
    number = insert(owner=9999)
    with desk.database.read() as work:
        assert work.foreign_changes.homes_with_entries(10) == (9999,)
    with desk.database.write([9999]) as work:
        assert reconcile(work, homes=[9999], limit=10, now=desk.now) == 1
    assert number in reported(foreign)
    assert foreign("SELECT * FROM foreign_changes") == []


def test_activity_given_to_nobody_stays_where_it_was(desk, foreign):
    """It is withdrawn only if the row goes."""
    put = desk.put(desk.vevent())
    foreign("UPDATE activities SET owner_id = 9999")
    assert desk.reconcile() == 1
    assert desk.present() == put
    assert put.activity_id in reported(foreign)


def test_owner_of_another_company_is_reported(desk, insert, foreign):
    """No activity crosses from one company to another."""
    number = insert()
    foreign("INSERT INTO companies (id, name, created_at) VALUES (77, 'B', '2026-01-01 00:00:00')")
    foreign("UPDATE activities SET company_id = 77 WHERE id = :id", id=number)
    desk.reconcile()
    assert number in reported(foreign)
    assert desk.objects() == []


def test_portion_ends_at_the_limit(desk, insert):
    """The rest waits for the next portion."""
    for number in range(5):
        insert(subject=f"No {number}")
    assert desk.reconcile(limit=3) == 3
    assert len(desk.objects()) == 3
    assert desk.pending()
    assert desk.reconcile(limit=3) == 2
    assert not desk.pending()


def test_renamed_person_refreshes_every_activity_concerned(desk, insert, foreign):
    """The worker divides it; reads do not wait for it."""
    with desk.database.write() as work:
        eva = work.contacts.add_person(desk.user.company_id, "Eva", now=desk.now)
    added = desk.add(person=eva)
    other = desk.add(subject="Other")
    assert not desk.pending()
    foreign("UPDATE persons SET name = 'Eva Nova' WHERE id = :id", id=eva.id)
    with desk.database.write() as work:
        assert work.foreign_changes.expand_shared(10) == 1
    assert not desk.pending()
    with desk.database.read() as work:
        assert work.foreign_changes.homes_with_entries(10) == (desk.user.id,)
    assert desk.reconcile() == 1
    texts = {each.activity_id: each.text for each in desk.objects("tasks")}
    assert "Eva Nova" in texts[added.id]
    assert "Eva Nova" not in texts[other.id]
    assert foreign("SELECT * FROM foreign_changes") == []


def test_renamed_type_changes_the_category(desk, foreign):
    """Our own rename is noted like a foreign one."""
    desk.add(type_key="task")
    with desk.database.write() as work:
        task = work.types.get(desk.user.company_id, "task")
        assert task is not None
        work.types.save(desk.user.company_id, replace(task, name="Chore"))
    with desk.database.write() as work:
        work.foreign_changes.expand_shared(10)
    desk.reconcile()
    assert "CATEGORIES:Chore" in desk.objects("tasks")[0].text


@pytest.mark.parametrize("table", ["organizations", "deals", "persons"])
def test_each_shared_table_is_followed(desk, foreign, table):
    """Deleting the record takes its name out of the calendars."""
    company_id = desk.user.company_id
    with desk.database.write() as work:
        links = {
            "organization": work.contacts.add_organization(company_id, "Zebra", now=desk.now),
            "deal": work.contacts.add_deal(company_id, "Zebra", now=desk.now),
            "person": work.contacts.add_person(company_id, "Zebra", now=desk.now),
        }
    name = table[:-1]
    desk.add(**{name: links[name]})
    assert "Zebra" in desk.objects("tasks")[0].text
    foreign(f"DELETE FROM {table}")  # noqa: S608 - names of this test
    with desk.database.write() as work:
        assert work.foreign_changes.expand_shared(10) == 1
    desk.reconcile()
    assert "Zebra" not in desk.objects("tasks")[0].text


def test_full_comparison_finds_what_bypassed_the_triggers(desk, insert, foreign):
    """Rows made, changed and gone without a note."""
    changed, gone = desk.add(subject="Changed"), desk.add(subject="Gone")
    made = insert()
    foreign("UPDATE activities SET subject = 'Other' WHERE id = :id", id=changed.id)
    foreign("DELETE FROM activities WHERE id = :id", id=gone.id)
    foreign("DELETE FROM foreign_changes")
    with desk.database.write() as work:
        work.foreign_changes.ask_full_comparison(now=desk.now)
        assert work.foreign_changes.expand_shared(10) == 1
    assert desk.reconcile() == 3
    assert [each.activity_id for each in desk.objects()] == [made]
    todo = desk.objects("tasks")
    assert [(each.activity_id, "SUMMARY:Other" in each.text) for each in todo] == [
        (changed.id, True)
    ]


@pytest.mark.parametrize("dialect", ["postgresql"])
def test_truncate_asks_for_a_full_comparison(desk, foreign):
    """Row triggers do not see it."""
    desk.put(desk.vevent())
    foreign("TRUNCATE activities")
    with desk.database.write() as work:
        assert work.foreign_changes.expand_shared(10) == 1
    desk.reconcile()
    assert desk.objects() == []


def test_put_that_did_not_see_a_foreign_change_is_refused(desk, foreign):
    """Its precondition was compared with the text before that change."""
    put = desk.put(desk.vevent())
    foreign("UPDATE activities SET subject = 'Theirs'")
    with pytest.raises(ObjectChanged):
        desk.put(desk.vevent("a@x", "Mine"))
    with pytest.raises(ObjectChanged):
        desk.delete()
    assert desk.activity(put.activity_id).subject == "Theirs"
    desk.reconcile()
    assert "SUMMARY:Theirs" in desk.present().text
    desk.put(desk.vevent("a@x", "Mine"))
    assert desk.activity(put.activity_id).subject == "Mine"


def test_crm_update_keeps_a_foreign_change_that_waited(desk, foreign):
    """It is carried first; only what differs from the row is written."""
    added = desk.add()
    foreign("UPDATE activities SET location = 'There'")
    desk.update(replace(desk.activity(added.id), subject="Here"))
    text = desk.objects("tasks")[0].text
    assert "LOCATION:There" in text
    assert "SUMMARY:Here" in text
    assert not desk.pending()


def test_catching_up_serves_the_stored_state_while_the_home_is_held(desk, insert):
    """A read waits 200 ms and no longer."""
    insert()
    held, release = threading.Event(), threading.Event()

    def hold():
        with desk.database.write([desk.user.id]):
            held.set()
            release.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert held.wait(5)
        assert catch_up(desk.database, [desk.user.id], now=desk.now) == 0
    finally:
        release.set()
        thread.join()
    assert catch_up(desk.database, [desk.user.id], now=desk.now) == 1
    assert len(desk.objects()) == 1


def test_link_to_a_record_of_another_company_is_no_link(desk, foreign):
    """Nothing of another company is shown, whatever id stands in the row."""
    foreign("INSERT INTO companies (id, name, created_at) VALUES (77, 'B', '2026-01-01 00:00:00')")
    foreign("INSERT INTO persons (id, company_id, name) VALUES (500, 77, 'Stranger')")
    added = desk.add()
    foreign("UPDATE activities SET person_id = 500")
    desk.reconcile()
    assert desk.activity(added.id).person is None
    assert "Stranger" not in desk.objects("tasks")[0].text


def test_changed_id_is_a_deletion_and_an_insertion(desk, foreign):
    """The object of the old id goes, one of the new id comes."""
    desk.put(desk.vevent())
    foreign("UPDATE activities SET id = 4711")
    desk.reconcile()
    assert [each.activity_id for each in desk.objects()] == [4711]
    assert desk.object() is None


@pytest.mark.parametrize("dialect", ["sqlite"])
@pytest.mark.parametrize("table", ["activities", "persons", "activity_types"])
def test_bytes_that_are_no_text_hide_one_row_only(desk, foreign, table):
    """SQLite keeps any bytes as text; reading the others goes on."""
    with desk.database.write() as work:
        eva = work.contacts.add_person(desk.user.company_id, "Eva", now=desk.now)
    hit = desk.add(type_key="task", person=eva)
    other = desk.add(type_key="deadline", subject="Other")
    column = "subject" if table == "activities" else "name"
    one = {"activities": hit.id, "persons": eva.id, "activity_types": 4}[table]
    foreign(f"UPDATE {table} SET {column} = CAST(X'ff41' AS TEXT) WHERE id = :id", id=one)  # noqa: S608 - names of this test
    with desk.database.write() as work:
        work.foreign_changes.expand_shared(10)
    foreign("UPDATE activities SET subject = 'Seen' WHERE id = :id", id=other.id)
    assert desk.reconcile() == 2
    assert [each.subject for each in desk.activities() if each.id == other.id] == ["Seen"]
    assert list(reported(foreign)) == [hit.id]


def test_settled_object_can_be_compared_and_put(desk, foreign):
    """A conditional request settles first, in its writing transaction."""
    put = desk.put(desk.vevent())
    foreign("UPDATE activities SET subject = 'Theirs'")
    calendar = desk.calendar()
    with desk.database.write([desk.user.id]) as work:
        work.calendars.settle(calendar, put.href, now=desk.now)
        seen = work.calendars.object(calendar, put.href)
        assert seen.etag != put.etag
        assert "SUMMARY:Theirs" in seen.text
    desk.put(desk.vevent("a@x", "Mine"))
    assert not desk.pending()


@pytest.mark.parametrize("lines", ["garbage", "RRULE:FREQ=NEVER", "RRULE:FREQ=DAILY"])
def test_recurrence_written_by_sql_is_served_or_reported(desk, foreign, lines):
    """A rule that means nothing is reported; the object stays."""
    put = desk.put(desk.vevent())
    foreign("UPDATE activities SET recurrence = :lines", lines=lines)
    desk.reconcile()
    if lines == "RRULE:FREQ=DAILY":
        assert desk.present().recurring
        assert reported(foreign) == {}
    else:
        assert desk.present() == put
        assert put.activity_id in reported(foreign)


@pytest.mark.parametrize(
    "words", ["CATEGORIES:Deadline", "CATEGORIES:Friends", "CATEGORIES:Call,Meeting", "PRIORITY:0"]
)
def test_what_a_client_says_of_the_type_stays_until_the_crm_changes_it(desk, foreign, words):
    """Comparing everything rewrites no object whose activity nobody touched."""
    desk.put(desk.vevent("a@x", "One", "CATEGORIES:Lunch"))
    put = desk.put(desk.vevent("a@x", "Two", words))
    kind = desk.activity(put.activity_id).type_key
    with desk.database.write() as work:
        work.foreign_changes.ask_full_comparison(now=desk.now)
        work.foreign_changes.expand_shared(10)
    assert desk.reconcile() == 1
    assert desk.present() == put
    assert desk.activity(put.activity_id).type_key == kind
    foreign("UPDATE activities SET subject = 'Three'")
    desk.reconcile()
    assert (words in desk.present().text) or words == "PRIORITY:0"
    foreign("UPDATE activities SET type_key = 'call'")
    desk.reconcile()
    assert "Call" in desk.present().text


def test_time_left_beside_no_date_does_not_come_to_life_with_one(desk, insert):
    """When the CRM gives whole days, the stale time of an undated row goes."""
    number = insert(day=None, time="08:15:00")
    desk.reconcile()
    span = AllDaySpan(start=date(2026, 3, 10), end=date(2026, 3, 12))
    desk.update(replace(desk.activity(number), span=span))
    assert desk.activity(number).span == span
