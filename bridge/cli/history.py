"""`explain` and `history`: what the sync did, and why an item is where it is."""

from __future__ import annotations

from typing import Any

import click

from bridge.application.connections import connection_of
from bridge.application.explain import Explanation
from bridge.application.explain import explain as explain_item
from bridge.application.history import History, HistoryItem, HistoryRun, ItemPage, RunPage
from bridge.cli.access import moment
from bridge.cli.commands import Command
from bridge.cli.context import core_of
from bridge.cli.output import json_option, note, print_json, print_rows
from bridge.domain.identifiers import RunId, Uid
from bridge.store.history import JournalFilter
from bridge.sync.model import JournalState, Side

RUN_COLUMNS = ("id", "started_at", "outcome", "sentence")
ITEM_COLUMNS = ("id", "at", "state", "sentence")
ACTIONS = ("create", "update", "delete", "put-back", "withdraw")


@click.command(cls=Command)
@click.argument("login")
@click.argument("uid_or_event_id")
@json_option
@click.pass_context
def explain(context: click.Context, login: str, uid_or_event_id: str, *, as_json: bool) -> None:
    """Say in one sentence why an item is here, or is not.

    The item is named by its UID, its address in the calendar, or the id of its Google event, and of
    a single date of a series by that date's. The answer tells which rule holds it, which run wrote
    it last, and what Google said; of a deleted item who deleted it, when, and whether `crmdav undo`
    can bring it back. Nothing is asked of Google for that.

    \b
    Example:
        crmdav explain anna 7d3f@crm.example.com
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        connection = connection_of(core.database, login)
        told = explain_item(core.database, connection, uid_or_event_id)
    if as_json:
        print_json(_explanation(told))
        return
    click.echo(f"{told.title or told.uid}: {told.sentence}")
    if told.answer:
        click.echo(f"Answer: {told.answer}")


@click.command(cls=Command)
@click.argument("login")
@click.option("--run", "run_id", metavar="ID", help="The writes of one run.")
@click.option("--item", "uid", metavar="UID", help="The writes of one item.")
@click.option("--side", type=click.Choice([side.value for side in Side]), help="Where it was.")
@click.option("--action", "actions", type=click.Choice(ACTIONS), multiple=True, help="Of a kind.")
@click.option(
    "--state",
    "states",
    type=click.Choice([state.value for state in JournalState]),
    multiple=True,
    help="How far it got.",
)
@click.option("--items", is_flag=True, help="Single writes instead of runs.")
@click.option("--all", "everything", is_flag=True, help="Runs that had nothing to do, too.")
@click.option("--older", default="", metavar="ID", help="Go on after this row.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True)
@json_option
@click.pass_context
def history(  # noqa: PLR0913 - one for each option
    context: click.Context,
    login: str,
    *,
    run_id: str | None,
    uid: str | None,
    side: str | None,
    actions: tuple[str, ...],
    states: tuple[str, ...],
    items: bool,
    everything: bool,
    older: str,
    limit: int,
    as_json: bool,
) -> None:
    """List what the sync did, the newest first: runs, or with any filter single writes.

    `--action delete` lists what the sync deleted in the last 30 days. Each run, and each write,
    can be taken back with `crmdav undo`.

    \b
    Example:
        crmdav history anna
        crmdav history anna --action delete --json
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    wanted = JournalFilter(
        run_id=RunId(run_id) if run_id else None,
        uid=Uid(uid) if uid else None,
        side=Side(side) if side else None,
        actions=actions,
        states=tuple(JournalState(state) for state in states),
    )
    page: ItemPage | RunPage
    with core_of(context) as core:
        connection = connection_of(core.database, login)
        told = History(core.database)
        if items or wanted != JournalFilter():
            page = told.items(connection, wanted, limit=limit, older=older)
            rows = [item_row(row) for row in page.rows]
            columns = ITEM_COLUMNS
        else:
            page = told.runs(connection, limit=limit, older=older, eventful=not everything)
            rows = [run_row(row) for row in page.rows]
            columns = RUN_COLUMNS
    print_rows(rows, columns, as_json=as_json)
    if page.older:
        note(f"there is more: --older {page.older}")


def run_row(run: HistoryRun) -> dict[str, Any]:
    """Return a run as JSON values."""
    return {
        "id": run.id,
        "started_at": moment(run.started_at),
        "finished_at": moment(run.finished_at),
        "outcome": run.outcome,
        "undone": run.undone,
        "sentence": run.sentence,
        "error": run.error,
        "counts": dict(run.counts),
    }


def item_row(item: HistoryItem) -> dict[str, Any]:
    """Return a write as JSON values."""
    return {
        "id": item.id,
        "run_id": item.run_id,
        "uid": item.uid,
        "at": moment(item.at),
        "side": item.side.value,
        "action": item.action,
        "state": item.state.value,
        "title": item.title,
        "sentence": item.sentence,
        "reason": item.reason,
        "detail": item.detail,
        "changes": [
            {
                "field": change.field,
                "before": change.before,
                "after": change.after,
                "lost": change.lost,
            }
            for change in item.changes
        ],
    }


def _explanation(told: Explanation) -> dict[str, Any]:
    return {
        "uid": told.uid,
        "title": told.title,
        "google_event_ids": list(told.google_event_ids),
        "standing": told.standing.value,
        "sentence": told.sentence,
        "reason": told.reason,
        "answer": told.answer,
        "retry_at": moment(told.retry_at),
        "last_write": item_row(told.last_write) if told.last_write else None,
        "trash_until": moment(told.trash_until),
        "connection": told.connection_state.value,
    }
