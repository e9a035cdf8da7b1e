"""The plan: `plan(links, policy, lens, now) -> Plan`, pure (design decision 4 and section 6).

Per item: what is unknown is asked for and nothing else; what is parked waits; the scope decides how
it may be treated; the table of the policy's direction decides what to do; drafts say exactly how.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType

from bridge.domain.identifiers import Uid
from bridge.domain.view import MergeField
from bridge.errors import ConversionError
from bridge.ical.split_off import Predecessor
from bridge.sync.actions import (
    Action,
    Adopt,
    Ask,
    Create,
    Forget,
    Merge,
    Plan,
    PutBack,
    Record,
    Reduce,
    Skip,
    Update,
    left_alone,
)
from bridge.sync.blocks import with_block_as_base
from bridge.sync.chunks import ordered
from bridge.sync.drafts import ALL_FIELDS, carry, create, reduce_to_block
from bridge.sync.guests import (
    HELD_FIELDS,
    has_guests,
    hold_of_change,
    hold_of_delete,
    hold_of_withdrawal,
    kept,
    unheard,
)
from bridge.sync.hold import Held, HoldAnswer
from bridge.sync.kept_links import with_kept_link
from bridge.sync.match import Adoption, Pair, look_alikes, partners, same_uid
from bridge.sync.merge import Merged, giving_up, merge, mirror
from bridge.sync.model import PUT_BACK, Link, Presence, Side
from bridge.sync.modes import Decision, Verb, decide
from bridge.sync.obstacles import obstacle
from bridge.sync.parking import parked, parked_put_back
from bridge.sync.policy import Policy
from bridge.sync.ports import Lens
from bridge.sync.private_anew import is_due
from bridge.sync.removals import delete, withdraw
from bridge.sync.reshown import OPTIONS, reshown, with_reshown
from bridge.sync.scope import GUESTS, READ_ONLY, Treatment, Verdict, judge
from bridge.sync.sight import BEATS_DELETE, Change, Sight, look, unveiled, without_copy
from bridge.sync.terms import Terms
from bridge.sync.twins import IN_TWO_CALENDARS, MOVING, is_on_the_move

MOST_PUT_BACKS = 2
_OTHERS_BUSINESS = ALL_FIELDS - {MergeField.REPLY}
"""What the account may not say of an event that it may only read."""
KEPT = "kept"
"""Reason of a write that puts the calendar back, because a person chose `Keep`."""


def plan(  # noqa: PLR0913  # what a plan depends on, each by its name
    links: Iterable[Link],
    policy: Policy,
    lens: Lens,
    now: datetime,
    *,
    apart: Container[Pair] = frozenset(),
    elsewhere: Container[Uid] = frozenset(),
    going_on: Mapping[Uid, Predecessor] = MappingProxyType({}),
) -> Plan:
    """Return what a run would do.

    Args:
        links: Every link of the connection.
        policy: The present settings.
        lens: Made for the same settings.
        now: Aware; only compared with `retry_at` of parked items, and with when items came to a
            second calendar collection: one that may be on its way waits, as writes would be lost.
        apart: Pairs that a person wants to be two items, however equal they are.
        elsewhere: Items that another user of the company has (`bridge.sync.elsewhere`).
        going_on: What series that were split off at Google go on from (`bridge.sync.splits`).
    """
    planner = _Planner(
        policy=policy,
        lens=lens,
        fingerprint=policy.fingerprint,
        now=now,
        apart=apart,
        elsewhere=elsewhere,
        going_on=going_on,
    )
    held = list(links)
    moving = {link.uid for link in held if is_on_the_move(link.twins, now)}
    told = [
        Skip(uid=link.uid, reason=MOVING if link.uid in moving else IN_TWO_CALENDARS)
        for link in held
        if link.twins
    ]
    found = planner.actions([link for link in held if link.uid not in moving])
    # Before what they go on from is shortened: later nobody knows what Google had not heard.
    return Plan(actions=ordered((*told, *found), first=going_on))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Planner:
    policy: Policy
    lens: Lens
    fingerprint: str
    now: datetime
    apart: Container[Pair]
    elsewhere: Container[Uid]
    going_on: Mapping[Uid, Predecessor]

    def actions(self, links: list[Link]) -> list[Action]:
        """Return what is to be done about the links."""
        found: list[Action] = []
        adopted = self._wanted(same_uid(link for link in links if not self._is_parked(link)))
        taken = partners(adopted)
        sights: list[Sight] = []
        for link in links:
            if link.uid in taken or self._is_parked(link) or self._is_at_rest(link):
                continue
            if asks := _asks(link):
                found.extend(asks)
            else:
                self._look(link, sights, found)
        in_scope = (s for s in sights if self._judge(s).treatment is Treatment.SYNC)
        alike = self._wanted(look_alikes(in_scope))
        taken |= partners(alike)
        for sight in sights:
            if sight.link.uid not in taken:
                found.extend(self._act(sight))
        for adoption in (*adopted, *alike):
            found.extend(self._adopt(adoption))
        return found

    def _wanted(self, adoptions: list[Adoption]) -> list[Adoption]:
        return [adoption for adoption in adoptions if adoption.pair not in self.apart]

    def _look(self, link: Link, sights: list[Sight], found: list[Action]) -> None:
        try:
            sights.append(with_block_as_base(look(link, self.lens), self.lens))
        except ConversionError as error:
            found.append(parked(link, error, self.now))

    def _judge(self, sight: Sight) -> Verdict:
        return judge(sight, self.policy)

    def _is_parked(self, link: Link) -> bool:
        """Whether the item waits; reading it in newer ends that (`bridge.sync.ingest`)."""
        parked = link.parked
        if parked is None:
            return False
        if parked.reason == PUT_BACK and self.policy.source is not parked.side.other:
            # Another direction now: an edited copy counts. One that was deleted while deleting
            # it counted for nothing still takes nothing away.
            return link.side(parked.side).presence is Presence.REMOVED
        return parked.retry_at is None or self.now < parked.retry_at

    def _is_at_rest(self, link: Link) -> bool:
        """Whether nothing can have changed since the link was judged last: not even a look."""
        if link.judged != self.fingerprint or _asks(link):
            return False
        if link.held is not None and not link.held.rests:
            return False
        both = (link.calendar, link.google)
        agreed = all(side.presence is Presence.PRESENT and side.settled for side in both)
        return agreed or link.withheld != ""

    def _adopt(self, adoption: Adoption) -> list[Action]:
        joined = adoption.joined
        actions: list[Action] = [
            Adopt(uid=joined.uid, absorbed=adoption.google.uid, link=joined, rule=adoption.rule)
        ]
        sights: list[Sight] = []
        self._look(joined, sights, actions)
        return actions + [action for sight in sights for action in self._act(sight)]

    def _act(self, sight: Sight) -> list[Action]:
        try:
            return self._decide(sight)
        except ConversionError as error:
            return [parked(sight.link, error, self.now)]

    def _decide(self, sight: Sight) -> list[Action]:
        decision = decide(sight, self.policy)
        if decision.verb is Verb.FORGET:
            return [Forget(uid=sight.link.uid)]
        verdict = self._judge(sight)
        match verdict.treatment:
            case Treatment.STAY:
                return self._leave(sight, verdict.reason)
            case Treatment.WITHDRAW:
                return self._withdraw(sight, verdict)
            case Treatment.REDUCE:
                return self._reduce(sight, verdict)
            case Treatment.SYNC | Treatment.INCOMING:
                return self._follow(sight, verdict, decision)

    def _follow(self, sight: Sight, verdict: Verdict, decision: Decision) -> list[Action]:
        """Do what the table says, as far as the scope allows."""
        target = decision.target
        if decision.verb is Verb.NOTHING:
            return self._settle(sight, verdict)
        if target is None:
            return self._reconcile(sight, verdict)
        if reason := obstacle(sight, verdict, decision, self.elsewhere):
            return self._leave(sight, reason)
        if decision.verb is Verb.DELETE:
            return self._delete(sight, verdict, target)
        if decision.verb is Verb.PUT_BACK:
            return self._put_back(sight, verdict, target)
        return self._write(sight, verdict, target)

    def _settle(self, sight: Sight, verdict: Verdict) -> list[Action]:
        """Record that both sides agree in the versions they have; no parked work is left then."""
        due = is_due(sight, self.policy)
        if due or reshown(sight, guests_out=self.policy.guests_out):
            return self._reconcile(sight, verdict, reason=OPTIONS)
        link = sight.link
        settled = replace(
            link,
            calendar=link.calendar.agreed(),
            google=link.google.agreed(),
            agreed=sight.calendar.view or link.agreed,
            withheld=verdict.reason,
            judged=self.fingerprint,
            parked=None,
            held=None,
            private_changes=self.policy.private_changes,
        )
        return self._record(link, settled)

    def _leave(self, sight: Sight, reason: str, held: Held | None = None) -> list[Action]:
        """Leave both sides as they are, and say why; parked work is not wanted any more."""
        noted = replace(
            sight.link, withheld=reason, judged=self.fingerprint, parked=None, held=held
        )
        return [*self._record(sight.link, noted), left_alone(noted)]

    @staticmethod
    def _record(before: Link, after: Link) -> list[Action]:
        if after == before:
            return []
        return [Record(uid=after.uid, link=after, reason=after.withheld or "agreed")]

    def _withdraw(self, sight: Sight, verdict: Verdict) -> list[Action]:
        """Take our copy back; what a person changed there since is brought in first."""
        if not sight.google.present:
            return self._leave(without_copy(sight), verdict.reason)
        held = hold_of_withdrawal(sight, verdict.reason, self.now) if has_guests(sight) else None
        if held is not None and held.rests:
            return self._leave(sight, GUESTS, held)
        tell = held is not None and held.answer is HoldAnswer.TELL
        news = self._has_news(sight)  # what comes in may bring it back into scope
        last = withdraw(sight, verdict.reason, "" if news else self.fingerprint, tell_guests=tell)
        if not news:
            return [last]
        sight = unveiled(sight, self.lens)
        terms = replace(self._terms(sight, verdict), not_out=ALL_FIELDS, judged="", hidden=True)
        first = carry(sight, merge(sight), terms).updates
        return [Merge(uid=last.uid, writes=(*first, last))] if first else [last]

    def _has_news(self, sight: Sight) -> bool:
        changed = sight.google.change in (Change.CHANGED, Change.TOUCHED)
        readable = sight.google.view is not None and sight.calendar.view is not None
        writable = sight.calendar.present and self.policy.may_write(Side.CALENDAR)
        return changed and readable and writable

    def _reduce(self, sight: Sight, verdict: Verdict) -> list[Action]:
        if sight.calendar.view is None:
            return self._leave(sight, verdict.reason)
        terms = replace(self._terms(sight, verdict), reason=verdict.reason)
        block = reduce_to_block(sight, terms)
        if not block.updates:
            return self._record(sight.link, block.link)
        return [Reduce(uid=sight.link.uid, write=block.updates[0])]

    def _write(self, sight: Sight, verdict: Verdict, target: Side) -> list[Action]:
        if sight.side(target).present:
            return self._reconcile(sight, verdict)
        terms = self._terms(sight, verdict, reason=sight.side(target.other).change.value)
        return [create(sight, target, terms, self.going_on.get(sight.link.uid))]

    def _reconcile(self, sight: Sight, verdict: Verdict, *, reason: str = "") -> list[Action]:
        """Bring an item that is on both sides together, field by field."""
        source = self.policy.source
        if source is not None and sight.link.origin is source:
            merged = mirror(sight, source)
        else:
            merged = merge(sight, source=source)
        if verdict.reason == READ_ONLY:
            # Google would refuse it: said at once, and not over and over again.
            merged = giving_up(sight, merged, BEATS_DELETE)
        merged = with_kept_link(sight, merged, self.lens, self.policy)
        terms = self._terms(sight, verdict, reason=reason)
        merged = with_reshown(sight, merged, terms.not_out)
        merged, terms = self._with_guests(sight, merged, terms)
        carried = carry(sight, merged, terms)
        actions: list[Action] = []
        if terms.withheld:
            actions.append(left_alone(carried.link))
        match carried.updates:
            case ():
                return self._record(sight.link, carried.link) + actions
            case (only,):
                return [only, *actions]
            case several:
                return [Merge(uid=sight.link.uid, writes=several), *actions]

    def _with_guests(self, sight: Sight, merged: Merged, terms: Terms) -> tuple[Merged, Terms]:
        """Hold a new time, or do with it what a person said."""
        if terms.not_out >= _OTHERS_BUSINESS:
            return merged, terms
        terms = replace(terms, unheard=unheard(sight, merged))
        held = hold_of_change(sight, merged, self.now)
        if held is None:
            return merged, terms
        match held.answer:
            case None:
                return merged, replace(terms, withheld=GUESTS, held=held)
            case HoldAnswer.KEEP:
                # A person's word counts more than a direction.
                putting_back = replace(terms, not_in=terms.not_in - HELD_FIELDS, reason=KEPT)
                return kept(sight, merged), putting_back
            case answer:
                tell = answer is HoldAnswer.TELL
                not_out = terms.not_out - HELD_FIELDS
                return merged, replace(terms, not_out=not_out, tell_guests=tell)

    def _delete(self, sight: Sight, verdict: Verdict, target: Side) -> list[Action]:
        """Delete what the other side deleted; at Google, not before a person said how."""
        reason = Change.REMOVED.value
        if target is Side.CALENDAR or not has_guests(sight):
            return [delete(sight, target, reason)]
        held = hold_of_delete(sight, self.now)
        match held.answer:
            case None:
                return self._leave(sight, GUESTS, held)
            case HoldAnswer.KEEP:
                return [create(sight, Side.CALENDAR, self._terms(sight, verdict, reason=KEPT))]
            case answer:
                return [delete(sight, target, reason, tell_guests=answer is HoldAnswer.TELL)]

    def _put_back(self, sight: Sight, verdict: Verdict, target: Side) -> list[Action]:
        """Undo what happened to our copy, at most twice per version of the source."""
        link = sight.link
        if link.put_backs >= MOST_PUT_BACKS:
            return [Record(uid=link.uid, link=parked_put_back(link, target), reason=PUT_BACK)]
        return [
            PutBack(
                uid=link.uid,
                write=replace(
                    action,
                    reason=PUT_BACK,
                    after=replace(action.after, put_backs=link.put_backs + 1),
                ),
            )
            if isinstance(action, Create | Update)
            else action
            for action in self._write(sight, verdict, target)
        ]

    def _terms(self, sight: Sight, verdict: Verdict, *, reason: str = "") -> Terms:
        return Terms(
            lens=self.lens,
            judged=self.fingerprint,
            now=self.now,
            withheld=verdict.reason,
            not_out=self._not_out(sight, verdict),
            not_in=frozenset() if self.policy.may_write(Side.CALENDAR) else ALL_FIELDS,
            reason=reason or Change.CHANGED.value,
            private_changes=self.policy.private_changes,
            puts_private_anew=is_due(sight, self.policy),
        )

    def _not_out(self, sight: Sight, verdict: Verdict) -> frozenset[MergeField]:
        if not self.policy.may_write(Side.GOOGLE):
            return ALL_FIELDS
        if verdict.treatment is Treatment.INCOMING:
            return _OTHERS_BUSINESS if verdict.reason == READ_ONLY else ALL_FIELDS
        held = HELD_FIELDS if has_guests(sight) else frozenset()
        return held if self.policy.guests_out else held | {MergeField.ATTENDEES}


def _asks(link: Link) -> list[Action]:
    return [
        Ask(uid=link.uid, side=side, collection=state.collection, name=state.name)
        for side in Side
        if (state := link.side(side)).presence is Presence.UNKNOWN
    ]
