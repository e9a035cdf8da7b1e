"""The description on either side: the text, its HTML, and what stands below it at Google.

At Google: text, block of contacts, line with the meeting link. In the calendar: plain text in
DESCRIPTION; the HTML that Google has stands beside it in X-ALT-DESC as long as both say the same,
unless it follows from the plain text.
"""

from __future__ import annotations

from bridge.convert import conference_line, contact_block, long_text
from bridge.convert.long_text import LONGEST
from bridge.convert.properties.mapper import text_change
from bridge.convert.properties.texts import described
from bridge.convert.rich_text import as_kept, is_html, plain_text, told_plainly
from bridge.ical.content_line import clean_text, text_line
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent

RICH = "X-ALT-DESC"
_FROM_GOOGLE = "X-CRM-GOOGLE"
_LONGEST_RICH = 4 * LONGEST
Changes = tuple[PropertyChange, ...]


def own_description(component: ContentComponent) -> str:
    """Return the whole description of a calendar's component: HTML where Google's still holds."""
    plain = clean_text(component.text("DESCRIPTION"))
    rich = _rich(component)
    if rich and _said(rich) == plain.strip():
        return as_kept(_bare(rich))
    return told_plainly(_bare(plain))


def shown_description(component: ContentComponent, *, link: str) -> str:
    """Return how Google has the description, without block and line.

    Args:
        component: Of the calendar.
        link: The meeting link that needs its room below.
    """
    text = own_description(component)
    cut = long_text.cut_of(component, text)
    return long_text.shown(text, room=_room(link), cut=cut)


def with_block(text: str, block: str, *, link: str) -> str:
    """Return the description with a block of contacts, if there is room for it."""
    if is_html(text):
        block = block.replace("&", "&amp;").replace("<", "&lt;").replace("\n", "<br>")
    blocked = as_kept(contact_block.append(text, block))
    return blocked if len(blocked) <= _room(link) else text


def normal_description(text: str) -> str:
    """Return a description as both sides can hold it: a meeting link is none of it."""
    return as_kept(contact_block.trim_end(conference_line.split(clean_text(text))[0]))


def description_changes(component: ContentComponent, wanted: str, *, link: str) -> Changes:
    """Return what makes a calendar's component show this description.

    In place of one that is cut for Google only its beginning is changed, or all of it emptied.

    Args:
        component: Of the calendar.
        wanted: In normal form, with or without block.
        link: The meeting link it had.
    """
    wanted, whole = as_kept(_bare(wanted)), own_description(component)
    present = shown_description(component, link=link)
    if wanted == present:
        return ()
    if not wanted or present == whole:
        return (*_written(component, wanted), *long_text.cut_change(component, None))
    found = long_text.restored(wanted, whole=whole, present=present, room=_room(link))
    if found is None:
        return ()
    return (*_written(component, found.text), *long_text.cut_change(component, found))


def new_description(text: str) -> Changes:
    """Return what says a Google description in a new calendar object."""
    return _written(None, as_kept(_bare(text)))


def google_description(component: ContentComponent) -> tuple[str, str]:
    """Return text and meeting link of the description of Google's item."""
    text, link = conference_line.split(clean_text(component.text("DESCRIPTION")))
    return as_kept(contact_block.trim_end(text)), link


def google_description_changes(component: ContentComponent | None, text: str, link: str) -> Changes:
    """Return what makes Google's description say this text and link; "" for no link."""
    return text_change(component, "DESCRIPTION", conference_line.append(text, link))


def _bare(text: str) -> str:
    return contact_block.strip(conference_line.split(text)[0])


def _room(link: str) -> int:
    return LONGEST - conference_line.size(link)


def _rich(component: ContentComponent) -> str:
    line = component.first(RICH)
    if line is None or line.parameter(_FROM_GOOGLE).upper() != "TRUE":
        return ""
    html = clean_text(line.text_value)
    return html if len(html) <= _LONGEST_RICH and is_html(html) else ""


def _said(html: str) -> str:
    return clean_text(plain_text(html)).strip()


def _written(component: ContentComponent | None, text: str) -> Changes:
    if is_html(text) and told_plainly(plain := _said(text)) == text:
        text = plain
    elif is_html(text) and len(text) <= _LONGEST_RICH:
        line = text_line(RICH, text, {"FMTTYPE": "text/html", _FROM_GOOGLE: "TRUE"})
        rich = PropertyChange(name=RICH, lines=(line,))
        return (*text_change(component, "DESCRIPTION", _said(text)), rich)
    if component is None or component.first(RICH) is None:
        return text_change(component, "DESCRIPTION", text)
    # What stood beside the old text goes with it.
    changes = described(component, text)
    gone = PropertyChange(name=RICH)
    return changes if gone in changes else (*changes, gone)
