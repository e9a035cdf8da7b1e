"""A database that is put back from a copy: what the next start notices."""

import logging
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import Event, Thread

import pytest

from bridge.domain.identifiers import Href
from bridge.errors import UidConflict
from bridge.store.database import Database


@pytest.fixture
def dialect():
    """Only SQLite has a slot file."""
    return "sqlite"


@pytest.fixture
def database(database_url, tmp_path):
    """A database with a slot file."""
    opened = Database(database_url, slot_file=tmp_path / "crmdav.key.homes")
    yield opened
    opened.dispose()


@dataclass
class Desk:
    """A program over a database file that an administrator copies about."""

    database: Database
    path: Path
    slot_file: Path
    now: datetime

    def epoch(self):
        """Start the program again and return the epoch."""
        self.database.dispose()
        opened = Database(f"sqlite:///{self.path}", slot_file=self.slot_file)
        try:
            with opened.read() as work:
                return work.installation.get().epoch
        finally:
            opened.dispose()

    def change(self, user, database=None):
        """Raise the user's home."""
        with (database or self.database).write([user.id]) as work:
            calendar = work.calendars.calendar(user.id, "activities")
            work.calendars.set_properties(calendar, {"D:displayname": "x"}, now=self.now)

    def copy(self):
        """Copy the file, with nothing left in its log."""
        self.database.dispose()
        shutil.copyfile(self.path, self.path.with_name("copy"))

    def put_back(self):
        """Put the copy in the place of the file."""
        self.database.dispose()
        shutil.copyfile(self.path.with_name("copy"), self.path)


@pytest.fixture
def desk(database, database_url, tmp_path, now):
    """The program, its file, and its slot file."""
    path = Path(database_url.removeprefix("sqlite:///"))
    return Desk(database, path, tmp_path / "crmdav.key.homes", now)


def test_an_older_copy_put_back_begins_a_new_epoch_once(desk, user, caplog):
    """The start that finds a home below its slot does, and the next one finds nothing."""
    desk.change(user)
    desk.copy()
    first = desk.epoch()
    desk.change(user)
    assert desk.epoch() == first
    desk.put_back()
    with caplog.at_level(logging.WARNING):
        second = desk.epoch()
    assert second != first
    assert "a new epoch begins" in caplog.text
    assert desk.epoch() == second


def test_a_user_made_after_the_copy_is_noticed_too(desk, user, make_user):
    """A home that is not there any more is below its slot."""
    desk.change(user)
    desk.copy()
    first = desk.epoch()
    desk.change(make_user("bob"))
    desk.put_back()
    assert desk.epoch() != first


def test_the_same_state_put_back_changes_nothing(desk, user):
    """Nobody has seen anything that is not in it."""
    desk.change(user)
    desk.copy()
    first = desk.epoch()
    desk.put_back()
    assert desk.epoch() == first


@pytest.mark.parametrize("content", [None, b"", b"garbage" * 9])
def test_a_lost_or_broken_slot_file_is_harmless(desk, user, content):
    """The epoch stays, and from then on copies are noticed again."""
    desk.change(user)
    first = desk.epoch()
    desk.slot_file.unlink() if content is None else desk.slot_file.write_bytes(content)
    assert desk.epoch() == first
    assert desk.slot_file.stat().st_size >= 16


def test_a_slot_below_its_home_is_raised(desk, user):
    """As after a power cut, or a program that keeps no slots."""
    desk.change(user)
    first = desk.epoch()
    plain = Database(f"sqlite:///{desk.path}")
    desk.change(user, plain)
    plain.dispose()
    noted = desk.slot_file.read_bytes()
    assert desk.epoch() == first
    assert desk.slot_file.read_bytes() != noted
    desk.copy()
    desk.change(user)
    desk.put_back()
    assert desk.epoch() != first


def test_what_was_taken_back_never_reaches_the_slots(desk, user):
    """Neither a transaction that failed nor a mutation that was refused inside one."""
    desk.change(user)
    noted = desk.slot_file.read_bytes()

    def refuse(work):
        calendar = work.calendars.calendar(user.id, "activities")
        work.calendars.set_properties(calendar, {}, now=desk.now)
        raise UidConflict("refused", href=Href("x"))

    with pytest.raises(UidConflict), desk.database.write([user.id]) as work:
        refuse(work)
    with desk.database.write([user.id]) as work:
        with suppress(UidConflict), work.savepoint():
            refuse(work)
        assert work.calendars.calendar(user.id, "activities").revision == 1
    assert desk.slot_file.read_bytes() == noted


def test_the_slot_file_is_no_part_of_a_postgresql_database(tmp_path):
    """Other machines write there, too; nothing is opened."""
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none", slot_file=tmp_path / "x")
    database.dispose()
    assert not (tmp_path / "x").exists()


def test_many_starts_at_once_begin_one_epoch(desk, user):
    """Server processes and the worker start together."""
    desk.change(user)
    desk.copy()
    desk.epoch()
    desk.change(user)
    desk.put_back()
    with ThreadPoolExecutor(6) as pool:
        begun = set(pool.map(lambda _number: desk.epoch(), range(6)))
    assert len(begun) == 1


def test_a_start_beside_a_program_that_writes_begins_no_epoch(desk, user):
    """Its commits raise homes and slots while both are being read."""
    desk.change(user)
    first = desk.epoch()
    writer = Database(f"sqlite:///{desk.path}", slot_file=desk.slot_file)
    stop = Event()

    def write():
        while not stop.is_set():
            desk.change(user, writer)

    thread = Thread(target=write)
    thread.start()
    try:
        begun = {desk.epoch() for _ in range(25)}
    finally:
        stop.set()
        thread.join(30)
        writer.dispose()
    assert begun == {first}
