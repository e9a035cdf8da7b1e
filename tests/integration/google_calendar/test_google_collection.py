"""The Google collection against the rehearsal Google."""

from __future__ import annotations

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
    SyncTokenExpired,
)
from bridge.google_calendar.collection import GoogleCollection
from bridge.google_calendar.event_ids import EventIds
from bridge.sync.model import Side

INSTALL_KEY = bytes(range(32))
ZONE = "Europe/Berlin"
TEN = {"dateTime": "2026-03-10T10:00:00+01:00", "timeZone": ZONE}
HALF_PAST_TEN = {"dateTime": "2026-03-10T10:30:00+01:00", "timeZone": ZONE}


def google_item(uid="u1@crm", summary="Call Ada", **fields):
    """Return Google's item as the lens would make it."""
    event = {"summary": summary, "start": TEN, "end": HALF_PAST_TEN, **fields}
    return event_to_object([event], uid=uid, calendar_zone=ZONE)


def inserted(collection, uid="u1@crm", **fields):
    """Insert an item under its own id."""
    return collection.insert(collection.name_for(uid), google_item(uid, **fields))


def events_path(collection, name=""):
    """Return the API path of an event, or of all events."""
    return f"calendars/{quote(collection.id, safe='')}/events" + (f"/{name}" if name else "")


def stored(google, collection, name):
    """Return the event as its owner sees it."""
    return google.user("GET", events_path(collection, name))


def writes(google):
    """Return the writes asked of the API since the last clear."""
    return [asked for asked in google.requests() if asked["method"] not in ("GET",)]


def test_side_and_id_are_google_and_the_resolved_id(google_collection, google_calendar):
    """The engine keeps links and tokens by them."""
    assert google_collection.side is Side.GOOGLE
    assert google_collection.id == google_calendar.id


def test_an_inserted_event_is_listed_with_our_stamp(google_collection):
    """UID and stamp come back from the listing."""
    item = inserted(google_collection)
    delta = google_collection.changes(None)
    assert delta.full
    (listed,) = delta.items
    assert (listed.name, listed.etag) == (item.name, item.etag)
    assert listed.stamp == listed.object.uid == "u1@crm"
    assert "SUMMARY:Call Ada" in listed.object.text


def test_an_insert_carries_own_id_and_no_mail(google, google_collection):
    """The id makes it repeatable; guests are never mailed."""
    item = inserted(google_collection)
    (asked,) = google.requests()
    assert asked["operation"] == "calendar.events.insert"
    assert asked["params"]["sendUpdates"] == "none"
    assert item.name == EventIds(INSTALL_KEY, google_collection.id).name_for("u1@crm")


def test_an_event_of_a_google_user_is_listed_without_stamp(google, google_collection):
    """Its UID is Google's iCalUID."""
    made = google.user("POST", events_path(google_collection), {"start": TEN, "end": HALF_PAST_TEN})
    (item,) = google_collection.changes(None).items
    assert item.stamp is None
    assert item.object.uid == made["iCalUID"]


def test_a_duplicate_made_at_google_is_not_taken_for_ours(google, google_collection):
    """`Duplicate` copies our stamp to an event of another id."""
    item = inserted(google_collection)
    original = stored(google, google_collection, item.name)
    copied = {name: original[name] for name in ("summary", "start", "end", "extendedProperties")}
    google.user("POST", events_path(google_collection), copied)
    stamps = {i.name: i.stamp for i in google_collection.changes(None).items}
    assert stamps.pop(item.name) == "u1@crm"
    assert list(stamps.values()) == [None]


def test_only_what_changed_since_the_token_is_listed(google, google_collection):
    """Changed, new and removed ones; a second look costs one request and tells nothing."""
    kept, changed, dropped = (inserted(google_collection, f"u{n}") for n in range(3))
    token = google_collection.changes(None).token
    google.user("PATCH", events_path(google_collection, changed.name), {"summary": "Changed"})
    google.user("DELETE", events_path(google_collection, dropped.name))
    google.clear()
    delta = google_collection.changes(token)
    assert [item.name for item in delta.items] == [changed.name]
    assert delta.removed == (dropped.name,)
    assert not delta.full
    assert kept.name not in delta.removed
    assert google_collection.changes(delta.token).items == ()
    assert len(google.requests()) == 2


def test_short_and_empty_pages_are_followed_to_the_end(google, google_collection):
    """Only `nextPageToken` tells whether there is more."""
    names = {inserted(google_collection, f"u{n}").name for n in range(5)}
    google.control("POST", "switches", pages="short")
    assert {item.name for item in google_collection.changes(None).items} == names


