"""Series: the master and its instances, merged, moved along, and judged part by part."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.domain.sync_settings import PrivateEvents, SyncType
from bridge.domain.view import Instance, Schedule, Visibility
from bridge.errors import SideUnavailable
from bridge.sync.instances import carry_over, plain_instance
from bridge.sync.memory import Moment
from bridge.sync.model import JournalState, Side

DAILY = ("RRULE:FREQ=DAILY;COUNT=10",)
FIRST, SECOND, THIRD, FIFTH = (f"202603{day}T090000Z" for day in (10, 11, 12, 14))


@pytest.fixture
def series(world, schedule):
    """Make a series of ten days that is on both sides; return the name of its event."""
    return world.ours("u1", schedule=daily(schedule(10)))


def daily(first: Schedule, rules=DAILY):
    """Return the schedule of the series that begins there."""
    return replace(first, recurrence=rules)


def deviating(view, key, **fields):
    """Return the view with one instance that shows other things than the series."""
    told = dict(view.by_key())
    told[key] = replace(told.get(key) or plain_instance(view, key), **fields)
    return with_instances(view, told)


def cancelling(view, key):
    """Return the view with one instance cancelled."""
    return with_instances(view, {**view.by_key(), key: None})


def plainly(view, key):
    """Return the view with one instance plain again."""
    return with_instances(view, {k: v for k, v in view.by_key().items() if k != key})


def with_instances(view, told):
    """Return the view with these instances."""
    instances = tuple(Instance(key=key, view=told[key]) for key in sorted(told))
    return replace(view, instances=instances)


def crm_does(world, change, *arguments, uid="u1", **fields):
    """Let a person change the series in the calendar."""
    collection, name = world.place(uid)
    item = collection.objects()[name]
    view = change(world.lens.calendar_view(item), *arguments, **fields)
    collection.put(name, world.lens.put_calendar(view, item))


def google_does(world, name, change, *arguments, **fields):
    """Let a person change the series at Google."""
    item = world.google.objects()[name]
    view = change(world.lens.google_view(item), *arguments, **fields)
    world.google.put(name, world.lens.put_google(view, item))


def moving(view, schedule):
    """Return the view with another schedule, as Google stores it: instances that moved are gone."""
    return replace(view, schedule=schedule)


def same(world, name):
    """Return the view both sides show, after a run that has nothing left to do."""
    assert world.run().entries == ()
    assert world.crm("u1") == world.event(name)
    return world.crm("u1")


def cut(world, place, operation, moment):
    """Let the answer to the first such call get lost."""

    def interfere(step):
        if (step.place, step.operation, step.moment) == (place, operation, moment):
            world.steps.interfere = None
            raise SideUnavailable("cut", side="google")

    world.steps.interfere = interfere


def test_a_series_goes_out_with_its_instances(world, schedule):
    """One item: the rule, a moved instance and a cancelled one."""
    view = world.view(schedule=daily(schedule(10)))
    view = cancelling(deviating(view, SECOND, schedule=schedule(11, 15)), THIRD)
    world.in_crm("u1", schedule=view.schedule, instances=view.instances)
    assert world.run().done == 1
    assert world.event(world.own("u1")) == view
    parts = world.link("u1").google.parts
    assert [part.recurrence_id for part in parts] == ["", SECOND]
    assert world.link("u1").google.settled


def test_a_series_comes_in_with_its_instances(world, schedule):
    """The same the other way round."""
    view = world.view(schedule=daily(schedule(10)))
    view = cancelling(deviating(view, SECOND, title="Other"), THIRD)
    uid = world.theirs("event", schedule=view.schedule, instances=view.instances)
    assert world.crm(uid) == view
    assert world.run().entries == ()


def test_an_instance_edited_on_one_side_is_edited_on_the_other(world, series):
    """Only what was changed is written, and it does not echo."""
    crm_does(world, deviating, SECOND, title="Call Bob")
    assert world.run().done == 1
    assert same(world, series).by_key()[SECOND].title == "Call Bob"
    google_does(world, series, deviating, SECOND, location="Brno")
    assert world.run().done == 1
    shown = same(world, series).by_key()[SECOND]
    assert (shown.title, shown.location) == ("Call Bob", "Brno")


def test_different_instances_edited_on_both_sides_are_both_kept(world, series):
    """They are as independent as items are."""
    crm_does(world, deviating, SECOND, title="Ours")
    google_does(world, series, cancelling, THIRD)
    world.run()
    shown = same(world, series).by_key()
    assert shown[SECOND].title == "Ours"
    assert shown[THIRD] is None


def test_different_fields_of_one_instance_merge_although_it_was_plain_before(world, series):
    """What it was before is what the series makes of it."""
    crm_does(world, deviating, SECOND, title="Ours")
    google_does(world, series, deviating, SECOND, location="Theirs")
    world.run()
    shown = same(world, series).by_key()[SECOND]
    assert (shown.title, shown.location) == ("Ours", "Theirs")


def test_the_same_field_of_one_instance_follows_the_table_and_the_loser_is_told(
    world, series, schedule
):
    """Google wins the time, the CRM the title; both of one instance."""
    crm_does(world, deviating, SECOND, title="Ours", schedule=schedule(11, 12))
    google_does(world, series, deviating, SECOND, title="Theirs", schedule=schedule(11, 15))
    report = world.run()
    shown = same(world, series).by_key()[SECOND]
    assert (shown.title, shown.schedule) == ("Ours", schedule(11, 15))
    details = "".join(entry.detail for entry in report.entries)
    assert f"title ({SECOND}) of google not kept: Theirs" in details
    assert f"schedule ({SECOND}) of calendar not kept" in details


@pytest.mark.parametrize("editor", list(Side))
def test_an_edited_instance_beats_a_cancelled_one(world, series, editor):
    """As an edit of an item beats its deletion."""
    edit = {"title": "Still needed"}
    if editor is Side.CALENDAR:
        crm_does(world, deviating, SECOND, **edit)
        google_does(world, series, cancelling, SECOND)
    else:
        google_does(world, series, deviating, SECOND, **edit)
        crm_does(world, cancelling, SECOND)
    world.run()
    assert same(world, series).by_key()[SECOND].title == "Still needed"


def test_an_instance_only_marked_done_does_not_beat_its_cancellation(world, series):
    """A mark is no wish to keep it."""
    crm_does(world, deviating, SECOND, done=True)
    google_does(world, series, cancelling, SECOND)
    world.run()
    assert same(world, series).by_key()[SECOND] is None


def test_an_instance_edited_here_and_taken_back_there_follows_google(world, series):
    """It was agreed on, so one of them has to give way: as a whole it is a matter of time."""
    crm_does(world, deviating, SECOND, title="First")
    world.run()
    crm_does(world, deviating, SECOND, title="Second")
    google_does(world, series, plainly, SECOND)
    report = world.run()
    assert same(world, series).instances == ()
    assert "Second" in "".join(entry.detail for entry in report.entries)


def test_a_cancelled_instance_that_comes_back_comes_back_on_the_other_side(world, series):
    """Undoing is an edit like any other."""
    crm_does(world, cancelling, SECOND)
    world.run()
    google_does(world, series, plainly, SECOND)
    world.run()
    assert same(world, series).instances == ()


def test_done_belongs_to_the_instance(world, series):
    """Marked on one day, it is done on that day only."""
    google_does(world, series, deviating, SECOND, done=True)
    world.run()
    shown = same(world, series)
    assert (shown.done, shown.by_key()[SECOND].done) == (False, True)


@pytest.mark.parametrize("mover", list(Side))
def test_instances_move_along_with_a_series_moved_on_the_other_side(world, series, schedule, mover):
    """By ordinal; what had been moved by itself stays, what was cancelled stays cancelled."""
    crm_does(world, deviating, SECOND, title="Other")
    crm_does(world, deviating, THIRD, schedule=schedule(12, 20))
    crm_does(world, cancelling, FIFTH)
    world.run()
    later = daily(schedule(10, 10))
    if mover is Side.GOOGLE:
        google_does(world, series, moving, later)
    else:
        crm_does(world, moving, later)
    world.run()
    shown = same(world, series)
    assert shown.schedule == later
    told = shown.by_key()
    assert list(told) == ["20260311T100000Z", "20260312T100000Z", "20260314T100000Z"]
    assert (told["20260311T100000Z"].title, told["20260311T100000Z"].schedule) == (
        "Other",
        schedule(11, 10),
    )
    assert told["20260312T100000Z"].schedule == schedule(12, 20)
    assert told["20260314T100000Z"] is None


def test_an_instance_edited_here_finds_its_place_in_the_series_moved_there(world, series, schedule):
    """Made in the same minute as the move, it is not lost with it."""
    crm_does(world, deviating, SECOND, title="Ours")
    google_does(world, series, moving, daily(schedule(10, 10)))
    world.run()
    assert same(world, series).by_key()["20260311T100000Z"].title == "Ours"


def test_instances_a_shorter_series_has_no_more_are_told_in_the_history(world, series, schedule):
    """Kept as losing values, so that a person can find them."""
    crm_does(world, deviating, FIFTH, title="Farewell party")
    world.run()
    google_does(world, series, moving, daily(schedule(10), ("RRULE:FREQ=DAILY;COUNT=3",)))
    report = world.run()
    assert same(world, series).instances == ()
    details = "".join(entry.detail for entry in report.entries)
    assert f"instance ({FIFTH}) of calendar not kept" in details
    assert "Farewell party" in details


def test_a_further_weekday_shifts_no_instance(world, schedule):
    """Where the series begins as before, instances keep their names."""
    weekly = daily(schedule(10), ("RRULE:FREQ=WEEKLY;BYDAY=TU",))
    name = world.ours("u1", schedule=weekly)
    crm_does(world, deviating, "20260324T090000Z", title="Other")
    world.run()
    google_does(world, name, moving, daily(schedule(10), ("RRULE:FREQ=WEEKLY;BYDAY=TU,TH",)))
    world.run()
    assert list(same(world, name).by_key()) == ["20260324T090000Z"]


def test_a_series_moved_on_both_sides_is_where_google_has_it(world, series, schedule):
    """With the instances of both."""
    crm_does(world, deviating, SECOND, title="Ours")
    world.run()
    crm_does(world, moving, daily(schedule(10, 8)))
    google_does(world, series, moving, daily(schedule(10, 10)))
    world.run()
    shown = same(world, series)
    assert shown.schedule == daily(schedule(10, 10))


def test_a_series_that_becomes_a_single_event_keeps_its_instances_in_the_history(
    world, series, schedule
):
    """A single event has none."""
    crm_does(world, deviating, SECOND, title="Farewell party")
    world.run()
    google_does(world, series, moving, schedule(10))
    report = world.run()
    assert same(world, series).schedule == schedule(10)
    assert "Farewell party" in "".join(entry.detail for entry in report.entries)


def test_a_cancelled_instance_does_not_keep_a_deleted_series_alive(world, series):
    """Nobody asked for the others to stay."""
    crm_does(world, cancelling, SECOND)
    world.google.remove(series)
    world.run()
    assert world.crm("u1") is None


def test_an_edited_instance_keeps_a_deleted_series_alive(world, series):
    """An edit beats a delete; it comes back with all of it."""
    crm_does(world, deviating, SECOND, title="Still needed")
    world.google.remove(series)
    world.run()
    world.run()
    assert world.event(series) == world.crm("u1")
    assert world.event(series).by_key()[SECOND].title == "Still needed"


def test_under_do_not_sync_a_series_with_a_private_instance_does_not_go_out(world, schedule):
    """Its texts would leave with the series."""
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    view = world.view(schedule=daily(schedule(10)))
    view = deviating(view, SECOND, title="Doctor", visibility=Visibility.PRIVATE)
    world.in_crm("u1", schedule=view.schedule, instances=view.instances)
    world.run()
    assert world.google.objects() == {}
    assert world.link("u1").withheld == "private"


def test_an_incoming_series_that_turns_private_leaves_blocks_at_its_times(world, schedule):
    """The times of its instances stay, their texts go."""
    world.choose(private_events=PrivateEvents.DO_NOT_SYNC)
    view = deviating(
        world.view(schedule=daily(schedule(10))), SECOND, title="Other", schedule=schedule(11, 15)
    )
    uid = world.theirs("event", schedule=view.schedule, instances=view.instances)
    google_does(world, "event", replace, visibility=Visibility.PRIVATE)
    world.run()
    block = world.crm(uid)
    assert (block.title, block.by_key()[SECOND].title) == ("Busy", "Busy")
    assert block.by_key()[SECOND].schedule == schedule(11, 15)


def test_a_one_way_sync_puts_an_instance_back(world, series):
    """The target shows exactly what the source does, instance by instance."""
    world.choose(sync_type=SyncType.CRM_TO_GOOGLE)
    google_does(world, series, deviating, SECOND, title="Theirs")
    google_does(world, series, cancelling, THIRD)
    world.run()
    assert same(world, series).instances == ()


def test_an_incoming_one_way_series_moves_without_asking_for_what_is_here(world, schedule):
    """Its instances are Google's."""
    world.choose(sync_type=SyncType.GOOGLE_TO_CRM)
    view = deviating(world.view(schedule=daily(schedule(10))), SECOND, title="Other")
    uid = world.theirs("event", schedule=view.schedule, instances=view.instances)
    google_does(world, "event", moving, daily(schedule(10, 10)))
    world.run()
    assert world.crm(uid).instances == ()


