"""PROPFIND, sync-collection, calendar-query, multiget, free-busy."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

SPACES = 'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"'
HOME = "/anna/activities/"
DAY = '<C:time-range start="20260302T000000Z" end="20260303T000000Z"/>'

# What never reaches the store is the same on both databases.
one_database = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def token_of(answer):
    """Return the sync token a REPORT or PROPFIND told."""
    return answer.text_of("{DAV:}sync-token")


def test_discovery_leads_from_the_root_to_both_calendars(anna):
    """Root, principal, home, calendars: each names the next under the prefix."""
    root = anna.propfind("/", "<D:current-user-principal/>")
    assert root.status == 207
    assert "/dav/anna/" in [element.text for element in root.xml.iter("{DAV:}href")]
    principal = anna.propfind("/anna/", "<C:calendar-home-set/><D:displayname/>")
    assert principal.text_of("{DAV:}displayname") == "Anna"
    home = principal.xml.find(".//{urn:ietf:params:xml:ns:caldav}calendar-home-set/{DAV:}href")
    assert home is not None
    assert home.text == "/dav/anna/"
    listed = anna.propfind("/anna/", "<D:resourcetype/>", depth="1")
    assert listed.hrefs() == ["/dav/anna/", "/dav/anna/activities/", "/dav/anna/tasks/"]


@pytest.mark.parametrize(("path", "component"), [(HOME, "VEVENT"), ("/anna/tasks/", "VTODO")])
def test_calendar_properties(anna, path, component):
    """What clients ask before they show a calendar."""
    answer = anna.propfind(
        path,
        "<D:displayname/><D:resourcetype/><C:supported-calendar-component-set/><CS:getctag/>"
        "<D:sync-token/><D:getetag/><C:max-resource-size/><D:current-user-privilege-set/>"
        '<X:default-activity-type xmlns:X="urn:x-crmdav:dav"/>',
    )
    assert not answer.xml.findall(".//{DAV:}propstat[2]"), "nothing is missing"
    names = [
        element.get("name") for element in answer.xml.iter("{urn:ietf:params:xml:ns:caldav}comp")
    ]
    assert names == [component]
    assert answer.text_of("{urn:x-crmdav:dav}default-activity-type") in ("meeting", "task")
    assert answer.xml.find(".//{urn:ietf:params:xml:ns:caldav}calendar") is not None
    assert answer.text_of("{urn:ietf:params:xml:ns:caldav}max-resource-size") == "200000"


@one_database
@pytest.mark.parametrize("path", ["/", "/anna/", HOME, HOME + "one.ics"])
@pytest.mark.parametrize(
    "body",
    [
        "",
        '<D:propfind xmlns:D="DAV:"><D:allprop/></D:propfind>',
        '<D:propfind xmlns:D="DAV:"><D:propname/></D:propfind>',
        '<D:propfind xmlns:D="DAV:"/>',
    ],
)
def test_all_properties_can_be_asked(anna, event, path, body):
    """allprop, propname and an empty body are answered everywhere."""
    anna.put(HOME + "one.ics", event())
    assert anna.request("PROPFIND", path, body, {"Depth": "1"}).status == 207


def test_properties_set_by_clients_are_kept(anna):
    """Colour, order, name, description; the ctag moves with them."""
    before = anna.propfind(HOME, "<CS:getctag/>").body
    patch = (
        '<D:propertyupdate xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" '
        'xmlns:I="http://apple.com/ns/ical/"><D:set><D:prop><I:calendar-color>#ff0000</I:calendar-color>'
        "<D:displayname>&lt;script&gt; Práce</D:displayname></D:prop></D:set></D:propertyupdate>"
    )
    assert anna.request("PROPPATCH", HOME, patch).status == 207
    answer = anna.propfind(HOME, "<I:calendar-color/><D:displayname/>")
    assert answer.text_of("{http://apple.com/ns/ical/}calendar-color") == "#ff0000"
    assert answer.text_of("{DAV:}displayname") == "<script> Práce"
    assert anna.propfind(HOME, "<CS:getctag/>").body != before


@one_database
@pytest.mark.parametrize(
    "change",
    [
        "<D:set><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop></D:set>",
        "<D:remove><D:prop><D:resourcetype/></D:prop></D:remove>",
        "<D:set><D:prop><D:getetag>x</D:getetag></D:prop></D:set>",
        '<D:set><D:prop><C:supported-calendar-component-set><C:comp name="VTODO"/>'
        "</C:supported-calendar-component-set></D:prop></D:set>",
    ],
)
def test_proppatch_cannot_break_a_calendar(anna, event, change):
    """Stock Radicale can lose the type of a collection this way."""
    patch = f"<D:propertyupdate {SPACES}>{change}</D:propertyupdate>"
    answer = anna.request("PROPPATCH", HOME, patch)
    assert answer.status == 207
    assert b"HTTP/1.1 403" in answer.body
    assert answer.xml.find(".//{DAV:}cannot-modify-protected-property") is not None
    kind = anna.propfind(HOME, "<D:resourcetype/>")
    assert kind.xml.find(".//{urn:ietf:params:xml:ns:caldav}calendar") is not None
    assert anna.put(HOME + "one.ics", event()).status == 201


def test_too_much_property_is_refused(anna):
    """A calendar is no file store (X17)."""
    big = "x" * 20_000
    change = f"<D:set><D:prop><D:displayname>{big}</D:displayname></D:prop></D:set>"
    patch = f"<D:propertyupdate {SPACES}>{change}</D:propertyupdate>"
    answer = anna.request("PROPPATCH", HOME, patch)
    assert answer.text_of("{DAV:}status") == "HTTP/1.1 507 Insufficient Storage"
    assert anna.propfind(HOME, "<D:displayname/>").text_of("{DAV:}displayname") == "Activities"


def test_sync_life_cycle(anna, event):
    """Create, change, delete and create again: each delta says exactly that."""
    empty = anna.sync(HOME)
    assert empty.hrefs() == []
    anna.put(HOME + "a.ics", event("a"))
    anna.put(HOME + "b.ics", event("b"))
    both = anna.sync(HOME, token_of(empty))
    assert both.hrefs() == ["/dav/anna/activities/a.ics", "/dav/anna/activities/b.ics"]
    anna.put(HOME + "a.ics", event("a", "Tea"))
    anna.request("DELETE", HOME + "b.ics")
    delta = anna.sync(HOME, token_of(both))
    assert delta.hrefs(200) == ["/dav/anna/activities/a.ics"]
    assert delta.hrefs(404) == ["/dav/anna/activities/b.ics"]
    anna.put(HOME + "b.ics", event("b"))
    again = anna.sync(HOME, token_of(delta))
    assert (again.hrefs(200), again.hrefs(404)) == (["/dav/anna/activities/b.ics"], [])
    assert anna.sync(HOME, token_of(again)).hrefs() == []
    assert len(anna.sync(HOME).hrefs(200)) == 2


def test_what_came_and_went_since_the_empty_calendar_is_told(anna, event):
    """Who made the object holds a token of before it, and must hear that it went."""
    empty = anna.sync("/anna/activities/").text_of("{DAV:}sync-token")
    anna.put("/anna/activities/one.ics", event())
    anna.request("DELETE", "/anna/activities/one.ics")
    since = anna.sync("/anna/activities/", empty)
    assert since.hrefs(404) == ["/dav/anna/activities/one.ics"]
    assert anna.sync("/anna/activities/").hrefs() == []


def test_sync_token_is_a_uri_and_the_same_everywhere(anna, event):
    """PROPFIND and REPORT tell one token (RFC 6578 section 6.2)."""
    anna.put(HOME + "a.ics", event())
    token = token_of(anna.propfind(HOME, "<D:sync-token/>"))
    assert token.startswith("urn:")
    assert token == token_of(anna.sync(HOME))


def test_a_change_in_one_calendar_does_not_stir_the_other(anna, event):
    """Tokens and ctags are per collection."""
    before = anna.propfind("/anna/tasks/", "<CS:getctag/><D:sync-token/>").body
    anna.put(HOME + "a.ics", event())
    assert anna.propfind("/anna/tasks/", "<CS:getctag/><D:sync-token/>").body == before


@one_database
@pytest.mark.parametrize(
    "forge",
    [
        lambda token: token + "9",
        lambda token: token + "99999999999999999999",
        lambda token: token[:-2],
        lambda token: token.replace("/", "x/"),
        lambda token: "http://radicale.org/ns/sync/abc",
        lambda token: "urn:x-crmdav:sync:",
        lambda token: token.rpartition("/")[0] + "/-1",
    ],
)
def test_forged_tokens_are_refused(anna, event, forge):
    """403 with the precondition, at once (X14)."""
    anna.put(HOME + "a.ics", event())
    answer = anna.sync(HOME, forge(token_of(anna.sync(HOME))))
    assert (answer.status, answer.condition) == (403, "valid-sync-token")


def test_tokens_of_an_earlier_epoch_are_refused(crm, anna, event):
    """After a restore every client lists anew."""
    anna.put(HOME + "a.ics", event())
    token = token_of(anna.sync(HOME))
    with crm.database.write() as work:
        work.installation.new_epoch()
    assert anna.sync(HOME, token).condition == "valid-sync-token"
    assert anna.sync(HOME).hrefs(200) == ["/dav/anna/activities/a.ics"]


def test_multiget_tells_own_objects_and_hides_the_rest(crm, event):
    """Foreign, absent and absurd paths are all the same 404 (X07)."""
    anna, bob = crm.client("anna"), crm.client("bob")
    anna.put(HOME + "a.ics", event("a"))
    bob.put("/bob/activities/b.ics", event("b", "Secret"))
    foreign = [
        "/dav/bob/activities/b.ics",
        "/dav/bob/activities/nothing.ics",
        "/dav/nobody/x/y.ics",
    ]
    answer = anna.multiget(
        HOME, "/dav/anna/activities/a.ics", "/dav/anna/activities/no.ics", *foreign
    )
    assert answer.hrefs(200) == ["/dav/anna/activities/a.ics"]
    assert sorted(answer.hrefs(404)) == sorted(["/dav/anna/activities/no.ics", *foreign])
    assert b"Secret" not in answer.body
    data = answer.text_of("{urn:ietf:params:xml:ns:caldav}calendar-data")
    assert data.replace("\r\n", "\n") == event("a").replace("\r\n", "\n")


def test_time_range_finds_what_overlaps(anna, event):
    """Half-open at both ends."""
    anna.put(HOME + "before.ics", event("before", "x", "20260301T230000Z"))
    anna.put(HOME + "first.ics", event("first", "x", "20260302T000000Z"))
    anna.put(HOME + "last.ics", event("last", "x", "20260302T220000Z"))
    anna.put(HOME + "after.ics", event("after", "x", "20260303T000000Z"))
    found = anna.query(HOME, f'<C:comp-filter name="VEVENT">{DAY}</C:comp-filter>')
    assert found.hrefs() == ["/dav/anna/activities/first.ics", "/dav/anna/activities/last.ics"]


def test_time_range_follows_a_series_and_its_exceptions(anna, event):
    """An instance that was taken out, or moved away, does not match."""
    anna.put(HOME + "w.ics", event("w", "x", "20260216T090000Z", "RRULE:FREQ=WEEKLY"))
    gone = ("RRULE:FREQ=WEEKLY", "EXDATE:20260302T090000Z")
    anna.put(HOME + "x.ics", event("x", "x", "20260216T090000Z", *gone))
    anna.put(HOME + "t.ics", event("t", "x", "20260217T090000Z", "RRULE:FREQ=WEEKLY"))
    found = anna.query(HOME, f'<C:comp-filter name="VEVENT">{DAY}</C:comp-filter>')
    assert found.hrefs() == ["/dav/anna/activities/w.ics"]


def test_queries_on_properties(anna, event):
    """Text, absence and parameters, without regard to case unless asked."""
    anna.put(
        HOME + "a.ics",
        event("a", "Coffee with Eva", "20260302T090000Z", "LOCATION;LANGUAGE=cs:Brno"),
    )
    anna.put(HOME + "b.ics", event("b", "Lunch"))

    def found(inner):
        answer = anna.query(HOME, f'<C:comp-filter name="VEVENT">{inner}</C:comp-filter>')
        return [href[-5] for href in answer.hrefs()]

    def prop(name, inner):
        return f'<C:prop-filter name="{name}">{inner}</C:prop-filter>'

    language = '<C:param-filter name="LANGUAGE"><C:text-match>cs</C:text-match></C:param-filter>'
    exact = '<C:text-match collation="i;octet">coffee</C:text-match>'
    negated = '<C:text-match negate-condition="yes">coffee</C:text-match>'
    assert found(prop("SUMMARY", "<C:text-match>coffee</C:text-match>")) == ["a"]
    assert found(prop("SUMMARY", exact)) == []
    assert found(prop("SUMMARY", negated)) == ["b"]
    assert found(prop("LOCATION", "<C:is-not-defined/>")) == ["b"]
    assert found(prop("LOCATION", language)) == ["a"]
    assert found(DAY + prop("UID", "<C:text-match>b</C:text-match>")) == ["b"]
    assert found(prop("DTSTART", DAY)) == ["a", "b"]
    assert found('<C:comp-filter name="VALARM"/>') == []
    assert len(found("")) == 2


def test_query_for_another_component_is_empty(anna, event):
    """And one for its absence is not."""
    anna.put(HOME + "a.ics", event())
    assert anna.query(HOME, '<C:comp-filter name="VTODO"/>').hrefs() == []
    absent = '<C:comp-filter name="VTODO"><C:is-not-defined/></C:comp-filter>'
    assert len(anna.query(HOME, absent).hrefs()) == 1


def test_undated_todos_match_any_time(anna, todo):
    """RFC 4791 section 9.9; completed ones can be left out."""
    anna.put("/anna/tasks/a.ics", todo("a"))
    anna.put("/anna/tasks/b.ics", todo("b", "STATUS:COMPLETED", "COMPLETED:20260301T100000Z"))
    found = anna.query("/anna/tasks/", f'<C:comp-filter name="VTODO">{DAY}</C:comp-filter>')
    assert "/dav/anna/tasks/a.ics" in found.hrefs()
    absent = '<C:prop-filter name="COMPLETED"><C:is-not-defined/></C:prop-filter>'
    open_ones = f'<C:comp-filter name="VTODO">{absent}</C:comp-filter>'
    assert anna.query("/anna/tasks/", open_ones).hrefs() == ["/dav/anna/tasks/a.ics"]


def comp(name, *inner):
    """Return a filter for a component."""
    return f'<C:comp-filter name="{name}">{"".join(inner)}</C:comp-filter>'


def summary(*inner):
    """Return a filter for the subject."""
    return f'<C:prop-filter name="SUMMARY">{"".join(inner)}</C:prop-filter>'


ABSENT = "<C:is-not-defined/>"


@one_database
@pytest.mark.parametrize(
    "filters",
    [
        comp("VEVENT", "<C:time-range/>"),
        comp("VEVENT", '<C:time-range start="x"/>'),
        comp("VEVENT", '<C:time-range start="20260302T000000Z" end="20260301T000000Z"/>'),
        comp("VEVENT", DAY, DAY),
        comp("VEVENT", "<C:nonsense/>"),
        comp("VEVENT", ABSENT, DAY),
        comp("VEVENT", summary(DAY)),
        comp("VEVENT", summary("<C:nonsense/>")),
        comp("VEVENT", summary(ABSENT, "<C:text-match>x</C:text-match>")),
        comp("VEVENT", summary('<C:text-match negate-condition="x">x</C:text-match>')),
        comp("VEVENT", summary("<C:param-filter/>")),
        comp("VEVENT", "<C:prop-filter/>"),
        comp("VTODO", comp("VEVENT")),
        comp("VALARM"),
        comp("VCALENDAR"),
        "<C:comp-filter/>",
        summary() + "</C:comp-filter><C:comp-filter name='VCALENDAR'>",
    ],
)
def test_malformed_filters_are_refused(anna, event, filters):
    """RFC 4791 section 7.8: the precondition with the reason, never a failure."""
    anna.put(HOME + "a.ics", event())
    answer = anna.query(HOME, filters)
    assert (answer.status, answer.condition) == (403, "valid-filter")
    assert " " in answer.xml[-1].text


@one_database
@pytest.mark.parametrize(
    "filters",
    [
        comp("VEVENT", DAY) + comp("VEVENT", DAY),
        comp("VEVENT", DAY) + comp("VTODO", DAY),
        DAY + comp("VEVENT", DAY),
        comp("VTIMEZONE", DAY),
    ],
)
def test_ranges_that_are_not_looked_at_are_refused(anna, event, filters):
    """A client that asked for less must not take more for the answer."""
    anna.put(HOME + "a.ics", event())
    answer = anna.query(HOME, filters)
    assert (answer.status, answer.condition) == (403, "supported-filter")


@one_database
def test_a_range_counts_beside_whatever_else_is_asked(anna, event):
    """All that a filter holds must be met, in any order."""
    anna.put(HOME + "a.ics", event("a", "Coffee", "20260302T090000Z"))
    anna.put(HOME + "b.ics", event("b", "Coffee", "20260501T090000Z"))

    def found(filters):
        return [href.rpartition("/")[2] for href in anna.query(HOME, filters).hrefs()]

    product = '<C:prop-filter name="PRODID"/>'
    assert found(product + comp("VEVENT", DAY)) == ["a.ics"]
    assert found(comp("VTODO", ABSENT) + comp("VEVENT", DAY)) == ["a.ics"]
    assert found(comp("VTODO", ABSENT) + DAY) == ["a.ics"]
    assert found(DAY + comp("VEVENT")) == ["a.ics"]
    assert found(comp("VTODO") + comp("VEVENT", DAY)) == []
    assert found(comp("VFREEBUSY", DAY)) == []


@one_database
def test_texts_are_compared_by_collations_that_are_told(anna, event):
    """RFC 4791 section 7.5; another one is refused with its precondition."""
    anna.put(HOME + "a.ics", event("a", "KÁVA"))

    def asked(text, collation):
        match = f'<C:text-match collation="{collation}">{text}</C:text-match>'
        return anna.query(HOME, comp("VEVENT", summary(match)))

    told = anna.propfind(HOME, "<C:supported-collation-set/>").xml
    names = [each.text for each in told.iter("{urn:ietf:params:xml:ns:caldav}supported-collation")]
    assert sorted(names) == ["i;ascii-casemap", "i;octet", "i;unicode-casemap"]
    for name in names:
        assert len(asked("KÁVA", name).hrefs()) == 1
        assert len(asked("KáVa", name).hrefs()) == (name != "i;octet")
    assert len(asked("kÁva", "default").hrefs()) == 1
    assert len(asked("ka\u0301va", "i;unicode-casemap").hrefs()) == 1
    refused = asked("KÁVA", "i;nonsense")
    assert (refused.status, refused.condition) == (403, "supported-collation")


@one_database
@pytest.mark.parametrize("window", ["", 'start="20260302T000000Z"', 'start="x" end="y"'])
def test_malformed_windows_are_refused(anna, event, window):
    """RFC 4791 names no precondition for them; 400 with a sentence."""
    anna.put(HOME + "a.ics", event())
    for name in ("expand", "limit-recurrence-set"):
        data = f"<C:calendar-data><C:{name} {window}/></C:calendar-data>"
        answer = anna.query(HOME, comp("VEVENT"), data)
        assert (answer.status, b" " in answer.body) == (400, True)
    if "end" in window or not window:
        body = (
            '<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">'
            f"<C:time-range {window}/></C:free-busy-query>"
        )
        assert anna.request("REPORT", HOME, body).status == 400


def test_expand_gives_instances_in_utc(anna, event):
    """Instances in the window only, each with its RECURRENCE-ID and no rule."""
    anna.put(HOME + "w.ics", event("w", "x", "20260216T090000Z", "RRULE:FREQ=WEEKLY"))
    anna.put(HOME + "s.ics", event("s", "single", "20260310T090000Z"))
    anna.put(HOME + "o.ics", event("o", "outside", "20260501T090000Z"))
    window = 'start="20260301T000000Z" end="20260315T000000Z"'
    answer = anna.query(
        HOME,
        f'<C:comp-filter name="VEVENT"><C:time-range {window}/></C:comp-filter>',
        f"<C:calendar-data><C:expand {window}/></C:calendar-data>",
    )
    texts = [
        element.text for element in answer.xml.iter("{urn:ietf:params:xml:ns:caldav}calendar-data")
    ]
    assert len(texts) == 2
    series = next(text for text in texts if "UID:w" in text)
    assert series.count("BEGIN:VEVENT") == 2
    assert series.count("RECURRENCE-ID:202603") == 2
    assert "RRULE" not in series


def test_free_busy_merges_and_leaves_out_free_time(anna, event):
    """Only blocking time in the window is told, and nothing of what it is."""
    anna.put(HOME + "a.ics", event("a", "Secret", "20260302T090000Z"))
    anna.put(HOME + "b.ics", event("b", "Secret", "20260302T100000Z"))
    anna.put(HOME + "c.ics", event("c", "x", "20260302T150000Z", "TRANSP:TRANSPARENT"))
    anna.put(HOME + "d.ics", event("d", "x", "20260302T160000Z", "STATUS:TENTATIVE"))
    body = f'<C:free-busy-query xmlns:C="urn:ietf:params:xml:ns:caldav">{DAY}</C:free-busy-query>'
    answer = anna.request("REPORT", HOME, body)
    assert answer.status == 200
    lines = [line for line in answer.body.decode().split("\r\n") if line.startswith("FREEBUSY")]
    assert lines == [
        "FREEBUSY;FBTYPE=BUSY:20260302T090000Z/20260302T110000Z",
        "FREEBUSY;FBTYPE=BUSY-TENTATIVE:20260302T160000Z/20260302T170000Z",
    ]
    assert b"Secret" not in answer.body


def test_an_endless_fast_series_does_not_stop_a_query(anna, event):
    """Bounded work, whatever was stored (I01, X15)."""
    made = anna.put(HOME + "s.ics", event("s", "x", "19700101T000000Z", "RRULE:FREQ=SECONDLY"))
    if made.status == 201:
        assert anna.query(HOME, f'<C:comp-filter name="VEVENT">{DAY}</C:comp-filter>').hrefs()
    wide = '<C:time-range start="00010101T000000Z" end="99991231T000000Z"/>'
    anna.put(HOME + "w.ics", event("w", "x", "20260216T090000Z", "RRULE:FREQ=WEEKLY"))
    answer = anna.query(HOME, f'<C:comp-filter name="VEVENT">{wide}</C:comp-filter>')
    assert "/dav/anna/activities/w.ics" in answer.hrefs()


@one_database
def test_options_tells_classes_without_sign_in(crm):
    """No locks, no address books."""
    client = crm.client("anna")
    client.login = ""
    answer = client.request("OPTIONS", HOME)
    assert answer.status == 200
    assert answer.headers["DAV"] == "1, 3, calendar-access, extended-mkcol"


@one_database
@pytest.mark.parametrize("body", ["<x", '<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>', "<a>" * 5000])
@pytest.mark.parametrize("method", ["PROPFIND", "REPORT", "PROPPATCH", "MKCALENDAR"])
def test_hostile_xml_is_a_bad_request(anna, method, body):
    """Never a failure (X01-X05)."""
    assert (
        anna.request(method, "/anna/new/" if method == "MKCALENDAR" else HOME, body).status == 400
    )


@one_database
@pytest.mark.parametrize("method", ["FOO", "TRACE", "DEBUG", "LOCK", "COPY", "ACL"])
def test_unknown_methods_are_refused(anna, method):
    """X16."""
    assert anna.request(method, HOME).status in (400, 405, 501)


@one_database
@pytest.mark.parametrize("path", ["/.web", "/.mobileconfig", "/.sharing/v1/all/list"])
def test_radicales_own_pages_are_not_there(anna, path):
    """They belong to another product."""
    assert anna.get(path).status == 404
    assert anna.request("POST", path).status in (404, 405)


def test_changes_by_other_programs_show_at_once(crm, anna, event, database_url):
    """A row written by SQL is in the next listing (design decision 15)."""
    anna.put(HOME + "a.ics", event("a"))
    token = token_of(anna.sync(HOME))
    with crm.database.read() as work:
        activity = work.activities.list(crm.users["anna"].id)[0]
    engine = create_engine(database_url)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE activities SET subject = 'Changed' WHERE id = :id"), {"id": activity.id}
        )
    engine.dispose()
    delta = anna.sync(HOME, token)
    assert delta.hrefs(200) == ["/dav/anna/activities/a.ics"]
    body = anna.get(HOME + "a.ics").body.decode()
    assert "SUMMARY:Changed" in body
    assert "PRODID:-//test//client//EN" in body
