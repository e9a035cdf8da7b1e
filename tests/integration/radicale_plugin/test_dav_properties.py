"""Properties: what is told of each kind of resource, and what clients may leave."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import update

from bridge.store.schema.dav import CalendarObject

HOME = "/anna/activities/"
ONE = HOME + "one.ics"
SPACES = (
    'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" '
    'xmlns:I="http://apple.com/ns/ical/" xmlns:CS="http://calendarserver.org/ns/"'
)
D, C = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"

# What never reaches the store is the same on both databases.
one_database = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def statuses(answer):
    """Return the local names of the properties of the first response by status."""
    found = {}
    for propstat in answer.xml[0].findall(f"{D}propstat"):
        code = int(propstat.findtext(f"{D}status").split()[1])
        found[code] = [prop.tag.rpartition("}")[2] for prop in propstat.find(f"{D}prop")]
    return found


def patch(client, changes, **headers):
    """Send a PROPPATCH with these instructions."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = f"<D:propertyupdate {SPACES}>{changes}</D:propertyupdate>"
    return client.request("PROPPATCH", HOME, body, named)


def setting(props):
    """Return the instruction that sets these."""
    return f"<D:set><D:prop>{props}</D:prop></D:set>"


def removing(props):
    """Return the instruction that removes these."""
    return f"<D:remove><D:prop>{props}</D:prop></D:remove>"


@one_database
def test_what_nobody_has_is_politely_absent(anna, event):
    """Each kind of resource, and no word of address books on a principal."""
    anna.put(ONE, event())
    asked = (
        '<D:quota-used-bytes/><CS:xmpp-uri/><A:addressbook-home-set xmlns:A="urn:ietf:params:xml'
        ':ns:carddav"/><x xmlns=""/><D:resourcetype/>'
    )
    for path in ("/", "/anna/", HOME, ONE):
        found = statuses(anna.propfind(path, asked))
        assert found[200] == ["resourcetype"]
        assert found[404] == ["quota-used-bytes", "xmpp-uri", "addressbook-home-set", "x"]


@one_database
@pytest.mark.parametrize("header", [{"Prefer": "return=minimal"}, {"Brief": "t"}])
def test_minimal_answers_leave_out_what_is_absent(anna, header):
    """RFC 8144 section 2.1; a response still has a propstat."""
    body = f"<D:propfind {SPACES}><D:prop><CS:xmpp-uri/><D:getetag/></D:prop></D:propfind>"
    answer = anna.request("PROPFIND", HOME, body, header)
    assert answer.headers["Preference-Applied"] == "return=minimal"
    assert statuses(answer) == {200: ["getetag"]}
    body = f"<D:propfind {SPACES}><D:prop><CS:xmpp-uri/></D:prop></D:propfind>"
    assert statuses(anna.request("PROPFIND", HOME, body, header)) == {200: []}


@one_database
def test_a_principal_tells_its_addresses_and_places(anna):
    """Mail address first, as clients compare it with the organizer."""
    answer = anna.propfind(
        "/anna/",
        "<C:calendar-user-address-set/><D:principal-URL/><C:calendar-home-set/><D:owner/>"
        "<D:current-user-principal/><D:principal-collection-set/><D:displayname/>",
    )
    assert list(statuses(answer)) == [200]
    hrefs = [href.text for href in answer.xml.find(f".//{C}calendar-user-address-set")]
    assert hrefs == ["mailto:anna@example.com", "/dav/anna/"]
    for name in ("principal-URL", "owner", "current-user-principal"):
        assert answer.xml.find(f".//{D}{name}/{D}href").text == "/dav/anna/"
    assert answer.xml.find(f".//{D}principal-collection-set/{D}href").text == "/dav/"


@one_database
@pytest.mark.parametrize(
    ("path", "privileges"),
    [
        ("/", {"read", "read-current-user-privilege-set"}),
        (
            HOME,
            {
                "read",
                "read-current-user-privilege-set",
                "read-free-busy",
                "write",
                "write-properties",
                "write-content",
                "bind",
                "unbind",
            },
        ),
        (ONE, {"read", "read-current-user-privilege-set", "write", "write-content"}),
    ],
)
def test_privileges_are_those_of_the_rights(anna, event, path, privileges):
    """Nobody is told of a right that is not there."""
    anna.put(ONE, event())
    answer = anna.propfind(path, "<D:current-user-privilege-set/>")
    assert {p[0].tag.partition("}")[2] for p in answer.xml.iter(f"{D}privilege")} == privileges


@one_database
def test_allprop_tells_what_clients_left_and_no_expensive_ones(anna):
    """RFC 4918 section 9.1, RFC 4791 section 5.2."""
    patch(anna, setting("<I:calendar-color>#fff</I:calendar-color>"))
    body = f"<D:propfind {SPACES}><D:allprop/><D:include><CS:getctag/></D:include></D:propfind>"
    found = statuses(anna.request("PROPFIND", HOME, body))
    assert {"resourcetype", "displayname", "getetag", "calendar-color", "getctag"} <= set(
        found[200]
    )
    assert "supported-calendar-component-set" not in found[200]
    names = statuses(
        anna.request("PROPFIND", HOME, f"<D:propfind {SPACES}><D:propname/></D:propfind>")
    )
    assert {"supported-report-set", "calendar-color", "sync-token"} <= set(names[200])


