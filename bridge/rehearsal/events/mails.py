"""The mails Google would send about a write, kept to be read.

Source: Google, the `sendUpdates` parameter. Without it nobody gets one; `externalOnly` is for
addresses that have no account here.
"""

from __future__ import annotations

from bridge.rehearsal.accounts import find_account
from bridge.rehearsal.events.desk import Desk, SendUpdates
from bridge.rehearsal.events.people import addresses, reply_of
from bridge.rehearsal.events.resource import OWN_FIELDS, StoredEvent

# Changes of these are no news for a guest.
_NO_NEWS = frozenset({*OWN_FIELDS, "attendees", "extendedProperties", "sequence", "source"})


def send_mails(
    desk: Desk, event: StoredEvent, *, before: StoredEvent | None, writer: str = ""
) -> None:
    """Note the mails to guests about a write of the organizer's event.

    Args:
        desk: Who wrote; the calendar is the organizer's.
        event: The event after the write.
        before: The event before it, None for a new one.
        writer: Guest who wrote, "" for the organizer; nobody is told of the own doing.
    """
    own = {desk.calendar.calendar_id, desk.calendar.owner, writer}
    now, then = addresses(event) - own, addresses(before) - own
    kinds = dict.fromkeys(now - then, "invitation") | dict.fromkeys(then - now, "cancellation")
    if before is not None and _is_news(before, event):
        kinds |= dict.fromkeys(now & then, "update")
    for address, kind in sorted(kinds.items()):
        _note(desk, event, {"to": address, "kind": kind})


def _is_news(before: StoredEvent, event: StoredEvent) -> bool:
    old, new = before.body, event.body
    return addresses(before) != addresses(event) or any(
        old.get(name) != new.get(name) for name in (old.keys() | new.keys()) - _NO_NEWS
    )


def tell_organizer(desk: Desk, event: StoredEvent, *, guest: str, kind: str) -> None:
    """Note the mail to the organizer about what a guest did.

    Args:
        desk: Who wrote; the calendar is the organizer's.
        event: The organizer's event after it.
        guest: Who did it.
        kind: `reply` or `update`.
    """
    said = reply_of(event.body.get("attendees", []), guest)
    # A secondary calendar reads no mail; its owner does.
    _note(desk, event, {"to": desk.calendar.owner, "kind": kind, "from": guest, **said})


def _note(desk: Desk, event: StoredEvent, mail: dict[str, str]) -> None:
    send_updates = desk.options.send_updates
    external = find_account(desk.world, mail["to"]) is None
    if send_updates is SendUpdates.ALL or (send_updates is SendUpdates.EXTERNAL_ONLY and external):
        desk.world.add_mail(
            {
                **mail,
                "calendar_id": event.body["organizer"]["email"],
                "event_id": event.event_id,
                "summary": event.body.get("summary", ""),
                "sendUpdates": send_updates.value,
            }
        )
