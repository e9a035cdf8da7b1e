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
from bridge.sync.actions import Action, Adopt, Hold, Plan, Skip, left_alone
from bridge.sync.elsewhere import elsewhere_of
from bridge.sync.execute import Executor
from bridge.sync.farewell import farewell as plan_farewell
from bridge.sync.model import Changes, Link
from bridge.sync.plan import plan
from bridge.sync.proof import Proof, compare, list_everything
from bridge.sync.reading import Known, ask_unknown, has_questions, read
from bridge.sync.report import RunReport, is_unknown, why_left_alone, withheld_of
from bridge.sync.session import NO_WISHES, Session, Wishes
from bridge.sync.splits import predecessors
from bridge.sync.twins import IN_TWO_CALENDARS
from bridge.sync.undo import plan_undo
from bridge.sync.undo_steps import Request, Undoing, regained

logger = logging.getLogger(__name__)

_STOPS = (SideError, NotConnected, LeaseLost, StoreError, MassDeletionRefused)


def run(session: Session, wishes: Wishes = NO_WISHES) -> RunReport:
    """Run the sync of one connection once.

    Returns:
        What was done. Errors that end a run are told in `stopped_by`, not raised: everything done
        before is stored, everything else is done by a later run.
    """
    started = session.clock.now()
    logger.info("sync run started", extra={"run_id": session.run_id})
    executor = Executor(session, {})
    stopped_by: BridgeError | None = None
    proof: Proof | None = None
    try:
        known, proof = _read(session, executor, compared=wishes.compared)
        _work(session, wishes, executor, known, started)
    except _STOPS as error:
        stopped_by = error
    report = replace(_report(executor, session, started, stopped_by), proof=proof)
    logger.info("sync run finished", extra=_log_fields(report))
    return report


def dry_run(session: Session, wishes: Wishes = NO_WISHES) -> Plan:
    """Return what a run would do now; both sides are read, nothing is written or stored.

    Unlike the plan of a run it tells of every item that is left alone, each time.

    Raises:
        SideError: A side could not be read.
        NotConnected: There is no usable grant.
    """
    known = ask_unknown(session, read(session))
    links = list(known.links.values())
    planned = _plan(session, wishes, links, known, session.clock.now())
    return Plan(actions=(*planned.actions, *_left_alone(links, planned)))


def dry_undo(session: Session, undo: Request) -> Undoing:
    """Return what taking something back would do now; nothing is written or stored.

    Raises:
        SideError: A side could not be read.
        NotConnected: There is no usable grant.
    """
    known = ask_unknown(session, read(session))
    return _undoing(session, undo, known.links)


def _work(
    session: Session, wishes: Wishes, executor: Executor, known: Known, started: datetime
) -> None:
    """Plan from what is known, check the brakes, and carry the plan out."""
    allowed, concerned = _confirmed(wishes.confirmed, known.links), list(known.links.values())
    if wishes.undo is not None:
        allowed = _take_back(wishes.undo, executor, session)
        if session.alone:
            # What was restored is a person's edit, which the next run carries to Google.
            return
        concerned = [link for uid, link in executor.links.items() if uid in allowed]
    if wishes.farewell is not None:
        leaving = [link for link in concerned if link.uid in allowed]
        planned = plan_farewell(
            leaving, wishes.farewell, lens=session.lens, uid_for=session.ids.uid
        )
    else:
        planned = _plan(session, wishes, concerned, known, started)
    earlier = session.store.losses(started - safety.LOOKED_BACK)
    safety.check(planned, executor.links.values(), confirmed=allowed, earlier=earlier)
    executor.carry_out(planned, confirmed=allowed)


def _plan(
    session: Session, wishes: Wishes, links: Sequence[Link], known: Known, now: datetime
) -> Plan:
    policy = session.policy
    return plan(
        links,
        policy,
        session.lens,
        now,
        apart=wishes.apart,
        elsewhere=elsewhere_of(links, policy.fingerprint, wishes.elsewhere),
        going_on=predecessors(
            links,
            policy.fingerprint,
            lens=session.lens,
            split_off=session.google.split_off,
            replaced=session.store.replaced,
        ),
    )


def _take_back(undo: Request, executor: Executor, session: Session) -> frozenset[Uid]:
    """Carry out what takes something back; return the items concerned, which a person confirmed."""
    undoing = _undoing(session, undo, executor.links)
    executor.carry_out(undoing.plan, confirmed=undoing.uids)
    if made_good := regained(undo, undoing, executor.entries):
        session.store.commit(Changes(journal=made_good))
    return undoing.uids


def _undoing(session: Session, undo: Request, links: Mapping[Uid, Link]) -> Undoing:
    return plan_undo(undo, links, policy=session.policy, lens=session.lens, alone=session.alone)


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
    told = {action.uid for action in planned.actions if not _is_about_twins(action)}
    told |= {action.absorbed for action in planned.actions if isinstance(action, Adopt)}
    for link in links:
        reason = why_left_alone(link) if link.uid not in told else ""
        if reason:
            waits = link.parked is None
            yield left_alone(link) if waits else Skip(uid=link.uid, reason=reason)


def _is_about_twins(action: Action) -> bool:
    """Whether it says nothing of how the linked item itself is treated."""
    return isinstance(action, Skip) and action.reason == IN_TWO_CALENDARS


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
