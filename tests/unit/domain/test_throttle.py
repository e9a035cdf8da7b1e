"""Guessing is slowed down where it comes from, and only there."""

from bridge.domain.throttle import Throttle, address_prefix


def _fail(throttle: Throttle, times: int, *, address: str = "192.0.2.7") -> None:
    for second in range(times):
        throttle.failed(address, "anna", now=float(second))


def test_few_failures_cost_nothing():
    """A person who mistypes a few times is not made to wait."""
    throttle = Throttle()
    _fail(throttle, 4)
    assert throttle.wait_seconds("192.0.2.7", "anna", now=4.0) == 0.0


def test_many_failures_make_the_same_network_wait_longer_and_longer():
    """Each further failure doubles the wait, up to five minutes."""
    throttle = Throttle()
    _fail(throttle, 6)
    first = throttle.wait_seconds("192.0.2.99", "ANNA", now=5.0)
    _fail(throttle, 40)
    assert 0 < first <= 2.0
    assert throttle.wait_seconds("192.0.2.7", "anna", now=39.0) == 300.0


def test_the_right_person_elsewhere_is_not_shut_out():
    """The same login from another network may try at once (S01)."""
    throttle = Throttle()
    _fail(throttle, 1000)
    assert throttle.wait_seconds("198.51.100.1", "anna", now=1000.0) == 0.0


def test_success_and_time_forget_failures():
    """A success clears the count, and so does a quarter of an hour."""
    throttle = Throttle()
    _fail(throttle, 20)
    assert throttle.wait_seconds("192.0.2.7", "anna", now=2000.0) == 0.0
    throttle.succeeded("192.0.2.7", "anna")
    assert throttle.wait_seconds("192.0.2.7", "anna", now=20.0) == 0.0


def test_memory_is_bounded():
    """A flood of made-up logins does not grow the table without end."""
    throttle = Throttle()
    for number in range(12_000):
        throttle.failed("192.0.2.7", f"user{number}", now=0.0)
    assert len(throttle._entries) == 10_000


def test_addresses_are_grouped_by_network():
    """An attacker with a whole IPv6 prefix counts as one."""
    assert address_prefix("2001:db8::1") == address_prefix("2001:db8:0:ff::2")
    assert address_prefix("unix:") == "unix:"
