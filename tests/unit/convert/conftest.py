"""Activities and objects for the tests of `bridge.convert`."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from bridge.domain.activity import Activity
from bridge.domain.identifiers import CompanyId, UserId
from bridge.domain.spans import TimedSpan
from bridge.domain.sync_settings import SyncSettings


@pytest.fixture
def now():
    """Return the moment things change at."""
    return datetime(2026, 3, 1, 8, tzinfo=UTC)


@pytest.fixture
def call():
    """Return a function that makes a call with changes."""

    def make(**changes):
        activity = Activity(
            company_id=CompanyId(1),
            owner_id=UserId(2),
            type_key="call",
            subject="Call Ada",
            span=TimedSpan(
                start=datetime(2026, 3, 10, 9, tzinfo=UTC),
                end=datetime(2026, 3, 10, 9, 30, tzinfo=UTC),
                zone="Europe/Prague",
            ),
        )
        return replace(activity, **changes)

    return make


@pytest.fixture
def settings():
    """Return a function that makes the settings of a connection with changes."""

    def make(**changes):
        chosen = SyncSettings(
            incoming_type="meeting",
            outgoing_types=frozenset({"call", "meeting"}),
            sync_from=date(2026, 1, 1),
        )
        return replace(chosen, **changes)

    return make


@pytest.fixture
def object_text():
    """Return a function that makes the text of one object from its property lines."""

    def make(*lines, component="VEVENT"):
        start = [] if component == "VTODO" else ["DTSTART:20260310T090000Z"]
        if any(line.startswith("DTSTART") for line in lines):
            start = []
        return "\r\n".join(
            [
                "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//client//EN", f"BEGIN:{component}",
                "UID:o-1", "DTSTAMP:20260101T000000Z", *start, *lines, f"END:{component}",
                "END:VCALENDAR", "",
            ]
        )  # fmt: skip

    return make
