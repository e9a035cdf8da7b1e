"""Items whose every value comes from a column, so that no read parses anything."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING

from radicale.item import Item
from radicale.item.filter import TIMESTAMP_MAX, TIMESTAMP_MIN

if TYPE_CHECKING:
    from radicale.storage import BaseCollection

    from bridge.domain.identifiers import ETag
    from bridge.store.calendar_values import StoredObject


def quoted(etag: ETag) -> str:
    """Return an entity tag as it stands in a header (RFC 9110 section 8.8.3)."""
    return f'"{etag}"'


def http_date(moment: datetime) -> str:
    """Return an instant as an HTTP date."""
    return format_datetime(moment.astimezone(UTC), usegmt=True)


class CalendarItem(Item):
    """One calendar object resource.

    Attributes:
        stored: The object as the store told it.
    """

    def __init__(self, stored: StoredObject, collection: BaseCollection) -> None:
        """Take everything Radicale asks of an item from the stored object."""
        super().__init__(
            collection=collection,
            href=stored.href,
            text=stored.text,
            etag=quoted(stored.etag),
            uid=stored.uid,
            name="VCALENDAR",
            component_name=stored.component,
            time_range=_time_range(stored),
            last_modified=http_date(stored.modified_at),
        )
        self.stored = stored


def _time_range(stored: StoredObject) -> tuple[int, int]:
    first, last = stored.first_utc, stored.last_utc
    return (
        TIMESTAMP_MIN if first is None else int(first.timestamp()),
        TIMESTAMP_MAX if last is None else int(last.timestamp()) + 1,
    )
