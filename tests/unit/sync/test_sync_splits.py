"""`This and following`: at Google the new series goes on from the old one, in whatever order.

A calendar program does both halves itself: it shortens one object and makes another.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from bridge.domain.spans import TimedSpan
from bridge.domain.sync_settings import SyncType
from bridge.domain.view import Instance, Schedule
from bridge.errors import SideUnavailable
from bridge.sync.hold import HoldAnswer
from bridge.sync.instances import plain_instance
from bridge.sync.memory_lens import PlainLens, plain_object
from bridge.sync.memory_text import components

KEYS = tuple(f"202603{day}T090000Z" for day in range(10, 20))
THIRD, FOURTH, FIFTH, SIXTH, EIGHTH = KEYS[2], KEYS[3], KEYS[4], KEYS[5], KEYS[7]
GUEST = "ATTENDEE:mailto:guest@example.com"
CALL, PERSON = "X-CRM-ACTIVITY-TYPE:call", "X-CRM-PERSON;X-CRM-ID=7:Ada"


class SimulatedCrash(BaseException):
    """The process died here."""


def starting(key, rules="RRULE:FREQ=DAILY;COUNT=10", *, later=timedelta(0)):
    """Return the schedule of an hour every day that begins at a key, or later."""
    start = datetime.strptime(key, "%Y%m%dT%H%M%S%z") + later
    span = TimedSpan(start=start, end=start + timedelta(hours=1))
    return Schedule(span=span, recurrence=(rules,) if rules else ())


@pytest.fixture
def daily(world):
    """Make a daily call with Ada, some of its dates done, that is on both sides."""
    return prepared(world)


def prepared(world):
    """Make the series; return the name of its event."""
    name = world.ours("u1", CALL, PERSON, "X-PROGRAM:own", schedule=starting(KEYS[0]))
    tick(world, "u1", KEYS[1], FOURTH, SIXTH)
    world.run()
    assert world.run().entries == ()
    return name


def tick(world, uid, *keys):
    """Let a person mark dates of a series done in the calendar."""
    view = world.crm(uid)
    told = dict(view.by_key())
    for key in keys:
        told[key] = replace(told.get(key) or plain_instance(view, key), done=True)
    world.edit_crm(uid, instances=in_order(told))


def in_order(told):
    """Return instances as a view has them."""
    return tuple(Instance(key=key, view=told[key]) for key in sorted(told))


def shorten(world, name, key):
    """Let the series end before a date, as Google does; what was said of later dates goes."""
    view = world.event(name)
    until = datetime.strptime(key, "%Y%m%dT%H%M%S%z") - timedelta(seconds=1)
    schedule = replace(
        view.schedule, recurrence=(f"RRULE:FREQ=DAILY;UNTIL={until:%Y%m%dT%H%M%SZ}",)
    )
    told = {k: v for k, v in view.by_key().items() if k < key}
    world.edit_google(name, schedule=schedule, instances=in_order(told))


def begin(world, name, key, **fields):
    """Begin the new series, as Google does; return the UID it will have here."""
    first = name.partition("_R")[0]
    told = {"schedule": starting(key, "RRULE:FREQ=DAILY;COUNT=6")} | fields
    return world.at_google(f"{first}_R{key.removesuffix('Z')}", **told)


def master(world, uid):
    """Return the master of an activity."""
    collection, name = world.place(uid)
    return components(collection.objects()[name])[0]


def done(view):
    """Return the keys of the dates that are done."""
    return [each.key for each in view.instances if each.view is not None and each.view.done]


def settled(world, uid):
    """Run until nothing is left to do; both sides show the same then."""
    world.run()
    world.run()
    assert world.run().entries == ()
    name = world.link(uid).google.name
    assert world.crm(uid) == world.event(name)
    return world.crm(uid)


def both(world, name, key, **fields):
    """Split between two runs."""
    shorten(world, name, key)
    return begin(world, name, key, **fields)


def the_other_way_round(world, name, key, **fields):
    """Split between two runs; the listing has the new series first."""
    uid = begin(world, name, key, **fields)
    shorten(world, name, key)
    return uid


def new_one_first(world, name, key, **fields):
    """Split so that a run sees the new series only."""
    uid = begin(world, name, key, **fields)
    world.run()
    shorten(world, name, key)
    return uid


def shortening_first(world, name, key, **fields):
    """Split so that runs see the shortened series only, and end it in the calendar."""
    shorten(world, name, key)
    world.run()
    world.run()
    return begin(world, name, key, **fields)


ORDERS = [both, the_other_way_round, new_one_first, shortening_first]


@pytest.mark.parametrize("split", ORDERS)
def test_new_series_has_type_links_and_what_programs_wrote(world, daily, split):
    """What Google does not know of the old one is not lost with the split."""
    uid = split(world, daily, THIRD)
    settled(world, uid)
    told = master(world, uid)
    assert (told.get("X-CRM-ACTIVITY-TYPE"), told.get("X-PROGRAM")) == ("call", "own")
    assert told.get("X-CRM-PERSON;X-CRM-ID=7") == "Ada"
    assert len(world.google.objects()) == len(world.activities.objects()) == 2


@pytest.mark.parametrize("split", ORDERS)
def test_done_dates_stay_done_where_they_went(world, daily, split):
    """Those before the split are done in the old series, those behind it in the new one."""
    uid = split(world, daily, THIRD)
    assert done(settled(world, uid)) == [FOURTH, SIXTH]
    assert done(settled(world, "u1")) == [KEYS[1]]


@pytest.mark.parametrize("split", ORDERS)
def test_done_dates_move_along_with_the_new_series(world, daily, split):
    """The second and the fourth call of the rest were done, at whatever time they are now."""
    later = starting(THIRD, "RRULE:FREQ=DAILY;COUNT=6", later=timedelta(hours=2))
    uid = split(world, daily, THIRD, schedule=later)
    assert done(settled(world, uid)) == ["20260313T110000Z", "20260315T110000Z"]


def change(world, uid, key, **fields):
    """Let a person change one date of a series in the calendar; without fields, cancel it."""
    view = world.crm(uid)
    told = dict(view.by_key())
    old = told.get(key) or plain_instance(view, key)
    told[key] = replace(old, **fields) if fields else None
    world.edit_crm(uid, instances=in_order(told))


@pytest.mark.parametrize("split", ORDERS[:3])
def test_what_was_typed_just_before_the_split_goes_on_with_it(world, daily, split):
    """Google had not heard of it, so nobody there let it go; both sides have it afterwards."""
    change(world, "u1", FOURTH, location="Room 2")
    change(world, "u1", FIFTH)
    moved = Schedule(span=replace(starting(EIGHTH, "", later=timedelta(hours=3)).span))
    change(world, "u1", EIGHTH, schedule=moved)
    world.edit_crm("u1", description="Ask for the contract")
    uid = split(world, daily, THIRD)
    shown = settled(world, uid)
    told = shown.by_key()
    assert shown.description == "Ask for the contract"
    assert (told[FOURTH].location, told[FOURTH].done, told[FIFTH]) == ("Room 2", True, None)
    assert told[EIGHTH].schedule == moved
    assert settled(world, "u1").description == "Ask for the contract"


@pytest.mark.parametrize("split", ORDERS[:3])
def test_a_date_edited_with_the_split_beats_that_it_was_just_cancelled_here(world, daily, split):
    """Neither person knew of the other one; an edit beats that, as anywhere."""
    change(world, "u1", FIFTH)
    view = world.view(schedule=starting(THIRD, "RRULE:FREQ=DAILY;COUNT=6"))
    told = {FIFTH: replace(plain_instance(view, FIFTH), location="There")}
    uid = split(world, daily, THIRD, schedule=view.schedule, instances=in_order(told))
    assert settled(world, uid).by_key()[FIFTH].location == "There"


@pytest.mark.parametrize("split", ORDERS)
def test_what_google_dropped_of_later_dates_stands_in_the_history(world, daily, split):
    """Both sides had it; it goes with the dates of the old series, and not without a word."""
    change(world, "u1", FIFTH, title="With Bob", location="Room 2")
    world.run()
    uid = split(world, daily, THIRD)
    assert FIFTH not in settled(world, uid).by_key()
    settled(world, "u1")
    told = [entry.detail for entry in world.store.journal.values()]
    assert any("With Bob" in detail and "Room 2" in detail for detail in told)


def test_what_was_typed_before_the_shortening_was_carried_over_stands_in_the_history(world, daily):
    """Nobody knows any more that Google had not heard of it."""
    change(world, "u1", FIFTH, location="Room 2")
    uid = shortening_first(world, daily, THIRD)
    settled(world, uid)
    told = [entry.detail for entry in world.store.journal.values()]
    assert any("Room 2" in detail for detail in told)


def test_a_series_moved_here_and_split_there_has_its_marks(world, daily):
    """The object that both sides agreed on last still has the date of the split."""
    later = starting(KEYS[0], later=timedelta(hours=30))
    world.edit_crm("u1", schedule=later, instances=())
    uid = both(world, daily, THIRD)
    assert done(settled(world, uid)) == [FOURTH, SIXTH]


def test_an_old_series_deleted_with_the_split_still_hands_its_own_over(world, daily):
    """Whoever wants none of the dates before the split."""
    uid = both(world, daily, THIRD)
    world.google.remove(daily)
    assert done(settled(world, uid)) == [FOURTH, SIXTH]
    assert master(world, uid).get("X-PROGRAM") == "own"
    assert world.crm("u1") is None


def test_a_single_event_split_off_is_done_if_its_date_was(world, daily):
    """The last date of a series is none any more."""
    uid = both(world, daily, SIXTH, schedule=starting(SIXTH, ""))
    assert settled(world, uid).done


def test_a_date_cancelled_with_the_split_is_not_done(world, daily):
    """Google knows that it does not take place."""
    view = world.view(schedule=starting(THIRD, "RRULE:FREQ=DAILY;COUNT=6"))
    told = {FOURTH: None, FIFTH: replace(plain_instance(view, FIFTH), location="There")}
    uid = both(world, daily, THIRD, schedule=view.schedule, instances=in_order(told))
    shown = settled(world, uid)
    assert done(shown) == [SIXTH]
    assert shown.by_key()[FOURTH] is None
    assert shown.by_key()[FIFTH].location == "There"


@pytest.mark.parametrize("split", ORDERS)
def test_a_series_split_twice_goes_on_from_the_half_before(world, daily, split):
    """Ids of all halves begin with the first one's; the latest before it had the date."""
    second = split(world, daily, THIRD)
    settled(world, second)
    world.mark_crm(second, "X-ONLY:second")
    tick(world, second, EIGHTH)
    settled(world, second)
    name = world.link(second).google.name
    third = split(world, name, FIFTH)
    assert done(settled(world, third)) == [SIXTH, EIGHTH]
    assert master(world, third).get("X-ONLY") == "second"


