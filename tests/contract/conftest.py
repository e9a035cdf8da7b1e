"""The collections the contract suite runs against, each fresh and empty.

A collection joins by a fixture of its own whose name is in `COLLECTIONS`.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from radicale import config as radicale_config
from radicale.app import Application

from bridge.caldav_calendar.client import CalDavClient
from bridge.caldav_calendar.collection import CalDavCollection
from bridge.caldav_calendar.sign_in import password_sign_in
from bridge.google_calendar.access import GoogleAccess
from bridge.google_calendar.addresses import GoogleAddresses, GoogleClient
from bridge.google_calendar.collection import GoogleCollection
from bridge.google_calendar.oauth import AccessToken
from bridge.google_calendar.session import GoogleSession
from bridge.rehearsal.server import RehearsalServer
from bridge.sync.memory import MemoryCollection
from bridge.sync.model import Side
from bridge.sync.ports import Collection

COLLECTIONS = ["memory_google", "memory_calendar", "google_over_http", "caldav_over_http"]


@pytest.fixture(params=COLLECTIONS)
def collection(request: pytest.FixtureRequest) -> Collection:
    """Return each kind of collection in turn."""
    chosen: Collection = request.getfixturevalue(request.param)
    return chosen


@pytest.fixture
def memory_google() -> MemoryCollection:
    """Return a Google calendar in memory."""
    return MemoryCollection(Side.GOOGLE, "google")


@pytest.fixture
def memory_calendar() -> MemoryCollection:
    """Return a calendar collection in memory."""
    return MemoryCollection(Side.CALENDAR, "activities")


@pytest.fixture
def google_over_http() -> Iterator[GoogleCollection]:
    """Return a new calendar of an account of the rehearsal Google."""
    with RehearsalServer(port=0) as server:
        told = server.describe()
        access = GoogleAccess(
            addresses=GoogleAddresses(
                authorization_url=told.authorization_url,
                token_url=told.token_url,
                revocation_url=told.revocation_url,
                api_url=told.api_url,
            ),
            client=GoogleClient(client_id=told.client_id, client_secret=told.client_secret),
            refresh_token="none",
            access_token=AccessToken(
                token=told.accounts[0].access_token,
                expires_at=datetime.now(UTC) + timedelta(days=1),
            ),
        )
        session = GoogleSession(access, timeout_seconds=10)
        made = session.create_calendar("CRM", "Europe/Berlin")
        yield GoogleCollection(session, made, install_key=bytes(32))
        session.close()


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture
def caldav_over_http(tmp_path: Path) -> Iterator[CalDavCollection]:
    """Return a new calendar on stock Radicale."""
    configuration = radicale_config.load()
    configuration.update(
        {
            "storage": {"filesystem_folder": str(tmp_path / "collections")},
            "auth": {"type": "none"},
            "logging": {"level": "critical"},
        },
        "contract suite",
    )
    server = make_server(
        "127.0.0.1",
        0,
        Application(configuration),
        server_class=WSGIServer,
        handler_class=_QuietHandler,
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    root = f"http://127.0.0.1:{server.server_port}/"
    client = CalDavClient(root, password_sign_in("anna", "any"), timeout_seconds=10)
    client._dav.mkcalendar(root + "anna/activities/")
    yield CalDavCollection(client, root + "anna/activities/", "activities")
    client.close()
    server.shutdown()
    thread.join()
    server.server_close()
