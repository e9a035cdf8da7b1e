"""Push channels (facts 11)."""

import re
import uuid
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from bridge.rehearsal.server import RehearsalServer
from push_receiver import PushReceiver

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
WEEK_MILLISECONDS = 7 * 86_400_000
DAY_SECONDS = 86400


@pytest.fixture(scope="module")
def rehearsal():
    """A rehearsal that takes http push addresses, which Google does not."""
    with RehearsalServer(port=0, allow_http_push=True) as server:
        yield server


@pytest.fixture
def receiver(google):
    """A server that takes messages, gone before the rehearsal is."""
    with PushReceiver() as held:
        yield held


@pytest.fixture
def wish(receiver):
    """A function that returns the body of a watch."""

    def make(**more):
        return {
            "id": str(uuid.uuid4()),
            "type": "web_hook",
            "address": receiver.address,
            "token": "chosen-by-us",
            **more,
        }

    return make


@pytest.fixture
def watch(events, wish):
    """A function that opens a channel on the primary calendar and returns it."""

    def run(calendar="primary", **more):
        return events.watch(calendarId=calendar, body=wish(**more)).execute()

    return run


@pytest.fixture
def milliseconds(google):
    """A function that returns the rehearsal's time in Unix milliseconds."""

    def read():
        now = datetime.fromisoformat(google.control("GET", "clock")["now"])
        return now.timestamp() * 1000

    return read


class TestWatch:
    """Opening a channel."""

    @pytest.mark.fact("11", "answer: kind api#channel, id, resourceId, resourceUri, token", "D")
    def test_answer_has_the_documented_form(self, google, watch):
        made = watch(id="my-channel")
        assert made["kind"] == "api#channel"
        assert made["id"] == "my-channel"
        assert made["token"] == "chosen-by-us"
        assert made["resourceId"]
        assert "/calendar/v3/calendars/" in made["resourceUri"]
        assert made["resourceUri"].split("?")[0].endswith("/events")

    @pytest.mark.fact("11", "default ttl 604800 seconds = 7 days", "D")
    def test_channel_lives_a_week_unless_told(self, watch, milliseconds):
        lasts = int(watch()["expiration"]) - milliseconds()
        assert abs(lasts - WEEK_MILLISECONDS) < 60_000

    @pytest.mark.fact("11", "params.ttl in seconds", "D")
    def test_ttl_is_in_seconds(self, watch, milliseconds):
        lasts = int(watch(params={"ttl": "3600"})["expiration"]) - milliseconds()
        assert abs(lasts - 3_600_000) < 60_000

    @pytest.mark.fact("11", "expiration in Unix milliseconds", "D")
    def test_expiration_is_taken(self, watch, milliseconds):
        wanted = int(milliseconds()) + 2 * 86_400_000
        assert abs(int(watch(expiration=str(wanted))["expiration"]) - wanted) < 2000

    @pytest.mark.parametrize("days", [30, 7])
    @pytest.mark.fact("11", "longer is cut: about 30 days for events", "K")
    def test_long_life_is_cut_by_switch(self, watch, milliseconds, switch, days):
        switch(channel_longest_days=days)
        lasts = int(watch(params={"ttl": str(365 * DAY_SECONDS)})["expiration"]) - milliseconds()
        assert abs(lasts - days * 86_400_000) < 60_000

    @pytest.mark.parametrize("kind", ["web_hook", "webhook"])
    @pytest.mark.fact("11", "type web_hook; webhook works too", "D")
    def test_both_spellings_of_the_type(self, watch, kind):
        assert watch(type=kind)["kind"] == "api#channel"

    @pytest.mark.parametrize("missing", ["id", "type", "address"])
    @pytest.mark.fact("11", "watch needs id, type and address", "D")
    def test_each_member_is_required(self, events, wish, refusal, missing):
        body = wish()
        body.pop(missing)
        assert refusal(events.watch(calendarId="primary", body=body))[0] == 400

    @pytest.mark.parametrize("good", ["a", "A-z_0+9/=", "x" * 64])
    @pytest.mark.fact("11", "id: up to 64 characters of [A-Za-z0-9\\-_\\+/=]", "K")
    def test_ids_within_the_rules(self, watch, good):
        assert watch(id=good)["id"] == good

    @pytest.mark.parametrize("bad", ["x" * 65, "with space", "ümlaut", "a.b"])
    @pytest.mark.fact("11", "id: other characters and lengths are refused", "K")
    def test_ids_outside_the_rules(self, events, wish, refusal, bad):
        assert refusal(events.watch(calendarId="primary", body=wish(id=bad)))[0] == 400

    @pytest.mark.parametrize(("length", "is_taken"), [(256, True), (257, False)])
    @pytest.mark.fact("11", "token up to 256 characters", "D")
    def test_length_of_the_token(self, events, wish, refusal, length, is_taken):
        request = events.watch(calendarId="primary", body=wish(token="t" * length))
        if is_taken:
            assert request.execute()["token"] == "t" * length
        else:
            assert refusal(request)[0] == 400

    @pytest.mark.fact("11", "same id again: 400 channelIdNotUnique", "K")
    def test_id_is_taken_once(self, events, wish, watch, refusal):
        watch(id="once")
        request = events.watch(calendarId="primary", body=wish(id="once"))
        assert refusal(request) == (400, "channelIdNotUnique")

    @pytest.mark.fact("11", "the query of a watch takes eventTypes and the list filters", "D")
    def test_watch_takes_the_filters_of_a_listing(self, events, wish):
        made = events.watch(
            calendarId="primary", body=wish(), eventTypes="default", singleEvents=True
        ).execute()
        assert "eventTypes=default" in made["resourceUri"]

    @pytest.mark.fact("11", "a watch needs access to the calendar", "D")
    def test_calendar_of_others_cannot_be_watched(self, events, wish, refusal):
        request = events.watch(calendarId="ben@example.com", body=wish())
        assert refusal(request)[0] in (403, 404)

    @pytest.mark.parametrize("resource", ["calendarList", "settings", "acl"])
    @pytest.mark.fact("11", "calendarList, settings, acl can be watched", "D")
    def test_other_resources_can_be_watched(self, service, wish, receiver, resource):
        where = {"calendarId": "primary"} if resource == "acl" else {}
        made = getattr(service, resource)().watch(body=wish(), **where).execute()
        assert made["kind"] == "api#channel"
        assert receiver.next_state(channel=made["id"]) == "sync"


