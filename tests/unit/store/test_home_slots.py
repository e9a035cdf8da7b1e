"""The file that remembers how far the homes were: only rising, and never in anybody's way."""

import logging
import os
import time
from multiprocessing import get_context

import pytest

from bridge.store.home_slots import HomeSlots, slot_file_beside


@pytest.fixture
def path(tmp_path):
    """Beside the key file."""
    return slot_file_beside(tmp_path / "crmdav.key")


@pytest.fixture
def slots(path):
    """A file of the database `d`, with two homes in it."""
    opened = HomeSlots(path)
    opened.reset("d", {1: 10, 3: 30})
    yield opened
    opened.close()


def test_slots_only_rise(slots):
    """A commit that ends late does not take a later one back."""
    slots.raise_to({1: 11, 3: 5, 4: 1})
    assert slots.read("d") == {1: 11, 3: 30, 4: 1}


def test_a_reset_forgets_what_was_noted(slots):
    """Also what was higher, and homes that are gone."""
    slots.reset("d", {1: 2})
    assert slots.read("d") == {1: 2}


def test_the_file_of_another_database_counts_for_nothing(slots):
    """A key file may be used with a new database."""
    assert slots.read("another") is None


def test_a_missing_file_counts_for_nothing(path):
    """It is made, readable for its owner only, and tells nothing yet."""
    slots = HomeSlots(path)
    assert slots.read("d") is None
    assert path.stat().st_mode & 0o777 == 0o600
    slots.close()


@pytest.mark.parametrize("where", [0, 8, 13, 15, 16, 24, 31])
def test_a_broken_byte_makes_nothing_up(slots, path, where):
    """A slot that fails its check is as good as none; it is written anew by the next commit."""
    content = bytearray(path.read_bytes())
    content[where] ^= 0x55
    path.write_bytes(content)
    noted = slots.read("d") or {}
    assert set(noted.items()) <= {(1, 10), (3, 30)}
    slots.raise_to({1: 11, 3: 31})
    assert (slots.read("d") or {1: 11, 3: 31}) == {1: 11, 3: 31}


@pytest.mark.parametrize("content", [b"", b"x", b"\xff" * 37, bytes(100), os.urandom(4096)])
def test_any_other_content_counts_for_nothing(slots, path, content):
    """Cut, zeroed or strange: the file is a hint."""
    path.write_bytes(content)
    assert slots.read("d") is None


def test_a_cut_file_keeps_the_slots_that_are_whole(slots, path):
    """The last slot may be cut in the middle."""
    path.write_bytes(path.read_bytes()[:-3])
    assert slots.read("d") == {1: 10}


def test_a_folder_that_cannot_be_written_is_told_once(tmp_path, caplog):
    """The database works on; a person may want to know."""
    slots = HomeSlots(tmp_path / "absent" / "crmdav.key.homes")
    with caplog.at_level(logging.WARNING), slots.locked():
        slots.raise_to({1: 1})
        assert slots.read("d") is None
        slots.reset("d", {1: 1})
    assert len(caplog.records) == 1


def _raise_often(path, home):
    slots = HomeSlots(path)
    for revision in range(1, 2001):
        slots.raise_to({home: revision, 9: revision})
    slots.close()


def test_processes_do_not_disturb_each_other(slots, path):
    """Two writers of the same file: every slot is whole and as far as its home, or behind."""
    context = get_context("fork")
    writers = [context.Process(target=_raise_often, args=(path, home)) for home in (4, 5)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
    noted = slots.read("d")
    assert (noted[4], noted[5], noted[1], noted[3]) == (2000, 2000, 10, 30)
    assert 1 <= noted[9] <= 2000


def test_a_commit_pays_microseconds(slots):
    """At most 30, so that nobody wants to switch it off; the best of some rounds is measured."""
    best = float("inf")
    for round_ in range(20):
        begin = time.perf_counter()
        for each in range(200):
            slots.raise_to({1: 100 + round_ * 200 + each})
        best = min(best, (time.perf_counter() - begin) / 200)
    assert best < 30e-6, f"{best * 1e6:.1f} us"
