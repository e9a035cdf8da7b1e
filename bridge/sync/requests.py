"""Writes on one side as values, so that a side can take several of them at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.domain.identifiers import ETag
from bridge.errors import (
    ItemExists,
    ItemMissing,
    ItemRejected,
    NotConnected,
    PreconditionFailed,
    SideError,
)
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Partly:
    """A write of several parts, some of which got through before one was refused or put off."""

    error: SideError | NotConnected


Request = Insert | Replace | Remove
Answer = Item | SideError | NotConnected | Partly | None
"""The item as it is now; why this write was refused or put off; None after a deletion."""

REFUSALS = (PreconditionFailed, ItemMissing, ItemRejected, ItemExists)


def one_by_one(collection: Collection, requests: Sequence[Request]) -> Sequence[Answer]:
    """Carry the requests out one after the other, for a side that takes no batches.

    They are written down together, which is what costs time. A pause asked for, or no answer, ends
    it, and is the answer of all that were not sent as well: nobody looks at how far it came but at
    the side itself.
    """
    answers: list[Answer] = []
    for request in requests:
        answer = answer_of(collection, request)
        answers.append(answer)
        if isinstance(answer, SideError | NotConnected) and not isinstance(answer, REFUSALS):
            answers += [answer] * (len(requests) - len(answers))
            break
    return answers


def answer_of(collection: Collection, request: Request) -> Answer:
    """Carry one request out by the single methods, and return its answer, errors included."""
    try:
        return _carry_out(collection, request)
    except (SideError, NotConnected) as error:
        return error


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
