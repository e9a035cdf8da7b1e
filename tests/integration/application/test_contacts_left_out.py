"""Linked contacts that strangers are not told: said in plan, history and explanation (D3)."""

from dataclasses import replace

import pytest

from bridge.application.explain import explain
from bridge.application.history import History
from bridge.application.plan_summary import PlanVerb
from bridge.application.planning import Planning
from bridge.ical.calendar_object import CalendarObject
from bridge.store.history import JournalFilter
from bridge.sync.left_out import CONTACTS
from bridge.sync.model import Side
from bridge.web.plan_words import plan_in_words

SAID = "linked contacts are left out at Google, because guests from outside take part"
PERSON = ("X-CRM-PERSON;X-CRM-ID=1:Ada", "CONTACT:Ada\\, +420 1")
STRANGER, COLLEAGUE = ("ATTENDEE:mailto:eva@else.example", "ATTENDEE:mailto:ben@example.com")


@pytest.fixture
def connection(database, connection):
    """Anna's connection, which adds linked contacts."""
    chosen = replace(connection.settings, contact_information=True)
    wanted = replace(connection, settings=chosen)
    with database.write() as work:
        work.connections.save(wanted)
    return wanted


@pytest.fixture
def put(sides, event_text):
    """Return a function that stores an event with these lines in the calendar."""

    def store(uid, *lines):
        told = "\r\n".join([*lines, "END:VEVENT"])
        text = event_text(uid, f"Talk {uid}").replace("END:VEVENT", told)
        sides.activities.put(f"{uid}.ics", CalendarObject.parse(text))

    return store


@pytest.fixture
def sync(runner, connection, clock):
    """Return a function that runs the connection; time passes."""

    def run():
        clock.advance(seconds=1)
        return runner.run(connection.id)

    return run


@pytest.fixture
def plan(database, parts, connection):
    """Return a function that plans the next run."""
    planning = Planning(database, open_sides=parts.open_sides, clock=parts.clock, ids=parts.ids)
    return lambda: planning.of(connection.id)


def test_plan_history_and_explanation_say_what_strangers_do_not_see(
    database, connection, put, sync, plan
):
    """Each in words, and for programs by one name."""
    put("one", *PERSON, STRANGER)
    (_, group) = plan().groups
    assert (group.verb, group.side, group.reason) == (PlanVerb.LEAVE_OUT, Side.GOOGLE, CONTACTS)
    assert group.examples == ("Talk one",)
    told = plan_in_words(plan()).groups[1].sentence
    assert told == (
        "item goes to Google without linked contacts, because guests from outside take part"
    )
    sync()
    (write,) = History(database).items(connection, JournalFilter(), limit=9).rows
    assert write.sentence == (
        f"Created “Talk one” at Google, because it was new on the other side; {SAID}."
    )
    assert f"; {SAID}; " in explain(database, connection, "one").sentence
    assert plan().groups == ()


@pytest.mark.parametrize("lines", [(*PERSON,), (STRANGER,), (*PERSON, COLLEAGUE)])
def test_nothing_is_said_where_nothing_is_left_out(request, put, sync, plan, lines):
    """Without guests, without contacts, and among colleagues."""
    database, connection = map(request.getfixturevalue, ("database", "connection"))
    put("one", *lines)
    assert [group.verb for group in plan().groups] == [PlanVerb.CREATE]
    sync()
    (write,) = History(database).items(connection, JournalFilter(), limit=9).rows
    assert "contacts" not in write.sentence
    assert "contacts" not in explain(database, connection, "one").sentence
