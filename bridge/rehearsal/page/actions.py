"""The forms of the page, which scripts may send, too: `POST /events/<action>`, url-encoded.

Every form names `account`, `calendar` (default the account's own), and `event` but for `add`.

| action | further fields |
| --- | --- |
| `add`, `change` | `summary`, `all_day`, `start_date`, `start_time`, `end_date` (the last day), |
| | `end_time`, `zone`, `repeat`, `repeat_until`, `rule`, `location`, `description`, `guests`, |
| | `visibility`, `transparency`, `reminders`, `reminder_list`, `colour`; `span`, `etag` |
| `move` | `to` (a day), `from` (the day of the event that was taken to there); `span` |
| `delete` | `span`, `etag` |
| `reply` | `reply` (`accepted`, `tentative`, `declined`), `comment`; `span` |
| `restore` | |

`span` is `this` (default), `following` or `all`; an `etag` that is not the present one refuses the
act; `send_updates` is `all` to mail the guests; `month` or `week` say which sheet to go back to.

What is done here is done as the Google user: no token, no quota; ETags, `updated` and sequence
numbers go up as after an edit in Google's own page.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode

from werkzeug.wrappers import Request, Response

from bridge.rehearsal.acts.call import desk_of
from bridge.rehearsal.acts.deleting import remove_event, restore_event
from bridge.rehearsal.acts.editing import edit_event, move_event
from bridge.rehearsal.acts.replying import reply_to_event
from bridge.rehearsal.acts.span import read_span
from bridge.rehearsal.events.resource import StoredEvent
from bridge.rehearsal.events.shape import without_nulls
from bridge.rehearsal.events.times import shown_time
from bridge.rehearsal.events.writing import Desk, insert_event
from bridge.rehearsal.google_error import GoogleError
from bridge.rehearsal.page.event_form import empty_form
from bridge.rehearsal.page.form_patch import body_of, patch_of, submitted_form
from bridge.rehearsal.page.opened import open_event
from bridge.rehearsal.world import World


def act_on_form(world: World, request: Request, action: str) -> Response:
    """Do what a form asks for and lead back to the calendar.

    Raises:
        GoogleError: What Google refuses; 412 for an event that changed after the form was opened.
        InvalidInput: An unknown value of `send_updates`.
    """
    desk = desk_of(
        world,
        email=request.form.get("account", ""),
        calendar_id=request.form.get("calendar") or "primary",
        send_updates=request.form.get("send_updates") or "none",
    )
    return ACTIONS[action](desk, request)


def _add(desk: Desk, request: Request) -> Response:
    before = empty_form(desk.world.clock.now().date(), desk.calendar)
    form = submitted_form(request.form, before, desk.calendar)
    event = insert_event(desk, without_nulls(body_of(form, desk.calendar)))
    return _back(desk, request, "added", day=_day_of(desk, event))


def _change(desk: Desk, request: Request) -> Response:
    opened = open_event(desk.world, desk.calendar, _event(request))
    _check_unchanged(request, opened.event)
    form = submitted_form(request.form, opened.form, desk.calendar)
    patch = patch_of(form, opened.form, opened.item, desk.calendar)
    if patch:
        edit_event(desk, _event(request), patch, read_span(request.form.get("span", "")))
    return _back(desk, request, "saved", day=form.start_date)


def _move(desk: Desk, request: Request) -> Response:
    move_event(
        desk,
        _event(request),
        request.form.get("to", ""),
        read_span(request.form.get("span", "")),
        grabbed=request.form.get("from", ""),
    )
    return _back(desk, request, "moved")


def _delete(desk: Desk, request: Request) -> Response:
    if request.form.get("etag"):
        opened = open_event(desk.world, desk.calendar, _event(request))
        _check_unchanged(request, opened.event)
    remove_event(desk, _event(request), read_span(request.form.get("span", "")))
    return _back(desk, request, "deleted")


def _restore(desk: Desk, request: Request) -> Response:
    event = restore_event(desk, _event(request))
    return _back(desk, request, "restored", day=_day_of(desk, event))


def _reply(desk: Desk, request: Request) -> Response:
    reply_to_event(
        desk,
        _event(request),
        request.form.get("reply", ""),
        read_span(request.form.get("span", "")),
        comment=request.form.get("comment"),
    )
    return _back(desk, request, "replied")


ACTIONS: dict[str, Callable[[Desk, Request], Response]] = {
    "add": _add,
    "change": _change,
    "move": _move,
    "delete": _delete,
    "restore": _restore,
    "reply": _reply,
}


def _event(request: Request) -> str:
    return request.form.get("event", "")


def _check_unchanged(request: Request, event: StoredEvent) -> None:
    seen = request.form.get("etag", "")
    if seen and seen != event.etag:
        raise GoogleError(
            "The event is not the one the form was filled with.",
            code=412,
            reason="changedMeanwhile",
        )


def _day_of(desk: Desk, event: StoredEvent) -> str:
    shown = shown_time(event.body["start"], zone=desk.calendar.zone)
    return str(shown.get("date") or shown["dateTime"])[:10]


def _back(desk: Desk, request: Request, done: str, *, day: str = "") -> Response:
    """Lead to the sheet of a day, by default the one the form was on."""
    if request.form.get("week"):
        sheet = {"week": day or request.form["week"]}
    else:
        sheet = {"month": (day or request.form.get("month", ""))[:7]}
    here = {"account": desk.email, "calendar": desk.calendar.calendar_id, **sheet, "done": done}
    return Response(status=303, headers={"Location": f"/?{urlencode(here)}"})
