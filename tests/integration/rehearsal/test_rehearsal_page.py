"""The page on which a person acts as the Google user (contract section 8)."""

import urllib.parse

import pytest

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def submit(google):
    """A function that sends a form of the page and returns (status, page, Location)."""

    def send(action, headers=None, **fields):
        filled = {"account": "anna@example.com", "calendar": "anna@example.com", **fields}
        body = urllib.parse.urlencode(filled).encode()
        status, page, answered = google.http(
            "POST", f"/events/{action}", body=body, headers={**FORM, **(headers or {})}
        )
        return status, page, answered.get("Location")

    return send


CALL = {
    "summary": "Call Ada",
    "start_date": "2026-03-10",
    "start_time": "10:00",
    "end_date": "2026-03-10",
    "end_time": "10:30",
}


def only(events):
    """Return the only event of the primary calendar."""
    (item,) = events.list(calendarId="primary").execute()["items"]
    return item


def test_added_event_is_seen_through_the_api_and_on_the_page(google, events, submit):
    """A person adds an event at Google."""
    status, _, location = submit("add", **CALL, location="Office", description="")
    assert status == 303
    item = only(events)
    assert (item["summary"], item["location"]) == ("Call Ada", "Office")
    assert item["start"] == {"dateTime": "2026-03-10T10:00:00+01:00", "timeZone": "Europe/Berlin"}
    assert "description" not in item
    _, page, _ = google.http("GET", location)
    assert "Call Ada" in page
    assert "March 2026" in page


def test_days_without_times_make_an_all_day_event(events, submit):
    """Facts 4: the page shows the last day, the API an exclusive end."""
    submit("add", summary="Fair", start_date="2026-03-10", end_date="2026-03-12")
    item = only(events)
    assert (item["start"], item["end"]) == ({"date": "2026-03-10"}, {"date": "2026-03-13"})


def test_moved_event_has_a_new_etag_and_sequence_and_comes_with_the_next_listing(events, submit):
    """Facts 7: the server raises sequence when the time changes."""
    submit("add", **CALL)
    token = events.list(calendarId="primary").execute()["nextSyncToken"]
    before = only(events)
    moved = {**CALL, "start_date": "2026-03-11", "end_date": "2026-03-11", "summary": "Call Bob"}
    assert submit("change", event=before["id"], **moved)[0] == 303
    (after,) = events.list(calendarId="primary", syncToken=token).execute()["items"]
    assert after["start"]["dateTime"] == "2026-03-11T10:00:00+01:00"
    assert after["summary"] == "Call Bob"
    assert after["sequence"] == before["sequence"] + 1
    assert after["etag"] != before["etag"]


def test_change_keeps_what_the_form_does_not_show(events, submit, timed):
    """A person who changes the title does not lose the rest."""
    body = timed(attendees=[{"email": "a@example.org"}], colorId="3")
    made = events.insert(calendarId="primary", body=body).execute()
    submit("change", event=made["id"], **CALL)
    item = only(events)
    assert (item["colorId"], len(item["attendees"])) == ("3", 1)
    assert item["sequence"] == made["sequence"]


def test_timed_event_becomes_all_day_and_back(events, submit):
    """Facts 7: date and dateTime exclude each other."""
    submit("add", **CALL)
    event = only(events)["id"]
    submit("change", event=event, summary="x", start_date="2026-03-10", end_date="2026-03-10")
    assert only(events)["start"] == {"date": "2026-03-10"}
    submit("change", event=event, **CALL)
    assert only(events)["start"]["dateTime"] == "2026-03-10T10:00:00+01:00"


def test_deleted_event_is_a_tombstone(events, submit):
    """Facts 5: deleting leaves a tombstone."""
    submit("add", **CALL)
    event = only(events)["id"]
    assert submit("delete", event=event, month="2026-03")[0] == 303
    assert events.get(calendarId="primary", eventId=event).execute()["status"] == "cancelled"
    assert submit("delete", event=event)[0] == 410


def test_acts_without_quota(google, submit):
    """What a person does is no API request."""
    submit("add", **CALL)
    assert google.control("GET", "requests") == []


def test_one_instance_of_a_series_can_be_moved(google, events, submit, timed):
    """Facts 8: an instance becomes an exception."""
    body = timed("Weekly", recurrence=["RRULE:FREQ=WEEKLY;COUNT=3"])
    series = events.insert(calendarId="primary", body=body).execute()["id"]
    instance = f"{series}_20260317T090000Z"
    _, page, _ = google.http("GET", f"/?month=2026-03&event={instance}")
    assert "Change event" in page
    fields = {**CALL, "start_date": "2026-03-18", "end_date": "2026-03-18"}
    submit("change", event=instance, **fields)
    found = events.get(calendarId="primary", eventId=instance).execute()
    assert found["start"]["dateTime"] == "2026-03-18T10:00:00+01:00"


def test_titles_are_escaped(google, submit):
    """Event titles are written by strangers."""
    submit("add", **{**CALL, "summary": "<script>alert(1)</script>"})
    _, page, headers = google.http("GET", "/?month=2026-03")
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_every_account_and_calendar_can_be_chosen(google):
    """Contract 8: choose an account and a calendar."""
    second = google.ben.calendars[1]
    query = urllib.parse.urlencode({"account": "ben@example.com", "calendar": second})
    status, page, _ = google.http("GET", f"/?{query}")
    assert status == 200
    assert "America/New_York" in page
    assert "anna@example.com" in page


@pytest.mark.parametrize(
    "month", ["0001-01", "9999-12", "2026-13", "x", "2026-02", "9998-12", "0002-01"]
)
def test_any_month_gives_a_page(google, month):
    """A wrong month is the present one."""
    assert google.http("GET", f"/?month={month}")[0] == 200


@pytest.mark.parametrize("week", ["0001-01-01", "9998-12-30", "2026-02-30", "x", "2026-01-01"])
def test_any_week_gives_a_page(google, week):
    """A wrong week is the present month."""
    assert google.http("GET", f"/?week={week}&day={week}")[0] == 200


@pytest.mark.parametrize(
    "query", ["account=nobody@example.com", "calendar=ben@example.com", "event=nothing"]
)
def test_what_is_not_there_is_a_404_page(google, query):
    """An error is a page, not a traceback."""
    status, page, _ = google.http("GET", f"/?{query}")
    assert (status, "notFound" in page) == (404, True)


@pytest.mark.parametrize(
    "fields",
    [
        {"start_date": "x", "end_date": "2026-03-10"},
        {"start_date": "2026-03-10", "end_date": "2026-03-09"},
        {"start_date": "2026-03-10", "start_time": "25:00", "end_date": "2026-03-10"},
        {"start_date": "9999-12-31", "end_date": "9999-12-31"},
    ],
)
def test_impossible_times_are_an_error_page(submit, fields):
    """An error is a page, not a traceback."""
    assert submit("add", **fields)[0] == 400


def test_form_of_another_site_is_refused(events, submit):
    """Another site must not act as the Google user."""
    status, _, _ = submit("add", headers={"Origin": "http://evil.example"}, **CALL)
    assert status == 403
    assert events.list(calendarId="primary").execute()["items"] == []


def test_stylesheet_is_served(google):
    """The page's only other file."""
    status, text, headers = google.http("GET", "/static/rehearsal.css")
    assert status == 200
    assert headers["Content-Type"].startswith("text/css")
    assert "body" in text
