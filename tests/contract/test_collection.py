"""What `Collection` promises, asked of every implementation alike."""

from __future__ import annotations

import pytest

from bridge.errors import ItemMissing, PreconditionFailed, SyncTokenExpired
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.model import Item, Side
from bridge.sync.requests import Insert, Remove, Replace


def timed_object(uid="u1@crm", summary="Call Ada"):
    """Return a timed event without anything a side might not keep."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//test//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260301T080000Z",
        "DTSTART:20260310T090000Z",
        "DTEND:20260310T100000Z",
        f"SUMMARY:{summary}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return CalendarObject(uid=uid, component="VEVENT", text="\r\n".join(lines) + "\r\n")


def put_in(collection, uid="u1@crm", summary="Call Ada"):
    """Insert an event under its own name."""
    return collection.insert(collection.name_for(uid), timed_object(uid, summary))


def names(delta):
    """Return the names of the items of a delta."""
    return {item.name for item in delta.items}


def test_a_new_collection_lists_nothing_but_a_token(collection):
    """A full listing of nothing is one all the same."""
    delta = collection.changes(None)
    assert (delta.items, delta.removed, delta.unreadable) == ((), (), ())
    assert delta.full
    assert delta.token


def test_what_was_inserted_is_listed_in_the_version_told(collection):
    """Name, version and UID of the answer are those of the listing; the echo is known by them."""
    token = collection.changes(None).token
    item = put_in(collection)
    for delta in (collection.changes(token), collection.changes(None)):
        assert [(i.name, i.etag, i.object.uid) for i in delta.items] == [
            (item.name, item.etag, "u1@crm")
        ]


def test_nothing_changed_tells_nothing(collection):
    """A second look from the new token is empty."""
    put_in(collection)
    delta = collection.changes(collection.changes(None).token)
    assert (delta.items, delta.removed) == ((), ())
    assert not delta.full


def test_a_token_that_was_never_given_is_expired(collection):
    """The caller lists everything then."""
    with pytest.raises(SyncTokenExpired):
        collection.changes("http://radicale.org/ns/sync/" + "0" * 64)


def test_names_follow_from_their_arguments(collection):
    """The same UID and generation give the same name, others give others."""
    assert collection.name_for("u1") == collection.name_for("u1", generation=0)
    assert len({collection.name_for("u1", generation=n) for n in range(3)}) == 3
    assert collection.name_for("u1") != collection.name_for("u2")


def test_an_insert_can_be_repeated(collection):
    """Once through is through."""
    first = put_in(collection)
    again = put_in(collection)
    assert (first.made, again.made) == (True, False)
    assert again.etag == first.etag
    assert len(collection.changes(None).items) == 1


def test_an_update_gives_a_new_version_that_is_listed(collection):
    """The version told is the one the next listing tells."""
    item = put_in(collection)
    token = collection.changes(None).token
    changed = timed_object(summary="Changed")
    told = collection.update(item.name, changed, base=item.object, if_match=item.etag)
    assert told.etag != item.etag
    (listed,) = collection.changes(token).items
    assert listed.etag == told.etag
    assert "SUMMARY:Changed" in listed.object.text


def test_a_stale_update_changes_nothing(collection):
    """Lost updates are refused."""
    item = put_in(collection)
    first = timed_object(summary="First")
    collection.update(item.name, first, base=item.object, if_match=item.etag)
    second = timed_object(summary="Second")
    with pytest.raises(PreconditionFailed):
        collection.update(item.name, second, base=item.object, if_match=item.etag)
    assert "SUMMARY:First" in collection.get([item.name])[item.name].object.text


def test_a_stale_delete_changes_nothing(collection):
    """An edit made since is kept."""
    item = put_in(collection)
    changed = timed_object(summary="Changed")
    collection.update(item.name, changed, base=item.object, if_match=item.etag)
    with pytest.raises(PreconditionFailed):
        collection.delete(item.name, if_match=item.etag)
    assert names(collection.changes(None)) == {item.name}


def test_a_deleted_item_is_told_as_removed_and_not_found(collection):
    """In the next listing and on asking; deleting it again is success."""
    item = put_in(collection)
    token = collection.changes(None).token
    collection.delete(item.name, if_match=item.etag)
    collection.delete(item.name, if_match=item.etag)
    assert collection.changes(token).removed == (item.name,)
    assert collection.get([item.name]) == {item.name: None}


def deletion_of(collection, item):
    """Delete an item; return the version of the deletion as the listing tells it, if any."""
    token = collection.changes(None).token
    collection.delete(item.name, if_match=item.etag)
    return collection.changes(token).tombstones.get(item.name)


def test_a_second_deletion_is_told_from_the_first_where_deletions_have_versions(collection):
    """Listings and answers to a question name the same one; CalDAV has none."""
    item = put_in(collection)
    assert collection.tombstones([item.name, "never-there"]) == {}
    versions = []
    for made in (item, None):
        versions.append(deletion_of(collection, made or put_in(collection)))
        told = {} if versions[-1] is None else {item.name: versions[-1]}
        assert collection.tombstones([item.name, "never-there"]) == told
    assert versions == [None, None] or len(set(versions) - {None}) == 2
    assert (versions == [None, None]) == (collection.side is Side.CALENDAR)


def test_an_update_of_a_deleted_item_says_that_it_is_gone(collection):
    """It does not come back by a late edit."""
    item = put_in(collection)
    collection.delete(item.name, if_match=item.etag)
    with pytest.raises(ItemMissing):
        collection.update(
            item.name, timed_object(summary="Late"), base=item.object, if_match=item.etag
        )
    assert collection.get([item.name]) == {item.name: None}


def test_an_item_can_come_back_after_its_deletion(collection):
    """Undo and the trash need it, under the first name or the next generation's."""
    item = put_in(collection)
    collection.delete(item.name, if_match=item.etag)
    back = put_in(collection, summary="Back")
    assert names(collection.changes(None)) == {back.name}
    assert "SUMMARY:Back" in collection.get([back.name])[back.name].object.text


