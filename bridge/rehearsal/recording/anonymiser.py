"""Values of requests and answers without anybody's data, by the name each value stands under.

What may stay is listed; everything else is replaced, names of members included. Numbers and truth
values stay. Messages of errors and links are left out, as they repeat what was sent.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from bridge.errors import InvalidInput
from bridge.rehearsal.oauth.scopes import is_known
from bridge.rehearsal.recording.bodies import Json
from bridge.rehearsal.recording.stand_ins import StandIns
from bridge.rehearsal.recording.vocabulary import RULE_WORDS, SEGMENTS, choices, names, zones
from bridge.rehearsal.switches import Switches

_TIME = re.compile(
    r"[+-]?\d{1,20}|\d\d:\d\d|\d{4}-\d\d(-\d\d)?([Tt ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?)?"
    r"(Z|z|[+-]\d\d:?\d\d)?"
)
_RULE_PART = re.compile(r"\d{8}(T\d{6}Z?)?|[+-]?\d{1,9}|[+-]?\d{0,2}(MO|TU|WE|TH|FR|SA|SU)", re.I)
_RULE_TOKEN = re.compile(r"[A-Za-z_]+/[A-Za-z_/+\-0-9]+|[^\W_]+")
_MASK_NAME = re.compile(r"[^\W]+")
_PLAIN = re.compile(r"[A-Za-z][A-Za-z-]{0,80}")
_CALLBACK = re.compile(r"http://(127\.0\.0\.1|localhost)(:\d{1,5})?/oauth/google/callback")
_FAULT = re.compile(r"[a-z_]{1,20}(:[0-9.]{1,8})?(:[A-Za-z]{1,40})?")
_SHORT = re.compile(r"[+-]?\d{1,7}|true|false", re.I)
_NUMBERED = re.compile(r"\d{1,2}")

_TIMES = (
    "date dateTime timeMin timeMax updatedMin created updated originalStart expiration now day "
    "month ttl to from start end start_date start_time end_date end_time repeat_until week"
)
_IDENTIFIERS = (
    "id eventId calendarId iCalUID recurringEventId ruleId event event_id calendar calendar_id "
    "calendars destination resourceId colorId eventLabelId backgroundColor foregroundColor "
    "background foreground requestId channelId fileId"
)
_TOKENS = (
    "access_token refresh_token id_token oauth_token code token client_id client_secret syncToken "
    "pageToken nextSyncToken nextPageToken state nonce key quotaUser userIp password passcode pin "
    "accessCode meetingCode signature assertion"
)
_CHOICES = (
    "kind status responseStatus transparency visibility eventType eventTypes method type role "
    "accessRole orderBy sendUpdates send_updates sent_updates minAccessRole alt grant_type setting "
    "token_type response_type access_type prompt decision code_challenge_method act action span "
    "include_granted_scopes authuser autoDeclineMode chatStatus allowedConferenceSolutionTypes "
    "done all_day deleted reply"
)
_LEFT_OUT = "message error_description htmlLink resourceUri picture"
_ERROR_WORDS = frozenset({"domain", "reason", "locationType", "location", "status"})

Replace = Callable[[str], str]


class Anonymiser:
    """The anonymiser of one recording; the same value always becomes the same stand-in."""

    def __init__(self) -> None:
        self.stand_ins = StandIns()
        self._verifiers: dict[str, str] = {}
        rules: tuple[tuple[str, Replace], ...] = (
            (_TIMES, self._time),
            ("timeZone timezone zone", self._zone),
            (_IDENTIFIERS, self.stand_ins.identifier),
            (_TOKENS, self.stand_ins.token),
            (_CHOICES, self._choice),
            (_LEFT_OUT, _nothing),
            ("etag", self.etags),
            ("error", _error_name),
            ("value", self._setting),
            ("recurrence rule", self._rule),
            ("fields", self._mask),
            ("scope granted", self._scopes),
            ("redirect_uri", self.redirect),
            ("address", self.push_address),
            ("fault", self._fault),
            ("path_contains", self._path),
            ("code_challenge", self._challenge),
            ("code_verifier", self._verifier),
        )
        self._rules = {name: rule for listed, rule in rules for name in listed.split()}

    def value(self, name: str, value: Any, *, free: bool = False) -> Any:
        """Return a JSON value without anybody's data.

        Args:
            name: Of the member it stands under; values of a list stand under the list's name.
            value: JSON value.
            free: Whether it belongs to extended properties, where names are anybody's choice.
        """
        if isinstance(value, str):
            return self.stand_ins.text(value) if free else self.text(name, value)
        if isinstance(value, list):
            return [self.value(name, item, free=free) for item in value]
        if not isinstance(value, dict):
            return value
        if name == "error":
            return self._error(value)
        if name == "extendedProperties":
            return {
                self._name(kind): self.value("", item, free=True) for kind, item in value.items()
            }
        return {
            self._name(inner, free=free): self.value(inner, item, free=free)
            for inner, item in value.items()
        }

    def text(self, name: str, value: str) -> str:
        """Return a text that stands under a name."""
        rule = self._rules.get(name)
        if rule is not None:
            return rule(value)
        if name in names() and (_SHORT.fullmatch(value) or _is_switch(name, value)):
            return value
        return self.stand_ins.text(value)

    def pairs(self, pairs: list[list[str]]) -> list[list[str]]:
        """Return the names and values of a query or form."""
        return [[self._name(name), self.text(name, value)] for name, value in pairs]

    def redirect(self, value: str) -> str:
        """Return an address a browser is sent back to, without its query."""
        return value if _CALLBACK.fullmatch(value) else self.stand_ins.text(value)

    def push_address(self, value: str) -> str:
        """Return an address for push messages that leads nowhere."""
        try:
            parts = urlsplit(value)
        except ValueError:
            return self.stand_ins.text(value)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            return self.stand_ins.text(value)
        path = self.stand_ins.text(parts.path)
        if parts.hostname in ("127.0.0.1", "localhost"):
            # Port 9 discards, and nobody listens there.
            return f"{parts.scheme}://127.0.0.1:9{path}"
        host = self.stand_ins.text(parts.netloc.replace("@", "."))
        return f"{parts.scheme}://{host}.invalid{path}"

    def authorization(self, value: str) -> str:
        """Return an Authorization header; Basic credentials stand there unencoded."""
        scheme, _, rest = value.partition(" ")
        if scheme.lower() == "basic":
            try:
                user, _, password = base64.b64decode(rest, validate=True).decode().partition(":")
            except (binascii.Error, ValueError):
                return f"Basic {self.stand_ins.token(rest)}"
            return f"Basic {self.stand_ins.token(user)}:{self.stand_ins.token(password)}"
        if scheme.lower() == "bearer":
            return f"Bearer {self.stand_ins.token(rest.strip())}"
        return self.stand_ins.text(value)

    def etags(self, value: str) -> str:
        """Return an If-Match or If-None-Match header."""
        tag = r'(W/)?"p?[0-9a-f]{1,64}"'
        known = re.fullmatch(rf"\s*(\*|{tag}(\s*,\s*{tag})*)\s*", value)
        return value if known else self.stand_ins.text(value)

    def _name(self, name: str, *, free: bool = False) -> str:
        if not free and (name in names() or _NUMBERED.fullmatch(name)):
            return name
        return self.stand_ins.identifier(name) if "@" in name else self.stand_ins.text(name)

    def _error(self, error: Json) -> Json:
        """Keep what an error is decided by; its message may repeat what was sent."""
        shown: Json = {}
        for name, value in error.items():
            if name == "errors" and isinstance(value, list):
                shown[name] = [self._error(item) for item in value if isinstance(item, dict)]
            elif name in _ERROR_WORDS and isinstance(value, str):
                shown[name] = value if _PLAIN.fullmatch(value.replace("_", "-")) else ""
            elif isinstance(value, int):
                shown[name] = value
        return shown

    def _time(self, value: str) -> str:
        return value if _TIME.fullmatch(value) else self.stand_ins.text(value)

    def _zone(self, value: str) -> str:
        return value if value in zones() else self.stand_ins.text(value)

    def _choice(self, value: str) -> str:
        return value if value in choices() else self.stand_ins.text(value)

    def _setting(self, value: str) -> str:
        return value if _SHORT.fullmatch(value) or value in zones() else self._choice(value)

    def _fault(self, value: str) -> str:
        return value if _FAULT.fullmatch(value) else self.stand_ins.text(value)

    def _scopes(self, value: str) -> str:
        return " ".join(
            scope if is_known(scope) else self.stand_ins.text(scope) for scope in value.split(" ")
        )

    def _mask(self, value: str) -> str:
        return _MASK_NAME.sub(
            lambda found: found[0] if found[0] in names() else self.stand_ins.text(found[0]), value
        )

    def _path(self, value: str) -> str:
        return _MASK_NAME.sub(
            lambda found: (
                found[0]
                if found[0] in SEGMENTS or found[0] in names()
                else self.stand_ins.identifier(found[0])
            ),
            value,
        )

    def _rule(self, value: str) -> str:
        return _RULE_TOKEN.sub(self._rule_token, value)

    def _rule_token(self, found: re.Match[str]) -> str:
        word = found[0]
        if word.upper() in RULE_WORDS or _RULE_PART.fullmatch(word) or word in zones():
            return word
        return self.stand_ins.text(word)

    def _challenge(self, value: str) -> str:
        """Return the challenge of the stand-in of a verifier that is not known yet (RFC 7636)."""
        verifier = f"verifier-{self.stand_ins.token(value)}"
        self._verifiers[value] = verifier
        return _challenge_of(verifier)

    def _verifier(self, value: str) -> str:
        return self._verifiers.get(_challenge_of(value)) or self.stand_ins.token(value)


def _is_switch(name: str, value: str) -> bool:
    try:
        Switches().changed({name: value})
    except InvalidInput:
        return False
    return True


def _error_name(value: str) -> str:
    return value if value in choices() else ""


def _nothing(_value: str) -> str:
    return ""


def _challenge_of(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
