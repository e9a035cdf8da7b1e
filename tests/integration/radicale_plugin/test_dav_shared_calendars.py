"""Colleagues' calendars: found, read, reduced, never written, and gone with the grant."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bridge.domain.users import GrantLevel
from bridge.store.schema import access

CANARY = "CANARY"
SHARED, SHARED_TASKS = "/bob/anna--activities/", "/bob/anna--tasks/"
EVENT_LINES = (
    "CLASS:PRIVATE",
    f"DESCRIPTION:{CANARY} one",
    f"LOCATION:{CANARY}",
    f"CATEGORIES:{CANARY}",
    f"COMMENT:{CANARY}",
    f"CONTACT:{CANARY}",
    f"URL:https://example.com/{CANARY}",
    f"ORGANIZER;CN={CANARY}:mailto:anna@example.com",
    f"ATTENDEE;CN={CANARY}:mailto:{CANARY}@example.com",
    f"ATTACH:https://example.com/{CANARY}",
    f"X-CRM-PERSON:{CANARY}",
    f"X-{CANARY}:{CANARY}",
    "BEGIN:VALARM",
    "ACTION:DISPLAY",
    f"DESCRIPTION:{CANARY}",
    "TRIGGER:-PT5M",
    "END:VALARM",
)
METHODS = ["GET", "HEAD", "PUT", "DELETE", "MOVE", "PROPFIND", "PROPPATCH", "REPORT"]
METHODS += ["MKCALENDAR", "MKCOL"]
BODIES = {
    "PROPFIND": '<D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/></D:prop></D:propfind>',
    "REPORT": '<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:prop/></D:sync-collection>',
    "PROPPATCH": '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>x</D:displayname>'
    "</D:prop></D:set></D:propertyupdate>",
}

# What never reaches the store is the same on both databases.
one_database = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def share(crm, now, level, owner="anna", grantee="bob"):
    """Let a colleague see an owner's calendars."""
    with crm.database.write() as work:
        work.grants.give(crm.users[owner], crm.users[grantee], level=GrantLevel(level), now=now)


def unshare(crm, owner="anna", grantee="bob"):
    """Take it back."""
    with crm.database.write() as work:
        work.grants.remove(crm.users[owner].id, crm.users[grantee].id)


def token(client, path):
    """Return the present sync token."""
    return client.sync(path).text_of("{DAV:}sync-token")


def texts(answer):
    """Return all calendar data of a multistatus in one text."""
    name = "{urn:ietf:params:xml:ns:caldav}calendar-data"
    return "".join(element.text or "" for element in answer.xml.iter(name))


@pytest.fixture
def bob(crm):
    """A client of Bob's."""
    return crm.client("bob")


@pytest.fixture
def filled(anna, event, todo):
    """Anna's calendars with public and private things in them."""
    alarm = ("BEGIN:VALARM", "ACTION:AUDIO", "TRIGGER:-PT5M", "END:VALARM")
    anna.put("/anna/activities/open.ics", event("open", "Lunch", "20260302T120000Z", *alarm))
    anna.put(
        "/anna/activities/hidden.ics", event("hidden", CANARY, "20260303T090000Z", *EVENT_LINES)
    )
    free = event("free", "Fair", "20260304T090000Z", "TRANSP:TRANSPARENT")
    anna.put("/anna/activities/free.ics", free)
    anna.put("/anna/tasks/open.ics", todo("open-task", "DUE:20260302T120000Z"))
    anna.put("/anna/tasks/hidden.ics", todo("hidden-task", "CLASS:PRIVATE", f"COMMENT:{CANARY}"))
    return anna


def test_share_is_found_in_the_own_home_under_the_owners_name(crm, bob, anna, now):
    """By a depth 1 PROPFIND, as clients look for calendars."""
    share(crm, now, "read")
    listed = bob.propfind("/bob/", "<D:displayname/><D:owner/>", depth="1")
    assert listed.hrefs() == [
        "/dav/bob/",
        "/dav/bob/activities/",
        "/dav/bob/tasks/",
        "/dav/bob/anna--activities/",
        "/dav/bob/anna--tasks/",
    ]
    assert b"Anna: Activities" in listed.body
    assert b"<D:owner><D:href>/dav/anna/</D:href></D:owner>" in listed.body
    assert anna.propfind("/anna/", "<D:displayname/>", depth="1").hrefs()[1:] == [
        "/dav/anna/activities/",
        "/dav/anna/tasks/",
    ]


