"""Full listings of events and what filters them (google-calendar-facts section 6.1)."""

import urllib.parse

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


@pytest.fixture
def three(events, timed):
    """The ids of three timed events: at nine, ten and eleven in Berlin, made in another order."""
    made = {
        hour: events.insert(calendarId="primary", body=timed(f"at {hour}", hour=hour)).execute()[
            "id"
        ]
        for hour in (10, 9, 11)
    }
    return [made[hour] for hour in (9, 10, 11)]


def ids(page):
    """Return the ids of a page's items."""
    return [item["id"] for item in page["items"]]


def every_page(events, **parameters):
    """Return the pages of a listing."""
    pages = []
    request = events.list(calendarId="primary", **parameters)
    while request is not None:
        pages.append(request.execute())
        request = events.list_next(request, pages[-1])
    return pages


class TestPages:
    """maxResults and page tokens."""

    @pytest.mark.fact("2", "what answers of events.list carry", "D")
    def test_listing_has_the_head_google_documents(self, events):
        page = events.list(calendarId="primary").execute()
        assert page.pop("etag")
        assert page.pop("updated")
        assert page.pop("nextSyncToken")
        assert page == {
            "kind": "calendar#events",
            "summary": "anna@example.com",
            "timeZone": "Europe/Berlin",
            "accessRole": "owner",
            "defaultReminders": [{"method": "popup", "minutes": 30}],
            "items": [],
        }

    @pytest.mark.fact("2", "exactly one of nextPageToken or nextSyncToken", "D")
    def test_each_page_has_exactly_one_of_the_two_tokens(self, events, three):
        pages = every_page(events, maxResults=1)
        assert [("nextPageToken" in page, "nextSyncToken" in page) for page in pages] == [
            (True, False),
            (True, False),
            (False, True),
        ]
        assert sorted(each for page in pages for each in ids(page)) == sorted(three)

    @pytest.mark.fact("6.1", "a page may hold fewer, even none; only nextPageToken tells", "D")
    def test_pages_may_be_short_or_empty_while_more_follow(self, events, google, three):
        google.control("POST", "switches", {"pages": "short"})
        pages = every_page(events, maxResults=2)
        assert pages[0]["items"] == []
        assert sorted(each for page in pages for each in ids(page)) == sorted(three)
        assert "nextSyncToken" in pages[-1]

    @pytest.mark.fact("6.2", "changes made while paging are not lost", "D")
    def test_change_while_paging_is_in_the_next_incremental_listing(self, events, three):
        first = events.list(calendarId="primary", maxResults=2).execute()
        seen = ids(first)[0]
        events.patch(calendarId="primary", eventId=seen, body={"summary": "late"}).execute()
        made = events.insert(calendarId="primary", body=DAY).execute()["id"]
        last = events.list(
            calendarId="primary", maxResults=2, pageToken=first["nextPageToken"]
        ).execute()
        after = events.list(calendarId="primary", syncToken=last["nextSyncToken"]).execute()
        assert ids(after) == [seen, made]

    @pytest.mark.fact("6.1", "keep all other parameters the same", "D")
    def test_other_parameters_must_stay_between_pages(self, events, refusal, three):
        token = events.list(calendarId="primary", maxResults=1).execute()["nextPageToken"]
        request = events.list(calendarId="primary", pageToken=token, q="x")
        assert refusal(request) == (400, "invalid")

    @pytest.mark.fact("6.1", "maxResults: highest 2500", "D")
    def test_size_is_capped_at_2500_and_must_be_positive(self, google):
        assert google.api("GET", "/calendars/primary/events?maxResults=9999")[0] == 200
        for size in ("0", "-1", "x", ""):
            status, body = google.api("GET", f"/calendars/primary/events?maxResults={size}")
            assert (status, body["error"]["errors"][0]["reason"]) == (400, "invalidParameter")

    @pytest.mark.fact("12", "400 for what cannot be read", "D")
    def test_nonsense_page_token_is_refused(self, events, refusal):
        request = events.list(calendarId="primary", pageToken="nonsense")
        assert refusal(request) == (400, "invalidParameter")


