"""Guests: ATTENDEE with CN, PARTSTAT and ROLE (RFC 5545 section 3.8.4.1)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from bridge.convert.properties.mapper import Reading, Writing, edited
from bridge.domain.activity import Activity, Attendee, Reply
from bridge.ical.content_line import ContentLine, make_line, with_parameter
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent

OWN = "X-CRM-SELF"
"""Parameter of the ATTENDEE line that is the owner's own: an answer, and no guest."""
_SCHEME = "mailto:"
_OPTIONAL = frozenset({"OPT-PARTICIPANT", "NON-PARTICIPANT"})
_REPLIES = {reply.value.upper(): reply for reply in Reply}


class AttendeesMapper:
    """`Activity.attendees`."""

    def write(self, activity: Activity, writing: Writing) -> Sequence[PropertyChange]:
        """Write the guests; what else a guest's line says stays, and so do other addresses."""
        base = writing.base
        old = () if base is None else base.all("ATTENDEE")
        guests = {a.email: line for line in old if (a := read_attendee(line)) is not None}
        if _read(old) == activity.attendees:
            return ()
        lines = [
            written_attendee(attendee, guests.get(attendee.email))
            for attendee in activity.attendees
        ]
        others = [line for line in old if is_own(line) or read_attendee(line) is None]
        return (PropertyChange(name="ATTENDEE", lines=(*lines, *others)),)

    def read(self, component: ContentComponent, activity: Activity, reading: Reading) -> Activity:
        """Read every guest who has an e-mail address."""
        return edited(activity, attendees=guests_of(component))


def guests_of(component: ContentComponent) -> tuple[Attendee, ...]:
    """Return every guest who has an e-mail address."""
    return _read(component.all("ATTENDEE"))


def has_same_guests(component: ContentComponent, previous: ContentComponent) -> bool:
    """Return whether a client's edit left the lines of the guests alone."""
    lines, before = ([line.text for line in c.all("ATTENDEE")] for c in (component, previous))
    return lines == before


def read_attendee(line: ContentLine) -> Attendee | None:
    """Return the guest of an ATTENDEE line; None for one without an e-mail address."""
    address = address_of(line)
    if not address:
        return None
    return Attendee(
        email=address,
        name=line.parameter("CN"),
        reply=_REPLIES.get(line.parameter("PARTSTAT").upper(), Reply.NEEDS_ACTION),
        optional=line.parameter("ROLE").upper() in _OPTIONAL,
    )


def address_of(line: ContentLine) -> str:
    """Return the e-mail address of an ATTENDEE or ORGANIZER line, "" for other addresses."""
    value = line.value.strip()
    return value[len(_SCHEME) :].strip() if value.lower().startswith(_SCHEME) else ""


def attendee_line(attendee: Attendee) -> ContentLine:
    """Return the ATTENDEE line of a guest."""
    return written_attendee(attendee, None)


def is_own(line: ContentLine) -> bool:
    """Return whether an ATTENDEE line is marked as the owner's own."""
    return line.parameter(OWN).upper() == "TRUE"


def has_guests(component: ContentComponent, own_addresses: Collection[str] = ()) -> bool:
    """Return whether somebody but the organizer and the owner is invited."""
    organizers = {address_of(line).casefold() for line in component.all("ORGANIZER")}
    hosts = organizers.union(own_addresses) - {""}
    return any(
        not is_own(line) and address_of(line).casefold() not in hosts
        for line in component.all("ATTENDEE")
    )


def _read(lines: Sequence[ContentLine]) -> tuple[Attendee, ...]:
    read = ((line, read_attendee(line)) for line in lines)
    found = {a.email: a for line, a in read if a is not None and not is_own(line)}
    return tuple(found.values())


def written_attendee(attendee: Attendee, old: ContentLine | None) -> ContentLine:
    """Return the ATTENDEE line of a guest; what else the old line says stays."""
    line = old or make_line("ATTENDEE", _SCHEME + attendee.email)
    present = read_attendee(line)
    if present is None or present.name != attendee.name:
        line = with_parameter(line, "CN", attendee.name)
    if present is None or present.reply != attendee.reply or old is None:
        line = with_parameter(line, "PARTSTAT", attendee.reply.value.upper())
    if present is None or present.optional != attendee.optional:
        role = "OPT-PARTICIPANT" if attendee.optional else ""
        line = with_parameter(line, "ROLE", role)
    return line
