"""`backup` and `restore` of a database that is in use."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from bridge.errors import AlreadyExists, InvalidInput, LeaseLost, NotFound
from bridge.store.database import Database


@pytest.fixture
def dialect():
    """PostgreSQL has its own tools."""
    return "sqlite"


@pytest.fixture
def database(database_url, tmp_path):
    """A database with a slot file."""
    opened = Database(database_url, slot_file=tmp_path / "crmdav.key.homes")
    yield opened
    opened.dispose()


def logins(database):
    """Return the logins, as a running program sees them."""
    with database.read() as work:
        return [each.login for each in work.users.list()]


def epoch(database):
    """Return the present epoch."""
    with database.read() as work:
        return work.installation.get().epoch


def test_a_running_program_sees_the_restored_state_in_a_new_epoch(
    database, user, make_user, tmp_path
):
    """Connections that are open go on; what was there before is kept beside it."""
    target = tmp_path / "copy.sqlite3"
    database.backup(target)
    before = epoch(database)
    make_user("bob")
    kept = database.restore(target)
    assert logins(database) == ["anna"]
    assert epoch(database) != before
    make_user("carl")
    assert logins(database) == ["anna", "carl"]
    left = Database(f"sqlite:///{kept}")
    assert logins(left) == ["anna", "bob"]
    left.dispose()


def test_the_next_start_after_a_restore_begins_no_further_epoch(
    database, database_url, user, make_user, tmp_path
):
    """The slots are those of the restored state."""
    database.backup(tmp_path / "copy")
    make_user("bob")
    database.restore(tmp_path / "copy")
    begun = epoch(database)
    again = Database(database_url, slot_file=tmp_path / "crmdav.key.homes")
    assert epoch(again) == begun
    again.dispose()


def test_a_backup_is_one_file_for_its_owner_only(database, user, tmp_path):
    """Without a log beside it, and without anything left in the folder."""
    folder = tmp_path / "backups"
    folder.mkdir()
    database.backup(folder / "copy")
    assert [each.name for each in folder.iterdir()] == ["copy"]
    assert (folder / "copy").stat().st_mode & 0o777 == 0o600
    with pytest.raises(AlreadyExists):
        database.backup(folder / "copy")


def test_a_backup_taken_while_others_write_is_one_state(database, company, tmp_path):
    """Rows that are always written in pairs are there in pairs."""
    with database.write() as work:
        work.connection.execute(text("CREATE TABLE pairs (n INTEGER)"))
    stop = threading.Event()

    def write():
        number = 0
        while not stop.is_set() and number < 2000:
            number += 1
            with database.write() as work:
                for _ in range(2):
                    work.connection.execute(text("INSERT INTO pairs VALUES (:n)"), {"n": number})

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for each in range(5):
            database.backup(tmp_path / f"copy{each}")
    finally:
        stop.set()
        writer.join(30)
    for each in range(5):
        copy = Database(f"sqlite:///{tmp_path / f'copy{each}'}")
        with copy.read() as work:
            odd = text("SELECT count(*) FROM (SELECT n FROM pairs GROUP BY n HAVING count(*) != 2)")
            assert work.connection.execute(odd).scalar_one() == 0
        copy.dispose()


def test_a_lease_from_before_the_restore_is_of_no_use(database, connection, tmp_path, now):
    """A run that is under way stores nothing, even if the restored row looks like its own."""
    with database.write() as work:
        fencing = work.leases.acquire(connection.id, "runner", now=now, seconds=60)
    database.backup(tmp_path / "copy")
    database.restore(tmp_path / "copy")
    with pytest.raises(LeaseLost), database.write() as work:
        work.leases.renew(connection.id, "runner", fencing=fencing, now=now, seconds=60)
    with database.write() as work:
        assert work.leases.acquire(connection.id, "other", now=now, seconds=60) > fencing


def test_a_database_that_is_gone_is_restored_at_its_place(database, database_url, user, tmp_path):
    """There is nothing to keep then."""
    database.backup(tmp_path / "copy")
    database.dispose()
    path = Path(database_url.removeprefix("sqlite:///"))
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    assert database.restore(tmp_path / "copy") is None
    assert logins(database) == ["anna"]
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_is_no_backup_of_ours_is_refused_and_nothing_changes(database, user, tmp_path, now):
    """No file, another kind of file, an empty database, another installation."""
    with pytest.raises(NotFound):
        database.restore(tmp_path / "absent")
    (tmp_path / "note").write_text("not a database, but long enough to be read as one" * 30)
    with pytest.raises(InvalidInput):
        database.restore(tmp_path / "note")
    (tmp_path / "empty").touch()
    with pytest.raises(InvalidInput):
        database.restore(tmp_path / "empty")
    other = Database(f"sqlite:///{tmp_path / 'other.sqlite'}")
    other.migrate()
    with other.write() as work:
        work.installation.ensure(now)
    other.backup(tmp_path / "foreign")
    other.dispose()
    with pytest.raises(InvalidInput, match="another installation"):
        database.restore(tmp_path / "foreign")
    assert logins(database) == ["anna"]


def test_postgresql_is_sent_to_its_own_tools(tmp_path):
    """And told of the epoch; nothing is connected."""
    database = Database("postgresql+psycopg://nobody@127.0.0.1:1/none")
    with pytest.raises(InvalidInput) as refused:
        database.backup(tmp_path / "copy")
    assert "pg_dump" in refused.value.hint
    assert "crmdav epoch new" in refused.value.hint
