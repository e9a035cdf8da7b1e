"""The activity type: CATEGORIES, X-CRM-ACTIVITY-TYPE and X-CRM-CATEGORY (design decision 17).

X-CRM-ACTIVITY-TYPE holds the key. X-CRM-CATEGORY remembers which category we wrote for it, so
that a renamed or changed type replaces that one and leaves a client's own categories alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from bridge.convert.properties.mapper import Reading, Writing
from bridge.domain.activity import DEFAULT_TYPES, Activity, ActivityType, CollectionName
from bridge.ical.content_line import escape_text, make_line, split_values, text_line
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent

KEY = "X-CRM-ACTIVITY-TYPE"
WRITTEN = "X-CRM-CATEGORY"


class ActivityTypeMapper:
    """`Activity.type_key`."""

    def write(self, activity: Activity, writing: Writing) -> Sequence[PropertyChange]:
        """Write key and category of the type, unless the component names this type already."""
        if writing.base is None:
            return type_changes(None, writing.type)
        if _names(writing.base, writing.type, writing.types):
            return ()
        return type_changes(writing.base, writing.type)

    def read(self, component: ContentComponent, activity: Activity, reading: Reading) -> Activity:
        """Read the type a client chose; a type of another collection is only a text to us."""
        types = [t for t in reading.types if _may_be(t, activity, reading.collection)]
        chosen = _chosen(component, reading.previous, types)
        return activity if chosen is None else replace(activity, type_key=chosen.key)


def named_type(component: ContentComponent, types: Sequence[ActivityType]) -> ActivityType | None:
    """Return the type a component names, by itself: a client's category, ours, then the key."""
    names = _categories(component)
    written = component.text(WRITTEN)
    others = [name for name in names if name.casefold() != written.casefold()]
    return _first_of([*others, *names], types) or _by_key(component, types)


def type_of(component: ContentComponent, types: Sequence[ActivityType]) -> ActivityType | None:
    """Return the type of an object's component; one that names none has its collection's stock one.

    Args:
        component: An event or a to-do.
        types: All types of the company; those of the other collection are only texts to us.
    """
    to_do = component.name == CollectionName.TASKS.component
    collection = CollectionName.TASKS if to_do else CollectionName.ACTIVITIES
    possible = [type_ for type_ in types if type_.collection is collection]
    stock = (type_ for type_ in possible if type_.key == DEFAULT_TYPES[collection])
    return named_type(component, possible) or next(stock, None)


def names_type_as(component: ContentComponent, previous: ContentComponent) -> bool:
    """Return whether a client's edit left alone everything that tells the type."""
    if component.all("CATEGORIES") or previous.all("CATEGORIES"):
        names, before = ({n.casefold() for n in _categories(c)} for c in (component, previous))
        if names != before:
            return False
    return component.text(KEY) == previous.text(KEY)


def type_changes(base: ContentComponent | None, type_: ActivityType) -> tuple[PropertyChange, ...]:
    """Return the changes that make a component name this type; other categories stay."""
    names = [] if base is None else _categories(base)
    replaced = {type_.name.casefold()}
    if base is not None:
        replaced.add(base.text(WRITTEN).casefold())
    kept = [name for name in names if name.casefold() not in replaced]
    value = ",".join(escape_text(name) for name in (type_.name, *kept))
    return (
        PropertyChange(name="CATEGORIES", lines=(make_line("CATEGORIES", value),)),
        PropertyChange(name=KEY, lines=(text_line(KEY, type_.key),)),
        PropertyChange(name=WRITTEN, lines=(text_line(WRITTEN, type_.name),)),
    )


def _names(base: ContentComponent, type_: ActivityType, types: Sequence[ActivityType]) -> bool:
    key, names = base.text(KEY), {name.casefold() for name in _categories(base)}
    others = [t for t in types if t.key != type_.key and t.collection is type_.collection]
    if key == type_.key and base.text(WRITTEN) in ("", type_.name):
        # A client's category of another type speaks louder than the key it left alone.
        return type_.name.casefold() in names or named_type(base, others) is None
    if not key and named_type(base, [*others, type_]) is None:
        # It names no type, so it is of its collection's default; nothing to add for that one.
        return _is_stock_default(type_)
    return type_.name.casefold() in names and named_type(base, [type_, *others]) == type_


def _is_stock_default(type_: ActivityType) -> bool:

    return DEFAULT_TYPES.get(type_.collection) == type_.key


def _may_be(type_: ActivityType, activity: Activity, collection: CollectionName | None) -> bool:
    if type_.key == activity.type_key:
        return collection in (None, type_.collection)
    return type_.active and collection in (None, type_.collection)


def _chosen(
    component: ContentComponent,
    previous: ContentComponent | None,
    types: Sequence[ActivityType],
) -> ActivityType | None:
    names = _categories(component)
    if previous is None:
        return _first_of(names, types) or _by_key(component, types)
    before = {name.casefold() for name in _categories(previous)}
    if {name.casefold() for name in names} != before:
        added = [name for name in names if name.casefold() not in before]
        chosen = _first_of([*added, *names], types)
        if chosen is not None:
            return chosen
    if component.text(KEY) != previous.text(KEY):
        return _by_key(component, types)
    return None


def _first_of(names: Sequence[str], types: Sequence[ActivityType]) -> ActivityType | None:
    by_name = {type_.name.casefold(): type_ for type_ in types}
    return next((by_name[n.casefold()] for n in names if n.casefold() in by_name), None)


def _by_key(component: ContentComponent, types: Sequence[ActivityType]) -> ActivityType | None:
    key = component.text(KEY).strip().casefold()
    return next((type_ for type_ in types if type_.key == key), None)


def _categories(component: ContentComponent) -> list[str]:
    lines = component.all("CATEGORIES")
    return [name.strip() for line in lines for name in split_values(line.value) if name.strip()]
