"""A CalDAV server of other people's make: stock Radicale in a thread, with storage in a folder."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from radicale import config as radicale_config
from radicale.app import Application

from bridge.caldav_calendar.client import CalDavClient
from bridge.caldav_calendar.collection import CalDavCollection
from bridge.caldav_calendar.sign_in import password_sign_in


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *args):
        pass


class _RecordingApplication:
    """Radicale, and what it was asked: (method, path, headers of interest)."""

    def __init__(self, application):
        self._application = application
        self.requests: list[tuple[str, str, dict[str, str]]] = []

    def __call__(self, environ, start_response):
        names = ("HTTP_IF_MATCH", "HTTP_IF_NONE_MATCH", "HTTP_AUTHORIZATION")
        headers = {name: environ[name] for name in names if name in environ}
        self.requests.append((environ["REQUEST_METHOD"], environ["PATH_INFO"], headers))
        return self._application(environ, start_response)


@dataclass(frozen=True)
class StockServer:
    """A running server and the collection tests work in."""

    root: str
    application: _RecordingApplication

    @property
    def collection_url(self) -> str:
        """Address of the calendar."""
        return f"{self.root}/anna/activities/"


@pytest.fixture
def stock_radicale(tmp_path: Path) -> Iterator[StockServer]:
    """Return a running server with the user Anna."""
    users = tmp_path / "users"
    users.write_text("anna:secret\n")
    configuration = radicale_config.load()
    configuration.update(
        {
            "storage": {"filesystem_folder": str(tmp_path / "collections")},
            "auth": {
                "type": "htpasswd",
                "htpasswd_filename": str(users),
                "htpasswd_encryption": "plain",
                "delay": "0",
            },
            "logging": {"level": "critical"},
        },
        "test",
    )
    application = _RecordingApplication(Application(configuration))
    server = make_server(
        "127.0.0.1", 0, application, server_class=WSGIServer, handler_class=_QuietHandler
    )
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield StockServer(f"http://127.0.0.1:{server.server_port}", application)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def caldav_client(stock_radicale: StockServer) -> Iterator[CalDavClient]:
    """Return a client signed in as Anna, her calendar made."""
    client = CalDavClient(
        stock_radicale.root + "/", password_sign_in("anna", "secret"), timeout_seconds=5
    )
    client._dav.mkcalendar(stock_radicale.collection_url)
    yield client
    client.close()


@pytest.fixture
def caldav_collection(stock_radicale: StockServer, caldav_client: CalDavClient) -> CalDavCollection:
    """Return the collection over her calendar."""
    stock_radicale.application.requests.clear()
    return CalDavCollection(caldav_client, stock_radicale.collection_url, "activities")
