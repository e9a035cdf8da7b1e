"""A meeting's activity follows Google by a colleague once its keeper's sync has ended."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bridge.bootstrap.background import background
from bridge.domain.activity import Activity
from bridge.domain.connection import ConnectionState
from bridge.domain.spans import TimedSpan
from bridge.store.idle_keepers import IDLE_AFTER


@pytest.fixture
def shared(joined):
    """Cyril's meeting, which Anna keeps and Ben shares; Cyril does not work here."""
    office = joined("anna", "ben")
    office.control("accounts", email="cyril@example.com")
    event = office.invite("cyril", "anna", "ben")
    office.run("anna", "ben")
    (kept,) = office.activities("anna", "ben")
    assert kept.owner_id == office.user("anna").id
    return office, event


def stop(office, name):
    """Choose Stop syncing."""
    office.core.connecting.stop(office.syncs[name])


def disconnect(office, name):
    """Forget the account."""
    office.core.connecting.disconnect(office.syncs[name])


def switch_off(office, name):
    """Let an admin switch the user off."""
    stop(office, name)
    user = office.user(name)
    with office.core.database.write() as work:
        work.users.set_active(user.id, active=False)


def lose_the_grant(office, name, *, ago=IDLE_AFTER + timedelta(hours=1)):
    """Let Google refuse the account, some time ago."""
    with office.core.database.write() as work:
        found = work.connections.get(office.syncs[name].id)
        lost = found.moved_to(ConnectionState.NEEDS_ATTENTION, attention="Reconnect the account.")
        work.connections.save(lost)
        work.connections.finished(
            found.id,
            now=office.core.clock.now() - ago,
            next_run_at=office.core.clock.now(),
            home_revision=0,
            error=None,
        )


def tidy_up(office):
    """Let the worker do what it does every hour, and what comes of it."""
    jobs = background(office.core)
    while jobs.compact():
        pass
    while jobs.reconcile():
        pass


def keepers(office, *names):
    """Return who keeps an activity, and who has a copy in the calendar."""
    own = [name for name in names for each in office.objects(name) if each.activity_id]
    copies = [name for name in names for each in office.objects(name) if each.shared_id]
    return own, copies


@pytest.mark.parametrize("end", [stop, disconnect, switch_off, lose_the_grant])
def test_activity_of_a_keeper_who_does_not_sync_follows_google_by_a_colleague(shared, end):
    """It is the same activity, with what no calendar says, and the keeper still has a copy."""
    office, event = shared
    (kept,) = office.activities("anna")
    with office.core.database.write([kept.owner_id]) as work:
        noted = replace(kept, note="Bring the plans")
        work.activities.update(noted, now=office.core.clock.now())
    end(office, "anna")
    tidy_up(office)
    assert keepers(office, "anna", "ben") == (["ben"], ["anna"])
    (taken,) = office.activities("anna", "ben")
    assert (taken.id, taken.note) == (kept.id, "Bring the plans")
    office.act("cyril", "edit", event=event, fields={"summary": "Moved on"})
    office.run("ben")
    assert [each.subject for each in office.activities("anna", "ben")] == ["Moved on"]
    assert office.titles("anna") == ["Kick-off"]
    tidy_up(office)
    assert keepers(office, "anna", "ben") == (["ben"], ["anna"])


def test_keeper_who_starts_again_shares(shared):
    """One activity, which Ben keeps from then on."""
    office, event = shared
    stop(office, "anna")
    tidy_up(office)
    office.act("cyril", "edit", event=event, fields={"summary": "Moved on"})
    disconnect(office, "anna")
    office.connect(office.user("anna"), "anna@example.com")
    office.run("ben", "anna")
    assert keepers(office, "anna", "ben") == (["ben"], ["anna"])
    assert office.titles("anna") == office.titles("ben") == ["Moved on"]
    assert len(office.activities("anna", "ben")) == 1


def test_keeper_who_may_come_back_soon_keeps_it(shared):
    """A lost permission is mostly given again within days."""
    office, _ = shared
    lose_the_grant(office, "anna", ago=IDLE_AFTER - timedelta(hours=1))
    tidy_up(office)
    assert keepers(office, "anna", "ben") == (["anna"], ["ben"])


def test_nobody_takes_over_who_does_not_sync(shared):
    """It would follow Google no more than before."""
    office, _ = shared
    stop(office, "anna")
    stop(office, "ben")
    tidy_up(office)
    assert keepers(office, "anna", "ben") == (["anna"], ["ben"])


def test_private_activity_stays_its_keepers(shared):
    """What others may not see is not given to them."""
    office, _ = shared
    (kept,) = office.activities("anna")
    with office.core.database.write([kept.owner_id]) as work:
        work.activities.update(replace(kept, private=True), now=office.core.clock.now())
    stop(office, "anna")
    tidy_up(office)
    assert keepers(office, "anna", "ben") == (["anna"], ["ben"])


def test_activity_that_was_made_here_stays_its_makers(joined):
    """Who stops syncing has made it in the CRM, and edits it there."""
    office = joined("anna", "ben")
    anna = office.user("anna")
    made = Activity(
        company_id=anna.company_id,
        owner_id=anna.id,
        type_key="meeting",
        subject="Made here",
        span=TimedSpan(start=office.tomorrow, end=office.tomorrow + timedelta(hours=1)),
    )
    with office.core.database.write([anna.id]) as work:
        work.activities.add(made, now=office.core.clock.now())
    office.run("anna")
    (event,) = (each for each in office.events("anna") if each["summary"] == "Made here")
    guests = {"attendees": [{"email": "ben@example.com"}]}
    office.act("anna", "edit", event=event["id"], fields=guests)
    office.run("ben", "anna")
    assert keepers(office, "anna", "ben") == (["anna"], ["ben"])
    stop(office, "anna")
    tidy_up(office)
    assert keepers(office, "anna", "ben") == (["anna"], ["ben"])


def test_colleague_who_syncs_inherits_before_one_who_does_not(joined):
    """Whoever has shared it longest, of those whose sync goes on."""
    office = joined("anna", "ben", "cyril")
    office.control("accounts", email="dora@example.com")
    event = office.invite("dora", "anna", "ben", "cyril")
    office.run("anna", "ben", "cyril")
    stop(office, "ben")
    office.act("anna", "delete", event=event)
    office.run("anna")
    assert keepers(office, "anna", "ben", "cyril") == (["cyril"], ["ben"])
