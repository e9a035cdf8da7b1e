"""What a client asks for when it opens a channel, checked.

Source: Google, "Push notifications", creating channels, and the Channel resource.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from bridge.rehearsal.events.shape import shaped, without_nulls
from bridge.rehearsal.google_error import GoogleError, Json, bad_request, invalid, required
from bridge.rehearsal.world import World

_ID = re.compile(r"[A-Za-z0-9\-_+/=]{1,64}")
_TYPES = ("web_hook", "webhook")
_LONGEST_TOKEN = 256
# End of the year 9999, after which no date can be told.
_LAST_MILLISECOND = 253_402_300_799_000
_DEFAULT_SECONDS = 604_800
_SHAPE = {
    "id": "string",
    "type": "string",
    "address": "string",
    "token": "string",
    "expiration": "any",
    "params": {"ttl": "any"},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """A channel as it was asked for.

    Attributes:
        channel_id: The client's id.
        address: Where messages go.
        token: Text sent along, "" for none.
        expires: End in milliseconds since 1970.
    """

    channel_id: str
    address: str
    token: str
    expires: int


def read_wish(world: World, body: Json) -> Wish:
    """Return the channel a body asks for.

    Raises:
        GoogleError: 400 for what is missing or wrong, `webhookUrlNotHttps` for an http address
            unless those are allowed.
    """
    given: Json = without_nulls(shaped(body, _SHAPE))
    for name in ("id", "type", "address"):
        if not given.get(name):
            raise required(f"Missing channel {name}.")
    if _ID.fullmatch(given["id"]) is None:
        raise invalid("Invalid channel id.")
    if given["type"] not in _TYPES:
        raise invalid(f"Channel type not supported: {given['type']}")
    token = given.get("token", "")
    if len(token) > _LONGEST_TOKEN or not (token.isprintable() or not token):
        raise invalid("Invalid channel token.")
    _check_address(world, given["address"])
    return Wish(
        channel_id=given["id"],
        address=given["address"],
        token=token,
        expires=_expiry(world, given),
    )


def _check_address(world: World, address: str) -> None:
    try:
        parts = urlsplit(address)
        # Reading the port checks it.
        usable = bool(parts.hostname) and parts.port != 0 and address.isprintable()
    except ValueError as error:
        raise _refused(world, "webhookUrlInvalid", f"Invalid callback URL: {address}") from error
    if not usable or " " in address or parts.scheme not in ("http", "https"):
        raise _refused(world, "webhookUrlInvalid", f"Invalid callback URL: {address}")
    if parts.scheme == "http" and not world.allow_http_push:
        raise _refused(world, "webhookUrlNotHttps", f"WebHook callback must be HTTPS: {address}")


def _refused(world: World, reason: str, message: str) -> GoogleError:
    prefix = "push." if world.switches.push_reasons == "prefixed" else ""
    return bad_request(message, reason=f"{prefix}{reason}")


def _expiry(world: World, given: Json) -> int:
    now = world.clock.milliseconds()
    latest = min(now + world.switches.channel_longest_days * 86_400_000, _LAST_MILLISECOND)
    if "expiration" in given:
        expires = _integer(given["expiration"], "expiration")
    else:
        ttl = given.get("params", {}).get("ttl", _DEFAULT_SECONDS)
        expires = now + _integer(ttl, "ttl") * 1000
    if expires <= now:
        raise invalid("The expiration of the channel is in the past.")
    return min(expires, latest)


def _integer(value: Any, name: str) -> int:
    # 64-bit numbers are texts in Google's JSON; numbers are taken, too.
    text = str(value) if isinstance(value, int | str) and not isinstance(value, bool) else ""
    if not text.isascii() or not text.isdigit() or len(text) > 18:  # noqa: PLR2004 - 64 bits
        raise invalid(f"Invalid channel {name}.")
    return int(text)
