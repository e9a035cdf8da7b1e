"""evolution-data-server in a D-Bus session of its own, for the lanes.

Nothing is in the session but itself: no keyring, no display, no settings of anybody's.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lane_servers import REPOSITORY, Server

PYTHON = "/usr/bin/python3"  # the one that has Debian's GObject bindings
DESK = REPOSITORY / "tests" / "interop" / "evolution" / "evolution_desk.py"
SERVICES = Path("/usr/share/dbus-1/services")
NEEDED = ("Sources5", "Calendar8")
SECONDS = 30
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir={folder}</listen>
  <servicedir>{folder}/services</servicedir>
  <policy context="default">
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow own="*"/>
  </policy>
</busconfig>
"""


@dataclass(frozen=True)
class Desk:
    """A running session; what is asked of it is answered by `evolution_desk.py`."""

    process: subprocess.Popen[str]
    said: Path

    def __call__(self, what: str, **arguments: Any) -> Any:
        """Have something done and return the answer; a refusal is an error."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps({"do": what, **arguments}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        answer = json.loads(line) if line else {"error": "it ended"}
        assert "answer" in answer, f"{what}: {answer}\n{self.said.read_text(errors='replace')}"
        return answer["answer"]

    def close(self) -> None:
        """End the session as a person does, and see that nothing of it is left."""
        assert self.process.stdin
        self.process.stdin.close()
        assert self.process.wait(SECONDS) == 0
        assert eventually(lambda: not alive(self.process.pid))

    def kill(self) -> None:
        """End whatever is left of the session."""
        for number in alive(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self.process.wait(SECONDS)


@contextmanager
def evolution_session(folder: Path, server: Server) -> Iterator[Desk]:
    """Run a session of the server's user in an empty folder, and end all of it."""
    services, home, runtime = (folder / name for name in ("services", "home", "runtime"))
    services.mkdir()
    home.mkdir()
    runtime.mkdir(mode=0o700)
    for name in NEEDED:
        file = f"org.gnome.evolution.dataserver.{name}.service"
        assert (SERVICES / file).exists(), "evolution-data-server is not installed"
        (services / file).symlink_to(SERVICES / file)
    bus, said = folder / "bus.conf", folder / "said"
    bus.write_text(BUS.format(folder=folder), encoding="utf-8")
    command = ["dbus-run-session", f"--config-file={bus}", "--", PYTHON, str(DESK), server.login]
    with said.open("w") as errors:
        process = subprocess.Popen(
            command,
            env=environment(home, runtime),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    desk = Desk(process, said)
    with process:
        try:
            assert process.stdin
            process.stdin.write(f"{server.password}\n")
            yield desk
            desk("forget")
            desk.close()
        finally:
            desk.kill()


def environment(home: Path, runtime: Path) -> dict[str, str]:
    """Nothing of the real home, session or network settings is seen."""
    return {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "HOME": str(home),
        "XDG_RUNTIME_DIR": str(runtime),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_DATA_HOME": str(home / "data"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "GSETTINGS_BACKEND": "memory",
        "GIO_USE_VFS": "local",
        "GIO_USE_NETWORK_MONITOR": "base",  # a machine without a route is online, too
    }


def alive(session: int) -> list[int]:
    """Return the numbers of the running processes of a session."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _parent, _group, own, *_ = entry.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(own) == session and state not in "ZX":
            found.append(int(entry.parent.name))
    return found


def eventually(happens: Callable[[], bool]) -> bool:
    """Wait for a condition; return whether it came true."""
    deadline = time.monotonic() + SECONDS
    while not happens():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
