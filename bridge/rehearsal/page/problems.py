"""The page that says why something could not be done, and what to do about it."""

from __future__ import annotations

from werkzeug.wrappers import Response

from bridge.rehearsal.google_error import GoogleError
from bridge.rehearsal.page.templates import page

_WORDS = {
    "notFound": (
        "This is not here",
        "The account, calendar or event does not exist, or it is gone for good. Go back to the "
        "calendar and choose another one.",
    ),
    "deleted": (
        "This event is deleted",
        "Tick “Show deleted events” on the calendar to bring it back.",
    ),
    "changedMeanwhile": (
        "The event has changed meanwhile",
        "Somebody or some program changed it after this form was opened. Open the event again and "
        "make the change anew.",
    ),
    "forbiddenForNonOrganizer": (
        "Only the organizer can change this",
        "Colour, reminders, visibility, busy or free and the own reply are yours to change.",
    ),
    "requiredAccessLevel": (
        "You can only read this calendar",
        "Choose a calendar of your own, or ask its owner for the right to make changes.",
    ),
    "foreignForm": (
        "The form came from another site",
        "Nothing was changed. Open the calendar here and act on this page.",
    ),
    "methodNotAllowed": (
        "This address only takes forms",
        "Nothing was changed. Open the calendar and use its buttons.",
    ),
    "timeRangeEmpty": (
        "The event ends before it begins",
        "Go back and set an end that is not before the start.",
    ),
}
_OTHERWISE = (
    "Google would refuse this",
    "Nothing was changed. Go back, correct what the line above names, and send it again.",
)


def problem_page(error: GoogleError) -> Response:
    """Return the page of a refusal."""
    title, advice = _WORDS.get(error.reason, _OTHERWISE)
    values = {"title": title, "advice": advice, "error": error}
    return page("problem.html", values, status=error.code)
