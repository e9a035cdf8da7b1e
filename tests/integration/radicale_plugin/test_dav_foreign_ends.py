"""Both ends of MOVE, hrefs in bodies, colleagues' calendars: foreign is absent (threats 3.3)."""

from __future__ import annotations

import pytest

MINE = "/bob/activities/mine.ics"
MULTIGET = (
    '<C:calendar-multiget xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop>'
    "<D:getetag/><C:calendar-data/></D:prop><D:href>/dav{}</D:href></C:calendar-multiget>"
)
TAILS = ("", "activities", "activities/", "activities/one.ics", "activities/two.ics", "tasks/x")
METHODS = [
    "GET", "HEAD", "PUT", "DELETE", "MOVE", "PROPFIND", "PROPPATCH", "REPORT",
]  # fmt: skip
BODIES = {
    "PROPFIND": '<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/></D:prop></D:propfind>',
    "REPORT": '<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:sync-level>1</D:sync-level>'
    "<D:prop/></D:sync-collection>",
    "PROPPATCH": '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>x</D:displayname>'
    "</D:prop></D:set></D:propertyupdate>",
}


def told(answer, *words):
    """Return status and body, without the words that the request itself brought."""
    body = answer.body.decode()
    for word in words:
        body = body.replace(word, "...")
    return answer.status, body


@pytest.fixture
def homes(crm, event):
    """Anna, Bob and Carl with an object each; Bob's client."""
    crm.client("anna").put("/anna/activities/one.ics", event("one", "Secret"))
    crm.client("carl").put("/carl/activities/one.ics", event("one", "Secret"))
    bob = crm.client("bob")
    assert bob.put(MINE, event("mine", "Mine")).status == 201
    return bob


@pytest.mark.parametrize("owner", ["anna", "carl"])
def test_moving_into_a_foreign_home_is_as_into_none(crm, homes, owner):
    """A colleague's, another company's: as nobody's, and the source stays."""
    for tail in TAILS:
        for overwrite in ("T", "F"):
            foreign, absent = (
                homes.request(
                    "MOVE",
                    MINE,
                    headers={"Destination": f"/dav/{login}/{tail}", "Overwrite": overwrite},
                )
                for login in (owner, "nobody")
            )
            assert told(foreign, owner) == told(absent, "nobody"), tail
            assert 400 <= foreign.status < 500
    assert homes.get(MINE).status == 200
    assert b"Secret" in crm.client(owner).get(f"/{owner}/activities/one.ics").body


@pytest.mark.parametrize("owner", ["anna", "carl"])
def test_moving_out_of_a_foreign_home_is_as_out_of_none(crm, homes, owner):
    """Nothing comes, and nothing is told."""
    target = {"Destination": "/dav/bob/activities/taken.ics"}
    for tail in TAILS:
        foreign, absent = (
            homes.request("MOVE", f"/{login}/{tail}", headers=target) for login in (owner, "nobody")
        )
        assert told(foreign, owner) == told(absent, "nobody"), tail
        assert foreign.status == 404
    assert homes.get("/bob/activities/taken.ics").status == 404
    assert crm.client(owner).get(f"/{owner}/activities/one.ics").status == 200


@pytest.mark.parametrize("owner", ["anna", "carl"])
def test_foreign_hrefs_in_a_multiget_are_absent(homes, owner):
    """In a report that one may make (X07)."""
    for where in ("/bob/activities/", "/bob/"):
        for tail in TAILS:
            foreign, absent = (
                homes.request("REPORT", where, MULTIGET.format(f"/{login}/{tail}"))
                for login in (owner, "nobody")
            )
            assert told(foreign, owner) == told(absent, "nobody"), (where, tail)
            assert b"Secret" not in foreign.body


def test_a_colleagues_calendar_without_a_grant_is_as_none(homes, event):
    """Under the viewer's own home, where shared ones are shown."""
    for method in METHODS:
        body = event("intruder") if method == "PUT" else BODIES.get(method, "")
        headers = {"Destination": "/dav/bob/activities/taken.ics"} if method == "MOVE" else {}
        for tail in ("", "one.ics", "two.ics"):
            answers = [
                told(homes.request(method, f"/bob/{name}/{tail}", body, headers), name)
                for name in ("anna--activities", "carl--activities", "nobody--activities")
            ]
            assert answers[0] == answers[1] == answers[2], (method, tail)
            assert answers[0][0] in (403, 404, 405, 409)
