"""A quiet installation for stories: both sides, the store, people, and a crash at a chosen step."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES
from bridge.domain.identifiers import Uid
from bridge.domain.sync_settings import SyncSettings
from bridge.domain.view import View
from bridge.errors import BridgeError
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.memory import Moment, Step, Steps
from bridge.sync.memory_lens import PlainLens, plain_object
from bridge.sync.memory_store import CountingIds, ManualClock, MemorySyncStore
from bridge.sync.model import Changes, Link, Side
from bridge.sync.policy import Policy
from bridge.sync.ports import Lens
from bridge.sync.report import RunReport
from bridge.sync.run import run
from bridge.sync.session import Session, Wishes
from bridge.sync.sight import view_of
from sim_rehearsal import ZONE, RehearsalGoogle
from sim_sides import GoogleEnd, MemoryGoogle, PagedCollection
from sim_strand import Crash
from sim_world import BASE, schedule_of

MOST_RUNS = 6


class Unwatched:
    """Watches nothing: what counts in a story is how it ends."""

    def departs(self) -> None:
        """Do nothing."""

    def sends(self, operation: str, side: Side, name: str, uid: str = "") -> None:
        """Do nothing."""

    def vanished(self) -> None:
        """Do nothing."""

    def judge_bytes(self, text: str, about: str) -> None:
        """Do nothing."""

    def wrote(
        self, side: Side, name: str, before: CalendarObject | None, after: CalendarObject | None
    ) -> None:
        """Do nothing."""


class StoryWorld:
    """Both sides of one connection.

    Attributes:
        options: Of the connection.
        crash_at: The number of the step at which the next run dies, once; 0 for none.
        seconds_per_batch: How long Google takes for a batch of writes.
    """

    def __init__(self, *, rehearsal: bool = False) -> None:
        self.rehearsal = rehearsal
        self.options: SyncSettings = BASE
        self.steps = Steps(self._step)
        self._runs = False
        self.clock, self.ids = ManualClock(), CountingIds()
        self.activities = self._collection("activities")
        self.tasks = self._collection("tasks")
        self.store = MemorySyncStore(steps=self.steps)
        self.google = self._google()
        self.crash_at = 0
        self.seconds_per_batch = 0
        self._interference: Callable[[Step], None] | None = None

    def _collection(self, name: str) -> PagedCollection:
        return PagedCollection(Side.CALENDAR, name, steps=self.steps, watch=Unwatched())

    def _google(self) -> GoogleEnd:
        if self.rehearsal:
            return RehearsalGoogle(
                self.clock, self.lens, steps=self.steps, watch=Unwatched(), short_pages=False
            )
        return MemoryGoogle(self.lens, steps=self.steps, watch=Unwatched(), plain=plain_object)

    @property
    def lens(self) -> Lens:
        """The lens of the present options."""
        if not self.rehearsal:
            return PlainLens()
        return GoogleLens(settings=self.options, types=STOCK_TYPES, calendar_zone=ZONE)

    # Runs.

    def run(self) -> RunReport:
        """Run once, and after a crash until a run comes to its end; return its report.

        A run that was stopped by a side is simply made again, as the worker does.
        """
        for _ in range(MOST_RUNS):
            with suppress(Crash):
                report = self.run_once()
                if not isinstance(report.stopped_by, BridgeError):
                    return report
        raise AssertionError(f"no run came to its end: {report.stopped_by!r}")

    def run_once(self) -> RunReport:
        """Run once, however it ends; return its report.

        Raises:
            Crash: It died at the step it was to die at.
        """
        self._runs = True
        report = self._run()
        self._runs = False
        return report

    def _run(self) -> RunReport:
        return run(
            Session(
                run_id=self.ids.run_id(),
                calendars=(self.activities, self.tasks),
                google=self.google.collection("story"),
                store=self.store,
                lens=self.lens,
                policy=Policy.of(self.options),
                clock=self.clock,
                ids=self.ids,
            ),
            Wishes(confirmed=True),
        )

    def _step(self, step: Step) -> None:
        if self._runs and step.number == self.crash_at:
            raise Crash
        if (step.place, step.operation, step.moment) == ("google", "write", Moment.AFTER):
            self.clock.advance(timedelta(seconds=self.seconds_per_batch))
        if self._interference is not None:
            self._interference(step)

    @contextmanager
    def failing(self, place: str, operation: str, error: BridgeError) -> Iterator[None]:
        """Let each such call fail while the block lasts."""

        def interfere(step: Step) -> None:
            if (step.place, step.operation) == (place, operation):
                raise error

        self._interference = interfere
        yield
        self._interference = None

    # People.

    def make(
        self, uid: str, *extra: str, where: PagedCollection | None = None, **fields: Any
    ) -> None:
        """Make an activity on 10 March 2026."""
        item = plain_object(Uid(uid), self.shown(**fields), *extra)
        (where or self.activities).put(f"{uid}.ics", item)

    def add(self, name: str, *, like: str = "", **fields: Any) -> None:
        """Make an event at Google."""
        self.google.add(name, self.shown(**fields), like=like)

    @staticmethod
    def shown(title: str = "Call Ada", hour: int = 0, **fields: Any) -> View:
        """Return a view that many hours after the first one."""
        return View(**({"title": title, "schedule": schedule_of(hour)} | fields))

    def edit(self, uid: str, **fields: Any) -> None:
        """Change fields of an activity, all else untouched."""
        collection, name = self.place(uid)
        item = collection.objects()[name]
        view = view_of(self.lens, Side.CALENDAR, item)
        assert view is not None
        collection.put(name, self.lens.put_calendar(replace(view, **fields), item))

    def mark(self, uid: str, *lines: str) -> None:
        """Add content lines to an activity."""
        collection, name = self.place(uid)
        item = collection.objects()[name]
        added = "".join(f"{line}\r\n" for line in lines)
        text = item.text.replace("END:VEVENT", f"{added}END:VEVENT")
        collection.put(name, replace(item, text=text))

    def unmark(self, uid: str, line: str) -> None:
        """Take a content line out of an activity."""
        collection, name = self.place(uid)
        item = collection.objects()[name]
        collection.put(name, replace(item, text=item.text.replace(f"{line}\r\n", "")))

    def alter(self, name: str, **fields: Any) -> None:
        """Change fields of an event at Google."""
        view = view_of(self.lens, Side.GOOGLE, self.google.objects()[name])
        assert view is not None
        self.google.edit(name, replace(view, **fields))

    def drop(self, uid: str) -> None:
        """Delete an activity."""
        collection, name = self.place(uid)
        collection.remove(name)

    def place(self, uid: str) -> tuple[PagedCollection, str]:
        """Return collection and name of an activity."""
        for collection in (self.activities, self.tasks):
            for name, item in collection.objects().items():
                if item.uid == uid:
                    return collection, name
        raise KeyError(uid)

    def own(self, uid: str, generation: int = 0) -> str:
        """Return the name our event of this activity has at Google."""
        return self.google.collection("story").name_for(Uid(uid), generation=generation)

    def ours(self, name: str) -> str:
        """Return the UID of the activity of an event that came from Google."""
        return next(link.uid for link in self.store.links() if link.google.name == name)

    def choose(self, **options: Any) -> None:
        """Change options of the connection."""
        self.options = replace(self.options, **options)

    # The installation.

    def forget_tokens(self) -> None:
        """Forget all tokens, as reconnecting does."""
        self.store.commit(Changes(tokens=dict.fromkeys(self.store.tokens())))

    def forget_links(self) -> None:
        """Begin anew: nothing is known of what was linked."""
        self.forget_tokens()
        self.store.held_links.clear()

    def backup(self) -> dict[Uid, Link]:
        """Return the links as they are."""
        return dict(self.store.held_links)

    def _shown(self, item: CalendarObject) -> str:
        """Return type and view of an activity."""
        type_key = self.lens.calendar_facts(item).type_key
        return f"{type_key} {view_of(self.lens, Side.CALENDAR, item)}"

    # How it ends.

    def wait(self) -> None:
        """Let more than a day pass: whatever waits for its time has waited enough."""
        self.clock.advance(timedelta(hours=26))

    def outcome(self) -> tuple[list[str], list[str]]:
        """Return what both sides show, without names and versions."""
        calendar = [
            f"{collection.id} {item.uid} {self._shown(item)}"
            for collection in (self.activities, self.tasks)
            for item in collection.objects().values()
        ]
        google = [
            f"{view_of(self.lens, Side.GOOGLE, item)}" for item in self.google.objects().values()
        ]
        return sorted(calendar), sorted(google)
