"""A request asks the database as little in a large calendar as in a small one."""

from __future__ import annotations

from itertools import count

import pytest
import sqlalchemy as sa

from bridge.store.schema import dav

HOME = "/anna/activities/"
SMALL, LARGE = 10, 1_000

MOST = {"get": 3, "poll": 2, "put new": 11, "put update": 11, "delete": 11}
"""Statements of one request, sign-in included; nine of a write, and on PostgreSQL two locks."""


@pytest.fixture
def multiply(crm):
    """Return a function that fills Anna's calendar with copies of what it holds."""

    def copy(numbers):
        with crm.database.write() as work:
            table = dav.CalendarObject.__table__
            row = dict(work.connection.execute(sa.select(table)).mappings().first())
            kept = {name: value for name, value in row.items() if name not in ("id", "activity_id")}
            copies = [{**kept, "href": f"{n}.ics", "uid": f"uid{n}"} for n in numbers]
            work.connection.execute(sa.insert(table), copies)

    return copy


def requests_of(client, event):
    """Return every request by name, and the status it is to get; each may be sent many times."""
    new, old, titles = count(), count(), count()

    def put_new():
        number = next(new)
        return client.put(f"{HOME}new{number}.ics", event(f"new{number}"), If_None_Match="*")

    def put_update():
        return client.put(f"{HOME}5.ics", event("uid5", f"No {next(titles)}"), If_Match="*")

    return {
        "get": (lambda: client.get(f"{HOME}7.ics"), 200),
        "poll": (lambda: client.propfind(HOME, "<CS:getctag/><D:sync-token/>"), 207),
        "put new": (put_new, 201),
        "put update": (put_update, 204),
        "delete": (lambda: client.request("DELETE", f"{HOME}new{next(old)}.ics"), 204),
    }


def test_statements_of_a_request_do_not_grow_with_the_calendar(anna, event, multiply, sent):
    """Ten objects, then a thousand: the same numbers, and few."""
    requests = requests_of(anna, event)

    def measure():
        told = {}
        for name, (send, status) in requests.items():
            sent.clear()
            assert send().status == status
            told[name] = len(sent)
        return told

    for number in range(SMALL):
        assert anna.put(f"{HOME}{number}.ics", event(f"uid{number}")).status == 201
    few = measure()
    multiply(range(SMALL, LARGE))
    assert measure() == few
    assert {name: number for name, number in few.items() if number > MOST[name]} == {}
