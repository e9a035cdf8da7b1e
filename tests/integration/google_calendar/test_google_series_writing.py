"""Series written to the rehearsal Google: the master and each exception in its own version."""

from __future__ import annotations

from datetime import date, timedelta
from urllib.parse import quote

import pytest

from bridge.convert.google_event import event_to_object
from bridge.errors import (
    ItemMissing,
    ItemRejected,
    PreconditionFailed,
    RateLimited,
    SideUnavailable,
)
from bridge.sync.model import Item
from bridge.sync.requests import Insert, Replace

ZONE = "Europe/Berlin"
SECOND, THIRD, FOURTH = "20260317T090000Z", "20260324T090000Z", "20260331T080000Z"


def at(day, hour=10):
    """Return a time of March 2026 in Berlin."""
    return {"dateTime": f"2026-03-{day:02d}T{hour:02d}:00:00", "timeZone": ZONE}


def exception(day, **fields):
    """Return the exception of the instance at ten o'clock of that day."""
    shown = {"summary": "Weekly", "start": at(day), "end": at(day, 11)}
    named = {"id": f"x{day}", "recurringEventId": "x", "originalStartTime": at(day)}
    return {**shown, **named, **fields}


def cancelled(day):
    """Return the cancelled instance of that day."""
    return exception(day, status="cancelled")


def series(*exceptions, uid="u1@crm", rule="RRULE:FREQ=WEEKLY;COUNT=6", **fields):
    """Return Google's item of a weekly series, as the lens would make it."""
    recurrence = [rule, *fields.pop("lines", ())]
    master = {"id": "x", "summary": "Weekly", "start": at(10), "end": at(10, 11), **fields}
    return event_to_object(
        [{**master, "recurrence": recurrence}, *exceptions], uid=uid, calendar_zone=ZONE
    )


MOVED = exception(17, start=at(18), end=at(18, 12), summary="Moved")


@pytest.fixture
def events(google_collection):
    """Return the path of the calendar's events."""
    return f"calendars/{quote(google_collection.id, safe='')}/events"


@pytest.fixture
def change(google, events):
    """Return a function that patches an event or instance as its owner would."""

    def patch(name, **fields):
        return google.user("PATCH", f"{events}/{name}", fields)

    return patch


@pytest.fixture
def shown(google, events):
    """Return a function that reads the instances of a series as (day, title, place), by start."""

    def read(name):
        listed = google.user("GET", f"{events}/{name}/instances")["items"]
        return [
            (each["start"]["dateTime"][5:13], each["summary"], each.get("location", ""))
            for each in listed
        ]

    return read


@pytest.fixture
def inserted(google, google_collection):
    """Return a function that inserts a series under its own id; nothing is logged of it."""

    def insert(item):
        made = google_collection.insert(google_collection.name_for(item.uid), item)
        google.clear()
        return made

    return insert


@pytest.fixture
def updated(google_collection):
    """Return a function that writes an item over another one as it was read."""

    def update(item, wanted):
        return google_collection.update(
            item.name, wanted, base=item.object, if_match=item.etag, parts=item.parts
        )

    return update


def operations(google):
    """Return what was asked since the last clear, batches with their parts."""
    return [
        [part["operation"].removeprefix("calendar.") for part in asked.get("parts", [asked])]
        for asked in google.requests()
    ]


def parts(google):
    """Return every call since the last clear, those of batches one by one."""
    return [part for asked in google.requests() for part in asked.get("parts", [asked])]


def assert_as_listed(collection, item):
    """Make sure that what a write told is what a full listing tells."""
    listed = {each.name: each for each in collection.changes(None).items}
    assert listed[item.name] == item


PLAIN = [("03-10T10", "Weekly", ""), ("03-17T10", "Weekly", ""), ("03-24T10", "Weekly", "")]


def test_a_plain_series_is_one_insert(google, google_collection, shown):
    """With our stamp, and read back as it is listed."""
    item = google_collection.insert(google_collection.name_for("u1@crm"), series())
    assert operations(google) == [["events.insert"]]
    assert (item.stamp, item.parts) == ("u1@crm", ())
    assert shown(item.name)[:3] == PLAIN
    assert_as_listed(google_collection, item)