def test_user_calendars_of_the_owner_are_shared_too(crm, anna, bob, event, now):
    """Under the name the owner gave them."""
    anna.request("MKCALENDAR", "/anna/trips/")
    share(crm, now, "busy")
    anna.put("/anna/trips/e.ics", event("trip", "Fair"))
    listed = bob.propfind("/bob/", "<D:displayname/>", depth="1")
    assert "/dav/bob/anna--trips/" in listed.hrefs()
    assert "SUMMARY:Busy" in texts(bob.query("/bob/anna--trips/", ""))


def test_reader_sees_public_things_whole_but_for_alarms(crm, filled, bob, now):
    """And of a private event its time alone, of a private task nothing."""
    share(crm, now, "read")
    whole = filled.get("/anna/activities/open.ics").body.decode()
    seen = bob.get(f"{SHARED}open.ics")
    assert seen.body.decode() == re.sub(r"BEGIN:VALARM.*END:VALARM\r\n", "", whole, flags=re.DOTALL)
    assert seen.etag == filled.get("/anna/activities/open.ics").etag
    hidden = bob.get(f"{SHARED}hidden.ics")
    assert b"SUMMARY:Busy" in hidden.body
    assert b"DTSTART:20260303T090000Z" in hidden.body
    assert hidden.etag.endswith('-b"')
    assert bob.get(f"{SHARED_TASKS}open.ics").status == 200
    assert bob.get(f"{SHARED_TASKS}hidden.ics").status == 404
    assert bob.get(f"{SHARED_TASKS}hidden.ics").body == bob.get(f"{SHARED_TASKS}no.ics").body


def test_who_sees_times_only_sees_busy_blocks_only(crm, filled, bob, now):
    """No free time, no tasks, no titles."""
    share(crm, now, "busy")
    assert bob.propfind("/bob/", "<D:displayname/>", depth="1").hrefs()[3:] == [
        "/dav/bob/anna--activities/"
    ]
    listed = bob.propfind(SHARED, "<D:getetag/>", depth="1")
    assert listed.hrefs()[1:] == [
        "/dav/bob/anna--activities/open.ics",
        "/dav/bob/anna--activities/hidden.ics",
    ]
    for name in ("open", "hidden"):
        seen = bob.get(f"{SHARED}{name}.ics")
        assert b"SUMMARY:Busy" in seen.body
        assert seen.etag.endswith('-b"')
    assert bob.get(f"{SHARED}free.ics").status == 404
    assert bob.propfind(SHARED_TASKS, "<D:getetag/>").status == 404
    told = bob.propfind(SHARED, "<C:supported-calendar-component-set/>").body
    assert b"VTODO" not in told
    made = bob.propfind(SHARED, "<D:creationdate/>", depth="1")
    assert len(made.hrefs()) == 3
    assert not any(each.text for each in made.xml.iter("{DAV:}creationdate"))


