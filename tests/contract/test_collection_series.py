"""What `Collection` promises of recurring series, asked of every implementation alike."""

from __future__ import annotations

import pytest

from bridge.errors import ItemMissing, PreconditionFailed
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.model import Item
from bridge.sync.requests import Insert, Replace

SECOND, THIRD = "20260317T090000Z", "20260324T090000Z"


def component(start, summary, *lines, uid="u1@crm"):
    """Return the lines of an hour that begins then."""
    end = start.replace("T09", "T10").replace("T14", "T15")
    return [
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260301T080000Z",
        f"DTSTART:{start}",
        f"DTEND:{end}",
        f"SUMMARY:{summary}",
        *lines,
        "END:VEVENT",
    ]


def series(summary="Weekly", *, uid="u1@crm", changed=None, cancelled=(), dropped=()):
    """Return six Tuesdays; by their keys changed ones, as (start, summary), and cancelled ones.

    An instance is cancelled by EXDATE from the start, or dropped by an override that says so.
    """
    rules = ["RRULE:FREQ=WEEKLY;COUNT=6", *(f"EXDATE:{key}" for key in cancelled)]
    lines = component("20260310T090000Z", summary, *rules, uid=uid)
    for key, (start, title) in (changed or {}).items():
        lines += component(start, title, f"RECURRENCE-ID:{key}", uid=uid)
    for key in dropped:
        lines += component(key, summary, f"RECURRENCE-ID:{key}", "STATUS:CANCELLED", uid=uid)
    head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//test//EN"]
    text = "\r\n".join([*head, *lines, "END:VCALENDAR"]) + "\r\n"
    return CalendarObject(uid=uid, component="VEVENT", text=text)


MOVED = {SECOND: ("20260318T140000Z", "Moved")}
RENAMED = {SECOND: ("20260318T140000Z", "Renamed")}


def shown(item):
    """Return the title, what deviates from it by original start, and what does not happen."""
    master, *others = sorted(
        item.object.members(), key=lambda member: member.value("RECURRENCE-ID")
    )
    title = master.text("SUMMARY")
    cancelled = {value for line in master.all("EXDATE") for value in line.value.split(",")}
    changed = {}
    for member in others:
        key, start = member.value("RECURRENCE-ID"), member.value("DTSTART")
        if member.value("STATUS") == "CANCELLED":
            cancelled.add(key)
        elif (start, member.text("SUMMARY")) != (key, title):
            changed[key] = (start, member.text("SUMMARY"))
    return title, changed, cancelled


def put_in(collection, item):
    """Insert an item under its own name."""
    return collection.insert(collection.name_for(item.uid), item)


def update(collection, item, wanted):
    """Write an item over another one as it was read."""
    return collection.update(
        item.name, wanted, base=item.object, if_match=item.etag, parts=item.parts
    )


def version(item):
    """Return what tells one version of an item from another."""
    return (item.etag, {part.name: part.seen for part in item.parts})


def only(collection, token=None):
    """Return the only item of a listing, which tells nothing else."""
    delta = collection.changes(token)
    (item,) = delta.items
    assert delta.unreadable == ()
    return item


def test_a_series_is_told_as_one_item(collection):
    """Master, changed and cancelled instances together, in the version the insert told."""
    made = put_in(collection, series(changed=MOVED, cancelled=[THIRD]))
    for item in (made, only(collection), collection.get([made.name])[made.name]):
        assert (item.name, version(item)) == (made.name, version(made))
        assert shown(item) == ("Weekly", MOVED, {THIRD})
        assert item.object.uid == "u1@crm"


def test_an_insert_of_a_series_can_be_repeated(collection):
    """Once through is through, for each of its instances."""
    made = put_in(collection, series(changed=MOVED))
    again = put_in(collection, series(changed=MOVED))
    assert version(again) == version(made)
    assert shown(only(collection)) == ("Weekly", MOVED, set())


@pytest.mark.parametrize(
    "after",
    [
        {"changed": RENAMED, "cancelled": [THIRD]},
        {"changed": {**MOVED, THIRD: ("20260324T140000Z", "Late")}},
        {"changed": MOVED, "cancelled": [THIRD], "dropped": ["20260407T090000Z"]},
        {"changed": {}, "dropped": [SECOND]},
        {"changed": {}},
        {"summary": "Every week", "changed": MOVED, "cancelled": [THIRD]},
        {"summary": "Every week", "changed": RENAMED},
    ],
)
def test_what_an_update_tells_is_what_is_listed(collection, after):
    """Instances changed, added, cancelled, back, and the master: one item in a new version."""
    made = put_in(collection, series(changed=MOVED, cancelled=[THIRD]))
    token = collection.changes(None).token
    wanted = series(**after)
    told = update(collection, made, wanted)
    expected = (
        after.get("summary", "Weekly"),
        after["changed"],
        {*after.get("cancelled", ()), *after.get("dropped", ())},
    )
    assert version(told) != version(made)
    for item in (told, only(collection, token), only(collection)):
        assert version(item) == version(told)
        assert shown(item) == expected


def test_a_stale_update_of_an_instance_changes_nothing(collection):
    """Whoever edited it first keeps the edit."""
    made = put_in(collection, series(changed=MOVED))
    update(collection, made, series(changed=RENAMED))
    theirs = {SECOND: ("20260318T140000Z", "Theirs")}
    with pytest.raises(PreconditionFailed):
        update(collection, made, series(changed=theirs))
    assert shown(only(collection)) == ("Weekly", RENAMED, set())


def test_a_deleted_series_is_gone_as_a_whole(collection):
    """In the next listing and on asking; it does not come back by a late edit of an instance."""
    made = put_in(collection, series(changed=MOVED))
    token = collection.changes(None).token
    collection.delete(made.name, if_match=made.etag)
    assert made.name in collection.changes(token).removed
    assert collection.get([made.name]) == {made.name: None}
    with pytest.raises(ItemMissing):
        update(collection, made, series(changed=RENAMED))
    assert collection.changes(None).items == ()


def test_a_deleted_series_can_come_back(collection):
    """With other instances than it had."""
    made = put_in(collection, series(changed=MOVED, cancelled=[THIRD]))
    collection.delete(made.name, if_match=made.etag)
    put_in(collection, series(changed=RENAMED))
    assert shown(only(collection)) == ("Weekly", RENAMED, set())


def test_series_are_written_together(collection):
    """As many as the side takes at once, each with its own answer."""
    names = [f"u{n}@crm" for n in range(3)]
    made = write(
        collection,
        [
            Insert(name=collection.name_for(uid), item=series(uid=uid, changed=MOVED))
            for uid in names
        ],
    )
    assert [item.object.uid for item in made] == names
    update(collection, made[1], series(uid=names[1], changed=RENAMED))
    theirs = {SECOND: ("20260318T140000Z", "Late")}
    answers = write(
        collection,
        [
            Replace(
                name=item.name,
                item=series(uid=item.object.uid, changed=theirs),
                base=item.object,
                if_match=item.etag,
                parts=item.parts,
            )
            for item in made
        ],
    )
    assert [type(answer) for answer in answers] == [Item, PreconditionFailed, Item]
    listed = {item.object.uid: shown(item)[1] for item in collection.changes(None).items}
    assert listed == {names[0]: theirs, names[1]: RENAMED, names[2]: theirs}


def write(collection, requests):
    """Write in portions of what the side takes at once."""
    size = collection.most_at_once
    portions = [requests[first : first + size] for first in range(0, len(requests), size)]
    return [answer for portion in portions for answer in collection.write(portion)]
