"""UIDs of events that came from Google, and back to the event."""

from __future__ import annotations

import pytest

from bridge.bootstrap.system import RandomIds


@pytest.mark.parametrize("name", ["abcde", "0" * 100, "_cpq6uohj", "abc123_20260310T090000Z"])
def test_a_uid_tells_for_which_event_it_was_made(name):
    """Ids of Google's own, of other programs, of imported events, of instances."""
    ids = RandomIds()
    assert ids.google_name(ids.uid(name)) == name


def test_a_long_name_is_not_told_but_its_uid_is_always_the_same():
    """A UID of over a thousand characters would be cut somewhere."""
    ids, name = RandomIds(), "a" * 1024
    assert ids.uid(name) == ids.uid(name) != ids.uid(name[:-1])
    assert len(ids.uid(name)) < 100
    assert ids.google_name(ids.uid(name)) != name


@pytest.mark.parametrize(
    "uid",
    [
        "",
        "abcde@crmdav",
        "google-abcde@example.com",
        "google-abc@crmdav",  # no id is so short
        "google-abcde/2@crmdav",  # a second one of that name
        "google-äbcde@crmdav",
        "google-abcde@crmdav\n",
        "x-google-abcde@crmdav",
    ],
)
def test_other_uids_tell_of_no_event(uid):
    """Whoever made them."""
    assert RandomIds().google_name(uid) is None
