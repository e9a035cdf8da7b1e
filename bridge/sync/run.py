"""One run: read both sides, plan, check the brakes, carry out.

The whole engine runs in one thread; clock, ids, sides and store are ports. The caller holds the
connection's lease. What a run wrote comes back as an echo in the next one and writes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Collection as Container
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from bridge.domain.connection import Farewell
from bridge.domain.identifiers import Uid
from bridge.errors import (
    BridgeError,
    LeaseLost,
    MassDeletionRefused,
    NotConnected,
    SideError,
    StoreError,
)
from bridge.sync import safety
from bridge.sync.actions import Adopt, Hold, Plan, Skip, left_alone
from bridge.sync.chunks import MOST_REQUESTS_TO_GOOGLE
from bridge.sync.elsewhere import Elsewhere, elsewhere_of, nowhere
from bridge.sync.execute import Executor
from bridge.sync.farewell import farewell as plan_farewell
from bridge.sync.match import Pair
from bridge.sync.model import Changes, Link
from bridge.sync.plan import plan
from bridge.sync.policy import Policy
from bridge.sync.ports import Clock, Collection, Ids, Lens, SyncStore
from bridge.sync.proof import Proof, compare, list_everything
from bridge.sync.reading import Known, ask_unknown, has_questions, read
from bridge.sync.report import RunReport, is_unknown, why_left_alone, withheld_of
from bridge.sync.session import Session
from bridge.sync.undo import plan_undo
from bridge.sync.undo_steps import Request, Undoing, regained

logger = logging.getLogger(__name__)

_STOPS = (SideError, NotConnected, LeaseLost, StoreError, MassDeletionRefused)


def run(  # noqa: PLR0913  # the ports of one run, each by its name
    *,
    calendars: Sequence[Collection],
    google: Collection,
    store: SyncStore,
    lens: Lens,
    policy: Policy,
    clock: Clock,
    ids: Ids,
    confirmed: bool | Container[Uid] = False,
    undo: Request | None = None,
    compared: bool = False,
    farewell: Farewell | None = None,
    apart: Container[Pair] = frozenset(),
    elsewhere: Elsewhere = nowhere,
    most_to_google: int = MOST_REQUESTS_TO_GOOGLE,
) -> RunReport:
    """Run the sync of one connection once.

    Args:
        calendars: All collections of the calendar side.
        google: The Google calendar.
        store: The connection's durable state; its lease is held by the caller.
        lens: Made for the connection's settings.
        policy: Of the same settings.
        clock: Tells the time.
        ids: Makes ids.
        confirmed: True when a person confirmed the plan, or the UIDs of the items they confirmed;
            the brakes do not count those.
        undo: What to take back, instead of all other work; only the items concerned are synced.
        compared: Compare both sides in full with what is known of them (`bridge.sync.proof`).
        farewell: What is taken away because the sync has ended, of `confirmed` only, instead of
            all other work.
        apart: Pairs that a person wants to be two items.
        elsewhere: Asks which items another user of the company has.
        most_to_google: How many requests to Google its writes may take; what is left over is
            counted in the report and waits for the next run, which is due at once.

    Returns:
        What was done. Errors that end a run are told in `stopped_by`, not raised: everything done
        before is stored, everything else is done by a later run.
    """
    session = Session(
        run_id=ids.run_id(),
        calendars=calendars,
        google=google,
        store=store,
        lens=lens,
        clock=clock,
        ids=ids,
        most_to_google=most_to_google,
    )
    started = clock.now()
    logger.info("sync run started", extra={"run_id": session.run_id})
    executor = Executor(session, {})
    stopped_by: BridgeError | None = None
    proof: Proof | None = None
    try:
        known, proof = _read(session, executor, compared=compared)
        allowed, concerned = _confirmed(confirmed, known.links), list(known.links.values())
        if undo is not None:
            allowed = _take_back(undo, executor, session, policy)
            concerned = [link for uid, link in executor.links.items() if uid in allowed]
        planned = plan(
            concerned,
            policy,
            lens,
            started,
            moving=known.moving,
            apart=apart,
            elsewhere=elsewhere_of(concerned, policy.fingerprint, elsewhere),
        )
        if farewell is not None:
            leaving = [link for link in concerned if link.uid in allowed]
            planned = plan_farewell(leaving, farewell, lens=lens, uid_for=ids.uid)
        earlier = store.losses(started - safety.LOOKED_BACK)
        safety.check(planned, executor.links.values(), confirmed=allowed, earlier=earlier)
        executor.carry_out(planned, confirmed=allowed)
    except _STOPS as error:
        stopped_by = error
    report = replace(_report(executor, session, started, stopped_by), proof=proof)
    logger.info("sync run finished", extra=_log_fields(report))
    return report


def dry_run(  # noqa: PLR0913  # the ports of one run, each by its name
    *,
    calendars: Sequence[Collection],
    google: Collection,
    store: SyncStore,
    lens: Lens,
    policy: Policy,
    clock: Clock,
    ids: Ids,
    apart: Container[Pair] = frozenset(),
    elsewhere: Elsewhere = nowhere,
) -> Plan:
    """Return what a run would do now; both sides are read, nothing is written or stored.

    Unlike the plan of a run it tells of every item that is left alone, each time.

    Raises:
        SideError: A side could not be read.
        NotConnected: There is no usable grant.
    """
    session = Session(
        run_id=ids.run_id(),
        calendars=calendars,
        google=google,
        store=store,
        lens=lens,
        clock=clock,
        ids=ids,
    )
    known = ask_unknown(session, read(session))
    links = known.links.values()
    others = elsewhere_of(links, policy.fingerprint, elsewhere)
    planned = plan(
        links,
        policy,
        lens,
        clock.now(),
        moving=known.moving,
        apart=apart,
        elsewhere=others,
    )
    return Plan(actions=(*planned.actions, *_left_alone(links, planned)))


def dry_undo(  # noqa: PLR0913  # the ports of one run, each by its name
    *,
    calendars: Sequence[Collection],
    google: Collection,
    store: SyncStore,
    lens: Lens,
    policy: Policy,
    clock: Clock,
    ids: Ids,
    undo: Request,
) -> Undoing:
    """Return what taking something back would do now; nothing is written or stored.

    Raises:
        SideError: A side could not be read.
        NotConnected: There is no usable grant.
    """
    session = Session(
        run_id=ids.run_id(),
        calendars=calendars,
        google=google,
        store=store,
        lens=lens,
        clock=clock,
        ids=ids,
    )
    known = ask_unknown(session, read(session))
    return plan_undo(undo, known.links, policy=policy, lens=lens)


def _take_back(
    undo: Request, executor: Executor, session: Session, policy: Policy
) -> frozenset[Uid]:
    """Carry out what takes something back; return the items concerned, which a person confirmed."""
    undoing = plan_undo(undo, executor.links, policy=policy, lens=session.lens)
    executor.carry_out(undoing.plan, confirmed=undoing.uids)
    if made_good := regained(undo, undoing, executor.entries):
        session.store.commit(Changes(journal=made_good))
    return undoing.uids


def _read(session: Session, executor: Executor, *, compared: bool) -> tuple[Known, Proof | None]:
    """Read both sides, and store what they told, until nothing is unknown."""
    whole = list_everything(session) if compared else ()
    known = _stored(session, executor, read(session))
    if has_questions(known):
        known = _stored(session, executor, ask_unknown(session, known))
    if not compared:
        return known, None
    mended, proof = compare(session, known, whole)
    return _stored(session, executor, mended), proof


def _stored(session: Session, executor: Executor, known: Known) -> Known:
    if known.changes.links or known.changes.tokens:
        session.store.commit(known.changes)
    executor.links.update(known.links)
    return known


def _left_alone(links: Iterable[Link], planned: Plan) -> Iterator[Skip | Hold]:
    """Iterate over what a run does not even look at, because it was withheld or refused before."""
    told = {action.uid for action in planned.actions}
    told |= {action.absorbed for action in planned.actions if isinstance(action, Adopt)}
    for link in links:
        reason = why_left_alone(link) if link.uid not in told else ""
        if reason:
            waits = link.parked is None
            yield left_alone(link) if waits else Skip(uid=link.uid, reason=reason)


def _confirmed(confirmed: bool | Container[Uid], links: Mapping[Uid, Link]) -> Container[Uid]:
    if isinstance(confirmed, bool):
        return links.keys() if confirmed else ()
    return confirmed


def _report(
    executor: Executor, session: Session, started: datetime, stopped_by: BridgeError | None
) -> RunReport:
    links = executor.links.values()
    return RunReport(
        run_id=session.run_id,
        started_at=started,
        ended_at=session.clock.now(),
        links=len(links),
        parked=sum(link.parked is not None for link in links),
        unknown=sum(is_unknown(link) for link in links),
        withheld=withheld_of(links),
        put_off=executor.put_off,
        stopped_by=stopped_by,
        entries=tuple(executor.entries),
    )


def _log_fields(report: RunReport) -> dict[str, object]:
    stopped = report.stopped_by
    return {
        "run_id": report.run_id,
        "links": report.links,
        "done": report.done,
        "parked": report.parked,
        "put_off": report.put_off,
        "stopped_by": type(stopped).__name__ if stopped is not None else "",
    }
