"""The forms of the calendar page, sent as a script may send them."""

import re
import urllib.parse

import pytest

ANNA = "anna@example.com"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CALL = {
    "summary": "Call Ada",
    "start_date": "2026-03-10",
    "start_time": "10:00",
    "end_date": "2026-03-10",
    "end_time": "10:30",
}
THIRD = "20260324T090000Z"


@pytest.fixture
def submit(google):
    """A function that sends a form of the page as Anna and returns (status, page, Location)."""

    def send(action, headers=None, **fields):
        body = urllib.parse.urlencode({"account": ANNA, **fields}).encode()
        status, page, answered = google.http(
            "POST", f"/events/{action}", body=body, headers={**FORM, **(headers or {})}
        )
        return status, page, answered.get("Location", "")

    return send


@pytest.fixture
def add(events, submit):
    """A function that adds an event by the form and returns it as the API shows it."""

    def run(**fields):
        status, page, _ = submit("add", **{**CALL, **fields})
        assert status == 303, page
        return events.list(calendarId="primary").execute()["items"][-1]

    return run


@pytest.fixture
def series(add):
    """The id of a weekly series of Tuesdays from 10 March on."""
    return add(repeat="WEEKLY")["id"]


def get(events, event_id):
    """Return an event of the primary calendar."""
    return events.get(calendarId="primary", eventId=event_id).execute()


def fields_of(page):
    """Return what a browser would send of the event's form, radios and check boxes left out."""
    form = page[page.index('class="event-form"') :]
    fields = dict(re.findall(r'<input[^>]* name="(\w+)" value="([^"]*)"', form))
    fields |= dict(re.findall(r'<textarea[^>]* name="(\w+)"[^>]*>([^<]*)<', form))
    for name, options in re.findall(r'<select[^>]* name="(\w+)">(.*?)</select>', form, re.DOTALL):
        fields[name] = re.search(r'value="([^"]*)" selected', options)[1]
    for name in ("span", "send_updates", "all_day"):
        fields.pop(name, None)
    return {name: value.replace("&#34;", '"') for name, value in fields.items()}


def test_every_field_reaches_the_event(add):
    """The form says all that Google's page says of an event."""
    item = add(
        location="Office",
        description="Bring\r\nthe <b>offer</b>",
        zone="America/New_York",
        visibility="private",
        transparency="transparent",
        reminders="own",
        reminder_list="10, email 60",
        colour="7",
        guests="Ada@Example.org, bob@example.org",
        repeat="MONTHLY",
        repeat_until="2026-12-31",
    )
    assert item["start"] == {
        "dateTime": "2026-03-10T15:00:00+01:00", "timeZone": "America/New_York",
    }  # fmt: skip
    assert (item["location"], item["description"]) == ("Office", "Bring\nthe <b>offer</b>")
    assert (item["visibility"], item["transparency"], item["colorId"]) == (
        "private", "transparent", "7",
    )  # fmt: skip
    assert item["recurrence"] == ["RRULE:FREQ=MONTHLY;UNTIL=20270101T045959Z"]
    assert item["reminders"] == {
        "useDefault": False,
        "overrides": [{"method": "email", "minutes": 60}, {"method": "popup", "minutes": 10}],
    }
    assert {guest["email"]: guest["responseStatus"] for guest in item["attendees"]} == {
        ANNA: "accepted", "ada@example.org": "needsAction", "bob@example.org": "needsAction",
    }  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"all_day": "on", "repeat": "WEEKLY", "repeat_until": "2026-04-30"},
        {"repeat": "WEEKLY", "repeat_until": "2026-04-30", "zone": "Asia/Tokyo"},
        {"repeat": "own", "rule": "RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260311T090000Z"},
        {"reminders": "none", "visibility": "public", "guests": "x@example.org"},
        {"reminders": "own", "reminder_list": "email 60, 10", "colour": "11"},
        {"description": "a\nb", "transparency": "transparent"},
    ],
)  # fmt: skip
def test_form_saved_unchanged_changes_nothing(google, events, submit, add, fields):
    """What the form shows is what it was told; saving it again is no change."""
    made = add(**fields)
    _, page, _ = google.http("GET", f"/?month=2026-03&event={made['id']}")
    filled = fields_of(page)
    if "all_day" in fields:
        filled["all_day"] = "on"
    assert submit("change", span="all", **filled)[0] == 303
    assert get(events, made["id"]) == made


