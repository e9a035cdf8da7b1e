"""Fields at Google and here, through the product's own client and lens (features B and D)."""

from __future__ import annotations

import pytest

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
