"""How much calendar text is looked at before a parser may see it (threats, section 3.5)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Upper bounds of one calendar object resource.

    Attributes:
        max_bytes: Size of the text in UTF-8.
        max_lines: Physical lines; a folded line counts each of its pieces.
        max_line: Characters of one line after unfolding.
        max_properties: Content lines besides BEGIN and END.
        max_dates: Values of RDATE and EXDATE in one component (I20).
        max_depth: Nesting of components, VCALENDAR being 1.
        max_uid: Characters of the UID.
        max_alarm_repeat: Highest REPEAT of an alarm (I08).
        max_count: Highest COUNT and INTERVAL of a recurrence rule (I03).
    """

    max_bytes: int = 10_000_000
    max_lines: int = 200_000
    max_line: int = 2_000_000
    max_properties: int = 10_000
    max_dates: int = 10_000
    max_depth: int = 8
    max_uid: int = 1_000
    max_alarm_repeat: int = 10_000
    max_count: int = 1_000_000


DEFAULT_LIMITS = Limits()
