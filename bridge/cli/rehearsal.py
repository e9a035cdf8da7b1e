"""`rehearse-google`: the rehearsal Google alone, and recordings of it run again."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import click

from bridge.cli.commands import Group
from bridge.cli.failures import FAILED
from bridge.cli.output import json_option, note, print_json
from bridge.cli.signals import stop_event
from bridge.errors import BridgeError, ConfigError
from bridge.rehearsal.recording.replay import replay
from bridge.rehearsal.server import Description, RehearsalServer


@click.group(cls=Group, invoke_without_command=True)
@click.option("--port", type=int, default=8090, show_default=True, help="0 for any free one.")
@click.option(
    "--state", type=click.Path(path_type=Path, dir_okay=False), help="File that keeps everything."
)
@json_option
@click.option(
    "--redirect-uri", "redirect_uris", multiple=True, help="A further redirect address to accept."
)
@click.option("--allow-http-push", is_flag=True, help="Accept http push addresses.")
@click.option(
    "--record",
    type=click.Path(path_type=Path, dir_okay=False),
    help="New file for every exchange, without anybody's data, for a problem report.",
)
@click.pass_context
def rehearse_google(
    context: click.Context,
    /,
    *,
    as_json: bool,
    record: Path | None,
    **chosen: Any,
) -> None:
    """Run a rehearsal Google Calendar on loopback until Ctrl-C.

    It prints its addresses, accounts and an OAuth client, then `ready`. With `replay FILE` it runs
    a recording again instead.

    \b
    Example:
        crmdav rehearse-google --port 8090 --state google.sqlite3
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    if context.invoked_subcommand is not None:
        return
    server = rehearsal_on(**chosen)
    stop = stop_event()
    try:
        if record is not None:
            server.record(record)
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


@rehearse_google.command("replay")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
def replay_recording(*, file: Path, as_json: bool) -> int:
    """Run a recording again and tell each answer that is different now.

    The exit code is 1 when one is.

    \b
    Example:
        crmdav rehearse-google replay problem.jsonl
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    count = different = 0
    for exchange in replay(file):
        count += 1
        different += bool(exchange.differences)
        if as_json and exchange.differences:
            print_json(dataclasses.asdict(exchange))
        elif exchange.differences:
            click.echo(f"line {exchange.number}: {exchange.request}")
            for difference in exchange.differences:
                click.echo(f"    {difference}")
    note(f"{count} exchanges, {different} with another answer than recorded")
    return FAILED if different else 0


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
