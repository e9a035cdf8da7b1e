"""Push channels: opening, messages, mishaps, ending (google-calendar-facts section 11)."""

import itertools
import json
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bridge.rehearsal.server import RehearsalServer

WAIT = 10.0


@dataclass
class Receiver:
    """An address that takes messages, and answers as it is told."""

    address: str = ""
    messages: list = field(default_factory=list)
    answers: list = field(default_factory=list)
    news: threading.Condition = field(default_factory=threading.Condition)
    gate: threading.Event = field(default_factory=threading.Event)

    def wait(self, count, channel=None):
        """Return the first messages, of one channel or of all, as soon as there are so many."""
        with self.news:
            assert self.news.wait_for(lambda: len(self.of(channel)) >= count, WAIT), self.messages
            return self.of(channel)[:count]

    def of(self, channel):
        """Return the messages of a channel so far."""
        return [each for each in self.messages if channel in (None, each.get("X-Goog-Channel-ID"))]

    def states(self, count, channel=None):
        """Return the resource states of the first messages."""
        return [each["X-Goog-Resource-State"] for each in self.wait(count, channel)]

    def take(self, headers):
        """Note a message and return the status to answer."""
        with self.news:
            self.messages.append(dict(headers))
            self.news.notify_all()
            return self.answers.pop(0) if self.answers else 200


@pytest.fixture
def receiver():
    """A running receiver on a loopback port."""
    held = Receiver()
    held.gate.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            status = held.take(self.headers)
            held.gate.wait(WAIT)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_args):
            """Write nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    held.address = f"http://127.0.0.1:{server.server_port}/google/push?a=1"
    yield held
    held.gate.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def allowing(google):
    """The rehearsal with http push addresses allowed."""
    google.server.world.allow_http_push = True
    return google


@pytest.fixture
def watch(allowing, service, receiver):
    """A function that watches the primary calendar's events."""

    def make(channel="one", *, query=None, **more):
        body = {"id": channel, "type": "web_hook", "address": receiver.address, **more}
        return service.events().watch(calendarId="primary", body=body, **(query or {})).execute()

    return make


@pytest.fixture
def shown(google):
    """A function that returns a channel as the control surface shows it, once it fits."""

    def look(channel="one", until=lambda _: True):
        deadline = time.monotonic() + WAIT
        while True:
            found = next(
                each for each in google.control("GET", "channels") if each["id"] == channel
            )
            if until(found):
                return found
            assert time.monotonic() < deadline, found
            threading.Event().wait(0.01)

    return look


def outcomes(channel):
    """Return what became of the messages of a shown channel."""
    return [each["outcome"] for each in channel["messages"]]


def settled(channel):
    """Return whether no message of a shown channel is on its way."""
    return "waiting" not in outcomes(channel)


