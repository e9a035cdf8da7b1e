"""Reading what takes place in a span of time, for rehearsals of rules (features B8)."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import quote

ZONE = "Europe/Berlin"
SINCE, UNTIL = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC)


def event(summary, day, **fields):
    """Return the body of an event of that day."""
    start, end = ({"dateTime": f"{day}T{hour}:00:00", "timeZone": ZONE} for hour in (10, 11))
    return {"summary": summary, "start": start, "end": end, **fields}


def test_only_what_takes_place_in_the_span_is_read_and_nothing_written(google, google_collection):
    """A series counts once, with its changed instances; colours come along."""
    path = f"calendars/{quote(google_collection.id, safe='')}/events"
    google.user("POST", path, event("Before", "2026-02-10"))
    google.user("POST", path, event("Red", "2026-03-10", colorId="11"))
    google.user("POST", path, event("After", "2026-04-10"))
    weekly = event("Weekly", "2026-02-02", recurrence=["RRULE:FREQ=WEEKLY;COUNT=8"])
    google.user("POST", path, weekly)
    google.clear()
    items = google_collection.between(SINCE, UNTIL)
    heads = {item.object.head().text("SUMMARY"): item.object.head() for item in items}
    assert set(heads) == {"Red", "Weekly"}
    assert heads["Red"].value("X-GOOGLE-COLOR") == "11"
    assert heads["Weekly"].first("X-GOOGLE-COLOR") is None
    assert {asked["method"] for asked in google.requests()} == {"GET"}
