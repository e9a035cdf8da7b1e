"""What an undo leaves as it is, and says why: nobody's work is overwritten on a guess."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.domain.identifiers import Uid
from bridge.domain.view import MergeField
from bridge.sync.memory_lens import PlainLens, plain_object
from bridge.sync.model import UNDONE, UNREADABLE
from bridge.sync.undo import ALREADY, REFUSED, UNSETTLED


class DeafLens(PlainLens):
    """A lens of a calendar that takes no titles."""

    def put_calendar(self, view, item):
        """Keep the title there is."""
        return super().put_calendar(replace(view, title=self.calendar_view(item).title), item)


def kept(undoing):
    """Return what is kept, by field."""
    return {each.field: each.reason for step in undoing.steps for each in step.kept}


def test_fields_cannot_be_chosen_of_what_was_made(world):
    """A copy is taken back as a whole or not at all."""
    world.in_crm("u1")
    entries = world.run().entries
    assert kept(world.undoing(*entries, fields=frozenset({"title"}))) == {None: REFUSED}


@pytest.mark.parametrize("text", ["no calendar object", plain_object(Uid("u1"), None).text])
def test_a_version_that_cannot_be_read_or_shown_is_not_restored(world, text):
    """Of an entry that an earlier version wrote, or of an item without a date."""
    name = world.ours("u1")
    world.edit_google(name, title="Oops")
    (entry,) = world.run().entries
    assert kept(world.undoing(replace(entry, before=text))) == {None: UNREADABLE}


def test_what_the_side_does_not_take_is_told_and_the_rest_is_restored(world):
    """Nothing is written where nothing can be."""
    name = world.ours("u1", location="Room 1")
    world.edit_google(name, title="Oops")
    (title,) = world.run().entries
    world.edit_google(name, location="Nowhere")
    (place,) = world.run().entries
    world.lens = DeafLens()
    undoing = world.undoing(title)
    assert (kept(undoing), undoing.steps[0].actions) == ({MergeField.TITLE: REFUSED}, ())
    undoing = world.undoing(title, place)
    assert kept(undoing) == {MergeField.TITLE: REFUSED}
    assert undoing.steps[0].fields == (MergeField.LOCATION,)


def test_a_copy_whose_original_was_just_deleted_is_left_to_the_next_run(world):
    """It follows the deletion, or a conflict is settled there."""
    world.in_crm("u1")
    entries = world.run().entries
    world.delete_crm("u1")
    assert kept(world.undoing(*entries)) == {None: UNSETTLED}


def test_a_deletion_of_which_only_googles_text_is_known_comes_back_from_that(world):
    """Entries of earlier versions do not hold what the calendar had."""
    name = world.ours("u1", location="Room 1")
    world.delete_crm("u1")
    (entry,) = world.run().entries
    world.undo(replace(entry, counterpart=None))
    assert (world.crm("u1").title, world.crm("u1").location) == ("Call Ada", "Room 1")
    assert world.event(name) == world.crm("u1")


def test_what_the_options_took_out_is_let_out_by_the_options_only(world):
    """The step tells which of them."""
    world.ours("u1")
    world.mark_crm("u1", "X-CRM-SYNC:FALSE")
    (entry,) = world.run().entries
    assert entry.action == "withdraw"
    assert kept(world.undoing(entry)) == {None: entry.reason}
    assert entry.reason != UNDONE


def test_a_copy_that_was_let_out_meanwhile_is_not_let_out_again(world):
    """Somebody edited the original."""
    world.in_crm("u1")
    undone = world.undo(*world.run().entries)
    world.edit_crm("u1", title="Again")
    world.run()
    assert kept(world.undoing(*undone.entries)) == {None: ALREADY}


def test_what_was_made_and_taken_away_within_the_entries_did_nothing(world):
    """There is nothing to be taken back."""
    world.in_crm("u1")
    made = world.run().entries
    world.delete_crm("u1")
    gone = world.run().entries
    assert world.undoing(*made, *gone).steps == ()
