"""The person, organization and deal that somebody named in a form, found among the company's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridge.application.activity_draft import Draft
from bridge.domain.activity import Activity
from bridge.domain.message import Message, template
from bridge.domain.users import User
from bridge.errors import InvalidInput
from bridge.store.contact_names import ContactKind, NamedContact
from bridge.store.unit_of_work import UnitOfWork

OFFERED = 200
_NUMBERED = re.compile(r"(.*\S) #(\d{1,18})", re.DOTALL)
_MOST_NAMED = 5
_UNKNOWN = {
    "person": template("there is no person named `%(name)s`"),
    "organization": template("there is no organization named `%(name)s`"),
    "deal": template("there is no deal named `%(name)s`"),
}
_SEVERAL = {
    "person": template("%(count)s persons are named `%(name)s`"),
    "organization": template("%(count)s organizations are named `%(name)s`"),
    "deal": template("%(count)s deals are named `%(name)s`"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedContacts:
    """Names to choose from: of the contacts added last."""

    persons: tuple[str, ...]
    organizations: tuple[str, ...]
    deals: tuple[str, ...]


def offered_contacts(work: UnitOfWork, user: User) -> OfferedContacts:
    """Return what a form offers, in three statements."""
    persons, organizations, deals = (
        tuple(
            label_of(each)
            for each in work.contact_names.latest(kind, user.company_id, limit=OFFERED)
        )
        for kind in (ContactKind.PERSON, ContactKind.ORGANIZATION, ContactKind.DEAL)
    )
    return OfferedContacts(persons=persons, organizations=organizations, deals=deals)


def label_of(contact: NamedContact) -> str:
    """Return a name that means this contact alone."""
    return f"{contact.name} #{contact.id}" if contact.shared else contact.name


def with_contacts(work: UnitOfWork, activity: Activity, draft: Draft, base: Activity) -> Activity:
    """Return an activity linked to what the draft names; a name left alone keeps its link.

    Raises:
        InvalidInput: A name is nobody's, or several contacts'.
    """
    company, contacts = activity.company_id, work.contacts
    if _differs(draft.person, base.person.name if base.person else ""):
        number = _found(work, ContactKind.PERSON, activity, draft.person)
        person = None if number is None else contacts.person(company, number)
        activity = replace(activity, person=person)
    if _differs(draft.organization, base.organization.name if base.organization else ""):
        number = _found(work, ContactKind.ORGANIZATION, activity, draft.organization)
        organization = None if number is None else contacts.organization(company, number)
        activity = replace(activity, organization=organization)
    if _differs(draft.deal, base.deal.title if base.deal else ""):
        number = _found(work, ContactKind.DEAL, activity, draft.deal)
        deal = None if number is None else contacts.deal(company, number)
        activity = replace(activity, deal=deal)
    return activity


def _differs(text: str, linked: str) -> bool:
    return text.strip() != linked.strip()


def _found(work: UnitOfWork, kind: ContactKind, activity: Activity, text: str) -> int | None:
    """Return the number of the contact that a text names, None for an empty text."""
    name = text.strip()
    if not name:
        return None
    found = work.contact_names.named(kind, activity.company_id, name)
    numbered = _NUMBERED.fullmatch(name)
    if not found and numbered is not None:
        bearers = work.contact_names.named(kind, activity.company_id, numbered[1])
        found = tuple(each for each in bearers if each.id == int(numbered[2]))
    if len(found) == 1:
        return found[0].id
    raise _refusal(kind, name, found)


def _refusal(kind: ContactKind, name: str, found: Sequence[NamedContact]) -> InvalidInput:
    if not found:
        return InvalidInput(
            Message(_UNKNOWN[kind.value], name=name),
            field=kind.value,
            hint=Message("choose one of the offered names, or leave it empty"),
        )
    labels = ", ".join(label_of(each) for each in found[:_MOST_NAMED])
    return InvalidInput(
        Message(_SEVERAL[kind.value], count=len(found), name=name),
        field=kind.value,
        hint=Message("write %(labels)s", labels=labels),
    )
