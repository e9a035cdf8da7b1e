"""`backup`, `restore` and `epoch`."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.commands import Command, Group
from bridge.cli.context import core_of
from bridge.cli.output import note

FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(cls=Command)
@click.argument("file", type=FILE)
@click.pass_context
def backup(context: click.Context, file: Path) -> None:
    """Copy the SQLite database into FILE, also while server and worker run.

    The key file is not in it: keep that, too, and apart. A PostgreSQL database is backed up with
    `pg_dump`.

    \b
    Example:
        crmdav backup /var/backups/crmdav-monday.sqlite3
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        core.database.backup(file)
    click.echo(file)


@click.command(cls=Command)
@click.argument("file", type=FILE)
@click.pass_context
def restore(context: click.Context, file: Path) -> None:
    """Put a backup back in one step, also while server and worker run.

    A new epoch begins: calendar programs read everything again. What was there is kept beside the
    database. After restoring a PostgreSQL database run `crmdav epoch new`.

    \b
    Example:
        crmdav restore /var/backups/crmdav-monday.sqlite3
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context, check_schema=False) as core:
        kept = core.database.restore(file)
    note("restored; a new epoch has begun")
    if kept is not None:
        note(f"what was there before is in {kept}")


@click.group(cls=Group)
def epoch() -> None:
    """The part of every ETag and sync token that a restored database has to change."""


@epoch.command("new")
@click.pass_context
def new(context: click.Context) -> None:
    """Begin a new epoch, after the database was restored without `crmdav restore`.

    Calendar programs read everything again, and nothing they hold is taken for unchanged. Works
    while server and worker run.

    \b
    Example:
        crmdav epoch new
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core, core.database.write() as work:
        begun = work.installation.new_epoch()
    click.echo(begun.epoch)
