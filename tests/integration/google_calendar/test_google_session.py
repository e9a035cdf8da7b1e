"""The session over HTTP: addresses, tokens, calendars, batches, and answers that are none."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from bridge.errors import (
    CollectionGone,
    ItemMissing,
    NotConnected,
    RateLimited,
    SideUnavailable,
)
from bridge.google_calendar.access import GoogleAccess
from bridge.google_calendar.addresses import GoogleClient
from bridge.google_calendar.oauth import AccessToken
from bridge.google_calendar.session import GoogleSession

CLIENT = GoogleClient(client_id="client", client_secret="client-secret")
REFRESHED = {"access_token": "at-2", "expires_in": 3600, "token_type": "Bearer"}


def entry(calendar_id, role, **fields):
    """Return an entry of a calendar list."""
    return {
        "id": calendar_id,
        "summary": f"Name of {calendar_id}",
        "timeZone": "Europe/Prague",
        "accessRole": role,
        **fields,
    }


def error(status, reason):
    """Return an error answer of Google's form."""
    body = {"error": {"errors": [{"reason": reason}], "code": status, "message": "said"}}
    return (status, body)


def test_calendars_are_read_page_by_page_the_primary_first(scripted_google, scripted_session):
    """All pages, without deleted entries; a name of the person's own wins."""
    scripted_google.answers += [
        (200, {"items": [entry("b@g", "owner")], "nextPageToken": "p2"}),
        (
            200,
            {
                "items": [
                    entry("anna@example.com", "owner", primary=True, summaryOverride="Mine"),
                    entry("gone@g", "owner", deleted=True),
                    entry("read@g", "reader"),
                ]
            },
        ),
    ]
    calendars = scripted_session.calendars()
    assert [(c.id, c.name, c.primary) for c in calendars] == [
        ("anna@example.com", "Mine", True),
        ("b@g", "Name of b@g", False),
        ("read@g", "Name of read@g", False),
    ]
    first, second = scripted_google.asked
    assert first.path == "/calendar/v3/users/me/calendarList"
    assert second.query["pageToken"] == "p2"
    assert first.headers["authorization"] == "Bearer at-1"


def test_only_writable_calendars_are_offered_when_asked(scripted_google, scripted_session):
    """A calendar whose private events are hidden would give husks, and is not writable enough."""
    roles = ["owner", "writer", "writerWithoutPrivateAccess", "reader", "freeBusyReader"]
    scripted_google.answers.append((200, {"items": [entry(role, role) for role in roles]}))
    assert {c.id for c in scripted_session.calendars(writable_only=True)} == {"owner", "writer"}


def test_a_calendar_id_is_encoded_into_the_path(scripted_google, scripted_session):
    """Ids may hold `#`, `/` and whatever a stranger chose."""
    scripted_google.answers.append((200, entry("a#b/c@g", "owner")))
    assert scripted_session.calendar("a#b/c@g").zone == "Europe/Prague"
    assert scripted_google.asked[0].path == "/calendar/v3/users/me/calendarList/a%23b%2Fc%40g"


def test_a_calendar_off_the_list_is_gone(scripted_google, scripted_session):
    """404 for the calendar says nothing about its events."""
    scripted_google.answers.append(error(404, "notFound"))
    with pytest.raises(CollectionGone):
        scripted_session.calendar("c@g")


def test_a_new_calendar_is_made_in_the_zone(scripted_google, scripted_session):
    """The answer tells its lasting id."""
    scripted_google.answers.append(
        (200, {"id": "new@g", "summary": "CRM", "timeZone": "Europe/Prague"})
    )
    made = scripted_session.create_calendar("CRM", "Europe/Prague")
    assert (made.id, made.access_role) == ("new@g", "owner")
    assert json.loads(scripted_google.asked[0].body) == {
        "summary": "CRM",
        "timeZone": "Europe/Prague",
    }


def test_a_new_calendar_is_asked_for_once_even_if_the_answer_is_lost(
    scripted_google, scripted_session
):
    """A repeated request would make a second calendar."""
    scripted_google.answers += ["closed", (200, {"id": "new@g"})]
    with pytest.raises(SideUnavailable):
        scripted_session.create_calendar("CRM", "UTC")
    assert len(scripted_google.asked) == 1


def test_a_dead_access_token_is_refreshed_once(scripted_google, scripted_session):
    """After 401 the same request goes again with a new token."""
    scripted_google.answers += [
        error(401, "authError"),
        (200, REFRESHED),
        (200, entry("c@g", "owner")),
    ]
    assert scripted_session.calendar("c@g").id == "c@g"
    assert [asked.path for asked in scripted_google.asked][1] == "/token"
    assert scripted_google.asked[1].form["refresh_token"] == "rt-1"
    assert scripted_google.asked[2].headers["authorization"] == "Bearer at-2"
    assert scripted_session.access_token.token == "at-2"


def test_an_expired_access_token_is_not_even_tried(scripted_google):
    """The first request is the refresh."""
    dead = AccessToken(token="at-0", expires_at=datetime.now(UTC) - timedelta(minutes=1))
    access = GoogleAccess(
        addresses=scripted_google.addresses,
        client=CLIENT,
        refresh_token="rt-1",
        access_token=dead,
    )
    scripted_google.answers += [(200, REFRESHED), (200, {"items": []})]
    session = GoogleSession(access)
    assert session.calendars() == []
    session.close()
    assert [asked.path for asked in scripted_google.asked] == [
        "/token",
        "/calendar/v3/users/me/calendarList",
    ]


def test_a_dead_grant_needs_the_person(scripted_google, scripted_session):
    """`invalid_grant` is final; nothing is tried again."""
    scripted_google.answers += [error(401, "authError"), (400, {"error": "invalid_grant"})]
    with pytest.raises(NotConnected) as caught:
        scripted_session.calendars()
    assert "Reconnect" in caught.value.hint
    assert len(scripted_google.asked) == 2


