"""The parts of an event that Google looks at only when asked to, or checks as a whole.

Source: Google, Events: update (`conferenceDataVersion`, `eventLabelVersion`,
`supportsAttachments`). A client that does not name its version of a part neither sees it taken nor
takes it away.
"""

from __future__ import annotations

from typing import Protocol

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.events.conference import is_echo, with_conference
from bridge.rehearsal.events.event_types import check_type
from bridge.rehearsal.events.labels import check_label
from bridge.rehearsal.events.reminders import with_reminders_of_all
from bridge.rehearsal.google_error import Json, invalid
from bridge.rehearsal.world import World


class PartVersions(Protocol):
    """What a client says it understands.

    Attributes:
        supports_attachments: Whether attachments in the body are looked at.
        conference_version: 1 when conferenceData in the body is looked at.
        label_version: 1 when eventLabelId in the body is looked at, in place of colorId.
    """

    @property
    def supports_attachments(self) -> bool: ...  # noqa: D102 - see the class
    @property
    def conference_version(self) -> int: ...  # noqa: D102
    @property
    def label_version(self) -> int: ...  # noqa: D102


def _ignored(versions: PartVersions) -> set[str]:
    ignored = {"colorId" if versions.label_version else "eventLabelId"}
    if not versions.supports_attachments:
        ignored.add("attachments")
    if not versions.conference_version:
        ignored.add("conferenceData")
    return ignored


def asked_parts(world: World, given: Json, versions: PartVersions) -> Json:
    """Return what of a body Google looks at; a label that is not named is one to be removed."""
    ignored = _ignored(versions)
    asked = {name: value for name, value in given.items() if name not in ignored}
    if versions.label_version and world.switches.patch_without_label == "removes":
        asked.setdefault("eventLabelId", None)
    return asked


def with_kept_parts(world: World, before: Json, wanted: Json, versions: PartVersions) -> Json:
    """Return the fields of an update with those it could not speak of, as they were.

    Args:
        world: The rehearsal.
        before: Body before the update.
        wanted: Fields of the update.
        versions: What the client understands.
    """
    ignored = _ignored(versions)
    if world.switches.put_without_attachments == "clears":
        ignored.discard("attachments")
    if is_echo(before.get("conferenceData") or {}, wanted.get("conferenceData") or {}):
        ignored.add("conferenceData")
    if "birthdayProperties" not in wanted:
        ignored.add("birthdayProperties")
    return {**wanted, **{name: before[name] for name in ignored if name in before}}


def with_checked_parts(
    world: World, calendar: Calendar, email: str, before: Json, body: Json
) -> Json:
    """Return the body of an event as it may be stored, its parts checked and settled.

    Args:
        world: The rehearsal.
        calendar: Where the event is.
        email: Account of the person who writes.
        before: Body before the write, empty for a new event.
        body: Body after it.

    Raises:
        GoogleError: 400, or by switch 403, for what does not suit the type of the event; 400 for
            too long a description, an unknown label or a conference that cannot be.
    """
    description = body.get("description", "")
    changed = description != before.get("description", "")
    if changed and len(description) > world.switches.description_limit:
        raise invalid("A provided value exceeds the allowed size limit.")
    body = with_reminders_of_all(calendar, before, body)
    body = _with_own_source(email, before, with_conference(world, calendar, before, body))
    check_label(calendar.body, body, before=before)
    check_type(world, calendar, before, body)
    return body


def _with_own_source(email: str, before: Json, body: Json) -> Json:
    """Return the body with a source that only the event's creator can change."""
    if not before or email in (before["creator"]["email"], ""):
        return body
    rest = {name: value for name, value in body.items() if name != "source"}
    return {**rest, "source": before["source"]} if "source" in before else rest
