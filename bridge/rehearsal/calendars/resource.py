"""Calendars as they are stored, and one account's view of each (its calendar list entry)."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

from bridge.rehearsal.calendars.access import role_of, set_rule
from bridge.rehearsal.calendars.listed import first_look, list_for
from bridge.rehearsal.google_error import Json, not_found
from bridge.rehearsal.world import World, etag_of

_CONFERENCES = ("hangoutsMeet",)
_POPUP = [{"method": "popup", "minutes": 30}]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """A calendar together with what one account may see and do there.

    Attributes:
        calendar_id: Resolved id, never `primary`.
        owner: Address of the account that owns it.
        viewer: Address of the account that looks.
        role: The viewer's access role.
        is_primary: Whether it is the owner's primary calendar.
        client_id: OAuth client that made it, "" when a person did.
        body: summary, description, location, timeZone.
        entry: The viewer's own settings of it.
        stamp: Stamp of the calendar's own properties.
        entry_stamp: Stamp of the viewer's entry.
        latest_change: Number of the latest change of an event here.
        latest_update: Time of that change, milliseconds since 1970.
        is_listed: Whether it is on the viewer's calendar list.
        busy_title: Title that events without details carry, "" for none.
    """

    calendar_id: str
    owner: str
    viewer: str
    role: str
    is_primary: bool
    client_id: str
    body: Json
    entry: Json
    stamp: int
    entry_stamp: int
    latest_change: int
    latest_update: int
    is_listed: bool = True
    busy_title: str = ""

    @property
    def zone(self) -> str:
        """IANA name of the calendar's zone."""
        return str(self.body["timeZone"])

    @property
    def default_reminders(self) -> list[Json]:
        """The viewer's default reminders here."""
        return list(self.entry.get("defaultReminders", []))

    @property
    def conference_types(self) -> list[str]:
        """Kinds of conferences that can be made for events here."""
        chosen = self.body.get("conferenceProperties", {})
        return list(chosen.get("allowedConferenceSolutionTypes", _CONFERENCES))

    def to_json(self) -> Json:
        """Return the `calendar#calendar` resource."""
        return {
            "kind": "calendar#calendar",
            "etag": etag_of(self.stamp),
            "id": self.calendar_id,
            **self.body,
            "conferenceProperties": {"allowedConferenceSolutionTypes": self.conference_types},
            **({} if self.is_primary else {"dataOwner": self.owner}),
        }

    def entry_to_json(self) -> Json:
        """Return the `calendar#calendarListEntry` resource."""
        shown: Json = {
            "kind": "calendar#calendarListEntry",
            "etag": etag_of(max(self.stamp, self.entry_stamp)),
            "id": self.calendar_id,
            **{name: value for name, value in self.body.items() if name != "labelProperties"},
            **self.entry,
            "defaultReminders": self.default_reminders,
            "accessRole": self.role,
            "conferenceProperties": {"allowedConferenceSolutionTypes": self.conference_types},
        }
        if not self.is_primary:
            shown["dataOwner"] = self.owner
        elif self.owner == self.viewer:
            shown["primary"] = True
        return shown


_SELECT = (
    "SELECT calendar.*, ? AS email, entry.role, entry.body AS entry_body, "
    "entry.stamp AS entry_stamp, entry.deleted FROM calendar LEFT JOIN calendar_entry AS entry "
    "ON entry.calendar_id = calendar.id AND entry.email = ? WHERE calendar.id = ?"
)


def find_calendar(world: World, calendar_id: str, *, viewer: str) -> Calendar:
    """Return a calendar as an account sees it, be it on its list or not; `primary` is its own.

    Raises:
        GoogleError: 404 when there is none or the account has no access.
    """
    resolved = viewer if calendar_id == "primary" else calendar_id
    row = world.state.row(_SELECT, (viewer, viewer, resolved))
    if row is None and resolved != resolved.lower():
        return find_calendar(world, resolved.lower(), viewer=viewer)
    if row is None:
        raise not_found()
    found = calendar_from_row(row)
    if not found.is_listed:
        found = replace(found, entry={}, role=role_of(world, found.calendar_id, viewer))
    if found.role == "none":
        raise not_found()
    return replace(found, busy_title="Busy" if world.switches.husk_summary == "busy" else "")


def calendar_from_row(row: Any) -> Calendar:
    """Return the calendar of a joined row of `calendar` and `calendar_entry`."""
    return Calendar(
        calendar_id=row["id"],
        owner=row["owner"],
        viewer=row["email"],
        role=row["role"] or "none",
        is_primary=bool(row["is_primary"]),
        client_id=row["client_id"],
        body=json.loads(row["body"]),
        entry=json.loads(row["entry_body"] or "{}"),
        stamp=row["stamp"],
        entry_stamp=row["entry_stamp"] or 0,
        latest_change=row["latest_change"],
        latest_update=row["latest_update"],
        is_listed=row["deleted"] == 0,
    )


def calendar_ids(world: World, email: str) -> list[str]:
    """Return the ids of an account's calendars, primary first, then by age."""
    rows = world.state.rows(
        "SELECT calendar_id FROM calendar_entry WHERE email = ? AND deleted = 0 ORDER BY position",
        (email,),
    )
    return [row["calendar_id"] for row in rows]


def add_calendar(
    world: World, calendar_id: str, *, owner: str, body: Json, client_id: str = ""
) -> None:
    """Store a new calendar and put it on its owner's list.

    Args:
        world: The rehearsal.
        calendar_id: Id; equal to `owner` for a primary calendar.
        owner: Address of the owner's account.
        body: summary and timeZone, perhaps description and location.
        client_id: OAuth client that makes it, "" for a person.
    """
    change, stamp = world.next_change(), world.next_stamp()
    look = first_look(world, owner)
    is_primary = calendar_id == owner
    world.state.execute(
        "INSERT INTO calendar (id, owner, is_primary, client_id, body, stamp, latest_change, "
        "latest_update) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            calendar_id,
            owner,
            int(is_primary),
            client_id,
            json.dumps(body),
            stamp,
            change,
            world.clock.milliseconds(),
        ),
    )
    set_rule(world, calendar_id, scope_type="user", scope_value=owner, role="owner")
    entry = {
        **look,
        "selected": True,
        "defaultReminders": _POPUP if is_primary else [],
    }
    list_for(world, calendar_id, owner, role="owner", body=entry)
