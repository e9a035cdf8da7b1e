"""`demo`: everything on loopback, already connected, in one command."""

from __future__ import annotations

import os
import sys
import threading
import time
from dataclasses import asdict, dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from bridge.application.connections import list_connections
from bridge.application.users import user_of
from bridge.bootstrap.core import Core
from bridge.cli.commands import Command
from bridge.cli.consent_walk import allow
from bridge.cli.demo_data import DemoLogin, locked_folder, prepare_data, write_config
from bridge.cli.output import json_option, print_json
from bridge.cli.processes import settle
from bridge.cli.rehearsal import rehearsal_on, taken
from bridge.cli.signals import stop_event
from bridge.cli.supervisor import ChildCommand, Supervisor
from bridge.cli.web_server import listening
from bridge.config import Settings, load_settings
from bridge.config.loading import PREFIX
from bridge.domain.connection import Connection, ConnectionState
from bridge.domain.sync_settings import SyncSettings
from bridge.errors import BridgeError, ConfigError
from bridge.google_calendar.session import GoogleCalendar
from bridge.log import set_up_logging
from bridge.rehearsal.server import Description, RehearsalServer

DEFAULT_DATA = Path("crmdav-data/demo")
DEFAULT_PORT = 5232
USUAL_GOOGLE_PORT = 5233
CALENDAR_NAME = "CRM activities"

_READY_SECONDS = 60.0
_SESSION = "demo"


