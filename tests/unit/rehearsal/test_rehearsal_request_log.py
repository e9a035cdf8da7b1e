"""The request log has a bound, whatever the run."""

import pytest

from bridge.rehearsal import request_log
from bridge.rehearsal.request_log import RequestLog, RequestRecord


def record(number, *, body="", parts=()):
    """Return a record that can be told from others by its path."""
    return RequestRecord(
        method="GET", path=f"/{number}", query="", status=200, quota_units=1, size=0, body=body,
        parts=parts,
    )  # fmt: skip


def test_newest_bodies_are_kept(monkeypatch):
    """Old records stay, with all that is counted, but without their bodies."""
    monkeypatch.setattr(request_log, "_BODIES_KEPT", 10)
    log = RequestLog()
    log.add(record(0, parts=(record(1, body="12345"),)))
    log.add(record(2, body="12345"))
    assert [each.body_size for each in log.records()] == [5, 5]
    log.add(record(3, body="1"))
    assert [(each.path, each.body_size, each.calls) for each in log.records()] == [
        ("/0", 0, 2),
        ("/2", 5, 1),
        ("/3", 1, 1),
    ]
    log.add(record(4, body="x" * 11))
    assert [each.body_size for each in log.records()] == [0, 0, 0, 0]


def test_newest_calls_are_kept_parts_counted(monkeypatch):
    """A batch of many is many."""
    monkeypatch.setattr(request_log, "_KEPT", 5)
    log = RequestLog()
    log.add(record(0, parts=tuple(record(n) for n in range(3))))
    log.add(record(1))
    assert len(log.records()) == 2
    log.add(record(2))
    assert [each.path for each in log.records()] == ["/1", "/2"]
    log.add(record(3, parts=tuple(record(n) for n in range(9))))
    assert [each.path for each in log.records()] == ["/3"]
    log.clear()
    assert log.records() == []


@pytest.mark.parametrize("body", ["", "text"])
def test_records_are_told_as_json(body):
    """The control surface's form."""
    told = record(1, body=body, parts=(record(2, body=body),)).to_json()
    assert (told["body"], told["parts"][0]["path"], told["params"]) == (body, "/2", {})
