"""Subscription links over HTTP: what a subscriber gets, what a stranger gets (feature H6)."""

import gzip
import logging
from datetime import timedelta

import pytest
from sqlalchemy import text
from werkzeug.test import Client

from bridge.application.calendar_links import CalendarLinks
from bridge.domain.identifiers import Href
from bridge.errors import InvalidInput, NotFound
from bridge.ical.calendar_object import CalendarObject
from bridge.log import redacted
from bridge.web.calendar_file import CalendarFiles

BASE_URL = "https://crm.example"
NEVER = (f"/calendars/{'a' * 32}.ics", "/calendars/x", "/calendars/%00%0a.ics", "/calendars/.ics")


class Clock:
    """A clock that tests move."""

    def __init__(self, now):
        self.instant = now

    def now(self):
        """Return the present time."""
        return self.instant


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request):
    """Links are read from each kind of database."""
    return request.param


@pytest.fixture
def clock(now):
    """A minute after everything was stored."""
    return Clock(now + timedelta(minutes=1))


@pytest.fixture
def links(database, user, clock):
    """The use cases."""
    return CalendarLinks(database, key=b"k" * 32, base_url=BASE_URL, clock=clock)


@pytest.fixture
def subscriber(links):
    """A program that reads addresses."""
    return Client(CalendarFiles(links))


@pytest.fixture
def put(database, user, now):
    """Return a function that stores an object as a client would."""

    def store(uid, *lines, collection="activities", at=now):
        kind = "VEVENT" if collection == "activities" else "VTODO"
        own = "".join(f"{line}\r\n" for line in (f"UID:{uid}", "DTSTAMP:20260301T000000Z", *lines))
        text = (
            f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\n"
            f"BEGIN:{kind}\r\n{own}END:{kind}\r\nEND:VCALENDAR\r\n"
        )
        with database.write([user.id]) as work:
            calendar = work.calendars.calendar(user.id, collection)
            item = CalendarObject.parse(text)
            work.calendars.put(calendar, Href(f"{uid}.ics"), item, origin="client", now=at)

    return store


@pytest.fixture
def some(put):
    """A meeting, a call, a private lunch and two to-dos."""
    start = "DTSTART:20260302T090000Z"
    put("m", start, "SUMMARY:Coffee", "CATEGORIES:Meeting", "ATTENDEE:mailto:bob@secret.example")
    put("c", start, "SUMMARY:Ring Bob", "CATEGORIES:Call")
    put("p", start, "SUMMARY:Surgery", "CLASS:PRIVATE")
    put("t", "DUE:20260302T090000Z", "SUMMARY:Offer", collection="tasks")
    put("u", "SUMMARY:Someday", collection="tasks")


def path_of(made):
    """Return the path of a new link."""
    assert made.address.startswith(f"{BASE_URL}/calendars/")
    return made.address.removeprefix(BASE_URL)


def test_a_link_shows_events_and_dated_todos_of_all_calendars(subscriber, links, some):
    """Private ones as busy blocks, undated to-dos and guests not at all."""
    answer = subscriber.get(path_of(links.make("anna", "display")))
    body = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "attachment" in answer.headers["Content-Disposition"]
    assert answer.headers["Cache-Control"] == "private, no-cache"
    for shown in ("Coffee", "Ring Bob", "Offer", "SUMMARY:Busy", "X-WR-CALNAME:Anna"):
        assert shown in body
    for hidden in ("Surgery", "Someday", "secret"):
        assert hidden not in body


def test_a_link_to_some_types_shows_only_these(subscriber, links, some):
    """And says so in the calendar's name."""
    answer = subscriber.get(path_of(links.make("anna", "display", ["call", "task"])))
    body = answer.get_data(as_text=True)
    assert "Ring Bob" in body
    assert "Offer" in body
    assert "Coffee" not in body
    assert "Busy" not in body
    assert "X-WR-CALNAME:Anna: Call\\, Task" in body


def test_nothing_new_is_told_without_looking_at_an_object(subscriber, links, some, sent):
    """A poll costs a constant number of statements, none of which reads a calendar object."""
    path = path_of(links.make("anna", "display"))
    first = subscriber.get(path)
    sent.clear()
    again = subscriber.get(path, headers={"If-None-Match": first.headers["ETag"]})
    asked = [each.text for each in sent if each.text.startswith("SELECT")]
    assert again.status_code == 304
    assert again.data == b""
    assert again.headers["ETag"] == first.headers["ETag"]
    assert len(asked) == 3
    assert not any("calendar_objects" in each for each in sent)


def test_a_change_makes_a_new_version(subscriber, links, some, put, database):
    """So does a new epoch; the version of another link is another one."""
    path, other = path_of(links.make("anna", "a")), path_of(links.make("anna", "b"))
    seen = {subscriber.get(path).headers["ETag"], subscriber.get(other).headers["ETag"]}
    put("n", "DTSTART:20260302T090000Z", "SUMMARY:New")
    answer = subscriber.get(path, headers={"If-None-Match": ", ".join(seen)})
    assert answer.status_code == 200
    assert "New" in answer.get_data(as_text=True)
    seen.add(answer.headers["ETag"])
    with database.write() as work:
        work.installation.new_epoch()
    seen.add(subscriber.get(path).headers["ETag"])
    assert len(seen) == 4


