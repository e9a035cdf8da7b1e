"""What the parts of our application share: finding a resource, reading XML, answering."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from http import client
from typing import TYPE_CHECKING

from radicale import httputils
from radicale.app.base import ApplicationBase

from bridge.errors import NotFound
from radicale_plugin.collection import CalendarCollection
from radicale_plugin.fixed_collection import FixedCollection
from radicale_plugin.limits import DEFAULT_LIMITS, DavLimits
from radicale_plugin.live_properties import Context
from radicale_plugin.multistatus import CONTENT_TYPE, multistatus
from radicale_plugin.refusals import Forbidden
from radicale_plugin.request import current_request
from radicale_plugin.resources import Kind, Resource, collection_resource, object_resource
from radicale_plugin.xml_request import check, read_xml

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET

    from radicale.types import WSGIEnviron, WSGIResponse

    from bridge.store.calendar_values import StoredObject
    from radicale_plugin.auth import Auth
    from radicale_plugin.push import PushOffer
    from radicale_plugin.storage import Storage

MINIMAL = "return=minimal"
_OBJECT_DEPTH = len(("home", "calendar", "object"))


class DavPart(ApplicationBase):
    """A part of the application that answers with text, not with a tree of elements."""

    _storage: Storage
    _auth: Auth
    _limits: DavLimits = DEFAULT_LIMITS
    _push: PushOffer | None = None

    def _resource(self, path: str, user: str, user_groups: set[str]) -> Resource:
        """Return what a path leads to, if the user may see it; a lock is held.

        Raises:
            Forbidden: The user may see nothing there.
            NotFound: Nothing is there.
        """
        letters = self._letters(path, user, user_groups)
        if not letters:
            raise Forbidden
        collection, name = self._storage.place(path)
        if collection is None:
            raise NotFound("there is nothing here")
        resource = collection_resource(collection, letters)
        if name:
            resource = object_resource(*_member(collection, name), letters)
        if not is_readable(resource):
            raise Forbidden
        return resource

    def _letters(self, path: str, user: str, user_groups: set[str]) -> str:
        """Return the letters of the user's rights on a path; an object's are its calendar's."""
        parts = [part for part in path.split("/") if part]
        if len(parts) == _OBJECT_DEPTH:
            parts.pop()
        return self._rights.authorization(user, user_groups, "/".join(parts))

    def _children(self, resource: Resource, user: str, user_groups: set[str]) -> Iterator[Resource]:
        """Yield the collections the user may see in the root or a home; a lock is held."""
        found = iter(self._storage.discover(resource.path, "1"))
        next(found, None)
        for child in found:
            assert isinstance(child, FixedCollection | CalendarCollection)  # noqa: S101 - of a home
            below = collection_resource(child, self._letters(child.path, user, user_groups))
            if is_readable(below):
                yield below

    def _context(self, base_prefix: str) -> Context:
        """Return what property values of this request depend on.

        Raises:
            Forbidden: Nobody signed in.
        """
        user = current_request().user
        if user is None:
            raise Forbidden
        return Context(base_prefix=base_prefix, user=user, limits=self._limits, push=self._push)

    def _xml(self, environ: WSGIEnviron) -> ET.Element | None:
        """Return the request's XML, None for an empty body.

        Raises:
            InvalidInput: It is beyond our limits, or no XML.
        """
        body = body_of(environ)
        if not body:
            return None
        root = read_xml(body, limits=self._limits)
        check(root, limits=self._limits)
        return root


def _member(
    collection: FixedCollection | CalendarCollection, name: str
) -> tuple[CalendarCollection, StoredObject]:
    """Return a calendar with the object of that name in it.

    Raises:
        NotFound: It has none.
    """
    stored = collection.stored_at(name) if isinstance(collection, CalendarCollection) else None
    if stored is None:
        raise NotFound("there is nothing here")
    assert isinstance(collection, CalendarCollection)  # noqa: S101 - only these hold objects
    return collection, stored


def body_of(environ: WSGIEnviron) -> bytes:
    """Return the body that the gateway read and measured."""
    body: bytes = environ["wsgi.input"].read()
    return body


def is_readable(resource: Resource) -> bool:
    """Return whether the user may know of a resource at all."""
    letters = {Kind.CALENDAR: "rf", Kind.OBJECT: "r"}.get(resource.kind, "R")
    return any(letter in resource.rights for letter in letters)


def wants_minimal(environ: WSGIEnviron) -> bool:
    """Return whether absent properties are not to be told (RFC 8144; `Brief` of older clients)."""
    preferred = [part.strip() for part in environ.get("HTTP_PREFER", "").lower().split(",")]
    return MINIMAL in preferred or environ.get("HTTP_BRIEF", "").strip().lower() == "t"


def answer(
    responses: Iterable[str],
    *,
    tail: str = "",
    minimal: bool = False,
    limits: DavLimits = DEFAULT_LIMITS,
) -> WSGIResponse:
    """Return a 207 of these responses.

    Args:
        responses: Of `multistatus.response`.
        tail: What follows them.
        minimal: Whether the client is told that its preference was followed.
        limits: How large it may be.

    Raises:
        Refusal: It is too large.
    """
    headers = {"DAV": httputils.DAV_HEADERS, "Content-Type": CONTENT_TYPE}
    if minimal:
        headers["Preference-Applied"] = MINIMAL
    body = multistatus(responses, tail=tail, most=limits.max_answer_bytes)
    return client.MULTI_STATUS, headers, body, None
