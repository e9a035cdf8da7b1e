"""`connections`, `plan` and `sync`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

import click

from bridge.application.connections import (
    connection_of,
    list_connections,
    progresses,
    push_states,
    stop_connections,
)
from bridge.application.held_changes import HeldChanges
from bridge.application.plan_summary import PlanSummary
from bridge.application.sync_connection import SyncConnection
from bridge.bootstrap.background import planning, sync_parts
from bridge.cli.access import moment
from bridge.cli.commands import Command, Group
from bridge.cli.context import core_of
from bridge.cli.failures import report as report_failure
from bridge.cli.output import json_option, note, print_json, print_rows
from bridge.domain.connection import Connection
from bridge.domain.progress import Progress
from bridge.web.held_changes import HeldInWords, held_in_words
from bridge.web.plan_words import plan_in_words

COLUMNS = (
    "id",
    "login",
    "state",
    "account_email",
    "google_calendar",
    "push",
    "left",
    "last_success_at",
    "attention",
)


@click.group(cls=Group)
def connections() -> None:
    """Google connections and their state."""


@connections.command("list")
@json_option
@click.pass_context
def list_command(context: click.Context, *, as_json: bool) -> None:
    """List all Google connections.

    The column `push` says whether Google tells us of changes: `on`, `off`, `silent` (a channel is
    open, but no message has come yet), or `refused` with Google's reason. Without it Google is
    asked for changes. `compared_at` in the JSON is when both sides were last compared in full, and
    `differences` how many items that found, and mended. `done` counts the items that are on both
    sides, `left` those that are still to be written, also while a run is at work.

    \b
    Example:
        crmdav connections list --json
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        push, progress = push_states(core.database, clock=core.clock), progresses(core.database)
        rows = [
            _row(connection, push.get(connection.id, ""), progress[connection.id])
            for connection in list_connections(core.database)
        ]
    print_rows(rows, COLUMNS, as_json=as_json)


@connections.command("stop")
@click.argument("login")
@click.pass_context
def stop_command(context: click.Context, login: str) -> None:
    """Stop syncing at once; both sides stay as they are.

    \b
    Example:
        crmdav connections stop anna
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        stopped = stop_connections(core.database, login, connecting=core.connecting)
    for connection in stopped:
        note(f"stopped the connection to `{connection.account_email}`")


@click.command(cls=Command)
@click.argument("login")
@json_option
@click.pass_context
def plan(context: click.Context, login: str, *, as_json: bool) -> None:
    """Show what the next run would do and why; nothing is changed.

    The server must be running. What has guests and waits for an answer is listed by itself; times
    are those of the Google calendar's zone.

    \b
    Example:
        crmdav plan anna --json
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        connection = connection_of(core.database, login)
        summary = planning(core).of(connection.id)
        held = HeldChanges(core.database, clock=core.clock).of(connection)
    waiting = held_in_words(held, zone=ZoneInfo(connection.google_calendar_zone))
    _print_plan(summary, waiting, as_json=as_json)


@click.command(cls=Command)
@click.argument("login")
@json_option
@click.pass_context
def sync(context: click.Context, login: str, *, as_json: bool) -> int:
    """Run the sync of a user's connection once, now.

    The server must be running. A connection is never synced twice at once: if a worker is at it,
    this says so and exits with code 9.

    \b
    Example:
        crmdav sync anna
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        connection = connection_of(core.database, login)
        run = SyncConnection(sync_parts(core, "command line")).run(connection.id)
    if as_json:
        print_json(run.summary())
    else:
        for tally in run.tallies:
            click.echo(f"{tally.side.value}: {tally.action} {tally.count} ({tally.state.value})")
        click.echo(f"{run.links} items, {run.done} written, {run.parked} waiting")
    return report_failure(run.stopped_by) if run.stopped_by else 0


def _print_plan(summary: PlanSummary, waiting: Sequence[HeldInWords], *, as_json: bool) -> None:
    groups: list[dict[str, Any]] = [
        {
            "action": group.verb.value,
            "side": group.side.value if group.side else None,
            "reason": group.reason,
            "count": group.count,
            "examples": list(group.examples),
        }
        for group in summary.groups
    ]
    if as_json:
        told = {"removals": summary.removals, "reductions": summary.reductions}
        held = [asdict(each) for each in waiting]
        print_json({**told, "groups": groups, "held": held})
        return
    words = plan_in_words(summary)
    if words.warning:
        click.echo(words.warning)
    for line in words.groups:
        examples = f" ({', '.join(line.examples)})" if line.examples else ""
        click.echo(f"{line.count} {line.sentence}{examples}")
    for each in waiting:
        click.echo(f"waits: {each.title}, at Google {each.at_google}, in the CRM {each.wished}")
    if waiting:
        click.echo("answer on the Calendar sync page")
    if not words.groups:
        click.echo("nothing to do: both sides agree")


def _row(connection: Connection, push: str, progress: Progress) -> dict[str, Any]:
    return {
        "id": connection.id,
        "login": connection.login,
        "state": connection.state.value,
        "account_email": connection.account_email,
        "google_calendar": connection.google_calendar_name,
        "google_calendar_id": connection.google_calendar_id,
        "push": push,
        "done": progress.done,
        "left": progress.left,
        "last_success_at": moment(connection.last_success_at),
        "compared_at": moment(connection.compared_at),
        "differences": connection.differences,
        "attention": connection.attention,
    }
