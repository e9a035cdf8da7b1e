"""Where to meet on line: CONFERENCE (RFC 7986 section 5.11), read from X-GOOGLE-CONFERENCE too."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from bridge.convert.properties.mapper import Reading, Writing
from bridge.domain.activity import Activity, Conference
from bridge.ical.content_line import ContentLine, make_line, with_parameter, with_value
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent

_NAMES = ("CONFERENCE", "X-GOOGLE-CONFERENCE")
_ID = "X-CRM-ID"
WEB_ADDRESS = r"https?://[^\s<>\"]+"
_WHOLE_ADDRESS = re.compile(WEB_ADDRESS)
_LONGEST = 1300  # characters; Google's bound for addresses of conferences


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


def web_link(address: str) -> str:
    """Return an address as both sides of a sync can hold it; "" for what is no web address."""
    plain = address.strip()
    # Google's editor writes the ampersand in the way of HTML.
    while "&amp;" in plain:
        plain = plain.replace("&amp;", "&")
    fits = len(plain) <= _LONGEST and _WHOLE_ADDRESS.fullmatch(plain) is not None
    return plain if fits else ""


def meeting_link(component: ContentComponent) -> str:
    """Return the first web address of a conference, "" without one; a telephone has none."""
    return next((web_link(line.value) for line in _web_lines(component)), "")


def meeting_changes(component: ContentComponent | None, link: str) -> tuple[PropertyChange, ...]:
    """Return the change that makes this the meeting link, "" for none; telephones stay.

    Name and id of another conference go with its address.
    """
    lines = [] if component is None else _web_lines(component)
    if (web_link(lines[0].value) if lines else "") == link:
        return ()
    if component is None or not lines:
        old = () if component is None else component.all("CONFERENCE")
        return (PropertyChange(name="CONFERENCE", lines=(*old, _conference_line(link))),)
    if link:
        name = lines[0].name
        changed = [
            _conference_line(link, name) if line is lines[0] else line
            for line in component.all(name)
        ]
        return (PropertyChange(name=name, lines=tuple(changed)),)
    return tuple(
        PropertyChange(name=name, lines=tuple(o for o in component.all(name) if o not in lines))
        for name in dict.fromkeys(line.name for line in lines)
    )


def _web_lines(component: ContentComponent) -> list[ContentLine]:
    return [line for name in _NAMES for line in component.all(name) if web_link(line.value)]


def _conference_line(link: str, name: str = "CONFERENCE") -> ContentLine:
    return make_line(name, link, {"VALUE": "URI", "FEATURE": "VIDEO"})


def _shown(conference: Conference) -> Conference:
    return conference if conference.url else Conference()


def _line(component: ContentComponent) -> ContentLine | None:
    return next((line for name in _NAMES if (line := component.first(name)) is not None), None)


def _read(line: ContentLine) -> Conference:
    return Conference(
        client=line.parameter("LABEL"), url=line.value.strip(), id=line.parameter(_ID)
    )


def _write(conference: Conference, old: ContentLine | None) -> ContentLine:
    line = old or _conference_line("")
    line = with_value(line, conference.url)
    line = with_parameter(line, "LABEL", conference.client)
    return with_parameter(line, _ID, conference.id)
