"""The part of the control surface that acts as the people who own and share calendars.

What is done here is done by the owner's, or an administrator's, own hand: nothing is protected.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bridge.errors import InvalidInput
from bridge.rehearsal.accounts import find_account
from bridge.rehearsal.calendars.access import ROLE_ORDER, group_members, set_group, set_rule
from bridge.rehearsal.calendars.removal import remove_calendar
from bridge.rehearsal.calendars.settings import change_setting
from bridge.rehearsal.push.channels import all_channels
from bridge.rehearsal.push.shown import channel_to_json
from bridge.rehearsal.world import World

Body = dict[str, Any]


def _access(world: World, body: Body) -> object:
    calendar_id, email = _text(body, "calendar_id"), _text(body, "email").lower()
    role = _text(body, "role")
    if role not in ROLE_ORDER:
        raise InvalidInput(f"`role` is one of {', '.join(ROLE_ORDER)}", field="role")
    with world.state.transaction():
        _known_calendar(world, calendar_id)
        rule = set_rule(world, calendar_id, scope_type="user", scope_value=email, role=role)
    return rule.to_json()


def _remove_calendar(world: World, body: Body) -> object:
    calendar_id = _text(body, "calendar_id")
    with world.state.transaction():
        _known_calendar(world, calendar_id)
        remove_calendar(world, calendar_id)
    return {}


def _groups(world: World, body: Body) -> object:
    members = body.get("members")
    if not isinstance(members, list) or not all(isinstance(each, str) for each in members):
        raise InvalidInput("`members` is a list of addresses", field="members")
    email = _text(body, "email").lower()
    with world.state.transaction():
        set_group(world, email, [each.lower() for each in members])
    return {"email": email, "members": group_members(world, email)}


def _settings(world: World, body: Body) -> object:
    account = find_account(world, _text(body, "email"))
    if account is None:
        raise InvalidInput("no account has this address", field="email")
    with world.state.transaction():
        changed = change_setting(world, account.email, _text(body, "id"), _text(body, "value"))
    return changed.to_json()


def _text(body: Body, name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise InvalidInput(f"`{name}` is a text", field=name)
    return value


def _known_calendar(world: World, calendar_id: str) -> None:
    if world.state.row("SELECT 1 FROM calendar WHERE id = ?", (calendar_id,)) is None:
        raise InvalidInput(f"no such calendar: `{calendar_id}`", field="calendar_id")


def _channels(world: World, _: Body) -> object:
    return [channel_to_json(world, channel) for channel in all_channels(world)]


PEOPLE_CALLS: dict[tuple[str, str], Callable[[World, Body], object]] = {
    ("GET", "channels"): _channels,
    ("POST", "access"): _access,
    ("POST", "remove_calendar"): _remove_calendar,
    ("POST", "groups"): _groups,
    ("POST", "settings"): _settings,
}
