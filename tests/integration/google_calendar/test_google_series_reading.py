"""Series read from the rehearsal Google: whole groups, in few requests."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from bridge.convert.google_event import event_to_object
from bridge.errors import SideUnavailable
from bridge.google_calendar.collection import GoogleCollection
from bridge.ical.split_off import SplitOff

ZONE = "Europe/Berlin"
INSTALL_KEY = bytes(range(32))


def at(day, hour=10, minute=0):
    """Return a time of March 2026 in Berlin."""
    return {"dateTime": f"2026-03-{day:02d}T{hour:02d}:{minute:02d}:00", "timeZone": ZONE}


def google_item(uid, **fields):
    """Return Google's item as the lens would make it."""
    event = {"summary": "Ours", "start": at(10), "end": at(10, 11), **fields}
    return event_to_object([event], uid=uid, calendar_zone=ZONE)


def path_of(collection):
    """Return the path of a calendar's events."""
    return f"calendars/{quote(collection.id, safe='')}/events"


@pytest.fixture
def events(google_collection):
    """Return the path of the calendar's events."""
    return path_of(google_collection)


@pytest.fixture
def weekly(google, events):
    """Return a function that makes a weekly series as its owner would, and returns its id."""

    def make(summary="Weekly", **fields):
        body = {"summary": summary, "start": at(10), "end": at(10, 11), **fields}
        body.setdefault("recurrence", ["RRULE:FREQ=WEEKLY;COUNT=6"])
        return google.user("POST", events, body)["id"]

    return make


@pytest.fixture
def change(google, events):
    """Return a function that patches an event or instance as its owner would."""

    def patch(name, **fields):
        return google.user("PATCH", f"{events}/{name}", fields)

    return patch


@pytest.fixture
def changed_series(google, events, weekly, change):
    """Return the id of a series of which one instance was moved and one cancelled."""
    name = weekly()
    change(f"{name}_20260317T090000Z", start=at(18), end=at(18, 11), summary="Moved")
    google.user("DELETE", f"{events}/{name}_20260324T090000Z")
    google.clear()
    return name


def keys(item):
    """Return the original starts of an item's exceptions."""
    return [part.recurrence_id for part in item.parts]


def operations(google):
    """Return what was asked since the last clear, batches with their parts."""
    return [
        [part["operation"].removeprefix("calendar.") for part in asked.get("parts", [asked])]
        for asked in google.requests()
    ]


CHANGED = ["20260317T090000Z", "20260324T090000Z"]


def test_a_full_listing_tells_a_series_as_one_item(google, google_collection, changed_series):
    """Master, moved and cancelled instance in one object; nothing has to be asked for."""
    (item,) = google_collection.changes(None).items
    assert (item.name, keys(item)) == (changed_series, CHANGED)
    assert [part.name for part in item.parts] == [f"{changed_series}_{key}" for key in CHANGED]
    assert all(part.seen for part in item.parts)
    assert "RRULE:FREQ=WEEKLY;" in item.object.text
    assert item.object.text.count("RECURRENCE-ID") == 2
    assert "SUMMARY:Moved" in item.object.text
    assert "STATUS:CANCELLED" in item.object.text
    assert operations(google) == [["events.list"]]


@pytest.mark.parametrize("order", ["as_made", "exceptions_first"])
@pytest.mark.parametrize("pages", ["full", "short"])
def test_order_and_pages_mean_nothing(google, google_collection, changed_series, order, pages):
    """An exception may come first, and on a page before its master's."""
    google.control("POST", "switches", listing_order=order, pages=pages)
    (item,) = google_collection.changes(None).items
    assert (item.name, keys(item)) == (changed_series, CHANGED)


def test_an_idle_look_costs_one_request(google, google_collection, changed_series):
    """Series or not."""
    token = google_collection.changes(None).token
    google.clear()
    assert google_collection.changes(token).items == ()
    assert operations(google) == [["events.list"]]


