"""One call of the Calendar API, alone or as part of a batch, and its answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from bridge.rehearsal.api.parameters import Declared, Parameters
from bridge.rehearsal.calendars.access import ROLE_ORDER, demand_role, public_role
from bridge.rehearsal.calendars.resource import Calendar, find_calendar
from bridge.rehearsal.google_error import Json, insufficient_scopes, not_found
from bridge.rehearsal.oauth.grants import Bearer
from bridge.rehearsal.oauth.scopes import short_names
from bridge.rehearsal.world import World


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiRequest:
    """A call as it came in.

    Attributes:
        method: HTTP method, after an override.
        path: Path below the root, percent-encoded, such as `/calendar/v3/calendars`.
        query: Query string.
        headers: Header values by name in small letters.
        body: Raw body.
        stale: Whether a listing is to miss the latest write.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    stale: bool = False

    def overridden(self) -> ApiRequest:
        """Return the request that X-HTTP-Method-Override makes of a POST.

        A GET takes its query from the form in the body, as client libraries send what is too long
        for an address.
        """
        method = self.headers.get("x-http-method-override", "").strip().upper()
        if self.method != "POST" or not method:
            return self
        if method != "GET":
            return replace(self, method=method)
        query = "&".join(filter(None, (self.query, self.body.decode("latin-1").strip())))
        return replace(self, method=method, query=query, body=b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiAnswer:
    """How a call ended.

    Attributes:
        status: HTTP status.
        body: JSON object, None for an empty body.
        headers: Further headers.
        operation: Method id, "" when no method was found.
        units: Quota units charged.
        user: Account of the caller, "" when unknown.
    """

    status: int
    body: Json | None
    headers: Mapping[str, str] = field(default_factory=dict)
    operation: str = ""
    units: int = 1
    user: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call that found its method and its caller.

    Attributes:
        world: The rehearsal.
        method: The method called.
        bearer: Who calls.
        path: Decoded values of the path's variables.
        parameters: Checked query parameters.
        headers: Header values by name in small letters.
        body: JSON object of the body, empty when there was none.
        stale: Whether a listing is to miss the latest write.
    """

    world: World
    method: Method
    bearer: Bearer
    path: Mapping[str, str]
    parameters: Parameters
    headers: Mapping[str, str]
    body: Json
    stale: bool

    def calendar(self, *, writes: bool = False, calendar_id: str = "") -> Calendar:
        """Return the calendar of the path, or another one, in the role that the scopes allow.

        Args:
            writes: Whether the call changes something there.
            calendar_id: Id of the other one.

        Raises:
            GoogleError: 404 without access; 403 where the scopes or the role do not reach.
        """
        wanted = calendar_id or self.path["calendarId"]
        calendar = find_calendar(self.world, wanted, viewer=self.bearer.email)
        role = self._role_by_scopes(calendar)
        if writes:
            demand_role(role, "writer")
        return replace(calendar, role=role)

    def _role_by_scopes(self, calendar: Calendar) -> str:
        """Return the role in which the scopes that open the method open this calendar.

        Raises:
            GoogleError: 403 when they do not reach it; 404 when they show public calendars only and
                it is none, so that it might as well not be there.
        """
        opening = short_names(self.bearer.scopes) & self.method.scopes
        roles = [self._role_by_scope(scope, calendar) for scope in opening]
        role = max(roles, key=ROLE_ORDER.index, default="none")
        if role == "none":
            public_only = all(".public" in scope for scope in opening)
            raise not_found() if public_only else insufficient_scopes()
        return role

    def _role_by_scope(self, scope: str, calendar: Calendar) -> str:
        role = calendar.role
        if scope == "calendar.app.created":
            # The printed token is no client's; it holds all scopes, so that the wide ones decide.
            made_here = bool(calendar.client_id) and calendar.client_id == self.bearer.client_id
            role = calendar.role if made_here else "none"
        elif ".owned" in scope:
            role = calendar.role if calendar.role == "owner" else "none"
        elif ".public" in scope:
            role = public_role(self.world, calendar.calendar_id)
        elif ".freebusy" in scope:
            role = "freeBusyReader"
        return role


Handler = Callable[[Call], ApiAnswer]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A method of the API.

    Attributes:
        name: Its id, such as `calendar.events.list`.
        http: HTTP method.
        template: Path below `/calendar/v3/`, with `{variables}`.
        scopes: Short names of the scopes of which one is needed.
        parameters: Query parameters it knows.
        handler: What answers it.
        units: Quota units a call costs.
    """

    name: str
    http: str
    template: str
    scopes: frozenset[str]
    parameters: Declared
    handler: Handler
    units: int = 1

    @property
    def is_listing(self) -> bool:
        """Whether it lists a collection."""
        return self.name.endswith((".list", ".instances"))

    @property
    def writes(self) -> bool:
        """Whether it changes something that Google limits; channels and queries do not."""
        return self.http != "GET" and not self.name.endswith((".watch", ".stop", ".query"))


def answer(body: Json | None, *, etag: str = "", status: int = 200) -> ApiAnswer:
    """Return a good answer, with its ETag header."""
    return ApiAnswer(status=status, body=body, headers={"ETag": etag} if etag else {})


def answer_unless_known(call: Call, body: Json) -> ApiAnswer:
    """Return a good answer, or 304 when If-None-Match names its ETag (RFC 9110 section 13.1.2)."""
    etag = str(body["etag"])
    known = [tag.strip() for tag in call.headers.get("if-none-match", "").split(",")]
    if etag in known or "*" in known:
        return ApiAnswer(status=304, body=None, headers={"ETag": etag})
    return answer(body, etag=etag)
