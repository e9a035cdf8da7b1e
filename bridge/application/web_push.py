"""Tell calendar programs that a calendar changed: claim what is due, send, note the outcome.

No transaction is open while a message is under way. Several messages go at once, in threads of
their own, so that a slow push service delays nobody else's.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from threading import Lock, Thread, current_thread
from xml.sax.saxutils import escape

from bridge.domain.web_push import Destination, PushHosts, push_topic
from bridge.errors import InvalidInput, NotConnected, SideUnavailable, StoreError
from bridge.store.database import Database
from bridge.store.push_subscriptions import ClaimedPush, PushVault
from bridge.sync.ports import Clock
from bridge.web_push.connection import SIDE, PushAnswer, post
from bridge.web_push.encryption import encrypted, fresh_keys
from bridge.web_push.vapid import VapidIdentity

logger = logging.getLogger(__name__)

NAMESPACE = "https://bitfire.at/webdav-push"

_AT_ONCE = 8
_CLAIM_HOLDS = timedelta(seconds=60)
_BETWEEN_MESSAGES = timedelta(seconds=0.5)  # and two seconds at most from commit to message
_SWEEP_EVERY = timedelta(minutes=10)
_TIME_TO_LIVE = timedelta(days=1)
_FIRST_PAUSE = timedelta(seconds=5)
_LONGEST_PAUSE = timedelta(hours=1)
_UNREACHABLE_HOLDS = timedelta(seconds=5)
_MOST_UNREACHABLE = 1_000
_MOST_FAILURES = 25  # with these pauses about 15 hours; a living program renews in time
_UNKNOWN = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})

Send = Callable[[Destination, Mapping[str, str], bytes], PushAnswer]
"""Sends one request; raises `SideUnavailable` when there is no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PushParts:
    """What delivering needs.

    Attributes:
        vault: How subscriptions are kept.
        identity: Who we are.
        hosts: Where messages may go; asked again for each, as the setting may have changed.
        topic_key: Makes topics, see `push_topic`.
        token_uri: Writes a sync token as clients know it.
        send: The network.
    """

    vault: PushVault
    identity: VapidIdentity
    hosts: PushHosts
    topic_key: bytes
    token_uri: Callable[[str], str]
    send: Send = post


