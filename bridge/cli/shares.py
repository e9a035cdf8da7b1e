"""`shares`: colleagues' calendars."""

from __future__ import annotations

import click

from bridge.application.shares import add_share, list_shares, remove_share
from bridge.cli.commands import Group
from bridge.cli.context import core_of
from bridge.cli.output import json_option, note, print_rows
from bridge.domain.users import GrantLevel

COLUMNS = ("owner", "grantee", "level")


@click.group(cls=Group)
def shares() -> None:
    """Calendars that users show to colleagues of their company."""


@shares.command("add")
@click.argument("owner")
@click.argument("grantee")
@click.option(
    "--level",
    required=True,
    type=click.Choice([level.value for level in GrantLevel]),
    help="`busy`: times only. `read`: everything but what is private, of which times only.",
)
@click.pass_context
def add_share_command(context: click.Context, owner: str, grantee: str, level: str) -> None:
    """Show OWNER's calendars to GRANTEE, or change how much of them.

    GRANTEE's calendar programs find them in GRANTEE's own home, read-only.

    \b
    Example:
        crmdav shares add anna bob --level busy
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        given = add_share(core.database, owner, grantee, level=GrantLevel(level), clock=core.clock)
    note(f"`{given.grantee_login}` sees `{given.owner_login}`: {given.level.value}")


@shares.command("list")
@json_option
@click.pass_context
def list_shares_command(context: click.Context, *, as_json: bool) -> None:
    """List who sees whose calendars.

    \b
    Example:
        crmdav shares list --json
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        rows = [
            {
                "owner": one.owner_login,
                "grantee": one.grantee_login,
                "level": one.level.value,
            }
            for one in list_shares(core.database)
        ]
    print_rows(rows, COLUMNS, as_json=as_json)


@shares.command("remove")
@click.argument("owner")
@click.argument("grantee")
@click.pass_context
def remove_share_command(context: click.Context, owner: str, grantee: str) -> None:
    """Show OWNER's calendars to GRANTEE no longer.

    \b
    Example:
        crmdav shares remove anna bob
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        remove_share(core.database, owner, grantee)
    note(f"`{grantee}` no longer sees `{owner}`")
