"""The lens of the memory sides, of series: lawful, so that the engine can be tested with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.identifiers import Uid
from bridge.domain.spans import TimedSpan
from bridge.domain.view import Instance, Schedule, View
from bridge.sync.instances import plain_instance
from bridge.sync.memory_lens import PlainLens, plain_object

KEYS = [f"202603{day}T090000Z" for day in (10, 11, 12, 13)]
RULES = ("RRULE:FREQ=DAILY;COUNT=3",)
LENS = PlainLens()


def at(day, hour=9):
    """Return an hour in March 2026, UTC."""
    start = datetime(2026, 3, day, hour, tzinfo=UTC)
    return Schedule(span=TimedSpan(start=start, end=start + timedelta(hours=1)))


def series(*instances, title="Call Ada", rules=RULES):
    """Return the view of a series from 10 March 2026."""
    return View(title=title, schedule=replace(at(10), recurrence=rules), instances=instances)


def views():
    """Draw views of series, some with instances there is no moment for."""
    own = st.builds(
        lambda title, day, hour: View(title=title, schedule=at(day, hour)),
        st.sampled_from(["Call Ada", "Call Bob"]),
        st.integers(10, 12),
        st.sampled_from([9, 15]),
    )
    told = st.dictionaries(st.sampled_from(KEYS), st.none() | own)
    return told.map(
        lambda found: series(*(Instance(key=key, view=found[key]) for key in sorted(found)))
    )


@given(views(), views())
def test_what_is_put_is_what_is_got(one, other):
    """For every view the lens can get; a second put changes nothing."""
    item = plain_object(Uid("u1"), one)
    shown = LENS.calendar_view(item)
    assert LENS.put_calendar(shown, item) == item
    wanted = LENS.calendar_view(plain_object(Uid("u2"), other))
    put = LENS.put_calendar(wanted, item)
    assert LENS.calendar_view(put) == wanted
    assert LENS.put_calendar(LENS.calendar_view(put), put) == put


@given(views(), views())
def test_a_view_no_object_has_is_put_as_well_as_it_can_be(one, other):
    """What is refused is refused every time."""
    item = plain_object(Uid("u1"), one)
    put = LENS.put_calendar(other, item)
    assert LENS.put_calendar(LENS.calendar_view(put), item) == put


def test_an_instance_that_deviates_in_nothing_is_none():
    """Google cannot take an exception back; it writes the series' own values over it."""
    plain = plain_instance(series(), KEYS[1])
    item = plain_object(Uid("u1"), series(Instance(key=KEYS[1], view=plain)))
    assert LENS.google_view(item) == series()


def test_lines_of_an_instance_that_no_view_tells_of_are_kept():
    """As all that only one side knows."""
    other = View(title="Other", schedule=at(11))
    item = plain_object(Uid("u1"), series(Instance(key=KEYS[1], view=other)))
    item = replace(item, text=item.text.replace("SUMMARY:Other", "SUMMARY:Other\r\nX-OWN:1"))
    renamed = Instance(key=KEYS[1], view=replace(other, title="Another"))
    assert "X-OWN:1" in LENS.put_calendar(series(renamed), item).text
