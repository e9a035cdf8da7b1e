"""PUT, GET and DELETE of calendar objects."""

from __future__ import annotations

import threading

import pytest

ONE = "/anna/activities/one.ics"

# What never reaches the store is the same on both databases.
one_database = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def test_client_gets_the_bytes_it_put(anna, event):
    """Unknown properties, odd order and folding come back as they were (promise 10)."""
    text = event(
        "one",
        "Káva s Józsefem 🎉",
        "20260302T090000Z",
        'X-FOO;X-P="a:b":x\\,y;z',
        'ATTENDEE;CN="Doe, Jane";PARTSTAT=ACCEPTED:mailto:jane@example.com',
        "DESCRIPTION:" + "long " * 10,
        " and folded",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:x",
        "TRIGGER:-PT15M",
        "END:VALARM",
    )
    made = anna.put(ONE, text)
    assert made.status == 201
    got = anna.get(ONE)
    assert got.status == 200
    assert got.body == text.encode()
    assert got.etag == made.etag
    assert got.headers["Content-Type"].startswith("text/calendar")


def test_update_changes_the_etag_and_the_bytes(anna, event):
    """The new version replaces the old one."""
    first = anna.put(ONE, event())
    second = anna.put(ONE, event(summary="Tea"), If_Match=first.etag)
    assert second.status == 204
    assert second.etag != first.etag
    assert b"SUMMARY:Tea" in anna.get(ONE).body


def test_stale_if_match_changes_nothing(anna, event):
    """412, and the object stays."""
    first = anna.put(ONE, event())
    anna.put(ONE, event(summary="Tea"))
    refused = anna.put(ONE, event(summary="Milk"), If_Match=first.etag)
    assert refused.status == 412
    assert b"SUMMARY:Tea" in anna.get(ONE).body


def test_if_none_match_never_overwrites(anna, event):
    """`*` asks for creation only."""
    assert anna.put(ONE, event(), If_None_Match="*").status == 201
    assert anna.put(ONE, event(summary="Tea"), If_None_Match="*").status == 412
    assert b"Coffee" in anna.get(ONE).body


def test_if_match_never_creates(anna, event):
    """An update of what was deleted is refused."""
    assert anna.put(ONE, event(), If_Match='"x"').status == 412
    assert anna.get(ONE).status == 404


def test_delete_takes_the_object_away(anna, event):
    """Only the version that was meant."""
    first = anna.put(ONE, event())
    assert anna.request("DELETE", ONE, headers={"If-Match": '"other"'}).status == 412
    assert anna.request("DELETE", ONE, headers={"If-Match": first.etag}).status == 204
    assert anna.get(ONE).status == 404
    assert anna.request("DELETE", ONE).status == 404


def test_etag_never_returns(anna, event):
    """The same bytes under the same name again are another version."""
    seen = set()
    for _ in range(3):
        seen.add(anna.put(ONE, event()).etag)
        anna.request("DELETE", ONE)
    assert len(seen) == 3


@one_database
@pytest.mark.parametrize(
    "text",
    [
        "",
        "no calendar",
        "<html>503</html>",
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:x\r\n",
        "\ufeff",
    ],
)
def test_broken_text_is_refused_with_its_reason(anna, text):
    """Nothing is stored (I15)."""
    answer = anna.put(ONE, text)
    assert answer.status == 403
    assert answer.condition == "valid-calendar-data"
    assert anna.get(ONE).status == 404


def calendar(*parts, method=""):
    """Return an iCalendar text of components, each a list of lines after its name."""
    lines = [f"METHOD:{method}"] if method else []
    for name, *inner in parts:
        lines += [f"BEGIN:{name}", "DTSTAMP:20260301T080000Z", *inner, f"END:{name}"]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *lines, "END:VCALENDAR", ""])


MASTER = ["VEVENT", "UID:one", "DTSTART:20260302T090000Z"]
RESOURCE, COMPONENT = "valid-calendar-object-resource", "supported-calendar-component"


