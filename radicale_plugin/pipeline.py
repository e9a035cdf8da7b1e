"""From a request to its answer: sign-in, handler, encoding (decision record 8).

Radicale's own way there looks at every character of a path a dozen times, writes log lines nobody
reads, and discovers the principal under a lock of its own: twice what an ordinary answer costs.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Mapping
from contextlib import ExitStack
from http import client
from typing import TYPE_CHECKING, Any

from radicale import httputils

from bridge.errors import BridgeError, SignInThrottled
from radicale_plugin.configuration import REALM
from radicale_plugin.credentials import charset_of, read_basic
from radicale_plugin.options import OptionsPart
from radicale_plugin.refusals import answer_to
from radicale_plugin.request import Request, begin_request

if TYPE_CHECKING:
    from radicale.types import WSGIEnviron, WSGIResponse

logger = logging.getLogger(__name__)

READING = frozenset({"GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"})
"""Methods that write nothing: sign-in and answer come of one snapshot."""

_WELL_KNOWN = ("/.well-known/caldav", "/.well-known/carddav")
_GZIP_FROM = 500  # bytes; less fits into one packet as it is
_GZIP_LEVEL = 1  # a listing shrinks to a tenth already, for a quarter of the usual work

Sent = tuple[str, list[tuple[str, str]], list[bytes]]


class PipelinePart(OptionsPart):
    """Takes the place of Radicale's request handling; the methods are those of the other parts."""

    _extra_headers: Mapping[str, str]

    def _handle_request(self, environ: WSGIEnviron) -> Sent:
        """Return status line, headers and body of the answer."""
        request = begin_request(environ)
        method = environ["REQUEST_METHOD"].upper()
        try:
            answer = self._handled(method, environ, request)
        except BridgeError as error:  # at sign-in, outside of all handlers
            answer = answer_to(error)
        if request.secret_id is not None:
            self._auth.note_use(request.secret_id)
        return self._encoded(answer, environ)

    def _handled(self, method: str, environ: WSGIEnviron, request: Request) -> WSGIResponse:
        handler = getattr(self, f"do_{method}", None)
        if handler is None:
            return self._without_method()
        path, base_prefix = environ["PATH_INFO"], environ["SCRIPT_NAME"]
        if path.rstrip("/").endswith(_WELL_KNOWN):
            return httputils.redirect(f"{base_prefix}/", client.MOVED_PERMANENTLY)
        with ExitStack() as held:
            reads = method in READING
            held.enter_context(
                self._storage.acquire_lock("r") if reads else self._storage.before_writing()
            )
            if not self._sign_in(environ, request):
                return _unauthorized()
            if not reads:
                held.close()
            user = "" if request.user is None else str(request.user.login)
            answer: WSGIResponse = handler(environ, base_prefix, path, user, set(), {})
        if answer == httputils.NOT_ALLOWED and not user:
            return _unauthorized()
        if answer[0] == client.METHOD_NOT_ALLOWED:
            return self._without_method(answer)
        return answer

    def _sign_in(self, environ: WSGIEnviron, request: Request) -> bool:
        """Find out who it is; whether that is nobody or somebody.

        Returns:
            False for credentials that are refused.

        Raises:
            SignInThrottled: They were not even looked at.
        """
        request.charset = charset_of(environ)
        credentials = read_basic(environ.get("HTTP_AUTHORIZATION", ""))
        if credentials is None:
            return True
        user = self._auth.sign_in(credentials, request.peer.client)
        if request.retry_after is not None:
            raise SignInThrottled("too many failed sign-ins", retry_after=request.retry_after)
        if user is None:
            told = {"login": credentials.login, "client": request.peer.client}
            logger.warning("sign-in refused", extra=told)
        return user is not None

    def _without_method(self, answer: WSGIResponse = httputils.METHOD_NOT_ALLOWED) -> WSGIResponse:
        status, headers, content, xml = answer
        return status, {**dict(headers), "Allow": self.allowed()}, content, xml

    def _encoded(self, answer: WSGIResponse, environ: WSGIEnviron) -> Sent:
        status, given, content, _ = answer
        headers: dict[str, Any] = dict(given)
        body = b""
        if content is not None:
            body = content if isinstance(content, bytes) else content.encode()
            if isinstance(content, str):
                headers["Content-Type"] += "; charset=utf-8"
            large = len(body) >= _GZIP_FROM
            if large:  # sent as it is, too (RFC 9110 section 12.5.5)
                headers["Vary"] = "Accept-Encoding"
            if large and _takes_gzip(environ.get("HTTP_ACCEPT_ENCODING", "")):
                packer = zlib.compressobj(_GZIP_LEVEL, wbits=16 + zlib.MAX_WBITS)
                body = packer.compress(body) + packer.flush()
                headers["Content-Encoding"] = "gzip"
            headers["Content-Length"] = str(len(body))
        headers |= self._extra_headers
        phrase = client.responses.get(status, "Unknown")
        return f"{int(status)} {phrase}", list(headers.items()), [body]


def _takes_gzip(header: str) -> bool:
    """Return whether a client takes gzip (RFC 9110 section 12.5.3)."""
    for offer in header.split(",") if header else ():
        coding, _, weight = offer.partition(";")
        if coding.strip().lower() == "gzip":
            return weight.replace(" ", "").lower() not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return False


def _unauthorized() -> WSGIResponse:
    headers = {"Content-Type": "text/plain", "WWW-Authenticate": f'Basic realm="{REALM}"'}
    return client.UNAUTHORIZED, headers, "sign in with an app password\n", None
