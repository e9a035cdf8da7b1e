"""Addresses, conventions and the client library's habits (facts 1)."""

import re
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from googleapiclient.errors import HttpError

from google_client import discovery_document

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
HOLIDAYS = "de.german#holiday@group.v.calendar.google.com"
RESOURCES = discovery_document()["resources"]


class TestAddresses:
    """Paths below one root."""

    @pytest.mark.fact("1", "base /calendar/v3/", "D")
    def test_api_lies_below_calendar_v3(self, service, requests_seen):
        service.calendarList().list().execute()
        assert [each["path"] for each in requests_seen()] == ["/calendar/v3/users/me/calendarList"]

    @pytest.mark.fact("1", "batch /batch/calendar/v3, built from the document's rootUrl", "D")
    def test_batch_lies_beside_the_api(self, service, requests_seen):
        batch = service.new_batch_http_request()
        batch.add(service.colors().get())
        batch.execute()
        assert [each["path"] for each in requests_seen()] == ["/batch/calendar/v3"]

    @pytest.mark.parametrize(
        ("name", "path"),
        [
            pytest.param(
                *("authorization_url", "/o/oauth2/v2/auth"),
                marks=pytest.mark.fact("1", "authorization /o/oauth2/v2/auth", "D"),
            ),
            pytest.param(
                "token_url", "/token", marks=pytest.mark.fact("1", "token address /token", "D")
            ),
            pytest.param(
                *("revocation_url", "/revoke"),
                marks=pytest.mark.fact("1", "revocation address /revoke", "D"),
            ),
        ],
    )
    def test_oauth_addresses_have_googles_paths(self, google, name, path):
        assert getattr(google.described, name) == f"{google.root}{path}"

    @pytest.mark.parametrize("resource", sorted(RESOURCES))
    @pytest.mark.fact("1", "the methods of v3, each at its path", "D")
    def test_every_method_is_done(self, google, resource):
        for name, method in RESOURCES[resource]["methods"].items():
            path = re.sub(r"\{\w+\}", "unknown", method["path"])
            body = {} if method["httpMethod"] in {"POST", "PUT", "PATCH"} else None
            _, answer = google.api(method["httpMethod"], f"/{path}", body=body)
            reason = answer["error"]["errors"][0]["reason"] if "error" in (answer or {}) else ""
            assert reason != "notImplemented", name

    @pytest.mark.fact("1", "calendar ids must be percent-encoded, as some contain #", "K")
    def test_hash_in_a_calendar_id_does_not_end_the_path(self, events, refusal, requests_seen):
        assert refusal(events.list(calendarId=HOLIDAYS)) == (404, "notFound")
        (record,) = requests_seen()
        assert record["path"].replace("%23", "#").replace("%40", "@").endswith("/events")
        assert "holiday" in record["path"]

    @pytest.mark.fact("1", "a primary calendar's id is the account's main address", "D")
    def test_alias_resolves_to_the_address(self, service, ben):
        assert service.calendars().get(calendarId="primary").execute()["id"] == "anna@example.com"
        assert ben.calendars().get(calendarId="primary").execute()["id"] == "ben@example.com"


