"""Where the two sides are, in words."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.domain.message import Message
from bridge.sync.model import Side

PLACES: Mapping[Side, str] = {
    Side.CALENDAR: Message("in the CRM"),
    Side.GOOGLE: Message("at Google"),
}
