"""The pages of one activity: add, edit, finish, delete.

A form names the version its author saw. Where the activity is another one by then, nothing is
stored: the page shows both, and what was entered stands in the form.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from zoneinfo import ZoneInfo

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from bridge.application.activity_draft import Draft, draft_of
from bridge.application.activity_editing import OpenActivity, Outdated
from bridge.application.single_dates import OpenDate
from bridge.domain.activity import Activity
from bridge.domain.activity_sync import Standing
from bridge.domain.identifiers import ActivityId
from bridge.domain.message import Message, template
from bridge.domain.spans import TimedSpan
from bridge.domain.users import User
from bridge.errors import InvalidInput
from bridge.web import security
from bridge.web.activities import Place, place_of
from bridge.web.activity_form import (
    UNITS,
    WEEKDAYS,
    WEEKDAYS_SHORT,
    FormValues,
    draft_from,
    entered,
    shown,
)
from bridge.web.activity_words import BUSY_CHOICES, REPLIES, TypeLooks, differences, sync_words
from bridge.web.languages import say
from bridge.web.problem import told
from bridge.web.series_dates import DatesPart, dates_part
from bridge.web.type_colours import stylesheet_version

pages = Blueprint("activity_pages", __name__, url_prefix="/activities")

_LENGTHS = (15, 30, 45, 60, 90, 120)
_LONGEST_NOTICE = 80
_CONFLICT, _REFUSED = 409, 400
_NOT_DELETED = Message(
    "Somebody changed it meanwhile, so it was not deleted. This is how it is now."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form to show.

    Attributes:
        values: What stands in it.
        opened: The activity it edits, None for a new one.
        refusal: Why it was refused, "" for one that was not sent.
        wrong: Name of the field that is about, or None.
        conflict: The activity is not what the author of `values` saw.
        deleted: It was deleted meanwhile; saving adds it anew.
    """

    values: FormValues
    opened: OpenActivity | None = None
    refusal: str = ""
    wrong: str | None = None
    conflict: bool = False
    deleted: bool = False


@pages.get("/new")
def new() -> str:
    """Show an empty form for a day."""
    user = security.required().user
    place = place_of_request(user)
    values = FormValues(type=request.args.get("type", ""), date=place.day.isoformat(), minutes="30")
    return form_page(user, Form(values=values))


@pages.post("/new")
def add() -> ResponseReturnValue:
    """Add what was entered, from the whole form or the quick one."""
    user, values = security.required().user, entered(request.form)
    try:
        draft = draft_from(values)
        made = security.services().activity_editing.add(user, draft)
    except InvalidInput as error:
        form = Form(values=values, refusal=told(error), wrong=error.field)
        return form_page(user, form), _REFUSED
    return _back(user, draft, made, say("%(subject)s is added.", subject=_quoted(made)))


@pages.get("/<int:activity_id>")
def edit(activity_id: int) -> str:
    """Show an activity in its form."""
    user = security.required().user
    opened = security.services().activity_editing.open(user, ActivityId(activity_id))
    return form_page(user, Form(values=shown(opened.draft), opened=opened))


@pages.post("/<int:activity_id>")
def change(activity_id: int) -> ResponseReturnValue:
    """Store what was entered, unless the activity is not what its author saw."""
    user, values = security.required().user, entered(request.form)
    editing = security.services().activity_editing
    number, version = ActivityId(activity_id), request.form.get("version", "")
    try:
        draft = draft_from(values)
        answer = editing.change(user, number, draft, version=version)
    except InvalidInput as error:
        # The version stays the one that was seen: a refused form is no look at the present one.
        opened = replace(editing.open(user, number), version=version)
        form = Form(values=values, opened=opened, refusal=told(error), wrong=error.field)
        return form_page(user, form), _REFUSED
    if isinstance(answer, Outdated):
        return _outdated(user, values, answer)
    return _back(user, draft, answer, say("%(subject)s is saved.", subject=_quoted(answer)))


@pages.post("/<int:activity_id>/done")
def finish(activity_id: int) -> ResponseReturnValue:
    """Mark an activity done, or open again."""
    user, done = security.required().user, request.form.get("done") == "1"
    editing = security.services().activity_editing
    changed = editing.set_done(user, ActivityId(activity_id), done=done)
    said = template("%(subject)s is done.") if done else template("%(subject)s is open again.")
    flash(say(said, subject=_quoted(changed)))
    return redirect(place_of_request(user).address())


@pages.post("/<int:activity_id>/delete")
def delete(activity_id: int) -> ResponseReturnValue:
    """Delete an activity, unless it is not what its author saw."""
    user = security.required().user
    editing = security.services().activity_editing
    version = request.form.get("version", "")
    answer = editing.delete(user, ActivityId(activity_id), version=version)
    if answer is not None and answer.present is not None:
        present = answer.present
        form = Form(values=shown(present.draft), opened=present, refusal=_NOT_DELETED)
        return form_page(user, form), _CONFLICT
    flash(say("The activity is deleted."))
    return redirect(place_of_request(user).address())


