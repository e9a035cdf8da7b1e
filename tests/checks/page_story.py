"""A user with one account on the Calendar sync page, and what that person and the worker do."""

from __future__ import annotations

import re
from typing import Any

from bridge.domain.connection import Connection
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.memory import MemoryCollection

PAGE = "/settings/calendar-sync"


def event(uid: str, title: str, *more: str, day: str = "20990310") -> CalendarObject:
    """Return an event of one hour, with further lines."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tests//pages//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260301T000000Z",
        f"DTSTART:{day}T100000Z",
        f"DTEND:{day}T110000Z",
        f"SUMMARY:{title}",
        *more,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return CalendarObject.parse("\r\n".join(lines))


class Story:
    """Anna's account, whose options are not chosen yet, and what she does on the page.

    Attributes:
        options: What the form sends unless a test says otherwise.
    """

    def __init__(self, browser: Any, database: Any, user: Any, runner: Any, sides: Any) -> None:
        self.browser, self.database, self.runner, self.sides = browser, database, runner, sides
        self.user = user
        calendar = re.findall(r'<option value="([^"]+@[^"]+)"', browser.text(PAGE))[-1]
        self.options: dict[str, Any] = {
            "google_calendar": calendar,
            "sync_type": "two-way",
            "incoming_type": "meeting",
            "outgoing_types": ["call", "meeting"],
            "private_events": "save-as-private",
            "sync_from": "2026-03-01",
        }

    def call(self, uid: str, title: str = "Call Ada", *more: str) -> None:
        """Somebody adds a call in the CRM."""
        item = event(uid, title, "X-CRM-ACTIVITY-TYPE:call", *more)
        self.sides.calendar.put(f"{uid}.ics", item)

    def send(self, step: str, **changed: Any) -> Any:
        """Send the form of the options and return the answer."""
        return self.browser.post(f"{PAGE}/{step}", **{**self.options, **changed})

    def run(self) -> Any:
        """Let the worker run once."""
        return self.runner.run(self.connection.id)

    @property
    def connection(self) -> Connection:
        """The connection as it is stored now."""
        with self.database.read() as work:
            (found,) = work.connections.of_user(self.user.id)
        return found  # type: ignore[no-any-return]  # the tests give the database untyped


def titles(side: MemoryCollection) -> set[str]:
    """Return the titles of one side."""
    found = (re.search(r"SUMMARY:(.*?)\r", item.text) for item in side.objects().values())
    return {each[1] for each in found if each is not None}
