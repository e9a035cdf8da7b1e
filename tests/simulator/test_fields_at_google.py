"""Fields at Google and here, through the product's own client and lens (features B and D)."""

from __future__ import annotations

import pytest

from bridge.domain.sync_settings import SyncType
from sim_stories import story
from sim_story_world import StoryWorld
from test_changed_options import LINKED, PLAIN, at_google, settled
from test_crash_points import crash_everywhere

STRANGER = {"email": "guest@elsewhere.example"}
BLOCK = "Bring the offer\n\n--- CRM contact ---\nAda\n--- end of CRM contact ---"


@pytest.fixture
def world():
    """Return an installation with a call of the CRM's at Google, and nothing left to do."""
    world = StoryWorld(rehearsal=True)
    world.choose(contact_information=True)
    world.make("u1", *LINKED, description="Bring the offer", location="Room 1")
    assert settled(world) == 1
    return world


def invite(world, *guests):
    """Let the user invite guests to our copy at Google."""
    world.google.patch(world.own("u1"), attendees=list(guests))


def test_linked_contacts_leave_google_as_soon_as_strangers_are_invited_there(world):
    """D3: who is invited at Google sees the description that is there."""
    assert at_google(world)["DESCRIPTION"] == BLOCK
    invite(world, STRANGER)
    settled(world)
    assert at_google(world) == PLAIN
    invite(world)
    settled(world)
    assert at_google(world)["DESCRIPTION"] == BLOCK


def test_linked_contacts_leave_google_though_the_text_was_edited_here_meanwhile(world):
    """D3: the edit goes out without them."""
    invite(world, STRANGER)
    world.edit("u1", description="Bring two offers")
    settled(world)
    assert at_google(world) == PLAIN | {"DESCRIPTION": "Bring two offers"}


def test_linked_contacts_leave_google_wherever_the_run_dies():
    """What follows from what came in is not forgotten with it."""
    told = story(
        lambda w: (w.choose(contact_information=True), w.make("u1", *LINKED)),
        lambda w: invite(w, STRANGER),
    )
    assert crash_everywhere(told, rehearsal=True) > 5


POPUP = {"useDefault": False, "overrides": [{"method": "popup", "minutes": 5}]}


def test_a_one_way_copy_keeps_the_reminder_and_colour_that_google_gave_it(world):
    """B1: they are of whoever looks at it there; a title that was edited is put back."""
    world.choose(sync_type=SyncType.CRM_TO_GOOGLE)
    name = world.own("u1")
    world.google.patch(name, reminders=POPUP, colorId="9")
    assert settled(world) == 0
    world.google.patch(name, summary="Edited there")
    assert settled(world) == 1
    world.edit("u1", title="Edited here")
    assert settled(world) == 1
    head = world.google.objects()[name].head()
    assert head.text("SUMMARY") == "Edited here"
    assert head.value("X-CRM-GOOGLE-REMINDERS") == "popup=5"
    assert head.value("X-GOOGLE-COLOR") == "9"


def test_a_one_way_activity_keeps_its_alarm(world):
    """B2, D7: the phone rings when its owner wants it to, whatever is edited at Google."""
    world.choose(sync_type=SyncType.GOOGLE_TO_CRM)
    world.add("event1", title="Theirs")
    settled(world)
    uid = world.ours("event1")
    world.edit(uid, reminders=(5,))
    assert settled(world) == 0
    world.alter("event1", title="Edited there")
    assert settled(world) == 1
    collection, href = world.place(uid)
    text = collection.objects()[href].text
    assert "SUMMARY:Edited there" in text
    assert "TRIGGER:-PT5M" in text


def link_of(world, uid):
    """Return the meeting link that a calendar program shows of an activity."""
    collection, href = world.place(uid)
    return collection.objects()[href].head().value("CONFERENCE")


def test_a_meet_that_a_program_forgot_is_back_in_the_calendar(world):
    """D9: Google keeps its conference, and the activity tells of it again."""
    world.add("event1", title="Theirs")
    world.google.add_meet("event1")
    settled(world)
    uid = world.ours("event1")
    link = link_of(world, uid)
    assert link.startswith("https://meet.google.com/")
    world.edit(uid, conference="", title="Edited here")
    settled(world)
    assert link_of(world, uid) == link
    assert at_google(world, "event1")["SUMMARY"] == "Edited here"


def test_a_link_of_the_crms_own_goes_when_it_is_taken_away_here(world):
    """D9: the line at Google was ours."""
    world.edit("u1", conference="https://zoom.example.com/1")
    settled(world)
    assert "zoom" in at_google(world)["DESCRIPTION"]
    world.edit("u1", conference="")
    settled(world)
    assert "zoom" not in at_google(world)["DESCRIPTION"]
    assert link_of(world, "u1") == ""


def test_how_google_writes_a_new_text_down_is_nobodys_edit(world):
    """D10, D12: it tidies HTML up; the activity keeps what was typed, until somebody edits it."""
    typed = "Agenda <a href='https://example.com/'>here</a>"
    world.make("u2", hour=3, description=typed)
    assert settled(world) == 1
    told = at_google(world, world.own("u2"))["DESCRIPTION"]
    assert told == 'Agenda <a href="https://example.com/">here</a>'
    collection, href = world.place("u2")
    assert collection.objects()[href].head().text("DESCRIPTION") == typed
    world.google.patch(world.own("u2"), description=f"{told} at nine")
    settled(world)
    text = collection.objects()[href].head().text("DESCRIPTION")
    assert text == "Agenda here <https://example.com/> at nine"


def test_an_equal_event_is_linked_though_a_template_would_show_another_title(world):
    """C2, D13: nobody typed at Google what the template adds; the title stays as it was typed."""
    world.choose(title_template="{subject} · {organization}")
    world.make("u2", *LINKED, title="Call Bob", hour=3)
    world.add("event1", title="Call Bob", hour=3)
    settled(world)
    assert set(world.google.objects()) == {world.own("u1"), "event1"}
    assert at_google(world, "event1")["SUMMARY"] == "Call Bob"
    world.edit("u2", title="Call Eve")
    settled(world)
    assert at_google(world, "event1")["SUMMARY"] == "Call Eve"
