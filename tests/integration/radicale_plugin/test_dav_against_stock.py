"""Our answers beside those of stock Radicale's handlers over the same storage.

What both know must be the same; where ours knows better, the table of differences says so.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from radicale.app import Application

from radicale_plugin.auth import Auth, Keys
from radicale_plugin.configuration import configuration_for
from radicale_plugin.limits import DavLimits
from radicale_plugin.peer import LOOPBACK, Addresses
from radicale_plugin.rights import Rights
from radicale_plugin.storage import Storage

HOME = "/anna/activities/"
SPACES = (
    'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" '
    'xmlns:CS="http://calendarserver.org/ns/" xmlns:I="http://apple.com/ns/ical/"'
)
D = "{DAV:}"
LIMITS = DavLimits(max_object_bytes=200_000)
WEEK = '<C:time-range start="20260301T000000Z" end="20260308T000000Z"/>'

# Properties whose value is ours on purpose: rights told more exactly, reports that are answered,
# mail addresses; and the size of a calendar, which would take reading all of it.
OURS = {
    f"{D}current-user-privilege-set",
    f"{D}supported-report-set",
    f"{D}getcontentlength",
    "{urn:ietf:params:xml:ns:caldav}calendar-user-address-set",
    "{urn:ietf:params:xml:ns:caldav}max-resource-size",
}
PROPERTIES = (
    "<D:resourcetype/><D:displayname/><D:getetag/><D:getlastmodified/><D:getcontenttype/>"
    "<D:owner/><D:principal-URL/><D:principal-collection-set/><D:current-user-principal/>"
    "<D:sync-token/><CS:getctag/><C:calendar-home-set/><C:supported-calendar-component-set/>"
    "<I:calendar-color/><C:calendar-description/><D:quota-used-bytes/><D:nothing/>"
)

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@pytest.fixture
def stock(crm):
    """A client of Radicale's own application, with our storage, rights and sign-in."""
    keys = Keys(app_passwords=b"s" * 32, worker=b"w" * 32)
    trusted = Addresses(LOOPBACK)
    application = Application(
        configuration_for(
            auth=lambda given: Auth(given, database=crm.database, keys=keys, trusted=trusted),
            storage=lambda given: Storage(given, database=crm.database, limits=LIMITS),
            rights=Rights,
            limits=LIMITS,
        )
    )

    def mounted(environ, start_response):
        environ["PATH_INFO"] = environ["PATH_INFO"].removeprefix("/dav")
        environ["SCRIPT_NAME"] = "/dav"
        return application(environ, start_response)

    client = crm.client("anna")
    client.application = mounted
    return client


@pytest.fixture
def filled(anna, event, todo):
    """Some objects, one of a strange name, and a colour."""
    anna.put(HOME + "a.ics", event("a", "Coffee & cake", "20260302T090000Z"))
    anna.put(HOME + "b c@ž.ics", event("b", "x", "20260304T090000Z"))
    anna.put(HOME + "w.ics", event("w", "x", "20260216T090000Z", "RRULE:FREQ=WEEKLY"))
    anna.put(HOME + "late.ics", event("late", "x", "20260402T090000Z"))
    anna.put("/anna/tasks/t.ics", todo("t"))
    colour = "<D:set><D:prop><I:calendar-color>#abcdef</I:calendar-color></D:prop></D:set>"
    body = f"<D:propertyupdate {SPACES}>{colour}</D:propertyupdate>"
    assert anna.request("PROPPATCH", HOME, body).status == 207
    return anna


def canonical(node):
    """Return a value in a form that does not mind order and line ends."""
    children = sorted(canonical(child) for child in node)
    text = (node.text or "").replace("\r\n", "\n").strip()
    return ET.QName(node.tag).text, sorted(node.attrib.items()), text, children


def answers(answer):
    """Return by href what is told of each property: status and value."""
    found = {}
    for response in answer.xml.findall(f"{D}response"):
        told = found.setdefault(response.findtext(f"{D}href"), {})
        for propstat in response.findall(f"{D}propstat"):
            status = propstat.findtext(f"{D}status").split()[1]
            for prop in propstat.find(f"{D}prop"):
                if prop.tag not in OURS:
                    value = canonical(prop) if status == "200" else None
                    told[prop.tag] = (status, value)
        if response.findtext(f"{D}status"):
            told["status"] = response.findtext(f"{D}status").split()[1]
    return found


@pytest.mark.parametrize("depth", ["0", "1"])
@pytest.mark.parametrize("path", ["/", "/anna/", HOME, "/anna/tasks/", HOME + "a.ics"])
def test_properties_are_those_of_stock(filled, stock, path, depth):
    """Each value, and what is absent."""
    ours = filled.propfind(path, PROPERTIES, depth)
    theirs = stock.propfind(path, PROPERTIES, depth)
    assert (ours.status, theirs.status) == (207, 207)
    told, expected = answers(ours), answers(theirs)
    if (path, depth) == ("/", "1"):
        # Radicale makes them of the path that was asked, whatever principal is told of.
        for name in (f"{D}principal-URL", "{urn:ietf:params:xml:ns:caldav}calendar-home-set"):
            status, _ = expected["/dav/anna/"].pop(name)
            assert told["/dav/anna/"].pop(name)[0] == status
    assert told == expected


REPORTS = {
    "multiget": (
        "<C:calendar-multiget {s}><D:prop><D:getetag/><D:getcontenttype/><C:calendar-data/>"
        "<D:nothing/></D:prop><D:href>/dav/anna/activities/a.ics</D:href>"
        "<D:href>/dav/anna/activities/b%20c%40%C5%BE.ics</D:href>"
        "<D:href>/dav/anna/activities/none.ics</D:href></C:calendar-multiget>"
    ),
    "week": (
        "<C:calendar-query {s}><D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter>"
        f'<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">{WEEK}</C:comp-filter>'
        "</C:comp-filter></C:filter></C:calendar-query>"
    ),
    "all": (
        "<C:calendar-query {s}><D:prop><D:getetag/></D:prop><C:filter>"
        '<C:comp-filter name="VCALENDAR"/></C:filter></C:calendar-query>'
    ),
    "sync": (
        "<D:sync-collection {s}><D:sync-token/><D:sync-level>1</D:sync-level>"
        "<D:prop><D:getetag/></D:prop></D:sync-collection>"
    ),
}


@pytest.mark.parametrize("name", REPORTS)
def test_reports_are_those_of_stock(filled, stock, name):
    """The same objects, tags and data."""
    body = REPORTS[name].replace("{s}", SPACES)
    ours, theirs = filled.request("REPORT", HOME, body), stock.request("REPORT", HOME, body)
    assert (ours.status, theirs.status) == (207, 207)
    assert answers(ours) == answers(theirs)
    assert ours.text_of(f"{D}sync-token") == theirs.text_of(f"{D}sync-token")


def test_objects_are_those_of_stock(filled, stock):
    """Bytes and validators of GET."""
    ours, theirs = filled.get(HOME + "a.ics"), stock.get(HOME + "a.ics")
    assert ours.body == theirs.body
    for header in ("ETag", "Last-Modified"):
        assert ours.headers[header] == theirs.headers[header]
