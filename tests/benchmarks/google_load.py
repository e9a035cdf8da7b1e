"""A first load of a Google calendar in a process of its own: what it took, as one line of JSON.

`python google_load.py` with the rehearsal's description on standard input.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bridge.google_calendar.access import GoogleAccess
from bridge.google_calendar.addresses import GoogleAddresses, GoogleClient
from bridge.google_calendar.collection import GoogleCollection
from bridge.google_calendar.oauth import AccessToken
from bridge.google_calendar.session import GoogleSession


@contextmanager
def collection_of(told):
    """Give the collection over the second calendar of the first account."""
    account = told["accounts"][0]
    names = ("authorization_url", "token_url", "revocation_url", "api_url")
    access = GoogleAccess(
        addresses=GoogleAddresses(**{name: told[name] for name in names}),
        client=GoogleClient(client_id="client", client_secret="none"),
        refresh_token="none",
        access_token=AccessToken(
            token=account["access_token"], expires_at=datetime.now(UTC) + timedelta(days=1)
        ),
    )
    session = GoogleSession(access, timeout_seconds=60)
    calendar = session.calendar(account["calendars"][1])
    yield GoogleCollection(session, calendar, install_key=bytes(32))
    session.close()


def _peak_mib():
    """Return the most memory this process had since the mark was set back (Linux)."""
    lines = Path("/proc/self/status").read_text("utf-8").splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) / 1024


def measured(collection):
    """Load everything once, look again for nothing new, and return what it took."""
    collection.get(["warmup"])
    Path("/proc/self/clear_refs").write_text("5", "utf-8")
    before, began = _peak_mib(), time.process_time()
    delta = collection.changes(None)
    told = {
        "items": len(delta.items),
        "parts": sum(len(item.parts) for item in delta.items),
        "grown_mib": _peak_mib() - before,
        "cpu_seconds": time.process_time() - began,
    }
    began = time.process_time()
    assert collection.changes(delta.token).items == ()
    return {**told, "idle_cpu_seconds": time.process_time() - began}


if __name__ == "__main__":
    with collection_of(json.load(sys.stdin)) as loaded:
        json.dump(measured(loaded), sys.stdout)
