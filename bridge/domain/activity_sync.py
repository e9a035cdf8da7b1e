"""How an activity stands with Google, in the terms of its owner."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from bridge.domain.identifiers import ActivityId


class Standing(StrEnum):
    """Whether both sides agree, and if not, what stands between them."""

    UNCONNECTED = "unconnected"  # the user syncs with no Google calendar
    AGREED = "agreed"
    WAITING = "waiting"  # the next run has something to do
    WITHHELD = "withheld"  # left alone, with a reason
    PARKED = "parked"  # a write was refused; it is tried again


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivitySync:
    """The standing of one activity.

    Attributes:
        account: Address of the Google account it is about, "" without one.
        calendar: Name of the Google calendar, "" when unknown.
        reason: Machine-readable, why it is withheld or parked; "" otherwise.
        message: What was answered to a refused write, for people; "" otherwise.
        running: Whether the connection syncs now.
    """

    standing: Standing
    account: str = ""
    calendar: str = ""
    reason: str = ""
    message: str = ""
    running: bool = False


UNCONNECTED = ActivitySync(standing=Standing.UNCONNECTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """How some activities of one user stand.

    Attributes:
        known: Those that a connection met.
        others: The standing of all others.
    """

    known: Mapping[ActivityId, ActivitySync]
    others: ActivitySync

    @property
    def connected(self) -> bool:
        """Whether the user syncs with Google at all."""
        return self.others.standing is not Standing.UNCONNECTED

    def of(self, activity_id: ActivityId) -> ActivitySync:
        """Return the standing of one activity."""
        return self.known.get(activity_id, self.others)
