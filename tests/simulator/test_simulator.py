"""The whole engine under a seeded scheduler: people, faults, crashes, two workers, one thread.

Where to look: `sim_schedule` plays a schedule, `sim_actors` and `sim_google_people` are the people
(`sim_acts` what they do), `sim_faults` and `sim_accidents` what goes wrong, `sim_worker` runs the
engine and is killed, `sim_strand` lets runs pause at each step, `sim_ledger` remembers what people
did (`sim_instances`: to instances of series), `sim_judge` judges every write on the spot,
`sim_checks` what is left at the end, by what people did and what the journal told (`sim_history`).
`sim_doubts` says where nobody can know. `sim_sql` is the product's database in place of the one in
memory; `sim_stories` are for `test_crash_points`, where no seed chooses anything. To grow it, add
one class to the tuple or list at the end of the module in question: an actor has `act`, a fault
`fits` and `strike`, an accident `happen`; a promise is a function in `sim_checks`, called by
`check_end`.

A failure prints its seed; `python tests/simulator/sim_command.py memory --seed 7` shows the trace.
What was found is kept as a story of its own (`tests/unit/sync/test_sync_simulated_stories.py`), as
a seed means another schedule with every change of the simulator.
`CRMDAV_SIMULATOR_MINUTES=60 pytest -m lane -n 0 tests/simulator` goes on for that long with new
seeds, from `CRMDAV_SIMULATOR_FIRST` on.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from bridge.domain.sync_settings import PrivateEvents
from bridge.sync import instance_rules, modes, scope
from bridge.sync.instances import Carried
from bridge.sync.intents import request_of
from bridge.sync.memory_lens import PlainLens
from bridge.sync.merge import merge
from bridge.sync.model import Side
from bridge.sync.sight import Change
from sim_command import seeds_for
from sim_google_people import SPLIT
from sim_lot import Lot
from sim_schedule import ScheduleFailed, simulate
from sim_series import CANCELLED, TYPED
from sim_world import DATES, LENS, MEMORY, REHEARSAL, SERIES, SQL, WHOLE

MINUTES = float(os.environ.get("CRMDAV_SIMULATOR_MINUTES", "0"))
FIRST = int(os.environ.get("CRMDAV_SIMULATOR_FIRST", "1000000"))

MORE = range(500_000, 500_400)
"""Seeds for what the first ones never fired."""


@pytest.fixture
def tell(capsys):
    """Return a function that prints the counts of a lot, also when the test passes."""

    def show(lot):
        with capsys.disabled():
            sys.stdout.write(f"\n{lot.report()}\n")

    return show


def seeds(some):
    """Return the seeds of a lane: so many, or as many as there is time for."""
    return seeds_for(MINUTES, first=FIRST) if MINUTES else range(some)


def part_of(part, size):
    """Return the seeds of one part; parts are tests of their own, for several processes."""
    return range(part * size, (part + 1) * size)


@pytest.mark.parametrize("part", range(6))
def test_promises_hold_over_memory_sides(part, tell):
    """Three thousand schedules in all; each part fires every fault point, in all 15,000 times."""
    lot = Lot(MEMORY).play(part_of(part, 500)).complete(MORE)
    tell(lot)
    assert lot.never_fired() == []
    assert (lot.schedules >= 500, lot.fewest_moves >= 30, lot.faults >= 2_500) == (True,) * 3
    assert lot.strict_items >= lot.items * 0.6


def test_promises_hold_through_the_real_lens(tell):
    """To-dos, the done mark, and options that hide things, as the product shows them."""
    lot = Lot(LENS).play(range(150)).complete(MORE)
    tell(lot)
    assert lot.never_fired() == []


@pytest.mark.parametrize("part", range(3))
def test_promises_hold_through_the_rehearsal(part, tell):
    """The product's own Google client, in process, judged by the bytes it sends; 300 schedules."""
    lot = Lot(REHEARSAL).play(part_of(part, 100)).complete(MORE)
    tell(lot)
    assert lot.never_fired() == []
    assert (lot.schedules >= 100, lot.fewest_moves >= 30, lot.faults >= 500) == (True,) * 3
    assert lot.strict_items >= lot.items * 0.6


@pytest.mark.parametrize("part", range(2))
def test_promises_hold_with_series(part, tell):
    """Instances are moved, renamed, cancelled, taken back; `this and following` splits series."""
    lot = Lot(SERIES).play(part_of(part, 150))
    tell(lot)
    assert lot.fired[TYPED] >= 25
    assert lot.fired[CANCELLED] >= 3
    assert lot.fired[SPLIT] >= 3
    assert lot.strict_items >= lot.items * 0.6


