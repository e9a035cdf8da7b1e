"""Requests to one CalDAV server: the one module that knows the library `caldav`.

The library's request level is used, not its objects: those parse and rewrite calendar data, fall
back to full downloads on any failure, and write without conditions unless told. Time-outs always,
no redirects, neither `.netrc` nor proxies from the environment. A client belongs to one thread.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlsplit

from caldav.davclient import DAVClient
from caldav.lib import error as library
from caldav.lib.http_sync import AuthBase
from caldav.lib.python_utilities import WireBytes

from bridge.caldav_calendar.multistatus import (
    SIDE,
    Resource,
    SyncPage,
    multiget_request,
    read_resources,
    read_sync_page,
    sync_request,
    unquoted,
)
from bridge.caldav_calendar.sign_in import SignIn
from bridge.domain.identifiers import ETag, SyncToken
from bridge.domain.worker_lease import HEADER, LEASE_LOST
from bridge.errors import (
    BridgeError,
    CollectionGone,
    ItemExists,
    ItemMissing,
    ItemRejected,
    LeaseLost,
    PreconditionFailed,
    RateLimited,
    SideError,
    SideUnavailable,
    SyncTokenExpired,
)

Guard = Callable[[], None]
"""Called before each network request; raises if the caller may not make one now."""

TIMEOUT_SECONDS = 30

_SIGN_IN_HINT = (
    "check `worker.caldav_url`, `worker.trusted_addresses` and that both use the same key file"
)

# The precondition in a DAV:error body tells more than the status it comes with (RFC 4918 16).
_BY_CONDITION: Mapping[str, type[SideError]] = {
    "{DAV:}valid-sync-token": SyncTokenExpired,
    "{urn:ietf:params:xml:ns:caldav}no-uid-conflict": ItemExists,
}
_BY_STATUS: Mapping[int, type[SideError]] = {
    400: ItemRejected,
    403: ItemRejected,
    404: ItemMissing,
    409: ItemRejected,
    410: ItemMissing,
    412: PreconditionFailed,
    413: ItemRejected,
    414: ItemRejected,
    415: ItemRejected,
    422: ItemRejected,
    429: RateLimited,
}


def no_guard() -> None:
    """Let every request pass."""


class _FreshBasic(AuthBase):
    """Basic authentication with credentials asked for at each request, and the lease beside it."""

    def __init__(self, sign_in: SignIn) -> None:
        self._sign_in = sign_in

    def __call__(self, request: Any) -> Any:
        credentials = self._sign_in()
        pair = f"{credentials.login}:{credentials.password}".encode()
        request.headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        if credentials.fencing is not None:
            request.headers[HEADER] = str(credentials.fencing)
        return request


class CalDavClient:
    """Speaks CalDAV to one server as one user."""

    def __init__(
        self,
        url: str,
        sign_in: SignIn,
        *,
        guard: Guard = no_guard,
        timeout_seconds: int = TIMEOUT_SECONDS,
    ) -> None:
        """Prepare; nothing is sent yet.

        Args:
            url: Any address on the server, with scheme and a path.
            sign_in: Asked before each request.
            guard: Asked before each request.
            timeout_seconds: For connecting, and for each wait for data.
        """
        self._guard = guard
        self._dav = DAVClient(
            url=url, auth=_FreshBasic(sign_in), timeout=timeout_seconds, enable_rfc6764=False
        )
        self._dav.session.trust_env = False
        self._dav.session.max_redirects = 0

    def close(self) -> None:
        """Close the connections."""
        self._dav.close()

    def sync_collection(self, url: str, token: SyncToken | None) -> SyncPage:
        """Ask what changed in a collection since the token, or for everything.

        Raises:
            SyncTokenExpired: The token is not served any more.
            CollectionGone: The collection is not there, or is not ours to read.
        """
        body = sync_request(token)
        with _collection_errors():
            return read_sync_page(self._request(url, "REPORT", body, {"Depth": "0"}).tree)

    def multiget(self, url: str, names: Sequence[str]) -> Mapping[str, Resource | None]:
        """Read these resources of a collection; None for those that are not there.

        Raises:
            CollectionGone: The collection is not there, or is not ours to read.
            SideUnavailable: The server did not answer for each of them.
        """
        paths = [urlsplit(_resource_url(url, name)).path for name in names]
        with _collection_errors():
            answer = self._request(url, "REPORT", multiget_request(paths), {})
            found = read_resources(answer.tree)
        if not found.keys() >= set(names):
            raise SideUnavailable("the server left out resources", side=SIDE, reason="badAnswer")
        return {name: found[name] for name in names}

    def put(self, url: str, name: str, text: str, *, if_match: ETag | None) -> ETag | None:
        """Write a resource; None as `if_match` demands that there is none yet.

        Returns:
            The new version if the server told it and stored the text as sent.

        Raises:
            PreconditionFailed: It is there already, or is not the version `if_match`.
            ItemExists: Another resource of the collection has its UID.
            ItemRejected: The server refuses this text.
            LeaseLost: Our own server knows that another runner took over.
        """
        condition = {"If-None-Match": "*"} if if_match is None else {"If-Match": f'"{if_match}"'}
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
        answer = self._request(_resource_url(url, name), "PUT", WireBytes(text.encode()), headers)
        return unquoted(answer.headers.get("ETag"))

    def delete(self, url: str, name: str, *, if_match: ETag) -> None:
        """Delete that version of a resource.

        Raises:
            PreconditionFailed: It is not that version.
            ItemMissing: It is not there.
            LeaseLost: As for `put`.
        """
        self._request(_resource_url(url, name), "DELETE", "", {"If-Match": f'"{if_match}"'})

    def _request(self, url: str, method: str, body: Any, headers: Mapping[str, str]) -> Any:
        self._guard()
        with _library_errors():
            answer = self._dav.request(url, method, body, headers)
        if answer.status >= 300:  # noqa: PLR2004 - no success
            raise _refusal(answer.status, library.parse_preconditions(answer.raw))
        return answer


@contextmanager
def _library_errors() -> Iterator[None]:
    try:
        yield
    except library.RateLimitError as error:
        if error.status == 429:  # noqa: PLR2004 - Too Many Requests
            raise RateLimited(
                "the CalDAV server asks for fewer requests",
                side=SIDE,
                reason="http429",
                retry_after=error.retry_after_seconds,
            ) from error
        raise _refusal(503, ()) from error
    except library.AuthorizationError as error:
        raise _refusal(error.status or 403, error.preconditions) from error
    # The transport's errors are OSErrors; an answer that promises XML and is none, a SyntaxError.
    except (OSError, SyntaxError, ValueError, library.DAVError) as error:
        raise SideUnavailable(
            f"the CalDAV server could not be reached: {type(error).__name__}",
            side=SIDE,
            reason="network",
        ) from error


@contextmanager
def _collection_errors() -> Iterator[None]:
    """What answers about an item mean when the request was about the collection."""
    try:
        yield
    except (ItemMissing, ItemRejected) as error:
        if error.reason in {"http403", "http404", "http410"}:
            raise CollectionGone(str(error), side=SIDE, reason=error.reason) from error
        raise SideUnavailable(str(error), side=SIDE, reason=error.reason) from error
    except (PreconditionFailed, ItemExists) as error:
        raise SideUnavailable(str(error), side=SIDE, reason=error.reason) from error


def _refusal(status: int, preconditions: Sequence[str]) -> BridgeError:
    condition = preconditions[0].rpartition("}")[2] if preconditions else ""
    said = f"the CalDAV server answered {status}" + (f", `{condition}`" if condition else "")
    if status == 401:  # noqa: PLR2004 - Unauthorized
        return SideUnavailable(said, side=SIDE, reason="signInRefused", hint=_SIGN_IN_HINT)
    if LEASE_LOST in preconditions:
        return LeaseLost("another runner took over while a write was on its way")
    kind = _BY_STATUS.get(status, SideUnavailable)
    kind = next((_BY_CONDITION[name] for name in preconditions if name in _BY_CONDITION), kind)
    return kind(said, side=SIDE, reason=condition or f"http{status}")


def _resource_url(url: str, name: str) -> str:
    return url.rstrip("/") + "/" + quote(name, safe="-._~@")
