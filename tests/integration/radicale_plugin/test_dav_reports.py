"""REPORT: parts of a sync, parts of objects, reports on principals."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, update

from bridge.store.schema.dav import CalendarObject

HOME = "/anna/activities/"
SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
D, C = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
DAY = '<C:time-range start="20260302T000000Z" end="20260303T000000Z"/>'

# What never reaches the store is the same on both databases.
one_database = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def sync(client, token="", *, props="<D:getetag/>", limit=None, level="1"):
    """Ask what changed, all ways a client may."""
    limited = "" if limit is None else f"<D:limit><D:nresults>{limit}</D:nresults></D:limit>"
    body = (
        f"<D:sync-collection {SPACES}><D:sync-token>{token}</D:sync-token>"
        f"<D:sync-level>{level}</D:sync-level>{limited}<D:prop>{props}</D:prop>"
        "</D:sync-collection>"
    )
    return client.request("REPORT", HOME, body)


def names(answer, status=None):
    """Return the last segments of the hrefs told, without the calendar's own."""
    return [href.rpartition("/")[2] for href in answer.hrefs(status) if not href.endswith("/")]


def walk(client, token="", limit=2):
    """Follow a sync in parts; return the names by part, what is gone, and the last token."""
    parts, gone = [], []
    while True:
        answer = sync(client, token, limit=limit)
        assert answer.status == 207
        parts.append(names(answer, 200))
        gone += names(answer, 404)
        token = answer.text_of(f"{D}sync-token")
        if not answer.hrefs(507):
            return parts, gone, token
        assert answer.hrefs(507) == [f"/dav{HOME}"]
        assert answer.xml.find(f".//{D}number-of-matches-within-limits") is not None
        assert len(parts) < 50


def fill(client, event, numbers):
    """Put events of these numbers."""
    for number in numbers:
        assert client.put(f"{HOME}{number}.ics", event(str(number))).status in (201, 204)


def test_a_sync_in_parts_tells_everything_once(anna, event):
    """A first listing, and a delta, each ending where an undivided one would."""
    fill(anna, event, range(5))
    parts, gone, token = walk(anna)
    assert parts == [["0.ics", "1.ics"], ["2.ics", "3.ics"], ["4.ics"]]
    assert gone == []
    assert token == sync(anna).text_of(f"{D}sync-token")
    fill(anna, event, [1, 7, 8])
    anna.request("DELETE", HOME + "3.ics")
    parts, gone, last = walk(anna, token, limit=3)
    assert parts == [["1.ics", "7.ics", "8.ics"], []]
    assert gone == ["3.ics"]
    assert last == sync(anna).text_of(f"{D}sync-token")


@one_database
def test_a_limit_of_any_length_is_read(anna, event):
    """Numbers of thousands of digits are numbers too."""
    fill(anna, event, range(2))
    assert names(sync(anna, limit="9" * 5_000), 200) == ["0.ics", "1.ics"]
    assert sync(anna, limit="0" * 5_000).status == 400


def test_what_happens_between_the_parts_is_told(anna, event):
    """Changed, deleted and new ones, whether they were told before or not."""
    fill(anna, event, range(4))
    first = sync(anna, limit=2)
    assert names(first, 200) == ["0.ics", "1.ics"]
    anna.request("DELETE", HOME + "0.ics")
    anna.put(HOME + "1.ics", event("1", "changed"))
    anna.request("DELETE", HOME + "2.ics")
    fill(anna, event, [9])
    parts, gone, _ = walk(anna, first.text_of(f"{D}sync-token"), limit=2)
    assert sorted(name for part in parts for name in part) == ["1.ics", "3.ics", "9.ics"]
    assert {"0.ics"} <= set(gone) <= {"0.ics", "2.ics"}


def test_a_limit_divides_what_changed_at_once(crm, anna, event, database_url):
    """Objects of one revision are told apart by name."""
    fill(anna, event, range(5))
    with crm.database.read() as work:
        calendar = work.calendars.calendar(crm.users["anna"].id, "activities")
    engine = create_engine(database_url)
    with engine.begin() as connection:
        mine = update(CalendarObject).where(CalendarObject.calendar_id == calendar.id)
        connection.execute(mine.values(revision=calendar.revision))
    engine.dispose()
    parts, _, token = walk(anna)
    assert parts == [["0.ics", "1.ics"], ["2.ics", "3.ics"], ["4.ics"]]
    assert sync(anna, token).hrefs() == []


def test_without_properties_each_change_is_still_told(anna, event):
    """An empty prop is no reason to be silent."""
    fill(anna, event, range(3))
    answer = sync(anna, props="")
    assert names(answer, 200) == ["0.ics", "1.ics", "2.ics"]


def test_a_name_used_again_is_told_as_there(anna, event):
    """Deleted and made again between two syncs."""
    fill(anna, event, [1])
    token = sync(anna).text_of(f"{D}sync-token")
    anna.request("DELETE", HOME + "1.ics")
    fill(anna, event, [1])
    answer = sync(anna, token, props="<D:getetag/><C:calendar-data/>")
    assert (names(answer, 200), names(answer, 404)) == (["1.ics"], [])
    assert answer.text_of(f"{C}calendar-data") == event("1")