def test_an_update_that_got_through_for_the_master_only_goes_on_with_the_instance(world, series):
    """Each part is judged by what it shows; nothing of Google's looks like a person's edit."""
    before = world.google.objects()[series]
    crm_does(world, replace, title="New")
    crm_does(world, deviating, SECOND, location="Room 2")
    cut(world, "google", "update", Moment.AFTER)
    assert isinstance(world.run().stopped_by, SideUnavailable)
    half = replace(world.lens.google_view(before), title="New")
    world.google.put(series, world.lens.put_google(half, before))
    world.run()
    shown = same(world, series)
    assert shown.title == "New"
    assert shown.by_key()[SECOND].location == "Room 2"


def test_an_update_that_got_through_for_an_instance_only_goes_on_with_the_others(world, series):
    """The other way round, and a person changed the master meanwhile."""
    before = world.google.objects()[series]
    crm_does(world, deviating, SECOND, title="Ours")
    crm_does(world, deviating, THIRD, title="Ours too")
    cut(world, "google", "update", Moment.AFTER)
    world.run()
    half = deviating(world.lens.google_view(before), SECOND, title="Ours")
    world.google.put(series, world.lens.put_google(replace(half, location="Theirs"), before))
    crm_does(world, plainly, SECOND)
    world.run()
    shown = same(world, series)
    assert shown.location == "Theirs"
    assert list(shown.by_key()) == [THIRD]


