"""Persons made of guests whom the CRM does not know, where a connection's user chose so (E1)."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date

import pytest

from bridge.domain.sync_settings import SyncSettings
from bridge.ical.calendar_object import CalendarObject

EVA = "ATTENDEE;CN=Eva  Malá:mailto:Eva@partner.example"
GOOGLE = "X-CRM-ORIGIN:GOOGLE"


@pytest.fixture
def connect(database):
    """Return a function that connects a desk's user; gives what its worker writes as origin."""

    def connected(desk, *, chosen=True):
        settings = SyncSettings(
            incoming_type="meeting",
            outgoing_types=frozenset(),
            sync_from=date(2026, 3, 1),
            persons_from_guests=chosen,
        )
        with database.write() as work:
            new = work.connections.add(
                desk.user,
                account_email=f"{desk.user.login}@gmail.example",
                google_subject=desk.user.login,
                granted_scopes=frozenset({"openid"}),
                now=desk.now,
            )
            work.connections.save(replace(new, settings=settings))
        return f"google:{new.id}"

    return connected


@pytest.fixture
def persons(foreign):
    """Return a function that tells name, address and owner of all persons."""

    def told():
        found = foreign("SELECT name, email, owner_id FROM persons ORDER BY id")
        return [tuple(row) for row in found]

    return told


@pytest.fixture
def worker(desk, connect):
    """Origin of Anna's worker, for whom the option is on."""
    return connect(desk)


@pytest.fixture
def boris(desk, connect, make_user):
    """A colleague with an account of his own at Google, and origin of his worker."""
    return connect(replace(desk, user=make_user("boris", email="boris@acme.example")), chosen=False)


def bring(desk, origin, *lines, uid="m@google.com", href="m.ics", summary="Kick-off"):
    """Let a worker put an event of Google's."""
    return desk.put(desk.vevent(uid, summary, GOOGLE, *lines), href, origin=origin)


def test_an_unknown_guest_becomes_a_person_of_the_user(desk, worker, persons):
    """With the name that Google tells; the activity is not linked to it."""
    put = bring(desk, worker, EVA, "ATTENDEE:mailto:jan.novak@partner.example")
    assert persons() == [
        ("Eva Malá", "Eva@partner.example", desk.user.id),
        ("jan.novak", "jan.novak@partner.example", desk.user.id),
    ]
    activity = desk.activity(put.activity_id)
    assert (activity.person, activity.participants) == (None, ())
    with desk.database.read() as work:
        known = work.guest_persons.of(activity, desk.user.id)
    assert {person.name for person in known.values()} == {"Eva Malá", "jan.novak"}


def test_nobody_is_made_while_the_option_is_off(desk, connect, persons):
    """Nor for a connection that has no options, or is none."""
    bring(desk, connect(desk, chosen=False), EVA)
    bring(desk, "google:999", EVA, uid="b@google.com", href="b.ics")
    assert persons() == []


@pytest.mark.parametrize("origin", ["client", "crm"])
def test_other_writers_make_nobody(desk, worker, persons, origin):
    """A calendar program's guests stay plain addresses, also in an event of Google's."""
    bring(desk, origin, EVA)
    assert worker
    assert persons() == []


def test_one_address_is_one_person_however_often_it_comes(desk, worker, persons):
    """In one event, in the next run, in another event, in another spelling."""
    again = "ATTENDEE;CN=E. M.:mailto:EVA@PARTNER.EXAMPLE"
    bring(desk, worker, EVA, again)
    bring(desk, worker, again, summary="Another title")
    bring(desk, worker, again, uid="b@google.com", href="b.ics")
    assert [name for name, *_ in persons()] == ["Eva Malá"]


def test_who_is_a_person_already_is_not_made_again(desk, worker, persons, foreign):
    """Not even after somebody deleted them: the CRM's people decided."""
    with desk.database.write() as work:
        work.contacts.add_person(
            desk.user.company_id, "Eva", email="eva@PARTNER.example", now=desk.now
        )
    bring(desk, worker, EVA)
    foreign("UPDATE persons SET deleted_at = created_at")
    bring(desk, worker, EVA, uid="b@google.com", href="b.ics")
    assert len(persons()) == 1


def test_a_person_of_another_company_does_not_count(desk, worker, persons):
    """Companies know nothing of each other."""
    with desk.database.write() as work:
        other = work.companies.add("Other", desk.now)
        work.contacts.add_person(other.id, "Eva", email="eva@partner.example", now=desk.now)
    bring(desk, worker, EVA)
    assert [name for name, *_ in persons()] == ["Eva", "Eva Malá"]


