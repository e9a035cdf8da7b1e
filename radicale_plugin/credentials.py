"""The Authorization header, read strictly before Radicale reads it loosely (S03)."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

from bridge.domain.users import parse_login
from bridge.errors import InvalidInput

_LONGEST_HEADER = 4096
_LONGEST_PASSWORD_BYTES = 1024


@dataclass(frozen=True, slots=True)
class Credentials:
    """Login as typed, and password; neither has been checked against anything."""

    login: str
    password: str

    @property
    def canonical(self) -> Credentials | None:
        """The same with the login as it is stored; None when nobody could have them (P09)."""
        too_long = len(self.password.encode("utf-8", "surrogatepass")) > _LONGEST_PASSWORD_BYTES
        if too_long or not self.password.isprintable():
            return None
        try:
            return Credentials(parse_login(self.login), self.password)
        except InvalidInput:
            return None


def read_basic(header: str) -> Credentials | None:
    """Return what a Basic header says (RFC 7617), None when it is not one.

    Args:
        header: Value of `Authorization`, "" where there is none.
    """
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(header) > _LONGEST_HEADER:
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    login, colon, password = text.partition(":")
    return Credentials(login, password) if colon and login else None


def discard_unreadable(environ: MutableMapping[str, Any]) -> str:
    """Take out of the environment what Radicale fails on, and return the body's charset.

    A header that is not proper Basic is dropped, so that the request counts as anonymous and is
    asked for credentials; another scheme's name is left in place. The charset goes because
    Radicale would read the credentials in it too, and fails on one it does not know.

    Returns:
        Of `charset_of`.
    """
    charset = charset_of(environ)
    header = environ.get("HTTP_AUTHORIZATION", "")
    credentials = read_basic(header) if header else None
    if credentials is None:
        environ.pop("HTTP_AUTHORIZATION", None)
    else:
        pair = f"{credentials.login}:{credentials.password}".encode()
        environ["HTTP_AUTHORIZATION"] = "Basic " + base64.b64encode(pair).decode("ascii")
    environ["CONTENT_TYPE"] = str(environ.get("CONTENT_TYPE") or "").partition(";")[0].strip()
    return charset


def charset_of(environ: Mapping[str, Any]) -> str:
    """Return the charset the body's media type claims, lower case, "" for none."""
    parameters = str(environ.get("CONTENT_TYPE") or "").partition(";")[2]
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return ""
