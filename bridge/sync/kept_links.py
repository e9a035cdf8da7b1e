"""The meeting link that Google keeps whatever we say (features D9, decision record 13).

A conference of Google's own is never taken off there. Programs that do not know CONFERENCE leave it
out when they write, so an activity that lost such a link gets it back.
"""

from __future__ import annotations

from dataclasses import replace

from bridge.domain.view import MergeField
from bridge.sync.merge import Merged
from bridge.sync.model import Side
from bridge.sync.policy import Policy
from bridge.sync.ports import Lens
from bridge.sync.sight import Sight, put_view, view_of

_LINK = MergeField.CONFERENCE


def with_kept_link(sight: Sight, merged: Merged, lens: Lens, policy: Policy) -> Merged:
    """Return the merge in which a link that would stay at Google comes back from there."""
    here, there = sight.calendar.view, sight.google.view
    if _LINK not in merged.outgoing or here is None or there is None:
        return merged
    if not policy.may_write(Side.CALENDAR):
        return merged
    without = put_view(lens, Side.GOOGLE, there.taking(here, (_LINK,)), sight.google.object)
    left = view_of(lens, Side.GOOGLE, without)
    if left is None or left.conference != there.conference:
        return merged
    back = frozenset({_LINK})
    return replace(merged, outgoing=merged.outgoing - back, incoming=merged.incoming | back)
