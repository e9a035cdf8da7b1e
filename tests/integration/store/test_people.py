"""Companies, users, types, contacts and grants on both databases."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from bridge.domain.activity import STOCK_TYPES, ActivityType, CollectionName, Person
from bridge.domain.identifiers import CompanyId, UserId
from bridge.domain.users import Company, GrantLevel, Role, User
from bridge.errors import AlreadyExists, InvalidInput, NotFound
from bridge.store.database import Database
from bridge.store.schema import access, crm, dav, google, metadata, operation
from bridge.store.unit_of_work import UnitOfWork

MakeUser = Callable[..., User]
NOBODY = UserId(999)


@pytest.fixture
def other_company(database: Database, company: Company, now: datetime) -> Company:
    """A second tenant."""
    with database.write() as work:
        return work.companies.add("Other", now)


def _noted(work: UnitOfWork) -> int:
    return work.connection.scalar(sa.select(sa.func.count(crm.ForeignChange.id))) or 0


def test_installation_is_made_once_and_a_new_epoch_changes_only_the_epoch(
    database: Database, now: datetime
) -> None:
    """The database keeps its id for life."""
    with database.write() as work:
        assert work.installation.get() is None
        made = work.installation.ensure(now)
        assert work.installation.ensure(now) == made
        renewed = work.installation.new_epoch()
        moved = work.installation.record_place(base_url="https://crm.example", machine_id="m1")
    assert made.database_id.isalnum()
    assert made.epoch.isalnum()
    assert renewed.epoch != made.epoch
    assert replace(renewed, epoch=made.epoch) == made
    assert moved == replace(renewed, base_url="https://crm.example", machine_id="m1")


def test_new_epoch_of_a_database_without_installation_is_refused(database: Database) -> None:
    """Nothing is made by the way."""
    with database.write() as work, pytest.raises(NotFound):
        work.installation.new_epoch()


def test_new_company_has_the_stock_types_and_notes_no_foreign_change(
    database: Database, company: Company
) -> None:
    """Our own rows are known as ours to the triggers."""
    with database.read() as work:
        assert work.types.list(company.id) == STOCK_TYPES
        assert work.companies.get(company.id) == company
        assert work.companies.by_name("Acme") == company
        assert work.companies.list() == (company,)
        assert work.companies.get(CompanyId(999)) is None
        assert work.companies.by_name("acme") is None
        assert _noted(work) == 0


def test_second_company_of_a_name_is_refused_and_leaves_nothing(
    database: Database, company: Company, now: datetime
) -> None:
    """The transaction goes on, on PostgreSQL too."""
    with database.write() as work:
        with pytest.raises(AlreadyExists):
            work.companies.add("Acme", now)
        with pytest.raises(InvalidInput):
            work.companies.add(" ", now)
        assert work.companies.list() == (company,)


def test_company_counter_only_grows(database: Database, company: Company) -> None:
    """Each call gives the next number."""
    with database.write() as work:
        first = work.companies.next_revision(company.id)
        assert work.companies.next_revision(company.id) == first + 1
        with pytest.raises(NotFound):
            work.companies.next_revision(CompanyId(999))


def test_new_user_has_home_and_two_standard_calendars(
    database: Database, company: Company, user: User
) -> None:
    """Ready for a client and for the CRM without any further step."""
    with database.read() as work:
        columns = (dav.Calendar.slug, dav.Calendar.components, dav.Calendar.default_type)
        mine = sa.select(*columns).where(dav.Calendar.owner_id == user.id).order_by("slug")
        calendars = [tuple(row) for row in work.connection.execute(mine)]
        home = work.connections.home_revision(user.id)
        assert work.users.get(user.id) == work.users.by_login("anna") == user
        assert work.users.list() == work.users.list(company.id) == (user,)
    assert calendars == [("activities", "VEVENT", "meeting"), ("tasks", "VTODO", "task")]
    assert home == 0


def test_login_is_unique_in_the_installation(
    make_user: MakeUser, other_company: Company, user: User
) -> None:
    """Another company's user cannot take it either, in whatever spelling."""
    with pytest.raises(AlreadyExists):
        make_user(" ANNA ", company_id=other_company.id)