@one_database
@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        (calendar(MASTER, ["VEVENT", "UID:two", "DTSTART:20260303T090000Z"]), [RESOURCE]),
        (calendar(MASTER, MASTER), [RESOURCE]),
        (calendar(MASTER, ["VTODO", "UID:one"]), [RESOURCE]),
        (calendar(MASTER) + calendar(MASTER), [RESOURCE]),
        (calendar(), [RESOURCE]),
        (calendar(MASTER, method="REQUEST"), [COMPONENT, RESOURCE]),
        (calendar(["VFREEBUSY", "UID:one", "DTSTART:20260302T090000Z"]), [COMPONENT, RESOURCE]),
    ],
    ids=["UIDs", "masters", "kinds", "calendars", "nothing", "METHOD", "free-busy"],
)
def test_what_is_not_one_resource_is_refused_as_that(anna, text, conditions):
    """RFC 4791 sections 4.1 and 5.3.2.1: it is iCalendar, but nothing that has one name."""
    answer = anna.put(ONE, text)
    assert answer.status == 403
    *told, message = answer.xml
    assert [element.tag.rpartition("}")[2] for element in told] == conditions
    assert " " in message.text
    assert anna.get(ONE).status == 404


def test_text_in_the_wrong_charset_is_refused(anna, event):
    """Never mojibake (I16)."""
    for body in (event(summary="Käse").encode("latin-1"), event().encode("utf-16")):
        answer = anna.request("PUT", ONE, body, {"Content-Type": "text/calendar; charset=utf-8"})
        assert answer.status == 403
        assert answer.condition == "valid-calendar-data"
    unknown = {"Content-Type": "text/calendar; charset=nonsense"}
    assert anna.request("PUT", ONE, event(), unknown).status == 403


def test_a_declared_charset_is_decoded_exactly(anna, event):
    """Latin-1 that says so is read as such, and kept as UTF-8."""
    body = event(summary="Käse").encode("latin-1")
    answer = anna.request("PUT", ONE, body, {"Content-Type": "text/calendar; charset=iso-8859-1"})
    assert answer.status == 201
    assert anna.get(ONE).body == event(summary="Käse").encode()


def test_todo_among_events_is_refused(anna, todo, event):
    """The component set is told and enforced (I21)."""
    answer = anna.put("/anna/activities/task.ics", todo())
    assert (answer.status, answer.condition) == (403, "supported-calendar-component")
    answer = anna.put("/anna/tasks/one.ics", event())
    assert (answer.status, answer.condition) == (403, "supported-calendar-component")
    assert anna.put("/anna/tasks/task.ics", todo()).status == 201


def test_uid_conflicts_name_the_other_resource(anna, event):
    """One UID, one name (P07); a name keeps its UID (P08)."""
    anna.put(ONE, event())
    answer = anna.put("/anna/activities/two.ics", event())
    assert (answer.status, answer.condition) == (409, "no-uid-conflict")
    assert answer.text_of("{DAV:}href") == "/dav/anna/activities/one.ics"
    answer = anna.put(ONE, event(uid="other"))
    assert (answer.status, answer.condition) == (409, "no-uid-conflict")
    assert b"UID:one" in anna.get(ONE).body
    assert anna.get("/anna/activities/two.ics").status == 404


def test_a_refused_put_does_not_stir_the_calendar(anna, event):
    """Neither ctag nor token move for what was refused."""
    anna.put(ONE, event())
    before = anna.propfind("/anna/activities/", "<CS:getctag/><D:sync-token/>").body
    anna.put("/anna/activities/two.ics", event())
    anna.put("/anna/activities/three.ics", "broken")
    anna.put(ONE, event(), If_None_Match="*")
    assert anna.propfind("/anna/activities/", "<CS:getctag/><D:sync-token/>").body == before


@one_database
def test_too_large_is_told_before_it_is_read(anna, event):
    """413 with the limit as precondition."""
    answer = anna.put(ONE, event("one", "x" * 210_000))
    assert answer.status == 413
    assert answer.condition == "max-resource-size"


def test_names_beyond_ascii_are_one_resource(anna, event):
    """PUT, GET, listing and multiget agree on the name."""
    path = "/anna/activities/schůzka 会议.ics"
    assert anna.put(path, event()).status == 201
    assert anna.get(path).status == 200
    listed = anna.propfind("/anna/activities/", "<D:getetag/>", depth="1").hrefs()
    assert "/dav/anna/activities/sch%C5%AFzka%20%E4%BC%9A%E8%AE%AE.ics" in listed
    assert (
        anna.multiget("/anna/activities/", f"/dav{path}").xml.find(".//{DAV:}getetag") is not None
    )


