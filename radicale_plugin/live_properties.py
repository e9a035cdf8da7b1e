"""Live properties: one table, from Clark name to what makes the value (RFC 4918 section 15).

A value is the XML inside the property's element, with the prefixes of `multistatus`; None where a
resource does not have the property, "" where it has it without a value. No value asks the store.
Further parts of the plugin add a module with a table of their own and name it in `TABLES`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import TYPE_CHECKING

from bridge.ical.content_line import clean_text
from radicale_plugin.collection import CalendarCollection
from radicale_plugin.component_tests import COLLATIONS
from radicale_plugin.item import http_date
from radicale_plugin.multistatus import PREFIXES, escaped, href_of
from radicale_plugin.privileges import privileges_of
from radicale_plugin.properties import COMPONENT_ORDER, default_name
from radicale_plugin.push_properties import supported_triggers, topic, transports
from radicale_plugin.reports import supported_reports
from radicale_plugin.resources import Kind, Resource
from radicale_plugin.vocabulary import DEFAULT_TYPE

if TYPE_CHECKING:
    from bridge.domain.users import User
    from radicale_plugin.limits import DavLimits
    from radicale_plugin.push import PushOffer


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What values depend on besides the resource.

    Attributes:
        base_prefix: What stands before all paths, as in `/dav`.
        user: Who asks.
        limits: How much a client may send.
        push: What is offered to programs that want to be told of changes; None for nothing.
    """

    base_prefix: str
    user: User
    limits: DavLimits
    push: PushOffer | None = None

    def href(self, path: str) -> str:
        """Return a `DAV:href` element of a decoded path below the prefix."""
        return f"<D:href>{href_of(self.base_prefix, path)}</D:href>"


