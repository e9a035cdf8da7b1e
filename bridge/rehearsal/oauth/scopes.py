"""OAuth scopes: their short names, what a person is told of them, which are for signing in."""

from __future__ import annotations

PREFIX = "https://www.googleapis.com/auth/"

_SIGN_IN = {
    "openid": "openid",
    "email": f"{PREFIX}userinfo.email",
    "profile": f"{PREFIX}userinfo.profile",
    f"{PREFIX}userinfo.email": f"{PREFIX}userinfo.email",
    f"{PREFIX}userinfo.profile": f"{PREFIX}userinfo.profile",
}

_CALENDAR = {
    "calendar": "See, edit, share and permanently delete all your calendars",
    "calendar.acls": "See and change who may use your calendars",
    "calendar.acls.readonly": "See who may use your calendars",
    "calendar.app.created": "Make secondary calendars and edit their events",
    "calendar.calendarlist": "See, add and remove calendars you are subscribed to",
    "calendar.calendarlist.readonly": "See the list of your calendars",
    "calendar.calendars": "See and change your calendars' properties, and make calendars",
    "calendar.calendars.readonly": "See your calendars' title, description and zone",
    "calendar.events": "View and edit events on all your calendars",
    "calendar.events.freebusy": "See the availability of calendars",
    "calendar.events.owned": "View and edit events on calendars you own",
    "calendar.events.owned.readonly": "View events on calendars you own",
    "calendar.events.public.readonly": "View events on public calendars",
    "calendar.events.readonly": "View events on all your calendars",
    "calendar.freebusy": "View your availability",
    "calendar.readonly": "See and download any calendar you have access to",
    "calendar.settings": "See and change your calendar settings",
    "calendar.settings.readonly": "See your calendar settings",
}

ALL_CALENDAR_SCOPES = frozenset(_CALENDAR)


def split_scopes(text: str) -> tuple[str, ...]:
    """Return the scopes of a space-separated text in their full form, each once, in order.

    `email` and `profile` become the addresses Google names in its answers.
    """
    return tuple(dict.fromkeys(_SIGN_IN.get(scope, scope) for scope in text.split()))


def is_sign_in(scope: str) -> bool:
    """Return whether the scope only says who the person is; such scopes cannot be unticked."""
    return scope in _SIGN_IN


def is_known(scope: str) -> bool:
    """Return whether Google has a scope of this name, as far as the rehearsal knows."""
    return is_sign_in(scope) or scope.removeprefix(PREFIX) in _CALENDAR


def meaning(scope: str) -> str:
    """Return what a person is told about a Calendar scope."""
    return _CALENDAR.get(scope.removeprefix(PREFIX), scope)


def short_names(scopes: tuple[str, ...]) -> frozenset[str]:
    """Return the Calendar scopes without their common beginning."""
    return frozenset(scope.removeprefix(PREFIX) for scope in scopes)
