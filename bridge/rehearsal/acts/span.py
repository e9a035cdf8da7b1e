"""The question Google's page asks about an event of a series: how far does the act reach?"""

from __future__ import annotations

from enum import Enum

from bridge.rehearsal.google_error import invalid


class Span(Enum):
    """How far an act on an instance reaches; without meaning for an event that does not repeat."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"


def read_span(text: str) -> Span:
    """Return the span of a word; "" is this event only.

    Raises:
        GoogleError: 400 for another word.
    """
    try:
        return Span(text or "this")
    except ValueError as error:
        raise invalid(f"`span` is this, following or all, not `{text}`.") from error