@pytest.mark.parametrize("details", ["documented", "always", "never"])
def test_a_deleted_event_is_removed_with_or_without_its_details(google, google_collection, details):
    """A tombstone that still looks like an event is one all the same."""
    google.control("POST", "switches", tombstone_details=details)
    item = inserted(google_collection)
    token = google_collection.changes(None).token
    google.user("DELETE", events_path(google_collection, item.name))
    delta = google_collection.changes(token)
    assert (delta.items, delta.removed) == ((), (item.name,))


@pytest.mark.parametrize("switch", [410, 400])
def test_a_token_google_does_not_know_is_expired(google, google_collection, switch):
    """410 by its reason, or the 400 that was seen instead."""
    google.control("POST", "switches", malformed_sync_token=switch)
    with pytest.raises(SyncTokenExpired):
        google_collection.changes("nonsense")


def test_a_token_older_than_the_tombstones_is_expired(google, google_collection):
    """A long pause ends in a full listing."""
    token = google_collection.changes(None).token
    google.control("POST", "clock", advance_seconds=40 * 86400)
    with pytest.raises((SyncTokenExpired, NotConnected)):
        google_collection.changes(token)


def test_get_asks_the_calendar_first_and_then_all_events_in_one_batch(google, google_collection):
    """Deleted and unknown events are None, definite answers both."""
    live, dead = inserted(google_collection, "live"), inserted(google_collection, "dead")
    google_collection.delete(dead.name, if_match=dead.etag)
    google.clear()
    found = google_collection.get([live.name, dead.name, "never0was"])
    assert found[live.name].etag == live.etag
    assert found[dead.name] is None
    assert found["never0was"] is None
    calendar, batch = google.requests()
    assert calendar["operation"] == "calendar.calendarList.get"
    assert len(batch["parts"]) == 3


def test_many_events_are_asked_for_fifty_at_a_time(google, google_collection):
    """A batch holds 50 parts at most (design decision 32)."""
    found = google_collection.get([f"unknown{n}" for n in range(101)])
    assert set(found.values()) == {None}
    sizes = [len(asked.get("parts", [asked])) for asked in google.requests()]
    assert sizes == [1, 50, 50, 1]


def test_a_calendar_that_is_gone_removes_no_event(google, google_collection):
    """Its own 404 says nothing about the events (design decision 22)."""
    item = inserted(google_collection)
    google.user("DELETE", f"calendars/{quote(google_collection.id, safe='')}")
    for ask in (
        lambda: google_collection.get([item.name]),
        lambda: google_collection.changes(None),
        lambda: google_collection.update(
            item.name, google_item(summary="x"), base=item.object, if_match=item.etag
        ),
        lambda: google_collection.delete(item.name, if_match=item.etag),
        lambda: inserted(google_collection, "u2"),
    ):
        with pytest.raises(CollectionGone):
            ask()


def test_repeating_an_insert_that_got_through_is_success(google, google_collection):
    """409 with our valid stamp is the first try's success; nothing is written again."""
    first = inserted(google_collection)
    google.clear()
    assert inserted(google_collection).etag == first.etag
    assert [asked["status"] for asked in writes(google)] == [409]


def test_an_insert_whose_answer_was_lost_is_one_event(google, google_collection):
    """Applied, then cut: the next try finds its own event (G06)."""
    google.fail("reset_after", method="POST", path="/events")
    with pytest.raises(SideUnavailable):
        inserted(google_collection)
    inserted(google_collection)
    (item,) = google_collection.changes(None).items
    assert item.stamp == "u1@crm"


def test_repeating_an_insert_leaves_what_a_person_made_of_it_since(google, google_collection):
    """It has no version to be a condition; the engine compares what it is told with what it sent.

    A worker that was asleep may repeat what another one did long ago.
    """
    first = inserted(google_collection)
    google.user("PATCH", events_path(google_collection, first.name), {"summary": "Theirs"})
    google.clear()
    again = inserted(google_collection, location="Older")
    assert [asked["status"] for asked in writes(google)] == [409]
    assert stored(google, google_collection, first.name)["summary"] == "Theirs"
    assert "SUMMARY:Theirs" in again.object.text
    (listed,) = google_collection.changes(None).items
    assert again == listed


def test_an_id_deleted_earlier_is_brought_back(google, google_collection):
    """A burnt id is revived by a whole update with status confirmed (design decision 26)."""
    first = inserted(google_collection)
    google_collection.delete(first.name, if_match=first.etag)
    google.clear()
    again = inserted(google_collection, summary="Back")
    assert again.name == first.name
    assert stored(google, google_collection, first.name)["status"] == "confirmed"
    assert again.stamp == "u1@crm"
    update = writes(google)[-1]
    assert update["method"] == "PUT"
    assert update["params"]["sendUpdates"] == "none"


