"""What a rule links a new activity from Google to, and what it does not (features B8)."""

from __future__ import annotations

import pytest

GOOGLE = "X-CRM-ORIGIN:GOOGLE"


@pytest.fixture
def contacts(desk, database):
    """A person and a deal of the desk's company."""
    with database.write() as work:
        person = work.contacts.add_person(desk.user.company_id, "Eva", now=desk.now)
        deal = work.contacts.add_deal(desk.user.company_id, "Big one", now=desk.now)
    return person, deal


def made(desk, *lines):
    """Return the activity of a new object with these lines."""
    return desk.activity(desk.put(desk.vevent("a@x", "Lunch", *lines)).activity_id)


def test_a_new_activity_from_google_is_linked_to_what_is_named(desk, contacts):
    """Id and name are both those of a living record."""
    person, deal = contacts
    activity = made(
        desk,
        GOOGLE,
        f"X-CRM-PERSON;X-CRM-ID={person.id}:Eva",
        f"X-CRM-DEAL;X-CRM-ID={deal.id}:Big one",
    )
    assert (activity.person, activity.deal) == (person, deal)


@pytest.mark.parametrize(
    "lines",
    [
        ["X-CRM-PERSON;X-CRM-ID={}:Eva"],
        [GOOGLE, "X-CRM-PERSON;X-CRM-ID={}:Adam"],
        [GOOGLE, "X-CRM-PERSON:Eva"],
        [GOOGLE, "X-CRM-PERSON;X-CRM-ID=99999:Eva"],
        [GOOGLE, "X-CRM-PERSON;X-CRM-ID=99999999999999999999:Eva"],
        [GOOGLE, "X-CRM-DEAL;X-CRM-ID={}:Eva"],
    ],
)
def test_what_is_not_certain_links_nothing(desk, contacts, lines):
    """Of a client, of another name, without an id, or of nobody."""
    activity = made(desk, *(line.format(contacts[0].id) for line in lines))
    assert (activity.person, activity.deal) == (None, None)


def test_an_edit_changes_no_links(desk, contacts):
    """Only what is new is asked: links belong to the CRM from then on."""
    text = desk.vevent("a@x", "Lunch", GOOGLE)
    put = desk.put(text)
    line = f"X-CRM-PERSON;X-CRM-ID={contacts[0].id}:Eva"
    desk.later(minutes=1).put(desk.vevent("a@x", "Dinner", GOOGLE, line))
    assert desk.activity(put.activity_id).person is None