def test_an_insert_with_a_moved_instance_reads_it_before_it_is_written(
    google, google_collection, shown
):
    """The master first; the instance has a version only Google knows."""
    item = google_collection.insert(google_collection.name_for("u1@crm"), series(MOVED))
    assert operations(google) == [["events.insert"], ["events.get"], ["events.patch"]]
    insert, _, patch = parts(google)
    assert patch["if_match"]
    assert {insert["params"]["sendUpdates"], patch["params"]["sendUpdates"]} == {"none"}
    assert shown(item.name)[:2] == [PLAIN[0], ("03-18T10", "Moved", "")]
    assert [part.recurrence_id for part in item.parts] == [SECOND]
    assert_as_listed(google_collection, item)


def test_an_insert_with_cancelled_instances_names_them_in_the_rule(
    google, google_collection, shown
):
    """One call, and they never were there."""
    item = google_collection.insert(google_collection.name_for("u1@crm"), series(cancelled(17)))
    assert operations(google) == [["events.insert"]]
    assert shown(item.name)[:2] == [PLAIN[0], PLAIN[2]]
    assert_as_listed(google_collection, item)


def test_an_insert_that_broke_off_after_the_master_is_completed(google, google_collection, shown):
    """The repetition finds the master by its stamp and writes what is missing."""
    name = google_collection.name_for("u1@crm")
    wanted = series(MOVED, exception(24, location="Prague"))
    google.fail_part("status:403:rateLimitExceeded", method="PATCH", after=1)
    with pytest.raises(RateLimited):
        google_collection.insert(name, wanted)
    item = google_collection.insert(name, wanted)
    assert shown(name)[:3] == [
        PLAIN[0],
        ("03-18T10", "Moved", ""),
        ("03-24T10", "Weekly", "Prague"),
    ]
    assert_as_listed(google_collection, item)
    google.clear()
    assert google_collection.insert(name, wanted) == item
    assert [call["operation"] for call in parts(google) if call["method"] == "PATCH"] == []


def test_completing_an_insert_leaves_what_a_person_made_of_it_since(
    google, google_collection, change, shown
):
    """The instances that are missing are written, all else is the person's."""
    name = google_collection.name_for("u1@crm")
    google.fail("reset_before", path="/batch/", times=2)
    with pytest.raises(SideUnavailable):
        google_collection.insert(name, series(MOVED, exception(24, summary="Third")))
    google.control("DELETE", "faults")
    change(name, location="Roof")
    change(f"{name}_{THIRD}", summary="Theirs")
    item = google_collection.insert(name, series(MOVED, exception(24, summary="Third")))
    assert shown(name)[:3] == [
        ("03-10T10", "Weekly", "Roof"),
        ("03-18T10", "Moved", ""),
        ("03-24T10", "Theirs", "Roof"),
    ]
    assert_as_listed(google_collection, item)


def test_completing_an_insert_writes_nothing_into_a_series_that_was_moved(
    google, google_collection, change, shown
):
    """Its instances are others now."""
    name = google_collection.name_for("u1@crm")
    google_collection.insert(name, series())
    change(name, start=at(11), end=at(11, 11))
    item = google_collection.insert(name, series(MOVED))
    assert shown(name)[:2] == [("03-11T10", "Weekly", ""), ("03-18T10", "Weekly", "")]
    assert_as_listed(google_collection, item)


def test_a_deleted_series_comes_back_with_its_instances(google, google_collection, inserted, shown):
    """Under its id, whatever became of its exceptions with it."""
    first = inserted(series(MOVED, cancelled(24)))
    google_collection.delete(first.name, if_match=first.etag)
    again = google_collection.insert(
        first.name, series(MOVED, exception(24, location="Prague"), summary="Back")
    )
    assert shown(first.name)[:3] == [
        ("03-10T10", "Back", ""),
        ("03-18T10", "Moved", ""),
        ("03-24T10", "Weekly", "Prague"),
    ]
    assert again.stamp == "u1@crm"
    assert_as_listed(google_collection, again)


