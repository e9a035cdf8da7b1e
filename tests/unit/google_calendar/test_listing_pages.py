"""Reading the pages of a listing, whole or not at all."""

import pytest

from bridge.errors import SideUnavailable
from bridge.google_calendar.grouping import etag_of
from bridge.google_calendar.listing import MOST_PAGES, read_listing


def event(event_id, **fields):
    """Return a live event."""
    return {"id": event_id, "etag": '"1"', "status": "confirmed", **fields}


def pages(*contents):
    """A fetch over these pages; the page token is the index of the next one."""

    def fetch(token):
        return contents[int(token or 0)]

    return fetch


def read(fetch):
    """Read a listing and return its events by id, in the order they came, and its token."""
    events = {}
    token = read_listing(fetch, lambda event: events.update({event["id"]: event}))
    return events, token


def test_all_pages_are_read_and_the_last_token_is_kept():
    """Pages may be empty while more follow."""
    events, token = read(
        pages(
            {"items": [event("aaaaa")], "nextPageToken": "1"},
            {"nextPageToken": "2"},
            {"items": [event("bbbbb")], "nextSyncToken": "t"},
        )
    )
    assert list(events) == ["aaaaa", "bbbbb"]
    assert token == "t"


def test_an_event_that_comes_twice_counts_as_last_told():
    """Changes made while paging show an event again."""
    events, _ = read(
        pages(
            {"items": [event("aaaaa"), event("bbbbb")], "nextPageToken": "1"},
            {"items": [event("aaaaa", status="cancelled")], "nextSyncToken": "t"},
        )
    )
    assert events["aaaaa"]["status"] == "cancelled"


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
        read(pages(page))


def test_pages_that_go_in_circles_are_left():
    """A page token seen before ends the listing without a token (G08)."""
    asked = []

    def fetch(token):
        asked.append(token)
        return {"items": [], "nextPageToken": "same"}

    with pytest.raises(SideUnavailable):
        read(fetch)
    assert len(asked) == 2


def test_endless_pages_are_left():
    """Ever new page tokens end at the cap (G08)."""
    asked = []

    def fetch(token):
        asked.append(token)
        return {"items": [], "nextPageToken": str(len(asked))}

    with pytest.raises(SideUnavailable):
        read(fetch)
    assert len(asked) == MOST_PAGES


def test_a_tombstone_needs_no_more_than_its_id():
    """Bare tombstones are what Google may send."""
    bare = {"id": "aaaaa", "status": "cancelled"}
    assert read(pages({"items": [bare], "nextSyncToken": "t"})) == ({"aaaaa": bare}, "t")


def test_an_etag_loses_its_quotes():
    """Everywhere inside an etag is kept without quotes."""
    assert etag_of({"etag": '"35"'}) == "35"
    assert etag_of({}) == ""
