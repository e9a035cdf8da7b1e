"""Where to meet on line: CONFERENCE (RFC 7986 section 5.11), read from X-GOOGLE-CONFERENCE too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bridge.convert.properties.mapper import Reading, Writing
from bridge.domain.activity import Activity, Conference
from bridge.ical.content_line import ContentLine, make_line, with_parameter, with_value
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent

_NAMES = ("CONFERENCE", "X-GOOGLE-CONFERENCE")
_ID = "X-CRM-ID"


class ConferenceMapper:
    """`Activity.conference`; one without an address has no property."""

    def write(self, activity: Activity, writing: Writing) -> Sequence[PropertyChange]:
        """Write the first conference; further ones stay."""
        wanted = activity.conference
        old = None if writing.base is None else _line(writing.base)
        if (_read(old) if old is not None else Conference()) == _shown(wanted):
            return ()
        name = old.name if old is not None else "CONFERENCE"
        others = () if writing.base is None else writing.base.all(name)[1:]
        lines = (_write(wanted, old),) if wanted.url else ()
        return (PropertyChange(name=name, lines=(*lines, *others)),)

    def read(self, component: ContentComponent, activity: Activity, reading: Reading) -> Activity:
        """Read the first conference; without one the CRM's own stays only if it has no address."""
        line = _line(component)
        if line is None:
            return (
                replace(activity, conference=Conference()) if activity.conference.url else activity
            )
        return replace(activity, conference=_read(line))


def _shown(conference: Conference) -> Conference:
    return conference if conference.url else Conference()


def _line(component: ContentComponent) -> ContentLine | None:
    return next((line for name in _NAMES if (line := component.first(name)) is not None), None)


def _read(line: ContentLine) -> Conference:
    return Conference(
        client=line.parameter("LABEL"), url=line.value.strip(), id=line.parameter(_ID)
    )


def _write(conference: Conference, old: ContentLine | None) -> ContentLine:
    line = old or make_line("CONFERENCE", "", {"VALUE": "URI", "FEATURE": "VIDEO"})
    line = with_value(line, conference.url)
    line = with_parameter(line, "LABEL", conference.client)
    return with_parameter(line, _ID, conference.id)
