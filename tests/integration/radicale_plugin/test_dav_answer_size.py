"""Answers that would be larger than anybody wants: refused while they are put together."""

from __future__ import annotations

import pytest

from radicale_plugin.app import CrmDavApplication
from radicale_plugin.limits import DavLimits

CALENDAR = "/dav/anna/activities/"


@pytest.fixture
def anna_told_little(anna, event):
    """Anna with 20 events of 2,000 characters, who is told at most 20,000 at once."""
    for number in range(20):
        text = event(f"e{number}", "Coffee", "20260302T090000Z", "DESCRIPTION:" + "x" * 2_000)
        assert anna.put(f"/anna/activities/e{number}.ics", text).status == 201
    assert isinstance(anna.application._application, CrmDavApplication)
    anna.application._application._limits = DavLimits(max_answer_bytes=20_000)
    return anna


def test_a_listing_beyond_the_limit_is_refused(anna_told_little):
    """Names that nobody has are told for each object."""
    wanted = "".join(f"<D:unheard-of-{number}/>" for number in range(100))
    few = anna_told_little.propfind("/anna/activities/", wanted, "0")
    many = anna_told_little.propfind("/anna/activities/", wanted, "1")
    assert (few.status, many.status) == (207, 507)
    assert many.condition == "number-of-matches-within-limits"


def test_reports_beyond_the_limit_are_refused(anna_told_little):
    """Texts of all objects are too much, tags of all or texts of some are not."""
    path = "/anna/activities/"
    events = '<C:comp-filter name="VEVENT"/>'
    names = [f"{CALENDAR}e{number}.ics" for number in range(20)]
    assert anna_told_little.query(path, events).status == 507
    assert anna_told_little.query(path, events, data="").status == 207
    assert anna_told_little.multiget(path, *names).status == 507
    assert anna_told_little.multiget(path, *names[:5]).status == 207
