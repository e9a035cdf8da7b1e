"""Several mutations under one lock, some of which are refused, as a plain Radicale carries on."""

from __future__ import annotations

import pytest

from bridge.domain.identifiers import Href
from bridge.errors import UidConflict
from bridge.ical.calendar_object import CalendarObject
from radicale_plugin.collection import CalendarCollection
from radicale_plugin.limits import DEFAULT_LIMITS
from radicale_plugin.transactions import Transactions


@pytest.fixture
def desk(crm):
    """Anna's calendar under a lock that the test holds itself."""
    return Desk(crm)


class Desk:
    """Puts and deletes under one lock."""

    def __init__(self, crm):
        self.transactions = Transactions(crm.database)
        self._database, self._owner = crm.database, crm.users["anna"].id
        with self._database.read() as work:
            stored = work.calendars.calendar(self._owner, "activities")
        self.calendar = CalendarCollection(stored, self.transactions, DEFAULT_LIMITS)

    def locked(self):
        """Hold the lock."""
        return self.transactions.writing({self._owner})

    def put(self, name, text):
        """Put a text."""
        self.calendar.put(name, CalendarObject.parse(text))

    def refuse(self):
        """Write something, and refuse it then."""
        with pytest.raises(UidConflict):
            self._begin_and_refuse()

    def _begin_and_refuse(self):
        with self.transactions.mutation({self._owner}) as work:
            now = self.transactions.now()
            work.calendars.set_properties(self.calendar.stored, {"{x}y": "z"}, now=now)
            raise UidConflict("in use", href=Href("a.ics"))

    def state(self):
        """Return names, and what was set of the calendar."""
        with self._database.read() as work:
            calendar = work.calendars.calendar(self._owner, "activities")
            names = [str(stored.href) for stored in work.calendars.objects(calendar)]
        return names, dict(calendar.properties)


def test_a_first_mutation_that_is_refused_leaves_nothing_and_others_may_follow(desk, event):
    """The lock ends well, and what came after the refusal is stored."""
    with desk.locked():
        desk.refuse()
        desk.put("b.ics", event("b"))
    assert desk.state() == (["b.ics"], {})


def test_a_later_mutation_that_is_refused_leaves_the_first_alone(desk, event):
    """Only its own writes are taken back."""
    with desk.locked():
        desk.put("a.ics", event("a"))
        desk.refuse()
        desk.put("c.ics", event("c"))
    assert desk.state() == (["a.ics", "c.ics"], {})


def test_only_refusals_under_one_lock_store_nothing(desk):
    """Again and again."""
    with desk.locked():
        desk.refuse()
        desk.refuse()
    assert desk.state() == ([], {})


def test_an_error_that_leaves_the_lock_takes_all_of_it_back(desk, event):
    """The first mutation, too."""

    def put_and_break():
        with desk.locked():
            desk.put("a.ics", event("a"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        put_and_break()
    assert desk.state() == ([], {})


@pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)
def test_a_request_with_one_mutation_needs_no_savepoint(anna, event, sent):
    """Its journal of pages would be a fifth of what a PUT costs."""
    assert anna.put("/anna/activities/a.ics", event()).status == 201
    assert anna.request("DELETE", "/anna/activities/a.ics").status in (200, 204)
    assert sent
    assert not [each for each in sent if "SAVEPOINT" in each.text]