@pytest.mark.parametrize("level", ["busy", "read"])
def test_no_answer_to_a_colleague_holds_anything_private(crm, filled, bob, event, now, *, level):
    """All methods, reports and properties; the note of the CRM is in no answer to anybody."""
    with crm.database.write([crm.users["anna"].id]) as work:
        for activity in work.activities.list(crm.users["anna"].id):
            work.activities.update(replace(activity, note=f"{CANARY} note"), now=now)
    filled.request(
        "PROPPATCH",
        "/anna/activities/",
        BODIES["PROPPATCH"].replace(
            "<D:displayname>x</D:displayname>",
            f"<C:calendar-description xmlns:C='urn:ietf:params:xml:ns:caldav'>{CANARY}"
            "</C:calendar-description>",
        ),
    )
    assert CANARY.encode() in filled.get("/anna/activities/hidden.ics").body
    assert f"{CANARY} note".encode() not in filled.get("/anna/activities/").body
    share(crm, now, level)
    window = 'start="20260301T000000Z" end="20260401T000000Z"'
    data = f"<C:calendar-data><C:expand {window}/></C:calendar-data>"
    named = '<C:comp-filter name="VEVENT"/>'
    answers = [
        answer
        for path in (SHARED, SHARED_TASKS)
        for answer in (
            bob.get(path),
            bob.get(f"{path}hidden.ics"),
            bob.request("HEAD", f"{path}hidden.ics"),
            bob.propfind(path, "<D:getetag/><D:getcontentlength/>", depth="1"),
            bob.request("PROPFIND", path, "", {"Depth": "1"}),
            bob.request("PROPFIND", f"{path}hidden.ics", "", {"Depth": "0"}),
            bob.sync(path),
            bob.query(path, ""),
            bob.query(path, named),
            bob.query(path, named, data),
            bob.multiget(path, f"/dav{path}hidden.ics", "/dav/anna/activities/hidden.ics"),
            bob.request(
                "REPORT",
                path,
                f'<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">'
                f"<C:time-range {window}/></C:free-busy-query>",
            ),
            *(
                bob.request(method, f"{path}hidden.ics", BODIES.get(method, event()))
                for method in METHODS
            ),
        )
    ]
    assert {each.status for each in answers} <= {200, 207, 400, 403, 404}
    told = b"".join(repr(dict(each.headers)).encode() + each.body for each in answers)
    assert b"SUMMARY:Busy" in told
    assert b"20260303T090000Z" in told
    unfolded = told.replace(b"\r\n ", b"")
    assert CANARY.encode() not in unfolded
    if level == "busy":
        assert b"Lunch" not in unfolded
        assert b"Fair" not in unfolded


@pytest.mark.parametrize("level", ["busy", "read"])
def test_private_titles_cannot_be_probed_by_searching(crm, filled, bob, now, level):
    """Filters look at what is shown: a guess of the title tells nothing, neither yes nor no."""
    share(crm, now, level)

    def found(name, text, negate="no"):
        return bob.query(
            SHARED,
            f'<C:comp-filter name="VEVENT"><C:prop-filter name="{name}">'
            f'<C:text-match negate-condition="{negate}">{text}</C:text-match>'
            "</C:prop-filter></C:comp-filter>",
        ).hrefs()

    hidden = f"/dav{SHARED}hidden.ics"
    for name in ("SUMMARY", "DESCRIPTION", "LOCATION", "ATTENDEE", f"X-{CANARY}"):
        assert hidden not in found(name, CANARY)
    assert hidden in found("SUMMARY", CANARY, negate="yes")
    assert hidden in found("SUMMARY", "Busy")
    alarms = '<C:comp-filter name="VEVENT"><C:comp-filter name="VALARM"/></C:comp-filter>'
    assert bob.query(SHARED, alarms).hrefs() == []


def test_free_busy_is_the_same_for_owner_and_colleague(crm, filled, bob, now):
    """Private events block time as well."""
    body = (
        '<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">'
        '<C:time-range start="20260301T000000Z" end="20260401T000000Z"/></C:free-busy-query>'
    )
    own = filled.request("REPORT", "/anna/activities/", body).body
    for level in ("busy", "read"):
        share(crm, now, level)
        seen = bob.request("REPORT", SHARED, body).body
        assert re.findall(rb"FREEBUSY.*", seen) == re.findall(rb"FREEBUSY.*", own) != []


