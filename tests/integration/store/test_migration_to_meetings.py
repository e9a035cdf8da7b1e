"""Whose meetings of before the upgrade a colleague who connects later will share."""

from importlib import import_module

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations

from bridge.domain.identifiers import ETag, Href, Uid
from bridge.ical.calendar_object import CalendarObject
from bridge.store.migrations import versions
from bridge.sync.model import Changes, Link, Part, Presence, Side, SideState

STEP = "v0018_shared_meetings"
FOLDED = 'ORGANIZER;CN="Boss; of all":\r\n mailto:Boss@Partner.example'
MARK = "X-CRM-ORIGIN:GOOGLE"


def event(uid, *lines):
    """Return an event."""
    told = "".join(f"{line}\r\n" for line in lines)
    text = (
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//tests//EN\r\nBEGIN:VEVENT\r\n"
        f"UID:{uid}\r\nDTSTAMP:20260301T080000Z\r\nDTSTART:20260310T100000Z\r\n"
        f"SUMMARY:ORGANIZER:mailto:no@one\r\n{told}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
    return CalendarObject.parse(text)


def linked(item, origin):
    """Return the link of an item that was met on one side first."""
    state = SideState(
        presence=Presence.PRESENT,
        collection="google",
        parts=(Part(name=f"{item.uid}event", seen=ETag("1"), synced=ETag("1")),),
        object=item,
        base=item,
    )
    return Link(uid=item.uid, origin=origin, google=state)


@pytest.fixture
def upgraded(database, store, user, now):
    """Store items as before, each with the side it was met on first; return the organizers."""

    def upgrade(items):
        with database.write([user.id]) as work:
            calendar = work.calendars.calendar(user.id, "activities")
            for item in items:
                href = Href(f"{item.uid}.ics")
                work.calendars.put(calendar, href, item, origin="client", now=now)
        links = [linked(item, origin) for item, origin in items.items() if origin is not None]
        store.commit(Changes(links=tuple(links)))
        with database.write() as work:
            for name in ("meeting", "shared_activity_id", "shared"):
                work.connection.execute(sa.text(f"DROP INDEX ix_calendar_objects_{name}"))
            for name in ("organizer", "shared_activity_id"):
                dropped = sa.text(f"ALTER TABLE calendar_objects DROP COLUMN {name}")
                work.connection.execute(dropped)
            with Operations.context(MigrationContext.configure(work.connection)):
                import_module(f"{versions.__name__}.{STEP}").upgrade()
            told = work.connection.execute(sa.text("SELECT uid, organizer FROM calendar_objects"))
            return {Uid(row.uid): row.organizer for row in told}

    return upgrade


def test_what_a_worker_made_gets_the_organizer_that_its_text_names(upgraded):
    """Folded lines and quoted parameters are read; an own event names nobody."""
    items = {event("a@x", FOLDED, MARK): Side.GOOGLE, event("b@x", MARK): Side.GOOGLE}
    assert upgraded(items) == {"a@x": "boss@partner.example", "b@x": ""}


def test_what_was_made_here_is_no_meeting_from_google(upgraded):
    """Neither what a program marks so, nor what an own item came to at Google."""
    plain = "ORGANIZER:mailto:boss@partner.example"
    items = {
        event("a@x", plain, MARK): Side.CALENDAR,
        event("b@x", plain): Side.GOOGLE,
        event("c@x", plain, MARK): None,
    }
    assert upgraded(items) == {"a@x": None, "b@x": None, "c@x": None}