def test_an_id_that_cannot_be_brought_back_is_burnt(google, google_collection):
    """The caller takes the next generation."""
    first = inserted(google_collection)
    google_collection.delete(first.name, if_match=first.etag)
    google.fail("status:403:forbidden", method="PUT", path="/events/")
    with pytest.raises(ItemExists) as caught:
        inserted(google_collection)
    assert caught.value.reason == "burnt"
    next_name = google_collection.name_for("u1@crm", generation=1)
    assert google_collection.insert(next_name, google_item()).stamp == "u1@crm"


def test_an_id_with_a_foreign_event_is_refused(google, google_collection):
    """Without our valid stamp a 409 is no success, and nothing is overwritten."""
    name = google_collection.name_for("u1@crm")
    body = {"id": name, "summary": "Theirs", "start": TEN, "end": HALF_PAST_TEN}
    google.user("POST", events_path(google_collection), body)
    with pytest.raises(ItemExists) as caught:
        inserted(google_collection)
    assert caught.value.reason == "foreign"
    assert stored(google, google_collection, name)["summary"] == "Theirs"


def test_an_update_sends_only_the_changed_field_with_its_version(google, google_collection):
    """PATCH with If-Match, no mail, and the stamp stays as it is."""
    item = inserted(google_collection)
    google.clear()
    updated = google_collection.update(
        item.name, google_item(summary="New"), base=item.object, if_match=item.etag
    )
    (asked,) = google.requests()
    assert asked["method"] == "PATCH"
    assert asked["body"] == '{"summary": "New"}'
    assert asked["if_match"] == f'"{item.etag}"'
    assert asked["params"]["sendUpdates"] == "none"
    assert updated.etag != item.etag
    assert updated.stamp == "u1@crm"


def test_an_update_without_a_difference_writes_nothing(google, google_collection):
    """An echo never costs a write."""
    item = inserted(google_collection)
    google.clear()
    same = google_collection.update(item.name, google_item(), base=item.object, if_match=item.etag)
    assert same.etag == item.etag
    assert writes(google) == []


def test_an_update_without_a_base_clears_what_the_item_lacks(google, google_collection):
    """The stored event is the base, so that all-day takes the place of timed."""
    item = inserted(google_collection, location="Prague")
    day = google_item(start={"date": "2026-03-10"}, end={"date": "2026-03-11"})
    google_collection.update(item.name, day, base=None, if_match=item.etag)
    event = stored(google, google_collection, item.name)
    assert event["start"] == {"date": "2026-03-10"}
    assert "location" not in event


def test_an_update_of_a_changed_event_is_refused(google, google_collection):
    """412 leaves Google's version as it is (G04)."""
    item = inserted(google_collection)
    google.user("PATCH", events_path(google_collection, item.name), {"summary": "Theirs"})
    for base in (item.object, None):
        with pytest.raises(PreconditionFailed):
            google_collection.update(
                item.name, google_item(summary="Ours"), base=base, if_match=item.etag
            )
    with pytest.raises(PreconditionFailed):
        google_collection.update(item.name, google_item(), base=item.object, if_match=item.etag)
    assert stored(google, google_collection, item.name)["summary"] == "Theirs"


def test_an_update_of_an_event_that_never_was_is_missing(google_collection):
    """404 while the calendar is there is about the event."""
    with pytest.raises(ItemMissing):
        google_collection.update(
            "never0was", google_item(summary="x"), base=google_item(), if_match="1"
        )


def test_an_update_of_a_deleted_event_does_not_bring_it_back(google, google_collection):
    """A delete at Google is not undone by a late edit."""
    item = inserted(google_collection)
    google.user("DELETE", events_path(google_collection, item.name))
    with pytest.raises(ItemMissing):
        google_collection.update(
            item.name, google_item(summary="Late"), base=item.object, if_match=item.etag
        )
    assert stored(google, google_collection, item.name)["status"] == "cancelled"


def test_deleting_twice_is_success(google, google_collection):
    """410 and 404 are what was wanted (G07)."""
    item = inserted(google_collection)
    google.clear()
    google_collection.delete(item.name, if_match=item.etag)
    google_collection.delete(item.name, if_match=item.etag)
    google_collection.delete("never0was", if_match=item.etag)
    assert {asked["params"]["sendUpdates"] for asked in writes(google)} == {"none"}


def test_a_403_for_what_is_deleted_already_is_success(google, google_collection):
    """Seen from Google; a look at the event decides."""
    item = inserted(google_collection)
    google_collection.delete(item.name, if_match=item.etag)
    google.fail("status:403:forbidden", method="DELETE")
    google_collection.delete(item.name, if_match=item.etag)


def test_a_403_for_a_live_event_is_a_refusal(google, google_collection):
    """The event is still there, so the deletion did not happen."""
    item = inserted(google_collection)
    google.fail("status:403:forbidden", method="DELETE")
    with pytest.raises(ItemRejected):
        google_collection.delete(item.name, if_match=item.etag)