@one_database
@pytest.mark.parametrize(
    ("options", "status", "condition"),
    [
        ({"level": "infinite"}, 403, "sync-traversal-supported"),
        ({"level": "2"}, 400, None),
        ({"limit": "0"}, 400, None),
        ({"limit": "x"}, 400, None),
    ],
)
def test_odd_syncs_are_refused(anna, options, status, condition):
    """With the precondition of RFC 6578 section 3.2 where there is one."""
    answer = sync(anna, **options)
    assert answer.status == status
    assert condition is None or answer.condition == condition


def test_data_is_told_byte_for_byte(anna, event):
    """Line ends, entities and all, in every report that tells data."""
    text = event("1", "Tom & Jerry <i>ž</i> ]]> 🎉")
    anna.put(HOME + "1.ics", text)
    answers = [
        anna.multiget(HOME, f"/dav{HOME}1.ics"),
        anna.query(HOME, '<C:comp-filter name="VEVENT"/>'),
        sync(anna, props="<C:calendar-data/>"),
    ]
    assert [answer.text_of(f"{C}calendar-data") for answer in answers] == [text] * 3


@one_database
def test_parts_of_objects_can_be_asked(anna, event):
    """RFC 4791 section 9.6: the named lines only."""
    fill(anna, event, [1])
    data = (
        '<C:calendar-data><C:comp name="VCALENDAR"><C:comp name="VEVENT"><C:prop name="UID"/>'
        '<C:prop name="DTSTART"/></C:comp></C:comp></C:calendar-data>'
    )
    answer = anna.query(HOME, f'<C:comp-filter name="VEVENT">{DAY}</C:comp-filter>', data)
    text = answer.text_of(f"{C}calendar-data")
    assert "UID:1\r\nDTSTART" in text
    assert "SUMMARY" not in text


@one_database
def test_an_object_answers_for_itself(anna, event):
    """Multiget and query may be sent to one object (RFC 4791 section 7)."""
    fill(anna, event, [1, 2])
    answer = anna.multiget(HOME + "1.ics", f"/dav{HOME}1.ics", f"/dav{HOME}2.ics")
    assert (names(answer, 200), names(answer, 404)) == (["1.ics"], ["2.ics"])
    found = anna.query(HOME + "1.ics", '<C:comp-filter name="VEVENT"/>')
    assert names(found) == ["1.ics"]
    assert names(anna.query(HOME + "1.ics", '<C:comp-filter name="VTODO"/>')) == []


@one_database
def test_a_query_without_data_loads_no_texts(anna, event):
    """By component only; the same objects either way."""
    fill(anna, event, [1, 2])
    found = anna.query(HOME, '<C:comp-filter name="VEVENT"/>', "<D:getcontentlength/>")
    assert names(found) == ["1.ics", "2.ics"]
    assert found.text_of(f"{D}getcontentlength") == str(len(event("1").encode()))
    assert names(anna.query(HOME, '<C:comp-filter name="VTODO"/>', "")) == []


@one_database
@pytest.mark.parametrize("path", ["/", "/anna/"])
@pytest.mark.parametrize(
    "report",
    ["C:calendar-query", "C:calendar-multiget", "D:sync-collection", "C:free-busy-query", "D:acl"],
)
def test_reports_that_are_not_told_are_refused(anna, path, report):
    """403 with DAV:supported-report; what is told in supported-report-set is answered."""
    inner = DAY if report == "C:free-busy-query" else "<D:prop/>"
    answer = anna.request("REPORT", path, f"<{report} {SPACES}>{inner}</{report}>")
    assert (answer.status, answer.condition) == (403, "supported-report")
    told = anna.propfind(path, "<D:supported-report-set/>")
    assert report.partition(":")[2] not in [e.tag.partition("}")[2] for e in told.xml.iter()]


@one_database
@pytest.mark.parametrize(
    ("prop", "match", "found"),
    [
        ("<D:displayname/>", "ANN", True),
        ("<D:displayname/>", "bob", False),
        ("<C:calendar-user-address-set/>", "anna@example.com", True),
        ("<D:nothing/>", "anna", False),
    ],
)
def test_a_search_for_principals_finds_oneself_only(anna, prop, match, found):
    """There is no directory of users."""
    body = (
        f"<D:principal-property-search {SPACES}><D:property-search><D:prop>{prop}</D:prop>"
        f"<D:match>{match}</D:match></D:property-search><D:prop><D:displayname/></D:prop>"
        "</D:principal-property-search>"
    )
    answer = anna.request("REPORT", "/", body)
    assert answer.hrefs() == (["/dav/anna/"] if found else [])
    asked = f"<D:principal-search-property-set {SPACES}/>"
    told = anna.request("REPORT", "/", asked)
    assert told.status == 200
    assert told.xml.tag == f"{D}principal-search-property-set"


@one_database
def test_hrefs_of_properties_can_be_expanded(anna):
    """RFC 3253 section 3.8, as Apple's clients ask it."""
    body = (
        f'<D:expand-property {SPACES}><D:property name="current-user-principal">'
        '<D:property name="displayname"/><D:property name="calendar-home-set" '
        'namespace="urn:ietf:params:xml:ns:caldav"/></D:property><D:property name="resourcetype"/>'
        '<D:property name="nothing"/></D:expand-property>'
    )
    answer = anna.request("REPORT", HOME, body)
    inner = answer.xml.find(f".//{D}current-user-principal/{D}response")
    assert inner.findtext(f"{D}href") == "/dav/anna/"
    assert inner.findtext(f".//{D}displayname") == "Anna"
    assert inner.find(f".//{C}calendar-home-set/{D}href").text == "/dav/anna/"
    assert answer.xml.find(f".//{C}calendar") is not None
