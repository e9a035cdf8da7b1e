"""One meeting of several colleagues is one activity, whoever comes, changes it or leaves."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bridge.convert.properties.crm_links import linked_person
from bridge.domain.identifiers import uid_of_google_event
from bridge.domain.spans import TimedSpan
from bridge.errors import ObjectChanged
from bridge.ical.calendar_object import CalendarObject
from bridge.store.calendar_values import NewCalendar
from bridge.store.meeting_heirs import hand_over
from bridge.store.schema import google

GOOGLE = "X-CRM-ORIGIN:GOOGLE"
HOST = "boss@partner.example"
UID = "meeting@google.com"
SPAN = TimedSpan(
    start=datetime(2026, 3, 11, 14, tzinfo=UTC), end=datetime(2026, 3, 11, 15, tzinfo=UTC)
)


def invited(desk, summary="Kick-off", *more, host=HOST, uid=UID):
    """Return a meeting as the worker makes it of a guest's copy at Google."""
    login = desk.user.login
    return desk.vevent(
        uid,
        summary,
        f"ORGANIZER:mailto:{host}",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:Eva@partner.example",
        f"ATTENDEE;PARTSTAT=ACCEPTED;X-CRM-SELF=TRUE:mailto:{login}@acme.example",
        GOOGLE,
        *more,
    )


def bring(desk, *text, href="m.ics", **told):
    """Let the user's worker put the meeting."""
    return desk.put(invited(desk, *text, **told), href, origin=f"google:{desk.user.id}")


@pytest.fixture
def colleague(desk, make_user):
    """Boris, who attends too."""
    return replace(desk, user=make_user("boris"))


@pytest.fixture
def third(desk, make_user):
    """Cyril, who attends as well."""
    return replace(desk, user=make_user("cyril"))


def kept(*desks):
    """Return whose the living activities are, by owner id."""
    return [each.owner_id for desk in desks for each in desk.activities()]


def test_the_second_copy_shares_the_first_ones_activity(desk, colleague):
    """Each has an object with an own text, and there is one activity."""
    first = bring(desk)
    second = bring(colleague, "Kick-off", "X-OWN:colleague's")
    assert kept(desk, colleague) == [desk.user.id]
    assert (second.activity_id, second.shared_id) == (None, first.activity_id)
    assert "X-OWN:colleague's" in colleague.present("m.ics").text
    assert first.etag != second.etag


def test_only_the_keepers_text_is_read_into_the_activity(desk, colleague):
    """A colleague's later copy changes an object, the keeper's the activity."""
    number = bring(desk).activity_id
    bring(colleague)
    before = desk.activity(number)
    again = bring(colleague, "Renamed, I hear")
    assert (again.shared_id, desk.activity(number)) == (number, before)
    bring(desk, "Renamed")
    assert desk.activity(number).subject == "Renamed"
    assert "Renamed\\, I hear" not in desk.present("m.ics").text
    assert not desk.pending()
    assert not colleague.pending()


def test_a_phone_of_a_colleague_changes_the_colleagues_copy_only(desk, colleague):
    """It stays a copy, whoever writes it, and moves like any object."""
    number = bring(desk).activity_id
    bring(colleague)
    put = colleague.put(invited(colleague, "Mine"), "m.ics")
    assert (put.activity_id, put.shared_id, put.organizer) == (None, number, HOST)
    calendar = colleague.calendar()
    with colleague.database.write([colleague.user.id]) as work:
        work.calendars.move(
            calendar, put.href, calendar, "n.ics", origin="client", now=colleague.now
        )
    assert colleague.present("n.ics").shared_id == number
    assert desk.activity(number).subject == "Kick-off"


def test_a_meeting_whose_organizer_differs_is_another_one(desk, colleague):
    """Whoever copies a UID gets nothing by it."""
    bring(desk)
    other = bring(colleague, host="somebody@else.example")
    assert (other.shared_id, kept(desk, colleague)) == (None, [desk.user.id, colleague.user.id])


@pytest.mark.parametrize(
    ("first", "second"),
    [("client", "google:7"), ("google:7", "client"), ("crm", "google:7"), ("client", "client")],
)
def test_what_a_program_wrote_shares_nothing(desk, colleague, first, second):
    """Only a worker's word that it came from Google counts, for both copies."""
    desk.put(invited(desk), "m.ics", origin=first)
    put = colleague.put(invited(colleague), "m.ics", origin=second)
    assert (put.shared_id, kept(desk, colleague)) == (None, [desk.user.id, colleague.user.id])


