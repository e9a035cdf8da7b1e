"""Every cell of the decision tables, as tables and through the plan."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import product

import pytest

from bridge.domain.identifiers import ETag, Uid
from bridge.domain.sync_settings import SyncType
from bridge.sync.actions import (
    Create,
    Delete,
    Forget,
    Merge,
    PutBack,
    Record,
    Skip,
    Update,
    writes_of,
)
from bridge.sync.memory_lens import PlainLens, plain_object
from bridge.sync.model import Link, Part, Presence, Side, SideState
from bridge.sync.modes import ONE_WAY, TWO_WAY, Verb
from bridge.sync.plan import plan
from bridge.sync.policy import Policy
from bridge.sync.sight import Change, look

NOW = datetime(2026, 3, 2, tzinfo=UTC)
UID = Uid("u1")
A, U, N, T, C, R = (
    Change.ABSENT,
    Change.UNCHANGED,
    Change.ADDED,
    Change.TOUCHED,
    Change.CHANGED,
    Change.REMOVED,
)
G, K = Side.GOOGLE, Side.CALENDAR

# Rows are Google's change, columns the calendar's: what happens, and where.
EXPECTED_TWO_WAY = {
    A: {A: "forget", U: "create google", N: "create google", T: "create google",
        C: "create google", R: "forget"},
    U: {A: "create calendar", U: "", N: "compare", T: "update google", C: "update google",
        R: "delete google"},
    N: {A: "create calendar", U: "compare", N: "compare", T: "compare", C: "compare",
        R: "create calendar"},
    T: {A: "create calendar", U: "update calendar", N: "compare", T: "compare", C: "compare",
        R: "delete google"},
    C: {A: "create calendar", U: "update calendar", N: "compare", T: "compare", C: "compare",
        R: "create calendar"},
    R: {A: "forget", U: "delete calendar", N: "create google", T: "delete calendar",
        C: "create google", R: "forget"},
}  # fmt: skip
# Rows are the source's change, columns the target's.
EXPECTED_ONE_WAY = {
    A: {A: "forget", U: "leave", N: "leave", T: "leave", C: "leave", R: "forget"},
    U: {A: "create", U: "", N: "compare", T: "put-back", C: "put-back", R: "put-back"},
    N: {A: "create", U: "compare", N: "compare", T: "compare", C: "compare", R: "create"},
    T: {A: "create", U: "update", N: "compare", T: "update", C: "update", R: "create"},
    C: {A: "create", U: "update", N: "compare", T: "update", C: "update", R: "create"},
    R: {A: "forget", U: "delete", N: "leave", T: "delete", C: "delete", R: "forget"},
}  # fmt: skip
CELLS = list(product(Change, Change))


def state_in(change, side, base_view, lens_side):
    """Return a side's state that shows this change."""
    suffix = "" if side is K else "g"
    base = plain_object(UID, base_view)
    place = {"collection": "activities" if side is K else "google"}
    synced = Part(name=f"n{suffix}", seen=ETag("1"), synced=ETag("1"))
    moved = replace(synced, seen=ETag("2"))
    present = SideState(presence=Presence.PRESENT, parts=(moved,), base=base, **place)
    match change:
        case Change.ABSENT:
            return SideState()
        case Change.UNCHANGED:
            return SideState(presence=Presence.PRESENT, parts=(synced,), object=base, **place)
        case Change.ADDED:
            fresh = replace(synced, synced=None)
            return SideState(
                presence=Presence.PRESENT,
                parts=(fresh,),
                object=plain_object(UID, lens_side),
                **place,
            )
        case Change.TOUCHED:
            small = {"busy": False} if side is K else {"done": True}
            return replace(present, object=plain_object(UID, replace(base_view, **small)))
        case Change.CHANGED:
            return replace(present, object=plain_object(UID, lens_side))
        case Change.REMOVED:
            gone = replace(synced, seen=None)
            return SideState(presence=Presence.REMOVED, parts=(gone,), object=base, **place)


def link_in(google, calendar, world, origin=K):
    """Return a link with these changes; edits of both sides are of different fields."""
    base = world.view()
    return Link(
        uid=UID,
        origin=origin,
        google=state_in(google, G, base, replace(base, location="Room 1")),
        calendar=state_in(calendar, K, base, replace(base, title="Call Ada Lovelace")),
        agreed=base,
    )


