"""Sync tokens and page tokens: opaque to the client, signed by the rehearsal.

Source: Google, "Synchronize resources efficiently". A token belongs to one collection, one account
and one set of parameters, and remembers up to which change its reader knows.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bridge.rehearsal.calendars.access import access_number
from bridge.rehearsal.google_error import (
    GoogleError,
    full_sync_required,
    invalid,
    invalid_parameter,
)
from bridge.rehearsal.world import World

_SIGNATURE_BYTES = 8
_DAY_MILLISECONDS = 86_400_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """What a token stands for.

    Attributes:
        kind: `sync` or `page`.
        collection: Calendar id, or `calendarList`.
        viewer: Account.
        epoch: Life of the rehearsal's data; a reset begins another.
        issued: Time of issue, milliseconds since 1970.
        frozen: Parameters of the first listing that must not change.
        change: Changes up to this number are known once the pages are read.
        after: Where the next page goes on: a position or a change number.
        key: Where it goes on in a result that is sorted first; empty for the beginning. Never a
            count of items: some may change or go away between two pages.
        pages: How many pages were answered before.
        access: How often the viewer's role there had changed when the listing began; None until the
            first token of a listing is written.
    """

    kind: str
    collection: str
    viewer: str
    epoch: str
    issued: int
    frozen: dict[str, Any]
    change: int
    after: int = 0
    key: list[int | str] = field(default_factory=list)
    pages: int = 0
    access: int | None = None


def encode(world: World, token: Token) -> str:
    """Return the opaque text of a token."""
    if token.access is None:
        token = replace(token, access=access_number(world, token.collection, token.viewer))
    data = json.dumps(asdict(token), separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_signature(world, data) + data).decode().rstrip("=")


def read_sync_token(world: World, text: str, *, collection: str, viewer: str) -> Token:
    """Return the token behind a `syncToken` parameter.

    Raises:
        GoogleError: 410 `fullSyncRequired` when it has expired, belongs elsewhere or the viewer's
            role has changed; 410 or 400, by switch, when it is malformed.
    """
    token = _decoded(world, text)
    if token is None or token.kind != "sync":
        if world.switches.malformed_sync_token == 400:  # noqa: PLR2004 - an HTTP status
            raise GoogleError(
                "Invalid sync token value.",
                code=400,
                reason="invalid",
                location=("parameter", "syncToken"),
            )
        raise full_sync_required()
    age = world.clock.milliseconds() - token.issued
    expired = age > world.switches.tombstone_days * _DAY_MILLISECONDS
    foreign = (token.collection, token.viewer) != (collection, viewer)
    known_role = (token.access or 0) == access_number(world, collection, viewer)
    if expired or foreign or not known_role or token.epoch != world.state.meta("epoch"):
        raise full_sync_required()
    return token


def read_page_token(
    world: World, text: str, *, collection: str, viewer: str, frozen: dict[str, Any]
) -> Token:
    """Return the token behind a `pageToken` parameter.

    Raises:
        GoogleError: 400 when it is malformed or the other parameters changed between two pages.
    """
    token = _decoded(world, text)
    fits = (
        token is not None
        and token.kind == "page"
        and (token.collection, token.viewer) == (collection, viewer)
        and token.epoch == world.state.meta("epoch")
    )
    if token is None or not fits:
        raise invalid_parameter("pageToken", "Invalid page token value.")
    if token.frozen != frozen:
        raise invalid("The parameters of a listing must stay the same on all its pages.")
    return token


def _decoded(world: World, text: str) -> Token | None:
    try:
        raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return None
    signature, data = raw[:_SIGNATURE_BYTES], raw[_SIGNATURE_BYTES:]
    if not hmac.compare_digest(signature, _signature(world, data)):
        return None
    return Token(**json.loads(data))


def _signature(world: World, data: bytes) -> bytes:
    key = (world.state.meta("client_secret") or "").encode()
    return hmac.new(key, data, hashlib.sha256).digest()[:_SIGNATURE_BYTES]
