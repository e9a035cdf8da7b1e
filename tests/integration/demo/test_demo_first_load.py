"""A first load of ten thousand events whose worker is killed again and again, as a lane."""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from collections import Counter
from pathlib import Path
from random import SystemRandom

import pytest

EVENTS = 10_000
PART_COUNT = 50
KILLS = 4
BOUNDARY = "part"
MEGABYTES = 300
QUERY = b"""<c:calendar-query xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav">
<d:prop><c:calendar-data/></d:prop>
<c:filter><c:comp-filter name="VCALENDAR"/></c:filter></c:calendar-query>"""


def fill(demo):
    """Let the connected Google calendar hold that many events, by batches."""
    for first in range(0, EVENTS, PART_COUNT):
        parts = [part(demo, number) for number in range(first, first + PART_COUNT)]
        body = "".join(f"--{BOUNDARY}\r\n{each}\r\n" for each in parts) + f"--{BOUNDARY}--\r\n"
        token = demo.google["accounts"][0]["access_token"]
        answer = demo.request(
            "POST",
            f"{demo.google['api_url']}/batch/calendar/v3",
            body=body.encode(),
            headers={
                "Authorization": f"Bearer {token}",
                "Content-Type": f"multipart/mixed; boundary={BOUNDARY}",
            },
        )
        assert answer.body.count("HTTP/1.1 200") == PART_COUNT, answer.body[:2000]


def part(demo, number):
    """Return one insert, as a part of a batch."""
    start = demo.next_week
    event = {
        "summary": f"Load {number}",
        "location": f"Room {number}",
        "description": f"What it is about, number {number}. " * 4,
        "start": {"dateTime": f"{start:%Y-%m-%dT%H:00:00Z}"},
        "end": {"dateTime": f"{start:%Y-%m-%dT%H:30:00Z}"},
    }
    return "\r\n".join(
        (
            "Content-Type: application/http",
            f"Content-ID: <{number}>",
            "",
            f"POST /calendar/v3/calendars/{demo.calendar}/events HTTP/1.1",
            "Content-Type: application/json",
            "",
            json.dumps(event),
        )
    )


def titles_in_calendar(demo):
    """Return how often each loaded title stands in the calendar."""
    answer = demo.dav("REPORT", "activities/", QUERY)
    assert answer.status == 207
    return Counter(re.findall(r"SUMMARY:Load (\d+)", answer.body))


def titles_at_google(demo):
    """Return how often each loaded title stands at Google."""
    found, page = Counter(), ""
    while True:
        told = demo.api("GET", f"?maxResults=2500{page}")
        found.update(each["summary"].removeprefix("Load ") for each in loaded(told["items"]))
        if "nextPageToken" not in told:
            return found
        page = f"&pageToken={told['nextPageToken']}"


def loaded(events):
    """Return those of the events that are of the load."""
    return [each for each in events if each.get("summary", "").startswith("Load ")]


def full_listings(demo):
    """Return how often the events were listed without a token: the first pages of all listings."""
    return [
        asked
        for asked in demo.control("GET", "requests")
        if asked["operation"] == "calendar.events.list"
        and not re.search("syncToken|pageToken", asked["query"])
        and asked["status"] == 200
    ]


def peak_megabytes(process):
    """Return the most memory a process had so far (Linux)."""
    status = Path(f"/proc/{process}/status").read_text(encoding="utf-8")
    return int(re.search(r"VmHWM:\s+(\d+) kB", status)[1]) / 1024


@pytest.mark.lane
@pytest.mark.timeout(900)
def test_a_first_load_of_ten_thousand_events_survives_kills_at_random_moments(start, capsys):
    """`kill -9` of the worker: the next one goes on, nothing is there twice, memory is bounded."""
    demo = start()
    demo.control("POST", "switches", {"quotas": "off"})
    (worker,) = demo.children("worker")
    os.kill(worker, signal.SIGSTOP)
    fill(demo)
    before = len(demo.hrefs("activities"))
    # The token is worth nothing any more, so that everything is listed as the first time.
    lost = {"method": "GET", "path_contains": "/events", "fault": "status:410", "times": 1}
    demo.control("POST", "faults", lost)
    demo.control("DELETE", "requests")
    os.kill(worker, signal.SIGCONT)
    told, peaks = [], []

    def grown_to(count):
        return lambda: (now := len(demo.hrefs("activities")) - before) >= count and now

    assert demo.eventually(lambda: full_listings(demo), seconds=60)
    for wanted in [0, *sorted(SystemRandom().sample(range(1, EVENTS - 1500), KILLS - 1))]:
        made = demo.eventually(grown_to(wanted), seconds=240) if wanted else 0
        (worker,) = demo.eventually(lambda: demo.children("worker"), seconds=60)
        peaks.append(peak_megabytes(worker))
        os.kill(worker, signal.SIGKILL)
        assert demo.eventually(lambda gone=worker: not demo.alive([gone]))
        told.append(made)
    assert demo.eventually(grown_to(EVENTS), seconds=400)
    (worker,) = demo.children("worker")
    peaks.append(peak_megabytes(worker))
    with capsys.disabled():
        sys.stdout.write(f"\nkilled at {told} events; peaks in MiB {[round(p) for p in peaks]}\n")
    # Once what was listed is stored, no kill makes it be listed again.
    assert len(full_listings(demo)) <= 2
    wanted = Counter({str(number): 1 for number in range(EVENTS)})
    assert titles_in_calendar(demo) == wanted
    assert titles_at_google(demo) == wanted
    assert max(peaks) < MEGABYTES
