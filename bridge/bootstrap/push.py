"""WebDAV-Push: what the worker delivers, if it is switched on."""

from __future__ import annotations

from bridge.application.web_push import PushDelivery, PushParts
from bridge.bootstrap.core import Core
from bridge.domain.web_push import PushHosts
from bridge.web_push.vapid import VapidIdentity
from radicale_plugin.vocabulary import SYNC_TOKEN


def push_delivery(core: Core) -> PushDelivery | None:
    """Return what tells calendar programs of changes; None when it is switched off."""
    if not core.settings.push.enabled:
        return None
    parts = PushParts(
        vault=core.keys.push_subscriptions,
        identity=push_identity(core),
        hosts=PushHosts(core.settings.push.allowed_hosts),
        topic_key=core.keys.push_topics,
        token_uri=SYNC_TOKEN.__add__,
    )
    return PushDelivery(core.database, parts, clock=core.clock)


def push_identity(core: Core) -> VapidIdentity:
    """Return who we are to push services."""
    return VapidIdentity(core.keys.push_identity, contact=core.settings.push.contact)