def test_an_insert_that_got_through_without_an_instance_is_completed(world, schedule):
    """What is not there yet was taken back by nobody."""
    view = deviating(world.view(schedule=daily(schedule(10))), SECOND, title="Other")
    world.in_crm("u1", schedule=view.schedule, instances=view.instances)
    cut(world, "google", "insert", Moment.AFTER)
    world.run()
    name = world.own("u1")
    google_does(world, name, plainly, SECOND)
    world.run()
    assert same(world, name) == view


def test_a_move_whose_instances_did_not_get_through_is_completed(world, series, schedule):
    """Google dropped them with the move; ours are sent again."""
    crm_does(world, deviating, SECOND, title="Other")
    world.run()
    crm_does(world, moving, daily(schedule(11)))
    cut(world, "google", "update", Moment.AFTER)
    world.run()
    google_does(world, series, lambda view: with_instances(view, {}))
    world.run()
    shown = same(world, series)
    assert shown.schedule == daily(schedule(11))
    assert shown.by_key()["20260312T090000Z"].title == "Other"


def test_the_versions_of_the_instances_go_along_with_an_update(world, series):
    """An instance that changed since is not written over."""
    google_does(world, series, deviating, SECOND, title="Theirs")
    world.run()
    crm_does(world, replace, description="Ours")

    def interfere(step):
        if (step.place, step.operation) == ("google", "update"):
            world.steps.interfere = None
            google_does(world, series, deviating, SECOND, title="Racing")

    world.steps.interfere = interfere
    assert world.run().entries[0].state is JournalState.OVERTAKEN
    world.run()
    shown = same(world, series)
    assert (shown.description, shown.by_key()[SECOND].title) == ("Ours", "Racing")