@pytest.mark.parametrize("along", ["alone", "along"])
def test_one_changed_exception_brings_the_whole_series(
    google, google_collection, changed_series, change, along
):
    """Whatever Google tells of it, the item is the same as in a full listing."""
    google.control("POST", "switches", exceptions_with_master=along)
    token = google_collection.changes(None).token
    change(f"{changed_series}_20260331T080000Z", location="Prague")
    google.clear()
    (item,) = google_collection.changes(token).items
    assert keys(item) == [*CHANGED, "20260331T080000Z"]
    assert operations(google) == [["events.list"], ["events.get"], ["events.list"]]
    assert google_collection.changes(None).items == (item,)


@pytest.mark.parametrize("along", ["alone", "along"])
def test_a_changed_master_brings_its_exceptions(
    google, google_collection, changed_series, change, along
):
    """One more request, as no listing says whether all of them came."""
    google.control("POST", "switches", exceptions_with_master=along)
    token = google_collection.changes(None).token
    change(changed_series, location="Prague")
    google.clear()
    delta = google_collection.changes(token)
    (item,) = delta.items
    assert keys(item) == CHANGED
    assert delta.removed == ()
    assert operations(google) == [["events.list"], ["events.list"]]
    assert google_collection.changes(None).items == (item,)


def test_many_touched_series_cost_a_few_batches(google, google_collection, weekly, change):
    """Never a request per series."""
    google.control("POST", "switches", quotas="off")
    names = [weekly(f"Weekly {n}") for n in range(60)]
    token = google_collection.changes(None).token
    for name in names[:55]:
        change(f"{name}_20260317T090000Z", location="Prague")
    for name in names[55:]:
        change(name, location="Brno")
    google.clear()
    items = google_collection.changes(token).items
    assert {item.name for item in items} == set(names)
    assert sum(len(item.parts) for item in items) == 55
    sizes = [len(asked) for asked in operations(google)]
    # The listing; 50 masters and their exceptions; the other 5, and 10 series' exceptions.
    assert sizes == [1, 50, 50, 5, 10]


def test_a_new_series_is_read_once(google, google_collection, weekly):
    """It could have exceptions already."""
    token = google_collection.changes(None).token
    name = weekly()
    google.clear()
    (item,) = google_collection.changes(token).items
    assert (item.name, item.parts) == (name, ())
    assert operations(google) == [["events.list"], ["events.list"]]


@pytest.mark.parametrize("details", ["documented", "always", "never"])
@pytest.mark.parametrize("told", ["with_exceptions", "master_only"])
def test_a_deleted_series_is_removed_as_a_whole(
    google, google_collection, changed_series, details, told
):
    """Whether or not its exceptions are told of, with details or without."""
    google.control("POST", "switches", tombstone_details=details, series_tombstones=told)
    token = google_collection.changes(None).token
    google.user("DELETE", f"{path_of(google_collection)}/{changed_series}")
    delta = google_collection.changes(token)
    assert changed_series in delta.removed
    assert (delta.items, delta.unreadable) == ((), ())
    assert google_collection.get([changed_series]) == {changed_series: None}
    assert google_collection.changes(None).items == ()


def test_a_cancelled_instance_that_comes_back_is_told(
    google, google_collection, changed_series, change
):
    """It stays an exception, of a series that has it again."""
    token = google_collection.changes(None).token
    change(f"{changed_series}_20260324T090000Z", status="confirmed")
    (item,) = google_collection.changes(token).items
    assert "STATUS:CANCELLED" not in item.object.text
    assert keys(item) == CHANGED


def test_a_series_that_became_a_single_event_is_one(
    google, google_collection, changed_series, change
):
    """Its former exceptions are no instances of anything."""
    token = google_collection.changes(None).token
    change(changed_series, recurrence=None)
    for delta in (google_collection.changes(token), google_collection.changes(None)):
        (item,) = delta.items
        assert (item.name, item.parts) == (changed_series, ())
        assert "RECURRENCE-ID" not in item.object.text
    assert google_collection.get([changed_series])[changed_series] == item


