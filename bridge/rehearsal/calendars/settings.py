"""The settings of a Google user, as the Settings collection tells them.

Source: Google, Settings resource: ids, allowed values and defaults. The API only reads them; a
person changes them in Google's own page, here through the control surface.
"""

from __future__ import annotations

from dataclasses import dataclass

from bridge.errors import InvalidInput
from bridge.rehearsal.events.times import zone_of
from bridge.rehearsal.google_error import GoogleError, Json
from bridge.rehearsal.world import World, etag_of

_FLAGS = ("true", "false")
_DEFAULTS = {
    "autoAddHangouts": "false",
    "dateFieldOrder": "MDY",
    "defaultEventLength": "60",
    "format24HourTime": "false",
    "hideInvitations": "false",
    "hideWeekends": "false",
    "locale": "en",
    "remindOnRespondedEventsOnly": "false",
    "showDeclinedEvents": "true",
    "timezone": "Etc/GMT",
    "useKeyboardShortcuts": "true",
    "weekStart": "0",
}
_CHOICES = {
    "dateFieldOrder": ("MDY", "DMY", "YMD"),
    "weekStart": ("0", "1", "6"),
    **{name: _FLAGS for name, value in _DEFAULTS.items() if value in _FLAGS},
}
_LONGEST = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One setting of an account.

    Attributes:
        setting_id: Google's name of it.
        value: Always a text.
        stamp: Source of its ETag, 0 if it never was changed.
        change: Number of its latest change, 0 if it never was changed.
    """

    setting_id: str
    value: str
    stamp: int = 0
    change: int = 0

    def to_json(self) -> Json:
        """Return the `calendar#setting` resource."""
        return {
            "kind": "calendar#setting",
            "etag": etag_of(self.stamp),
            "id": self.setting_id,
            "value": self.value,
        }


def settings_of(world: World, email: str) -> list[Setting]:
    """Return all settings of an account, by name; those never changed have their defaults."""
    account = world.state.row("SELECT zone FROM account WHERE email = ?", (email,))
    values = dict(_DEFAULTS)
    if account is not None:
        values["timezone"] = account["zone"]
    found = {name: Setting(setting_id=name, value=value) for name, value in values.items()}
    for row in world.state.rows("SELECT * FROM setting WHERE email = ?", (email,)):
        found[row["id"]] = Setting(
            setting_id=row["id"], value=row["value"], stamp=row["stamp"], change=row["change"]
        )
    return [found[name] for name in sorted(found)]


def find_setting(world: World, email: str, setting_id: str) -> Setting | None:
    """Return a setting by its exact name, or None."""
    named = (each for each in settings_of(world, email) if each.setting_id == setting_id)
    return next(named, None)


def change_setting(world: World, email: str, setting_id: str, value: str) -> Setting:
    """Change a setting as the person does.

    Raises:
        InvalidInput: No setting of this name, or a value it cannot have.
    """
    if setting_id not in _DEFAULTS:
        raise InvalidInput(f"no such setting: `{setting_id}`", field="id")
    if not _is_allowed(setting_id, value):
        raise InvalidInput(f"not a value of the setting `{setting_id}`: {value!r}", field="value")
    changed = Setting(
        setting_id=setting_id, value=value, stamp=world.next_stamp(), change=world.next_change()
    )
    world.state.execute(
        "INSERT OR REPLACE INTO setting (email, id, value, stamp, change) VALUES (?, ?, ?, ?, ?)",
        (email, setting_id, value, changed.stamp, changed.change),
    )
    return changed


def _is_allowed(setting_id: str, value: str) -> bool:
    if setting_id in _CHOICES:
        return value in _CHOICES[setting_id]
    if setting_id == "defaultEventLength":
        return value.isascii() and value.isdigit() and int(value) > 0
    if setting_id == "timezone":
        try:
            zone_of(value)
        except GoogleError:
            return False
    return 0 < len(value) <= _LONGEST
