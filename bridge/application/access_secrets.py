"""App passwords for calendar programs and tokens for the REST API.

Both are random, shown once, kept as HMAC-SHA-256 under the installation's key, listed with their
last use, and revoked one by one; a revoked one is refused with the next request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import assert_never

from bridge.application.users import user_of
from bridge.domain.identifiers import UserId
from bridge.domain.message import Message, template
from bridge.errors import InvalidInput, NotFound
from bridge.store.app_passwords import SecretRepository, StoredSecret
from bridge.store.database import Database
from bridge.store.secrets import digest, new_app_password
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.ports import Clock

_LONGEST_LABEL = 100


class SecretKind(StrEnum):
    """What a secret opens."""

    APP_PASSWORD = "app password"  # noqa: S105 - a word for people
    API_TOKEN = "API token"  # noqa: S105 - a word for people


_NONE = {
    SecretKind.APP_PASSWORD: template("there is no app password `%(id)s`"),
    SecretKind.API_TOKEN: template("there is no API token `%(id)s`"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecret:
    """A secret just made.

    Attributes:
        secret: Shown this once; never shown by `repr`.
    """

    id: int
    secret: str = field(repr=False)


class AccessSecrets:
    """The secrets of one kind."""

    def __init__(self, database: Database, kind: SecretKind, *, key: bytes, clock: Clock) -> None:
        """Take the key secrets are digested under."""
        self._database = database
        self._kind = kind
        self._key = key
        self._clock = clock

    def add(self, login: str, label: str) -> NewSecret:
        """Make a new secret for a user.

        Raises:
            NotFound: There is no such user.
            InvalidInput: The label is empty or too long.
        """
        user = user_of(self._database, login)
        if not 0 < len(label.strip()) <= _LONGEST_LABEL:
            raise InvalidInput(
                Message("a label has 1 to %(longest)s characters", longest=_LONGEST_LABEL),
                field="label",
            )
        secret, prefix = new_app_password()
        with self._database.write() as work:
            made = self._rows(work).add(
                user, label.strip(), prefix, digest(self._key, secret), self._clock.now()
            )
        return NewSecret(id=made, secret=secret)

    def list(self, login: str) -> Sequence[StoredSecret]:
        """Return a user's secrets, revoked ones too.

        Raises:
            NotFound: There is no such user.
        """
        user = user_of(self._database, login)
        with self._database.read() as work:
            return self._rows(work).list(user.id)

    def revoke(self, secret_id: int, *, user_id: UserId | None = None) -> None:
        """End a secret; ending it again changes nothing.

        Args:
            secret_id: Which one.
            user_id: Only if it is this user's.

        Raises:
            NotFound: There is no such secret, or it is somebody else's.
        """
        with self._database.write() as work:
            found = self._rows(work).revoke(secret_id, user_id, self._clock.now())
        if not found:
            raise NotFound(Message(_NONE[self._kind], id=secret_id))

    def _rows(self, work: UnitOfWork) -> SecretRepository:
        match self._kind:
            case SecretKind.APP_PASSWORD:
                return work.app_passwords
            case SecretKind.API_TOKEN:
                return work.api_tokens
            case _:
                assert_never(self._kind)
