"""Which fields a `fields` mask may name in the answers of the collection `events`.

Source: Google's discovery document of Calendar v3, schemas Event and Events (a test compares these
tables with it). A mask that names anything else is refused.
"""

from __future__ import annotations

from typing import Any

from bridge.rehearsal.api.field_mask import Mask
from bridge.rehearsal.google_error import invalid_parameter

# Below a name: the fields inside, None where there are none, `{"*": None}` where any may be.
_Tree = dict[str, Any]


def _leaves(*names: str) -> _Tree:
    return dict.fromkeys(names)


_ANY = _leaves("*")
_TIME = _leaves("date", "dateTime", "timeZone")
_PERSON = _leaves("displayName", "email", "id", "self")
_ATTENDEE = {
    **_PERSON,
    **_leaves(
        "additionalGuests", "asyncOperation", "comment", "optional", "organizer", "resource",
        "responseStatus",
    ),
}  # fmt: skip
_SOLUTION_KEY = _leaves("type")
_CONFERENCE = {
    **_leaves("conferenceId", "notes", "signature"),
    "conferenceSolution": {**_leaves("iconUri", "name"), "key": _SOLUTION_KEY},
    "createRequest": {
        "conferenceSolutionKey": _SOLUTION_KEY,
        "requestId": None,
        "status": _leaves("statusCode"),
    },
    "entryPoints": _leaves(
        "accessCode", "entryPointFeatures", "entryPointType", "label", "meetingCode", "passcode",
        "password", "pin", "regionCode", "uri",
    ),
    "parameters": {"addOnParameters": {"parameters": _ANY}},
}  # fmt: skip
_REMINDERS = _leaves("method", "minutes")
_DECLINING = _leaves("autoDeclineMode", "declineMessage")
_PLACE = {
    "type": None,
    "homeOffice": _ANY,
    "customLocation": _leaves("label"),
    "officeLocation": _leaves("buildingId", "deskId", "floorId", "floorSectionId", "label"),
}

EVENT_FIELDS: _Tree = {
    **_leaves(
        "anyoneCanAddSelf", "attendeesOmitted", "colorId", "created", "description",
        "endTimeUnspecified", "etag", "eventLabelId", "eventType", "guestsCanInviteOthers",
        "guestsCanModify", "guestsCanSeeOtherGuests", "hangoutLink", "htmlLink", "iCalUID", "id",
        "kind", "location", "locked", "privateCopy", "recurrence", "recurringEventId", "sequence",
        "status", "summary", "transparency", "updated", "visibility",
    ),
    "attachments": _leaves("fileId", "fileUrl", "iconLink", "mimeType", "title"),
    "attendees": _ATTENDEE,
    "birthdayProperties": _leaves("contact", "customTypeName", "type"),
    "conferenceData": _CONFERENCE,
    "creator": _PERSON,
    "end": _TIME,
    "extendedProperties": {"private": _ANY, "shared": _ANY},
    "focusTimeProperties": {**_DECLINING, "chatStatus": None},
    "gadget": {
        **_leaves("display", "height", "iconLink", "link", "title", "type", "width"),
        "preferences": _ANY,
    },
    "organizer": _PERSON,
    "originalStartTime": _TIME,
    "outOfOfficeProperties": _DECLINING,
    "reminders": {"overrides": _REMINDERS, "useDefault": None},
    "source": _leaves("title", "url"),
    "start": _TIME,
    "workingLocationProperties": _PLACE,
}  # fmt: skip

EVENTS_FIELDS: _Tree = {
    **_leaves(
        "accessRole", "description", "etag", "kind", "nextPageToken", "nextSyncToken", "summary",
        "timeZone", "updated",
    ),
    "defaultReminders": _REMINDERS,
    "items": EVENT_FIELDS,
}  # fmt: skip

_ANSWERS = {
    **dict.fromkeys(("list", "instances"), EVENTS_FIELDS),
    **dict.fromkeys(
        ("get", "insert", "import", "update", "patch", "move", "quickAdd"), EVENT_FIELDS
    ),
}


def check_names(mask: Mask, method: str) -> None:
    """Refuse a mask that names a field the answer of a method cannot have.

    Args:
        mask: The tree of wanted members.
        method: Id of the method, such as `calendar.events.list`; others than those of events pass.

    Raises:
        GoogleError: 400.
    """
    collection, _, verb = method.removeprefix("calendar.").partition(".")
    if collection == "events" and verb in _ANSWERS:
        _check(mask, _ANSWERS[verb])


def _check(mask: Mask, fields: _Tree) -> None:
    for name, inner in mask.items():
        if name == "*" or "*" in fields:
            continue
        below = fields.get(name)
        if name not in fields or (inner and below is None):
            raise invalid_parameter("fields", f"Invalid field selection {name}")
        if inner:
            _check(inner, below or {})
