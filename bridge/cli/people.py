"""`companies` and `users`."""

from __future__ import annotations

import sys

import click

from bridge.application.users import (
    NewUser,
    add_company,
    add_user,
    list_companies,
    list_users,
    remove_user,
    reset_password,
)
from bridge.cli.commands import Group
from bridge.cli.context import core_of
from bridge.cli.output import json_option, note, print_rows
from bridge.domain.users import Role
from bridge.errors import InvalidInput

COMPANY_COLUMNS = ("id", "name")
USER_COLUMNS = ("login", "name", "email", "timezone", "role", "company", "active")


@click.group(cls=Group)
def companies() -> None:
    """Companies of this installation."""


@companies.command("add")
@click.argument("name")
@click.pass_context
def add_company_command(context: click.Context, name: str) -> None:
    """Add a company with the stock activity types.

    \b
    Example:
        crmdav companies add "Northwind"
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        company = add_company(core.database, name, clock=core.clock)
    note(f"added the company `{company.name}`")


@companies.command("list")
@json_option
@click.pass_context
def list_companies_command(context: click.Context, *, as_json: bool) -> None:
    """List the companies.

    \b
    Example:
        crmdav companies list --json
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        rows = [{"id": one.id, "name": one.name} for one in list_companies(core.database)]
    print_rows(rows, COMPANY_COLUMNS, as_json=as_json)


@click.group(cls=Group)
def users() -> None:
    """Users of the CRM."""


@users.command("add")
@click.argument("login")
@click.option("--name", default="", help="Full name; default the login.")
@click.option("--email", default="", help="E-mail address.")
@click.option("--timezone", default="UTC", help="IANA name, such as Europe/Prague.")
@click.option("--company", default=None, help="Name of the company, if there are several.")
@click.option("--admin", is_flag=True, help="Make the user an admin of the company.")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line.")
@click.pass_context
def add_user_command(  # noqa: PLR0913 - one parameter per option
    context: click.Context,
    *,
    login: str,
    name: str,
    email: str,
    timezone: str,
    company: str | None,
    admin: bool,
    password_stdin: bool,
) -> None:
    """Add a user; without --password-stdin a password is made up and printed this once.

    \b
    Example:
        crmdav users add anna --name "Anna Novak" --email anna@example.com --timezone Europe/Prague
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    new = NewUser(
        login=login,
        name=name,
        email=email,
        timezone=timezone,
        role=Role.ADMIN if admin else Role.USER,
        password=_password_from_stdin() if password_stdin else None,
    )
    with core_of(context) as core:
        added = add_user(core.database, new, company=company, clock=core.clock)
    note(f"added the user `{added.user.login}`")
    if not password_stdin:
        click.echo(added.password)


@users.command("list")
@json_option
@click.pass_context
def list_users_command(context: click.Context, *, as_json: bool) -> None:
    """List the users.

    \b
    Example:
        crmdav users list --json
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        names = {company.id: company.name for company in list_companies(core.database)}
        rows = [
            {
                "id": user.id,
                "login": user.login,
                "name": user.name,
                "email": user.email,
                "timezone": user.timezone,
                "role": user.role.value,
                "company": names[user.company_id],
                "active": user.active,
            }
            for user in list_users(core.database)
        ]
    print_rows(rows, USER_COLUMNS, as_json=as_json)


@users.command("password")
@click.argument("login")
@click.option("--password-stdin", is_flag=True, help="Read the password from the first line.")
@click.pass_context
def reset_password_command(context: click.Context, login: str, *, password_stdin: bool) -> None:
    """Give a user another password for the pages; the user's browsers are signed out.

    Without --password-stdin it is made up and printed this once. App passwords of calendar programs
    stay as they are.

    \b
    Example:
        crmdav users password admin
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    told = _password_from_stdin() if password_stdin else None
    with core_of(context) as core:
        password = reset_password(core.database, login, told)
    note(f"the password of `{login}` is another one now")
    if not password_stdin:
        click.echo(password)


@users.command("remove")
@click.argument("login")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_context
def remove_user_command(context: click.Context, login: str, *, yes: bool) -> None:
    """Remove a user with all activities and calendars; nothing is done at Google.

    \b
    Example:
        crmdav users remove anna --yes
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    if not yes:
        click.confirm(f"Remove `{login}` with all activities and calendars?", abort=True, err=True)
    with core_of(context) as core:
        remove_user(core.database, login)
    note(f"removed the user `{login}`")


def _password_from_stdin() -> str:
    password = sys.stdin.readline().rstrip("\r\n")
    if not password:
        raise InvalidInput("no password on the standard input", field="password")
    return password
