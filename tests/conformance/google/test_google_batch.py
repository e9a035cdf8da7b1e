"""Batches (google-calendar-facts section 12)."""

import json

import pytest
from googleapiclient.errors import HttpError

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}


def run(service, requests):
    """Run requests as one batch and return (id, answer, status of refusal or None) in order."""
    seen = []

    def note(identity, answer, error):
        seen.append((identity, answer, error and error.resp.status))

    batch = service.new_batch_http_request(callback=note)
    for identity, request in requests.items():
        batch.add(request, request_id=identity)
    batch.execute()
    return seen


@pytest.mark.fact("12", "answers in order, each part fails by itself", "D")
def test_each_part_succeeds_or_fails_by_itself(service, events):
    taken = events.insert(calendarId="primary", body={"id": "taken", **DAY}).execute()
    stale = events.patch(calendarId="primary", eventId="taken", body={"summary": "x"})
    stale.headers["If-Match"] = '"1"'
    fresh = events.patch(calendarId="primary", eventId="taken", body={"summary": "y"})
    fresh.headers["If-Match"] = taken["etag"]
    seen = run(
        service,
        {
            "new": events.insert(calendarId="primary", body={"id": "other", **DAY}),
            "again": events.insert(calendarId="primary", body={"id": "taken", **DAY}),
            "bad": events.insert(calendarId="primary", body={}),
            "stale": stale,
            "fresh": fresh,
            "get": events.get(calendarId="primary", eventId="taken", fields="id"),
            "gone": events.get(calendarId="primary", eventId="nothing"),
            "list": events.list(calendarId="primary"),
            "delete": events.delete(calendarId="primary", eventId="other"),
        },
    )
    assert [(identity, status) for identity, _, status in seen] == [
        ("new", None),
        ("again", 409),
        ("bad", 400),
        ("stale", 412),
        ("fresh", None),
        ("get", None),
        ("gone", 404),
        ("list", None),
        ("delete", None),
    ]
    answers = {identity: answer for identity, answer, _ in seen}
    assert answers["get"] == {"id": "taken"}
    assert answers["fresh"]["summary"] == "y"
    assert len(answers["list"]["items"]) == 2


@pytest.mark.fact("12", "older pages say 50, the current one 1000; a switch", "D")
def test_fifty_parts_are_the_limit_unless_switched(service, events, google):

    def batch(count):
        requests = {str(n): events.insert(calendarId="primary", body=DAY) for n in range(count)}
        return run(service, requests)

    assert len(batch(50)) == 50
    with pytest.raises(HttpError) as caught:
        batch(51)
    assert caught.value.resp.status == 400
    google.control("POST", "switches", {"batch_limit": 1000})
    assert len(batch(51)) == 51


@pytest.mark.fact("12", "outer headers apply to parts unless overridden", "D")
def test_tokens_of_parts_are_checked(service, events, google):
    ben = google.service(google.ben.access_token)
    seen = run(
        service,
        {
            "own": events.list(calendarId="anna@example.com"),
            "bens": ben.events().list(calendarId="ben@example.com"),
        },
    )
    assert [status for _, _, status in seen] == [None, None]


@pytest.mark.fact("12", "400 in the documented form", "D")
def test_nonsense_is_refused_in_googles_form(google):
    for body, kind in (
        (b"", "multipart/mixed; boundary=x"),
        (b"nothing", "text/plain"),
        (b"{}", "application/json"),
        (b"--x\r\n", "multipart/mixed"),
        (b"--x\r\n\r\nGET / HTTP/1.1\r\n--x--\r\n", "multipart/form-data; boundary=x"),
    ):
        sent = {"Content-Type": kind, "Authorization": f"Bearer {google.anna.access_token}"}
        status, text, _ = google.http("POST", "/batch/calendar/v3", body=body, headers=sent)
        assert (status, json.loads(text)["error"]["code"]) == (400, 400)


def refused(service, requests):
    """Run requests as one batch and return each refusal as (status, reason), None for the rest."""
    told = []

    def note(_identity, _answer, error):
        entry = error and json.loads(error.content)["error"]
        told.append(entry and (entry["code"], entry["errors"][0]["reason"]))

    batch = service.new_batch_http_request(callback=note)
    for request in requests:
        batch.add(request)
    batch.execute()
    return told


@pytest.mark.parametrize(
    ("ordered", "expected"),
    [
        ("status:409", (409, "conflict")),
        ("status:403:rateLimitExceeded", (403, "rateLimitExceeded")),
        ("status:403:quotaExceeded", (403, "quotaExceeded")),
        ("status:503", (503, "backendError")),
    ],
)
@pytest.mark.fact("12", "each part fails by itself", "D")
def test_one_part_is_struck_and_the_others_go_on(service, events, google, fault, ordered, expected):
    fault(ordered, parts=True, after=1)
    bodies = [{"id": f"strike{n}", **DAY} for n in range(3)]
    made = [events.insert(calendarId="primary", body=body) for body in bodies]
    assert refused(service, made) == [None, expected, None]
    listed = events.list(calendarId="primary").execute()["items"]
    assert {item["id"] for item in listed} == {"strike0", "strike2"}
    (logged,) = [each for each in google.control("GET", "requests") if each.get("parts")]
    assert [part["fault"] for part in logged["parts"]] == ["", "status", ""]
    assert google.control("GET", "faults") == {"waiting": 0}


@pytest.mark.fact("12", "an error of the backend does not say that nothing was done", "K")
def test_a_part_can_be_done_though_it_answers_with_an_error(service, events, fault):
    fault("status_after:503", parts=True, method="POST")
    made = events.insert(calendarId="primary", body={"id": "struck", **DAY})
    assert refused(service, [made]) == [(503, "backendError")]
    assert events.get(calendarId="primary", eventId="struck").execute()["status"] == "confirmed"


@pytest.mark.fact("12", "order of execution is not promised", "D")
def test_parts_are_carried_out_in_any_order_and_answered_in_theirs(service, events, switch):
    switch(batch_order="reversed")
    requests = {
        "get": events.get(calendarId="primary", eventId="turned", fields="id"),
        "make": events.insert(calendarId="primary", body={"id": "turned", **DAY}, fields="id"),
    }
    assert run(service, requests) == [
        ("get", {"id": "turned"}, None),
        ("make", {"id": "turned"}, None),
    ]
