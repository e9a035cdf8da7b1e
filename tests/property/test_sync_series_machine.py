"""Series over memory sides: people change them and single dates of them, and answers get lost.

Whenever it settles, a few runs bring both sides together and the next writes nothing. A date that
only one side changed since both agreed is what that side made of it, as long as the series itself
stayed where it was.
"""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from bridge.domain.identifiers import Uid
from bridge.domain.spans import TimedSpan
from bridge.domain.sync_settings import SyncSettings
from bridge.domain.view import Instance, Schedule, View
from bridge.errors import RateLimited, SideUnavailable
from bridge.sync.instances import plain_instance
from bridge.sync.memory import MemoryCollection, Steps
from bridge.sync.memory_lens import PlainLens, plain_object
from bridge.sync.memory_store import CountingIds, ManualClock, MemorySyncStore
from bridge.sync.memory_text import normal
from bridge.sync.model import Side
from bridge.sync.policy import Policy
from bridge.sync.run import RunReport, run
from bridge.sync.session import Session, Wishes

EXAMPLES = int(os.environ.get("CRMDAV_SYNC_EXAMPLES", "100"))
POLICY = Policy.of(
    SyncSettings(
        incoming_type="meeting", outgoing_types=frozenset({"meeting"}), sync_from=date(2026, 1, 1)
    )
)
UID = Uid("u1")
NUMBERS = st.integers(0, 5)
PLAIN = "plain"
SIDES = st.sampled_from(list(Side))


class SimulatedCrash(BaseException):
    """The process died here."""


def schedule(hour: int, count: int) -> Schedule:
    """Return a series of days."""
    start = datetime(2026, 3, 10, hour, tzinfo=UTC)
    span = TimedSpan(start=start, end=start + timedelta(hours=1))
    return Schedule(span=span, recurrence=(f"RRULE:FREQ=DAILY;COUNT={count}",))