@one_database
@pytest.mark.parametrize("level", ["busy", "read"])
def test_privileges_tell_what_is_allowed_and_nothing_else_is(
    crm, filled, bob, event, now, *, level
):
    """Read and read-free-busy; every write is refused with need-privileges."""
    share(crm, now, level)
    told = bob.propfind(SHARED, "<D:current-user-privilege-set/>").body
    assert set(re.findall(rb"<D:privilege><([^\s/]+)/>", told)) == {
        b"D:read",
        b"D:read-current-user-privilege-set",
        b"C:read-free-busy",
    }
    before = filled.sync("/anna/activities/").body
    attempts = [
        bob.put(f"{SHARED}open.ics", event("open", "Mine")),
        bob.put(f"{SHARED}new.ics", event("new", "Mine")),
        bob.put(SHARED, event("new", "Mine")),
        bob.request("DELETE", f"{SHARED}open.ics"),
        bob.request("DELETE", SHARED),
        bob.request("PROPPATCH", SHARED, BODIES["PROPPATCH"]),
        bob.request(
            "MOVE", f"{SHARED}open.ics", headers={"Destination": "/dav/bob/activities/o.ics"}
        ),
    ]
    bob.put("/bob/activities/mine.ics", event("mine", "Mine"))
    into = {"Destination": f"/dav{SHARED}mine.ics"}
    attempts.append(bob.request("MOVE", "/bob/activities/mine.ics", headers=into))
    assert [(each.status, each.condition) for each in attempts] == [(403, "need-privileges")] * 8
    assert bob.get("/bob/activities/mine.ics").status == 200
    assert bob.get("/bob/activities/o.ics").status == 404
    assert filled.sync("/anna/activities/").body == before


def test_removed_share_answers_exactly_as_one_that_never_was(crm, filled, bob, event, now):
    """For every method, on the calendar and on what was in it."""
    share(crm, now, "read")
    unshare(crm)
    for method in METHODS:
        body = event() if method == "PUT" else BODIES.get(method, "")
        headers = {"Destination": "/dav/bob/activities/o.ics"} if method == "MOVE" else {}
        for tail in ("", "open.ics"):
            was, never = (
                bob.request(method, f"/bob/{owner}--activities/{tail}", body, headers)
                for owner in ("anna", "nobody")
            )
            assert (was.status, was.body) == (never.status, never.body), (method, tail)
            # Whoever makes a calendar is told about names and parents, shared or not.
            making = method in ("MKCALENDAR", "MKCOL")
            assert was.status in ((403, 409) if making else (404,)), (method, tail)
    assert len(bob.propfind("/bob/", "<D:displayname/>", depth="1").hrefs()) == 3


@one_database
def test_share_opens_nothing_but_its_name_in_the_grantees_home(crm, filled, bob, now):
    """Not the owner's own paths, not to others, not between companies, not back."""
    share(crm, now, "read")
    carl, anna = crm.client("carl"), filled
    paths = ("/anna/activities/", "/anna/activities/open.ics", "/anna/", "/anna/bob--activities/")
    for path in paths:
        assert bob.get(path).status == 404
        assert bob.propfind(path, "<D:getetag/>").status == 404
    assert carl.propfind("/carl/anna--activities/", "<D:getetag/>").status == 404
    assert carl.propfind(SHARED, "<D:getetag/>").status == 404
    assert anna.propfind("/anna/bob--activities/", "<D:getetag/>").status == 404
    anonymous = crm.client("bob")
    anonymous.login = ""
    assert anonymous.propfind(SHARED, "<D:getetag/>").status == 401
    mixed = bob.multiget(
        "/bob/activities/", f"/dav{SHARED}open.ics", "/dav/anna/activities/open.ics"
    )
    assert mixed.hrefs(404) == [f"/dav{SHARED}open.ics", "/dav/anna/activities/open.ics"]


def test_sync_tells_what_became_private(crm, filled, bob, event, *, todo, now):
    """A task that turns private is gone for the reader; an event turns into a busy block."""
    share(crm, now, "read")
    start, tasks = token(bob, SHARED), token(bob, SHARED_TASKS)
    first = bob.sync(SHARED_TASKS)
    assert first.hrefs() == [f"/dav{SHARED_TASKS}open.ics"]
    etag = bob.get(f"{SHARED}open.ics").etag
    filled.put(
        "/anna/activities/open.ics", event("open", CANARY, "20260302T120000Z", "CLASS:PRIVATE")
    )
    filled.put("/anna/tasks/open.ics", todo("open-task", "CLASS:PRIVATE"))
    changed = bob.sync(SHARED, start)
    assert changed.hrefs(200) == [f"/dav{SHARED}open.ics"]
    seen = bob.get(f"{SHARED}open.ics")
    assert b"SUMMARY:Busy" in seen.body
    assert seen.etag != etag
    assert changed.text_of("{DAV:}getetag") == seen.etag
    assert bob.sync(SHARED_TASKS, tasks).hrefs(404) == [f"/dav{SHARED_TASKS}open.ics"]
    filled.request("DELETE", "/anna/activities/open.ics")
    gone = bob.sync(SHARED, changed.text_of("{DAV:}sync-token"))
    assert gone.hrefs(404) == [f"/dav{SHARED}open.ics"]


