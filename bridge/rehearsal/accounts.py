"""The Google accounts of a rehearsal, its one OAuth client, and the calendars they start with."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from bridge.rehearsal.calendars.resource import add_calendar, calendar_ids
from bridge.rehearsal.world import World

DEFAULT_ACCOUNTS = ("anna@example.com", "ben@example.com")

_ZONES = {"anna@example.com": "Europe/Berlin", "ben@example.com": "America/New_York"}
_OTHER_ZONE = "Europe/Berlin"
_TABLES = (
    "account", "consent", "code", "token", "calendar", "calendar_entry", "event", "latest_write",
    "mail", "acl_rule", "access_change", "group_member", "setting", "channel",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One person with a Google account.

    Attributes:
        email: Main address, also the id of the primary calendar.
        subject: Google's number for the person.
        name: Display name.
        zone: IANA name of the person's zone.
        access_token: Token printed at start; good for everything, never expires, never revoked.
        calendars: Ids of the calendars of the list, primary first.
    """

    email: str
    subject: str
    name: str
    zone: str
    access_token: str
    calendars: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the form of `accounts[]` of the printed description."""
        return {
            "email": self.email,
            "access_token": self.access_token,
            "calendars": list(self.calendars),
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """The OAuth client a rehearsal knows."""

    client_id: str
    client_secret: str


def settle(
    world: World, emails: tuple[str, ...], *, zones: Mapping[str, str] = MappingProxyType(_ZONES)
) -> None:
    """Make the client and the first accounts in a new state; a used one is left as it is.

    Client, printed tokens and calendar ids are made here once, so that they outlive restarts and
    resets.

    Args:
        world: The rehearsal.
        emails: Addresses of the accounts.
        zones: Their zones, where they are not Berlin's.
    """
    with world.state.transaction():
        world.restore_clock()
        if world.state.meta("client_id") is not None:
            return
        number = f"{secrets.randbelow(10**12):012d}"
        name = secrets.token_hex(16)
        world.state.set_meta("client_id", f"{number}-{name}.apps.googleusercontent.com")
        world.state.set_meta("client_secret", f"GOCSPX-{secrets.token_urlsafe(21)}")
        world.state.set_meta("epoch", secrets.token_hex(8))
        for email in emails:
            _make(world, email, is_default=True, zone=zones.get(email.lower(), ""))


def client(world: World) -> Client:
    """Return the one OAuth client."""
    return Client(
        client_id=world.state.meta("client_id") or "",
        client_secret=world.state.meta("client_secret") or "",
    )


def all_accounts(world: World) -> list[Account]:
    """Return the accounts in the order of their making."""
    return [
        _account(world, row) for row in world.state.rows("SELECT * FROM account ORDER BY position")
    ]


def find_account(world: World, email: str) -> Account | None:
    """Return the account of an address in any capitals, or None."""
    row = world.state.row("SELECT * FROM account WHERE email = ?", (email.lower(),))
    return None if row is None else _account(world, row)


def add_account(world: World, email: str, *, zone: str = "") -> Account:
    """Return the account of this address, made with its two calendars when there is none."""
    with world.state.transaction():
        found = find_account(world, email)
        if found is not None:
            return found
        _make(world, email, is_default=False, zone=zone)
        made = find_account(world, email)
    if made is None:
        raise LookupError(email)
    return made


def reset(world: World) -> None:
    """Go back to the start: the default accounts, empty calendars, same client and tokens.

    All grants, events, mails, faults and logs are gone, and every sync token handed out is invalid.
    """
    with world.state.transaction():
        kept = world.state.rows("SELECT * FROM account WHERE is_default = 1 ORDER BY position")
        for table in _TABLES:
            world.state.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the constant above
        world.state.set_meta("epoch", secrets.token_hex(8))
        world.state.execute("DELETE FROM meta WHERE key IN ('clock_offset_seconds', 'switches')")
        world.restore_clock()
        # A clock that was ahead left stamps in what is the future again; ETags follow the clock.
        world.state.lower_counter("stamp", at_most=world.clock.milliseconds() * 1000)
        for row in kept:
            _insert(world, dict(row))
    world.faults.clear()
    world.quotas.clear()
    world.requests.clear()
    world.oauth_requests.clear()
    world.push_faults.clear()
    world.push_log.clear()


def _make(world: World, email: str, *, is_default: bool, zone: str = "") -> None:
    address = email.lower()
    identifier = base64.b32hexencode(secrets.token_bytes(20)).decode().lower().rstrip("=")
    _insert(
        world,
        {
            "position": None,
            "email": address,
            "subject": f"1{secrets.randbelow(10**20):020d}",
            "name": address.split("@")[0].replace(".", " ").title(),
            "zone": zone or _OTHER_ZONE,
            "access_token": f"ya29.rehearsal-{secrets.token_urlsafe(32)}",
            "second_calendar": f"c_{identifier}@group.calendar.google.com",
            "is_default": int(is_default),
        },
    )


def _insert(world: World, row: dict[str, Any]) -> None:
    world.state.execute(
        "INSERT INTO account (position, email, subject, name, zone, access_token, second_calendar, "
        "is_default) VALUES (:position, :email, :subject, :name, :zone, :access_token, "
        ":second_calendar, :is_default)",
        row,
    )
    email, zone = row["email"], row["zone"]
    add_calendar(world, email, owner=email, body={"summary": email, "timeZone": zone})
    second = {"summary": "Customer visits", "timeZone": zone}
    add_calendar(world, row["second_calendar"], owner=email, body=second)


def _account(world: World, row: Any) -> Account:
    return Account(
        email=row["email"],
        subject=row["subject"],
        name=row["name"],
        zone=row["zone"],
        access_token=row["access_token"],
        calendars=tuple(calendar_ids(world, row["email"])),
    )
