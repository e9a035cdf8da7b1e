"""Parameters of listings, one by one (facts 6.1, 6.3)."""

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


def ids(page):
    """Return the ids of a page's items."""
    return [item["id"] for item in page["items"]]


@pytest.fixture
def weekly(events, timed):
    """A series of four Tuesdays."""
    body = timed("Weekly", recurrence=["RRULE:FREQ=WEEKLY;COUNT=4"])
    return events.insert(calendarId="primary", body=body).execute()


@pytest.mark.fact("6.1", "maxResults: default 250", "D")
def test_page_holds_250_unless_told(service, events, switch):
    switch(batch_limit=1000)
    batch = service.new_batch_http_request()
    for number in range(251):
        batch.add(events.insert(calendarId="primary", body={"id": f"mani{number:03d}", **DAY}))
    batch.execute()
    page = events.list(calendarId="primary").execute()
    assert len(page["items"]) == 250
    assert "nextPageToken" in page
    assert "nextSyncToken" not in page
    whole = events.list(calendarId="primary", maxResults=2500).execute()
    assert len(whole["items"]) == 251


@pytest.mark.fact("6.1", "orderBy unset: unspecified but stable", "D")
def test_order_is_the_same_each_time(events, timed):
    for hour in (12, 9, 15):
        events.insert(calendarId="primary", body=timed(hour=hour)).execute()
    first = ids(events.list(calendarId="primary").execute())
    assert ids(events.list(calendarId="primary").execute()) == first


@pytest.mark.fact("6.1", "orderBy=startTime needs singleEvents", "D")
def test_order_by_start_is_by_instant(events, timed):
    late = {"dateTime": "2026-03-10T09:30:00", "timeZone": "America/New_York"}
    made = events.insert(calendarId="primary", body={"start": late, "end": late}).execute()
    early = events.insert(calendarId="primary", body=timed(hour=12)).execute()
    page = events.list(calendarId="primary", singleEvents=True, orderBy="startTime").execute()
    assert ids(page) == [early["id"], made["id"]]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"summary": "Quarterly review"}, "quarterly"),
        ({"description": "bring the Contract"}, "contract"),
        ({"location": "Řehořova 42"}, "řehořova"),
        ({"attendees": [{"email": "ada@example.org"}]}, "ada@example.org"),
        ({"attendees": [{"email": "a@example.org", "displayName": "Grace H"}]}, "grace"),
    ],
)
@pytest.mark.fact("6.1", "q searches summary, description, location and guests", "D")
def test_text_search_finds(events, body, text):
    made = events.insert(calendarId="primary", body={**DAY, **body}).execute()
    events.insert(calendarId="primary", body=DAY).execute()
    assert ids(events.list(calendarId="primary", q=text).execute()) == [made["id"]]


@pytest.mark.parametrize("text", ["customer visits", "@group.calendar.google.com"])
@pytest.mark.fact("6.1", "q searches the organizer's name and address", "D")
def test_text_search_finds_the_organizer(events, google, text):
    second = google.anna.calendars[1]
    made = events.insert(calendarId=second, body=DAY).execute()
    assert ids(events.list(calendarId=second, q=text).execute()) == [made["id"]]


@pytest.mark.fact("6.1", "q searches no other fields", "I")
def test_text_search_leaves_out_other_fields(events):
    private = {"private": {"name": "needle"}}
    events.insert(calendarId="primary", body={**DAY, "extendedProperties": private}).execute()
    assert ids(events.list(calendarId="primary", q="needle").execute()) == []


@pytest.mark.fact("6.1", "private and shared constraints are joined by AND", "D")
def test_private_and_shared_must_both_match(events):
    def insert(private, shared):
        properties = {"private": {"a": private}, "shared": {"b": shared}}
        body = {**DAY, "extendedProperties": properties}
        return events.insert(calendarId="primary", body=body).execute()["id"]

    both = insert("1", "2")
    insert("1", "x")
    insert("x", "2")
    page = events.list(
        calendarId="primary", privateExtendedProperty="a=1", sharedExtendedProperty="b=2"
    ).execute()
    assert ids(page) == [both]


@pytest.mark.fact("6.1", "updatedMin: deletions since then always included", "D")
def test_updated_min_lists_deletions_even_when_told_not_to(events, advance):
    made = events.insert(calendarId="primary", body=DAY).execute()
    now = advance(3600)
    events.delete(calendarId="primary", eventId=made["id"]).execute()
    page = events.list(calendarId="primary", updatedMin=now, showDeleted=False).execute()
    assert [each["status"] for each in page["items"]] == ["cancelled"]


