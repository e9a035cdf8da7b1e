"""The sums behind the quotas, at exact moments (google-calendar-facts section 12)."""

import pytest

from bridge.rehearsal.google_error import GoogleError
from bridge.rehearsal.quotas import Caller, Creation, Quotas
from bridge.rehearsal.switches import Switches

ANNA = Caller(project="client", user="anna@example.com")
BEN = Caller(project="client", user="ben@example.com")
MIDNIGHT = 1_773_126_000_000  # 10 March 2026, 00:00 in California


def charged(quotas, moment, *, who=ANNA, units=1, **limits):
    """Return whether a call passed."""
    try:
        quotas.charge(who, units, moment, Switches(**limits))
    except GoogleError:
        return False
    return True


def test_the_minute_slides():
    """Facts 12: sliding minute; what is a minute old does not count any more."""
    quotas = Quotas()
    two = {"user_minute_quota": 2}
    times = (0, 30_000, 59_999, 60_000, 60_001, 89_999, 90_000)
    passed = [charged(quotas, moment, **two) for moment in times]
    assert passed == [True, True, False, True, False, False, True]


def test_a_refused_call_costs_nothing():
    """Whoever hammers gets through as soon as the minute allows."""
    quotas = Quotas()
    assert charged(quotas, 0, user_minute_quota=1)
    assert not any(charged(quotas, moment, user_minute_quota=1) for moment in range(1, 60_000, 999))
    assert charged(quotas, 60_000, user_minute_quota=1)


def test_what_does_not_fit_whole_is_refused():
    """Facts 12: patch costs three."""
    quotas = Quotas()
    assert not charged(quotas, 0, units=3, user_minute_quota=2)
    assert charged(quotas, 0, units=2, user_minute_quota=2)


def test_users_share_the_projects_minute():
    """Facts 12: per minute per project 10,000 by default."""
    quotas = Quotas()
    assert charged(quotas, 0, units=9_999, user_minute_quota=0)
    assert charged(quotas, 1, who=BEN)
    assert not charged(quotas, 2, who=BEN)
    other = Caller(project="other", user=BEN.user)
    assert charged(quotas, 2, who=other)


def test_a_day_is_googles():
    """Daily quotas begin anew at midnight in California."""
    quotas = Quotas()
    one = {"project_day_quota": 1}
    assert charged(quotas, MIDNIGHT - 3_600_000, **one)
    assert not charged(quotas, MIDNIGHT - 1, **one)
    assert charged(quotas, MIDNIGHT, **one)


def test_zero_is_no_limit():
    """Each limit can be taken away alone."""
    quotas = Quotas()
    none = {"user_minute_quota": 0, "project_minute_quota": 0, "project_day_quota": 0}
    assert charged(quotas, 0, units=2_000_000, **none)


def test_making_too_much_ends_writing_for_hours():
    """Facts 12: read-only for hours up to months; what was refused does not count."""
    quotas = Quotas()
    limits = Switches(guests_day_limit=2, read_only_hours=1)
    two, three = Creation(events=1, guests=2), Creation(events=1, guests=3)
    quotas.allow_write("anna", "c", two, 0, limits)
    with pytest.raises(GoogleError):
        quotas.allow_write("anna", "c", three, 0, limits)
    for moment in (1, 3_599_999):
        with pytest.raises(GoogleError):
            quotas.allow_write("anna", "c", Creation(), moment, limits)
    quotas.allow_write("anna", "c", two, 3_600_000, limits)
    quotas.allow_write("ben", "c", two, 1, limits)


def test_switches_for_limits_take_zero_but_nothing_below():
    """A limit is a number from 0 up."""
    assert Switches().changed({"user_minute_quota": 0}).user_minute_quota == 0