class TestOpening:
    """The watch methods' own answers."""

    def test_answer_names_resource_and_end(self, watch, google):
        """Facts 11: the answer of a watch; 7 days by default."""
        answer = watch(token="secret 1")
        assert answer["kind"] == "api#channel"
        assert (answer["id"], answer["token"]) == ("one", "secret 1")
        assert answer["resourceUri"] == (
            "https://www.googleapis.com/calendar/v3/calendars/anna%40example.com/events?alt=json"
        )
        days = (int(answer["expiration"]) / 1000 - google.server.world.clock.now().timestamp()) / (
            86400
        )
        assert days == pytest.approx(7, abs=0.01)
        assert "token" not in watch("two")
        assert watch("three")["resourceId"] == answer["resourceId"]

    @pytest.mark.parametrize(
        ("more", "days"),
        [
            ({"params": {"ttl": "3600"}}, 1 / 24),
            ({"params": {"ttl": str(86400 * 365)}}, 30),
            ({"expiration": "in two days"}, 2),
            ({"expiration": "in ninety days"}, 30),
        ],
    )
    def test_life_is_wished_and_cut(self, watch, google, more, days):
        """Facts 11: expiration in ms or ttl in seconds; longer is cut."""
        now = google.server.world.clock.milliseconds()
        ahead = {"in two days": 2, "in ninety days": 90}
        if "expiration" in more:
            more = {"expiration": str(now + ahead[more["expiration"]] * 86_400_000)}
        left = (int(watch(**more)["expiration"]) - now) / 86_400_000
        assert left == pytest.approx(days, abs=0.01)

    def test_longest_life_is_a_switch(self, watch, google):
        """Facts 11: the cap is common knowledge only."""
        google.control("POST", "switches", {"channel_longest_days": 7})
        now = google.server.world.clock.milliseconds()
        answer = watch(params={"ttl": str(86400 * 30)})
        assert (int(answer["expiration"]) - now) / 86_400_000 == pytest.approx(7, abs=0.01)

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"id": None}, "required"),
            ({"type": None}, "required"),
            ({"address": None}, "required"),
            ({"id": "x" * 65}, "invalid"),
            ({"id": "with space"}, "invalid"),
            ({"id": 1}, "invalid"),
            ({"type": "mail"}, "invalid"),
            ({"token": "x" * 257}, "invalid"),
            ({"token": "a\nb"}, "invalid"),
            ({"expiration": "1000"}, "invalid"),
            ({"expiration": "soon"}, "invalid"),
            ({"params": {"ttl": "0"}}, "invalid"),
            ({"params": {"ttl": "-1"}}, "invalid"),
            ({"address": "nowhere"}, "webhookUrlInvalid"),
            ({"address": "ftp://127.0.0.1/x"}, "webhookUrlInvalid"),
            ({"address": "https://127.0.0.1:99999/x"}, "webhookUrlInvalid"),
        ],
    )
    def test_wrong_channels_are_refused(self, service, refusal, change, reason):
        """Facts 11: id rules, token up to 256 characters."""
        body = {"id": "one", "type": "web_hook", "address": "https://127.0.0.1:1/x", **change}
        request = service.events().watch(calendarId="primary", body=body)
        assert refusal(request) == (400, reason)

    def test_longest_id_token_and_both_types_are_taken(self, watch, receiver):
        """Facts 11: up to 64 characters; webhook works too."""
        name = "aZ0-_+/=" * 8
        assert watch(name, token="t" * 256, type="webhook")["id"] == name
        (first,) = receiver.wait(1)
        assert first["X-Goog-Channel-Token"] == "t" * 256

    @pytest.mark.parametrize(
        ("switch", "reason"),
        [("plain", "webhookUrlNotHttps"), ("prefixed", "push.webhookUrlNotHttps")],
    )
    def test_http_address_is_refused_unless_allowed(self, service, google, refusal, switch, reason):
        """Facts 11: http addresses 400 webhookUrlNotHttps; contract 8: --allow-http-push."""
        google.control("POST", "switches", {"push_reasons": switch})
        body = {"id": "one", "type": "web_hook", "address": "http://127.0.0.1:1/x"}
        request = service.events().watch(calendarId="primary", body=body)
        assert refusal(request) == (400, reason)
        assert google.control("GET", "channels") == []

    def test_same_id_again_is_refused_even_after_a_stop(self, watch, service, google):
        """Facts 11: channelIdNotUnique."""
        made = watch()
        for _ in range(2):
            status, body = self.again(google)
            assert (status, body["error"]["errors"][0]["reason"]) == (400, "channelIdNotUnique")
            service.channels().stop(body=made).execute()

    def test_id_of_a_channel_that_is_over_may_be_free_by_switch(self, watch, service, google):
        """Facts 11 leave open for how long an id is taken."""
        google.control("POST", "switches", {"channel_ids": "reusable"})
        made = watch()
        assert self.again(google)[0] == 400
        service.channels().stop(body=made).execute()
        assert self.again(google)[0] == 200

    def test_watching_needs_access(self, google, allowing, receiver, refusal):
        """Facts 12: 404 for no access, 403 for rules of which one is no writer."""
        ben = google.service(google.ben.access_token)
        calendar = google.anna.calendars[1]
        body = {"id": "one", "type": "web_hook", "address": receiver.address}
        request = ben.events().watch(calendarId=calendar, body=body)
        assert refusal(request) == (404, "notFound")
        access = {"calendar_id": calendar, "email": "ben@example.com", "role": "reader"}
        google.control("POST", "access", access)
        request.execute()
        request = ben.acl().watch(calendarId=calendar, body={**body, "id": "two"})
        assert refusal(request) == (403, "requiredAccessLevel")

    def again(self, google):
        """Watch under the id `one` once more."""
        body = {"id": "one", "type": "web_hook", "address": "https://127.0.0.1:1/x"}
        return google.api("POST", "/calendars/primary/events/watch", body=body)