def test_refused_login_leaves_the_transaction_usable(
    database: Database, company: Company, user: User, now: datetime
) -> None:
    """The second user of a batch is stored though the first was refused."""

    def add(work: UnitOfWork, login: str) -> User:
        return work.users.add(
            company.id, login, name="", email="", timezone="UTC", role=Role.ADMIN,
            password_hash=None, now=now,
        )  # fmt: skip

    with database.write() as work:
        with pytest.raises(AlreadyExists):
            add(work, "anna")
        boris = add(work, "boris")
    with database.read() as work:
        assert work.users.list() == (user, boris)
    assert boris.role is Role.ADMIN


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"timezone": "Europe/Atlantis"}, InvalidInput),
        ({"timezone": "../etc/passwd"}, InvalidInput),
        ({"timezone": ""}, InvalidInput),
        ({"login": "a:b"}, InvalidInput),
        ({"company_id": CompanyId(999)}, NotFound),
    ],
)
def test_user_with_impossible_values_is_refused(
    make_user: MakeUser, values: dict[str, object], error: type[Exception]
) -> None:
    """Zone, login and company are checked before anything is written."""
    with pytest.raises(error):
        make_user(**{"login": "anna", **values})


def test_users_of_another_company_are_not_listed(
    database: Database, other_company: Company, user: User
) -> None:
    """A company sees its own people only."""
    with database.read() as work:
        assert work.users.list(other_company.id) == ()


def test_changed_password_raises_its_version(database: Database, user: User) -> None:
    """Whatever remembers the version learns of the change."""
    with database.write() as work:
        assert work.users.password_of(user.id) == (None, 0)
        assert work.users.set_password(user.id, "hash") == 1
        assert work.users.password_of(user.id) == ("hash", 1)
        with pytest.raises(NotFound):
            work.users.password_of(NOBODY)
        with pytest.raises(NotFound):
            work.users.set_password(NOBODY, "hash")


def _fill(work: UnitOfWork, user: User, colleague: User, now: datetime) -> None:
    """Give the user a row in every table that can hold one."""
    account = {"account_email": "a@gmail.example", "google_subject": "1", "now": now}
    connection = work.connections.add(user, granted_scopes=frozenset(), **account)  # type: ignore[arg-type] # values of several types
    keys = {"company_id": user.company_id}
    mine = {**keys, "user_id": user.id}
    owned = {**keys, "owner_id": user.id}
    linked = {**keys, "connection_id": connection.id}
    calendar = sa.select(dav.Calendar.id).where(
        dav.Calendar.owner_id == user.id, dav.Calendar.slug == "tasks"
    )
    calendar_id = work.connection.scalar(calendar)
    stamps = {"created_at": now, "modified_at": now}

    def put(table: type, **values: object) -> int:
        statement = sa.insert(table).values(**values)
        key = work.connection.execute(statement).inserted_primary_key
        return key[0] if key else 0

    work.grants.give(user, colleague, level=GrantLevel.READ, now=now)
    work.grants.give(colleague, user, level=GrantLevel.BUSY, now=now)
    work.app_passwords.add(user, "phone", "abcdefgh", "digest", now)
    work.api_tokens.add(user, "script", "abcdefgh", "digest", now)
    work.sessions.add(user, "digest", csrf_token="csrf", now=now)
    work.history.start("run-1", connection.id, now=now)  # type: ignore[arg-type] # an id
    put(google.OAuthAttempt, **mine, state_digest="s", session_digest="d", code_verifier="v",
        created_at=now)  # fmt: skip
    put(google.CollectionToken, **linked, collection="tasks", token="t")
    put(google.GoogleChannel, **linked, channel_id="c", google_calendar_id="g", address="a",
        resource_id="r", state="open", created_at=now, expires_at=now)  # fmt: skip
    link = put(google.Link, **linked, uid="u", origin="calendar")
    put(google.LinkEvent, **linked, link_id=link, google_event_id="e")
    put(google.ParkedItem, **linked, link_id=link, side="google", reason="r", message="m")
    put(google.HeldChange, **linked, link_id=link, kind="change", since=now)
    put(google.GuestMail, **linked, entry_id="j", uid="u", at=now, state="done")
    put(google.KeptApart, **linked, uid="u", google_event_id="e")
    put(google.JournalEntry, **linked, id="j", run_id="run-1", uid="u", side="google",
        action="create", state="done", at=now)  # fmt: skip
    activity = put(crm.Activity, **owned, type_key="task", subject="Call back")
    put(crm.ActivityParticipant, **keys, activity_id=activity, person_id=1)
    put(crm.ActivityAttendee, **keys, activity_id=activity, email="g@example.org")
    stored = put(dav.CalendarObject, **owned, **stamps, calendar_id=calendar_id, href="h", uid="u",
        activity_id=activity, component="VTODO", text="text", revision=1)  # fmt: skip
    put(dav.Occurrence, **keys, object_id=stored, calendar_id=calendar_id, recurrence_id="",
        start_utc=now, end_utc=now, is_long=False, busy=1)  # fmt: skip
    put(access.CalendarLink, **mine, label="wall", prefix="abcdefgh", digest="d", created_at=now)
    put(access.PushSubscription, **mine, calendar_id=calendar_id, address="a", address_digest="d",
        name="n", public_key="k", auth_secret="s", created_at=now, expires_at=now)  # fmt: skip
    put(dav.Tombstone, **keys, calendar_id=calendar_id, href="gone", revision=2, deleted_at=now)


