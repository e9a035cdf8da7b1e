"""Subscription links: secret addresses that show one user's activities to programs that only read.

The secret is random, shown once, kept as HMAC-SHA-256 under the installation's key, and revoked
with the next request. Whoever learns the address reads the file, so private activities are busy
blocks in it and guests are left out (`bridge.ical.subscription`).
"""

from __future__ import annotations

import hmac
import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from bridge.application.users import user_of
from bridge.domain.activity import ActivityType
from bridge.domain.identifiers import UserId
from bridge.domain.message import Message
from bridge.domain.throttle import Throttle
from bridge.domain.users import User
from bridge.errors import InvalidInput, NotFound, SignInThrottled, StoreBusy
from bridge.ical.subscription import Entry, subscription_file
from bridge.store.calendar_links import LinkState, StoredLink
from bridge.store.catch_up import catch_up
from bridge.store.database import Database
from bridge.store.secrets import PREFIX_LENGTH, digest, new_app_password
from bridge.store.unit_of_work import UnitOfWork
from bridge.sync.ports import Clock

logger = logging.getLogger(__name__)

_LONGEST_LABEL = 100
_NOBODY = "0" * 64
_TOUCH_EVERY = timedelta(hours=1)
_TOUCH_WAIT_SECONDS = 0.05
_FORM = "1"  # raised when the same calendars make another file


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLink:
    """A link just made.

    Attributes:
        address: Where programs subscribe; shown this once, never by `repr`.
    """

    id: int
    address: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileVersion:
    """Which version of a link's file is the present one.

    Attributes:
        etag: Without quotes; equal for equal files.
        modified_at: Aware, whole seconds; None while a further change could still carry the same
            time, so that a file is never taken for unchanged by its time alone.
    """

    etag: str
    modified_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CalendarFile:
    """The answer to a subscriber.

    Attributes:
        version: What the file was made from.
        text: The iCalendar text; None for a subscriber who has this version.
    """

    version: FileVersion
    text: str | None


