"""The promises that are checked once a schedule has come to rest."""

from __future__ import annotations

from collections import defaultdict

from bridge.domain.view import MergeField, View
from bridge.sync.model import PUT_BACK, Side
from bridge.sync.report import RunReport
from bridge.sync.sight import BEATS_DELETE
from sim_ledger import Story, values_of
from sim_series import check_instances
from sim_strand import Broken
from sim_world import SECRET_OFF, SimWorld

Copies = dict[int, list[View]]


def check_end(world: SimWorld, report: RunReport | None, *, last: bool) -> None:
    """Check one of the rounds at the end; after the last one everything."""
    if report is None:
        raise Broken("a round at the end never ended")
    if report.stopped_by is not None:
        raise Broken(f"a round without faults was stopped: {report.stopped_by!r}")
    if not last:
        return
    if report.entries:
        raise Broken(f"the third round wrote: {report.entries[0]}")
    if report.unknown:
        raise Broken("something stayed unknown")
    world.google.check()
    _check_items(world)


def _check_items(world: SimWorld) -> None:
    calendar, google = _copies(world, Side.CALENDAR), _copies(world, Side.GOOGLE)
    waiting = _put_back(world)
    for number, story in world.ledger.stories.items():
        here, there = calendar[number], google[number]
        if (len(here) > 1 or len(there) > 1) and not story.twice_lost:
            raise Broken(f"item{number} is there more than once: {len(here)} and {len(there)}")
        if number not in waiting:
            _check_item(world, story, here, there)


def _check_item(world: SimWorld, story: Story, here: list[View], there: list[View]) -> None:
    if there and not here and story.invitations:
        # Deleted here only: what somebody else organizes stays where it is.
        _check_life(world, story, alive=False)
        return
    _check_fate(world, story, [*here, *there])
    if story.secret == SECRET_OFF:
        if there:
            raise Broken(f"item{story.number} is at Google, where it must never be")
        return
    if not _are_alike(story, here, there):
        raise Broken(f"item{story.number} differs: {here} and {there}")
    for view in here:
        _check_versions(world, story, view)


def _are_alike(story: Story, here: list[View], there: list[View]) -> bool:
    """Whether both sides show the same; a mark on what was made of an invitation stays here."""
    if not (story.invitations and here and there):
        return here == there
    return values_of(here[0]) == values_of(there[0])


def _check_fate(world: SimWorld, story: Story, copies: list[View]) -> None:
    """Check whether an item may be there, or gone, and with it what was done to its instances."""
    _check_life(world, story, alive=bool(copies))
    if story.series:
        check_instances(world, story, copies[0] if copies else None)


def _copies(world: SimWorld, side: Side) -> Copies:
    found: Copies = defaultdict(list)
    if side is Side.CALENDAR:
        items = [(str(item.uid), item) for _, _, item in world.in_calendar()]
    else:
        items = list(world.google.objects().items())
    for name, item in items:
        view = world.view(side, item)
        story = world.ledger.story_at((side, name), view)
        if story is None or view is None:
            raise Broken(f"nobody ever made {name}")
        found[story.number].append(view)
    return found


def _put_back(world: SimWorld) -> set[int]:
    """Return the items that wait because a one-way sync had put them back twice."""
    found = set()
    for link in world.database.links():
        if link.parked is not None:
            story = world.ledger.story_at((Side.CALENDAR, link.uid))
            story = story or world.ledger.story_at((Side.GOOGLE, link.google.name))
            if link.parked.reason != PUT_BACK or story is None or not story.loose:
                raise Broken(f"something stayed parked: {link.parked}")
            found.add(story.number)
    return found


def _was_taken_back(world: SimWorld, story: Story) -> bool:
    """Whether the copy at Google was to go anyway: then it means nothing that a person deleted it.

    The item stays, and has a copy again once it is back in scope.
    """
    let_go = (world.ledger.story_at((Side.CALENDAR, uid)) for uid in world.database.let_go)
    return world.history.withdrew(story) or any(each is story for each in let_go)


def _check_life(world: SimWorld, story: Story, *, alive: bool) -> None:
    """A delete stays one, unless a person edited the item and whoever deleted it did not know."""
    # A database from before our copy was taken back believes that a person deleted that copy.
    forgotten = "restore" in story.loose and story.withdrawn
    if not alive and not story.deletes and not forgotten:
        raise Broken(f"item{story.number} is gone, and nobody deleted it")
    if story.series or story.loose or (world.was_late and story.unsure):
        return
    # Did the person see the update whose answer was lost? Nobody can know; the edit is kept. And
    # a side that tells only what is there now does not tell that an insert got through at all; of
    # what was deleted before, no side tells that it was there again in between.
    unknowable = story.unsure or story.doubts.untold_insert or story.doubts.met("revival")
    edits = list(story.unseen_edits())
    if not alive and not all(_gave_way(world, story, *edit) for edit in edits):
        raise Broken(f"item{story.number} is gone, and with it an edit the delete knew nothing of")
    # And our own deletion of a copy to be taken back cannot be told from a person's.
    if alive and not edits and not (unknowable or _was_taken_back(world, story)):
        raise Broken(f"item{story.number} was deleted, and is back")


def _gave_way(world: SimWorld, story: Story, what: MergeField, value: str) -> bool:
    """Whether an edit had given way to another one before the item was deleted."""
    # What a block took the place of nobody could see any more, and Google never heard of it.
    excused = story.unsure or story.reduced or world.history.withdrew(story)
    kept = excused and world.history.has(what, value)
    return kept or world.history.tells_of_loser(what, value)


def _was_put_back(world: SimWorld, story: Story, what: MergeField, value: str) -> bool:
    """Whether it was typed into an activity made of an invitation, and its end is told."""
    return bool(story.invitations) and world.history.tells_of_loser(what, value)


def _check_versions(world: SimWorld, story: Story, view: View) -> None:
    """Every version is one the final one was made of, or the history has it."""
    if story.series:
        return
    final = values_of(view)
    for what in BEATS_DELETE:
        for head in story.heads(what):
            # What was deleted together with the copy it stood on was deleted by who had seen it.
            if head == final.get(what) or story.covered(what, head):
                continue
            # What Google never heard of does not come back when a block is one no more.
            excused = story.loose or story.unsure or world.history.withdrew(story) or story.reduced
            if not (excused or _was_put_back(world, story, what, head)):
                raise Broken(f"an edit of item{story.number} is lost: {head}, now {final}")
            if not world.history.has(what, head):
                raise Broken(f"an edit of item{story.number} is gone without a trace: {head}")
