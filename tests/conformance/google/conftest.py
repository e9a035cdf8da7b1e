"""One rehearsal Google for the cases of a file, back at its start for each."""

import json

import pytest
from googleapiclient.errors import HttpError

from bridge.rehearsal.server import RehearsalServer
from consent_flow import Consent
from google_client import Google
from google_fixtures import events, refusal, service, share, timed  # noqa: F401 - fixtures


@pytest.fixture(autouse=True)
def nobody_is_mailed():
    """Let Google mail: what it does when it is asked to is tried here, without a client of ours."""


@pytest.fixture(scope="module")
def rehearsal():
    """A rehearsal in memory."""
    with RehearsalServer(port=0) as server:
        yield server


@pytest.fixture
def google(rehearsal):
    """The rehearsal with two accounts and empty calendars."""
    held = Google(rehearsal)
    held.reset()
    yield held
    held.close()


@pytest.fixture
def ben(google):
    """The client library, signed in as Ben."""
    return google.service(google.ben.access_token)


@pytest.fixture
def switch(google):
    """A function that sets switches of the rehearsal."""

    def turn(**chosen):
        answer = google.control("POST", "switches", chosen)
        assert "error" not in answer, answer

    return turn


@pytest.fixture
def advance(google):
    """A function that moves the rehearsal's clock ahead by seconds and returns its time."""

    def move(seconds):
        return google.control("POST", "clock", {"advance_seconds": seconds})["now"]

    return move


@pytest.fixture
def error():
    """A function that runs a request and returns Google's error, its first entry with the code."""

    def run(request):
        with pytest.raises(HttpError) as caught:
            request.execute()
        body = json.loads(caught.value.content)["error"]
        return {"code": body["code"], **body["errors"][0]}

    return run


@pytest.fixture
def fault(google):
    """A function that orders a fault for the next matching request."""

    def order(name, **more):
        answer = google.control("POST", "faults", {"fault": name, **more})
        assert "error" not in answer, answer

    return order


@pytest.fixture
def requests_seen(google):
    """A function that returns the requests seen so far and forgets them."""

    def take():
        seen = google.control("GET", "requests")
        google.control("DELETE", "requests")
        return seen

    return take


@pytest.fixture
def consent(google, monkeypatch):
    """google-auth-oauthlib's flows with a person at the consent page."""
    # The rehearsal speaks http, as it does on loopback only.
    monkeypatch.setenv("OAUTHLIB_INSECURE_TRANSPORT", "1")
    held = Consent(google)
    yield held
    held.close()
