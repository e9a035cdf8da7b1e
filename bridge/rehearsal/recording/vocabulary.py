"""Words of Google's and of ours that say nothing about anybody, and so may stay in a recording.

Source: Google's discovery document of Calendar v3, as its client library ships it, for the names of
members and parameters and for closed sets of values.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from bridge.rehearsal.api.methods import METHODS
from bridge.rehearsal.faults import FaultKind
from bridge.rehearsal.switches import Switches

_QUOTED = re.compile(r'"([A-Za-z][A-Za-z0-9#/_.]*)"')


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_OUR_NAMES = _words(
    """
    access_token access_type account accounts act action address advance_seconds after
    allow_http_push alt authuser calendar calendar_id calendars client_id client_secret code
    code_challenge code_challenge_method code_verifier comment day decision email error
    error_description errors event event_id expires_in family_name fault fields given_name
    grant_type granted group groups hd id_token include_granted_scopes kind login_hint
    members method month name nonce path_contains picture prompt redirect_uri refresh_token
    refresh_token_expires_in response_type role scope send_updates sent_updates span state
    start_date start_time end_date end_time sub times timezone title to token token_type
    user waiting email_verified now done all_day deleted etag from guests reminder_list
    repeat_until reply rule zone body week text taken
    """
)
_OUR_CHOICES = _words(
    """
    true false True False S256 plain authorization_code refresh_token Bearer offline online
    consent none select_account allow deny code json media invalid_grant invalid_client
    invalid_request invalid_token invalid_scope unsupported_grant_type redirect_uri_mismatch
    access_denied interaction_required web_hook webhook api#channel this following all add
    edit move delete restore split duplicate reply accept decline primary owner GET POST PUT PATCH
    DELETE HEAD autoAddHangouts dateFieldOrder defaultEventLength format24HourTime hideInvitations
    hideWeekends locale remindOnRespondedEventsOnly showDeclinedEvents timezone
    useKeyboardShortcuts weekStart DMY MDY YMD en added changed deleted moved restored replied saved
    on off week month day
    """
)
OWN_TEXTS = frozenset({"Customer visits", "Google Meet", "Busy", "busy"})
"""Texts the rehearsal itself writes."""
SEGMENTS = _words(
    """
    batch calendar v3 v2 o oauth2 auth token revoke userinfo _rehearsal faults requests
    clock switches accounts reset mail quotas oauth_requests acts access groups settings
    remove_calendar events add change delete static primary me
    """
) | {
    segment
    for method in METHODS
    for segment in method.template.split("/")
    if not segment.startswith("{")
}
SEGMENTS |= {file.name for file in (Path(__file__).parents[1] / "static").iterdir()}
"""Parts of paths."""
TAGS = _words(
    """
    a b br div em h1 h2 h3 i iframe img li object ol p pre s script span strong style sub
    sup table tbody td th tr u ul href src class onclick
    """
)
"""Names in HTML."""
SCHEMES = frozenset({"http", "https", "mailto", "tel", "javascript"})
RULE_WORDS = _words(
    """
    RRULE EXRULE RDATE EXDATE FREQ UNTIL COUNT INTERVAL WKST TZID VALUE DATE TIME PERIOD
    BYSECOND BYMINUTE BYHOUR BYDAY BYMONTHDAY BYYEARDAY BYWEEKNO BYMONTH BYSETPOS SECONDLY
    MINUTELY HOURLY DAILY WEEKLY MONTHLY YEARLY MO TU WE TH FR SA SU
    """
)
"""Words of recurrence lines, RFC 5545 section 3.3.10."""


@cache
def names() -> frozenset[str]:
    """Return all names of members and parameters."""
    document = _document()
    found = set(_members(document["schemas"])) | set(document["parameters"])
    for resource in document["resources"].values():
        for method in resource["methods"].values():
            found |= set(method.get("parameters", {}))
    return frozenset(found) | _OUR_NAMES | {field.name for field in fields(Switches)}


@cache
def choices() -> frozenset[str]:
    """Return all values of closed sets."""
    document = _document()
    found = set(_OUR_CHOICES) | {kind.value for kind in FaultKind}
    for text in _texts(document):
        found |= set(_QUOTED.findall(text))
    found |= {str(default) for default in _defaults(document)}
    for field in fields(Switches):
        found.add(str(field.default))
    return frozenset(found | {"testing", "short", "always", "never", "listed", "off"})


@cache
def zones() -> frozenset[str]:
    """Return the names of all time zones."""
    return frozenset(available_timezones())


def _document() -> dict[str, Any]:
    shipped = files("googleapiclient.discovery_cache") / "documents/calendar.v3.json"
    document: dict[str, Any] = json.loads(shipped.read_text("utf-8"))
    return document


def _members(schema: Any) -> Iterator[str]:
    if not isinstance(schema, dict):
        return
    for name, inner in schema.items():
        if name == "properties":
            yield from inner
        yield from _members(inner)


def _texts(value: Any) -> Iterator[str]:
    """Yield descriptions, which list closed sets in quotes, and quoted members of `enum`."""
    if isinstance(value, dict):
        if isinstance(value.get("description"), str):
            yield value["description"]
        for name, inner in value.items():
            if name == "enum":
                yield " ".join(f'"{item}"' for item in inner)
            yield from _texts(inner)


def _defaults(value: Any) -> Iterator[Any]:
    if isinstance(value, dict):
        if isinstance(value.get("default"), str):
            yield value["default"]
        for inner in value.values():
            yield from _defaults(inner)
