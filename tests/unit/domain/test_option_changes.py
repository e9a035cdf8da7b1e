"""How far changed options reach, and what is to be saved then."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import date

import pytest

from bridge.domain.option_changes import Reach, changed_options, reach_of, reaches_of, settled
from bridge.domain.sync_settings import (
    EarlierChoice,
    IncomingVisibility,
    PrivateEvents,
    SyncSettings,
    SyncType,
)

BEFORE = SyncSettings(
    incoming_type="meeting",
    outgoing_types=frozenset({"call", "meeting"}),
    sync_from=date(2026, 3, 1),
)
FEWER = replace(BEFORE, outgoing_types=frozenset({"call"}))
DEFAULT = frozenset({"default"})


def test_unchanged_options_change_nothing():
    """Whatever reaches were said."""
    assert changed_options(BEFORE, BEFORE) == ()
    found = settled(BEFORE, BEFORE, {"outgoing_types": Reach.FROM_NOW_ON})
    assert (found.settings, found.era) == (BEFORE, None)


def test_a_change_reaches_everything_unless_said_otherwise():
    """It is what people expect of an option."""
    found = settled(BEFORE, FEWER, {})
    assert (found.settings, found.era) == (FEWER, None)


def test_a_change_from_now_on_keeps_the_choice_there_was():
    """What was met until now is judged by it."""
    found = settled(BEFORE, FEWER, {"outgoing_types": Reach.FROM_NOW_ON})
    then = EarlierChoice(outgoing_types=BEFORE.outgoing_types, event_types=DEFAULT)
    assert (found.settings, found.era) == (replace(FEWER, earlier=(then,)), 0)


def test_a_later_change_of_everything_reaches_the_earlier_eras_too():
    """But only in what it changes."""
    first = settled(BEFORE, FEWER, {"outgoing_types": Reach.FROM_NOW_ON}).settings
    more = replace(first, event_types=frozenset({"default", "focusTime"}))
    second = settled(first, more, {}).settings
    assert [each.event_types for each in second.earlier] == [more.event_types]
    assert [each.outgoing_types for each in second.earlier] == [BEFORE.outgoing_types]
    none = replace(second, outgoing_types=frozenset())
    third = settled(second, none, {}).settings
    assert [each.outgoing_types for each in third.earlier] == [frozenset()]


def test_each_change_from_now_on_begins_an_era_of_its_own():
    """Two changes at once reach as far as each of them says."""
    first = settled(BEFORE, FEWER, {"outgoing_types": Reach.FROM_NOW_ON}).settings
    chosen = replace(first, outgoing_types=DEFAULT, event_types=DEFAULT | {"birthday"})
    reaches = {"outgoing_types": Reach.FROM_NOW_ON, "event_types": Reach.EVERYTHING}
    found = settled(first, chosen, reaches)
    assert found.era == 1
    assert [each.outgoing_types for each in found.settings.earlier] == [
        BEFORE.outgoing_types,
        FEWER.outgoing_types,
    ]
    assert {each.event_types for each in found.settings.earlier} == {chosen.event_types}


def test_a_change_that_is_not_to_be_is_taken_back():
    """The others are made."""
    chosen = replace(FEWER, sync_type=SyncType.CRM_TO_GOOGLE)
    found = settled(BEFORE, chosen, {"outgoing_types": Reach.NOT_AT_ALL})
    assert found.settings == replace(BEFORE, sync_type=SyncType.CRM_TO_GOOGLE)


def test_the_form_does_not_tell_of_earlier_eras():
    """Saving it again forgets none of them."""
    first = settled(BEFORE, FEWER, {"outgoing_types": Reach.FROM_NOW_ON}).settings
    assert settled(first, replace(first, earlier=()), {}).settings == first


@pytest.mark.parametrize("option", ["incoming_type", "incoming_visibility", "persons_from_guests"])
def test_what_new_activities_are_is_never_changed_for_old_ones(option):
    """There is nothing to be kept for that."""
    assert reaches_of(option) == (Reach.FROM_NOW_ON, Reach.NOT_AT_ALL)
    assert reach_of(option, Reach.EVERYTHING) is Reach.FROM_NOW_ON
    chosen = replace(
        BEFORE,
        incoming_type="call",
        incoming_visibility=IncomingVisibility.ONLY_ME,
        persons_from_guests=True,
    )
    assert settled(BEFORE, chosen, {}).settings == chosen


def test_every_option_says_how_far_it_reaches():
    """And every change can be dropped."""
    for name in (each.name for each in fields(SyncSettings) if each.name != "earlier"):
        assert reaches_of(name)[-1] is Reach.NOT_AT_ALL
        assert len(reaches_of(name)) > 1


def test_a_choice_for_private_events_counts_as_it_is_changed_for_everything():
    """Not where it is not to be, and not with other options."""
    chosen = replace(BEFORE, private_events=PrivateEvents.SAVE_AS_PUBLIC)
    first = settled(BEFORE, chosen, {}).settings
    assert first.private_changes == 1
    assert settled(first, chosen, {}).settings.private_changes == 1
    assert settled(first, BEFORE, {}).settings.private_changes == 2
    assert settled(BEFORE, chosen, {"private_events": Reach.NOT_AT_ALL}).settings == BEFORE
    assert settled(BEFORE, FEWER, {}).settings.private_changes == 0
