"""The methods of the collections `settings` and `colors`, as calls."""

from __future__ import annotations

from bridge.rehearsal.api.call import ApiAnswer, Call, answer, answer_unless_known
from bridge.rehearsal.calendars.palette import colours_to_json
from bridge.rehearsal.calendars.settings import find_setting, settings_of
from bridge.rehearsal.calendars.short_listing import Collection, Entry, list_short
from bridge.rehearsal.google_error import not_found


def settings_list(call: Call) -> ApiAnswer:
    """Answer `calendar.settings.list`."""
    viewer = call.bearer.email
    entries = [
        Entry(change=setting.change, deleted=False, shown=setting.to_json())
        for setting in settings_of(call.world, viewer)
    ]
    collection = Collection(
        name="settings", kind="calendar#settings", viewer=viewer, entries=entries
    )
    return answer_unless_known(call, list_short(call.world, collection, call.parameters))


def settings_get(call: Call) -> ApiAnswer:
    """Answer `calendar.settings.get`."""
    setting = find_setting(call.world, call.bearer.email, call.path["setting"])
    if setting is None:
        raise not_found()
    return answer_unless_known(call, setting.to_json())


def colors_get(_: Call) -> ApiAnswer:
    """Answer `calendar.colors.get`."""
    return answer(colours_to_json())
