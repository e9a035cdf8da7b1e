"""`app-password` and `api-token`, the same commands over two kinds of secret; `calendar-link`."""

from __future__ import annotations

from datetime import datetime

import click

from bridge.application.access_secrets import SecretKind
from bridge.cli.commands import Group
from bridge.cli.context import core_of
from bridge.cli.output import json_option, note, print_rows

COLUMNS = ("id", "label", "created_at", "last_used_at", "revoked_at")


def _secret_group(name: str, kind: SecretKind, purpose: str) -> Group:
    """Return the group of commands for one kind of secret."""
    group = Group(name=name, help=f"{purpose[0].upper()}{purpose[1:]}.")

    @group.command(
        "add",
        help=f"Make a new {kind.value} and print it alone on one line, this once.\n\n"
        f"\b\nExample:\n    crmdav {name} add anna --label phone",
    )
    @click.argument("login")
    @click.option("--label", required=True, help="What it is for, such as the device.")
    @click.pass_context
    def add(context: click.Context, login: str, label: str) -> None:
        with core_of(context) as core:
            click.echo(core.secrets(kind).add(login, label).secret)

    @group.command(
        "list",
        help=f"List a user's {kind.value}s with their last use; the secrets are not kept.\n\n"
        f"\b\nExample:\n    crmdav {name} list anna --json",
    )
    @click.argument("login")
    @json_option
    @click.pass_context
    def show(context: click.Context, login: str, *, as_json: bool) -> None:
        with core_of(context) as core:
            rows = [
                {
                    "id": one.id,
                    "label": one.label,
                    "prefix": one.prefix,
                    "created_at": moment(one.created_at),
                    "last_used_at": moment(one.last_used_at),
                    "revoked_at": moment(one.revoked_at),
                }
                for one in core.secrets(kind).list(login)
            ]
        print_rows(rows, COLUMNS, as_json=as_json)

    @group.command(
        "revoke",
        help=f"End one {kind.value}; the others stay good.\n\n"
        f"\b\nExample:\n    crmdav {name} revoke 7",
    )
    @click.argument("secret_id", metavar="ID", type=int)
    @click.pass_context
    def revoke(context: click.Context, secret_id: int) -> None:
        with core_of(context) as core:
            core.secrets(kind).revoke(secret_id)
        note(f"revoked {secret_id}")

    return group


@click.group("calendar-link", cls=Group)
def calendar_link() -> None:
    """Secret `.ics` addresses for programs that only subscribe.

    Whoever knows such an address reads the user's activities: private ones as busy blocks, and
    without guests, contacts and internal notes.
    """


@calendar_link.command("add")
@click.argument("login")
@click.option("--label", required=True, help="Who or what reads it.")
@click.option("--type", "types", multiple=True, metavar="TYPE", help="Only this type; repeatable.")
@click.pass_context
def add_link(context: click.Context, login: str, label: str, types: tuple[str, ...]) -> None:
    """Make a new address and print it alone on one line, this once.

    \b
    Example:
        crmdav calendar-link add anna --label "wall display" --type meeting --type call
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        click.echo(core.calendar_links.make(login, label, types).address)


@calendar_link.command("list")
@click.argument("login")
@json_option
@click.pass_context
def list_links(context: click.Context, login: str, *, as_json: bool) -> None:
    """List a user's subscription links with their last use; the addresses are not kept.

    \b
    Example:
        crmdav calendar-link list anna --json
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        rows = [
            {
                "id": one.id,
                "label": one.label,
                "types": sorted(one.types),
                "prefix": one.prefix,
                "created_at": moment(one.created_at),
                "last_used_at": moment(one.last_used_at),
                "revoked_at": moment(one.revoked_at),
            }
            for one in core.calendar_links.list(login)
        ]
    print_rows(rows, (*COLUMNS[:2], "types", *COLUMNS[2:]), as_json=as_json)


@calendar_link.command("revoke")
@click.argument("link_id", metavar="ID", type=int)
@click.pass_context
def revoke_link(context: click.Context, link_id: int) -> None:
    """End one address; the others stay good.

    \b
    Example:
        crmdav calendar-link revoke 3
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        core.calendar_links.revoke(link_id)
    note(f"revoked {link_id}")


def moment(instant: datetime | None) -> str | None:
    """Return an instant as ISO 8601 in UTC, to the second."""
    return instant.isoformat(timespec="seconds") if instant else None


app_password = _secret_group(
    "app-password", SecretKind.APP_PASSWORD, "passwords for calendar programs"
)
api_token = _secret_group("api-token", SecretKind.API_TOKEN, "tokens for the REST API")
