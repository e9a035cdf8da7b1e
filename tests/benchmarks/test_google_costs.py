"""What reading and writing a Google calendar may cost our side, as a lane.

`pytest -n 0 -m lane tests/benchmarks`. Requests are counted by the rehearsal; time is CPU time.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from google_load import collection_of

from bridge.convert.google_event import event_to_object
from bridge.sync.requests import Insert

pytestmark = [pytest.mark.lane, pytest.mark.timeout(600)]

_REPOSITORY = Path(__file__).parents[2]
_SERIES, _SINGLES = 500, 8_000
ZONE = "Europe/Berlin"


def at(day, hour=10):
    """Return a time of March 2026 in Berlin."""
    return {"dateTime": f"2026-03-{day:02d}T{hour:02d}:00:00", "timeZone": ZONE}


def item_of(number, *exceptions, **fields):
    """Return Google's item with some text."""
    event = {"summary": f"Call {number}", "description": "What was said. " * 16, "start": at(10)}
    uid = f"u{number}@crm"
    master = {**event, "end": at(10, 11), **fields}
    return event_to_object([master, *exceptions], uid=uid, calendar_zone=ZONE)


def exception(day, **fields):
    """Return a changed instance of a weekly series."""
    named = {"recurringEventId": "x", "originalStartTime": at(day)}
    return {"summary": "Changed", "start": at(day, 14), "end": at(day, 15), **named, **fields}


@pytest.fixture
def rehearsal():
    """Return what a rehearsal of its own process told of itself; its quotas are off."""
    command = [sys.executable, "-m", "bridge", "rehearse-google", "--port", "0", "--json"]
    process = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": str(_REPOSITORY)},
        stdout=subprocess.PIPE,
        text=True,
    )
    told = json.loads(process.stdout.readline())
    control(told, "POST", "switches", quotas="off")
    yield told
    process.terminate()
    process.wait(30)
    process.stdout.close()


def control(told, verb, call, **body):
    """Call the rehearsal's control surface."""
    request = Request(
        f"{told['root']}/_rehearsal/{call}",
        method=verb,
        data=json.dumps(body).encode() if body else None,
        headers={"Content-Type": "application/json"},
    )
    with urlopen(request, timeout=30) as answer:
        return json.loads(answer.read() or b"null")


def requests(told):
    """Return what was asked of the rehearsal since the last clear."""
    return [asked["operation"] for asked in control(told, "GET", "requests")]


def write_all(collection, wanted):
    """Insert items in portions of what the collection takes at once."""
    size = collection.most_at_once
    for first in range(0, len(wanted), size):
        named = [
            Insert(name=collection.name_for(item.uid), item=item)
            for item in wanted[first : first + size]
        ]
        answers = collection.write(named)
        assert not [answer for answer in answers if isinstance(answer, Exception)]


def test_a_thousand_inserts_cost_twenty_requests_and_little_time(rehearsal):
    """Measured at 0.7 s; the bound leaves room for slower processors."""
    wanted = [item_of(number) for number in range(1000)]
    with collection_of(rehearsal) as collection:
        control(rehearsal, "DELETE", "requests")
        began = time.process_time()
        write_all(collection, wanted)
        spent = time.process_time() - began
    assert requests(rehearsal) == ["batch"] * 20
    assert spent < 2


def test_a_first_load_of_ten_thousand_events_is_four_pages_in_bounded_memory(rehearsal):
    """10,000 events, 2,000 of them of series; measured at 34 MiB and 1.4 s."""
    rule = {"recurrence": ["RRULE:FREQ=WEEKLY;COUNT=6"]}
    changed = [exception(17), exception(24), exception(31, location="Prague")]
    numbers = range(_SINGLES, _SINGLES + _SERIES)
    with collection_of(rehearsal) as collection:
        write_all(collection, [item_of(number) for number in range(_SINGLES)])
        write_all(collection, [item_of(number, *changed, **rule) for number in numbers])
    control(rehearsal, "DELETE", "requests")
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("google_load.py"))],
        input=json.dumps(rehearsal),
        env={**os.environ, "PYTHONPATH": str(_REPOSITORY)},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    told = json.loads(done.stdout)
    assert (told["items"], told["parts"]) == (_SINGLES + _SERIES, 3 * _SERIES)
    # Four pages, and one look for news.
    assert requests(rehearsal).count("calendar.events.list") == 5
    assert told["grown_mib"] < 60
    assert told["cpu_seconds"] < 5
    assert told["idle_cpu_seconds"] < 0.05