class TestAddress:
    """What Google takes as an address."""

    @pytest.fixture
    def strict(self):
        """A rehearsal as strict as Google."""
        with RehearsalServer(port=0) as server:
            yield server

    @pytest.mark.parametrize("reasons", ["plain", "prefixed"])
    @pytest.mark.fact("11", "http addresses: 400 webhookUrlNotHttps", "K")
    def test_http_is_refused(self, google, strict, wish, refusal, reasons):
        held = type(google)(strict)
        held.control("POST", "switches", {"push_reasons": reasons})
        request = held.service().events().watch(calendarId="primary", body=wish())
        prefix = "push." if reasons == "prefixed" else ""
        assert refusal(request) == (400, f"{prefix}webhookUrlNotHttps")
        held.close()

    @pytest.mark.parametrize("address", ["ftp://example.org/x", "example.org", "https://"])
    @pytest.mark.fact("11", "an address is a URL", "D")
    def test_nonsense_is_refused(self, events, wish, refusal, address):
        request = events.watch(calendarId="primary", body=wish(address=address))
        assert refusal(request)[0] == 400


class TestMessages:
    """What is delivered."""

    @pytest.mark.fact("11", "first message: state sync, number 1", "D")
    def test_first_message_is_sync(self, watch, receiver):
        made = watch()
        headers, _ = receiver.next()
        assert headers["x-goog-channel-id"] == made["id"]
        assert headers["x-goog-resource-state"] == "sync"
        assert headers["x-goog-message-number"] == "1"

    @pytest.mark.parametrize("change", ["insert", "patch", "delete"])
    @pytest.mark.fact("11", "exists for any change, also deletions", "D")
    def test_any_change_is_told(self, events, watch, receiver, change):
        made = events.insert(calendarId="primary", body=DAY).execute()["id"]
        watch()
        assert receiver.next_state() == "sync"
        if change == "insert":
            events.insert(calendarId="primary", body=DAY).execute()
        elif change == "patch":
            events.patch(calendarId="primary", eventId=made, body={"summary": "x"}).execute()
        else:
            events.delete(calendarId="primary", eventId=made).execute()
        assert receiver.next_state() == "exists"

    @pytest.mark.fact("11", "no body; the headers of the guide", "D")
    def test_message_has_headers_alone(self, events, watch, receiver):
        made = watch()
        for _ in range(2):
            headers, body = receiver.next()
            assert body == b""
            assert headers["x-goog-channel-id"] == made["id"]
            assert headers["x-goog-channel-token"] == "chosen-by-us"
            assert headers["x-goog-resource-id"] == made["resourceId"]
            assert headers["x-goog-resource-uri"] == made["resourceUri"]
            if headers["x-goog-resource-state"] == "sync":
                events.insert(calendarId="primary", body=DAY).execute()

    @pytest.mark.fact("11", "X-Goog-Channel-Expiration is a text date", "D")
    def test_expiration_is_a_date(self, watch, receiver):
        made = watch()
        text = receiver.next()[0]["x-goog-channel-expiration"]
        assert re.fullmatch(r"\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT", text)
        told = parsedate_to_datetime(text).astimezone(UTC).timestamp()
        assert abs(told - int(made["expiration"]) / 1000) < 2

    @pytest.mark.fact("11", "token is optional and echoed", "D")
    def test_message_without_a_token(self, events, wish, receiver):
        body = wish()
        body.pop("token")
        events.watch(calendarId="primary", body=body).execute()
        assert "x-goog-channel-token" not in receiver.next()[0]

    @pytest.mark.fact("11", "message numbers grow, not by one", "D")
    def test_numbers_grow(self, events, watch, receiver):
        watch()
        numbers = [int(receiver.next()[0]["x-goog-message-number"])]
        for _ in range(3):
            events.insert(calendarId="primary", body=DAY).execute()
            numbers.append(int(receiver.next()[0]["x-goog-message-number"]))
        assert numbers == sorted(set(numbers))

    @pytest.mark.fact("11", "events channels are per calendar", "D")
    def test_other_calendars_are_not_told(self, events, google, watch, receiver):
        second = google.anna.calendars[1]
        watch(id="first")
        watch(calendar=second, id="second")
        assert {receiver.next()[0]["x-goog-channel-id"] for _ in range(2)} == {"first", "second"}
        events.insert(calendarId=second, body=DAY).execute()
        headers, _ = receiver.next()
        assert headers["x-goog-channel-id"] == "second"

    @pytest.mark.fact("11", "both channels deliver during the overlap", "D")
    def test_overlapping_channels_both_deliver(self, events, watch, receiver):
        watch(id="old")
        watch(id="new")
        for _ in range(2):
            receiver.next()
        events.insert(calendarId="primary", body=DAY).execute()
        assert {receiver.next()[0]["x-goog-channel-id"] for _ in range(2)} == {"old", "new"}

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    @pytest.mark.fact("11", "500, 502, 503, 504 are retried with back-off", "D")
    def test_failing_receiver_is_tried_again(self, events, watch, receiver, status):
        watch()
        assert receiver.next_state() == "sync"
        receiver.answers.put(status)
        events.insert(calendarId="primary", body=DAY).execute()
        assert receiver.next_state() == "exists"
        assert receiver.next_state() == "exists"

    @pytest.mark.parametrize("status", [201, 202, 204])
    @pytest.mark.fact("11", "answer 200, 201, 202, 204", "D")
    def test_contented_receiver_is_told_once(self, events, watch, receiver, status):
        watch()
        assert receiver.next_state() == "sync"
        receiver.answers.put(status)
        numbers = []
        for _ in range(2):
            events.insert(calendarId="primary", body=DAY).execute()
            numbers.append(receiver.next()[0]["x-goog-message-number"])
        assert len(set(numbers)) == 2

    @pytest.mark.fact("11", "anything else counts as failed and is not retried", "D")
    def test_refusing_receiver_is_not_tried_again(self, events, watch, receiver):
        watch()
        assert receiver.next_state() == "sync"
        receiver.answers.put(404)
        events.insert(calendarId="primary", body=DAY).execute()
        first = receiver.next()[0]["x-goog-message-number"]
        events.insert(calendarId="primary", body=DAY).execute()
        assert receiver.next()[0]["x-goog-message-number"] != first

    @pytest.mark.fact("11", "delivery is not guaranteed: a message may be lost", "D")
    def test_lost_message(self, events, watch, receiver, fault):
        watch()
        assert receiver.next_state() == "sync"
        fault("push_loss")
        lost = events.insert(calendarId="primary", body=DAY).execute()["id"]
        events.delete(calendarId="primary", eventId=lost).execute()
        numbers = [int(receiver.next()[0]["x-goog-message-number"])]
        assert numbers[0] > 2
        assert receiver.count() == 0

    @pytest.mark.fact("11", "one change may give several messages", "I")
    def test_doubled_message(self, events, watch, receiver, fault):
        watch()
        assert receiver.next_state() == "sync"
        fault("push_duplicate")
        events.insert(calendarId="primary", body=DAY).execute()
        assert [receiver.next_state() for _ in range(2)] == ["exists", "exists"]

    @pytest.mark.fact("11", "not_exists when the resource itself goes", "D")
    def test_deleted_calendar_is_told(self, service, google, watch, receiver):
        second = google.anna.calendars[1]
        watch(calendar=second)
        assert receiver.next_state() == "sync"
        service.calendars().delete(calendarId=second).execute()
        assert receiver.next_state() == "not_exists"


