"""Spans as columns: every spelling another program may leave there, and back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bridge.domain.spans import AllDaySpan, Span, TimedSpan
from bridge.errors import InvalidInput
from bridge.store.activity_spans import EVENT, TODO, read_instant, read_span, span_columns

TEN = datetime(2026, 3, 10, 10, tzinfo=UTC)


def row(**columns):
    """Return a row of these columns, the others as most programs leave them."""
    given_ = {"due_date": "2026-03-10", "due_time": "10:00:00", "duration_seconds": 1800}
    return SimpleNamespace(**(given_ | {"timezone": None, "owner_timezone": "UTC"} | columns))


def stored(span: Span | None, component: str):
    """Return what the columns of a span read back as text."""
    columns = span_columns(span, component)
    texts = {name: str(columns[name]) for name in ("due_date", "due_time") if columns[name]}
    if columns["due_time"] is not None:
        texts["due_time"] = str(columns["due_time"])
    return row(**({**columns} | texts))


def test_event_begins_and_todo_ends_at_the_due_time():
    """The same columns, two meanings."""
    half = timedelta(minutes=30)
    assert read_span(row(), EVENT) == TimedSpan(start=TEN, end=TEN + half)
    assert read_span(row(), TODO) == TimedSpan(start=TEN - half, end=TEN)


def test_zone_of_the_row_is_before_the_owners():
    """NULL and "" stand for the owner's."""
    zones = [
        read_span(row(timezone=name, owner_timezone="Europe/Prague"), EVENT)
        for name in (None, "", "Asia/Tokyo")
    ]
    assert [span.zone for span in zones] == ["Europe/Prague", "Europe/Prague", "Asia/Tokyo"]


@pytest.mark.parametrize(
    ("seconds", "days"), [(None, 1), (0, 1), (3600, 1), (86400, 1), (86401, 2)]
)
def test_date_without_a_time_is_whole_days(seconds, days):
    """A part of a day counts as a day."""
    start = date(2026, 3, 10)
    span = read_span(row(due_time=None, duration_seconds=seconds), EVENT)
    assert span == AllDaySpan(start=start, end=start + timedelta(days=days))


def test_no_date_is_undated():
    """Whatever else stands in the row."""
    assert read_span(row(due_date=None), EVENT) is None


@pytest.mark.parametrize("day", ["2026-03-10", " 2026-03-10 ", "2026-03-10T00:00:00", "20260310",
                                 "2026-03-10 00:00:00.000000", "2026-03-10T00:00:00Z"])  # fmt: skip
def test_spellings_of_a_date(day):
    """Midnight behind a date is a date."""
    assert read_span(row(due_date=day), EVENT) == read_span(row(), EVENT)


@pytest.mark.parametrize(
    ("columns", "field"),
    [
        ({"due_date": "tomorrow"}, "due_date"),
        ({"due_date": "2026-02-30"}, "due_date"),
        ({"due_date": "2026-03-10 10:00:00"}, "due_date"),
        ({"due_date": ""}, "due_date"),
        ({"due_date": "infinity"}, "due_date"),
        ({"due_time": "noon"}, "due_time"),
        ({"due_time": "24:00:00"}, "due_time"),
        ({"due_time": "900"}, "due_time"),
        ({"due_time": "10:00:00+02:00"}, "due_time"),
        ({"duration_seconds": "an hour"}, "duration_seconds"),
        ({"duration_seconds": -1}, "duration_seconds"),
        ({"duration_seconds": 1.5}, "duration_seconds"),
        ({"duration_seconds": 10**30}, "duration_seconds"),
        ({"due_date": "9999-12-31", "due_time": None}, "duration_seconds"),
        ({"due_date": "9999-12-31", "due_time": "23:59:59"}, "duration_seconds"),
        ({"timezone": "../../etc/passwd"}, "timezone"),
    ],
)
def test_nonsense_names_its_column(columns, field):
    """And raises nothing else."""
    with pytest.raises(InvalidInput) as refused:
        read_span(row(**columns), EVENT)
    assert refused.value.field == field


def test_instants_without_an_offset_are_utc():
    """As SQLite writes them."""
    assert read_instant("2026-03-10 10:00:00", "x") == TEN
    assert read_instant("2026-03-10T12:00:00+02:00", "x") == TEN
    for odd in ("soon", "0001-01-01 00:00:00+05:00", ""):
        with pytest.raises(InvalidInput):
            read_instant(odd, "done_at")


days = st.dates(min_value=date(1990, 1, 1), max_value=date(2090, 1, 1))
moments = st.datetimes(
    min_value=datetime(1990, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    max_value=datetime(2090, 1, 1),  # noqa: DTZ001 - the strategy adds the zone
    timezones=st.timezones(),
).map(lambda moment: moment.replace(microsecond=0))
spans = st.one_of(
    st.none(),
    st.builds(
        lambda start, length: AllDaySpan(start=start, end=start + timedelta(days=length)),
        days,
        st.integers(1, 400),
    ),
    st.builds(
        lambda start, length, zone: TimedSpan(
            start=start.astimezone(UTC), end=start.astimezone(UTC) + length, zone=zone
        ),
        moments,
        st.integers(0, 10**6).map(lambda seconds: timedelta(seconds=seconds)),
        st.sampled_from(["UTC", "Europe/Prague", "America/New_York"]),
    ),
)


@given(span=spans, component=st.sampled_from([EVENT, TODO]))
def test_columns_read_back_as_the_span(span, component):
    """For every span to the second, whichever end the due time is."""
    assert read_span(stored(span, component), component) == span
