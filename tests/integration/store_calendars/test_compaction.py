"""What is too old goes in portions; tokens from below the floor are refused, all others hold."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from bridge.application.background import Background
from bridge.errors import NotFound, SyncTokenExpired
from bridge.store.compaction import TOMBSTONES_KEPT, TRASH_KEPT, compact_home, homes_to_compact
from bridge.store.schema import crm, dav


@pytest.fixture
def make(desk, event_text):
    """Return a function that makes events and deletes them again, at the desk's time."""

    def run(names, at=desk):
        for name in names:
            at.put(event_text(name), f"{name}.ics")
            at.delete(f"{name}.ics")

    return run


@pytest.fixture
def event_text():
    """Return a function that writes an event of that UID."""

    def write(uid):
        return (
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\n"
            f"UID:{uid}\r\nDTSTAMP:20260301T000000Z\r\nDTSTART:20260302T090000Z\r\n"
            "SUMMARY:x\r\nATTENDEE:mailto:bob@example.com\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )

    return write


class Night:
    """A database at a later time."""

    def __init__(self, desk, **later):
        self.desk = desk
        self.instant = desk.now + timedelta(**later)

    def now(self):
        """Return that time."""
        return self.instant

    def homes(self):
        """Return the homes that hold something too old."""
        with self.desk.database.read() as work:
            return homes_to_compact(work, now=self.instant)

    def compact(self, limit=200):
        """Drop one portion in the desk's home."""
        owner = self.desk.user.id
        with self.desk.database.write([owner]) as work:
            return compact_home(work, owner, now=self.instant, limit=limit)

    def calendar(self):
        """Return the calendar as it is now."""
        with self.desk.database.read() as work:
            return work.calendars.calendar(self.desk.user.id, "activities")

    def since(self, revision):
        """Return the names that changed after a revision."""
        return self.desk.changed(revision)

    def count(self, table):
        """Return how many rows a table has."""
        with self.desk.database.read() as work:
            return work.connection.scalar(select(func.count()).select_from(table))


def test_tokens_at_the_floor_hold_and_those_below_are_refused(desk, make, event_text):
    """The floor is the last revision that went; who knew that one misses nothing."""
    start = Night(desk).calendar().revision
    make(["a", "b"])
    gone = Night(desk).calendar().revision
    desk.put(event_text("c"), "c.ics")
    night = Night(desk, days=91)
    before = night.calendar()
    assert night.since(start) == ["a.ics", "b.ics", "c.ics"]
    assert not night.compact()
    after = night.calendar()
    assert after.floor == gone
    assert (after.revision, after.ctag, after.sync_token, after.modified_at) == (
        before.revision,
        before.ctag,
        before.sync_token,
        before.modified_at,
    )
    assert night.since(gone) == ["c.ics"]
    for expired in (start, gone - 1):
        with pytest.raises(SyncTokenExpired):
            night.since(expired)
    assert night.count(dav.Tombstone) == 0


def test_a_calendar_whose_last_change_was_a_deletion_keeps_its_revision(desk, make):
    """Its present token is at the floor then, and still good."""
    make(["a"])
    night = Night(desk, days=91)
    present = night.calendar().revision
    night.compact()
    assert night.calendar().revision == night.calendar().floor == present
    assert night.since(present) == []


def test_young_tombstones_stay_and_so_do_those_behind_them(desk, make):
    """Ninety days, to the second; a token is a revision, so nothing goes out of order."""
    make(["old"])
    make(["young"], at=desk.later(seconds=1))
    make(["oddly-old"], at=desk.later(days=-5))
    night = Night(desk, seconds=TOMBSTONES_KEPT.total_seconds() + 0.5)
    floor = night.calendar().floor
    assert night.homes() == [desk.user.id]
    assert not night.compact()
    assert night.calendar().floor > floor
    assert night.count(dav.Tombstone) == 2
    assert night.since(night.calendar().floor) == ["young.ics", "oddly-old.ics"]


def test_nothing_is_touched_before_its_time(desk, make):
    """A calendar with nothing dropped keeps every token for ever."""
    make(["a"])
    night = Night(desk, seconds=TRASH_KEPT.total_seconds())
    floor = night.calendar().floor
    assert night.homes() == []
    assert not night.compact()
    assert night.calendar().floor == floor
    assert night.count(dav.Tombstone) == 1
    assert night.count(crm.Activity) == 1


def test_large_heaps_go_in_portions(desk, make):
    """Each portion raises the floor to what it dropped, so a kill in between leaves no gap."""
    make("abcde")
    night = Night(desk, days=91)
    floors = [night.calendar().floor]
    while night.compact(limit=2):
        floors.append(night.calendar().floor)
    floors.append(night.calendar().floor)
    assert floors == sorted(set(floors))
    assert len(floors) == 4
    assert night.count(dav.Tombstone) == night.count(crm.Activity) == 0


def test_the_trash_is_emptied_after_thirty_days(desk, make, event_text):
    """Guests go with their activity, and nothing is noted as another program's change."""
    make(["a"])
    desk.put(event_text("alive"), "alive.ics")
    night = Night(desk, seconds=TRASH_KEPT.total_seconds() + 1)
    assert len(desk.activities(deleted=True)) == 1
    assert not night.compact()
    assert desk.activities(deleted=True) == ()
    assert len(desk.activities()) == 1
    assert night.count(crm.ActivityAttendee) == 1
    assert night.count(dav.Tombstone) == 1
    assert not desk.pending()


def test_what_another_program_wrote_by_mistake_is_not_taken_for_old(desk, event_text, foreign):
    """A flag where an instant belongs; and what still has an object or waits to be carried."""
    desk.put(event_text("a"), "a.ics")
    if desk.database.dialect == "sqlite":
        foreign("UPDATE activities SET deleted_at = 1")
    else:
        foreign("UPDATE activities SET deleted_at = '2020-01-01T00:00:00Z'")
    night = Night(desk, days=91)
    night.compact()
    assert night.count(crm.Activity) == 1


def test_a_name_that_came_back_is_found_after_compaction(desk, make, event_text):
    """Delete and make again: the tombstone is gone already, the object is told."""
    make(["a"])
    token = Night(desk).calendar().revision
    desk.put(event_text("a"), "a.ics")
    night = Night(desk, days=91)
    night.compact()
    assert night.since(token) == ["a.ics"]
    with pytest.raises(NotFound):
        desk.later(days=91).delete("b.ics")


def test_the_worker_goes_through_all_homes(desk, make, make_user):
    """One portion a call, and nothing left in the end."""
    make("abc")
    other = type(desk)(desk.database, make_user("bob"), desk.now)
    night = Night(desk, days=91)
    jobs = Background(desk.database, sync=None, clock=night, owner="worker")
    assert not Background(other.database, sync=None, clock=Night(desk), owner="early").compact()
    while jobs.compact():
        pass
    assert night.homes() == []
    assert night.count(dav.Tombstone) == 0
    assert not jobs.compact()