def test_an_earlier_half_split_later_goes_on_from_the_first(world, daily):
    """The half behind it, split off before, has nothing to say about its dates."""
    last = both(world, daily, SIXTH)
    settled(world, last)
    world.mark_crm(last, "X-ONLY:last")
    settled(world, last)
    middle = both(world, daily, THIRD, schedule=starting(THIRD, "RRULE:FREQ=DAILY;COUNT=3"))
    assert done(settled(world, middle)) == [FOURTH]
    assert "X-ONLY" not in master(world, middle)


def test_two_splits_in_one_listing_both_go_on_from_the_first(world, daily):
    """Neither half is in the calendar yet; the old series had the dates of both."""
    middle = both(world, daily, THIRD, schedule=starting(THIRD, "RRULE:FREQ=DAILY;COUNT=2"))
    last = begin(world, daily, FIFTH)
    assert done(settled(world, middle)) == [FOURTH]
    assert done(settled(world, last)) == [SIXTH]
    assert master(world, last).get("X-PROGRAM") == "own"


def test_two_splits_in_one_listing_of_which_the_first_moved_the_series(world, daily):
    """The second one names a time the old series never had, on a day it had."""
    two, hour = "RRULE:FREQ=DAILY;COUNT=2", timedelta(hours=1)
    middle = both(world, daily, THIRD, schedule=starting(THIRD, two, later=hour))
    moved = "20260314T100000Z"
    last = begin(world, daily, moved, schedule=starting(moved, "RRULE:FREQ=DAILY;COUNT=6"))
    assert done(settled(world, middle)) == ["20260313T100000Z"]
    assert done(settled(world, last)) == ["20260315T100000Z"]


