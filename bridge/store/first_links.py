"""What a new activity from Google is linked to from the start (features B8, F2).

A rule may name a person or a deal. Only a new object that says it came from Google is asked, and
only a living record of the same company counts whose id and name are both the ones that were
written: an id alone may mean somebody else in another installation. A series that was split off
another one at Google names that; it has the links and the note of it, if the same user has that
activity. Later edits of clients change no links (`crm_links`).
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select

from bridge.convert.lens_changes import is_from_google
from bridge.convert.properties.crm_links import continued, linked_deal, linked_person
from bridge.domain.activity import Activity
from bridge.domain.identifiers import Uid
from bridge.errors import InvalidInput
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.scanner import ContentComponent
from bridge.store.activity_rows import load_rows
from bridge.store.contacts import ContactRepository
from bridge.store.schema import crm, dav
from bridge.store.transaction import Transaction


def linked_at_first(transaction: Transaction, item: CalendarObject, activity: Activity) -> Activity:
    """Return a new activity with the links that its object names; nothing is asked without any."""
    head = item.head()
    uid = continued(head)
    if uid is not None and (linked := _going_on(transaction, uid, activity)) is not None:
        return linked
    return _by_rule(transaction, head, activity) if is_from_google(head) else activity


def _going_on(transaction: Transaction, uid: Uid, activity: Activity) -> Activity | None:
    """Return the activity with what no calendar tells of the one it goes on from; None without."""
    table, owner = dav.CalendarObject, activity.owner_id
    found = select(table.activity_id).where(table.owner_id == owner, table.uid == uid)
    row = crm.Activity
    rows = load_rows(transaction.connection, row.id.in_(found), row.owner_id == owner)
    try:
        before = next((each.activity(each.object_component or "VEVENT") for each in rows), None)
    except InvalidInput:
        return None  # it is reported where it is read for its own sake
    if before is None or before.company_id != activity.company_id:
        return None
    return replace(
        activity,
        person=before.person,
        organization=before.organization,
        deal=before.deal,
        participants=before.participants,
        note=before.note,
    )


def _by_rule(transaction: Transaction, head: ContentComponent, activity: Activity) -> Activity:
    contacts, company = ContactRepository(transaction), activity.company_id
    if (wanted := linked_person(head)) is not None:
        person = contacts.person(company, wanted.id)
        if person is not None and person.name == wanted.name:
            activity = replace(activity, person=person)
    if (told := linked_deal(head)) is not None:
        deal = contacts.deal(company, told.id)
        if deal is not None and deal.title == told.title:
            activity = replace(activity, deal=deal)
    return activity
