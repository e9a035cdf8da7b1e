"""MKCALENDAR, extended MKCOL, and DELETE of further calendars."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from radicale_plugin.limits import DavLimits
from radicale_plugin.wsgi import build_application

SPACES = (
    'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" '
    'xmlns:I="http://apple.com/ns/ical/" xmlns:X="urn:x-crmdav:dav"'
)
ZONE = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Prague\r\n"
    "BEGIN:STANDARD\r\nDTSTART:19701025T030000\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\n"
    "END:STANDARD\r\nEND:VTIMEZONE\r\nEND:VCALENDAR\r\n"
)
JOURNAL = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VJOURNAL\r\nUID:j\r\n"
    "DTSTAMP:20260301T080000Z\r\nDTSTART;VALUE=DATE:20260301\r\nSUMMARY:Diary\r\n"
    "END:VJOURNAL\r\nEND:VCALENDAR\r\n"
)

# What never reaches the store is the same on both databases.
one_database = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def mkcalendar(client, path="/anna/trips/", props=""):
    """Send MKCALENDAR, with a body if there are properties."""
    body = f"<C:mkcalendar {SPACES}><D:set><D:prop>{props}</D:prop></D:set></C:mkcalendar>"
    return client.request("MKCALENDAR", path, body if props else "")


def mkcol(client, path, props):
    """Send an extended MKCOL."""
    body = f"<D:mkcol {SPACES}><D:set><D:prop>{props}</D:prop></D:set></D:mkcol>"
    return client.request("MKCOL", path, body)


def calendars(client):
    """Return what a home holds, itself first."""
    return client.propfind("/anna/", "<D:resourcetype/>", depth="1").hrefs()


def test_calendar_made_without_body_takes_everything_and_keeps_journals(crm, anna, event, todo):
    """Events and to-dos are activities; a journal entry is kept byte for byte."""
    assert mkcalendar(anna).status == 201
    assert calendars(anna)[1:] == [
        "/dav/anna/activities/",
        "/dav/anna/tasks/",
        "/dav/anna/trips/",
    ]
    told = anna.propfind("/anna/trips/", "<C:supported-calendar-component-set/>").body
    assert all(f'name="{name}"'.encode() in told for name in ("VEVENT", "VTODO", "VJOURNAL"))
    assert anna.put("/anna/trips/e.ics", event("e")).status == 201
    assert anna.put("/anna/trips/t.ics", todo("t")).status == 201
    assert anna.put("/anna/trips/j.ics", JOURNAL).status == 201
    assert anna.get("/anna/trips/j.ics").body == JOURNAL.encode()
    with crm.database.read() as work:
        found = work.activities.list(crm.users["anna"].id)
    assert sorted((each.subject, each.type_key) for each in found) == [
        ("Call back", "task"),
        ("Coffee", "meeting"),
    ]


def test_an_event_without_a_start_is_kept_where_objects_need_no_meaning(crm, anna, event):
    """RFC 5545 section 3.6.1 forbids it, libraries read it: no activity, but no loss."""
    text = re.sub("(DTSTART|DTEND)[^\r]*\r\n", "", event("e"))
    assert "DTSTART" not in text
    mkcalendar(anna)
    assert anna.put("/anna/trips/e.ics", text).status == 201
    assert anna.get("/anna/trips/e.ics").body == text.encode()
    refused = anna.put("/anna/activities/e.ics", text)
    assert (refused.status, refused.condition) == (403, "valid-calendar-data")
    assert b"without a start" in refused.body
    with crm.database.read() as work:
        assert not work.activities.list(crm.users["anna"].id)


def test_properties_of_the_body_are_set(anna):
    """Names, colour, description, zone, components and the default type."""
    props = (
        "<D:displayname>Trips &amp; fairs</D:displayname>"
        "<I:calendar-color>#aabbccff</I:calendar-color>"
        "<C:calendar-description>Where to</C:calendar-description>"
        f"<C:calendar-timezone><![CDATA[{ZONE}]]></C:calendar-timezone>"
        '<C:supported-calendar-component-set><C:comp name="VEVENT"/>'
        "</C:supported-calendar-component-set>"
        "<X:default-activity-type>lunch</X:default-activity-type>"
    )
    assert mkcalendar(anna, props=props).status == 201
    asked = (
        "<D:displayname/><I:calendar-color/><C:calendar-description/><C:calendar-timezone/>"
        '<C:supported-calendar-component-set/><X:default-activity-type xmlns:X="urn:x-crmdav:dav"/>'
    )
    told = anna.propfind("/anna/trips/", asked)
    assert told.text_of("{DAV:}displayname") == "Trips & fairs"
    assert told.text_of("{http://apple.com/ns/ical/}calendar-color") == "#aabbccff"
    assert told.text_of("{urn:ietf:params:xml:ns:caldav}calendar-description") == "Where to"
    zone = told.text_of("{urn:ietf:params:xml:ns:caldav}calendar-timezone")
    assert "TZID:Europe/Prague" in zone
    assert told.text_of("{urn:x-crmdav:dav}default-activity-type") == "lunch"
    assert told.body.count(b"<C:comp ") == 1
    assert b" 404 " not in told.body


def test_extended_mkcol_makes_a_calendar_too(anna):
    """RFC 5689 section 3."""
    props = (
        "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>"
        "<D:displayname>Trips</D:displayname>"
    )
    assert mkcol(anna, "/anna/trips/", props).status == 201
    assert anna.propfind("/anna/trips/", "<D:displayname/>").text_of("{DAV:}displayname") == "Trips"


@one_database
@pytest.mark.parametrize(
    ("method", "path", "props", "status", "condition"),
    [
        ("MKCALENDAR", "/anna/activities/", "", 409, "resource-must-be-null"),
        ("MKCALENDAR", "/anna/", "", 409, "resource-must-be-null"),
        ("MKCALENDAR", "/anna/activities/x/", "", 403, "calendar-collection-location-ok"),
        ("MKCALENDAR", "/anna/bob--x/", "", 403, "calendar-collection-location-ok"),
        ("MKCALENDAR", "/anna/-x/", "", 403, "calendar-collection-location-ok"),
        (
            "MKCALENDAR",
            "/anna/x/",
            "<C:calendar-timezone>nonsense</C:calendar-timezone>",
            403,
            "valid-calendar-data",
        ),
        (
            "MKCALENDAR",
            "/anna/x/",
            "<C:supported-calendar-component-set><C:comp name='VFREEBUSY'/>"
            "</C:supported-calendar-component-set>",
            403,
            "supported-calendar-component",
        ),
        (
            "MKCALENDAR",
            "/anna/x/",
            "<C:supported-calendar-component-set/>",
            403,
            "supported-calendar-component",
        ),
        (
            "MKCALENDAR",
            "/anna/x/",
            "<D:getetag>1</D:getetag>",
            403,
            "cannot-modify-protected-property",
        ),
        (
            "MKCALENDAR",
            "/anna/x/",
            "<D:resourcetype><D:collection/></D:resourcetype>",
            403,
            "valid-resourcetype",
        ),
        ("MKCOL", "/anna/x/", "<D:displayname>x</D:displayname>", 403, "valid-resourcetype"),
        (
            "MKCOL",
            "/anna/tasks/",
            "<D:resourcetype><D:collection/><C:calendar/></D:resourcetype>",
            405,
            "resource-must-be-null",
        ),
    ],
)
def test_refusal_names_its_precondition_and_makes_nothing(
    anna, method, path, props, *, status, condition
):
    """The home stays as it was."""
    answer = (mkcalendar if method == "MKCALENDAR" else mkcol)(anna, path, props)
    assert (answer.status, answer.condition) == (status, condition)
    assert calendars(anna) == ["/dav/anna/", "/dav/anna/activities/", "/dav/anna/tasks/"]


@one_database
def test_default_type_that_is_none_of_the_company_is_refused(anna):
    """A sentence says so; nothing is made."""
    props = "<X:default-activity-type>nothing</X:default-activity-type>"
    answer = mkcalendar(anna, props=props)
    assert (answer.status, b"no activity type" in answer.body) == (403, True)
    assert len(calendars(anna)) == 3


@one_database
def test_place_without_a_parent_is_a_conflict(anna):
    """RFC 4918 section 9.3.1."""
    assert mkcalendar(anna, "/anna/none/x/").status == 409


@one_database
def test_plain_collection_is_not_made(anna):
    """There are only calendars."""
    answer = anna.request("MKCOL", "/anna/folder/")
    assert (answer.status, answer.condition) == (403, "valid-resourcetype")


@one_database
@pytest.mark.parametrize("body", ["<x", "<C:mkcalendar", "<D:propfind xmlns:D='DAV:'/>"])
def test_body_of_another_kind_is_a_bad_request(anna, body):
    """Nothing is made."""
    assert anna.request("MKCALENDAR", "/anna/x/", body).status == 400
    assert len(calendars(anna)) == 3


@one_database
def test_too_many_or_too_long_properties_are_refused(anna):
    """As by PROPPATCH."""
    long = f"<D:displayname>{'x' * 20_000}</D:displayname>"
    assert mkcalendar(anna, props=long).status == 507
    assert len(calendars(anna)) == 3


def test_home_has_a_limit(crm, anna):
    """507, and what is there stays."""
    application = build_application(
        database=crm.database,
        secret_key=b"s" * 32,
        worker_key=b"w" * 32,
        limits=DavLimits(max_calendars=3),
    )
    anna.application = application
    assert mkcalendar(anna, "/anna/a/").status == 201
    assert mkcalendar(anna, "/anna/b/").status == 507
    assert anna.request("DELETE", "/anna/a/").status == 204
    assert mkcalendar(anna, "/anna/b/").status == 201


def test_switched_off_nobody_makes_calendars_but_those_that_exist_go_on(crm, anna, event):
    """A sentence says why; privileges on the home say it too."""
    assert mkcalendar(anna).status == 201
    assert b"<D:bind/>" in anna.propfind("/anna/", "<D:current-user-privilege-set/>").body
    anna.application = build_application(
        database=crm.database, secret_key=b"s" * 32, worker_key=b"w" * 32, user_calendars=False
    )
    answer = mkcalendar(anna, "/anna/more/")
    assert (answer.status, answer.condition) == (403, "need-privileges")
    assert b"further calendars are switched off" in answer.body
    assert b"<D:bind/>" not in anna.propfind("/anna/", "<D:current-user-privilege-set/>").body
    assert anna.put("/anna/trips/e.ics", event()).status == 201
    assert anna.request("DELETE", "/anna/trips/").status == 204


def test_deleted_calendar_is_gone_with_its_activities(crm, anna, event):
    """Those in the standard calendars stay; a calendar made again knows nothing of the old."""
    mkcalendar(anna)
    anna.put("/anna/activities/kept.ics", event("kept", "Kept"))
    etag = anna.put("/anna/trips/e.ics", event()).etag
    token = anna.sync("/anna/trips/").text_of("{DAV:}sync-token")
    assert anna.request("DELETE", "/anna/trips/").status == 204
    assert anna.propfind("/anna/trips/", "<D:getetag/>").status == 404
    assert anna.get("/anna/trips/e.ics").status == 404
    with crm.database.read() as work:
        assert [a.subject for a in work.activities.list(crm.users["anna"].id)] == ["Kept"]
    mkcalendar(anna)
    again = anna.sync("/anna/trips/", token)
    assert (again.status, again.condition) == (403, "valid-sync-token")
    assert anna.put("/anna/trips/e.ics", event()).etag != etag


@one_database
def test_delete_of_a_calendar_heeds_if_match(anna, event):
    """The ctag is its ETag."""
    mkcalendar(anna)
    told = anna.propfind("/anna/trips/", "<D:getetag/>").text_of("{DAV:}getetag")
    anna.put("/anna/trips/e.ics", event())
    stale = anna.request("DELETE", "/anna/trips/", headers={"If-Match": told})
    assert stale.status == 412
    present = anna.propfind("/anna/trips/", "<D:getetag/>").text_of("{DAV:}getetag")
    assert anna.request("DELETE", "/anna/trips/", headers={"If-Match": present}).status == 204


@one_database
@pytest.mark.parametrize("slug", ["activities", "tasks"])
def test_standard_calendars_are_neither_deleted_nor_replaced(anna, event, slug):
    """Whatever a client tries."""
    refused = anna.request("DELETE", f"/anna/{slug}/")
    assert (refused.status, refused.condition) == (403, "need-privileges")
    assert anna.put(f"/anna/{slug}/", event()).status == 403
    assert anna.request("DELETE", "/anna/").status == 403
    assert calendars(anna) == ["/dav/anna/", "/dav/anna/activities/", "/dav/anna/tasks/"]


@one_database
def test_user_calendar_is_not_replaced_by_a_whole_file(anna, event):
    """Nor is one made by such a PUT."""
    mkcalendar(anna)
    anna.put("/anna/trips/e.ics", event())
    assert anna.put("/anna/trips/", event("other")).status == 403
    assert anna.put("/anna/new/", event("other")).status == 403
    assert anna.get("/anna/trips/e.ics").status == 200
    assert len(calendars(anna)) == 4


def test_objects_move_between_the_own_calendars(anna, event, todo):
    """And never where their component is not taken."""
    mkcalendar(anna)
    text = event()
    anna.put("/anna/activities/e.ics", text)
    there = {"Destination": "/dav/anna/trips/e.ics"}
    assert anna.request("MOVE", "/anna/activities/e.ics", headers=there).status == 201
    assert anna.get("/anna/trips/e.ics").body == text.encode()
    assert anna.get("/anna/activities/e.ics").status == 404
    anna.put("/anna/trips/j.ics", JOURNAL)
    wrong = anna.request(
        "MOVE", "/anna/trips/j.ics", headers={"Destination": "/dav/anna/tasks/j.ics"}
    )
    assert (wrong.status, wrong.condition) == (403, "supported-calendar-component")
    assert anna.get("/anna/trips/j.ics").body == JOURNAL.encode()


@one_database
def test_unsupported_component_is_refused_by_put_and_by_move(anna, event, todo):
    """With the precondition that names it."""
    put = anna.put("/anna/activities/t.ics", todo())
    assert (put.status, put.condition) == (403, "supported-calendar-component")
    anna.put("/anna/tasks/t.ics", todo())
    moved = anna.request(
        "MOVE", "/anna/tasks/t.ics", headers={"Destination": "/dav/anna/activities/t.ics"}
    )
    assert (moved.status, moved.condition) == (403, "supported-calendar-component")
    assert anna.get("/anna/tasks/t.ics").status == 200


@one_database
def test_others_make_no_calendar_in_a_home_and_see_none(crm, anna):
    """Foreign homes answer as absent ones do."""
    mkcalendar(anna)
    for login in ("bob", "carl"):
        client = crm.client(login)
        assert mkcalendar(client, "/anna/x/").status == 404
        assert mkcalendar(client, "/nobody/x/").status == 404
        assert client.propfind("/anna/trips/", "<D:displayname/>").status == 404
        assert client.request("DELETE", "/anna/trips/").status == 404
    assert len(calendars(anna)) == 4


def test_type_of_the_other_collection_set_by_the_crm_moves_the_object_at_once(
    crm, anna, event, now
):
    """Gone here and new there, in one transaction; each calendar's sync tells its part."""
    anna.put("/anna/activities/e.ics", event())
    tokens = {
        slug: anna.sync(f"/anna/{slug}/").text_of("{DAV:}sync-token")
        for slug in ("activities", "tasks")
    }
    owner = crm.users["anna"]
    with crm.database.write([owner.id]) as work:
        (activity,) = work.activities.list(owner.id)
        work.activities.update(replace(activity, type_key="task"), now=now)
    assert anna.sync("/anna/activities/", tokens["activities"]).hrefs(404) == [
        "/dav/anna/activities/e.ics"
    ]
    (made,) = anna.sync("/anna/tasks/", tokens["tasks"]).hrefs(200)
    assert b"BEGIN:VTODO" in anna.get(made).body
    assert anna.get("/anna/activities/e.ics").status == 404


@one_database
def test_category_of_a_client_never_moves_an_object(crm, anna, event, todo):
    """A type of the other collection is only a text to us (design decision 17)."""
    anna.put("/anna/activities/e.ics", event("e", "Coffee", "20260302T090000Z", "CATEGORIES:Task"))
    anna.put("/anna/tasks/t.ics", todo("t", "CATEGORIES:Meeting"))
    assert anna.get("/anna/activities/e.ics").status == 200
    assert anna.get("/anna/tasks/t.ics").status == 200
    with crm.database.read() as work:
        found = {a.subject: a.type_key for a in work.activities.list(crm.users["anna"].id)}
    assert found == {"Coffee": "meeting", "Call back": "task"}