class SeriesMachine(RuleBasedStateMachine):
    """One series, its people, lost answers and runs in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = Steps()
        self.activities = MemoryCollection(Side.CALENDAR, "activities", steps=self.steps)
        self.google = MemoryCollection(Side.GOOGLE, "google", steps=self.steps)
        self.store = MemorySyncStore(steps=self.steps)
        self.lens, self.clock, self.ids = PlainLens(), ManualClock(), CountingIds()
        self.serial = 0
        self.ghost: dict[str, dict[Side, View | str | None]] = {}
        self.moved = self.unsure = False
        self.activities.put("u1.ics", plain_object(UID, View(title="S", schedule=schedule(9, 6))))
        self._run()

    def _run(self) -> RunReport:
        return run(
            Session(
                run_id=self.ids.run_id(),
                calendars=[self.activities],
                google=self.google,
                store=self.store,
                lens=self.lens,
                policy=POLICY,
                clock=self.clock,
                ids=self.ids,
            ),
            Wishes(confirmed=True),
        )

    def _place(self, side: Side) -> tuple[MemoryCollection, str]:
        collection = self.activities if side is Side.CALENDAR else self.google
        (name,) = collection.objects()
        return collection, name

    def _view(self, side: Side) -> View:
        collection, name = self._place(side)
        view = self.lens.google_view(collection.objects()[name])
        assert view is not None
        return view

    def _put(self, side: Side, view: View) -> None:
        collection, name = self._place(side)
        collection.put(name, self.lens.put_google(normal(view), collection.objects()[name]))

    def _put_date(self, side: Side, key: str, shown: View | None, *, plain: bool = False) -> None:
        view = self._view(side)
        told = {each.key: each for each in view.instances if each.key != key}
        if not plain:
            told[key] = Instance(key=key, view=shown)
        instances = tuple(told[each] for each in sorted(told))
        self._put(side, replace(view, instances=instances))
        self.ghost.setdefault(key, {})[side] = self._shown(side, key)

    def _key(self, side: Side, number: int) -> str:
        start = self._view(side).schedule.span
        assert isinstance(start, TimedSpan)
        return f"{start.start_utc + timedelta(days=number):%Y%m%dT%H%M%SZ}"

    def _next(self) -> int:
        self.serial += 1
        return self.serial

    # People.

    @rule(side=SIDES, number=NUMBERS)
    def rename_a_date(self, side, number):
        """Give one date a title of its own."""
        key, view = self._key(side, number), self._view(side)
        shown = view.by_key().get(key) or plain_instance(view, key)
        self._put_date(side, key, replace(shown, title=f"t{self._next()}"))

    @rule(side=SIDES, number=NUMBERS)
    def move_a_date(self, side, number):
        """Move one date by itself."""
        key, view = self._key(side, number), self._view(side)
        shown = view.by_key().get(key) or plain_instance(view, key)
        begin = datetime(2026, 4, 1, tzinfo=UTC) + timedelta(hours=self._next())
        span = TimedSpan(start=begin, end=begin + timedelta(hours=1))
        self._put_date(side, key, replace(shown, schedule=Schedule(span=span)))

    @rule(side=SIDES, number=NUMBERS)
    def cancel_a_date(self, side, number):
        """Cancel one date."""
        self._put_date(side, self._key(side, number), None)

    @rule(side=SIDES, number=NUMBERS)
    def take_a_date_back(self, side, number):
        """Make one date plain again."""
        self._put_date(side, self._key(side, number), None, plain=True)

    @rule(side=SIDES, hour=st.integers(8, 11), count=st.integers(3, 6), keep=st.booleans())
    def move_the_series(self, side, hour, count, keep):
        """Move or cut the series; some programs drop its dates with that, all lose those gone."""
        view = self._view(side)
        self._put(
            side,
            replace(view, schedule=schedule(hour, count), instances=view.instances if keep else ()),
        )
        self.moved = True

    @rule(side=SIDES)
    def rename_the_series(self, side):
        """Change the title of all plain dates."""
        self._put(side, replace(self._view(side), title=f"t{self._next()}"))
        self.moved = True  # whether a date is plain is another question then

    # The engine.

    @rule(after=st.integers(0, 12), kind=st.sampled_from(["cut", "slow", "crash"]))
    def run_cut_short(self, after, kind):
        """Lose an answer, or the process, at some step."""
        errors = {
            "cut": SideUnavailable("cut", side="google"),
            "slow": RateLimited("slow", side="google"),
            "crash": SimulatedCrash(),
        }
        at = self.steps.count + after

        def interfere(step):
            if step.number == at and step.place != "store":
                raise errors[kind]

        self.steps.interfere = interfere
        with contextlib.suppress(SimulatedCrash):
            self._run()
        self.steps.interfere = None
        self.unsure = True

    @rule()
    def settle(self):
        """Run until nothing is left to do; both sides show the same then."""
        for _ in range(3):
            report = self._run()
            assert report.stopped_by is None
        assert report.entries == ()
        assert self._view(Side.CALENDAR) == self._view(Side.GOOGLE)
        self._check_dates()
        self.ghost.clear()
        self.moved = self.unsure = False

    def _check_dates(self) -> None:
        if self.moved or self.unsure:
            return
        for key, by_side in self.ghost.items():
            if len(by_side) == 1:
                (wanted,) = by_side.values()
                assert self._shown(Side.GOOGLE, key) == wanted

    def _shown(self, side: Side, key: str) -> View | str | None:
        return self._view(side).by_key().get(key, PLAIN)

    def teardown(self):
        """End the story in peace."""
        self.settle()

    @invariant()
    def nothing_is_parked(self):
        """No fault of ours hides behind a parked item."""
        assert all(link.parked is None for link in self.store.held_links.values())


TestSeriesMachine = SeriesMachine.TestCase
TestSeriesMachine.settings = settings(
    max_examples=EXAMPLES,
    stateful_step_count=14,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
