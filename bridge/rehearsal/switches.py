"""Switches for what Google's documents leave uncertain, and for what an admin may meet.

Each switch has the likelier behaviour as its default. They are set through the control surface.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any

from bridge.errors import InvalidInput

_CHOICES: dict[str, tuple[Any, ...]] = {
    "malformed_sync_token": (410, 400),
    "tombstone_details": ("documented", "always", "never"),
    "window_exit": ("silent", "listed", "cancelled"),
    "pages": ("full", "short"),
    "split_exceptions": ("tombstones", "kept"),
    "split_until": ("second_before", "day_before"),
    "publishing_status": ("production", "testing"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Switches:
    """How the rehearsal behaves where the facts are open.

    Attributes:
        malformed_sync_token: Status for a token that cannot be read; 410 or 400, both were seen.
        tombstone_details: Whether deleted events keep their details in listings: `documented` (only
            with showDeleted=true in an incremental listing), `always` or `never`.
        window_exit: What an incremental listing with a window in its token says of an event that
            has left the window: nothing, the event itself, or a tombstone.
        pages: `short` answers pages that hold less than asked, the first one none at all, as Google
            may.
        split_exceptions: What becomes of exceptions behind a "this and following" split: they end
            as tombstones, or the new series keeps them.
        split_until: UNTIL of the old series after such a split: the second before the split, or the
            end of the day before.
        batch_limit: Most parts of a batch; Google's pages name 50 and 1000.
        tombstone_days: Age at which tombstones, and the sync tokens that need them, disappear.
        publishing_status: `testing` lets refresh tokens die after seven days.
    """

    malformed_sync_token: int = 410
    tombstone_details: str = "documented"
    window_exit: str = "silent"
    pages: str = "full"
    split_exceptions: str = "tombstones"
    split_until: str = "second_before"
    batch_limit: int = 50
    tombstone_days: int = 28
    publishing_status: str = "production"

    def changed(self, wanted: dict[str, Any]) -> Switches:
        """Return these switches with some set anew.

        Raises:
            InvalidInput: Unknown name, or a value the switch does not have.
        """
        known = {field.name for field in fields(self)}
        for name, value in wanted.items():
            if name not in known:
                raise InvalidInput(f"no such switch: `{name}`", field=name)
            if not _fits(name, value):
                raise InvalidInput(f"not a value of the switch `{name}`: {value!r}", field=name)
        return replace(self, **wanted)


def _fits(name: str, value: object) -> bool:
    if name in _CHOICES:
        return value in _CHOICES[name]
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
