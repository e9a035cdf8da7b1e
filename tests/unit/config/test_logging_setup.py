"""What the log looks like, and what never stands in it."""

import io
import json
import logging

import pytest

from bridge.log import JsonFormatter, TextFormatter, redacted, set_up_logging


@pytest.fixture
def logged():
    """Give a stream and a logger of its own, and take both away again."""
    stream = io.StringIO()
    logger = logging.getLogger("tests.logging_setup")
    handler = logging.StreamHandler(stream)
    logger.addHandler(handler)
    logger.setLevel("DEBUG")
    logger.propagate = False
    yield stream, logger, handler
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Basic bWFya2VyOm1hcmtlcg==",
        "{'Authorization': 'Bearer marker-token'}",
        "('authorization', 'Bearer marker.token')",
        "Cookie: crmdav=marker; other=marker",
        "Set-Cookie: __Host-crmdav=marker; Path=/",
        "GET /oauth/google/callback?state=marker&code=4/marker&scope=x",
        '{"access_token": "marker", "refresh_token":"marker", "expires_in": 3599}',
        "client_secret=marker&grant_type=refresh_token",
        "X-Goog-Channel-Token: marker",
        "x-api-token: marker",
        "GET /api/v2/activities?api_token=marker",
        "signed in with crmdav-worker.7.1700000000.marker",
        "postgresql+psycopg://crm:marker@db/crm",
        "app password markerabcdefghijklmnopqrstuvwx23",
        "password='marker'",
    ],
)
def test_secret_in_any_form_is_redacted(text):
    """The word standing for the secret is gone, the name of the field stays."""
    assert "marker" not in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "wrote event uid=act-3b8c@x side=google count=3",
        "the database is at http://127.0.0.1:5232/dav/",
        "HTTP status code 503",
    ],
)
def test_harmless_text_is_left_alone(text):
    """Redaction does not eat what a person needs."""
    assert redacted(text) == text


def test_text_line_holds_message_and_fields_and_cannot_be_forged(logged):
    """A line break in a value stays on the line."""
    stream, logger, handler = logged
    handler.setFormatter(TextFormatter())
    logger.info("wrote event", extra={"uid": "a\nERROR forged", "refresh_token": "marker"})
    line = stream.getvalue()
    assert line.count("\n") == 1
    assert "info    tests.logging_setup: wrote event uid=a\\nERROR forged" in line
    assert "marker" not in line


def test_json_line_keeps_types_and_redacts_the_traceback(logged):
    """Programs read numbers as numbers; tracebacks are redacted like the rest."""
    stream, logger, handler = logged
    handler.setFormatter(JsonFormatter())
    try:
        int("ya29.marker")
    except ValueError:
        logger.exception("run failed", extra={"count": 3, "password": "marker"})
    entry = json.loads(stream.getvalue())
    assert (entry["message"], entry["level"], entry["count"]) == ("run failed", "error", 3)
    assert "ValueError" in entry["traceback"]
    assert "marker" not in stream.getvalue()


def test_set_up_replaces_handlers_and_silences_libraries_that_tell_contents(logged):
    """At debug level libraries that log bodies still do not."""
    root = logging.getLogger()
    before = (root.handlers[:], root.level)
    stream = io.StringIO()
    try:
        set_up_logging(level="debug", style="text", stream=stream)
        set_up_logging(level="debug", style="text", stream=stream)
        logging.getLogger("bridge.sync").debug("decided")
        logging.getLogger("radicale").info("body: SUMMARY:x")
    finally:
        logging.captureWarnings(capture=False)
        root.handlers[:], root.level = before[0], before[1]
    assert stream.getvalue().count("\n") == 1
    assert "decided" in stream.getvalue()