def test_a_known_exception_is_patched_in_its_own_version(google, updated, inserted, shown):
    """One call with that one's If-Match and the changed field; the master is not touched."""
    item = inserted(series(MOVED))
    (part,) = item.parts
    renamed = series({**MOVED, "summary": "Renamed"})
    told = updated(item, renamed)
    patch, _ = parts(google)
    assert (patch["method"], patch["body"]) == ("PATCH", '{"summary": "Renamed"}')
    assert patch["if_match"] == f'"{part.seen}"'
    assert patch["path"].endswith(f"/{item.name}_{SECOND}")
    # The master, whose text is part of the answer, in the same request.
    assert operations(google) == [["events.patch", "events.get"]]
    assert shown(item.name)[1] == ("03-18T10", "Renamed", "")
    assert told.etag == item.etag
    assert told.parts[0].seen not in (part.seen, None)


def test_the_answer_of_a_write_is_what_is_listed(google_collection, updated, inserted):
    """So that the echo is known, exceptions that were not touched included."""
    item = inserted(series(MOVED, exception(24, location="Prague"), cancelled(31)))
    wanted = series(
        {**MOVED, "summary": "Renamed"}, exception(24, location="Prague"), cancelled(31)
    )
    token = google_collection.changes(None).token
    told = updated(item, wanted)
    assert_as_listed(google_collection, told)
    assert google_collection.changes(token).items == (told,)


def test_a_change_of_the_master_leaves_exceptions_alone(
    google, google_collection, updated, inserted, shown
):
    """Google's exceptions are copies of their own, and stay what they are."""
    item = inserted(series(MOVED))
    google.clear()
    told = updated(item, series(MOVED, location="Prague"))
    assert operations(google) == [["events.patch"], ["events.list"]]
    assert shown(item.name)[:2] == [("03-10T10", "Weekly", "Prague"), ("03-18T10", "Moved", "")]
    assert_as_listed(google_collection, told)


@pytest.mark.parametrize("along", ["alone", "along"])
def test_master_and_exception_are_written_one_after_the_other(
    google, google_collection, updated, inserted, along
):
    """Never in one batch, whose order is not promised; a new version of our own is no edit."""
    google.control("POST", "switches", exceptions_with_master=along)
    item = inserted(series(MOVED, exception(24, location="Prague")))
    wanted = series(
        {**MOVED, "summary": "Renamed"}, exception(24, location="Prague"), summary="Every week"
    )
    told = updated(item, wanted)
    assert operations(google) == [
        ["events.patch"],
        ["events.get"],
        ["events.patch"],
        ["events.list"],
    ]
    for line in ("SUMMARY:Every week", "SUMMARY:Renamed", "LOCATION:Prague"):
        assert line in told.object.text
    assert_as_listed(google_collection, told)


def test_a_series_of_which_hundreds_of_dates_are_cancelled_is_made_in_parts(
    google, google_collection, events
):
    """As one line of excluded dates Google might refuse it."""
    first = date(2026, 3, 10)
    dates = [f"{first + timedelta(days=number)}" for number in range(220)]
    gone = [
        {"status": "cancelled", "recurringEventId": "x", "originalStartTime": {"date": each}}
        for each in dates[:-1]
    ]
    master = {"id": "x", "start": {"date": dates[0]}, "end": {"date": dates[1]}}
    master["recurrence"] = [f"RRULE:FREQ=DAILY;COUNT={len(dates)}"]
    made = event_to_object([master, *gone], uid="u1@crm", calendar_zone=ZONE)
    item = google_collection.insert(google_collection.name_for("u1@crm"), made)
    there = google.user("GET", f"{events}/{item.name}")
    assert len(there["recurrence"][1].split(",")) == 100
    listed = google.user("GET", f"{events}/{item.name}/instances")
    assert [each["start"]["date"] for each in listed["items"]] == [dates[-1]]
    assert_as_listed(google_collection, item)