def _outdated(user: User, values: FormValues, answer: Outdated) -> ResponseReturnValue:
    form = Form(values=values, opened=answer.present, conflict=True, deleted=not answer.present)
    return form_page(user, form), _CONFLICT


def _back(user: User, draft: Draft, stored: Activity, message: str) -> ResponseReturnValue:
    """Go to the sheet on which the stored activity stands."""
    flash(message)
    skipped = _skipped(user, draft, stored)
    if skipped:
        flash(skipped)
    place = place_of_request(user)
    # A series begins anywhere: who edits one goes on where they saw it.
    seen_elsewhere = bool(stored.recurrence) and request.endpoint == "activity_pages.change"
    day = place.day if seen_elsewhere else draft.day or place.day
    return redirect(replace(place, day=day).address())


def _quoted(activity: Activity) -> str:
    """Return a subject as a notice tells it: notices travel in a cookie, which is small."""
    subject = activity.subject
    shown_part = subject if len(subject) <= _LONGEST_NOTICE else subject[:_LONGEST_NOTICE] + "…"
    return say("“%(title)s”", title=shown_part)


def _skipped(user: User, draft: Draft, stored: Activity) -> str:
    """Return what to say of a time that the clock skips on that day."""
    if draft.at is None or not isinstance(stored.span, TimedSpan):
        return ""
    told_times = {draft_of(stored, todo=todo, zone=user.timezone).at for todo in (False, True)}
    if draft.at in told_times:
        return ""
    at = stored.span.start.astimezone(ZoneInfo(user.timezone))
    return say(
        "There is no %(wanted)s on that day, as clocks are set forward: it is %(at)s.",
        wanted=f"{draft.at:%H:%M}",
        at=f"{at:%H:%M}",
    )


def place_of_request(user: User) -> Place:
    """Return the sheet that the request came from."""
    today = security.services().agendas.now().astimezone(ZoneInfo(user.timezone)).date()
    return place_of(request.values if request.method == "GET" else request.form, today)


def form_page(user: User, form: Form, *, date: OpenDate | None = None, day: str = "") -> str:
    """Return the page with a form.

    Args:
        user: Who looks.
        form: What it shows.
        date: The date of a series that it edits, None for an activity as a whole.
        day: That date's day in words.
    """
    opened, values = form.opened, form.values
    choices = security.services().activity_editing.choices(user)
    used = opened.activity.type_key if opened else ""
    types = {kind.key: kind.name for kind in choices.types if kind.active or kind.key == used}
    if used and used not in types:
        types[used] = used
    if values.type not in types:
        values = replace(values, type=next(iter(types), ""))
    looks = TypeLooks(choices.types)
    conflict = form.conflict and opened is not None
    return render_template(
        "activity_form.html",
        form=form,
        values=values,
        opened=opened,
        date=date,
        date_day=day,
        dates=_dates(user, form) if date is None else None,
        types=[(key, looks.of(key)) for key in types],
        contacts=choices.contacts,
        differences=differences(values, opened.draft, types=types)
        if conflict and opened is not None
        else (),
        place=place_of_request(user),
        units=UNITS,
        weekdays=WEEKDAYS,
        weekdays_short=WEEKDAYS_SHORT,
        replies=REPLIES,
        busy_choices=BUSY_CHOICES,
        lengths=_LENGTHS,
        other_clock=_other_clock(user, opened),
        sync_sentence=sync_words(opened.sync) if opened else "",
        sync_trouble=bool(opened and opened.sync.standing is Standing.PARKED),
        colours=stylesheet_version(choices.types),
        back=url_for("activities.show"),
    )


def _dates(user: User, form: Form) -> DatesPart | None:
    """Return the dates of a series that its owner looks at."""
    opened = form.opened
    if opened is None or opened.kept_by is not None or form.conflict:
        return None
    activity = opened.activity
    if not activity.recurrence or activity.id is None:
        return None
    return dates_part(user, activity.id, activity.subject)


def _other_clock(user: User, opened: OpenActivity | None) -> str:
    """Return what to say of an activity that keeps time by another zone than its user."""
    span = opened.activity.span if opened else None
    if opened is None or not isinstance(span, TimedSpan) or span.zone == user.timezone:
        return ""
    there = span.local_end if opened.todo else span.local_start
    here = (span.end if opened.todo else span.start).astimezone(ZoneInfo(user.timezone))
    if there.utcoffset() == here.utcoffset() and not opened.activity.recurrence:
        return ""
    return say(
        "It keeps time by %(zone)s, where it is %(time)s.", zone=span.zone, time=f"{there:%H:%M}"
    )