class TestMessages:
    """What the address is told."""

    def test_first_message_is_sync_with_googles_headers(self, watch, receiver):
        """Facts 11: state sync, number 1, no body."""
        answer = watch(token="Äpfel")
        (first,) = receiver.wait(1)
        assert first["Content-Length"] == "0"
        assert first["X-Goog-Channel-ID"] == "one"
        assert first["X-Goog-Channel-Token"].encode("latin-1").decode() == "Äpfel"
        ends = parsedate_to_datetime(first["X-Goog-Channel-Expiration"])
        assert int(ends.timestamp()) == int(answer["expiration"]) // 1000
        assert first["X-Goog-Channel-Expiration"].endswith(" GMT")
        assert first["X-Goog-Resource-ID"] == answer["resourceId"]
        assert first["X-Goog-Resource-URI"] == answer["resourceUri"]
        assert first["X-Goog-Resource-State"] == "sync"
        assert first["X-Goog-Message-Number"] == "1"

    def test_every_kind_of_change_is_told_with_growing_numbers(
        self, watch, events, receiver, timed
    ):
        """Facts 11: exists for any change, also deletions; numbers grow, not by one."""
        watch()
        made = events.insert(calendarId="primary", body=timed()).execute()["id"]
        event = {"calendarId": "primary", "eventId": made}
        events.patch(**event, body={"summary": "x"}).execute()
        events.delete(**event).execute()
        assert receiver.states(4) == ["sync", "exists", "exists", "exists"]
        numbers = [int(each["X-Goog-Message-Number"]) for each in receiver.wait(4)]
        assert all(then - now > 1 for now, then in itertools.pairwise(numbers))

    def test_reading_and_refused_writes_are_not_told(self, watch, events, receiver, refusal, shown):
        """Only changes are told."""
        watch()
        receiver.wait(1)
        events.list(calendarId="primary").execute()
        assert refusal(events.insert(calendarId="primary", body={})) == (400, "required")
        events.insert(calendarId="primary", body=day()).execute()
        receiver.wait(2)
        assert len(shown(until=settled)["messages"]) == 2

    def test_other_calendars_are_not_told(self, watch, events, google, receiver, shown):
        """Facts 11: events channels are per calendar."""
        watch()
        events.insert(calendarId=google.anna.calendars[1], body=day()).execute()
        events.insert(calendarId="primary", body=day()).execute()
        assert receiver.states(2) == ["sync", "exists"]
        assert len(shown(until=settled)["messages"]) == 2

    def test_edits_of_the_google_user_are_told(self, watch, google, receiver):
        """Facts 17: act as the user in Google's interface."""
        watch()
        form = b"account=anna@example.com&calendar=anna@example.com&summary=x&start_date=2026-03-10"
        status, _, _ = google.http(
            "POST",
            "/events/add",
            body=form,
            headers={"Content-Type": "application/x-www-form-urlencoded"},
        )
        assert status == 303
        assert receiver.states(2) == ["sync", "exists"]

    def test_watch_with_event_types_is_told_of_those_only(self, watch, events, receiver, shown):
        """Facts 11: the query of a watch takes eventTypes and the list filters."""
        watch("types", query={"eventTypes": "focusTime"})
        watch("words", query={"q": "ada"})
        events.insert(calendarId="primary", body=day("Call Bob")).execute()
        events.insert(calendarId="primary", body=day("Call Ada")).execute()
        assert receiver.states(2, "words") == ["sync", "exists"]
        assert "q=ada" in receiver.of("words")[0]["X-Goog-Resource-URI"]
        assert len(shown("words", until=settled)["messages"]) == 2
        assert len(shown("types", until=settled)["messages"]) == 1

    def test_lists_settings_and_rules_are_watched_too(self, allowing, service, google, receiver):
        """Facts 11: calendarList and settings per user, acl per calendar."""
        calendar = google.anna.calendars[1]

        def body(name):
            return {"id": name, "type": "web_hook", "address": receiver.address}

        service.calendarList().watch(body=body("list")).execute()
        service.settings().watch(body=body("settings")).execute()
        service.acl().watch(calendarId=calendar, body=body("acl")).execute()
        service.calendarList().patch(calendarId=calendar, body={"hidden": True}).execute()
        setting = {"email": "anna@example.com", "id": "weekStart", "value": "1"}
        google.control("POST", "settings", setting)
        rule = {"role": "reader", "scope": {"type": "default"}}
        service.acl().insert(calendarId=calendar, body=rule).execute()
        for name in ("list", "settings", "acl"):
            assert receiver.states(2, name) == ["sync", "exists"]
        assert len(receiver.messages) == 6

    @pytest.mark.parametrize("way", ["removed", "access"])
    def test_end_of_the_resource_is_told_once(self, allowing, service, google, receiver, way):
        """Facts 11: not_exists when the resource itself goes."""
        calendar = google.anna.calendars[1]
        body = {"id": "one", "type": "web_hook", "address": receiver.address}
        service.events().watch(calendarId=calendar, body=body).execute()
        if way == "removed":
            service.calendars().delete(calendarId=calendar).execute()
        else:
            access = {"calendar_id": calendar, "email": "anna@example.com", "role": "none"}
            google.control("POST", "access", access)
        service.events().insert(calendarId="primary", body=day()).execute()
        assert receiver.states(2) == ["sync", "not_exists"]
        (channel,) = google.control("GET", "channels")
        assert (channel["state"], len(channel["messages"])) == ("gone", 2)

    def test_two_channels_of_one_resource_both_deliver(self, watch, events, receiver):
        """Facts 11: both deliver during the overlap of a renewal."""
        watch("old")
        watch("new")
        events.insert(calendarId="primary", body=day()).execute()
        assert receiver.states(2, "old") == receiver.states(2, "new") == ["sync", "exists"]

    def test_batch_of_changes_is_told(self, watch, service, receiver):
        """Facts 11: bursts may be coalesced."""
        watch()
        batch = service.new_batch_http_request()
        for _ in range(3):
            batch.add(service.events().insert(calendarId="primary", body=day()))
        batch.execute()
        assert receiver.states(2) == ["sync", "exists"]


