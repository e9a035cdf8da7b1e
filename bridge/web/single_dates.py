"""The pages of one date of a series: change it, mark it done, cancel it, restore it.

A form names the version its author saw. Where the date is another one by then, nothing is stored:
the page shows both, as that of an activity does.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from bridge.application.single_dates import OpenDate, OutdatedDate
from bridge.domain.identifiers import ActivityId
from bridge.domain.message import Message, template
from bridge.domain.users import User
from bridge.errors import InvalidInput
from bridge.web import security
from bridge.web.activity_form import draft_from, entered, shown
from bridge.web.activity_pages import Form, form_page, place_of_request
from bridge.web.languages import say
from bridge.web.problem import told
from bridge.web.series_dates import SINCE, UNTIL, day_of, moment_of

pages = Blueprint("single_dates", __name__, url_prefix="/activities/<int:activity_id>/dates/<key>")

_CONFLICT, _REFUSED = 409, 400
_NOT_CARRIED_OUT = Message(
    "Somebody changed it meanwhile, so nothing was done. This is how it is now."
)


@pages.get("")
def edit(activity_id: int, key: str) -> str:
    """Show a date in its form."""
    user = security.required().user
    date = security.services().single_dates.open(user, ActivityId(activity_id), key)
    return _page(user, Form(values=shown(date.opened.draft), opened=date.opened), date)


@pages.post("")
def change(activity_id: int, key: str) -> ResponseReturnValue:
    """Store what was entered, unless the date is not what its author saw."""
    user, values = security.required().user, entered(request.form)
    dates, number = security.services().single_dates, ActivityId(activity_id)
    version = request.form.get("version", "")
    try:
        answer = dates.change(user, number, key, draft_from(values), version=version)
    except InvalidInput as error:
        date = dates.open(user, number, key)
        # The version stays the one that was seen: a refused form is no look at the present one.
        opened = replace(date.opened, version=version)
        form = Form(values=values, opened=opened, refusal=told(error), wrong=error.field)
        return _page(user, form, date), _REFUSED
    if isinstance(answer, OutdatedDate):
        present = answer.present
        form = Form(values=values, opened=present.opened, conflict=True)
        return _page(user, form, present), _CONFLICT
    flash(say("%(day)s is saved.", day=day_of(user, dates.open(user, number, key))))
    return _back(activity_id)


@pages.post("/done")
def finish(activity_id: int, key: str) -> ResponseReturnValue:
    """Mark a date done, or open again."""
    user, done = security.required().user, request.form.get("done") == "1"
    dates = security.services().single_dates
    changed = dates.set_done(user, ActivityId(activity_id), key, done=done)
    said = template("%(day)s is done.") if done else template("%(day)s is open again.")
    flash(say(said, day=day_of(user, changed)))
    return _back(activity_id)


@pages.post("/cancel")
def cancel(activity_id: int, key: str) -> ResponseReturnValue:
    """Take a date out of its series, unless it is not what its author saw."""
    user, dates = security.required().user, security.services().single_dates
    number, version = ActivityId(activity_id), request.form.get("version", "")
    day = day_of(user, dates.open(user, number, key))
    answer = dates.cancel(user, number, key, version=version)
    if answer is not None:
        return _outdated(user, answer)
    flash(say("%(day)s is cancelled.", day=day))
    return _back(activity_id)


@pages.post("/restore")
def restore(activity_id: int, key: str) -> ResponseReturnValue:
    """Let a date be as its series has it, unless it is not what its author saw."""
    user, dates = security.required().user, security.services().single_dates
    number, version = ActivityId(activity_id), request.form.get("version", "")
    answer = dates.restore(user, number, key, version=version)
    if answer is not None:
        return _outdated(user, answer)
    day = day_of(user, dates.open(user, number, key))
    flash(say("%(day)s is as the series has it again.", day=day))
    return _back(activity_id)


def _outdated(user: User, answer: OutdatedDate) -> ResponseReturnValue:
    present = answer.present
    values = shown(present.opened.draft)
    form = Form(values=values, opened=present.opened, refusal=_NOT_CARRIED_OUT)
    return _page(user, form, present), _CONFLICT


def _back(activity_id: int) -> ResponseReturnValue:
    """Go to the list of dates that the request came from."""
    place = place_of_request(security.required().user)
    listed: dict[str, Any] = {
        name: request.form[name] for name in (SINCE, UNTIL) if moment_of(request.form.get(name, ""))
    }
    return redirect(
        url_for(
            "activity_pages.edit",
            activity_id=activity_id,
            view=place.view.value,
            on=place.day.isoformat(),
            _anchor="dates",
            **listed,
        )
    )


def _page(user: User, form: Form, date: OpenDate) -> str:
    return form_page(user, form, date=date, day=day_of(user, date))