def test_nothing_is_known_of_dates_when_the_journal_forgot(world, daily):
    """Type and links are taken from the series as it is; no date is taken for another one."""
    shorten(world, daily, THIRD)
    world.run()
    world.store.journal.clear()
    uid = begin(world, daily, THIRD)
    assert done(settled(world, uid)) == []
    assert master(world, uid).get("X-PROGRAM") == "own"


def test_a_split_nobody_knows_the_first_half_of_is_an_event_like_others(world):
    """A guest may see the second half only."""
    uid = begin(world, "foreign", THIRD)
    settled(world, uid)
    assert master(world, uid).get("X-CRM-ACTIVITY-TYPE") == "meeting"


@pytest.mark.parametrize("key", ["20261399T090000Z", "20260312T256199Z", "99990312T090000Z"])
def test_an_id_that_names_no_time_stops_nothing(world, daily, key):
    """Whatever Google comes to call its events."""
    uid = world.at_google(f"{daily}_R{key.removesuffix('Z')}", schedule=starting(THIRD))
    assert done(settled(world, uid)) == []
    assert master(world, uid).get("X-PROGRAM") == "own"


def test_halves_met_in_a_first_load_are_both_events_like_others(world):
    """There is no activity yet that could know anything."""
    world.at_google("foreign", schedule=starting(KEYS[0]))
    uid = begin(world, "foreign", THIRD)
    settled(world, uid)
    assert master(world, uid).get("X-CRM-ACTIVITY-TYPE") == "meeting"