class TestEnding:
    """Expiry and channels.stop."""

    def test_stopped_channel_is_silent_and_may_be_stopped_again(
        self, watch, service, receiver, shown
    ):
        """Facts 11: stop with id and resourceId; repeated stops were accepted."""
        made = watch()
        receiver.wait(1)
        for _ in range(2):
            assert service.channels().stop(body=made).execute() == ""
        service.events().insert(calendarId="primary", body=day()).execute()
        assert shown()["state"] == "stopped"
        assert len(shown(until=settled)["messages"]) == 1

    def test_stopped_channel_may_lag_by_switch(self, watch, service, google, receiver, shown):
        """Facts 11: notifications may still arrive for a while."""
        google.control("POST", "switches", {"channel_stop": "lagging"})
        service.channels().stop(body=watch()).execute()
        service.events().insert(calendarId="primary", body=day()).execute()
        assert receiver.states(2) == ["sync", "exists"]
        google.control("POST", "clock", {"advance_seconds": 61})
        service.events().insert(calendarId="primary", body=day()).execute()
        assert len(shown(until=settled)["messages"]) == 2

    def test_only_its_creator_with_the_same_client_stops_a_channel(
        self, watch, google, granted, service, refusal
    ):
        """Facts 11: only the creating user with the same client; unknown 404."""
        made = watch()
        ben = google.service(google.ben.access_token)
        for other in (ben, granted("calendar")):
            assert refusal(other.channels().stop(body=made)) == (404, "notFound")
        for wrong in ({**made, "id": "two"}, {**made, "resourceId": "x"}):
            assert refusal(service.channels().stop(body=wrong)) == (404, "notFound")
        assert refusal(service.channels().stop(body={"id": "one"})) == (400, "required")
        service.channels().stop(body=made).execute()

    def test_channel_ends_by_the_rehearsals_clock(self, watch, service, google, shown, refusal):
        """Facts 11: no renewal; expiry by the movable clock."""
        made = watch(params={"ttl": "60"})
        assert outcomes(shown(until=settled)) == ["delivered"]
        google.control("POST", "clock", {"advance_seconds": 61})
        service.events().insert(calendarId="primary", body=day()).execute()
        assert shown()["state"] == "expired"
        assert len(shown(until=settled)["messages"]) == 1
        assert refusal(service.channels().stop(body=made)) == (404, "notFound")

    def test_reset_forgets_all_channels(self, watch, google):
        """Contract 8: back to the start."""
        watch()
        google.control("POST", "reset")
        assert google.control("GET", "channels") == []