class TestQuery:
    """Parameters of every method."""

    @pytest.mark.parametrize(
        "parameters",
        [
            {"alt": "json"},
            {"fields": "kind"},
            {"key": "AIza"},
            {"oauth_token": "TOKEN"},
            {"prettyPrint": False},
            {"quotaUser": "somebody"},
            {"userIp": "192.0.2.1"},
        ],
        ids=lambda each: next(iter(each)),
    )
    @pytest.mark.fact("1", "seven query parameters on every method", "D")
    def test_system_parameters_are_taken_by_reads_and_writes(self, google, service, parameters):
        own = {
            name: google.anna.access_token if value == "TOKEN" else value
            for name, value in parameters.items()
        }
        reads = [
            service.calendarList().list(**own),
            service.calendars().get(calendarId="primary", **own),
            service.events().list(calendarId="primary", **own),
        ]
        for request in [*reads, service.events().insert(calendarId="primary", body=DAY, **own)]:
            assert request.execute()["kind"].startswith("calendar#")

    @pytest.mark.fact("1", "alt=json is on every address", "D")
    def test_library_asks_for_json_every_time(self, service, requests_seen):
        service.calendarList().list().execute()
        service.events().insert(calendarId="primary", body=DAY).execute()
        service.events().list(calendarId="primary").execute()
        assert {parse_qs(each["query"])["alt"][0] for each in requests_seen()} == {"json"}

    @pytest.mark.fact("1", "partial answers: fields of items and both tokens", "D")
    def test_mask_of_the_guide_gives_what_it_names(self, events):
        made = events.insert(calendarId="primary", body=DAY).execute()
        mask = "items(id,etag,status),nextPageToken,nextSyncToken"
        page = events.list(calendarId="primary", fields=mask).execute()
        assert set(page) == {"items", "nextSyncToken"}
        assert page["items"] == [{name: made[name] for name in ("id", "etag", "status")}]

    @pytest.mark.fact("1", "partial answers of writes", "D")
    def test_mask_shortens_the_answer_of_a_write_only(self, events):
        body = {"summary": "x", **DAY}
        made = events.insert(calendarId="primary", body=body, fields="id,start/date").execute()
        assert set(made) == {"id", "start"}
        found = events.get(calendarId="primary", eventId=made["id"]).execute()
        assert found["summary"] == "x"

    @pytest.mark.fact("1", "leaving nextPageToken out of fields loses it", "I")
    def test_mask_without_page_token_ends_the_paging(self, events):
        for _ in range(2):
            events.insert(calendarId="primary", body=DAY).execute()
        request = events.list(calendarId="primary", maxResults=1, fields="items(id)")
        assert events.list_next(request, request.execute()) is None

    @pytest.mark.fact("1", "the Python library sends what gzip needs", "D")
    def test_library_gets_compressed_answers(self, events):
        seen = []
        request = events.list(calendarId="primary")
        request.add_response_callback(seen.append)
        request.execute()
        assert seen[0]["-content-encoding"] == "gzip"

    @pytest.mark.fact("1", "x-http-method-override: GET turns a form POST into a GET", "D")
    def test_overridden_post_reads_its_parameters_from_the_form(self, google):
        google.api("POST", "/calendars/primary/events", body=DAY)
        sent = {
            "X-HTTP-Method-Override": "GET",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        status, page = google.api(
            "POST", "/calendars/primary/events", body=b"maxResults=1&alt=json", headers=sent
        )
        assert (status, page["kind"], len(page["items"])) == (200, "calendar#events", 1)


class TestForm:
    """What values look like."""

    @pytest.mark.fact("1", "etag: a quoted string of digits on events", "K")
    def test_etag_of_an_event_is_digits_in_quotes(self, events):
        made = events.insert(calendarId="primary", body=DAY).execute()
        assert re.fullmatch(r'"\d+"', made["etag"])

    @pytest.mark.fact("1", "etag is about twice the update time in microseconds", "K")
    def test_etag_lies_near_twice_the_update_time(self, events):
        made = events.insert(calendarId="primary", body=DAY).execute()
        told = datetime.fromtimestamp(int(made["etag"].strip('"')) / 2e6, UTC)
        assert abs((told - datetime.fromisoformat(made["updated"])).total_seconds()) < 2

    @pytest.mark.fact("1", "calendars and their entries have quoted etags as well", "D")
    def test_other_resources_have_quoted_etags(self, service):
        for found in (
            service.calendars().get(calendarId="primary").execute(),
            service.calendarList().get(calendarId="primary").execute(),
            service.calendarList().list().execute(),
            service.events().list(calendarId="primary").execute(),
        ):
            assert re.fullmatch(r'"[^"]+"', found["etag"])

    @pytest.mark.parametrize("name", ["created", "updated"])
    @pytest.mark.fact("1", "created and updated in UTC with milliseconds", "K")
    def test_time_stamps_are_utc_with_milliseconds(self, events, name):
        made = events.insert(calendarId="primary", body=DAY).execute()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made[name])

    @pytest.mark.fact("1", "start and end with an offset", "D")
    def test_times_of_events_carry_an_offset(self, events, timed):
        made = events.insert(calendarId="primary", body=timed()).execute()
        for name in ("start", "end"):
            assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+01:00", made[name]["dateTime"])

    @pytest.mark.parametrize(
        "default", [{"optional": False}, {"resource": False}, {"additionalGuests": 0}]
    )
    @pytest.mark.fact("1", "absent = default, in guests too", "K")
    def test_default_values_of_guests_are_left_out(self, events, default):
        guest = {"email": "ada@example.org", **default}
        made = events.insert(calendarId="primary", body={**DAY, "attendees": [guest]}).execute()
        assert not set(default) & set(made["attendees"][0])


