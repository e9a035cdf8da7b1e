"""Every method by everybody against everybody's resources (threats 3.3)."""

from __future__ import annotations

import pytest

METHODS = ["GET", "HEAD", "PUT", "DELETE", "MOVE", "PROPFIND", "PROPPATCH", "REPORT", "POST"]
METHODS += ["MKCALENDAR", "MKCOL"]
BODIES = {
    "PROPFIND": '<D:propfind xmlns:D="DAV:"><D:prop><D:getetag/></D:prop></D:propfind>',
    "REPORT": '<D:sync-collection xmlns:D="DAV:"><D:sync-token/><D:prop/></D:sync-collection>',
    "PROPPATCH": '<D:propertyupdate xmlns:D="DAV:"><D:set><D:prop><D:displayname>x</D:displayname>'
    "</D:prop></D:set></D:propertyupdate>",
}

# What never reaches the store is the same on both databases.
one_database = pytest.mark.parametrize("dialect", ["sqlite"], indirect=True)


def attempt(client, method, path, event):
    """Send a request of a kind that would do something if it were allowed."""
    body = event("intruder", "Intruder") if method == "PUT" else BODIES.get(method, "")
    headers = {"Destination": "/dav/anna/activities/taken.ics"} if method == "MOVE" else {}
    return client.request(method, path, body, headers)


@pytest.mark.parametrize("intruder", ["bob", "carl"])
def test_others_answer_as_nobody_does(crm, event, intruder):
    """Colleagues and other companies: same status and body as for a login that does not exist."""
    anna, client = crm.client("anna"), crm.client(intruder)
    anna.put("/anna/activities/one.ics", event())
    before = anna.sync("/anna/activities/").body
    for method in METHODS:
        for tail in ("", "activities/", "activities/one.ics", "activities/none.ics", "nothing/"):
            foreign = attempt(client, method, f"/anna/{tail}", event)
            absent = attempt(client, method, f"/nobody/{tail}", event)
            assert (foreign.status, foreign.body) == (absent.status, absent.body), (method, tail)
            assert foreign.status in (404, 405), (method, tail)
            assert b"Coffee" not in foreign.body
    assert anna.sync("/anna/activities/").body == before
    name = anna.propfind("/anna/activities/", "<D:displayname/>").text_of("{DAV:}displayname")
    assert name == "Activities"


@one_database
def test_anonymous_is_asked_to_sign_in_everywhere(crm, event):
    """Whether the resource exists or not."""
    crm.client("anna").put("/anna/activities/one.ics", event())
    client = crm.client("anna")
    client.login = ""
    for method in METHODS:
        for path in ("/anna/activities/one.ics", "/nobody/activities/one.ics", "/anna/nothing/"):
            answer = attempt(client, method, path, event)
            assert answer.status == (405 if method == "POST" else 401), (method, path)


@one_database
@pytest.mark.parametrize(
    "path",
    [
        "/anna/../bob/activities/",
        "/anna/%2e%2e/bob/activities/",
        "//bob/activities/",
        "/anna/./../bob/",
    ],
)
def test_paths_cannot_be_bent_into_another_home(crm, event, path):
    """Compared after one decoding (P01)."""
    crm.client("bob").put("/bob/activities/b.ics", event("b", "Secret"))
    answer = crm.client("anna").propfind(path, "<D:getetag/>", depth="1")
    assert answer.status in (403, 404)
    assert b"b.ics" not in answer.body


def test_listing_the_root_names_nobody_else(crm):
    """There is no directory of users."""
    listed = crm.client("anna").propfind("/", "<D:resourcetype/>", depth="1").hrefs()
    assert listed == ["/dav/", "/dav/anna/"]


def test_the_same_names_live_apart(crm, event):
    """UIDs and hrefs are per calendar."""
    anna, carl = crm.client("anna"), crm.client("carl")
    assert anna.put("/anna/activities/one.ics", event("one", "Anna's")).status == 201
    assert carl.put("/carl/activities/one.ics", event("one", "Carl's")).status == 201
    assert b"Anna's" in anna.get("/anna/activities/one.ics").body
    assert b"Carl's" in carl.get("/carl/activities/one.ics").body
