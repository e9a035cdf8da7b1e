"""What the journal tells of values that gave way; no restore takes it back."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from bridge.domain.view import MergeField, View
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.model import MAY_BE_THROUGH, JournalEntry, JournalState, Side
from sim_instances import Typed, is_told
from sim_ledger import Story, values_of


@dataclass(frozen=True, slots=True)
class History:
    """Every journal entry there ever was.

    Attributes:
        entries: Each in its last state.
        view: Shows a copy as people see it.
    """

    entries: Collection[JournalEntry]
    view: Callable[[Side, CalendarObject], View | None]

    def about(self, story: Story) -> JournalEntry:
        """Return the entry of the write under way; each is announced before it is made."""
        under_way = [entry for entry in self.entries if entry.state is JournalState.INTENDED]
        named = [entry for entry in under_way if f"item{story.number} " in (entry.before or "")]
        return (named or under_way)[-1]

    def withdrew(self, story: Story) -> bool:
        """Whether a copy of it was to be taken back.

        Should a person have deleted that copy, nobody can tell it from our own deletion.
        """
        return story.withdrawn or any(
            entry.action == "withdraw" and f"item{story.number} " in (entry.before or "")
            for entry in self.entries
        )

    def tells_of_loser(self, what: MergeField, value: str) -> bool:
        """Whether a write told that this value gives way; the other side may still show it.

        Of a write that is only intended nobody knows whether it got through.
        """
        sought = f"{what.value} of " if what is MergeField.SCHEDULE else value
        return any(
            sought in entry.detail for entry in self.entries if entry.state in MAY_BE_THROUGH
        )

    def tells_of_instance(self, typed: Typed) -> bool:
        """Whether a write told that what was typed into an instance gives way."""
        return is_told(typed, self.entries)

    def has(self, what: MergeField, value: str) -> bool:
        """Whether it tells of a value, as it stood or as it was not kept."""
        return any(
            value in entry.detail or self._stood(entry, what, value) for entry in self.entries
        )

    def has_text(self, value: str) -> bool:
        """Whether a text stood in what was overwritten."""
        return any(value in (entry.before or "") for entry in self.entries)

    def _stood(self, entry: JournalEntry, what: MergeField, value: str) -> bool:
        if not entry.before:
            return False
        if what is not MergeField.SCHEDULE:
            return value in entry.before
        component = "VTODO" if "BEGIN:VTODO" in entry.before else "VEVENT"
        stored = CalendarObject(uid=entry.uid, component=component, text=entry.before)
        return values_of(self.view(entry.side, stored)).get(what) == value