class TestDelivery:
    """Answers of the receiver, mishaps, and where messages never go."""

    @pytest.mark.parametrize("status", [200, 201, 202, 204, 102])
    def test_good_answers(self, watch, receiver, shown, status):
        """Facts 11: answer 200, 201, 202, 204 or 102."""
        receiver.answers = [status]
        watch()
        (message,) = shown(until=settled)["messages"]
        assert (message["outcome"], message["statuses"]) == ("delivered", [status])

    @pytest.mark.parametrize("status", [500, 502, 503, 504])
    def test_server_errors_are_tried_again(self, watch, receiver, shown, status):
        """Facts 11: retried with back-off; the number stays."""
        receiver.answers = [status, status]
        watch()
        (message,) = shown(until=settled)["messages"]
        assert (message["outcome"], message["statuses"]) == ("delivered", [status, status, 200])
        assert {each["X-Goog-Message-Number"] for each in receiver.messages} == {"1"}

    @pytest.mark.parametrize("status", [302, 400, 404, 410, 501])
    def test_other_answers_are_final(self, watch, receiver, shown, status):
        """Facts 11: anything else counts as failed."""
        receiver.answers = [status]
        watch()
        (message,) = shown(until=settled)["messages"]
        assert (message["outcome"], message["statuses"]) == ("failed", [status])

    def test_closed_port_is_a_failure(self, watch, shown):
        """Nobody listens there."""
        watch(address="http://127.0.0.1:1/x")
        assert outcomes(shown(until=settled)) == ["failed"]

    def test_untrusted_certificate_is_never_delivered_to(self, watch, receiver, shown):
        """Facts 11: https with a valid certificate, or nothing arrives."""
        watch(address=receiver.address.replace("http:", "https:"))
        assert outcomes(shown(until=settled)) == ["failed"]
        assert receiver.messages == []

    @pytest.mark.parametrize(
        "address", ["https://crm.example.com/google/push", "https://192.0.2.1/x", "https://8.8.8.8"]
    )
    def test_addresses_off_loopback_are_never_dialled(self, service, shown, address):
        """A rehearsal never knocks at a stranger's door, and says so."""
        body = {"id": "one", "type": "web_hook", "address": address}
        service.events().watch(calendarId="primary", body=body).execute()
        channel = shown(until=settled)
        assert outcomes(channel) == ["not dialled"]
        assert "loopback" in channel["note"]

    def test_slow_receiver_holds_up_neither_answers_nor_other_channels(
        self, watch, service, receiver, shown
    ):
        """Delivery must never block API answers."""
        receiver.gate.clear()
        watch("slow")
        receiver.wait(1)
        begun = time.monotonic()
        watch("dead", address="http://127.0.0.1:1/x")
        service.events().insert(calendarId="primary", body=day()).execute()
        assert outcomes(shown("dead", until=settled)) == ["failed", "failed"]
        assert time.monotonic() - begun < 3
        assert outcomes(shown("slow"))[1] == "waiting"
        receiver.gate.set()
        assert receiver.states(2, "slow") == ["sync", "exists"]

    def test_loss(self, watch, events, google, receiver, shown):
        """Facts 11: a small share is lost."""
        watch()
        receiver.wait(1)
        assert google.control("POST", "faults", {"fault": "push_loss"}) == {"waiting": 1}
        for _ in range(2):
            events.insert(calendarId="primary", body=day()).execute()
        receiver.wait(2)
        assert outcomes(shown(until=settled)) == ["delivered", "lost", "delivered"]
        assert google.control("GET", "faults") == {"waiting": 0}

    def test_duplicate(self, watch, events, google, receiver):
        """Facts 17: duplicates."""
        watch()
        receiver.wait(1)
        google.control("POST", "faults", {"fault": "push_duplicate"})
        events.insert(calendarId="primary", body=day()).execute()
        _, first, second = receiver.wait(3)
        assert first == second

    def test_delay(self, watch, events, google, receiver):
        """Facts 17: delay; the answer does not wait for it."""
        watch()
        receiver.wait(1)
        google.control("POST", "faults", {"fault": "push_delay:0.5", "path_contains": "a=1"})
        begun = time.monotonic()
        events.insert(calendarId="primary", body=day()).execute()
        assert len(receiver.messages) == 1
        receiver.wait(2)
        assert time.monotonic() - begun >= 0.5

    def test_reordering(self, watch, events, google, receiver):
        """Messages may overtake each other."""
        watch()
        receiver.wait(1)
        google.control("POST", "faults", {"fault": "push_reorder", "after": 1})
        for _ in range(3):
            events.insert(calendarId="primary", body=day()).execute()
        numbers = [int(each["X-Goog-Message-Number"]) for each in receiver.wait(4)]
        assert sorted(numbers) == [numbers[0], numbers[1], numbers[3], numbers[2]]

    def test_faults_can_be_taken_back(self, watch, events, google, receiver):
        """DELETE faults clears the mishaps of messages too."""
        watch()
        google.control("POST", "faults", {"fault": "push_loss", "times": 5})
        google.control("DELETE", "faults")
        events.insert(calendarId="primary", body=day()).execute()
        assert receiver.states(2) == ["sync", "exists"]

    @pytest.mark.parametrize("name", ["push_rain", "push_delay:x", "push_delay:-1"])
    def test_wrong_faults_are_refused(self, google, name):
        """The control surface says what it does not know."""
        assert google.http("POST", "/_rehearsal/faults", body={"fault": name})[0] == 400


