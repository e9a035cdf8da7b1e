"""Reading: list both sides, fold what they told, ask for what is unknown.

All calendar collections are read before Google, and all of them before one plan. Tokens are stored
in one transaction with what their listing told (design decisions 18, 19, 22). The two functions
here return what to store and leave the storing to the run, so that a dry run can read as well.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bridge.domain.identifiers import SyncToken, Uid
from bridge.errors import SyncTokenExpired
from bridge.sync.ingest import Folded, ingest
from bridge.sync.model import Changes, Delta, Link, Presence, Side, SideState
from bridge.sync.ports import Collection
from bridge.sync.provenance import missing_originals
from bridge.sync.session import Session
from bridge.sync.told import Reading
from bridge.sync.twins import questions

PART_SIZE = 50
"""Names asked for at once, the size of one batch at Google."""
MOST_ROUNDS = 5
"""How often the calendar collections are read again while items move between them."""


Places = Mapping[tuple[Side, str], Mapping[str, SideState | None]]
"""Items by side, collection and name, with what is known of them there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of the connection at one moment.

    Attributes:
        changes: What has to be stored to know it lastingly.
    """

    links: Mapping[Uid, Link]
    tokens: Mapping[str, SyncToken | None]
    changes: Changes


@dataclass(slots=True)
class _Listener:
    """Collects what collections tell, with the tokens that go with it."""

    session: Session
    tokens: dict[str, SyncToken | None]
    readings: list[Reading] = field(default_factory=list)

    def listen(self, collection: Collection) -> Reading:
        """List a collection from its token, or all of it when there is none that is served."""
        token = self.tokens.get(collection.id)
        try:
            delta = collection.changes(token)
        except SyncTokenExpired:
            delta = collection.changes(None)
        self.tokens[collection.id] = delta.token
        return self.add(collection, delta)

    def add(self, collection: Collection, delta: Delta) -> Reading:
        """Take an answer in."""
        reading = Reading(side=collection.side, collection=collection.id, delta=delta)
        self.readings.append(reading)
        return reading

    def listen_to_calendars(self) -> None:
        """Read all calendar collections, and the others again while any tells of removals."""
        everything = {collection.id: collection for collection in self.session.calendars}
        self._listen_until_still(everything, gone=False)

    def listen_again(self, lost: Iterable[Collection]) -> None:
        """Read the others of the collections that lost an item."""
        self._listen_until_still(self._others(lost), gone=True)

    def _listen_until_still(self, pending: Mapping[str, Collection], *, gone: bool) -> None:
        """Read collections, and the others again while any of them lost something.

        An item that moves into a collection after that was read would look deleted. It may move on
        or back meanwhile; a listing without a token does not tell that, so it counts as a loss.
        """
        for _ in range(MOST_ROUNDS):
            told = [(collection, self.listen(collection).delta) for collection in pending.values()]
            gone = gone or any(delta.removed for _, delta in told)
            pending = self._others(c for c, delta in told if delta.removed or (gone and delta.full))
            if not pending:
                return

    def _others(self, lost: Iterable[Collection]) -> dict[str, Collection]:
        found = (other for collection in lost for other in self.session.others(collection))
        return {collection.id: collection for collection in found}


def read(session: Session) -> Known:
    """List every collection from its token and fold the answers into the stored links.

    Raises:
        SideError: A side could not be listed; nothing is known of it then.
        NotConnected: There is no usable grant.
    """
    stored = session.store.tokens()
    listener = _Listener(session, dict(stored))
    listener.listen_to_calendars()
    if not session.alone:
        listener.listen(session.google)
    return _fold(session, listener, session.store.links(), before=stored)


def ask_unknown(session: Session, known: Known) -> Known:
    """Ask for the items whose presence is unknown, and fold the answers.

    Those are what a full listing lacked, and what a write whose answer was lost was about.

    Raises:
        SideError: The side gave no definite answer; the items stay unknown.
    """
    return ask_for(session, known, _open(known.links.values()))


def ask_for(session: Session, known: Known, places: Places) -> Known:
    """Ask for items by name, and fold the answers.

    Raises:
        SideError: The side gave no definite answer; what is known of the items stays.
    """
    listener = _Listener(session, dict(known.tokens))
    lost: list[Collection] = []
    for (side, name), states in places.items():
        collection = session.collection(side, name)
        if collection is None:
            continue
        delta = _answers(session, collection, states)
        listener.add(collection, delta)
        if delta.removed and side is Side.CALENDAR:
            lost.append(collection)
    listener.listen_again(lost)
    return _fold(session, listener, list(known.links.values()), before=known.tokens)


def has_questions(known: Known) -> bool:
    """Whether a side has to be asked for an item before anything can be planned."""
    return bool(_open(known.links.values()))


def _answers(
    session: Session, collection: Collection, states: Mapping[str, SideState | None]
) -> Delta:
    names = list(states)
    inserting = {name for name, state in states.items() if state and state.being_inserted}
    answers = {
        name: item
        for start in range(0, len(names), PART_SIZE)
        for name, item in collection.get(names[start : start + PART_SIZE]).items()
    }
    missing = [name for name, item in answers.items() if item is None]
    # What was being inserted and is not there never got through, as far as anybody can know, but
    # where a deletion is on record that is none of before.
    doubtful = [name for name in missing if _may_be_deleted(session, collection, states[name])]
    tombstones = collection.tombstones(doubtful) if doubtful else {}
    return Delta(
        items=tuple(item for item in answers.values() if item is not None),
        removed=tuple(name for name in missing if name not in inserting or name in tombstones),
        token=SyncToken(""),
        asked=True,
        tombstones=tombstones,
    )


def _may_be_deleted(session: Session, collection: Collection, state: SideState | None) -> bool:
    """Whether a deletion on record can tell that an insert got through, and what became of it."""
    if state is None or not state.being_inserted or collection.side is Side.CALENDAR:
        return False
    first = state.base is not None and session.store.only_announced(state.base.uid)
    return state.reviving or first


def _open(links: Iterable[Link]) -> Places:
    """Return the items nobody told of."""
    found: dict[tuple[Side, str], dict[str, SideState | None]] = defaultdict(dict)
    for link in links:
        for side in Side:
            state = link.side(side)
            if state.presence is Presence.UNKNOWN or state.being_inserted:
                found[(side, state.collection)][state.name] = state
        for twin in questions(link):
            found[(Side.CALENDAR, twin.collection)][twin.name] = None
    return found


def _fold(
    session: Session,
    listener: _Listener,
    links: Sequence[Link],
    *,
    before: Mapping[str, SyncToken | None],
) -> Known:
    folded: Folded = ingest(
        links,
        listener.readings,
        lens=session.lens,
        uid_for=session.ids.uid,
        now=session.clock.now(),
    )
    doubted = missing_originals(
        folded.links,
        {link.uid for link in links},
        google=session.google.id,
        name_of=session.ids.google_name,
    )
    after = {**folded.links, **doubted}
    tokens = listener.tokens
    changed = {name: token for name, token in tokens.items() if before.get(name) != token}
    return Known(
        links=after,
        tokens=tokens,
        changes=Changes(
            links=tuple(link for uid, link in after.items() if uid in folded.changed),
            tokens=changed,
        ),
    )
