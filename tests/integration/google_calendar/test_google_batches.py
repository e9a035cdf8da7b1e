"""Many writes at once: how many requests they cost, and what becomes of each when some fail."""

from __future__ import annotations

import json
import re
from urllib.parse import quote

import pytest

from bridge.convert.google_event import event_to_object
from bridge.errors import (
    CollectionGone,
    ItemExists,
    ItemMissing,
    ItemRejected,
    NotConnected,
    PreconditionFailed,
    RateLimited,
    SideUnavailable,
)
from bridge.google_calendar.collection import GoogleCollection
from bridge.google_calendar.session import GoogleCalendar
from bridge.sync.model import Item
from bridge.sync.requests import Insert, Partly, Remove, Replace

ZONE = "Europe/Berlin"
TEN = {"dateTime": "2026-03-10T10:00:00+01:00", "timeZone": ZONE}
HALF_PAST_TEN = {"dateTime": "2026-03-10T10:30:00+01:00", "timeZone": ZONE}


def google_item(uid="u1@crm", summary="Call Ada", **fields):
    """Return Google's item as the lens would make it."""
    event = {"summary": summary, "start": TEN, "end": HALF_PAST_TEN, **fields}
    return event_to_object([event], uid=uid, calendar_zone=ZONE)


def insert_of(collection, uid, **fields):
    """Return the request for a new item under its own id."""
    return Insert(name=collection.name_for(uid), item=google_item(uid, **fields))


def inserts(collection, count):
    """Return requests for that many new items."""
    return [insert_of(collection, f"u{n}") for n in range(count)]


def replace_of(item, **fields):
    """Return the request that changes an item as it was read."""
    changed = google_item(item.object.uid, **fields)
    return Replace(name=item.name, item=changed, base=item.object, if_match=item.etag)


def events_path(collection, name=""):
    """Return the API path of an event, or of all events."""
    return f"calendars/{quote(collection.id, safe='')}/events" + (f"/{name}" if name else "")


def kinds(answers):
    """Return what each answer is."""
    return [type(answer) for answer in answers]


def asked(google):
    """Return how many parts each request had, 1 for one that is no batch."""
    return [len(each.get("parts", [each])) for each in google.requests()]


@pytest.fixture
def three(google, google_collection):
    """Three items at Google; nothing is logged of their making."""
    made = google_collection.write(inserts(google_collection, 3))
    google.clear()
    return made


def test_a_thousand_inserts_cost_twenty_requests(google, google_collection):
    """One part each and nothing else (performance: 20 batches, 1,000 calls, no reading)."""
    google.control("POST", "switches", quotas="off")
    wanted = inserts(google_collection, 1000)
    size = google_collection.most_at_once
    answers = []
    for first in range(0, len(wanted), size):
        answers += google_collection.write(wanted[first : first + size])
    assert asked(google) == [50] * 20
    assert [answer.name for answer in answers] == [request.name for request in wanted]
    parts = [part for each in google.requests() for part in each["parts"]]
    assert {(part["operation"], part["params"]["sendUpdates"]) for part in parts} == {
        ("calendar.events.insert", "none")
    }
    google.clear()
    assert len(google_collection.changes(None).items) == 1000
    assert asked(google) == [1]


