"""Guests of events at Google among the persons of the CRM, all the way from Google's page (E1)."""

from __future__ import annotations

from dataclasses import replace

from bridge.application.activity_editing import ActivityEditing

ASIDE = [
    {"email": "ben@example.com"},
    {"email": "c_1@resource.calendar.google.com", "resource": True},
]
EVA = {"email": "eva@partner.example", "displayName": "Eva Malá"}


def choose(office, name, *, on):
    """Switch the option for a user's connection."""
    connection = office.syncs[name]
    with office.core.database.write() as work:
        settings = replace(connection.settings, persons_from_guests=on)
        work.connections.save(replace(connection, settings=settings))


def persons(office, name):
    """Return names and addresses of the persons of a user's company."""
    company = office.user(name).company_id
    with office.core.database.read() as work:
        found = work.contacts.persons(company)
    return [(each.name, each.email) for each in found]


def seen(office, name):
    """Return who of the guests of a user's activities is shown as a person, by subject."""
    editing = ActivityEditing(office.core.database, clock=office.core.clock)
    user = office.user(name)
    return {
        each.subject: [one.name for one in editing.open(user, each.id).persons.values()]
        for each in office.activities(name)
    }


def test_guests_stay_addresses_until_their_user_lets_them_become_persons(joined):
    """What came in before is left alone; colleagues and rooms are nobody's contacts."""
    office = joined("anna", "ben")
    office.invite("anna", attendees=[*ASIDE, EVA], summary="Before")
    office.run("anna")
    assert persons(office, "anna") == []
    assert seen(office, "anna") == {"Before": []}

    choose(office, "anna", on=True)
    office.run("anna")
    assert persons(office, "anna") == []
    office.invite("anna", attendees=[*ASIDE, EVA], summary="After")
    office.run("anna")
    assert persons(office, "anna") == [("Eva Malá", "eva@partner.example")]
    assert seen(office, "anna") == {"Before": ["Eva Malá"], "After": ["Eva Malá"]}


def test_a_person_who_is_made_is_written_nowhere(joined):
    """The next runs have nothing to do, and Google's event is as it was."""
    office = joined("anna")
    choose(office, "anna", on=True)
    office.invite("anna", attendees=[EVA])
    office.run("anna")
    before = office.events("anna")
    assert len(persons(office, "anna")) == 1
    assert office.run_once("anna").done == 0
    assert office.events("anna") == before
    (activity,) = office.activities("anna")
    assert (activity.person, activity.participants) == (None, ())


def test_an_answer_and_the_end_of_the_option_leave_persons_alone(joined):
    """One person for the address, whatever else of the event changes."""
    office = joined("anna")
    choose(office, "anna", on=True)
    event = office.invite("anna", attendees=[EVA])
    office.run("anna")
    answered = {"attendees": [{**EVA, "responseStatus": "accepted"}], "summary": "Later"}
    office.act("anna", "edit", event=event, fields=answered)
    office.run("anna")
    choose(office, "anna", on=False)
    office.act(
        "anna", "edit", event=event, fields={"attendees": [{"email": "jan@partner.example"}]}
    )
    office.run("anna")
    assert persons(office, "anna") == [("Eva Malá", "eva@partner.example")]
