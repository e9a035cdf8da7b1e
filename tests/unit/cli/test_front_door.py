"""One port: who answers what."""

import json

import pytest

from bridge.bootstrap.front import Front

DATES = ("HTTP_IF_MODIFIED_SINCE", "HTTP_IF_UNMODIFIED_SINCE", "HTTP_IF_RANGE")


def answering(name):
    """Return an application that answers with its name, and tells which dates it was sent."""

    def application(environ, start_response):
        start_response("200 OK", [("Dates", " ".join(key for key in DATES if key in environ))])
        return [name.encode()]

    return application


@pytest.fixture
def ask():
    """Return a function that sends a request through the front."""
    state = {"database": "ok"}
    front = Front(
        pages=answering("pages"),
        calendar_files=answering("files"),
        google_push=answering("push"),
        dav=answering("dav"),
        readiness=lambda: state,
        prefix="/dav",
    )

    def send(method, path, **headers):
        seen = []
        environ = {"REQUEST_METHOD": method, "PATH_INFO": path, **headers}
        body = b"".join(
            front(environ, lambda status, headers: seen.extend([status, dict(headers)]))
        )
        return int(seen[0].split()[0]), seen[1], body.decode()

    send.state = state
    return send


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/", "pages"),
        ("/settings/calendar-sync", "pages"),
        ("/davos", "pages"),
        ("/calendars", "pages"),
        ("/calendars/secret.ics", "files"),
        ("/google/push", "push"),
        ("/google/push/", "pages"),
        ("/dav", "dav"),
        ("/dav/", "dav"),
        ("/dav/anna/activities/x.ics", "dav"),
    ],
)
def test_paths_are_divided_between_pages_and_dav(ask, path, answer):
    """A path that only begins alike is not the DAV tree's."""
    assert ask("GET", path)[2] == answer


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/.well-known/caldav", 301),
        ("GET", "/.well-known/caldav/", 301),
        ("PROPFIND", "/.well-known/caldav", 307),
        ("PROPFIND", "/", 307),
        ("OPTIONS", "/", 307),
    ],
)
def test_discovery_is_led_to_the_dav_tree_without_naming_a_host(ask, method, path, status):
    """Methods with a body keep it on the way."""
    answer = ask(method, path)
    assert (answer[0], answer[1]["Location"]) == (status, "/dav/")


def test_health_and_readiness_are_told_apart(ask):
    """A server that lives may still not be ready."""
    assert ask("GET", "/healthz")[0] == 200
    assert ask("GET", "/readyz")[0] == 200
    ask.state["worker"] = "silent"
    status, _, body = ask("GET", "/readyz")
    assert (status, json.loads(body)["worker"]) == (503, "silent")
    assert ask("GET", "/healthz")[0] == 200


@pytest.mark.parametrize("path", ["/static/crmdav.css", "/calendars/secret.ics"])
@pytest.mark.parametrize(
    ("date", "readable"),
    [
        ("Mon, 02 Mar 2026 09:00:00 GMT", True),
        ('"an-etag"', True),
        (f"Mon, 02 Mar {'9' * 20} 09:00:00 GMT", False),
    ],
)
def test_dates_beyond_all_clocks_are_not_passed_on(ask, path, date, readable):
    """The applications would fail on them; RFC 9110 section 13.1.3 says to ignore them."""
    told = ask("GET", path, **dict.fromkeys(DATES, date))[1]["Dates"]
    assert told.split() == (list(DATES) if readable else [])
