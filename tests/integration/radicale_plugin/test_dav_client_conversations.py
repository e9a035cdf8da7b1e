"""Whole conversations as well-known programs hold them, in their own XML.

What a program asks for and we do not have is absent (404 in its propstat), never an error: account
set-ups end at the first refusal. Programs that can be run are run in `tests/interop`; these are
Apple's and Android's, written after what they send.
"""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)

D, C, CS = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}", "{http://calendarserver.org/ns/}"
I = "{http://apple.com/ns/ical/}"  # noqa: E741 - its usual prefix
# Apple's prefixes: A is DAV, B CalDAV, C Calendar Server, D iCal, E its own.
APPLE = (
    'xmlns:A="DAV:" xmlns:B="urn:ietf:params:xml:ns:caldav" xmlns:C="http://calendarserver.org/ns/"'
    ' xmlns:D="http://apple.com/ns/ical/" xmlns:E="http://me.com/_namespace/"'
)
ANDROID = (
    'xmlns="DAV:" xmlns:CAL="urn:ietf:params:xml:ns:caldav" xmlns:CS="http://calendarserver.org/ns/"'
    ' xmlns:ICAL="http://apple.com/ns/ical/" xmlns:PUSH="https://bitfire.at/webdav-push"'
)
ZONE = """BEGIN:VCALENDAR&#13;
VERSION:2.0&#13;
PRODID:-//Apple Inc.//iOS 17.4//EN&#13;
BEGIN:VTIMEZONE&#13;
TZID:Europe/Prague&#13;
BEGIN:STANDARD&#13;
TZOFFSETFROM:+0200&#13;
RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU&#13;
DTSTART:19961027T030000&#13;
TZNAME:GMT+1&#13;
TZOFFSETTO:+0100&#13;
END:STANDARD&#13;
BEGIN:DAYLIGHT&#13;
TZOFFSETFROM:+0100&#13;
RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU&#13;
DTSTART:19810329T020000&#13;
TZNAME:GMT+2&#13;
TZOFFSETTO:+0200&#13;
END:DAYLIGHT&#13;
END:VTIMEZONE&#13;
END:VCALENDAR&#13;
"""
ALARM = "BEGIN:VALARM&#13;\nTRIGGER:-PT15M&#13;\nACTION:DISPLAY&#13;\nEND:VALARM&#13;\n"
REMINDER = (
    "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Apple Inc.//iOS 17.4//EN\r\n"
    "CALSCALE:GREGORIAN\r\nBEGIN:VTODO\r\nUID:8B1C9C7A\r\nDTSTAMP:20260301T080000Z\r\n"
    "SUMMARY:Milk\r\nSEQUENCE:0\r\nSTATUS:NEEDS-ACTION\r\nX-APPLE-SORT-ORDER:693223200\r\n"
    "RELATED-TO;RELTYPE=PARENT:F00\r\nDUE;VALUE=DATE:20260302\r\n"
    "BEGIN:VALARM\r\nUID:2B\r\nTRIGGER;VALUE=DATE-TIME:19760401T005545Z\r\n"
    "X-APPLE-DEFAULT-ALARM:TRUE\r\nACTION:NONE\r\nEND:VALARM\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
)
COMPLETED = "STATUS:COMPLETED\r\nCOMPLETED:20260302T091500Z\r\nPERCENT-COMPLETE:100"
FIRST = "<A:current-user-principal/><A:principal-URL/><A:resourcetype/>"
OF_PRINCIPAL = (
    "<B:calendar-home-set/><B:calendar-user-address-set/><A:current-user-principal/>"
    "<A:displayname/><C:dropbox-home-URL/><C:email-address-set/><C:notification-URL/>"
    "<A:principal-collection-set/><A:principal-URL/><A:resource-id/><B:schedule-inbox-URL/>"
    "<B:schedule-outbox-URL/><A:supported-report-set/>"
)
PROXIES = "".join(
    f'<A:property name="calendar-proxy-{kind}-for" namespace="http://calendarserver.org/ns/">'
    '<A:property name="email-address-set" namespace="http://calendarserver.org/ns/"/>'
    '<A:property name="displayname" namespace="DAV:"/>'
    '<A:property name="calendar-user-address-set" namespace="urn:ietf:params:xml:ns:caldav"/>'
    "</A:property>"
    for kind in ("read", "write")
)
OF_CALENDARS = (
    "<A:add-member/><C:allowed-sharing-modes/><D:autoprovisioned/><E:bulk-requests/>"
    "<B:calendar-alarm/><D:calendar-color/><B:calendar-description/><B:calendar-free-busy-set/>"
    "<D:calendar-order/><B:calendar-timezone/><A:current-user-privilege-set/>"
    "<B:default-alarm-vevent-date/><B:default-alarm-vevent-datetime/><A:displayname/>"
    "<C:getctag/><D:language-code/><D:location-code/><A:owner/><C:pre-publish-url/>"
    "<C:publish-url/><C:push-transports/><C:pushkey/><A:quota-available-bytes/>"
    "<A:quota-used-bytes/><D:refreshrate/><A:resource-id/><A:resourcetype/>"
    "<B:schedule-calendar-transp/><B:schedule-default-calendar-URL/><C:source/>"
    "<C:subscribed-strip-alarms/><C:subscribed-strip-attachments/><C:subscribed-strip-todos/>"
    "<B:supported-calendar-component-set/><B:supported-calendar-component-sets/>"
    "<A:supported-report-set/><A:sync-token/><C:xmpp-server/><C:xmpp-uri/>"
)
NEEDED = {
    *(f"{D}current-user-privilege-set", f"{D}displayname", f"{D}owner", f"{D}resourcetype"),
    *(f"{D}supported-report-set", f"{D}sync-token", f"{CS}getctag"),
    f"{C}supported-calendar-component-set",
}
NEW_LIST = (
    '<B:supported-calendar-component-set><B:comp name="VTODO"/>'
    "</B:supported-calendar-component-set><A:displayname>Groceries</A:displayname>"
    '<D:calendar-order>7</D:calendar-order><D:calendar-color symbolic-color="red">#FF2968'
    "</D:calendar-color><B:calendar-free-busy-set><NO/></B:calendar-free-busy-set>"
    f"<B:calendar-timezone>{ZONE}</B:calendar-timezone>"
)
OPEN_ONES = (
    '<A:prop><A:getetag/></A:prop><B:filter><B:comp-filter name="VCALENDAR">'
    '<B:comp-filter name="VTODO"><B:prop-filter name="COMPLETED"><B:is-not-defined/>'
    '</B:prop-filter><B:prop-filter name="STATUS"><B:text-match negate-condition="yes">CANCELLED'
    "</B:text-match></B:prop-filter></B:comp-filter></B:comp-filter></B:filter>"
)
OF_COLLECTIONS = (
    "<resourcetype/><displayname/><owner/><current-user-privilege-set/>"
    "<CAL:calendar-description/><ICAL:calendar-color/><CAL:calendar-timezone/>"
    "<CAL:calendar-timezone-id/><CAL:supported-calendar-component-set/><CS:source/>"
    "<PUSH:transports/><PUSH:topic/><CAL:max-resource-size/><supported-report-set/>"
    "<CS:getctag/><sync-token/><CAL:supported-calendar-data/>"
)
NEW_CALENDAR = (
    "<resourcetype><collection/><CAL:calendar/></resourcetype><displayname>New</displayname>"
    "<CAL:calendar-description>Of the phone</CAL:calendar-description>"
    "<ICAL:calendar-color>#ff0000ff</ICAL:calendar-color>"
    "<CAL:calendar-timezone-id>Europe/Prague</CAL:calendar-timezone-id>"
    '<CAL:supported-calendar-component-set><CAL:comp name="VEVENT"/><CAL:comp name="VTODO"/>'
    "</CAL:supported-calendar-component-set>"
)
SYNC = (
    "<sync-collection {spaces}><sync-token>{token}</sync-token><sync-level>1</sync-level>"
    "<limit><nresults>2</nresults></limit><prop><getetag/></prop></sync-collection>"
)
CONTENTS = (
    "<getcontenttype/><getetag/><CAL:schedule-tag/>"
    '<CAL:calendar-data content-type="text/calendar" version="2.0"/>'
)


def told(answer):
    """Return by path the Clark names of what is there; all else may only be absent."""
    assert answer.status == 207
    found = {}
    for response in answer.xml.findall(f"{D}response"):
        present = found.setdefault(response.findtext(f"{D}href"), set())
        for propstat in response.findall(f"{D}propstat"):
            code = int(propstat.findtext(f"{D}status").split()[1])
            assert code in (200, 404)
            present |= {prop.tag for prop in propstat.find(f"{D}prop") if code == 200}
    return found


def apple(client, method, path, body, depth="0"):
    """Send what Calendar or Reminders sends; they want to hear of nothing absent."""
    headers = {"Depth": depth, "Content-Type": "text/xml", "Brief": "t", "Prefer": "return=minimal"}
    return client.request(method, path, f'<?xml version="1.0" encoding="UTF-8"?>\n{body}', headers)


def android(client, method, path, body, depth="0"):
    """Send what DAVx5 sends."""
    headers = {"Depth": depth, "Content-Type": "application/xml; charset=utf-8"}
    return client.request(method, path, f"<?xml version='1.0' encoding='UTF-8' ?>{body}", headers)


def apple_setting(client, path, prop):
    """Have Calendar leave a property; return the statuses of the propstats."""
    body = f"<A:propertyupdate {APPLE}><A:set><A:prop>{prop}</A:prop></A:set></A:propertyupdate>"
    headers = {"Content-Type": "text/xml"}
    answer = client.request("PROPPATCH", path, body, headers)
    assert answer.status == 207
    return [each.text for each in answer.xml.iter(f"{D}status")]


def test_apple_calendar_sets_an_account_up(anna):
    """Principal, proxies, search, then all calendars with forty properties."""
    first = f"<A:propfind {APPLE}><A:prop>{FIRST}</A:prop></A:propfind>"
    root = told(apple(anna, "PROPFIND", "/", first))["/dav/"]
    assert root == {f"{D}current-user-principal", f"{D}resourcetype"}

    body = f"<A:propfind {APPLE}><A:prop>{OF_PRINCIPAL}</A:prop></A:propfind>"
    principal = told(apple(anna, "PROPFIND", "/anna/", body))["/dav/anna/"]
    assert {f"{C}calendar-home-set", f"{C}calendar-user-address-set"} <= principal
    # Without these it neither sends invitations through us nor waits for notifications.
    for name in (f"{C}schedule-outbox-URL", f"{C}schedule-inbox-URL", f"{CS}notification-URL"):
        assert name not in principal

    body = f"<A:expand-property {APPLE}>{PROXIES}</A:expand-property>"
    assert told(apple(anna, "REPORT", "/anna/", body)) == {"/dav/anna/": set()}
    body = f"<A:principal-search-property-set {APPLE}/>"
    assert apple(anna, "REPORT", "/", body).status == 200

    body = f"<A:propfind {APPLE}><A:prop>{OF_CALENDARS}</A:prop></A:propfind>"
    home = told(apple(anna, "PROPFIND", "/anna/", body, depth="1"))
    assert list(home) == ["/dav/anna/", "/dav/anna/activities/", "/dav/anna/tasks/"]
    assert f"{C}supported-calendar-component-set" not in home["/dav/anna/"]
    for path in ("/dav/anna/activities/", "/dav/anna/tasks/"):
        assert home[path] == NEEDED


def test_apple_calendar_leaves_its_settings_and_finds_them(anna):
    """Name, colour, order, alarms and whether a calendar counts as busy."""
    path, left = "/anna/activities/", {}
    left[f"{I}calendar-order"] = "<D:calendar-order>2</D:calendar-order>"
    left[f"{I}calendar-color"] = (
        '<D:calendar-color symbolic-color="custom">#FF2968FF</D:calendar-color>'
    )
    left[f"{D}displayname"] = "<A:displayname>Work</A:displayname>"
    left[f"{C}default-alarm-vevent-datetime"] = (
        f"<B:default-alarm-vevent-datetime>{ALARM}</B:default-alarm-vevent-datetime>"
    )
    left[f"{C}schedule-calendar-transp"] = (
        "<B:schedule-calendar-transp><B:transparent/></B:schedule-calendar-transp>"
    )
    for prop in left.values():
        assert apple_setting(anna, path, prop) == ["HTTP/1.1 200 OK"]
    body = f"<A:propfind {APPLE}><A:prop>{OF_CALENDARS}</A:prop></A:propfind>"
    answer = apple(anna, "PROPFIND", path, body)
    assert told(answer)["/dav/anna/activities/"] == NEEDED | left.keys()
    assert answer.text_of(f"{C}default-alarm-vevent-datetime") == ALARM.replace("&#13;", "\r")
    colour = next(answer.xml.iter(f"{I}calendar-color"))
    assert colour.attrib == {"symbolic-color": "custom"}


def test_reminders_makes_a_list_completes_in_it_and_moves_to_another(crm, anna):
    """With the body of iOS, which holds an element without a namespace."""
    path = "/anna/0F0E1B62-2C6D-4B6E-9A6E-6E3F3A9E6A11/"
    one = f"{path}8B1C9C7A.ics"
    body = f"<B:mkcalendar {APPLE}><A:set><A:prop>{NEW_LIST}</A:prop></A:set></B:mkcalendar>"
    assert anna.request("MKCALENDAR", path, body, {"Content-Type": "text/xml"}).status == 201
    body = f"<A:propfind {APPLE}><A:prop>{OF_CALENDARS}</A:prop></A:propfind>"
    answer = apple(anna, "PROPFIND", path, body)
    (present,) = told(answer).values()
    assert present == NEEDED | {
        *(f"{I}calendar-color", f"{I}calendar-order"),
        *(f"{C}calendar-timezone", f"{C}calendar-free-busy-set"),
    }
    taken = next(answer.xml.iter(f"{C}supported-calendar-component-set"))
    assert [each.get("name") for each in taken] == ["VTODO"]

    made = anna.put(one, REMINDER, If_None_Match="*")
    assert made.status == 201
    body = f"<B:calendar-query {APPLE}>{OPEN_ONES}</B:calendar-query>"
    assert apple(anna, "REPORT", path, body, depth="1").hrefs() == [f"/dav{one}"]
    done = REMINDER.replace("STATUS:NEEDS-ACTION", COMPLETED)
    assert anna.put(one, done, If_Match=made.etag).status == 204
    assert apple(anna, "REPORT", path, body, depth="1").hrefs() == []
    with crm.database.read() as work:
        (activity,) = work.activities.list(crm.users["anna"].id)
    assert activity.done

    goal = "/dav/anna/tasks/8B1C9C7A.ics"
    moving = {"Destination": f"http://127.0.0.1{goal}", "Overwrite": "F"}
    assert anna.request("MOVE", one, "", moving).status == 201
    assert anna.get(goal).body == done.encode()
    assert anna.request("DELETE", path).status == 204


def test_davx5_finds_a_calendar_and_keeps_in_step(anna, event):
    """Its property set, a first sync in parts, contents, a conflict, and what is gone."""
    body = f"<propfind {ANDROID}><prop>{OF_COLLECTIONS}</prop></propfind>"
    home = told(android(anna, "PROPFIND", "/anna/", body, depth="1"))
    assert {f"{D}sync-token", f"{C}supported-calendar-component-set"} <= home["/dav/anna/tasks/"]
    path = "/anna/5a0d6f9e-1111-4c1e-9c1b-2c2c2c2c2c2c/"
    body = f"<CAL:mkcalendar {ANDROID}><set><prop>{NEW_CALENDAR}</prop></set></CAL:mkcalendar>"
    assert android(anna, "MKCALENDAR", path, body).status == 201

    names = [f"{path}{number}.ics" for number in range(3)]
    tags = [anna.put(name, event(name), If_None_Match="*").etag for name in names]
    found, token = [], ""
    for cut_short in ([f"/dav{path}"], []):
        answer = android(anna, "REPORT", path, SYNC.format(spaces=ANDROID, token=token))
        found += answer.hrefs(200)
        token = answer.xml.findtext(f"{D}sync-token")
        assert answer.hrefs(507) == cut_short
    assert found == [f"/dav{name}" for name in names]

    hrefs = "".join(f"<href>/dav{name}</href>" for name in names)
    body = (
        f"<CAL:calendar-multiget {ANDROID}><prop>{CONTENTS}</prop>{hrefs}</CAL:calendar-multiget>"
    )
    contents = told(android(anna, "REPORT", path, body))
    present = {f"{D}getcontenttype", f"{D}getetag", f"{C}calendar-data"}
    assert contents == dict.fromkeys([f"/dav{name}" for name in names], present)

    assert anna.put(names[0], event(names[0], "Tea"), If_Match=tags[0]).status == 204
    assert anna.put(names[0], event(names[0], "Beer"), If_Match=tags[0]).status == 412
    assert anna.request("DELETE", names[0], "", {"If-Match": tags[0]}).status == 412
    assert anna.request("DELETE", names[1], "", {"If-Match": tags[1]}).status == 204
    changes = android(anna, "REPORT", path, SYNC.format(spaces=ANDROID, token=token))
    assert changes.hrefs(404) == [f"/dav{names[1]}"]
    assert changes.hrefs(200) == [f"/dav{names[0]}"]
