"""WebDAV-Push: what is told of it, registering and removing a subscription.

The draft `draft-bitfire-webdav-push-00` (bitfire.at, 2025), with Web Push as its one transport.
Messages are sent by the worker; here is only what a calendar program asks of the server.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from http import client
from typing import TYPE_CHECKING

from bridge.domain.web_push import (
    PushHosts,
    PushTarget,
    PushTriggers,
    decode_base64url,
    push_topic,
)
from bridge.errors import InvalidInput
from bridge.store.push_subscriptions import PushVault, PushWish
from radicale_plugin.refusals import Refusal
from radicale_plugin.request import current_request
from radicale_plugin.transactions import Transactions, now_utc

if TYPE_CHECKING:
    import xml.etree.ElementTree as ET

    from bridge.domain.identifiers import UserId
    from bridge.store.calendar_values import StoredCalendar
    from bridge.store.database import Database

NAMESPACE = "https://bitfire.at/webdav-push"
DAV_TOKEN = "webdav-push"  # noqa: S105 - a word of the DAV header, no secret
REGISTRATIONS = "/.push/"
"""Path below the prefix under which each subscription has its registration URL."""

PUSH_REGISTER = f"{{{NAMESPACE}}}push-register"
LONGEST = timedelta(days=7)
"""How long a subscription lasts at most; the draft demands at least three days."""

_SUBSCRIPTION = f"{{{NAMESPACE}}}subscription"
_WEB_PUSH = f"{{{NAMESPACE}}}web-push-subscription"
_ENCODING = "aes128gcm"
_NAMED = re.compile(re.escape(REGISTRATIONS) + r"([0-9a-f]{32})\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class PushOffer:
    """What this installation offers to programs that want to be told of changes.

    Attributes:
        database: Where subscriptions are kept.
        vault: How they are kept.
        hosts: Push services they may name.
        public_key: Our VAPID key, base64url.
        topic_key: Makes topics, see `push_topic`.
        base_url: Scheme and host of this server without a slash at the end, or "" to take those
            of the request.
        clock: Tells the time.
    """

    database: Database
    vault: PushVault
    hosts: PushHosts
    public_key: str
    topic_key: bytes = field(repr=False)
    base_url: str = ""
    clock: Callable[[], datetime] = now_utc

    def topic(self, calendar: StoredCalendar, user_id: UserId) -> str:
        """Return the name under which a user's programs know the calendar."""
        return push_topic(self.topic_key, calendar.id, user_id)


def read_wish(root: ET.Element, offer: PushOffer) -> PushWish:
    """Return what a `push-register` asks for.

    Raises:
        Refusal: It names no subscription we can serve, or nothing it wants to be told of.
        InvalidInput: Its date is none, or has passed.
    """
    triggers = _triggers(root)
    try:
        target = _target(root)
        offer.hosts.destination(target.address)
    except InvalidInput as error:
        raise _refused(str(error), "invalid-subscription") from error
    if not (triggers.content or triggers.properties):
        raise _refused("nothing to be told of is named", "no-supported-trigger")
    expires_at = _expires(root, offer.clock())
    return PushWish(target=target, triggers=triggers, expires_at=expires_at)


def not_available(why: str) -> Refusal:
    """Return the refusal of a registration where none is possible."""
    return _refused(why, "push-not-available")


def _refused(why: str, condition: str) -> Refusal:
    return Refusal(why, status=client.FORBIDDEN, condition=f"{{{NAMESPACE}}}{condition}")


def _target(root: ET.Element) -> PushTarget:
    found = root.findall(f"{_SUBSCRIPTION}/{_WEB_PUSH}")
    if len(found) != 1:
        raise InvalidInput("one web-push-subscription is wanted")
    # The draft leaves encryption out of no message, and knows one encoding.
    if _text(found[0], "content-encoding") not in ("", _ENCODING):
        raise InvalidInput(f"messages are encrypted as {_ENCODING} only")
    return PushTarget(
        address=_text(found[0], "push-resource"),
        public_key=decode_base64url(_text(found[0], "subscription-public-key")),
        auth_secret=decode_base64url(_text(found[0], "auth-secret")),
    )


def _triggers(root: ET.Element) -> PushTriggers:
    # A depth we do not serve falls back to the one we do, as the draft says.
    wanted = {child.tag for trigger in root.findall(f"{{{NAMESPACE}}}trigger") for child in trigger}
    return PushTriggers(
        content=f"{{{NAMESPACE}}}content-update" in wanted,
        properties=f"{{{NAMESPACE}}}property-update" in wanted,
    )


def _expires(root: ET.Element, now: datetime) -> datetime:
    text = (root.findtext(f"{{{NAMESPACE}}}expires") or "").strip()
    if not text:
        return (now + LONGEST).replace(microsecond=0)
    try:
        wanted = parsedate_to_datetime(text)
    except (ValueError, OverflowError) as error:  # years of twenty digits are the latter
        raise InvalidInput("the date of expiry is no HTTP date") from error
    aware = wanted if wanted.tzinfo else wanted.replace(tzinfo=UTC)
    if aware <= now:
        raise InvalidInput("the date of expiry has passed")
    return min(aware, now + LONGEST).replace(microsecond=0)


def _text(parent: ET.Element, name: str) -> str:
    return (parent.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()


def http_time(moment: datetime) -> str:
    """Return an instant as an HTTP date (RFC 9110 section 5.6.7)."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


@contextmanager
def unannounced(transactions: Transactions) -> Iterator[None]:
    """Keep a change from the subscriptions that its request names in `Push-Dont-Notify`.

    Only subscriptions of the writer himself, `*` being all of them: nobody silences a colleague.
    One that still has to be told of an earlier change is told all the same.
    """
    request = current_request()
    if not request.dont_notify or request.user is None:
        yield
        return
    everything = request.dont_notify.strip() == "*"
    names = None if everything else set(_NAMED.findall(request.dont_notify))
    with transactions.work() as work:
        informed = work.push_subscriptions.informed(request.user.id, names)
    yield
    with transactions.work() as work:
        work.push_subscriptions.mark_informed(informed)