def test_what_a_program_made_is_no_meeting_once_a_worker_changed_it(desk, colleague):
    """A forged copy that finds its way to Google and back was still not made of Google's."""
    desk.put(invited(desk), "m.ics")
    bring(desk, "Changed at Google")
    assert bring(colleague).shared_id is None


def test_a_worker_that_puts_back_what_was_made_here_shares_nothing(desk, colleague):
    """An item of our own that comes back from Google is not marked as Google's."""
    bring(desk)
    text = invited(colleague).replace(f"{GOOGLE}\r\n", "")
    assert colleague.put(text, "m.ics", origin="google:7").shared_id is None


def test_other_companies_share_nothing(desk, make_user, database, now):
    """A tenant never hears of another one's meeting."""
    with database.write() as work:
        other = work.companies.add("Globex", now)
    stranger = replace(desk, user=make_user("zoe", company_id=other.id))
    bring(desk)
    assert bring(stranger).shared_id is None
    assert kept(desk, stranger) == [desk.user.id, stranger.user.id]


def test_a_user_shares_nothing_with_oneself(desk):
    """Two objects of one UID in calendars of one home are two activities, as ever."""
    with desk.database.write([desk.user.id]) as work:
        new = NewCalendar(
            slug="more", components=frozenset({"VEVENT"}), default_type="meeting", properties={}
        )
        work.calendars.create(desk.user.id, new, now=desk.now)
    bring(desk)
    put = desk.put(invited(desk), "m.ics", "more", origin="google:7")
    assert put.activity_id is not None


def test_two_activities_of_before_stay_two(desk, colleague, foreign):
    """What an earlier version made twice is never merged, whatever is put later."""
    bring(desk, host="one@x.example")
    bring(colleague, host="two@x.example")
    bring(desk)
    bring(colleague)
    assert kept(desk, colleague) == [desk.user.id, colleague.user.id]


def test_the_organizers_event_without_guests_is_shared_with_whoever_is_invited_later(
    desk, colleague
):
    """Until there was a guest it named no organizer: it was the account's own."""
    with desk.database.write() as work:
        work.connections.add(
            desk.user,
            account_email="Anna@Gmail.example",
            google_subject="1",
            granted_scopes=frozenset(),
            now=desk.now,
        )
    first = desk.put(desk.vevent(UID, "Alone", GOOGLE), "m.ics", origin="google:1")
    assert bring(colleague, host="anna@gmail.example").shared_id == first.activity_id


def test_an_event_that_names_no_organizer_is_not_anybodys(desk, colleague):
    """Only an account of its owner's may stand for what is not named."""
    desk.put(desk.vevent(UID, "Alone", GOOGLE), "m.ics", origin="google:1")
    assert bring(colleague, host="anna@gmail.example").shared_id is None
    assert desk.put(desk.vevent("b@x", "B", GOOGLE), "b.ics", origin="google:1").shared_id is None


@pytest.fixture
def made_here(desk):
    """Return a function that adds an activity of the CRM's, linked to an event of an account's."""

    def make(account, event):
        number = desk.add(span=SPAN, type_key="meeting", subject="Ours").id
        (stored,) = desk.objects()
        mine = {"company_id": desk.user.company_id}
        with desk.database.write() as work:
            connection = work.connections.add(
                desk.user,
                account_email=account,
                google_subject="1",
                granted_scopes=frozenset(),
                now=desk.now,
            )
            mine["connection_id"] = connection.id
            link = google.Link.__table__.insert().values(uid=stored.uid, origin="calendar", **mine)
            mine["link_id"] = work.connection.execute(link).inserted_primary_key[0]
            told = google.LinkEvent.__table__.insert().values(google_event_id=event, **mine)
            work.connection.execute(told)
        return number, stored.href

    return make


def test_a_meeting_made_here_is_shared_with_whom_its_account_invites(desk, colleague, made_here):
    """Known by its event, and passed on like any other."""
    number, href = made_here("Anna@gmail.example", "event1")
    uid = uid_of_google_event("event1")
    copy = bring(colleague, host="anna@gmail.example", uid=uid)
    assert (copy.shared_id, kept(desk, colleague)) == (number, [desk.user.id])
    desk.delete(href)
    assert colleague.present("m.ics").activity_id == number
    assert kept(desk, colleague) == [colleague.user.id]