def test_what_is_in_the_calendar_already_takes_nothing_again(world, daily):
    """A type that a person chose for the second half stays, also when Google changes it."""
    uid = both(world, daily, THIRD)
    settled(world, uid)
    collection, name = world.place(uid)
    item = collection.objects()[name]
    collection.put(name, replace(item, text=item.text.replace(CALL, "X-CRM-ACTIVITY-TYPE:meeting")))
    tick(world, "u1", KEYS[0])
    world.edit_google(world.link(uid).google.name, title="Call Bob")
    settled(world, uid)
    assert master(world, uid).get("X-CRM-ACTIVITY-TYPE") == "meeting"
    assert done(world.crm(uid)) == [FOURTH, SIXTH]


def test_a_new_half_goes_into_the_calendar_of_the_old_one(world):
    """Where the person keeps the series."""
    world.in_crm("u1", CALL, where=world.tasks, schedule=starting(KEYS[0]))
    world.run()
    uid = both(world, world.own("u1"), THIRD)
    settled(world, uid)
    assert world.place(uid)[0] is world.tasks


def test_what_was_done_of_a_series_with_guests_asks_nobody(world):
    """Guests hear nothing of marks."""
    guest = "ATTENDEE:mailto:guest@example.com"
    first = world.theirs("event", guest, schedule=starting(KEYS[0]))
    tick(world, first, FOURTH)
    world.run()
    shorten(world, "event", THIRD)
    schedule = starting(THIRD, "RRULE:FREQ=DAILY;COUNT=6")
    uid = world.at_google(f"event_R{THIRD.removesuffix('Z')}", guest, schedule=schedule)
    assert done(settled(world, uid)) == [FOURTH]
    assert world.link(uid).held is None


