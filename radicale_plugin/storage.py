"""Radicale's storage over `bridge.store`: paths to collections and items, locks to transactions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from http import client
from typing import TYPE_CHECKING, Any

from radicale import types
from radicale.storage import BaseStorage

from bridge.domain.activity import DEFAULT_TYPES
from bridge.domain.identifiers import Href, Login, UserId
from radicale_plugin.collection import CalendarCollection
from radicale_plugin.fixed_collection import FORBIDDEN, FixedCollection, principal, root
from radicale_plugin.limits import DEFAULT_LIMITS, DavLimits
from radicale_plugin.plain import database_of
from radicale_plugin.push import unannounced
from radicale_plugin.refusals import Refusal
from radicale_plugin.request import current_request
from radicale_plugin.rights import is_shared_name
from radicale_plugin.shared import SharedCollection, is_shown, read_only
from radicale_plugin.transactions import Transactions

if TYPE_CHECKING:
    from radicale.config import Configuration
    from radicale.item import Item
    from radicale.storage import BaseCollection

    from bridge.domain.users import User
    from bridge.store.calendar_values import NewCalendar, SharedCalendar
    from bridge.store.database import Database

Collection = FixedCollection | CalendarCollection


class Storage(BaseStorage):
    """Radicale's `[storage] type`."""

    _is_collision_free = True
    _supports_unicode = True
    _supports_trailing_whitespace = True
    _supports_problematic_chars = True

    def __init__(
        self,
        configuration: Configuration,
        *,
        database: Database | None = None,
        limits: DavLimits = DEFAULT_LIMITS,
    ) -> None:
        """Remember the database; nothing is connected before the first request.

        Args:
            configuration: Radicale's. A plain Radicale names `database_url` in `[storage]`.
            database: The CRM's database.
            limits: How much of a request is looked at.
        """
        super().__init__(configuration)
        self._transactions = Transactions(database or database_of(configuration))
        self._limits = limits

    def discover(
        self,
        path: str,
        depth: str = "0",
        child_context_manager: Callable[[str, str | None], AbstractContextManager[None]]
        | None = None,
        user_groups: set[str] = frozenset(),  # type: ignore[assignment]  # never changed here
    ) -> Iterable[types.CollectionOrItem]:
        """Yield what is at the path, then its children unless `depth` is 0.

        Lazily, and the resource itself first: Radicale takes only that one before every request.
        """
        del child_context_manager, user_groups  # no locks per child, no groups
        collection, name = self.place(path)
        if collection is None:
            return
        if name:
            item = collection.find(name) if isinstance(collection, CalendarCollection) else None
            if item is not None:
                yield item
            return
        yield collection
        if depth != "0":
            yield from self._children(collection)

    def place(self, path: str) -> tuple[Collection | None, str]:
        """Return the collection a path is of or lies in, and the name of what lies in it, or "".

        Nothing is asked about what has this name. There is None where no collection is.
        """
        match [part for part in path.split("/") if part]:
            case []:
                return root(), ""
            case [login]:
                user = self._user(login)
                return None if user is None else principal(user), ""
            case [login, slug]:
                return self._calendar(login, slug), ""
            case [login, slug, href]:
                return self._calendar(login, slug), href
            case _:
                return None, ""

    def _children(self, parent: Collection) -> Iterator[types.CollectionOrItem]:
        if isinstance(parent, CalendarCollection):
            yield from parent.get_all()
        elif parent.path:
            yield from self._calendars(parent.path)
        else:
            user = current_request().user
            if user is not None:
                yield principal(user)

    def _user(self, login: str) -> User | None:
        """Return the user of a login; the one who signed in is known without a question."""
        user = current_request().user
        if user is not None and user.login == login:
            return user
        with self._transactions.work() as work:
            return work.users.by_login(Login(login))

    def _calendars(self, login: str) -> list[CalendarCollection]:
        """Return the user's own calendars, then those of colleagues."""
        user = self._user(login)
        if user is None:
            return []
        shared = self._shared(user)
        with self._transactions.work((user.id,)) as work:
            found = work.calendars.principal(Login(login))
        own = () if found is None else found.calendars
        return [
            *(CalendarCollection(row, self._transactions, self._limits) for row in own),
            *shared,
        ]

    def _shared(self, user: User, name: str | None = None) -> list[CalendarCollection]:
        """Return colleagues' calendars in a user's home, all or that of one name."""
        found = self._shared_rows(user, name)
        if self._transactions.look_at({each.calendar.owner_id for each in found}):
            found = self._shared_rows(user, name)
        return [
            SharedCollection(each, user.login, self._transactions, self._limits)
            for each in found
            if is_shown(each)
        ]

    def _shared_rows(self, user: User, name: str | None) -> Sequence[SharedCalendar]:
        with self._transactions.work((user.id,)) as work:
            return work.calendars.shared_with(user.id, name)

    def _calendar(self, login: str, slug: str) -> CalendarCollection | None:
        user = self._user(login)
        if user is None:
            return None
        if is_shared_name(slug):
            return next(iter(self._shared(user, slug)), None)
        with self._transactions.work((user.id,)) as work:
            row = work.calendars.calendar(user.id, slug)
        return None if row is None else CalendarCollection(row, self._transactions, self._limits)

    @types.contextmanager
    def acquire_lock(self, mode: str, user: str = "", *args: Any, **kwargs: Any) -> Iterator[None]:
        """Hold a transaction: a snapshot for `r`, the homes of the paths locked for `w`.

        Raises:
            StoreBusy: The homes are not had in time, or the commit lost a race.
            LeaseLost: A worker writes, and another one has taken over from it.
        """
        del args
        if mode == "r":
            with self._transactions.reading():
                yield
            return
        paths = (kwargs.get("path"), kwargs.get("to_path"), f"/{user}/")
        with (
            self._transactions.writing(self._homes(path for path in paths if path)),
            unannounced(self._transactions),
        ):
            self._demand_lease()
            yield

    def _demand_lease(self) -> None:
        """See that the lease a worker writes under is still its own; people have none."""
        request = current_request()
        if request.connection_id is None or request.fencing is None:
            return
        with self._transactions.work() as work:
            work.leases.demand(request.connection_id, request.fencing, hold=True)

    def before_writing(self) -> AbstractContextManager[None]:
        """Hold a snapshot for what has to be known before the lock for writing is asked for."""
        return self._transactions.reading(before_write=True)

    def _homes(self, paths: Iterable[str]) -> set[UserId]:
        logins = {path.strip("/").split("/", maxsplit=1)[0] for path in paths}
        with self._transactions.reading():
            users = [self._user(login) for login in sorted(logins) if login]
        return {user.id for user in users if user is not None}

    def move(self, item: Item, to_collection: BaseCollection, to_href: str) -> None:
        """Move an item to another name or calendar.

        Raises:
            StoreError: The target does not take it.
            ValueError: One end is not a calendar of ours.
        """
        source = item.collection
        if not (
            isinstance(source, CalendarCollection)
            and isinstance(to_collection, CalendarCollection)
            and item.href
        ):
            raise ValueError(FORBIDDEN)
        if isinstance(source, SharedCollection) or isinstance(to_collection, SharedCollection):
            raise read_only()
        owners = {source.stored.owner_id, to_collection.stored.owner_id}
        with self._transactions.mutation(owners) as work:
            work.calendars.move(
                source.stored,
                Href(item.href),
                to_collection.stored,
                Href(to_href),
                origin=current_request().origin,
                now=self._transactions.now(),
            )

    def create_collection(
        self,
        href: str,
        items: Iterable[Item] | None = None,
        props: Mapping[str, str] | None = None,
    ) -> tuple[BaseCollection, dict[str, Item], list[str]]:
        """Refuse; only a plain Radicale calls this, our own application `make_calendar`.

        Radicale's core hands over values flattened to texts, checks no precondition, and calls
        this for a whole file put over a calendar as well.

        Raises:
            ValueError: Always; Radicale answers 403.
        """
        del href, items, props
        raise ValueError(FORBIDDEN)

    def make_calendar(self, user: User, new: NewCalendar) -> CalendarCollection:
        """Make a further calendar in a user's home; a writing lock is held.

        Raises:
            Refusal: There are too many, or its default type is none of the company's.
            InvalidInput: It cannot have this name.
            AlreadyExists: The home has a calendar of that name.
        """
        with self._transactions.mutation((user.id,)) as work:
            found = work.calendars.principal(user.login)
            if found is not None and len(found.calendars) >= self._limits.max_calendars:
                raise Refusal(
                    f"there are {self._limits.max_calendars} calendars already; delete one first",
                    status=client.INSUFFICIENT_STORAGE,
                )
            stock = new.default_type in DEFAULT_TYPES.values()
            if not stock and work.types.get(user.company_id, new.default_type) is None:
                raise Refusal(
                    f"there is no activity type `{new.default_type}`", status=client.FORBIDDEN
                )
            row = work.calendars.create(user.id, new, now=self._transactions.now())
        return CalendarCollection(row, self._transactions, self._limits)

    def verify(self) -> bool:
        """Return True; what makes no sense is found by the CRM's own checks."""
        return True