class TestEnds:
    """Expiry and stop."""

    @pytest.mark.fact("11", "no renewal: an expired channel is silent", "D")
    def test_expired_channel_delivers_nothing(self, events, watch, receiver, advance):
        watch(id="short", params={"ttl": "3600"})
        watch(id="long", params={"ttl": str(5 * DAY_SECONDS)})
        for _ in range(2):
            receiver.next()
        advance(7200)
        events.insert(calendarId="primary", body=DAY).execute()
        headers, _ = receiver.next()
        assert headers["x-goog-channel-id"] == "long"

    @pytest.mark.fact("11", "stop: id and resourceId", "D")
    def test_stopped_channel_delivers_nothing(self, service, events, watch, receiver):
        stopped, kept = watch(id="stopped"), watch(id="kept")
        for _ in range(2):
            receiver.next()
        body = {"id": stopped["id"], "resourceId": stopped["resourceId"]}
        assert service.channels().stop(body=body).execute() == ""
        events.insert(calendarId="primary", body=DAY).execute()
        headers, _ = receiver.next()
        assert headers["x-goog-channel-id"] == kept["id"]

    @pytest.mark.fact("11", "notifications may still arrive for a while after a stop", "O")
    def test_stop_may_lag_by_switch(self, service, events, watch, receiver, switch, advance):
        switch(channel_stop="lagging")
        made = watch(id="stopped")
        watch(id="kept")
        for _ in range(2):
            receiver.next()
        body = {"id": made["id"], "resourceId": made["resourceId"]}
        service.channels().stop(body=body).execute()
        events.insert(calendarId="primary", body=DAY).execute()
        assert {receiver.next()[0]["x-goog-channel-id"] for _ in range(2)} == {"stopped", "kept"}
        advance(600)
        # Two changes: the first one's messages are out when the second one's come.
        for _ in range(2):
            events.insert(calendarId="primary", body=DAY).execute()
            assert receiver.next()[0]["x-goog-channel-id"] == "kept"

    @pytest.mark.fact("11", "repeated stops were accepted", "O")
    def test_stop_again_is_accepted(self, service, watch):
        made = watch()
        body = {"id": made["id"], "resourceId": made["resourceId"]}
        for _ in range(2):
            assert service.channels().stop(body=body).execute() == ""

    @pytest.mark.parametrize("wrong", ["id", "resourceId"])
    @pytest.mark.fact("11", "stop of an unknown channel: 404", "D")
    def test_unknown_channel_is_not_found(self, service, watch, refusal, wrong):
        made = watch()
        body = {"id": made["id"], "resourceId": made["resourceId"], wrong: "unknown"}
        assert refusal(service.channels().stop(body=body)) == (404, "notFound")

    @pytest.mark.fact("11", "stop: only the creating user", "D")
    def test_somebody_else_cannot_stop_it(self, ben, watch, refusal):
        made = watch()
        body = {"id": made["id"], "resourceId": made["resourceId"]}
        assert refusal(ben.channels().stop(body=body))[0] in (403, 404)

    @pytest.mark.parametrize(("ids", "is_taken"), [("once", False), ("reusable", True)])
    @pytest.mark.fact("11", "a new channel needs a new id", "K")
    def test_id_of_a_stopped_channel_by_switch(self, service, wish, watch, switch, ids, is_taken):
        switch(channel_ids=ids)
        made = watch(id="again")
        body = {"id": made["id"], "resourceId": made["resourceId"]}
        service.channels().stop(body=body).execute()
        request = service.events().watch(calendarId="primary", body=wish(id="again"))
        response, _ = request.http.request(
            request.uri, method="POST", body=request.body, headers=request.headers
        )
        assert (response.status == 200) is is_taken
