"""The History page: what the sync did and why, run by run or change by change.

Everything is told of one of the user's own connections. Titles and values are what people wrote, on
either side, and are shown as text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bridge.application.history import HistoryItem
from bridge.application.personal_history import PersonalHistory
from bridge.domain.connection import Connection
from bridge.domain.identifiers import ActivityId, RunId, Uid
from bridge.domain.message import Message
from bridge.domain.users import User
from bridge.store.history import JournalFilter
from bridge.sync.model import JournalState, Side
from bridge.web import security
from bridge.web.labels import clock_of

pages = Blueprint("history", __name__, url_prefix="/settings/history")

SIDES: tuple[tuple[str, str], ...] = (
    (Side.CALENDAR.value, Message("In the CRM")),
    (Side.GOOGLE.value, Message("At Google")),
)
ACTIONS: tuple[tuple[str, str], ...] = (
    ("create", Message("Created")),
    ("update", Message("Changed")),
    ("delete", Message("Deleted")),
    ("put-back", Message("Put back")),
    ("withdraw", Message("Taken back")),
)
STATES: tuple[tuple[str, str], ...] = (
    (JournalState.DONE.value, Message("Done")),
    (JournalState.FAILED.value, Message("Refused")),
    (JournalState.OVERTAKEN.value, Message("Overtaken")),
    (JournalState.INTENDED.value, Message("Not known yet")),
)
_RUNS_SHOWN = 30
_CHANGES_SHOWN = 40
_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What the page is asked for, as its address says it.

    Attributes:
        connection: Number of the connection, None for the one that syncs.
        everything: Runs that had nothing to do as well.
        older: Where the page begins, "" for the newest.
    """

    connection: int | None = None
    run: str = ""
    side: str = ""
    action: str = ""
    state: str = ""
    everything: bool = False
    older: str = ""

    @property
    def journal(self) -> JournalFilter:
        """The changes that are wanted."""
        return JournalFilter(
            run_id=RunId(self.run) if self.run else None,
            side=Side(self.side) if self.side else None,
            actions=(self.action,) if self.action else (),
            states=(JournalState(self.state),) if self.state else (),
        )

    def told(self, **other: Any) -> dict[str, Any]:
        """Return it as the parts of an address, with some of them changed."""
        parts = {
            "connection": self.connection,
            "run": self.run,
            "side": self.side,
            "action": self.action,
            "state": self.state,
            "all": "1" if self.everything else "",
        }
        return {name: value for name, value in {**parts, **other}.items() if value}


def wanted_of(told: Mapping[str, str]) -> Wanted:
    """Return what an address asks for; what makes no sense is not asked for."""

    def known(name: str, choices: Sequence[tuple[str, str]]) -> str:
        value = told.get(name, "")
        return value if value in dict(choices) else ""

    number = told.get("connection", "")
    plain = number.isascii() and number.isdigit() and len(number) <= _MOST_DIGITS
    return Wanted(
        connection=int(number) if plain else None,
        run=told.get("run", ""),
        side=known("side", SIDES),
        action=known("action", ACTIONS),
        state=known("state", STATES),
        everything="all" in told,
        older=told.get("older", ""),
    )


@pages.get("")
def show() -> str:
    """Show the latest runs."""
    user, wanted = _user(), wanted_of(request.args)
    connection = _connection(user, wanted)
    if connection is None:
        return _page("history.html", connection=None, wanted=wanted)
    page = _use().told.runs(
        connection, limit=_RUNS_SHOWN, older=wanted.older, eventful=not wanted.everything
    )
    return _page("history.html", connection=connection, wanted=wanted, page=page)


@pages.get("/changes")
def changes() -> str:
    """Show the latest changes that the filter lets through."""
    user, wanted = _user(), wanted_of(request.args)
    connection = _connection(user, wanted)
    if connection is None:
        return _page("history.html", connection=None, wanted=wanted)
    page = _use().told.items(connection, wanted.journal, limit=_CHANGES_SHOWN, older=wanted.older)
    run = _use().run(connection, wanted.run) if wanted.run else None
    return _page(
        "history_changes.html",
        connection=connection,
        wanted=wanted,
        page=page,
        run=run,
        choices=(
            ("side", Message("Where"), SIDES),
            ("action", Message("What"), ACTIONS),
            ("state", Message("How"), STATES),
        ),
    )


@pages.get("/change")
def change() -> str:
    """Show one change with the values before and after."""
    wanted = wanted_of(request.args)
    connection = _use().connection(_user(), wanted.connection)
    item = _use().change(connection, request.args.get("id", ""))
    return _page("history_change.html", connection=connection, wanted=wanted, item=item)


@pages.get("/item")
def item() -> str:
    """Show why an item is where it is, and what was last done to it."""
    user, wanted = _user(), wanted_of(request.args)
    connection = _use().connection(user, wanted.connection)
    story = _use().story(user, connection, Uid(request.args.get("name", "")))
    return _page("history_item.html", connection=connection, wanted=wanted, story=story)


@pages.get("/activity/<int:activity_id>")
def activity(activity_id: int) -> ResponseReturnValue:
    """Lead to the story of an activity of one's own."""
    user = _user()
    uid = _use().uid_of(user, ActivityId(activity_id))
    if not _use().connections(user):
        return _page("history.html", connection=None, wanted=Wanted())
    return redirect(url_for("history.item", name=uid))


def _user() -> User:
    return security.required().user


def _use() -> PersonalHistory:
    return security.services().history


def _connection(user: User, wanted: Wanted) -> Connection | None:
    """Return the connection that is asked for; None for a user who has none."""
    if wanted.connection is None and not _use().connections(user):
        return None
    return _use().connection(user, wanted.connection)


def _page(template: str, **told: Any) -> str:
    user = _user()
    return render_template(
        template,
        connections=_use().connections(user),
        local_time=clock_of(user),
        states=dict(STATES),
        notable=_notable,
        **told,
    )


def _notable(item: HistoryItem) -> int:
    """Return how many values of both sides were changed at once, so that one was not kept."""
    return sum(change.lost for change in item.changes)
