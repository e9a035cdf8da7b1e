"""Every story, with the process dying at every single step of it, before and after each call.

Whatever is lost with the process, the runs that follow end where an undisturbed one ends, and then
write nothing more. No step is left out: each story is first told once to count them.
"""

from __future__ import annotations

import sys
from functools import partial

import pytest

from bridge.convert import google_series
from sim_stories import STORIES, cancelled, moved, series, story
from sim_story_world import StoryWorld

IN_REHEARSAL = [name for name, story in STORIES.items() if not story.memory_only]


def tell(story, *, rehearsal, crash_at=0):
    """Tell a story to its end, with the process dying once; return steps and outcome."""
    world = StoryWorld(rehearsal=rehearsal)
    world.crash_at = crash_at
    for act in story.acts:
        act(world)
        world.run()
    steps = world.steps.count
    for _ in range(2):
        world.wait()
        world.run()
    assert world.run().entries == (), "the third run wrote"
    return steps, world.outcome()


def crash_everywhere(story, *, rehearsal, every=1):
    """Tell a story as often as it has steps, dying at another one each time; return how many."""
    again = partial(tell, story, rehearsal=rehearsal)
    steps, expected = again()
    for number in range(1, steps + 1, every):
        _, outcome = again(crash_at=number)
        assert outcome == expected, f"after step {number} of {steps}"
    return steps


def test_there_are_stories_enough():
    """What is asked for, and some more."""
    assert len(STORIES) >= 40


@pytest.mark.parametrize("name", STORIES)
def test_a_crash_at_any_step_changes_no_end(name):
    """Over memory sides."""
    assert crash_everywhere(STORIES[name], rehearsal=False) > 5


@pytest.mark.parametrize("name", [*IN_REHEARSAL[::8], "this and following of dates that were done"])
def test_a_crash_at_some_steps_changes_no_end_through_the_rehearsal(name):
    """The product's own client, some stories and every seventh step; all of it is in the lane."""
    assert crash_everywhere(STORIES[name], rehearsal=True, every=7) > 5


def test_a_crash_while_many_dates_are_cancelled_brings_none_of_them_back(monkeypatch):
    """More than Google takes as excluded dates are cancelled after the series is there."""
    monkeypatch.setattr(google_series, "MOST_EXCLUDED", 1)
    gone = [cancelled(1), cancelled(2), cancelled(3)]
    made = story(lambda w: w.make("u1", schedule=series(), instances=(*gone, moved(w, 4))))
    _, (calendar, _) = tell(made, rehearsal=True)
    assert calendar[0].count("view=None") == len(gone)
    assert crash_everywhere(made, rehearsal=True) > 5


@pytest.mark.lane
@pytest.mark.timeout(0)
def test_a_crash_at_any_step_changes_no_end_through_the_rehearsal(capsys):
    """The product's own client, every story and every step."""
    steps = {name: crash_everywhere(STORIES[name], rehearsal=True) for name in IN_REHEARSAL}
    with capsys.disabled():
        sys.stdout.write(f"\n{len(steps)} stories died at {sum(steps.values())} steps\n")