_NOT_OF_A_USER = {table.__tablename__ for table in (
    access.Company, access.Installation, crm.ActivityType, crm.Deal, crm.Organization, crm.Person,
    dav.ReportedRow, operation.WorkerBeat,
)}  # fmt: skip


def _counts(work: UnitOfWork) -> dict[str, int]:
    return {
        table.name: work.connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
        for table in metadata.sorted_tables
        if table.name not in _NOT_OF_A_USER
    }


def test_removed_user_leaves_only_the_home_counter(
    database: Database, make_user: MakeUser, user: User, now: datetime
) -> None:
    """Every table is emptied of the user, whatever tables there are; colleagues keep theirs."""
    colleague = make_user("boris")
    with database.write() as work:
        before = _counts(work)
        _fill(work, user, colleague, now)
        filled = _counts(work)
        assert {name for name, count in filled.items() if not count} == set()
    with database.write([user.id]) as work:
        work.users.remove(user.id)
        after = _counts(work)
    lost = {name: before[name] - after[name] for name in before if before[name] != after[name]}
    assert lost == {"users": 1, "calendars": 2}
    with database.write() as work, pytest.raises(NotFound):
        work.users.remove(user.id)


def test_login_used_again_repeats_no_revision(
    database: Database, make_user: MakeUser, user: User
) -> None:
    """A client of the removed user finds its ETags and sync tokens expired, never reused."""
    with database.write([user.id]) as work:
        mine = sa.update(access.Home).where(access.Home.user_id == user.id)
        work.connection.execute(mine.values(revision=41))
        work.users.remove(user.id)
    again = make_user("anna")
    with database.read() as work:
        floors = sa.select(dav.Calendar.floor).where(dav.Calendar.owner_id == again.id)
        assert work.connections.home_revision(again.id) > 42
        assert min(work.connection.scalars(floors)) > 42
    assert again.id > user.id


def test_changed_type_is_changed_in_its_own_company_and_noted_for_reconciling(
    database: Database, company: Company, other_company: Company
) -> None:
    """A new name reaches the calendar objects like a change of another program."""
    call = replace(STOCK_TYPES[0], name="Phone call", active=False, color="#000000")
    with database.write() as work:
        work.types.save(company.id, call)
        assert work.types.get(company.id, "call") == call
        assert work.types.get(other_company.id, "call") == STOCK_TYPES[0]
        assert _noted(work) == 1


def test_new_type_is_added_and_is_our_own_write(database: Database, company: Company) -> None:
    """Nothing carries it yet, so there is nothing to reconcile."""
    demo = ActivityType(
        key="demo", name="Demo", collection=CollectionName.ACTIVITIES, icon="star", order=9
    )
    with database.write() as work:
        work.types.save(company.id, demo)
        assert work.types.list(company.id) == (*STOCK_TYPES, demo)
        assert work.types.get(company.id, "none") is None
        assert _noted(work) == 0
        with pytest.raises(NotFound):
            work.types.save(CompanyId(999), demo)


