"""The pages of admins: their own company only, by forms of our own only (threats 3.3, 3.7)."""

import re

import pytest

from bridge.application.passwords import hash_password
from bridge.domain.activity import CollectionName
from bridge.domain.identifiers import Login
from bridge.domain.users import GrantLevel, Role

PASSWORD = "a password for the pages"
USERS, SHARING, TYPES, HEALTH = (
    f"/admin/{each}" for each in ("users", "sharing", "types", "connections")
)
PAGES = (USERS, SHARING, TYPES, f"{TYPES}/new", f"{TYPES}/change?key=call", HEALTH)


@pytest.fixture
def boss(browser, make_user, database):
    """A browser in which the company's admin is signed in; Anna is a plain user."""
    admin = make_user("boss", role=Role.ADMIN)
    with database.write() as work:
        work.users.set_password(admin.id, hash_password(PASSWORD))
    browser.sign_in("boss")
    return browser


@pytest.fixture
def stranger(database, make_user, now):
    """A user of another company."""
    with database.write() as work:
        other = work.companies.add("Elsewhere", now)
    return make_user("eve", company_id=other.id)


def of(database, login):
    """Return the user of a login."""
    with database.read() as work:
        return work.users.by_login(Login(login))


def posts(user_id, other_id):
    """Return every form of these pages, with the user it is about."""
    return [
        (USERS, {"login": "new", "timezone": "UTC"}),
        *((f"{USERS}/{user_id}/{act}", {}) for act in ("password", "role", "switch", "remove")),
        (SHARING, {"owner": "anna", "grantee": "boss", "level": "busy"}),
        (f"{SHARING}/{user_id}/{other_id}/remove", {}),
        (f"{TYPES}/new", {"name": "Demo", "collection": "tasks", "order": "9", "active": "on"}),
        (f"{TYPES}/change", {"key": "call", "name": "Ring", "order": "1", "active": "on"}),
        (f"{HEALTH}/check", {}),
        (f"{HEALTH}/{user_id}/stop", {}),
    ]


def state_of(database, company_id):
    """Return what none of the forms may change."""
    with database.read() as work:
        users = work.users.list(company_id)
        passwords = [work.users.password_of(each.id) for each in users]
        return users, passwords, work.types.list(company_id), work.grants.list(company_id)


def test_the_pages_are_not_there_for_plain_users(browser, user, database, company):
    """No page, no form, no link to them (S18)."""
    browser.sign_in()
    before = state_of(database, company.id)
    assert "Administration" not in browser.text("/settings/calendar-programs")
    for page in (*PAGES, f"{USERS}/{user.id}/remove"):
        assert browser.get(page).status_code == 404
    for path, form in posts(user.id, user.id):
        assert browser.post(path, **form).status_code == 404
    assert state_of(database, company.id) == before


def test_nobody_who_is_not_signed_in_sees_them(browser, user):
    """Pages lead to the sign-in page, forms are refused."""
    for page in PAGES:
        assert browser.get(page).headers["Location"].startswith("/?next=/admin/")
    for path, form in posts(user.id, user.id):
        assert browser.post(path, **form).status_code == 403


def test_a_form_without_our_token_or_of_another_site_changes_nothing(boss, user, database, company):
    """S15: every form, and none of them is a link."""
    before = state_of(database, company.id)
    for path, form in posts(user.id, user.id):
        assert boss.post(path, csrf_token="forged", **form).status_code == 403
        foreign = boss.client.post(
            path,
            data={**form, "csrf_token": boss.csrf_token()},
            headers={"Origin": "https://evil.example"},
            base_url="http://127.0.0.1:5232",
        )
        assert foreign.status_code == 403
    for path in (f"{USERS}/{user.id}/password", f"{USERS}/{user.id}/switch", f"{HEALTH}/check"):
        assert boss.get(path).status_code == 405
    assert state_of(database, company.id) == before


def test_users_of_another_company_are_not_there(boss, stranger, database, user):
    """S18: the same answer as for a number nobody has, and nothing changes."""
    theirs = state_of(database, stranger.company_id)
    for number in (stranger.id, 10**6):
        assert boss.get(f"{USERS}/{number}/remove").status_code == 404
        for act in ("password", "role", "switch", "remove"):
            assert boss.post(f"{USERS}/{number}/{act}").status_code == 404
        assert boss.post(f"{SHARING}/{user.id}/{number}/remove").status_code == 404
        assert boss.post(f"{HEALTH}/{number}/stop").status_code == 404
    refused = boss.post(SHARING, owner="anna", grantee="eve", level="read")
    assert refused.status_code == 400
    assert "There is no user `eve`" in refused.get_data(as_text=True)
    assert "eve@" not in boss.text(USERS)
    assert of(database, "eve") == stranger
    assert theirs == state_of(database, stranger.company_id)


def test_a_number_that_no_row_can_have_is_no_failure(boss):
    """Databases count up to a limit; whoever types more is told that nothing is there."""
    for path in (f"{USERS}/{{}}/password", "/settings/calendar-programs/links/{}/revoke"):
        assert boss.post(path.format(2**63 - 1)).status_code == 404
        assert boss.post(path.format(10**30)).status_code == 404


