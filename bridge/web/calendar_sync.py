"""The Calendar sync page: account, options, plan, confirm, sync now, stop, reconnect."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bridge.application.calendar_sync import CalendarSync, Overview
from bridge.application.option_plan import OptionsPlan, SyncOptions
from bridge.domain.connection import Connection, ConnectionState
from bridge.domain.identifiers import ConnectionId
from bridge.domain.message import Message
from bridge.domain.users import User
from bridge.errors import (
    AlreadyExists,
    BridgeError,
    InvalidInput,
    LeaseHeld,
    NotConnected,
    SideError,
)
from bridge.web import security
from bridge.web.farewell import FAREWELLS
from bridge.web.held_changes import HeldInWords, held_in_words
from bridge.web.labels import DIRECTIONS, PUSH_WORDS, sentence
from bridge.web.languages import say, written
from bridge.web.option_words import changes_in_words
from bridge.web.options import (
    EARLIEST,
    LATEST,
    OptionFields,
    default_options,
    entered_options,
    options_from_form,
    options_of,
    shown_options,
)
from bridge.web.plan_answers import (
    answers_from_form,
    has_other_reach,
    options_of_plan,
    shown_reaches,
)
from bridge.web.plan_words import adoptions_in_words, plan_in_words
from bridge.web.problem import problem_page, status_of, told
from bridge.web.sample_words import samples_in_words

pages = Blueprint("calendar_sync", __name__)

# After these the form is shown again, with what was entered.
_REFUSALS = (InvalidInput, AlreadyExists, LeaseHeld, NotConnected, SideError)
_DIFFERS = Message(
    "Something changed while you looked at the plan. Nothing was saved; this is how it is now."
)
_CHOSEN = Message("This is the plan with what you chose. Nothing was saved yet.")


@pages.get("/settings/calendar-sync")
def show() -> ResponseReturnValue:
    """Show the account with its options, or the way to add one, and previous syncs."""
    return _page()


@pages.get("/settings/calendar-sync/standing")
def show_standing() -> ResponseReturnValue:
    """Show how the sync stands and nothing else: what a page under way puts in place of its own."""
    user = security.required().user
    overview = _use().overview(user)
    if overview.account is None:
        abort(404)
    return render_template("sync_standing.html", **_standing(overview, user))


@pages.post("/settings/calendar-sync/account")
def add_account() -> ResponseReturnValue:
    """Ask for the Google address, then go to Google's consent page."""
    who = security.required()
    if request.form.get("step") != "continue":
        return _page(asking_address=True)
    address = request.form.get("account", "").strip()
    if "@" not in address:
        refusal = InvalidInput("enter the e-mail address of a Google account", field="account")
        return _page(asking_address=True, address=address, error=refusal), 400
    target = _use().begin(who.user, session_token=_session_token(), login_hint=address)
    return redirect(target)


@pages.get("/oauth/google/callback")
def consent_given() -> ResponseReturnValue:
    """Take the person back from Google's consent page."""
    who = security.required()
    if request.args.get("error"):
        return problem_page(
            Message("Google was not connected"),
            Message("Google reports that access was not given, so nothing was connected."),
            hint=Message("Add the account again and choose Allow."),
            status=400,
        )
    connection = _use().finish(
        who.user,
        session_token=_session_token(),
        state=request.args.get("state", ""),
        code=request.args.get("code", ""),
    )
    if connection.state is ConnectionState.NEEDS_ATTENTION:
        flash(
            say("Google allows the access. Choose Start syncing, and look at the plan, to go on.")
        )
    return redirect(url_for("calendar_sync.show"))


@pages.post("/settings/calendar-sync/plan")
def show_plan() -> ResponseReturnValue:
    """Show what the options would do; nothing is written."""
    who = security.required()
    try:
        options = options_from_form(request.form)
        plan = _use().plan(who.user, options, answers_from_form(request.form))
    except _REFUSALS as error:
        return _refused(error)
    return _plan_page(plan, options)


@pages.post("/settings/calendar-sync/confirm")
def confirm() -> ResponseReturnValue:
    """Save the options and start, or go on with them; a plan that differs by now is shown again."""
    who = security.required()
    try:
        options = options_from_form(request.form)
        answers = answers_from_form(request.form)
        if has_other_reach(request.form):
            return _plan_page(_use().plan(who.user, options, answers), options, notice=_CHOSEN)
        changed = _use().confirm(who.user, options, answers)
    except _REFUSALS as error:
        return _refused(error)
    if changed is not None:
        return _plan_page(changed, options, notice=_DIFFERS)
    flash(say("Saved. The sync goes on by itself from here."))
    return redirect(url_for("calendar_sync.show"))


@pages.post("/settings/calendar-sync/sync-now")
def sync_now() -> ResponseReturnValue:
    """Ask the worker for a run without waiting for the next look."""
    _use().sync_now(security.required().user)
    flash(say("A sync was asked for; it takes a few seconds."))
    return redirect(url_for("calendar_sync.show"))


@pages.post("/settings/calendar-sync/stop")
def stop() -> ResponseReturnValue:
    """Stop at once, then ask what is to happen to what was synced; until then all of it stays."""
    stopped = _use().stop(security.required().user)
    flash(say("The sync has ended. Activities and Google events stay as they are."))
    return redirect(url_for("calendar_sync.show", stopped=stopped.id))