def test_contacts_are_found_in_their_own_company_only(
    database: Database, company: Company, other_company: Company, now: datetime
) -> None:
    """Another company's contact is as absent as one that never was."""
    with database.write() as work:
        contacts = work.contacts
        zoe = contacts.add_person(company.id, "Zoe", email="zoe@example.org", phone="1", now=now)
        adam = contacts.add_person(company.id, "Adam", now=now)
        initech = contacts.add_organization(company.id, "Initech", address="Street 1", now=now)
        deal = contacts.add_deal(company.id, "Printers", now=now)
        assert zoe == Person(id=zoe.id, name="Zoe", email="zoe@example.org", phone="1")
        assert contacts.persons(company.id) == (adam, zoe)
        assert contacts.person(company.id, zoe.id) == zoe
        assert contacts.organization(company.id, initech.id) == initech
        assert contacts.organizations(company.id) == (initech,)
        assert contacts.deal(company.id, deal.id) == deal
        assert contacts.deals(company.id) == (deal,)
        assert contacts.person(other_company.id, zoe.id) is None
        assert contacts.organization(other_company.id, initech.id) is None
        assert contacts.deal(other_company.id, deal.id) is None
        assert contacts.persons(other_company.id) == ()
        assert _noted(work) == 0
        with pytest.raises(NotFound):
            contacts.add_person(CompanyId(999), "Nobody", now=now)


def test_deleted_contact_is_absent(database: Database, company: Company, now: datetime) -> None:
    """Soft deletion hides it from lists and from direct questions."""
    with database.write() as work:
        zoe = work.contacts.add_person(company.id, "Zoe", now=now)
        work.connection.execute(sa.update(crm.Person).values(deleted_at=now))
        assert work.contacts.persons(company.id) == ()
        assert work.contacts.person(company.id, zoe.id) is None


def test_grant_is_seen_from_both_ends_and_can_be_taken_back(
    database: Database, company: Company, user: User, make_user: MakeUser, now: datetime
) -> None:
    """The owner decides; the colleague sees the level."""
    boris = make_user("boris")
    with database.write() as work:
        given = work.grants.give(user, boris, level=GrantLevel.BUSY, now=now)
        assert (given.owner_login, given.grantee_login) == ("anna", "boris")
        assert work.grants.to(boris.id) == work.grants.list(company.id) == (given,)
        assert work.grants.between(boris.id, user.id) is None
        assert work.grants.to(user.id) == ()
        assert work.grants.remove(user.id, boris.id)
        assert not work.grants.remove(user.id, boris.id)


def test_grant_version_never_repeats(
    database: Database, user: User, make_user: MakeUser, now: datetime
) -> None:
    """Neither a change in the same second nor removing and granting anew gives an old version."""
    boris = make_user("boris")
    with database.write() as work:
        first = work.grants.give(user, boris, level=GrantLevel.BUSY, now=now)
        changed = work.grants.give(user, boris, level=GrantLevel.READ, now=now)
        work.grants.remove(user.id, boris.id)
        later = now + timedelta(minutes=1)
        again = work.grants.give(user, boris, level=GrantLevel.READ, now=later)
    assert changed.level is GrantLevel.READ
    assert first.version < changed.version < again.version


def test_the_same_grant_again_changes_nothing(
    database: Database, user: User, make_user: MakeUser, now: datetime
) -> None:
    """The colleague's programs would list everything anew for nothing."""
    boris = make_user("boris")
    with database.write() as work:
        first = work.grants.give(user, boris, level=GrantLevel.READ, now=now)
        assert work.grants.give(user, boris, level=GrantLevel.READ, now=now) == first


def test_grant_to_oneself_or_to_another_company_is_refused(
    database: Database, user: User, make_user: MakeUser, other_company: Company, now: datetime
) -> None:
    """A user of another company does not exist as a colleague."""
    stranger = make_user("eve", company_id=other_company.id)
    with database.write() as work:
        with pytest.raises(InvalidInput):
            work.grants.give(user, user, level=GrantLevel.READ, now=now)
        with pytest.raises(NotFound):
            work.grants.give(user, stranger, level=GrantLevel.READ, now=now)