def test_whole_days_have_dates_as_keys(google, google_collection, weekly, change):
    """So do the ids of their instances."""
    day, next_day = {"date": "2026-03-10"}, {"date": "2026-03-11"}
    name = weekly(start=day, end=next_day)
    change(
        f"{name}_20260317",
        summary="Moved",
        start={"date": "2026-03-18"},
        end={"date": "2026-03-19"},
    )
    (item,) = google_collection.changes(None).items
    assert keys(item) == ["20260317"]
    assert "RECURRENCE-ID;VALUE=DATE:20260317" in item.object.text


def test_asking_tells_series_whole_and_together(google, google_collection, changed_series, weekly):
    """The calendar, the events, what belongs to the series among them: three requests."""
    plain, other = weekly(), weekly("Other")
    single = google_collection.insert(google_collection.name_for("u1"), google_item("u1"))
    google.clear()
    wanted = [changed_series, single.name, plain, other, "never0was"]
    found = google_collection.get(wanted)
    listed = {item.name: item for item in google_collection.changes(None).items}
    assert found == {**listed, "never0was": None}
    assert [len(asked) for asked in operations(google)] == [1, 5, 3, 1]


@pytest.mark.parametrize("path", ["/events/", "iCalUID"])
def test_a_series_that_cannot_be_read_whole_spoils_the_listing(
    google, google_collection, changed_series, change, path
):
    """No token is taken for half of it; the next look has everything."""
    token = google_collection.changes(None).token
    change(f"{changed_series}_20260331T080000Z", location="Prague")
    google.fail("status:503", path=path, times=2)
    with pytest.raises(SideUnavailable):
        google_collection.changes(token)
    google.control("DELETE", "faults")
    (item,) = google_collection.changes(token).items
    assert len(item.parts) == 3


INSTANCE = {
    "id": "foreign01_20260317T090000Z",
    "summary": "Only this one",
    "recurringEventId": "foreign01",
    "iCalUID": "foreign@elsewhere",
    "organizer": {"email": "boss@elsewhere.example"},
    "originalStartTime": at(17),
    "start": at(17),
    "end": at(17, 11),
}


@pytest.fixture
def place(google, google_collection):
    """Return a function that puts there what only Google makes."""

    def put(**fields):
        return google.control(
            "POST",
            "events",
            email=google.account.email,
            calendar_id=google_collection.id,
            event=fields,
        )

    return put


def test_an_instance_of_a_series_that_is_not_seen_is_a_single_event(
    google, google_collection, place
):
    """The guest was invited to that one only: under its id, with a UID of its own."""
    token = google_collection.changes(None).token
    place(**INSTANCE)
    second = {**INSTANCE, "id": "foreign01_20260324T090000Z", "originalStartTime": at(24)}
    place(**second)
    for delta in (google_collection.changes(token), google_collection.changes(None)):
        assert [item.name for item in delta.items] == [INSTANCE["id"], second["id"]]
        assert [item.object.uid for item in delta.items] == [
            f"{item.name}@google.com" for item in delta.items
        ]
        assert not any("RECURRENCE-ID" in item.object.text for item in delta.items)
        assert {item.parts for item in delta.items} == {()}
    assert google_collection.get([INSTANCE["id"]])[INSTANCE["id"]] == delta.items[0]


def test_a_lone_instance_ends_when_it_is_cancelled(google, google_collection, place, events):
    """Its name is told as gone, and asked for it is."""
    place(**INSTANCE)
    token = google_collection.changes(None).token
    google.user("DELETE", f"{events}/{INSTANCE['id']}")
    delta = google_collection.changes(token)
    assert delta.removed == (INSTANCE["id"],)
    assert delta.items == ()
    assert google_collection.get([INSTANCE["id"]]) == {INSTANCE["id"]: None}


