"""Listings no rehearsal gives: odd events, odd pages, special types."""

from __future__ import annotations

import pytest

from bridge.errors import CollectionGone, SideUnavailable, SyncTokenExpired
from bridge.google_calendar.collection import GoogleCollection
from bridge.google_calendar.session import GoogleCalendar

ZONE = "Europe/Berlin"
CALENDAR = GoogleCalendar(id="c@g", name="CRM", zone=ZONE, access_role="owner")


def event(event_id, **fields):
    """Return a timed event."""
    return {
        "id": event_id,
        "etag": '"1"',
        "status": "confirmed",
        "start": {"dateTime": "2026-03-10T10:00:00+01:00", "timeZone": ZONE},
        "end": {"dateTime": "2026-03-10T10:30:00+01:00", "timeZone": ZONE},
        **fields,
    }


def last_page(*events):
    """Return the only page of a listing."""
    return (200, {"items": list(events), "nextSyncToken": "t1"})


@pytest.fixture
def collection(scripted_session):
    """Return a collection on the scripted Google."""
    return GoogleCollection(scripted_session, CALENDAR, install_key=bytes(32))


def test_a_listing_asks_for_masters_and_names_its_fields(scripted_google, collection):
    """Without the tokens in `fields` they would be lost; parameters stay the same with a token."""
    scripted_google.answers += [last_page(), last_page()]
    collection.changes(None)
    collection.changes("t0")
    full, incremental = (asked.query for asked in scripted_google.asked)
    assert full["singleEvents"] == "false"
    assert full["maxResults"] == "2500"
    assert full["fields"].startswith("nextPageToken,nextSyncToken,accessRole,items(id,etag,")
    assert incremental == {**full, "syncToken": "t0"}


def test_every_page_repeats_the_sync_token(scripted_google, collection):
    """Google wants the same token with each page token."""
    scripted_google.answers += [(200, {"nextPageToken": "p2"}), last_page()]
    assert collection.changes("t0").token == "t1"
    assert [
        (asked.query["syncToken"], asked.query.get("pageToken")) for asked in scripted_google.asked
    ] == [
        ("t0", None),
        ("t0", "p2"),
    ]


def test_a_token_that_expires_between_pages_is_expired(scripted_google, collection):
    """410 can come on any page; nothing of the earlier ones counts (G02)."""
    gone = {"error": {"errors": [{"reason": "fullSyncRequired"}], "code": 410}}
    scripted_google.answers += [
        (200, {"items": [event("aaaaa")], "nextPageToken": "p2"}),
        (410, gone),
    ]
    with pytest.raises(SyncTokenExpired):
        collection.changes("t0")


@pytest.mark.parametrize(
    "page",
    [
        {"items": [None], "nextSyncToken": "t1"},
        {"items": "none", "nextSyncToken": "t1"},
        {"items": [{"etag": '"1"'}], "nextSyncToken": "t1"},
        {"items": []},
        {"error": "but 200"},
    ],
)
def test_an_odd_page_gives_no_token(scripted_google, collection, page):
    """The listing is tried again later, from where it was (G01, G08)."""
    scripted_google.answers += [
        (200, {"items": [event("aaaaa")], "nextPageToken": "p2"}),
        (200, page),
    ]
    with pytest.raises(SideUnavailable):
        collection.changes(None)


@pytest.mark.parametrize(
    "fields",
    [
        {"start": None, "end": None},
        {"start": {"dateTime": "soon"}},
        {"start": {"date": "2026-03-11"}, "end": {"date": "2026-03-10"}},
        {"start": {"dateTime": "2026-03-10T10:00:00Z", "timeZone": "Middle/Earth"}},
        {"summary": 5},
        {"attendees": "all"},
    ],
)
def test_an_event_that_cannot_be_read_is_parked_beside_the_others(
    scripted_google, collection, fields
):
    """It is visible and blocks nobody; the token moves on."""
    scripted_google.answers.append(last_page(event("aaaaa", **fields), event("bbbbb")))
    delta = collection.changes(None)
    assert [(u.name, u.etag, u.reason) for u in delta.unreadable] == [("aaaaa", "1", "unreadable")]
    assert [item.name for item in delta.items] == ["bbbbb"]
    assert delta.token == "t1"