def test_google_only_mirrored_is_told_of_nothing(world):
    """One-way, the marks of the old half are taken along and nothing goes out."""
    world.choose(sync_type=SyncType.GOOGLE_TO_CRM)
    first = world.theirs("event", schedule=starting(KEYS[0]))
    world.mark_crm(first, PERSON)
    world.run()
    uid = both(world, "event", THIRD)
    before = dict(world.google.objects())
    world.run()
    assert world.run().entries == ()
    assert world.google.objects() == before
    assert master(world, uid).get("X-CRM-PERSON;X-CRM-ID=7") == "Ada"


@pytest.mark.parametrize("failure", [SimulatedCrash(), SideUnavailable("cut", side="google")])
def test_every_step_of_the_runs_after_a_split_may_be_the_last_one(new_world, failure):
    """A crash loses neither type nor marks, and makes nothing twice."""
    world = new_world()
    both(world, prepared(world), FOURTH)
    begun = world.steps.count
    world.run()
    world.run()
    count, expected = world.steps.count - begun, ending(world)
    for number in range(1, count + 1):
        world = new_world()
        both(world, prepared(world), FOURTH)
        world.steps.interfere = failing(failure, world.steps.count + number)
        with contextlib.suppress(SimulatedCrash):
            world.run()
            world.run()
        world.steps.interfere = None
        world.run()
        world.run()
        assert ending(world) == expected, f"after step {number}"


def failing(failure, at_step):
    """Return what raises at one step."""

    def interfere(step):
        if step.number == at_step:
            raise failure

    return interfere


def ending(world):
    """Return what both sides show once nothing is left to do, versions aside."""
    assert world.run().entries == ()
    assert len(world.google.objects()) == len(world.activities.objects()) == 2
    crm = {item.uid: item.text for item in world.activities.objects().values()}
    google = {name: item.text for name, item in world.google.objects().items()}
    return crm, google


def cut(world, uid, key):
    """Let a calendar program end a series before a date; what it says of later dates goes."""
    view = world.crm(uid)
    until = datetime.strptime(key, "%Y%m%dT%H%M%S%z") - timedelta(seconds=1)
    rules = (f"RRULE:FREQ=DAILY;UNTIL={until:%Y%m%dT%H%M%SZ}",)
    told = {k: v for k, v in view.by_key().items() if k < key}
    schedule = replace(view.schedule, recurrence=rules)
    world.edit_crm(uid, schedule=schedule, instances=in_order(told))


def make_rest(world, key, **fields):
    """Let a calendar program make the second half, with what it says of its dates."""
    view = world.view(schedule=starting(key, "RRULE:FREQ=DAILY;COUNT=8", later=timedelta(hours=2)))
    told = {"20260313T110000Z": replace(plain_instance(view, "20260313T110000Z"), done=True)}
    told["20260314T110000Z"] = None
    world.in_crm("u2", CALL, schedule=view.schedule, instances=in_order(told), **fields)


def halves_at_once(world):
    """Both requests came between two runs."""
    cut(world, "u1", THIRD)
    make_rest(world, THIRD)


def first_half_first(world):
    """A run came between the two requests."""
    cut(world, "u1", THIRD)
    world.run()
    make_rest(world, THIRD)


def second_half_first(world):
    """As programs do that would rather have too much than too little."""
    make_rest(world, THIRD)
    world.run()
    cut(world, "u1", THIRD)


@pytest.mark.parametrize("split", [halves_at_once, first_half_first, second_half_first])
def test_a_split_in_a_calendar_program_is_two_series_at_google(world, daily, split):
    """A shortened one under its old name and a new one, each date once, marks and all."""
    split(world)
    first, second = settled(world, "u1"), settled(world, "u2")
    assert set(world.google.objects()) == {daily, world.own("u2")}
    assert first.schedule.recurrence == ("RRULE:FREQ=DAILY;UNTIL=20260312T085959Z",)
    assert done(first) == [KEYS[1]]
    assert done(second) == ["20260313T110000Z"]
    assert second.by_key()["20260314T110000Z"] is None
    assert len(world.activities.objects()) == 2
    assert world.google.mailed == []