@pytest.mark.parametrize("count", [2, 50, 51, 120])
def test_updates_and_deletions_cost_a_request_for_fifty(google, google_collection, count):
    """No reading before, a precondition on every part; more than fit in one go in portions."""
    made = google_collection.write(inserts(google_collection, count))
    needed = -(-count // 50)
    google.control("POST", "switches", quotas="off")
    google.clear()
    changed = google_collection.write([replace_of(item, summary="New") for item in made])
    assert len(google.requests()) == needed
    gone = google_collection.write([Remove(name=i.name, if_match=i.etag) for i in changed])
    assert len(google.requests()) == 2 * needed
    assert gone == [None] * count
    parts = [part for each in google.requests() for part in each.get("parts", [each])]
    assert [part["if_match"] for part in parts] == [f'"{i.etag}"' for i in [*made, *changed]]
    assert {part["params"]["sendUpdates"] for part in parts} == {"none"}
    assert google_collection.changes(None).items == ()


def test_one_write_is_a_plain_request(google, google_collection):
    """A batch of one would only be longer."""
    (item,) = google_collection.write(inserts(google_collection, 1))
    assert isinstance(item, Item)
    assert [each["operation"] for each in google.requests()] == ["calendar.events.insert"]


def test_no_writes_are_no_request(google, google_collection):
    """Nothing to do costs nothing."""
    assert google_collection.write([]) == []
    assert google.requests() == []


def test_kinds_of_writes_share_a_batch_and_are_answered_in_order(google, google_collection, three):
    """Insert, update, deletion, in whatever order Google carries them out."""
    google.control("POST", "switches", batch_order="reversed")
    first, second, third = three
    answers = google_collection.write(
        [
            Remove(name=first.name, if_match=first.etag),
            insert_of(google_collection, "new"),
            replace_of(second, summary="Changed"),
            Remove(name=third.name, if_match=third.etag),
        ]
    )
    assert kinds(answers) == [type(None), Item, Item, type(None)]
    assert (answers[1].stamp, answers[2].stamp) == ("new", "u1")
    assert "SUMMARY:Changed" in answers[2].object.text
    assert asked(google) == [4]


def test_a_repeated_batch_of_inserts_finds_its_own_events(google, google_collection):
    """409 with our stamp is the first try's success; one more batch looks at all of them."""
    wanted = inserts(google_collection, 20)
    first = google_collection.write(wanted)
    google.clear()
    again = google_collection.write(wanted)
    assert [item.etag for item in again] == [item.etag for item in first]
    assert asked(google) == [20, 20]


@pytest.mark.parametrize("fault", ["reset_after", "timeout", "cut_json", "status_after:503"])
def test_a_batch_whose_answer_is_lost_can_be_repeated(google, google_collection, fault):
    """Nothing is known, so it raises; the repetition makes no second event and loses none."""
    wanted = inserts(google_collection, 3)
    # httplib2 sends a second time by itself when a kept connection was closed.
    google.fail(fault, path="/batch/", times=2)
    with pytest.raises(SideUnavailable):
        google_collection.write(wanted)
    google.control("DELETE", "faults")
    answers = google_collection.write(wanted)
    assert [item.stamp for item in answers] == ["u0", "u1", "u2"]
    assert len(google_collection.changes(None).items) == 3


def test_a_batch_of_updates_whose_answer_was_lost_is_told_as_changed(
    google, google_collection, three
):
    """Its own writes stand in the way of the repetition: whoever asks reads anew and decides."""
    wanted = [replace_of(item, summary="Wanted") for item in three]
    google.fail("cut_json", path="/batch/")
    with pytest.raises(SideUnavailable):
        google_collection.write(wanted)
    google.control("DELETE", "faults")
    assert kinds(google_collection.write(wanted)) == [PreconditionFailed] * 3
    texts = [item.object.text for item in google_collection.changes(None).items]
    assert all("SUMMARY:Wanted" in text for text in texts)


def test_taken_ids_are_brought_back_or_refused_each_for_itself(google, google_collection, three):
    """Own and alive, deleted, and somebody else's (design decision 26), beside a new one."""
    alive, deleted, _ = three
    google_collection.delete(deleted.name, if_match=deleted.etag)
    theirs = google_collection.name_for("theirs")
    body = {"id": theirs, "summary": "Theirs", "start": TEN, "end": HALF_PAST_TEN}
    google.user("POST", events_path(google_collection), body)
    google.clear()
    answers = google_collection.write(
        [
            insert_of(google_collection, "u0"),
            insert_of(google_collection, "u1", summary="Back"),
            insert_of(google_collection, "theirs"),
            insert_of(google_collection, "new"),
        ]
    )
    assert kinds(answers) == [Item, Item, ItemExists, Item]
    assert answers[0].etag == alive.etag
    assert "SUMMARY:Back" in answers[1].object.text
    assert answers[2].reason == "foreign"
    # All inserts, a look at the taken ones, and the one that comes back.
    assert asked(google) == [4, 3, 1]
    live = {item.name: item.object for item in google_collection.changes(None).items}
    assert deleted.name in live
    assert "SUMMARY:Theirs" in live[theirs].text


def test_a_tombstone_that_does_not_come_back_is_burnt(google, google_collection, three):
    """The caller takes the next generation; the others are not held up."""
    for item in three[:2]:
        google_collection.delete(item.name, if_match=item.etag)
    google.fail_part("status:403:forbidden", method="PUT")
    answers = google_collection.write(inserts(google_collection, 3))
    assert kinds(answers) == [ItemExists, Item, Item]
    assert answers[0].reason == "burnt"


def test_changed_and_deleted_events_are_told_apart(google, google_collection, three):
    """412 is both; a look decides, one batch for all that need it."""
    changed, deleted, same = three
    google.user("PATCH", events_path(google_collection, changed.name), {"summary": "Theirs"})
    google.user("DELETE", events_path(google_collection, deleted.name))
    google.clear()
    answers = google_collection.write([replace_of(item, summary="Ours") for item in three])
    assert kinds(answers) == [PreconditionFailed, ItemMissing, Item]
    assert answers[2].name == same.name
    assert asked(google) == [3, 2]
    titles = {i.name: i.object.text for i in google_collection.changes(None).items}
    assert "SUMMARY:Theirs" in titles[changed.name]
    assert deleted.name not in titles


def test_deleting_changed_and_deleted_events(google, google_collection, three):
    """What was edited since is kept; what is gone already, or never was, is success."""
    changed, deleted, same = three
    google.user("PATCH", events_path(google_collection, changed.name), {"summary": "Theirs"})
    google.user("DELETE", events_path(google_collection, deleted.name))
    answers = google_collection.write(
        [
            *(Remove(name=item.name, if_match=item.etag) for item in (changed, deleted, same)),
            Remove(name="never0was", if_match=same.etag),
        ]
    )
    assert kinds(answers) == [PreconditionFailed, type(None), type(None), type(None)]
    assert [item.name for item in google_collection.changes(None).items] == [changed.name]


def test_the_calendar_is_asked_for_once_however_many_are_missing(google, google_collection):
    """404 may be the calendar's; one question is enough for all of them."""
    never = [
        Replace(name=f"never{n}", item=google_item(summary="x"), base=google_item(), if_match="1")
        for n in range(5)
    ]
    assert kinds(google_collection.write(never)) == [ItemMissing] * 5
    operations = [each["operation"] for each in google.requests()]
    assert operations == ["batch", "calendar.calendarList.get"]


def test_a_calendar_that_is_gone_raises_for_all(google, google_collection, three):
    """Nothing follows about any event (design decision 22)."""
    google.user("DELETE", f"calendars/{quote(google_collection.id, safe='')}")
    for wanted in (
        [replace_of(item, summary="x") for item in three],
        [Remove(name=item.name, if_match=item.etag) for item in three],
        inserts(google_collection, 2),
    ):
        with pytest.raises(CollectionGone):
            google_collection.write(wanted)


def test_updates_without_a_base_or_a_difference_are_read_in_one_batch(
    google, google_collection, three
):
    """What is there now decides; unchanged ones are not written."""
    unknown = [
        Replace(name=i.name, item=google_item(i.object.uid, summary=s), base=None, if_match=i.etag)
        for i, s in zip(three[:2], ("New", "Call Ada"), strict=True)
    ]
    answers = google_collection.write([*unknown, replace_of(three[2])])
    assert kinds(answers) == [Item] * 3
    assert [a.etag == i.etag for a, i in zip(answers, three, strict=True)] == [False, True, True]
    assert asked(google) == [3, 1]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("status:403:rateLimitExceeded", RateLimited),
        ("status:403:userRateLimitExceeded", RateLimited),
        ("status:403:quotaExceeded", RateLimited),
        ("status:429", RateLimited),
        ("status:500", SideUnavailable),
        ("status:503", SideUnavailable),
        ("status_after:503", SideUnavailable),
        ("status:400:invalid", ItemRejected),
        ("status:403:forbiddenForNonOrganizer", ItemRejected),
    ],
)
def test_a_part_that_fails_is_that_writes_answer_alone(google, google_collection, fault, expected):
    """The others go on, nothing is sent again by itself, and repeating ends with every event."""
    google.fail_part(fault, after=1)
    wanted = inserts(google_collection, 3)
    answers = google_collection.write(wanted)
    assert kinds(answers) == [Item, expected, Item]
    assert asked(google) == [3]
    again = google_collection.write(wanted)
    assert [item.stamp for item in again] == ["u0", "u1", "u2"]
    assert len(google_collection.changes(None).items) == 3