@pages.post("/settings/calendar-sync/<int:connection_id>/reconnect")
def reconnect(connection_id: int) -> ResponseReturnValue:
    """Reopen the options of a previous sync, by way of Google when the grant is gone."""
    who = security.required()
    target = _use().reconnect(who.user, ConnectionId(connection_id), session_token=_session_token())
    return redirect(target or url_for("calendar_sync.show"))


@pages.post("/settings/calendar-sync/<int:connection_id>/disconnect")
def disconnect(connection_id: int) -> ResponseReturnValue:
    """Revoke the grant and forget the account."""
    revoked = _use().disconnect(security.required().user, ConnectionId(connection_id))
    flash(say("The account was disconnected."))
    if not revoked:
        flash(say("Google could not be told. Take the permission back in your Google account."))
    return redirect(url_for("calendar_sync.show"))


def _refused(error: BridgeError) -> ResponseReturnValue:
    """Show the form with what was entered, and what is wrong with it."""
    return _page(entered=entered_options(request.form), error=error), status_of(error)


def _plan_page(plan: OptionsPlan, options: SyncOptions, *, notice: str = "") -> str:
    user = security.required().user
    overview = _use().overview(user)
    answers = answers_from_form(request.form)
    reaches = {change.option: change.reach for change in plan.changes}
    return render_template(
        "plan.html",
        plan=plan_in_words(plan.summary),
        fingerprint=plan.summary.fingerprint,
        changes=changes_in_words(plan.changes, overview.types),
        shown=shown_reaches(reaches),
        adoptions=adoptions_in_words(plan.summary.adoptions, zone=ZoneInfo(user.timezone)),
        offered=" ".join(each.key for each in plan.summary.adoptions),
        apart=answers.apart,
        answers=options_of_plan(request.form),
        samples=samples_in_words(plan.samples),
        direction=DIRECTIONS[options.settings.sync_type],
        notice=notice,
    )


def _page(
    *,
    asking_address: bool = False,
    address: str = "",
    entered: OptionFields | None = None,
    error: BridgeError | None = None,
) -> str:
    """Render the page; a Google that cannot be asked now is said on it, not instead of it."""
    user = security.required().user
    overview = _use().overview(user)
    needs_consent = overview.needs_consent
    choices, problem = None, ""
    if overview.account is not None:
        try:
            choices = _use().choices(user)
        except BridgeError as trouble:
            problem = told(trouble)
            needs_consent = needs_consent or isinstance(trouble, NotConnected)
    if isinstance(error, NotConnected):
        problem = ""  # it is told once
    return render_template(
        "calendar_sync.html",
        **_standing(overview, user),
        held=_held(overview.account, user),
        needs_consent=needs_consent,
        previous=overview.previous,
        asked=_asked_about(user),
        farewells=FAREWELLS,
        types=overview.types,
        calendars=choices.calendars if choices else None,
        may_create=bool(choices and choices.may_create),
        calendars_problem=problem,
        options=entered or _options(overview, user),
        days=(EARLIEST, LATEST),
        asking_address=asking_address,
        address=address,
        error=_error_text(error),
        wrong_field=error.field if isinstance(error, InvalidInput) else None,
    )


def _standing(overview: Overview, user: User) -> dict[str, Any]:
    """Return what is told of the account beside its options."""
    account, running = overview.account, overview.running
    first = account is not None and account.last_success_at is None
    return {
        "account": account,
        "running": running,
        "under_way": running and (first or overview.progress.left > 0),
        "progress": overview.progress,
        "doubled": overview.doubled,
        "guest_mails": _guest_mails(account),
        "next_run_at": overview.next_run_at if running else None,
        "ends_at": overview.ends_at,
        "push": PUSH_WORDS.get(overview.push.partition(":")[0], "") if running else "",
        "local_time": _clock_of(user),
    }


def _asked_about(user: User) -> Connection | None:
    """Return the stopped sync whose synced items are asked about on this page."""
    wanted = request.args.get("stopped", type=int)
    return None if wanted is None else _use().stopped(user, ConnectionId(wanted))


def _held(account: Connection | None, user: User) -> list[HeldInWords]:
    if account is None:
        return []
    changes = security.services().held_changes.of(account)
    return held_in_words(changes, zone=ZoneInfo(user.timezone))


def _guest_mails(account: Connection | None) -> int:
    return 0 if account is None else security.services().held_changes.guest_mails(account)


def _error_text(error: BridgeError | None) -> str:
    if error is None:
        return ""
    return sentence(error.message) if isinstance(error, InvalidInput) else told(error)


def _options(overview: Overview, user: User) -> OptionFields:
    account = overview.account
    if account is None or account.settings is None:
        return shown_options(default_options(overview.types, _use().today(user)))
    return shown_options(options_of(account))


def _clock_of(user: User) -> Callable[[datetime], str]:
    return partial(_local_time, zone=user.timezone)


def _local_time(moment: datetime, *, zone: str) -> str:
    """Return an instant as the user's clock shows it."""
    return written(moment.astimezone(ZoneInfo(zone)), "second")


def _session_token() -> str:
    return request.cookies.get(security.services().cookie_name, "")


def _use() -> CalendarSync:
    return security.services().calendar_sync
