"""On which terms the writes of one item are drafted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bridge.domain.view import Field, MergeField
from bridge.sync.hold import Held
from bridge.sync.ports import Lens


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On which terms the writes of an item are drafted.

    Attributes:
        judged: Fingerprint of the policy.
        now: Aware; tells past instances of a series from those to come.
        withheld: Why a part stays unwritten, or "".
        not_out: Fields that may not be written to Google now.
        unheard: Of those, what guests hear nothing of and goes out all the same.
        not_in: Fields that may not be written to the calendar.
        reason: Why it is written, machine-readable.
        put_backs: Of the link, after the write.
        held: What waits for a person's word meanwhile.
        tell_guests: A person said that the guests are to be told.
        private_changes: Of the link, after the write.
        hidden: The options hide what Google says: no more of it is agreed on than was before.
        puts_private_anew: Who sees it in the CRM is put as the present choice has it.
    """

    lens: Lens
    judged: str
    now: datetime
    withheld: str = ""
    not_out: frozenset[MergeField] = frozenset()
    unheard: frozenset[Field] = frozenset()
    not_in: frozenset[MergeField] = frozenset()
    reason: str = ""
    put_backs: int = 0
    held: Held | None = None
    tell_guests: bool = False
    private_changes: int = 0
    hidden: bool = False
    puts_private_anew: bool = False
