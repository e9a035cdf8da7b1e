"""One open transaction: its connection, a session when somebody wants one, and savepoints."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property

from sqlalchemy import Connection
from sqlalchemy.orm import Session

from bridge.store.homes import RAISED


class Transaction:
    """A transaction that `Database.read` or `Database.write` opened; nobody else ends it.

    Repositories take one of these. Core statements go to `connection`; the session shares it.

    Attributes:
        connection: The SQLAlchemy connection the transaction is open on.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self.connection.dialect.name

    @cached_property
    def session(self) -> Session:
        """An ORM session on the same connection; flushed at the end, never committed itself."""
        return Session(
            bind=self.connection, expire_on_commit=False, join_transaction_mode="rollback_only"
        )

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo only what happened inside when an exception leaves it; the exception goes on.

        A refused mutation must leave nothing behind although the transaction commits later
        (the caller of a storage plugin catches the error and answers 4xx).
        """
        self.flush()
        raised = dict(self.connection.info.get(RAISED) or {})
        try:
            with self.connection.begin_nested():
                yield
                self.flush()
        except BaseException:
            if RAISED in self.connection.info:
                self.connection.info[RAISED] = raised  # those inside were taken back
            if "session" in self.__dict__:
                self.session.expunge_all()
            raise

    def flush(self) -> None:
        """Send what the session still holds, if there is a session."""
        if "session" in self.__dict__:
            self.session.flush()

    def close(self) -> None:
        """Let the session go, if there is one; the connection stays as it is."""
        if "session" in self.__dict__:
            self.session.close()
