"""Which events are asked for when activities made from them are met without a link."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bridge.domain.identifiers import Uid
from bridge.sync.model import Link, Part, Presence, Side, SideState
from bridge.sync.provenance import missing_originals

HERE = SideState(presence=Presence.PRESENT, collection="activities", parts=(Part(name="a.ics"),))


def met(*names, **fields):
    """Return links of activities, named after their events, that were just met."""
    told = {"origin": Side.CALENDAR, "calendar": HERE} | fields
    return {Uid(f"from-{name}"): Link(uid=Uid(f"from-{name}"), **told) for name in names}


def asked(links, known=()):
    """Return what is asked for."""
    return missing_originals(
        links,
        known,
        google="calendar",
        name_of=lambda uid: uid.removeprefix("from-") if uid.startswith("from-") else None,
    )


def test_the_event_an_activity_was_made_for_is_unknown_until_it_was_asked_for():
    """Under its name, in Google's calendar; all else of the link is as it was."""
    links = met("event") | {Uid("own"): Link(uid=Uid("own"), origin=Side.CALENDAR, calendar=HERE)}
    unknown = SideState(
        presence=Presence.UNKNOWN, collection="calendar", parts=(Part(name="event"),)
    )
    uid = Uid("from-event")
    assert asked(links) == {uid: replace(links[uid], google=unknown)}


def test_several_are_asked_for_whatever_stands_between_them():
    """One that is known, one of the CRM's own and one that is there end no search."""
    there = SideState(presence=Presence.PRESENT, collection="calendar", parts=(Part(name="x"),))
    links = {
        **met("known"),
        **met("linked", google=there),
        Uid("own"): Link(uid=Uid("own"), origin=Side.CALENDAR),
        **met("x"),
        **met("first", "second"),
    }
    assert list(asked(links, known={Uid("from-known")})) == ["from-first", "from-second"]


@pytest.mark.parametrize(
    "state",
    [
        SideState(presence=Presence.REMOVED),
        SideState(parts=(Part(name="made"),)),
        SideState(collection="calendar"),
    ],
    ids=["removed", "being inserted", "of a calendar"],
)
def test_of_what_was_at_google_in_any_way_nothing_is_asked(state):
    """It is no first meeting."""
    assert asked(met("event", google=state)) == {}


def test_an_event_that_the_listing_had_is_not_asked_for():
    """It is met under another UID, as before."""
    there = SideState(presence=Presence.PRESENT, collection="calendar", parts=(Part(name="event"),))
    listed = Link(uid=Uid("other"), origin=Side.GOOGLE, google=there)
    assert asked(met("event") | {Uid("other"): listed}) == {}


@pytest.mark.parametrize(("count", "told"), [(50, 50), (51, 0)])
def test_more_than_one_batch_is_another_calendars(count, told):
    """They were brought along from elsewhere, and are made."""
    assert len(asked(met(*(f"e{number}" for number in range(count))))) == told
