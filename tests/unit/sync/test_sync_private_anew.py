"""Who sees an event that is private at Google is put anew: when, and how."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.domain.identifiers import Uid
from bridge.domain.sync_settings import PrivateEvents, SyncType
from bridge.domain.view import Instance, Visibility
from bridge.sync.memory_lens import plain_object
from bridge.sync.model import Presence, Side
from bridge.sync.policy import Policy
from bridge.sync.private_anew import is_due, put_anew

HIDDEN = Visibility.PRIVATE


@pytest.fixture
def due(world, sides):
    """Return a function that tells whether it is due, all being as it has to be but for this."""

    def ask(
        *,
        link=0,
        options=None,
        origin=Side.GOOGLE,
        presence=Presence.PRESENT,
        visibility=HIDDEN,
        nowhere=False,
    ):
        world.choose(private_events=PrivateEvents.SAVE_AS_PUBLIC, private_changes=1)
        world.choose(**(options or {}))
        shown = None if nowhere else replace(sides.view, visibility=visibility)
        sight = sides.sight(
            calendar=sides.side(sides.view, sides.view, presence=presence),
            google=sides.side(shown, shown),
            origin=origin,
            private_changes=link,
        )
        return is_due(sight, Policy.of(world.settings))

    return ask


@pytest.mark.parametrize("choice", [PrivateEvents.SAVE_AS_PUBLIC, PrivateEvents.SAVE_AS_PRIVATE])
@pytest.mark.parametrize("hidden", [HIDDEN, Visibility.CONFIDENTIAL])
@pytest.mark.parametrize("sync_type", [SyncType.TWO_WAY, SyncType.GOOGLE_TO_CRM])
def test_a_private_event_of_googles_is_put_anew_once_the_choice_changed(
    due, choice, hidden, sync_type
):
    """Under either choice that brings it in, in either direction that writes here."""
    options = {"private_events": choice, "sync_type": sync_type}
    assert due(options=options, visibility=hidden)


@pytest.mark.parametrize(
    "but",
    [
        {"link": 1},
        {"origin": Side.CALENDAR},
        {"options": {"private_events": PrivateEvents.DO_NOT_SYNC}},
        {"options": {"sync_type": SyncType.CRM_TO_GOOGLE}},
        {"presence": Presence.REMOVED},
        {"presence": Presence.ABSENT},
        {"visibility": Visibility.DEFAULT},
        {"visibility": Visibility.PUBLIC},
        {"nowhere": True},
    ],
    ids=[
        "known already",
        "made here",
        "private ones are left out",
        "nothing is written here",
        "deleted here",
        "never was here",
        "as the calendar",
        "public",
        "without a time",
    ],
)
def test_nothing_is_put_anew_otherwise(due, but):
    """Each of these alone is reason enough to leave it as a person made it."""
    assert not due(**but)


class Recording:
    """A lens that notes what it is to show, and shows the last of it."""

    def __init__(self):
        self.shown = []

    def put_calendar(self, view, item):
        """Note the view; return another object."""
        self.shown.append((view, item.text))
        return replace(item, text=item.text + "+")


def test_it_is_shown_to_everyone_first_and_then_as_it_is_to_be(world):
    """The lens leaves alone what says already what it is to say; so it is made to say it."""
    view = replace(world.view(), visibility=HIDDEN)
    own = replace(view, title="Own", location="Here")
    dates = (Instance(key="a", view=own), Instance(key="b"))
    wanted = replace(view, instances=dates)
    lens, item = Recording(), replace(plain_object(Uid("u1"), view), text="*")
    assert put_anew(lens, wanted, item).text == "*++"
    (public, before), (last, between) = lens.shown
    assert (before, between, last) == ("*", "*+", wanted)
    everyone = replace(own, visibility=Visibility.PUBLIC)
    assert public == replace(
        wanted, visibility=Visibility.PUBLIC, instances=(Instance(key="a", view=everyone), dates[1])
    )
