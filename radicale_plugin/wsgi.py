"""The WSGI application for the DAV tree: a gateway in front of Radicale.

Radicale leaves to its own server what any other WSGI server does not do for it: paths decoded as
UTF-8, chunked bodies, a cap before a body is read, headers of proxies nobody vouched for.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Collection, Iterable, MutableMapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import radicale.log

from bridge.errors import BridgeError
from radicale_plugin import names
from radicale_plugin.app import CrmDavApplication
from radicale_plugin.auth import Auth, Keys
from radicale_plugin.body import read_body
from radicale_plugin.configuration import configuration_for
from radicale_plugin.limits import DEFAULT_LIMITS, DavLimits
from radicale_plugin.peer import FORWARDING_HEADERS, LOOPBACK, Addresses, peer_of
from radicale_plugin.push import DAV_TOKEN
from radicale_plugin.refusals import Refusal, answer_to
from radicale_plugin.request import PEER
from radicale_plugin.rights import Rights
from radicale_plugin.storage import Storage

if TYPE_CHECKING:
    from bridge.store.database import Database
    from radicale_plugin.push import PushOffer

DAV_CLASSES = "1, 3, calendar-access, extended-mkcol"
"""What we claim: no locks (class 2), no address books, whatever Radicale would say."""

_NO_LENGTH = frozenset({204, 304})

Environ = MutableMapping[str, Any]
Headers = list[tuple[str, str]]
StartResponse = Callable[..., Any]
WsgiApplication = Callable[[dict[str, Any], StartResponse], Iterable[bytes]]


def build_application(  # noqa: PLR0913 - the wiring's one call, every argument by name
    *,
    database: Database,
    secret_key: bytes,
    worker_key: bytes,
    trusted_addresses: Collection[str] = LOOPBACK,
    trusted_proxies: Collection[str] = (),
    base_prefix: str = "/dav",
    limits: DavLimits = DEFAULT_LIMITS,
    push: PushOffer | None = None,
    user_calendars: bool = True,
) -> WsgiApplication:
    """Return the DAV tree as a WSGI application; it connects to nothing yet.

    It may be mounted (SCRIPT_NAME is the prefix) or be given whole paths that begin with the
    prefix.

    Args:
        database: Where calendars are.
        secret_key: Key under which app passwords are kept as HMAC.
        worker_key: Key of the worker's sign-in, `derive_key(secret, PURPOSE)`.
        trusted_addresses: Addresses and networks the worker may sign in from.
        trusted_proxies: Addresses and networks whose forwarding headers are believed.
        base_prefix: Path of the DAV tree, without a slash at the end.
        limits: How much of a request is looked at.
        push: What is offered of WebDAV-Push; None for nothing.
        user_calendars: Whether users may make further calendars.
    """
    keys = Keys(app_passwords=secret_key, worker=worker_key)
    trusted = Addresses(trusted_addresses)
    radicale.log.logger.setLevel(logging.WARNING)
    application = CrmDavApplication(
        configuration_for(
            auth=lambda settings: Auth(settings, database=database, keys=keys, trusted=trusted),
            storage=lambda settings: Storage(settings, database=database, limits=limits),
            rights=lambda settings: Rights(settings, user_calendars=user_calendars),
            limits=limits,
        ),
        limits=limits,
        push=push,
    )
    return Gateway(
        application,
        base_prefix=base_prefix,
        proxies=Addresses(trusted_proxies),
        limits=limits,
        classes=DAV_CLASSES if push is None else f"{DAV_CLASSES}, {DAV_TOKEN}",
    )


class Gateway:
    """Cleans a request up before Radicale sees it, and its answer after."""

    def __init__(
        self,
        application: WsgiApplication,
        *,
        base_prefix: str,
        proxies: Addresses,
        limits: DavLimits,
        classes: str = DAV_CLASSES,
    ) -> None:
        self._application = application
        self._classes = classes
        self._prefix = base_prefix.rstrip("/")
        self._proxies = proxies
        self._limits = limits

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request (PEP 3333)."""
        request = dict(environ)
        try:
            self._clean(request)
        except BridgeError as error:
            return _send(answer_to(error), environ, start_response)
        answer = _Answer(start_response, self._classes)
        body = b"".join(self._application(request, answer.start))
        return answer.send(body, head=request["REQUEST_METHOD"] == "HEAD")

    def _clean(self, environ: Environ) -> None:
        """Put right what Radicale would misread.

        Raises:
            BridgeError: The request cannot be answered.
        """
        environ[PEER] = peer_of(environ, proxies=self._proxies)
        if "HTTP_DESTINATION" in environ:
            believed = environ.get("REMOTE_ADDR", "") in self._proxies
            _localize_destination(environ, believed=believed)
        # With a forwarding header present Radicale would cut the prefix off the path a second
        # time, and with X-Script-Name anybody could choose the prefix of all hrefs.
        for header in FORWARDING_HEADERS:
            environ.pop(header, None)
        environ["PATH_INFO"], environ["SCRIPT_NAME"] = self._path(environ), self._prefix
        # Its free-busy view of GET is vobject's, without bounds; nothing here takes a query.
        environ["QUERY_STRING"] = ""
        put = environ["REQUEST_METHOD"].upper() == "PUT"
        cap = self._limits.max_object_bytes if put else self._limits.max_xml_bytes
        body = read_body(environ, cap=cap)
        environ.pop("HTTP_TRANSFER_ENCODING", None)
        environ["CONTENT_LENGTH"] = str(len(body))
        environ["wsgi.input"] = io.BytesIO(body)

    def _path(self, environ: Environ) -> str:
        raw = environ.get("SCRIPT_NAME", "") + environ.get("PATH_INFO", "")
        if len(raw) > names.LONGEST_PATH:
            raise Refusal("the path is too long", status=HTTPStatus.REQUEST_URI_TOO_LONG)
        try:
            # PEP 3333: the server decoded the bytes of the path as Latin-1.
            path = names.normal(raw.encode("latin-1").decode("utf-8"))
        except UnicodeError as error:
            raise Refusal("the path is not UTF-8", status=HTTPStatus.BAD_REQUEST) from error
        if path != self._prefix and not path.startswith(self._prefix + "/"):
            raise Refusal("there is nothing here", status=HTTPStatus.NOT_FOUND)
        path = path[len(self._prefix) :] or "/"
        segments = [segment for segment in path.split("/") if segment]
        if any(segment in (".", "..") for segment in segments):
            raise Refusal("there is nothing here", status=HTTPStatus.NOT_FOUND)
        if not all(names.is_acceptable(segment) for segment in segments):
            raise Refusal("the path holds a name that is not taken", status=HTTPStatus.BAD_REQUEST)
        end = "/" if segments and path.endswith("/") else ""
        return f"/{'/'.join(segments)}{end}"


