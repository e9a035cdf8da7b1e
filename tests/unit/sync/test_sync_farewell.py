"""What is taken away after a sync has ended (features A5): copies only, and only untouched ones."""

from __future__ import annotations

import pytest

from bridge.domain.connection import Farewell
from bridge.errors import ConversionError, SideUnavailable
from bridge.sync.actions import Skip
from bridge.sync.farewell import farewell
from bridge.sync.memory import Moment
from bridge.sync.model import UNREADABLE

GUEST = "ATTENDEE:mailto:guest@example.com"


def left(world, wish):
    """Return what a farewell leaves alone, by item."""
    links = world.store.links()
    planned = farewell(links, wish, lens=world.lens, uid_for=world.ids.uid)
    return {act.uid: act.reason for act in planned.actions if isinstance(act, Skip)}


def take_away(world, wish, uids=None):
    """Let a run take away what a person confirmed: everything, if nothing else is said."""
    confirmed = frozenset(world.store.held_links) if uids is None else frozenset(uids)
    return world.run(farewell=wish, confirmed=confirmed)


@pytest.fixture
def both(world):
    """A world with an activity of ours and an event of theirs, both on both sides."""
    world.ours("u1")
    world.theirs("event", title="Theirs")
    return world


def test_our_copies_leave_google_and_nothing_else_is_written(both):
    """The activity stays, and so does what came from Google."""
    both.edit_crm(both.ids.uid("event"), title="New title")
    report = take_away(both, Farewell.COPIES)
    assert [(entry.action, entry.uid, entry.reason) for entry in report.entries] == [
        ("withdraw", "u1", "stopped")
    ]
    assert set(both.google.objects()) == {"event"}
    assert both.crm("u1") is not None
    assert both.event("event").title == "Theirs"


def test_activities_made_of_events_leave_the_crm(both):
    """The event stays, and so does the person's own activity."""
    report = take_away(both, Farewell.INCOMING)
    assert [entry.action for entry in report.entries] == ["withdraw"]
    assert both.crm(both.ids.uid("event")) is None
    assert both.event("event") is not None
    assert both.crm("u1") is not None


def test_an_adopted_activity_is_not_taken_away(world):
    """It was a person's before it was linked."""
    world.in_crm("u1")
    world.at_google("event")
    world.run()
    assert world.link("u1").google.name == "event"
    for wish in Farewell:
        assert take_away(world, wish).entries == ()
    assert world.crm("u1") == world.event("event")


@pytest.mark.parametrize("wish", list(Farewell))
def test_taken_up_again_everything_is_there_again_once(both, wish):
    """Nothing is deleted on the other side, and nothing is doubled."""
    before = {side.id: len(side.objects()) for side in (both.google, both.activities)}
    take_away(both, wish)
    assert both.run().stopped_by is None
    after = {side.id: len(side.objects()) for side in (both.google, both.activities)}
    assert after == before
    assert both.run().entries == ()


def test_what_was_changed_since_stays(both):
    """Neither an edit at Google nor one in the CRM is thrown away."""
    both.edit_google(both.own("u1"), title="Edited there")
    both.edit_crm(both.ids.uid("event"), title="Edited here")
    assert take_away(both, Farewell.COPIES).entries == ()
    assert take_away(both, Farewell.INCOMING).entries == ()
    assert left(both, Farewell.COPIES) == {"u1": "changed-since"}
    assert left(both, Farewell.INCOMING) == {both.ids.uid("event"): "changed-since"}


def test_a_copy_with_guests_stays_and_is_said(both):
    """Taking it away would cancel their meeting."""
    both.mark_google(both.own("u1"), GUEST)
    both.run()
    assert take_away(both, Farewell.COPIES).entries == ()
    assert left(both, Farewell.COPIES) == {"u1": "guests"}
    assert both.google.mailed == []


def test_only_what_was_confirmed_is_taken(both):
    """What came into view since stays."""
    both.ours("u2", title="Later")
    take_away(both, Farewell.COPIES, uids={"u1"})
    assert both.event(both.own("u1")) is None
    assert both.event(both.own("u2")) is not None


@pytest.mark.parametrize("wish", list(Farewell))
@pytest.mark.parametrize("moment", list(Moment))
def test_a_lost_answer_deletes_nothing_on_the_other_side(both, wish, moment):
    """Taken up again in the middle of it, both sides have everything again."""
    kept = both.texts()

    def lose(step):
        if (step.operation, step.moment) == ("delete", moment):
            raise SideUnavailable("the answer was lost", side="google")

    both.steps.interfere = lose
    take_away(both, wish)
    both.steps.interfere = None
    for _ in range(3):
        both.run()
    assert [len(side) for side in both.texts()] == [len(side) for side in kept]
    assert both.run().entries == ()


def test_hundreds_of_copies_go_without_asking_again(world):
    """The brakes do not count what a person confirmed."""
    for number in range(150):
        world.in_crm(f"u{number}", title=f"Call {number}")
    world.run()
    report = take_away(world, Farewell.COPIES)
    assert report.stopped_by is None
    assert len(world.google.objects()) == 0


def test_what_cannot_be_read_is_left_where_it_is(both, monkeypatch):
    """Nobody can tell whether a person changed it."""
    look = both.lens.calendar_view

    def refuse(item):
        if item.uid == "u1":
            raise ConversionError("odd date", uid=item.uid)
        return look(item)

    monkeypatch.setattr(both.lens, "calendar_view", refuse)
    assert left(both, Farewell.COPIES)["u1"] == UNREADABLE
    take_away(both, Farewell.COPIES)
    assert both.event(both.own("u1")) is not None