@pytest.mark.fact("6.1", "updatedMin: only what changed since", "D")
def test_updated_min_leaves_out_what_is_older(events, advance):
    events.insert(calendarId="primary", body=DAY).execute()
    now = advance(3600)
    fresh = events.insert(calendarId="primary", body=DAY).execute()
    assert ids(events.list(calendarId="primary", updatedMin=now).execute()) == [fresh["id"]]


@pytest.mark.fact("6.1", "maxAttendees applies to listings", "D")
def test_listing_shortens_long_guest_lists(events):
    guests = [{"email": "anna@example.com"}, {"email": "ada@example.org"}]
    events.insert(calendarId="primary", body={**DAY, "attendees": guests}).execute()
    (item,) = events.list(calendarId="primary", maxAttendees=1).execute()["items"]
    assert [each["email"] for each in item["attendees"]] == ["anna@example.com"]
    assert item["attendeesOmitted"] is True
    (item,) = events.list(calendarId="primary", maxAttendees=2).execute()["items"]
    assert len(item["attendees"]) == 2
    assert "attendeesOmitted" not in item


@pytest.mark.fact("6.1", "alwaysIncludeEmail is deprecated and ignored", "D")
def test_always_include_email_changes_nothing(events):
    events.insert(calendarId="primary", body=DAY).execute()
    plain = events.list(calendarId="primary").execute()["items"]
    assert events.list(calendarId="primary", alwaysIncludeEmail=True).execute()["items"] == plain


@pytest.mark.fact("6.1", "showHiddenInvitations: default false", "D")
def test_hidden_invitations_may_be_asked_for(events):
    made = events.insert(calendarId="primary", body=DAY).execute()
    for asked in (True, False):
        page = events.list(calendarId="primary", showHiddenInvitations=asked).execute()
        assert ids(page) == [made["id"]]


class TestInstances:
    """Parameters of events.instances."""

    @pytest.mark.fact("6.1", "instances answers like list", "D")
    def test_answer_has_the_head_of_a_listing(self, events, weekly):
        page = events.instances(calendarId="primary", eventId=weekly["id"]).execute()
        assert page["kind"] == "calendar#events"
        assert page["timeZone"] == "Europe/Berlin"
        assert page["accessRole"] == "owner"

    @pytest.mark.fact("6.1", "instances is no basis for a sync token", "I")
    def test_answer_has_no_sync_token(self, events, weekly):
        page = events.instances(calendarId="primary", eventId=weekly["id"]).execute()
        assert "nextSyncToken" not in page

    @pytest.mark.parametrize(
        ("parameters", "count"),
        [
            ({"timeMin": "2026-03-17T00:00:00Z"}, 3),
            ({"timeMax": "2026-03-17T00:00:00Z"}, 1),
            ({"maxResults": 2}, 2),
            ({"originalStart": "2026-03-17T10:00:00+01:00"}, 1),
            ({"originalStart": "2026-03-17T09:00:00Z"}, 1),
            ({"originalStart": "2026-03-18T10:00:00+01:00"}, 0),
        ],
    )
    @pytest.mark.fact("6.1", "instances has originalStart, timeMin, timeMax, maxResults", "D")
    def test_parameters_choose_instances(self, events, weekly, parameters, count):
        page = events.instances(calendarId="primary", eventId=weekly["id"], **parameters).execute()
        assert len(page["items"]) == count

    @pytest.mark.parametrize(("asked", "count"), [(True, 4), (False, 3)])
    @pytest.mark.fact("6.1", "instances has showDeleted", "D")
    def test_cancelled_instances_on_request(self, events, weekly, asked, count):
        instance = f"{weekly['id']}_20260317T090000Z"
        events.delete(calendarId="primary", eventId=instance).execute()
        page = events.instances(
            calendarId="primary", eventId=weekly["id"], showDeleted=asked
        ).execute()
        assert len(page["items"]) == count

    @pytest.mark.fact("6.1", "instances has originalStart; a moved one is found by it", "D")
    def test_moved_instance_is_found_by_its_original_start(self, events, weekly, timed):
        instance = f"{weekly['id']}_20260317T090000Z"
        moved = timed(day="2026-03-19")
        body = {"start": moved["start"], "end": moved["end"]}
        events.patch(calendarId="primary", eventId=instance, body=body).execute()
        page = events.instances(
            calendarId="primary", eventId=weekly["id"], originalStart="2026-03-17T10:00:00+01:00"
        ).execute()
        assert ids(page) == [instance]