def test_an_instance_becomes_an_exception_is_cancelled_and_comes_back(
    google_collection, updated, inserted, shown
):
    """Step by step, each in the version of the step before."""
    item = inserted(series())
    item = updated(item, series(exception(17, location="Prague")))
    assert shown(item.name)[1] == ("03-17T10", "Weekly", "Prague")
    item = updated(item, series(cancelled(17)))
    assert shown(item.name)[1] == PLAIN[2]
    item = updated(item, series(exception(17, location="Brno")))
    assert shown(item.name)[1] == ("03-17T10", "Weekly", "Brno")
    item = updated(item, series(exception(17)))
    assert shown(item.name)[:3] == PLAIN
    assert [part.recurrence_id for part in item.parts] == [SECOND]
    assert_as_listed(google_collection, item)


def test_a_moved_series_tells_its_instances_anew(google_collection, updated, inserted, shown):
    """Google forgets exceptions whose original start is no more."""
    item = inserted(series(MOVED, cancelled(24)))
    later = {"originalStartTime": at(17, 15)}
    wanted = series(
        {**MOVED, **later, "location": "Prague"},
        cancelled(24) | {"originalStartTime": at(24, 15)},
        start=at(10, 15),
        end=at(10, 16),
    )
    item = updated(item, wanted)
    assert shown(item.name)[:3] == [
        ("03-10T15", "Weekly", ""),
        ("03-18T10", "Moved", "Prague"),
        ("03-31T15", "Weekly", ""),
    ]
    delta = google_collection.changes(None)
    assert [each.name for each in delta.items] == [item.name]


def test_a_series_becomes_a_single_event_and_again_a_series(
    google_collection, updated, inserted, shown
):
    """The rule is a field like others."""
    item = inserted(series(MOVED))
    single = event_to_object(
        [{"summary": "Weekly", "start": at(10), "end": at(10, 11)}],
        uid="u1@crm",
        calendar_zone=ZONE,
    )
    item = updated(item, single)
    assert "RRULE" not in item.object.text
    assert_as_listed(google_collection, item)
    item = updated(item, series())
    assert shown(item.name)[:3] == PLAIN


def test_an_exception_edited_at_google_is_not_overwritten(updated, inserted, change, shown):
    """Its own If-Match fails; the master's version does not know of it."""
    item = inserted(series(MOVED))
    change(f"{item.name}_{SECOND}", summary="Theirs")
    with pytest.raises(PreconditionFailed):
        updated(item, series({**MOVED, "summary": "Ours"}))
    assert shown(item.name)[1] == ("03-18T10", "Theirs", "")


@pytest.mark.parametrize("master", ["Weekly", "Every week"])
def test_a_plain_instance_edited_at_google_is_not_overwritten(
    updated, inserted, change, shown, master
):
    """We never saw it as an exception, so there is no version to demand."""
    item = inserted(series())
    change(f"{item.name}_{SECOND}", location="Theirs")
    with pytest.raises(PreconditionFailed):
        updated(item, series(exception(17, location="Ours"), summary=master))
    assert shown(item.name)[1] == ("03-17T10", "Weekly", "Theirs")


def test_an_exception_edited_while_its_master_is_written_is_not_overwritten(
    updated, inserted, change, shown
):
    """A new version is our own doing only if nothing else is new."""
    item = inserted(series(MOVED))
    change(f"{item.name}_{SECOND}", location="Theirs")
    with pytest.raises(PreconditionFailed):
        updated(item, series({**MOVED, "location": "Ours"}, summary="Every week"))
    assert shown(item.name)[1] == ("03-18T10", "Moved", "Theirs")


def test_another_exception_edited_meanwhile_is_left_for_the_next_listing(
    google_collection, updated, inserted, change
):
    """Were it in the answer, it would pass for agreed and never be told."""
    prague = exception(24, location="Prague")
    item = inserted(series(MOVED, prague))
    token = google_collection.changes(None).token
    change(f"{item.name}_{FOURTH}", location="Theirs")
    told = updated(item, series({**MOVED, "summary": "Renamed"}, prague))
    assert [part.recurrence_id for part in told.parts] == [SECOND, THIRD]
    (listed,) = google_collection.changes(token).items
    assert [part.recurrence_id for part in listed.parts] == [SECOND, THIRD, FOURTH]
    change(f"{item.name}_{THIRD}", location="Theirs")
    with pytest.raises(PreconditionFailed):
        updated(told, series({**MOVED, "summary": "Again"}, prague))


