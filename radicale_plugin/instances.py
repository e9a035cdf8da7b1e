"""What a REPORT with `C:expand` tells in place of objects, and how many instances it may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import client
from typing import TYPE_CHECKING

from bridge.ical.expansion import expanded, single_in_utc
from radicale_plugin.refusals import Refusal

if TYPE_CHECKING:
    from bridge.store.calendar_values import StoredObject
    from radicale_plugin.request import Expansion


_ONE_INSTANCE = 8 * 1024  # characters; an object of more counts as several at each instance


class Budget:
    """How many instances one request may still look at.

    Attributes:
        weight: How many each of those now looked at counts for.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most
        self.weight = 1

    def weigh(self, text: str) -> None:
        """Let the instances of a large object count for more: each repeats its text."""
        self.weight = 1 + len(text) // _ONE_INSTANCE

    def spend(self) -> None:
        """Take one.

        Raises:
            Refusal: There is none left.
        """
        self._left -= self.weight
        if self._left < 0:
            raise Refusal(
                f"more than {self._most} instances, large ones counted several times",
                status=client.FORBIDDEN,
                condition="D:number-of-matches-within-limits",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownInstances:
    """Instances in place of objects (RFC 4791 section 9.6.5).

    Attributes:
        window: When.
        budget: One is spent for each instance.
        zone: IANA name of the zone floating times and days are read in.
        known: Recurrence ids on record of instances in the window, by object id.
    """

    window: Expansion
    budget: Budget
    zone: str = "UTC"
    known: Mapping[int, Sequence[str]] = field(default_factory=dict)

    def of(self, stored: StoredObject) -> str | None:
        """Return the instances of an object, None when none of them is in the window.

        An undated to-do is in every window.

        Raises:
            Refusal: The budget is spent.
        """
        start, end = self.window.start, self.window.end
        self.budget.weigh(stored.text)
        if not stored.recurring:
            first, last = stored.first_utc, stored.last_utc
            if first is None:
                return stored.text if stored.component == "VTODO" else None
            if first >= end or (last is not None and last <= start):
                return None
            self.budget.spend()
            return single_in_utc(stored.object, floating_zone=self.zone, record=(first, last))
        ids = self.known.get(stored.id, ()) if stored.knows(start, end) else None
        return expanded(stored.object, (start, end), ids, self.budget, floating_zone=self.zone)
