"""Sending: several written-down writes to one collection in one go, and what came of each.

Nothing is stored here and no link is judged; what a collection raises, or answers for one of
several writes, becomes one kind of answer.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from bridge.errors import (
    BridgeError,
    CollectionGone,
    ItemExists,
    LeaseLost,
    NotConnected,
    RateLimited,
    SideError,
    SideUnavailable,
    StoreError,
)
from bridge.sync.actions import Create, Write
from bridge.sync.intents import request_of
from bridge.sync.model import Item, JournalEntry, Link
from bridge.sync.ports import Collection
from bridge.sync.requests import Answer, Partly

logger = logging.getLogger(__name__)

MOST_GENERATIONS = 3
"""How many names are tried in one attempt to create an item."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """What ends the run: nothing else can be sent now.

    Attributes:
        error: What was raised or answered.
        sure: Nothing was written; otherwise nobody knows whether the write got through.
    """

    error: BridgeError
    sure: bool


Outcome = Item | SideError | Partly | Stop | Exception | None
"""The item as it is now; a refusal, maybe of a part only; the end of the run; a fault of ours; None
when it is gone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Announced:
    """A write that is written down and may be sent.

    Attributes:
        write: What is sent.
        entry: Its entry in the journal, intended.
        link: The link as it is stored.
    """

    write: Write
    entry: JournalEntry
    link: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A write that was sent.

    Attributes:
        announced: What it was.
        outcome: What came of it.
        link: The link, in the generation whose name was free.
    """

    announced: Announced
    outcome: Outcome
    link: Link


def send(collection: Collection, writes: Sequence[Announced]) -> list[Sent]:
    """Send the writes, about different items, and return what came of each, in order.

    A name that is taken by something else is passed over (design decision 26).

    Raises:
        LeaseLost: The lease was over before a request.
    """
    outcomes = _outcomes(collection, writes)
    sent = [
        Sent(announced=announced, outcome=outcome, link=announced.link)
        for announced, outcome in zip(writes, outcomes, strict=True)
    ]
    return [_with_a_free_name(collection, each) for each in sent]


def _outcomes(collection: Collection, writes: Sequence[Announced]) -> list[Outcome]:
    requests = [request_of(each.write, each.link, collection) for each in writes]
    try:
        return [_told(answer) for answer in collection.write(requests)]
    except (SideUnavailable, RateLimited, CollectionGone, NotConnected) as error:
        return [_stop(error, alone=len(writes) == 1)] * len(writes)
    except SideError as error:
        return [error] * len(writes)
    except (LeaseLost, StoreError):
        raise  # another runner looks at the side; everything stays intended
    except Exception as error:  # one odd item must not stop the others
        if len(writes) == 1:
            logger.exception("write failed unexpectedly", extra=_about(writes[0].write))
            return [error]
    return _one_at_a_time(collection, writes)


def _one_at_a_time(collection: Collection, writes: Sequence[Announced]) -> list[Outcome]:
    """Find the odd one: every write may be repeated, being conditional or under an own name."""
    outcomes: list[Outcome] = []
    for each in writes:
        last = outcomes[-1] if outcomes else None
        outcomes += [last] if isinstance(last, Stop) else _outcomes(collection, [each])
    return outcomes


def _told(answer: Answer) -> Outcome:
    error = answer.error if isinstance(answer, Partly) else answer
    if isinstance(error, SideUnavailable | RateLimited | CollectionGone | NotConnected):
        return _stop(error, alone=error is answer)
    return answer


def _stop(error: BridgeError, *, alone: bool) -> Stop:
    # After a lost answer nobody knows whether the write got through. Of several writes, or several
    # parts of one, some may have got through before the calendar or the grant was gone.
    return Stop(error=error, sure=alone and isinstance(error, CollectionGone | NotConnected))


def _with_a_free_name(collection: Collection, sent: Sent) -> Sent:
    """Try the names of the next generations, one after the other, if the first was taken."""
    write, link, outcome = sent.announced.write, sent.link, sent.outcome
    if not isinstance(write, Create):
        return sent
    for _ in range(MOST_GENERATIONS - 1):
        if not isinstance(outcome, ItemExists):
            break
        link = replace(link, generation=link.generation + 1)
        (outcome,) = _outcomes(collection, [replace(sent.announced, link=link)])
    return replace(sent, outcome=outcome, link=link)


def _about(write: Write) -> dict[str, str]:
    return {"uid": write.uid, "side": write.side.value}
