"""Drafts of writes: what exactly is sent, and what the link knows once it got through.

Pure. A draft may carry only some of the changed fields; what stays unsaid stays a difference to the
side's base, so that it goes on from there later (held for guests, out of scope, one-way).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from bridge.domain.view import CANCELLED, Field, InstanceField, MergeField, View, kind_of
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.split_off import Predecessor
from bridge.sync.actions import After, Create, Update
from bridge.sync.blocks import block_of
from bridge.sync.going_on import MARKS, going_on
from bridge.sync.instances import carry_over, spelled_out
from bridge.sync.left_out import left_out_at_google
from bridge.sync.losses import loss_between
from bridge.sync.merge import Merged
from bridge.sync.model import Link, Side
from bridge.sync.ports import Lens
from bridge.sync.private_anew import put_anew
from bridge.sync.sight import SideSight, Sight, put_view, view_of
from bridge.sync.terms import Terms

ALL_FIELDS = frozenset(MergeField)


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Updates that bring both sides together; without any, only `link` is to be recorded."""

    updates: tuple[Update, ...]
    link: Link


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sheet:
    """One side's object as it will be, how it shows, and what was agreed before.

    Attributes:
        aligned: Instances of the base are named as the view's schedule does.
    """

    side: Side
    object: CalendarObject
    view: View
    base: View
    aligned: bool = False

    def agreed_view(self, unsaid: frozenset[Field]) -> View:
        """Return what is agreed once all but the unsaid fields were carried over."""
        here, shown = self.view.schedule, self.view.by_key()
        parts = {each.key for each in unsaid if isinstance(each, InstanceField) and each.field}
        base = spelled_out(self.base, parts & shown.keys(), schedule=here)
        agreed = self.view.taking(base, unsaid)
        if not self.aligned or agreed.schedule == here:
            return agreed
        # As long as the old schedule is what was agreed, instances have the names it gives them.
        named = carry_over(replace(agreed, schedule=here), agreed.schedule)
        return replace(named.view, schedule=agreed.schedule)

    def agreed_object(
        self, lens: Lens, unsaid: frozenset[Field], *, before: CalendarObject | None = None
    ) -> CalendarObject | None:
        """Return the same as the side's object; None when that is the one it has.

        Args:
            lens: The present lens.
            unsaid: What is not agreed.
            before: Goes on saying what the lens hides, where the side's object may not be agreed.
        """
        agreed = self.agreed_view(unsaid)
        if before is not None:
            return put_view(lens, self.side, agreed, before)
        if agreed == self.view:
            return None
        return put_view(lens, self.side, agreed, self.object)


def carry(sight: Sight, merged: Merged, terms: Terms) -> Carried:
    """Draft the updates of an item that is on both sides.

    What the calendar cannot express of an incoming value is put back at Google once, in the same
    plan (design decision 23). So is told there what the calendar shows otherwise because of what
    came in: no linked contacts any more beside guests from outside.
    """
    lens = terms.lens
    on, merged = _on_whose_terms(sight, merged, terms)
    unsaid_in, unsaid_out = _unsaid(on, merged, terms)
    inward, outward = merged.incoming - unsaid_in, merged.outgoing - unsaid_out
    shown, told = _view(sight, Side.CALENDAR), _view(sight, Side.GOOGLE)
    here, there = _view(on, Side.CALENDAR), _view(on, Side.GOOGLE)
    calendar = _sheet(sight, Side.CALENDAR, here.taking(there, inward), lens, on=on)
    if terms.puts_private_anew:
        calendar = replace(calendar, object=put_anew(lens, calendar.view, calendar.object))
    refused = _within(calendar.view.changed_fields(there), inward)
    refused |= (following := calendar.view.changed_fields(here.taking(there, inward)))
    refused -= _of_kinds(refused, terms.not_out)
    wanted = there.taking(here, outward).taking(calendar.view, refused)
    google = _sheet(sight, Side.GOOGLE, wanted, lens, on=on)
    goes_out = google.view != told

    updates: list[Update] = []
    anew = terms.puts_private_anew and calendar.object != sight.calendar.object
    if calendar.view != shown or anew:
        unsaid = unsaid_out | outward | following if goes_out else unsaid_out
        still = unsaid_in | _still_open(merged, Side.GOOGLE, unsaid)
        # Where its half changes names, instances at Google still have the old ones.
        still = still if there == told else _of_items(still)
        before = sight.link.google.agreed_object if terms.hidden else None
        source = _sheet(sight, Side.GOOGLE, told, lens, on=on)
        after = After(
            agreed=calendar.agreed_view(unsaid),
            target_base=calendar.agreed_object(lens, unsaid),
            source_base=source.agreed_object(lens, still, before=before),
            withheld=terms.withheld,
            judged="" if goes_out else terms.judged,
            put_backs=terms.put_backs,
            held=sight.link.held if goes_out else terms.held,
            private_changes=terms.private_changes,
        )
        updates.append(_update(sight, calendar, after, merged, terms))
    unsaid_in, unsaid_out = (
        unsaid_in | _still_open(merged, Side.GOOGLE, unsaid_out),
        unsaid_out | _still_open(merged, Side.CALENDAR, unsaid_in),
    )
    after = After(
        agreed=calendar.agreed_view(unsaid_out),
        target_base=google.agreed_object(lens, unsaid_in),
        source_base=calendar.agreed_object(lens, unsaid_out),
        withheld=terms.withheld,
        judged=terms.judged,
        put_backs=terms.put_backs,
        held=terms.held,
        private_changes=terms.private_changes,
    )
    if goes_out:
        updates.append(_update(sight, google, after, merged, terms))
    return Carried(updates=tuple(updates), link=_recorded(sight.link, after))