Value = Callable[[Resource, Context], str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveProperty:
    """A property whose value the server makes.

    Attributes:
        name: Clark name.
        on: Which kinds of resources may have it.
        value: Makes the value.
        protected: Whether clients may not set it; else their value counts before this one.
        in_allprop: Whether `allprop` tells it (RFC 4918 section 9.1, RFC 4791 section 5.2).
        details: Whether it needs an object's times or size.
    """

    name: str
    on: frozenset[Kind]
    value: Value
    protected: bool = True
    in_allprop: bool = False
    details: bool = False


_URIS = {prefix: uri for uri, prefix in PREFIXES.items()}
ANYWHERE = frozenset(Kind)
COLLECTIONS = frozenset({Kind.ROOT, Kind.PRINCIPAL, Kind.CALENDAR})
PRINCIPALS = frozenset({Kind.PRINCIPAL})
CALENDARS = frozenset({Kind.CALENDAR})
STORED = frozenset({Kind.CALENDAR, Kind.OBJECT})
OBJECTS = frozenset({Kind.OBJECT})

_TYPES = {
    Kind.ROOT: "<D:collection/>",
    Kind.PRINCIPAL: "<D:collection/><D:principal/>",
    Kind.CALENDAR: "<D:collection/><C:calendar/>",
    Kind.OBJECT: "",
}


def named(name: str) -> str:
    """Return the Clark name of a name with a prefix of `multistatus`."""
    prefix, _, local = name.partition(":")
    return f"{{{_URIS[prefix]}}}{local}"


def calendar_of(resource: Resource) -> CalendarCollection:
    """Return the calendar a resource is or is in."""
    if not isinstance(resource.collection, CalendarCollection):
        raise TypeError(f"no calendar: {resource.kind}")
    return resource.collection


def _etag(resource: Resource, _context: Context) -> str:
    if resource.member is not None:
        return f'"{resource.member.etag}"'
    return resource.collection.etag


def _last_modified(resource: Resource, _context: Context) -> str | None:
    if resource.member is None:
        return resource.collection.last_modified
    moment = resource.member.modified_at
    return None if moment is None else http_date(moment)


def _creation_date(resource: Resource, _context: Context) -> str | None:
    """Return the time in the form of RFC 3339, to the second."""
    moment = None if resource.member is None else resource.member.created_at
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _content_type(resource: Resource, _context: Context) -> str:
    if resource.member is None:
        return "text/calendar"
    return f"text/calendar;charset=utf-8;component={resource.member.component}"


def _content_length(resource: Resource, _context: Context) -> str | None:
    size = None if resource.member is None else resource.member.size
    return None if size is None else str(size)


def _display_name(resource: Resource, context: Context) -> str | None:
    if resource.kind is Kind.CALENDAR:
        return escaped(default_name(calendar_of(resource).stored))
    # Other programs write names, too; a control character would make the XML unreadable.
    return escaped(clean_text(context.user.name) or context.user.login)


def _owner(resource: Resource, context: Context) -> str:
    if resource.kind is Kind.ROOT:
        return ""  # RFC 3744 section 5.1: nobody's
    if resource.kind is Kind.PRINCIPAL:
        return context.href(resource.path)
    return context.href(f"/{calendar_of(resource).stored.owner_login}/")


def _addresses(resource: Resource, context: Context) -> str:
    mail = clean_text(context.user.email)
    told = f"<D:href>mailto:{escaped(mail)}</D:href>" if mail else ""
    return told + context.href(resource.path)


def _components(resource: Resource, _context: Context) -> str:
    taken = calendar_of(resource).stored.components
    return "".join(f'<C:comp name="{name}"/>' for name in COMPONENT_ORDER if name in taken)


def _own_path(resource: Resource, context: Context) -> str:
    return context.href(resource.path)


def _user_path(_resource: Resource, context: Context) -> str:
    return context.href(f"/{context.user.login}/")


def _live(  # noqa: PLR0913 - a row of the table
    name: str,
    on: frozenset[Kind],
    value: Value,
    *,
    protected: bool = True,
    in_allprop: bool = False,
    details: bool = False,
) -> LiveProperty:
    return LiveProperty(
        name=named(name),
        on=on,
        value=value,
        protected=protected,
        in_allprop=in_allprop,
        details=details,
    )


BASIC: tuple[LiveProperty, ...] = (
    # RFC 4918 section 15
    _live("D:resourcetype", ANYWHERE, lambda of, _: _TYPES[of.kind], in_allprop=True),
    _live("D:displayname", PRINCIPALS, _display_name, in_allprop=True),
    _live("D:displayname", CALENDARS, _display_name, protected=False, in_allprop=True),
    _live("D:getetag", STORED, _etag, in_allprop=True),
    _live("D:getlastmodified", STORED, _last_modified, in_allprop=True, details=True),
    _live("D:creationdate", OBJECTS, _creation_date, in_allprop=True, details=True),
    _live("D:getcontenttype", STORED, _content_type, in_allprop=True),
    _live("D:getcontentlength", OBJECTS, _content_length, in_allprop=True, details=True),
    # RFC 3744, RFC 5397
    _live("D:owner", ANYWHERE, _owner, in_allprop=True),
    _live("D:principal-URL", PRINCIPALS, _own_path, in_allprop=True),
    _live("D:principal-collection-set", ANYWHERE, lambda _, context: context.href("/")),
    _live("D:current-user-principal", ANYWHERE, _user_path),
    _live("D:current-user-privilege-set", ANYWHERE, lambda of, _: privileges_of(of)),
    # RFC 3253 section 3.1.5
    _live("D:supported-report-set", ANYWHERE, lambda of, _: supported_reports(of)),
    # RFC 6578 section 4
    _live("D:sync-token", CALENDARS, lambda of, _: escaped(calendar_of(of).token_uri)),
    _live("CS:getctag", CALENDARS, _etag),
    # RFC 4791 sections 5.2, 6.2 and 7.5.1
    _live("C:calendar-home-set", PRINCIPALS, _own_path),
    _live("C:supported-calendar-component-set", CALENDARS, _components),
    _live(
        "C:supported-calendar-data",
        CALENDARS,
        lambda *_: '<C:calendar-data content-type="text/calendar" version="2.0"/>',
    ),
    _live("C:max-resource-size", CALENDARS, lambda _, of: str(of.limits.max_object_bytes)),
    _live("C:min-date-time", CALENDARS, lambda *_: "00010101T000000Z"),
    _live("C:max-date-time", CALENDARS, lambda *_: "99991231T235959Z"),
    _live(
        "C:supported-collation-set",
        CALENDARS,
        lambda *_: "".join(
            f"<C:supported-collation>{name}</C:supported-collation>" for name in COLLATIONS
        ),
    ),
    # RFC 6638 section 2.4.1: asked for without scheduling too, to find one's own address
    _live("C:calendar-user-address-set", PRINCIPALS, _addresses),
    LiveProperty(
        name=DEFAULT_TYPE,
        on=CALENDARS,
        value=lambda of, _: escaped(calendar_of(of).stored.default_type),
    ),
)
"""The properties of the core."""

PUSH: tuple[LiveProperty, ...] = (
    # draft-bitfire-webdav-push-00 section 2.1
    _live("P:transports", CALENDARS, transports),
    _live("P:topic", CALENDARS, topic),
    _live("P:supported-triggers", CALENDARS, supported_triggers),
)
"""The properties of WebDAV-Push."""

TABLES: tuple[tuple[LiveProperty, ...], ...] = (BASIC, PUSH)
"""All tables; a row of a later one counts before the same of an earlier one."""


def _by_kind() -> Mapping[Kind, Mapping[str, LiveProperty]]:
    found: dict[Kind, dict[str, LiveProperty]] = {kind: {} for kind in Kind}
    for table in TABLES:
        for row in table:
            for kind in row.on:
                found[kind][row.name] = row
    return found


BY_KIND = _by_kind()
"""The rows of each kind of resource by Clark name."""
