"""The engine against Radicale as it comes, a process of its own: late and conflicting writes."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import date

import pytest

from bridge.caldav_calendar.client import CalDavClient
from bridge.caldav_calendar.collection import CalDavCollection
from bridge.caldav_calendar.sign_in import BasicCredentials
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES
from bridge.domain.identifiers import Fencing
from bridge.domain.sync_settings import SyncSettings
from bridge.errors import ItemMissing, ItemRejected, PreconditionFailed
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.memory import MemoryCollection, Moment, Steps
from bridge.sync.memory_store import CountingIds, ManualClock, MemorySyncStore
from bridge.sync.model import JournalState, Side
from bridge.sync.policy import Policy
from bridge.sync.run import run
from bridge.sync.session import Session

LARGEST = 20_000
CONFIGURATION = """
[server]
hosts = 127.0.0.1:{port}
max_resource_size = {largest}
[auth]
type = htpasswd
htpasswd_filename = {folder}/users
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/collections
[logging]
level = critical
"""


def event(uid="u1", title="Call Ada", *more):
    """Return an event of one hour."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tests//stock//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260301T000000Z",
        "DTSTART:20260310T100000Z",
        "DTEND:20260310T110000Z",
        f"SUMMARY:{title}",
        "X-CRM-ACTIVITY-TYPE:call",
        *more,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return CalendarObject.parse("\r\n".join(lines))


def credentials():
    """Return Anna's, with a lease that this server knows nothing of."""
    return BasicCredentials(login="anna", password="secret", fencing=Fencing(7))


@pytest.fixture
def server(tmp_path):
    """Run `python -m radicale` and return its address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    (tmp_path / "users").write_text("anna:secret\n", encoding="utf-8")
    config = tmp_path / "config"
    config.write_text(CONFIGURATION.format(port=port, largest=LARGEST, folder=tmp_path), "utf-8")
    process = subprocess.Popen([sys.executable, "-m", "radicale", "--config", str(config)])
    try:
        _wait_for(port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(port):
    for _ in range(400):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("Radicale does not listen")


@pytest.fixture
def collection(server):
    """Anna's calendar there, as a worker that holds a lease writes to it."""
    url = f"{server}/anna/activities/"
    client = CalDavClient(f"{server}/", credentials, timeout_seconds=10)
    client._dav.mkcalendar(url)
    yield CalDavCollection(client, url, "activities")
    client.close()


def test_late_writes_meet_their_preconditions(collection):
    """412 and 404 like anywhere: the lease is not asked for, and nothing is written over."""
    first = collection.insert("u1.ics", event())
    now = collection.update("u1.ics", event(title="Newer"), base=None, if_match=first.etag)
    with pytest.raises(PreconditionFailed):
        collection.update("u1.ics", event(title="Late"), base=None, if_match=first.etag)
    with pytest.raises(PreconditionFailed):
        collection.delete("u1.ics", if_match=first.etag)
    assert collection.insert("u1.ics", event(title="Newer")).etag == now.etag
    collection.delete("u1.ics", if_match=now.etag)
    collection.delete("u1.ics", if_match=now.etag)
    with pytest.raises(ItemMissing):
        collection.update("u1.ics", event(title="Late"), base=None, if_match=now.etag)


def test_text_that_is_too_large_is_refused_and_not_taken_for_a_lost_race(collection):
    """Radicale says 412 to it as well; looking again would never help."""
    large = event("u2", "Call Ada", f"DESCRIPTION:{'long ' * LARGEST}")
    with pytest.raises(ItemRejected):
        collection.insert("u2.ics", large)
    kept = collection.insert("u2.ics", event("u2"))
    with pytest.raises(ItemRejected):
        collection.update("u2.ics", large, base=None, if_match=kept.etag)
    assert collection.get(["u2.ics"])["u2.ics"].etag == kept.etag


@dataclass
class Account:
    """A connection between that calendar and a Google in memory."""

    collection: CalDavCollection

    def __post_init__(self):
        self.steps = Steps()
        self.google = MemoryCollection(Side.GOOGLE, "google", steps=self.steps)
        self.store, self.ids = MemorySyncStore(), CountingIds()
        self.settings = SyncSettings(
            incoming_type="meeting", outgoing_types=frozenset({"call"}), sync_from=date(2026, 3, 1)
        )
        self.lens = GoogleLens(settings=self.settings, types=STOCK_TYPES, calendar_zone="UTC")

    def run(self):
        """Run once."""
        return run(
            Session(
                run_id=self.ids.run_id(),
                calendars=[self.collection],
                google=self.google,
                store=self.store,
                lens=self.lens,
                policy=Policy.of(self.settings),
                clock=ManualClock(),
                ids=self.ids,
            )
        )

    def edit_google(self, **fields):
        """Let a person change the one event."""
        ((name, item),) = self.google.objects().items()
        changed = replace(self.lens.google_view(item), **fields)
        self.google.put(name, self.lens.put_google(changed, item))

    def when_read(self, act):
        """Let something happen to the calendar after it was read, before anything is written."""

        def interfere(step):
            if (step.operation, step.moment) == ("changes", Moment.AFTER):
                self.steps.interfere = None
                act()

        self.steps.interfere = interfere

    def titles(self):
        """Return the title of the item on both sides; what stands for none is empty."""
        stored = self.collection.changes(None).items
        calendar = [self.lens.calendar_view(item.object).title for item in stored]
        google = [self.lens.google_view(item).title for item in self.google.objects().values()]
        return calendar, google


@pytest.fixture
def account(collection):
    """A connection with one call, which both sides have."""
    made = Account(collection)
    collection.insert("u1.ics", event())
    assert made.run().done == 1
    assert made.run().entries == ()
    return made


def test_edit_that_comes_before_our_write_is_merged_by_the_next_run(account):
    """The write is overtaken, nothing is parked, and both edits stay."""
    (here,) = account.collection.changes(None).items
    edited = event("u1", "Call Ada", "LOCATION:Room 1")
    account.when_read(
        lambda: account.collection.update("u1.ics", edited, base=None, if_match=here.etag)
    )
    account.edit_google(title="Theirs")
    report = account.run()
    assert [entry.state for entry in report.entries] == [JournalState.OVERTAKEN]
    assert report.parked == 0
    account.run()
    assert account.titles() == (["Theirs"], ["Theirs"])
    (stored,) = account.collection.changes(None).items
    assert "LOCATION:Room 1" in stored.object.text
    assert account.run().entries == ()


def test_deletion_that_comes_before_our_write_is_no_trouble(account):
    """An edit beats a delete: the item is made again, once."""
    (here,) = account.collection.changes(None).items
    account.when_read(lambda: account.collection.delete("u1.ics", if_match=here.etag))
    account.edit_google(title="Theirs")
    report = account.run()
    assert [entry.state for entry in report.entries] == [JournalState.OVERTAKEN]
    account.run()
    assert account.titles() == (["Theirs"], ["Theirs"])
    assert account.run().entries == ()


def test_item_that_is_too_large_is_parked_and_goes_on_once_it_is_smaller(account):
    """It does not go round and round, and holds up nothing else."""
    account.edit_google(description="long " * LARGEST)
    report = account.run()
    assert (report.parked, report.entries[0].state) == (1, JournalState.FAILED)
    assert account.run().entries == ()
    account.edit_google(description="short", title="Theirs")
    assert account.run().parked == 0
    assert account.titles() == (["Theirs"], ["Theirs"])
    assert account.run().entries == ()
