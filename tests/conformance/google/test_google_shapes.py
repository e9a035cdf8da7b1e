"""Whole resources as they look (facts 19)."""

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


@pytest.fixture
def weekly(events, google, timed):
    """A weekly series on the second calendar, as (calendar, id)."""
    second = google.anna.calendars[1]
    body = timed("Weekly", recurrence=["RRULE:FREQ=WEEKLY"], day="2026-03-10")
    return second, events.insert(calendarId=second, body=body).execute()["id"]


@pytest.mark.fact("19", "shape: exception of a weekly series, moved by an hour", "D")
def test_moved_exception(events, weekly, timed):
    calendar, series = weekly
    moved = timed(day="2026-03-17", hour=11)
    body = {"start": moved["start"], "end": moved["end"]}
    made = events.patch(
        calendarId=calendar, eventId=f"{series}_20260317T090000Z", body=body
    ).execute()
    shown = {
        "kind": "calendar#event",
        "id": f"{series}_20260317T090000Z",
        "status": "confirmed",
        "recurringEventId": series,
        "iCalUID": f"{series}@google.com",
        "originalStartTime": {
            "dateTime": "2026-03-17T10:00:00+01:00",
            "timeZone": "Europe/Berlin",
        },
        "start": {"dateTime": "2026-03-17T11:00:00+01:00", "timeZone": "Europe/Berlin"},
        "end": {"dateTime": "2026-03-17T11:30:00+01:00", "timeZone": "Europe/Berlin"},
        "summary": "Weekly",
        "sequence": 1,
        "reminders": {"useDefault": True},
        "eventType": "default",
    }
    assert {name: made.get(name) for name in shown} == shown
    others = {"etag", "htmlLink", "created", "updated", "creator", "organizer"}
    assert set(made) == set(shown) | others


@pytest.mark.fact("19", "shape: master of a series", "D")
def test_master(events, weekly):
    calendar, series = weekly
    master = events.get(calendarId=calendar, eventId=series).execute()
    assert [line.split(":")[0] for line in master["recurrence"]] == ["RRULE"]
    assert not {"recurringEventId", "originalStartTime"} & set(master)


@pytest.mark.parametrize("name", ["attendees", "attachments", "conferenceData", "hangoutLink"])
@pytest.mark.fact("19", "shape: fields that are left out of a plain event", "K")
def test_what_a_plain_event_does_not_have(events, name):
    assert name not in events.insert(calendarId="primary", body=DAY).execute()


@pytest.mark.parametrize("detailed", [False, True])
@pytest.mark.fact("19", "shape: the two forms of a deleted event", "D")
def test_both_tombstones(events, timed, detailed):
    token = events.list(calendarId="primary").execute()["nextSyncToken"]
    made = events.insert(calendarId="primary", body=timed()).execute()["id"]
    events.delete(calendarId="primary", eventId=made).execute()
    more = {"showDeleted": True} if detailed else {}
    (item,) = events.list(calendarId="primary", syncToken=token, **more).execute()["items"]
    item.pop("etag", None)
    if detailed:
        assert (item["summary"], item["status"]) == ("Call Ada", "cancelled")
        assert {"start", "end", "iCalUID", "sequence"} <= set(item)
    else:
        assert item == {"kind": "calendar#event", "id": made, "status": "cancelled"}


@pytest.mark.fact("19", "shape: last page of an incremental listing", "D")
def test_last_page(events, google):
    second = google.anna.calendars[1]
    token = events.list(calendarId=second).execute()["nextSyncToken"]
    page = events.list(calendarId=second, syncToken=token).execute()
    assert set(page) == {
        *("kind", "etag", "summary", "updated", "timeZone", "accessRole"),
        *("defaultReminders", "nextSyncToken", "items"),
    }
    assert page["items"] == []
