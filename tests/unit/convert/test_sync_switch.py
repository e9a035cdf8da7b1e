"""One activity out of the sync with Google: X-CRM-SYNC and `Activity.do_not_sync`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from bridge.convert.activity import activity_to_object, object_to_activity
from bridge.convert.lens import GoogleLens
from bridge.domain.activity import STOCK_TYPES, Activity, CollectionName
from bridge.domain.identifiers import Uid
from bridge.domain.spans import TimedSpan
from bridge.domain.sync_settings import SyncSettings
from bridge.ical.calendar_object import CalendarObject

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CALL = Activity(
    company_id=1,
    owner_id=1,
    type_key="call",
    subject="Call Ada",
    span=TimedSpan(start=NOW, end=NOW.replace(hour=10)),
)
LENS = GoogleLens(
    settings=SyncSettings(
        incoming_type="meeting", outgoing_types=frozenset({"call"}), sync_from=NOW.date()
    ),
    types=STOCK_TYPES,
    calendar_zone="UTC",
)


def written(activity, base=None):
    """Return the calendar object of an activity."""
    return activity_to_object(activity, uid=Uid("u1"), type_=STOCK_TYPES[0], now=NOW, base=base)


def read(item, activity):
    """Return what an edited object makes of an activity."""
    return object_to_activity(
        item,
        base=activity,
        previous=written(activity),
        types=STOCK_TYPES,
        collection=CollectionName.ACTIVITIES,
        floating_zone="UTC",
    )


def test_the_switch_is_written_and_taken_off_and_nothing_else_changes():
    """Off and on again gives what there was, but for the stamps."""
    plain = written(CALL)
    off = written(replace(CALL, do_not_sync=True), plain)
    assert "X-CRM-SYNC:FALSE" in off.text
    assert LENS.calendar_facts(off).do_not_sync
    on = written(CALL, off)
    assert "X-CRM-SYNC" not in on.text
    assert not LENS.calendar_facts(on).do_not_sync


@pytest.mark.parametrize(
    ("line", "off"),
    [
        ("X-CRM-SYNC:FALSE", True),
        ("x-crm-sync:false", True),
        ("X-CRM-SYNC:TRUE", False),
        ("", False),
    ],
)
def test_a_client_switches_an_item_off_and_on(line, off):
    """The activity says what its object says."""
    text = written(CALL).text.replace(
        "END:VEVENT", f"{line}\r\nEND:VEVENT" if line else "END:VEVENT"
    )
    item = CalendarObject.parse(text)
    assert read(item, CALL).do_not_sync is off
    assert read(item, replace(CALL, do_not_sync=True)).do_not_sync is off


def test_another_value_of_a_client_stays_as_it_is():
    """It means the same as none."""
    text = written(CALL).text.replace("END:VEVENT", "X-CRM-SYNC:TRUE\r\nEND:VEVENT")
    item = CalendarObject.parse(text)
    assert written(CALL, item) is item
