"""Take back a run, a change, or single values of it: the plan first, then `Confirm`.

Between the two somebody may change what is concerned. A plan that is another one by then is shown
again, and nothing is done.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bridge.application.undo import Undo, UndoPlan
from bridge.domain.connection import Connection
from bridge.domain.message import Message
from bridge.errors import BridgeError, LeaseHeld
from bridge.web import security
from bridge.web.history import wanted_of
from bridge.web.languages import say
from bridge.web.problem import problem_page, status_of, told

pages = Blueprint("history_undo", __name__, url_prefix="/settings/history/undo")

_LINES_SHOWN = 100
_DONE = Message("It is taken back. This can be taken back in turn.")
_DONE_ALONE = Message(
    "It is taken back in the CRM, and the sync goes on from there once it runs again. This can be"
    " taken back in turn."
)
_BUSY = Message("A sync is under way. Nothing was done; confirm again in a few seconds.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is to be taken back, as a form says it.

    Attributes:
        target: Id of a run or a change.
        fields: Only these of it; empty for all.
    """

    connection: Connection
    target: str
    fields: tuple[str, ...]


@pages.post("")
def plan() -> str:
    """Show what would be taken back; nothing is written."""
    asked = _asked()
    return _page(asked, _planned(asked))


@pages.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Take it back, if the plan still is the one that was looked at."""
    asked = _asked()
    now = _planned(asked)
    if not hmac.compare_digest(fingerprint(now), request.form.get("plan", "")):
        return _page(asked, now, notice=say("Something changed while you looked at the plan."))
    try:
        report = _use().carry_out(asked.connection, asked.target, fields=asked.fields)
    except LeaseHeld:
        return _page(asked, now, notice=_BUSY), 409
    if report.stopped_by is not None:
        return _cut_short(report.stopped_by)
    flash(say(_DONE_ALONE if now.alone else _DONE))
    run = url_for("history.changes", connection=asked.connection.id, run=report.run_id)
    return redirect(run)


def _cut_short(error: BridgeError) -> ResponseReturnValue:
    heading, status = Message("Not all of it was taken back"), status_of(error)
    return problem_page(heading, told(error), hint=None, status=status)


def fingerprint(plan: UndoPlan) -> str:
    """Return a text that is another one as soon as the plan is."""
    lines = [(line.uid, line.side.value, line.effect.value, line.sentence) for line in plan.lines]
    return sha256(repr((plan.target, lines)).encode("utf-8", "surrogatepass")).hexdigest()


def _asked() -> Asked:
    user, form = security.required().user, request.form
    connection = security.services().history.connection(user, wanted_of(form).connection)
    return Asked(
        connection=connection,
        target=form.get("target", ""),
        fields=tuple(form.getlist("fields")),
    )


def _use() -> Undo:
    return security.services().undo


def _planned(asked: Asked) -> UndoPlan:
    return _use().plan(asked.connection, asked.target, fields=asked.fields)


def _page(asked: Asked, plan: UndoPlan, *, notice: str = "") -> str:
    done = [line for line in plan.lines if line.done]
    kept = [line for line in plan.lines if not line.done]
    shown = (*done, *kept)[:_LINES_SHOWN]
    return render_template(
        "history_undo.html",
        asked=asked,
        plan=plan,
        lines=shown,
        more=len(plan.lines) - len(shown),
        fingerprint=fingerprint(plan),
        notice=notice,
    )