def test_a_new_user_gets_a_password_that_is_shown_once(boss, database, company):
    """And signs in with it; it is not in any cookie nor on the next page."""
    answer = boss.post(
        USERS, login="Carl", name="Carl <b>", email="carl@acme.example", timezone="UTC"
    )
    page = answer.get_data(as_text=True)
    password = re.search(r'class="secret"[^>]* value="([^"]+)"', page)[1]
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Carl &lt;b&gt;" in page
    assert password not in boss.text(USERS)
    carl = of(database, "carl")
    assert (carl.company_id, carl.role) == (company.id, Role.USER)
    assert boss.sign_in("carl", password).status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"login": "a:b"},
        {"login": "anna"},
        {"login": ""},
        {"timezone": "Mars/Base"},
        {"name": "x" * 201},
        {"email": "a\x07b"},
    ],
)
def test_a_refused_user_keeps_what_was_entered(boss, wrong):
    """The reason stands at the form, whose other fields stay."""
    told = {"login": "carl", "name": "Carl", "email": "", "timezone": "Europe/Prague", **wrong}
    answer = boss.post(USERS, **told)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert 'role="alert" id="refusal"' in page
    assert "aria-invalid" in page
    assert f'value="{told["timezone"]}" required' in page


def test_a_new_password_signs_the_users_browsers_out(boss, app, database, user):
    """The old one is of no use any more; app passwords stay."""
    annas = type(boss)(app.test_client())
    annas.sign_in()
    app.extensions["crmdav"].app_passwords.add("anna", "phone")
    page = boss.post(f"{USERS}/{user.id}/password").get_data(as_text=True)
    password = re.search(r'class="secret"[^>]* value="([^"]+)"', page)[1]
    assert annas.get("/settings/calendar-sync").status_code == 302
    assert annas.sign_in().status_code == 401
    assert annas.sign_in(password=password).status_code == 302
    assert app.extensions["crmdav"].app_passwords.list("anna")[0].revoked_at is None


def test_a_user_who_is_switched_off_is_out_until_switched_on(boss, app, user, database):
    """No session, no sign-in; everything else stays."""
    annas = type(boss)(app.test_client())
    annas.sign_in()
    boss.post(f"{USERS}/{user.id}/switch", active="no")
    assert "Switched off" in boss.text(USERS)
    assert annas.get("/settings/calendar-sync").status_code == 302
    assert annas.sign_in().status_code == 401
    boss.post(f"{USERS}/{user.id}/switch", active="yes")
    assert annas.sign_in().status_code == 302


def test_switching_off_stops_syncing(connected, app, database, user, make_user):
    """A connection of somebody who may not sign in does nothing."""
    admin = make_user("boss", role=Role.ADMIN)
    app.extensions["crmdav"].admin.people.switch(admin, user.id, active=False)
    with database.read() as work:
        assert [each.state.value for each in work.connections.of_user(user.id)] == ["stopped"]


def test_an_admin_is_made_and_unmade_but_not_by_oneself(boss, database, user):
    """So that a company keeps one; nor does anybody switch off or remove the own account."""
    boss.post(f"{USERS}/{user.id}/role", role="admin")
    assert of(database, "anna").role is Role.ADMIN
    boss.post(f"{USERS}/{user.id}/role", role="user")
    assert of(database, "anna").role is Role.USER
    own = of(database, "boss")
    for act in ("role", "switch", "remove"):
        assert boss.post(f"{USERS}/{own.id}/{act}").status_code == 400
    assert of(database, "boss") == own


def test_removing_asks_first_and_then_removes(boss, database, user):
    """A page says what is lost; only its form does it."""
    page = boss.text(f"{USERS}/{user.id}/remove")
    assert "deleted here for good" in page
    assert of(database, "anna") is not None
    assert boss.post(f"{USERS}/{user.id}/remove").headers["Location"] == USERS
    assert of(database, "anna") is None


def test_users_are_found_by_any_of_their_names(boss, make_user):
    """Login, name and e-mail address, whatever the case; a long list comes in parts."""
    for number in range(60):
        make_user(f"u{number:02}")
    first = boss.text(USERS)
    assert first.count("<li>") == 50
    assert 'href="/admin/users?page=2"' in first
    found = boss.text(f"{USERS}?q=U59@ACME")
    assert found.count("<li>") == 1
    assert "Nobody is called that" in boss.text(f"{USERS}?q=<script>")


def test_a_share_is_given_changed_and_taken_back(boss, database, company, user):
    """As `crmdav shares` does it."""
    for level in ("busy", "read"):
        assert boss.post(SHARING, owner="anna", grantee="boss", level=level).status_code == 302
    with database.read() as work:
        (grant,) = work.grants.list(company.id)
    assert grant.level is GrantLevel.READ
    assert "What it is, read-only" in boss.text(SHARING)
    boss.post(f"{SHARING}/{grant.owner_id}/{grant.grantee_id}/remove")
    with database.read() as work:
        assert work.grants.list(company.id) == ()
    again = boss.post(f"{SHARING}/{grant.owner_id}/{grant.grantee_id}/remove")
    assert again.status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"grantee": "anna"}, {"grantee": "nobody"}, {"level": "all"}, {"level": ""}]
)
def test_a_refused_share_keeps_what_was_entered(boss, wrong):
    """Oneself, nobody, no such level."""
    answer = boss.post(SHARING, **{"owner": "anna", "grantee": "boss", "level": "read", **wrong})
    assert answer.status_code == 400
    assert 'name="owner" list="logins" required maxlength="255"' in answer.get_data(as_text=True)


