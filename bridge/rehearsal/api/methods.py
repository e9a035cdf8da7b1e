"""The methods of Calendar v3: paths, scopes, parameters, costs, and what answers them.

Source: Google's discovery document of Calendar v3 (a test compares this table with it); "Manage
quotas" for the costs.
"""

from __future__ import annotations

from bridge.rehearsal.api import account_methods as account
from bridge.rehearsal.api import acl_methods as acl
from bridge.rehearsal.api import calendar_list_methods as entries
from bridge.rehearsal.api import calendar_methods as calendars
from bridge.rehearsal.api import event_methods as events
from bridge.rehearsal.api import freebusy_methods as freebusy
from bridge.rehearsal.api import watch_methods as watch
from bridge.rehearsal.api.call import Handler, Method
from bridge.rehearsal.api.parameters import Declared, Kind

_TEXT, _FLAG, _NUMBER, _TEXTS = Kind.TEXT, Kind.FLAG, Kind.NUMBER, Kind.TEXTS
_PATCH_UNITS = 3

_ROLES = ("freeBusyReader", "owner", "reader", "writer", "writerWithoutPrivateAccess")
_EVENT_TYPES = (
    "birthday", "default", "focusTime", "fromGmail", "outOfOffice", "workingLocation",
)  # fmt: skip

_READ_EVENTS = (
    "calendar calendar.app.created calendar.events calendar.events.freebusy calendar.events.owned "
    "calendar.events.owned.readonly calendar.events.public.readonly calendar.events.readonly "
    "calendar.readonly"
)
_WRITE_EVENTS = "calendar calendar.app.created calendar.events calendar.events.owned"
_READ_LIST = "calendar calendar.calendarlist calendar.calendarlist.readonly calendar.readonly"
_ENTRY = "calendar calendar.app.created calendar.calendarlist"
_CALENDARS = "calendar calendar.app.created calendar.calendars"
_SETTINGS = "calendar calendar.readonly calendar.settings calendar.settings.readonly"
_READ_ACL = "calendar calendar.acls calendar.acls.readonly"
_WRITE_ACL = "calendar calendar.acls"
_COLORS = (
    "calendar calendar.app.created calendar.calendarlist calendar.calendarlist.readonly "
    "calendar.events.freebusy calendar.events.owned calendar.events.owned.readonly "
    "calendar.events.public.readonly calendar.readonly"
)
_STOP = (
    "calendar calendar.acls calendar.acls.readonly calendar.app.created calendar.calendarlist "
    "calendar.calendarlist.readonly calendar.events calendar.events.freebusy calendar.events.owned "
    "calendar.events.owned.readonly calendar.events.public.readonly calendar.events.readonly "
    "calendar.readonly calendar.settings calendar.settings.readonly"
)

_PAGE: Declared = {"maxResults": _NUMBER, "pageToken": _TEXT}
_VIEW: Declared = {"alwaysIncludeEmail": _FLAG, "maxAttendees": _NUMBER, "timeZone": _TEXT}
_SEND: Declared = {"sendNotifications": _FLAG, "sendUpdates": ("all", "externalOnly", "none")}
_PARTS: Declared = {
    "conferenceDataVersion": _NUMBER, "eventLabelVersion": _NUMBER, "supportsAttachments": _FLAG,
}  # fmt: skip
_WINDOW: Declared = {"timeMin": _TEXT, "timeMax": _TEXT, "showDeleted": _FLAG}
_LIST_EVENTS: Declared = {
    **_PAGE, **_VIEW, **_WINDOW, "eventTypes": _TEXTS, "iCalUID": _TEXT,
    "orderBy": ("startTime", "updated"), "privateExtendedProperty": _TEXTS, "q": _TEXT,
    "sharedExtendedProperty": _TEXTS, "showHiddenInvitations": _FLAG, "singleEvents": _FLAG,
    "syncToken": _TEXT, "updatedMin": _TEXT,
}  # fmt: skip
_CHANGE: Declared = {**_SEND, **_PARTS, "alwaysIncludeEmail": _FLAG, "maxAttendees": _NUMBER}
_LIST_ENTRIES: Declared = {
    **_PAGE, "minAccessRole": _ROLES, "showDeleted": _FLAG, "showHidden": _FLAG,
    "showOwnOrganizationOnly": _FLAG, "syncToken": _TEXT,
}  # fmt: skip
_LIST_ACL: Declared = {**_PAGE, "showDeleted": _FLAG, "syncToken": _TEXT}
_LIST_SETTINGS: Declared = {**_PAGE, "syncToken": _TEXT}
_RGB: Declared = {"colorRgbFormat": _FLAG}
_NOTIFY: Declared = {"sendNotifications": _FLAG}
_NONE: Declared = {}

_Row = tuple[str, str, str, str, Declared, Handler]

_EVENTS = "calendars/{calendarId}/events"
_EVENT = "calendars/{calendarId}/events/{eventId}"
_CALENDAR = "calendars/{calendarId}"
_LIST = "users/me/calendarList"
_ACL = "calendars/{calendarId}/acl"

