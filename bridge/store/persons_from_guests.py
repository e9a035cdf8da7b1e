"""Persons made of guests whom the CRM does not know, where the user chose so (features E1).

Only what the sync of a connection writes makes persons, and only of guests who were not told of
before: an edit of an old event adds nobody but its new guests, and who was deleted from the CRM is
not made again. The activity is not linked to them, so nothing goes back to Google. They are
ordinary persons from then on.

Guests of private activities are left out, as a company's persons are for all of its users to see;
so are its users by all of their addresses, and what is no human being.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select, union_all

from bridge.convert.properties.attendees import address_of
from bridge.domain.activity import Activity, Attendee
from bridge.domain.identifiers import CompanyId, ConnectionId
from bridge.ical.calendar_object import CalendarObject
from bridge.store.company_revisions import next_revision
from bridge.store.guest_persons import address_key, portions, rows_by_address
from bridge.store.raw_text import text_of
from bridge.store.schema import access, crm, google
from bridge.store.settings_json import settings_from_json
from bridge.store.shared_meetings import GOOGLES

_NO_INDIVIDUAL = frozenset({"GROUP", "RESOURCE", "ROOM"})
_CALENDARS = "calendar.google.com"
"""Domain of addresses that Google gives to rooms, and to calendars that are nobody's own."""

_SETTINGS = select(google.Connection.settings).where(
    google.Connection.id == bindparam("connection"),
    google.Connection.company_id == bindparam("company"),
)
_COLLEAGUES = union_all(
    *(
        select(func.lower(column).label("address")).where(
            column.class_.company_id == bindparam("company"),
            func.lower(column).in_(bindparam("addresses", expanding=True)),
        )
        for column in (access.User.login, access.User.email, google.Connection.account_email)
    )
)
_Guests = Mapping[str, Attendee]


def make_persons(
    connection: Connection,
    item: CalendarObject,
    *,
    old: Activity | None,
    new: Activity,
    stamp: tuple[str, datetime],
) -> None:
    """Add a person for every guest whom nobody of the CRM is, if the connection's user wants it.

    Nothing is asked for a client's write, nor without a guest that is new.

    Args:
        connection: Of a transaction that holds the owner's home.
        item: What was written.
        old: The activity before; None for none.
        new: What the text means.
        stamp: Who writes, as `ObjectWriter.origin` says it, and the instant.
    """
    origin, now = stamp
    number = _connection_of(origin)
    if number is None or new.private:
        return
    told = () if old is None or old.private else old.attendees
    guests = _individuals(item, new, {address_key(guest.email) for guest in told})
    if not guests or not _is_wanted(connection, number, new.company_id):
        return
    guests = _without(guests, _colleagues(connection, new.company_id, guests))
    guests = _unknown(connection, new.company_id, guests)
    if guests:
        # The company's row is held from here on: somebody else may have been first.
        revision = next_revision(connection, new.company_id)
        guests = _unknown(connection, new.company_id, guests)
    if guests:
        common = {"company_id": new.company_id, "owner_id": new.owner_id, "created_at": now}
        rows = [
            {**common, "name": _name(each), "email": each.email, "crmdav_revision": revision}
            for each in guests.values()
        ]
        connection.execute(insert(crm.Person), rows)


def _connection_of(origin: str) -> ConnectionId | None:
    number = origin.removeprefix(GOOGLES)
    return ConnectionId(int(number)) if number != origin and number.isdecimal() else None


def _individuals(item: CalendarObject, activity: Activity, told: Collection[str]) -> _Guests:
    """Return the guests who may be persons and were not told of, by the keys of their addresses."""
    others = {
        address_key(address_of(line))
        for line in item.head().all("ATTENDEE")
        if line.parameter("CUTYPE").upper() in _NO_INDIVIDUAL
    }
    found: dict[str, Attendee] = {}
    for guest in activity.attendees:
        key = address_key(guest.email)
        if key not in told and key not in others and _is_individuals(key):
            found.setdefault(key, guest)
    return found


def _is_individuals(address: str) -> bool:
    local, _, domain = address.rpartition("@")
    googles = domain == _CALENDARS or domain.endswith(f".{_CALENDARS}")
    return bool(local and domain) and not googles and len(address.split()) == 1


def _is_wanted(connection: Connection, number: ConnectionId, company_id: CompanyId) -> bool:
    stored = connection.scalar(_SETTINGS, {"connection": number, "company": company_id})
    return stored is not None and settings_from_json(stored).persons_from_guests


def _colleagues(connection: Connection, company_id: CompanyId, guests: _Guests) -> Iterator[str]:
    """Yield the addresses of users of the company among those of guests."""
    for portion in portions(guests):
        values = {"company": company_id, "addresses": portion}
        yield from connection.scalars(_COLLEAGUES, values)


def _unknown(connection: Connection, company_id: CompanyId, guests: _Guests) -> _Guests:
    """Return the guests of whose addresses there never was a person."""
    rows = rows_by_address(connection, company_id, guests)
    return _without(guests, (text_of(row.email, "persons") for row in rows))


def _without(guests: _Guests, addresses: Iterator[str]) -> _Guests:
    known = {address_key(address) for address in addresses}
    return {key: guest for key, guest in guests.items() if key not in known}


def _name(guest: Attendee) -> str:
    return " ".join(guest.name.split()) or guest.email.rpartition("@")[0]