def test_activity_made_private_by_the_crm_reaches_the_colleague(crm, filled, bob, now):
    """The flag alone, set by the application or by another program."""
    share(crm, now, "read")
    start = token(bob, SHARED)
    anna = crm.users["anna"]
    with crm.database.write([anna.id]) as work:
        lunch = next(a for a in work.activities.list(anna.id) if a.subject == "Lunch")
        work.activities.update(replace(lunch, private=True), now=now)
    assert bob.sync(SHARED, start).hrefs(200) == [f"/dav{SHARED}open.ics"]
    assert b"Lunch" not in bob.get(f"{SHARED}open.ics").body


def test_change_by_another_program_is_seen_by_a_colleagues_read(crm, filled, bob, now):
    """The owner's home is brought up to date first, whoever looks at it."""
    share(crm, now, "read")
    start = token(bob, SHARED)
    with crm.database.write() as work:
        work.connection.execute(
            sa.text("UPDATE activities SET subject = 'Brunch' WHERE subject = 'Lunch'")
        )
    assert bob.sync(SHARED, start).hrefs(200) == [f"/dav{SHARED}open.ics"]
    assert b"SUMMARY:Brunch" in bob.get(f"{SHARED}open.ics").body


def test_changed_grant_changes_the_ctag_and_ends_the_token(crm, filled, bob, now):
    """Everything is read anew; the same holds for a share taken back and given again."""
    share(crm, now, "read")
    seen = set()
    for change in (
        lambda: share(crm, now, "busy"),
        lambda: (unshare(crm), share(crm, now, "busy")),
    ):
        known = token(bob, SHARED)
        ctag = bob.propfind(SHARED, "<CS:getctag/>").text_of(
            "{http://calendarserver.org/ns/}getctag"
        )
        etag = bob.get(f"{SHARED}open.ics").etag
        change()
        answer = bob.sync(SHARED, known)
        assert (answer.status, answer.condition) == (403, "valid-sync-token")
        told = bob.propfind(SHARED, "<CS:getctag/>")
        assert told.text_of("{http://calendarserver.org/ns/}getctag") != ctag
        seen |= {known, token(bob, SHARED)}
        if etag.endswith('-b"'):
            continue
        assert bob.get(f"{SHARED}open.ics").etag != etag
    assert len(seen) == 3


@one_database
def test_tokens_of_owner_and_colleague_are_not_each_others(crm, filled, bob, now):
    """A token is of one view."""
    share(crm, now, "read")
    own, seen = token(filled, "/anna/activities/"), token(bob, SHARED)
    assert own != seen
    assert filled.sync("/anna/activities/", seen).status == 403
    assert bob.sync(SHARED, own).status == 403


@one_database
@pytest.mark.parametrize("level", ["busy", "read"])
def test_first_sync_in_parts_comes_to_the_whole(crm, filled, bob, event, now, *, level):
    """Things that are not shown leave no gap (RFC 6578 section 3.6)."""
    for number in range(5):
        private = ("CLASS:PRIVATE",) if number % 2 else ("TRANSP:TRANSPARENT",)
        text = event(f"n{number}", "x", "20260310T090000Z", *private)
        filled.put(f"/anna/activities/n{number}.ics", text)
    share(crm, now, level)
    found, known = [], ""
    for _ in range(20):
        body = (
            f'<D:sync-collection xmlns:D="DAV:"><D:sync-token>{known}</D:sync-token>'
            "<D:sync-level>1</D:sync-level><D:limit><D:nresults>2</D:nresults></D:limit>"
            "<D:prop><D:getetag/></D:prop></D:sync-collection>"
        )
        answer = bob.request("REPORT", SHARED, body)
        found += answer.hrefs(200)
        known = answer.text_of("{DAV:}sync-token")
        if f"/dav{SHARED}" not in answer.hrefs(507):
            break
    assert sorted(found) == sorted(bob.sync(SHARED).hrefs(200))


