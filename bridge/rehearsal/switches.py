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
    "publishing_status": ("production", "testing"),
    "add_invitations": ("everyone", "known_senders", "when_responded"),
    "copy_edits": ("refused", "ignored", "kept"),
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
        batch_limit: Most parts of a batch; Google's pages name 50 and 1000.
        tombstone_days: Age at which tombstones, and the sync tokens that need them, disappear.
        publishing_status: `testing` lets refresh tokens die after seven days.
        add_invitations: The setting "Add invitations to my calendar" of all accounts. With
            `known_senders` an invitation from outside, with `when_responded` any, is listed with
            showHiddenInvitations only until its guest replies; the latter also sets back replies
            the organizer gives for new guests.
        copy_edits: What becomes of shared facts that a guest writes without the right to: the write
            is `refused` with 403, they are `ignored`, or `kept` on the copy until the organizer
            changes something. All three were seen.
        guest_limit: Most guests of an event; some Workspace editions allow more than 200.
    """

    malformed_sync_token: int = 410
    tombstone_details: str = "documented"
    window_exit: str = "silent"
    pages: str = "full"
    batch_limit: int = 50
    tombstone_days: int = 28
    publishing_status: str = "production"
    add_invitations: str = "everyone"
    copy_edits: str = "refused"
    guest_limit: int = 200

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