class TestWindow:
    """timeMin and timeMax."""

    @pytest.mark.fact("4", "timeMin bounds the end, timeMax the start, both exclusive", "D")
    @pytest.mark.parametrize(
        ("window", "hours"),
        [
            ({"timeMin": "2026-03-10T09:30:00+01:00"}, [10, 11]),
            ({"timeMin": "2026-03-10T09:29:59+01:00"}, [9, 10, 11]),
            ({"timeMax": "2026-03-10T10:00:00+01:00"}, [9]),
            ({"timeMax": "2026-03-10T10:00:01+01:00"}, [9, 10]),
            ({"timeMin": "2026-03-10T09:00:00Z", "timeMax": "2026-03-10T09:30:00Z"}, [10]),
        ],
    )
    def test_lower_bound_is_of_the_end_upper_bound_of_the_start(self, events, three, window, hours):
        page = events.list(calendarId="primary", **window).execute()
        assert sorted(ids(page)) == sorted(three[hour - 9] for hour in hours)

    @pytest.mark.fact("4", "for filtering, all-day events are placed by the calendar's zone", "D")
    def test_all_day_events_lie_in_the_calendars_zone(self, events):
        made = events.insert(calendarId="primary", body=DAY).execute()["id"]
        before = events.list(calendarId="primary", timeMin="2026-03-10T22:59:59Z").execute()
        after = events.list(calendarId="primary", timeMin="2026-03-10T23:00:00Z").execute()
        assert (ids(before), ids(after)) == ([made], [])

    @pytest.mark.fact("4", "both need an offset; timeMin must be smaller", "D")
    @pytest.mark.parametrize(
        ("window", "reason"),
        [
            ({"timeMin": "2026-03-10T10:00:00"}, "badRequest"),
            ({"timeMin": "2026-03-10"}, "badRequest"),
            (
                {"timeMin": "2026-03-10T10:00:00Z", "timeMax": "2026-03-10T10:00:00Z"},
                "timeRangeEmpty",
            ),
        ],
    )
    def test_bad_bounds_are_refused(self, events, refusal, window, reason):
        assert refusal(events.list(calendarId="primary", **window)) == (400, reason)


class TestFilters:
    """q, iCalUID, extended properties, types, updatedMin."""

    @pytest.mark.fact("6.1", "the iCalUID filter is exact", "D")
    def test_uid_filter_is_exact(self, events, three):
        uid = f"{three[1]}@google.com"
        assert ids(events.list(calendarId="primary", iCalUID=uid).execute()) == [three[1]]
        assert ids(events.list(calendarId="primary", iCalUID=uid[1:]).execute()) == []

    @pytest.mark.fact("6.1", "name=value, private and shared apart", "D")
    def test_extended_property_filter(self, events, refusal):
        properties = {"private": {"uid": "a=b"}, "shared": {"team": "x"}}
        body = {**DAY, "extendedProperties": properties}
        made = events.insert(calendarId="primary", body=body).execute()["id"]
        events.insert(calendarId="primary", body=DAY).execute()

        def found(**parameters):
            return ids(events.list(calendarId="primary", **parameters).execute())

        assert found(privateExtendedProperty="uid=a=b") == [made]
        assert found(sharedExtendedProperty=["team=x"]) == [made]
        assert found(privateExtendedProperty="team=x") == []
        broken = events.list(calendarId="primary", privateExtendedProperty="uid")
        assert refusal(broken) == (400, "invalid")

    @pytest.mark.fact("6.1", "eventTypes repeatable", "D")
    def test_types_filter(self, events, three):
        assert len(ids(events.list(calendarId="primary", eventTypes="default").execute())) == 3
        assert ids(events.list(calendarId="primary", eventTypes=["birthday"]).execute()) == []

    @pytest.mark.fact("6.1", "too old: 410 updatedMinTooLongAgo", "D")
    def test_updated_min_long_ago_is_gone(self, events, refusal):
        request = events.list(calendarId="primary", updatedMin="2020-01-01T00:00:00Z")
        assert refusal(request) == (410, "updatedMinTooLongAgo")

    @pytest.mark.fact("2", "nextSyncToken is missing when the query used such a filter", "K")
    @pytest.mark.parametrize(
        "parameters",
        [
            {"q": "x"},
            {"iCalUID": "x"},
            {"orderBy": "updated"},
            {"privateExtendedProperty": "a=b"},
            {"sharedExtendedProperty": "a=b"},
        ],
    )
    def test_query_no_token_can_stand_for_gets_none(self, events, parameters):
        page = events.list(calendarId="primary", **parameters).execute()
        assert "nextSyncToken" not in page

    @pytest.mark.fact("2", "an initial listing with timeMin does give one", "D")
    def test_window_does_get_a_sync_token(self, events):
        page = events.list(calendarId="primary", timeMin="2026-03-10T00:00:00Z").execute()
        assert "nextSyncToken" in page


class TestOrder:
    """orderBy."""

    @pytest.mark.fact("6.1", "singleEvents is needed for orderBy=startTime (else 400)", "D")
    def test_by_start_time_needs_single_events(self, events, refusal, three):
        assert refusal(events.list(calendarId="primary", orderBy="startTime")) == (400, "invalid")
        pages = every_page(events, orderBy="startTime", singleEvents=True, maxResults=2)
        assert [each for page in pages for each in ids(page)] == three

    @pytest.mark.fact("6.1", "orderBy updated: latest change last", "D")
    def test_by_updated(self, events, google, three):
        google.control("POST", "clock", {"advance_seconds": 60})
        events.patch(calendarId="primary", eventId=three[0], body={"summary": "x"}).execute()
        page = events.list(calendarId="primary", orderBy="updated").execute()
        assert ids(page)[-1] == three[0]

    @pytest.mark.fact("12", "400 invalidParameter for what is no value of it", "D")
    def test_unknown_order_is_refused(self, google):
        status, body = google.api("GET", "/calendars/primary/events?orderBy=size")
        assert (status, body["error"]["errors"][0]["reason"]) == (400, "invalidParameter")