def test_unknown_fields_and_forged_stamps_do_no_harm(scripted_google, collection):
    """Anybody can write to a calendar they are invited to."""
    stamp = {"crmdavInstall": "x", "crmdavUid": "u1", "crmdavVersion": "1.0.x"}
    odd = event("aaaaa", news={"a": [1]}, extendedProperties={"private": stamp}, iCalUID=7)
    scripted_google.answers.append(last_page(odd))
    (item,) = collection.changes(None).items
    assert item.stamp is None
    assert item.object.uid == "aaaaa@google.com"


def test_other_event_types_come_through_with_their_type(scripted_google, collection):
    """Scope rules decide about them, not the collection."""
    scripted_google.answers.append(last_page(event("aaaaa", eventType="outOfOffice")))
    (item,) = collection.changes(None).items
    assert "X-GOOGLE-EVENT-TYPE:outOfOffice" in item.object.text


NOT_FOUND = (404, {"error": {"errors": [{"reason": "notFound"}], "code": 404}})


def of_series(key="20260317T090000Z", **fields):
    """Return an event that says it is an instance of `ser01`."""
    at = {"dateTime": "2026-03-17T10:00:00+01:00", "timeZone": ZONE}
    named = {"recurringEventId": "ser01", "originalStartTime": at, "iCalUID": "shared@g"}
    return event(f"ser01_{key}", **{**named, **fields})


def test_a_cancelled_instance_of_an_unseen_series_is_nothing(scripted_google, collection):
    """Google guarantees no details of it; that no item has its name is all it says (G10)."""
    bare = of_series()
    cancelled = {n: bare[n] for n in ("id", "recurringEventId", "originalStartTime")}
    scripted_google.answers += [last_page({**cancelled, "status": "cancelled"}), NOT_FOUND]
    delta = collection.changes("t0")
    assert (delta.items, delta.unreadable) == ((), ())
    assert delta.removed == (bare["id"],)
    assert delta.token == "t1"


def test_an_instance_of_an_unseen_series_is_a_single_event(scripted_google, collection):
    """The guest of one instance sees no series; nothing of the item recurs or shares its UID."""
    scripted_google.answers += [last_page(of_series()), NOT_FOUND]
    (item,) = collection.changes("t0").items
    assert (item.name, item.parts) == ("ser01_20260317T090000Z", ())
    assert item.object.uid == "ser01_20260317T090000Z@google.com"
    assert "RECURRENCE-ID" not in item.object.text


@pytest.mark.parametrize("fault", [(503, ""), (403, {"error": {"errors": [{"reason": "x"}]}})])
def test_a_master_without_a_definite_answer_makes_no_lone_instance(
    scripted_google, collection, fault
):
    """Only 404 says that the account does not see it; a refusal parks the group."""
    scripted_google.answers += [last_page(of_series()), fault]
    if fault[0] == 503:
        with pytest.raises(SideUnavailable):
            collection.changes("t0")
    else:
        delta = collection.changes("t0")
        assert [(u.name, u.reason) for u in delta.unreadable] == [("ser01", "unreadable")]
        assert delta.items == ()


def test_an_instance_whose_master_is_refused_is_not_gone(scripted_google, collection):
    """Asked for by its name, it is neither an item nor a removal."""
    calendar = (200, {"id": "c@g", "accessRole": "owner"})
    refused = (403, {"error": {"errors": [{"reason": "x"}]}})
    alone = of_series()
    scripted_google.answers += [calendar, (200, alone), refused]
    assert collection.get([alone["id"]]) == {}
    scripted_google.answers += [calendar, (200, alone), NOT_FOUND]
    assert collection.get([alone["id"]])[alone["id"]].name == alone["id"]
    scripted_google.answers += [calendar, (200, alone), (200, event("ser01"))]
    assert collection.get([alone["id"]]) == {alone["id"]: None}


