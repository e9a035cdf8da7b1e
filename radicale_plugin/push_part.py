"""POST of `push-register` to a calendar, and DELETE of a registration URL."""

from __future__ import annotations

from http import client
from typing import TYPE_CHECKING, Any

from radicale import httputils, pathutils

from bridge.errors import StoreBusy, StoreError
from radicale_plugin.live_properties import calendar_of
from radicale_plugin.part import DavPart
from radicale_plugin.push import (
    PUSH_REGISTER,
    REGISTRATIONS,
    PushOffer,
    http_time,
    not_available,
    read_wish,
)
from radicale_plugin.request import current_request
from radicale_plugin.resources import Kind

if TYPE_CHECKING:
    from radicale.types import WSGIEnviron, WSGIResponse

    from bridge.store.push_subscriptions import PushWish
    from radicale_plugin.collection import CalendarCollection


class PushPart(DavPart):
    """Answers what WebDAV-Push asks of a server; without an offer it is not there at all."""

    def do_POST(  # noqa: N802, PLR0913, PLR0917 - Radicale's signature
        self,
        environ: WSGIEnviron,
        base_prefix: str,
        path: str,
        user: str,
        user_groups: set[str],
        request_info: dict[str, Any],
    ) -> WSGIResponse:
        """Register or renew a push subscription.

        Raises:
            BridgeError: The subscription is refused; nothing was stored.
        """
        del request_info
        offer = self._push
        if offer is None:
            return httputils.METHOD_NOT_ALLOWED
        root = self._xml(environ)
        if root is None or root.tag != PUSH_REGISTER:
            return httputils.METHOD_NOT_ALLOWED
        with self._storage.acquire_lock("r", user):
            resource = self._resource(path, user, user_groups)
        if resource.kind is not Kind.CALENDAR:
            raise not_available("only calendars tell of their changes")
        calendar = calendar_of(resource)
        wish = read_wish(root, offer)
        name, created = _register(offer, calendar, wish)
        headers = {
            "Location": f"{offer.base_url or _own_url(environ)}{base_prefix}{REGISTRATIONS}{name}",
            "Expires": http_time(wish.expires_at),
        }
        return client.CREATED if created else client.NO_CONTENT, headers, None, None

    def do_DELETE(  # noqa: N802, PLR0913, PLR0917 - Radicale's signature
        self,
        environ: WSGIEnviron,
        base_prefix: str,
        path: str,
        user: str,
        user_groups: set[str],
        request_info: dict[str, Any],
    ) -> WSGIResponse:
        """Remove the user's subscription of a registration URL; all else is the next part's."""
        if not path.startswith(REGISTRATIONS):
            answer: WSGIResponse = super().do_DELETE(  # type: ignore[misc]  # the next part's
                environ, base_prefix, path, user, user_groups, request_info
            )
            return answer
        signed_in = current_request().user
        if not user or signed_in is None:
            return httputils.NOT_ALLOWED
        if self._push is None:
            return httputils.NOT_FOUND
        name = pathutils.strip_path(path).removeprefix(REGISTRATIONS.strip("/") + "/")
        with self._push.database.write() as work:
            removed = work.push_subscriptions.remove(name, signed_in.id)
        return (client.NO_CONTENT, {}, None, None) if removed else httputils.NOT_FOUND


def _register(offer: PushOffer, calendar: CalendarCollection, wish: PushWish) -> tuple[str, bool]:
    user = current_request().user
    if user is None:
        raise not_available("nobody signed in")
    try:
        with offer.database.write() as work:
            return work.push_subscriptions.register(
                user, calendar.stored.id, wish, vault=offer.vault, now=offer.clock()
            )
    except StoreBusy:
        raise
    except StoreError as error:
        raise not_available(str(error)) from error


def _own_url(environ: WSGIEnviron) -> str:
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    return f"{environ.get('wsgi.url_scheme', 'http')}://{host}"
