"""What earlier versions left alone as a series is read anew after the upgrade."""

from dataclasses import replace
from importlib import import_module
from pkgutil import iter_modules

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from bridge.domain.identifiers import ETag, SyncToken, Uid
from bridge.ical.calendar_object import CalendarObject
from bridge.store.migrations import versions
from bridge.sync.model import (
    UNREADABLE,
    Changes,
    Link,
    Parked,
    Part,
    Presence,
    Side,
    SideState,
    Version,
)

EVENT = CalendarObject(uid=Uid("u1"), component="VEVENT", text="BEGIN:VCALENDAR")


def at_google(uid, **more):
    """Return the link of an event."""
    state = SideState(
        presence=Presence.PRESENT,
        collection="google",
        parts=(Part(name=f"{uid}event", seen=ETag("3"), synced=ETag("2")),),
        object=EVENT,
        base=EVENT,
    )
    return Link(uid=Uid(uid), origin=Side.GOOGLE, google=state, judged="policy-1", **more)


def parked(reason, message):
    """Return work of Google's side that waits."""
    return Parked(side=Side.GOOGLE, version=ETag("3"), reason=reason, message=message)


@pytest.fixture
def upgraded(database, store):
    """Store links and a token as before, upgrade, and return links by UID and tokens."""

    def upgrade(*links):
        store.commit(Changes(links=links, tokens={"google": SyncToken("t1")}))
        (name,) = (each.name for each in iter_modules(versions.__path__) if "_series" in each.name)
        with database.write() as work:
            for side in ("calendar", "google"):
                dropped = sa.text(f"ALTER TABLE links DROP COLUMN {side}_replaced")
                work.connection.execute(dropped)
            with Operations.context(MigrationContext.configure(work.connection)):
                import_module(f"{versions.__name__}.{name}").upgrade()
        return {link.uid: link for link in store.links()}, store.tokens()

    return upgrade


def test_an_event_parked_as_a_series_is_told_anew_and_taken_for_news(upgraded):
    """Its version is forgotten, or a full listing would tell nothing new."""
    found, tokens = upgraded(at_google("u1", parked=parked(UNREADABLE, "recurring")))
    assert tokens == {}
    assert found["u1"].parked is None
    assert (found["u1"].google.seen, found["u1"].google.parts[0].synced) == ("", "2")
    assert found["u1"].google.base == EVENT


def test_a_series_left_alone_in_the_calendar_is_judged_again(upgraded):
    """What it says is stored; only the judgement was of the old version."""
    found, tokens = upgraded(at_google("u1", withheld="recurring"))
    assert (found["u1"].withheld, found["u1"].judged) == ("", "")
    assert tokens == {"google": "t1"}


def test_other_items_stay_as_they_are(upgraded):
    """Whatever else is parked or withheld waits as before."""
    links = (
        at_google("u1", withheld="private"),
        at_google("u2", parked=parked(UNREADABLE, "no start")),
        at_google("u3", parked=parked("forbidden", "recurring")),
    )
    found, tokens = upgraded(*links)
    assert tuple(found.values()) == links
    assert tokens == {"google": "t1"}


def test_replaced_versions_come_back_as_they_were_committed(store):
    """In their order, on both sides."""
    versions_of = (Version(name="event", etag=ETag("1")), Version(name="event", etag=ETag("2")))
    link = at_google("u1")
    link = replace(
        link,
        google=replace(link.google, replaced=versions_of),
        calendar=replace(link.calendar, replaced=versions_of[:1]),
    )
    store.commit(Changes(links=(link,)))
    assert store.links() == (link,)