def test_a_stale_master_is_refused_before_anything_is_written(updated, inserted, change, shown):
    """412 of the master ends it."""
    item = inserted(series(MOVED))
    change(item.name, location="Theirs")
    with pytest.raises(PreconditionFailed):
        updated(item, series({**MOVED, "summary": "Ours"}, summary="Ours"))
    assert shown(item.name)[:2] == [("03-10T10", "Weekly", "Theirs"), ("03-18T10", "Moved", "")]


@pytest.mark.parametrize("wanted", [series({**MOVED, "summary": "x"}), series(MOVED, summary="x")])
def test_a_series_deleted_at_google_is_missing(
    google_collection, updated, inserted, change, wanted
):
    """Whether its master or an instance is written; it does not come back by that."""
    item = inserted(series(MOVED))
    change(item.name, status="cancelled")
    with pytest.raises(ItemMissing):
        updated(item, wanted)
    assert google_collection.changes(None).items == ()


def test_an_instance_the_rule_does_not_have_any_more_is_looked_at_again(updated, inserted, change):
    """The rule was shortened at Google; 404 of an instance is not the item's."""
    item = inserted(series())
    change(item.name, recurrence=["RRULE:FREQ=WEEKLY;COUNT=2"])
    with pytest.raises(PreconditionFailed):
        updated(item, series(exception(24, location="Prague")))


def test_a_refused_instance_is_the_items_trouble(google, updated, inserted):
    """Other items go on."""
    item = inserted(series(MOVED))
    google.fail_part("status:400:invalid", method="PATCH")
    with pytest.raises(ItemRejected):
        updated(item, series({**MOVED, "summary": "Renamed"}))


def test_an_update_without_a_base_or_a_difference_reads_the_whole_series(
    google, google_collection, inserted, shown
):
    """What is there now is the base; without a difference nothing is written."""
    item = inserted(series(MOVED))
    same = google_collection.update(
        item.name, series(MOVED), base=None, if_match=item.etag, parts=item.parts
    )
    assert same == item
    again = google_collection.update(
        item.name, series(MOVED), base=item.object, if_match=item.etag, parts=item.parts
    )
    assert again == item
    assert {call["method"] for call in parts(google)} == {"GET"}
    google_collection.update(
        item.name, series({**MOVED, "summary": "New"}), base=None, if_match=item.etag
    )
    assert shown(item.name)[1] == ("03-18T10", "New", "")


def test_deleting_a_series_takes_its_exceptions_along(google, google_collection, inserted):
    """One call, with the master's version."""
    item = inserted(series(MOVED, cancelled(24)))
    token = google_collection.changes(None).token
    google.clear()
    google_collection.delete(item.name, if_match=item.etag)
    assert operations(google) == [["events.delete"]]
    assert item.name in google_collection.changes(token).removed
    assert google_collection.changes(None).items == ()


def test_an_instance_behind_a_split_is_found_by_its_original_start(
    google, google_collection, updated, inserted, shown
):
    """Ids of a series with `_R` do not give those of its instances."""
    first = inserted(series())
    second = google.control(
        "POST",
        "acts",
        account=google.account.email,
        calendar=google_collection.id,
        event=f"{first.name}_{SECOND}",
        act="edit",
        span="following",
        fields={"summary": "Later"},
    )
    item = google_collection.get([second["id"]])[second["id"]]
    google.clear()
    text = item.object.text
    master = {"id": "x", "summary": "Later", "start": at(17), "end": at(17, 11)}
    rule = next(line for line in text.splitlines() if line.startswith("RRULE"))
    wanted = event_to_object(
        [
            {**master, "recurrence": [rule]},
            exception(24, summary="Later", location="Prague"),
        ],
        uid=item.object.uid,
        calendar_zone=ZONE,
    )
    told = updated(item, wanted)
    assert operations(google)[0] == ["events.instances", "events.get"]
    assert [part.name for part in told.parts] == [f"{first.name}_{THIRD}"]
    assert shown(second["id"])[1] == ("03-24T10", "Later", "Prague")
    assert_as_listed(google_collection, told)


