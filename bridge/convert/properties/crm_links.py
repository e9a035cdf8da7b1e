"""Linked person, organization, deal: CONTACT, X-CRM-PERSON, X-CRM-ORGANIZATION, X-CRM-DEAL.

Written only: what a client makes of them does not change the CRM's links. The one exception is a
new activity from Google: a rule may link it, and one that goes on from another is linked as that
one is (`bridge.store.first_links`).
"""

from __future__ import annotations

from collections.abc import Sequence

from bridge.convert.properties.mapper import Reading, Writing
from bridge.domain.activity import Activity, Deal, Person
from bridge.domain.identifiers import Uid
from bridge.domain.rules import ActionKind
from bridge.ical.content_line import ContentLine, text_line, unescape_text, with_value
from bridge.ical.content_line import escape_text as escape
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent

PERSON = "X-CRM-PERSON"
ORGANIZATION = "X-CRM-ORGANIZATION"
DEAL = "X-CRM-DEAL"
ID = "X-CRM-ID"
CONTINUES = "X-CRM-CONTINUES"
"""UID of the series that a series was split off at Google."""
_LARGEST_ID = 2**63 - 1


class CrmLinksMapper:
    """`Activity.person`, `organization` and `deal`."""

    def write(self, activity: Activity, writing: Writing) -> Sequence[PropertyChange]:
        """Write name and id of each linked record, and whom to reach in words."""
        links = {
            PERSON: (activity.person.id, activity.person.name) if activity.person else None,
            ORGANIZATION: (activity.organization.id, activity.organization.name)
            if activity.organization
            else None,
            DEAL: (activity.deal.id, activity.deal.title) if activity.deal else None,
        }
        changes = [c for name, link in links.items() for c in _link(writing.base, name, link)]
        return (*changes, *_contact(writing.base, contact_text(activity)))

    def read(self, component: ContentComponent, activity: Activity, reading: Reading) -> Activity:
        """Leave the CRM's links as they are."""
        return activity


def contact_text(activity: Activity) -> str:
    """Return whom to reach: name, e-mail, phone and organization, what is known of them."""
    person, organization = activity.person, activity.organization
    parts = [person.name, person.email, person.phone] if person else []
    parts += [organization.name] if organization else []
    return ", ".join(part for part in parts if part)


def link_line(kind: ActionKind, number: int, name: str) -> ContentLine:
    """Return the line that names the person or deal that a rule links."""
    return text_line(PERSON if kind is ActionKind.PERSON else DEAL, name, {ID: str(number)})


def linked_person(component: ContentComponent) -> Person | None:
    """Return the person a component names, None without one or without an id."""
    number = _linked_id(component, PERSON)
    return None if number is None else Person(id=number, name=component.text(PERSON))


def linked_deal(component: ContentComponent) -> Deal | None:
    """Return the deal a component names, None without one or without an id."""
    number = _linked_id(component, DEAL)
    return None if number is None else Deal(id=number, title=component.text(DEAL))


def continued(component: ContentComponent) -> Uid | None:
    """Return the UID of the series that a new one goes on from, None for others."""
    uid = component.text(CONTINUES)
    return Uid(uid) if uid else None


def _linked_id(component: ContentComponent, name: str) -> int | None:
    line = component.first(name)
    told = "" if line is None else line.parameter(ID)
    known = told.isascii() and told.isdecimal() and len(told) <= len(str(_LARGEST_ID))
    return int(told) if known and int(told) <= _LARGEST_ID else None


def _link(
    base: ContentComponent | None, name: str, link: tuple[int, str] | None
) -> tuple[PropertyChange, ...]:
    lines = () if link is None else (text_line(name, link[1], {ID: str(link[0])}),)
    old = () if base is None else base.all(name)
    same = [line.meaning for line in old] == [line.meaning for line in lines]
    return () if same else (PropertyChange(name=name, lines=lines),)


def _contact(base: ContentComponent | None, wanted: str) -> tuple[PropertyChange, ...]:
    """Replace the CONTACT that we wrote, and no other."""
    old = () if base is None else base.all("CONTACT")
    ours = old[:1] if base is not None and _had_link(base) else ()
    if (unescape_text(ours[0].value) if ours else "") == wanted:
        return ()
    rest = tuple(line for line in old if line not in ours)
    return (PropertyChange(name="CONTACT", lines=(*_contact_lines(ours, wanted), *rest)),)


def _contact_lines(ours: tuple[ContentLine, ...], wanted: str) -> tuple[ContentLine, ...]:
    if not wanted:
        return ()
    return (with_value(ours[0], escape(wanted)) if ours else text_line("CONTACT", wanted),)


def _had_link(base: ContentComponent) -> bool:
    return base.first(PERSON) is not None or base.first(ORGANIZATION) is not None
