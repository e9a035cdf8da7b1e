"""The exception tree of crmdav.

BridgeError
+ ConfigError               wrong or missing setting; stops the program
+ SchemaOutdated            the database is not at the newest schema; `crmdav migrate` cures it
+ NotFound                  a named record does not exist or belongs to somebody else
+ InvalidInput              a person or program gave a value that is refused
+ AlreadyExists             the name is taken
+ SignInRefused             wrong login, password, token, or no right to it
+ InvalidTransition         a connection cannot go from this state to that one
+ NotConnected              no usable Google grant; the user must reconnect
+ LeaseHeld                 another runner syncs this connection now
+ LeaseLost                 our lease ended before the commit; nothing of it was stored
+ SideError(side)           something failed on one side
  - PreconditionFailed      changed since we read it; skip, look again next run
  - SyncTokenExpired        start a full listing (Google 410, DAV:valid-sync-token)
  - RateLimited             retry_after in seconds
  - ItemRejected            this one item is refused; others continue
  - ItemMissing             the item is not there any more (404, 410)
  - ItemExists              the identifier is taken (409)
  - CollectionGone          the calendar itself is gone or no longer writable
  - ChannelRefused          no push channel to our address; polling goes on
  - SideUnavailable         network or 5xx; whole run stops, retried later
+ ConversionError           input we cannot map; the item is skipped and shown to the user
  - InvalidCalendarData     text that is no valid iCalendar (RFC 4791 section 5.3.2.1)
    = InvalidResource       iCalendar, but not one calendar object resource (section 4.1)
    = UnsupportedKind       a scheduling message, or a component that no calendar here takes
+ StoreError                a write to the store was refused
  - UidConflict             the UID is in use under another href (CALDAV:no-uid-conflict)
  - UnsupportedComponent    the collection does not take this component
  - ObjectChanged           the stored object is not the one the caller read
  - StoreBusy               the database is locked or lost a race; try again
+ MassDeletionRefused       safety stop before too many deletions
"""

from __future__ import annotations


class BridgeError(Exception):
    """Base of every error crmdav raises on purpose.

    Attributes:
        message: What happened, as it was given: `str` of the error is the English text alone.
        hint: What a person can do about it, one sentence, or None.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(BridgeError):
    """A wrong or missing setting."""


class SchemaOutdated(BridgeError):
    """The database is not at the newest schema."""


class NotFound(BridgeError):
    """A named record does not exist, or is not the caller's to see."""


class InvalidInput(BridgeError):
    """A value given by a person or a program is refused.

    Attributes:
        field: Name of the refused field, or None.
    """

    def __init__(self, message: str, *, field: str | None = None, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.field = field


class AlreadyExists(BridgeError):
    """The wanted name is taken."""


class SignInRefused(BridgeError):
    """Wrong login, password or token; the text never says which."""


class SignInThrottled(SignInRefused):
    """Too many failed sign-ins from this address for this login.

    Attributes:
        retry_after: Seconds until the next try is looked at.
    """

    def __init__(self, message: str, *, retry_after: float) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class InvalidTransition(BridgeError):
    """A connection cannot go from its state to the wanted one."""


class NotConnected(BridgeError):
    """No usable Google grant; the user must reconnect."""


class LeaseHeld(BridgeError):
    """Another runner holds the lease of this connection.

    Attributes:
        owner: Who holds it, for people.
    """

    def __init__(self, message: str, *, owner: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.owner = owner


class LeaseLost(BridgeError):
    """Our lease ended before the commit; nothing of that commit was stored."""


class SideError(BridgeError):
    """Something failed on one side.

    Attributes:
        side: `calendar` or `google`.
        reason: The machine-readable reason the side gave, such as `rateLimitExceeded`, or "".
    """

    def __init__(
        self, message: str, *, side: str, reason: str = "", hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.side = side
        self.reason = reason


class PreconditionFailed(SideError):
    """The item changed since we read it (412); look again next run."""


class SyncTokenExpired(SideError):
    """The sync token is no longer valid; a full listing is needed."""


class RateLimited(SideError):
    """The side asks for fewer requests.

    Attributes:
        retry_after: Seconds to wait, or None when the side does not tell.
    """

    def __init__(
        self, message: str, *, side: str, reason: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message, side=side, reason=reason)
        self.retry_after = retry_after


class ItemRejected(SideError):
    """This one item is refused for good; others continue."""


class ItemMissing(SideError):
    """The item is not there (404), or not any more (410)."""


class ItemExists(SideError):
    """The identifier is taken (409)."""


class CollectionGone(SideError):
    """The calendar itself is gone, or may no longer be written."""


class ChannelRefused(SideError):
    """The side opens no push channel to our address, or none of this calendar; polling goes on."""


class SideUnavailable(SideError):
    """Network failure, cut answer or 5xx; the whole run stops and is tried again later."""


class ConversionError(BridgeError):
    """Input we cannot map; the item is skipped and shown to the user.

    Attributes:
        uid: UID of the calendar object, or "" when it has none.
        property_name: The property that could not be read, or "".
    """

    def __init__(
        self, message: str, *, uid: str = "", property_name: str = "", hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.uid = uid
        self.property_name = property_name


class InvalidCalendarData(ConversionError):
    """Text that is no valid calendar object resource (RFC 4791 section 5.3.2.1)."""


class InvalidResource(InvalidCalendarData):
    """Readable iCalendar, but not one calendar object resource (RFC 4791 section 4.1)."""


class UnsupportedKind(InvalidResource):
    """A scheduling message, or a component that no calendar takes, such as VFREEBUSY."""


class StoreError(BridgeError):
    """A write to the store was refused; nothing of it remains."""


class UidConflict(StoreError):
    """The UID is in use under another href of the collection (CALDAV:no-uid-conflict).

    Attributes:
        href: The href that holds the UID.
    """

    def __init__(self, message: str, *, href: str, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.href = href


class UnsupportedComponent(StoreError):
    """The collection does not take this component (CALDAV:supported-calendar-component)."""


class ObjectChanged(StoreError):
    """The stored object is not the one the caller read."""


class StoreBusy(StoreError):
    """The database is locked or the transaction lost a race; try again."""


class MassDeletionRefused(BridgeError):
    """Safety stop: a run would delete too much on one side.

    Attributes:
        side: `calendar` or `google`, the side that would lose items.
        count: How many deletions were planned, and done in the 24 hours before.
        limit: How many are allowed.
        earlier: How many of them were done before.
    """

    def __init__(
        self, message: str, *, side: str, count: int, limit: int, earlier: int = 0
    ) -> None:
        super().__init__(message, hint="look at the plan and confirm it, or stop the connection")
        self.side = side
        self.count = count
        self.limit = limit
        self.earlier = earlier
