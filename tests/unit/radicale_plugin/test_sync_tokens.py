"""Sync tokens: what a client was told, and for how long that is good."""

from __future__ import annotations

import pytest

from bridge.errors import SyncTokenExpired
from radicale_plugin.sync_tokens import SyncPoint, read_sync_token

POINTS = [
    SyncPoint(7),
    SyncPoint(7, 12),
    SyncPoint(7, None, "a.ics"),
    SyncPoint(7, 12, "100% @/-ž.ics"),
]


def read(uri, *, epoch="e1", floor=3, revision=12):
    """Read a token of a calendar."""
    return read_sync_token(uri, epoch=epoch, floor=floor, revision=revision)


@pytest.mark.parametrize("point", POINTS)
def test_a_token_comes_back_as_the_point_it_was_made_of(point):
    """And it is a URI."""
    assert point.uri("e1").startswith("urn:")
    assert point.uri("e1").isascii()
    assert read(point.uri("e1")) == point


def test_a_part_of_a_first_listing_is_good_while_its_beginning_is():
    """Compaction may have passed the revisions it was told of long ago."""
    assert read(SyncPoint(1, 12).uri("e1"), floor=10).told == 1
    with pytest.raises(SyncTokenExpired):
        read(SyncPoint(1, 9).uri("e1"), floor=10)
    with pytest.raises(SyncTokenExpired):
        read(SyncPoint(9).uri("e1"), floor=10)


def test_a_part_that_ended_amid_a_revision_is_not_good_at_the_floor():
    """Compaction dropped what else went with that revision, under names that come later."""
    assert read(SyncPoint(9, None, "m.ics").uri("e1"), floor=8).name == "m.ics"
    with pytest.raises(SyncTokenExpired):
        read(SyncPoint(9, None, "m.ics").uri("e1"), floor=9)
    assert read(SyncPoint(9).uri("e1"), floor=9).told == 9


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "x",
        "e1/",
        "urn:x-crmdav:sync:e2/7",
        "urn:x-crmdav:sync:e1/13",
        "urn:x-crmdav:sync:e1/-7",
        "urn:x-crmdav:sync:e1/7-",
        "urn:x-crmdav:sync:e1/9-8",
        "urn:x-crmdav:sync:e1/7-13",
        "urn:x-crmdav:sync:e1/7.0",
        "urn:x-crmdav:sync:e1/٧",
        "urn:x-crmdav:sync:e1/" + "7" * 40,
        "urn:x-crmdav:sync:e1/2",
    ],
)
def test_what_was_never_told_is_expired(uri):
    """Forged, foreign, cut, of the future, or too old."""
    with pytest.raises(SyncTokenExpired):
        read(uri)