def test_fields_that_were_not_sent_stay(events, submit, add):
    """A script sends what it cares for."""
    made = add(location="Office", colour="3", guests="x@example.org")
    submit("change", event=made["id"], summary="Call Bob")
    after = get(events, made["id"])
    for name in ("location", "colorId", "attendees", "start", "sequence"):
        assert after[name] == made[name]
    assert after["summary"] == "Call Bob"


def test_replies_of_guests_outlive_a_change_of_the_list(events, submit, timed):
    """Only whom the person takes off the list leaves it."""
    guests = [
        {"email": "a@example.org", "responseStatus": "accepted"},
        {"email": "b@example.org", "responseStatus": "declined"},
    ]
    made = events.insert(calendarId="primary", body=timed(attendees=guests)).execute()
    submit("change", event=made["id"], guests="a@example.org c@example.org")
    after = get(events, made["id"])["attendees"]
    assert [(guest["email"], guest["responseStatus"]) for guest in after] == [
        ("a@example.org", "accepted"), ("c@example.org", "needsAction"),
    ]  # fmt: skip


def test_rule_of_ones_own_may_lack_its_name(add):
    """`FREQ=...` alone is a rule, too."""
    assert add(repeat="own", rule="FREQ=MONTHLY;BYDAY=2TU")["recurrence"] == [
        "RRULE:FREQ=MONTHLY;BYDAY=2TU"
    ]


def test_reach_of_a_change_is_chosen(events, submit, series):
    """This event, this and following, all events."""
    submit("change", event=f"{series}_20260317T090000Z", summary="One")
    submit("change", event=f"{series}_{THIRD}", summary="Later", span="following")
    submit("change", event=f"{series}_20260310T090000Z", location="Lab", span="all")
    assert get(events, f"{series}_20260317T090000Z")["summary"] == "One"
    assert get(events, f"{series}_20260317T090000Z")["location"] == "Lab"
    assert get(events, f"{series}_R20260324T090000")["summary"] == "Later"
    assert "location" not in get(events, f"{series}_R20260324T090000")


def test_move_keeps_the_clock_time_and_leads_back_to_the_month(events, submit, add):
    """What dragging sends."""
    made = add()
    status, _, location = submit("move", event=made["id"], to="2026-04-01", month="2026-03")
    assert (status, "month=2026-03" in location) == (303, True)
    assert get(events, made["id"])["start"]["dateTime"] == "2026-04-01T10:00:00+02:00"


def test_day_on_the_sheet_counts_for_a_move_across_zones(events, submit, add):
    """23:00 in New York is the next morning in Berlin, and is dragged from there."""
    made = add(start_time="23:00", end_time="23:30", zone="America/New_York")
    assert made["start"]["dateTime"] == "2026-03-11T04:00:00+01:00"
    submit("move", event=made["id"], to="2026-03-12")
    assert get(events, made["id"])["start"]["dateTime"] == "2026-03-12T04:00:00+01:00"


def test_form_of_a_changed_event_is_refused(google, events, submit, add):
    """Nobody overwrites unseen what a sync wrote while the form stood open."""
    made = add()
    events.patch(calendarId="primary", eventId=made["id"], body={"summary": "New"}).execute()
    for action in ("change", "delete"):
        status, page, _ = submit(action, event=made["id"], etag=made["etag"], summary="Mine")
        assert (status, "changed meanwhile" in page) == (412, True)
    assert get(events, made["id"])["summary"] == "New"


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"reminders": "own", "reminder_list": "soon"}, "number of minutes"),
        ({"repeat": "own", "rule": "FREQ=SECONDLY"}, "Invalid recurrence rule"),
        ({"repeat": "WEEKLY", "repeat_until": "x"}, "Invalid end time"),
        ({"zone": "Mars/Olympus"}, "Invalid time zone"),
        ({"guests": "nobody"}, "Invalid attendee email"),
        ({"colour": "12"}, "not a valid value"),
        ({"end_date": "2026-03-09"}, "ends before it begins"),
        ({"send_updates": "some"}, "send_updates"),
        ({"calendar": "ben@example.com"}, "This is not here"),
    ],
)
def test_refusal_is_a_page_with_what_to_do(events, submit, fields, told):
    """Errors are readable, and nothing is written."""
    status, page, _ = submit("add", **{**CALL, **fields})
    assert (status in (400, 404), told in page) == (True, True), page
    assert "Go to the calendar" in page
    assert events.list(calendarId="primary").execute()["items"] == []


