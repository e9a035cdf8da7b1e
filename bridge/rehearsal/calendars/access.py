"""Who may see a calendar and in which role: rules, effective roles, and what follows a change.

Source: Google, "Share calendars" and the AclRule resource. A role is never stored for a person who
has no calendar list entry; it follows from the rules, the widest of those that meet the person.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bridge.rehearsal.calendars.listed import relist_for, unlist_for
from bridge.rehearsal.google_error import GoogleError, Json
from bridge.rehearsal.world import World, etag_of

ROLE_ORDER = ("none", "freeBusyReader", "reader", "writerWithoutPrivateAccess", "writer", "owner")
WRITER_ROLES = frozenset({"owner", "writer", "writerWithoutPrivateAccess"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One access rule.

    Attributes:
        calendar_id: Calendar it belongs to.
        rule_id: `user:anna@example.com`, `group:...`, `domain:example.com` or `default`.
        scope_type: `default`, `user`, `group` or `domain`.
        scope_value: Address or domain, "" for `default`.
        role: Role it gives; `none` is a deleted rule.
        stamp: Source of its ETag.
        change: Number of its latest change.
    """

    calendar_id: str
    rule_id: str
    scope_type: str
    scope_value: str
    role: str
    stamp: int
    change: int

    @property
    def etag(self) -> str:
        """The quoted ETag."""
        return etag_of(self.stamp)

    def to_json(self) -> Json:
        """Return the `calendar#aclRule` resource."""
        scope = {"type": self.scope_type}
        if self.scope_value:
            scope["value"] = self.scope_value
        return {
            "kind": "calendar#aclRule",
            "etag": self.etag,
            "id": self.rule_id,
            "scope": scope,
            "role": self.role,
        }


def rules_of(world: World, calendar_id: str) -> list[Rule]:
    """Return all rules of a calendar, deleted ones too, oldest first."""
    rows = world.state.rows(
        "SELECT * FROM acl_rule WHERE calendar_id = ? ORDER BY position", (calendar_id,)
    )
    return [_rule(row) for row in rows]


def find_rule(world: World, calendar_id: str, rule_id: str) -> Rule | None:
    """Return a rule, deleted or not, or None."""
    row = world.state.row(
        "SELECT * FROM acl_rule WHERE calendar_id = ? AND id = ?", (calendar_id, rule_id)
    )
    return None if row is None else _rule(row)


def role_of(world: World, calendar_id: str, email: str) -> str:
    """Return the widest role that the rules of a calendar give to an account."""
    roles = [rule.role for rule in rules_of(world, calendar_id) if _meets(world, rule, email)]
    return max(roles, key=ROLE_ORDER.index, default="none")


def public_role(world: World, calendar_id: str) -> str:
    """Return the role that everybody has."""
    rule = find_rule(world, calendar_id, "default")
    return rule.role if rule is not None else "none"


def demand_role(role: str, wanted: str) -> None:
    """Refuse a caller whose role is too low.

    Args:
        role: The caller's.
        wanted: `writer` or `owner`; private access does not matter for writing.

    Raises:
        GoogleError: 403 `requiredAccessLevel`.
    """
    if role == "owner" or (wanted == "writer" and role in WRITER_ROLES):
        return
    raise GoogleError(
        f"You need to have {wanted} access to this calendar.",
        code=403,
        reason="requiredAccessLevel",
        domain="calendar",
    )


def access_number(world: World, calendar_id: str, email: str) -> int:
    """Return how often the role of an account in a calendar has changed; tokens depend on it."""
    row = world.state.row(
        "SELECT number FROM access_change WHERE calendar_id = ? AND email = ?", (calendar_id, email)
    )
    return 0 if row is None else int(row["number"])


