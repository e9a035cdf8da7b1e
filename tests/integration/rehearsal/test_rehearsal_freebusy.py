"""freebusy.query (google-calendar-facts sections 1 and 13; Google, Freebusy: query)."""

import pytest

WINDOW = {"timeMin": "2026-03-10T00:00:00Z", "timeMax": "2026-03-12T00:00:00Z"}


@pytest.fixture
def busy(service):
    """A function that returns the busy times of calendars as (start, end)."""

    def ask(*ids, **more):
        body = {**WINDOW, "items": [{"id": each} for each in ids or ("primary",)], **more}
        answer = service.freebusy().query(body=body).execute()
        return [
            [(each["start"], each["end"]) for each in calendar["busy"]]
            for calendar in answer["calendars"].values()
        ]

    return ask


@pytest.fixture
def add(events, timed):
    """A function that adds an event of half an hour at an hour of Berlin to the primary one."""

    def insert(hour=10, **more):
        return events.insert(calendarId="primary", body=timed(hour=hour, **more)).execute()

    return insert


def test_events_keep_busy_in_the_zone_of_the_query(busy, add):
    """Times are answered in UTC unless another zone is asked for."""
    add()
    assert busy() == [[("2026-03-10T09:00:00Z", "2026-03-10T09:30:00Z")]]
    assert busy(timeZone="Asia/Tokyo") == [
        [("2026-03-10T18:00:00+09:00", "2026-03-10T18:30:00+09:00")]
    ]


def test_free_declined_and_cancelled_events_keep_nobody_busy(busy, add, events):
    """Facts 2: transparency; facts 5: cancelled."""
    add(10, transparency="transparent")
    add(11, attendees=[{"email": "anna@example.com", "responseStatus": "declined"}])
    gone = add(12)["id"]
    events.delete(calendarId="primary", eventId=gone).execute()
    assert busy() == [[]]
    add(13, attendees=[{"email": "anna@example.com", "responseStatus": "needsAction"}])
    add(14, status="tentative")
    add(15, visibility="private")
    assert [start for start, _ in busy()[0]] == [
        f"2026-03-10T{hour}:00:00Z" for hour in (12, 13, 14)
    ]


def test_overlapping_and_touching_times_are_one(busy, add, events):
    """One span for a person who is busy throughout."""
    add(10)
    body = {
        "start": {"dateTime": "2026-03-10T10:15:00+01:00"},
        "end": {"dateTime": "2026-03-10T11:00:00+01:00"},
    }
    events.insert(calendarId="primary", body=body).execute()
    add(11)
    assert busy() == [[("2026-03-10T09:00:00Z", "2026-03-10T10:30:00Z")]]


def test_series_keep_busy_with_their_exceptions(busy, add, events):
    """Facts 8: instances, moved and cancelled ones."""
    series = add(10, recurrence=["RRULE:FREQ=DAILY;COUNT=5"])["id"]
    instances = events.instances(calendarId="primary", eventId=series).execute()["items"]
    events.delete(calendarId="primary", eventId=instances[1]["id"]).execute()
    assert [start for start, _ in busy()[0]] == ["2026-03-10T09:00:00Z"]
    body = {"transparency": "transparent"}
    events.patch(calendarId="primary", eventId=instances[0]["id"], body=body).execute()
    assert busy() == [[]]


def test_all_day_events_lie_in_the_calendars_zone(busy, events):
    """Facts 4: all-day events are placed by the calendar's zone."""
    body = {"start": {"date": "2026-03-11"}, "end": {"date": "2026-03-12"}}
    events.insert(calendarId="primary", body=body).execute()
    assert busy() == [[("2026-03-10T23:00:00Z", "2026-03-11T23:00:00Z")]]


@pytest.mark.parametrize(
    ("switch", "start"),
    [("clipped", "2026-03-10T09:10:00Z"), ("whole", "2026-03-10T09:00:00Z")],
)
def test_bounds_by_switch(busy, add, google, switch, start):
    """Whether times are cut at the window is not documented."""
    google.control("POST", "switches", {"freebusy_bounds": switch})
    add()
    assert busy(timeMin="2026-03-10T09:10:00Z") == [[(start, "2026-03-10T09:30:00Z")]]


def test_calendar_without_access_has_its_own_error(service, google, events, timed):
    """Google, Freebusy: errors per calendar."""
    theirs = google.ben.calendars[0]
    ids = ["primary", theirs, "nothing@example.com"]
    body = {**WINDOW, "items": [{"id": each} for each in ids]}
    calendars = service.freebusy().query(body=body).execute()["calendars"]
    assert calendars["primary"] == {"busy": []}
    for missing in ids[1:]:
        assert calendars[missing]["busy"] == []
        assert calendars[missing]["errors"] == [{"domain": "global", "reason": "notFound"}]
    access = {"calendar_id": theirs, "email": "anna@example.com", "role": "freeBusyReader"}
    google.control("POST", "access", access)
    ben = google.service(google.ben.access_token)
    ben.events().insert(calendarId="primary", body=timed(visibility="private")).execute()
    calendars = service.freebusy().query(body=body).execute()["calendars"]
    assert len(calendars[theirs]["busy"]) == 1


def test_groups_are_expanded_within_their_limit(service, google):
    """Google, Freebusy: groupExpansionMax, groupTooBig."""
    group = {"email": "sales@example.com", "members": ["anna@example.com", "ben@example.com"]}
    google.control("POST", "groups", group)
    body = {**WINDOW, "items": [{"id": "sales@example.com"}]}
    answer = service.freebusy().query(body=body).execute()
    assert answer["groups"] == {"sales@example.com": {"calendars": group["members"]}}
    assert set(answer["calendars"]) == set(group["members"])
    answer = service.freebusy().query(body={**body, "groupExpansionMax": 1}).execute()
    assert answer["groups"]["sales@example.com"]["errors"][0]["reason"] == "groupTooBig"
    assert answer["calendars"] == {}


def test_calendars_beyond_the_limit_are_refused_each(service, google):
    """Google, Freebusy: calendarExpansionMax."""
    items = [{"id": each} for each in google.anna.calendars]
    body = {**WINDOW, "items": items, "calendarExpansionMax": 1}
    first, second = service.freebusy().query(body=body).execute()["calendars"].values()
    assert "errors" not in first
    assert second["errors"][0]["reason"] == "tooManyCalendarsRequested"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"timeMin": None}, "required"),
        ({"timeMax": ""}, "required"),
        ({"timeMax": WINDOW["timeMin"]}, "timeRangeEmpty"),
        ({"timeMin": "2026-03-10"}, "badRequest"),
        ({"timeZone": "Nowhere"}, "invalid"),
        ({"items": [{}]}, "required"),
        ({"calendarExpansionMax": 51}, "invalid"),
        ({"groupExpansionMax": 101}, "invalid"),
        ({"items": "x"}, "invalid"),
    ],
)
def test_wrong_queries_are_refused(service, refusal, change, reason):
    """Facts 12: 400 with a reason."""
    request = service.freebusy().query(body={**WINDOW, "items": [], **change})
    assert refusal(request) == (400, reason)


@pytest.mark.parametrize("scope", ["calendar.freebusy", "calendar.events.freebusy"])
def test_narrow_scopes_are_enough(granted, scope, refusal):
    """Facts 13: freebusy scopes."""
    body = {**WINDOW, "items": [{"id": "primary"}]}
    granted(scope).freebusy().query(body=body).execute()
    request = granted("calendar.events").freebusy().query(body=body)
    assert refusal(request) == (403, "insufficientPermissions")