@one_database
def test_an_object_tells_size_type_and_time(anna, event):
    """The same in a listing as asked for alone."""
    text = event("one", "Káva")
    anna.put(ONE, text)
    asked = "<D:getcontentlength/><D:getcontenttype/><D:getlastmodified/><D:getetag/>"
    alone = anna.propfind(ONE, asked)
    assert alone.text_of(f"{D}getcontentlength") == str(len(text.encode()))
    assert alone.text_of(f"{D}getcontenttype") == "text/calendar;charset=utf-8;component=VEVENT"
    assert alone.text_of(f"{D}getlastmodified") == anna.get(ONE).headers["Last-Modified"]
    assert alone.text_of(f"{D}getetag") == anna.get(ONE).etag
    listed = anna.propfind(HOME, asked, depth="1").xml[1]
    assert [e.text for e in listed.iter()] == [e.text for e in alone.xml[0].iter()]


def test_when_an_object_was_made_stays_told(crm, anna, event):
    """RFC 4918 section 15.1: neither another version nor another name changes it."""
    anna.put(ONE, event())
    made = datetime(2020, 1, 2, 3, 4, 5, 678, tzinfo=UTC)
    with crm.database.write() as work:
        work.connection.execute(update(CalendarObject).values(created_at=made))
    anna.put(ONE, event(summary="Tea"))
    two = HOME + "two.ics"
    assert anna.request("MOVE", ONE, headers={"Destination": f"/dav{two}"}).status == 201
    asked = "<D:creationdate/>"
    search = '<C:comp-filter name="VEVENT"/>'
    answers = [
        anna.propfind(two, asked),
        anna.propfind(HOME, asked, depth="1"),
        anna.request("PROPFIND", two, "", {"Depth": "0"}),
        anna.request("PROPFIND", HOME, "", {"Depth": "1"}),
        anna.query(HOME, search, asked),
        anna.query(HOME, f'<C:prop-filter name="PRODID"/>{search}', asked),
    ]
    for answer in answers:
        told = [each.text for each in answer.xml.iter(f"{D}creationdate") if each.text]
        assert told == ["2020-01-02T03:04:05Z"]


@one_database
@pytest.mark.parametrize(("path", "status"), [("/", 403), ("/anna/", 403), (HOME, 207)])
def test_infinite_depth_goes_one_level(anna, path, status):
    """A calendar has only one; a home is listed level by level."""
    body = f"<D:propfind {SPACES}><D:prop><D:getetag/></D:prop></D:propfind>"
    answer = anna.request("PROPFIND", path, body, {"Depth": "infinity"})
    assert answer.status == status
    assert status == 207 or answer.condition == "propfind-finite-depth"
    assert anna.request("PROPFIND", path, body, {"Depth": "2"}).status == 400


def test_elements_that_clients_leave_are_kept_whole(anna):
    """Not flattened to their text, and removed again."""
    transparent = "<C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp>"
    odd = '<x xmlns="">one <y k="v"/> two</x>'
    assert statuses(patch(anna, setting(transparent + odd))) == {
        200: ["schedule-calendar-transp", "x"]
    }
    answer = anna.propfind(HOME, '<C:schedule-calendar-transp/><x xmlns=""/>')
    assert answer.xml.find(f".//{C}schedule-calendar-transp/{C}transparent") is not None
    assert answer.xml.find(".//x/y").attrib == {"k": "v"}
    assert patch(anna, removing("<C:schedule-calendar-transp/><D:nothing/>")).status == 207
    assert 404 in statuses(anna.propfind(HOME, "<C:schedule-calendar-transp/>"))


def test_one_refused_property_refuses_all(anna):
    """403 for the one, 424 for the rest, nothing done (RFC 4918 section 9.2)."""
    before = anna.propfind(HOME, "<CS:getctag/>").body
    answer = patch(
        anna,
        setting("<D:displayname>New</D:displayname><D:getetag>x</D:getetag>") + removing("<I:x/>"),
    )
    assert statuses(answer) == {424: ["displayname", "x"], 403: ["getetag"]}
    assert anna.propfind(HOME, "<CS:getctag/>").body == before
    assert anna.propfind(HOME, "<D:displayname/>").text_of(f"{D}displayname") == "Activities"


def test_instructions_count_in_their_order(anna):
    """The last one decides; a name taken away leaves the stock one."""
    name = "<D:displayname>Mine</D:displayname>"
    patch(anna, removing("<D:displayname/>") + setting(name))
    assert anna.propfind(HOME, "<D:displayname/>").text_of(f"{D}displayname") == "Mine"
    patch(anna, setting(name) + removing("<D:displayname/>"))
    assert anna.propfind(HOME, "<D:displayname/>").text_of(f"{D}displayname") == "Activities"


def test_if_match_guards_properties(anna):
    """The calendar's own tag is meant."""
    etag = anna.propfind(HOME, "<D:getetag/>").text_of(f"{D}getetag")
    colour = setting("<I:calendar-color>#123456</I:calendar-color>")
    assert patch(anna, colour, If_Match='"other"').status == 412
    assert patch(anna, colour, If_Match=etag).status == 207
    assert patch(anna, colour, If_Match=etag).status == 412


@one_database
def test_only_calendars_take_properties(anna, event):
    """Refused with the reason elsewhere."""
    anna.put(ONE, event())
    body = f"<D:propertyupdate {SPACES}>{setting('<I:x>1</I:x>')}</D:propertyupdate>"
    for path in ("/", "/anna/", ONE):
        assert anna.request("PROPPATCH", path, body).status == 403
    assert anna.request("PROPPATCH", HOME, "").status == 400
    assert anna.request("PROPPATCH", HOME, f"<D:propertyupdate {SPACES}/>").status == 400
    assert anna.request("PROPPATCH", HOME, f"<D:propfind {SPACES}/>").status == 400


@one_database
def test_too_many_properties_are_refused(anna):
    """507 for each of them, and none is kept."""
    many = "".join(f"<I:p{number}>x</I:p{number}>" for number in range(101))
    found = statuses(patch(anna, setting(many)))
    assert list(found) == [507]
    assert 404 in statuses(anna.propfind(HOME, "<I:p1/>"))
