"""An option that says how items are shown reaches those that are synced already (features B10).

Over the rehearsal Google, through the product's own client and lens.
"""

from __future__ import annotations

import pytest

from bridge.domain.sync_settings import PrivateEvents, SyncType, TypeColour
from bridge.domain.view import Visibility
from sim_stories import KEYS, cancelled, moved, series, story
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
    head = world.google.events()[name or world.own("u1")].head()
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
    told = sorted(item.head().text("SUMMARY") for item in world.google.events().values())
    assert told == ["Call Ada · Acme", "Call Ada · Acme", "Other · Acme"]
    world.choose(busy_only_types=frozenset({"call"}), title_template="")
    settled(world)
    assert {item.head().text("SUMMARY") for item in world.google.events().values()} == {"Busy"}


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
    there = world.google.events()["event1"]
    world.choose(**after)
    assert settled(world) == 1
    collection, name = world.place(world.ours("event1"))
    assert collection.objects()[name].head().value("CLASS") == class_
    assert world.google.events()["event1"] == there


def class_of(world, name):
    """Return who sees the activity of an event that came from Google."""
    collection, found = world.place(world.ours(name))
    return collection.objects()[found].head().value("CLASS")


def test_private_events_follow_a_choice_that_was_changed_for_everything():
    """What a person made private here since stays so; nothing is written to Google for it."""
    world = StoryWorld(rehearsal=True)
    instances = (moved(world, 1), cancelled(2))
    world.add("event1", title="Doctor", visibility=Visibility.PRIVATE)
    world.add(
        "event2",
        title="Course",
        visibility=Visibility.PRIVATE,
        schedule=series(),
        instances=instances,
    )
    settled(world)
    there = world.google.events()
    assert class_of(world, "event1") == class_of(world, "event2") == "PRIVATE"
    world.choose(private_events=PrivateEvents.SAVE_AS_PUBLIC, private_changes=1)
    assert settled(world) == 2
    assert class_of(world, "event1") == class_of(world, "event2") == "PUBLIC"
    world.choose(private_events=PrivateEvents.SAVE_AS_PRIVATE, private_changes=2)
    assert settled(world) == 2
    assert class_of(world, "event1") == class_of(world, "event2") == "PRIVATE"
    assert world.google.events() == there


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


def colour(world, name=""):
    """Return the colour of an event, by default of that of the call."""
    return world.google.events()[name or world.own("u1")].head().value("X-GOOGLE-COLOR")


def colours(**chosen):
    """Return the option of these types."""
    return frozenset(TypeColour(type_key=key, colour=each) for key, each in chosen.items())


def test_copies_get_the_colour_of_their_type_and_lose_it_again(world):
    """The number is Google's; nothing else is written."""
    world.choose(type_colours=colours(call="5", meeting="7"))
    assert settled(world) == 1
    assert (colour(world), at_google(world)) == ("5", PLAIN)
    world.unmark("u1", CALL)
    world.mark("u1", "X-CRM-ACTIVITY-TYPE:meeting")
    assert settled(world) == 1
    assert colour(world) == "7"
    world.choose(type_colours=frozenset())
    assert settled(world) == 1
    assert colour(world) == ""


def test_new_copies_have_their_colour_from_the_beginning():
    """In one write, of a series for all of its dates."""
    world = StoryWorld(rehearsal=True)
    world.choose(type_colours=colours(call="5"))
    world.make("u1", schedule=series(), instances=(moved(world, 1), cancelled(2)))
    world.mark("u1", CALL)
    assert settled(world) == 1
    shown = [item.head().value("X-GOOGLE-COLOR") for item in world.google.events().values()]
    assert shown == ["5", "5"]
    world.choose(type_colours=colours(call="6"))
    assert settled(world) == 1
    shown = [item.head().value("X-GOOGLE-COLOR") for item in world.google.events().values()]
    assert shown == ["6", "6"]


def test_a_colour_that_a_person_gave_a_copy_stays(world):
    """Whatever else is edited, until the option is another one."""
    world.choose(type_colours=colours(call="5"))
    settled(world)
    world.alter(world.own("u1"), colour="9")
    assert settled(world) == 0
    world.edit("u1", title="Call Bob")
    world.alter(world.own("u1"), location="Room 2")
    settled(world)
    assert (colour(world), at_google(world)["SUMMARY"]) == ("9", "Call Bob")
    world.choose(type_colours=colours(call="6"))
    assert settled(world) == 1
    assert colour(world) == "6"


def test_a_colour_that_a_person_gave_one_date_stays():
    """It is no change of the date for the calendar."""
    world = StoryWorld(rehearsal=True)
    world.choose(type_colours=colours(call="5"))
    world.make("u1", schedule=series())
    world.mark("u1", CALL)
    settled(world)
    name = f"{world.own('u1')}_{KEYS[1]}"
    world.google._act("edit", event=name, fields={"colorId": "9"})
    assert settled(world) == 0
    world.edit("u1", title="Call Bob")
    settled(world)
    assert colour(world, name) == "9"


def test_what_came_from_google_keeps_its_colour():
    """It is no copy."""
    world = StoryWorld(rehearsal=True)
    world.add("event1", title="Lunch")
    settled(world)
    world.choose(type_colours=colours(meeting="5"))
    assert settled(world) == 0
    assert colour(world, "event1") == ""


def test_a_busy_only_copy_has_no_colour(world):
    """It would tell what kind of activity it is."""
    world.choose(type_colours=colours(call="5"), busy_only_types=frozenset({"call"}))
    assert settled(world) == 1
    assert (colour(world), at_google(world)) == ("", {"SUMMARY": "Busy"})
