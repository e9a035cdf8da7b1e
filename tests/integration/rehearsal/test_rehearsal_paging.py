"""Pages, tokens, filters and masks of listings (google-calendar-facts section 6)."""

import pytest

TYPES = ["default"]


@pytest.fixture
def insert(events):
    """A function that inserts on Anna's primary calendar."""
    return lambda body: events.insert(calendarId="primary", body=body).execute()


@pytest.fixture
def four(insert, timed):
    """Four events of one day."""
    return [insert(timed(f"Call {number}", hour=9 + number)) for number in range(4)]


@pytest.fixture
def delete(events):
    """A function that deletes an event."""
    return lambda event: events.delete(calendarId="primary", eventId=event["id"]).execute()


@pytest.fixture
def patch(events):
    """A function that patches an event."""

    def run(event, **body):
        return events.patch(calendarId="primary", eventId=event["id"], body=body).execute()

    return run


@pytest.fixture
def pages(events):
    """A function that reads a listing to its end, doing something after its first page.

    Returns the ids in order of their coming, and the sync token.
    """

    def read(between=lambda: None, **parameters):
        request = events.list(calendarId="primary", maxResults=2, **parameters)
        page = request.execute()
        seen = [item["id"] for item in page["items"]]
        between()
        while request := events.list_next(request, page):
            page = request.execute()
            seen += [item["id"] for item in page["items"]]
        return seen, page.get("nextSyncToken")

    return read


def ids(events):
    """Return the ids of events."""
    return [event["id"] for event in events]


class TestChangesWhilePaging:
    """What changes between two pages is neither lost nor does it hide anything."""

    @pytest.mark.parametrize("single", [False, True])
    def test_deletion_in_a_full_listing_skips_nothing(self, pages, four, delete, single):
        """Facts 6.2: changes made while paging are not lost."""
        seen, token = pages(lambda: delete(four[0]), singleEvents=single)
        assert set(ids(four)) == set(seen)
        later, _ = pages(syncToken=token, singleEvents=single)
        assert later == [four[0]["id"]]

    @pytest.mark.parametrize("single", [False, True])
    def test_change_in_an_incremental_listing_skips_nothing(self, pages, four, patch, single):
        """Facts 6.2: an item can appear twice; the final token covers the change."""
        _, token = pages(singleEvents=single)
        for event in four:
            patch(event, summary="New")
        seen, token = pages(
            lambda: patch(four[0], summary="Newer"), syncToken=token, singleEvents=single
        )
        assert set(ids(four)) == set(seen)
        later, _ = pages(syncToken=token, singleEvents=single)
        assert set(later) <= {four[0]["id"]}

    @pytest.mark.parametrize("order", ["startTime", "updated"])
    def test_deletion_in_a_sorted_listing_skips_nothing(self, pages, four, delete, order):
        """Facts 6.1: only nextPageToken tells; what follows does not depend on what was before."""
        seen, token = pages(lambda: delete(four[0]), singleEvents=True, orderBy=order)
        assert seen == ids(four)
        assert token is None

    def test_new_instances_of_a_series_come_with_the_next_token(self, pages, insert, timed, patch):
        """Facts 6.2: also where instances are listed in place of masters."""
        series = insert(timed(recurrence=["RRULE:FREQ=DAILY;COUNT=4"]))
        seen, token = pages(lambda: patch(series, summary="New"), singleEvents=True)
        assert len(seen) == 4
        later, _ = pages(syncToken=token, singleEvents=True)
        assert later == seen


