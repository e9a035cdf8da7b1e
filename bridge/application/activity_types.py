"""The activity types of a company, as its admin adds and changes them.

A type's key is made when it is added and never changes: it is what calendar objects, settings and
other programs know the type by. No two types have names that read alike, since a calendar program
chooses a type by its name (contract section 6).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bridge.application.administration import demand_admin
from bridge.domain.activity import DEFAULT_TYPES, ActivityType, CollectionName
from bridge.domain.identifiers import CompanyId
from bridge.domain.message import Message
from bridge.domain.users import User
from bridge.errors import InvalidInput, NotFound
from bridge.store.database import Database
from bridge.store.unit_of_work import UnitOfWork

_COLOUR = re.compile(r"#[0-9a-f]{6}")
_NO_KEY = re.compile(r"[^a-z0-9]+")
_LONGEST_NAME = 60
_LARGEST_ORDER = 9_999
_MOST_TYPES = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeDraft:
    """What an admin says about a type: everything but its key.

    Attributes:
        color: `#rrggbb`, or "" for none.
        icon: Name of an icon, or "".
        order: Position in lists, smallest first.
    """

    name: str
    collection: CollectionName
    color: str = ""
    icon: str = ""
    order: int = 0
    active: bool = True


class ActivityTypes:
    """The types of an admin's company."""

    def __init__(self, database: Database, *, icons: Collection[str]) -> None:
        """Take what types are made with.

        Args:
            database: Where they are.
            icons: Names of the icons there are.
        """
        self._database = database
        self._icons = frozenset(icons)

    def list(self, admin: User) -> Sequence[ActivityType]:
        """Return all types of the company in their order, inactive ones too.

        Raises:
            NotFound: The user is no admin.
        """
        demand_admin(admin)
        with self._database.read() as work:
            return work.types.list(admin.company_id)

    def get(self, admin: User, key: str) -> ActivityType:
        """Return one of them.

        Raises:
            NotFound: The user is no admin, or the company has no such type.
        """
        demand_admin(admin)
        with self._database.read() as work:
            return _of(work, admin.company_id, key)

    def add(self, admin: User, draft: TypeDraft) -> ActivityType:
        """Add a type; its key is made of its name.

        Raises:
            NotFound: The user is no admin.
            InvalidInput: A name that is empty, too long or taken, a colour or icon that is none.
        """
        demand_admin(admin)
        with self._database.write() as work:
            others = work.types.list(admin.company_id)
            if len(others) >= _MOST_TYPES:
                raise InvalidInput(
                    Message("there are %(most)s types already", most=_MOST_TYPES), field="name"
                )
            key = _new_key(draft.name, {each.key for each in others})
            made = self._checked(key, draft, others)
            work.types.save(admin.company_id, made)
        return made

    def change(self, admin: User, key: str, draft: TypeDraft) -> ActivityType:
        """Change a type; a new name reaches all its calendar objects.

        Raises:
            NotFound: The user is no admin, or the company has no such type.
            InvalidInput: As for `add`, or the type has to stay as it is, see `_demand_default`.
        """
        demand_admin(admin)
        with self._database.write() as work:
            _of(work, admin.company_id, key)
            others = [each for each in work.types.list(admin.company_id) if each.key != key]
            changed = self._checked(key, draft, others)
            _demand_default(changed)
            work.types.save(admin.company_id, changed)
        return changed

    def _checked(self, key: str, draft: TypeDraft, others: Sequence[ActivityType]) -> ActivityType:
        name = unicodedata.normalize("NFC", draft.name.strip())
        if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
            raise InvalidInput(
                Message("a name has 1 to %(longest)s characters", longest=_LONGEST_NAME),
                field="name",
            )
        if name.casefold() in {each.name.casefold() for each in others}:
            raise InvalidInput(
                Message("another type is called `%(name)s`", name=name), field="name"
            )
        colour = draft.color.lower()
        if colour and not _COLOUR.fullmatch(colour):
            raise InvalidInput("a colour reads like `#2f7de1`", field="color")
        if draft.icon and draft.icon not in self._icons:
            raise InvalidInput(
                Message("there is no icon `%(name)s`", name=draft.icon), field="icon"
            )
        if not 0 <= draft.order <= _LARGEST_ORDER:
            raise InvalidInput(
                Message("a position is 0 to %(largest)s", largest=_LARGEST_ORDER), field="order"
            )
        return ActivityType(
            key=key,
            name=name,
            collection=draft.collection,
            color=colour,
            icon=draft.icon,
            order=draft.order,
            active=draft.active,
        )


def _of(work: UnitOfWork, company_id: CompanyId, key: str) -> ActivityType:
    found = work.types.get(company_id, key)
    if found is None:
        raise NotFound(Message("there is no activity type `%(key)s`", key=key))
    return found


def _demand_default(kind: ActivityType) -> None:
    """Keep the type that items without one become where such items come in (contract section 7)."""
    for collection, default in DEFAULT_TYPES.items():
        if kind.key == default and (kind.collection is not collection or not kind.active):
            raise InvalidInput(
                Message(
                    "`%(name)s` has to stay active and in its calendar: what calendar programs add"
                    " without a type becomes one",
                    name=kind.name,
                ),
                field="collection" if kind.active else "active",
            )


def _new_key(name: str, taken: Collection[str]) -> str:
    """Return an unused key: the name's Latin letters and digits, and a number if need be."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    begin = _NO_KEY.sub("_", plain)[:_LONGEST_NAME].strip("_") or "type"
    key, number = begin, 1
    while key in taken:
        number += 1
        key = f"{begin}_{number}"
    return key
