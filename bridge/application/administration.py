"""Who may administer a company, and whom: an admin of it, and its own users only.

Whatever belongs to another company answers as if it were not there (threat model 3.3).
"""

from __future__ import annotations

from bridge.domain.identifiers import UserId
from bridge.domain.users import Role, User
from bridge.errors import NotFound
from bridge.store.unit_of_work import UnitOfWork


def demand_admin(user: User) -> None:
    """Let admins pass.

    Raises:
        NotFound: The user is none.
    """
    if user.role is not Role.ADMIN or not user.active:
        raise NotFound("there is no such page")


def colleague(work: UnitOfWork, admin: User, user_id: int) -> User:
    """Return a user of the admin's company, the admin included.

    Raises:
        NotFound: There is no such user in this company.
    """
    demand_admin(admin)
    found = work.users.get(UserId(user_id))
    if found is None or found.company_id != admin.company_id:
        raise NotFound("there is no such user")
    return found