@click.command(cls=Command)
@click.option("--port", type=int, default=DEFAULT_PORT, show_default=True, help="0: any free one.")
@click.option(
    "--google-port",
    type=int,
    default=None,
    help=f"Of the rehearsal Google; default {USUAL_GOOGLE_PORT} or any free one.",
)
@click.option(
    "--data",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_DATA,
    show_default=True,
    help="Where the demo keeps its data for the next start.",
)
@json_option
def demo(*, port: int, google_port: int | None, data: Path, as_json: bool) -> int:
    """Run a sample CRM, its server and worker, and a rehearsal Google, until Ctrl-C.

    No account is needed and nothing leaves this machine. One user is connected already. Prints one
    line per address and login, then `ready`.

    \b
    Example:
        crmdav demo --port 5232
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    stop = stop_event()
    _forget_environment()
    set_up_logging(level="warning", style="text")
    folder = data.resolve()
    with locked_folder(folder), _google(google_port, folder / "google.sqlite3") as google:
        try:
            listener = listening("127.0.0.1", port)
        except OSError as error:
            raise taken(port, "--port") from error
        with listener:
            config = write_config(folder, port=listener.getsockname()[1], google=google.describe())
            core = Core(settings=load_settings(config, environ={}))
            try:
                return _run(
                    core, config, google, _Run(stop=stop, socket=listener.fileno(), as_json=as_json)
                )
            finally:
                core.database.dispose()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Run:
    """How this run of the demo was asked for.

    Attributes:
        socket: File descriptor the server listens on.
    """

    stop: threading.Event
    socket: int
    as_json: bool


def _run(core: Core, config: Path, google: RehearsalServer, asked: _Run) -> int:
    logins = prepare_data(core, config.parent)
    base = (sys.executable, "-m", "bridge", "--config", str(config))
    supervisor = Supervisor(
        (
            ChildCommand(
                name="serve",
                arguments=(*base, "serve", "--inherited-socket", str(asked.socket)),
                sockets=(asked.socket,),
            ),
            ChildCommand(name="worker", arguments=(*base, "worker")),
        )
    )

    def announce() -> None:
        """Connect the first user, and tell where everything is once it answers."""
        connection = connect(core, logins[0].login, google.describe())
        _wait_until_ready(core.settings, asked.stop)
        if asked.stop.is_set():
            return
        described = google.describe()
        if asked.as_json:
            print_json(description(core.settings, logins, described, connection))
        else:
            for line in _lines(core.settings, logins, described, config):
                click.echo(line)
        click.echo("ready")

    settle()
    return supervisor.run(asked.stop, started=announce)


def connect(core: Core, login: str, google: Description) -> Connection:
    """Return the user's connection, made now through Google's consent page if there is none.

    Raises:
        BridgeError: The rehearsal Google did not play along.
    """
    user = user_of(core.database, login)
    for connection in list_connections(core.database):
        if connection.user_id == user.id and connection.state is not ConnectionState.NEW:
            return connection
    connecting = core.connecting
    account = google.accounts[0].email
    page = connecting.begin(user, session_digest=_SESSION, login_hint=account)
    answer = allow(page, account=account)
    connection = connecting.finish(user, answer, session_digest=_SESSION)
    with core.database.read() as work:
        types = frozenset(kind.key for kind in work.types.list(user.company_id))
    settings = SyncSettings(
        incoming_type="meeting",
        outgoing_types=types,
        sync_from=core.clock.now().astimezone(ZoneInfo(user.timezone)).date(),
    )
    calendar = _calendar(core, connection, zone=user.timezone)
    return connecting.choose_and_start(connection, calendar=calendar, settings=settings)


def description(
    settings: Settings,
    logins: tuple[DemoLogin, ...],
    google: Description,
    connection: Connection,
) -> dict[str, Any]:
    """Return the object of `demo --json` (contract section 8)."""
    web_url = settings.server.public_url
    first = logins[0]
    return {
        "web_url": web_url,
        "caldav_url": settings.caldav_url,
        "login": first.login,
        "password": first.password,
        "app_password": first.app_password,
        "api_url": f"{web_url}/api/v2",
        "api_token": first.api_token,
        "google": google.to_json(),
        "google_calendar_id": connection.google_calendar_id,
        "users": [asdict(login) for login in logins],
    }


def _lines(
    settings: Settings, logins: tuple[DemoLogin, ...], google: Description, config: Path
) -> list[str]:
    web_url, caldav_url = settings.server.public_url, settings.caldav_url
    lines = [
        f"pages: {web_url}/",
        f"Calendar sync: {web_url}/settings/calendar-sync",
        f"rehearsal Google: {google.root}/",
    ]
    for login in logins:
        lines.append(f"CalDAV of {login.login}: {caldav_url}{login.login}/")
        lines.append(
            f"login: {login.login}   password: {login.password}"
            f"   app password: {login.app_password}"
        )
    lines.append(f"commands: crmdav --config {config} plan {logins[0].login}")
    return lines


def _google(port: int | None, state: Path) -> RehearsalServer:
    if port is not None:
        return rehearsal_on(port, state=state, allow_http_push=True, option="--google-port")
    try:
        return rehearsal_on(USUAL_GOOGLE_PORT, state=state, allow_http_push=True)
    except ConfigError:
        return rehearsal_on(0, state=state, allow_http_push=True)


def _calendar(core: Core, connection: Connection, *, zone: str) -> GoogleCalendar:
    """Return the account's own calendar for activities; its main calendar is left alone."""
    others = [one for one in core.connecting.calendars(connection) if not one.primary]
    named = [one for one in others if one.name == CALENDAR_NAME]
    found = next(iter([*named, *others]), None)
    return found or core.connecting.create_calendar(connection, zone=zone)


def _wait_until_ready(settings: Settings, stop: threading.Event) -> None:
    deadline = time.monotonic() + _READY_SECONDS
    while not stop.is_set() and not _is_ready(settings):
        if time.monotonic() > deadline:
            raise BridgeError("the server did not get ready in time")
        stop.wait(0.05)


def _is_ready(settings: Settings) -> bool:
    connection = HTTPConnection(settings.server.host, settings.server.port, timeout=5)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        answer.read()
    except OSError:
        return False
    finally:
        connection.close()
    return answer.status == 200  # noqa: PLR2004 - OK


def _forget_environment() -> None:
    """Keep settings of a real installation out of the demo and its children."""
    for name in list(os.environ):
        if name.startswith(PREFIX):
            del os.environ[name]
