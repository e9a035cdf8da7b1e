"""Why what the table says of an item is not done, though it is not out of scope."""

from __future__ import annotations

from collections.abc import Container

from bridge.domain.identifiers import Uid
from bridge.sync.guests import invites
from bridge.sync.model import Side
from bridge.sync.modes import Decision, Verb
from bridge.sync.scope import DIRECTION, OWNER, READ_ONLY, Treatment, Verdict
from bridge.sync.sight import Sight


def obstacle(sight: Sight, verdict: Verdict, decision: Decision, elsewhere: Container[Uid]) -> str:
    """Return why what the table says is not done, or ""."""
    if decision.verb is Verb.LEAVE:
        return DIRECTION
    if decision.target is Side.CALENDAR:
        return ""
    if verdict.reason == READ_ONLY and decision.verb is Verb.WRITE:
        # The own answer may go out, and all else is put back.
        return ""
    if verdict.treatment is Treatment.INCOMING:
        return verdict.reason
    # An event with guests stays where it is when the activity gets another owner.
    moves = decision.verb is Verb.DELETE or not sight.google.present
    return OWNER if moves and sight.link.uid in elsewhere and invites(sight) else ""
