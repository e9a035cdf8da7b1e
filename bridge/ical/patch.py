"""Change some properties of a calendar text; every other line stays byte for byte.

Unknown properties and parameters, alarms, time zones, overrides, order, folding and line ends
of what is not concerned are not touched, because they are never rewritten.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bridge.domain.identifiers import Uid
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.content_line import ContentLine, text_line, write_lines
from bridge.ical.scanner import ContentComponent, line_break_of
from bridge.ical.zones import has_definition, is_iana, vtimezone_text

PRODUCT = "-//crmdav//CRM activities//EN"
_LAST_YEAR = 2037
_MARGIN_YEARS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class PropertyChange:
    """All lines a component shall have of one property.

    Attributes:
        name: Upper case.
        lines: None at all removes the property.
    """

    name: str
    lines: tuple[ContentLine, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Replace `text[start:end]`; an empty range inserts."""

    start: int
    end: int
    text: str


def patch(item: CalendarObject, changes: Sequence[PropertyChange]) -> CalendarObject:
    """Return the object with these properties of its head changed.

    A line whose meaning is already there stays as it is. A changed line takes the place of an
    old one of its name, a new one goes to the end of the component's own lines. A TZID that the
    text does not define gets a VTIMEZONE.

    Returns:
        The very `item` when nothing changes.
    """
    return patch_members(item, [(item.head(), changes)])


def patch_members(
    item: CalendarObject,
    changed: Sequence[tuple[ContentComponent, Sequence[PropertyChange]]] = (),
    *,
    removed: Sequence[ContentComponent] = (),
    added: Sequence[str] = (),
) -> CalendarObject:
    """Return the object with members changed as `patch` does, taken away, and added.

    Args:
        item: The object.
        changed: Members with their changes.
        removed: Members that go, none of them changed; one has to stay.
        added: Texts of further members, as `copied` gives them.

    Returns:
        The very `item` when nothing changes.
    """
    line_break = line_break_of(item.text)
    edits = [
        edit
        for member, changes in changed
        for change in changes
        for edit in _edits(member, change, line_break)
    ]
    edits += [Edit(start=member.start, end=member.end, text="") for member in removed]
    if added:
        place = item.members()[-1].end
        edits.append(Edit(start=place, end=place, text="".join(added)))
    if not edits:
        return item
    lines = tuple(line for _, changes in changed for each in changes for line in each.lines)
    edits.extend(_zone_edits(item.source(), lines, line_break))
    return CalendarObject(
        uid=item.uid, component=item.component, text=apply_edits(item.text, edits)
    )


def copied(
    item: CalendarObject, member: ContentComponent, changes: Sequence[PropertyChange]
) -> str:
    """Return the text of a member with these properties changed, for a further member.

    The zones that it names have to be defined by the object.
    """
    line_break = line_break_of(item.text)
    edits = [
        Edit(start=edit.start - member.start, end=edit.end - member.start, text=edit.text)
        for change in changes
        for edit in _edits(member, change, line_break)
    ]
    text = apply_edits(item.text[member.start : member.end], edits)
    return text if text.endswith("\n") else text + line_break


def build(
    *,
    uid: Uid,
    component: str,
    lines: Iterable[ContentLine],
    overrides: Iterable[Iterable[ContentLine]] = (),
) -> CalendarObject:
    """Make a calendar object with CRLF line ends and the VTIMEZONEs it needs.

    `lines` are all of its one component, or of its master, but UID; so are those of each override.
    """
    members = [(text_line("UID", uid), *member) for member in (lines, *overrides)]
    own = [line for member in members for line in member]
    zones = "".join(_zone_texts(own, defined=None, line_break="\r\n"))
    parts = "".join(
        f"BEGIN:{component}\r\n{write_lines(member)}END:{component}\r\n" for member in members
    )
    text = f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:{PRODUCT}\r\n{zones}{parts}END:VCALENDAR\r\n"
    return CalendarObject(uid=uid, component=component, text=text)


def _edits(head: ContentComponent, change: PropertyChange, line_break: str) -> list[Edit]:
    old = list(head.all(change.name))
    new = list(change.lines)
    for line in list(new):
        same = next((o for o in old if o.meaning == line.meaning), None)
        if same is not None:
            old.remove(same)
            new.remove(line)
    paired = min(len(old), len(new))
    edits = [
        Edit(start=o.start, end=o.end, text=write_lines([n], line_break))
        for o, n in zip(old[:paired], new[:paired], strict=True)
    ]
    edits += [Edit(start=o.start, end=o.end, text="") for o in old[paired:]]
    if new[paired:]:
        edits.append(
            Edit(start=head.tail, end=head.tail, text=write_lines(new[paired:], line_break))
        )
    return edits


def _zone_edits(
    calendar: ContentComponent, lines: Sequence[ContentLine], line_break: str
) -> list[Edit]:
    texts = _zone_texts(lines, defined=calendar, line_break=line_break)
    # After the calendar's own properties and before the first component.
    place = calendar.components[0].start
    return [Edit(start=place, end=place, text=text) for text in texts]


def _zone_texts(
    lines: Sequence[ContentLine], *, defined: ContentComponent | None, line_break: str
) -> list[str]:
    names = dict.fromkeys(name for line in lines if (name := line.parameter("TZID")))
    years = [
        int(y) for line in lines if line.parameter("TZID") and (y := line.value[:4]).isdecimal()
    ]
    first = max(min(years, default=1970) - 1, 1)
    last = max(years, default=1970) + _MARGIN_YEARS
    if any(line.name == "RRULE" for line in lines):
        last = max(last, _LAST_YEAR)
    return [
        vtimezone_text(name, first, min(last, 9998)).replace("\r\n", line_break)
        for name in names
        if is_iana(name) and (defined is None or not has_definition(defined, name))
    ]


def apply_edits(text: str, edits: Iterable[Edit]) -> str:
    """Return the text with these pieces of it replaced; no two of them overlap."""
    pieces, offset = [], 0
    for edit in sorted(edits, key=lambda e: (e.start, e.end)):
        pieces += [text[offset : edit.start], edit.text]
        offset = max(offset, edit.end)
    return "".join([*pieces, text[offset:]])
