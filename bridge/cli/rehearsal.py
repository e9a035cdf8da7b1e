"""`rehearse-google`: the rehearsal Google alone."""

from __future__ import annotations

from pathlib import Path

import click

from bridge.cli.commands import Command
from bridge.cli.output import json_option, print_json
from bridge.cli.signals import stop_event
from bridge.errors import BridgeError, ConfigError
from bridge.rehearsal.server import Description, RehearsalServer


@click.command(cls=Command)
@click.option("--port", type=int, default=8090, show_default=True, help="0 for any free one.")
@click.option(
    "--state", type=click.Path(path_type=Path, dir_okay=False), help="File that keeps everything."
)
@json_option
@click.option("--redirect-uri", multiple=True, help="A further redirect address to accept.")
@click.option("--allow-http-push", is_flag=True, help="Accept http push addresses.")
def rehearse_google(
    *,
    port: int,
    state: Path | None,
    as_json: bool,
    redirect_uri: tuple[str, ...],
    allow_http_push: bool,
) -> None:
    """Run a rehearsal Google Calendar on loopback until Ctrl-C.

    It prints its addresses, accounts and an OAuth client, then `ready`.

    \b
    Example:
        crmdav rehearse-google --port 8090 --state google.sqlite3
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    server = rehearsal_on(
        port, state=state, redirect_uris=redirect_uri, allow_http_push=allow_http_push
    )
    stop = stop_event()
    try:
        server.start()
        described = server.describe()
        if as_json:
            print_json(described.to_json())
        else:
            for line in description_lines(described):
                click.echo(line)
        click.echo("ready")
        stop.wait()
    finally:
        server.stop()


def rehearsal_on(
    port: int,
    *,
    state: Path | None,
    redirect_uris: tuple[str, ...] = (),
    allow_http_push: bool = False,
    option: str = "--port",
) -> RehearsalServer:
    """Return a rehearsal Google that has its port but was not started yet.

    Raises:
        ConfigError: The port is taken, or the state file cannot be used.
    """
    try:
        return RehearsalServer(
            port, state=state, redirect_uris=redirect_uris, allow_http_push=allow_http_push
        )
    except OSError as error:
        raise taken(port, option) from error


def taken(port: int, option: str) -> BridgeError:
    """Return the error for a port that somebody else listens on."""
    return ConfigError(
        f"port {port} on 127.0.0.1 cannot be used: it is taken",
        hint=f"choose another one with `{option}`, or end the other program",
    )


def description_lines(described: Description) -> list[str]:
    """Return the description for people, one line per fact."""
    return [
        f"page: {described.root}/",
        f"authorization_url: {described.authorization_url}",
        f"token_url: {described.token_url}",
        f"revocation_url: {described.revocation_url}",
        f"api_url: {described.api_url}",
        f"client_id: {described.client_id}",
        f"client_secret: {described.client_secret}",
        *(f"account: {account.email}" for account in described.accounts),
    ]
