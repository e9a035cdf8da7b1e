"""A small world for the engine: both sides, the store and people, all in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bridge.domain.identifiers import Uid
from bridge.domain.spans import TimedSpan
from bridge.domain.sync_settings import SyncSettings
from bridge.domain.view import Facts, Schedule, View
from bridge.errors import SideUnavailable
from bridge.sync.chunks import MOST_REQUESTS_TO_GOOGLE
from bridge.sync.memory import MemoryCollection, Moment, Steps
from bridge.sync.memory_lens import PlainLens, plain_object
from bridge.sync.memory_store import CountingIds, ManualClock, MemorySyncStore
from bridge.sync.model import Changes, Link, Presence, Side, SideState
from bridge.sync.policy import Policy
from bridge.sync.run import dry_run, dry_undo, run
from bridge.sync.session import Session, Wishes
from bridge.sync.sight import Change, SideSight, Sight
from bridge.sync.undo_steps import Request
from bridge.sync.unreached import UnreachedCollection

SETTINGS = SyncSettings(
    incoming_type="meeting",
    outgoing_types=frozenset({"meeting", "call"}),
    sync_from=date(2026, 3, 1),
)


def at(day: int, hour: int = 9, *, month: int = 3, minutes: int = 60) -> Schedule:
    """Return the schedule of a timed event in 2026, UTC."""
    start = datetime(2026, month, day, hour, tzinfo=UTC)
    return Schedule(span=TimedSpan(start=start, end=start + timedelta(minutes=minutes)))


class World:
    """Both sides, and what people and the engine do to them.

    Attributes:
        settings: Of the connection; change it to change the options.
    """

    def __init__(self) -> None:
        self.steps = Steps()
        self.activities = MemoryCollection(Side.CALENDAR, "activities", steps=self.steps)
        self.tasks = MemoryCollection(Side.CALENDAR, "tasks", steps=self.steps)
        self.google = MemoryCollection(Side.GOOGLE, "google", steps=self.steps)
        self.store = MemorySyncStore(steps=self.steps)
        self.lens, self.clock, self.ids = PlainLens(), ManualClock(), CountingIds()
        self.settings = SETTINGS

    def choose(self, **options):
        """Change options of the connection."""
        self.settings = replace(self.settings, **options)

    def _session(self, **limits):
        return Session(
            run_id=self.ids.run_id(),
            calendars=[self.activities, self.tasks],
            google=UnreachedCollection(self.google.id) if limits.get("alone") else self.google,
            store=self.store,
            lens=self.lens,
            policy=Policy.of(self.settings),
            clock=self.clock,
            ids=self.ids,
            **limits,
        )

    def run(self, *, most_to_google=MOST_REQUESTS_TO_GOOGLE, alone=False, **wishes):
        """Run once, alone without reaching Google; return the report."""
        session = self._session(most_to_google=most_to_google, alone=alone)
        return run(session, Wishes(**wishes))

    def undo(self, *entries, fields=None, alone=False):
        """Take entries back; return the report."""
        return self.run(undo=Request(entries=entries, fields=fields), alone=alone)

    def undoing(self, *entries, fields=None, alone=False):
        """Return what taking entries back would do."""
        session = self._session(alone=alone)
        return dry_undo(session, Request(entries=entries, fields=fields))

    def plan(self, **wishes):
        """Return the plan of a dry run."""
        return dry_run(self._session(), Wishes(**wishes))

    # People.

    def view(self, title="Call Ada", **fields):
        """Return a view on 10 March 2026 at nine."""
        return View(**({"title": title, "schedule": at(10)} | fields))

    def in_crm(self, uid, *extra, where=None, **fields):
        """Store an activity under `<uid>.ics`."""
        (where or self.activities).put(
            f"{uid}.ics", plain_object(Uid(uid), self.view(**fields), *extra)
        )

    def at_google(self, name, *extra, **fields):
        """Store an event a person made at Google; return the UID it will have here."""
        self.google.put(name, plain_object(Uid(f"{name}@google.com"), self.view(**fields), *extra))
        return self.ids.uid(name)

    def edit_crm(self, uid, **fields):
        """Change fields of an activity, all else untouched."""
        collection, name = self.place(uid)
        self._edit(collection, name, fields)

    def edit_google(self, name, **fields):
        """Change fields of an event, all else untouched."""
        self._edit(self.google, name, fields)

    def _edit(self, collection, name, fields):
        item = collection.objects()[name]
        view = replace(self.lens.google_view(item), **fields)
        collection.put(name, self.lens.put_google(view, item))

    def mark_crm(self, uid, *extra):
        """Add content lines to an activity."""
        collection, name = self.place(uid)
        self._mark(collection, name, extra)

    def mark_google(self, name, *extra):
        """Add content lines to an event."""
        self._mark(self.google, name, extra)

    def _mark(self, collection, name, extra):
        item = collection.objects()[name]
        lines = "".join(f"{line}\r\n" for line in extra)
        text = item.text.replace("END:VEVENT", f"{lines}END:VEVENT")
        collection.put(name, replace(item, text=text))

    def delete_crm(self, uid):
        """Delete an activity."""
        collection, name = self.place(uid)
        collection.remove(name)

    # What happens meanwhile.

    def at_step(self, place, operation, moment, act):
        """Let something happen at the first such step, once."""

        def interfere(step):
            if (step.place, step.operation, step.moment) == (place, operation, moment):
                self.steps.interfere = None
                act()

        self.steps.interfere = interfere

    def lose_answer(self, place, operation, moment=Moment.AFTER):
        """Run, and let the answer to the first such request get lost, with it or after it."""

        def lose():
            raise SideUnavailable("no answer", side=place, reason="network")

        self.at_step(place, operation, moment, lose)
        report = self.run()
        assert isinstance(report.stopped_by, SideUnavailable)
        return report

    def lose_links(self):
        """Forget everything that is known of the connection."""
        self.store.held_links.clear()
        self.store.commit(Changes(tokens=dict.fromkeys(self.store.tokens())))

    # Looking.

    def place(self, uid):
        """Return collection and name of the activity with this UID, or None."""
        for collection in (self.activities, self.tasks):
            for name, item in collection.objects().items():
                if item.uid == uid:
                    return collection, name
        return None

    def crm(self, uid):
        """Return the view of an activity, None when it is not there."""
        place = self.place(uid)
        return None if place is None else self.lens.calendar_view(place[0].objects()[place[1]])

    def event(self, name):
        """Return the view of an event, None when it is not there."""
        item = self.google.objects().get(name)
        return None if item is None else self.lens.google_view(item)

    def link(self, uid) -> Link:
        """Return a stored link."""
        return self.store.held_links[Uid(uid)]

    def own(self, uid, generation=0):
        """Return the name our event of this activity has at Google."""
        return self.google.name_for(Uid(uid), generation=generation)

    def ours(self, uid, *extra, **fields):
        """Make an activity and run, so that its copy is at Google; return the event's name."""
        self.in_crm(uid, *extra, **fields)
        assert self.run().stopped_by is None
        return self.own(uid)

    def theirs(self, name, *extra, **fields):
        """Make an event at Google and run, so that it is in the CRM; return its UID."""
        uid = self.at_google(name, *extra, **fields)
        assert self.run().stopped_by is None
        return uid

    def texts(self):
        """Return what both sides hold, to compare before and after."""
        return tuple(dict(side.objects()) for side in (self.activities, self.tasks, self.google))