def test_a_web_page_in_place_of_an_empty_answer_is_no_deletion(google, google_collection):
    """Something in between answered, such as a sign-in page of a network; the event lives."""
    item = inserted(google_collection)
    google.fail("html:200", method="DELETE")
    with pytest.raises(SideUnavailable):
        google_collection.delete(item.name, if_match=item.etag)
    assert stored(google, google_collection, item.name)["status"] == "confirmed"


def test_deleting_a_changed_event_is_refused(google, google_collection):
    """An edit made since is not thrown away."""
    item = inserted(google_collection)
    google.user("PATCH", events_path(google_collection, item.name), {"summary": "Edited"})
    with pytest.raises(PreconditionFailed):
        google_collection.delete(item.name, if_match=item.etag)
    assert stored(google, google_collection, item.name)["status"] == "confirmed"


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        ("status:503", SideUnavailable),
        ("status:500", SideUnavailable),
        ("reset_before", SideUnavailable),
        ("cut_json", SideUnavailable),
        ("html", SideUnavailable),
        ("timeout", SideUnavailable),
        ("status:429", RateLimited),
        ("status:403:rateLimitExceeded", RateLimited),
        ("status:403:quotaExceeded", RateLimited),
        ("status:410", SyncTokenExpired),
        ("status:403:requiredAccessLevel", CollectionGone),
        ("status:403:insufficientPermissions", NotConnected),
    ],
)
def test_a_failed_listing_gives_no_token_and_loses_nothing(
    google, google_collection, fault, expected
):
    """The same token goes on when the fault is over (G01, G05)."""
    token = google_collection.changes(None).token
    item = inserted(google_collection)
    google.fail(fault, path="/events", times=2)
    with pytest.raises(expected):
        google_collection.changes(token)
    google.control("DELETE", "faults")
    assert [i.name for i in google_collection.changes(token).items] == [item.name]


@pytest.mark.parametrize("fault", ["reset_before", "reset_after", "cut_json", "status:503"])
@pytest.mark.parametrize("path", ["calendarList", "/batch/"])
def test_a_question_without_an_answer_is_not_a_removal(google, google_collection, fault, path):
    """`unknown` stays unknown until Google says something definite."""
    item = inserted(google_collection)
    google.fail(fault, path=path, times=3)
    with pytest.raises(SideUnavailable):
        google_collection.get([item.name, "never0was"])


@pytest.mark.parametrize("fault", ["reset_after", "reset_before", "cut_json", "status:503"])
def test_a_write_of_unknown_fate_can_be_repeated(google, google_collection, fault):
    """After the fault the same steps end with the wanted state, once."""
    item = inserted(google_collection)
    wanted = google_item(summary="Wanted")
    google.fail(fault, method="PATCH", times=2)
    with pytest.raises((SideUnavailable, PreconditionFailed)):
        google_collection.update(item.name, wanted, base=item.object, if_match=item.etag)
    google.control("DELETE", "faults")
    found = google_collection.get([item.name])[item.name]
    google_collection.update(item.name, wanted, base=found.object, if_match=found.etag)
    assert stored(google, google_collection, item.name)["summary"] == "Wanted"
    assert len(google_collection.changes(None).items) == 1


def test_no_request_leaves_while_the_guard_objects(google, google_session, google_calendar):
    """An open transaction forbids the network (design decision 3)."""

    def objects():
        raise AssertionError("a transaction is open")

    collection = GoogleCollection(
        google_session, google_calendar, install_key=INSTALL_KEY, guard=objects
    )
    google.clear()
    item = google_item()
    for act in (
        lambda: collection.changes(None),
        lambda: collection.get(["aaaaa"]),
        lambda: collection.insert("aaaaa", item),
        lambda: collection.update("aaaaa", google_item(summary="x"), base=item, if_match="1"),
        lambda: collection.update("aaaaa", item, base=None, if_match="1"),
        lambda: collection.delete("aaaaa", if_match="1"),
    ):
        with pytest.raises(AssertionError, match="transaction"):
            act()
    assert google.requests() == []


def test_nothing_here_mails_anybody(google, google_collection):
    """Not even for an event with guests (design decision 28)."""
    guests = {"attendees": [{"email": "ben@example.com"}]}
    made = google.user(
        "POST",
        events_path(google_collection) + "?sendUpdates=none",
        {"start": TEN, "end": HALF_PAST_TEN, "summary": "Ours", **guests},
    )
    (item,) = google_collection.changes(None).items
    changed = google_collection.update(
        item.name, google_item(summary="New"), base=item.object, if_match=item.etag
    )
    google_collection.delete(made["id"], if_match=changed.etag)
    assert google.control("GET", "mail") == []
