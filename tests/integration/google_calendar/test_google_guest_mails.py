"""Mails to guests: none, but for the one write that a person said they are to be told of (G7)."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from bridge.convert.google_event import event_to_object
from bridge.sync.requests import Remove, Replace

ZONE = "Europe/Berlin"


def _event(hour: int = 10) -> dict[str, object]:
    return {
        "summary": "Review",
        "start": {"dateTime": f"2026-03-10T{hour}:00:00+01:00", "timeZone": ZONE},
        "end": {"dateTime": f"2026-03-10T{hour}:30:00+01:00", "timeZone": ZONE},
    }


@pytest.fixture
def meeting(google, google_collection):
    """An event with a guest, made by its owner without mail."""
    path = f"calendars/{quote(google_collection.id, safe='')}/events?sendUpdates=none"
    made = google.user("POST", path, {**_event(), "attendees": [{"email": "eva@example.org"}]})
    (item,) = google_collection.get([made["id"]]).values()
    google.clear()
    return item


def _moved(item):
    return event_to_object([_event(14)], uid=item.object.uid, calendar_zone=ZONE)


def _without_guests(item):
    return event_to_object([_event()], uid=item.object.uid, calendar_zone=ZONE)


def _asked(google) -> set[str]:
    """Return what was said about mails in every write since the last clear."""
    asked = google.requests()
    parts = [part for request in asked for part in request.get("parts", ())] or asked
    return {part["params"]["sendUpdates"] for part in parts if part["method"] != "GET"}


@pytest.mark.parametrize("tell_guests", [False, True])
def test_a_moved_event_mails_guests_only_if_told_so(
    google, google_collection, meeting, tell_guests
):
    """The other fields of the same write are told in the same mail."""
    google_collection.update(
        meeting.name,
        _moved(meeting),
        base=_without_guests(meeting),
        if_match=meeting.etag,
        tell_guests=tell_guests,
    )
    assert _asked(google) == {"all" if tell_guests else "none"}
    assert bool(google.control("GET", "mail")) is tell_guests


@pytest.mark.parametrize("tell_guests", [False, True])
def test_a_deleted_event_mails_guests_only_if_told_so(
    google, google_collection, meeting, tell_guests
):
    """The cancellation is sent by Google, or by nobody."""
    google_collection.delete(meeting.name, if_match=meeting.etag, tell_guests=tell_guests)
    assert _asked(google) == {"all" if tell_guests else "none"}
    assert bool(google.control("GET", "mail")) is tell_guests


def test_in_one_batch_only_the_write_told_so_mails(google, google_collection, meeting):
    """One word is about one item."""
    other = google_collection.insert(
        google_collection.name_for("u2"), event_to_object([_event()], uid="u2", calendar_zone=ZONE)
    )
    google.clear()
    google_collection.write(
        [
            Replace(
                name=meeting.name,
                item=_moved(meeting),
                base=_without_guests(meeting),
                if_match=meeting.etag,
                tell_guests=True,
            ),
            Remove(name=other.name, if_match=other.etag),
        ]
    )
    assert _asked(google) == {"all", "none"}
    assert {mail["to"] for mail in google.control("GET", "mail")} == {"eva@example.org"}
