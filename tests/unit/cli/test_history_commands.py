"""`history` and `explain`, over an installation of the test in which one run was made."""

import json
import logging
from contextlib import contextmanager
from dataclasses import replace
from datetime import date
from functools import partial
from types import SimpleNamespace

import pytest

from bridge.application.sides import Sides
from bridge.application.sync_connection import SyncConnection, SyncParts
from bridge.bootstrap.system import RandomIds, SystemClock
from bridge.cli.main import run
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES
from bridge.domain.connection import ConnectionState
from bridge.domain.identifiers import GoogleCalendarId, Login
from bridge.domain.sync_settings import SyncSettings
from bridge.ical.calendar_object import CalendarObject
from bridge.store.database import Database
from bridge.sync.memory import MemoryCollection
from bridge.sync.model import Side

EVENT = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//EN\r\nBEGIN:VEVENT\r\nUID:one\r\n"
    "DTSTAMP:20260101T000000Z\r\nDTSTART:20260305T100000Z\r\nDTEND:20260305T110000Z\r\n"
    "SUMMARY:Call Ada\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
)


@pytest.fixture
def config(tmp_path, monkeypatch, capsys):
    """A new installation with Anna; the arguments that name it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.delenv("CRMDAV_CONFIG", raising=False)
    run(["init", str(tmp_path)])
    arguments = ["--config", str(tmp_path / "crmdav.toml")]
    run(["migrate", *arguments])
    run(["users", "add", "anna", *arguments])
    capsys.readouterr()
    yield arguments
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def synced(config, tmp_path):
    """Anna's connection after a run that brought one activity to Google, and what made it."""
    (path,) = tmp_path.rglob("*.sqlite3")
    database = Database(f"sqlite:///{path}")
    clock, google = SystemClock(), MemoryCollection(Side.GOOGLE, "cal")
    calendar = MemoryCollection(Side.CALENDAR, "activities")
    calendar.put("one.ics", CalendarObject.parse(EVENT))
    settings = SyncSettings(
        incoming_type="meeting", outgoing_types=frozenset({"meeting"}), sync_from=date(2026, 1, 1)
    )
    with database.write() as work:
        user = work.users.by_login(Login("anna"))
        added = work.connections.add(
            user,
            account_email="anna@example.com",
            google_subject="1",
            granted_scopes=frozenset(),
            now=clock.now(),
        )
        chosen = replace(added, google_calendar_id=GoogleCalendarId("cal"), settings=settings)
        work.connections.save(chosen.moved_to(ConnectionState.ACTIVE))

    @contextmanager
    def sides(_connection, _guard, _fencing=None):
        lens = GoogleLens(settings=settings, types=STOCK_TYPES, calendar_zone="Europe/Prague")
        yield Sides(calendar=(calendar,), google=google, lens=lens)

    parts = SyncParts(
        database=database,
        open_sides=sides,
        open_calendar=sides,
        clock=clock,
        ids=RandomIds(),
        owner="test",
        poll_seconds=60,
    )
    run_it = partial(SyncConnection(parts).run, added.id)
    yield SimpleNamespace(
        run_id=run_it().run_id, run=run_it, parts=parts, google=google, calendar=calendar
    )
    database.dispose()


@pytest.fixture
def said(config, capsys):
    """Return a function that runs a command and returns what it printed."""

    def call(*arguments, code=0):
        capsys.readouterr()
        assert run([*arguments, *config]) == code
        return capsys.readouterr().out

    return call


def test_history_lists_runs_and_their_writes(synced, said):
    """Runs for people in a table, everything for programs in JSON."""
    assert "At Google 1 created." in said("history", "anna")
    (row,) = json.loads(said("history", "anna", "--json"))
    assert (row["id"], row["outcome"], row["undone"]) == (synced.run_id, "done", "")
    (write,) = json.loads(said("history", "anna", "--run", synced.run_id, "--json"))
    assert (write["title"], write["action"], write["side"]) == ("Call Ada", "create", "google")
    assert json.loads(said("history", "anna", "--action", "delete", "--json")) == []
    assert "Created “Call Ada” at Google" in said("history", "anna", "--items")


def test_explain_answers_in_one_sentence(synced, said):
    """By the UID; JSON has the same and the parts it is made of."""
    told = said("explain", "anna", "one")
    assert told.startswith("Call Ada: It is on both sides, and both agree; it came from the CRM")
    assert len(told.splitlines()) == 1
    parts = json.loads(said("explain", "anna", "one", "--json"))
    assert (parts["standing"], parts["last_write"]["run_id"]) == ("agreed", synced.run_id)


def test_explain_finds_a_deleted_item_by_the_id_of_its_event(synced, said, monkeypatch):
    """Which nothing but the journal knows any more; it says how to have it back."""
    parts = synced.parts
    monkeypatch.setattr("bridge.bootstrap.background.sync_parts", lambda _core, _role: parts)
    (event_id,) = json.loads(said("explain", "anna", "one", "--json"))["google_event_ids"]
    synced.calendar.remove("one.ics")
    synced.run()
    told = said("explain", "anna", event_id)
    assert told.startswith("Call Ada: It is on neither side any more; it is in the trash until 2")
    answer = json.loads(said("explain", "anna", event_id, "--json"))
    assert (answer["uid"], answer["standing"]) == ("one", "removed")
    assert answer["trash_until"] > answer["last_write"]["at"]
    assert "Bring back “Call Ada”" in said("undo", "anna", answer["last_write"]["id"])


def test_undo_shows_first_and_does_it_with_yes(synced, said, monkeypatch):
    """The activity stays, its copy at Google goes; data on the standard output."""
    parts, google = synced.parts, synced.google
    monkeypatch.setattr("bridge.bootstrap.background.sync_parts", lambda _core, _role: parts)
    assert said("undo", "anna", synced.run_id) == "Take back the copy of “Call Ada” at Google.\n"
    assert len(google.objects()) == 1
    told = json.loads(said("undo", "anna", synced.run_id, "--yes", "--json"))
    assert (told["items"], told["run"]["writes"]["google"]) == (1, {"withdraw": 1})
    assert google.objects() == {}
    again = json.loads(said("undo", "anna", synced.run_id, "--yes", "--json"))
    assert (again["items"], again["run"]) == (0, None)
    (row, _) = json.loads(said("history", "anna", "--json"))
    assert row["undone"] == synced.run_id
    assert "its copy was taken back" in said("explain", "anna", "one")


def test_unknown_item_user_or_row_is_not_found(synced, said):
    """The exit code is that of a missing record."""
    assert synced
    for arguments in (
        ("explain", "anna", "another"),
        ("explain", "nobody", "one"),
        ("history", "anna", "--older", "nothing"),
        ("undo", "anna", "nothing"),
    ):
        assert said(*arguments, code=5) == ""
