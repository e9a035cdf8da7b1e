"""The sample data's own promises."""

from datetime import date

import pytest

from bridge.application.sample_data import working_day
from bridge.application.sample_rows import CONTACTS, SAMPLES
from bridge.domain.activity import STOCK_TYPES


def test_samples_are_many_of_every_type_and_name_known_customers():
    """What the demo shows of each kind."""
    assert len(SAMPLES) >= 60
    assert {sample.owner for sample in SAMPLES} == {"anna", "ben"}
    assert {sample.type_key for sample in SAMPLES} == {kind.key for kind in STOCK_TYPES}
    assert {sample.contact for sample in SAMPLES if sample.contact} == set(CONTACTS)
    assert len({(sample.owner, sample.subject) for sample in SAMPLES}) == len(SAMPLES)


@pytest.mark.parametrize(
    ("today", "offset", "day"),
    [
        (date(2026, 3, 2), 0, date(2026, 3, 2)),
        (date(2026, 3, 2), 4, date(2026, 3, 6)),
        (date(2026, 3, 2), 5, date(2026, 3, 9)),
        (date(2026, 3, 2), -1, date(2026, 2, 27)),
        (date(2026, 3, 7), 0, date(2026, 3, 6)),
        (date(2026, 3, 8), 1, date(2026, 3, 9)),
        (date(2026, 3, 8), -1, date(2026, 3, 5)),
    ],
)
def test_days_are_counted_without_weekends(today, offset, day):
    """A Saturday or Sunday counts as the Friday before."""
    assert working_day(today, offset) == day
