"""What a calendar program asks of the server: properties, registration, removal."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime, parsedate_to_datetime

import pytest

P, D = "{https://bitfire.at/webdav-push}", "{DAV:}"
ASKED = (f"{P}transports", f"{P}topic", f"{P}supported-triggers")
HOME = "/dav/anna/activities/"


def http_date(moment):
    """Return an instant as an HTTP date."""
    return format_datetime(moment, usegmt=True)


def test_a_calendar_tells_transport_topic_and_triggers(installation):
    """Section 2.1 of the draft: our VAPID key, one topic a calendar, and what can be told of."""
    anna = installation.client()
    told = anna.properties(HOME, *ASKED)
    key = told[ASKED[0]].find(f"{P}web-push/{P}vapid-public-key")
    assert key is not None
    assert (key.get("type"), len(key.text or "")) == ("p256ecdsa", 87)
    assert told[ASKED[2]].findtext(f"{P}content-update/{D}depth") == "1"
    assert told[ASKED[2]].findtext(f"{P}property-update/{D}depth") == "0"
    other = anna.properties("/dav/anna/tasks/", ASKED[1])
    assert (told[ASKED[1]].text or "") not in ("", other[ASKED[1]].text)
    assert "webdav-push" in anna.request("OPTIONS", HOME).headers["DAV"].split(", ")


def test_homes_and_objects_have_no_push_properties(installation):
    """Only calendars tell of their changes."""
    anna = installation.client()
    assert anna.put("one").status == 201
    assert anna.properties("/dav/anna/", *ASKED) == {}
    assert anna.properties(f"{HOME}one.ics", *ASKED) == {}


def test_switched_off_nothing_of_it_is_there(install, phone):
    """No property, no word in the DAV header, and a POST is a method nobody answers."""
    anna = install().client()
    assert anna.properties(HOME, *ASKED) == {}
    assert "webdav-push" not in anna.request("OPTIONS", HOME).headers["DAV"]
    assert anna.register(phone).status == 405
    assert anna.request("DELETE", f"/dav/.push/{'0' * 32}").status == 404


def test_registering_answers_where_and_how_long(installation, phone):
    """201 with the registration URL, absolute as DAVx5 wants it, and the date of expiry."""
    wanted = installation.clock.now() + timedelta(days=3)
    answer = installation.client().register(phone, expires=http_date(wanted))
    assert answer.status == 201
    assert answer.headers["Location"].startswith("http://crm.example.com/dav/.push/")
    assert parsedate_to_datetime(answer.headers["Expires"]) == wanted


def test_registering_the_same_address_again_renews_it(installation, phone):
    """204, the same URL, the new date; and another calendar is another subscription."""
    anna, now = installation.client(), installation.clock.now()
    first = anna.register(phone, expires=http_date(now + timedelta(days=3)))
    again = anna.register(phone, expires=http_date(now + timedelta(days=5)))
    assert (again.status, again.headers["Location"]) == (204, first.headers["Location"])
    assert parsedate_to_datetime(again.headers["Expires"]) == now + timedelta(days=5)
    assert anna.register(phone, "/dav/anna/tasks/").status == 201
    assert len(installation.rows()) == 2


@pytest.mark.parametrize("days", [None, 365])
def test_no_subscription_lasts_longer_than_a_week(installation, phone, days):
    """The server's own bound counts, above the three days that the draft demands."""
    now = installation.clock.now()
    expires = http_date(now + timedelta(days=days)) if days else ""
    answer = installation.client().register(phone, expires=expires)
    assert parsedate_to_datetime(answer.headers["Expires"]) == now + timedelta(days=7)


def test_only_the_own_subscription_can_be_removed(installation, phone):
    """204 once, 404 afterwards, for strangers and for names nobody has; 401 without sign-in."""
    anna, bob = installation.client(), installation.client("bob")
    url = anna.register(phone).headers["Location"]
    assert bob.request("DELETE", url).status == 404
    assert installation.client("").request("DELETE", url).status == 401
    assert len(installation.rows()) == 1
    assert anna.request("DELETE", url).status == 204
    assert anna.request("DELETE", url).status == 404
    assert installation.rows() == []