def _on_whose_terms(sight: Sight, merged: Merged, terms: Terms) -> tuple[Sight, Merged]:
    """Return both sides as instances are named in the writes, and what is carried in these names.

    They are named by the schedule that will hold. Where it may not be written on the other side
    (held for guests, put back, one-way), each side keeps its own names, and instances wait, or go
    where the schedule goes.
    """
    aligned = merged.aligned
    if aligned is None:
        return sight, merged
    theirs, ours = aligned.leader is Side.GOOGLE, aligned.leader is Side.CALENDAR
    schedule, views = MergeField.SCHEDULE, (sight.calendar.view, sight.google.view)
    goes_in = schedule in merged.incoming and schedule not in terms.not_in
    goes_out = schedule in merged.outgoing and schedule not in terms.not_out
    same = None not in views and len({view.schedule for view in views if view is not None}) == 1
    if same or (theirs and goes_in) or (ours and goes_out):
        return aligned.sight, merged
    differing = _instance_fields(_view(sight, Side.CALENDAR), _view(sight, Side.GOOGLE))
    return sight, replace(
        merged,
        incoming=_of_items(merged.incoming) | (differing if goes_in else frozenset()),
        outgoing=_of_items(merged.outgoing) | (differing if goes_out else frozenset()),
        aligned=None,
    )


def _unsaid(on: Sight, merged: Merged, terms: Terms) -> tuple[frozenset[Field], frozenset[Field]]:
    """Return what stays unsaid on its way in and out, though the sides differ in it."""
    unsaid_in = _of_kinds(merged.incoming, terms.not_in)
    unsaid_out = _of_kinds(merged.outgoing, terms.not_out) - terms.unheard
    waiting = frozenset[Field]()
    if MergeField.SCHEDULE in unsaid_in | unsaid_out:
        differing = _instance_fields(_view(on, Side.CALENDAR), _view(on, Side.GOOGLE))
        waiting = differing - merged.incoming - merged.outgoing
    return unsaid_in | waiting, unsaid_out | waiting


def _still_open(merged: Merged, side: Side, unsaid: frozenset[Field]) -> frozenset[Field]:
    """Return the side's values that give way to others which stay unsaid.

    They are agreed no more than what they give way to: that may be taken back before it is said.
    """
    return frozenset(loser.field for loser in merged.losers if loser.side is side) & unsaid


def _of_items(fields: frozenset[Field]) -> frozenset[Field]:
    return frozenset(field for field in fields if isinstance(field, MergeField))


def _instance_fields(one: View, other: View) -> frozenset[Field]:
    return frozenset(f for f in one.changed_fields(other) if isinstance(f, InstanceField))


def _within(fields: frozenset[Field], said: frozenset[Field]) -> frozenset[Field]:
    """Return those of the fields that were said, be it with a whole instance."""
    return frozenset(
        field
        for field in fields
        if field in said
        or (isinstance(field, InstanceField) and InstanceField(key=field.key) in said)
    )


def _of_kinds(fields: frozenset[Field], kinds: frozenset[MergeField]) -> frozenset[Field]:
    return frozenset(field for field in fields if kind_of(field) in kinds)


def create(sight: Sight, target: Side, terms: Terms, before: Predecessor | None = None) -> Create:
    """Draft a new item on a side that does not have it (any more).

    Args:
        sight: Of the item.
        target: Where it is to be.
        terms: On which terms.
        before: What a series that was split off at Google goes on from.
    """
    lens, link = terms.lens, sight.link
    source = sight.side(target.other)
    collection, item = "", source.object
    after = After(
        agreed=source.view,
        withheld=terms.withheld,
        judged=terms.judged,
        put_backs=terms.put_backs,
        private_changes=terms.private_changes,
    )
    if target is Side.GOOGLE:
        item = lens.new_for_google(item)
    elif link.calendar.object is not None:
        # What only the CRM knew of the deleted activity comes back with it.
        collection = link.calendar.collection
        item = lens.put_calendar(_view(sight, Side.GOOGLE), link.calendar.object)
    else:
        collection, item = lens.new_for_calendar(item, uid=link.uid, before=before)
        if before is not None:
            item, after = _going_on(sight, item, before, terms, after)
    return Create(
        uid=link.uid,
        side=target,
        reason=terms.reason,
        collection=collection,
        source=source.state.seen,
        item=item,
        after=after,
        left_out=left_out_at_google(link, lens) if target is Side.GOOGLE else "",
    )


