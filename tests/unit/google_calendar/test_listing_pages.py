"""Reading the pages of a listing, whole or not at all."""

import pytest

from bridge.errors import SideUnavailable
from bridge.google_calendar.grouping import etag_of, grouped
from bridge.google_calendar.listing import MOST_PAGES, read_listing


def event(event_id, **fields):
    """Return a live event."""
    return {"id": event_id, "etag": '"1"', "status": "confirmed", **fields}


def pages(*contents):
    """A fetch over these pages; the page token is the index of the next one."""

    def fetch(token):
        return contents[int(token or 0)]

    return fetch


def test_all_pages_are_read_and_the_last_token_is_kept():
    """Pages may be empty while more follow."""
    listing = read_listing(
        pages(
            {"items": [event("aaaaa")], "nextPageToken": "1"},
            {"nextPageToken": "2"},
            {"items": [event("bbbbb")], "nextSyncToken": "t"},
        )
    )
    assert list(listing.events) == ["aaaaa", "bbbbb"]
    assert listing.token == "t"


def test_an_event_that_comes_twice_counts_as_last_told():
    """Changes made while paging show an event again."""
    listing = read_listing(
        pages(
            {"items": [event("aaaaa"), event("bbbbb")], "nextPageToken": "1"},
            {"items": [event("aaaaa", status="cancelled")], "nextSyncToken": "t"},
        )
    )
    assert listing.events["aaaaa"]["status"] == "cancelled"
    assert list(listing.events) == ["bbbbb", "aaaaa"]


@pytest.mark.parametrize(
    "page",
    [
        {"items": None, "nextSyncToken": "t"},
        {"items": [None], "nextSyncToken": "t"},
        {"items": [{"status": "confirmed", "etag": '"1"'}], "nextSyncToken": "t"},
        {"items": [{"id": "aaaaa", "status": "confirmed"}], "nextSyncToken": "t"},
        {"items": [{"id": 5, "etag": '"1"'}], "nextSyncToken": "t"},
        {"items": [event("aaaaa")]},
        {"items": [], "nextSyncToken": ""},
        {"items": [], "nextSyncToken": 7},
        {"items": [], "nextPageToken": ["x"]},
        {},
    ],
)
def test_an_odd_page_spoils_the_listing(page):
    """Nothing of it counts and no token is taken (G01, G08)."""
    with pytest.raises(SideUnavailable):
        read_listing(pages(page))


def test_pages_that_go_in_circles_are_left():
    """A page token seen before ends the listing without a token (G08)."""
    asked = []

    def fetch(token):
        asked.append(token)
        return {"items": [], "nextPageToken": "same"}

    with pytest.raises(SideUnavailable):
        read_listing(fetch)
    assert len(asked) == 2


def test_endless_pages_are_left():
    """Ever new page tokens end at the cap (G08)."""
    asked = []

    def fetch(token):
        asked.append(token)
        return {"items": [], "nextPageToken": str(len(asked))}

    with pytest.raises(SideUnavailable):
        read_listing(fetch)
    assert len(asked) == MOST_PAGES


def test_a_tombstone_needs_no_more_than_its_id():
    """Bare tombstones are what Google may send."""
    bare = {"id": "aaaaa", "status": "cancelled"}
    assert read_listing(pages({"items": [bare], "nextSyncToken": "t"})).events == {"aaaaa": bare}


def test_a_series_is_one_group_whatever_the_order():
    """An exception may come before its master."""
    master = event("ser01", recurrence=["RRULE:FREQ=DAILY"], etag='"9"')
    early = event("ser01_20260310T090000Z", recurringEventId="ser01")
    late = event("ser01_20260311T090000Z", recurringEventId="ser01", status="cancelled")
    (group,) = grouped([early, master, late])
    assert (group.name, group.master, group.exceptions) == ("ser01", master, [early, late])
    assert group.recurring
    assert not group.removed
    assert group.etag == "9"


def test_exceptions_that_come_alone_are_told_under_their_master():
    """The master may be known from before, or not be visible at all (G10)."""
    alone = event("ser01_20260310T090000Z", recurringEventId="ser01", etag='"4"')
    (group,) = grouped([alone])
    assert (group.name, group.master, group.etag) == ("ser01", None, "4")
    assert group.recurring
    assert not group.removed


def test_exceptions_of_a_deleted_series_go_with_it():
    """Tombstones for master and instances are one removal."""
    master = {"id": "ser01", "status": "cancelled"}
    instance = {"id": "ser01_x", "status": "cancelled", "recurringEventId": "ser01"}
    (group,) = grouped([instance, master])
    assert group.removed


def test_an_etag_loses_its_quotes():
    """Everywhere inside an etag is kept without quotes."""
    assert etag_of({"etag": '"35"'}) == "35"
    assert etag_of({}) == ""
