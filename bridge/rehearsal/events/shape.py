"""Which fields of an event a client may write, and their types.

Source: Google, Events resource (the discovery document). Fields a client may not write, and fields
Google does not know, are left out without a word; a known field of a wrong type is refused.
"""

from __future__ import annotations

from typing import Any

from bridge.rehearsal.google_error import Json, invalid

Shape = Any

_TEXT, _FLAG, _NUMBER, _TEXTS, _ANY = "string", "boolean", "integer", "strings", "any"

_TIME = {"date": _TEXT, "dateTime": _TEXT, "timeZone": _TEXT}
_PERSON = {"id": _TEXT, "email": _TEXT, "displayName": _TEXT}
_ATTENDEE = {
    **_PERSON,
    "responseStatus": _TEXT,
    "comment": _TEXT,
    "additionalGuests": _NUMBER,
    "optional": _FLAG,
    "resource": _FLAG,
}
_ATTACHMENT = {"fileUrl": _TEXT, "title": _TEXT, "mimeType": _TEXT, "iconLink": _TEXT}
_ENTRY_POINT = {
    "entryPointType": _TEXT,
    "uri": _TEXT,
    "label": _TEXT,
    "pin": _TEXT,
    "accessCode": _TEXT,
    "meetingCode": _TEXT,
    "passcode": _TEXT,
    "password": _TEXT,
    "regionCode": _TEXT,
    "entryPointFeatures": _TEXTS,
}
_SOLUTION_KEY = {"type": _TEXT}
# The status of a request and the signature are the server's own.
_CONFERENCE = {
    "conferenceId": _TEXT,
    "conferenceSolution": {"key": _SOLUTION_KEY, "name": _TEXT, "iconUri": _TEXT},
    "createRequest": {"requestId": _TEXT, "conferenceSolutionKey": _SOLUTION_KEY},
    "entryPoints": [_ENTRY_POINT],
    "notes": _TEXT,
    "parameters": {"addOnParameters": {"parameters": {"*": _TEXT}}},
}
_DECLINING = {"autoDeclineMode": _TEXT, "declineMessage": _TEXT}
_WORKING_LOCATION = {
    "type": _TEXT,
    "homeOffice": _ANY,
    "customLocation": {"label": _TEXT},
    "officeLocation": {
        "buildingId": _TEXT,
        "floorId": _TEXT,
        "floorSectionId": _TEXT,
        "deskId": _TEXT,
        "label": _TEXT,
    },
}

EVENT_SHAPE: dict[str, Shape] = {
    "id": _TEXT,
    "iCalUID": _TEXT,
    "status": _TEXT,
    "summary": _TEXT,
    "description": _TEXT,
    "location": _TEXT,
    "colorId": _TEXT,
    "eventLabelId": _TEXT,
    "start": _TIME,
    "end": _TIME,
    "endTimeUnspecified": _FLAG,
    "recurrence": _TEXTS,
    "recurringEventId": _TEXT,
    "originalStartTime": _TIME,
    "transparency": _TEXT,
    "visibility": _TEXT,
    "sequence": _NUMBER,
    "attendees": [_ATTENDEE],
    "attendeesOmitted": _FLAG,
    "organizer": _PERSON,
    "extendedProperties": {"private": {"*": _TEXT}, "shared": {"*": _TEXT}},
    "anyoneCanAddSelf": _FLAG,
    "guestsCanInviteOthers": _FLAG,
    "guestsCanModify": _FLAG,
    "guestsCanSeeOtherGuests": _FLAG,
    "privateCopy": _FLAG,
    "reminders": {"useDefault": _FLAG, "overrides": [{"method": _TEXT, "minutes": _NUMBER}]},
    "source": {"title": _TEXT, "url": _TEXT},
    "attachments": [_ATTACHMENT],
    "eventType": _TEXT,
    "conferenceData": _CONFERENCE,
    "birthdayProperties": {"type": _TEXT, "contact": _TEXT, "customTypeName": _TEXT},
    "focusTimeProperties": {**_DECLINING, "chatStatus": _TEXT},
    "outOfOfficeProperties": _DECLINING,
    "workingLocationProperties": _WORKING_LOCATION,
}

CALENDAR_SHAPE: dict[str, Shape] = {
    "summary": _TEXT,
    "description": _TEXT,
    "location": _TEXT,
    "timeZone": _TEXT,
    "labelProperties": {
        "eventLabels": [{"id": _TEXT, "name": _TEXT, "backgroundColor": _TEXT}],
    },
}


def shaped(value: Any, shape: Shape, *, name: str = "body") -> Any:
    """Return the known part of a client's JSON value; nulls stay, they mean "remove" in a patch.

    Args:
        value: What the client sent.
        shape: What is expected.
        name: Where in the body the value stands, for the message.

    Raises:
        GoogleError: 400 for a value of another type.
    """
    if value is None or shape is _ANY:
        return value
    if isinstance(shape, dict):
        return _shaped_object(value, shape, name=name)
    if isinstance(shape, list):
        _expect(isinstance(value, list), name)
        return [shaped(item, shape[0], name=name) for item in value if item is not None]
    if shape == _TEXTS:
        _expect(isinstance(value, list) and all(isinstance(item, str) for item in value), name)
        return list(value)
    if shape == _NUMBER:
        return _number(value, name)
    _expect(isinstance(value, bool if shape == _FLAG else str), name)
    return value


def _shaped_object(value: Any, shape: dict[str, Shape], *, name: str) -> Json:
    _expect(isinstance(value, dict), name)
    if "*" in shape:
        return {key: shaped(item, shape["*"], name=f"{name}.{key}") for key, item in value.items()}
    return {
        key: shaped(value[key], inner, name=key if name == "body" else f"{name}.{key}")
        for key, inner in shape.items()
        if key in value
    }


def _number(value: Any, name: str) -> int:
    # JSON writers of other languages send 1.0 for 1; Google's parser takes both.
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    fits = isinstance(value, int) and not isinstance(value, bool) and -(2**31) <= value < 2**31
    _expect(fits, name)
    return int(value)


def _expect(condition: bool, name: str) -> None:
    if not condition:
        raise invalid(f"Invalid value for field: {name}")


def without_nulls(value: Any) -> Any:
    """Return the value without members that are null, at every depth."""
    if isinstance(value, dict):
        return {key: without_nulls(item) for key, item in value.items() if item is not None}
    return value


def merged(old: Json, patch: Json) -> Json:
    """Return `old` changed by a patch.

    Objects merge at every depth, arrays are replaced whole, null removes.

    Source: Google, "Work with partial resources" (patch semantics).
    """
    result = dict(old)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, dict):
            inner = result.get(key)
            result[key] = merged(inner if isinstance(inner, dict) else {}, value)
        else:
            result[key] = value
    return result