def _going_on(
    sight: Sight, made: CalendarObject, before: Predecessor, terms: Terms, after: After
) -> tuple[CalendarObject, After]:
    """Take over what goes on of the old series' dates; Google is told of that afterwards."""
    lens, quiet = terms.lens, MergeField.DONE in terms.not_out
    shown, told = view_of(lens, Side.CALENDAR, made), _view(sight, Side.GOOGLE)
    if shown is None:
        return made, after
    wanted = going_on(shown, before, lens, kinds=MARKS if quiet else ALL_FIELDS)
    taken = lens.put_calendar(wanted, made)
    if quiet:
        return taken, after
    if taken != made:
        after = replace(after, target_base=made)
    if told.done and not shown.done:
        # Split at a date that was done, the whole new series looks so there; that is put back.
        plain = lens.put_google(replace(told, done=False), sight.google.object)
        after = replace(after, source_base=plain)
    return taken, after


def reduce_to_block(sight: Sight, terms: Terms) -> Carried:
    """Draft the private busy block that stays where the details were.

    Google's base becomes the block as well: once the event is visible again, everything it shows
    counts as changed and comes in. A mark or a time that was only set here is told then, and that
    an instance was only cancelled here.
    """
    lens, shown = terms.lens, _view(sight, Side.CALENDAR)
    block = _sheet(sight, Side.CALENDAR, block_of(shown), lens)
    unsaid = _kept_by_block(sight.calendar, shown)
    agreed = block.agreed_object(lens, unsaid)
    after = After(
        agreed=block.agreed_view(unsaid),
        target_base=agreed,
        # Not a patched event: whatever the lens hides under one option, this shows the block only.
        source_base=lens.block_at_google(agreed or block.object),
        withheld=terms.withheld,
        judged=terms.judged,
    )
    updates = (_update(sight, block, after, Merged(), terms),) if block.view != shown else ()
    return Carried(updates=updates, link=_recorded(sight.link, after, source=Side.GOOGLE))


def _kept_by_block(here: SideSight, shown: View) -> frozenset[Field]:
    """Return what a block goes on saying though Google never heard of it."""
    differs = here.differs()
    if not shown.schedule.recurrence:
        return differs & {MergeField.DONE, MergeField.SCHEDULE}
    # Under another schedule the names of the instances would mean other dates.
    named = MergeField.SCHEDULE not in differs
    cancelled = {each for each in differs if named and shown.value_of(each) == CANCELLED}
    return (differs & {MergeField.DONE}) | cancelled


def _sheet(
    sight: Sight, side: Side, wanted: View, lens: Lens, *, on: Sight | None = None
) -> _Sheet:
    seen, named = sight.side(side), on or sight
    shown = _view(sight, side)
    base = named.side(side).base or _view(named, side.other)
    item = seen.object if wanted == shown else put_view(lens, side, wanted, seen.object)
    view = shown if wanted == shown else view_of(lens, side, item) or shown
    return _Sheet(side=side, object=item, view=view, base=base, aligned=named is not sight)


def _update(sight: Sight, sheet: _Sheet, after: After, merged: Merged, terms: Terms) -> Update:
    state = sight.link.side(sheet.side)
    return Update(
        uid=sight.link.uid,
        side=sheet.side,
        reason=terms.reason,
        collection=state.collection,
        source=sight.link.side(sheet.side.other).seen,
        detail="\n".join(
            f"{loser.field.value} of {loser.side.value} not kept: {loser.value}"
            for loser in merged.losers
        ),
        losers=tuple(loser.field for loser in merged.losers if loser.side is sheet.side),
        name=state.name,
        item=sheet.object,
        base=sight.side(sheet.side).object,
        if_match=sight.side(sheet.side).version,
        after=after,
        takes=loss_between(_view(sight, sheet.side), sheet.view, terms.now),
        tell_guests=terms.tell_guests and sheet.side is Side.GOOGLE,
        left_out=left_out_at_google(sight.link, terms.lens) if sheet.side is Side.GOOGLE else "",
    )


def _recorded(link: Link, after: After, *, source: Side = Side.CALENDAR) -> Link:
    """Return the link as if the write had got through; it had nothing to say."""
    sided = link.with_side(source, link.side(source).agreed_on(after.source_base))
    sided = sided.with_side(source.other, link.side(source.other).agreed_on(after.target_base))
    return replace(
        sided,
        agreed=after.agreed,
        withheld=after.withheld,
        judged=after.judged,
        put_backs=after.put_backs,
        parked=None,
        held=after.held,
        private_changes=after.known(link.private_changes),
    )


def _view(sight: Sight, side: Side) -> View:
    view = sight.side(side).view
    assert view is not None  # noqa: S101 - scope withholds items without a view
    return view