def test_what_the_listing_told_stays_against_an_older_answer(scripted_google, collection):
    """The token covers the listing; a look at the rest of the series may be behind it."""
    told = of_series(etag='"8"', summary="New")
    behind = of_series(etag='"7"', summary="Old")
    other = of_series("20260324T090000Z", summary="Other")
    other["originalStartTime"] = {"dateTime": "2026-03-24T10:00:00+01:00", "timeZone": ZONE}
    stranger = of_series("x", recurringEventId="ser02")
    master = event("ser01", iCalUID="shared@g", recurrence=["RRULE:FREQ=DAILY"])
    scripted_google.answers += [
        last_page(told),
        (200, master),
        (200, {"items": [behind, master], "nextPageToken": "p2"}),
        (200, {"items": [other, stranger]}),
    ]
    (item,) = collection.changes("t0").items
    assert [(part.name, part.seen) for part in item.parts] == [
        (told["id"], "8"),
        (other["id"], "1"),
    ]
    assert "SUMMARY:New" in item.object.text
    assert "SUMMARY:Old" not in item.object.text
    first, second = scripted_google.asked[2:]
    assert (first.query["iCalUID"], first.query["showDeleted"]) == ("shared@g", "true")
    assert second.query == {**first.query, "pageToken": "p2"}


def test_a_series_whose_exceptions_never_end_is_left(scripted_google, collection):
    """Nothing of the listing counts then."""
    master = event("ser01", iCalUID="shared@g", recurrence=["RRULE:FREQ=DAILY"])
    scripted_google.answers += [last_page(master), *[(200, {"nextPageToken": "same"})] * 3]
    with pytest.raises(SideUnavailable):
        collection.changes("t0")


def test_exceptions_read_under_a_lower_role_are_not_taken(scripted_google, collection):
    """They could be husks (G11)."""
    master = event("ser01", iCalUID="shared@g", recurrence=["RRULE:FREQ=DAILY"])
    page = {"accessRole": "reader", "items": [of_series()]}
    scripted_google.answers += [last_page(master), (200, page)]
    with pytest.raises(CollectionGone):
        collection.changes("t0")


@pytest.mark.parametrize(
    "fields",
    [{"originalStartTime": None}, {"originalStartTime": {"dateTime": "soon"}}, {"summary": 5}],
)
def test_a_series_with_an_odd_exception_is_parked_as_a_whole(scripted_google, collection, fields):
    """Without that one it would look as if somebody had taken its change back."""
    master = event("ser01", etag='"9"', iCalUID="shared@g", recurrence=["RRULE:FREQ=DAILY"])
    scripted_google.answers.append(last_page(master, of_series(**fields), event("bbbbb")))
    delta = collection.changes(None)
    assert [(u.name, u.etag, u.reason) for u in delta.unreadable] == [("ser01", "9", "unreadable")]
    assert [item.name for item in delta.items] == ["bbbbb"]


def test_a_single_event_that_became_a_series_keeps_its_name(scripted_google, collection):
    """The link of the single event goes on."""
    series = event("aaaaa", etag='"2"', recurrence=["RRULE:FREQ=DAILY"])
    scripted_google.answers += [last_page(series), (200, {"items": [series]})]
    delta = collection.changes("t0")
    assert [(item.name, item.etag) for item in delta.items] == [("aaaaa", "2")]
    assert (delta.unreadable, delta.removed) == ((), ())


@pytest.mark.parametrize("role", ["reader", "writerWithoutPrivateAccess", "freeBusyReader", "none"])
def test_a_calendar_that_hides_its_events_removes_none(scripted_google, collection, role):
    """Busy times without details say nothing about an event (G11)."""
    scripted_google.answers.append((200, {"id": "c@g", "accessRole": role}))
    with pytest.raises(CollectionGone):
        collection.get(["aaaaa"])
    assert len(scripted_google.asked) == 1


@pytest.mark.parametrize("role", ["reader", "writerWithoutPrivateAccess", "freeBusyReader", "none"])
def test_a_listing_under_a_lower_role_is_not_taken(scripted_google, collection, role):
    """Private events would come as husks, and look like edits that empty them (G11)."""
    husk = event("aaaaa", visibility="private")
    page = {"accessRole": role, "items": [husk], "nextSyncToken": "t1"}
    scripted_google.answers.append((200, page))
    with pytest.raises(CollectionGone) as caught:
        collection.changes(None)
    assert caught.value.reason == role
