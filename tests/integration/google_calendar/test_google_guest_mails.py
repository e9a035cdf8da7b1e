"""Mails to guests: none, but for the one write that a person said they are to be told of (G7)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote

import pytest

from bridge.convert.google_event import event_to_object
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES
from bridge.domain.spans import TimedSpan
from bridge.domain.sync_settings import SyncSettings
from bridge.domain.view import Instance
from bridge.sync.requests import Remove, Replace

pytestmark = pytest.mark.mails

ZONE = "Europe/Berlin"
FIRST, SECOND, THIRD = "20260310T090000Z", "20260317T090000Z", "20260324T090000Z"
LENS = GoogleLens(
    settings=SyncSettings(
        incoming_type="meeting", outgoing_types=frozenset(), sync_from=date(2026, 1, 1)
    ),
    types=STOCK_TYPES,
    calendar_zone=ZONE,
    own_addresses=["anna@example.com"],
)


def _event(hour: int = 10) -> dict[str, object]:
    return {
        "summary": "Review",
        "start": {"dateTime": f"2026-03-10T{hour}:00:00+01:00", "timeZone": ZONE},
        "end": {"dateTime": f"2026-03-10T{hour}:30:00+01:00", "timeZone": ZONE},
    }


@pytest.fixture
def meeting(google, google_collection):
    """An event with a guest, made by its owner without mail."""
    path = f"calendars/{quote(google_collection.id, safe='')}/events?sendUpdates=none"
    made = google.user("POST", path, {**_event(), "attendees": [{"email": "eva@example.org"}]})
    (item,) = google_collection.get([made["id"]]).values()
    google.clear()
    return item


def _moved(item):
    return event_to_object([_event(14)], uid=item.object.uid, calendar_zone=ZONE)


def _without_guests(item):
    return event_to_object([_event()], uid=item.object.uid, calendar_zone=ZONE)


def _asked(google) -> set[str]:
    """Return what was said about mails in every write since the last clear."""
    asked = google.requests()
    parts = [part for request in asked for part in request.get("parts", ())] or asked
    return {part["params"]["sendUpdates"] for part in parts if part["method"] != "GET"}


@pytest.mark.parametrize("tell_guests", [False, True])
def test_a_moved_event_mails_guests_only_if_told_so(
    google, google_collection, meeting, tell_guests
):
    """The other fields of the same write are told in the same mail."""
    google_collection.update(
        meeting.name,
        _moved(meeting),
        base=_without_guests(meeting),
        if_match=meeting.etag,
        tell_guests=tell_guests,
    )
    assert _asked(google) == {"all" if tell_guests else "none"}
    assert bool(google.control("GET", "mail")) is tell_guests


@pytest.mark.parametrize("tell_guests", [False, True])
def test_a_deleted_event_mails_guests_only_if_told_so(
    google, google_collection, meeting, tell_guests
):
    """The cancellation is sent by Google, or by nobody."""
    google_collection.delete(meeting.name, if_match=meeting.etag, tell_guests=tell_guests)
    assert _asked(google) == {"all" if tell_guests else "none"}
    assert bool(google.control("GET", "mail")) is tell_guests


def test_in_one_batch_only_the_write_told_so_mails(google, google_collection, meeting):
    """One word is about one item."""
    other = google_collection.insert(
        google_collection.name_for("u2"), event_to_object([_event()], uid="u2", calendar_zone=ZONE)
    )
    google.clear()
    google_collection.write(
        [
            Replace(
                name=meeting.name,
                item=_moved(meeting),
                base=_without_guests(meeting),
                if_match=meeting.etag,
                tell_guests=True,
            ),
            Remove(name=other.name, if_match=other.etag),
        ]
    )
    assert _asked(google) == {"all", "none"}
    assert {mail["to"] for mail in google.control("GET", "mail")} == {"eva@example.org"}


@pytest.fixture
def invited(google, google_collection):
    """Return a function that makes an event with two guests, and returns it as it is read."""
    path = f"calendars/{quote(google_collection.id, safe='')}/events?sendUpdates=none"
    guests = [{"email": "eva@example.org"}, {"email": "ben@example.com"}]

    def make(*recurrence, moved=()):
        more = {"recurrence": list(recurrence)} if recurrence else {}
        made = google.user("POST", path, {**_event(), "attendees": guests, **more})
        for key in moved:
            exception = path.replace("?", f"/{made['id']}_{key}?")
            google.user("PATCH", exception, {"location": "Elsewhere"})
        (item,) = google_collection.get([made["id"]]).values()
        return item

    return make


@pytest.fixture
def told(google, google_collection):
    """Return a function that writes a view over an item and returns who was mailed about what."""

    def write(item, view, *, tell_guests=True):
        before = google.control("GET", "mail")
        google_collection.update(
            item.name,
            LENS.put_google(view, item.object),
            base=item.object,
            if_match=item.etag,
            parts=item.parts,
            tell_guests=tell_guests,
        )
        mails = google.control("GET", "mail")[len(before) :]
        return sorted(
            (mail["event_id"].removeprefix(item.name), mail["to"], mail["kind"]) for mail in mails
        )

    return write


def _weekly(item):
    return LENS.google_view(item.object)


def _later(view, **span):
    """Return a view at another time; of a series, all of it."""
    was = view.schedule.span
    by = timedelta(**span)
    moved = replace(was, start=was.start + by, end=was.end + by)
    return replace(view, schedule=replace(view.schedule, span=moved))


def _on(view, key, **more):
    """Return what an instance of a series shows, another title or place apart."""
    start = datetime.strptime(key, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    span = TimedSpan(start=start, end=start + timedelta(minutes=30), zone=ZONE)
    plain = replace(view, schedule=replace(view.schedule, span=span, recurrence=()), instances=())
    return replace(plain, **more)


def _both(part, kind="update"):
    return [(part, guest, kind) for guest in ("ben@example.com", "eva@example.org")]


WEEKLY = "RRULE:FREQ=WEEKLY;COUNT=6"


def test_guests_are_told_of_each_date_that_moves_once(invited, told):
    """Google mails about the event that is written, and an instance is one of its own."""
    view = _weekly(item := invited(WEEKLY))
    second, third = (_later(_on(view, key), hours=4) for key in (SECOND, THIRD))
    moved = (Instance(key=SECOND, view=second), Instance(key=THIRD, view=third))
    mails = told(item, replace(view, instances=moved))
    assert mails == [*_both(f"_{SECOND}"), *_both(f"_{THIRD}")]


def test_guests_are_told_of_a_date_that_is_cancelled_once(invited, told):
    """The other dates of the series are no news."""
    view = _weekly(item := invited(WEEKLY))
    mails = told(item, replace(view, instances=(Instance(key=SECOND),)))
    assert [(part, to) for part, to, _ in mails] == [
        (f"_{SECOND}", "ben@example.com"),
        (f"_{SECOND}", "eva@example.org"),
    ]


def test_nobody_is_told_of_what_no_person_was_asked_about(invited, told):
    """A date that is done, or has another title, goes with the one that moves, without mail."""
    view = _weekly(item := invited(WEEKLY, moved=[THIRD]))
    shown = view.by_key()[THIRD]
    instances = (
        Instance(key=FIRST, view=_on(view, FIRST, done=True)),
        Instance(key=SECOND, view=_later(_on(view, SECOND), hours=4)),
        Instance(key=THIRD, view=replace(shown, title="Renamed")),
    )
    mails = told(item, replace(view, title="Every week", instances=instances))
    assert mails == _both(f"_{SECOND}")


def test_a_moved_series_mails_once_and_once_for_a_date_that_stays_apart(invited, told):
    """What goes along with the series is told by it; what was there before in the same way, too."""
    view = _weekly(item := invited(WEEKLY))
    later = _later(view, hours=4)
    fourth = "20260331T120000Z"
    keys = ("20260317T130000Z", "20260324T130000Z", fourth)
    instances = (
        Instance(key=keys[0], view=_later(_on(later, keys[0]), days=1)),
        Instance(key=keys[1], view=_on(later, keys[1], location="Elsewhere")),
        Instance(key=fourth),
    )
    mails = told(item, replace(later, instances=instances))
    assert mails[:2] == _both("")
    assert [part for part, _, _ in mails[2:]] == [f"_{keys[0]}"] * 2 + [f"_{fourth}"] * 2


def test_a_date_that_a_shorter_series_leaves_alone_is_told_to_nobody_again(
    google_collection, invited, told
):
    """It is written anew, for Google may have forgotten it; guests know of it."""
    view = _weekly(item := invited(WEEKLY))
    moved = (Instance(key=SECOND, view=_later(_on(view, SECOND), hours=4)), Instance(key=THIRD))
    told(item, replace(view, instances=moved))
    (item,) = google_collection.get([item.name]).values()
    shorter = replace(view.schedule, recurrence=("RRULE:FREQ=WEEKLY;COUNT=4",))
    assert told(item, replace(view, schedule=shorter, instances=moved)) == _both("")


def test_an_event_that_becomes_a_series_tells_of_its_moved_dates_too(invited, told):
    """Each in its own mail, after the one about the series."""
    view = _weekly(item := invited())
    weekly = replace(view, schedule=replace(view.schedule, recurrence=(WEEKLY,)))
    moved = Instance(key=SECOND, view=_later(_on(weekly, SECOND), hours=4))
    mails = told(item, replace(weekly, instances=(moved, Instance(key=THIRD))))
    assert mails[:2] == _both("")
    assert [part for part, _, _ in mails[2:]] == [f"_{SECOND}"] * 2 + [f"_{THIRD}"] * 2


def test_a_series_written_without_a_word_mails_nobody(invited, told):
    """Whatever moves or goes in it (promise 7)."""
    view = _later(_weekly(item := invited(WEEKLY)), hours=4)
    key = "20260317T130000Z"
    instances = (Instance(key=key, view=_later(_on(view, key), days=1)),)
    assert told(item, replace(view, instances=instances), tell_guests=False) == []
