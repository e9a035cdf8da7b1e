"""Adoption: equal items are linked, not copied, and never by a guess."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.domain.identifiers import Uid
from bridge.domain.spans import AllDaySpan
from bridge.domain.view import Schedule, Visibility
from bridge.sync.actions import Adopt
from bridge.sync.memory_lens import plain_object
from bridge.sync.model import Side


def counts(world):
    """Return how many items are on each side."""
    return len(world.activities.objects()), len(world.google.objects())


def adoptions(world):
    """Return the rules by which a dry run would link items."""
    return [action.rule for action in world.plan().actions if isinstance(action, Adopt)]


def test_equal_start_end_and_title_are_one_item(world):
    """They are linked, fields of one side only are added to the other."""
    world.in_crm("u1", description="from CRM")
    world.at_google("event", location="Room 1")
    assert adoptions(world) == ["look-alike"]
    world.run()
    assert counts(world) == (1, 1)
    assert world.crm("u1") == world.event("event")
    assert world.crm("u1") == world.view(description="from CRM", location="Room 1")
    assert world.run().entries == ()


def test_without_a_base_two_filled_fields_keep_googles_and_tell_the_other(world):
    """The CRM's value is in the history."""
    world.in_crm("u1", location="Room CRM")
    world.at_google("event", location="Room Google")
    report = world.run()
    assert world.crm("u1").location == "Room Google"
    assert "location of calendar not kept: Room CRM" in report.entries[0].detail


def test_two_candidates_are_no_match(world):
    """Of two equal lunches nobody knows which is which: both are copied."""
    world.in_crm("u1", title="Lunch")
    world.at_google("one", title="Lunch")
    world.at_google("two", title="Lunch")
    assert adoptions(world) == []
    world.run()
    assert counts(world) == (3, 3)


def test_private_items_are_never_adopted(world):
    """Not by their looks."""
    world.in_crm("u1", visibility=Visibility.PRIVATE)
    world.at_google("event", visibility=Visibility.PRIVATE)
    assert adoptions(world) == []


def test_items_without_a_title_are_never_adopted(world):
    """Two blocks at nine are not the same block."""
    world.in_crm("u1", title="")
    world.at_google("event", title="")
    assert adoptions(world) == []


def test_another_end_or_title_is_no_match(world, schedule):
    """Nearly equal is not equal."""
    world.in_crm("u1")
    world.at_google("longer", schedule=schedule(10, minutes=90))
    world.at_google("other", title="Call Adam")
    assert adoptions(world) == []


def test_all_day_items_are_adopted_by_their_days(world):
    """The same days and title."""
    day = world.view().schedule.span.start.date()
    days = Schedule(span=AllDaySpan(start=day, end=day.replace(day=day.day + 1)))
    world.in_crm("u1", schedule=days)
    world.at_google("event", schedule=days)
    assert adoptions(world) == ["look-alike"]


def test_an_equal_uid_is_a_match_whatever_else_differs(world, schedule):
    """An invitation that a client stored here and Google holds as well."""
    world.in_crm("invite@org")
    item = plain_object(Uid("invite@org"), world.view(title="Other", schedule=schedule(12)))
    world.google.put("event", item)
    assert adoptions(world) == ["uid"]
    world.run()
    assert counts(world) == (1, 1)
    assert world.crm("invite@org").schedule == schedule(12)
    assert world.run().entries == ()


@pytest.mark.parametrize(
    ("here", "there", "same"),
    [
        ("mailto:Boss@org.example", "MAILTO:boss@org.example", True),
        ("mailto:boss@org.example", None, True),
        (None, "mailto:boss@org.example", True),
        ("mailto:boss@org.example", "mailto:other@org.example", False),
    ],
)
def test_an_equal_uid_is_a_match_only_with_the_same_organizer(world, here, there, same):
    """Where both sides name one: a UID is its organizer's."""
    lines = [[f"ORGANIZER:{who}"] if who else [] for who in (here, there)]
    world.in_crm("invite@org", *lines[0])
    view = world.view(title="Other")
    world.google.put("event", plain_object(Uid("invite@org"), view, *lines[1]))
    assert adoptions(world) == (["uid"] if same else [])


