"""An option that says how items are shown reaches those that are synced already (features B10).

Over the rehearsal Google, through the product's own client and lens.
"""

from __future__ import annotations

import pytest

from bridge.domain.sync_settings import PrivateEvents, SyncType
from bridge.domain.view import Visibility
from sim_stories import cancelled, moved, series, story
from sim_story_world import StoryWorld
from test_crash_points import crash_everywhere

CALL = "X-CRM-ACTIVITY-TYPE:call"
LINKED = (CALL, "CONTACT:Ada", "X-CRM-PERSON;X-CRM-ID=7:Ada", "X-CRM-ORGANIZATION;X-CRM-ID=8:Acme")


@pytest.fixture
def world():
    """Return an installation with a call of the CRM's at Google, and nothing left to do."""
    world = StoryWorld(rehearsal=True)
    world.make("u1", *LINKED, description="Bring the offer", location="Room 1")
    assert settled(world) == 1
    return world


def settled(world):
    """Run until nothing is left to do; return how many writes that took."""
    first = len(world.run().entries)
    more = len(world.run().entries)
    assert world.run().entries == ()
    return first + more


def at_google(world, name=""):
    """Return what stands in an event, by default in that of the call."""
    head = world.google.objects()[name or world.own("u1")].head()
    told = {each: head.text(each) for each in ("SUMMARY", "LOCATION", "DESCRIPTION")}
    return {each: value for each, value in told.items() if value}


PLAIN = {"SUMMARY": "Call Ada", "LOCATION": "Room 1", "DESCRIPTION": "Bring the offer"}


def test_a_title_template_is_given_to_copies_and_taken_off_again(world):
    """One write for each copy, and none after that."""
    world.choose(title_template="{subject} · {organization}")
    assert settled(world) == 1
    assert at_google(world) == PLAIN | {"SUMMARY": "Call Ada · Acme"}
    world.choose(title_template="")
    assert settled(world) == 1
    assert at_google(world) == PLAIN


def test_copies_of_a_one_way_sync_follow_as_well(world):
    """Where nothing comes back from Google."""
    world.choose(sync_type=SyncType.CRM_TO_GOOGLE)
    assert settled(world) == 0
    world.choose(title_template="{subject} · {organization}")
    assert settled(world) == 1
    assert at_google(world) == PLAIN | {"SUMMARY": "Call Ada · Acme"}


def test_a_crash_while_copies_follow_leaves_none_behind():
    """Some had followed, some had not."""
    added = story(
        lambda w: [w.make(f"u{number}", *LINKED, hour=number) for number in range(3)],
        lambda w: w.choose(title_template="{subject} · {organization}", contact_information=True),
    )
    assert crash_everywhere(added, rehearsal=True, every=2) > 5


def test_types_that_become_busy_only_leave_google_nothing_but_their_times(world):
    """What was sent before is withdrawn, and comes back when the option goes."""
    world.choose(busy_only_types=frozenset({"call"}))
    assert settled(world) == 1
    assert at_google(world) == {"SUMMARY": "Busy"}
    world.choose(busy_only_types=frozenset())
    assert settled(world) == 1
    assert at_google(world) == PLAIN


def test_contacts_are_added_to_copies_and_taken_off_again(world):
    """The block is the description's end at Google, and nowhere else."""
    world.choose(contact_information=True)
    assert settled(world) == 1
    told = at_google(world)["DESCRIPTION"]
    assert told.startswith("Bring the offer")
    assert "Ada" in told
    world.choose(contact_information=False)
    assert settled(world) == 1
    assert at_google(world) == PLAIN


def test_dates_of_a_series_that_deviate_follow_the_option():
    """They are events of their own at Google, full copies."""
    world = StoryWorld(rehearsal=True)
    instances = (moved(world, 1), cancelled(2), moved(world, 3, title="Other", later=0))
    world.make("u1", schedule=series(), instances=instances)
    world.mark("u1", *LINKED)
    settled(world)
    world.choose(title_template="{subject} · {organization}")
    settled(world)
    told = sorted(item.head().text("SUMMARY") for item in world.google.objects().values())
    assert told == ["Call Ada · Acme", "Call Ada · Acme", "Other · Acme"]
    world.choose(busy_only_types=frozenset({"call"}), title_template="")
    settled(world)
    assert {item.head().text("SUMMARY") for item in world.google.objects().values()} == {"Busy"}


def test_an_edit_meanwhile_goes_along_with_the_option(world):
    """Of both sides, in other fields and in the same."""
    world.choose(title_template="{subject} · {organization}")
    world.alter(world.own("u1"), location="Room 2")
    world.edit("u1", description="Bring the contract")
    settled(world)
    new = {"SUMMARY": "Call Ada · Acme", "DESCRIPTION": "Bring the contract", "LOCATION": "Room 2"}
    assert at_google(world) == new
    collection, name = world.place("u1")
    assert collection.objects()[name].head().text("LOCATION") == "Room 2"


def test_titles_that_people_wrote_at_google_stay_as_they_are():
    """A template is for copies; what came from Google comes in without it (features D13)."""
    world = StoryWorld(rehearsal=True)
    world.add("event1", title="Lunch")
    settled(world)
    world.choose(title_template="{subject} · {type}", busy_only_types=frozenset({"meeting"}))
    assert settled(world) == 0
    assert at_google(world, "event1") == {"SUMMARY": "Lunch"}


@pytest.mark.parametrize(
    ("before", "after", "class_"),
    [
        ({}, {"calendar_is_private": True}, "PRIVATE"),
        ({"calendar_is_private": True}, {"calendar_is_private": False}, ""),
    ],
)
def test_what_google_leaves_open_is_as_private_here_as_the_calendar(before, after, class_):
    """Nothing is written to Google for it."""
    world = StoryWorld(rehearsal=True)
    world.choose(**before)
    world.add("event1", title="Lunch")
    settled(world)
    there = world.google.objects()["event1"]
    world.choose(**after)
    assert settled(world) == 1
    collection, name = world.place(world.ours("event1"))
    assert collection.objects()[name].head().value("CLASS") == class_
    assert world.google.objects()["event1"] == there


def test_an_option_that_shows_nothing_else_writes_nothing(world):
    """Other types, no guests, nothing private."""
    world.choose(
        busy_only_types=frozenset({"lunch"}),
        private_events=PrivateEvents.SAVE_AS_PUBLIC,
        guests_out=True,
    )
    assert settled(world) == 0
    assert at_google(world) == PLAIN
    assert world.store.links()[0].agreed.visibility is Visibility.DEFAULT