def policy_for(sync_type, world):
    """Return the policy of a direction."""
    return Policy.of(replace(world.settings, sync_type=sync_type, sync_from=date(2026, 1, 1)))


def planned(link, policy):
    """Return what the plan does with a link, less what it only records."""
    actions = plan([link], policy, PlainLens(), NOW).actions
    return [action for action in actions if not isinstance(action, Record)]


def named(actions):
    """Return the actions in the words of the tables above."""
    words = []
    for action in actions:
        match action:
            case Forget():
                words.append("forget")
            case Skip():
                words.append("leave")
            case PutBack():
                words.append("put-back")
            case Merge() | Update() | Create() | Delete():
                words += [
                    f"{type(write).__name__.lower()} {write.side.value}"
                    for write in writes_of(action)
                ]
    return words


@pytest.mark.parametrize(("google", "calendar"), CELLS)
def test_two_way_plans_what_the_cell_says(google, calendar, world):
    """Each pair of changes leads to the one action of its cell, on the one side it names."""
    link = link_in(google, calendar, world)
    sight = look(link, PlainLens())
    assert (sight.google.change, sight.calendar.change) == (google, calendar)
    words = named(planned(link, policy_for(SyncType.TWO_WAY, world)))
    expected = EXPECTED_TWO_WAY[google][calendar]
    if expected == "compare":
        assert words
        assert set(words) <= {"update calendar", "update google"}
    else:
        assert words == ([expected] if expected else [])


@pytest.mark.parametrize("source", list(Side))
@pytest.mark.parametrize(("change", "other"), CELLS)
def test_one_way_plans_what_the_cell_says_and_writes_the_target_only(change, other, source, world):
    """Both one-way directions are the mirror of each other."""
    sync_type = SyncType.CRM_TO_GOOGLE if source is K else SyncType.GOOGLE_TO_CRM
    google, calendar = (other, change) if source is K else (change, other)
    actions = planned(link_in(google, calendar, world, origin=source), policy_for(sync_type, world))
    writes = [write for action in actions for write in writes_of(action)]
    assert {write.side for write in writes} <= {source.other}
    words = [word.split()[0] for word in named(actions)]
    expected = EXPECTED_ONE_WAY[change][other]
    if expected == "compare":
        expected = "update" if writes else ""
    assert words == ([expected] if expected else [])


def test_the_tables_are_complete():
    """No pair of changes is left to chance."""
    assert set(TWO_WAY) == set(CELLS)
    assert set(ONE_WAY) == set(CELLS)


@pytest.mark.parametrize("what", ["done", "busy", "visibility"])
def test_an_edit_that_does_not_beat_a_delete_is_deleted_with_the_item(what, world):
    """Only title, time, place and description beat a delete of the other side."""
    name = world.ours("u1")
    value = {"done": True, "busy": False, "visibility": "private"}[what]
    world.edit_google(name, **{what: type(getattr(world.view(), what))(value)})
    world.delete_crm("u1")
    world.run()
    assert (world.crm("u1"), world.event(name)) == (None, None)


@pytest.mark.parametrize("what", ["title", "location", "description", "schedule"])
def test_an_edit_by_a_person_beats_a_delete_of_the_other_side(what, world, schedule):
    """What was edited at Google comes back into the CRM, with what only the CRM knew."""
    value = schedule(12) if what == "schedule" else "new"
    name = world.ours("u1", "X-ONLY-HERE:kept")
    world.edit_google(name, **{what: value})
    world.delete_crm("u1")
    world.run()
    assert getattr(world.crm("u1"), what) == value
    collection, place = world.place("u1")
    assert "X-ONLY-HERE:kept" in collection.objects()[place].text
    assert world.run().entries == ()


def test_a_cell_of_both_changed_with_equal_views_writes_nothing(world):
    """The same edit made on both sides is only recorded."""
    name = world.ours("u1")
    world.edit_google(name, title="Same")
    world.edit_crm("u1", title="Same")
    assert world.run().entries == ()
    assert world.link("u1").agreed.title == "Same"
    assert world.link("u1").google.settled
    assert world.link("u1").calendar.settled


def test_verbs_of_one_way_are_all_used():
    """Each verb but those without a target stands in the table."""
    assert set(ONE_WAY.values()) == set(Verb)