def test_parts_that_collided_are_sent_again_alone_and_once(google, google_collection, three):
    """409 `conflict` changed nothing; a second one is told and looked at next run."""
    google.fail_part("status:409:conflict", method="PATCH", times=2)
    google.fail("status:409:conflict", method="PATCH")
    answers = google_collection.write([replace_of(item, summary="New") for item in three])
    assert kinds(answers) == [PreconditionFailed, Item, Item]
    assert answers[0].reason == "conflict"
    # The batch, both that collided, and a look whether the first one is still there.
    assert asked(google) == [3, 1, 1, 1]


def test_a_pause_asked_for_ends_the_repeating(google, google_collection, three):
    """No storm: after the first refusal of a whole request nothing more is sent."""
    google.fail_part("status:409:conflict", method="PATCH", times=2)
    google.fail("status:429", method="PATCH", times=9)
    answers = google_collection.write([replace_of(item, summary="New") for item in three])
    assert kinds(answers) == [RateLimited, RateLimited, Item]
    assert asked(google) == [3, 1]


def test_a_failure_later_on_is_told_of_those_it_concerns(google, google_collection, three):
    """What the first batch settled stays known; the rest is asked for again next run."""
    wanted = [*inserts(google_collection, 3), insert_of(google_collection, "new")]
    google.control("POST", "faults", fault="status:503", path_contains="/batch/", after=1)
    answers = google_collection.write(wanted)
    assert kinds(answers) == [SideUnavailable] * 3 + [Item]
    assert asked(google) == [4, 1]


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("status:503", SideUnavailable),
        ("reset_before", SideUnavailable),
        ("html", SideUnavailable),
        ("status:403:rateLimitExceeded", RateLimited),
        ("status:403:insufficientPermissions", NotConnected),
    ],
)
def test_a_refused_batch_raises_and_is_not_repeated(google, google_collection, fault, expected):
    """Nothing is known of any write, not even that it did not happen."""
    google.fail(fault, path="/batch/", times=2)
    with pytest.raises(expected):
        google_collection.write(inserts(google_collection, 3))
    assert google_collection.changes(None).items == ()


