"""OPTIONS, and which methods there are (RFC 9110 sections 9.3.7 and 15.5.6)."""

from __future__ import annotations

from http import client
from typing import TYPE_CHECKING, Any

from radicale import httputils

from radicale_plugin.part import DavPart

if TYPE_CHECKING:
    from radicale.types import WSGIEnviron, WSGIResponse


class OptionsPart(DavPart):
    """Answers OPTIONS."""

    def do_OPTIONS(  # noqa: N802, PLR0913, PLR0917 - Radicale's signature
        self,
        environ: WSGIEnviron,
        base_prefix: str,
        path: str,
        user: str,
        user_groups: set[str],
        request_info: dict[str, Any],
    ) -> WSGIResponse:
        """Tell the methods and what is claimed of WebDAV; the gateway puts our claims in."""
        del environ, base_prefix, path, user, user_groups, request_info
        return client.OK, {"Allow": self.allowed(), "DAV": httputils.DAV_HEADERS}, None, None

    def allowed(self) -> str:
        """Return the methods there are, as the `Allow` header names them."""
        names = [name.removeprefix("do_") for name in dir(self) if name.startswith("do_")]
        return ", ".join(name for name in names if name not in self._not_offered())

    def _not_offered(self) -> frozenset[str]:
        """Return methods that have a handler but are refused everywhere."""
        return frozenset()
