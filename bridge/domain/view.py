"""The view: what both sides of a sync can express, and what they are compared by.

Two versions of an item are equal when their views are equal; everything else (etags, properties
only one side knows) is that side's own business (design decision 20).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from bridge.domain.activity import Attendee, Reply
from bridge.domain.rules import EventTraits
from bridge.domain.spans import Span


class Visibility(StrEnum):
    """Who may see details; values are Google's. An absent CLASS is `DEFAULT`, not public."""

    DEFAULT = "default"
    PUBLIC = "public"
    PRIVATE = "private"
    CONFIDENTIAL = "confidential"


class MergeField(StrEnum):
    """The fields of a view that merge as one (design decisions 24 and 25)."""

    TITLE = "title"
    SCHEDULE = "schedule"
    LOCATION = "location"
    DESCRIPTION = "description"
    BUSY = "busy"
    VISIBILITY = "visibility"
    DONE = "done"
    REMINDERS = "reminders"
    CONFERENCE = "conference"
    ATTENDEES = "attendees"
    REPLY = "reply"
    COLOUR = "colour"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstanceField:
    """What differs in one instance of a series.

    Attributes:
        key: `Instance.key`.
        field: A field that both have in the instance; None when the instance as a whole is another:
            plain on one side, changed or cancelled on the other.
    """

    key: str
    field: MergeField | None = None

    @property
    def value(self) -> str:
        """How the field is named for people and in the journal."""
        return f"{self.field.value if self.field else 'instance'} ({self.key})"


CANCELLED = "cancelled"
"""`View.value_of` of a cancelled instance."""

Field = MergeField | InstanceField
"""What merges as one: a field of the item, or a field of one instance of a series."""


def kind_of(field: Field) -> MergeField:
    """Return which rules a field follows; an instance as a whole follows those of the schedule."""
    if isinstance(field, MergeField):
        return field
    return field.field or MergeField.SCHEDULE


def in_order(fields: Iterable[Field]) -> list[Field]:
    """Return the fields in one fixed order: those of the item, then those of its instances."""
    return sorted(fields, key=lambda field: (isinstance(field, InstanceField), field.value))


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """Span and recurrence of an item, one merge field.

    Attributes:
        span: Of the single event or of the series' first instance.
        recurrence: RRULE, RDATE and EXRULE content lines in a canonical order; empty when single.
            EXDATE is not among them: a cancelled instance is one of `View.instances`.
    """

    span: Span
    recurrence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Instance:
    """One instance of a series that is not what the rule makes of it.

    Attributes:
        key: Its original start, for life: `20260310T090000Z` in UTC, `20260310` of an all-day
            series; so does Google end the ids of instances.
        view: What it shows, with no recurrence and no instances; None when it is cancelled.
    """

    key: str
    view: View | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    r"""The shared projection of one item.

    Attributes:
        title: Without the done mark, trimmed; "" when absent.
        description: Plain text or the HTML subset, line ends as `\\n`, trimmed at the end.
        busy: True blocks time.
        done: Marked done; of an instance where each has a mark of its own.
        reminders: Minutes before the start, in ascending order; None where the calendar's default
            reminders hold.
        conference: Address of the meeting on line, "" without one.
        attendees: Guests besides the owner, in the order of their addresses.
        reply: The owner's own answer to an invitation; None where there is none to give.
        colour: Number of the colour that a copy has at Google, of its type; "" for the calendar's
            own, and of what is no copy of ours.
        instances: Of a series, those that are changed or cancelled, in the order of their keys.
    """

    title: str
    schedule: Schedule
    location: str = ""
    description: str = ""
    busy: bool = True
    visibility: Visibility = Visibility.DEFAULT
    done: bool = False
    reminders: tuple[int, ...] | None = None
    conference: str = ""
    attendees: tuple[Attendee, ...] = ()
    reply: Reply | None = None
    colour: str = ""
    instances: tuple[Instance, ...] = ()

    def changed_fields(self, other: View) -> frozenset[Field]:
        """Return the fields in which the two views differ."""
        changed: frozenset[Field] = self._own_changes(other)
        if self.instances == other.instances:
            return changed
        return changed | frozenset(_changed_instances(self.by_key(), other.by_key()))

    def value_of(self, field: Field) -> object:
        """Return the value of a field; None for a plain, "cancelled" for a cancelled instance."""
        if isinstance(field, MergeField):
            return getattr(self, field.value)
        told = self.by_key()
        if field.key not in told:
            return None
        instance = told[field.key]
        if instance is None:
            return CANCELLED
        return instance if field.field is None else instance.value_of(field.field)

    def by_key(self) -> Mapping[str, View | None]:
        """Return what the changed and cancelled instances show, by their keys."""
        return {instance.key: instance.view for instance in self.instances}

    def taking(self, other: View, fields: Iterable[Field]) -> View:
        """Return the view with these fields from another one."""
        wanted = list(fields)
        own = {f.value: getattr(other, f.value) for f in wanted if isinstance(f, MergeField)}
        taken = replace(self, **own)
        parts = [field for field in wanted if isinstance(field, InstanceField)]
        return replace(taken, instances=_taken(self, other, parts)) if parts else taken

    def _own_changes(self, other: View) -> frozenset[MergeField]:
        return frozenset(
            field
            for field in MergeField
            if getattr(self, field.value) != getattr(other, field.value)
        )


def _changed_instances(
    here: Mapping[str, View | None], there: Mapping[str, View | None]
) -> Iterable[InstanceField]:
    for key in here.keys() | there.keys():
        one, other = here.get(key), there.get(key)
        if key in here and key in there and one is not None and other is not None:
            for field in one._own_changes(other):  # noqa: SLF001 - of the same class
                yield InstanceField(key=key, field=field)
        elif (key in here) != (key in there) or one != other:
            yield InstanceField(key=key)


def _taken(view: View, other: View, fields: Iterable[InstanceField]) -> tuple[Instance, ...]:
    here, there = dict(view.by_key()), other.by_key()
    for field in fields:
        key, kind = field.key, field.field
        mine, theirs = here.get(key), there.get(key)
        if kind is not None and mine is not None and theirs is not None:
            here[key] = mine.taking(theirs, (kind,))
        elif key in there:
            here[key] = theirs
        else:
            here.pop(key, None)
    return tuple(Instance(key=key, view=here[key]) for key in sorted(here))


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What scope and safety rules ask of one item besides its view.

    Attributes:
        type_key: Activity type the object names, or that its collection gives it; "" at Google.
        last_day: Last day it touches, in the zone of the Google calendar; None when undated.
            A series without an end has `date.max`.
        recurring: It is a series, or a lone override of one.
        do_not_sync: Its owner took this one item out (`X-CRM-SYNC:FALSE`).
        guests: It has attendees besides the owner.
        event_type: Google's `eventType`; `default` on the calendar side.
        read_only: The account may not change it at Google.
        unsupported: What Google cannot say of it, machine-readable; "" for nothing.
        traits: What rules ask of one of Google's events; None on the calendar side.
        subject: Of the calendar's: the title without what a template adds to it; "" where it adds
            nothing.
    """

    type_key: str = ""
    last_day: date | None = None
    recurring: bool = False
    do_not_sync: bool = False
    guests: bool = False
    event_type: str = "default"
    read_only: bool = False
    unsupported: str = ""
    traits: EventTraits | None = None
    subject: str = ""