class TestLife:
    """The server's end and its restart."""

    def test_stop_ends_deliveries_that_hang(self, receiver):
        """Delivery must end with the server."""
        receiver.gate.clear()
        server = RehearsalServer(port=0, allow_http_push=True).start()
        described = server.describe().to_json()
        open_channel(described, receiver)
        receiver.wait(1)
        begun = time.monotonic()
        server.stop()
        assert time.monotonic() - begun < 2
        assert not [each for each in threading.enumerate() if each.name == "rehearsal-push"]

    def test_stop_ends_back_off(self, receiver):
        """A pause between two tries ends, too."""
        receiver.answers = [503] * 20
        server = RehearsalServer(port=0, allow_http_push=True).start()
        open_channel(server.describe().to_json(), receiver)
        receiver.wait(3)
        server.stop()
        assert not [each for each in threading.enumerate() if each.name == "rehearsal-push"]

    def test_channels_survive_kill_9(self, receiver, tmp_path):
        """Channels are kept in the state; numbers go on growing."""
        process, described = begin(tmp_path)
        try:
            answer = open_channel(described, receiver)
            call(described, "/calendars/primary/events", day())
            receiver.wait(2)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(10)
            process.stdout.close()
        process, described = begin(tmp_path)
        try:
            call(described, "/calendars/primary/events", day())
            messages = receiver.wait(3)
            numbers = [int(each["X-Goog-Message-Number"]) for each in messages]
            assert numbers == sorted(set(numbers))
            call(described, "/channels/stop", answer)
        finally:
            process.kill()
            process.wait(10)
            process.stdout.close()


PROGRAM = """
import json, sys
from pathlib import Path
from bridge.rehearsal.server import RehearsalServer
server = RehearsalServer(port=0, state=Path(sys.argv[1]), allow_http_push=True)
print(json.dumps(server.describe().to_json()), flush=True)
server.serve_forever()
"""


def begin(tmp_path):
    """Start a rehearsal of its own process and return it and its description."""
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "state.sqlite")],
        stdout=subprocess.PIPE,
        text=True,
    )
    return process, json.loads(process.stdout.readline())


def open_channel(described, receiver):
    """Watch Anna's primary calendar and return the answer."""
    body = {"id": "one", "type": "web_hook", "address": receiver.address}
    return call(described, "/calendars/primary/events/watch", body)


def call(described, path, body):
    """Post to the API as the first account."""
    request = urllib.request.Request(
        f"{described['api_url']}/calendar/v3{path}",
        data=json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {described['accounts'][0]['access_token']}"},
    )
    with urllib.request.urlopen(request, timeout=10) as response:
        text = response.read()
    return json.loads(text) if text else None


def day(summary="Day"):
    """Return the body of an all-day event."""
    return {"summary": summary, "start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