def test_a_part_without_permission_is_told_beside_what_got_through(google, google_collection):
    """The account as a whole is concerned, but what is known of the others stays known."""
    google.fail_part("status:403:insufficientPermissions")
    answers = google_collection.write(inserts(google_collection, 3))
    assert sorted(kinds(answers), key=str) == sorted([NotConnected, Item, Item], key=str)
    listed = {item.name: item for item in google_collection.changes(None).items}
    assert listed == {item.name: item for item in answers if isinstance(item, Item)}


def test_parts_without_permission_raise_when_nothing_got_through(google, google_collection):
    """There is nothing to tell of any of them."""
    google.fail_part("status:403:insufficientPermissions", times=3)
    with pytest.raises(NotConnected):
        google_collection.write(inserts(google_collection, 3))


@pytest.mark.parametrize("others", [0, 2])
def test_a_series_without_permission_for_a_date_is_told_as_there_in_part(
    google, google_collection, others
):
    """Alone or beside other writes: its master is at Google, so nothing is raised of it."""
    moved = {
        "recurringEventId": "x",
        "id": "x1",
        "originalStartTime": {"dateTime": "2026-03-17T10:00:00+01:00", "timeZone": ZONE},
        "summary": "Moved",
        "start": {"dateTime": "2026-03-18T10:00:00+01:00", "timeZone": ZONE},
        "end": {"dateTime": "2026-03-18T10:30:00+01:00", "timeZone": ZONE},
    }
    master = {"summary": "Call Ada", "start": TEN, "end": HALF_PAST_TEN, "id": "x"}
    series = event_to_object(
        [{**master, "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=3"]}, moved],
        uid="weekly",
        calendar_zone=ZONE,
    )
    request = Insert(name=google_collection.name_for("weekly"), item=series)
    google.fail("status:403:insufficientPermissions", method="PATCH")
    answers = google_collection.write([request, *inserts(google_collection, others)])
    assert kinds(answers) == [Partly] + [Item] * others
    assert isinstance(answers[0].error, NotConnected)
    (answer,) = google_collection.write([request])
    assert len(answer.parts) == 1


