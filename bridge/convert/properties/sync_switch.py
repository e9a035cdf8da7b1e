"""One item out of the sync with Google: X-CRM-SYNC."""

from __future__ import annotations

from collections.abc import Sequence

from bridge.convert.properties.mapper import Reading, Writing, edited
from bridge.domain.activity import Activity
from bridge.ical.content_line import make_line
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent

SYNC = "X-CRM-SYNC"
_OUT = "FALSE"


def is_switched_off(component: ContentComponent) -> bool:
    """Return whether the owner took this item out."""
    return component.value(SYNC).upper() == _OUT


class SyncSwitchMapper:
    """`Activity.do_not_sync` and X-CRM-SYNC; any other value than FALSE is the same as none."""

    def write(self, activity: Activity, writing: Writing) -> Sequence[PropertyChange]:
        """Write X-CRM-SYNC:FALSE, or take it off."""
        off = writing.base is not None and is_switched_off(writing.base)
        if off == activity.do_not_sync:
            return ()
        lines = (make_line(SYNC, _OUT),) if activity.do_not_sync else ()
        return (PropertyChange(name=SYNC, lines=lines),)

    def read(self, component: ContentComponent, activity: Activity, reading: Reading) -> Activity:
        """Read X-CRM-SYNC."""
        return edited(activity, do_not_sync=is_switched_off(component))
