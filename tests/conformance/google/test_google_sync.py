"""Incremental synchronisation (google-calendar-facts sections 5 and 6)."""

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


@pytest.fixture
def token(events):
    """The sync token of an empty primary calendar."""
    return events.list(calendarId="primary").execute()["nextSyncToken"]


def ids(page):
    """Return the ids of a page's items."""
    return [item["id"] for item in page["items"]]


@pytest.mark.fact("19", "the last page of an incremental listing", "K")
def test_nothing_changed_gives_no_items_and_a_token(events, token):
    page = events.list(calendarId="primary", syncToken=token).execute()
    assert page["items"] == []
    assert "nextSyncToken" in page


@pytest.mark.fact("6.2", "what changed since; deleted entries always included", "D")
def test_new_changed_and_deleted_events_are_listed_once_each(events, token):
    made = [
        events.insert(calendarId="primary", body={"summary": name, **DAY}).execute()["id"]
        for name in ("a", "b", "c")
    ]
    events.patch(calendarId="primary", eventId=made[0], body={"summary": "A"}).execute()
    events.delete(calendarId="primary", eventId=made[1]).execute()
    page = events.list(calendarId="primary", syncToken=token).execute()
    assert {item["id"]: item["status"] for item in page["items"]} == {
        made[0]: "confirmed",
        made[1]: "cancelled",
        made[2]: "confirmed",
    }
    assert len(page["items"]) == 3
    after = events.list(calendarId="primary", syncToken=page["nextSyncToken"]).execute()
    assert after["items"] == []


@pytest.mark.fact("7", "the echo is recognised by the equal etag", "I")
def test_own_write_comes_back_with_the_etag_of_its_answer(events, token):
    made = events.insert(calendarId="primary", body=DAY).execute()
    page = events.list(calendarId="primary", syncToken=token).execute()
    assert page["items"] == [made]


@pytest.mark.fact("6.2", "whoever did not store the new token reads the same again", "I")
def test_a_token_may_be_used_again(events, token):
    made = events.insert(calendarId="primary", body=DAY).execute()["id"]
    for _ in range(2):
        assert ids(events.list(calendarId="primary", syncToken=token).execute()) == [made]


@pytest.mark.fact(
    "6.2", "the same syncToken and each pageToken; the new token on the last page", "D"
)
def test_pages_of_an_incremental_listing_keep_the_sync_token(events, token):
    made = [events.insert(calendarId="primary", body=DAY).execute()["id"] for _ in range(5)]
    request = events.list(calendarId="primary", syncToken=token, maxResults=2)
    pages = []
    while request is not None:
        pages.append(request.execute())
        request = events.list_next(request, pages[-1])
    assert [each for page in pages for each in ids(page)] == made
    assert ["nextSyncToken" in page for page in pages] == [False, False, True]


@pytest.mark.fact(
    "6.2", "an item can appear twice; the final token covers changes made while paging", "I"
)
def test_change_while_paging_is_not_lost(events, token):
    made = [events.insert(calendarId="primary", body=DAY).execute()["id"] for _ in range(3)]
    first = events.list(calendarId="primary", syncToken=token, maxResults=2).execute()
    events.patch(calendarId="primary", eventId=made[0], body={"summary": "late"}).execute()
    second = events.list(
        calendarId="primary", syncToken=token, maxResults=5, pageToken=first["nextPageToken"]
    ).execute()
    assert ids(second) == [made[2], made[0]]
    after = events.list(calendarId="primary", syncToken=second["nextSyncToken"]).execute()
    assert after["items"] == []


@pytest.mark.fact("6.1", "not together with syncToken: 400", "D")
@pytest.mark.parametrize(
    "parameters",
    [
        {"iCalUID": "x"},
        {"orderBy": "updated"},
        {"privateExtendedProperty": "a=b"},
        {"q": "x"},
        {"sharedExtendedProperty": "a=b"},
        {"timeMin": "2026-01-01T00:00:00Z"},
        {"timeMax": "2027-01-01T00:00:00Z"},
        {"updatedMin": "2026-01-01T00:00:00Z"},
        {"showDeleted": False},
    ],
)
def test_parameters_that_exclude_a_sync_token(events, refusal, token, parameters):
    request = events.list(calendarId="primary", syncToken=token, **parameters)
    assert refusal(request) == (400, "invalid")