def set_rule(
    world: World, calendar_id: str, *, scope_type: str, scope_value: str, role: str
) -> Rule:
    """Make or change a rule and let everybody's lists and sync tokens follow.

    Args:
        world: The rehearsal.
        calendar_id: Resolved id.
        scope_type: `default`, `user`, `group` or `domain`.
        scope_value: Address or domain in small letters, "" for `default`.
        role: One of `ROLE_ORDER`; `none` deletes the rule.
    """
    rule_id = f"{scope_type}:{scope_value}" if scope_value else scope_type
    with _followed(world, calendar_id):
        world.state.execute(
            "INSERT INTO acl_rule (calendar_id, id, scope_type, scope_value, role, stamp, change) "
            "VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (calendar_id, id) DO UPDATE SET "
            "role = excluded.role, stamp = excluded.stamp, change = excluded.change",
            (
                calendar_id,
                rule_id,
                scope_type,
                scope_value,
                role,
                world.next_stamp(),
                world.next_change(),
            ),
        )
    rule = find_rule(world, calendar_id, rule_id)
    if rule is None:
        raise LookupError(rule_id)
    return rule


def end_all_access(world: World, calendar_id: str) -> None:
    """Delete all rules of a calendar, as when it is removed."""
    with _followed(world, calendar_id):
        world.state.execute(
            "UPDATE acl_rule SET role = 'none', stamp = ?, change = ? "
            "WHERE calendar_id = ? AND role != 'none'",
            (world.next_stamp(), world.next_change(), calendar_id),
        )


def set_group(world: World, group_email: str, members: list[str]) -> None:
    """Say who is in a group; access that depends on it follows."""
    rows = world.state.rows(
        "SELECT calendar_id FROM acl_rule WHERE id = ? AND role != 'none'",
        (f"group:{group_email}",),
    )
    before = {row["calendar_id"]: _roles(world, row["calendar_id"]) for row in rows}
    world.state.execute("DELETE FROM group_member WHERE group_email = ?", (group_email,))
    for member in members:
        world.state.execute(
            "INSERT OR IGNORE INTO group_member (group_email, email) VALUES (?, ?)",
            (group_email, member),
        )
    for calendar_id, roles in before.items():
        _follow(world, calendar_id, roles)


def group_members(world: World, group_email: str) -> list[str]:
    """Return the members of a group, none for an unknown one."""
    rows = world.state.rows(
        "SELECT email FROM group_member WHERE group_email = ? ORDER BY email", (group_email,)
    )
    return [row["email"] for row in rows]


def _meets(world: World, rule: Rule, email: str) -> bool:
    match rule.scope_type:
        case "default":
            return True
        case "domain":
            return email.partition("@")[2] == rule.scope_value
        case "group":
            return email in group_members(world, rule.scope_value)
        case _:
            return email == rule.scope_value


def _roles(world: World, calendar_id: str) -> dict[str, str]:
    rows = world.state.rows("SELECT email FROM account")
    return {row["email"]: role_of(world, calendar_id, row["email"]) for row in rows}


@contextmanager
def _followed(world: World, calendar_id: str) -> Iterator[None]:
    before = _roles(world, calendar_id)
    yield
    _follow(world, calendar_id, before)


def _follow(world: World, calendar_id: str, before: dict[str, str]) -> None:
    for email, role in _roles(world, calendar_id).items():
        if role == before[email]:
            continue
        world.state.execute(
            "INSERT INTO access_change (calendar_id, email, number) VALUES (?, ?, 1) "
            "ON CONFLICT (calendar_id, email) DO UPDATE SET number = number + 1",
            (calendar_id, email),
        )
        # A list does not report a change of a role alone; that the calendar is gone it does.
        world.state.execute(
            "UPDATE calendar_entry SET role = ?, stamp = ? WHERE calendar_id = ? AND email = ?",
            (role, world.next_stamp(), calendar_id, email),
        )
        if role == "none":
            unlist_for(world, calendar_id, email)
        elif before[email] == "none" and _lists_itself(world, calendar_id, email):
            relist_for(world, calendar_id, email, role=role)


def _lists_itself(world: World, calendar_id: str, email: str) -> bool:
    if world.switches.sharing_lists == "listed":
        return True
    owned = world.state.row(
        "SELECT 1 FROM calendar WHERE id = ? AND owner = ?", (calendar_id, email)
    )
    return owned is not None


def _rule(row: Any) -> Rule:
    return Rule(
        calendar_id=row["calendar_id"],
        rule_id=row["id"],
        scope_type=row["scope_type"],
        scope_value=row["scope_value"],
        role=row["role"],
        stamp=row["stamp"],
        change=row["change"],
    )
