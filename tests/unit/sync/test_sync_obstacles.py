"""Why what the table says is not done: one row for each case."""

from __future__ import annotations

import pytest

from bridge.sync.model import Presence, Side
from bridge.sync.modes import Decision, Verb
from bridge.sync.obstacles import obstacle
from bridge.sync.scope import (
    DIRECTION,
    IN_SCOPE,
    OWNER,
    READ_ONLY,
    WINDOW,
    Treatment,
    Verdict,
)

READ = Verdict(treatment=Treatment.INCOMING, reason=READ_ONLY)
INCOMING = Verdict(treatment=Treatment.INCOMING, reason=WINDOW)
GOOGLE, HERE = Side.GOOGLE, Side.CALENDAR
LEAVE = Decision(Verb.LEAVE)
WRITE, DELETE, BACK = Verb.WRITE, Verb.DELETE, Verb.PUT_BACK


@pytest.mark.parametrize(
    ("decision", "verdict", "told"),
    [
        (LEAVE, IN_SCOPE, DIRECTION),
        (LEAVE, READ, DIRECTION),
        (Decision(WRITE, HERE), INCOMING, ""),
        (Decision(DELETE, HERE), READ, ""),
        (Decision(WRITE, GOOGLE), IN_SCOPE, ""),
        (Decision(DELETE, GOOGLE), IN_SCOPE, ""),
        (Decision(WRITE, GOOGLE), READ, ""),
        (Decision(DELETE, GOOGLE), READ, READ_ONLY),
        (Decision(BACK, GOOGLE), READ, READ_ONLY),
        (Decision(WRITE, GOOGLE), INCOMING, WINDOW),
        (Decision(DELETE, GOOGLE), INCOMING, WINDOW),
    ],
)
def test_what_the_table_says_is_done_unless_direction_or_scope_speak(
    sides, decision, verdict, told
):
    """To the calendar everything; to an event that is only read, one's own answer."""
    assert obstacle(sides.sight(), verdict, decision, elsewhere=()) == told


@pytest.mark.parametrize(
    ("verb", "there", "guests", "elsewhere", "told"),
    [
        (DELETE, True, True, True, OWNER),
        (WRITE, False, True, True, OWNER),
        (BACK, False, True, True, OWNER),
        (WRITE, True, True, True, ""),
        (DELETE, True, False, True, ""),
        (WRITE, False, False, True, ""),
        (DELETE, True, True, False, ""),
        (WRITE, False, True, False, ""),
    ],
)
@pytest.mark.parametrize("side", list(Side))
def test_an_event_with_guests_stays_when_its_activity_gets_another_owner(
    sides, *, verb, there, guests, elsewhere, told, side
):
    """Neither deleted for the old owner nor made again for the new one; edits go on."""
    presence = Presence.PRESENT if there else Presence.ABSENT
    asked = {"calendar": side is HERE and guests, "google": side is GOOGLE and guests}
    sight = sides.sight(
        calendar=sides.side(sides.view, sides.view, guests=asked["calendar"]),
        google=sides.side(sides.view, sides.view, presence=presence, guests=asked["google"]),
    )
    others = {sight.link.uid} if elsewhere else {"u2"}
    assert obstacle(sight, IN_SCOPE, Decision(verb, GOOGLE), others) == told
