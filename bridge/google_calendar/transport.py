"""HTTP to Google: the one module that knows `httplib2`.

Time-outs always, redirects never, no proxies from the environment (threats 3.9), no cache. An
`Http` belongs to one thread: httplib2 is not safe to share.
"""

from __future__ import annotations

import http.client
import json
import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlencode

import google_auth_httplib2  # type: ignore[import-untyped]  # ships no types; wrapped here
import httplib2  # type: ignore[import-untyped]  # ships no types; wrapped here
from google.auth.credentials import Credentials

from bridge.domain.message import Message
from bridge.errors import SideUnavailable
from bridge.google_calendar.words import UNREACHABLE, answered

TIMEOUT_SECONDS = 30.0
"""How long one read or write on a socket may take."""

SIDE = "google"

_NETWORK_ERRORS = (
    httplib2.HttpLib2Error,
    http.client.HTTPException,
    ssl.SSLError,
    socket.gaierror,
    OSError,
)


class OpenHttp(Protocol):
    """Opens the way to Google; `plain_http` is the one over sockets."""

    def __call__(self, timeout_seconds: float, *, one_try: bool = False) -> httplib2.Http:
        """Return a new `Http`; with `one_try` it never repeats a request whose answer was lost."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer of one of the OAuth addresses.

    Attributes:
        status: HTTP status.
        fields: The JSON object of the body; empty when the body is none.
    """

    status: int
    fields: Mapping[str, Any]


class _OneTry:
    """A connection that never sends a request twice.

    httplib2 repeats a request whose connection closes without an answer, whatever its method. For
    a request that is not idempotent that could do the thing twice, so the closing is shown to it as
    a reset, which it passes on.
    """

    def getresponse(self) -> http.client.HTTPResponse:
        """Return the answer; none at all is a connection that was reset."""
        try:
            response: http.client.HTTPResponse = super().getresponse()  # type: ignore[misc]  # of the mixed-in connection
        except http.client.BadStatusLine as error:
            raise ConnectionResetError("closed without an answer") from error
        return response


class _OneTryPlain(_OneTry, httplib2.HTTPConnectionWithTimeout):  # type: ignore[misc]  # untyped base
    pass


class _OneTryTls(_OneTry, httplib2.HTTPSConnectionWithTimeout):  # type: ignore[misc]  # untyped base
    pass


class OneTryHttp(httplib2.Http):  # type: ignore[misc]  # untyped base
    """An `Http` for requests that must not be repeated unseen."""

    def request(self, uri: str, *args: Any, **kwargs: Any) -> Any:
        """Send one request, once; as `httplib2.Http.request` otherwise."""
        kwargs["connection_type"] = _OneTryTls if uri.startswith("https:") else _OneTryPlain
        return super().request(uri, *args, **kwargs)


def plain_http(timeout_seconds: float = TIMEOUT_SECONDS, *, one_try: bool = False) -> httplib2.Http:
    """Return a new `Http` of our settings.

    Args:
        timeout_seconds: Per socket operation.
        one_try: Never repeat a request whose answer was lost.
    """
    kind = OneTryHttp if one_try else httplib2.Http
    made = kind(timeout=timeout_seconds, proxy_info=None)
    made.follow_redirects = False
    return made


def authorized_http(credentials: Credentials, base: httplib2.Http) -> Any:
    """Return an `Http` that signs each request and refreshes the access token when it is dead."""
    return google_auth_httplib2.AuthorizedHttp(credentials, http=base)


@contextmanager
def network_errors() -> Iterator[None]:
    """Translate every failure to get a whole answer.

    Raises:
        SideUnavailable: No connection, a cut or late answer, a bad certificate.
    """
    try:
        yield
    except _NETWORK_ERRORS as error:
        raise SideUnavailable(
            Message(UNREACHABLE, kind=type(error).__name__), side=SIDE, reason="network"
        ) from error


def post_form(
    url: str, fields: Mapping[str, str], *, timeout_seconds: float = TIMEOUT_SECONDS
) -> Answer:
    """Send a form once and return the answer, whatever its status below 500.

    Raises:
        SideUnavailable: No whole answer, or a status of 500 and above.
    """
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    return _exchange(url, "POST", headers, urlencode(fields), timeout_seconds)


def get_json(url: str, *, access_token: str, timeout_seconds: float = TIMEOUT_SECONDS) -> Answer:
    """Read a JSON resource with an access token; as `post_form` otherwise."""
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
    return _exchange(url, "GET", headers, None, timeout_seconds)


def _exchange(
    url: str, method: str, headers: Mapping[str, str], body: str | None, timeout_seconds: float
) -> Answer:
    connection = plain_http(timeout_seconds, one_try=method == "POST")
    try:
        with network_errors():
            response, content = connection.request(
                url, method=method, body=body, headers=dict(headers)
            )
    finally:
        connection.close()
    if response.status >= http.client.INTERNAL_SERVER_ERROR:
        raise SideUnavailable(answered(response.status), side=SIDE, reason=f"http{response.status}")
    return Answer(status=response.status, fields=_json_object(content, response.status))


def _json_object(content: bytes, status: int) -> Mapping[str, Any]:
    if not content.strip():
        return {}
    try:
        parsed = json.loads(content)
    except ValueError as error:
        # An error page without JSON still tells its status; a success without JSON tells nothing.
        if status >= http.client.BAD_REQUEST:
            return {}
        raise SideUnavailable(
            Message("Google sent no JSON"), side=SIDE, reason="badAnswer"
        ) from error
    return parsed if isinstance(parsed, dict) else {}