def test_a_type_is_added_and_changed_but_its_key_stays(boss, database, company):
    """Name, icon, colour, calendar, order and use; the key is made of the first name."""
    told = {"name": "Site Visit", "icon": "car", "color": "#AA3311", "order": "3"}
    boss.post(f"{TYPES}/new", **told, collection="activities", active="on")
    with database.read() as work:
        made = work.types.get(company.id, "site_visit")
    assert (made.name, made.icon, made.color, made.order) == ("Site Visit", "car", "#aa3311", 3)
    changed = {**told, "name": "Visit", "order": "4", "key": "site_visit", "collection": "tasks"}
    assert boss.post(f"{TYPES}/change", **changed).status_code == 302
    with database.read() as work:
        kept = work.types.get(company.id, "site_visit")
        assert work.types.get(company.id, "visit") is None
    assert (kept.name, kept.order, kept.active) == ("Visit", 4, False)
    assert kept.collection is CollectionName.TASKS
    assert "Not in use" in boss.text(TYPES)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"name": ""}, "A name has 1 to 60 characters"),
        ({"name": "x" * 61}, "A name has 1 to 60 characters"),
        ({"name": "CALL"}, "Another type is called `CALL`"),
        ({"color": "red;}body{"}, "A colour reads like"),
        ({"icon": "../x"}, "There is no icon"),
        ({"order": "-1"}, "A position is 0 to 9999"),
        ({"order": "9" * 40}, "A position is 0 to 9999"),
    ],
)
def test_a_refused_type_changes_nothing(boss, database, company, wrong, reason):
    """The reason stands in the form."""
    with database.read() as work:
        before = work.types.list(company.id)
    told = {"name": "Demo", "icon": "star", "color": "#aa3311", "order": "3", "active": "on"}
    answer = boss.post(f"{TYPES}/new", **{**told, "collection": "tasks", **wrong})
    assert answer.status_code == 400
    assert reason in answer.get_data(as_text=True)
    with database.read() as work:
        assert work.types.list(company.id) == before


@pytest.mark.parametrize("wrong", [{"active": None}, {"collection": "tasks"}])
def test_the_type_of_items_without_one_stays_where_they_come_in(boss, database, company, wrong):
    """A meeting that is added in a calendar program has to become something."""
    told = {"key": "meeting", "name": "Meeting", "order": "2", "color": "", "icon": "meeting"}
    form = {**told, "active": "on", "collection": "activities", **wrong}
    sent = {name: value for name, value in form.items() if value is not None}
    answer = boss.post(f"{TYPES}/change", **sent)
    assert answer.status_code == 400
    assert "has to stay active and in its calendar" in answer.get_data(as_text=True)
    with database.read() as work:
        assert work.types.get(company.id, "meeting").active


def test_two_types_of_one_beginning_get_keys_of_their_own(boss, database, company):
    """Letters no key can have are left out; names are text on the page (S14)."""
    for name in ("Démo!", "demo?", "日本", "<b>demo</b>"):
        form = {"name": name, "order": "9", "collection": "tasks", "color": "#101010"}
        assert boss.post(f"{TYPES}/new", **form, active="on").status_code == 302
    with database.read() as work:
        keys = {each.name: each.key for each in work.types.list(company.id)}
    assert [keys[name] for name in ("Démo!", "demo?", "日本")] == ["demo", "demo_2", "type"]
    page = boss.text(TYPES)
    assert "<b>demo</b>" not in page
    assert "&lt;b&gt;demo&lt;/b&gt;" in page


def test_connections_of_the_company_are_told_and_stopped(connected, app, database, user, make_user):
    """How they do, not what they carry; stopping leaves both sides as they are."""
    admin = make_user("boss", role=Role.ADMIN)
    with database.write() as work:
        work.users.set_password(admin.id, hash_password(PASSWORD))
    boss = type(connected)(app.test_client())
    boss.sign_in("boss")
    page = boss.text(HEALTH)
    assert "anna@example.com" in page
    assert "Not started yet" in page
    with database.read() as work:
        (connection,) = work.connections.of_user(user.id)
    boss.post(f"{HEALTH}/{connection.id}/stop")
    with database.read() as work:
        assert work.connections.of_user(user.id)[0].state.value == "stopped"


def test_the_google_client_is_checked_at_google(boss, app, rehearsal):
    """Only by the press of a button, and with nothing that could change anything there."""
    assert "A Google client is configured." in boss.text(HEALTH)
    page = boss.post(f"{HEALTH}/check").get_data(as_text=True)
    assert "Google was reached, and takes the client." in page
    assert "http://127.0.0.1:5232/oauth/google/callback" in page
