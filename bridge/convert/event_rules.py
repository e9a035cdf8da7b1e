"""What rules see of one of Google's items, and what they make of the activity it becomes."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from bridge.convert.google_people import answer_entry
from bridge.convert.properties.attendees import address_of, is_own, read_attendee
from bridge.convert.properties.classification import is_busy
from bridge.convert.properties.crm_links import link_line
from bridge.convert.rich_text import is_html, plain_text
from bridge.domain.rules import NO_COLOUR, ActionKind, EventTraits, RuleAction
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import ContentLine
from bridge.ical.scanner import ContentComponent

COLOUR = "X-GOOGLE-COLOR"
"""Number of the event's colour on Google's item; absent where it has its calendar's own."""


def traits_of(
    item: CalendarObject, *, event_type: str, own_addresses: Collection[str] = ()
) -> EventTraits:
    """Return what rules ask of Google's item; of a series, its master and all of its guests."""
    head = item.head()
    domains = {name for part in item.members() for name in _domains(part, own_addresses)}
    return EventTraits(
        text=f"{head.text('SUMMARY')}\n{_read(head.text('DESCRIPTION'))}",
        domains=frozenset(domains),
        colour=head.value(COLOUR) or NO_COLOUR,
        event_type=event_type,
        busy=is_busy(head),
        reply=_reply(head),
    )


def linking_lines(actions: Mapping[ActionKind, RuleAction]) -> list[ContentLine]:
    """Return the lines that link a new activity to what rules name."""
    return [
        link_line(kind, int(actions[kind].value), actions[kind].label)
        for kind in (ActionKind.PERSON, ActionKind.DEAL)
        if kind in actions
    ]


def _domains(component: ContentComponent, own_addresses: Collection[str]) -> set[str]:
    lines = [line for line in component.all("ATTENDEE") if not is_own(line)]
    addresses = {address_of(line).casefold() for line in (*lines, *component.all("ORGANIZER"))}
    others = addresses - set(own_addresses)
    return {address.rpartition("@")[2] for address in others if "@" in address}


def _read(description: str) -> str:
    """Return what a person reads; neither tags nor names of characters are words."""
    return plain_text(description) if is_html(description) else description


def _reply(head: ContentComponent) -> str:
    entry = answer_entry(head)
    attendee = None if entry is None else read_attendee(entry)
    return "" if attendee is None else attendee.reply.value
