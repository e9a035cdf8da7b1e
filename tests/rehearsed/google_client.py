"""A rehearsal Google as tests use it: Google's own client library pointed at it, and plain HTTP."""

import json
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from importlib.resources import files

import httplib2
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp
from googleapiclient.discovery import build_from_document

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
        self.look()

    def look(self):
        """Note addresses, accounts and their calendars as they are now."""
        self.described = self.server.describe()
        self.root = self.described.root
        self.anna, self.ben, *_ = self.described.accounts

    def reset(self):
        """Bring the rehearsal back to its start."""
        self.control("POST", "reset")
        # Accounts may have been added and calendars taken away.
        self.look()

    def service(self, token=None, *, timeout=10):
        """Return a Calendar service for an access token, by default Anna's printed one."""
        return self.service_of(Credentials(token=token or self.anna.access_token), timeout=timeout)

    def service_of(self, credentials, *, timeout=10):
        """Return a Calendar service for credentials of google-auth."""
        http = AuthorizedHttp(credentials, http=httplib2.Http(timeout=timeout))
        document = discovery_document()
        document["rootUrl"] = f"{self.root}/"
        document["baseUrl"] = f"{self.root}/calendar/v3/"
        service = build_from_document(document, http=http)
        self.opened.append(service)
        return service

    def close(self):
        """Close what the services opened."""
        while self.opened:
            self.opened.pop().close()

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
