"""The outermost command and what happens around every other one."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import click

from bridge.cli.commands import LazyGroup
from bridge.cli.failures import FAILED, exit_code_help, report
from bridge.errors import BridgeError

_INTERRUPTED = 130

MODULES = {
    "demo": "bridge.cli.demo:demo",
    "run": "bridge.cli.processes:run",
    "serve": "bridge.cli.processes:serve",
    "worker": "bridge.cli.processes:worker",
    "init": "bridge.cli.installation:init",
    "migrate": "bridge.cli.installation:migrate",
    "config": "bridge.cli.installation:config",
    "companies": "bridge.cli.people:companies",
    "users": "bridge.cli.people:users",
    "shares": "bridge.cli.shares:shares",
    "app-password": "bridge.cli.access:app_password",
    "api-token": "bridge.cli.access:api_token",
    "calendar-link": "bridge.cli.access:calendar_link",
    "activities": "bridge.cli.activities:activities",
    "connections": "bridge.cli.connections:connections",
    "plan": "bridge.cli.connections:plan",
    "sync": "bridge.cli.connections:sync",
    "explain": "bridge.cli.history:explain",
    "history": "bridge.cli.history:history",
    "undo": "bridge.cli.undo:undo",
    "backup": "bridge.cli.backups:backup",
    "restore": "bridge.cli.backups:restore",
    "epoch": "bridge.cli.backups:epoch",
    "rehearse-google": "bridge.cli.rehearsal:rehearse_google",
}
"""Where each command is, in the order of the help."""


@click.command(
    cls=LazyGroup,
    modules=MODULES,
    epilog=exit_code_help(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(package_name="crmdav", prog_name="crmdav")
def crmdav() -> None:
    """CRM activities as CalDAV calendars and in Google Calendar, both ways.

    \b
    Example, without any account:
        crmdav demo
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and leave the process with its exit code."""
    sys.exit(run(arguments))


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return the exit code.

    Args:
        arguments: Without the program's name; None takes the process's own.
    """
    try:
        outcome = crmdav.main(
            args=None if arguments is None else list(arguments),
            prog_name="crmdav",
            standalone_mode=False,
        )
    except BridgeError as error:
        return report(error)
    except click.exceptions.Abort:
        return _INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except BrokenPipeError:
        # The reader of our output went away, as `head` does.
        sys.stderr.close()
        return FAILED
    return outcome if isinstance(outcome, int) else 0