def test_asking_answers_every_name_asked_for(collection):
    """What is there with its item, what is gone or never was there with None."""
    kept = put_in(collection, "kept@crm")
    gone = put_in(collection, "gone@crm")
    collection.delete(gone.name, if_match=gone.etag)
    never = collection.name_for("never@crm")
    answers = collection.get([kept.name, gone.name, never])
    assert set(answers) == {kept.name, gone.name, never}
    assert answers[kept.name].etag == kept.etag
    assert (answers[gone.name], answers[never]) == (None, None)


def test_an_edit_after_a_listing_is_in_the_next_one_only_once(collection):
    """The last version of a name is what counts, whatever happened in between."""
    item = put_in(collection)
    token = collection.changes(None).token
    for summary in ("One", "Two"):
        told = timed_object(summary=summary)
        item = collection.update(item.name, told, base=item.object, if_match=item.etag)
    delta = collection.changes(token)
    assert delta.items[-1].etag == item.etag
    assert delta.token != token


def test_an_old_token_still_tells_everything_since(collection):
    """A run that died before it stored the newer token reads the same again."""
    token = collection.changes(None).token
    first = put_in(collection, "first@crm")
    collection.changes(token)
    second = put_in(collection, "second@crm")
    assert names(collection.changes(token)) == {first.name, second.name}


def test_a_full_listing_does_not_tell_of_what_is_gone(collection):
    """What it lacks is for the reader to ask about."""
    kept = put_in(collection, "kept@crm")
    gone = put_in(collection, "gone@crm")
    collection.delete(gone.name, if_match=gone.etag)
    delta = collection.changes(None)
    assert (names(delta), delta.full) == ({kept.name}, True)


def test_asking_for_nothing_is_answered_with_nothing(collection):
    """No names, no items."""
    assert collection.get([]) == {}


def write(collection, requests):
    """Write in portions of what the side takes at once."""
    size = collection.most_at_once
    assert size >= 1
    portions = [requests[first : first + size] for first in range(0, len(requests), size)]
    return [answer for portion in portions for answer in collection.write(portion)]


def replace_of(item, summary):
    """Return the request that renames an item as it was read."""
    changed = timed_object(item.object.uid, summary)
    return Replace(name=item.name, item=changed, base=item.object, if_match=item.etag)


def test_writes_are_answered_in_their_order(collection):
    """New, changed and deleted ones; what is told is what is listed."""
    uids = [f"u{n}@crm" for n in range(4)]
    inserts = [Insert(name=collection.name_for(uid), item=timed_object(uid)) for uid in uids]
    made = write(collection, inserts)
    assert [item.object.uid for item in made] == uids
    again = write(collection, inserts)
    assert [item.etag for item in again] == [item.etag for item in made]
    answers = write(
        collection,
        [
            Remove(name=made[0].name, if_match=made[0].etag),
            replace_of(made[1], "Changed"),
            replace_of(made[2], "Changed"),
        ],
    )
    assert [type(answer) for answer in answers] == [type(None), Item, Item]
    listed = {item.name: item.etag for item in collection.changes(None).items}
    assert listed == {item.name: item.etag for item in (*answers[1:], made[3])}


def test_a_refused_write_is_its_own_answer(collection):
    """Stale, gone, gone already, and one that is good."""
    made = [put_in(collection, f"u{n}@crm") for n in range(4)]
    stale, gone, over, good = made
    write(collection, [replace_of(stale, "First")])
    for item in (gone, over):
        collection.delete(item.name, if_match=item.etag)
    answers = write(
        collection,
        [
            replace_of(stale, "Second"),
            replace_of(gone, "Late"),
            Remove(name=over.name, if_match=over.etag),
            replace_of(good, "Good"),
        ],
    )
    kinds = [PreconditionFailed, ItemMissing, type(None), Item]
    assert [type(answer) for answer in answers] == kinds
    (again,) = write(collection, [Remove(name=stale.name, if_match=stale.etag)])
    assert isinstance(again, PreconditionFailed)
    texts = {item.name: item.object.text for item in collection.changes(None).items}
    assert texts.keys() == {stale.name, good.name}
    assert "SUMMARY:First" in texts[stale.name]


def test_no_writes_have_no_answers(collection):
    """Nothing asked, nothing told."""
    assert list(collection.write([])) == []
