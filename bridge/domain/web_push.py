"""Web Push as values: where messages may go, and whom they are encrypted for.

A calendar program names an address at a push service of its choice, so that address is a stranger's
word: it is compared with the administrator's list before anything is stored, and again before
anything is sent.
"""

from __future__ import annotations

import binascii
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Collection
from dataclasses import dataclass, field
from hashlib import sha256
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey

from bridge.errors import InvalidInput

LONGEST_ADDRESS = 2_000
AUTH_SECRET_BYTES = 16  # RFC 8291 section 3.2

_PORTS = {"https": 443, "http": 80}
_TOPIC_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A push resource that messages may be sent to.

    Attributes:
        scheme: `https`, or `http` where the administrator wrote it so.
        host: Lower case, without brackets.
        port: Of the address, or the scheme's.
        target: Path and query, as they go into the request line.
        private: Whether the host may have an address that is not public.
    """

    scheme: str
    host: str
    port: int
    target: str
    private: bool

    @property
    def origin(self) -> str:
        """Scheme, host, and the port unless it is the scheme's (RFC 6454 section 6.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == _PORTS[self.scheme]
        return f"{self.scheme}://{host}" + ("" if usual else f":{self.port}")


class PushHosts:
    """The push services messages may go to.

    An entry is a host name (`ntfy.sh`), a name with `*.` before it for all names below, or `*` for
    every host; these are reached by https at port 443 and at public addresses only. An entry that
    is an origin (`http://127.0.0.1:8080`) allows that scheme, host and port wherever it leads.
    """

    def __init__(self, entries: Collection[str]) -> None:
        """Take the administrator's list; nothing is allowed when it is empty."""
        self._names = frozenset(entry.lower() for entry in entries if "://" not in entry)
        self._origins = frozenset(
            _split(entry, private=True).origin for entry in entries if "://" in entry
        )

    def destination(self, address: str) -> Destination:
        """Return where messages for an address go.

        Raises:
            InvalidInput: It is no address of a web server, or not one on the list.
        """
        public = _split(address, private=False)
        if public.origin in self._origins:
            return _split(address, private=True)
        if public.scheme == "https" and public.port == _PORTS["https"] and self._knows(public.host):
            return public
        raise InvalidInput("messages may not be sent to this push service", field="push-resource")

    def _knows(self, host: str) -> bool:
        labels = host.split(".")
        above = ("*." + ".".join(labels[start:]) for start in range(1, len(labels)))
        return (
            "*" in self._names or host in self._names or any(each in self._names for each in above)
        )


def _split(address: str, *, private: bool) -> Destination:
    """Take an address apart; one that two programs could read differently is refused."""
    clean = address.isascii() and address.isprintable() and not set(address) & set(' \\<>"')
    try:
        parts = urlsplit(address)
        port = parts.port or _PORTS[parts.scheme]
    except (ValueError, KeyError) as error:
        raise InvalidInput(
            "the push resource is no https address", field="push-resource"
        ) from error
    host = (parts.hostname or "").rstrip(".")
    if not (clean and host and len(address) <= LONGEST_ADDRESS) or "@" in parts.netloc:
        raise _no_address()
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Destination(scheme=parts.scheme, host=host, port=port, target=target, private=private)


def usual_port(scheme: str) -> int:
    """Return the port that goes without saying for `https` or `http`."""
    return _PORTS[scheme]


def _no_address() -> InvalidInput:
    return InvalidInput("the push resource is no address of a web server", field="push-resource")


@dataclass(frozen=True, slots=True, kw_only=True)
class PushTarget:
    """A Web Push subscription: address and keys of one calendar program (RFC 8291 section 2).

    Attributes:
        address: The push resource.
        public_key: The program's P-256 key, 65 bytes, uncompressed.
        auth_secret: 16 bytes that only the program and we know.
    """

    address: str = field(repr=False)
    public_key: bytes
    auth_secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse keys no message can be encrypted with.

        Raises:
            InvalidInput: The key is no point of the curve, or the secret has another length.
        """
        try:
            EllipticCurvePublicKey.from_encoded_point(SECP256R1(), self.public_key)
        except ValueError as error:
            raise InvalidInput("the public key is none of P-256", field="public-key") from error
        if len(self.public_key) != 65:  # noqa: PLR2004 - uncompressed, SEC 1 section 2.3.3
            raise InvalidInput("the public key is not uncompressed", field="public-key")
        if len(self.auth_secret) != AUTH_SECRET_BYTES:
            raise InvalidInput("the auth secret has not 16 bytes", field="auth-secret")


@dataclass(frozen=True, slots=True, kw_only=True)
class PushTriggers:
    """What a program wants to be told of; at least one of both.

    Attributes:
        content: Members of the calendar change.
        properties: Properties of the calendar change.
    """

    content: bool
    properties: bool


def push_topic(key: bytes, calendar_id: int, user_id: int) -> str:
    """Return the name under which a user's programs know a calendar; it tells nobody anything.

    A colleague sees another view of a calendar than its owner, hence under another topic.

    Args:
        key: Of this purpose only.
        calendar_id: Which calendar.
        user_id: Who looks.
    """
    told = hmac.new(key, f"{calendar_id}:{user_id}".encode(), sha256).digest()
    return encode_base64url(told[:_TOPIC_BYTES])


def encode_base64url(content: bytes) -> str:
    """Return base64url without padding (RFC 7515 appendix C)."""
    return urlsafe_b64encode(content).rstrip(b"=").decode()


def decode_base64url(text: str) -> bytes:
    """Return what base64url stands for, with padding or without.

    Raises:
        InvalidInput: It is none.
    """
    bare = text.strip().rstrip("=")
    if not bare.isascii() or not all(each.isalnum() or each in "-_" for each in bare):
        raise InvalidInput("a key is not base64url")
    try:
        return urlsafe_b64decode(bare + "=" * (-len(bare) % 4))
    except (binascii.Error, ValueError) as error:
        raise InvalidInput("a key is not base64url") from error
