"""The executor: carries a plan out in chunks of conditional writes; it never decides.

Per batch, all writes of a chunk to one collection: the journal entries `intended` are committed
with what the links have to remember, then the call is made with nothing open, then the outcomes and
the new states of the links are committed. A refused item is parked and the others go on; a side
that cannot be reached ends the run (design decisions 3, 4, 19).
"""

from __future__ import annotations

import logging
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bridge.domain.identifiers import Uid
from bridge.errors import ItemMissing, PreconditionFailed, RateLimited, SideError
from bridge.sync import outcome
from bridge.sync.actions import (
    Action,
    Adopt,
    Create,
    Delete,
    Forget,
    Plan,
    Record,
    Update,
    Withdraw,
    Write,
    writes_of,
)
from bridge.sync.chunks import chunks, within_budget
from bridge.sync.intents import intended, name_of, named, remembering
from bridge.sync.model import Changes, Item, JournalEntry, JournalState, Link, Side
from bridge.sync.ports import Collection
from bridge.sync.requests import Partly
from bridge.sync.safety import losses_of
from bridge.sync.sending import Announced, Sent, Stop, send
from bridge.sync.session import Session

logger = logging.getLogger(__name__)

RECORDS_AT_ONCE = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ended:
    """How a write ended: its entry in the last state, and the link, None when that ends too."""

    entry: JournalEntry
    link: Link | None


