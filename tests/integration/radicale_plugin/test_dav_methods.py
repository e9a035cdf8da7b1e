"""GET with conditions, MOVE, and what OPTIONS tells of them."""

from __future__ import annotations

import pytest

HOME = "/anna/activities/"
ONE, TWO = HOME + "one.ics", HOME + "two.ics"
TARGET = {"Destination": f"/dav{TWO}"}

# What never reaches the store is the same on both databases.
one_database = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


@one_database
@pytest.mark.parametrize("path", [ONE, HOME])
def test_get_of_what_is_known_is_empty(anna, event, path):
    """304 with the tag, for an object and for a whole calendar."""
    anna.put(ONE, event())
    first = anna.get(path)
    assert first.status == 200
    known = anna.request("GET", path, headers={"If-None-Match": f'"x", {first.etag}'})
    assert (known.status, known.body, known.etag) == (304, b"", first.etag)
    anna.put(ONE, event(summary="Tea"))
    again = anna.request("GET", path, headers={"If-None-Match": first.etag})
    assert again.status == 200
    assert b"Tea" in again.body
    assert anna.request("GET", path, headers={"If-Match": first.etag}).status == 412


@one_database
def test_head_is_get_without_the_body(anna, event):
    """Same headers, length included."""
    anna.put(ONE, event())
    full, head = anna.get(ONE), anna.request("HEAD", ONE)
    assert (head.status, head.body) == (200, b"")
    assert dict(head.headers) == dict(full.headers)
    assert full.headers["Content-Type"] == "text/calendar; charset=utf-8; component=VEVENT"
    assert full.headers["Content-Length"] == str(len(event().encode()))


@one_database
@pytest.mark.parametrize("path", ["/", "/anna/"])
def test_there_is_nothing_to_read_above_calendars(anna, path):
    """Refused, not redirected to pages of another product."""
    assert anna.get(path).status == 403


def test_move_puts_itself_in_place_of_another(anna, event):
    """`Overwrite` is T unless F is said (RFC 4918 section 10.6)."""
    anna.put(ONE, event("one"))
    anna.put(TWO, event("two"))
    token = anna.sync(HOME).text_of("{DAV:}sync-token")
    kept = anna.request("MOVE", ONE, headers={**TARGET, "Overwrite": "F"})
    assert kept.status == 412
    assert anna.get(TWO).body == event("two").encode()
    assert anna.request("MOVE", ONE, headers=TARGET).status == 204
    assert anna.get(ONE).status == 404
    assert anna.get(TWO).body == event("one").encode()
    delta = anna.sync(HOME, token)
    assert (delta.hrefs(200), delta.hrefs(404)) == ([f"/dav{TWO}"], [f"/dav{ONE}"])


def test_move_honours_if_match(anna, event):
    """Of the source."""
    etag = anna.put(ONE, event()).etag
    assert anna.request("MOVE", ONE, headers={**TARGET, "If-Match": '"other"'}).status == 412
    assert anna.request("MOVE", ONE, headers={**TARGET, "If-Match": etag}).status == 201


@one_database
@pytest.mark.parametrize(
    ("source", "destination", "status"),
    [
        (ONE, "", 400),
        (ONE, "/elsewhere/x.ics", 400),
        (ONE, f"/dav{ONE}", 403),
        (ONE, f"/dav{HOME}", 403),
        (ONE, f"/dav{HOME}con", 400),
        (ONE, "/dav/anna/x.ics", 409),
        (ONE, "http://elsewhere.example.com/dav/anna/activities/x.ics", 502),
        (HOME, "/dav/anna/other/", 403),
        (HOME + "none.ics", f"/dav{TWO}", 404),
    ],
)
def test_moves_that_make_no_sense_are_refused(anna, event, source, destination, status):
    """And leave all as it was."""
    anna.put(ONE, event())
    assert anna.request("MOVE", source, headers={"Destination": destination}).status == status
    assert anna.get(ONE).status == 200


@one_database
def test_options_names_the_methods_there_are(anna):
    """COPY would need a second object of one UID; a refused method names them as well."""
    allowed = set(anna.request("OPTIONS", HOME).headers["Allow"].split(", "))
    assert {"GET", "HEAD", "PUT", "DELETE", "MOVE", "PROPFIND", "PROPPATCH", "REPORT"} <= allowed
    assert not {"COPY", "LOCK", "POST"} & allowed
    refused = anna.request("COPY", ONE, headers=TARGET)
    assert refused.status == 405
    assert set(refused.headers["Allow"].split(", ")) == allowed
