"""Quotas and use limits (google-calendar-facts section 12)."""

import json

import pytest

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


@pytest.fixture
def switch(google):
    """A function that sets switches."""

    def change(**wanted):
        google.control("POST", "switches", wanted)

    return change


@pytest.fixture
def get(google):
    """A function that lists calendars and returns status and reason."""

    def call(method="GET", path="/users/me/calendarList", **more):
        status, body = google.api(method, path, **more)
        return (status, body["error"]["errors"][0]["reason"]) if status >= 400 else status

    return call


def test_six_hundred_units_a_minute_are_a_users_by_default(google, get):
    """Facts 12: per minute per user per project 600, a sliding minute."""
    assert [get() for _ in range(600)] == [200] * 600
    assert get() == (403, "userRateLimitExceeded")
    google.control("POST", "clock", {"advance_seconds": 60})
    assert get() == 200


def test_a_refused_call_is_charged_to_nobody_else(google, get, switch):
    """Facts 12: the limit is per user."""
    switch(user_minute_quota=1)
    assert get() == 200
    assert get() == (403, "userRateLimitExceeded")
    assert get(token=google.ben.access_token) == 200


def test_a_patch_costs_three(google, get, switch):
    """Facts 12: patch counts three."""
    google.api("POST", "/calendars/primary/events", body={"id": "abcde", **DAY})
    google.control("DELETE", "quotas")
    switch(user_minute_quota=4)
    patch = {"method": "PATCH", "path": "/calendars/primary/events/abcde", "body": {}}
    assert get(**patch) == 200
    assert get(**patch) == (403, "userRateLimitExceeded")
    assert get() == 200
    assert [each["quota_units"] for each in google.control("GET", "requests")[-3:]] == [3, 3, 1]


def test_a_batch_counts_its_parts_and_the_late_ones_fail(google, service, events, switch):
    """Facts 12: a batch of n counts n; each part fails by itself."""
    switch(user_minute_quota=3)
    seen = []
    batch = service.new_batch_http_request(
        callback=lambda *told: seen.append(told[2] and told[2].resp.status)
    )
    for _ in range(5):
        batch.add(events.insert(calendarId="primary", body=DAY))
    batch.execute()
    assert seen == [None, None, None, 403, 403]
    google.control("DELETE", "quotas")
    assert len(events.list(calendarId="primary").execute()["items"]) == 3


@pytest.mark.parametrize("status", [403, 429])
def test_a_project_has_a_limit_of_its_own(google, get, switch, status):
    """Facts 12: per minute per project; 403 and 429 rateLimitExceeded, both alike."""
    switch(project_minute_quota=2, rate_limit_status=status)
    assert get() == 200
    assert get(token=google.ben.access_token) == 200
    assert get() == (status, "rateLimitExceeded")


def test_429_has_one_reason_for_user_and_project(get, switch):
    """Facts 12: userRateLimitExceeded comes with 403 only."""
    switch(user_minute_quota=1, rate_limit_status=429)
    assert get() == 200
    assert get() == (429, "rateLimitExceeded")


@pytest.mark.parametrize("reason", ["dailyLimitExceeded", "quotaExceeded"])
def test_a_day_has_a_limit_that_ends_with_the_day(google, get, switch, reason):
    """Facts 12: per day per project."""
    switch(project_day_quota=2, day_quota_reason=reason)
    assert [get(), get(), get()] == [200, 200, (403, reason)]
    google.control("POST", "clock", {"advance_seconds": 86_400})
    assert get() == 200


def test_guests_of_new_events_make_the_account_read_only(google, get, switch):
    """Facts 12: guests on inserts run into quotaExceeded first, sendUpdates=none or not."""
    switch(guests_day_limit=5)
    path = "/calendars/primary/events?sendUpdates=none"
    guests = [{"email": f"guest{n}@example.org"} for n in range(3)]
    own = {"email": "anna@example.com"}
    insert = {"method": "POST", "path": path, "body": {**DAY, "attendees": [*guests, own]}}
    assert get(**insert) == 200
    assert get(**insert) == (403, "quotaExceeded")
    alone = {"method": "POST", "path": path, "body": DAY}
    assert get(**alone) == (403, "quotaExceeded")
    assert get() == 200
    assert google.control("GET", "quotas")["read_only"] == ["anna@example.com"]
    google.control("POST", "clock", {"advance_seconds": 24 * 3600})
    assert get(**alone) == 200


def test_calendars_of_a_day_are_limited(get, switch):
    """Facts 12: over 60 calendars; read-only for hours."""
    switch(calendars_day_limit=1)
    insert = {"method": "POST", "path": "/calendars", "body": {"summary": "x"}}
    assert get(**insert) == 200
    assert get(**insert) == (403, "quotaExceeded")


def test_writing_fast_to_one_calendar_can_be_limited(google, get, switch):
    """Facts 12: at any time, without a number; by switch."""
    switch(calendar_writes_minute_limit=2)
    here = {"method": "POST", "path": "/calendars/primary/events", "body": DAY}
    other = {**here, "path": f"/calendars/{google.anna.calendars[1]}/events"}
    named = {**here, "path": "/calendars/anna%40example.com/events"}
    assert [get(**here), get(**named)] == [200, 200]
    assert get(**here) == (403, "rateLimitExceeded")
    assert get(**other) == 200
    assert get(path="/calendars/primary/events") == 200


def test_quotas_can_be_switched_off_and_reset(google, get, switch):
    """The control surface changes limits or switches them off."""
    switch(user_minute_quota=1)
    assert get() == 200
    switch(quotas="off")
    assert [get(), get()] == [200, 200]
    switch(quotas="on")
    assert get() == (403, "userRateLimitExceeded")
    google.control("POST", "reset")
    assert [get(), get()] == [200, 200]


def test_retry_after_is_absent(google, switch):
    """Facts 17.11: Retry-After absent."""
    switch(user_minute_quota=1)
    sent = {"Authorization": f"Bearer {google.anna.access_token}"}
    path = "/calendar/v3/users/me/calendarList"
    google.http("GET", path, headers=sent)
    status, text, headers = google.http("GET", path, headers=sent)
    assert (status, json.loads(text)["error"]["message"]) == (403, "User Rate Limit Exceeded")
    assert "Retry-After" not in headers


def test_use_is_shown_by_project_and_user(google, get):
    """The printed tokens belong to no program, so that tests' own hands do not use its quota."""
    get()
    shown = google.control("GET", "quotas")
    assert shown["users"] == [{"project": "", "user": "anna@example.com", "minute": 1}]
    assert shown["projects"] == [{"project": "", "minute": 1, "day": 1}]
