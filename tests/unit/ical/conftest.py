"""Calendar texts for the tests of `bridge.ical`."""

import pytest


@pytest.fixture
def event_text():
    """Return a function that makes the text of one event from its property lines."""

    def make(*lines, zone="", component="VEVENT", uid="UID:e-1", line_break="\r\n"):
        stamp = "DTSTAMP:20260101T000000Z"
        all_lines = [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//test//EN",
            *zone.splitlines(),
            f"BEGIN:{component}",
            *([uid] if uid else []),
            stamp,
            *lines,
            f"END:{component}",
            "END:VCALENDAR",
            "",
        ]
        return line_break.join(all_lines)

    return make
