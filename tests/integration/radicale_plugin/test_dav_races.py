"""Many at once: one precondition lets one through, one UID gets one name, readers wait for none."""

from __future__ import annotations

import threading
import time

import pytest

from bridge.domain.identifiers import Href
from bridge.ical.calendar_object import CalendarObject

ONE = "/anna/activities/one.ics"
WRITERS = 5


def at_once(*requests):
    """Run the requests in threads that begin together; return the answers in their order.

    A request that is told to come back later (503) does so, as clients do.
    """
    answers = [None] * len(requests)
    start = threading.Barrier(len(requests))

    def run(number, request):
        start.wait(10)
        for _ in range(20):
            answers[number] = request()
            if answers[number].status != 503:
                return
            time.sleep(0.1)

    threads = [
        threading.Thread(target=run, args=(number, request))
        for number, request in enumerate(requests)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert None not in answers
    return answers


def put(client, event, etag, number):
    """Return a request that replaces the object."""
    text = event(summary=f"Writer {number}")
    return lambda: client.put(ONE, text, If_Match=etag)


def delete(client, _event, etag, _number):
    """Return a request that deletes the object."""
    return lambda: client.request("DELETE", ONE, headers={"If-Match": etag})


def move(client, _event, etag, number):
    """Return a request that gives the object a name of the writer's own."""
    target = f"/dav/anna/activities/moved{number}.ics"
    return lambda: client.request("MOVE", ONE, headers={"If-Match": etag, "Destination": target})


@pytest.mark.parametrize(
    "kinds",
    [[put], [delete], [move], [put, delete, move]],
    ids=["PUT", "DELETE", "MOVE", "all of them"],
)
def test_one_etag_lets_one_of_many_writers_through(crm, event, kinds):
    """The others hear 412, or 404 where the object went."""
    etag = crm.client("anna").put(ONE, event()).etag
    writers = [
        kinds[number % len(kinds)](crm.client("anna"), event, etag, number)
        for number in range(WRITERS)
    ]
    statuses = [answer.status for answer in at_once(*writers)]
    won = [number for number, status in enumerate(statuses) if status < 300]
    assert len(won) == 1, statuses
    assert {status for status in statuses if status >= 300} <= {404, 412}, statuses
    deleted = kinds[won[0] % len(kinds)] is delete
    assert len(crm.client("anna").sync("/anna/activities/").hrefs()) == (not deleted)


def test_one_etag_of_a_calendar_lets_one_of_many_writers_through(crm):
    """PROPPATCH under If-Match."""
    anna = crm.client("anna")
    etag = anna.propfind("/anna/activities/", "<D:getetag/>").text_of("{DAV:}getetag")

    def rename(number):
        body = (
            '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop>'
            f"<D:displayname>Name {number}</D:displayname>"
            "</D:prop></D:set></D:propertyupdate>"
        )
        client = crm.client("anna")
        return lambda: client.request("PROPPATCH", "/anna/activities/", body, {"If-Match": etag})

    statuses = [answer.status for answer in at_once(*map(rename, range(WRITERS)))]
    assert sorted(statuses) == [207] + [412] * (WRITERS - 1)
    name = anna.propfind("/anna/activities/", "<D:displayname/>").text_of("{DAV:}displayname")
    assert name == f"Name {statuses.index(207)}"


def test_one_uid_under_many_names_gets_one_of_them(crm, event):
    """All others are told of the conflict and of the name that has it."""
    clients = [crm.client("anna") for _ in range(WRITERS)]
    answers = at_once(
        *(
            lambda client=client, number=number: client.put(
                f"/anna/activities/name{number}.ics", event("same")
            )
            for number, client in enumerate(clients)
        )
    )
    statuses = [answer.status for answer in answers]
    assert sorted(statuses) == [201] + [409] * (WRITERS - 1)
    taken = f"/dav/anna/activities/name{statuses.index(201)}.ics"
    for answer in answers:
        if answer.status == 409:
            assert answer.condition == "no-uid-conflict"
            assert answer.text_of("{DAV:}href") == taken
    assert crm.client("anna").sync("/anna/activities/").hrefs() == [taken]


def test_readers_finish_while_a_writer_holds_the_home(crm, event, now):
    """Every kind of read shows what was committed, and soon."""
    anna = crm.client("anna")
    anna.put(ONE, event(summary="Committed"))
    window = '<C:comp-filter name="VEVENT"><C:time-range start="20260301T000000Z"/></C:comp-filter>'
    reads = [
        lambda: anna.get(ONE),
        lambda: anna.get("/anna/activities/"),
        lambda: anna.multiget("/anna/activities/", "/dav" + ONE),
        lambda: anna.query("/anna/activities/", window),
    ]
    listings = [
        lambda: anna.sync("/anna/activities/"),
        lambda: anna.propfind("/anna/activities/", "<D:getetag/>", depth="1"),
    ]
    home = crm.users["anna"].id
    with crm.database.write([home]) as work:
        calendar = work.calendars.calendar(home, "activities")
        item = CalendarObject.parse(event(summary="Still open"))
        work.calendars.put(calendar, Href("one.ics"), item, origin="client", now=now)
        began = time.perf_counter()
        answers = at_once(*reads, *listings)
        assert time.perf_counter() - began < 5
    assert {answer.status for answer in answers} <= {200, 207}
    for answer in answers[: len(reads)]:
        assert b"Committed" in answer.body
        assert b"Still open" not in answer.body
    assert b"Still open" in anna.get(ONE).body
