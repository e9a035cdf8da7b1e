"""One message over HTTP, to loopback and nowhere else."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPSConnection
from ipaddress import ip_address
from urllib.parse import urlsplit

_SECONDS = 5.0
_USER_AGENT = "APIs-Google; (+https://developers.google.com/webmasters/APIs-Google.html)"


def is_dialled(address: str) -> bool:
    """Return whether messages to this address are sent at all: it must be on loopback.

    A rehearsal knows made-up people and must never knock at a stranger's door, so a name that is
    not `localhost` is not even looked up.
    """
    host = urlsplit(address).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def connect(address: str) -> HTTPConnection:
    """Return a connection, not yet opened, to an address that is dialled.

    An https address is sent to only when its certificate is valid, as Google does.
    """
    parts = urlsplit(address)
    host = parts.hostname or ""
    if parts.scheme == "https":
        context = ssl.create_default_context()
        return HTTPSConnection(host, parts.port, timeout=_SECONDS, context=context)
    return HTTPConnection(host, parts.port, timeout=_SECONDS)


def post(connection: HTTPConnection, address: str, headers: Mapping[str, str]) -> int:
    """Send a message without a body and return the status of the answer.

    Raises:
        OSError: No connection, no trust, or no answer in time.
        HTTPException: The answer is no HTTP.
    """
    parts = urlsplit(address)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.putrequest("POST", target, skip_accept_encoding=True)
    sent = {"Accept": "*/*", "User-Agent": _USER_AGENT, "Content-Length": "0", **headers}
    for name, value in sent.items():
        connection.putheader(name, value.encode())
    connection.endheaders()
    return connection.getresponse().status
