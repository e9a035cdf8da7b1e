"""Acts through the control surface: scripts and simulators as the Google user in Google's page.

`POST /_rehearsal/acts {"account", "calendar", "event", "act", "span", ...}` answers with the event
as the API shows it, or {} after a delete. Further members by act: `fields` (add, edit, split: as in
a patch of the API), `to` (move: a day or a local time), `reply` and `comment` (reply),
`send_updates`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge.errors import InvalidInput
from bridge.rehearsal.accounts import find_account
from bridge.rehearsal.acts.deleting import remove_event, restore_event
from bridge.rehearsal.acts.editing import edit_event, move_event
from bridge.rehearsal.acts.replying import reply_to_event
from bridge.rehearsal.acts.span import Span, read_span
from bridge.rehearsal.calendars.access import demand_role
from bridge.rehearsal.calendars.resource import Calendar, find_calendar
from bridge.rehearsal.events.desk import SendUpdates
from bridge.rehearsal.events.resource import StoredEvent, render
from bridge.rehearsal.events.shape import EVENT_SHAPE, shaped
from bridge.rehearsal.events.writing import Desk, WriteOptions, insert_event
from bridge.rehearsal.google_error import GoogleError, Json
from bridge.rehearsal.world import World

Body = dict[str, Any]


def act(world: World, body: Body) -> Json:
    """Do what a body asks for, whole or not at all, and return the event it leads to.

    Raises:
        InvalidInput: A member is missing or of another kind.
        GoogleError: What Google refuses.
    """
    known = _text(body, "act")
    do = _ACTS.get(known)
    if do is None:
        raise InvalidInput(f"`act` is one of {', '.join(_ACTS)}", field="act")
    with world.state.transaction():
        desk = desk_of(
            world,
            email=_text(body, "account"),
            calendar_id=_text(body, "calendar", "primary"),
            send_updates=_text(body, "send_updates", "none"),
        )
        event = do(desk, body)
        return {} if event is None else render(event, desk.calendar)


def desk_of(world: World, *, email: str, calendar_id: str, send_updates: str) -> Desk:
    """Return the desk of a person who acts in a calendar.

    Raises:
        GoogleError: 404 for an account or calendar that is not there.
        InvalidInput: An unknown value of send_updates.
    """
    account = find_account(world, email)
    if account is None:
        raise GoogleError(f"There is no account {email}.", code=404, reason="notFound")
    try:
        options = WriteOptions(send_updates=SendUpdates(send_updates))
    except ValueError as error:
        raise InvalidInput(
            "`send_updates` is all, externalOnly or none", field="send_updates"
        ) from error
    calendar = find_calendar(world, calendar_id, viewer=account.email)
    check_writer(calendar)
    return Desk(world=world, calendar=calendar, email=account.email, options=options)


def check_writer(calendar: Calendar) -> None:
    """Refuse to write in a calendar that the viewer may only read.

    Raises:
        GoogleError: 403 `requiredAccessLevel`.
    """
    demand_role(calendar.role, "writer")


def _add(desk: Desk, body: Body) -> StoredEvent:
    return insert_event(desk, _fields(body))


def _edit(desk: Desk, body: Body) -> StoredEvent:
    return edit_event(desk, _text(body, "event"), _fields(body), _span(body))


def _split(desk: Desk, body: Body) -> StoredEvent:
    return edit_event(desk, _text(body, "event"), _fields(body), Span.FOLLOWING)


def _move(desk: Desk, body: Body) -> StoredEvent:
    return move_event(desk, _text(body, "event"), _text(body, "to"), _span(body))


def _delete(desk: Desk, body: Body) -> None:
    remove_event(desk, _text(body, "event"), _span(body))


def _restore(desk: Desk, body: Body) -> StoredEvent:
    return restore_event(desk, _text(body, "event"))


def _reply(desk: Desk, body: Body) -> StoredEvent:
    comment = _text(body, "comment") if "comment" in body else None
    reply = _text(body, "reply")
    return reply_to_event(desk, _text(body, "event"), reply, _span(body), comment=comment)


_ACTS: dict[str, Callable[[Desk, Body], StoredEvent | None]] = {
    "add": _add,
    "edit": _edit,
    "split": _split,
    "move": _move,
    "delete": _delete,
    "restore": _restore,
    "reply": _reply,
}


def _span(body: Body) -> Span:
    return read_span(_text(body, "span", "this"))


def _fields(body: Body) -> Json:
    fields: Json = shaped(body.get("fields") or {}, EVENT_SHAPE, name="body")
    return fields


def _text(body: Body, name: str, otherwise: str = "") -> str:
    value = body.get(name, otherwise)
    if not isinstance(value, str):
        raise InvalidInput(f"`{name}` is a text", field=name)
    return value
