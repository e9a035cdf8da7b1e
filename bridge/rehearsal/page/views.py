"""The page at `/`: a month of a calendar, where a person adds, moves and deletes events.

What is done here is done as the Google user: no token, no quota, no sendUpdates; ETags, `updated`
and sequence numbers go up as after an edit in Google's own page.
"""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from bridge.rehearsal.accounts import Account, all_accounts, find_account
from bridge.rehearsal.calendars.resource import Calendar, find_calendar
from bridge.rehearsal.events.instances import find_event_or_instance
from bridge.rehearsal.events.shape import without_nulls
from bridge.rehearsal.events.times import YEARS, zone_of
from bridge.rehearsal.events.writing import Desk, delete_event, insert_event, patch_event
from bridge.rehearsal.google_error import GoogleError, not_found
from bridge.rehearsal.page.event_form import empty_form, form_of, patch_of
from bridge.rehearsal.page.month import month_of
from bridge.rehearsal.page.templates import page
from bridge.rehearsal.world import World

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_STYLESHEET = Path(__file__).parent.parent / "static" / "rehearsal.css"


def calendar_page(world: World, request: Request) -> Response:
    """Answer everything below the root that belongs to no interface of Google's."""
    if request.path == "/static/rehearsal.css":
        return Response(_STYLESHEET.read_bytes(), content_type="text/css; charset=utf-8")
    try:
        with world.state.transaction():
            if request.path == "/" and request.method in ("GET", "HEAD"):
                return _show(world, request)
            action = _ACTIONS.get(request.path)
            if action is None or request.method != "POST":
                raise not_found()
            _check_origin(request)
            return action(world, request)
    except GoogleError as error:
        values = {"error": error.reason, "message": str(error)}
        return page("refused.html", values, status=error.code)


def _check_origin(request: Request) -> None:
    origin = request.headers.get("Origin", "")
    if origin and origin != f"http://{request.host}":
        raise GoogleError("The form came from another site.", code=403, reason="forbidden")


def _show(world: World, request: Request) -> Response:
    account = _account(world, request.args.get("account", ""))
    calendar = _calendar(world, account, request.args.get("calendar", ""))
    first = _first_of_month(world, calendar, request.args.get("month", ""))
    today = _today(world, calendar)
    edited = request.args.get("event", "")
    if edited:
        event = find_event_or_instance(world, calendar, edited)
        if event is None or event.cancelled:
            raise not_found()
        form = form_of(event, calendar)
    else:
        form = empty_form(_read_day(request.args.get("day", ""), _day_in(first, today)))
    here = {"account": account.email, "calendar": calendar.calendar_id}
    values: dict[str, Any] = {
        "accounts": all_accounts(world),
        "calendars": [
            find_calendar(world, each, viewer=account.email) for each in account.calendars
        ],
        "account": account,
        "calendar": calendar,
        "month": month_of(world, calendar, first),
        "today": today,
        "form": form,
        "link": lambda **more: "/?" + urlencode({**here, "month": f"{first:%Y-%m}", **more}),
    }
    return page("calendar.html", values)


def _add(world: World, request: Request) -> Response:
    desk = _desk(world, request)
    event = insert_event(desk, without_nulls(patch_of(request.form, desk.calendar)))
    return _back(desk, event.body["start"].get("date") or event.body["start"]["dateTime"])


def _change(world: World, request: Request) -> Response:
    desk = _desk(world, request)
    patch = patch_of(request.form, desk.calendar)
    event = patch_event(desk, request.form.get("event", ""), patch)
    return _back(desk, event.body["start"].get("date") or event.body["start"]["dateTime"])


def _delete(world: World, request: Request) -> Response:
    desk = _desk(world, request)
    delete_event(desk, request.form.get("event", ""))
    return _back(desk, request.form.get("month", ""))


_ACTIONS = {"/events/add": _add, "/events/change": _change, "/events/delete": _delete}


def _desk(world: World, request: Request) -> Desk:
    account = _account(world, request.form.get("account", ""))
    calendar = _calendar(world, account, request.form.get("calendar", ""))
    return Desk(world=world, calendar=calendar, email=account.email)


def _back(desk: Desk, day: str) -> Response:
    here = {"account": desk.email, "calendar": desk.calendar.calendar_id, "month": day[:7]}
    return Response(status=303, headers={"Location": f"/?{urlencode(here)}"})


def _account(world: World, email: str) -> Account:
    found = find_account(world, email) if email else all_accounts(world)[0]
    if found is None:
        raise not_found()
    return found


def _calendar(world: World, account: Account, calendar_id: str) -> Calendar:
    return find_calendar(world, calendar_id or account.email, viewer=account.email)


def _today(world: World, calendar: Calendar) -> date:
    return world.clock.now().astimezone(zone_of(calendar.zone)).date()


def _first_of_month(world: World, calendar: Calendar, text: str) -> date:
    # Sheets of the very first and last year would reach outside of what a date can say.
    if _MONTH.fullmatch(text) and "1000" <= text[:4] < str(YEARS.stop):
        return date(int(text[:4]), int(text[5:]), 1)
    return _today(world, calendar).replace(day=1)


def _day_in(first: date, today: date) -> date:
    return today if today.replace(day=1) == first else first


def _read_day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return otherwise