def test_a_lone_instance_ends_when_its_series_is_seen(google, google_collection, place):
    """The guest was invited to all of it later: one item, and none beside it."""
    place(**INSTANCE)
    token = google_collection.changes(None).token
    place(
        id="foreign01",
        summary="All",
        iCalUID="foreign@elsewhere",
        organizer={"email": "boss@elsewhere.example"},
        recurrence=["RRULE:FREQ=WEEKLY;COUNT=6"],
        start=at(10),
        end=at(10, 11),
    )
    delta = google_collection.changes(token)
    (item,) = delta.items
    assert (item.name, keys(item)) == ("foreign01", ["20260317T090000Z"])
    assert delta.removed == (INSTANCE["id"],)
    assert google_collection.get([INSTANCE["id"]]) == {INSTANCE["id"]: None}
    assert [item.name for item in google_collection.changes(None).items] == ["foreign01"]


def split(google, collection, series, key, **fields):
    """Do what Google's page does for `this and following`."""
    return google.control(
        "POST",
        "acts",
        account=google.account.email,
        calendar=collection.id,
        event=f"{series}_{key}",
        act="edit",
        span="following",
        fields=fields,
    )


@pytest.mark.parametrize("exceptions", ["tombstones", "kept"])
def test_a_split_gives_a_second_series_that_is_not_ours(
    google, google_collection, changed_series, exceptions
):
    """Its id holds `_R`, the ids of its instances do not; our copied stamp means nothing there."""
    google.control("POST", "switches", split_exceptions=exceptions)
    token = google_collection.changes(None).token
    new = split(google, google_collection, changed_series, "20260331T080000Z", summary="Later")
    items = {item.name: item for item in google_collection.changes(token).items}
    assert set(items) == {changed_series, new["id"]}
    assert new["id"] == f"{changed_series}_R20260331T080000"
    told = SplitOff(series=changed_series, key="20260331T080000Z")
    assert google_collection.split_off(new["id"]) == told
    assert google_collection.split_off(changed_series) is None
    assert items[new["id"]].object.uid == f"{new['id']}@google.com"
    assert {item.name: item for item in google_collection.changes(None).items}.keys() == set(items)


def test_an_instance_behind_a_split_belongs_to_the_second_series(
    google, google_collection, changed_series, change
):
    """Its id has nothing of it; only `recurringEventId` tells."""
    new = split(google, google_collection, changed_series, "20260331T080000Z", summary="Later")
    second = new["id"]
    token = google_collection.changes(None).token
    name = f"{changed_series}_20260407T080000Z"
    assert change(name, location="Prague")["recurringEventId"] == second
    (item,) = google_collection.changes(token).items
    assert (item.name, [part.name for part in item.parts]) == (second, [name])


def test_a_copied_stamp_counts_on_our_own_series_alone(google, google_collection):
    """The first half stays ours, the second is a new item of Google's."""
    item = google_collection.insert(
        google_collection.name_for("u1@crm"),
        google_item("u1@crm", recurrence=["RRULE:FREQ=WEEKLY;COUNT=6"]),
    )
    split(google, google_collection, item.name, "20260324T090000Z", summary="Later")
    stamps = {i.name: (i.stamp, i.object.uid) for i in google_collection.changes(None).items}
    assert stamps.pop(item.name) == ("u1@crm", "u1@crm")
    ((second, (stamp, uid)),) = stamps.items()
    assert (stamp, uid) == (None, f"{second}@google.com")


def test_reading_series_asks_the_guard(google, google_session, google_calendar, weekly):
    """No request leaves while a transaction is open, not even the second one."""
    allowed = [True, False]

    def objects():
        assert allowed.pop(0), "a transaction is open"

    weekly()
    collection = GoogleCollection(
        google_session, google_calendar, install_key=INSTALL_KEY, guard=lambda: None
    )
    token = collection.changes(None).token
    weekly("Second")
    strict = GoogleCollection(
        google_session, google_calendar, install_key=INSTALL_KEY, guard=objects
    )
    with pytest.raises(AssertionError, match="transaction"):
        strict.changes(token)
