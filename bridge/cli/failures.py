"""What an error looks like on the command line, and the exit code that goes with it."""

from __future__ import annotations

import click

from bridge.errors import (
    AlreadyExists,
    BridgeError,
    CollectionGone,
    ConfigError,
    ConversionError,
    InvalidInput,
    InvalidTransition,
    LeaseHeld,
    LeaseLost,
    MassDeletionRefused,
    NotConnected,
    NotFound,
    SchemaOutdated,
    SideError,
    StoreBusy,
)
from bridge.log import redacted

FAILED = 1
CONFIGURATION = 3
SCHEMA = 4

EXIT_CODES: tuple[tuple[int, tuple[type[BridgeError], ...], str], ...] = (
    (CONFIGURATION, (ConfigError,), "a setting is wrong or missing"),
    (SCHEMA, (SchemaOutdated,), "the database needs `crmdav migrate`"),
    (5, (NotFound,), "there is no such record"),
    (6, (InvalidInput, InvalidTransition, ConversionError), "a value is refused"),
    (7, (AlreadyExists,), "the name is taken"),
    (8, (NotConnected, CollectionGone), "the Google account must be connected again"),
    (9, (LeaseHeld, LeaseLost), "somebody else syncs this connection now"),
    (10, (SideError,), "Google or the CalDAV server did not do it; try again later"),
    (11, (StoreBusy,), "the database is busy; try again"),
    (12, (MassDeletionRefused,), "the safety stop before too many deletions"),
)
"""Code, errors, meaning; the first row that fits counts. 0 is done, 1 failed, 2 usage."""


def exit_code(error: BridgeError) -> int:
    """Return the exit code of an error."""
    return next((code for code, kinds, _ in EXIT_CODES if isinstance(error, kinds)), FAILED)


def exit_code_help() -> str:
    """Return the table of exit codes for `crmdav --help`."""
    lines = ["0   done", "1   failed", "2   wrong usage"]
    lines += [f"{code:<3} {meaning}" for code, _, meaning in EXIT_CODES]
    return "\b\nExit codes:\n" + "\n".join(f"  {line}" for line in lines)


def report(error: BridgeError) -> int:
    """Write an error to stderr and return its exit code."""
    click.echo(redacted(f"error: {error}"), err=True)
    if error.hint:
        click.echo(redacted(f"hint: {error.hint}"), err=True)
    return exit_code(error)
