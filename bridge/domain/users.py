"""Companies, their users, and what users let colleagues see."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from bridge.domain.identifiers import CompanyId, Login, UserId
from bridge.domain.message import Message
from bridge.errors import InvalidInput

_LONGEST_LOGIN = 255  # bytes, as it is a segment of paths
_FORBIDDEN_IN_LOGIN = frozenset(":,/\\?#%")


class Role(StrEnum):
    """What a user may do; an admin is an admin of one company only."""

    USER = "user"
    ADMIN = "admin"


class GrantLevel(StrEnum):
    """How much of an owner's calendar a colleague sees."""

    BUSY = "busy"
    READ = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Company:
    """A tenant of the installation; its users see nothing of another one's."""

    id: CompanyId
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """A person of the CRM.

    Attributes:
        login: Unique in the installation, lower case, never `:`, `,`, `/` or control characters.
        timezone: IANA name.
    """

    id: UserId
    company_id: CompanyId
    login: Login
    name: str
    email: str
    timezone: str
    role: Role = Role.USER
    active: bool = True


def parse_login(text: str) -> Login:
    """Return the login as it is stored: trimmed, lower case, NFC.

    An e-mail address is a good login. What Radicale 3.9 never lets in is refused here: a colon, a
    comma, more than one `@`, one at either end. So is what cannot be one segment of a path.

    Raises:
        InvalidInput: It is empty, too long, or has a character that is not allowed.
    """
    login = unicodedata.normalize("NFC", text.strip().lower())
    if not login or len(login.encode("utf-8", "replace")) > _LONGEST_LOGIN:
        raise InvalidInput("a login has 1 to 255 bytes", field="login")
    if login in {".", ".."} or any(_forbidden(character) for character in login):
        raise InvalidInput(
            "the login has a character that is not allowed",
            field="login",
            hint=Message("use letters, digits, and `.`, `-`, `_`, `+`, or an e-mail address"),
        )
    if login.count("@") > 1 or login.startswith("@") or login.endswith("@"):
        raise InvalidInput("the login has an `@` in the wrong place", field="login")
    return Login(login)


def _forbidden(character: str) -> bool:
    # C: control, format, surrogate, private, unassigned; Z: separators, blanks among them.
    return character in _FORBIDDEN_IN_LOGIN or unicodedata.category(character)[0] in "CZ"