class CalendarLinks:
    """Makes, lists, ends and reads links; safe for threads."""

    def __init__(self, database: Database, *, key: bytes, base_url: str, clock: Clock) -> None:
        """Take what links are made from.

        Args:
            database: Where they are.
            key: Secrets are digested under it.
            base_url: Public address, without a slash at the end.
            clock: Tells the time.
        """
        self._database = database
        self._key = key
        self._base_url = base_url
        self._clock = clock
        self._throttle = Throttle()

    def make(self, login: str, label: str, types: Collection[str] = ()) -> NewLink:
        """Make a link to a user's activities.

        Args:
            login: Whose.
            label: What it is for.
            types: Keys of the activity types it shows; empty for everything.

        Raises:
            NotFound: There is no such user.
            InvalidInput: The label is empty or too long, or the company has no such type.
        """
        user = user_of(self._database, login)
        if not 0 < len(label.strip()) <= _LONGEST_LABEL:
            raise InvalidInput(
                Message("a label has 1 to %(longest)s characters", longest=_LONGEST_LABEL),
                field="label",
            )
        self._demand_types(user, types)
        secret, prefix = new_app_password()
        with self._database.write() as work:
            made = work.calendar_links.add(
                user,
                label.strip(),
                types=types,
                prefix=prefix,
                digest=digest(self._key, secret),
                now=self._clock.now(),
            )
        return NewLink(id=made, address=f"{self._base_url}/calendars/{secret}.ics")

    def types(self, user: User) -> Sequence[ActivityType]:
        """Return the types a link of the user can be restricted to."""
        with self._database.read() as work:
            return work.types.list(user.company_id)

    def list(self, login: str) -> Sequence[StoredLink]:
        """Return a user's links, revoked ones too.

        Raises:
            NotFound: There is no such user.
        """
        user = user_of(self._database, login)
        with self._database.read() as work:
            return work.calendar_links.list(user.id)

    def revoke(self, link_id: int, *, user_id: UserId | None = None) -> None:
        """End a link; ending it again changes nothing.

        Args:
            link_id: Which one.
            user_id: Only if it is this user's.

        Raises:
            NotFound: There is no such link, or it is somebody else's.
        """
        with self._database.write() as work:
            found = work.calendar_links.revoke(link_id, user_id, self._clock.now())
        if not found:
            raise NotFound(Message("there is no subscription link `%(id)s`", id=link_id))

    def read(
        self, secret: str, *, address: str, known: Callable[[FileVersion], bool]
    ) -> CalendarFile | None:
        """Return a link's file; None for a secret that is unknown or revoked.

        Args:
            secret: As it stood in the address.
            address: Where the request came from; failures are counted for it.
            known: Tells whether the subscriber has this version; then no object is looked at.

        Raises:
            SignInThrottled: Too many failures; the secret was not looked at.
        """
        begin, now = secret[:PREFIX_LENGTH], time.monotonic()
        wait = self._throttle.wait_seconds(address, begin, now=now)
        if wait > 0:
            raise SignInThrottled("too many unknown addresses", retry_after=wait)
        link = self._find(secret)
        if link is None:
            self._throttle.failed(address, begin, now=now)
            return None
        self._touch(link)
        return self._file(link, known)

    def _demand_types(self, user: User, types: Collection[str]) -> None:
        keys = [each.key for each in self.types(user)]
        for key in types:
            if key not in keys:
                raise InvalidInput(
                    Message("there is no activity type `%(key)s`", key=key),
                    field="types",
                    hint=Message("the types are: %(keys)s", keys=", ".join(keys)),
                )

    def _find(self, secret: str) -> StoredLink | None:
        """Return the live link of a secret; every candidate is compared in constant time."""
        proof = digest(self._key, secret)
        found: Sequence[StoredLink] = ()
        if secret.isalnum():  # as all are; PostgreSQL fails on NUL
            with self._database.read() as work:
                found = work.calendar_links.by_prefix(secret[:PREFIX_LENGTH])
        match = None
        if not found:
            hmac.compare_digest(_NOBODY, proof)
        for link in found:
            if hmac.compare_digest(link.digest, proof) and link.revoked_at is None:
                match = link
        return match

    def _file(self, link: StoredLink, known: Callable[[FileVersion], bool]) -> CalendarFile:
        with self._database.read() as work:
            behind = work.foreign_changes.pending((link.user_id,))
            if not behind:
                return self._present_file(work, link, known)
        catch_up(self._database, (link.user_id,), now=self._clock.now())
        with self._database.read() as work:
            return self._present_file(work, link, known)

    def _present_file(
        self, work: UnitOfWork, link: StoredLink, known: Callable[[FileVersion], bool]
    ) -> CalendarFile:
        version = file_version(link, work.calendar_links.state(link), now=self._clock.now())
        if known(version):
            return CalendarFile(version=version, text=None)
        name = link.user_name or link.login
        if link.types:
            types = work.types.list(link.company_id)
            named = ", ".join(each.name for each in types if each.key in link.types)
            name = f"{name}: {named}"
        entries = (
            Entry(object=shown.object, private=shown.private)
            for shown in work.calendar_links.objects(link)
        )
        text = subscription_file(entries, name=name, zone=link.timezone)
        return CalendarFile(version=version, text=text)

    def _touch(self, link: StoredLink) -> None:
        """Note the use of a link, seldom, and never at the cost of the request."""
        now = self._clock.now()
        if link.last_used_at is not None and now - link.last_used_at < _TOUCH_EVERY:
            return
        try:
            with self._database.write(wait_seconds=_TOUCH_WAIT_SECONDS) as work:
                work.calendar_links.touch(link.id, now)
        except StoreBusy:
            logger.debug("last use of a subscription link not noted", extra={"link_id": link.id})


def file_version(link: StoredLink, state: LinkState, *, now: datetime) -> FileVersion:
    """Return the version of a link's file.

    Args:
        link: Which.
        state: Of its calendars.
        now: Aware.
    """
    facts = (_FORM, link.id, sorted(link.types), link.user_name, link.timezone, state.revisions)
    mark = sha256(repr(facts).encode()).hexdigest()[:24]
    return FileVersion(
        etag=f"{state.epoch}-{mark}", modified_at=_settled(state.modified_at, now=now)
    )


def _settled(instant: datetime | None, *, now: datetime) -> datetime | None:
    """Return the next whole second, None until it has come: a later change has a later one."""
    if instant is None:
        return None
    rounded = instant.astimezone(UTC).replace(microsecond=0) + timedelta(seconds=1)
    return rounded if rounded <= now else None
