"""Edits at Google with a worker running: quicker than the poll, and found without push as well."""

import time

import pytest

from bridge.application.missed_changes import MOST_MISSED

LONG_POLL = 3600.0
SHORT_POLL = 1.0


@pytest.fixture
def pushed(install, working):
    """An installation whose worker polls once an hour, and has heard of Google."""
    installation = install(poll=LONG_POLL)
    working(installation)
    assert installation.eventually(lambda: installation.push.heard)
    settle(installation)
    return installation


@pytest.fixture
def polled(install, working):
    """An installation whose worker polls once a second."""
    installation = install(poll=SHORT_POLL)
    working(installation)
    assert installation.eventually(lambda: installation.push.heard)
    settle(installation)
    return installation


def settle(installation):
    """Wait until nothing is left to do: what was written to Google comes back as a message."""

    def rests():
        with installation.core.database.read() as work:
            runs = work.history.runs(installation.connection.id, 1)
        done = bool(runs) and runs[0].outcome == "done"
        return done and not installation.is_due()

    assert installation.eventually(rests)


def fault(installation, kind, times=1):
    """Let the next messages meet a mishap."""
    installation.control("POST", "faults", fault=kind, times=times)


def test_edit_at_google_is_here_long_before_the_next_poll(pushed):
    """Within two seconds of the message, as a rule; the poll would take an hour."""
    began = time.monotonic()
    event = pushed.add_event("New")
    assert pushed.eventually(lambda: "New" in pushed.titles())
    pushed.user("PATCH", f"/{event['id']}", summary="Changed")
    assert pushed.eventually(lambda: "Changed" in pushed.titles())
    pushed.user("DELETE", f"/{event['id']}")
    assert pushed.eventually(lambda: "Changed" not in pushed.titles())
    assert time.monotonic() - began < 30


@pytest.mark.parametrize("kind", ["push_duplicate", "push_delay:0.5", "push_reorder"])
def test_messages_that_come_twice_late_or_out_of_order_do_no_harm(pushed, kind):
    """They carry nothing but that something happened."""
    fault(pushed, kind)
    pushed.add_event("One")
    pushed.add_event("Two")
    assert pushed.eventually(lambda: {"One", "Two"} <= pushed.titles())
    settle(pushed)
    named = [each["summary"] for each in pushed.user("GET")["items"]]
    assert sorted(each for each in named if each in {"One", "Two"}) == ["One", "Two"]


def test_lost_message_costs_time_only(polled):
    """The poll finds what was not told."""
    fault(polled, "push_loss", times=1)
    polled.add_event("Untold")
    assert polled.eventually(lambda: "Untold" in polled.titles())


def test_next_message_brings_what_a_lost_one_did_not(pushed):
    """A message tells of everything until then."""
    fault(pushed, "push_loss")
    pushed.add_event("Untold")
    pushed.add_event("Told")
    assert pushed.eventually(lambda: {"Untold", "Told"} <= pushed.titles())


def test_channel_over_which_nothing_comes_any_more_is_replaced(polled):
    """Nobody tells that it died: here Google's clock ran ahead, so that it is over there."""
    polled.control("POST", "clock", advance_seconds=8 * 24 * 3600)
    assert polled.states() == ["expired"]
    # A run that our own writes woke up may find the next event: that one counts for nothing.
    for number in range(5 * MOST_MISSED):
        polled.add_event(f"Untold {number}")
        assert polled.eventually(lambda number=number: f"Untold {number}" in polled.titles())
        if polled.eventually(lambda: polled.states()[-1] == "alive", seconds=0.5):
            break
    assert polled.states()[0] != "alive"
    assert polled.states()[-1] == "alive"
    assert polled.eventually(lambda: polled.push.heard)


def test_google_that_refuses_push_is_polled(install, working, google):
    """An administrator who switched it on without https loses nothing."""
    google.world.allow_http_push = False
    installation = install(poll=SHORT_POLL)
    working(installation)
    assert installation.eventually(lambda: installation.push.refusal == "webhookUrlNotHttps")
    installation.add_event("Polled")
    assert installation.eventually(lambda: "Polled" in installation.titles())
