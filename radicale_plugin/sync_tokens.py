"""Sync tokens (RFC 6578): up to which revision a client was told of a calendar."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote

from bridge.errors import SyncTokenExpired
from radicale_plugin.vocabulary import SYNC_TOKEN

_MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class SyncPoint:
    """What a client knows of a calendar.

    A first listing that is told in parts begins among revisions that compaction may have passed
    long ago. What went before it began the client never heard of, so the point that a part ends
    with is good as long as the revision at which the listing began is.

    Attributes:
        told: The highest revision the client was told of.
        began: The calendar's revision when a first listing in parts began; else None.
        name: Of the objects of the revision `told` the last one the client was told of, by name;
            "" for all of them.
    """

    told: int
    began: int | None = None
    name: str = ""

    def uri(self, epoch: str) -> str:
        """Return the token of this point."""
        began = "" if self.began is None else f"-{self.began}"
        name = f"@{quote(self.name, safe='')}" if self.name else ""
        return f"{SYNC_TOKEN}{epoch}/{self.told}{began}{name}"


def read_sync_token(uri: str, *, epoch: str, floor: int, revision: int) -> SyncPoint:
    """Return the point that a token stands for.

    Args:
        uri: As the client sent it.
        epoch: Of the calendar's tokens.
        floor: The highest revision of which it is not known any more what went.
        revision: The calendar's highest.

    Raises:
        SyncTokenExpired: It was never told, or cannot be served any more.
    """
    found, _, numbers = uri.removeprefix(SYNC_TOKEN).rpartition("/")
    numbers, _, name = numbers.partition("@")
    told, dash, began = numbers.partition("-")
    if found != epoch or not _is_number(told) or bool(dash) != _is_number(began):
        raise SyncTokenExpired(
            "this is no sync token of this calendar; list it anew", side="calendar"
        )
    known = int(began or told)
    # A part may have ended amid the objects of one revision: of that one, too, it must be known
    # what went.
    oldest = known - 1 if name and not dash else known
    if oldest < floor or not int(told) <= known <= revision:
        raise SyncTokenExpired("the sync token is of another time; list it anew", side="calendar")
    return SyncPoint(int(told), int(began) if dash else None, unquote(name))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