UNSERVABLE = (
    {"push_resource": ""},
    {"push_resource": "https://evil.example/x"},
    {"push_resource": "http://127.0.0.1:1/x"},
    {"push_resource": "http://169.254.169.254/latest/meta-data"},
    {"content_encoding": "aesgcm"},
    {"subscription_public_key": ""},
    {"subscription_public_key": "BAAA"},
    {"auth_secret": "AAAA"},
    {"auth_secret": "***"},
)


def test_a_subscription_that_cannot_be_served_is_refused(installation, phone):
    """403 `invalid-subscription`: addresses not on the list, keys that encrypt nothing."""
    anna = installation.client()
    for changed in UNSERVABLE:
        answer = anna.register(phone, subscription=phone.subscription(**changed))
        assert (answer.status, answer.condition) == (403, f"{P}invalid-subscription"), changed
    assert installation.rows() == []


def test_a_registration_without_any_subscription_is_refused(installation, phone):
    """403 `invalid-subscription` when there is none, or two."""
    twice = phone.subscription() * 2
    for subscription in ("", "<subscription/>", twice):
        answer = installation.client().register(phone, subscription=subscription)
        assert (answer.status, answer.condition) == (403, f"{P}invalid-subscription")


def test_a_registration_that_wants_to_be_told_of_nothing_is_refused(installation, phone):
    """403 `no-supported-trigger`, as the draft says."""
    for triggers in ("", "<moon-phase/>"):
        answer = installation.client().register(phone, triggers=triggers)
        assert (answer.status, answer.condition) == (403, f"{P}no-supported-trigger")


def test_what_is_no_calendar_tells_nobody_of_anything(installation, phone):
    """403 `push-not-available` at the home; what is not there or another's is 404."""
    anna = installation.client()
    answer = anna.register(phone, "/dav/anna/")
    assert (answer.status, answer.condition) == (403, f"{P}push-not-available")
    assert anna.register(phone, "/dav/anna/nothing/").status == 404
    assert anna.register(phone, "/dav/bob/activities/").status == 404
    assert installation.client("").register(phone, HOME).status == 401


def test_bodies_that_are_no_registration_are_refused(installation, phone):
    """Broken XML and dates are 400, other XML is nothing that POST takes here."""
    anna = installation.client()
    assert anna.request("POST", HOME, "<push-register").status == 400
    assert anna.request("POST", HOME, "<propfind xmlns='DAV:'/>").status == 405
    assert anna.request("POST", HOME).status == 405
    for unreadable in ("tomorrow", f"Mon, 1 Dec {'9' * 20} 10:00:00 GMT"):
        assert anna.register(phone, expires=unreadable).status == 400
    past = http_date(installation.clock.now() - timedelta(seconds=1))
    assert anna.register(phone, expires=past).status == 400
    assert installation.rows() == []


def test_nobody_reads_addresses_and_secrets_in_the_database(installation, phone):
    """A dump lets nobody send messages to a phone."""
    installation.client().register(phone)
    stored = repr(installation.rows())
    assert "127.0.0.1" not in stored
    assert "MDEyMzQ1Njc4OWFiY2RlZg" not in stored


def test_one_user_cannot_fill_the_table(installation, new_phone, monkeypatch):
    """Beyond the bound a registration is not available; renewals still are."""
    monkeypatch.setattr("bridge.store.push_subscriptions.MOST_PER_USER", 2)
    anna = installation.client()
    phones = [new_phone(name) for name in "abc"]
    assert [anna.register(each).status for each in phones] == [201, 201, 403]
    assert anna.register(phones[0]).status == 204
    assert installation.client("bob").register(phones[0]).status == 201
