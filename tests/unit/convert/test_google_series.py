"""Groups of Google events as calendar objects, and back."""

from bridge.convert.google_event import event_to_object
from bridge.convert.google_series import event_patches, object_to_events
from bridge.domain.identifiers import Uid

ZONE = "Europe/Berlin"


def timed(start, end, **fields):
    """Return an event resource."""
    return {
        "start": {"dateTime": start, "timeZone": ZONE},
        "end": {"dateTime": end, "timeZone": ZONE},
        **fields,
    }


def item_of(*events):
    """Return Google's item of a group."""
    return event_to_object(events, uid=Uid("u"), calendar_zone=ZONE)


def test_a_single_event_is_one_body_and_no_instances():
    """A single event has no instances to write."""
    item = item_of(timed("2026-03-10T10:00:00+01:00", "2026-03-10T11:00:00+01:00", summary="A"))
    bodies = object_to_events(item)
    assert bodies.master["summary"] == "A"
    assert not bodies.instances


def test_the_same_single_event_needs_no_patch():
    """Nothing to send is false."""
    item = item_of(timed("2026-03-10T10:00:00+01:00", "2026-03-10T11:00:00+01:00", summary="A"))
    assert not event_patches(item, item)
