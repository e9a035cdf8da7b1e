"""An activity that gets another owner: an event with guests stays where it is (features B5)."""

from __future__ import annotations

from bridge.sync.actions import Skip

GUEST = "ATTENDEE:mailto:guest@example.com"


def everybody(uids):
    """Say that all of them moved."""
    return uids


def test_an_event_with_guests_is_not_deleted_because_the_owner_changed(world):
    """Nobody is asked, as nobody wants to delete anything; it is said instead."""
    uid = world.theirs("event", GUEST)
    world.delete_crm(uid)
    report = world.run(elsewhere=everybody)
    assert report.entries == ()
    assert [entry.reason for entry in report.withheld] == ["owner"]
    assert world.link(uid).held is None
    assert Skip(uid=uid, reason="owner") in world.plan().actions
    assert world.event("event") is not None
    assert world.run(elsewhere=everybody).entries == ()


def test_an_event_with_guests_is_not_made_again_for_the_new_owner(world):
    """The old owner's stays the only one; without guests there is no reason for that."""
    world.in_crm("u1", GUEST)
    world.in_crm("u2", title="Without guests")
    world.run(elsewhere=everybody)
    assert world.event(world.own("u1")) is None
    assert world.link("u1").withheld == "owner"
    assert world.event(world.own("u2")) is not None


def test_an_event_without_guests_moves_with_its_activity(world):
    """It is deleted at once for the old owner."""
    name = world.ours("u1")
    world.delete_crm("u1")
    world.run(elsewhere=everybody)
    assert world.event(name) is None


def test_others_are_asked_only_about_what_may_have_moved(world):
    """A quiet run asks nothing."""
    asked = []

    def ask(uids):
        asked.append(sorted(uids))
        return ()

    world.in_crm("u1")
    world.run(elsewhere=ask)
    world.run(elsewhere=ask)
    world.edit_crm("u1", title="New title")
    world.run(elsewhere=ask)
    world.delete_crm("u1")
    world.run(elsewhere=ask)
    assert asked == [["u1"], ["u1"]]
