"""`calendar-link`, `backup`, `restore` and `epoch`, and the whole server behind them."""

import json
import logging

import pytest
from werkzeug.test import Client

from bridge.bootstrap.core import Core
from bridge.bootstrap.server import web_application
from bridge.cli.main import run
from bridge.config import load_settings


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """Keep the environment's settings out, and the test runner's logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.delenv("CRMDAV_CONFIG", raising=False)
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def command(tmp_path, capsys):
    """Run commands in a fresh installation with the user Anna; gives code and output."""

    def call(*arguments):
        code = run([*arguments, "--config", str(tmp_path / "crmdav.toml")])
        told = capsys.readouterr()
        return code, told.out, told.err

    run(["init", str(tmp_path)])
    assert call("migrate")[0] == 0
    assert call("users", "add", "anna")[0] == 0
    return call


@pytest.fixture
def server(tmp_path, command):
    """The whole web application of that installation."""
    core = Core(settings=load_settings(tmp_path / "crmdav.toml", environ={}))
    yield Client(web_application(core))
    core.database.dispose()


def test_a_link_is_printed_alone_and_read_until_it_is_revoked(command, server):
    """The address works at once, on the one port everything is on."""
    code, out, _ = command("calendar-link", "add", "anna", "--label", "wall", "--type", "call")
    (address,) = out.splitlines()
    assert code == 0
    path = address.partition("://")[2].partition("/")[2]
    answer = server.get(f"/{path}")
    assert answer.status_code == 200
    assert answer.get_data(as_text=True).startswith("BEGIN:VCALENDAR\r\n")
    rows = json.loads(command("calendar-link", "list", "anna", "--json")[1])
    assert [(row["label"], row["types"], row["revoked_at"]) for row in rows] == [
        ("wall", ["call"], None)
    ]
    assert command("calendar-link", "revoke", str(rows[0]["id"]))[0] == 0
    assert server.get(f"/{path}").status_code == 404
    assert "wall" in command("calendar-link", "list", "anna")[1]


def test_a_link_that_cannot_be_made_says_why(command):
    """Unknown user, unknown type, unknown number."""
    assert command("calendar-link", "add", "nobody", "--label", "x")[0] == 5
    code, out, err = command("calendar-link", "add", "anna", "--label", "x", "--type", "holiday")
    assert (code, out) == (6, "")
    assert "hint: the types are: call, meeting" in err
    assert command("calendar-link", "revoke", "99")[0] == 5


def test_a_backup_comes_back_in_a_new_epoch_and_what_was_there_is_kept(command, tmp_path):
    """`restore` says where."""
    copy = tmp_path / "copy.sqlite3"
    assert command("backup", str(copy))[:2] == (0, f"{copy}\n")
    assert command("backup", str(copy))[0] == 7
    command("users", "add", "bob")
    code, _, err = command("restore", str(copy))
    assert code == 0
    assert "a new epoch has begun" in err
    assert ".before-" in err
    logins = [each["login"] for each in json.loads(command("users", "list", "--json")[1])]
    assert logins == ["admin", "anna"]
    assert command("restore", str(tmp_path / "absent"))[0] == 5
    assert command("restore", str(tmp_path / "crmdav.toml"))[0] == 6


def test_each_new_epoch_is_another_one(command):
    """It is printed alone."""
    first, second = command("epoch", "new")[1], command("epoch", "new")[1]
    assert len(first.split()) == len(second.split()) == 1
    assert first != second


def test_commands_keep_the_slot_file_beside_the_key_file(command, tmp_path):
    """Readable for its owner only."""
    (file,) = tmp_path.rglob("crmdav.key.homes")
    assert file.stat().st_mode & 0o777 == 0o600