class Executor:
    """Carries out one plan.

    Attributes:
        links: Every link of the connection, kept up to date.
        entries: What was written, in order, each in its last state.
        put_off: How many actions of the plan wait for the next run, because of the budget of one.
    """

    def __init__(self, session: Session, links: Mapping[Uid, Link]) -> None:
        self.links: dict[Uid, Link] = dict(links)
        self.entries: list[JournalEntry] = []
        self.put_off = 0
        self._session = session
        self._events: dict[str, Uid] = {}
        self._confirmed: Container[Uid] = ()
        self._pause: RateLimited | None = None

    def carry_out(self, plan: Plan, *, confirmed: Container[Uid] = ()) -> None:
        """Carry out the plan; another one may follow it.

        When Google asks for a pause it is written to no more, for its limits can last for hours
        (Google: Manage quotas). What is to go to the calendar still does before the run ends.

        Args:
            plan: What to do.
            confirmed: Items whose loss a person confirmed.

        Raises:
            SideUnavailable: A side cannot be reached; what was not done is done by a later run.
            RateLimited: A side asks for a pause.
            CollectionGone: A calendar is gone.
            NotConnected: There is no usable grant.
            LeaseLost: Another runner took over.
        """
        self._confirmed = confirmed
        self._record(plan.actions)
        self._events = {link.google.name: uid for uid, link in self.links.items()}
        session = self._session
        size = max(side.most_at_once for side in (*session.calendars, session.google))
        actions, put_off = within_budget(plan.actions, session.most_to_google)
        self.put_off += put_off
        for chunk in chunks(actions, size):
            self._carry_out(chunk)
        if self._pause is not None:
            raise self._pause

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

    def _carry_out(self, chunk: Sequence[Action]) -> None:
        """Do the first writes of all actions, then the second ones of those that got so far."""
        going_on = list(chunk)
        wave = 0
        while going_on := [action for action in going_on if len(writes_of(action)) > wave]:
            through = self._send_wave(going_on, wave)
            going_on = [action for action in going_on if action.uid in through]
            wave += 1

    def _send_wave(self, actions: Sequence[Action], wave: int) -> set[Uid]:
        """Do one write of each action; return the items whose write got through."""
        by_place: dict[tuple[Side, str], list[tuple[Write, Action]]] = {}
        for action in actions:
            write = self._next_write(action, wave)
            place = (write.side, write.collection)
            by_place.setdefault(place, []).append((write, action))
        through: set[Uid] = set()
        for (side, name), writes in by_place.items():
            collection = self._session.collection(side, name)
            if collection is None:
                self._park_unsynced(writes)
                continue
            most = collection.most_at_once
            for start in range(0, len(writes), most):
                if side is Side.CALENDAR or self._pause is None:
                    through |= self._send(collection, writes[start : start + most])
        return through

    def _next_write(self, action: Action, wave: int) -> Write:
        write = writes_of(action)[wave]
        if wave == 0:
            return write
        # The other side is what our own write before this one made of it.
        return replace(write, source=self.links[write.uid].side(write.side.other).seen)

    def _send(self, collection: Collection, writes: Sequence[tuple[Write, Action]]) -> set[Uid]:
        """Send one batch and store its outcomes; return the items whose write got through.

        Raises:
            BridgeError: What ends the run; the outcomes are stored by then.
        """
        ready = self._announced(collection, writes)
        if not ready:
            return set()
        sent = send(collection, ready)
        ended = [self._ended(each) for each in sent]
        self._finish(ended)
        stops = [each.outcome.error for each in sent if isinstance(each.outcome, Stop)]
        for stop in stops[:1]:
            if not isinstance(stop, RateLimited) or collection is not self._session.google:
                raise stop
            self._pause = stop
        done = JournalState.DONE
        return {each.entry.uid for each in ended if each.entry.state is done}

    def _announced(
        self, collection: Collection, writes: Iterable[tuple[Write, Action]]
    ) -> list[Announced]:
        """Write down, in one commit, what is about to be sent; leave out what is outdated."""
        ready: list[Announced] = []
        outdated: list[_Ended] = []
        for write, action in writes:
            link, entry = self.links[write.uid], self._intended(write, action)
            # Checked immediately before sending: is the link still what was planned from?
            if not outcome.still_planned(link, write):
                ended = replace(entry, state=JournalState.OVERTAKEN)
                outdated.append(_Ended(entry=ended, link=outcome.overtaken(link, write.side)))
                continue
            if isinstance(write, Create) and write.side is Side.GOOGLE:
                link = self._with_free_name(link, collection)
            link = outcome.announced(link, write, collection, lens=self._session.lens)
            ready.append(Announced(write=write, entry=named(entry, link), link=link))
        if outdated:
            self._finish(outdated)
        if ready:
            self._announce(ready)
        return ready

    def _announce(self, ready: Sequence[Announced]) -> None:
        links = tuple(each.link for each in ready if each.link is not self.links[each.link.uid])
        entries = tuple(each.entry for each in ready)
        self._session.store.commit(Changes(links=links, journal=entries))
        self.links.update({link.uid: link for link in links})

    def _with_free_name(self, link: Link, collection: Collection) -> Link:
        """Return the link in a generation whose event is no other link's."""
        holder = self._events.get(collection.name_for(link.uid, generation=link.generation))
        if holder is None or holder == link.uid:
            return link
        return self._with_free_name(replace(link, generation=link.generation + 1), collection)

    def _intended(self, write: Write, action: Action) -> JournalEntry:
        session = self._session
        entry = intended(
            write,
            name_of(action, write),
            run_id=session.run_id,
            clock=session.clock,
            ids=session.ids,
        )
        lost = 0 if write.uid in self._confirmed else losses_of(action, write)
        link = self.links[write.uid]
        return replace(named(remembering(entry, write, link), link), losses=lost)

    def _ended(self, sent: Sent) -> _Ended:
        """Return what is to be stored of a write that was sent."""
        write, entry = sent.announced.write, sent.announced.entry
        link = self.links[write.uid]
        match sent.outcome:
            case Item() | None:
                return self._through(sent)
            case Partly(error=error):
                # Neither done nor undone: some of it is there, guests may have been told of it.
                ended = self._ended(replace(sent, outcome=error))
                return replace(ended, entry=_unsure(entry, ended.entry.detail))
            case Stop(error=error, sure=sure):
                # Nobody knows, unless it is sure: the next run looks at the side.
                failed = replace(entry, state=JournalState.FAILED, detail=str(error))
                return _Ended(entry=failed if sure else _unsure(entry, str(error)), link=link)
            case PreconditionFailed() | ItemMissing() as error:
                told = replace(entry, state=JournalState.OVERTAKEN, detail=str(error))
                return _Ended(entry=told, link=self._overtaken(link, write, error))
            case SideError() as error:
                return self._parked(write, entry, error.reason or "rejected", str(error))
            case error:
                return self._parked(write, entry, "error", type(error).__name__)

    def _overtaken(self, link: Link, write: Write, error: SideError) -> Link:
        if isinstance(error, ItemMissing):
            return outcome.gone(link, write.side, lens=self._session.lens)
        return outcome.overtaken(link, write.side)

    def _through(self, sent: Sent) -> _Ended:
        write, answer, lens = sent.announced.write, sent.outcome, self._session.lens
        entry = replace(sent.announced.entry, state=JournalState.DONE)
        match write:
            case Create() | Update():
                assert isinstance(answer, Item)  # noqa: S101 - the contract of `Collection.write`
                link = outcome.written(sent.link, write, answer, lens=lens)
                return _Ended(entry=named(entry, link), link=link)
            case Delete() | Withdraw():
                return _Ended(entry=entry, link=outcome.taken_away(sent.link, write, lens=lens))

    def _parked(self, write: Write, entry: JournalEntry, reason: str, message: str) -> _Ended:
        now = self._session.clock.now()
        link = outcome.parked(self.links[write.uid], write, reason, message, now)
        about = {"run_id": self._session.run_id, "uid": write.uid, "side": write.side.value}
        logger.warning("item parked", extra={**about, "reason": reason})
        failed = replace(entry, state=JournalState.FAILED, detail=message)
        return _Ended(entry=failed, link=link)

    def _park_unsynced(self, writes: Sequence[tuple[Write, Action]]) -> None:
        self._finish(
            [
                self._parked(
                    write,
                    self._intended(write, action),
                    "not-synced",
                    f"the calendar `{write.collection}` is not synced",
                )
                for write, action in writes
            ]
        )

    def _finish(self, ended: Sequence[_Ended]) -> None:
        """Commit entries and links in one go, and know them."""
        links = {each.entry.uid: each.link for each in ended}
        kept = tuple(link for link in links.values() if link is not None)
        forgotten = tuple(uid for uid, link in links.items() if link is None)
        entries = tuple(each.entry for each in ended)
        self.entries.extend(entries)
        self._session.store.commit(Changes(links=kept, forgotten=forgotten, journal=entries))
        self.links.update({link.uid: link for link in kept})
        for uid in forgotten:
            del self.links[uid]


def _unsure(entry: JournalEntry, answer: str) -> JournalEntry:
    """Return the entry of a write that may have got through; what it did not keep stays told."""
    told = "\n".join(line for line in (entry.detail, answer) if line)
    return replace(entry, state=JournalState.INTENDED, detail=told)
