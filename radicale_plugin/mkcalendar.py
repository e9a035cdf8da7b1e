"""MKCALENDAR (RFC 4791 section 5.3.1) and extended MKCOL (RFC 5689): further calendars of a home.

All properties of the request are set or nothing is made. The two methods differ in what they call
their body, and in how they say that the name is taken.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from http import client
from typing import TYPE_CHECKING, Any

from radicale import httputils, pathutils

from bridge.domain.activity import DEFAULT_TYPES, CollectionName
from bridge.errors import AlreadyExists, InvalidInput
from bridge.ical.calendar_object import COMPONENTS
from bridge.store.calendar_values import NewCalendar
from bridge.store.user_calendars import is_free_to_name
from radicale_plugin.dead_properties import kept_value, text_of
from radicale_plugin.part import DavPart
from radicale_plugin.property_plan import protected_names
from radicale_plugin.query_zone import zone_calendar
from radicale_plugin.refusals import Refusal
from radicale_plugin.request import current_request
from radicale_plugin.resources import Kind
from radicale_plugin.storage import Storage
from radicale_plugin.vocabulary import DEFAULT_TYPE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from radicale.types import WSGIEnviron, WSGIResponse

    from bridge.domain.users import User
    from radicale_plugin.limits import DavLimits

_DAV, _CALDAV = "{DAV:}", "{urn:ietf:params:xml:ns:caldav}"
_BODY = {"MKCALENDAR": f"{_CALDAV}mkcalendar", "MKCOL": f"{_DAV}mkcol"}
_RESOURCE_TYPE = f"{_DAV}resourcetype"
_CALENDAR = {f"{_DAV}collection", f"{_CALDAV}calendar"}
_COMPONENT_SET = f"{_CALDAV}supported-calendar-component-set"
_TIMEZONE = f"{_CALDAV}calendar-timezone"
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_OF_THE_REQUEST = frozenset({_RESOURCE_TYPE, _COMPONENT_SET, DEFAULT_TYPE})


class MkcalendarPart(DavPart):
    """Answers MKCALENDAR and MKCOL."""

    def do_MKCALENDAR(  # noqa: N802, PLR0913, PLR0917 - Radicale's signature
        self,
        environ: WSGIEnviron,
        base_prefix: str,
        path: str,
        user: str,
        user_groups: set[str],
        request_info: dict[str, Any],
    ) -> WSGIResponse:
        """Make a calendar.

        Raises:
            BridgeError: It is refused; nothing was made.
        """
        del base_prefix, request_info
        return self._make("MKCALENDAR", environ, path, user, user_groups)

    def do_MKCOL(  # noqa: N802, PLR0913, PLR0917 - Radicale's signature
        self,
        environ: WSGIEnviron,
        base_prefix: str,
        path: str,
        user: str,
        user_groups: set[str],
        request_info: dict[str, Any],
    ) -> WSGIResponse:
        """Make a calendar, if that is what the body asks for.

        Raises:
            BridgeError: It is refused; nothing was made.
        """
        del base_prefix, request_info
        return self._make("MKCOL", environ, path, user, user_groups)

    def _make(
        self, method: str, environ: WSGIEnviron, path: str, login: str, groups: set[str]
    ) -> WSGIResponse:
        parts = [part for part in pathutils.strip_path(path).split("/") if part]
        user = current_request().user
        if user is None or not parts or parts[0] != login:
            return httputils.NOT_ALLOWED
        if "W" not in self._rights.authorization(login, groups, f"/{login}/"):
            raise Refusal(
                "further calendars are switched off on this server",
                status=client.FORBIDDEN,
                condition="D:need-privileges",
            )
        root = self._xml(environ)
        with self._storage.acquire_lock("w", login, path=path, request=method, actor=login):
            self._check_place(method, path, parts)
            self._create(user, read_new_calendar(method, parts[-1], root, self._limits))
        return client.CREATED, {"Cache-Control": "no-cache"}, None, None

    def _check_place(self, method: str, path: str, parts: list[str]) -> None:
        """See that a calendar may be made there; a lock is held.

        Raises:
            Refusal: It may not.
        """
        if next(iter(self._storage.discover(path)), None) is not None:
            raise _taken(method)
        parent = next(iter(self._storage.discover(pathutils.parent_path(path))), None)
        if parent is None:
            raise Refusal("there is nothing to make it in", status=client.CONFLICT)
        if len(parts) != len(("home", "calendar")) or not is_free_to_name(parts[-1]):
            raise Refusal(
                "calendars are made in the own home only, under a name that does not begin with"
                " a hyphen and holds no two of them in a row",
                status=client.FORBIDDEN,
                condition="C:calendar-collection-location-ok",
            )

    def _create(self, user: User, new: NewCalendar) -> None:
        storage = self._storage
        assert isinstance(storage, Storage)  # noqa: S101 - our configuration names no other
        try:
            storage.make_calendar(user, new)
        except AlreadyExists as error:
            raise _taken("MKCALENDAR") from error


def read_new_calendar(
    method: str, slug: str, root: ET.Element | None, limits: DavLimits
) -> NewCalendar:
    """Read what a request wants to make.

    Args:
        method: `MKCALENDAR` or `MKCOL`.
        slug: Name of the calendar.
        root: The body, None for an empty one.
        limits: How much a client may leave.

    Raises:
        InvalidInput: The body is not of the method.
        Refusal: A property cannot be set.
    """
    if root is not None and root.tag != _BODY[method]:
        raise InvalidInput(f"the body is no {_BODY[method]}")
    wanted = {prop.tag: prop for prop in _properties(root)}
    _check_type(method, wanted.get(_RESOURCE_TYPE))
    components = _components(wanted.get(_COMPONENT_SET))
    return NewCalendar(
        slug=slug,
        components=components,
        default_type=_default_type(wanted.get(DEFAULT_TYPE), components),
        properties=_kept(wanted, limits),
    )


def _taken(method: str) -> Refusal:
    return Refusal(
        "there is something of this name already",
        status=client.METHOD_NOT_ALLOWED if method == "MKCOL" else client.CONFLICT,
        condition="D:resource-must-be-null",
    )


def _properties(root: ET.Element | None) -> Iterator[ET.Element]:
    for instruction in () if root is None else root.findall(f"{_DAV}set"):
        for prop in instruction.findall(f"{_DAV}prop"):
            yield from prop


def _check_type(method: str, told: ET.Element | None) -> None:
    """See that a calendar is wanted; only MKCALENDAR means one without saying so."""
    wanted = _CALENDAR if told is None and method == "MKCALENDAR" else set()
    if told is not None:
        wanted = {child.tag for child in told}
    if wanted != _CALENDAR:
        raise Refusal(
            "only calendars are made here",
            status=client.FORBIDDEN,
            condition="D:valid-resourcetype",
        )


def _components(told: ET.Element | None) -> frozenset[str]:
    if told is None:
        return COMPONENTS
    names = frozenset(str(comp.get("name", "")).upper() for comp in told)
    if not names or not names <= COMPONENTS:
        raise Refusal(
            f"a calendar takes one or more of {', '.join(sorted(COMPONENTS))}",
            status=client.FORBIDDEN,
            condition="C:supported-calendar-component",
        )
    return names


def _default_type(told: ET.Element | None, components: frozenset[str]) -> str:
    key = "" if told is None else (told.text or "").strip()
    if key:
        return key
    has_events = CollectionName.ACTIVITIES.component in components
    return DEFAULT_TYPES[CollectionName.ACTIVITIES if has_events else CollectionName.TASKS]


def _kept(wanted: dict[str, ET.Element], limits: DavLimits) -> dict[str, str]:
    protected = sorted(wanted.keys() & protected_names(Kind.CALENDAR).keys() - _OF_THE_REQUEST)
    if protected:
        raise Refusal(
            f"the server alone sets {', '.join(protected)}",
            status=client.FORBIDDEN,
            condition="D:cannot-modify-protected-property",
        )
    kept = {
        name: kept_value(prop, language=prop.get(_XML_LANG, ""))
        for name, prop in wanted.items()
        if name not in _OF_THE_REQUEST
    }
    too_long = any(len(value.encode()) > limits.max_property_bytes for value in kept.values())
    if too_long or len(kept) > limits.max_properties:
        raise Refusal("too many or too long properties", status=client.INSUFFICIENT_STORAGE)
    if _TIMEZONE in kept:
        zone_calendar(text_of(kept[_TIMEZONE]))
    return kept
