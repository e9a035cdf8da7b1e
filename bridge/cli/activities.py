"""`activities`: CRM records from the shell."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from bridge.application.activities import (
    ListedActivity,
    NewActivity,
    add_activity,
    export_file,
    import_file,
    list_activities,
)
from bridge.cli.commands import Group
from bridge.cli.context import core_of
from bridge.cli.output import json_option, note, print_rows
from bridge.domain.spans import TimedSpan
from bridge.errors import InvalidInput

COLUMNS = ("id", "type", "start", "end", "done", "subject")


@click.group(cls=Group)
def activities() -> None:
    """Activities of the CRM's users."""


@activities.command("list")
@click.argument("login")
@json_option
@click.pass_context
def list_command(context: click.Context, login: str, *, as_json: bool) -> None:
    """List a user's activities by time, undated ones last.

    \b
    Example:
        crmdav activities list anna --json
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        rows = [_row(one) for one in list_activities(core.database, login)]
    print_rows(rows, COLUMNS, as_json=as_json)


@activities.command("add")
@click.argument("login")
@click.option("--type", "type_key", required=True, help="Key of the type, such as call.")
@click.option("--subject", required=True)
@click.option(
    "--start",
    default=None,
    metavar="ISO",
    help="In the user's zone unless it names one; of a to-do, when it is due.",
)
@click.option("--duration", type=int, default=None, metavar="MIN", help="Minutes; default 30.")
@click.option("--all-day", default=None, metavar="DATE", help="A whole day instead of a start.")
@click.option("--no-sync", is_flag=True, help="Keep this one out of the sync with Google.")
@click.pass_context
def add_command(  # noqa: PLR0913 - one parameter per option
    context: click.Context,
    *,
    login: str,
    type_key: str,
    subject: str,
    start: str | None,
    duration: int | None,
    all_day: str | None,
    no_sync: bool,
) -> None:
    """Add an activity and print its id; without a date it lives in `tasks`.

    \b
    Example:
        crmdav activities add anna --type call --subject "Call Mira" --start 2026-03-02T10:00
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    new = NewActivity(
        type_key=type_key,
        subject=subject,
        start=_moment(start),
        minutes=duration,
        day=_day(all_day),
        do_not_sync=no_sync,
    )
    with core_of(context) as core:
        added = add_activity(core.database, login, new, clock=core.clock)
    click.echo(added.id)


@activities.command("import")
@click.argument("login")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.pass_context
def import_command(context: click.Context, login: str, file: Path) -> int:
    """Take the items of a calendar file in; those with a known UID are replaced.

    \b
    Example:
        crmdav activities import anna old-calendar.ics
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    try:
        text = file.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file} is not UTF-8 text", field="file") from error
    with core_of(context) as core:
        report = import_file(core.database, login, text, clock=core.clock)
    click.echo(f"added: {report.added}")
    click.echo(f"replaced: {report.replaced}")
    click.echo(f"refused: {len(report.refused)}")
    for item in report.refused:
        note(f"refused `{item.uid or 'an item without UID'}`: {item.reason}")
    return 1 if report.refused else 0


@activities.command("export")
@click.argument("login")
@click.pass_context
def export_command(context: click.Context, login: str) -> None:
    """Print all of a user's activities as one calendar file.

    \b
    Example:
        crmdav activities export anna > anna.ics
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    with core_of(context) as core:
        text = export_file(core.database, login)
    # Line ends stay as iCalendar wants them.
    sys.stdout.buffer.write(text.encode("utf-8"))
    sys.stdout.buffer.flush()


def _row(listed: ListedActivity) -> dict[str, Any]:
    activity = listed.activity
    start, end = _bounds(listed)
    return {
        "id": activity.id,
        "uid": listed.uid,
        "type": activity.type_key,
        "subject": activity.subject,
        "start": start,
        "end": end,
        "all_day": activity.span is not None and not isinstance(activity.span, TimedSpan),
        "done": activity.done,
        "private": activity.private,
        "do_not_sync": activity.do_not_sync,
        "location": activity.location,
        "person": activity.person.name if activity.person else None,
        "organization": activity.organization.name if activity.organization else None,
        "deal": activity.deal.title if activity.deal else None,
    }


def _bounds(listed: ListedActivity) -> tuple[str | None, str | None]:
    span = listed.activity.span
    if span is None:
        return None, None
    if isinstance(span, TimedSpan):
        return (
            span.local_start.isoformat(timespec="minutes"),
            span.local_end.isoformat(timespec="minutes"),
        )
    return span.start.isoformat(), span.end.isoformat()


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidInput(
            f"`{text}` is no date and time", field="start", hint="write 2026-03-02T10:00"
        ) from error


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InvalidInput(f"`{text}` is no date", field="day", hint="write 2026-03-02") from error