@pytest.mark.parametrize(("host", "event"), [(HOST, "event1"), ("anna@gmail.example", "event2")])
def test_an_event_of_another_organizer_or_id_is_not_what_was_made_here(
    desk, colleague, made_here, host, event
):
    """Whoever gives an own event somebody else's id gets nothing by it."""
    made_here("anna@gmail.example", "event1")
    assert bring(colleague, host=host, uid=uid_of_google_event(event)).shared_id is None


def leave_by_client(desk):
    """Delete the object."""
    desk.delete("m.ics")


def leave_by_crm(desk):
    """Delete the activity on the pages."""
    number = desk.present("m.ics").activity_id
    with desk.database.write([desk.user.id]) as work:
        work.activities.delete(number, now=desk.now)


def leave_for_good(desk):
    """Be removed from the installation."""
    with desk.database.write() as work:
        work.users.remove(desk.user.id)


@pytest.mark.parametrize("leave", [leave_by_client, leave_by_crm, leave_for_good])
def test_when_the_keeper_leaves_the_activity_passes_on(desk, colleague, third, leave):
    """The longest sharer keeps it from then on, with note and links, in one's own object."""
    number = bring(desk).activity_id
    with desk.database.write() as work:
        person = work.contacts.add_person(desk.user.company_id, "Eva", now=desk.now)
    desk.update(replace(desk.activity(number), note="They pay late", done=True, person=person))
    bring(colleague, "Kick-off", "LOCATION:Room 2")
    bring(third)
    leave(desk)
    inherited = colleague.activity(number)
    assert inherited.deleted_at is None
    assert (inherited.owner_id, inherited.note) == (colleague.user.id, "They pay late")
    assert (inherited.location, inherited.done, inherited.person) == ("Room 2", True, person)
    assert kept(colleague, third) == [colleague.user.id]
    assert third.present("m.ics").shared_id == number
    colleague.reconcile()
    stored = colleague.present("m.ics")
    assert (stored.activity_id, stored.shared_id) == (number, None)
    assert linked_person(stored.object.head()).id == person.id
    assert not colleague.pending()
    assert bring(colleague, "Moved").activity_id == number
    assert colleague.activity(number).subject == "Moved"


def test_a_keeper_who_comes_back_shares(desk, colleague):
    """Exactly one of them keeps it at any time."""
    number = bring(desk).activity_id
    bring(colleague)
    desk.delete("m.ics")
    colleague.reconcile()
    assert bring(desk).shared_id == number
    assert kept(desk, colleague) == [colleague.user.id]


def test_when_a_colleague_leaves_only_the_share_goes(desk, colleague):
    """The activity stays its keeper's, and goes with the keeper's object."""
    number = bring(desk).activity_id
    bring(colleague)
    before = desk.activity(number)
    colleague.delete("m.ics")
    assert (desk.activity(number), colleague.objects()) == (before, [])
    desk.delete("m.ics")
    assert kept(desk, colleague) == []


def test_a_private_activity_passes_nothing_on(desk, colleague, third):
    """The heirs get one that says what their own copies say, and no more."""
    number = bring(desk, "Kick-off", "CLASS:PRIVATE").activity_id
    desk.update(replace(desk.activity(number), note="Secret"))
    bring(colleague)
    bring(third)
    desk.delete("m.ics")
    colleague.reconcile(third.user)
    (made,) = colleague.activities()
    assert made.id != number
    assert (made.note, made.private, made.subject) == ("", False, "Kick-off")
    assert third.present("m.ics").shared_id == made.id
    assert [each.note for each in desk.activities(deleted=True)] == ["Secret"]
    assert kept(desk, colleague, third) == [colleague.user.id]


def test_what_another_program_deletes_is_made_anew_for_who_still_attends(desk, colleague, foreign):
    """The row is that program's; the meeting is on in the colleague's calendar."""
    number = bring(desk).activity_id
    bring(colleague)
    foreign("DELETE FROM activities WHERE id = :id", id=number)
    desk.reconcile()
    colleague.reconcile()
    assert (desk.objects(), kept(desk)) == ([], [])
    assert kept(colleague) == [colleague.user.id]
    stored = colleague.present("m.ics")
    assert stored.activity_id == colleague.activities()[0].id