def test_strange_uids_leave_the_answers_intact(anna, event):
    """UIDs are data, not paths and not markup (P06)."""
    for number, uid in enumerate(['<a"&>', "/../bob/", "🎉", "u" * 900]):
        path = f"/anna/activities/{number}.ics"
        assert anna.put(path, event(uid)).status == 201
        assert anna.get(path).body == event(uid).encode()
    assert anna.sync("/anna/activities/").xml.tag == "{DAV:}multistatus"


@one_database
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("PUT", "/anna/activities/"),
        ("DELETE", "/anna/activities/"),
        ("DELETE", "/anna/"),
        ("PUT", "/anna/x.ics"),
    ],
)
def test_whole_calendars_cannot_be_replaced_or_deleted(anna, event, method, path):
    """Whatever a client sends there."""
    anna.put(ONE, event())
    body = event("two") if method == "PUT" else ""
    assert anna.request(method, path, body).status in (403, 405)
    assert anna.get(ONE).status == 200


def test_put_into_a_missing_calendar_is_a_conflict(anna, event):
    """RFC 4918 section 9.7.1."""
    assert anna.put("/anna/nothing/one.ics", event()).status == 409


def test_one_if_match_and_many_writers_have_one_winner(crm, event):
    """On both databases exactly one write per version gets through."""
    first = crm.client("anna").put(ONE, event())
    answers = []
    start = threading.Barrier(6)

    def write(number):
        client = crm.client("anna")
        start.wait(10)
        answers.append(
            client.put(ONE, event(summary=f"Writer {number}"), If_Match=first.etag).status
        )

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(answers) == [204] + [412] * 5


def test_move_renames_within_a_calendar(anna, event):
    """The text stays, the old name is told as gone."""
    anna.put(ONE, event())
    token = anna.sync("/anna/activities/").text_of("{DAV:}sync-token")
    moved = anna.request(
        "MOVE", ONE, headers={"Destination": "http://127.0.0.1/dav/anna/activities/b.ics"}
    )
    assert moved.status == 201
    assert anna.get(ONE).status == 404
    assert anna.get("/anna/activities/b.ics").body == event().encode()
    delta = anna.sync("/anna/activities/", token)
    assert delta.hrefs(404) == ["/dav/anna/activities/one.ics"]
    assert "/dav/anna/activities/b.ics" in delta.hrefs(200)


@one_database
@pytest.mark.parametrize(
    "destination",
    [
        "/dav/anna/tasks/one.ics",
        "/dav/bob/activities/one.ics",
        "http://elsewhere.example.com/dav/anna/activities/x.ics",
        "/dav/../etc/passwd",
        "/dav/anna/nothing/one.ics",
    ],
)
def test_move_elsewhere_leaves_the_source(anna, event, destination):
    """Another component, another user, another host: refused (X18)."""
    anna.put(ONE, event())
    answer = anna.request("MOVE", ONE, headers={"Destination": destination})
    assert 400 <= answer.status < 500 or answer.status == 502
    assert anna.get(ONE).status == 200


def test_uid_of_an_event_may_be_that_of_a_to_do(crm, event, todo):
    """It is unique in its collection only (RFC 4791 section 4.1); the sync knows what to do."""
    anna = crm.client("anna")
    assert anna.put(ONE, event("same@x")).status == 201
    assert anna.put("/anna/tasks/one.ics", todo("same@x")).status == 201


def test_put_becomes_an_activity_of_the_default_type(crm, event):
    """What a client makes is a record of the CRM in the same transaction."""
    crm.client("anna").put(ONE, event())
    with crm.database.read() as work:
        made = work.activities.list(crm.users["anna"].id)
    assert [(activity.subject, activity.type_key) for activity in made] == [("Coffee", "meeting")]


def test_a_line_break_torn_by_a_fold_is_taken_and_not_passed_on(crm, event):
    """What libical makes of a long UID comes back as it was; what we write of it has none."""
    anna, uid = crm.client("anna"), "u" * 73
    text = event(uid, "Coffee").replace(f"{uid}\r\n", f"\r\n {uid}\r\r\n \n")
    assert anna.put(ONE, text).status == 201
    assert anna.get(ONE).body == text.encode()
    with crm.database.read() as work:
        (activity,) = work.activities.list(crm.users["anna"].id)
        assert work.activities.uid_of(activity.id) == uid
    assert anna.put("/anna/activities/two.ics", event(uid)).condition == "no-uid-conflict"
    assert b"\r\r" not in anna.get("/anna/activities/").body