class TestTokens:
    """Sync tokens and page tokens."""

    @pytest.mark.parametrize(
        "parameters",
        [
            {"singleEvents": True},
            {"eventTypes": TYPES},
            {"timeZone": "Asia/Tokyo"},
            {"maxAttendees": 3},
            {"showHiddenInvitations": True},
        ],
    )
    def test_token_belongs_to_its_parameters(self, events, refusal, four, parameters):
        """Facts 6.2: one token belongs to one parameter set."""
        token = events.list(calendarId="primary").execute()["nextSyncToken"]
        request = events.list(calendarId="primary", syncToken=token, **parameters)
        assert refusal(request) == (400, "invalid")
        first = events.list(calendarId="primary", **parameters).execute()
        again = events.list(
            calendarId="primary", syncToken=first["nextSyncToken"], **parameters
        ).execute()
        assert again["items"] == []

    @pytest.mark.parametrize(
        "parameters",
        [
            {"iCalUID": "x"},
            {"orderBy": "updated"},
            {"q": "x"},
            {"timeMin": "2026-01-01T00:00:00Z"},
            {"timeMax": "2026-01-01T00:00:00Z"},
            {"updatedMin": "2026-01-01T00:00:00Z"},
            {"privateExtendedProperty": "a=1"},
            {"sharedExtendedProperty": "a=1"},
            {"showDeleted": False},
        ],
    )
    def test_some_parameters_do_not_go_with_a_token(self, events, refusal, parameters):
        """Facts 6.1: 400; showDeleted=false is not allowed with it."""
        token = events.list(calendarId="primary").execute()["nextSyncToken"]
        request = events.list(calendarId="primary", syncToken=token, **parameters)
        assert refusal(request) == (400, "invalid")

    def test_types_are_left_out_of_later_listings_too(self, google, events, insert, timed):
        """Facts 10: eventTypes=default must be part of every later incremental call."""
        token = events.list(calendarId="primary", eventTypes=TYPES).execute()["nextSyncToken"]
        event = timed(eventType="fromGmail")
        google.control("POST", "events", {"email": google.anna.email, "event": event})
        page = events.list(calendarId="primary", eventTypes=TYPES, syncToken=token).execute()
        assert page["items"] == []

    @pytest.mark.parametrize("answer", [(410, "fullSyncRequired"), (400, "invalid")])
    def test_page_token_is_no_sync_token(self, google, events, refusal, four, answer):
        """Facts 6.2: a malformed token is 410, or 400 by switch."""
        google.control("POST", "switches", {"malformed_sync_token": answer[0]})
        page = events.list(calendarId="primary", maxResults=2).execute()
        for token in (page["nextPageToken"], "CAE=", "%", "ü"):
            request = events.list(calendarId="primary", syncToken=token)
            assert refusal(request) == answer

    def test_410_has_three_reasons(self, events, refusal, four, delete, google):
        """Facts 12: fullSyncRequired, updatedMinTooLongAgo, deleted."""
        token = events.list(calendarId="primary").execute()["nextSyncToken"]
        delete(four[0])
        request = events.delete(calendarId="primary", eventId=four[0]["id"])
        assert refusal(request) == (410, "deleted")
        google.control("POST", "clock", {"advance_seconds": 29 * 86_400})
        request = events.list(calendarId="primary", syncToken=token)
        assert refusal(request) == (410, "fullSyncRequired")
        request = events.list(calendarId="primary", updatedMin="2026-01-01T00:00:00Z")
        assert refusal(request) == (410, "updatedMinTooLongAgo")

    def test_token_expires_in_the_middle_of_paging(self, events, refusal, google, four, patch):
        """Facts 6.2: 410 also occurs in the middle of paging."""
        token = events.list(calendarId="primary").execute()["nextSyncToken"]
        for event in four:
            patch(event, summary="New")
        request = events.list(calendarId="primary", syncToken=token, maxResults=2)
        page = request.execute()
        google.control("POST", "clock", {"advance_seconds": 29 * 86_400})
        assert refusal(events.list_next(request, page)) == (410, "fullSyncRequired")