@pytest.mark.parametrize("by", ["crm", "another program"])
def test_an_activity_given_to_a_colleague_who_shares_it_changes_places(
    desk, colleague, foreign, by
):
    """The colleague's object becomes the activity's and the other one a copy; none is made."""
    number = bring(desk).activity_id
    bring(colleague)
    if by == "crm":
        given = replace(desk.activity(number), owner_id=colleague.user.id)
        desk.update(given, colleague.user)
    else:
        foreign(
            "UPDATE activities SET owner_id = :owner WHERE id = :id",
            owner=colleague.user.id,
            id=number,
        )
        desk.reconcile(colleague.user)
    mine, theirs = desk.present("m.ics"), colleague.present("m.ics")
    assert (mine.activity_id, mine.shared_id) == (None, number)
    assert (theirs.activity_id, theirs.shared_id) == (number, None)
    assert (len(desk.objects()), len(colleague.objects())) == (1, 1)


def test_an_activity_given_to_somebody_else_is_still_shared(desk, colleague, third):
    """It passes on from there as from anybody."""
    number = bring(desk).activity_id
    bring(colleague)
    desk.update(replace(desk.activity(number), owner_id=third.user.id), third.user)
    assert colleague.present("m.ics").shared_id == number
    third.delete("m.ics")
    assert kept(desk, colleague, third) == [colleague.user.id]


def test_a_calendar_of_ones_own_that_goes_passes_its_meetings_on(desk, colleague):
    """Removing it whole is leaving all of them."""
    new = NewCalendar(
        slug="more", components=frozenset({"VEVENT"}), default_type="meeting", properties={}
    )
    with desk.database.write([desk.user.id]) as work:
        calendar = work.calendars.create(desk.user.id, new, now=desk.now)
    numbers = {}
    for uid, line in (("one@x", "X-N:1"), ("two@x", "CLASS:PRIVATE"), ("three@x", "X-N:3")):
        text = invited(desk, "Kick-off", line, uid=uid)
        numbers[uid] = desk.put(text, f"{uid}.ics", "more", origin="google:7").activity_id
    bring(colleague, href="1.ics", uid="one@x")
    bring(colleague, href="2.ics", uid="two@x")
    with desk.database.write([desk.user.id]) as work:
        work.calendars.remove(calendar, now=desk.now)
    assert kept(desk) == []
    assert len(kept(colleague)) == 2
    assert colleague.present("1.ics").activity_id == numbers["one@x"]
    assert colleague.present("2.ics").activity_id not in {None, numbers["two@x"]}


def test_workers_that_come_at_the_same_moment_make_one_activity(desk, make_user):
    """Whoever loses the race shares."""
    desks = [replace(desk, user=make_user(f"user{number}")) for number in range(4)]
    start = threading.Barrier(len(desks))

    def arrive(one):
        start.wait()
        bring(one)

    _at_once([lambda one=one: arrive(one) for one in desks])
    assert len(kept(*desks)) == 1
    copies = [one.present("m.ics") for one in desks]
    numbers = {copy.activity_id or copy.shared_id for copy in copies}
    assert (len(numbers), None in numbers) == (1, False)


def test_one_comes_while_the_keeper_leaves(desk, colleague, third):
    """In whatever order it happens, one activity is left, and it is somebody's who attends."""
    for number in range(6):
        href, uid = f"{number}.ics", f"{number}@x"
        bring(desk, href=href, uid=uid)
        if number % 2:
            bring(third, href=href, uid=uid)
        _at_once(
            [
                lambda href=href: desk.delete(href),
                lambda href=href, uid=uid: bring(colleague, href=href, uid=uid),
            ]
        )
    assert kept(desk) == []
    assert len(kept(colleague, third)) == 6


def sync(desk):
    """Let the user have a connection that syncs."""
    with desk.database.write() as work:
        made = work.connections.add(
            desk.user,
            account_email=f"{desk.user.login}@gmail.example",
            google_subject=desk.user.login,
            granted_scopes=frozenset(),
            now=desk.now,
        )
        mine = google.Connection.__table__.update().where(google.Connection.id == made.id)
        work.connection.execute(mine.values(state="active"))


def take_over(desk, number):
    """Let somebody take an activity over from the user, if anybody may."""
    with desk.database.write([desk.user.id]) as work:
        return hand_over(work.connection, number, now=desk.now)


