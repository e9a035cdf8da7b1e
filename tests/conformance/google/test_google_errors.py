"""Error bodies, reason by reason (facts 12)."""

import json

import pytest
from googleapiclient.errors import HttpError

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "status:403:userRateLimitExceeded",
            (403, "usageLimits", "userRateLimitExceeded", "User Rate Limit Exceeded"),
        ),
        (
            "status:403:rateLimitExceeded",
            (403, "usageLimits", "rateLimitExceeded", "Rate Limit Exceeded"),
        ),
        ("status:429", (429, "usageLimits", "rateLimitExceeded", "Rate Limit Exceeded")),
        (
            "status:403:quotaExceeded",
            (403, "usageLimits", "quotaExceeded", "Calendar usage limits exceeded."),
        ),
        ("status:500", (500, "global", "backendError", "Backend Error")),
        ("status:503", (503, "global", "backendError", "Backend Error")),
    ],
)
@pytest.mark.fact("12", "domain, reason and message of refusals that pass", "D")
def test_refusal_on_demand_is_told_in_full(events, fault, error, name, told):
    fault(name)
    found = error(events.list(calendarId="primary"))
    assert (found["code"], found["domain"], found["reason"], found["message"]) == told


@pytest.mark.parametrize("reason", ["dailyLimitExceeded", "accessNotConfigured"])
@pytest.mark.fact("12", "403 usageLimits: the operator's matter", "K")
def test_operators_refusals(events, fault, error, reason):
    fault(f"status:403:{reason}")
    found = error(events.list(calendarId="primary"))
    assert (found["code"], found["domain"], found["reason"]) == (403, "usageLimits", reason)


@pytest.mark.fact("12", "body: error with errors[], code and message", "D")
def test_form_of_the_body(events):
    with pytest.raises(HttpError) as caught:
        events.get(calendarId="primary", eventId="unknown").execute()
    body = json.loads(caught.value.content)
    assert set(body) == {"error"}
    assert {"errors", "code", "message"} <= set(body["error"])
    assert body["error"]["code"] == caught.value.resp.status == 404
    (entry,) = body["error"]["errors"]
    assert entry == {"domain": "global", "reason": "notFound", "message": "Not Found"}
    assert caught.value.resp["content-type"].startswith("application/json")


@pytest.mark.parametrize("method", ["get", "patch", "update", "delete", "instances"])
@pytest.mark.fact("12", "404 global / notFound, Not Found", "D")
def test_unknown_event_is_not_found(events, error, method):
    more = {"body": DAY} if method in {"patch", "update"} else {}
    told = error(getattr(events, method)(calendarId="primary", eventId="unknown", **more))
    assert (told["code"], told["domain"], told["reason"]) == (404, "global", "notFound")
    assert told["message"] == "Not Found"


@pytest.mark.parametrize(
    "make",
    [
        lambda service: service.events().list(calendarId="nobody@example.org"),
        lambda service: service.events().insert(calendarId="nobody@example.org", body=DAY),
        lambda service: service.calendars().get(calendarId="nobody@example.org"),
        lambda service: service.calendarList().get(calendarId="nobody@example.org"),
        lambda service: service.acl().list(calendarId="nobody@example.org"),
    ],
    ids=["events.list", "events.insert", "calendars.get", "calendarList.get", "acl.list"],
)
@pytest.mark.fact("12", "404: gone or no access", "D")
def test_unknown_calendar_is_not_found(service, refusal, make):
    assert refusal(make(service)) == (404, "notFound")


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({}, "required"),
        ({"start": {"date": "2026-03-10"}}, "required"),
        ({**DAY, "colorId": "99"}, "invalid"),
        ({**DAY, "attendees": [{}]}, "required"),
        ({**DAY, "summary": ["x"]}, "invalid"),
    ],
    ids=["nothing", "no end", "colour", "guest", "type"],
)
@pytest.mark.fact("12", "400 global: required, invalid", "D")
def test_unfit_bodies(events, error, body, reason):
    told = error(events.insert(calendarId="primary", body=body))
    assert (told["code"], told["domain"], told["reason"]) == (400, "global", reason)


@pytest.mark.fact("12", "403 and 410 each have opposite meanings: decide by reason", "D")
def test_one_status_has_several_reasons(events, fault, error):
    made = events.insert(calendarId="primary", body=DAY).execute()["id"]
    events.delete(calendarId="primary", eventId=made).execute()
    reasons = {error(events.delete(calendarId="primary", eventId=made))["reason"]}
    reasons.add(
        error(events.list(calendarId="primary", updatedMin="2020-01-01T00:00:00Z"))["reason"]
    )
    fault("status:410")
    reasons.add(error(events.list(calendarId="primary"))["reason"])
    assert reasons == {"deleted", "updatedMinTooLongAgo", "fullSyncRequired"}


class TestFreeBusy:
    """Errors inside an answer."""

    @pytest.mark.fact("1", "freebusy query", "D")
    def test_busy_times_of_the_own_calendar(self, service, events, timed):
        events.insert(calendarId="primary", body=timed()).execute()
        events.insert(
            calendarId="primary", body=timed(hour=12, transparency="transparent")
        ).execute()
        body = {
            "timeMin": "2026-03-10T00:00:00Z",
            "timeMax": "2026-03-11T00:00:00Z",
            "items": [{"id": "primary"}],
        }
        found = service.freebusy().query(body=body).execute()
        assert found["kind"] == "calendar#freeBusy"
        (busy,) = found["calendars"].values()
        assert busy["busy"] == [{"start": "2026-03-10T09:00:00Z", "end": "2026-03-10T09:30:00Z"}]

    @pytest.mark.fact("12", "freebusy of an unknown calendar: notFound in its entry", "D")
    def test_unknown_calendar_is_an_error_of_its_entry(self, service):
        body = {
            "timeMin": "2026-03-10T00:00:00Z",
            "timeMax": "2026-03-11T00:00:00Z",
            "items": [{"id": "nobody@example.org"}],
        }
        found = service.freebusy().query(body=body).execute()
        (entry,) = found["calendars"].values()
        assert entry["errors"][0]["reason"] == "notFound"

    @pytest.mark.fact("2", "transparency opaque is busy, transparent free", "D")
    def test_free_event_is_not_busy(self, service, events, timed):
        events.insert(calendarId="primary", body=timed(transparency="transparent")).execute()
        body = {
            "timeMin": "2026-03-10T00:00:00Z",
            "timeMax": "2026-03-11T00:00:00Z",
            "items": [{"id": "anna@example.com"}],
        }
        found = service.freebusy().query(body=body).execute()
        assert found["calendars"]["anna@example.com"]["busy"] == []
