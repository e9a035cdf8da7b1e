"""Which colleagues of a company see whose calendars, as its admin sets it."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.application.administration import colleague, demand_admin
from bridge.domain.message import Message
from bridge.domain.users import GrantLevel, User
from bridge.errors import NotFound
from bridge.store.database import Database
from bridge.store.grants import Grant
from bridge.sync.ports import Clock


class CompanySharing:
    """The grants of an admin's company."""

    def __init__(self, database: Database, *, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def list(self, admin: User) -> Sequence[Grant]:
        """Return all grants of the company, by owner.

        Raises:
            NotFound: The user is no admin.
        """
        demand_admin(admin)
        with self._database.read() as work:
            return work.grants.list(admin.company_id)

    def give(self, admin: User, owner: str, grantee: str, level: GrantLevel) -> Grant:
        """Let a colleague see another one's calendars; another level replaces the one before.

        Args:
            admin: Who says so.
            owner: Login of who shows.
            grantee: Login of who may look.
            level: How much.

        Raises:
            NotFound: The user is no admin, or there is no such login in the company.
            InvalidInput: Both are the same person.
        """
        people = self._people(admin)
        showing, looking = _of(people, owner), _of(people, grantee)
        with self._database.write() as work:
            return work.grants.give(showing, looking, level=level, now=self._clock.now())

    def remove(self, admin: User, owner_id: int, grantee_id: int) -> None:
        """Take a grant back; the colleague's next request finds nothing there.

        Raises:
            NotFound: The user is no admin, or there is no such grant in the company.
        """
        with self._database.write() as work:
            owner, grantee = (colleague(work, admin, each) for each in (owner_id, grantee_id))
            removed = work.grants.remove(owner.id, grantee.id)
        if not removed:
            raise NotFound(
                Message(
                    "`%(owner)s` shares nothing with `%(grantee)s`",
                    owner=owner.login,
                    grantee=grantee.login,
                )
            )

    def _people(self, admin: User) -> Sequence[User]:
        demand_admin(admin)
        with self._database.read() as work:
            return work.users.list(admin.company_id)


def _of(people: Sequence[User], login: str) -> User:
    wanted = login.strip().lower()
    for user in people:
        if user.login == wanted:
            return user
    raise NotFound(Message("there is no user `%(login)s`", login=wanted))
