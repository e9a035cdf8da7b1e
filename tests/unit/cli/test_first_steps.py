"""`init`, `migrate` and `config`, in a folder of the test."""

import io
import json
import logging
import stat
import sys
from contextlib import contextmanager

import pytest

from bridge.application.sign_in import SignIn
from bridge.bootstrap.core import Core
from bridge.cli.main import run
from bridge.config import load_settings
from bridge.errors import SignInRefused


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """Keep the environment's settings out, and the test runner's logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.delenv("CRMDAV_CONFIG", raising=False)
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level = handlers, level


@contextmanager
def core_of_settings(folder):
    """Give what the commands work with."""
    core = Core(settings=load_settings(folder / "crmdav.toml", environ={}))
    try:
        yield core
    finally:
        core.database.dispose()


def test_init_makes_a_file_and_a_private_key_and_never_writes_over(tmp_path, capsys):
    """No database is touched."""
    folder = tmp_path / "etc"
    assert run(["init", str(folder)]) == 0
    config, key = capsys.readouterr().out.splitlines()
    assert stat.S_IMODE((folder / "crmdav-data" / "crmdav.key").stat().st_mode) == 0o600
    assert (config, key) == (
        str(folder / "crmdav.toml"),
        str(folder / "crmdav-data" / "crmdav.key"),
    )
    before = (folder / "crmdav-data" / "crmdav.key").read_bytes()
    assert run(["init", str(folder)]) == 7
    assert (folder / "crmdav-data" / "crmdav.key").read_bytes() == before
    assert not list(folder.rglob("*.sqlite3"))


def test_migrate_tells_the_admins_password_once_and_the_rest_then_works(tmp_path, capsys):
    """From nothing to a user with an app password."""
    run(["init", str(tmp_path)])
    config = ["--config", str(tmp_path / "crmdav.toml")]
    assert run(["users", "list", *config]) == 4
    assert "run `crmdav migrate`" in capsys.readouterr().err
    assert run(["migrate", *config]) == 0
    told = capsys.readouterr().out
    assert "login: admin" in told
    assert "password: " in told
    assert run([*config, "migrate"]) == 0
    assert capsys.readouterr().out == ""
    assert run(["users", "add", "anna", "--timezone", "Europe/Prague", *config]) == 0
    capsys.readouterr()
    assert run(["users", "list", "--json", *config]) == 0
    users = json.loads(capsys.readouterr().out)
    assert [(user["login"], user["role"]) for user in users] == [
        ("admin", "admin"),
        ("anna", "user"),
    ]
    assert run(["app-password", "add", "anna", "--label", "phone", *config]) == 0
    (secret,) = capsys.readouterr().out.splitlines()
    assert len(secret) == 32
    assert run(["config", "check", *config]) == 0


def test_a_lost_password_is_replaced_by_one_that_is_printed_once(tmp_path, capsys, monkeypatch):
    """Also that of the only admin, or by one read from the standard input, which is not printed."""
    run(["init", str(tmp_path)])
    config = ["--config", str(tmp_path / "crmdav.toml")]
    run(["migrate", *config])
    first = capsys.readouterr().out.partition("password: ")[2].strip()
    assert run(["users", "password", "Admin", *config]) == 0
    (second,) = capsys.readouterr().out.splitlines()
    with core_of_settings(tmp_path) as core:
        sign_in = SignIn(core.database, clock=core.clock)
        token = sign_in.enter(login="admin", password=second, address="")
        with pytest.raises(SignInRefused):
            sign_in.enter(login="admin", password=first, address="")
        monkeypatch.setattr(sys, "stdin", io.StringIO("a third one\n"))
        assert run(["users", "password", "admin", "--password-stdin", *config]) == 0
        assert capsys.readouterr().out == ""
        assert sign_in.session_of(token) is None
        assert sign_in.enter(login="admin", password="a third one", address="")
    assert run(["users", "password", "nobody", *config]) == 5


def test_key_that_others_may_read_is_refused(tmp_path, capsys):
    """The hint is the command to run."""
    run(["init", str(tmp_path)])
    key = tmp_path / "crmdav-data" / "crmdav.key"
    key.chmod(0o644)
    capsys.readouterr()
    assert run(["config", "check", "--config", str(tmp_path / "crmdav.toml")]) == 3
    assert f"run `chmod 600 {key}`" in capsys.readouterr().err


def test_address_off_loopback_without_tls_is_refused(tmp_path, capsys):
    """Passwords would travel in clear."""
    run(["init", str(tmp_path)])
    config = ["--config", str(tmp_path / "crmdav.toml")]
    run(["migrate", *config])
    capsys.readouterr()
    assert run(["run", "--bind", "0.0.0.0:0", *config]) == 3
    assert "set `server.behind_tls_proxy`" in capsys.readouterr().err