def test_the_time_of_the_last_change_is_as_good_as_the_tag(subscriber, links, put, clock, now):
    """And never told while a further change could carry the same time."""
    path = path_of(links.make("anna", "display"))
    put("a", "DTSTART:20260302T090000Z", "SUMMARY:First", at=now + timedelta(microseconds=5))
    clock.instant = now + timedelta(microseconds=9)
    assert "Last-Modified" not in subscriber.get(path).headers
    clock.instant = now + timedelta(seconds=1)
    told = subscriber.get(path).headers["Last-Modified"]
    assert subscriber.get(path, headers={"If-Modified-Since": told}).status_code == 304
    put("b", "DTSTART:20260302T090000Z", "SUMMARY:Second", at=now + timedelta(seconds=1))
    clock.instant = now + timedelta(seconds=9)
    assert subscriber.get(path, headers={"If-Modified-Since": told}).status_code == 200


def test_the_tag_counts_when_both_are_sent(subscriber, links, some):
    """RFC 9110 section 13.2.2: If-Modified-Since is not looked at beside If-None-Match."""
    path = path_of(links.make("anna", "display"))
    told = subscriber.get(path).headers["Last-Modified"]
    headers = {"If-Modified-Since": told, "If-None-Match": '"another"'}
    assert subscriber.get(path, headers=headers).status_code == 200


def test_a_large_file_is_packed_for_those_who_take_it(subscriber, links, some):
    """And caches are told that the answer depends on that."""
    path = path_of(links.make("anna", "display"))
    plain = subscriber.get(path)
    packed = subscriber.get(path, headers={"Accept-Encoding": "gzip, deflate"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_head_tells_the_same_without_the_file(subscriber, links, some):
    """And nothing but GET and HEAD is answered."""
    path = path_of(links.make("anna", "display"))
    got, head = subscriber.get(path), subscriber.head(path)
    assert head.data == b""
    assert dict(head.headers) == dict(got.headers)
    assert subscriber.post(path).status_code == 405


def test_unknown_revoked_and_malformed_addresses_look_the_same(subscriber, links, make_user):
    """A stranger cannot tell an address that was one from one that never was."""
    make_user("bob")
    made = links.make("anna", "display")
    with pytest.raises(NotFound):
        links.revoke(made.id, user_id=links.list("anna")[0].user_id + 1)
    assert subscriber.get(path_of(made)).status_code == 200
    links.revoke(made.id)
    guess = path_of(made)[:-5] + "a.ics"
    answers = [subscriber.get(path) for path in (path_of(made), guess, *NEVER)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.data for answer in answers}) == 1
    assert len({tuple(answer.headers) for answer in answers}) == 1


def test_guessing_is_slowed_down_for_the_guesser_only(subscriber, links):
    """After some failures the secret is not looked at any more; other addresses still are."""
    good = path_of(links.make("anna", "display"))
    guess = good[:-8] + "aaaa.ics"
    here, elsewhere = {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "198.51.100.1"}
    statuses = [subscriber.get(guess, environ_overrides=here).status_code for _ in range(7)]
    assert statuses[:5] == [404] * 5
    assert statuses[-1] == 429
    assert subscriber.get(good, environ_overrides=here).status_code == 429
    assert subscriber.get(good, environ_overrides=elsewhere).status_code == 200


def test_what_another_program_wrote_is_shown(subscriber, links, some, database_url, foreign_sql):
    """The file is caught up before it is read, as a CalDAV read is."""
    path = path_of(links.make("anna", "display"))
    tag = subscriber.get(path).headers["ETag"]
    foreign_sql("UPDATE activities SET subject = 'Tea' WHERE subject = 'Coffee'")
    answer = subscriber.get(path, headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert "SUMMARY:Tea" in answer.get_data(as_text=True)


@pytest.fixture
def foreign_sql(database):
    """Run a statement as another program would."""

    def run(statement):
        with database.write() as work:
            work.connection.execute(text(statement))

    return run


def test_a_busy_database_is_told_as_such(subscriber, links, database, monkeypatch):
    """A subscriber tries again later instead of dropping the calendar."""
    path = path_of(links.make("anna", "display"))
    from bridge.errors import StoreBusy  # noqa: PLC0415 - used once

    def busy():
        raise StoreBusy("busy")

    monkeypatch.setattr(database, "read", busy)
    answer = subscriber.get(path)
    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "2"


def test_the_secret_is_in_no_log_and_not_in_the_database(links, subscriber, database, caplog):
    """Only its digest is kept, and a text that has it loses it before it is written."""
    caplog.set_level(logging.DEBUG)
    made = links.make("anna", "display")
    secret = path_of(made).removeprefix("/calendars/").removesuffix(".ics")
    subscriber.get(path_of(made))
    with database.read() as work:
        rows = work.connection.execute(text("SELECT * FROM calendar_links")).all()
    assert secret not in repr(rows)
    assert secret not in caplog.text
    assert secret not in repr(made)
    assert secret not in redacted(f"GET {made.address} 200")


def test_the_use_of_a_link_is_noted_now_and_then(subscriber, links, clock):
    """Not with every poll, as that would be a write."""
    path = path_of(links.make("anna", "display"))
    assert links.list("anna")[0].last_used_at is None
    subscriber.get(path)
    used = links.list("anna")[0].last_used_at
    clock.instant += timedelta(minutes=59)
    subscriber.get(path)
    assert links.list("anna")[0].last_used_at == used
    clock.instant += timedelta(minutes=2)
    subscriber.get(path)
    assert links.list("anna")[0].last_used_at == clock.instant


def test_a_link_needs_a_label_and_types_that_exist(links):
    """What is refused says which field it was."""
    with pytest.raises(InvalidInput, match="label"):
        links.make("anna", "  ")
    with pytest.raises(InvalidInput, match="no activity type `holiday`"):
        links.make("anna", "display", ["holiday"])
