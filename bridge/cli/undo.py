"""`undo`: take back what the sync wrote."""

from __future__ import annotations

from typing import Any

import click

from bridge.application.connections import connection_of
from bridge.application.undo import UndoLine, UndoPlan
from bridge.bootstrap.background import undo_of
from bridge.cli.commands import Command
from bridge.cli.context import core_of
from bridge.cli.failures import report as report_failure
from bridge.cli.output import json_option, note, print_json


@click.command(cls=Command)
@click.argument("login")
@click.argument("run_id")
@click.option(
    "--field",
    "fields",
    multiple=True,
    metavar="NAME",
    help="Restore only this field, such as `title`; may be repeated.",
)
@click.option("--yes", is_flag=True, help="Do it, do not only show it.")
@json_option
@click.pass_context
def undo(  # noqa: PLR0913 - one for each option
    context: click.Context,
    login: str,
    run_id: str,
    *,
    fields: tuple[str, ...],
    yes: bool,
    as_json: bool,
) -> int:
    """Take back a run, or a single write, by its id in `crmdav history`.

    Without `--yes` this only shows what would happen. Fields are restored where they still hold
    what the sync wrote; what changed later is kept, and said. Deleted items come back on both
    sides. Copies the sync made are taken back, while their originals stay. The server must be
    running. Of a connection that does not sync, only the CRM is changed; the sync goes on from
    there once it runs again. What an undo did can be taken back in turn.

    \b
    Example:
        crmdav undo anna 8c208d9b6b624a4b97c14935dbd86616
        crmdav undo anna 8c208d9b6b624a4b97c14935dbd86616 --yes
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        connection = connection_of(core.database, login)
        use_case = undo_of(core, "command line")
        plan = use_case.plan(connection, run_id, fields=fields)
        run = use_case.carry_out(connection, run_id, fields=fields) if yes and plan.items else None
    if plan.notice:
        note(plan.notice)
    if as_json:
        print_json({**_plan(plan), "run": run.summary() if run else None})
    else:
        for line in plan.lines:
            click.echo(line.sentence)
    if run is None:
        note("nothing to take back" if not plan.items else "nothing was done yet: add --yes")
        return 0
    note(f"took back in run {run.run_id}: {run.done} writes")
    return report_failure(run.stopped_by) if run.stopped_by else 0


def _plan(plan: UndoPlan) -> dict[str, Any]:
    return {
        "target": plan.target,
        "items": plan.items,
        "alone": plan.alone,
        "lines": [_line(line) for line in plan.lines],
    }


def _line(line: UndoLine) -> dict[str, Any]:
    return {
        "uid": line.uid,
        "title": line.title,
        "side": line.side.value,
        "effect": line.effect.value,
        "done": line.done,
        "fields": [
            {"field": each.field, "from": each.before, "to": each.after} for each in line.fields
        ],
        "kept": list(line.kept),
        "sentence": line.sentence,
    }
