"""Guests and the owner's own answer, as both sides tell them by ATTENDEE (RFC 5545 3.8.4.1).

The owner's own entry is the ATTENDEE marked X-CRM-SELF, else the one with an address of the owner's
who does not organize the event; it is the reply, and no guest. Addresses are compared in lower
case. What else a line says, and lines without an e-mail address, stay.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from bridge.convert.properties.attendees import (
    OWN,
    address_of,
    is_own,
    read_attendee,
    written_attendee,
)
from bridge.domain.activity import Attendee, Reply
from bridge.ical.content_line import ContentLine, clean_text, with_parameter
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent

_ADDRESS = re.compile(r"[^\s<>()\[\]\\,;:\"'@]+@[^\s<>()\[\]\\,;:\"'@]+")
_PUBLIC_DOMAINS = frozenset(
    {
        *("aol.com", "gmail.com", "googlemail.com", "hotmail.com", "icloud.com", "live.com"),
        *("me.com", "outlook.com", "proton.me", "protonmail.com", "yahoo.com"),
        *(
            "email.cz",
            "gmx.at",
            "gmx.ch",
            "gmx.de",
            "gmx.net",
            "seznam.cz",
            "t-online.de",
            "web.de",
        ),
    }
)
_ROOMS = "resource.calendar.google.com"


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """The guests besides the owner, in the order of their addresses, and the owner's answer."""

    guests: tuple[Attendee, ...] = ()
    reply: Reply | None = None


_NOBODY = People()


def people_of(
    component: ContentComponent, own_addresses: Collection[str], entry: ContentLine | None
) -> People:
    """Return guests and answer of a component of either side.

    Args:
        component: Of the calendar, or of Google's item.
        own_addresses: In lower case; whoever has one is no guest.
        entry: The line with the owner's answer.
    """
    lines = component.all("ATTENDEE")
    if not lines:
        return _NOBODY
    attendee = None if entry is None else read_attendee(entry)
    return People(
        guests=_shown(line for line in lines if not _is_owners(line, own_addresses)),
        reply=None if attendee is None else attendee.reply,
    )


def own_entry(component: ContentComponent, own_addresses: Collection[str]) -> ContentLine | None:
    """Return the line that holds the owner's answer, None where there is none to give."""
    lines = component.all("ATTENDEE")
    if not lines:
        return None
    marked = next((line for line in lines if is_own(line)), None)
    if marked is not None:
        return marked
    hosts = {address_of(line).lower() for line in component.all("ORGANIZER")}
    invited = (line for line in lines if _is_owners(line, own_addresses))
    return next((line for line in invited if address_of(line).lower() not in hosts), None)


def normal_guests(
    guests: Iterable[Attendee], own_addresses: Collection[str]
) -> tuple[Attendee, ...]:
    """Return the guests as both sides can hold them, in the order of their addresses."""
    normal = (_normal(guest) for guest in guests)
    found = {guest.email: guest for guest in normal if guest.email not in ("", *own_addresses)}
    return tuple(found[email] for email in sorted(found))


def people_changes(
    component: ContentComponent,
    wanted: People,
    own_addresses: tuple[str, ...],
    entry: ContentLine | None,
) -> tuple[PropertyChange, ...]:
    """Return the change that makes a component show these people.

    An answer cannot be written where nobody knows an address of the owner's.

    Args:
        component: Of the calendar, or of Google's item.
        wanted: In normal form.
        own_addresses: In lower case, the one that answers first.
        entry: The line with the owner's answer.
    """
    if people_of(component, own_addresses, entry) == wanted:
        return ()
    lines = component.all("ATTENDEE")
    guests = [line for line in lines if not _is_owners(line, own_addresses)]
    others = [line for line in guests if not _has_address(line)]
    owners = [line for line in lines if _is_owners(line, own_addresses) and line is not entry]
    answer = _answer(entry, wanted.reply, own_addresses)
    said = (*_guests(guests, wanted.guests), *others, *owners, *answer)
    return (PropertyChange(name="ATTENDEE", lines=said),)


def new_people(
    people: People, own: ContentLine | None, host: ContentLine | None
) -> list[ContentLine]:
    """Return the lines that say in a new calendar object who takes part at Google.

    Args:
        people: As Google's item shows them.
        own: The owner's own entry there.
        host: Google's ORGANIZER.
    """
    lines = [written_attendee(guest, None) for guest in people.guests]
    if own is not None and people.reply is not None:
        entry = Attendee(email=address_of(own), name=own.parameter("CN"), reply=people.reply)
        lines.append(with_parameter(written_attendee(entry, None), OWN, "TRUE"))
    return [host, *lines] if host is not None and lines else lines


def has_strangers(component: ContentComponent, own_addresses: Collection[str]) -> bool:
    """Return whether people outside the owner's own domain take part; rooms are no people.

    Where everybody can have an address there, as at Gmail, a domain is nobody's own.
    """
    domains = {_domain(address) for address in own_addresses} - _PUBLIC_DOMAINS
    lines = component.all("ATTENDEE")
    guests = (line for line in lines if not _is_owners(line, own_addresses))
    return any(_domain(address_of(line)) not in (*domains, _ROOMS) for line in guests)


def _is_owners(line: ContentLine, own_addresses: Collection[str]) -> bool:
    return is_own(line) or address_of(line).lower() in own_addresses


def _has_address(line: ContentLine) -> bool:
    attendee = read_attendee(line)
    return attendee is not None and bool(_normal(attendee).email)


def _shown(lines: Iterable[ContentLine]) -> tuple[Attendee, ...]:
    attendees = (attendee for line in lines if (attendee := read_attendee(line)) is not None)
    return normal_guests(attendees, ())


def _normal(guest: Attendee) -> Attendee:
    email = clean_text(guest.email).strip().lower()
    return Attendee(
        email=email if _ADDRESS.fullmatch(email) is not None else "",
        name=" ".join(clean_text(guest.name).split()),
        reply=guest.reply,
        optional=guest.optional,
    )


def _guests(old: Iterable[ContentLine], wanted: Iterable[Attendee]) -> list[ContentLine]:
    lines = {address_of(line).lower(): line for line in old}
    return [_guest(guest, lines.get(guest.email)) for guest in wanted]


def _guest(guest: Attendee, line: ContentLine | None) -> ContentLine:
    present = None if line is None else read_attendee(line)
    unchanged = line is not None and present is not None and _normal(present) == guest
    return line if unchanged and line is not None else written_attendee(guest, line)


def _answer(
    entry: ContentLine | None, reply: Reply | None, own_addresses: tuple[str, ...]
) -> list[ContentLine]:
    if reply is None:
        return []
    if entry is not None:
        told = read_attendee(entry)
        same = told is not None and told.reply is reply
        return [entry if same else with_parameter(entry, "PARTSTAT", reply.value.upper())]
    if not own_addresses:
        return []
    mine = written_attendee(Attendee(email=own_addresses[0], reply=reply), None)
    return [with_parameter(mine, OWN, "TRUE")]


def _domain(address: str) -> str:
    return address.lower().rpartition("@")[2]