def test_only_a_colleague_who_syncs_takes_over_from_who_does_not(desk, colleague, third):
    """The keeper's object is a copy from then on, as it was, and asking again changes nothing."""
    before = bring(desk)
    number = before.activity_id
    bring(colleague)
    bring(third, "Kick-off", "LOCATION:Room 2")
    assert not take_over(desk, number)
    sync(third)
    assert take_over(desk, number)
    assert not take_over(desk, number)
    third.reconcile(desk.user)
    after = desk.present("m.ics")
    assert (after.shared_id, after.etag, after.text) == (number, before.etag, before.text)
    assert colleague.present("m.ics").shared_id == number
    assert (kept(desk, colleague, third), third.activity(number).location) == (
        [third.user.id],
        "Room 2",
    )
    sync(desk)
    assert bring(desk, "Later").shared_id == number
    assert not any(one.pending() for one in (desk, colleague, third))


def test_one_comes_and_one_leaves_while_an_idle_keepers_meeting_is_taken_over(
    desk, colleague, third
):
    """In whatever order it happens, there is one activity, and somebody's who attends."""

    def leave(one, href):
        while one.object(href) is not None:
            try:
                one.delete(href)
            except ObjectChanged:
                one.reconcile()

    sync(colleague)
    for number in range(6):
        told = {"href": f"{number}.ics", "uid": f"{number}@x"}
        made = bring(desk, **told).activity_id
        bring(colleague, **told)
        actions = [
            lambda made=made: take_over(desk, made),
            lambda told=told: bring(third, **told),
        ]
        if number % 2:
            actions.append(lambda told=told: leave(colleague, told["href"]))
        _at_once(actions)
    for one in (desk, colleague, third):
        one.reconcile()
    assert len(kept(desk, colleague, third)) == 6
    copies = [each for one in (desk, colleague, third) for each in one.objects()]
    assert len(copies) == 15
    assert sum(each.activity_id is not None for each in copies) == 6


def test_when_all_leave_at_once_nothing_is_left(desk, make_user):
    """As when a meeting is called off; who is told to look again does so."""
    desks = [replace(desk, user=make_user(f"user{number}")) for number in range(4)]
    for one in desks:
        bring(one)

    def leave(one):
        while one.objects():
            try:
                one.delete("m.ics")
            except ObjectChanged:
                one.reconcile()

    _at_once([lambda one=one: leave(one) for one in desks])
    assert kept(*desks) == []


@pytest.mark.parametrize("dialect", ["postgresql"], indirect=True)
def test_a_copy_that_became_the_keepers_meanwhile_is_not_overwritten(desk, colleague):
    """Its writer is told that it changed, and looks again; SQLite has one writer at a time."""
    bring(desk)
    bring(colleague)
    read, written, failed = threading.Event(), threading.Event(), []
    calendar = colleague.calendar()

    def hand_over(_holder):
        read.set()
        assert written.wait(20)

    def put():
        item = CalendarObject.parse(invited(colleague, "Later"))
        told = {"origin": "google:7", "now": colleague.now, "demand": hand_over}
        try:
            with colleague.database.write([colleague.user.id]) as work:
                work.calendars.put(calendar, "m.ics", item, **told)
        except ObjectChanged as error:
            failed.append(error)

    worker = threading.Thread(target=put)
    worker.start()
    assert read.wait(20)
    desk.delete("m.ics")
    written.set()
    worker.join(20)
    assert len(failed) == 1
    assert kept(desk, colleague) == [colleague.user.id]


def test_sharing_costs_those_who_share_nothing_one_question(desk, counting):
    """A worker's new meeting asks once for a colleague's, and on PostgreSQL holds it first."""
    desk.put(desk.vevent("warm@x"), "warm.ics")
    with counting() as plain:
        desk.put(desk.vevent("a@x"), "a.ics")
    with counting() as alone:
        desk.put(desk.vevent("b@x", "B", GOOGLE), "b.ics", origin="google:7")
    with counting() as again:
        desk.put(desk.vevent("a@x", "A"), "a.ics")
    with counting() as meeting:
        bring(desk, href="c.ics")
    locks = desk.database.dialect != "sqlite"
    assert len(alone) == len(plain)
    # The guests of the meeting are written by one statement more, and it is asked whether they are
    # to become persons.
    assert len(meeting) == len(plain) + 3 + locks
    assert len(again) <= len(plain)


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_meeting_is_found_by_indexes(desk, colleague, plans):
    """Neither who comes nor who leaves walks a calendar."""
    bring(desk)
    with plans() as steps:
        bring(colleague)
        desk.delete("m.ics")
    walked = {step.split()[1] for step in steps if step.startswith("SCAN")}
    assert walked & {"calendar_objects", "links", "link_events", "activities"} == set()


def _at_once(actions):
    failed = []

    def run(action):
        try:
            action()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=run, args=(action,)) for action in actions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
