"""Settings, views and links survive the way through JSON and rows."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bridge.domain.identifiers import ETag, Uid
from bridge.domain.rules import ActionKind, Condition, ConditionKind, Rule, RuleAction
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.domain.sync_settings import (
    EarlierChoice,
    IncomingVisibility,
    PrivateEvents,
    SyncSettings,
    SyncType,
    TypeColour,
)
from bridge.domain.view import Schedule, View, Visibility
from bridge.errors import StoreError
from bridge.ical.calendar_object import CalendarObject
from bridge.store.settings_json import settings_from_json, settings_to_json
from bridge.store.sync_rows import (
    event_values,
    link_from_row,
    link_values,
    parked_from_row,
    parked_values,
    part_from_row,
)
from bridge.store.view_json import view_from_json, view_to_json
from bridge.sync.model import Link, Parked, Part, Presence, Side, SideState

texts = st.text(st.characters(codec="utf-8"), max_size=30)
etags = st.none() | st.just(ETag("")) | texts.map(ETag)
zones = st.sampled_from(["UTC", "Europe/Prague", "America/New_York", "Pacific/Apia"])


@st.composite
def timed_spans(draw: st.DrawFn) -> TimedSpan:
    """Spans in zones, in UTC and with plain offsets, repeated hours included."""
    zone = draw(zones)
    kind = draw(st.sampled_from([UTC, ZoneInfo(zone), timezone(timedelta(minutes=345))]))
    moments = st.datetimes(datetime(1971, 1, 1), datetime(2090, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - Hypothesis wants naive bounds
    start = draw(moments | st.just(datetime(2026, 10, 25, 0, 30, tzinfo=UTC)))
    end = start + draw(st.timedeltas(timedelta(0), timedelta(days=400)))
    return TimedSpan(start=start.astimezone(kind), end=end.astimezone(kind), zone=zone)


@st.composite
def all_day_spans(draw: st.DrawFn) -> AllDaySpan:
    """Whole days."""
    start = draw(st.dates(date(1971, 1, 1), date(2090, 1, 1)))
    return AllDaySpan(start=start, end=start + timedelta(days=draw(st.integers(1, 400))))


views = st.builds(
    View,
    title=texts,
    schedule=st.builds(
        Schedule,
        span=timed_spans() | all_day_spans(),
        recurrence=st.lists(texts, max_size=3).map(tuple),
    ),
    location=texts,
    description=texts,
    busy=st.booleans(),
    visibility=st.sampled_from(Visibility),
    done=st.booleans(),
    colour=st.sampled_from(["", "5"]),
)
objects = st.none() | st.builds(
    CalendarObject, uid=texts.map(Uid), component=st.sampled_from(["VEVENT", "VTODO"]), text=texts
)
names = texts.filter(bool)
google_parts = st.lists(
    st.builds(Part, name=names, seen=etags, synced=etags, recurrence_id=texts), max_size=3
).map(tuple)
calendar_parts = st.lists(st.builds(Part, name=names, seen=etags, synced=etags), max_size=1).map(
    tuple
)


def sides(parts: st.SearchStrategy[tuple[Part, ...]]) -> st.SearchStrategy[SideState]:
    """States of a side with such parts."""
    return st.builds(
        SideState,
        presence=st.sampled_from(Presence),
        collection=texts,
        parts=parts,
        object=objects,
        base=objects,
    )


links = st.builds(
    Link,
    uid=names.map(Uid),
    origin=st.sampled_from(Side),
    calendar=sides(calendar_parts),
    google=sides(google_parts),
    agreed=st.none() | views,
    generation=st.integers(0, 99),
    withheld=texts,
    parked=st.none()
    | st.builds(
        Parked,
        side=st.sampled_from(Side),
        version=etags,
        reason=texts,
        message=texts,
        retry_at=st.none() | st.datetimes(timezones=st.just(UTC), min_value=datetime(1971, 1, 1)),  # noqa: DTZ001 - Hypothesis wants naive bounds
        attempts=st.integers(1, 9),
    ),
    put_backs=st.integers(0, 2),
    judged=texts,
)


def _through_json(values: Any) -> Any:
    return json.loads(json.dumps(values))


@given(views)
def test_view_comes_back_equal(view: View) -> None:
    """No field changes, and repeated hours stay the hour they were."""
    back = view_from_json(_through_json(view_to_json(view)))
    assert back == view
    assert back.changed_fields(view) == frozenset()
    span, other = view.schedule.span, back.schedule.span
    if isinstance(span, TimedSpan) and isinstance(other, TimedSpan):
        assert (other.start_utc, other.end_utc) == (span.start_utc, span.end_utc)


@given(links)
@settings(deadline=None)
def test_link_comes_back_equal(link: Link) -> None:
    """A link read from the rows it was written to is the same link."""
    row: Any = SimpleNamespace(**link_values(link), era=link.era)
    for name in ("agreed", "calendar_object", "calendar_base", "google_object", "google_base"):
        setattr(row, name, _through_json(getattr(row, name)))
    parts = tuple(part_from_row(SimpleNamespace(**each)) for each in event_values(link))  # type: ignore[arg-type] # stands for a row
    parked = link.parked and parked_from_row(SimpleNamespace(**parked_values(link.parked)))  # type: ignore[arg-type] # stands for a row
    assert link_from_row(row, parts, parked) == link


def test_calendar_side_with_two_resources_is_refused() -> None:
    """Storing only the first would lose the second."""
    state = SideState(parts=(Part(name="a.ics"), Part(name="b.ics")))
    with pytest.raises(StoreError):
        link_values(Link(uid=Uid("u"), origin=Side.CALENDAR, calendar=state))


SETTINGS = SyncSettings(
    incoming_type="meeting",
    outgoing_types=frozenset({"call", "lunch"}),
    sync_from=date(2026, 3, 1),
    sync_type=SyncType.CRM_TO_GOOGLE,
    private_events=PrivateEvents.DO_NOT_SYNC,
    contact_information=True,
    event_types=frozenset({"default", "birthday"}),
    incoming_visibility=IncomingVisibility.ONLY_ME,
    calendar_is_private=True,
    busy_only_types=frozenset({"lunch"}),
    title_template="{subject} · {organization}",
    type_colours=frozenset({TypeColour(type_key="call", colour="5")}),
    guests_out=True,
    persons_from_guests=True,
    private_changes=3,
    earlier=(
        EarlierChoice(outgoing_types=frozenset({"call"}), event_types=frozenset({"default"})),
    ),
)


def test_settings_come_back_equal() -> None:
    """Every option is stored."""
    assert settings_from_json(_through_json(settings_to_json(SETTINGS))) == SETTINGS


def test_settings_of_another_version_are_read() -> None:
    """An unknown option is ignored and a missing one has its default."""
    stored = {"incoming_type": "call", "outgoing_types": [], "sync_from": "2026-03-01", "new": 1}
    expected = SyncSettings(
        incoming_type="call", outgoing_types=frozenset(), sync_from=date(2026, 3, 1)
    )
    assert settings_from_json(stored) == expected


def test_view_of_another_version_is_read() -> None:
    """An unknown field is ignored and a missing one has its default."""
    span = {"first_day": "2026-03-02", "end_day": "2026-03-03", "new": 1}
    schedule = Schedule(span=AllDaySpan(start=date(2026, 3, 2), end=date(2026, 3, 3)))
    expected = View(title="Call", schedule=schedule)
    assert view_from_json({"title": "Call", "span": span, "new": True}) == expected


def test_instant_of_a_zone_that_no_longer_exists_is_still_that_instant() -> None:
    """The offset tells enough."""
    span = {
        "start": "2026-03-02T10:00:00+01:00",
        "end": "2026-03-02T11:00:00+01:00",
        "zone": "Europe/Prague",
        "start_in": "Gone/Away",
        "end_in": "Gone/Away",
    }
    back = view_from_json({"title": "", "span": span}).schedule.span
    assert isinstance(back, TimedSpan)
    assert back.start_utc == datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_rules_survive_in_settings_and_in_earlier_choices():
    """Also those that hold for what was met before."""
    rule = Rule(
        name="No lunches",
        on=True,
        conditions=(Condition(kind=ConditionKind.WORDS, values=("lunch",)),),
        action=RuleAction(kind=ActionKind.SKIP),
    )
    types = frozenset({"call"})
    chosen = SyncSettings(
        incoming_type="call",
        outgoing_types=types,
        sync_from=date(2026, 3, 1),
        rules=(rule, replace(rule, name="Off", on=False)),
        earlier=(EarlierChoice(outgoing_types=types, event_types=types, rules=(rule,)),),
    )
    stored = json.loads(json.dumps(settings_to_json(chosen)))
    assert settings_from_json(stored) == chosen
