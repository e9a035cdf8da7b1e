"""Private busy blocks: what stands in the calendar for an event under `Do not sync`; pure."""

from __future__ import annotations

from dataclasses import replace

from bridge.domain.view import View, Visibility
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.model import Item, Link, Presence, Side
from bridge.sync.ports import Lens
from bridge.sync.scope import is_private
from bridge.sync.sight import Sight, view_of

BLOCK_TITLE = "Busy"


def block_of(view: View) -> View:
    """Return what is left of a view where only its times may stand."""
    return View(
        title=BLOCK_TITLE,
        schedule=view.schedule,
        visibility=Visibility.PRIVATE,
        done=view.done,
        instances=tuple(
            replace(each, view=None if each.view is None else block_of(each.view))
            for each in view.instances
        ),
    )


def with_known_block(link: Link, side: Side, item: Item, lens: Lens) -> Link:
    """Return the link with a block agreed on that it does not know of, now that a side told this.

    A database that was put back may be from before we made it, even from before the event was
    private. Nobody types just that over a private event; taken for an edit, it would wipe out what
    the event says at Google.
    """
    here, there = link.calendar, link.google
    if link.origin is Side.CALENDAR or here.unanswered is not None:
        return link
    before = here.base if here.being_inserted else here.object
    before = before if side is Side.CALENDAR else here.agreed_object
    block = item.object if side is Side.CALENDAR else here.object
    event = item.object if side is Side.GOOGLE else there.object
    if there.presence not in (Presence.PRESENT, Presence.UNKNOWN):
        return link
    if before is None or block is None or event is None:
        return link
    try:
        private = is_private(view_of(lens, Side.GOOGLE, event))
        news = private and _is_block(block, lens) and not _is_block(before, lens)
    except ConversionError:
        return link
    if not news:
        return link
    met = here.agreed_on(block) if side is Side.CALENDAR else here.agreed()
    known = link.with_side(Side.CALENDAR, met)
    return known.with_side(Side.GOOGLE, there.agreed_on(lens.block_at_google(block)))


def with_block_as_base(sight: Sight, lens: Lens) -> Sight:
    """Return the sight of an item that was never agreed on and is a block in the calendar.

    Its link was lost, or it was connected before: what its event says is all there is to know.

    Raises:
        ConversionError: The activity cannot be read.
    """
    here, there = sight.calendar, sight.google
    known = here.base is not None or there.base is not None
    if known or not (here.present and there.present and is_private(there.view)):
        return sight
    if not _is_block(here.object, lens):
        return sight
    return replace(
        sight, calendar=replace(here, base=here.view), google=replace(there, base=here.view)
    )


def _is_block(item: CalendarObject, lens: Lens) -> bool:
    """Whether it would stay as it is if it was reduced to a block."""
    view = view_of(lens, Side.CALENDAR, item)
    if view is None or view.title != BLOCK_TITLE:
        return False
    return view_of(lens, Side.CALENDAR, lens.put_calendar(block_of(view), item)) == view