def test_a_series_is_matched_by_its_uid_and_never_by_its_looks(world, schedule):
    """Its instances would be anybody's guess."""
    when = replace(schedule(10), recurrence=("RRULE:FREQ=DAILY",))
    world.in_crm("series@org", schedule=when)
    world.google.put("event", plain_object(Uid("other@org"), world.view(schedule=when)))
    assert adoptions(world) == []
    world.google.put("event", plain_object(Uid("series@org"), world.view(schedule=when)))
    assert adoptions(world) == ["uid"]


def test_an_adopted_event_is_never_withdrawn(world):
    """A person made it at Google; an unticked type does not take it away."""
    world.in_crm("u1")
    world.at_google("event")
    world.run()
    world.choose(outgoing_types=frozenset())
    world.run()
    assert world.event("event") is not None


def test_a_linked_item_is_not_adopted_again(world):
    """A second equal event is a second item."""
    world.ours("u1")
    world.at_google("twin")
    assert adoptions(world) == []
    world.run()
    assert counts(world) == (2, 2)


def test_a_copy_of_our_event_does_not_count_as_ours(world):
    """Only the event whose name derives from the UID carries a valid stamp."""
    name = world.ours("u1")
    world.google.put("duplicate", world.google.objects()[name])
    world.run()
    assert counts(world) == (2, 2)
    assert world.link("u1").google.name == name


def test_an_older_copy_that_comes_back_beside_the_newer_one_is_a_persons(world):
    """Two events with our stamp: the linked one stays linked, the other becomes an activity."""
    name = world.ours("u1")
    item = world.google.objects()[name]
    world.google.remove(name)
    world.google.burnt.add(name)
    world.edit_crm("u1", title="Edited")
    world.run()
    assert world.link("u1").google.name == world.own("u1", 1)
    world.google.put(name, item)
    world.run()
    assert counts(world) == (2, 2)
    assert world.link("u1").google.name == world.own("u1", 1)
    assert world.run().entries == ()


def test_an_orphan_with_our_stamp_comes_back_into_the_crm(world, new_world):
    """Links and activity were lost, only our copy at Google is left: nothing is deleted."""
    name = world.ours("u1")
    world.store = new_world().store
    world.activities.remove("u1.ics")
    world.run()
    assert world.crm("u1") == world.event(name)
    assert world.run().entries == ()


def test_what_is_out_of_scope_is_not_adopted(world):
    """An activity that is switched off has nothing to do with the event that looks like it."""
    world.in_crm("u1", "X-CRM-SYNC:FALSE")
    world.at_google("event")
    assert adoptions(world) == []


def test_adoption_ends_the_other_link(world):
    """One item is one link."""
    world.in_crm("u1")
    uid = world.at_google("event")
    world.run()
    assert set(world.store.held_links) == {"u1"}
    assert uid not in world.store.held_links
    assert world.link("u1").origin is Side.GOOGLE


def test_a_pair_that_is_to_stay_two_is_copied_to_both_sides(world):
    """Equal as they are, each gets a copy of its own, and it stays so."""
    world.in_crm("u1")
    uid = world.at_google("event")
    for _ in range(3):
        world.run(apart={("u1", "event")})
    assert world.event(world.own("u1")) == world.event("event")
    assert world.crm(uid) == world.crm("u1")
    assert len(world.google.objects()) == len(world.activities.objects()) == 2
    assert world.run().entries == ()


def test_a_pair_with_one_uid_can_stay_two_as_well(world):
    """The event gets another UID here, as every event does."""
    world.in_crm("event@google.com", title="One")
    uid = world.at_google("event", title="Two")
    world.run(apart={("event@google.com", "event")})
    assert world.crm(uid).title == "Two"
    assert world.crm("event@google.com").title == "One"
    assert world.run().entries == ()
