"""A first load from Google in a process of its own, told in figures.

python tests/simulator/sim_first_load.py 10000
"""

from __future__ import annotations

import json
import resource
import sys
from pathlib import Path

from bridge.rehearsal.acts.call import act
from sim_rehearsal import RehearsalGoogle
from sim_story_world import StoryWorld

_MEGABYTE = 1024 * 1024


def google_with(world: StoryWorld, count: int) -> None:
    """Let the Google account hold that many events, each with some text."""
    google = world.google
    assert isinstance(google, RehearsalGoogle)
    for number in range(count):
        members = {
            "id": f"event{number:05}",
            "summary": f"Meet {number}",
            "location": f"Room {number}",
            "description": f"What it is about, number {number}. " * 4,
            "start": {"dateTime": "2026-03-10T09:00:00Z"},
            "end": {"dateTime": "2026-03-10T10:00:00Z"},
        }
        told = {"account": google.email, "calendar": google.email, "act": "add"}
        act(google.world, told | {"fields": members})


def peak_bytes() -> int:
    """Return the most memory this program ever held.

    Linux hands `ru_maxrss` of whoever started a program on to it; `VmHWM` is the program's own.
    """
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    lines = status.read_text(encoding="ascii").splitlines()
    (peak,) = (line.split()[1] for line in lines if line.startswith("VmHWM:"))
    return int(peak) * 1024


def main(count: int) -> None:
    """Load so many events; print what it took."""
    world = StoryWorld(rehearsal=True)
    google_with(world, count)
    assert isinstance(world.google, RehearsalGoogle)
    world.google.world.requests.clear()
    report = world.run_once()
    records = world.google.world.requests.records()
    figures = {
        "done": report.done,
        "activities": len(world.activities.objects()),
        "requests": len(records),
        "lists": sum(record.operation == "calendar.events.list" for record in records),
        "megabytes": round(peak_bytes() / _MEGABYTE),
    }
    sys.stdout.write(f"{json.dumps(figures)}\n")


if __name__ == "__main__":
    main(int(sys.argv[1]))
