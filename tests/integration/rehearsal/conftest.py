"""A running rehearsal Google, and Google's own client library pointed at it."""

from types import SimpleNamespace

import pytest

from bridge.rehearsal.oauth.grants import Bearer, issue_access_token
from bridge.rehearsal.oauth.scopes import PREFIX
from bridge.rehearsal.server import RehearsalServer
from google_client import Google
from google_fixtures import events, refusal, service, timed  # noqa: F401 - fixtures


@pytest.fixture(autouse=True)
def nobody_is_mailed():
    """Let Google mail: what it does when it is asked to is tried here, without a client of ours."""


@pytest.fixture
def rehearsal_server():
    """A fresh rehearsal in memory, stopped after the test."""
    with RehearsalServer(port=0) as server:
        yield server


@pytest.fixture
def google(rehearsal_server):
    """What a test needs of the rehearsal."""
    held = Google(rehearsal_server)
    yield held
    held.close()


@pytest.fixture
def granted(google):
    """A function that returns a service for some scopes, granted to the printed client."""

    def make(*names, email="anna@example.com"):
        scopes = tuple(PREFIX + name for name in names)
        bearer = Bearer(email=email, client_id=google.described.client_id, scopes=scopes)
        return google.service(issue_access_token(google.server.world, bearer))

    return make


@pytest.fixture
def ben(google):
    """The `events` collection, as Ben."""
    return google.service(google.ben.access_token).events()


@pytest.fixture
def cora(google):
    """The `events` collection as Cora, who has an account too."""
    account = google.control("POST", "accounts", {"email": "cora@example.com"})
    return google.service(account["access_token"]).events()


@pytest.fixture
def people(events, ben, cora):  # noqa: F811 - the fixture above
    """The `events` collections of three accounts: `anna`, `ben` and `cora`."""
    return SimpleNamespace(anna=events, ben=ben, cora=cora)


@pytest.fixture
def reader():
    """A function that lists a calendar and returns one that tells what changed since, by id."""

    def begin(events, calendar="primary", **more):  # noqa: F811 - anybody's
        held = {"token": events.list(calendarId=calendar, **more).execute()["nextSyncToken"]}

        def changes():
            answer = events.list(calendarId=calendar, syncToken=held["token"], **more).execute()
            held["token"] = answer["nextSyncToken"]
            return {item["id"]: item for item in answer["items"]}

        return changes

    return begin


@pytest.fixture
def replies():
    """A function that returns the reply of each guest of an event, by address."""

    def read(event):
        return {guest["email"]: guest["responseStatus"] for guest in event.get("attendees", [])}

    return read