@pytest.mark.parametrize(
    "answer",
    [
        (503, ""),
        error(500, "backendError"),
        (200, "<html>Sign in to the hotel</html>", {"Content-Type": "text/html"}),
        (200, '{"items": [{"id": "a'),
        (200, "null"),
        (200, "[1]"),
        (200, {"items": [None]}),
        (200, {"items": {"id": "c"}}),
        (200, {"items": [{"summary": "no id"}]}),
        (302, "", {"Location": "http://127.0.0.1:9/"}),
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{",
        b"rubbish\r\n\r\n",
        "silent",
    ],
)
def test_what_is_no_whole_answer_stops_the_run(scripted_google, scripted_session, answer):
    """Hotel pages, cut JSON, redirects and silence are all the same: nothing is known (G01)."""
    scripted_google.answers += [answer, answer]
    with pytest.raises(SideUnavailable) as caught:
        scripted_session.calendars()
    assert caught.value.side == "google"


def test_no_retries_hide_behind_a_refusal(scripted_google, scripted_session):
    """Waiting is the worker's business; a limit is told at once with its wait."""
    scripted_google.answers.append((*error(429, "rateLimitExceeded"), {"Retry-After": "12"}))
    with pytest.raises(RateLimited) as caught:
        scripted_session.calendars()
    assert caught.value.retry_after == 12
    assert len(scripted_google.asked) == 1


def test_proxies_of_the_environment_are_not_used(scripted_google, monkeypatch):
    """Only the configuration says where traffic goes (threats 3.9)."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    access = GoogleAccess(addresses=scripted_google.addresses, client=CLIENT, refresh_token="rt-1")
    scripted_google.answers += [(200, REFRESHED), (200, {"items": []})]
    session = GoogleSession(access, timeout_seconds=1)
    assert session.calendars() == []
    session.close()


def test_the_guard_is_asked_before_each_request(scripted_google):
    """A request that may not be made is not made, not even a refresh."""

    def objects():
        raise AssertionError("a transaction is open")

    access = GoogleAccess(addresses=scripted_google.addresses, client=CLIENT, refresh_token="rt-1")
    session = GoogleSession(access, guard=objects)
    request = session.events.get(calendarId="c@g", eventId="aaaaa")
    for act in (
        session.calendars,
        lambda: session.calendar("c@g"),
        lambda: session.create_calendar("CRM", "UTC"),
        lambda: session.item(request),
        lambda: session.batch({"aaaaa": request}),
    ):
        with pytest.raises(AssertionError, match="transaction"):
            act()
    session.close()
    assert scripted_google.asked == []


def batch_answer(asked_body, *parts):
    """Return a batch answer for the parts of a batch request, in its order."""
    ids = re.findall(r"Content-ID: <(.*)>", asked_body)
    lines = []
    for content_id, (status, body) in zip(ids, parts, strict=False):
        text = json.dumps(body)
        lines.append(
            f"--b\r\nContent-Type: application/http\r\nContent-ID: <response-{content_id}>\r\n\r\n"
            f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(text)}\r\n\r\n{text}\r\n"
        )
    return "".join(lines) + "--b--\r\n"


@pytest.fixture
def batch_of_two(scripted_google, scripted_session):
    """Return a function that sends a batch of two and gets these parts."""

    def send(*parts, cut=None):
        requests = {
            name: scripted_session.events.get(calendarId="c@g", eventId=name)
            for name in ("aaaaa", "bbbbb")
        }

        def answer(asked):
            # Made when the request is there, for its ids are of the library's choosing.
            body = batch_answer(asked.body, *parts)
            return (200, body[:cut], {"Content-Type": "multipart/mixed; boundary=b"})

        scripted_google.answers.append(answer)
        return scripted_session.batch(requests)

    return send


def test_each_part_of_a_batch_has_its_own_outcome(scripted_google, batch_of_two):
    """One part fails, the other is read; the batch goes below the configured root."""
    not_found = error(404, "notFound")[1]
    outcome = batch_of_two((200, {"id": "aaaaa"}), (404, not_found))
    assert outcome["aaaaa"] == {"id": "aaaaa"}
    assert isinstance(outcome["bbbbb"], ItemMissing)
    (asked,) = scripted_google.asked
    assert (asked.method, asked.path) == ("POST", "/batch/calendar/v3")
    assert "/calendar/v3/calendars/c%40g/events/aaaaa" in asked.body


def test_a_batch_that_lacks_a_part_is_no_answer(batch_of_two):
    """Silence about an event is not the same as gone."""
    with pytest.raises(SideUnavailable):
        batch_of_two((200, {"id": "aaaaa"}))


@pytest.mark.parametrize("cut", [0, 5, 60, 120, 200, 260])
def test_a_cut_batch_is_no_answer(batch_of_two, cut):
    """Wherever it breaks off, nothing of it counts."""
    with pytest.raises(SideUnavailable):
        batch_of_two((200, {"id": "aaaaa"}), (200, {"id": "bbbbb"}), cut=cut)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ((200, "<html>"), SideUnavailable),
        ((200, {"id": "aaaaa"}), SideUnavailable),
        ((503, ""), SideUnavailable),
        (error(403, "rateLimitExceeded"), RateLimited),
    ],
)
def test_a_refused_batch_tells_nothing_of_its_parts(
    scripted_google, scripted_session, answer, expected
):
    """The outer answer counts for all."""
    scripted_google.answers.append(answer)
    request = scripted_session.events.get(calendarId="c@g", eventId="aaaaa")
    with pytest.raises(expected):
        scripted_session.batch({"aaaaa": request})
