"""Undo: plan how to take back what journal entries did, from what both sides hold now; pure.

A field is restored only where it still holds what was written; what changed later is kept, and told
(design decision 31). In a two-way sync the restored value counts as a person's edit of that side,
so that the plan of the same run carries it over under every rule; on the target of a one-way sync
both sides are left apart until the source changes. What was deleted comes back. A copy that was
made is taken back while its original stays, and is not made again before that changes. A new time
of an event with guests is restored in the calendar, from where it goes on as soon as a person says
what the guests are to learn.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from bridge.domain.identifiers import ETag, Uid
from bridge.domain.view import Field, MergeField, View, in_order, kind_of
from bridge.errors import ConversionError
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.actions import (
    Action,
    After,
    Create,
    Record,
    Update,
    Withdraw,
    writes_of,
)
from bridge.sync.guests import has_guests
from bridge.sync.model import UNDONE, UNREADABLE, Link, Presence, Side
from bridge.sync.policy import Policy
from bridge.sync.ports import Lens
from bridge.sync.scope import DIRECTION, GUESTS
from bridge.sync.sight import Sight, look, put_view, view_of
from bridge.sync.undo_net import Effect, Net, nets
from bridge.sync.undo_steps import Kept, Request, Step, Undoing

CHANGED_SINCE = "changed-since"
GONE = "gone"
THERE_AGAIN = "there-again"
ALREADY = "already"
UNSETTLED = "unsettled"
REFUSED = "refused"
HELD = "held"
UNREACHED = "unreached"


def plan_undo(
    request: Request,
    links: Mapping[Uid, Link],
    *,
    policy: Policy,
    lens: Lens,
    alone: bool = False,
) -> Undoing:
    """Return how to take the entries back.

    Args:
        request: What is to be taken back.
        links: Every link of the connection, just read.
        policy: Of the present settings.
        lens: Made for the same settings.
        alone: Google is not reached: only what is restored in the calendar is done.
    """
    planner = _Planner(links=links, policy=policy, lens=lens, fields=request.fields)
    steps = tuple(planner.step(net) for net in nets(request.entries))
    return Undoing(steps=tuple(_without_google(step) for step in steps) if alone else steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planner:
    """Plans one net effect after the other."""

    links: Mapping[Uid, Link]
    policy: Policy
    lens: Lens
    fields: frozenset[str] | None

    def step(self, net: Net) -> Step:
        """Return what takes back what was done to one item on one side."""
        if not self.policy.may_write(net.side):
            return _kept(net, DIRECTION)
        if self.fields is not None and net.effect is not Effect.CHANGED:
            return _kept(net, REFUSED)
        plans = {
            Effect.CHANGED: self._restore,
            Effect.CREATED: self._take_back,
            Effect.DELETED: self._bring_back,
            Effect.WITHDRAWN: self._let_out_again,
        }
        try:
            return plans[net.effect](net, self.links.get(net.uid))
        except ConversionError:
            return _kept(net, UNREADABLE)

    # Changed: field by field.

    def _restore(self, net: Net, link: Link | None) -> Step:
        if link is None or link.side(net.side).presence is not Presence.PRESENT:
            return _kept(net, GONE)
        sight = look(link, self.lens)
        before, after = self._view(net.side, net.before), self._view(net.side, net.after)
        present = sight.side(net.side).view
        if before is None or after is None or present is None:
            return _kept(net, UNREADABLE)
        if not self._is_known(link, net.side):
            return _kept(net, UNSETTLED)
        chosen = [
            field
            for field in in_order(after.changed_fields(before))
            if self.fields is None or field.value in self.fields
        ]
        why = {field: _why_kept(field, sight, net.side, before, after) for field in chosen}
        if self.policy.source is None and self._is_known(link, Side.CALENDAR):
            why |= {field: HELD for field in chosen if _may_be_asked(why[field], field, sight)}
        edit, refused = self._edit(sight, net.side, before, [f for f in chosen if not why[f]])
        asked, _ = self._edit(sight, Side.CALENDAR, before, [f for f in chosen if why[f] == HELD])
        why |= dict.fromkeys(refused, REFUSED)
        return Step(
            net=net,
            fields=tuple(field for field in chosen if not why[field]),
            actions=tuple(action for action in (asked, edit) if action is not None),
            kept=tuple(Kept(field=field, reason=why[field]) for field in chosen if why[field]),
        )

    def _is_known(self, link: Link, side: Side) -> bool:
        """Whether it can be told from the write what else is news, on either side."""
        if self.policy.source is not None:
            return link.calendar.settled and link.google.settled
        return link.side(side).agreed_object is not None

    def _edit(
        self, sight: Sight, side: Side, before: View, fields: list[Field]
    ) -> tuple[Update | None, list[Field]]:
        """Return what restores these fields on a side, and those that the side does not take."""
        link, seen = sight.link, sight.side(side)
        if not fields or seen.view is None:
            return None, []
        item = put_view(self.lens, side, seen.view.taking(before, fields), seen.object)
        shown = view_of(self.lens, side, item) or seen.view
        refused = [field for field in fields if shown.value_of(field) != before.value_of(field)]
        if shown == seen.view:
            return None, refused
        two_way = self.policy.source is None
        update = Update(
            uid=link.uid,
            side=side,
            reason=UNDONE,
            collection=link.side(side).collection,
            source=link.side(side.other).seen,
            name=link.side(side).name,
            item=item,
            base=seen.object,
            if_match=link.side(side).seen or ETag(""),
            after=After(
                # What the calendar shows, so that no option seems to have changed it since.
                agreed=shown if side is Side.CALENDAR else sight.calendar.view,
                withheld=link.withheld,
                judged="" if two_way else self.policy.fingerprint,
            ),
            edit=two_way,
        )
        return update, refused

    # Created: the copy is taken back, its original stays.

    def _take_back(self, net: Net, link: Link | None) -> Step:
        if link is None or link.side(net.side).presence is not Presence.PRESENT:
            return _kept(net, GONE)
        if link.side(net.side.other).presence is not Presence.PRESENT:
            return _kept(net, UNSETTLED)
        sight = look(link, self.lens)
        seen = sight.side(net.side)
        if seen.view is None or seen.view != self._view(net.side, net.after):
            return _kept(net, CHANGED_SINCE)
        if has_guests(sight):
            return _kept(net, GUESTS)
        state = link.side(net.side)
        withdrawal = Withdraw(
            uid=net.uid,
            side=net.side,
            reason=UNDONE,
            collection=state.collection,
            source=link.side(net.side.other).seen,
            name=state.name,
            before=seen.object,
            if_match=state.seen or ETag(""),
            judged=self.policy.fingerprint,
        )
        return Step(net=net, actions=(withdrawal,))

    # Deleted: it comes back, in the calendar with all the CRM knew of it.

    def _bring_back(self, net: Net, link: Link | None) -> Step:
        if link is not None and any(link.side(s).presence is Presence.PRESENT for s in Side):
            return _kept(net, THERE_AGAIN)
        side = net.side if self.policy.source is not None else Side.CALENDAR
        generation = link.generation if link is not None else 0
        fresh = Link(uid=net.uid, origin=side, generation=generation)
        collection, item = self._deleted_item(net, side)
        return Step(net=net, actions=self._insert(fresh, side, collection, item))

    def _deleted_item(self, net: Net, side: Side) -> tuple[str, CalendarObject]:
        text = net.before if net.side is side else net.counterpart
        if side is Side.GOOGLE:
            return "", CalendarObject.parse(text or "")
        if text is not None and net.collection:
            return net.collection, CalendarObject.parse(text)
        deleted = CalendarObject.parse(net.before or "")
        return self.lens.new_for_calendar(deleted, uid=net.uid)

    # Withdrawn: only what an undo took back; the scope decides about the rest.

    def _let_out_again(self, net: Net, link: Link | None) -> Step:
        if net.reason != UNDONE:
            return _kept(net, net.reason)
        if link is None or link.withheld != UNDONE:
            return _kept(net, ALREADY)
        free = replace(link, withheld="", judged="")
        if net.side is Side.GOOGLE:
            return Step(net=net, actions=(Record(uid=net.uid, link=free, reason=UNDONE),))
        item = CalendarObject.parse(net.before or "")
        actions = self._insert(free, Side.CALENDAR, net.collection, item)
        return Step(net=net, actions=actions)

    def _insert(
        self, link: Link, side: Side, collection: str, item: CalendarObject
    ) -> tuple[Action, ...]:
        source = link.side(side.other)
        creation = Create(
            uid=link.uid,
            side=side,
            reason=UNDONE,
            collection=collection,
            source=source.seen,
            item=item,
            after=After(
                agreed=view_of(self.lens, side, item),
                source_base=None if source.settled else source.agreed_object,
            ),
        )
        return Record(uid=link.uid, link=link, reason=UNDONE), creation

    def _view(self, side: Side, text: str | None) -> View | None:
        return None if text is None else view_of(self.lens, side, CalendarObject.parse(text))


def _why_kept(field: Field, sight: Sight, side: Side, before: View, after: View) -> str:
    """Return why a field is not restored, or ""."""
    present = sight.side(side).view or after
    if present.value_of(field) == before.value_of(field):
        return ALREADY
    news = sight.side(side.other).differs()
    if field in news or present.value_of(field) != after.value_of(field):
        return CHANGED_SINCE
    surprises = side is Side.GOOGLE and kind_of(field) is MergeField.SCHEDULE
    return GUESTS if surprises and has_guests(sight) else ""


def _may_be_asked(reason: str, field: Field, sight: Sight) -> bool:
    """Whether a field kept for the guests' sake can be restored in the calendar.

    The plan then holds it, and a person says what guests are to learn.
    """
    calendar, google = sight.calendar.view, sight.google.view
    if reason != GUESTS or calendar is None or google is None or not sight.calendar.present:
        return False
    return calendar.value_of(field) == google.value_of(field)


def _without_google(step: Step) -> Step:
    """Return the step less what it writes at Google; in the calendar it goes on.

    A field that is restored there alone waits for an answer about the guests, as always.
    """
    here = tuple(
        action
        for action in step.actions
        if all(write.side is Side.CALENDAR for write in writes_of(action))
    )
    if len(here) == len(step.actions):
        return step
    if not step.fields:
        return _kept(step.net, UNREACHED)
    left = tuple(Kept(field=field, reason=UNREACHED) for field in step.fields)
    return replace(step, fields=(), actions=here, kept=(*step.kept, *left))


def _kept(net: Net, reason: str) -> Step:
    return Step(net=net, kept=(Kept(field=None, reason=reason),))
