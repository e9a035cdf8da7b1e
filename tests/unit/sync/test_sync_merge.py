"""The merge: different fields merge, the same field follows the table, losers are told."""

from __future__ import annotations

import pytest

from bridge.domain.view import MergeField, Visibility
from bridge.sync.merge import WINNERS
from bridge.sync.model import Side

VALUES = {
    MergeField.TITLE: ("from CRM", "from Google"),
    MergeField.LOCATION: ("room CRM", "room Google"),
    MergeField.DESCRIPTION: ("text CRM", "text Google"),
    MergeField.VISIBILITY: (Visibility.PRIVATE, Visibility.CONFIDENTIAL),
}


def test_the_table_names_every_field_and_google_wins_time_place_and_guests():
    """The stated table, in full."""
    assert set(WINNERS) == set(MergeField)
    assert {field for field, side in WINNERS.items() if side is Side.GOOGLE} == {
        MergeField.SCHEDULE,
        MergeField.LOCATION,
        MergeField.ATTENDEES,
    }


def test_different_fields_of_both_sides_merge(world, schedule):
    """Nobody's edit is lost when they touch different fields."""
    name = world.ours("u1")
    world.edit_crm("u1", title="New title", done=True)
    world.edit_google(name, location="Room 7", schedule=schedule(11))
    world.run()
    expected = world.view("New title", done=True, location="Room 7", schedule=schedule(11))
    assert world.crm("u1") == expected
    assert world.event(name) == expected
    assert world.run().entries == ()


@pytest.mark.parametrize("field", sorted(VALUES))
def test_the_same_field_follows_the_table_and_the_loser_is_kept(field, world):
    """Both sides end with the winner's value; the journal tells the loser's."""
    name = world.ours("u1")
    crm, google = VALUES[field]
    world.edit_crm("u1", **{field.value: crm})
    world.edit_google(name, **{field.value: google})
    report = world.run()
    winner, loser = (google, crm) if WINNERS[field] is Side.GOOGLE else (crm, google)
    assert getattr(world.crm("u1"), field.value) == winner
    assert getattr(world.event(name), field.value) == winner
    (entry,) = report.entries
    assert f"{field.value} of {WINNERS[field].other.value} not kept: {loser}" in entry.detail
    assert str(loser) in entry.before or str(loser).upper() in entry.before


def test_of_two_new_times_googles_holds(world, schedule):
    """Clocks are never compared; Google wins the schedule."""
    name = world.ours("u1")
    world.edit_google(name, schedule=schedule(12))
    world.edit_crm("u1", schedule=schedule(13))
    world.run()
    assert world.crm("u1").schedule == world.event(name).schedule == schedule(12)


def test_what_both_sides_cannot_express_alike_is_no_edit(world, monkeypatch):
    """A field a side changes on its own when it stores an item starts no quarrel."""
    name = world.ours("u1")
    update = world.google.update

    def shouting(name, item, *, base, if_match, **terms):
        view = world.lens.google_view(item)
        loud = world.lens.put_google(type(view)(**_fields(view, title=view.title.upper())), item)
        return update(name, loud, base=base, if_match=if_match, **terms)

    monkeypatch.setattr(world.google, "update", shouting)
    world.edit_crm("u1", title="quiet")
    world.run()
    assert world.event(name).title == "QUIET"
    assert world.run().entries == ()
    world.edit_crm("u1", location="Room 1")
    world.run()
    assert (world.crm("u1").title, world.crm("u1").location) == ("quiet", "Room 1")


def _fields(view, **changes):
    names = ("title", "schedule", "location", "description", "busy", "visibility", "done")
    return {name: getattr(view, name) for name in names} | changes


def test_what_the_calendar_cannot_hold_is_put_back_at_google_once(world, monkeypatch):
    """The refused part of an edit goes back in the same run; the rest comes in."""
    name = world.ours("u1")
    put = world.lens.put_calendar

    def short(view, item):
        return put(type(view)(**_fields(view, description=view.description[:5])), item)

    monkeypatch.setattr(world.lens, "put_calendar", short)
    world.edit_google(name, description="much too long", location="Room 1")
    report = world.run()
    assert [entry.side for entry in report.entries] == [Side.CALENDAR, Side.GOOGLE]
    assert world.crm("u1").description == world.event(name).description == "much "
    assert world.event(name).location == "Room 1"
    assert world.run().entries == ()


def test_a_changed_option_is_not_an_edit(world, monkeypatch):
    """When the lens shows old things anew, only what a person changes afterwards is written."""
    name = world.ours("u1", description="text")
    view = world.lens.calendar_view
    monkeypatch.setattr(
        world.lens,
        "calendar_view",
        lambda item: type(shown := view(item))(
            **_fields(shown, description=shown.description + " +contact")
        ),
    )
    assert world.run().entries == ()
    world.edit_google(name, description="edited at Google")
    world.edit_crm("u1", title="edited in CRM")
    report = world.run()
    assert world.event(name).title == "edited in CRM"
    collection, place = world.place("u1")
    assert "DESCRIPTION:edited at Google" in collection.objects()[place].text
    assert [entry.detail for entry in report.entries] == ["", ""]