def _localize_destination(environ: Environ, *, believed: bool) -> None:
    """Cut scheme and host off the target of a MOVE when they are ours.

    Radicale compares them with the port of the socket, which behind a proxy is another one.
    """
    destination = str(environ["HTTP_DESTINATION"])
    try:
        target = urlsplit(destination)
        host = urlsplit("//" + str(environ.get("HTTP_HOST", ""))).hostname
        forwarded = urlsplit("//" + str(environ.get("HTTP_X_FORWARDED_HOST", ""))).hostname
        ours = {host, forwarded if believed else host}
        if target.hostname and target.hostname in ours:
            environ["HTTP_DESTINATION"] = target.path
    except ValueError as error:
        raise Refusal("the destination is no URL", status=HTTPStatus.BAD_REQUEST) from error


class _Answer:
    """Holds back status and headers until the body is known."""

    def __init__(self, start_response: StartResponse, classes: str = DAV_CLASSES) -> None:
        self._start_response = start_response
        self._classes = classes
        self._status = ""
        self._headers: Headers = []

    def start(self, status: str, headers: Headers, _exc_info: Any = None) -> None:
        self._status, self._headers = status, headers

    def send(self, body: bytes, *, head: bool) -> Iterable[bytes]:
        """Send the answer on, with honest headers."""
        headers = {name.title(): (name, value) for name, value in self._headers}
        if "Dav" in headers:
            headers["Dav"] = ("DAV", self._classes)
        if "Content-Encoding" in headers:
            headers["Vary"] = ("Vary", "Accept-Encoding")
        if "Content-Length" not in headers and int(self._status[:3]) not in _NO_LENGTH:
            headers["Content-Length"] = ("Content-Length", str(len(body)))
        self._start_response(self._status, list(headers.values()))
        # hypercorn takes an empty iterable for a failure; one empty piece suits every server.
        return [b"" if head else body]


def _send(answer: Any, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
    status, headers, content, _ = answer
    body = content.encode() if isinstance(content, str) else content or b""
    held = _Answer(start_response)
    held.start(f"{status} {HTTPStatus(status).phrase}", list(dict(headers).items()))
    return held.send(body, head=environ.get("REQUEST_METHOD") == "HEAD")