class TestDeleted:
    """showDeleted."""

    @pytest.mark.fact("5", "list only with syncToken, updatedMin or showDeleted=true", "D")
    def test_deleted_events_are_listed_only_when_asked_for(self, events, three):
        events.delete(calendarId="primary", eventId=three[0]).execute()
        assert sorted(ids(events.list(calendarId="primary").execute())) == sorted(three[1:])
        page = events.list(calendarId="primary", showDeleted=True).execute()
        gone = next(item for item in page["items"] if item["id"] == three[0])
        assert (gone["status"], gone["summary"]) == ("cancelled", "at 9")


class TestForm:
    """Partial answers, gzip, method override, encodings, other calendars."""

    @pytest.mark.fact("1", "leaving the tokens out of fields silently loses them", "I")
    def test_fields_mask_leaves_out_what_is_not_named(self, events, three):
        page = events.list(calendarId="primary", fields="items(id,start/dateTime)").execute()
        assert set(page) == {"items"}
        assert all(set(item) == {"id", "start"} for item in page["items"])
        assert page["items"][0]["start"] == {"dateTime": "2026-03-10T10:00:00+01:00"}
        page = events.list(calendarId="primary", fields="items/id,nextSyncToken").execute()
        assert set(page) == {"items", "nextSyncToken"}

    @pytest.mark.fact("12", "400 invalidParameter for what is no value of it", "D")
    @pytest.mark.parametrize("mask", ["items(", "items)", "a,,b", "(", "items/", ","])
    def test_broken_mask_is_refused(self, google, mask):
        quoted = urllib.parse.quote(mask)
        status, body = google.api("GET", f"/calendars/primary/events?fields={quoted}")
        assert (status, body["error"]["errors"][0]["reason"]) == (400, "invalidParameter")

    @pytest.mark.fact("1", "both Accept-Encoding: gzip and a user agent that contains gzip", "D")
    @pytest.mark.parametrize(
        ("agent", "encoding", "compressed"),
        [("my (gzip)", "gzip", True), ("plain", "gzip", False), ("my (gzip)", "identity", False)],
    )
    def test_gzip_needs_both_headers(self, google, agent, encoding, compressed):
        sent = {
            "User-Agent": agent,
            "Accept-Encoding": encoding,
            "Authorization": f"Bearer {google.anna.access_token}",
        }
        request = urllib.request.Request(
            f"{google.root}/calendar/v3/calendars/primary/events", headers=sent
        )
        with urllib.request.urlopen(request, timeout=5) as response:
            assert (response.headers.get("Content-Encoding") == "gzip") is compressed

    @pytest.mark.fact("1", "the library turns a GET over 2048 characters into a form POST", "D")
    def test_long_get_becomes_a_form_post_with_an_override(self, events, google, three):
        found = events.list(
            calendarId="primary", privateExtendedProperty=[f"a{n}=" + "x" * 90 for n in range(30)]
        ).execute()
        assert found["items"] == []
        record = google.control("GET", "requests")[-1]
        assert record["method"] == "GET"
        assert len(record["query"]) > 2048

    @pytest.mark.fact("1", "ids must be percent-encoded in the path", "K")
    def test_encoded_calendar_id_is_understood(self, google):
        calendar = urllib.parse.quote(google.anna.calendars[1], safe="")
        assert google.api("GET", f"/calendars/{calendar}/events")[0] == 200

    @pytest.mark.fact("1", "primary is an alias per signed-in user", "D")
    def test_primary_is_an_alias_of_the_own_calendar(self, events, google, three):
        by_alias = ids(events.list(calendarId="primary").execute())
        assert ids(events.list(calendarId="anna@example.com").execute()) == by_alias
        ben = google.service(google.ben.access_token)
        assert ben.events().list(calendarId="primary").execute()["items"] == []

    @pytest.mark.fact("12", "404 notFound: gone or no access", "D")
    def test_calendars_of_others_are_not_found(self, events, refusal):
        request = events.list(calendarId="ben@example.com")
        assert refusal(request) == (404, "notFound")

    @pytest.mark.fact("12", "body form of errors", "D")
    def test_malformed_bodies_get_googles_error_form(self, google):
        for body in (b"{", b"[]", b"\xff\xfe", b"[" * 100_000, b"1"):
            status, answer = google.api("POST", "/calendars/primary/events", body=body)
            assert status == 400
            assert answer["error"]["errors"][0]["reason"] == "parseError"

    @pytest.mark.fact("12", "notFound in Google's form", "D")
    def test_unknown_paths_and_methods_are_404(self, google):
        for method, path in (
            ("GET", "/nothing"),
            ("PUT", "/calendars"),
            ("GET", "/calendars//events"),
        ):
            status, answer = google.api(method, path, body={} if method == "PUT" else None)
            assert (status, answer["error"]["code"]) == (404, 404)