_ROWS: tuple[_Row, ...] = (
    ("events.list", "GET", _EVENTS, _READ_EVENTS, _LIST_EVENTS, events.events_list),
    ("events.get", "GET", _EVENT, _READ_EVENTS, _VIEW, events.events_get),
    (
        "events.instances", "GET", f"{_EVENT}/instances", _READ_EVENTS,
        {**_PAGE, **_VIEW, **_WINDOW, "originalStart": _TEXT}, events.events_instances,
    ),
    (
        "events.insert", "POST", _EVENTS, _WRITE_EVENTS,
        {**_SEND, **_PARTS, "maxAttendees": _NUMBER}, events.events_insert,
    ),
    ("events.import", "POST", f"{_EVENTS}/import", _WRITE_EVENTS, _PARTS, events.events_import),
    ("events.update", "PUT", _EVENT, _WRITE_EVENTS, _CHANGE, events.events_update),
    ("events.patch", "PATCH", _EVENT, _WRITE_EVENTS, _CHANGE, events.events_patch),
    ("events.delete", "DELETE", _EVENT, _WRITE_EVENTS, _SEND, events.events_delete),
    (
        "events.move", "POST", f"{_EVENT}/move", "calendar calendar.events calendar.events.owned",
        {**_SEND, "destination": _TEXT}, events.events_move,
    ),
    (
        "events.quickAdd", "POST", f"{_EVENTS}/quickAdd", _WRITE_EVENTS,
        {**_SEND, "text": _TEXT}, events.events_quick_add,
    ),
    ("events.watch", "POST", f"{_EVENTS}/watch", _READ_EVENTS, _LIST_EVENTS, watch.events_watch),
    ("calendarList.list", "GET", _LIST, _READ_LIST, _LIST_ENTRIES, entries.calendar_list_list),
    (
        "calendarList.get", "GET", f"{_LIST}/{{calendarId}}",
        f"{_READ_LIST} calendar.app.created", _NONE, entries.calendar_list_get,
    ),
    (
        "calendarList.insert", "POST", _LIST, "calendar calendar.calendarlist", _RGB,
        entries.calendar_list_insert,
    ),
    (
        "calendarList.patch", "PATCH", f"{_LIST}/{{calendarId}}", _ENTRY, _RGB,
        entries.calendar_list_patch,
    ),
    (
        "calendarList.update", "PUT", f"{_LIST}/{{calendarId}}", _ENTRY, _RGB,
        entries.calendar_list_update,
    ),
    (
        "calendarList.delete", "DELETE", f"{_LIST}/{{calendarId}}", _ENTRY, _NONE,
        entries.calendar_list_delete,
    ),
    (
        "calendarList.watch", "POST", f"{_LIST}/watch", _READ_LIST, _LIST_ENTRIES,
        watch.calendar_list_watch,
    ),
    (
        "calendars.get", "GET", _CALENDAR,
        f"{_CALENDARS} calendar.calendars.readonly calendar.readonly", _NONE,
        calendars.calendars_get,
    ),
    ("calendars.insert", "POST", "calendars", _CALENDARS, _NONE, calendars.calendars_insert),
    ("calendars.patch", "PATCH", _CALENDAR, _CALENDARS, _NONE, calendars.calendars_patch),
    ("calendars.update", "PUT", _CALENDAR, _CALENDARS, _NONE, calendars.calendars_update),
    ("calendars.delete", "DELETE", _CALENDAR, _CALENDARS, _NONE, calendars.calendars_delete),
    (
        "calendars.clear", "POST", f"{_CALENDAR}/clear", "calendar calendar.calendars", _NONE,
        calendars.calendars_clear,
    ),
    (
        "calendars.transferOwnership", "POST", f"{_CALENDAR}/transferOwnership",
        "calendar calendar.calendars", {"newDataOwner": _TEXT, "useAdminAccess": _FLAG},
        calendars.calendars_transfer,
    ),
    ("acl.list", "GET", _ACL, _READ_ACL, _LIST_ACL, acl.acl_list),
    ("acl.get", "GET", f"{_ACL}/{{ruleId}}", f"{_READ_ACL} calendar.readonly", _NONE, acl.acl_get),
    ("acl.insert", "POST", _ACL, _WRITE_ACL, _NOTIFY, acl.acl_insert),
    ("acl.update", "PUT", f"{_ACL}/{{ruleId}}", _WRITE_ACL, _NOTIFY, acl.acl_update),
    ("acl.patch", "PATCH", f"{_ACL}/{{ruleId}}", _WRITE_ACL, _NOTIFY, acl.acl_patch),
    ("acl.delete", "DELETE", f"{_ACL}/{{ruleId}}", _WRITE_ACL, _NONE, acl.acl_delete),
    ("acl.watch", "POST", f"{_ACL}/watch", _READ_ACL, _LIST_ACL, watch.acl_watch),
    ("channels.stop", "POST", "channels/stop", _STOP, _NONE, watch.channels_stop),
    ("colors.get", "GET", "colors", _COLORS, _NONE, account.colors_get),
    (
        "freebusy.query", "POST", "freeBusy",
        "calendar calendar.events.freebusy calendar.freebusy calendar.readonly", _NONE,
        freebusy.freebusy_query,
    ),
    ("settings.list", "GET", "users/me/settings", _SETTINGS, _LIST_SETTINGS, account.settings_list),
    ("settings.get", "GET", "users/me/settings/{setting}", _SETTINGS, _NONE, account.settings_get),
    (
        "settings.watch", "POST", "users/me/settings/watch", _SETTINGS, _LIST_SETTINGS,
        watch.settings_watch,
    ),
)  # fmt: skip


def _method(row: _Row) -> Method:
    name, http, template, scopes, parameters, handler = row
    return Method(
        name=f"calendar.{name}",
        http=http,
        template=template,
        scopes=frozenset(scopes.split()),
        parameters=parameters,
        handler=handler,
        units=_PATCH_UNITS if name == "events.patch" else 1,
    )


METHODS: tuple[Method, ...] = tuple(_method(row) for row in _ROWS)
