"""What a connection that only a person can help tells that person.

These texts stand on the Calendar sync page; they are written here and never made from those of
exceptions.
"""

from __future__ import annotations

from bridge.errors import BridgeError, CollectionGone, MassDeletionRefused, NotConnected
from bridge.sync.model import Side

GRANT_IS_DEAD = "Google does not accept the permission any more. Reconnect the account."


def attention_for(error: BridgeError | None) -> str:
    """Return what to tell the user when only a person can help, "" otherwise."""
    match error:
        case NotConnected():
            return GRANT_IS_DEAD
        case CollectionGone(side="google"):
            return (
                "The Google calendar is not there any more, or may not be written."
                " Choose another one below."
            )
        case MassDeletionRefused():
            return _braked(error)
        case _:
            return ""


def _braked(error: MassDeletionRefused) -> str:
    where = "at Google" if error.side == Side.GOOGLE else "in the CRM"
    next_ones = error.count - error.earlier
    before = f" after {error.earlier} in the last 24 hours" if error.earlier else ""
    what = (
        f"The next sync would remove {next_ones} items {where}{before},"
        f" more than {error.limit} at once."
        if error.limit
        else f"All items are gone from one side, and the next sync would write {where}."
    )
    return (
        f"{what} It was stopped before it removed anything."
        " Choose Start syncing to see the plan; Confirm carries it out."
    )
