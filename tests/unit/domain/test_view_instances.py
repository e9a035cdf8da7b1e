"""Views of series: what differs in their instances, and taking that over."""

from datetime import UTC, datetime, timedelta

from bridge.domain.spans import TimedSpan
from bridge.domain.view import (
    Instance,
    InstanceField,
    MergeField,
    Schedule,
    View,
    in_order,
    kind_of,
)

FIRST = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY, OTHER = "20260309T090000Z", "20260316T090000Z"


def shown(title: str = "Call Ada", *, at: datetime = FIRST, **more: object) -> View:
    """Return the view of a meeting of one hour."""
    span = TimedSpan(start=at, end=at + timedelta(hours=1))
    return View(title=title, schedule=Schedule(span=span), **more)


def series(*instances: Instance, title: str = "Call Ada") -> View:
    """Return the view of a series with these instances."""
    return shown(title, instances=instances)


CHANGED = Instance(key=KEY, view=shown("Call Bob", at=FIRST + timedelta(weeks=1)))
CANCELLED = Instance(key=KEY)


def test_series_with_equal_instances_differ_in_nothing():
    """Two views with the same changed instance are equal."""
    assert series(CHANGED).changed_fields(series(CHANGED)) == frozenset()


def test_an_instance_changed_on_one_side_only_differs_as_a_whole():
    """A plain instance has no view of its own to compare fields with."""
    assert series(CHANGED).changed_fields(series()) == {InstanceField(key=KEY)}


def test_a_cancelled_instance_differs_as_a_whole_from_a_plain_and_from_a_changed_one():
    """Cancelled, plain and changed are three states of an instance."""
    whole = {InstanceField(key=KEY)}
    assert series(CANCELLED).changed_fields(series()) == whole
    assert series(CANCELLED).changed_fields(series(CHANGED)) == whole


def test_an_instance_changed_on_both_sides_differs_in_its_fields():
    """Where both have a view of the instance, the fields are told one by one."""
    other = Instance(
        key=KEY, view=shown("Call Bob", at=FIRST + timedelta(weeks=1), location="Brno")
    )
    found = series(CHANGED).changed_fields(series(other))
    assert found == {InstanceField(key=KEY, field=MergeField.LOCATION)}


def test_taking_a_field_of_an_instance_leaves_its_other_fields():
    """One field of one instance goes over, the others stay."""
    here = series(Instance(key=KEY, view=shown("Mine", location="Brno")))
    there = series(Instance(key=KEY, view=shown("Theirs", location="Praha")))
    taken = here.taking(there, [InstanceField(key=KEY, field=MergeField.LOCATION)])
    assert taken == series(Instance(key=KEY, view=shown("Mine", location="Praha")))


def test_taking_a_whole_instance_cancels_changes_or_makes_it_plain():
    """The state of the other view is taken, whichever it is; other instances stay."""
    kept = Instance(key=OTHER)
    whole = [InstanceField(key=KEY)]
    assert series(kept).taking(series(CANCELLED), whole) == series(CANCELLED, kept)
    assert series(CANCELLED, kept).taking(series(CHANGED), whole) == series(CHANGED, kept)
    assert series(CHANGED, kept).taking(series(), whole) == series(kept)


def test_taking_what_differs_gives_the_other_view():
    """Whatever two views differ in, taking it over makes them equal."""
    here = series(CHANGED, Instance(key=OTHER), title="Here")
    there = series(Instance(key=KEY, view=shown("Other", busy=False)), title="There")
    assert here.taking(there, here.changed_fields(there)) == there


def test_values_of_fields_are_told_by_field():
    """A whole instance is told as its view, `cancelled`, or None when it is plain."""
    view = series(CHANGED, Instance(key=OTHER))
    assert view.value_of(MergeField.TITLE) == "Call Ada"
    assert view.value_of(InstanceField(key=KEY)) == CHANGED.view
    assert view.value_of(InstanceField(key=KEY, field=MergeField.TITLE)) == "Call Bob"
    assert view.value_of(InstanceField(key=OTHER)) == "cancelled"
    assert view.value_of(InstanceField(key="20260330T090000Z")) is None


def test_fields_of_the_item_come_before_those_of_its_instances():
    """The order is the same each time, so plans and histories read alike."""
    whole = InstanceField(key=KEY)
    title = InstanceField(key=KEY, field=MergeField.TITLE)
    assert in_order({title, whole, MergeField.TITLE, MergeField.DONE}) == [
        MergeField.DONE,
        MergeField.TITLE,
        whole,
        title,
    ]


def test_an_instance_as_a_whole_follows_the_rules_of_the_schedule():
    """Cancelling an instance is a matter of time; its fields follow their own rules."""
    assert kind_of(InstanceField(key=KEY)) is MergeField.SCHEDULE
    assert kind_of(InstanceField(key=KEY, field=MergeField.TITLE)) is MergeField.TITLE
    assert kind_of(MergeField.BUSY) is MergeField.BUSY
