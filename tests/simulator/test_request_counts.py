"""What a sync costs, counted in the rehearsal Google's request log, through the product's client.

An HTTP request is what goes over the wire: a batch of fifty writes is one (Google: Batch requests).
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from bridge.errors import RateLimited
from bridge.sync.model import Side
from sim_first_load import google_with
from sim_story_world import StoryWorld
from sim_strand import Crash

PART_WRITES = frozenset({"POST", "PATCH", "PUT", "DELETE"})


@pytest.fixture
def world():
    """Return an installation with the rehearsal Google in process."""
    return StoryWorld(rehearsal=True)


def fill(world, count):
    """Make that many activities."""
    for number in range(count):
        world.make(f"u{number}", title=f"Call {number}", hour=number)


def requests_of(world, act_first=lambda: None):
    """Return the records of the requests one run makes after an act."""
    act_first()
    world.google.world.requests.clear()
    report = world.run()
    assert report.stopped_by is None
    return report, world.google.world.requests.records()


def writes_in(records):
    """Return the requests that carry writes."""
    told = [(record, record.parts or (record,)) for record in records]
    return [record for record, parts in told if any(part.method in PART_WRITES for part in parts)]


def test_the_first_push_of_a_thousand_activities_takes_22_requests(world):
    """A listing, and twenty batches of fifty."""
    world.seconds_per_batch = 7
    fill(world, 1000)
    report, records = requests_of(world)
    assert report.done == 1000
    assert len(world.google.objects()) == 1000
    assert len(records) <= 22, [(record.method, record.path) for record in records]
    _, records = requests_of(world)
    assert len(records) == 1


def test_googles_limit_by_the_minute_costs_a_few_requests_and_loses_nothing(world):
    """Six hundred calls a minute (Google: Manage quotas); the next run goes on where it stopped."""
    fill(world, 1000)
    stops = []
    while (report := world.run_once()).stopped_by is not None:
        assert isinstance(report.stopped_by, RateLimited)
        stops.append(report)
        world.clock.advance(timedelta(minutes=1))
    assert 1 <= len(stops) <= 3
    assert len(world.google.objects()) == 1000
    assert len(world.google.world.requests.records()) <= 22 + 6 * len(stops)


def test_a_run_without_changes_is_one_request(world):
    """A listing with the token tells that there is nothing."""
    fill(world, 3)
    world.run()
    world.run()
    report, (record,) = requests_of(world)
    assert (record.operation, report.entries) == ("calendar.events.list", ())


@pytest.mark.parametrize("changes", [1, 2, 49, 50, 51, 120])
def test_changes_go_out_fifty_at_a_time(changes, world):
    """At most one request more than full batches would take."""
    fill(world, 130)
    world.run()
    world.run()

    def edit():
        for number in range(changes):
            world.edit(f"u{number}", title=f"Edited {number}")

    report, records = requests_of(world, edit)
    assert report.done == changes
    assert 1 <= len(writes_in(records)) <= math.ceil(changes / 50) + 1
    assert len(records) <= len(writes_in(records)) + 1


@pytest.mark.parametrize("side", list(Side))
def test_an_echo_never_costs_a_write(side, world):
    """What was written comes back with the next listing, and that is all."""
    if side is Side.GOOGLE:
        fill(world, 20)
    else:
        for number in range(20):
            world.add(f"event{number}", title=f"Meet {number}", hour=number)
    world.run()
    for _ in range(3):
        report, records = requests_of(world)
        assert report.entries == ()
        assert writes_in(records) == []
        assert len(records) == 1


def test_deletions_go_out_in_batches_as_well(world):
    """Sixty of them are two requests."""
    fill(world, 100)
    world.run()
    world.run()

    def drop():
        for number in range(60):
            world.drop(f"u{number}")

    report, records = requests_of(world, drop)
    assert report.done == 60
    assert len(writes_in(records)) <= 3


def test_a_first_load_that_was_killed_goes_on_where_it_was(world):
    """What was listed is stored: it is not listed again, and nothing is made twice."""
    google_with(world, 600)
    world.crash_at = world.steps.count + 400
    with pytest.raises(Crash):
        world.run_once()
    made = len(world.activities.objects())
    assert 0 < made < 600
    report, records = requests_of(world)
    assert [record.operation for record in records] == ["calendar.events.list"]
    assert "syncToken" in records[0].query
    assert 600 - made <= report.done <= 600 - made + 1
    assert len(world.activities.objects()) == len(world.google.objects()) == 600


def test_a_first_load_takes_a_listing_of_full_pages(world):
    """2,500 events a page: three thousand are two calls, and all are here then."""
    google_with(world, 3000)
    report, records = requests_of(world)
    assert report.done == 3000
    assert [record.operation for record in records] == ["calendar.events.list"] * 2
    assert len(world.activities.objects()) == 3000
    assert replace(report, entries=()).parked == 0


@pytest.mark.lane
@pytest.mark.timeout(0)
def test_a_first_load_of_ten_thousand_events_takes_few_calls_and_little_memory(capsys):
    """In a process of its own, and that with the rehearsal Google and both sides in it."""
    folder = Path(__file__).parent
    told = subprocess.run(
        [sys.executable, str(folder / "sim_first_load.py"), "10000"],
        env={**os.environ, "PYTHONPATH": f"{folder.parent.parent}:{folder}"},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    with capsys.disabled():
        sys.stdout.write(f"\n{told}")
    counted = json.loads(told)
    assert (counted["done"], counted["activities"]) == (10_000, 10_000)
    assert counted["lists"] == counted["requests"] <= 6
    assert counted["megabytes"] < 300
