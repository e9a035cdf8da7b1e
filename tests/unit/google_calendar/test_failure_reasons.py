"""Google's error answers and what they mean to the engine."""

import json

import pytest

from bridge.errors import (
    ChannelRefused,
    CollectionGone,
    ItemExists,
    ItemMissing,
    ItemRejected,
    NotConnected,
    PreconditionFailed,
    RateLimited,
    SideUnavailable,
    SyncTokenExpired,
)
from bridge.google_calendar.failures import error_reason, of_listing, translated


def body(reason, message="said"):
    """Return an error body of Google's form."""
    error = {"errors": [{"domain": "d", "reason": reason, "message": message}], "message": message}
    return json.dumps({"error": error}).encode()


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        (400, "required", ItemRejected),
        (400, "timeRangeEmpty", ItemRejected),
        (401, "authError", NotConnected),
        (403, "userRateLimitExceeded", RateLimited),
        (403, "rateLimitExceeded", RateLimited),
        (429, "rateLimitExceeded", RateLimited),
        (403, "quotaExceeded", RateLimited),
        (403, "dailyLimitExceeded", RateLimited),
        (403, "accessNotConfigured", SideUnavailable),
        (400, "webhookUrlNotHttps", ChannelRefused),
        (401, "webhookUrlUnauthorized", ChannelRefused),
        (400, "pushNotSupportedForRequestedResource", ChannelRefused),
        (403, "forbiddenForNonOrganizer", ItemRejected),
        (403, "eventTypeRestriction", ItemRejected),
        (403, "insufficientPermissions", NotConnected),
        (403, "requiredAccessLevel", CollectionGone),
        (403, "forbidden", ItemRejected),
        (404, "notFound", ItemMissing),
        (409, "duplicate", ItemExists),
        (409, "conflict", PreconditionFailed),
        (410, "fullSyncRequired", SyncTokenExpired),
        (410, "updatedMinTooLongAgo", SyncTokenExpired),
        (410, "deleted", ItemMissing),
        (412, "conditionNotMet", PreconditionFailed),
        (500, "backendError", SideUnavailable),
        (503, "backendError", SideUnavailable),
        (302, "", SideUnavailable),
    ],
)
def test_the_reason_decides_before_the_status(status, reason, expected):
    """403 and 410 each have opposite meanings, told apart by the reason."""
    error = translated(status, body(reason) if reason else b"")
    assert type(error) is expected
    if reason and not isinstance(error, NotConnected):
        assert error.reason == reason
        assert error.side == "google"


def test_a_malformed_sync_token_answered_with_400_is_expired():
    """Google has been seen to answer 400 instead of 410."""
    error = translated(400, body("invalid", "Invalid sync token value."))
    assert type(error) is SyncTokenExpired


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), (None, None), ("soon", None), ("9" * 30, 86400.0)]
)
def test_retry_after_is_read_as_bounded_seconds(header, seconds):
    """Only a number of seconds is understood, and no more than a day of it."""
    assert translated(429, b"", retry_after=header).retry_after == seconds


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>", b"[]", b"{}", b'{"error": "x"}', b'{"error": {"errors": [3]}}', b"\xff"],
)
def test_an_error_body_of_any_shape_is_read(content):
    """An odd body leaves the status to decide."""
    assert error_reason(content) == ("", "")
    assert type(translated(403, content)) is ItemRejected


def test_the_newer_error_form_without_errors_tells_its_status():
    """Newer answers carry a status word instead of a list."""
    content = json.dumps({"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "m"}})
    assert error_reason(content.encode()) == ("PERMISSION_DENIED", "m")


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        (404, "notFound", CollectionGone),
        (403, "forbidden", CollectionGone),
        (400, "badRequest", SideUnavailable),
        (410, "fullSyncRequired", SyncTokenExpired),
        (403, "rateLimitExceeded", RateLimited),
    ],
)
def test_a_refused_listing_says_nothing_about_items(status, reason, expected):
    """A calendar that is not found is gone itself; no item is removed for it."""
    assert type(of_listing(translated(status, body(reason)))) is expected


def test_reasons_of_push_are_the_same_with_and_without_their_domain():
    """Google writes them both ways."""
    error = translated(400, body("push.webhookUrlInvalid"))
    assert (type(error), error.reason) == (ChannelRefused, "webhookUrlInvalid")