def test_moved_instance_is_taken_back_alone_and_another_one_changed_since_is_kept(world, series):
    """Instances are fields of their own, for an undo as well."""

    def oops(view):
        moved = deviating(view, SECOND, title="Oops")
        return deviating(moved, THIRD, title="Oops too")

    google_does(world, series, oops)
    entries = world.run().entries
    crm_does(world, deviating, THIRD, title="Better")
    undoing = world.undoing(*entries)
    (step,) = undoing.steps
    assert [field.value for field in step.fields] == [f"instance ({SECOND})"]
    assert [kept.field.value for kept in step.kept] == [f"instance ({THIRD})"]
    world.undo(*entries)
    for _ in range(2):
        world.run()
    for view in (world.crm("u1"), world.event(series)):
        told = view.by_key()
        assert SECOND not in told
        assert told[THIRD].title == "Better"


def test_cancelled_instance_and_new_rule_are_taken_back(world, series):
    """Together, as one write brought them."""

    def oops(view):
        return replace(cancelling(view, SECOND), title="Oops")

    google_does(world, series, oops)
    world.undo(*world.run().entries)
    for view in (world.crm("u1"), world.event(series)):
        assert (view.title, view.instances) == ("Call Ada", ())
    assert world.run().entries == ()


def test_deleted_series_comes_back_with_its_instances(world, series):
    """On both sides."""
    google_does(world, series, deviating, SECOND, title="Moved")
    world.run()
    before = world.crm("u1")
    world.delete_crm("u1")
    world.undo(*world.run().entries)
    assert world.crm("u1") == world.event(series) == before
    assert world.run().entries == ()


