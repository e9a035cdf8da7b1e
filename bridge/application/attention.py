"""What a connection that only a person can help tells that person.

These texts stand on the Calendar sync page; they are written here and never made from those of
exceptions.
"""

from __future__ import annotations

import re

from bridge.domain.message import Message, template
from bridge.errors import BridgeError, CollectionGone, MassDeletionRefused, NotConnected
from bridge.sync.model import Side

_AT_GOOGLE, _IN_THE_CRM = Message("at Google"), Message("in the CRM")
_PLACES = {str(place): place for place in (_AT_GOOGLE, _IN_THE_CRM)}

GRANT_IS_DEAD = Message("Google does not accept the permission any more. Reconnect the account.")
_CALENDAR_IS_GONE = Message(
    "The Google calendar is not there any more, or may not be written. Choose another one below."
)
_MANY = template(
    "The next sync would remove %(count)s items %(place)s, more than %(limit)s at once."
    " It was stopped before it removed anything."
    " Choose Start syncing to see the plan; Confirm carries it out."
)
_MANY_IN_ALL = template(
    "The next sync would remove %(count)s items %(place)s after %(earlier)s in the last 24 hours,"
    " more than %(limit)s at once."
    " It was stopped before it removed anything."
    " Choose Start syncing to see the plan; Confirm carries it out."
)
_ALL = template(
    "All items are gone from one side, and the next sync would write %(place)s."
    " It was stopped before it removed anything."
    " Choose Start syncing to see the plan; Confirm carries it out."
)


def attention_for(error: BridgeError | None) -> str:
    """Return what to tell the user when only a person can help, "" otherwise."""
    match error:
        case NotConnected():
            return GRANT_IS_DEAD
        case CollectionGone(side="google"):
            return _CALENDAR_IS_GONE
        case MassDeletionRefused():
            return _braked(error)
        case _:
            return ""


def recognised(text: str) -> str:
    """Return a text that was stored as the message it had been, as far as it is one of ours.

    What a connection says is stored in English; a page may be in another language.
    """
    for known in (_MANY_IN_ALL, _MANY, _ALL):
        found = re.fullmatch(_pattern(known), text)
        if found:
            return Message(known, **{**found.groupdict(), "place": _PLACES[found["place"]]})
    return text


def _pattern(known: str) -> str:
    """Return the expression for a template; numbers are numbers, and a place is one of two."""
    numbers = re.sub(r"%\\\((count|earlier|limit)\\\)s", r"(?P<\1>[0-9]+)", re.escape(known))
    return numbers.replace(r"%\(place\)s", f"(?P<place>{'|'.join(_PLACES)})")


def _braked(error: MassDeletionRefused) -> str:
    place = _AT_GOOGLE if error.side == Side.GOOGLE else _IN_THE_CRM
    if not error.limit:
        return Message(_ALL, place=place)
    known = _MANY_IN_ALL if error.earlier else _MANY
    return Message(
        known,
        count=error.count - error.earlier,
        place=place,
        earlier=error.earlier,
        limit=error.limit,
    )