class PushDelivery:
    """Delivers what is due; safe to have several of, in several processes."""

    def __init__(self, database: Database, parts: PushParts, *, clock: Clock) -> None:
        self._database = database
        self._parts = parts
        self._clock = clock
        self._lock = Lock()
        self._under_way: set[Thread] = set()
        self._unreachable: dict[str, datetime] = {}
        self._stopped = False
        self._next_sweep = datetime.min.replace(tzinfo=UTC)

    def look(self) -> None:
        """Start to tell those that are due, as many as there are free threads; returns at once.

        One statement when nobody is due.

        Raises:
            StoreBusy: The database is locked; nothing was claimed.
        """
        self._sweep()
        with self._lock:
            free = 0 if self._stopped else _AT_ONCE - len(self._under_way)
        if free <= 0:
            return
        now = self._clock.now()
        with self._database.read() as work:
            due = work.push_subscriptions.due(now, free)
        if not due:
            return
        with self._database.write() as work:
            claimed = work.push_subscriptions.claim(due, now=now, until=now + _CLAIM_HOLDS)
        for push in claimed:
            self._start(push)

    def close(self) -> None:
        """Start nothing more; what is under way may end or not, its claim ends by itself."""
        with self._lock:
            self._stopped = True

    def finish(self) -> None:
        """Start nothing more and wait for what is under way."""
        self.close()
        with self._lock:
            threads = list(self._under_way)
        for thread in threads:
            thread.join()

    def _start(self, push: ClaimedPush) -> None:
        # A daemon: a push service that is slow cannot keep the process from ending.
        thread = Thread(target=self._run, args=(push,), name=f"push-{push.id}", daemon=True)
        with self._lock:
            if self._stopped:
                return
            self._under_way.add(thread)
            thread.start()

    def _run(self, push: ClaimedPush) -> None:
        try:
            self._counted(push)
        except StoreError as error:
            # The outcome is not noted, so the message goes once more when the claim has ended.
            logger.warning(
                "the outcome of a push message could not be noted",
                extra={"subscription": push.id, "reason": str(error)},
            )
        finally:
            with self._lock:
                self._under_way.discard(current_thread())

    def _counted(self, push: ClaimedPush) -> None:
        """Deliver; a bug that one subscription meets is seen, and counts as a refusal."""
        try:
            self._deliver(push)
        except StoreError:
            raise
        # Nobody is above a thread: the traceback would go past the log, unredacted, and the same
        # message would come again each time that its claim has ended.
        except Exception as error:
            logger.exception("a push message broke down", extra={"subscription": push.id})
            self._failed(push, type(error).__name__, pause_after(push.failures))

    def _deliver(self, push: ClaimedPush) -> None:
        if not (push.content or push.properties):
            self._told(push)
            return
        try:
            answer = self._send(push)
        except (InvalidInput, NotConnected) as error:
            self._forget(push, type(error).__name__)
            return
        except SideUnavailable as error:
            self._failed(push, error.reason, pause_after(push.failures))
            return
        if HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            self._told(push)
        elif answer.status in _UNKNOWN:
            self._forget(push, f"http{answer.status}")
        else:
            wanted = retry_after(answer.retry_after, self._clock.now())
            pause = max(pause_after(push.failures), wanted)
            self._failed(push, f"http{answer.status}", pause)

    def _send(self, push: ClaimedPush) -> PushAnswer:
        parts = self._parts
        target = push.target(parts.vault)
        destination = parts.hosts.destination(target.address)
        topic = push_topic(parts.topic_key, push.calendar_id, push.user_id)
        # A colleague's view has tokens of its own; without one his program simply asks.
        token = parts.token_uri(push.sync_token) if push.own else None
        body = encrypted(push_message(push, topic, token), target, fresh_keys())
        headers = {
            "Authorization": parts.identity.authorization(
                destination.origin, now=self._clock.now()
            ),
            "Content-Encoding": "aes128gcm",
            "Content-Type": 'application/xml; charset="UTF-8"',
            "TTL": str(int(_TIME_TO_LIVE.total_seconds())),
            "Topic": replaceable(push, topic),
            "Urgency": "normal",
        }
        return self._post(destination, headers, body)

    def _post(
        self, destination: Destination, headers: Mapping[str, str], body: bytes
    ) -> PushAnswer:
        """Send, unless the push service was out of reach a moment ago.

        Else the many subscriptions of one that is down would hold all threads, one after another.

        Raises:
            SideUnavailable: There is no answer, or none is expected.
        """
        origin, now = destination.origin, self._clock.now()
        with self._lock:
            until = self._unreachable.get(origin)
        if until is not None and now < until:
            raise SideUnavailable("out of reach lately", side=SIDE, reason="unreachable")
        self._database.forbid_open_transaction()
        try:
            return self._parts.send(destination, headers, body)
        except SideUnavailable:
            with self._lock:
                if len(self._unreachable) >= _MOST_UNREACHABLE:
                    self._unreachable.clear()
                self._unreachable[origin] = self._clock.now() + _UNREACHABLE_HOLDS
            raise

    def _told(self, push: ClaimedPush) -> None:
        next_at = self._clock.now() + _BETWEEN_MESSAGES
        with self._database.write() as work:
            work.push_subscriptions.told(push, next_at=next_at)
        logger.debug("told a calendar program", extra={"subscription": push.id})

    def _failed(self, push: ClaimedPush, reason: str, pause: timedelta) -> None:
        if push.failures + 1 >= _MOST_FAILURES:
            self._forget(push, reason)
            return
        with self._database.write() as work:
            work.push_subscriptions.failed(push.id, retry_at=self._clock.now() + pause)
        logger.info(
            "a push message was not taken",
            extra={"subscription": push.id, "reason": reason, "failures": push.failures + 1},
        )

    def _forget(self, push: ClaimedPush, reason: str) -> None:
        with self._database.write() as work:
            work.push_subscriptions.forget(push.id)
        logger.info(
            "a push subscription was removed", extra={"subscription": push.id, "reason": reason}
        )

    def _sweep(self) -> None:
        now = self._clock.now()
        if now < self._next_sweep:
            return
        self._next_sweep = now + _SWEEP_EVERY
        with self._database.write() as work:
            work.push_subscriptions.sweep(now)


def push_message(push: ClaimedPush, topic: str, token: str | None) -> bytes:
    """Return the XML of a push message.

    Args:
        push: What to tell of.
        topic: Of the collection.
        token: The collection's sync token, so that a program that is up to date can ignore the
            message; None where we do not know it.
    """
    known = "" if token is None else f"<D:sync-token>{escape(token)}</D:sync-token>"
    content = f"<content-update>{known}</content-update>" if push.content else ""
    properties = "<property-update/>" if push.properties else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?>'
        f'<push-message xmlns="{NAMESPACE}" xmlns:D="DAV:">'
        f"<topic>{escape(topic)}</topic>{content}{properties}</push-message>"
    ).encode()


def replaceable(push: ClaimedPush, topic: str) -> str:
    """Return the `Topic` header: an undelivered message is replaced by a newer one of the same.

    A message of one kind never replaces one that also told of the other (RFC 8030 section 5.4).
    """
    return topic + ("c" if push.content else "") + ("p" if push.properties else "")


def pause_after(failures: int) -> timedelta:
    """Return how long to wait after one more failure, given how many there were in a row."""
    doublings: int = 2 ** min(failures, 20)
    return min(_FIRST_PAUSE * doublings, _LONGEST_PAUSE)


def retry_after(value: str, now: datetime) -> timedelta:
    """Return how long a `Retry-After` header asks to wait, at most an hour; zero for nonsense.

    Args:
        value: Seconds or an HTTP date (RFC 9110 section 10.2.3), or "".
        now: Aware.
    """
    text = value.strip()
    if text.isascii() and text.isdigit():
        return min(timedelta(seconds=int(text[:6])), _LONGEST_PAUSE)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # years of twenty digits are the latter
        return timedelta()
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return min(max(aware - now, timedelta()), _LONGEST_PAUSE)
