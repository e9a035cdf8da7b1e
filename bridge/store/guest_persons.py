"""Guests of activities among the persons of the CRM, by their addresses (features E1).

A guest is a person where the addresses are the same but for the case of letters, both belong to the
same company, and the person is not deleted. That is looked up when it is asked: nothing of it is
stored with the activity, so that it changes neither the calendar object nor what goes to Google.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from bridge.domain.activity import Activity, Attendee, Person
from bridge.domain.identifiers import CompanyId, UserId
from bridge.errors import InvalidInput
from bridge.store.raw_text import raw_text, text_of
from bridge.store.schema import crm
from bridge.store.transaction import Transaction

_PORTION = 500
_person = crm.Person
_BY_ADDRESS = (
    select(
        _person.id,
        _person.owner_id,
        _person.deleted_at,
        raw_text(_person.name).label("name"),
        raw_text(_person.email).label("email"),
        raw_text(_person.phone).label("phone"),
    )
    .where(
        _person.company_id == bindparam("company"),
        func.lower(_person.email).in_(bindparam("addresses", expanding=True)),
    )
    .order_by(_person.id)
)
_Row = Row[*tuple[Any, ...]]


class GuestPersonRepository:
    """Tells which guests of an activity the CRM knows."""

    def __init__(self, transaction: Transaction) -> None:
        self._connection = transaction.connection

    def of(self, activity: Activity, user_id: UserId) -> Mapping[Attendee, Person]:
        """Return the persons that guests of an activity are; one statement, none without guests.

        Of several with one address it is the one that is linked to the activity, or else one that
        the user owns, or else the one who was there first.

        Args:
            activity: As it was read.
            user_id: Who looks at it.
        """
        linked = {person.id for person in activity.participants}
        if activity.person is not None:
            linked.add(activity.person.id)
        guests = {guest: address_key(guest.email) for guest in activity.attendees}
        best: dict[str, tuple[tuple[bool, bool, int], Person]] = {}
        for row in rows_by_address(self._connection, activity.company_id, guests.values()):
            person = _person_of(row)
            if person is None:
                continue
            rank = (person.id not in linked, row.owner_id != user_id, person.id)
            key = address_key(person.email)
            best[key] = min(best.get(key, (rank, person)), (rank, person), key=lambda one: one[0])
        return {guest: best[key][1] for guest, key in guests.items() if key in best}


def address_key(address: str) -> str:
    """Return what is the same for all spellings of an address."""
    return address.lower()


def rows_by_address(
    connection: Connection, company_id: CompanyId, addresses: Collection[str]
) -> Iterator[_Row]:
    """Yield the rows of persons with these addresses, deleted ones too, by id in each portion."""
    for portion in portions(addresses):
        values = {"company": company_id, "addresses": portion}
        yield from connection.execute(_BY_ADDRESS, values)


def portions(addresses: Collection[str]) -> Iterator[Sequence[str]]:
    """Yield all that SQL's `lower` may make of these addresses, as many as one statement takes."""
    wanted = sorted({spelling for address in addresses for spelling in _lowered(address)} - {""})
    for first in range(0, len(wanted), _PORTION):
        yield wanted[first : first + _PORTION]


def _lowered(address: str) -> Sequence[str]:
    """Return an address as SQL's `lower` may give it: SQLite's knows the letters of ASCII only."""
    plain = "".join(letter.lower() if letter.isascii() else letter for letter in address)
    return (address.lower(), plain)


def _person_of(row: _Row) -> Person | None:
    """Return the person of a row; None for a deleted one, and for one whose columns are no text."""
    if row.deleted_at is not None:
        return None
    try:
        return Person(
            id=row.id,
            name=text_of(row.name, "persons"),
            email=text_of(row.email, "persons"),
            phone=text_of(row.phone, "persons"),
        )
    except InvalidInput:
        return None
