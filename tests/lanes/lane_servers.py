"""Two servers for other people's tests: ours, and stock Radicale with its own storage.

Both are processes of their own on a free port of loopback, with the same login, over fresh data.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
LOGIN = "anna"
STOCK_PASSWORD = "a-password-of-the-tests"
START_SECONDS = 120
STOP_SECONDS = 15

SET_UP = f"""
from bridge.cli.main import run
for command in (
    ["init"],
    ["migrate"],
    ["users", "add", "{LOGIN}", "--email", "{LOGIN}@acme.example"],
    ["app-password", "add", "{LOGIN}", "--label", "tests"],
):
    assert run(command) == 0, command
"""
"""Our commands, one after the other in one process; the last prints the password."""

RADICALE = """[server]
hosts = 127.0.0.1:{port}
max_connections = 40
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/collections
[web]
type = none
[logging]
level = warning
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running CalDAV server with one user.

    Attributes:
        name: `ours` or `stock`.
        url: Root of the DAV tree, with a slash at the end.
        data: Its folder; `log` in it holds what it printed.
    """

    name: str
    url: str
    login: str
    password: str
    data: Path

    @property
    def home(self) -> str:
        """URL of the user's calendar home, with a slash at the end."""
        return f"{self.url}{self.login}/"

    @property
    def log(self) -> str:
        """What the server printed last."""
        return (self.data / "log").read_text(encoding="utf-8", errors="replace")[-4000:]


@contextmanager
def our_server(folder: Path) -> Iterator[Server]:
    """Set our server up with its own commands, run it, and end it."""
    folder.mkdir(parents=True)
    password = _python(folder, "-c", SET_UP).split()[-1]
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        command = [sys.executable, "-m", "bridge", "serve", "--bind", f"127.0.0.1:{port}"]
        server = Server(
            name="ours",
            url=f"http://127.0.0.1:{port}/dav/",
            login=LOGIN,
            password=password,
            data=folder,
        )
        number = listener.fileno()
        with _running([*command, "--inherited-socket", str(number)], server, keep=(number,)):
            yield server


@contextmanager
def stock_server(folder: Path) -> Iterator[Server]:
    """Run Radicale as it comes, with files as its storage, and end it."""
    folder.mkdir(parents=True)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]  # Radicale takes no open socket, so the port is let go
    (folder / "users").write_text(f"{LOGIN}:{STOCK_PASSWORD}\n", encoding="utf-8")
    config = folder / "config"
    config.write_text(RADICALE.format(port=port, folder=folder), encoding="utf-8")
    server = Server(
        name="stock",
        url=f"http://127.0.0.1:{port}/",
        login=LOGIN,
        password=STOCK_PASSWORD,
        data=folder,
    )
    with _running([sys.executable, "-m", "radicale", "--config", str(config)], server):
        yield server


def crmdav(folder: Path, *arguments: str) -> str:
    """Run one of our commands on the data in a folder and return what it printed."""
    return _python(folder, "-m", "bridge", *arguments)


def _python(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def environment() -> dict[str, str]:
    """Return an environment without settings of ours, in which the checkout is found."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CRMDAV_")}
    return {**kept, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"}


@contextmanager
def _running(command: list[str], server: Server, *, keep: tuple[int, ...] = ()) -> Iterator[None]:
    with (
        (server.data / "log").open("wb") as log,
        subprocess.Popen(
            command,
            cwd=server.data,
            env=environment(),
            stdout=log,
            stderr=log,
            pass_fds=keep,
        ) as process,
    ):
        try:
            _wait_for(server, process)
            yield
        finally:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(server: Server, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not _answers(server):
        assert process.poll() is None, f"{server.name} ended: {server.log}"
        assert time.monotonic() < deadline, f"{server.name} did not start: {server.log}"
        time.sleep(0.1)


def _answers(server: Server) -> bool:
    """Tell whether the server lets the user in; another program on its port would not."""
    host, _, path = server.home.removeprefix("http://").partition("/")
    word = b64encode(f"{server.login}:{server.password}".encode()).decode()
    connection = HTTPConnection(host, timeout=START_SECONDS)
    try:
        headers = {"Authorization": f"Basic {word}", "Depth": "0"}
        connection.request("PROPFIND", f"/{path}", headers=headers)
        return connection.getresponse().status == 207
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
