"""What a connection that only a person can help tells that person.

These texts stand on the Calendar sync page; they are written here and never made from those of
exceptions.
"""

from __future__ import annotations

import re
from functools import cache

from bridge.domain.message import Message, template
from bridge.errors import BridgeError, CollectionGone, MassDeletionRefused, NotConnected
from bridge.google_calendar.words import TEMPLATES as OF_GOOGLE
from bridge.sync.model import Side
from bridge.sync.places import PLACES
from bridge.sync.safety import TEMPLATES as OF_THE_BRAKES

_PLACES = {str(place): place for place in PLACES.values()}

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

_STORED = (_MANY_IN_ALL, _MANY, _ALL, *OF_GOOGLE, *OF_THE_BRAKES)


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

    What a connection says, and why a run ended, is stored in English; a page may be in another
    language.
    """
    for known in _STORED:
        found = re.fullmatch(_pattern(known), text)
        if found:
            told = {name: _PLACES.get(said, said) for name, said in found.groupdict().items()}
            return Message(known, **told)
    return text


@cache
def _pattern(known: str) -> str:
    """Return the expression for a template; a place is one of two, everything else any text."""
    words = re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>.+)", re.escape(known))
    return words.replace("(?P<place>.+)", f"(?P<place>{'|'.join(_PLACES)})")


def _braked(error: MassDeletionRefused) -> str:
    place = PLACES[Side(error.side)]
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
