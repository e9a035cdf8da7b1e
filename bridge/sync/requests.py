"""Writes on one side as values, so that a side can take several of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.domain.identifiers import ETag
from bridge.errors import ItemExists, ItemMissing, ItemRejected, PreconditionFailed, SideError
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.model import Item, Part

if TYPE_CHECKING:
    from bridge.sync.ports import Collection


@dataclass(frozen=True, slots=True, kw_only=True)
class Insert:
    """Create the item under this name; the arguments of `Collection.insert`."""

    name: str
    item: CalendarObject


@dataclass(frozen=True, slots=True, kw_only=True)
class Replace:
    """Write the item over a version; the arguments of `Collection.update`."""

    name: str
    item: CalendarObject
    base: CalendarObject | None
    if_match: ETag
    parts: tuple[Part, ...] = ()
    tell_guests: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Remove:
    """Delete a version; the arguments of `Collection.delete`."""

    name: str
    if_match: ETag
    tell_guests: bool = False


Request = Insert | Replace | Remove
Answer = Item | SideError | None
"""The item as it is now; why this write was refused or put off; None after a deletion."""

REFUSALS = (PreconditionFailed, ItemMissing, ItemRejected, ItemExists)


def one_by_one(collection: Collection, requests: Sequence[Request]) -> Sequence[Answer]:
    """Carry the requests out one after the other, for a side that takes no several at once.

    Raises:
        SideError: As the single methods; nothing is told of the requests before it.
    """
    return [answer_of(collection, request) for request in requests]


def answer_of(collection: Collection, request: Request, *, faults: bool = False) -> Answer:
    """Carry one request out by the single methods, and return its answer.

    Args:
        collection: The collection.
        request: What it is asked for.
        faults: Whether a pause asked for, or no answer, is an answer as well, as it is in a batch.

    Raises:
        SideError: As the single methods, but for what is an answer.
    """
    try:
        return _carry_out(collection, request)
    except REFUSALS as error:
        return error
    except SideError as error:
        if faults:
            return error
        raise


def _carry_out(collection: Collection, request: Request) -> Item | None:
    match request:
        case Insert():
            return collection.insert(request.name, request.item)
        case Replace():
            return collection.update(
                request.name,
                request.item,
                base=request.base,
                if_match=request.if_match,
                parts=request.parts,
                tell_guests=request.tell_guests,
            )
        case Remove():
            collection.delete(
                request.name, if_match=request.if_match, tell_guests=request.tell_guests
            )
            return None
