"""`shares add`, `list` and `remove`, over a database of the test."""

import json
import logging

import pytest

from bridge.cli.main import run


@pytest.fixture
def config(tmp_path, monkeypatch, capsys):
    """A new installation with Anna and Bob; the arguments that name it."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    monkeypatch.delenv("CRMDAV_CONFIG", raising=False)
    run(["init", str(tmp_path)])
    arguments = ["--config", str(tmp_path / "crmdav.toml")]
    run(["migrate", *arguments])
    for login in ("anna", "bob"):
        run(["users", "add", login, *arguments])
    capsys.readouterr()
    yield arguments
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level = handlers, level


def test_share_is_added_changed_listed_and_removed(config, capsys):
    """Data on the standard output, all else beside it."""

    def listed():
        capsys.readouterr()
        assert run(["shares", "list", "--json", *config]) == 0
        return json.loads(capsys.readouterr().out)

    assert listed() == []
    for level in ("busy", "read"):
        assert run(["shares", "add", "anna", "bob", "--level", level, *config]) == 0
        assert capsys.readouterr().out == ""
        assert listed() == [{"owner": "anna", "grantee": "bob", "level": level}]
    assert run(["shares", "remove", "anna", "bob", *config]) == 0
    assert listed() == []


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["add", "anna", "bob"], 2),
        (["add", "anna", "bob", "--level", "all"], 2),
        (["add", "anna", "nobody", "--level", "read"], 5),
        (["add", "anna", "anna", "--level", "read"], 6),
        (["remove", "anna", "bob"], 5),
    ],
)
def test_share_that_cannot_be_ends_with_its_exit_code(config, capsys, arguments, code):
    """Nothing is shared by a mistake."""
    assert run(["shares", *arguments, *config]) == code
    capsys.readouterr()
    assert run(["shares", "list", "--json", *config]) == 0
    assert json.loads(capsys.readouterr().out) == []
