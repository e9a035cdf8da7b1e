"""Event labels: names and colours of a calendar, one of which an event may carry.

Source: Google, Calendars resource (`labelProperties`) and Events resource (`eventLabelId`). New in
2026; a client that does not say `eventLabelVersion=1` works with `colorId` as before.
"""

from __future__ import annotations

import re
import uuid

from bridge.rehearsal.google_error import Json, invalid, required

_MOST_LABELS = 200
_LONGEST_NAME = 50
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")


def stored_labels(body: Json, *, kept: Json) -> Json:
    """Return a calendar's body with the labels it names, or with those it had.

    Args:
        body: Body of a calendar after a write.
        kept: Body before it, empty for a new calendar.

    Raises:
        GoogleError: 400 for over 200 labels, a bad id, name or colour.
    """
    rest = {name: value for name, value in body.items() if name != "labelProperties"}
    properties: Json = body.get("labelProperties") or kept.get("labelProperties") or {}
    given = properties.get("eventLabels")
    if not given:
        return rest
    if len(given) > _MOST_LABELS:
        raise invalid("A calendar can have at most 200 labels.")
    labels = [_label(each) for each in given]
    if len({label["id"] for label in labels}) < len(labels):
        raise invalid("Invalid label id: it is not unique in the calendar.")
    return {**rest, "labelProperties": {"eventLabels": labels}}


def _label(given: Json) -> Json:
    identifier = given.get("id") or str(uuid.uuid4())
    try:
        uuid.UUID(identifier)
    except ValueError as error:
        raise invalid("Invalid label id: it is no UUID.") from error
    if not given.get("backgroundColor"):
        raise required("Missing label background color.")
    if _COLOUR.fullmatch(given["backgroundColor"]) is None:
        raise invalid("Invalid label background color.")
    if len(given.get("name", "")) > _LONGEST_NAME:
        raise invalid("A label name can have at most 50 characters.")
    named = {"name": given["name"]} if given.get("name") else {}
    return {"id": identifier, **named, "backgroundColor": given["backgroundColor"]}


def check_label(calendar_body: Json, event_body: Json, *, before: Json) -> None:
    """Refuse an event that is given a label the calendar does not have.

    Raises:
        GoogleError: 400.
    """
    wanted = event_body.get("eventLabelId")
    if wanted is None or wanted == before.get("eventLabelId"):
        return
    labels = calendar_body.get("labelProperties", {}).get("eventLabels", [])
    if wanted not in {label["id"] for label in labels}:
        raise invalid("Invalid event label id.")
