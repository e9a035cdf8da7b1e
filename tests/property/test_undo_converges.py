"""Whatever people do and take back, in whatever order, both sides agree afterwards."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bridge.domain.identifiers import Uid
from bridge.domain.spans import TimedSpan
from bridge.domain.sync_settings import SyncSettings, SyncType
from bridge.domain.view import Schedule, View
from bridge.sync.memory import MemoryCollection, Steps
from bridge.sync.memory_lens import PlainLens, plain_object
from bridge.sync.memory_store import CountingIds, ManualClock, MemorySyncStore
from bridge.sync.model import Presence, Side
from bridge.sync.policy import Policy
from bridge.sync.run import run
from bridge.sync.session import Session, Wishes
from bridge.sync.undo_steps import Request
from bridge.sync.unreached import UnreachedCollection

START = datetime(2026, 3, 10, 9, tzinfo=UTC)
TITLES = st.sampled_from(["Call Ada", "Meet Ben", "Lunch"])
NUMBERS = st.integers(0, 3)

ACTS = st.one_of(
    st.tuples(st.just("make"), st.sampled_from(list(Side)), NUMBERS, TITLES),
    st.tuples(st.just("retitle"), st.sampled_from(list(Side)), NUMBERS, TITLES),
    st.tuples(st.just("move"), st.sampled_from(list(Side)), NUMBERS, st.integers(0, 3)),
    st.tuples(st.just("delete"), st.sampled_from(list(Side)), NUMBERS),
    st.tuples(st.just("run")),
    st.tuples(st.just("run")),
    st.tuples(st.just("undo"), st.integers(0, 3)),
    st.tuples(st.just("undo"), st.integers(0, 3)),
    st.tuples(st.just("cut undo"), st.integers(0, 3), st.integers(1, 30)),
    st.tuples(st.just("undo alone"), st.integers(0, 3)),
    st.tuples(st.just("cut undo"), st.integers(0, 3), st.integers(1, 30), st.just(True)),
)


class Crash(BaseException):
    """The process is gone."""


class Desk:
    """Both sides in memory, the engine, and people."""

    def __init__(self, sync_type: SyncType) -> None:
        self.steps = Steps()
        self.calendar = MemoryCollection(Side.CALENDAR, "activities", steps=self.steps)
        self.google = MemoryCollection(Side.GOOGLE, "google", steps=self.steps)
        self.store = MemorySyncStore(steps=self.steps)
        self.lens, self.clock, self.ids = PlainLens(), ManualClock(), CountingIds()
        options = SyncSettings(
            incoming_type="meeting",
            outgoing_types=frozenset({"meeting"}),
            sync_from=date(2026, 3, 1),
            sync_type=sync_type,
        )
        self.policy = Policy.of(options)
        self.runs: list[str] = []
        for number, side in enumerate([Side.CALENDAR, Side.CALENDAR, Side.GOOGLE, Side.GOOGLE]):
            self.make(side, number, "Call Ada")
        self.run()

    def act(self, act):
        """Do one thing."""
        what, *arguments = act
        {
            "make": self.make,
            "retitle": self.retitle,
            "move": self.move,
            "delete": self.delete,
            "run": self.run,
            "undo": self.undo,
            "cut undo": self.cut_undo,
            "undo alone": self.undo_alone,
        }[what](*arguments)

    def run(self, *, alone=False, **options):
        """Run once; everything a person could be asked is confirmed."""
        self.clock.advance(timedelta(minutes=1))
        session = Session(
            run_id=self.ids.run_id(),
            calendars=[self.calendar],
            google=UnreachedCollection(self.google.id) if alone else self.google,
            alone=alone,
            store=self.store,
            lens=self.lens,
            policy=self.policy,
            clock=self.clock,
            ids=self.ids,
        )
        report = run(session, Wishes(confirmed=True, **options))
        assert report.stopped_by is None
        if report.entries:
            self.runs.append(report.run_id)
        return report

    def undo(self, back, *, alone=False):
        """Take one of the latest runs back."""
        if back < len(self.runs):
            target = self.runs[-1 - back]
            entries = tuple(e for e in self.store.journal.values() if e.run_id == target)
            self.run(undo=Request(entries=entries), alone=alone)

    def undo_alone(self, back):
        """Take one of the latest runs back while Google is not reached."""
        before = self.google.objects()
        self.undo(back, alone=True)
        assert self.google.objects() == before

    def cut_undo(self, back, number, alone=False):
        """Let the process go in the middle of an undo."""
        last = self.steps.count + number

        def crash(step):
            if step.number == last:
                raise Crash

        self.steps.interfere = crash
        with contextlib.suppress(Crash):
            self.undo(back, alone=alone)
        self.steps.interfere = None

    def _collection(self, side):
        return self.calendar if side is Side.CALENDAR else self.google

    def _held(self, side, number):
        names = sorted(self._collection(side).objects())
        return names[number % len(names)] if names else None

    def make(self, side, number, title):
        """Make an item that was not there before."""
        uid = f"{side.value}-{number}-{self.steps.count}"
        span = TimedSpan(start=START, end=START + timedelta(hours=1))
        view = View(title=f"{title} {self.steps.count}", schedule=Schedule(span=span))
        name = f"{uid}.ics" if side is Side.CALENDAR else uid
        self._collection(side).put(name, plain_object(Uid(uid), view))

    def retitle(self, side, number, title):
        """Change a title."""
        self._edit(side, number, title=title)

    def move(self, side, number, days):
        """Change a time."""
        start = START + timedelta(days=days)
        span = TimedSpan(start=start, end=start + timedelta(hours=1))
        self._edit(side, number, schedule=Schedule(span=span))

    def _edit(self, side, number, **fields):
        name = self._held(side, number)
        if name is not None:
            collection = self._collection(side)
            item = collection.objects()[name]
            view = replace(self.lens.google_view(item), **fields)
            collection.put(name, self.lens.put_google(view, item))

    def delete(self, side, number):
        """Delete an item."""
        name = self._held(side, number)
        if name is not None:
            self._collection(side).remove(name)

    def pairs(self):
        """Iterate over the views of what is linked and on both sides."""
        for link in self.store.links():
            states = [link.side(side) for side in Side]
            if all(state.presence is Presence.PRESENT for state in states):
                yield tuple(
                    self.lens.google_view(self._collection(side).objects()[link.side(side).name])
                    for side in Side
                )


def settle(desk):
    """Run until nothing more is to be done, which is soon."""
    for _ in range(3):
        desk.run()
    report = desk.run(compared=True)
    assert (report.entries, report.proof.differences) == ((), 0)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(ACTS, max_size=14))
def test_both_sides_show_the_same_of_every_pair_after_any_undo(acts):
    """In two-way; an undo that was cut off leaves nothing to repair."""
    desk = Desk(SyncType.TWO_WAY)
    for act in acts:
        desk.act(act)
    settle(desk)
    for calendar, google in desk.pairs():
        assert calendar == google


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([SyncType.CRM_TO_GOOGLE, SyncType.GOOGLE_TO_CRM]), st.lists(ACTS, max_size=14)
)
def test_undo_in_a_one_way_sync_never_writes_to_the_source(sync_type, acts):
    """And rests afterwards."""
    desk = Desk(sync_type)
    for act in acts:
        desk.act(act)
    settle(desk)
    assert all(entry.side is not desk.policy.source for entry in desk.store.journal.values())
