"""The judge of every write of the engine: what may give way to what, and what must be told."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bridge.domain.sync_settings import PrivateEvents
from bridge.domain.view import MergeField, View
from bridge.sync.model import Presence, Side
from bridge.sync.scope import is_private
from sim_instances import Typed
from sim_ledger import BLOCK_TITLE, Story, Values, values_of
from sim_strand import Broken

if TYPE_CHECKING:
    from sim_world import SimWorld


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """What the engine made of a copy; None where it did not or does not exist."""

    story: Story
    side: Side
    name: str
    old: View | None
    new: View | None


def judge_write(world: SimWorld, written: Written) -> None:
    """Judge a write that arrived.

    Raises:
        Broken: It took something away that it should not have, or did not say so.
    """
    story, old, new = written.story, written.old, written.new
    _let_unseen_go(world, written)
    if written.side is Side.GOOGLE and written.name in story.invitations:
        raise Broken(f"a write to the event of somebody else: {written.name}")
    if old is None:
        _judge_insert(world, written)
    if new is None and world.history.about(story).action == "withdraw":
        _judge_withdrawal(world, story, old)
    elif old is not None and _is_block(new) and not _is_block(old):
        _judge_block(world, story, old, new)
    elif story.series and old is not None:
        _judge_instances(world, written, old)
    elif new is None:
        _judge_delete(world, story, values_of(old))
    elif not story.series:
        _judge_values(world, story, values_of(old), values_of(new))


def _let_unseen_go(world: SimWorld, written: Written) -> None:
    """Note what a person did to instances at Google since the series was read, and is gone.

    An exception has a version of its own there. Whoever deletes or moves the series under the
    version of its master takes what is new in the others away.
    """
    google = world.kind.rehearsal and written.side is Side.GOOGLE
    if not google or written.old is None:
        return
    known = next((k for k in world.database.links() if k.google.name == written.name), None)
    seen = None if known is None else world.view(Side.GOOGLE, known.google.object)
    instances = written.story.instances
    taken = instances.taken(written.old, written.new)
    instances.let_go |= taken & instances.taken(written.old, seen)


def is_known(world: SimWorld, story: Story) -> bool:
    """Whether the past of an item is known, so that nothing may give way without a reason."""
    return not (story.loose or world.was_late or story.unsure or world.is_on_its_way(story))


def _judge_instances(world: SimWorld, written: Written, old: View) -> None:
    """Refuse to let a value of an instance give way that nobody let go, and not say so."""
    story = written.story
    if not is_known(world, story):
        return
    for typed in sorted(story.instances.taken(old, written.new)):
        if story.doubts.met("revival") and world.history.has_text(typed[1]):
            # A series made again may have exceptions of before; which of them an insert that was
            # cut short came to write, nobody can tell from what is there.
            continue
        if world.kind.rehearsal and written.side is Side.GOOGLE and written.new is not None:
            # With its schedule Google drops what a series had in its instances; they follow.
            world.still_to_come[world.acting].add((story.number, written.name, typed))
        elif world.kind.rehearsal and written.new is None and world.history.has_text(typed[1]):
            # Deleted at Google between two of its parts: that deletion counts for all of them.
            continue
        elif not _is_told(world, story, typed):
            raise Broken(f"an instance of item{story.number} gave way in silence: {typed}")


def _is_told(world: SimWorld, story: Story, typed: Typed) -> bool:
    # What a block took the place of, in one instance too, Google never heard of; what was taken
    # back with its copy comes again with a series that is made again.
    hidden = story.reduced or world.history.withdrew(story)
    return world.history.tells_of_instance(typed) or (hidden and world.history.has_text(typed[1]))


def judge_what_followed(world: SimWorld) -> None:
    """Judge whether all that a run took from series at Google was there again when it ended.

    Raises:
        Broken: It was not, and nothing says so.
    """
    for number, name, typed in sorted(world.still_to_come.pop(world.acting, ())):
        story = world.ledger.stories[number]
        shown = world.view(Side.GOOGLE, world.google.objects().get(name))
        stands = shown is None or typed in story.instances.taken(shown, None)
        if (
            stands
            or _is_unfinished(world, name)
            or typed in story.instances.let_go
            or not is_known(world, story)
        ):
            continue
        if not _is_told(world, story, typed):
            raise Broken(f"an instance of item{number} did not come again in silence: {typed}")


def _is_unfinished(world: SimWorld, name: str) -> bool:
    """Whether a part of the item was refused, so that a later run goes on with it."""
    links = (each for each in world.database.links() if each.google.name == name)
    return any(each.parked or each.google.presence is Presence.UNKNOWN for each in links)


def _judge_values(world: SimWorld, story: Story, old: Values, new: Values) -> None:
    for what in (*new, *(old.keys() - new.keys())):
        was, now = old.get(what, ""), new.get(what, "")
        if now == was:
            continue
        if now and not story.knows(what, now):
            raise Broken(f"a {what} nobody typed: {now}")
        if not was:
            continue
        if now and story.stems_from(what, now, was):
            continue
        _judge_defeat(world, story, what, was, now)


def _judge_defeat(world: SimWorld, story: Story, what: MergeField, was: str, now: str) -> None:
    """Judge that a version gives way to one that was not made of it, "" for none."""
    _demand_in_history(world, what, was)
    told = world.history.tells_of_loser(what, was)
    goes_back = not now or story.stems_from(what, was, now)
    if is_known(world, story):
        if goes_back and not (story.invitations and told):
            raise Broken(f"a newer {what} gave way to an older one: {was} -> {now}")
        if not told:
            raise Broken(f"a {what} gave way in silence: {was} -> {now}")
    if not goes_back:
        story.write(what, was, now)


def _judge_insert(world: SimWorld, written: Written) -> None:
    story, side, name = written.story, written.side, written.name
    if side is not Side.GOOGLE:
        return
    living = world.google.objects()
    if name not in living:
        # It was on its way to an account that a person disconnected meanwhile. It is there,
        # where nobody syncs any more, and no second event of the connection there is now.
        return
    twins = [n for n in world.ledger.names(story, side) if n in living and n != name]
    if twins and not story.twice_lost:
        raise Broken(f"a second event of item{story.number}: {name} beside {twins}")


def _judge_withdrawal(world: SimWorld, story: Story, old: View | None) -> None:
    """Refuse to take back a copy for no reason, or with it what a person only just typed."""
    story.withdrawn = True
    if world.usual and not (story.secret or story.loose):
        raise Broken(f"item{story.number} was taken back, and is to be at Google")
    for what, value in values_of(old).items():
        _demand_in_history(world, what, value)
    for typed in sorted(story.instances.taken(old, None)):
        if not world.history.has_text(typed[1]):
            raise Broken(f"an edit of an instance is gone without a trace: {typed}")


def _is_block(view: View | None) -> bool:
    return view is not None and view.title == BLOCK_TITLE


def _judge_block(world: SimWorld, story: Story, old: View, new: View | None) -> None:
    """Refuse to hide anything but what is private under `Do not sync`, or without a trace.

    No version gives way to the block: what Google shows of the item comes back once it may. What
    it never heard of does not, so the history has to have all.
    """
    forgotten = story.filled and "restore" in story.loose
    story.reduced = True
    hidden = world.options.private_events is PrivateEvents.DO_NOT_SYNC and story.private
    if not (forgotten or (hidden and is_private(new))):
        raise Broken(f"item{story.number} was reduced to a block, and is to be seen")
    shown = values_of(new)
    for what, value in values_of(old).items():
        if shown.get(what, value) != value and not forgotten:
            raise Broken(f"a block of item{story.number} has another {what}: {value}")
        _demand_in_history(world, what, value)
    for typed in sorted(story.instances.taken(old, new)):
        if not world.history.has_text(typed[1]):
            raise Broken(f"an edit of an instance is gone without a trace: {typed}")


def _judge_delete(world: SimWorld, story: Story, old: Values) -> None:
    for what, value in old.items():
        if not story.covered(what, value) and not world.history.tells_of_loser(what, value):
            _demand_in_history(world, what, value)
            if is_known(world, story):
                raise Broken(f"deleted, though nobody who deleted had seen {value}")


def _demand_in_history(world: SimWorld, what: MergeField, value: str) -> None:
    if not world.history.has(what, value):
        raise Broken(f"a {what} is gone without a trace: {value}")
