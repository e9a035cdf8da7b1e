"""The ledger: what people did, kept outside of everything that can fail.

Every value a person types is written nowhere else before. So each copy tells which versions it
stems from, and whatever the engine does to a copy is judged on the spot: a value may give way only
to one that was made of it, or to the winner of a conflict, and then the history has it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bridge.domain.spans import TimedSpan
from bridge.domain.view import MergeField, View
from bridge.sync.model import Side
from bridge.sync.scope import is_private
from bridge.sync.sight import BEATS_DELETE
from sim_doubts import Doubts
from sim_instances import InstanceStory

Values = Mapping[MergeField, str]
Copy = tuple[Side, str]
"""A side and the name there; in the calendar the UID, which outlives moves."""

_STORY = re.compile(r"item(\d+) ")
BLOCK_TITLE = "Busy"


@dataclass(slots=True)
class Story:
    """All versions of one item.

    Attributes:
        number: Stands in each of its titles.
        secret: Which mark its texts carry, or "".
        series: It was a series once; then its instances are followed instead of its fields.
        doubts: Writes of it whose answer was lost, and what people did meanwhile.
        loose: Accidents after which nobody can know all of its past: then an edit may give way
            without a reason, but never without a trace in the history.
        invitations: Names of events at Google that somebody else organizes. Whatever is typed into
            an activity made of one is put back, and told in the history.
        withdrawn: Its copy at Google was taken back.
        private: A person made it so that only they see it.
        reduced: Its activity was reduced to a block.
        filled: A person typed details into that block. Once a database is put back that does not
            know it, nobody can tell what is left of it from a title somebody typed.
        parents: Of each version those it was made of.
        superseded: Versions something was made of.
        deletes: What the people who deleted a copy saw on it.
        instances: What people did to single instances.
    """

    number: int
    secret: str = ""
    series: bool = False
    withdrawn: bool = False
    private: bool = False
    reduced: bool = False
    filled: bool = False
    invitations: set[str] = field(default_factory=set)
    doubts: Doubts = field(default_factory=Doubts)
    loose: set[str] = field(default_factory=set)
    parents: dict[tuple[MergeField, str], set[str]] = field(default_factory=dict)
    superseded: dict[MergeField, set[str]] = field(default_factory=lambda: defaultdict(set))
    deletes: list[Values] = field(default_factory=list)
    instances: InstanceStory = field(default_factory=InstanceStory)

    @property
    def unsure(self) -> bool:
        """Whether a person may or may not have seen a write of ours before they went on.

        Of inserts and deletions both sides tell afterwards what became of them. But nothing stops
        what a worker that slept too long has on its way to Google: it brings an old version.
        """
        return self.doubts.met("update") or self.doubts.met("lease")

    @property
    def twice_lost(self) -> bool:
        """Whether links were lost, and an older state of them put back.

        What was made in between is nobody's then.
        """
        return "restore" in self.loose and bool(self.loose & {"links lost", "another account"})

    def knows(self, what: MergeField, value: str) -> bool:
        """Whether a person wrote this version."""
        return (what, value) in self.parents

    def write(self, what: MergeField, old: str, new: str) -> None:
        """Note a version made of another one, "" for none."""
        parents = self.parents.setdefault((what, new), set())
        if old:
            parents.add(old)
            self.superseded[what].add(old)

    def stems_from(self, what: MergeField, new: str, old: str) -> bool:
        """Whether a version was made of another one, directly or not, or is the same."""
        waiting, met = [new], set()
        while waiting:
            value = waiting.pop()
            if value == old:
                return True
            met.add(value)
            waiting += self.parents.get((what, value), set()) - met
        return False

    def heads(self, what: MergeField) -> set[str]:
        """Return the versions nothing was made of."""
        return {value for name, value in self.parents if name is what} - self.superseded[what]

    def covered(self, what: MergeField, value: str) -> bool:
        """Whether somebody who deleted the item had seen this version, or a later one."""
        return any(self.stems_from(what, seen.get(what, ""), value) for seen in self.deletes)

    def unseen_edits(self) -> Iterator[tuple[MergeField, str]]:
        """Iterate over the edits that no delete knew of, and that beat one (design decision 20)."""
        for what in sorted(BEATS_DELETE):
            for value in sorted(self.heads(what)):
                if not self.covered(what, value):
                    yield what, value


@dataclass(slots=True)
class Ledger:
    """The stories of a schedule and where their copies are.

    Attributes:
        moment: A number that grows with all that happens to any of them.
    """

    stories: dict[int, Story] = field(default_factory=dict)
    copies: dict[Copy, int] = field(default_factory=dict)
    moment: int = 0

    def now(self) -> int:
        """Return a moment later than any before."""
        self.moment += 1
        return self.moment

    def person_acted(self, story: Story) -> None:
        """Note that a person had a copy in hand."""
        story.doubts.acts.append(self.now())

    def begin(self, *, secret: str = "") -> Story:
        """Begin the story of a new item."""
        story = Story(number=len(self.stories) + 1, secret=secret)
        self.stories[story.number] = story
        return story

    def story_at(self, copy: Copy, view: View | None = None) -> Story | None:
        """Return the story of a copy; one met first is known by its title."""
        if copy not in self.copies:
            found = None if view is None else _STORY.search(view.title)
            if found is None:
                return None
            self.copies[copy] = int(found[1])
        return self.stories[self.copies[copy]]

    def names(self, story: Story, side: Side) -> Iterator[str]:
        """Iterate over the names its copies had on a side."""
        return (
            name
            for (where, name), number in self.copies.items()
            if where is side and number == story.number
        )

    def person_wrote(self, copy: Copy, story: Story, before: View | None, after: View) -> None:
        """Note what a person made of a copy."""
        self.copies[copy] = story.number
        self.person_acted(story)
        story.private |= is_private(after)
        in_block = copy[0] is Side.CALENDAR and story.reduced and _are_blocks(before, after)
        old, new = values_of(before), values_of(after)
        for what, value in new.items():
            if old.get(what) != value:
                story.write(what, old.get(what, ""), value)
                story.filled |= in_block and what is not MergeField.SCHEDULE
        story.instances.wrote(before, after)

    def person_deleted(self, copy: Copy, before: View) -> None:
        """Note that a person deleted a copy."""
        story = self.story_at(copy, before)
        assert story is not None
        self.person_acted(story)
        story.deletes.append(values_of(before))
        story.instances.deleted(before)


def _are_blocks(before: View | None, after: View) -> bool:
    return before is not None and before.title == after.title == BLOCK_TITLE


def values_of(view: View | None) -> Values:
    """Return the versions a view shows, by field; empty ones are none."""
    if view is None:
        return {}
    span = view.schedule.span
    when = f"{span.start_utc:%Y%m%dT%H%M}" if isinstance(span, TimedSpan) else f"{span.start}"
    told = {
        MergeField.TITLE: view.title,
        MergeField.SCHEDULE: when,
        MergeField.LOCATION: view.location,
        MergeField.DESCRIPTION: view.description,
    }
    return {what: value for what, value in told.items() if value and value != BLOCK_TITLE}