@pytest.fixture
def world() -> World:
    """Return an empty world."""
    return World()


@pytest.fixture
def schedule():
    """Return the maker of schedules in March 2026."""
    return at


@pytest.fixture
def new_world():
    """Return a maker of empty worlds."""
    return World


class Sides:
    """Makes sights of what both sides show, with nothing else to look at.

    Attributes:
        view: What both sides show, unless told otherwise.
    """

    def __init__(self) -> None:
        self.view = View(title="Call Ada", schedule=at(10))

    def side(self, view, base, *, presence=Presence.PRESENT, guests=False, parts=()):
        """Return one side."""
        state = SideState(presence=presence, parts=parts)
        facts = Facts(guests=guests)
        change = Change.UNCHANGED if view == base else Change.CHANGED
        return SideSight(state=state, view=view, base=base, facts=facts, change=change)

    def sight(self, calendar=None, google=None, **link):
        """Return a sight of a link with these values."""
        calendar = calendar or self.side(self.view, self.view)
        google = google or self.side(self.view, self.view)
        told = {"uid": Uid("u1"), "origin": Side.CALENDAR, "agreed": self.view} | link
        return Sight(link=Link(**told), calendar=calendar, google=google)


@pytest.fixture
def sides():
    """Return a maker of sights."""
    return Sides()
