"""One signed-in account at Google: the one module that knows `googleapiclient`.

The discovery document shipped with the library is used with its root replaced, so that calls and
batches go to the configured address. The resource objects are kept, for building one costs more
than a request. A session belongs to one thread. It never retries by itself and never mails guests.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import Any

from googleapiclient.discovery import (  # type: ignore[import-untyped]  # ships no types; wrapped here
    build_from_document,
)
from googleapiclient.errors import (  # type: ignore[import-untyped]  # ships no types; wrapped here
    BatchError,
    HttpError,
)

from bridge.domain.message import Message
from bridge.errors import BridgeError, SideUnavailable
from bridge.google_calendar.access import GoogleAccess, RefreshingCredentials
from bridge.google_calendar.failures import of_listing, translated
from bridge.google_calendar.oauth import AccessToken
from bridge.google_calendar.transport import (
    SIDE,
    TIMEOUT_SECONDS,
    OpenHttp,
    authorized_http,
    network_errors,
    plain_http,
)

Guard = Callable[[], None]
"""Called before each network request; raises if the caller may not make one now."""

PARTS_PER_BATCH = 50
_CALENDARS_PER_PAGE = 250
_CALENDAR_PAGES = 40
WRITER_ROLES = frozenset({"owner", "writer"})
"""Every other role sees private events without their details, or none at all."""

_ENTRY_FIELDS = "id,summary,summaryOverride,timeZone,accessRole,primary,deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleCalendar:
    """One calendar as the account sees it.

    Attributes:
        id: The resolved id, never `primary`.
        name: As the account's list shows it.
        zone: IANA name.
        access_role: `owner`, `writer`, `writerWithoutPrivateAccess`, `reader`, `freeBusyReader`.
        primary: It is the account's main calendar.
    """

    id: str
    name: str
    zone: str
    access_role: str
    primary: bool = False

    @property
    def writable(self) -> bool:
        """Whether events may be written and private ones are seen."""
        return self.access_role in WRITER_ROLES


def no_guard() -> None:
    """Let every request pass."""


class GoogleSession:
    """The calendars of one account, over one connection of its own."""

    def __init__(
        self,
        access: GoogleAccess,
        *,
        guard: Guard = no_guard,
        timeout_seconds: float = TIMEOUT_SECONDS,
        open_http: OpenHttp = plain_http,
    ) -> None:
        self._guard = guard
        self._credentials = RefreshingCredentials(access, timeout_seconds=timeout_seconds)
        self._http = open_http(timeout_seconds)
        self._one_try_http = open_http(timeout_seconds, one_try=True)
        root = access.addresses.api_root
        self._service = build_from_document(
            _discovery_document(root),
            http=authorized_http(self._credentials, self._http),
            client_options={"api_endpoint": f"{root}calendar/v3/"},
        )
        self.events = self._service.events()
        self.channels = self._service.channels()
        self._calendar_list = self._service.calendarList()
        self._calendars = self._service.calendars()

    @property
    def access_token(self) -> AccessToken | None:
        """The access token in use, worth keeping until it expires."""
        return self._credentials.access_token

    def close(self) -> None:
        """Close the connections; the session is of no use afterwards."""
        self._http.close()
        self._one_try_http.close()

    def calendars(self, *, writable_only: bool = False) -> Sequence[GoogleCalendar]:
        """Return the calendars on the account's list, the primary one first.

        Raises:
            NotConnected: The grant is dead or lacks the scope.
            SideUnavailable: No whole answer.
        """
        found: list[GoogleCalendar] = []
        token: str | None = None
        for _ in range(_CALENDAR_PAGES):
            answer = self.listing(
                self._calendar_list.list(
                    maxResults=_CALENDARS_PER_PAGE,
                    pageToken=token,
                    fields=f"nextPageToken,items({_ENTRY_FIELDS})",
                )
            )
            found += [_calendar(entry) for entry in _entries(answer) if not entry.get("deleted")]
            token = answer.get("nextPageToken")
            if not token:
                break
        chosen = [calendar for calendar in found if calendar.writable or not writable_only]
        return sorted(chosen, key=lambda calendar: (not calendar.primary, calendar.name.casefold()))

    def calendar(self, calendar_id: str) -> GoogleCalendar:
        """Return one calendar of the list; `primary` is resolved.

        Raises:
            CollectionGone: It is not on the account's list (any more).
        """
        return _calendar(
            self.listing(self._calendar_list.get(calendarId=calendar_id, fields=_ENTRY_FIELDS))
        )

    def create_calendar(self, name: str, zone: str) -> GoogleCalendar:
        """Make a calendar owned by the account; sent once, whatever becomes of the answer.

        Args:
            name: What people see.
            zone: IANA name.

        Raises:
            SideUnavailable: No whole answer; the calendar may or may not have been made.
        """
        request = self._calendars.insert(
            body={"summary": name, "timeZone": zone}, fields="id,summary,timeZone"
        )
        answer = self.listing_once(request)
        return _calendar({**answer, "accessRole": "owner"})

    def item(self, request: Any) -> Mapping[str, Any]:
        """Send a request about one event, made by `events`; {} for an empty answer."""
        return self._send(request)

    def listing_once(self, request: Any) -> Mapping[str, Any]:
        """Send a request about a calendar that must not be repeated unseen; as `listing`."""
        return self.listing(request, authorized_http(self._credentials, self._one_try_http))

    def listing(self, request: Any, http: Any = None) -> Mapping[str, Any]:
        """Send a request about a calendar or its list.

        Raises:
            CollectionGone: Not found or no longer allowed; nothing about items follows.
        """
        try:
            return self._send(request, http)
        except BridgeError as error:
            meant = of_listing(error)
            if meant is error:
                raise
            raise meant from error

    def batch(self, requests: Mapping[str, Any]) -> Mapping[str, Mapping[str, Any] | BridgeError]:
        """Send at most `PARTS_PER_BATCH` requests in one and return each part's own outcome.

        Raises:
            SideUnavailable: The answer is not whole; nothing is known of any part.
        """
        outcomes: dict[str, Mapping[str, Any] | BridgeError] = {}

        def keep(name: str, answer: Any, error: HttpError | None) -> None:
            outcomes[name] = _part(requests[name], answer) if error is None else _translated(error)

        batch = self._service.new_batch_http_request(callback=keep)
        for name, request in requests.items():
            batch.add(request, request_id=name)
        self._guard()
        with _library_errors():
            try:
                batch.execute()
            # Parts missing, without an id, or out of shape: the library looks at none of that.
            except (LookupError, AttributeError, TypeError) as error:
                raise _bad_answer() from error
        if outcomes.keys() != requests.keys():
            raise _bad_answer()
        return outcomes

    def _send(self, request: Any, http: Any = None) -> Mapping[str, Any]:
        self._guard()
        with _library_errors():
            answer = request.execute(http=http, num_retries=0)
        return _answered(request, answer)


def _part(request: Any, answer: Any) -> Mapping[str, Any] | BridgeError:
    try:
        return _answered(request, answer)
    except SideUnavailable as error:
        return error


def _answered(request: Any, answer: Any) -> Mapping[str, Any]:
    if not _is_answered_with_nothing(request):
        return _object(answer)
    # The library takes any 2xx for a deletion; a page comes from something in between.
    if answer:
        raise _bad_answer()
    return {}


def _is_answered_with_nothing(request: Any) -> bool:
    return bool(request.method == "DELETE" or request.methodId == "calendar.channels.stop")


@contextmanager
def _library_errors() -> Iterator[None]:
    try:
        with network_errors():
            yield
    # Not multipart; no JSON; not the promised encoding.
    except (BatchError, ValueError) as error:
        raise _bad_answer() from error
    except HttpError as error:
        raise _translated(error) from error


def _translated(error: HttpError) -> BridgeError:
    return translated(
        int(error.resp.status), error.content, retry_after=error.resp.get("retry-after")
    )


def _bad_answer() -> SideUnavailable:
    return SideUnavailable(Message("Google's answer is cut or odd"), side=SIDE, reason="badAnswer")


def _object(answer: Any) -> Mapping[str, Any]:
    if not isinstance(answer, dict):
        raise _bad_answer()
    return answer


def _entries(answer: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    entries = answer.get("items", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise _bad_answer()
    return entries


def _calendar(entry: Mapping[str, Any]) -> GoogleCalendar:
    calendar_id = entry.get("id")
    if not isinstance(calendar_id, str) or not calendar_id:
        raise _bad_answer()
    return GoogleCalendar(
        id=calendar_id,
        name=str(entry.get("summaryOverride") or entry.get("summary") or calendar_id),
        zone=str(entry.get("timeZone") or "UTC"),
        access_role=str(entry.get("accessRole") or ""),
        primary=entry.get("primary") is True,
    )


@lru_cache(maxsize=1)
def _shipped_document() -> bytes:
    folder = files("googleapiclient.discovery_cache")
    return folder.joinpath("documents", "calendar.v3.json").read_bytes()


def _discovery_document(root: str) -> dict[str, Any]:
    """Return the shipped document for another root; parsed anew, as the library writes into it."""
    document: dict[str, Any] = json.loads(_shipped_document())
    document.pop("mtlsRootUrl", None)
    return {**document, "rootUrl": root, "baseUrl": f"{root}calendar/v3/"}
