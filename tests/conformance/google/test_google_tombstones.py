"""Status and tombstones (facts 5)."""

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
DAY_SECONDS = 86400


@pytest.fixture
def token(events):
    """The sync token of an empty primary calendar."""
    return events.list(calendarId="primary").execute()["nextSyncToken"]


@pytest.fixture
def weekly(events, timed):
    """A series of four Tuesdays."""
    body = timed("Weekly", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    return events.insert(calendarId="primary", body=body).execute()


def since(events, token, **more):
    """Return the items of an incremental listing."""
    return events.list(calendarId="primary", syncToken=token, **more).execute()["items"]


@pytest.mark.fact("5", "deleted event: no recurringEventId; id only guaranteed", "D")
def test_deleted_event_is_known_by_having_no_series(events, token):
    made = events.insert(calendarId="primary", body=DAY).execute()
    events.delete(calendarId="primary", eventId=made["id"]).execute()
    (item,) = since(events, token)
    assert (item["id"], item["status"]) == (made["id"], "cancelled")
    assert "recurringEventId" not in item


@pytest.mark.fact(
    "5", "a bare tombstone does not say whether it was a single event or a series", "O"
)
def test_tombstones_of_event_and_series_look_alike(events, token, weekly):
    single = events.insert(calendarId="primary", body=DAY).execute()
    for made in (single, weekly):
        events.delete(calendarId="primary", eventId=made["id"]).execute()
    of_single, of_series = (
        next(each for each in since(events, token) if each["id"] == made["id"])
        for made in (single, weekly)
    )
    assert set(of_single) == set(of_series)


@pytest.mark.parametrize(
    ("chosen", "show_deleted", "detailed"),
    [
        ("documented", None, False),
        ("documented", True, True),
        ("always", None, True),
        ("always", True, True),
        ("never", None, False),
        ("never", True, False),
    ],
)
@pytest.mark.fact("5", "details of deleted events may or may not be there", "D")
def test_details_of_a_tombstone_by_switch(events, switch, token, chosen, show_deleted, detailed):
    made = events.insert(calendarId="primary", body={"summary": "Call Ada", **DAY}).execute()
    events.delete(calendarId="primary", eventId=made["id"]).execute()
    switch(tombstone_details=chosen)
    more = {} if show_deleted is None else {"showDeleted": show_deleted}
    (item,) = since(events, token, **more)
    assert ("summary" in item, "start" in item) == (detailed, detailed)
    assert item["status"] == "cancelled"


@pytest.mark.fact("5", "deleting a series sends one tombstone for the master", "O")
def test_deleted_series_has_a_tombstone(events, token, weekly):
    events.delete(calendarId="primary", eventId=weekly["id"]).execute()
    assert [(each["id"], each["status"]) for each in since(events, token)] == [
        (weekly["id"], "cancelled")
    ]


@pytest.mark.fact("5", "a cancelled master has no recurrence", "O")
def test_deleted_series_has_lost_its_rule(events, token, weekly):
    events.delete(calendarId="primary", eventId=weekly["id"]).execute()
    (item,) = since(events, token, showDeleted=True)
    assert item["summary"] == "Weekly"
    assert "recurrence" not in item


@pytest.mark.parametrize("how", ["patch", "update"])
@pytest.mark.fact("5", "status cancelled by update or patch equals deleting", "D")
def test_status_cancelled_is_a_deletion(events, refusal, token, how):
    made = events.insert(calendarId="primary", body=DAY).execute()
    body = {"status": "cancelled", **(DAY if how == "update" else {})}
    getattr(events, how)(calendarId="primary", eventId=made["id"], body=body).execute()
    assert [each["status"] for each in since(events, token)] == ["cancelled"]
    assert events.list(calendarId="primary").execute()["items"] == []
    request = events.delete(calendarId="primary", eventId=made["id"])
    assert refusal(request) == (410, "deleted")


@pytest.mark.parametrize(
    ("single", "deleted", "is_listed"),
    [(False, False, True), (False, True, True), (True, False, False), (True, True, True)],
)
@pytest.mark.fact(
    "5", "cancelled instances are listed when singleEvents and showDeleted are both false", "D"
)
def test_cancelled_instance_in_full_listings(events, weekly, single, deleted, is_listed):
    instance = f"{weekly['id']}_20260317T090000Z"
    events.delete(calendarId="primary", eventId=instance).execute()
    page = events.list(calendarId="primary", singleEvents=single, showDeleted=deleted).execute()
    assert (instance in [each["id"] for each in page["items"]]) is is_listed


@pytest.mark.fact("6.1", "showDeleted with singleEvents: single instances of deleted events", "D")
def test_deleted_series_is_listed_as_instances(events, weekly):
    instance = f"{weekly['id']}_20260317T090000Z"
    events.delete(calendarId="primary", eventId=instance).execute()
    page = events.list(calendarId="primary", singleEvents=True, showDeleted=True).execute()
    assert weekly["id"] not in [each["id"] for each in page["items"]]
    assert {each["id"]: each["status"] for each in page["items"]}[instance] == "cancelled"


@pytest.mark.parametrize("days", [3, 28, 60])
@pytest.mark.fact("5", "tombstones disappear after a while, about four weeks; afterwards 404", "K")
def test_tombstone_disappears_by_switch(events, switch, advance, refusal, days):
    switch(tombstone_days=days)
    made = events.insert(calendarId="primary", body=DAY).execute()
    events.delete(calendarId="primary", eventId=made["id"]).execute()
    advance(days * DAY_SECONDS - 60)
    found = events.get(calendarId="primary", eventId=made["id"]).execute()
    assert found["status"] == "cancelled"
    advance(120)
    assert refusal(events.get(calendarId="primary", eventId=made["id"])) == (404, "notFound")


@pytest.mark.fact("5", "keep a cancelled exception for the life of the parent", "D")
def test_cancelled_instance_outlives_the_period(events, advance, weekly):
    instance = f"{weekly['id']}_20260317T090000Z"
    events.delete(calendarId="primary", eventId=instance).execute()
    advance(60 * DAY_SECONDS)
    found = events.get(calendarId="primary", eventId=instance).execute()
    assert found["status"] == "cancelled"
    left = events.instances(calendarId="primary", eventId=weekly["id"]).execute()["items"]
    assert len(left) == 3