def test_a_split_in_a_calendar_program_keeps_what_google_said_of_the_first_half(world, daily):
    """Changed there at the same time, a date before the split stays, one behind it is told."""
    view = world.event(daily)
    told = dict(view.by_key())
    told[KEYS[0]] = replace(plain_instance(view, KEYS[0]), location="Room 2")
    told[EIGHTH] = replace(plain_instance(view, EIGHTH), location="Room 8")
    world.edit_google(daily, instances=in_order(told))
    halves_at_once(world)
    assert settled(world, "u1").by_key()[KEYS[0]].location == "Room 2"
    details = [entry.detail for entry in world.store.journal.values()]
    assert any("Room 8" in detail for detail in details)


def test_a_split_in_a_calendar_program_of_a_series_with_guests_waits_and_mails_nobody(world):
    """Ending it is a new time for them: it goes out when somebody answers, as it was answered."""
    first = world.theirs("event", GUEST, schedule=starting(KEYS[0]))
    cut(world, first, THIRD)
    make_rest(world, THIRD)
    world.run()
    assert world.link(first).held is not None
    assert world.event("event").schedule == starting(KEYS[0])
    assert world.google.mailed == []
    link = world.link(first)
    held = replace(link.held, answer=HoldAnswer.SILENT)
    world.store.held_links[first] = replace(link, held=held)
    settled(world, first)
    settled(world, "u2")
    assert len(world.google.objects()) == 2
    assert world.google.mailed == []


class MarksOfDates(PlainLens):
    """Done belongs to the dates of a series in the calendar, as under the product's own lens."""

    def calendar_view(self, item):
        """Return the view, the mark on a whole series being none."""
        return self._refused(super().calendar_view(item))

    def put_calendar(self, view, item):
        """Refuse a mark on a whole series."""
        return super().put_calendar(self._refused(view), item)

    def new_for_calendar(self, item, *, uid, before=None):
        """Make what refuses it as well."""
        where, made = super().new_for_calendar(item, uid=uid, before=before)
        return where, self.put_calendar(super().calendar_view(made), made)

    @staticmethod
    def _refused(view):
        return replace(view, done=False) if view and view.schedule.recurrence else view


def test_a_series_split_at_a_done_date_is_not_done_as_a_whole(world, daily):
    """Google takes the title of the date along, mark and all; it is put back there."""
    world.lens = MarksOfDates()
    uid = both(world, daily, FOURTH, schedule=starting(FOURTH), done=True)
    shown = settled(world, uid)
    assert not world.event(world.link(uid).google.name).done
    assert done(shown) == [FOURTH, SIXTH]


def test_a_series_split_at_a_done_date_stays_so_where_google_is_only_mirrored(world, daily):
    """It may not be told; so nothing is put back, and nothing is sent."""
    world.lens = MarksOfDates()
    world.choose(sync_type=SyncType.GOOGLE_TO_CRM)
    uid = both(world, daily, FOURTH, schedule=starting(FOURTH), done=True)
    before = dict(world.google.objects())
    world.run()
    world.run()
    assert world.google.objects() == before
    assert world.place(uid) is not None


class Undating(PlainLens):
    """The calendar has no room for the time of what goes on from something."""

    def new_for_calendar(self, item, *, uid, before=None):
        """Return an object without a date."""
        where, made = super().new_for_calendar(item, uid=uid, before=before)
        return where, made if before is None else plain_object(uid, None)


def test_a_new_half_the_calendar_cannot_show_is_made_without_marks(world, daily):
    """There are no dates that could have any."""
    world.lens = Undating()
    uid = both(world, daily, THIRD)
    world.run()
    assert world.crm(uid) is None
    assert world.place(uid) is not None
