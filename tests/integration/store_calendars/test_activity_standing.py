"""How activities stand with Google, by the links of their owner's connection."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.domain.activity_sync import UNCONNECTED, Standing
from bridge.domain.spans import TimedSpan
from bridge.store.schema import dav, google
from bridge.sync.twins import TWIN

SPAN = TimedSpan(
    start=datetime(2026, 3, 11, 14, tzinfo=UTC), end=datetime(2026, 3, 11, 15, tzinfo=UTC)
)


def test_without_a_connection_nothing_is_told(desk):
    """Of any of them."""
    made = desk.add(span=SPAN)
    with desk.database.read() as work:
        for asked in ([made.id], []):
            told = work.activity_sync.of(desk.user.id, asked)
            assert told.of(made.id) == UNCONNECTED
            assert not told.connected


def test_each_standing_is_told_by_its_link(desk, now):
    """Agreed only in the version that is stored now."""
    made = {name: desk.add(span=SPAN, subject=name) for name in ("in", "old", "kept", "bad", "new")}
    stored = {each.activity_id: each for each in desk.objects()}
    with desk.database.write() as work:
        connection = work.connections.add(
            desk.user, account_email="anna@gmail.example", google_subject="s",
            granted_scopes=frozenset(), now=now,
        )  # fmt: skip
        work.connection.execute(google.Connection.__table__.update().values(state="active"))
        _link(work, connection, stored[made["in"].id])
        _link(work, connection, stored[made["old"].id], behind=1)
        _link(work, connection, stored[made["kept"].id], withheld="type")
        number = _link(work, connection, stored[made["bad"].id])
        work.connection.execute(
            google.ParkedItem.__table__.insert().values(
                link_id=number, company_id=desk.user.company_id, connection_id=connection.id,
                side="google", reason="forbidden", message="Google said no.",
            )
        )  # fmt: skip
    with desk.database.read() as work:
        told = work.activity_sync.of(desk.user.id, [each.id for each in made.values()])
    assert {name: told.of(each.id).standing for name, each in made.items()} == {
        "in": Standing.AGREED,
        "old": Standing.WAITING,
        "kept": Standing.WITHHELD,
        "bad": Standing.PARKED,
        "new": Standing.WAITING,
    }
    assert told.of(made["bad"].id).message == "Google said no."
    assert told.of(made["kept"].id).reason == "type"


def test_to_do_with_the_uid_of_a_linked_event_is_said_not_to_be_synced(desk, now):
    """The event's link does not speak for it."""
    event, todo = desk.add(span=SPAN, subject="event"), desk.add(span=SPAN, subject="to-do")
    stored = {each.activity_id: each for each in desk.objects()}
    with desk.database.write() as work:
        connection = work.connections.add(
            desk.user, account_email="anna@gmail.example", google_subject="s",
            granted_scopes=frozenset(), now=now,
        )  # fmt: skip
        work.connection.execute(google.Connection.__table__.update().values(state="active"))
        _link(work, connection, stored[event.id], twins=[{"collection": "tasks"}])
        tasks = work.calendars.calendar(desk.user.id, "tasks")
        work.connection.execute(
            dav.CalendarObject.__table__.update()
            .where(dav.CalendarObject.activity_id == todo.id)
            .values(uid=stored[event.id].uid, calendar_id=tasks.id)
        )
    with desk.database.read() as work:
        told = work.activity_sync.of(desk.user.id, [event.id, todo.id])
    assert told.of(event.id).standing is Standing.AGREED
    assert (told.of(todo.id).standing, told.of(todo.id).reason) == (Standing.WITHHELD, TWIN)


def _link(work, connection, stored, *, behind=0, **more):
    """Link an object in one of its versions, and return the number of the link."""
    etag = f"{stored.epoch}-{stored.id}-{stored.revision - behind}"
    row = {
        "company_id": connection.company_id, "connection_id": connection.id, "uid": stored.uid,
        "origin": "calendar", "google_presence": "present",
        "calendar_seen": etag, "calendar_synced": etag, **more,
    }  # fmt: skip
    table = google.Link.__table__
    return work.connection.scalar(table.insert().values(**row).returning(table.c.id))