def test_rule_cannot_change_for_one_instance(submit, series):
    """The page says what to choose instead."""
    status, page, _ = submit("change", event=f"{series}_{THIRD}", repeat="DAILY")
    assert (status, "following events" in page) == (400, True)


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE"])
def test_looking_changes_nothing(google, add, method):
    """Threats S15: a GET that changes state is refused."""
    made = add()
    query = urllib.parse.urlencode({"account": ANNA, "event": made["id"]})
    assert google.http(method, f"/events/delete?{query}")[0] == 405
    assert google.http("POST", "/events/explode", body=b"", headers=FORM)[0] == 404


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
def test_forms_of_other_sites_change_nothing(google, events, submit, add, origin):
    """Threats S15: a cross-site form, whatever the act."""
    made = add()
    for action in ("change", "move", "delete", "reply", "restore"):
        fields = {"event": made["id"], "to": "2026-03-12", "summary": "x", "reply": "declined"}
        assert submit(action, headers={"Origin": origin}, **fields)[0] == 403
    assert get(events, made["id"]) == made
    own = {"Origin": google.root}
    assert submit("delete", headers=own, event=made["id"])[0] == 303


def test_pages_may_load_and_do_little(google):
    """Threats 3.7: default-src 'none', nothing inline, forms to the own place only."""
    _, page, headers = google.http("GET", "/?day=2026-03-10")
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy == {
        "default-src": "'none'", "style-src": "'self'", "script-src": "'self'",
        "img-src": "'self'", "base-uri": "'none'", "frame-ancestors": "'none'",
        "form-action": "'self'",
    }  # fmt: skip
    assert headers["Cache-Control"] == "no-store"
    assert not re.search(r"<script(?! src)|<style| style=| on\w+=", page)


@pytest.mark.parametrize(
    ("name", "kind"),
    [("rehearsal.js", "text/javascript"), ("icon.svg", "image/svg+xml"), ("views.py", None)],
)
def test_static_files_are_those_on_the_list(google, name, kind):
    """Nothing but the page's own files is served."""
    status, _, headers = google.http("GET", f"/static/{name}")
    assert (status, headers["Content-Type"].partition(";")[0]) == (
        (200, kind) if kind else (404, "text/html")
    )


def test_consent_may_lead_back_to_the_client(google):
    """Browsers check form-action also for the redirect that answers a form."""
    wish = {
        "client_id": google.described.client_id,
        "redirect_uri": "http://127.0.0.1:4711/oauth/google/callback",
        "response_type": "code",
        "scope": "https://www.googleapis.com/auth/calendar",
    }
    _, _, headers = google.http("GET", f"/o/oauth2/v2/auth?{urllib.parse.urlencode(wish)}")
    assert headers["Content-Security-Policy"].endswith("form-action 'self' http://127.0.0.1:4711")


def test_guests_are_mailed_when_the_box_is_ticked(google, submit, add):
    """No mail goes to a guest without a person's word."""
    made = add(guests="x@example.org")
    assert google.control("GET", "mail") == []
    submit("change", event=made["id"], location="Lab", send_updates="all")
    assert [mail["to"] for mail in google.control("GET", "mail")] == ["x@example.org"]


def test_reply_and_restore_by_form(events, submit, timed):
    """Yes, Maybe, No; and the bin."""
    guests = [{"email": ANNA}, {"email": "x@example.org"}]
    made = events.insert(calendarId="primary", body=timed(attendees=guests)).execute()["id"]
    assert submit("reply", event=made, reply="accepted", comment="Gladly")[0] == 303
    own = get(events, made)["attendees"][0]
    assert (own["responseStatus"], own["comment"]) == ("accepted", "Gladly")
    submit("delete", event=made)
    assert submit("restore", event=made)[0] == 303
    assert get(events, made)["status"] == "confirmed"
