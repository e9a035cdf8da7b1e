"""A running rehearsal Google, and Google's own client library pointed at it."""

import json
import urllib.request
from dataclasses import dataclass, field
from importlib.resources import files
from types import SimpleNamespace

import httplib2
import pytest
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build_from_document
from googleapiclient.errors import HttpError

from bridge.rehearsal.oauth.grants import Bearer, issue_access_token
from bridge.rehearsal.oauth.scopes import PREFIX
from bridge.rehearsal.server import RehearsalServer

_DOCUMENT = json.loads(
    (files("googleapiclient.discovery_cache") / "documents/calendar.v3.json").read_text()
)


def discovery_document():
    """Return Google's discovery document of Calendar v3 as the client library ships it."""
    return json.loads(json.dumps(_DOCUMENT))


@dataclass
class Google:
    """What a test needs of a rehearsal: clients per account, the control surface, raw HTTP."""

    server: RehearsalServer
    opened: list = field(default_factory=list)

    def __post_init__(self):
        self.described = self.server.describe()
        self.root = self.described.root
        self.anna, self.ben = self.described.accounts

    def service(self, token=None, *, timeout=10):
        """Return a Calendar service for an access token, by default Anna's printed one."""
        http = AuthorizedHttp(
            Credentials(token=token or self.anna.access_token),
            http=httplib2.Http(timeout=timeout),
        )
        document = discovery_document()
        document["rootUrl"] = f"{self.root}/"
        document["baseUrl"] = f"{self.root}/calendar/v3/"
        service = build_from_document(document, http=http)
        self.opened.append(service)
        return service

    def control(self, method, call, body=None):
        """Call the control surface and return its JSON."""
        return json.loads(self.http(method, f"/_rehearsal/{call}", body=body)[1])

    def http(self, method, path, *, body=None, headers=None):
        """Send one plain request and return (status, text, headers), redirects not followed."""
        data = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        request = urllib.request.Request(
            self.root + path, data=data, method=method, headers=headers or {}
        )
        opener = urllib.request.build_opener(_NoRedirect)
        try:
            with opener.open(request, timeout=10) as response:
                return response.status, response.read().decode(), dict(response.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(), dict(error.headers)

    def api(self, method, path, *, body=None, headers=None, token=None):
        """Send one plain API request as Anna and return (status, JSON or None)."""
        sent = {"Authorization": f"Bearer {token or self.anna.access_token}", **(headers or {})}
        status, text, _ = self.http(method, f"/calendar/v3{path}", body=body, headers=sent)
        return status, json.loads(text) if text else None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args, **_keywords):
        return None


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
    for service in held.opened:
        service.close()


@pytest.fixture
def service(google):
    """The client library, signed in as Anna."""
    return google.service()


@pytest.fixture
def events(service):
    """The `events` collection, as Anna."""
    return service.events()


@pytest.fixture
def granted(google):
    """A function that returns a service for some scopes, granted to the printed client."""

    def make(*names, email="anna@example.com"):
        scopes = tuple(PREFIX + name for name in names)
        bearer = Bearer(email=email, client_id=google.described.client_id, scopes=scopes)
        return google.service(issue_access_token(google.server.world, bearer))

    return make


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
def ben(google):
    """The `events` collection, as Ben."""
    return google.service(google.ben.access_token).events()


@pytest.fixture
def cora(google):
    """The `events` collection as Cora, who has an account too."""
    account = google.control("POST", "accounts", {"email": "cora@example.com"})
    return google.service(account["access_token"]).events()


@pytest.fixture
def people(events, ben, cora):
    """The `events` collections of three accounts: `anna`, `ben` and `cora`."""
    return SimpleNamespace(anna=events, ben=ben, cora=cora)


@pytest.fixture
def reader():
    """A function that lists a calendar and returns one that tells what changed since, by id."""

    def begin(events, calendar="primary", **more):
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