def test_a_series_that_lost_its_date_is_withdrawn_like_any_activity(world, series):
    """It is undated, and nothing that Google could not say."""
    collection, name = world.place("u1")
    item = collection.objects()[name]
    lines = [line for line in item.text.split("\r\n") if not line.startswith(("DTSTART", "DTEND"))]
    collection.put(name, replace(item, text="\r\n".join(lines)))
    world.run()
    assert world.event(series) is None
    assert world.link("u1").withheld == "undated"


def taken_back_and_moved(world, later):
    """One after the other, between two runs."""
    crm_does(world, plainly, SECOND)
    crm_does(world, moving, later)


def taken_back_seen_and_moved(world, later):
    """A run in which Google could not be reached saw the date taken back."""
    crm_does(world, plainly, SECOND)
    cut(world, "google", "update", Moment.BEFORE)
    world.run()
    crm_does(world, moving, later)


def moved_seen_and_taken_back(world, later):
    """A run in which Google could not be reached saw the series moved, the date with it."""
    crm_does(world, lambda view: replace(carry_over(view, later).view, schedule=later))
    cut(world, "google", "update", Moment.BEFORE)
    world.run()
    assert list(world.crm("u1").by_key()) == ["20260311T100000Z"]
    crm_does(world, plainly, "20260311T100000Z")


@pytest.mark.parametrize(
    "act", [taken_back_and_moved, taken_back_seen_and_moved, moved_seen_and_taken_back]
)
def test_an_instance_taken_back_before_its_series_move_went_out_is_back_once(
    world, series, schedule, act
):
    """Many programs drop instances when they move a series; rather too much than too little."""
    crm_does(world, deviating, SECOND, title="Other")
    world.run()
    later = daily(schedule(10, 10))
    act(world, later)
    assert world.crm("u1").instances == ()
    world.run()
    world.run()
    shown = same(world, series)
    assert shown.schedule == later
    assert [(key, each.title) for key, each in shown.by_key().items()] == [
        ("20260311T100000Z", "Other")
    ]
    crm_does(world, plainly, "20260311T100000Z")
    world.run()
    assert same(world, series).instances == ()
