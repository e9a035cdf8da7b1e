"""What a new activity from Google is linked to, because a rule says so (features B8).

Only a new object that says it came from Google is asked, and only a living record of the same
company counts whose id and name are both the ones that were written: an id alone may mean somebody
else in another installation. Later edits of clients change no links (`crm_links`).
"""

from __future__ import annotations

from dataclasses import replace

from bridge.convert.lens_changes import is_from_google
from bridge.convert.properties.crm_links import linked_deal, linked_person
from bridge.domain.activity import Activity
from bridge.ical.calendar_object import CalendarObject
from bridge.store.contacts import ContactRepository
from bridge.store.transaction import Transaction


def linked_at_first(transaction: Transaction, item: CalendarObject, activity: Activity) -> Activity:
    """Return a new activity with the links that its object names; nothing is asked without any."""
    head = item.head()
    if not is_from_google(head):
        return activity
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
