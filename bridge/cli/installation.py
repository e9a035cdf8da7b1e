"""`init`, `migrate` and `config`."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.application.keys import make_key_file
from bridge.application.users import prepare_installation
from bridge.cli.commands import Command, Group
from bridge.cli.context import core_of, settings_of
from bridge.cli.output import json_option, note, print_json
from bridge.config import Settings, load_settings
from bridge.config.example import example_file, shown_file, shown_values
from bridge.config.loading import DEFAULT_FILE
from bridge.errors import AlreadyExists


@click.command(cls=Command)
@click.argument("folder", metavar="[DIR]", default=".", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Write a commented crmdav.toml and a fresh key file into DIR.

    No database is touched, and nothing is written over. Relative paths in the file are relative
    to it.

    \b
    Example:
        crmdav init /etc/crmdav
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    path = folder / DEFAULT_FILE
    if path.exists():
        raise AlreadyExists(f"there is a configuration already: {path}")
    folder.mkdir(parents=True, exist_ok=True)
    key_file = load_settings(environ={}, folder=folder).secrets.key_file
    make_key_file(key_file)
    path.write_text(example_file(), encoding="utf-8")
    click.echo(path)
    click.echo(key_file)
    note("next: look through the file, then run `crmdav migrate`")


@click.command(cls=Command)
@click.pass_context
def migrate(context: click.Context) -> None:
    """Bring the database to the newest schema; a new one gets a company and its admin.

    The admin's password is printed this once. Running it again changes nothing.

    \b
    Example:
        crmdav migrate
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context, check_schema=False) as core:
        core.database.migrate()
        added = prepare_installation(core.database, clock=core.clock)
    note("the database is at the newest schema")
    if added is not None:
        click.echo(f"login: {added.user.login}")
        click.echo(f"password: {added.password}")


@click.group(cls=Group)
def config() -> None:
    """Show and check the settings."""


@config.command("show")
@json_option
@click.pass_context
def show(context: click.Context, *, as_json: bool) -> None:
    """Print the effective settings, with secrets masked.

    \b
    Example:
        crmdav config show --json
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    settings = settings_of(context)
    if as_json:
        print_json(shown_values(settings))
    else:
        click.echo(shown_file(settings), nl=False)


@config.command("check")
@click.pass_context
def check(context: click.Context) -> None:
    """Read the settings and the key file, and say whether they are usable.

    \b
    Example:
        crmdav --config /etc/crmdav/crmdav.toml config check
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context, check_schema=False) as core:
        _ = core.keys
        if not core.google.client.client_id:
            note("no Google client is configured: users cannot connect an account yet")
        note(_told_of_push(core.settings))
        note("the settings are usable")


def _told_of_push(settings: Settings) -> str:
    address = settings.google_push_address
    if address is None:
        return "Google's push is off, so Google is asked for changes: see `google.push`"
    if not address.startswith("https://"):
        return f"only a rehearsal Google sends push messages to http, as in {address}"
    return f"Google has to reach {address} from outside, with a certificate it trusts"
