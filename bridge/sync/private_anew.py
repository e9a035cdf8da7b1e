"""The CRM's own word on who sees an event that is private at Google, put anew (features B10, G1).

`Save as public` shows everyone in the CRM what Google shows to nobody, and the views of both sides
say the same under either choice: no view tells that the choice was changed for everything. The
settings count such changes, and a link says which one it knows, so that what a person made private
in the CRM since stays private.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.domain.sync_settings import PrivateEvents
from bridge.domain.view import Instance, View, Visibility
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.model import Side
from bridge.sync.policy import Policy
from bridge.sync.ports import Lens
from bridge.sync.scope import is_private
from bridge.sync.sight import Sight


def is_due(sight: Sight, policy: Policy) -> bool:
    """Whether the choice was changed since this item of Google's was brought in line with it."""
    return (
        sight.link.private_changes != policy.private_changes
        and sight.link.origin is Side.GOOGLE
        and policy.private_events is not PrivateEvents.DO_NOT_SYNC
        and policy.may_write(Side.CALENDAR)
        and sight.calendar.present
        and is_private(sight.google.view)
    )


def put_anew(lens: Lens, view: View, item: CalendarObject) -> CalendarObject:
    """Return a calendar object that shows a view, who sees it put as the present choice has it."""
    return lens.put_calendar(view, lens.put_calendar(_for_everyone(view), item))


def _for_everyone(view: View) -> View:
    def told(instance: Instance) -> Instance:
        return replace(instance, view=instance.view and _for_everyone(instance.view))

    instances = tuple(told(each) for each in view.instances)
    return replace(view, visibility=Visibility.PUBLIC, instances=instances)
