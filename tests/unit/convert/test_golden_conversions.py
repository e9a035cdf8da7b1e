"""Conversions as files side by side: an activity, its calendar object, its Google event.

In `outgoing/` the activity is given, in `incoming/` the Google event; the other two files follow.
`CRMDAV_UPDATE_GOLDEN=1` writes them anew: read the difference before committing it.
"""

import json
import os
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bridge.convert.activity import activity_to_object, object_to_activity
from bridge.convert.google_event import event_to_object
from bridge.convert.google_series import object_to_events
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import (
    STOCK_TYPES,
    Activity,
    Attendee,
    CollectionName,
    Conference,
    Deal,
    Organization,
    Person,
    Reply,
)
from bridge.domain.identifiers import CompanyId, Uid, UserId
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.ical.calendar_object import CalendarObject

FOLDER = Path(__file__).parents[2] / "data" / "convert"
UPDATE = os.environ.get("CRMDAV_UPDATE_GOLDEN") == "1"
ZONE = "Europe/Prague"
UID = Uid("golden-1@example.com")
NOW = datetime(2026, 3, 1, 8, tzinfo=UTC)
BLANK = Activity(company_id=CompanyId(1), owner_id=UserId(2), type_key="meeting", subject="")


def names(direction, kind):
    """Return the case names of a direction that have a given file."""
    return sorted(p.name.split(".")[0] for p in (FOLDER / direction).glob(f"*.{kind}"))


def agrees(path, text):
    """Compare with the golden file, or write it."""
    if UPDATE:
        path.write_bytes(text.encode())
    assert path.read_bytes().decode() == text


def as_json(value):
    """Return JSON as it stands in golden files."""
    return json.dumps(value, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def load_activity(content):
    """Return the activity a golden file describes; absent fields have their defaults."""
    kinds = {
        "person": Person,
        "organization": Organization,
        "deal": Deal,
        "conference": Conference,
    }
    fields = {
        **{name: kind(**content[name]) for name, kind in kinds.items() if content.get(name)},
        "span": load_span(content.get("span")),
        "attendees": tuple(
            Attendee(**{**a, "reply": Reply(a["reply"])}) for a in content.get("attendees", ())
        ),
        "recurrence": tuple(content.get("recurrence", ())),
    }
    for name in ("done_at", "created_at"):
        fields[name] = datetime.fromisoformat(content[name]) if content.get(name) else None
    plain = {k: v for k, v in content.items() if k not in fields and v is not None}
    return Activity(company_id=CompanyId(1), owner_id=UserId(2), **plain, **fields)


def load_span(content):
    """Return the span a golden file describes."""
    if content is None:
        return None
    if "zone" in content:
        return TimedSpan(
            start=datetime.fromisoformat(content["start"]),
            end=datetime.fromisoformat(content["end"]),
            zone=content["zone"],
        )
    return AllDaySpan(
        start=date.fromisoformat(content["start"]), end=date.fromisoformat(content["end"])
    )


def activity_json(activity):
    """Return the activity as golden files hold it: what differs from a blank one."""
    blank = asdict(BLANK)
    changed = {k: v for k, v in asdict(activity).items() if v != blank[k] or k == "type_key"}
    return json.loads(json.dumps(changed, default=lambda value: value.isoformat()))


@pytest.fixture
def lens(settings):
    """Return the lens of a connection that sends contacts and guests, and takes meetings."""
    return GoogleLens(
        settings=settings(contact_information=True, guests_out=True),
        types=STOCK_TYPES,
        calendar_zone=ZONE,
        own_addresses=["me@example.com"],
    )


def collection_of(item):
    """Return where an object lies."""
    return CollectionName.TASKS if item.component == "VTODO" else CollectionName.ACTIVITIES


@pytest.mark.parametrize("name", names("outgoing", "activity.json"))
def test_an_activity_becomes_these_files_and_comes_back(lens, name):
    """Activity, iCalendar and Google body; each way back gives the same."""
    path = FOLDER / "outgoing" / name
    activity = load_activity(json.loads(path.with_suffix(".activity.json").read_text("utf-8")))
    type_ = next(t for t in STOCK_TYPES if t.key == activity.type_key)
    item = activity_to_object(
        activity, uid=UID, type_=type_, now=NOW, record_url="https://crm.example.com/activities/7"
    )
    agrees(path.with_suffix(".ics"), item.text)
    view = lens.calendar_view(item)
    body = object_to_events(lens.new_for_google(item)).master if view is not None else None
    agrees(path.with_suffix(".google.json"), as_json(body))
    back = object_to_activity(
        CalendarObject.parse(item.text),
        base=activity,
        previous=None,
        types=STOCK_TYPES,
        collection=collection_of(item),
        floating_zone=ZONE,
    )
    assert back == activity
    if body is not None:
        assert lens.google_view(event_to_object([body], uid=UID, calendar_zone=ZONE)) == view


@pytest.mark.parametrize("name", names("incoming", "google.json"))
def test_a_google_event_becomes_these_files(lens, name):
    """Google event, iCalendar and activity; the view is the same on both sides."""
    path = FOLDER / "incoming" / name
    event = json.loads(path.with_suffix(".google.json").read_text("utf-8"))
    google = event_to_object([event], uid=Uid("google"), calendar_zone=ZONE)
    _, item = lens.new_for_calendar(google, uid=UID)
    agrees(path.with_suffix(".ics"), item.text)
    activity = object_to_activity(
        CalendarObject.parse(item.text),
        base=BLANK,
        previous=None,
        types=STOCK_TYPES,
        collection=collection_of(item),
        floating_zone=ZONE,
    )
    agrees(path.with_suffix(".activity.json"), as_json(activity_json(activity)))
    assert lens.calendar_view(item) == lens.google_view(google)


def test_there_are_golden_files_of_both_directions():
    """A lost folder must not make these tests pass by doing nothing."""
    assert len(names("outgoing", "ics")) >= 6
    assert len(names("incoming", "ics")) >= 4
