"""The page at `/`: a month or week of a calendar, in which a person acts as the Google user.

`/?account=&calendar=&month=yyyy-mm` shows a month, `week=yyyy-mm-dd` the week of a day. Beside it
`day=yyyy-mm-dd` opens a day with a form for a new event, `event=ID` opens an event,
`event=ID&to=yyyy-mm-dd` asks how far a move reaches; `deleted=1` shows deleted events, too. Nothing
changes by looking.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit
from zoneinfo import available_timezones

from werkzeug.wrappers import Request, Response

from bridge.errors import InvalidInput
from bridge.rehearsal.accounts import Account, all_accounts, find_account
from bridge.rehearsal.calendars.access import WRITER_ROLES
from bridge.rehearsal.calendars.resource import Calendar, find_calendar
from bridge.rehearsal.events.times import YEARS, zone_of
from bridge.rehearsal.google_error import GoogleError, bad_request, not_found
from bridge.rehearsal.page.actions import ACTIONS, act_on_form
from bridge.rehearsal.page.entries import COLOURS
from bridge.rehearsal.page.event_form import REMINDERS, VISIBILITIES, Locks, empty_form
from bridge.rehearsal.page.opened import open_event
from bridge.rehearsal.page.problems import problem_page
from bridge.rehearsal.page.repeat import CHOICES
from bridge.rehearsal.page.sheet import Sheet, month_of, week_of
from bridge.rehearsal.page.templates import page
from bridge.rehearsal.world import World

_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")
_STATIC = Path(__file__).parent.parent / "static"
_FILES = {
    "rehearsal.css": "text/css; charset=utf-8",
    "rehearsal.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
_DONE = {
    "added": "The event was added.",
    "saved": "The change was saved.",
    "moved": "The event was moved.",
    "deleted": "The event was deleted.",
    "restored": "The event was brought back.",
    "replied": "Your reply was saved.",
}
_FIRST_YEAR = 1000
_CONTINENTS = ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Pacific", "UTC")


def calendar_page(world: World, request: Request) -> Response:
    """Answer everything below the root that belongs to no interface of Google's."""
    if request.path.startswith("/static/"):
        return _static(request.path.removeprefix("/static/"))
    try:
        with world.state.transaction():
            return _answer(world, request)
    except InvalidInput as error:
        return problem_page(bad_request(str(error)))
    except GoogleError as error:
        return problem_page(error)


def _answer(world: World, request: Request) -> Response:
    if request.path == "/" and request.method in ("GET", "HEAD"):
        return _show(world, request)
    folder, _, action = request.path.removeprefix("/").partition("/")
    if folder != "events" or action not in ACTIONS:
        raise not_found()
    if request.method != "POST":
        raise GoogleError("Only POST is answered here.", code=405, reason="methodNotAllowed")
    _check_origin(request)
    return act_on_form(world, request, action)


def _static(name: str) -> Response:
    if name not in _FILES:
        return problem_page(not_found())
    return Response((_STATIC / name).read_bytes(), content_type=_FILES[name])


def _check_origin(request: Request) -> None:
    # A script sends no Origin; every browser does.
    origin = request.headers.get("Origin", "")
    if origin and urlsplit(origin).netloc != request.host:
        raise GoogleError("Another site sent this form.", code=403, reason="foreignForm")


def _show(world: World, request: Request) -> Response:
    asked = request.args
    account = _account(world, asked.get("account", ""))
    calendar = find_calendar(world, asked.get("calendar") or "primary", viewer=account.email)
    today = world.clock.now().astimezone(zone_of(calendar.zone)).date()
    deleted = asked.get("deleted") == "1"
    sheet = _sheet(world, calendar, asked, today=today, deleted=deleted)
    here = {
        "account": account.email,
        "calendar": calendar.calendar_id,
        **({"deleted": "1"} if deleted else {}),
    }

    def link(**more: str) -> str:
        elsewhere = more.keys() & {"month", "week"}
        return f"/?{urlencode(here | ({} if elsewhere else sheet.here) | more)}"

    values: dict[str, Any] = {
        "accounts": all_accounts(world),
        "calendars": [
            find_calendar(world, each, viewer=account.email) for each in account.calendars
        ],
        "account": account,
        "calendar": calendar,
        "writes": calendar.role in WRITER_ROLES,
        "sheet": sheet,
        "today": today,
        "deleted": deleted,
        "done": _DONE.get(asked.get("done", ""), ""),
        "link": link,
        "choices": _CHOICES,
        **_panel(world, request, calendar),
    }
    return page("calendar.html", values)


def _sheet(
    world: World, calendar: Calendar, asked: Mapping[str, str], *, today: date, deleted: bool
) -> Sheet:
    day = _read_day(asked.get("week", ""))
    if day is not None and _FIRST_YEAR <= day.year < YEARS.stop - 1:
        return week_of(world, calendar, day, deleted=deleted)
    first = _first_of_month(asked.get("month", ""), today)
    return month_of(world, calendar, first, deleted=deleted)


def _panel(world: World, request: Request, calendar: Calendar) -> dict[str, Any]:
    """Return what the panel beside the sheet shows: an event, a new one on a day, or nothing."""
    event_id, day = request.args.get("event", ""), _read_day(request.args.get("day", ""))
    panel: dict[str, Any] = {"opened": None, "day": None, "to": None, "taken": ""}
    if event_id:
        opened = open_event(world, calendar, event_id)
        panel |= {"opened": opened, "form": opened.form, "locks": opened.locks}
        panel["to"] = _read_day(request.args.get("to", ""))
        panel["taken"] = request.args.get("from", "")
    elif day is not None:
        panel |= {"day": day, "form": empty_form(day, calendar), "locks": Locks()}
    return panel


def _account(world: World, email: str) -> Account:
    found = find_account(world, email) if email else all_accounts(world)[0]
    if found is None:
        raise not_found()
    return found


def _first_of_month(text: str, today: date) -> date:
    # Sheets of the very first and last year would reach outside of what a date can say.
    if _MONTH.fullmatch(text) and _FIRST_YEAR <= int(text[:4]) < YEARS.stop:
        return date(int(text[:4]), int(text[5:]), 1)
    return today.replace(day=1)


def _read_day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


@cache
def _zone_names() -> list[str]:
    return sorted(name for name in available_timezones() if name.partition("/")[0] in _CONTINENTS)


_CHOICES: dict[str, Any] = {
    "repeat": CHOICES,
    "visibility": VISIBILITIES,
    "reminders": REMINDERS,
    "colour": {"": "Default", **COLOURS},
    "transparency": {"opaque": "Busy", "transparent": "Free"},
    "zones": _zone_names,
    "span": {"this": "This event", "following": "This and following events", "all": "All events"},
}