class TestFilters:
    """Which events a listing has."""

    @pytest.fixture
    def marked(self, insert, timed):
        """Three events with properties."""
        return [
            insert(timed(extendedProperties={"private": private, "shared": {"s": "1"}}))
            for private in ({"a": "1", "b": "1"}, {"a": "1"}, {"b": "1"})
        ]

    @pytest.mark.parametrize(("choice", "found"), [("all", [0]), ("any", [0, 1, 2])])
    def test_several_properties_of_a_kind(self, google, events, marked, choice, found):
        """Facts 6.1: the reference says all must match, the guide says any."""
        google.control("POST", "switches", {"property_constraints": choice})
        request = events.list(
            calendarId="primary",
            privateExtendedProperty=["a=1", "b=1"],
            sharedExtendedProperty=["s=1"],
        )
        assert ids(request.execute()["items"]) == [marked[number]["id"] for number in found]

    @pytest.mark.parametrize("choice", ["all", "any"])
    def test_private_and_shared_must_both_match(self, google, events, marked, choice):
        """Facts 6.1: private with shared is AND in both."""
        google.control("POST", "switches", {"property_constraints": choice})
        request = events.list(
            calendarId="primary", privateExtendedProperty=["a=1"], sharedExtendedProperty=["s=2"]
        )
        assert request.execute()["items"] == []

    def test_every_word_of_a_search_must_occur(self, events, insert, timed):
        """Facts 6.1: q is free text over several fields."""
        made = insert(timed("Call Ada", location="Harbour Street", description="about the offer"))
        for text, found in (
            ("harbour ada", True),
            ("  OFFER ", True),
            ("ada office", False),
            ("anna@example.com", True),
        ):
            page = events.list(calendarId="primary", q=text).execute()
            assert ids(page["items"]) == ([made["id"]] if found else []), text

    def test_deleted_with_single_events_shows_instances_only(self, events, insert, timed, delete):
        """Facts 6.1: with singleEvents too, only single instances of deleted events."""
        series = insert(timed(day="2026-12-01", recurrence=["RRULE:FREQ=DAILY;COUNT=2"]))
        delete(series)
        request = events.list(calendarId="primary", showDeleted=True, singleEvents=True)
        items = request.execute()["items"]
        assert {item["recurringEventId"] for item in items} == {series["id"]}
        assert {item["status"] for item in items} == {"cancelled"}
        assert events.list(calendarId="primary", singleEvents=True).execute()["items"] == []
        masters = events.list(calendarId="primary", showDeleted=True).execute()["items"]
        assert ids(masters) == [series["id"]]

    def test_cancelled_instance_is_listed_unless_one_of_two_flags_is_set(
        self, events, insert, timed, delete
    ):
        """Facts 5: listed whenever singleEvents and showDeleted are both false."""
        series = insert(timed(day="2026-12-01", recurrence=["RRULE:FREQ=DAILY;COUNT=2"]))
        instance = f"{series['id']}_20261201T090000Z"
        delete({"id": instance})
        plain = events.list(calendarId="primary").execute()["items"]
        assert instance in ids(plain)
        expanded = events.list(calendarId="primary", singleEvents=True).execute()["items"]
        assert instance not in ids(expanded)

    def test_updated_min_does_not_see_edits_of_reminders(self, google, events, four, patch):
        """Facts 2: reminder-only edits do not move `updated`."""
        google.control("POST", "clock", {"advance_seconds": 3600})
        since = google.control("GET", "clock")["now"].replace("+00:00", "Z")
        google.control("POST", "clock", {"advance_seconds": 3600})
        patch(four[0], reminders={"useDefault": False})
        patch(four[1], location="Here")
        page = events.list(calendarId="primary", updatedMin=since).execute()
        assert ids(page["items"]) == [four[1]["id"]]
        assert "nextSyncToken" not in page


