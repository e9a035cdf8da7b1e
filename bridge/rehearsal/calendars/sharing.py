"""Access rules as clients write them: checks, protections, and the mail about a share.

Source: Google, AclRule resource, Acl: insert, update, patch, delete; since November 2025 each
calendar has one data owner whose access cannot be lowered.
"""

from __future__ import annotations

from bridge.rehearsal.calendars.access import ROLE_ORDER, Rule, find_rule, set_rule
from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.shape import shaped
from bridge.rehearsal.google_error import GoogleError, Json, invalid, not_found, required
from bridge.rehearsal.world import World

_RULE_SHAPE = {"role": "string", "scope": {"type": "string", "value": "string"}}
_SCOPES = ("default", "user", "group", "domain")
_PUBLIC_ROLES = ("none", "freeBusyReader", "reader")


def rule_body(given: Json) -> Json:
    """Return the known fields of a rule as a client sent it.

    Raises:
        GoogleError: 400 for a field of a wrong type.
    """
    fields: Json = shaped(given, _RULE_SHAPE)
    return fields


def existing_rule(world: World, calendar: Calendar, rule_id: str) -> Rule:
    """Return a living rule.

    Raises:
        GoogleError: 404.
    """
    rule = find_rule(world, calendar.calendar_id, rule_id.lower())
    if rule is None or rule.role == "none":
        raise not_found()
    return rule


def share(world: World, calendar: Calendar, given: Json, *, mail: bool) -> Rule:
    """Make a rule, or change the one of the same scope.

    Args:
        world: The rehearsal.
        calendar: The calendar, as its owner sees it.
        given: `role` and `scope`.
        mail: Whether the person is told.

    Raises:
        GoogleError: 400 for what is missing or wrong, 403 where the rule is protected.
    """
    scope_type, scope_value = _scope(given.get("scope") or {})
    role = _role(given, scope_type)
    _check_protection(calendar, scope_type, scope_value, role)
    rule = set_rule(
        world, calendar.calendar_id, scope_type=scope_type, scope_value=scope_value, role=role
    )
    if mail and scope_type in ("user", "group") and role != "none":
        world.add_mail(
            {
                "to": scope_value,
                "kind": "sharing",
                "calendar_id": calendar.calendar_id,
                "event_id": "",
                "summary": calendar.body["summary"],
                "role": role,
            }
        )
    return rule


def unshare(world: World, calendar: Calendar, rule: Rule) -> None:
    """Delete a rule; nobody is told.

    Raises:
        GoogleError: 403 where the rule is protected.
    """
    _check_protection(calendar, rule.scope_type, rule.scope_value, "none")
    set_rule(
        world,
        calendar.calendar_id,
        scope_type=rule.scope_type,
        scope_value=rule.scope_value,
        role="none",
    )


def _scope(given: Json) -> tuple[str, str]:
    kind = given.get("type")
    value = str(given.get("value") or "").strip().lower()
    if not kind:
        raise required("Missing scope type.")
    if kind not in _SCOPES:
        raise invalid("Invalid scope type.")
    if kind == "default":
        return kind, ""
    if not value:
        raise required("Missing scope value.")
    wanted = 0 if kind == "domain" else 1
    if value.count("@") != wanted or not value.isprintable() or " " in value:
        raise invalid("Invalid scope value.")
    return kind, value


def _role(given: Json, scope_type: str) -> str:
    role = given.get("role")
    if not role:
        raise required("Missing role.")
    if role not in ROLE_ORDER or (scope_type == "default" and role not in _PUBLIC_ROLES):
        raise invalid("Invalid role.")
    return str(role)


def _check_protection(calendar: Calendar, scope_type: str, scope_value: str, role: str) -> None:
    if scope_type != "user" or role == "owner":
        return
    if scope_value == calendar.owner:
        raise GoogleError(
            "The access level of the data owner cannot be changed.", code=403, reason="forbidden"
        )
    if scope_value == calendar.viewer:
        raise GoogleError(
            "Cannot change your own access level.",
            code=403,
            reason="cannotChangeOwnAcl",
            domain="calendar",
        )
