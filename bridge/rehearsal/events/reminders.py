"""Reminders of an event: the calendar's default ones, or some of its own.

Source: Google, Events resource (`reminders`); `google-calendar-facts` section 10. They are those of
one person: each account that sees a calendar has its own for every event there. The owner's are
stored as `reminders`, those of others as `remindersOf`, by address.
"""

from __future__ import annotations

from bridge.rehearsal.calendars.resource import Calendar
from bridge.rehearsal.google_error import GoogleError, Json, invalid

_MOST_OVERRIDES = 5
_LONGEST_LEAD_MINUTES = 40320
_DEFAULT: Json = {"useDefault": True}


def stored_reminders(given: Json) -> Json:
    """Return reminders as Google stores them, sorted; no `useDefault` means own ones, or none.

    Raises:
        GoogleError: 400 for both kinds at once, too many, or one out of range.
    """
    overrides = given.get("overrides") or []
    if given.get("useDefault"):
        if overrides:
            raise GoogleError(
                "Cannot specify both default reminders and overrides at the same time.",
                code=400,
                reason="cannotUseDefaultRemindersAndSpecifyOverride",
                domain="calendar",
            )
        return {"useDefault": True}
    kept = checked_overrides(overrides)
    return {"useDefault": False, **({"overrides": kept} if kept else {})}


def checked_overrides(given: list[Json]) -> list[Json]:
    """Return reminders as Google stores them: sorted, at most five.

    Raises:
        GoogleError: 400 for too many, or one with a wrong method or time.
    """
    if len(given) > _MOST_OVERRIDES:
        raise invalid("At most 5 reminder overrides may be set.")
    found = [_override(each) for each in given]
    return sorted(found, key=lambda each: (each["method"], each["minutes"]))


def _override(given: Json) -> Json:
    if given.get("method") not in ("email", "popup"):
        raise invalid("Invalid reminder method.")
    minutes = given.get("minutes")
    if minutes is None or not 0 <= minutes <= _LONGEST_LEAD_MINUTES:
        raise invalid("Invalid reminder minutes.")
    return {"method": given["method"], "minutes": minutes}


def reminders_for(body: Json, calendar: Calendar) -> Json:
    """Return the reminders that the viewer of a calendar has for an event there."""
    if calendar.viewer == calendar.owner:
        return dict(body.get("reminders", _DEFAULT))
    return dict(body.get("remindersOf", {}).get(calendar.viewer, _DEFAULT))


def with_reminders_of_all(calendar: Calendar, before: Json, body: Json) -> Json:
    """Return the body of an event about to be stored, with the reminders of everybody.

    Args:
        calendar: Where the event is, as the writer sees it.
        before: Body before the write, empty for a new event.
        body: Body after it; its `reminders` are the writer's.
    """
    others = dict(before.get("remindersOf", {}))
    if body["status"] == "cancelled":
        return body
    if calendar.viewer != calendar.owner:
        others[calendar.viewer] = body.get("reminders", _DEFAULT)
        body = {**body, "reminders": before.get("reminders", _DEFAULT)}
    return {**body, "remindersOf": others} if others else body
