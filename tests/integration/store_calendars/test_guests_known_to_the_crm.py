"""Guests shown as the persons they are: by address, looked up and never stored (features E1)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.domain.activity import Attendee

EVA = "ATTENDEE;CN=Eva:mailto:Eva@Example.org"


@pytest.fixture
def add(desk, database):
    """Return a function that adds a person to the desk's company, or to another one."""

    def added(name, email="eva@example.org", **more):
        company = more.pop("company_id", desk.user.company_id)
        with database.write() as work:
            return work.contacts.add_person(company, name, email=email, now=desk.now, **more)

    return added


@pytest.fixture
def known(desk, database):
    """Return a function that tells which guests of an activity are persons, by their names."""

    def told(activity):
        with database.read() as work:
            found = work.guest_persons.of(activity, desk.user.id)
        return {guest.email: person.name for guest, person in found.items()}

    return told


@pytest.fixture
def invited(desk):
    """An activity with a guest."""
    return desk.activity(desk.put(desk.vevent("a@x", "Lunch", EVA)).activity_id)


def test_a_guest_is_the_person_of_that_address_whatever_its_case(invited, add, known):
    """Nobody before there is one."""
    assert known(invited) == {}
    add("Eva Malá", "EVA@example.ORG")
    add("Adam", "adam@example.org")
    assert known(invited) == {"Eva@Example.org": "Eva Malá"}


def test_a_deleted_person_and_one_of_another_company_are_nobody(invited, add, known, foreign, desk):
    """Nothing of them may be shown."""
    gone = add("Gone")
    foreign("UPDATE persons SET deleted_at = created_at WHERE id = :id", id=gone.id)
    with desk.database.write() as work:
        other = work.companies.add("Other", desk.now).id
    add("Theirs", company_id=other)
    assert known(invited) == {}


def test_of_several_the_linked_one_counts_then_ones_own_then_the_first(
    invited, add, known, desk, make_user
):
    """The same one every time."""
    ben = make_user("ben")
    add("First", owner_id=ben.id)
    assert known(invited) == {"Eva@Example.org": "First"}
    add("Own", owner_id=desk.user.id)
    add("Own too", owner_id=desk.user.id)
    assert known(invited) == {"Eva@Example.org": "Own"}
    linked = add("Linked", owner_id=ben.id)
    assert known(replace(invited, participants=(linked,))) == {"Eva@Example.org": "Linked"}
    assert known(replace(invited, person=linked)) == {"Eva@Example.org": "Linked"}


def test_an_empty_address_matches_nobody(invited, add, known):
    """Most persons of a CRM may have none."""
    add("Without", "")
    assert known(replace(invited, attendees=(Attendee(email=""),))) == {}


def test_a_person_that_is_no_text_is_left_out(invited, add, known, desk, foreign):
    """SQLite lets other programs store anything; the activity is shown all the same."""
    odd = add("Odd")
    if desk.database.dialect == "sqlite":
        foreign("UPDATE persons SET name = CAST(x'ff' AS TEXT) WHERE id = :id", id=odd.id)
        assert known(invited) == {}
    add("Even")
    assert "Eva@Example.org" in known(invited)


def test_without_guests_nothing_is_asked_and_hundreds_cost_one_question(
    desk, known, counting, database
):
    """The look-up costs nothing where it is not used."""
    plain = desk.activity(desk.put(desk.vevent()).activity_id)
    many = replace(plain, attendees=tuple(Attendee(email=f"g{n}@example.org") for n in range(300)))
    counts = []
    for activity in (plain, replace(plain, attendees=many.attendees[:1]), many):
        with database.read() as work, counting() as sent:
            work.guest_persons.of(activity, desk.user.id)
        counts.append(len(sent))
    assert counts == [0, 1, 1]


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_the_look_up_uses_an_index(invited, database, desk, plans):
    """A company may have a hundred thousand contacts."""
    with database.read() as work, plans() as steps:
        work.guest_persons.of(invited, desk.user.id)
    assert any("ix_persons_address" in step for step in steps), steps


def test_a_look_changes_nothing_of_the_calendar_object(invited, add, known, desk):
    """Else what is written to Google would change with it."""
    before = desk.present()
    add("Eva Malá")
    assert known(invited)
    desk.reconcile()
    assert desk.present() == before
    assert desk.activity(invited.id).participants == ()