@pytest.mark.parametrize(
    "guest",
    [
        "ATTENDEE:mailto:anna@acme.example",
        "ATTENDEE:mailto:Anna@Gmail.example",
        "ATTENDEE;X-CRM-SELF=TRUE:mailto:alias@partner.example",
        "ATTENDEE:mailto:Boris@acme.example",
        "ATTENDEE:mailto:boris@gmail.example",
        "ATTENDEE;CUTYPE=ROOM:mailto:hall@partner.example",
        "ATTENDEE;CUTYPE=resource:mailto:car@partner.example",
        "ATTENDEE;CUTYPE=GROUP:mailto:everybody@partner.example",
        "ATTENDEE:mailto:c_1a2b@resource.calendar.google.com",
        "ATTENDEE:mailto:c_1a2b@Group.Calendar.Google.com",
        "ATTENDEE:mailto:unknownorganizer@calendar.google.com",
        "ATTENDEE:mailto:nowhere",
        "ATTENDEE:urn:uuid:1",
    ],
)
def test_users_rooms_and_what_is_no_address_are_no_persons(desk, worker, boris, persons, guest):
    """Of users neither the CRM's address nor the account at Google."""
    assert boris
    bring(desk, worker, guest)
    assert persons() == []


def test_a_login_that_is_an_address_is_a_colleagues(desk, worker, make_user, persons):
    """Many companies sign in so."""
    make_user("eva@partner.example", email="")
    bring(desk, worker, EVA)
    assert persons() == []


def test_guests_of_a_private_event_become_persons_when_it_is_no_longer_private(
    desk, worker, persons
):
    """Until then only its owner may know with whom it is."""
    bring(desk, worker, EVA, "CLASS:PRIVATE")
    bring(desk, worker, EVA, "CLASS:PRIVATE", summary="Another title")
    assert persons() == []
    bring(desk, worker, EVA)
    assert [name for name, *_ in persons()] == ["Eva Malá"]


def test_what_came_in_before_is_not_touched_but_by_a_new_guest(desk, worker, connect, persons):
    """The option holds from now on: replies and titles of old events make nobody."""
    before = connect(desk, chosen=False)
    bring(desk, before, EVA)
    bring(desk, worker, EVA.replace("ATTENDEE", "ATTENDEE;PARTSTAT=ACCEPTED"), summary="Later")
    assert persons() == []
    bring(desk, worker, EVA, "ATTENDEE;CN=Jan:mailto:jan@partner.example")
    assert [name for name, *_ in persons()] == ["Jan"]


def test_a_write_that_is_taken_back_makes_nobody(desk, worker, persons):
    """They come in the transaction of the activity, or not at all."""
    calendar = desk.calendar()
    item = CalendarObject.parse(desk.vevent("m@google.com", "Kick-off", GOOGLE, EVA))

    def cut_off():
        with desk.database.write([desk.user.id]) as work:
            work.calendars.put(calendar, "m.ics", item, origin=worker, now=desk.now)
            raise RuntimeError("cut off")

    with pytest.raises(RuntimeError):
        cut_off()
    assert persons() == []


def test_persons_made_here_are_no_change_of_another_program(desk, worker):
    """Nothing has to be reconciled, and nothing is written again because of them."""
    put = bring(desk, worker, EVA)
    assert not desk.pending()
    assert desk.reconcile() == 0
    assert desk.present("m.ics") == put


def test_workers_of_colleagues_who_bring_one_guest_at_once_make_one_person(
    desk, connect, make_user, persons
):
    """Each in a meeting of its own."""
    desks = [replace(desk, user=make_user(f"user{number}")) for number in range(4)]
    origins = [connect(one) for one in desks]
    start, failed = threading.Barrier(len(desks)), []

    def arrive(number):
        start.wait()
        try:
            bring(desks[number], origins[number], EVA, uid=f"m{number}@google.com")
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=arrive, args=(number,)) for number in range(len(desks))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert [name for name, *_ in persons()] == ["Eva Malá"]


def test_it_costs_nothing_where_it_is_not_used(desk, worker, connect, counting):
    """Nothing without guests or for a client; one question where it is off, three for the known."""
    off = connect(desk, chosen=False)
    numbers = iter(range(100))

    def cost(origin, *lines):
        number = next(numbers)
        text = desk.vevent(f"n{number}@x", "Lunch", *lines)
        with counting() as sent:
            desk.put(text, f"n{number}.ics", origin=origin)
        return len(sent)

    cost("client", EVA)
    assert cost(worker) == cost("client")
    with_guests = cost("client", EVA)
    assert cost(off, EVA) == with_guests + 1
    assert cost(worker, EVA) == with_guests + 6
    assert cost(worker, EVA) == with_guests + 3