class TestLibrary:
    """google-api-python-client and google-auth."""

    @pytest.mark.fact("1", "list_next carries the same parameters and so the same syncToken", "D")
    def test_next_page_repeats_the_sync_token(self, events):
        token = events.list(calendarId="primary").execute()["nextSyncToken"]
        for _ in range(2):
            events.insert(calendarId="primary", body=DAY).execute()
        request = events.list(calendarId="primary", syncToken=token, maxResults=1)
        following = events.list_next(request, request.execute())
        query = parse_qs(urlsplit(following.uri).query)
        assert query["syncToken"] == [token]
        assert query["maxResults"] == ["1"]
        assert len(following.execute()["items"]) == 1

    @pytest.mark.fact("1", "HttpError.resp.status and HttpError.content tell the reason", "D")
    def test_refusal_is_an_http_error_with_status_and_content(self, events):
        with pytest.raises(HttpError) as caught:
            events.get(calendarId="primary", eventId="unknown").execute()
        assert caught.value.resp.status == 404
        assert b'"reason"' in caught.value.content
        assert b"notFound" in caught.value.content
        assert caught.value.error_details[0]["reason"] == "notFound"

    @pytest.mark.parametrize(
        ("fault_name", "is_repeated"),
        [
            ("status:500", True),
            ("status:503", True),
            ("status:429", True),
            ("status:403:rateLimitExceeded", True),
            ("status:403:userRateLimitExceeded", True),
            ("status:403:quotaExceeded", False),
            ("status:410", False),
            ("status:412", False),
        ],
    )
    @pytest.mark.fact("12", "execute(num_retries=n) repeats 5xx, 429 and rate limits only", "D")
    def test_library_repeats_what_is_worth_it(self, events, fault, fault_name, is_repeated):
        fault(fault_name)
        request = events.list(calendarId="primary")
        slept = []
        request._sleep = slept.append
        if is_repeated:
            assert request.execute(num_retries=1)["kind"] == "calendar#events"
        else:
            with pytest.raises(HttpError):
                request.execute(num_retries=1)
        assert len(slept) == int(is_repeated)

    @pytest.mark.fact("12", "a repeated POST is safe only with a client-made id", "D")
    def test_insert_repeated_after_a_lost_answer(self, events, fault, refusal):
        for body, copies in (({"id": "mineid", **DAY}, 1), (DAY, 2)):
            fault("reset_after", method="POST")
            request = events.insert(calendarId="primary", body=body)
            request._sleep = lambda _seconds: None
            if copies == 1:
                with pytest.raises(HttpError) as caught:
                    request.execute(num_retries=1)
                assert caught.value.resp.status == 409
            else:
                request.execute(num_retries=1)
        own = [each["id"] for each in events.list(calendarId="primary").execute()["items"]]
        assert (own.count("mineid"), len(own)) == (1, 3)
