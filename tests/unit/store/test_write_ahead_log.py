"""A new file gets its write-ahead log, though another process gives it one at that moment."""

from __future__ import annotations

import sqlite3

import pytest

from bridge.store import engines


class _Cursor:
    def close(self):
        """Do nothing."""


class _Locked:
    """A connection that finds the file locked so many times."""

    def __init__(self, times, code=sqlite3.SQLITE_BUSY):
        self.times, self.code, self.asked = times, code, 0

    def execute(self, _statement):
        self.asked += 1
        if self.asked <= self.times:
            error = sqlite3.OperationalError("database is locked")
            error.sqlite_errorcode = self.code
            raise error
        return _Cursor()


def test_a_locked_file_is_waited_for():
    """SQLite's own waiting does not hold for this statement."""
    connection = _Locked(times=3)
    engines._use_write_ahead_log(connection)
    assert connection.asked == 4


def test_a_file_that_stays_locked_is_given_up(monkeypatch):
    """The caller says then that the database is busy."""
    monkeypatch.setattr(engines, "WAIT_SECONDS", 0.05)
    with pytest.raises(sqlite3.OperationalError):
        engines._use_write_ahead_log(_Locked(times=10**6))


def test_another_trouble_is_told_at_once():
    """Such as a disk that cannot be written."""
    connection = _Locked(times=1, code=sqlite3.SQLITE_IOERR)
    with pytest.raises(sqlite3.OperationalError):
        engines._use_write_ahead_log(connection)
    assert connection.asked == 1
