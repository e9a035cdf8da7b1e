"""Fixtures over `google`, the rehearsal at hand; a conftest imports them beside its `google`."""

import json

import pytest
from googleapiclient.errors import HttpError


@pytest.fixture
def service(google):
    """The client library, signed in as Anna."""
    return google.service()


@pytest.fixture
def events(service):
    """The `events` collection, as Anna."""
    return service.events()


@pytest.fixture
def refusal():
    """A function that runs a request and returns (status, reason) of Google's refusal."""

    def run(request):
        with pytest.raises(HttpError) as caught:
            request.execute()
        error = json.loads(caught.value.content)["error"]
        assert error["code"] == caught.value.resp.status
        return error["code"], error["errors"][0]["reason"]

    return run


@pytest.fixture
def timed():
    """A function that returns the body of a timed event of half an hour in Berlin."""

    def make(summary="Call Ada", *, day="2026-03-10", hour=10, **more):
        return {
            "summary": summary,
            "start": {"dateTime": f"{day}T{hour:02d}:00:00", "timeZone": "Europe/Berlin"},
            "end": {"dateTime": f"{day}T{hour:02d}:30:00", "timeZone": "Europe/Berlin"},
            **more,
        }

    return make


@pytest.fixture
def share(service, google):
    """A function that gives Ben a role on Anna's second calendar and returns its id."""

    def give(role):
        rule = {"role": role, "scope": {"type": "user", "value": "ben@example.com"}}
        second = google.anna.calendars[1]
        service.acl().insert(calendarId=second, body=rule).execute()
        return second

    return give
