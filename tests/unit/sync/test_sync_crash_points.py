"""A scripted story, crashed before and after every call and commit, and then simply run again."""

from __future__ import annotations

import contextlib

import pytest

from bridge.errors import SideUnavailable


class SimulatedCrash(BaseException):
    """The process died here."""


def prepare(world):
    """Make linked items, and then what the run under test has to carry."""
    for number in range(5):
        world.in_crm(f"old{number}", title=f"Old {number}")
    for number in range(3):
        world.at_google(f"event{number}", title=f"Event {number}")
    world.run()
    world.run()
    world.in_crm("new", title="New here", where=world.tasks)
    world.at_google("fresh", title="New there")
    world.edit_crm("old0", title="Edited here")
    world.edit_google(world.own("old1"), location="Edited there")
    world.edit_crm("old2", title="Merged here")
    world.edit_google(world.own("old2"), location="Merged there")
    world.delete_crm("old3")
    world.google.remove("event0")
    world.edit_crm(world.ids.uid("event1"), done=True)
    world.google.remove("event2")
    world.edit_crm(world.ids.uid("event2"), title="Saved by an edit")
    world.mark_crm("old4", "X-CRM-SYNC:FALSE")


def outcome(world):
    """Return what both sides show, without names and versions."""
    crm = {
        item.uid: world.lens.calendar_view(item)
        for side in (world.activities, world.tasks)
        for item in side.objects().values()
    }
    google = sorted(repr(world.lens.google_view(item)) for item in world.google.objects().values())
    return crm, google


def steps_of_a_run(new_world):
    """Return how many steps the run under test passes, and its outcome."""
    world = new_world()
    prepare(world)
    begin = world.steps.count
    world.run()
    count = world.steps.count - begin
    assert world.run().entries == ()
    return count, outcome(world)


@pytest.mark.parametrize("failure", [SimulatedCrash(), SideUnavailable("cut", side="google")])
def test_every_single_step_may_be_the_last_one(new_world, failure):
    """Whatever happened before it, the next runs end where an undisturbed one ends."""
    count, expected = steps_of_a_run(new_world)
    assert count > 40
    for number in range(1, count + 1):
        world = new_world()
        prepare(world)
        at_step = world.steps.count + number

        def interfere(step, at_step=at_step):
            if step.number == at_step:
                raise failure

        world.steps.interfere = interfere
        with contextlib.suppress(SimulatedCrash):
            world.run()
        world.steps.interfere = None
        world.run()
        world.run()
        assert outcome(world) == expected, f"after step {number}"
        assert world.run().entries == (), f"after step {number}"


def test_two_crashes_in_a_row_are_no_worse_than_one(new_world):
    """The recovery may be interrupted as well."""
    count, expected = steps_of_a_run(new_world)
    for first in range(1, count + 1, 5):
        for second in range(1, count + 1, 7):
            world = new_world()
            prepare(world)
            for at_step in (first, second):
                begin = world.steps.count

                def interfere(step, begin=begin, at_step=at_step):
                    if step.number == begin + at_step:
                        raise SimulatedCrash

                world.steps.interfere = interfere
                with contextlib.suppress(SimulatedCrash):
                    world.run()
            world.steps.interfere = None
            world.run()
            world.run()
            assert outcome(world) == expected, f"after steps {first} and {second}"
