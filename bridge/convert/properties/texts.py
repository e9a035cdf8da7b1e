"""Place and public description: LOCATION, DESCRIPTION."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.convert.properties.mapper import Reading, Writing, edited, text_change
from bridge.domain.activity import Activity
from bridge.ical.content_line import clean_text
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent


class LocationMapper:
    """`Activity.location` and LOCATION."""

    def write(self, activity: Activity, writing: Writing) -> Sequence[PropertyChange]:
        """Write LOCATION."""
        return text_change(writing.base, "LOCATION", activity.location)

    def read(self, component: ContentComponent, activity: Activity, reading: Reading) -> Activity:
        """Read LOCATION."""
        return edited(activity, location=kept(activity.location, component.text("LOCATION")))


class DescriptionMapper:
    """`Activity.public_description` and DESCRIPTION; the internal note has no property."""

    def write(self, activity: Activity, writing: Writing) -> Sequence[PropertyChange]:
        """Write DESCRIPTION; a rich copy of the old text beside it goes."""
        return described(writing.base, activity.public_description)

    def read(self, component: ContentComponent, activity: Activity, reading: Reading) -> Activity:
        """Read DESCRIPTION."""
        text = kept(activity.public_description, component.text("DESCRIPTION"))
        return edited(activity, public_description=text)


def described(base: ContentComponent | None, text: str) -> tuple[PropertyChange, ...]:
    """Return the changes that make DESCRIPTION say this text."""
    changes = text_change(base, "DESCRIPTION", text)
    if changes and base is not None and base.first("X-ALT-DESC") is not None:
        return (*changes, PropertyChange(name="X-ALT-DESC"))
    return changes


def kept(old: str, new: str) -> str:
    """Return the old text where the new one only spells its line ends differently."""
    return old if old == new or clean_text(old) == clean_text(new) else new
