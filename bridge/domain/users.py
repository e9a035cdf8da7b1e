"""Companies, their users, and what users let colleagues see."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from bridge.domain.identifiers import CompanyId, Login, UserId


class Role(StrEnum):
    """What a user may do; an admin is an admin of one company only."""

    USER = "user"
    ADMIN = "admin"


class GrantLevel(StrEnum):
    """How much of an owner's calendar a colleague sees."""

    BUSY = "busy"
    READ = "read"


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
