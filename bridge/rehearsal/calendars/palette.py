"""The colours Google numbers: 24 for calendars, 11 for events.

Source: Google, Colors: get; the values are the classic palette that the method has answered since
2012.
"""

from __future__ import annotations

from bridge.rehearsal.google_error import Json

_FOREGROUND = "#1d1d1d"
_UPDATED = "2012-02-14T00:00:00.000Z"

CALENDAR_COLOURS = dict(
    zip(
        map(str, range(1, 25)),
        (
            "#ac725e", "#d06b64", "#f83a22", "#fa573c", "#ff7537", "#ffad46", "#42d692", "#16a765",
            "#7bd148", "#b3dc6c", "#fbe983", "#fad165", "#92e1c0", "#9fe1e7", "#9fc6e7", "#4986e7",
            "#9a9cff", "#b99aff", "#c2c2c2", "#cabdbf", "#cca6ac", "#f691b2", "#cd74e6", "#a47ae2",
        ),
        strict=True,
    )
)  # fmt: skip
EVENT_COLOURS = dict(
    zip(
        map(str, range(1, 12)),
        (
            "#a4bdfc", "#7ae7bf", "#dbadff", "#ff887c", "#fbd75b", "#ffb878", "#46d6db", "#e1e1e1",
            "#5484ed", "#51b749", "#dc2127",
        ),
        strict=True,
    )
)  # fmt: skip


def colours_to_json() -> Json:
    """Return the `calendar#colors` resource."""
    return {
        "kind": "calendar#colors",
        "updated": _UPDATED,
        "calendar": _defined(CALENDAR_COLOURS),
        "event": _defined(EVENT_COLOURS),
    }


def nearest_calendar_colour(rgb: str) -> str:
    """Return the id of the calendar colour that is closest to `#rrggbb`."""
    wanted = _channels(rgb)

    def distance(number: str) -> int:
        pairs = zip(wanted, _channels(CALENDAR_COLOURS[number]), strict=True)
        return sum((mine - theirs) ** 2 for mine, theirs in pairs)

    return min(CALENDAR_COLOURS, key=distance)


def _channels(rgb: str) -> tuple[int, int, int]:
    return int(rgb[1:3], 16), int(rgb[3:5], 16), int(rgb[5:7], 16)


def _defined(colours: dict[str, str]) -> Json:
    return {
        number: {"background": background, "foreground": _FOREGROUND}
        for number, background in colours.items()
    }
