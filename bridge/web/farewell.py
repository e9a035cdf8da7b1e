"""After `Stop syncing`: what is to happen to the items that were synced (features A5)."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bridge.application.calendar_sync import CalendarSync
from bridge.application.plan_summary import PlanSummary
from bridge.domain.connection import Farewell
from bridge.domain.identifiers import ConnectionId
from bridge.domain.message import Message
from bridge.errors import InvalidInput
from bridge.web import security
from bridge.web.languages import say
from bridge.web.plan_words import plan_in_words

pages = Blueprint("farewell", __name__)

_KEEP = "keep"
FAREWELLS: tuple[tuple[str, str], ...] = (
    (_KEEP, Message("Keep them on both sides")),
    (Farewell.COPIES.value, Message("Remove our copies from Google")),
    (Farewell.INCOMING.value, Message("Remove activities that came from Google from the CRM")),
)


@pages.post("/settings/calendar-sync/<int:connection_id>/farewell/plan")
def show_plan(connection_id: int) -> ResponseReturnValue:
    """Show what would be taken away; nothing is."""
    wish = _wish()
    if wish is None:
        return _back()
    known = ConnectionId(connection_id)
    return _plan_page(_use().farewell_plan(security.required().user, known, wish), known, wish)


@pages.post("/settings/calendar-sync/<int:connection_id>/farewell/confirm")
def confirm(connection_id: int) -> ResponseReturnValue:
    """Let the worker take away what was shown; another plan than that is shown again."""
    wish, known = _wish(), ConnectionId(connection_id)
    if wish is None:
        return _back()
    changed = _use().take_away(
        security.required().user, known, wish, fingerprint=request.form.get("plan", "")
    )
    if changed is not None:
        return _plan_page(changed, known, wish, differs=True)
    flash(say("What you confirmed is being removed. It takes a while if there is much."))
    return _back()


def _plan_page(
    plan: PlanSummary, connection_id: ConnectionId, wish: Farewell, *, differs: bool = False
) -> str:
    return render_template(
        "farewell_plan.html",
        plan=plan_in_words(plan),
        fingerprint=plan.fingerprint,
        connection_id=connection_id,
        wish=wish.value,
        differs=differs,
    )


def _wish() -> Farewell | None:
    """Return what was chosen, None for keeping everything."""
    chosen = request.form.get("wish", _KEEP)
    try:
        return None if chosen == _KEEP else Farewell(chosen)
    except ValueError as error:
        raise InvalidInput("choose one of the answers on the list", field="wish") from error


def _back() -> ResponseReturnValue:
    return redirect(url_for("calendar_sync.show"))


def _use() -> CalendarSync:
    return security.services().calendar_sync
