"""What every command promises: help with an example, `--config`, documented exit codes."""

import click
import pytest

from bridge.cli.commands import LazyGroup
from bridge.cli.failures import EXIT_CODES, exit_code
from bridge.cli.main import MODULES, crmdav, run
from bridge.errors import (
    BridgeError,
    ConfigError,
    LeaseHeld,
    NotFound,
    RateLimited,
    SchemaOutdated,
    StoreBusy,
)


def leaves():
    """Iterate over all commands that do something, with their names."""
    context = click.Context(crmdav)
    for name in crmdav.list_commands(context):
        command = crmdav.get_command(context, name)
        if isinstance(command, click.Group):
            for inner, leaf in command.commands.items():
                yield f"{name} {inner}", leaf
        else:
            yield name, command


LEAVES = dict(leaves())


def test_every_command_of_the_contract_is_there():
    """As far as this version goes."""
    assert isinstance(crmdav, LazyGroup)
    assert list(MODULES) == [
        "demo",
        "run",
        "serve",
        "worker",
        "init",
        "migrate",
        "config",
        "companies",
        "users",
        "shares",
        "app-password",
        "api-token",
        "calendar-link",
        "activities",
        "connections",
        "plan",
        "sync",
        "explain",
        "history",
        "undo",
        "backup",
        "restore",
        "epoch",
        "rehearse-google",
    ]
    for group, wanted in {
        "config": {"show", "check"},
        "companies": {"add", "list"},
        "users": {"add", "list", "password", "remove"},
        "shares": {"add", "list", "remove"},
        "app-password": {"add", "list", "revoke"},
        "api-token": {"add", "list", "revoke"},
        "calendar-link": {"add", "list", "revoke"},
        "epoch": {"new"},
        "activities": {"add", "list", "import", "export"},
        "connections": {"list", "stop"},
        "rehearse-google": {"replay"},
    }.items():
        assert {name for name in LEAVES if name.startswith(f"{group} ")} == {
            f"{group} {inner}" for inner in wanted
        }


@pytest.mark.parametrize("name", LEAVES)
def test_help_has_an_example_of_this_very_command_and_the_config_option(name, capsys):
    """Help is the first documentation people meet."""
    assert run([*name.split(), "--help"]) == 0
    told = capsys.readouterr().out
    assert "Example:" in told
    example = told.split("Example:")[1].strip().splitlines()[0].strip()
    assert example.startswith("crmdav")
    assert name in example
    assert "--config FILE" in told


@pytest.mark.parametrize("name", [name for name in LEAVES if name.endswith(" list")])
def test_every_listing_has_json(name):
    """Programs read lists, too."""
    assert "as_json" in {parameter.name for parameter in LEAVES[name].params}


def test_help_documents_every_exit_code(capsys):
    """The table comes from where the codes are defined."""
    assert run(["--help"]) == 0
    told = capsys.readouterr().out
    for code, _, meaning in EXIT_CODES:
        assert f"{code:<3} {meaning}" in told


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (ConfigError("x"), 3),
        (SchemaOutdated("x"), 4),
        (NotFound("x"), 5),
        (LeaseHeld("x", owner="y"), 9),
        (RateLimited("x", side="google"), 10),
        (StoreBusy("x"), 11),
        (BridgeError("x"), 1),
    ],
)
def test_exit_code_follows_the_class_of_the_error(error, code):
    """Scripts can tell failures apart."""
    assert exit_code(error) == code


def test_unknown_command_is_a_usage_error(capsys):
    """Exit code 2, and nothing on stdout."""
    assert run(["frobnicate"]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert "frobnicate" in told.err


def test_error_and_hint_stand_on_lines_of_their_own_on_stderr(capsys, tmp_path):
    """Without a traceback."""
    (tmp_path / "crmdav.toml").write_text("[server]\nbnid = 1\n")
    assert run(["config", "show", "--config", str(tmp_path / "crmdav.toml")]) == 3
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err == ("error: unknown setting `server.bnid`\nhint: did you mean `server.bind`?\n")