def test_after_a_part_without_permission_nothing_more_is_sent(google, google_collection, three):
    """Refusals that would be looked into are left for the next run."""
    new = [insert_of(google_collection, "new"), insert_of(google_collection, "newer")]
    google.fail_part("status:403:insufficientPermissions")
    answers = google_collection.write([*inserts(google_collection, 3), *new])
    assert asked(google) == [5]
    assert set(kinds(answers)) == {NotConnected, Item}


def test_an_item_google_has_no_form_for_stops_no_other(google, google_collection, three):
    """It is refused before anything is sent."""
    first, second, _ = three
    timeless = google_item(first.object.uid)
    text = re.sub(r"DT(START|END)[^\r]*\r\n", "", timeless.text)
    broken = Replace(
        name=first.name,
        item=type(timeless)(uid=timeless.uid, component="VEVENT", text=text),
        base=first.object,
        if_match=first.etag,
    )
    answers = google_collection.write([broken, replace_of(second, summary="New")])
    assert kinds(answers) == [ItemRejected, Item]


def test_no_batch_leaves_while_the_guard_objects(google, google_session, google_calendar):
    """An open transaction forbids the network (design decision 3)."""

    def objects():
        raise AssertionError("a transaction is open")

    collection = GoogleCollection(
        google_session, google_calendar, install_key=bytes(32), guard=objects
    )
    google.clear()
    with pytest.raises(AssertionError, match="transaction"):
        collection.write(inserts(collection, 2))
    assert google.requests() == []


@pytest.fixture
def scripted_collection(scripted_session):
    """Return a collection on the scripted Google."""
    calendar = GoogleCalendar(id="c@g", name="CRM", zone=ZONE, access_role="owner")
    return GoogleCollection(scripted_session, calendar, install_key=bytes(32))


def said(asked_for, *parts):
    """Return a batch answer for the parts asked for, each (status, body)."""
    ids = re.findall(r"Content-ID: <(.*)>", asked_for.body)
    lines = []
    for content_id, (status, body) in zip(ids, parts, strict=False):
        text = body if isinstance(body, str) else json.dumps(body)
        lines.append(
            f"--b\r\nContent-Type: application/http\r\nContent-ID: <response-{content_id}>\r\n\r\n"
            f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\n\r\n{text}\r\n"
        )
    head = {"Content-Type": "multipart/mixed; boundary=b"}
    return (200, "".join(lines) + "--b--\r\n", head)


MADE = {"id": "aaaaa", "etag": '"1"', "start": TEN, "end": HALF_PAST_TEN}


@pytest.mark.parametrize("odd", ["null", "[1]", "{}", "<html>", '{"id": "aaaaa"}'])
def test_an_odd_part_is_that_writes_answer(scripted_google, scripted_collection, odd):
    """It may have been done or not; the other one is."""
    scripted_google.answers.append(lambda asked_for: said(asked_for, (200, odd), (200, MADE)))
    answers = scripted_collection.write(inserts(scripted_collection, 2))
    told = [each.error if isinstance(each, Partly) else each for each in answers]
    assert kinds(told) == [SideUnavailable, Item]
    assert told[0].reason == "badAnswer"


def test_a_page_in_place_of_a_deletion_is_none(scripted_google, scripted_collection):
    """Google answers a deletion with nothing at all; 204 is one."""
    scripted_google.answers.append(
        lambda asked_for: said(asked_for, (200, {"hotel": "page"}), (204, ""))
    )
    answers = scripted_collection.write([Remove(name=n, if_match="1") for n in ("aaaaa", "bbbbb")])
    assert kinds(answers) == [SideUnavailable, type(None)]


@pytest.mark.parametrize(
    "parts",
    [
        [(200, MADE)],
        [("many", MADE), (200, MADE)],
    ],
)
def test_an_answer_that_is_not_whole_raises(scripted_google, scripted_collection, parts):
    """A part that is missing or unreadable leaves nothing to rely on."""
    scripted_google.answers.append(lambda asked_for: said(asked_for, *parts))
    with pytest.raises(SideUnavailable):
        scripted_collection.write(inserts(scripted_collection, 2))
    assert len(scripted_google.asked) == 1
