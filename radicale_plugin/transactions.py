"""One database transaction per Radicale lock (design decisions 14 and 15).

A read takes no lock. It opens its snapshot at the first question, which is sign-in's. A write locks
the homes concerned before anything is read. Questions asked after the lock is gone get a short
snapshot of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from bridge.store.catch_up import catch_up
from bridge.store.reconcile import READ_PORTION, reconcile

if TYPE_CHECKING:
    from bridge.domain.identifiers import UserId
    from bridge.store.database import Database
    from bridge.store.unit_of_work import UnitOfWork

Clock = Callable[[], datetime]


def now_utc() -> datetime:
    """Return the present instant, aware, in UTC."""
    return datetime.now(UTC)


class _Lock:
    """An open Radicale lock; its unit of work begins when it is first asked for."""

    def __init__(
        self,
        begin: Callable[[ExitStack, Collection[UserId]], UnitOfWork],
        *,
        renewable: bool = False,
    ) -> None:
        self._begin = begin
        self.renewable = renewable
        self.stack = ExitStack()
        self.settled: frozenset[UserId] = frozenset()
        self.mutated = False
        self._work: UnitOfWork | None = None
        self._looked = False

    def work(self, homes: Collection[UserId]) -> UnitOfWork:
        """Return the unit of work, begun when it is first asked for."""
        if self._work is None:
            self._work = self._begin(self.stack, homes)
        elif self.renewable and homes and not self._looked:
            # Only sign-in has been asked of it.
            self._work = self._looked_at(self._work, homes)
        self._looked = self._looked or bool(homes)
        return self._work

    def end(self) -> None:
        """End the transaction; the next question begins another one."""
        self.stack.close()
        self.settled = frozenset()
        self._work, self._looked = None, False

    def undo(self, error: BaseException) -> None:
        """Roll the transaction back; the next question begins another one."""
        self.stack.__exit__(type(error), error, error.__traceback__)
        self.mutated = False
        self._work, self._looked = None, False

    def _looked_at(self, work: UnitOfWork, homes: Collection[UserId]) -> UnitOfWork:
        """Return the snapshot, or a newer one if there is anything to carry over first."""
        if self.settled.issuperset(homes) or not work.foreign_changes.pending(homes):
            return work
        self.end()
        return self._begin(self.stack, homes)


_lock: ContextVar[_Lock | None] = ContextVar("crmdav_dav_lock", default=None)


class Transactions:
    """Opens the transactions of one database."""

    def __init__(self, database: Database, *, clock: Clock = now_utc) -> None:
        self._database = database
        self.now = clock

    @contextmanager
    def reading(self, *, before_write: bool = False) -> Iterator[None]:
        """Hold one snapshot, from the first question to the end of the block.

        Inside a lock that is held already this is a part of it: a request signs in and is
        answered in one snapshot.

        Args:
            before_write: As in `Database.read`.
        """
        if _lock.get() is not None:
            yield
            return
        begin = partial(self._begin_read, before_write=before_write)
        with self._held(_Lock(begin, renewable=True)):
            yield

    @contextmanager
    def writing(self, homes: Collection[UserId]) -> Iterator[None]:
        """Hold one writing transaction with these homes locked; it commits at the end.

        Raises:
            StoreBusy: A lock was not had in time, or the commit lost a race.
        """
        lock = _Lock(self._begin_write)
        with self._held(lock):
            lock.work(homes)
            yield

    @contextmanager
    def work(self, homes: Collection[UserId] = ()) -> Iterator[UnitOfWork]:
        """Give the unit of work of the held lock, or a snapshot for this block alone.

        Args:
            homes: Whose homes are looked at; changes of theirs by other programs come first.
        """
        lock = _lock.get()
        if lock is not None:
            yield lock.work(homes)
            return
        with self.reading(), self.work(homes) as work:
            yield work

    def look_at(self, homes: Collection[UserId]) -> bool:
        """Let changes of further homes by other programs come first, before they are read.

        Args:
            homes: Whose homes are going to be looked at besides those named before.

        Returns:
            Whether the held snapshot was replaced by a newer one: read again what came of it.
        """
        lock = _lock.get()
        if lock is None or not (homes and lock.renewable):
            return False
        if not lock.work(homes).foreign_changes.pending(homes):
            return False
        lock.end()
        lock.work(homes)
        return True

    def settle(self, home: UserId) -> None:
        """Know of the held snapshot that no change by other programs waits for a home in it."""
        lock = _lock.get()
        if lock is not None:
            lock.settled |= {home}

    @contextmanager
    def mutation(self, homes: Collection[UserId]) -> Iterator[UnitOfWork]:
        """Give the unit of work for one mutation: a refusal inside leaves nothing behind.

        Radicale turns some errors into an ordinary answer, after which its lock ends well and
        the transaction commits. The first mutation of a lock takes the whole transaction back
        when it fails, which costs nothing when it does not; only a further one, which must not
        take the first back with it, needs a savepoint.
        """
        with self.work(homes) as work:
            lock = _lock.get()
            if lock is None or lock.mutated:
                with work.savepoint():
                    yield work
                return
            lock.mutated = True
            try:
                yield work
            except BaseException as error:
                lock.undo(error)
                raise

    @contextmanager
    def _held(self, lock: _Lock) -> Iterator[None]:
        token = _lock.set(lock)
        try:
            with lock.stack:
                yield
        finally:
            _lock.reset(token)

    def _begin_read(
        self, stack: ExitStack, homes: Collection[UserId], *, before_write: bool = False
    ) -> UnitOfWork:
        work = stack.enter_context(self._database.read(before_write=before_write))
        if not (homes and work.foreign_changes.pending(homes)):
            return work
        stack.close()
        # When the lock is not had soon the stored state is served; the worker tries again.
        catch_up(self._database, homes, now=self.now())
        return stack.enter_context(self._database.read())

    def _begin_write(self, stack: ExitStack, homes: Collection[UserId]) -> UnitOfWork:
        work = stack.enter_context(self._database.write(homes))
        if homes and work.foreign_changes.pending(homes):
            reconcile(work, homes=homes, limit=READ_PORTION, now=self.now())
        return work