def test_many_series_are_written_in_a_few_batches(google, google_collection):
    """Masters in one, their instances read in the next and written in a third."""
    google.control("POST", "switches", quotas="off", batch_order="reversed")
    wanted = [
        Insert(
            name=google_collection.name_for(f"u{n}"),
            item=series(MOVED, exception(24, location="Prague"), uid=f"u{n}"),
        )
        for n in range(20)
    ]
    made = google_collection.write(wanted)
    assert all(isinstance(item, Item) for item in made)
    assert operations(google) == [
        ["events.insert"] * 20,
        ["events.get"] * 40,
        ["events.patch"] * 40,
    ]
    google.clear()
    changed = [
        Replace(
            name=item.name,
            item=series(MOVED, exception(24, location="Brno"), uid=item.object.uid),
            base=item.object,
            if_match=item.etag,
            parts=item.parts,
        )
        for item in made
    ]
    told = google_collection.write(changed)
    # The instances with their masters, and the exceptions that were not touched.
    assert operations(google) == [["events.patch", "events.get"] * 20, ["events.list"] * 20]
    listed = {item.name: item for item in google_collection.changes(None).items}
    assert {item.name: item for item in told} == listed


def test_a_batch_of_series_that_broke_off_is_completed(google, google_collection, shown):
    """What the first batches settled is not done twice, and nothing is lost."""
    wanted = [
        Insert(
            name=google_collection.name_for(f"u{n}"),
            item=series(*([MOVED] if n else []), uid=f"u{n}"),
        )
        for n in range(3)
    ]
    google.control("POST", "faults", fault="reset_after", path_contains="/batch/", after=2, times=2)
    answers = google_collection.write(wanted)
    assert isinstance(answers[0], Item)
    assert not any(isinstance(answer, Item) for answer in answers[1:])
    google.control("DELETE", "faults")
    again = google_collection.write(wanted)
    assert [item.stamp for item in again] == ["u0", "u1", "u2"]
    assert again[0] == answers[0]
    for item in again[1:]:
        assert shown(item.name)[1] == ("03-18T10", "Moved", "")
        assert_as_listed(google_collection, item)


def test_whole_days_are_written_by_their_dates(google_collection, updated, google, events):
    """The keys are dates, and so are the ids of instances."""
    day = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
    free = exception(
        17,
        originalStartTime={"date": "2026-03-17"},
        start={"date": "2026-03-18"},
        end={"date": "2026-03-19"},
    )
    item = google_collection.insert(google_collection.name_for("u1@crm"), series(free, **day))
    assert [part.name for part in item.parts] == [f"{item.name}_20260317"]
    assert_as_listed(google_collection, item)
    item = updated(item, series({**free, "location": "Prague"}, **day))
    stored = google.user("GET", f"{events}/{item.name}_20260317")
    assert (stored["start"], stored["location"]) == ({"date": "2026-03-18"}, "Prague")


def test_no_guest_is_mailed_for_any_part(google, google_collection, updated, inserted):
    """Design decision 28, for masters and exceptions alike."""
    item = inserted(series(MOVED))
    updated(item, series({**MOVED, "summary": "Renamed"}, summary="Every week"))
    writes = [call for call in parts(google) if call["method"] != "GET"]
    assert {call["params"]["sendUpdates"] for call in writes} == {"none"}
    assert all(call["if_match"] for call in writes)


def test_guests_are_told_of_every_part_when_a_person_said_so(google, google_collection, inserted):
    """The exception is part of the one change that was asked about, if it has another time."""
    item = inserted(series(MOVED))
    google_collection.update(
        item.name,
        series({**MOVED, "end": at(18, 13)}, cancelled(24), rule="RRULE:FREQ=WEEKLY;COUNT=4"),
        base=item.object,
        if_match=item.etag,
        parts=item.parts,
        tell_guests=True,
    )
    writes = [call for call in parts(google) if call["method"] != "GET"]
    assert [call["params"]["sendUpdates"] for call in writes] == ["all", "all", "all"]