@pytest.mark.fact("6.1", "all other parameters must equal those of the first listing", "D")
@pytest.mark.parametrize(
    "parameters",
    [
        {"singleEvents": True},
        {"eventTypes": "default"},
        {"timeZone": "UTC"},
        {"maxAttendees": 1},
    ],
)
def test_frozen_parameters_must_not_change(events, refusal, token, parameters):
    request = events.list(calendarId="primary", syncToken=token, **parameters)
    assert refusal(request) == (400, "invalid")


class TestTombstones:
    """How deleted events are shown."""

    @pytest.fixture
    def gone(self, events, token, timed):
        """The id of an event made and deleted after the token."""
        made = events.insert(calendarId="primary", body=timed()).execute()["id"]
        events.delete(calendarId="primary", eventId=made).execute()
        return made

    @pytest.mark.fact("3", "status confirmed brings it back", "O")
    def test_event_brought_back_is_listed_as_living(self, events, token, gone, timed):
        body = timed(status="confirmed")
        events.update(calendarId="primary", eventId=gone, body=body).execute()
        (item,) = events.list(calendarId="primary", syncToken=token).execute()["items"]
        assert item["status"] == "confirmed"


class TestLostTokens:
    """410 and 400."""

    @pytest.mark.fact("6.2", "410 fullSyncRequired", "D")
    def test_old_token_has_expired(self, events, google, refusal, token):
        google.control("POST", "clock", {"advance_seconds": 29 * 86400})
        request = events.list(calendarId="primary", syncToken=token)
        assert refusal(request) == (410, "fullSyncRequired")

    @pytest.mark.fact("6.2", "one token belongs to one calendar, one user", "I")
    def test_token_of_another_calendar_or_account_is_refused(self, events, google, refusal, token):
        other = events.list(calendarId=google.anna.calendars[1], syncToken=token)
        assert refusal(other) == (410, "fullSyncRequired")
        ben = google.service(google.ben.access_token).events()
        assert refusal(ben.list(calendarId="primary", syncToken=token)) == (410, "fullSyncRequired")

    @pytest.mark.fact("6.2", "malformed has also been answered 400", "O")
    @pytest.mark.parametrize("text", ["nonsense", "CPDAlvWDx70CEPDAlvWDx70CGAU=", "ü", "A" * 3000])
    def test_malformed_token_by_switch(self, events, google, refusal, text):
        request = events.list(calendarId="primary", syncToken=text)
        assert refusal(request) == (410, "fullSyncRequired")
        google.control("POST", "switches", {"malformed_sync_token": 400})
        request = events.list(calendarId="primary", syncToken=text)
        assert refusal(request) == (400, "invalid")

    @pytest.mark.fact("6.1", "they are different things", "D")
    def test_page_token_is_no_sync_token(self, events, refusal):
        for _ in range(2):
            events.insert(calendarId="primary", body=DAY).execute()
        page = events.list(calendarId="primary", maxResults=1).execute()["nextPageToken"]
        assert refusal(events.list(calendarId="primary", syncToken=page))[0] == 410


class TestWindowInToken:
    """A listing with timeMin whose token is used afterwards."""

    @pytest.fixture
    def moved(self, events, timed):
        """The sync token of a window, and the id of an event that then left the window."""
        made = events.insert(calendarId="primary", body=timed(day="2026-03-10")).execute()["id"]
        page = events.list(calendarId="primary", timeMin="2026-03-01T00:00:00Z").execute()
        assert ids(page) == [made]
        body = timed(day="2026-02-10")
        events.update(calendarId="primary", eventId=made, body=body).execute()
        return page["nextSyncToken"], made

    @pytest.mark.fact(
        "6.2", "the window is baked into the token; what a leaving event is, is open", "K"
    )
    @pytest.mark.parametrize(
        ("switch", "shown"),
        [("silent", []), ("listed", ["confirmed"]), ("cancelled", ["cancelled"])],
    )
    def test_event_that_left_the_window_by_switch(self, events, google, moved, switch, shown):
        google.control("POST", "switches", {"window_exit": switch})
        page = events.list(calendarId="primary", syncToken=moved[0]).execute()
        assert [item["status"] for item in page["items"]] == shown

    @pytest.mark.fact("6.2", "deleted entries are always included", "D")
    def test_deletion_outside_the_window_is_listed(self, events, moved):
        events.delete(calendarId="primary", eventId=moved[1]).execute()
        page = events.list(calendarId="primary", syncToken=moved[0]).execute()
        assert [item["status"] for item in page["items"]] == ["cancelled"]
