"""A series split off at Google keeps what only the CRM knows of the activity (features F2)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.domain.users import Role

CONTINUES = "X-CRM-CONTINUES:a@x"


@pytest.fixture
def linked(desk, database):
    """Return an activity of the desk's user with links and a note."""
    company, now = desk.user.company_id, desk.now
    desk.put(desk.vevent("a@x", "Lunch"))
    with database.write([desk.user.id]) as work:
        eva = work.contacts.add_person(company, "Eva", now=now)
        adam = work.contacts.add_person(company, "Adam", now=now)
        acme = work.contacts.add_organization(company, "Acme", now=now)
        deal = work.contacts.add_deal(company, "Big one", now=now)
        number = work.activities.id_of(desk.user.id, "a@x")
        links = {"person": eva, "organization": acme, "deal": deal, "participants": (eva, adam)}
        before = replace(work.activities.get(number), note="Likes tea", **links)
        work.activities.update(before, now=now)
    return before


def made(desk, *lines):
    """Return the activity of a new object with these lines."""
    return desk.activity(desk.put(desk.vevent("b@x", "Lunch", *lines), "b.ics").activity_id)


def crm_only(activity):
    """Return what no client's text says of an activity."""
    names = ("person", "organization", "deal", "participants", "note")
    return [getattr(activity, name) for name in names]


def test_the_rest_of_a_series_is_linked_as_the_series_is(desk, linked):
    """The note never leaves the CRM, and is not left behind either."""
    activity = made(desk, CONTINUES)
    assert crm_only(activity) == crm_only(linked)
    assert activity.id != linked.id


def test_of_a_deleted_series_nothing_is_taken(desk, linked):
    """What a person deleted is not to come back by another way."""
    desk.delete()
    assert crm_only(made(desk, CONTINUES)) == [None, None, None, (), ""]


@pytest.mark.parametrize("lines", [(), ("X-CRM-CONTINUES:none@x",)])
def test_nothing_is_taken_from_what_is_not_there(desk, linked, lines):
    """An object that names no other one, or one that the user does not have."""
    assert crm_only(made(desk, *lines)) == [None, None, None, (), ""]


def test_nothing_is_taken_from_another_users_activity(desk, linked, database):
    """A UID is no secret: whoever knows one learns nothing with it."""
    with database.write([desk.user.id]) as work:
        ben = work.users.add(
            desk.user.company_id,
            "ben",
            name="Ben",
            email="",
            timezone="UTC",
            role=Role.USER,
            password_hash=None,
            now=desk.now,
        )
    assert crm_only(made(replace(desk, user=ben), CONTINUES)) == [None, None, None, (), ""]


def test_an_edit_takes_nothing(desk, linked):
    """Links belong to the CRM once the object is there."""
    made(desk)
    assert crm_only(made(desk, CONTINUES)) == [None, None, None, (), ""]