class TestMasks:
    """The `fields` parameter."""

    @pytest.mark.parametrize(
        ("mask", "found"),
        [
            ("items(id)", {"items": [{"id": "e0001"}]}),
            ("items/id,items/start/timeZone",
             {"items": [{"id": "e0001", "start": {"timeZone": "Europe/Berlin"}}]}),
            ("items(start(timeZone),reminders/useDefault)",
             {"items": [{"start": {"timeZone": "Europe/Berlin"},
                         "reminders": {"useDefault": True}}]}),
            ("items/extendedProperties/private/a",
             {"items": [{"extendedProperties": {"private": {"a": "1"}}}]}),
            ("items/attendees/email", {"items": [{"attendees": [{"email": "b@example.org"}]}]}),
            ("items/*/timeZone",
             {"items": [{"start": {"timeZone": "Europe/Berlin"},
                         "end": {"timeZone": "Europe/Berlin"}}]}),
            ("timeZone, accessRole", {"timeZone": "Europe/Berlin", "accessRole": "owner"}),
        ],
    )  # fmt: skip
    def test_nested_names_paths_and_wildcards(self, google, insert, timed, mask, found):
        """Facts 1: partial answers."""
        insert(
            timed(
                id="e0001",
                extendedProperties={"private": {"a": "1", "b": "2"}},
                attendees=[{"email": "B@example.org"}],
            )
        )
        query = mask.replace(" ", "%20")
        status, answer = google.api("GET", f"/calendars/primary/events?fields={query}")
        assert status == 200
        assert answer == found

    def test_star_is_everything(self, google, four):
        """Facts 1: `*` names all fields."""
        whole = google.api("GET", "/calendars/primary/events")
        assert google.api("GET", "/calendars/primary/events?fields=*")[1].keys() == whole[1].keys()

    def test_page_token_left_out_is_lost_and_paging_ends(self, events, four):
        """Facts 1: leaving nextPageToken out of fields silently loses it."""
        request = events.list(calendarId="primary", maxResults=2, fields="items(id)")
        page = request.execute()
        assert len(page["items"]) == 2
        assert events.list_next(request, page) is None

    @pytest.mark.parametrize(
        "mask",
        ["items(summry)", "nextpagetoken", "items/id/x", "items(start(zone))", "items(", "id"],
    )
    def test_what_cannot_be_there_is_refused(self, google, mask):
        """Facts 1, 12: an invalid selection is 400 invalidParameter."""
        status, answer = google.api("GET", f"/calendars/primary/events?fields={mask}")
        assert (status, answer["error"]["errors"][0]["reason"]) == (400, "invalidParameter")

    def test_written_events_can_be_masked_too(self, google, timed):
        """Facts 1: the parameter is on every method."""
        path = "/calendars/primary/events?fields=status"
        assert google.api("POST", path, body=timed()) == (200, {"status": "confirmed"})


class TestKnownEtags:
    """If-None-Match."""

    def ask(self, google, path, etag):
        """Return the status of a conditional read."""
        return google.api("GET", path, headers={"If-None-Match": etag})[0]

    def test_listing_is_304_until_something_changes(self, google, four, patch):
        """Facts 7: If-None-Match on get and list: 304."""
        path = "/calendars/primary/events"
        etag = google.api("GET", path)[1]["etag"]
        assert self.ask(google, path, etag) == 304
        patch(four[0], summary="New")
        assert self.ask(google, path, etag) == 200

    def test_etag_of_one_listing_is_not_that_of_another(self, google, four):
        """Facts 7: the condition is about the very answer that was asked for."""
        path = "/calendars/primary/events?maxResults=2"
        page = google.api("GET", path)[1]
        for other in (f"{path}&pageToken={page['nextPageToken']}", f"{path}&q=Call"):
            assert self.ask(google, other, page["etag"]) == 200

    def test_event_and_instance_are_304(self, google, insert, timed, patch):
        """Facts 7: also for instances, which lend the ETag of their series."""
        series = insert(timed(recurrence=["RRULE:FREQ=DAILY"]))
        paths = [
            f"/calendars/primary/events/{series['id']}{suffix}"
            for suffix in ("", "_20260310T090000Z")
        ]
        etags = [google.api("GET", path)[1]["etag"] for path in paths]
        assert [self.ask(google, *pair) for pair in zip(paths, etags, strict=True)] == [304, 304]
        patch(series, summary="New")
        assert [self.ask(google, *pair) for pair in zip(paths, etags, strict=True)] == [200, 200]
