"""An activity in words."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bridge.domain.activity import STOCK_TYPES
from bridge.domain.activity_sync import UNCONNECTED, ActivitySync, Standing
from bridge.domain.agenda import AgendaEntry
from bridge.domain.identifiers import ActivityId
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.web.activity_form import FormValues, draft_from
from bridge.web.activity_words import TypeLooks, differences, sync_words, time_words

PRAGUE = ZoneInfo("Europe/Prague")
START = datetime(2026, 3, 10, 9, tzinfo=UTC)


def _timed(minutes):
    return TimedSpan(start=START, end=START + timedelta(minutes=minutes), zone="UTC")


@pytest.mark.parametrize(
    ("span", "todo", "words"),
    [
        (None, True, "No date"),
        (_timed(30), False, "10:00–10:30"),
        (_timed(0), False, "10:00"),
        (_timed(15 * 60), False, "10:00 – Wed 11 Mar 01:00"),
        (_timed(30), True, "Due 10:30"),
        (AllDaySpan(start=date(2026, 3, 10), end=date(2026, 3, 11)), False, "All day"),
        (
            AllDaySpan(start=date(2026, 3, 10), end=date(2026, 3, 12)),
            False,
            "All day, until Wed 11 Mar",
        ),
        (AllDaySpan(start=date(2026, 3, 10), end=date(2026, 3, 11)), True, "Due this day"),
    ],
)
def test_a_time_is_told_on_the_users_clock(span, todo, words):
    """A to-do is due, an event lasts."""
    entry = AgendaEntry(
        activity_id=ActivityId(1), type_key="call", subject="x", span=span, todo=todo
    )
    assert time_words(entry, PRAGUE) == words


@pytest.mark.parametrize(
    ("sync", "words"),
    [
        (UNCONNECTED, ""),
        (ActivitySync(standing=Standing.AGREED, account="a@b", calendar="C"), "In Google: C"),
        (ActivitySync(standing=Standing.AGREED, account="a@b"), "In Google: a@b"),
        (
            ActivitySync(standing=Standing.WAITING, account="a@b", running=True),
            "Goes to Google with the next sync: a@b",
        ),
        (
            ActivitySync(standing=Standing.WAITING, account="a@b"),
            "Waits, as the sync with Google does not run",
        ),
        (
            ActivitySync(standing=Standing.WITHHELD, reason="type"),
            "Not in Google: its type is not ticked",
        ),
        (
            ActivitySync(standing=Standing.PARKED, reason="unreadable"),
            "Could not be carried over: It cannot be read",
        ),
        (
            ActivitySync(standing=Standing.PARKED, reason="x", message="Google said no."),
            "Could not be carried over: Google said no",
        ),
    ],
)
def test_the_standing_is_one_sentence(sync, words):
    """What is so, and why."""
    assert sync_words(sync) == words


def test_differing_fields_are_told_in_the_words_of_the_form():
    """Fields that say the same are left out."""
    mine = FormValues(type="call", subject="x", date="2026-03-10", weekdays=("0", "4", "odd"))
    stored = draft_from(FormValues(type="task", subject="x", date="2026-03-10", all_day=True))
    told = {
        each.label: (each.mine, each.theirs)
        for each in differences(mine, stored, types={"call": "Call", "task": "Task"})
    }
    assert told["Type"] == ("Call", "Task")
    assert told["All day"] == ("no", "yes")
    assert told["Weekdays"] == ("Monday, Friday", "–")
    assert "Subject" not in told


def test_a_type_that_nobody_knows_looks_plain():
    """Its key stands for its name."""
    looks = TypeLooks(STOCK_TYPES)
    assert looks.of("call").icon == "call"
    assert (looks.of("odd").css, looks.of("odd").name) == ("plain", "odd")