def test_promises_hold_with_series_at_the_rehearsal(tell):
    """Masters and exceptions are events of their own there, written one after the other."""
    lot = Lot(DATES).play(range(40))
    tell(lot)
    assert lot.fired[TYPED] >= 5


def test_promises_hold_through_the_products_database(tell):
    """Lease, settings, journal, backup and restore in SQLite; Google as above."""
    tell(Lot(WHOLE).play(range(15)))


@pytest.mark.lane
@pytest.mark.timeout(0)
@pytest.mark.parametrize(
    ("kind", "some", "faults"),
    [
        (MEMORY, 4000, 20_000),
        (LENS, 1000, 5_000),
        (REHEARSAL, 700, 3_500),
        (SERIES, 300, 1_500),
        (DATES, 300, 1_500),
        (SQL, 140, 700),
        (WHOLE, 110, 550),
    ],
    ids=lambda each: getattr(each, "name", ""),
)
def test_promises_hold_in_thousands_of_schedules(kind, some, faults, tell):
    """Every fault point is fired on every kind of sides, and most of them often."""
    lot = Lot(kind).play(seeds(some)).complete(MORE)
    tell(lot)
    assert lot.never_fired() == []
    assert MINUTES or lot.faults >= faults


@pytest.mark.parametrize(("kind", "some"), [(MEMORY, 40), (LENS, 10), (REHEARSAL, 8), (WHOLE, 2)])
def test_a_seed_always_gives_the_same_trace(kind, some):
    """Nothing but the seed decides, so every failure can be seen again."""
    for seed in range(some):
        assert simulate(seed, kind) == simulate(seed, kind)


