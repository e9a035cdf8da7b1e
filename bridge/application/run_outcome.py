"""What a run leaves behind: its outcome and counts for the history, and the connection as it is.

Pure; `bridge.application.sync_connection` stores it.
"""

from __future__ import annotations

from dataclasses import asdict, replace

from bridge.application.attention import attention_for
from bridge.application.run_guard import was_interrupted
from bridge.domain.connection import Connection, ConnectionState
from bridge.errors import BridgeError, MassDeletionRefused
from bridge.store.history import DONE, INTERRUPTED
from bridge.sync.report import RunReport

FAILED = "failed"
"""Outcome of a run that an error ended."""


def counts_of(report: RunReport) -> dict[str, int]:
    """Return how many writes ended how, by `<side>.<action>.<state>`, and what is left over."""
    counts = {
        f"{tally.side.value}.{tally.action}.{tally.state.value}": tally.count
        for tally in report.tallies
    }
    left = {"links": report.links, "parked": report.parked, "unknown": report.unknown}
    put_off = {"put_off": report.put_off} if report.put_off else {}
    return {**counts, **left, **put_off, **(asdict(report.proof) if report.proof else {})}


def connection_after(present: Connection, begun: Connection, report: RunReport) -> Connection:
    """Return what a run makes of the connection; itself when nothing."""
    attention = attention_for(report.stopped_by)
    if present.state.may_sync:
        needs = ConnectionState.NEEDS_ATTENTION
        return present.moved_to(needs, attention=attention) if attention else present
    if present.farewell is None or present.farewell is not begun.farewell:
        return present
    done = report.stopped_by is None and not report.put_off
    over = replace(present, farewell=None, attention=attention)
    return over if done or attention else present


def ends_confirmation(error: BridgeError | None) -> bool:
    """Whether a confirmed plan was carried out, or turned out to be another one than confirmed.

    A run that was cut off has to be finished by a later one, which still has the person's word.
    """
    return error is None or isinstance(error, MassDeletionRefused)


def outcome_of(error: BridgeError | None) -> str:
    """Return the word for how a run ended."""
    if error is None:
        return DONE
    return INTERRUPTED if was_interrupted(error) else FAILED