@one_database
def test_etags_of_listing_sync_and_get_agree(crm, filled, bob, now):
    """Whichever way a client learns them."""
    for level in ("busy", "read"):
        share(crm, now, level)
        for answer in (
            bob.propfind(SHARED, "<D:getetag/>", depth="1"),
            bob.propfind(SHARED, "<D:getetag/><D:getcontentlength/>", depth="1"),
            bob.sync(SHARED),
            bob.query(SHARED, ""),
        ):
            for response in answer.xml.findall("{DAV:}response"):
                href = response.findtext("{DAV:}href")
                if not href.endswith(".ics"):
                    continue
                seen = bob.get(href)
                assert response.findtext(".//{DAV:}getetag") == seen.etag
                size = response.findtext(".//{DAV:}getcontentlength")
                assert size in (None, str(len(seen.body)))


# What each may do, by method: on an object, then on its calendar.
OWNER = {"GET": (200, 200), "PROPFIND": (207, 207), "REPORT": (403, 207), "PUT": (204, 403)}
OWNER |= {"PROPPATCH": (403, 207), "MOVE": (201, 403), "DELETE": (404, 403)}
OWNER |= {"MKCALENDAR": (403, 409), "MKCOL": (403, 405)}
VIEWER = {"GET": (200, 200), "PROPFIND": (207, 207), "REPORT": (403, 207), "PUT": (403, 403)}
VIEWER |= {"PROPPATCH": (403, 403), "MOVE": (403, 403), "DELETE": (403, 403)}
VIEWER |= {"MKCALENDAR": (409, 409), "MKCOL": (405, 405)}
NOBODY = dict.fromkeys(OWNER, (404, 404)) | {"MKCALENDAR": (409, 403), "MKCOL": (409, 403)}
ANONYMOUS = dict.fromkeys(OWNER, (401, 401))
MATRIX = {
    ("anna", "", "/anna/activities/"): OWNER,
    ("bob", "read", SHARED): VIEWER,
    ("bob", "busy", SHARED): VIEWER,
    ("bob", "", SHARED): NOBODY,
    ("carl", "", "/carl/anna--activities/"): NOBODY,
    ("", "read", SHARED): ANONYMOUS,
}


@one_database
@pytest.mark.parametrize(("login", "level", "path"), MATRIX, ids=lambda value: value or "none")
def test_every_method_by_everybody(crm, filled, event, now, *, login, level, path):
    """Owner, readers of both kinds, a colleague without a share, another company, nobody."""
    if level:
        share(crm, now, level)
    client = crm.client(login or "bob")
    client.login = login
    told = {}
    for method in OWNER:
        body = event("open", "Mine") if method == "PUT" else BODIES.get(method, "")
        headers = {"Destination": f"/dav{path}moved.ics"} if method == "MOVE" else {}
        answers = [client.request(method, path + tail, body, headers) for tail in ("open.ics", "")]
        told[method] = tuple(answer.status for answer in answers)
        if login != "anna":
            assert all(CANARY.encode() not in answer.body for answer in answers)
    assert told == MATRIX[login, level, path]


@pytest.mark.parametrize("name", ["\x01<D:evil/>", "\x01<", "a\x08\ufffeb & <c>"])
def test_a_name_that_is_no_text_makes_no_home_unreadable(crm, now, name):
    """Another program wrote it; neither its owner's programs nor the colleague's may fail on it."""
    share(crm, now, "read")
    with crm.database.write() as work:
        anna = sa.update(access.User).where(access.User.login == "anna")
        work.connection.execute(anna.values(name=name, email=f"{name}@example.com"))
    asked = "<D:displayname/><C:calendar-user-address-set/>"
    clean = name.translate(dict.fromkeys((1, 8, 0xFFFE)))
    own = crm.client("anna").propfind("/anna/", asked)
    assert own.text_of("{DAV:}displayname") == clean
    assert own.text_of("{DAV:}href").startswith("/dav/anna")
    seen = crm.client("bob").propfind(SHARED, asked)
    assert seen.text_of("{DAV:}displayname") == f"{clean}: Activities"
    assert not list(seen.xml.iter("{DAV:}evil"))
