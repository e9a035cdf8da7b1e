"""Faults, clock, accounts, reset, request log (contract section 8)."""

import http.client
import json
import socket
import threading
import time

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
EVENTS = "/calendar/v3/calendars/primary/events"


@pytest.fixture
def fault(google):
    """A function that orders a fault."""

    def order(name, **more):
        return google.control("POST", "faults", {"fault": name, **more})

    return order


def raw(google, method, path, *, body=None, timeout=5):
    """Send one request without any retry and return (status, bytes)."""
    connection = http.client.HTTPConnection(google.root.removeprefix("http://"), timeout=timeout)
    try:
        headers = {"Authorization": f"Bearer {google.anna.access_token}"}
        data = json.dumps(body).encode() if body is not None else None
        connection.request(method, path, body=data, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


class TestStatusFaults:
    """Faults that are an HTTP status."""

    @pytest.mark.parametrize(
        ("name", "answer"),
        [
            ("status:503", (503, "backendError")),
            ("status:500", (500, "backendError")),
            ("status:429", (429, "rateLimitExceeded")),
            ("status:403:rateLimitExceeded", (403, "rateLimitExceeded")),
            ("status:403:userRateLimitExceeded", (403, "userRateLimitExceeded")),
            ("status:403:quotaExceeded", (403, "quotaExceeded")),
            ("status:412", (412, "conditionNotMet")),
        ],
    )
    def test_fails_once_without_applying_anything(self, events, refusal, fault, name, answer):
        """Contract 8: next matching requests fail; facts 12: reasons."""
        fault(name)
        assert refusal(events.insert(calendarId="primary", body=DAY)) == answer
        assert events.list(calendarId="primary").execute()["items"] == []

    def test_410_strikes_listings_only(self, events, refusal, fault):
        """Contract 8: status:410 (listings only, as fullSyncRequired)."""
        fault("status:410")
        made = events.insert(calendarId="primary", body=DAY).execute()["id"]
        events.get(calendarId="primary", eventId=made).execute()
        assert refusal(events.list(calendarId="primary")) == (410, "fullSyncRequired")
        events.list(calendarId="primary").execute()

    def test_410_can_come_on_the_second_page(self, events, refusal, fault):
        """Facts 6.2: also occurs in the middle of paging."""
        for _ in range(2):
            events.insert(calendarId="primary", body=DAY).execute()
        fault("status:410", path_contains="pageToken")
        token = events.list(calendarId="primary", maxResults=1).execute()["nextPageToken"]
        request = events.list(calendarId="primary", maxResults=1, pageToken=token)
        assert refusal(request) == (410, "fullSyncRequired")

    def test_method_path_times_and_after_choose_the_requests(self, google, fault):
        """Contract 8: the members of a fault order."""
        fault("status:503", method="POST", path_contains="/events", times=2, after=1)
        statuses = [google.api("POST", "/calendars/primary/events", body=DAY)[0] for _ in range(5)]
        assert statuses == [200, 503, 503, 200, 200]

    def test_other_requests_do_not_count(self, google, fault):
        """Contract 8: matching requests only."""
        fault("status:503", method="DELETE")
        assert google.api("GET", "/calendars/primary/events")[0] == 200
        fault("status:503", path_contains="calendarList")
        assert google.api("GET", "/calendars/primary/events")[0] == 200
        assert google.api("GET", "/users/me/calendarList")[0] == 503

    def test_token_address_can_fail_too(self, google, fault):
        """Facts 17.11: switchable faults."""
        fault("status:503", path_contains="/token")
        assert google.http("POST", "/token", body=b"")[0] == 503
        assert google.http("POST", "/token", body=b"")[0] != 503

    @pytest.mark.parametrize(
        "order",
        [
            {"fault": "status:200"},
            {"fault": "status:x"},
            {"fault": "status"},
            {"fault": "explode"},
            {},
            {"fault": "timeout", "times": -1},
            {"fault": "timeout", "after": "x"},
            {"fault": "timeout", "method": 1},
        ],
    )
    def test_bad_orders_are_refused(self, google, order):
        """An order that cannot be understood must not pass for one that waits."""
        status, text, _ = google.http("POST", "/_rehearsal/faults", body=order)
        assert status == 400
        assert "error" in json.loads(text)
        assert google.control("GET", "faults") == {"waiting": 0}


class TestWireFaults:
    """Faults of the connection itself."""

    def test_reset_before_applies_nothing(self, google, fault):
        """Contract 8: reset_before (nothing applied)."""
        fault("reset_before")
        with pytest.raises(ConnectionError):
            raw(google, "POST", EVENTS, body={"id": "abcde", **DAY})
        assert google.api("GET", "/calendars/primary/events/abcde")[0] == 404

    def test_reset_after_applies_and_loses_the_answer(self, google, fault):
        """Contract 8: reset_after (applied, answer lost); facts 3: the repeat is a 409."""
        fault("reset_after")
        with pytest.raises(ConnectionError):
            raw(google, "POST", EVENTS, body={"id": "abcde", **DAY})
        assert google.api("GET", "/calendars/primary/events/abcde")[0] == 200
        assert raw(google, "POST", EVENTS, body={"id": "abcde", **DAY})[0] == 409

    def test_cut_json_breaks_off_in_the_middle(self, google, fault):
        """Contract 8: cut_json; the write took place."""
        fault("cut_json")
        with pytest.raises(http.client.IncompleteRead) as caught:
            raw(google, "POST", EVENTS, body={"id": "abcde", **DAY})
        assert caught.value.partial.startswith(b'{"kind":"calendar#event"')
        assert caught.value.expected > 0
        assert google.api("GET", "/calendars/primary/events/abcde")[0] == 200

    def test_timeout_never_answers(self, google, fault):
        """Contract 8: timeout."""
        fault("timeout")
        with pytest.raises(TimeoutError):
            raw(google, "POST", EVENTS, body={"id": "abcde", **DAY}, timeout=0.3)
        assert google.api("GET", "/calendars/primary/events/abcde")[0] == 404

    def test_slow_answers_late(self, google, fault):
        """Contract 8: slow:SECONDS."""
        fault("slow:0.3")
        begun = time.monotonic()
        assert google.api("GET", "/calendars/primary/events")[0] == 200
        assert time.monotonic() - begun >= 0.3

    def test_html_is_no_json(self, google, fault):
        """Contract 8: html."""
        fault("html")
        status, body = raw(google, "GET", EVENTS)
        assert status == 502
        assert body.startswith(b"<!DOCTYPE html>")
        fault("html:200")
        assert raw(google, "GET", EVENTS)[0] == 200

    def test_hanging_and_idle_connections_do_not_keep_the_server_from_stopping(self, google, fault):
        """No dangling threads: stop takes well under a second."""
        host = google.root.removeprefix("http://")
        idle = http.client.HTTPConnection(host, timeout=5)
        idle.request("GET", "/_rehearsal/clock")
        idle.getresponse().read()
        fault("timeout")
        hanging = socket.create_connection(tuple(host.split(":")), timeout=5)
        hanging.sendall(b"GET /calendar/v3/colors HTTP/1.1\r\nHost: x\r\n\r\n")
        while not google.server.world.requests.records():
            time.sleep(0.01)
        begun = time.monotonic()
        google.server.stop()
        assert time.monotonic() - begun < 1
        assert not [each for each in threading.enumerate() if each.name.startswith("rehearsal")]
        hanging.close()
        idle.close()

    def test_batch_is_struck_as_a_whole(self, service, google, fault):
        """Contract 8: faults strike the outer HTTP request, not batch parts."""
        fault("status:503", path_contains="/events")
        seen = []
        batch = service.new_batch_http_request(callback=lambda *args: seen.append(args))
        for _ in range(2):
            batch.add(service.events().insert(calendarId="primary", body=DAY))
        batch.execute()
        assert [error for _, _, error in seen] == [None, None]
        google.control("DELETE", "faults")
        fault("status:503", path_contains="/batch")
        batch = service.new_batch_http_request()
        batch.add(service.events().insert(calendarId="primary", body=DAY))
        with pytest.raises(Exception, match="503"):
            batch.execute()
        assert len(service.events().list(calendarId="primary").execute()["items"]) == 2

    def test_order_for_parts_strikes_parts_alone(self, service, google, fault):
        """An order for parts lets single requests pass; a part fails with a status only."""
        fault("status:503", parts=True)
        service.events().insert(calendarId="primary", body=DAY).execute()
        assert google.control("GET", "faults") == {"waiting": 1}
        status, _, _ = google.http(
            "POST", "/_rehearsal/faults", body={"fault": "timeout", "parts": True}
        )
        assert status == 400

    def test_applied_and_then_refused(self, service, refusal, fault):
        """An error of Google's backend does not say that nothing was done."""
        fault("status_after:500", method="POST")
        assert refusal(service.events().insert(calendarId="primary", body=DAY))[0] == 500
        assert len(service.events().list(calendarId="primary").execute()["items"]) == 1


class TestStale:
    """A listing that misses the latest write."""

    def test_new_event_is_missed_once_and_comes_with_the_next_token(self, events, fault):
        """Facts 7: a list just after an insert may lag; the token must not lose it."""
        token = events.list(calendarId="primary").execute()["nextSyncToken"]
        made = events.insert(calendarId="primary", body=DAY).execute()["id"]
        for parameters in ({}, {"syncToken": token}):
            fault("stale")
            page = events.list(calendarId="primary", **parameters).execute()
            assert page["items"] == []
            after = events.list(calendarId="primary", syncToken=page["nextSyncToken"]).execute()
            assert [item["id"] for item in after["items"]] == [made]

    def test_change_and_deletion_are_missed_too(self, events, fault):
        """Contract 8: stale (a list misses the latest write)."""
        made = events.insert(calendarId="primary", body={"summary": "old", **DAY}).execute()["id"]
        events.patch(calendarId="primary", eventId=made, body={"summary": "new"}).execute()
        fault("stale")
        (item,) = events.list(calendarId="primary").execute()["items"]
        assert item["summary"] == "old"
        events.delete(calendarId="primary", eventId=made).execute()
        fault("stale")
        (item,) = events.list(calendarId="primary").execute()["items"]
        assert item["summary"] == "new"

    def test_strikes_listings_only(self, events, google, fault):
        """Contract 8: a list."""
        fault("stale")
        events.insert(calendarId="primary", body=DAY).execute()
        assert google.control("GET", "faults") == {"waiting": 1}


class TestRequestLog:
    """GET and DELETE requests."""

    def test_shows_every_api_request_since_the_last_clear(self, events, google):
        """Contract 8: method, path, query, status, quota units, size."""
        events.list(calendarId="primary", maxResults=5).execute()
        made = events.insert(calendarId="primary", body=DAY).execute()
        request = events.delete(calendarId="primary", eventId=made["id"], sendUpdates="none")
        request.headers["If-Match"] = made["etag"]
        request.execute()
        listed, inserted, deleted = google.control("GET", "requests")
        assert listed["method"] == "GET"
        assert listed["path"] == EVENTS
        assert "maxResults=5" in listed["query"]
        assert (listed["status"], listed["quota_units"]) == (200, 1)
        assert listed["size"] > 100
        assert json.loads(inserted["body"]) == DAY
        assert deleted["status"] == 204
        assert deleted["if_match"] == made["etag"]
        assert deleted["params"]["sendUpdates"] == "none"
        assert {each["user"] for each in (listed, inserted, deleted)} == {"anna@example.com"}
        google.control("DELETE", "requests")
        assert google.control("GET", "requests") == []

    def test_batch_lists_its_parts_and_hides_tokens(self, service, google):
        """Contract 8: a batch lists its parts; facts 12: a batch of n counts n."""
        batch = service.new_batch_http_request()
        batch.add(service.events().insert(calendarId="primary", body={"id": "abcde", **DAY}))
        batch.add(service.events().patch(calendarId="primary", eventId="abcde", body={}))
        batch.execute()
        (record,) = google.control("GET", "requests")
        assert (record["path"], record["quota_units"]) == ("/batch/calendar/v3", 4)
        assert [part["method"] for part in record["parts"]] == ["POST", "PATCH"]
        assert google.anna.access_token not in json.dumps(record)

    def test_oauth_calls_have_a_log_of_their_own(self, google):
        """Only API requests count; secrets are nowhere."""
        google.http("POST", "/revoke?token=secret", body=b"")
        assert google.control("GET", "requests") == []
        (record,) = google.control("GET", "oauth_requests")
        assert record["path"] == "/revoke"
        assert "secret" not in json.dumps(record)

    def test_struck_requests_are_logged_with_their_fault(self, google, fault):
        """A lost answer is no answer."""
        fault("reset_before")
        with pytest.raises(ConnectionError):
            raw(google, "GET", EVENTS)
        (record,) = google.control("GET", "requests")
        assert (record["status"], record["fault"]) == (0, "reset_before")


class TestSurface:
    """The surface itself."""

    def test_account_comes_in_the_form_of_the_printed_ones(self, google):
        """Contract 8: another account, answered in the form of accounts[]."""
        made = google.control(
            "POST", "accounts", {"email": "Carl@example.com", "timezone": "Asia/Tokyo"}
        )
        assert made["email"] == "carl@example.com"
        assert made["calendars"][0] == "carl@example.com"
        service = google.service(made["access_token"])
        page = service.calendarList().list().execute()
        assert [each["id"] for each in page["items"]] == made["calendars"]
        assert page["items"][0]["timeZone"] == "Asia/Tokyo"
        assert google.control("POST", "accounts", {"email": "carl@example.com"}) == made

    @pytest.mark.parametrize(
        "body", [{}, {"email": "x"}, {"email": 5}, {"email": "a@b", "timezone": "x"}]
    )
    def test_bad_accounts_are_refused(self, google, body):
        """An account needs an address and a real zone."""
        assert google.http("POST", "/_rehearsal/accounts", body=body)[0] == 400

    def test_reset_goes_back_to_the_start_and_keeps_what_was_printed(self, google, events, fault):
        """Contract 8: back to the start."""
        before = google.server.describe()
        events.insert(calendarId="primary", body=DAY).execute()
        google.control("POST", "accounts", {"email": "carl@example.com"})
        google.control("POST", "clock", {"advance_seconds": 1000})
        google.control("POST", "switches", {"batch_limit": 3})
        fault("status:503", path_contains="nothing")
        google.control("POST", "reset")
        assert google.server.describe() == before
        assert google.control("GET", "requests") == []
        assert google.control("GET", "faults") == {"waiting": 0}
        assert events.list(calendarId="primary").execute()["items"] == []
        assert google.server.world.switches.batch_limit == 50
        assert google.server.world.clock.offset.total_seconds() == 0

    def test_reset_ends_all_sync_tokens(self, events, google, refusal):
        """Contract 8: back to the start."""
        token = events.list(calendarId="primary").execute()["nextSyncToken"]
        google.control("POST", "reset")
        request = events.list(calendarId="primary", syncToken=token)
        assert refusal(request) == (410, "fullSyncRequired")

    def test_reset_brings_etags_back_to_the_present(self, events, google):
        """Facts 1: an ETag is about twice the time, also after a clock that was far ahead."""
        google.control("POST", "clock", {"advance_seconds": 86400})
        before = events.insert(calendarId="primary", body=DAY).execute()["etag"]
        google.control("POST", "reset")
        after = events.insert(calendarId="primary", body=DAY).execute()["etag"]
        assert int(before.strip('"')) - int(after.strip('"')) > 2 * 86_000 * 1_000_000

    @pytest.mark.parametrize(
        "body", [{"advance_seconds": "x"}, {"advance_seconds": -1}, {"advance_seconds": 1e300}]
    )
    def test_clock_goes_forward_only(self, google, body):
        """Contract 8: moves its clock."""
        assert google.http("POST", "/_rehearsal/clock", body=body)[0] == 400

    @pytest.mark.parametrize("body", [{"nothing": 1}, {"batch_limit": "x"}, {"pages": "tiny"}])
    def test_unknown_switches_are_refused(self, google, body):
        """A misspelt switch must not pass for one that is set."""
        assert google.http("POST", "/_rehearsal/switches", body=body)[0] == 400

    @pytest.mark.parametrize("body", [b"{", b"[]", b"\xff"])
    def test_bad_bodies_are_refused(self, google, body):
        """400 with a text, never a traceback."""
        assert google.http("POST", "/_rehearsal/faults", body=body)[0] == 400

    def test_unknown_calls_are_404(self, google):
        """A misspelt call is told."""
        assert google.http("GET", "/_rehearsal/nothing")[0] == 404
        assert google.http("GET", "/_rehearsal/reset")[0] == 404

    def test_other_host_names_are_refused(self, google):
        """Contract 8: on loopback only; a foreign name could be made to lead here."""
        sent = {"Host": "evil.example"}
        assert google.http("POST", "/_rehearsal/reset", headers=sent, body={})[0] == 403


class TestTransport:
    """The HTTP server itself."""

    def test_keeps_a_connection_for_many_requests(self, google):
        """HTTP/1.1 keep-alive with Content-Length."""
        connection = http.client.HTTPConnection(google.root.removeprefix("http://"), timeout=5)
        headers = {"Authorization": f"Bearer {google.anna.access_token}"}
        ports = set()
        for method, path, body in (
            ("GET", EVENTS, None),
            ("POST", EVENTS, json.dumps({"id": "abcde", **DAY})),
            ("HEAD", "/", None),
            ("DELETE", f"{EVENTS}/abcde", None),
            ("GET", EVENTS, None),
        ):
            connection.request(method, path, body=body, headers=headers)
            connection.getresponse().read()
            ports.add(connection.sock.getsockname())
        assert len(ports) == 1
        connection.close()

    def test_reads_chunked_bodies(self, google):
        """RFC 9112 section 7.1."""
        connection = http.client.HTTPConnection(google.root.removeprefix("http://"), timeout=5)
        headers = {"Authorization": f"Bearer {google.anna.access_token}"}
        text = json.dumps({"id": "abcde", **DAY}).encode()
        connection.request(
            "POST", EVENTS, body=iter([text[:10], text[10:]]), headers=headers, encode_chunked=True
        )
        response = connection.getresponse()
        assert (response.status, json.loads(response.read())["id"]) == (200, "abcde")
        connection.close()

    @pytest.mark.parametrize(
        ("length", "status"), [(b"99999999999", b"413"), (b"-1", b"400"), (b"x", b"400")]
    )
    def test_impossible_lengths_are_refused(self, google, length, status):
        """RFC 9110: 413 for what is too large, 400 for nonsense."""
        host, port = google.root.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=5) as connection:
            head = b"POST " + EVENTS.encode() + b" HTTP/1.1\r\nHost: x\r\nContent-Length: "
            connection.sendall(head + length + b"\r\n\r\n")
            assert connection.recv(100).split()[1] == status

    def test_many_threads_at_once_lose_nothing(self, google):
        """One lock, many connections."""
        statuses = []

        def work(number):
            for each in range(5):
                body = {"id": f"t{number:02d}{each:02d}", **DAY}
                statuses.append(raw(google, "POST", EVENTS, body=body, timeout=20)[0])

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert statuses == [200] * 40
        assert len(google.api("GET", "/calendars/primary/events")[1]["items"]) == 40