def test_a_seed_gives_the_same_trace_in_another_process():
    """Not even the order of hashes decides, which differs from process to process."""
    command = [sys.executable, "-c", "import sim_digests; sim_digests.show()"]
    folder = Path(__file__).parent
    root = folder.parent.parent
    told = {
        subprocess.run(
            command,
            env={**os.environ, "PYTHONHASHSEED": hashes, "PYTHONPATH": f"{root}:{folder}"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for hashes in ("1", "2")
    }
    assert len(told) == 1


def _overwrite(monkeypatch):
    """Let writes go over whatever is there."""
    monkeypatch.setattr("sim_sides.PagedCollection._demand", lambda *_: None)


def _believe_listings(monkeypatch):
    """Take what a full listing lacks for deleted."""
    monkeypatch.setattr("bridge.sync.ingest._Ledger._miss", _removing_miss)


def _removing_miss(ledger, reading, told):
    for link in list(ledger.links.values()):
        state = link.side(reading.side)
        place = (reading.side, state.collection, state.name)
        if state.collection == reading.collection and state.name and place not in told:
            ledger._remove(place)


def _forget_announcements(monkeypatch):
    """Send before it is written down."""
    monkeypatch.setattr("bridge.sync.outcome.announced", lambda link, *_args, **_lens: link)


def _show_everything(monkeypatch):
    """Let no item be kept out."""
    monkeypatch.setattr("bridge.sync.scope._RULES", ())


def _new_ids(monkeypatch):
    """Give an item another id at each try."""
    tries = iter(range(9**9))
    monkeypatch.setattr(
        "bridge.sync.memory.MemoryCollection.name_for",
        lambda _self, uid, *, generation=0: f"{uid}-{next(tries)}-{generation}",
    )


def _revive_instances(monkeypatch):
    """Let no cancelled instance win."""
    right = instance_rules.winner_of

    def winner_of(field, sight, **rest):
        winner, loser = right(field, sight, **rest)
        if winner is not None and instance_rules._is_cancelled(sight.side(winner), field.key):
            winner = winner.other
        return winner, loser

    monkeypatch.setattr("bridge.sync.merge.winner_of", winner_of)


def _lose_instances(monkeypatch):
    """Drop what is changed in single instances when a series moves."""

    def carry_over(view, schedule):
        moved = view.schedule != schedule
        return Carried(view=replace(view, instances=()) if moved else view)

    monkeypatch.setattr("bridge.sync.align.carry_over", carry_over)


def _drop_instances_in_silence(monkeypatch):
    """Tell of no value of a single instance that was not kept."""
    right = instance_rules.winner_of

    def winner_of(field, sight, **rest):
        return right(field, sight, **rest)[0], None

    monkeypatch.setattr("bridge.sync.merge.winner_of", winner_of)


def _drop_in_silence(monkeypatch):
    """Tell of no value that was not kept."""

    def merge_in_silence(sight, **rest):
        return replace(merge(sight, **rest), losers=())

    monkeypatch.setattr("bridge.sync.plan.merge", merge_in_silence)


def _without_rule(monkeypatch, name):
    rules = tuple(rule for rule in scope._RULES if rule.__name__ != name)
    monkeypatch.setattr("bridge.sync.scope._RULES", rules)


def _show_private_details(monkeypatch):
    """Let private items out under `Do not sync`."""
    _without_rule(monkeypatch, "_private")


def _hide_what_is_open(monkeypatch):
    """Leave a block of every event under `Do not sync`."""

    def hidden(sight, policy):
        came_in = sight.calendar.present and sight.link.origin is Side.GOOGLE
        private = policy.private_events is PrivateEvents.DO_NOT_SYNC
        return scope.Verdict(treatment=scope.Treatment.REDUCE) if came_in and private else None

    monkeypatch.setattr("bridge.sync.scope._RULES", (hidden, *scope._RULES))


def _write_to_invitations(monkeypatch):
    """Take what somebody else organizes for the user's own."""
    _without_rule(monkeypatch, "_read_only")


def _take_back(monkeypatch):
    """Take our copy back when somebody changes it at Google."""

    def taken_back(sight, policy):
        changed = sight.google.change is Change.CHANGED and sight.link.origin is Side.CALENDAR
        return scope._withdraw_ours(sight, policy, "type") if changed else None

    monkeypatch.setattr("bridge.sync.scope._RULES", (taken_back, *scope._RULES))


def _decide(monkeypatch, google, calendar, decision):
    table = {**modes.TWO_WAY, (google, calendar): decision}
    monkeypatch.setattr("bridge.sync.modes.TWO_WAY", table)


def _bring_back(monkeypatch):
    """Make again what was deleted here, though nobody edited it there."""
    _decide(monkeypatch, Change.UNCHANGED, Change.REMOVED, modes._TO_CALENDAR)


def _delete_edited(monkeypatch):
    """Let a delete at Google take an edit made here with it."""
    _decide(monkeypatch, Change.REMOVED, Change.CHANGED, modes._DELETE_IN_CALENDAR)


def _send_blindly(monkeypatch):
    """Name no version."""

    def without_version(*args, **rest):
        request = request_of(*args, **rest)
        return replace(request, if_match="") if hasattr(request, "if_match") else request

    monkeypatch.setattr("bridge.sync.sending.request_of", without_version)


def _break_the_lens(monkeypatch):
    """Let a place never reach Google."""
    right = PlainLens.put_google

    def put_google(self, view, item):
        return right(self, replace(view, location=""), item)

    monkeypatch.setattr(PlainLens, "put_google", put_google)


def _mail_guests(monkeypatch):
    """Let Google tell guests."""
    monkeypatch.setattr("bridge.google_calendar.event_calls._NO_MAIL", "all")


SPOILT = [
    (_overwrite, MEMORY, "gone without a trace|gave way"),
    (_believe_listings, MEMORY, "nobody who deleted had seen|nobody deleted it"),
    (_forget_announcements, MEMORY, "the third round wrote"),
    (_forget_announcements, MEMORY, "more than once"),
    (_break_the_lens, MEMORY, "differs"),
    (_new_ids, MEMORY, "an id that is not ours"),
    (_drop_in_silence, MEMORY, "gave way in silence"),
    (_bring_back, MEMORY, "was deleted, and is back"),
    (_delete_edited, MEMORY, "nobody who deleted had seen"),
    (_take_back, MEMORY, "was taken back"),
    (_write_to_invitations, MEMORY, "the event of somebody else"),
    (_send_blindly, MEMORY, "without a precondition"),
    (_show_everything, MEMORY, "must never leave"),
    (_show_private_details, MEMORY, "a private text"),
    (_hide_what_is_open, MEMORY, "was reduced to a block, and is to be seen"),
    (_mail_guests, REHEARSAL, "lets Google mail guests"),
    (_revive_instances, SERIES, "instance of item"),
    (_lose_instances, SERIES, "instance of item"),
    (_drop_instances_in_silence, SERIES, "instance of item"),
]
"""Engines, each with a promise it breaks, and the words in which the judge says so."""


@pytest.mark.mails
@pytest.mark.parametrize(
    ("spoil", "kind", "words"), SPOILT, ids=lambda each: getattr(each, "__name__", "")
)
def test_a_spoilt_engine_is_told_which_promise_it_breaks(spoil, kind, words, monkeypatch):
    """The judge can say no: each of the promises, broken on purpose, is noticed as that."""
    spoil(monkeypatch)
    assert any(re.search(words, _broken_by(seed, kind)) for seed in range(2000))


def _broken_by(seed, kind):
    """What a schedule breaks; it may be another promise, which another judge sees first."""
    try:
        simulate(seed, kind)
    except ScheduleFailed as error:
        return str(error).split("\n", 1)[0]
    return ""
