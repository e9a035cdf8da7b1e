"""The executor: carries a plan out, one journalled conditional write at a time; it never decides.

Per write: the journal entry `intended` is committed, then the call is made with nothing open, then
its outcome and the new state of the link are committed. A refused item is parked and the others go
on; a side that cannot be reached ends the run (design decisions 3, 4, 19).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bridge.domain.identifiers import Uid
from bridge.errors import (
    BridgeError,
    CollectionGone,
    ItemExists,
    ItemMissing,
    ItemRejected,
    NotConnected,
    PreconditionFailed,
    RateLimited,
    SideError,
    SideUnavailable,
)
from bridge.ical.calendar_object import CalendarObject
from bridge.sync import outcome
from bridge.sync.actions import (
    Action,
    Adopt,
    Create,
    Delete,
    Forget,
    Plan,
    PutBack,
    Record,
    Update,
    Withdraw,
    Write,
    writes_of,
)
from bridge.sync.model import Changes, Item, JournalEntry, JournalState, Link, Side
from bridge.sync.ports import Collection
from bridge.sync.session import Session

logger = logging.getLogger(__name__)

MOST_GENERATIONS = 3
"""How many burnt names are passed over in one attempt to create an item."""
RECORDS_AT_ONCE = 500


class Executor:
    """Carries out one plan.

    Attributes:
        links: Every link of the connection, kept up to date.
        entries: What was written, in order, each in its last state.
    """

    def __init__(self, session: Session, links: Mapping[Uid, Link]) -> None:
        self.links: dict[Uid, Link] = dict(links)
        self.entries: list[JournalEntry] = []
        self._session = session
        self._events: dict[str, Uid] = {}

    def carry_out(self, plan: Plan) -> None:
        """Carry out the plan.

        Raises:
            SideUnavailable: A side cannot be reached; what was not done is done by a later run.
            RateLimited: A side asks for a pause.
            CollectionGone: A calendar is gone.
            NotConnected: There is no usable grant.
            LeaseLost: Another runner took over.
        """
        self._record(plan.actions)
        self._events = {link.google.name: uid for uid, link in self.links.items()}
        for action in plan.actions:
            self._write_all(action)

    def _record(self, actions: Sequence[Action]) -> None:
        """Store what is only to be known, in portions."""
        quiet = [action for action in actions if isinstance(action, Record | Forget | Adopt)]
        for start in range(0, len(quiet), RECORDS_AT_ONCE):
            portion = quiet[start : start + RECORDS_AT_ONCE]
            links: dict[Uid, Link] = {}
            forgotten: set[Uid] = set()
            for action in portion:
                match action:
                    case Record() | Adopt():
                        links[action.uid] = action.link
                    case Forget():
                        forgotten.add(action.uid)
                if isinstance(action, Adopt):
                    forgotten.add(action.absorbed)
            changes = Changes(links=tuple(links.values()), forgotten=tuple(sorted(forgotten)))
            self._session.store.commit(changes)
            self.links.update(links)
            for uid in forgotten:
                del self.links[uid]

    def _write_all(self, action: Action) -> None:
        for position, planned in enumerate(writes_of(action)):
            write = planned
            if position > 0:
                # The other side is what our own write before this one made of it.
                source = self.links[write.uid].side(write.side.other).seen
                write = replace(write, source=source)
            if not self._perform(write, _name_of(action, write)):
                return

    def _perform(self, write: Write, name: str) -> bool:
        """Do one write and store its outcome; tell whether it got through."""
        link = self.links[write.uid]
        entry = self._intended(write, name)
        collection = self._ready(link, write, entry)
        if collection is None:
            return False
        if isinstance(write, Create) and write.side is Side.GOOGLE:
            link = self._with_free_name(link, collection)
        link = outcome.announced(link, write, collection)
        links = () if link is self.links[link.uid] else (link,)
        self._session.store.commit(Changes(links=links, journal=(entry,)))
        self.links[link.uid] = link
        try:
            done = self._send(collection, link, write)
        except (SideUnavailable, RateLimited, CollectionGone, NotConnected) as error:
            self._stopped(entry, error)
            raise
        except (PreconditionFailed, ItemMissing, ItemRejected, ItemExists) as error:
            self._refused(write, entry, error)
            return False
        except Exception as error:  # one odd item must not stop the others
            logger.exception("write failed unexpectedly", extra=self._about(write))
            self._park(write, entry, "error", type(error).__name__)
            return False
        self._finish(replace(entry, state=JournalState.DONE), done, uid=write.uid)
        return True

    def _with_free_name(self, link: Link, collection: Collection) -> Link:
        """Return the link in a generation whose event is no other link's."""
        holder = self._events.get(collection.name_for(link.uid, generation=link.generation))
        if holder is None or holder == link.uid:
            return link
        return self._with_free_name(replace(link, generation=link.generation + 1), collection)

    def _ready(self, link: Link, write: Write, entry: JournalEntry) -> Collection | None:
        """Check, immediately before sending, that the link is still what was planned from."""
        collection = self._session.collection(write.side, write.collection)
        if collection is None:
            message = f"the calendar `{write.collection}` is not synced"
            self._park(write, entry, "not-synced", message)
            return None
        if not outcome.still_planned(link, write):
            ended = replace(entry, state=JournalState.OVERTAKEN)
            self._finish(ended, outcome.overtaken(link, write.side))
            return None
        return collection

    def _send(self, collection: Collection, link: Link, write: Write) -> Link | None:
        """Make the call; return the link with its outcome, None when the link ends."""
        lens = self._session.lens
        match write:
            case Create():
                grown, answer = _insert(collection, link, write.item)
                return outcome.written(grown, write, answer, lens=lens)
            case Update():
                answer = collection.update(
                    write.name, write.item, base=write.base, if_match=write.if_match
                )
                return outcome.written(link, write, answer, lens=lens)
            case Delete() | Withdraw():
                collection.delete(write.name, if_match=write.if_match)
                return outcome.taken_away(link, write)

    def _intended(self, write: Write, name: str) -> JournalEntry:
        before = None if isinstance(write, Create) else _before(write)
        after = None if isinstance(write, Delete | Withdraw) else write.item.text
        return JournalEntry(
            id=self._session.ids.entry_id(),
            run_id=self._session.run_id,
            uid=write.uid,
            side=write.side,
            action=name,
            state=JournalState.INTENDED,
            at=self._session.clock.now(),
            before=before,
            after=after,
            reason=write.reason,
            detail=write.detail,
        )

    def _stopped(self, entry: JournalEntry, error: BridgeError) -> None:
        """Note an error that ends the run."""
        # After a lost answer nobody knows whether the write got through: the entry stays intended,
        # and the next run looks at the side.
        unsure = isinstance(error, SideUnavailable | RateLimited)
        state = JournalState.INTENDED if unsure else JournalState.FAILED
        self._finish(replace(entry, state=state, detail=str(error)))

    def _refused(self, write: Write, entry: JournalEntry, error: SideError) -> None:
        """Note that the side has gone on since, or refuses this item."""
        link = self.links[write.uid]
        ended = replace(entry, state=JournalState.OVERTAKEN, detail=str(error))
        match error:
            case PreconditionFailed():
                self._finish(ended, outcome.overtaken(link, write.side))
            case ItemMissing():
                self._finish(ended, outcome.gone(link, write.side))
            case _:
                self._park(write, entry, error.reason or "rejected", str(error))

    def _park(self, write: Write, entry: JournalEntry, reason: str, message: str) -> None:
        now = self._session.clock.now()
        link = outcome.parked(self.links[write.uid], write, reason, message, now)
        self._finish(replace(entry, state=JournalState.FAILED, detail=message), link)
        logger.warning("item parked", extra=self._about(write) | {"reason": reason})

    def _finish(
        self, entry: JournalEntry, link: Link | None = None, *, uid: Uid | None = None
    ) -> None:
        """Commit the entry with the link's new state; with a UID and no link the link ends."""
        links = (link,) if link is not None else ()
        forgotten = (uid,) if link is None and uid is not None else ()
        self.entries.append(entry)
        self._session.store.commit(Changes(links=links, forgotten=forgotten, journal=(entry,)))
        if link is not None:
            self.links[link.uid] = link
        for ended in forgotten:
            del self.links[ended]

    def _about(self, write: Write) -> dict[str, str]:
        return {
            "run_id": self._session.run_id,
            "uid": write.uid,
            "side": write.side.value,
        }


def _insert(collection: Collection, link: Link, item: CalendarObject) -> tuple[Link, Item]:
    """Insert under the next name that is not burnt (design decision 26).

    Raises:
        ItemExists: The names of three generations are taken.
    """
    for _ in range(MOST_GENERATIONS - 1):
        try:
            name = collection.name_for(link.uid, generation=link.generation)
            return link, collection.insert(name, item)
        except ItemExists:
            link = replace(link, generation=link.generation + 1)
    name = collection.name_for(link.uid, generation=link.generation)
    return link, collection.insert(name, item)


def _before(write: Update | Delete | Withdraw) -> str:
    return write.base.text if isinstance(write, Update) else write.before.text


def _name_of(action: Action, write: Write) -> str:
    """Return the journal's word for a write."""
    if isinstance(action, PutBack):
        return "put-back"
    match write:
        case Create():
            return "create"
        case Update():
            return "update"
        case Delete():
            return "delete"
        case Withdraw():
            return "withdraw"
