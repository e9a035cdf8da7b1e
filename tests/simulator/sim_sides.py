"""The memory sides of the simulator: collections that are read page by page.

Between two pages people go on, as they do between a sync report and the reading of what it names,
and between the pages of Google's listings: the token covers what was there when the listing began,
the items are as they are when their page is made (Google: Synchronize resources efficiently).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from bridge.convert.google_event import READ_ONLY
from bridge.domain.identifiers import ETag, SyncToken
from bridge.domain.view import View
from bridge.errors import BridgeError, SideUnavailable
from bridge.google_calendar.failures import of_listing, translated
from bridge.ical.calendar_object import CalendarObject
from bridge.ical.ordinals import starts
from bridge.sync.instances import pattern_of, plain_instance
from bridge.sync.memory import MemoryCollection, Moment, Steps, _Event
from bridge.sync.model import Delta, Item, Part, Side
from bridge.sync.ports import Collection, Lens
from bridge.sync.requests import Answer, Request
from sim_strand import Broken

ITEMS_PER_PAGE = 3
_READ_ONLY = ("X-READ-ONLY:TRUE", f"{READ_ONLY}:TRUE")
LISTING = frozenset({"changes", "page", "probe"})


class Watch(Protocol):
    """Is told of every write that reaches a side, by whomever."""

    def departs(self) -> None:
        """Be asked whether a worker may make a request now.

        Raises:
            LeaseLost: Another runner took over.
        """
        ...

    def sends(self, operation: str, side: Side, name: str, uid: str = "") -> None:
        """Be told what is about to be sent, whatever becomes of it."""
        ...

    def vanished(self) -> None:
        """Be told of a listing that cannot tell of all that is gone."""
        ...

    def judge_bytes(self, text: str, about: str) -> None:
        """Be told of the text of a request to Google."""
        ...

    def wrote(
        self, side: Side, name: str, before: CalendarObject | None, after: CalendarObject | None
    ) -> None:
        """Be told what a copy was before and is now."""
        ...


class PagedCollection(MemoryCollection):
    """A calendar in memory whose listings take several requests.

    Attributes:
        watch: Told of every write of the engine.
        unlisted: What the next full listing lacks, though it is there.
    """

    def __init__(self, side: Side, id: str, *, steps: Steps, watch: Watch) -> None:  # noqa: A002  # the port's word
        super().__init__(side, id, steps=steps)
        self.watch = watch
        self.unlisted: frozenset[str] = frozenset()

    def changes(self, token: SyncToken | None) -> Delta:
        """List what changed since the token; with None everything."""
        self.watch.departs()
        self._steps.reach(self.id, "changes", Moment.BEFORE)
        start = self._start(token)
        end = max(start, len(self._history) - self.lag)
        told = {event.name: event for event in self._history[start:end]}
        if token is None:
            # Also what the engine asks for while an item is in two collections.
            self.watch.vanished()
            told = {name: event for name, event in told.items() if name not in self.unlisted}
            self.unlisted = frozenset()
        items, removed = self._pages(told, late=self._history[end:])
        self._steps.reach(self.id, "changes", Moment.AFTER)
        full = token is None
        new = SyncToken(f"{self._epoch}/{end}")
        return Delta(
            items=items,
            removed=() if full else removed,
            token=new,
            full=full,
            tombstones={} if full else self._deletions_told(removed, told, self._history[end:]),
        )

    def _pages(
        self, told: Mapping[str, _Event], *, late: Sequence[_Event]
    ) -> tuple[tuple[Item, ...], tuple[str, ...]]:
        items: list[Item] = []
        removed: list[str] = []
        hidden = {event.name for event in late}
        for number, (name, event) in enumerate(told.items()):
            first = number == 0 and self.side is Side.GOOGLE
            if number % ITEMS_PER_PAGE == 0 and not first:
                self.watch.departs()
                self._steps.reach(self.id, "page", Moment.BEFORE)
            # A late replica shows what was there before.
            shown = event if name in hidden else self._live.get(name)
            if shown is not None and shown.item is not None:
                items.append(self._item(shown))
            elif self.side is Side.GOOGLE or event.item is None:
                removed.append(name)
            else:
                # What vanished since the report is left out; the next report tells of it.
                self.watch.vanished()
        return tuple(items), tuple(removed)

    def _deletions_told(
        self, removed: Sequence[str], told: Mapping[str, _Event], late: Sequence[_Event]
    ) -> Mapping[str, ETag]:
        """Return the version of each deletion: the latest, or what a late replica shows."""
        hidden = {event.name for event in late}
        last = {event.name: event for event in self._history if event.name in removed}
        return self._deletions(told[n] if n in hidden else last[n] for n in removed)

    def tombstones(self, names: Sequence[str]) -> Mapping[str, ETag]:
        """Return the versions of deletions."""
        self.watch.departs()
        return super().tombstones(names)

    def get(self, names: Sequence[str]) -> Mapping[str, Item | None]:
        """Ask for these items one by one."""
        self.watch.departs()
        return super().get(names)

    def write(self, requests: Sequence[Request]) -> Sequence[Answer]:
        """Carry the requests out."""
        self.watch.departs()
        return super().write(requests)

    def insert(self, name: str, item: CalendarObject) -> Item:
        """Create the item."""
        self._send("insert", name, item)
        if name not in {self.name_for(item.uid, generation=n) for n in range(9)}:
            raise Broken(f"an insert under an id that is not ours: {name}")
        return super().insert(name, item)

    def update(
        self,
        name: str,
        item: CalendarObject,
        *,
        base: CalendarObject | None,
        if_match: ETag,
        parts: Sequence[Part] = (),
        tell_guests: bool = False,
    ) -> Item:
        """Write the item over the version `if_match`."""
        self._send("update", name, item)
        _demand_precondition(name, if_match)
        return super().update(
            name, item, base=base, if_match=if_match, parts=parts, tell_guests=tell_guests
        )

    def delete(self, name: str, *, if_match: ETag, tell_guests: bool = False) -> None:
        """Delete that version of the item."""
        self._send("delete", name, self.objects().get(name))
        _demand_precondition(name, if_match)
        super().delete(name, if_match=if_match, tell_guests=tell_guests)

    def _send(self, operation: str, name: str, item: CalendarObject | None) -> None:
        if self.side is Side.CALENDAR:
            # Each is a request of its own; at Google they are parts of one.
            self.watch.departs()
        self.watch.sends(operation, self.side, name, item.uid if item is not None else "")
        if self.side is Side.GOOGLE and item is not None and operation != "delete":
            self.watch.judge_bytes(item.text, name)

    def put(self, name: str, item: CalendarObject) -> ETag:
        """Store an item under a name."""
        before = self._live[name].item if name in self._live else None
        etag = super().put(name, item)
        self.watch.wrote(self.side, name, before, item)
        return etag

    def remove(self, name: str) -> None:
        """Delete an item."""
        before = self._live[name].item
        super().remove(name)
        self.watch.wrote(self.side, name, before, None)


def _demand_precondition(name: str, if_match: ETag) -> None:
    if not if_match:
        raise Broken(f"a write without a precondition: {name}")


class GoogleEnd(Protocol):
    """Google, as its user and the accidents reach it, and as the engine does."""

    def collection(self, worker: str) -> Collection:
        """Return the calendar as one worker reaches it."""
        ...

    def objects(self) -> Mapping[str, CalendarObject]:
        """Return what is there now, by name."""
        ...

    def add(self, name: str, view: View, *, like: str = "") -> None:
        """Make an event; one made `like` another one has all it had that is not in the view."""
        ...

    def edit(self, name: str, view: View) -> None:
        """Change an event so that it shows this view."""
        ...

    def invite(self, name: str, view: View) -> None:
        """Let somebody else make an event, to which the account is invited."""
        ...

    def reschedule(self, name: str, view: View) -> None:
        """Let whoever invited to an event change it so that it shows this view."""
        ...

    def call_off(self, name: str) -> None:
        """Let whoever invited to an event delete it."""
        ...

    def split(self, name: str, key: str, title: str) -> None:
        """Give a date of a series and all that follow to a new one with this title."""
        ...

    def remove(self, name: str) -> None:
        """Delete an event."""
        ...

    def expire_tokens(self) -> None:
        """Serve no token given out so far any more."""
        ...

    def answer(self, status: int, reason: str, operation: str) -> BaseException | None:
        """Let the request about to be sent fail like this."""
        ...

    def cut(self, kind: str) -> BaseException | None:
        """Let no whole answer come: `network`, `html` or `cut_json`."""
        ...

    def stale(self) -> None:
        """Let the listing about to be read be late."""
        ...

    def thin(self, names: frozenset[str]) -> None:
        """Serve no old token, and let the full listing that follows lack these events."""
        ...

    def end(self) -> None:
        """Let nothing be in the way any more."""
        ...

    def check(self) -> None:
        """Check what only this Google can tell of the requests so far."""
        ...


class MemoryGoogle:
    """Google as a memory collection."""

    def __init__(
        self, lens: Lens, *, steps: Steps, watch: Watch, plain: Callable[..., CalendarObject]
    ) -> None:
        self._paged = PagedCollection(Side.GOOGLE, "google", steps=steps, watch=watch)
        self._lens = lens
        self._plain = plain

    def collection(self, worker: str) -> Collection:
        """Return the one collection."""
        return self._paged

    def objects(self) -> Mapping[str, CalendarObject]:
        """Return what is there now."""
        return self._paged.objects()

    def add(self, name: str, view: View, *, like: str = "") -> None:
        """Make an event."""
        self._paged.put(name, self._plain(f"{name}@google.com", view))

    def edit(self, name: str, view: View) -> None:
        """Change an event."""
        self._paged.put(name, self._lens.put_google(view, self._paged.objects()[name]))

    def invite(self, name: str, view: View) -> None:
        """Make an event the account may only read."""
        self._paged.put(name, self._plain(f"{name}@google.com", view, *_READ_ONLY))

    def reschedule(self, name: str, view: View) -> None:
        """Change it."""
        self.edit(name, view)

    def call_off(self, name: str) -> None:
        """Delete it."""
        self.remove(name)

    def split(self, name: str, key: str, title: str) -> None:
        """Split a series whose rule counts its dates; what was said of later ones goes."""
        view = self._lens.google_view(self._paged.objects()[name])
        assert view is not None
        dates = list(starts(pattern_of(view.schedule)))
        kept, (rule,) = dates.index(key), view.schedule.recurrence
        old, new = (
            replace(view.schedule, recurrence=(rule.replace(f"={len(dates)}", f"={count}"),))
            for count in (kept, len(dates) - kept)
        )
        new = replace(new, span=plain_instance(view, key).schedule.span)
        told = tuple(each for each in view.instances if each.key < key)
        self.edit(name, replace(view, schedule=old, instances=told))
        later = f"{name}_R{key.removesuffix('Z')}"
        self.add(later, replace(view, title=title, schedule=new, instances=()))

    def remove(self, name: str) -> None:
        """Delete an event."""
        self._paged.remove(name)

    def expire_tokens(self) -> None:
        """Serve no old token."""
        self._paged.expire_tokens()

    def answer(self, status: int, reason: str, operation: str) -> BaseException:
        """Return what the client makes of such an answer."""
        body = f'{{"error": {{"errors": [{{"reason": "{reason}"}}], "message": ""}}}}'
        error: BridgeError = translated(status, body.encode())
        return of_listing(error) if operation in LISTING else error

    def cut(self, kind: str) -> BaseException:
        """Return what the client makes of no whole answer."""
        return SideUnavailable("no whole answer", side="google", reason=kind)

    def stale(self) -> None:
        """Hide the latest change from listings, until the end of the lateness."""
        self._paged.lag = 1

    def thin(self, names: frozenset[str]) -> None:
        """Let the next full listing lack these events."""
        self._paged.expire_tokens()
        self._paged.unlisted = names

    def end(self) -> None:
        """Be on time and whole again."""
        self._paged.lag = 0
        self._paged.unlisted = frozenset()

    def check(self) -> None:
        """Know nothing more."""
