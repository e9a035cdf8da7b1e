"""The simulated installation: both sides, the database, the clock, and the judge of every write."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from random import Random
from typing import Any

from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES
from bridge.domain.identifiers import ETag, Uid
from bridge.domain.spans import TimedSpan
from bridge.domain.sync_settings import PrivateEvents, SyncSettings, SyncType
from bridge.domain.view import MergeField, Schedule, View
from bridge.ical.calendar_object import CalendarObject
from bridge.rehearsal.accounts import DEFAULT_ACCOUNTS
from bridge.sync.memory import Steps
from bridge.sync.memory_lens import PlainLens, plain_object
from bridge.sync.memory_store import CountingIds, ManualClock
from bridge.sync.model import Side
from bridge.sync.ports import Lens
from bridge.sync.sight import view_of
from sim_database import Installation, RunLease, SimDatabase
from sim_history import History
from sim_instances import Typed
from sim_judge import Written, is_known, judge_write
from sim_ledger import Ledger, Story, values_of
from sim_rehearsal import ZONE, RehearsalGoogle
from sim_sides import GoogleEnd, MemoryGoogle, PagedCollection
from sim_sql import SqlDatabase
from sim_strand import Broken, in_strand, pause

START = datetime(2026, 3, 10, 9, 0, tzinfo=UTC)
BASE = SyncSettings(
    incoming_type="meeting",
    outgoing_types=frozenset({"meeting", "call", "task"}),
    sync_from=date(2026, 1, 1),
    private_events=PrivateEvents.SAVE_AS_PRIVATE,
)
SECRET_OFF = "SECRETOFF"  # taken out, or of a type that never goes out: must never reach Google
SECRET_PRIVATE = "SECRETPRIVATE"  # must not reach Google in a run under `Do not sync`


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """What a schedule runs over.

    Attributes:
        real_lens: The product's lens instead of the small one.
        rehearsal: The rehearsal Google behind the product's client instead of a memory side.
        sql: The product's database instead of tables in memory.
        series: People make series, and change single instances.
    """

    name: str
    real_lens: bool
    rehearsal: bool = False
    sql: bool = False
    series: bool = False


MEMORY = Kind(name="memory", real_lens=False)
LENS = Kind(name="lens", real_lens=True, series=True)
REHEARSAL = Kind(name="rehearsal", real_lens=True, rehearsal=True)
SQL = Kind(name="sql", real_lens=False, sql=True)
WHOLE = Kind(name="whole", real_lens=True, rehearsal=True, sql=True)
SERIES = Kind(name="series", real_lens=False, series=True)
DATES = Kind(name="dates", real_lens=True, rehearsal=True, series=True)
KINDS = {kind.name: kind for kind in (MEMORY, LENS, REHEARSAL, SQL, WHOLE, SERIES, DATES)}


@dataclass
class SimWorld:
    """Everything there is in one schedule.

    Attributes:
        loose: Which accidents happened after which nobody can know all of the past of the items
            there were.
        was_late: A listing was late. What it told of may be older than what the engine had made of
            it, and comes right with the next one.
        acting: The worker whose turn it is.
        written: What each worker sent since it last wrote down what it was about to send.
        still_to_come: What each worker took from series at Google with another schedule, by story
            and event; it has to be written again.
        leases: Of the latest run of each worker.
        running: The options of each run under way, by worker.
        stored: Workers that stored something since; what they send next is another batch.
        begun: When the latest run of each worker began.
        deleters: On which sides people delete more than elsewhere.
        hints: How many hints wait for a worker.
        options: Of the run that is under way.
        account: Which of the Google accounts is connected.
        fired: How often each fault point was fired.
        trace: What happened, line by line.
    """

    kind: Kind
    chance: Random
    clock: ManualClock = field(default_factory=ManualClock)
    ids: CountingIds = field(default_factory=CountingIds)
    ledger: Ledger = field(default_factory=Ledger)
    loose: set[str] = field(default_factory=set)
    hints: int = 0
    options: SyncSettings = BASE
    fired: Counter[str] = field(default_factory=Counter)
    trace: list[str] = field(default_factory=list)
    serial: int = 0
    account: int = 0
    was_late: bool = False
    deleters: frozenset[Side] = frozenset()
    acting: str = ""
    written: dict[str, list[tuple[Story, str, Side, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    stored: set[str] = field(default_factory=set)
    begun: dict[str, int] = field(default_factory=dict)
    still_to_come: dict[str, set[tuple[int, str, Typed]]] = field(
        default_factory=lambda: defaultdict(set)
    )
    leases: dict[str, RunLease] = field(default_factory=dict)
    running: dict[str, SyncSettings] = field(default_factory=dict)
    moving: dict[Uid, tuple[PagedCollection, str, ETag, PagedCollection, str]] = field(
        default_factory=dict
    )

    def __post_init__(self) -> None:
        self.steps = Steps(pause)
        self.activities = self._collection("activities")
        self.tasks = self._collection("tasks")
        make = SqlDatabase if self.kind.sql else SimDatabase
        self.database: Installation = make(options=BASE, clock=self.clock, steps=self.steps)
        self.database.committed = lambda: self.stored.add(self.acting)
        self.reader = self.lens(BASE)
        self.google = self._google()

    def _collection(self, name: str) -> PagedCollection:
        made = PagedCollection(Side.CALENDAR, name, steps=self.steps, watch=self)
        made.admit = self.admit
        return made

    def _google(self) -> GoogleEnd:
        if self.kind.rehearsal:
            return RehearsalGoogle(
                self.clock,
                self.reader,
                steps=self.steps,
                watch=self,
                short_pages=self.chance.random() < 0.5,
                email=DEFAULT_ACCOUNTS[self.account],
            )
        return MemoryGoogle(self.reader, steps=self.steps, watch=self, plain=plain_object)

    def change_account(self, to: tuple[int, GoogleEnd] | None = None) -> None:
        """Connect another Google account; what lies in the present one stays there, unseen."""
        self.google.check()
        for name, item in self.google.objects().items():
            view = self.view(Side.GOOGLE, item)
            if view is not None and self.ledger.story_at((Side.GOOGLE, name), view) is not None:
                self.ledger.person_deleted((Side.GOOGLE, name), view)
        if to is not None:
            self.account, self.google = to
            return
        self.account = 1 - self.account
        self.google = self._google()

    @property
    def history(self) -> History:
        """What the journal told, whatever became of the database."""
        return History(self.database.history.values(), self.view)

    def lens(self, options: SyncSettings) -> Lens:
        """Return the lens of these options."""
        if not self.kind.real_lens:
            return PlainLens()
        return GoogleLens(
            settings=options,
            types=STOCK_TYPES,
            calendar_zone=ZONE,
            own_addresses=DEFAULT_ACCOUNTS,
        )

    def loosen(self, accident: str) -> None:
        """Note that nobody can know all of the past of the items there are now."""
        self.loose.add(accident)
        for story in self.ledger.stories.values():
            story.loose.add(accident)

    def known_items(self) -> int:
        """Return of how many items all is known, so that they are judged without excuses."""
        stories = self.ledger.stories.values()
        return sum(is_known(self, story) for story in stories)

    def one_way(self) -> bool:
        """Whether a direction is chosen, or a run under way was begun under one."""
        chosen = (self.database.options, *self.running.values())
        return any(options.sync_type is not SyncType.TWO_WAY for options in chosen)

    def begin(self, secret: str = "") -> Story:
        """Begin the story of a new item."""
        story = self.ledger.begin(secret=secret)
        if self.one_way():
            story.loose.add("options switched")
        return story

    def cut(self) -> None:
        """Note that the outcomes of the latest writes of a worker may have been lost."""
        if self.acting in self.stored:
            # Their outcomes are written down already.
            return
        for story, operation, _, sent in self.written[self.acting]:
            revives = operation == "insert" and story.deletes
            what = "revival" if revives else operation
            story.doubts.lose(what, sent=sent, now=self.ledger.now())

    def overtaken(self, begun: int) -> None:
        """Note that a worker slept too long: another one worked while its write was on the way.

        Our own server refuses such a write; Google cannot know.
        """
        self.cut()
        for story, _, side, _ in self.written[self.acting]:
            if side is Side.GOOGLE:
                story.doubts.lose("lease", sent=begun, now=self.ledger.now())

    def is_on_its_way(self, story: Story) -> bool:
        """Whether a worker that fell asleep wrote the item, and has not heard of it yet."""
        asleep = self.running.keys() - {self.acting} - self.stored
        return any(story is each for who in asleep for each, *_ in self.written[who])

    def knows_again(self, since: int) -> None:
        """Note that a run has come to its end, and with it all doubts older than the run."""
        for story in self.ledger.stories.values():
            story.doubts.clear(since=since, now=self.ledger.now())

    def note(self, line: str) -> None:
        """Add a line to the trace."""
        self.trace.append(line)

    def digest(self) -> str:
        """Return what two runs of one seed have in common."""
        return sha256("\n".join(self.trace).encode()).hexdigest()

    @property
    def usual(self) -> bool:
        """Whether nothing is chosen that keeps items out, now or in the run under way."""
        return self.database.options == BASE == self.options

    @property
    def calendars(self) -> tuple[PagedCollection, ...]:
        """All collections of the calendar side."""
        return self.activities, self.tasks

    # What people see and type.

    def view(self, side: Side, item: CalendarObject | None) -> View | None:
        """Return what a person sees of a copy."""
        return view_of(self.reader, side, item)

    def in_calendar(self) -> Iterator[tuple[PagedCollection, str, CalendarObject]]:
        """Iterate over every copy in the calendar, in an order that follows from the past."""
        for collection in self.calendars:
            for name, item in collection.objects().items():
                yield collection, name, item

    def next_number(self) -> int:
        """Return a number that was never returned before."""
        self.serial += 1
        return self.serial

    def typed(self, story: Story, what: MergeField, view: View) -> View:
        """Return the view with one field typed anew."""
        number = self.next_number()
        if what is MergeField.SCHEDULE:
            rules = view.schedule.recurrence
            return replace(view, schedule=replace(schedule_of(number), recurrence=rules))
        if what is MergeField.DONE:
            return replace(view, done=not view.done)
        words = f"{story.secret} t{number:04}".strip()
        text = f"item{story.number} {words}" if what is MergeField.TITLE else words
        changed: dict[str, Any] = {what.value: text}
        return replace(view, **changed)

    def new_view(self, story: Story) -> View:
        """Return what a person types of a new item."""
        blank = View(title="", schedule=schedule_of(self.next_number()))
        return self.typed(story, MergeField.TITLE, blank)

    def finish_moves(self) -> None:
        """Send the DELETE of half-done moves; an object changed since stays where it was."""
        for old, name, etag, new, new_name in self.moving.values():
            event = old._live.get(name)
            if event is not None and event.etag == etag:
                old.remove(name)
            elif new_name in new.objects():
                new.remove(new_name)
        self.moving.clear()

    # What the engine does, judged.

    def departs(self) -> None:
        """Let a worker make a request, as `RunGuard` does."""
        self.leases[self.acting].keep()

    def admit(self) -> None:
        """Let a write of a worker count at our own server, which asks for its lease."""
        self.leases[self.acting].demand()

    def sends(self, operation: str, side: Side, name: str, uid: str = "") -> None:
        """Note what is on its way; nobody may ever know whether it arrived."""
        story = self.ledger.story_at((side, name)) or self.ledger.story_at((Side.CALENDAR, uid))
        if story is not None:
            self._on_its_way(story, operation, side)

    def _on_its_way(self, story: Story, operation: str, side: Side) -> None:
        if self.acting in self.stored:
            self.stored.remove(self.acting)
            self.written[self.acting].clear()
        self.written[self.acting].append((story, operation, side, self.begun[self.acting]))

    def vanished(self) -> None:
        """Note a listing that tells neither that an item is there nor that it is gone."""
        now = self.ledger.now()
        for story in self.ledger.stories.values():
            story.doubts.untold.append(now)

    def judge_bytes(self, text: str, about: str) -> None:
        """Refuse marked texts in what goes to Google."""
        if SECRET_OFF in text:
            raise Broken(f"what must never leave was sent to Google: {about}")
        hidden = self.options.private_events is PrivateEvents.DO_NOT_SYNC
        if hidden and SECRET_PRIVATE in text:
            raise Broken(f"a private text was sent under `Do not sync`: {about}")

    def wrote(
        self, side: Side, name: str, before: CalendarObject | None, after: CalendarObject | None
    ) -> None:
        """Judge what became of a copy; people's own acts are noted by who acts."""
        if not in_strand():
            return
        shown = after if after is not None else before
        assert shown is not None
        key = (side, name if side is Side.GOOGLE else shown.uid)
        old, new = self.view(side, before), self.view(side, after)
        story = self.ledger.story_at(key, new or old) or self._linked(side, name)
        if story is None:
            raise Broken(f"the engine wrote what nobody ever made: {name}")
        operation = "insert" if old is None else "delete" if new is None else "update"
        self._on_its_way(story, operation, side)
        self.note(f"  wrote {side.value} {name[:12]} {values_of(old)} -> {values_of(new)}")
        if new == old and before == after:
            raise Broken(f"a write that changes nothing: {name}")
        judge_write(self, Written(story=story, side=side, name=name, old=old, new=new))

    def _linked(self, side: Side, name: str) -> Story | None:
        """Return the story of a copy that shows only a block, known by what it was made of."""
        uid = next((each.uid for each in self.database.links() if each.side(side).name == name), "")
        story = self.ledger.story_at((Side.CALENDAR, uid))
        if story is not None:
            self.ledger.copies[side, name] = story.number
        return story


def schedule_of(number: int) -> Schedule:
    """Return half an hour, that many hours after the first one."""
    begin = START + timedelta(hours=number)
    return Schedule(span=TimedSpan(start=begin, end=begin + timedelta(minutes=30)))
