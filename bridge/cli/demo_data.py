"""The demo's folder: configuration, key, database with sample data, and the printed logins.

Everything is made once; a later start finds it again. A start that was cut off is repeated from
where it was.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from bridge.application.access_secrets import SecretKind
from bridge.application.keys import make_key_file
from bridge.application.sample_data import add_sample_data
from bridge.application.users import NewUser, add_user, list_users, prepare_installation, user_of
from bridge.bootstrap.core import Core
from bridge.config.example import toml_value
from bridge.domain.users import Role, User
from bridge.errors import ConfigError
from bridge.rehearsal.server import Description

CONFIG_FILE = "crmdav.toml"
LOGINS_FILE = "logins.json"
POLL_SECONDS = 2

PEOPLE = (
    NewUser(
        login="anna",
        name="Anna Lindner",
        email="anna@example.com",
        timezone="Europe/Berlin",
        password="demo-anna",  # noqa: S106 - of a demo on loopback, printed at its start
        role=Role.ADMIN,
    ),
    NewUser(
        login="ben",
        name="Ben Carter",
        email="ben@example.com",
        timezone="America/New_York",
        password="demo-ben",  # noqa: S106 - of a demo on loopback, printed at its start
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoLogin:
    """How one person of the demo signs in."""

    login: str
    password: str
    app_password: str
    api_token: str


@contextmanager
def locked_folder(folder: Path) -> Iterator[None]:
    """Make the folder if it is not there, and keep other demos out of it.

    Raises:
        ConfigError: It cannot be made, or another demo uses it.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = (folder / "demo.lock").open("w")
    except OSError as error:
        raise ConfigError(
            f"the folder {folder} cannot be used: {error.strerror}", hint="name another `--data`"
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise ConfigError(
                f"another demo runs on the data in {folder}",
                hint="end it, or name another folder with `--data`",
            ) from error
        yield


def write_config(folder: Path, *, port: int, google: Description) -> Path:
    """Write the demo's configuration anew, as the ports may be others now, and return its path."""
    values: dict[str, dict[str, str | int]] = {
        "database": {"url": "sqlite:///crmdav.sqlite3"},
        "server": {"bind": f"127.0.0.1:{port}"},
        "secrets": {"key_file": "crmdav.key"},
        "google": {
            "client_id": google.client_id,
            "client_secret": google.client_secret,
            "authorization_url": google.authorization_url,
            "token_url": google.token_url,
            "revocation_url": google.revocation_url,
            "api_url": google.api_url,
            # The rehearsal sends to http; its messages bring changes here before the next poll.
            "push": "on",
        },
        "worker": {"poll_interval_seconds": POLL_SECONDS},
        "log": {"level": "warning"},
    }
    lines = ["# Written by `crmdav demo` at each start."]
    for section, keys in values.items():
        lines += ["", f"[{section}]"]
        lines += [f"{key} = {toml_value(value)}" for key, value in keys.items()]
    path = folder / CONFIG_FILE
    _write_private(path, "\n".join(lines) + "\n")
    return path


def prepare_data(core: Core, folder: Path) -> tuple[DemoLogin, ...]:
    """Bring database, people and sample data about, and return how to sign in."""
    key_file = core.settings.secrets.key_file
    if not key_file.exists():
        make_key_file(key_file)
    core.database.migrate()
    path = folder / LOGINS_FILE
    if path.exists():
        return _read_logins(path)
    prepare_installation(core.database, clock=core.clock)
    users = _people(core)
    with core.database.read() as work:
        empty = not work.activities.list(users["anna"].id, limit=1)
    if empty:
        add_sample_data(core.database, users, clock=core.clock)
    logins = tuple(_login(core, new) for new in PEOPLE)
    _write_private(path, json.dumps([asdict(login) for login in logins], indent=2) + "\n")
    return logins


def _people(core: Core) -> dict[str, User]:
    known = {user.login for user in list_users(core.database)}
    for new in PEOPLE:
        if new.login not in known:
            add_user(core.database, new, clock=core.clock)
    return {new.login: user_of(core.database, new.login) for new in PEOPLE}


def _login(core: Core, new: NewUser) -> DemoLogin:
    return DemoLogin(
        login=new.login,
        password=new.password or "",
        app_password=core.secrets(SecretKind.APP_PASSWORD).add(new.login, "demo").secret,
        api_token=core.secrets(SecretKind.API_TOKEN).add(new.login, "demo").secret,
    )


def _read_logins(path: Path) -> tuple[DemoLogin, ...]:
    try:
        return tuple(DemoLogin(**entry) for entry in json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ConfigError(
            f"the demo's logins in {path} cannot be read",
            hint="remove the demo's folder to begin anew",
        ) from error


def _write_private(path: Path, text: str) -> None:
    """Write a file only its owner can read, whole or not at all."""
    new = path.with_name(f"{path.name}.new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
    new.replace(path)
