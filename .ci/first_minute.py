"""Use the installed demo as a newcomer would; fail when the first minute is not as promised.

An event put by CalDAV has to be at Google within 5 s, an edit there has to come back within 5 s,
and Ctrl-C has to end everything within 5 s, twice in a row over the same data.
"""

from __future__ import annotations

import base64
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

COMMAND = Path(sys.executable).with_name("crmdav")
EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//first minute//EN
BEGIN:VEVENT
UID:{name}
DTSTAMP:20260101T000000Z
DTSTART:{year}0601T100000Z
DTEND:{year}0601T110000Z
SUMMARY:{name}
END:VEVENT
END:VCALENDAR
"""


class Demo:
    """A running demo."""

    def __init__(self, folder: str) -> None:
        began = time.monotonic()
        self.process = subprocess.Popen(
            [COMMAND, "demo", "--json", "--port", "0", "--google-port", "0", "--data", folder],
            stdout=subprocess.PIPE,
            text=True,
        )
        first = self.process.stdout.readline()
        second = self.process.stdout.readline().strip()
        took = time.monotonic() - began
        check(second == "ready" and took < 15, f"ready after {took:.1f} s")
        self.told = json.loads(first)

    def dav(self, method: str, href: str, body: str = "") -> tuple[int, str]:
        """Send a CalDAV request; return status and body."""
        word = f"{self.told['login']}:{self.told['app_password']}".encode()
        return send(
            method,
            f"{self.told['caldav_url']}{self.told['login']}/activities/{href}",
            body,
            Authorization="Basic " + base64.b64encode(word).decode(),
            Content_Type="text/calendar; charset=utf-8",
        )

    def google(self, method: str, path: str, body: object = None) -> dict:
        """Send a Calendar API request; return the answer."""
        google = self.told["google"]
        calendar = quote(self.told["google_calendar_id"], safe="")
        status, text = send(
            method,
            f"{google['api_url']}/calendar/v3/calendars/{calendar}/events{path}",
            json.dumps(body) if body is not None else "",
            Authorization="Bearer " + google["accounts"][0]["access_token"],
            Content_Type="application/json",
        )
        if status >= 300:
            check(False, f"Google answered {status}: {text}")
        return json.loads(text) if text else {}

    def events(self, title: str) -> list[dict]:
        """Return the live events with this title."""
        listed = self.google("GET", "?maxResults=2500&q=" + quote(title)).get("items", [])
        return [event for event in listed if event["status"] != "cancelled"]

    def end(self) -> None:
        """Press Ctrl-C."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGINT)
        code = self.process.wait(20)
        took = time.monotonic() - began
        check(code == 0 and took < 5, f"ended {took:.1f} s after Ctrl-C with code {code}")


def send(method: str, url: str, body: str, **headers: str) -> tuple[int, str]:
    """Send one request; an error status is an answer like any other."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    request = Request(url, method=method, data=body.encode() or None, headers=named)
    try:
        with urlopen(request, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        with error:
            return error.code, error.read().decode()


def check(holds: bool, what: str) -> None:
    """Print what was seen; end the script when it is not as promised."""
    print(("ok: " if holds else "FAILED: ") + what, flush=True)
    if not holds:
        sys.exit(1)


def within_5_s(what: str, look: Callable[[], object]) -> None:
    """Look until something is found, for five seconds."""
    began = time.monotonic()
    while time.monotonic() - began < 5:
        if look():
            check(True, f"{what} after {time.monotonic() - began:.1f} s")
            return
        time.sleep(0.1)
    check(False, f"{what}: not within 5 s")


def walk(demo: Demo, name: str) -> None:
    """Carry one event to Google and back, and one from there."""
    year = time.gmtime().tm_year + 1
    status, _ = demo.dav("PUT", f"{name}.ics", EVENT.format(name=name, year=year))
    check(status == 201, f"PUT answered {status}")
    within_5_s("the event is at Google", lambda: demo.events(name))
    event = demo.events(name)[0]
    demo.google("PATCH", f"/{event['id']}", {"summary": f"{name} moved"})
    within_5_s("the new title is here", lambda: "moved" in demo.dav("GET", f"{name}.ics")[1])
    demo.google("DELETE", f"/{event['id']}")
    within_5_s("the deletion is here", lambda: demo.dav("GET", f"{name}.ics")[0] == 404)
    day = {"start": {"date": f"{year}-07-01"}, "end": {"date": f"{year}-07-02"}}
    demo.google("POST", "", {"summary": f"{name} from Google", **day})
    within_5_s("Google's own event is here", lambda: "from Google" in demo.dav("GET", "")[1])


def main() -> None:
    """Walk through the first minute twice over the same data."""
    with tempfile.TemporaryDirectory() as folder:
        for name in ("first-start", "second-start"):
            demo = Demo(folder)
            try:
                walk(demo, name)
            finally:
                demo.end()
        check(
            "first-start from Google" in json.dumps(found_again(folder)), "the data is still there"
        )


def found_again(folder: str) -> list[str]:
    """Start once more and return what the calendar holds."""
    demo = Demo(folder)
    try:
        return demo.dav("GET", "")[1].splitlines()
    finally:
        demo.end()


if __name__ == "__main__":
    main()
