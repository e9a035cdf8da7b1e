"""Who writes where, and what was said about the write beside the event itself."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.world import World


class SendUpdates(Enum):
    """Who gets a mail about a write."""

    ALL = "all"
    EXTERNAL_ONLY = "externalOnly"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteOptions:
    """What a caller says about a write beside the event itself.

    Attributes:
        send_updates: Who gets a mail.
        if_match: Value of If-Match, "" for none.
        supports_attachments: Whether attachments in the body are looked at.
        conference_version: 1 when conferenceData in the body is looked at.
        label_version: 1 when eventLabelId in the body is looked at, in place of colorId.
    """

    send_updates: SendUpdates = SendUpdates.NONE
    if_match: str = ""
    supports_attachments: bool = False
    conference_version: int = 0
    label_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Who writes where.

    Attributes:
        world: The rehearsal.
        calendar: The calendar written to.
        email: Account of the person who writes.
        options: What was said about the write.
    """

    world: World
    calendar: Calendar
    email: str
    options: WriteOptions = WriteOptions()
