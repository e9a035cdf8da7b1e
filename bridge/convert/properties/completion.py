"""Subject and done: SUMMARY with its mark, X-CRM-DONE, STATUS, PERCENT-COMPLETE, COMPLETED.

Done can be told by several properties. Where they disagree, the one that changed against the
stored object is believed; when several changed, the title first.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from bridge.convert import title_mark
from bridge.convert.properties.mapper import Reading, Writing, edited, text_change
from bridge.convert.properties.texts import kept
from bridge.domain.activity import Activity
from bridge.errors import ConversionError
from bridge.ical.content_line import make_line
from bridge.ical.patch import PropertyChange
from bridge.ical.scanner import ContentComponent
from bridge.ical.times import read_moment, utc_line

DONE = "X-CRM-DONE"
_COMPLETE = "100"


class CompletionMapper:
    """`Activity.subject`, `done` and `done_at`."""

    def write(self, activity: Activity, writing: Writing) -> Sequence[PropertyChange]:
        """Write title and done as events or to-dos tell it."""
        if writing.component == "VTODO":
            completed = activity.done_at or writing.now
            status = todo_done(writing.base, done=activity.done, completed=completed)
            if activity.done_at is not None and activity.done:
                status = _with_time(status, writing, activity.done_at)
            return (*todo_title(writing.base, activity.subject, done=activity.done), *status)
        return event_done(writing.base, activity.subject, done=activity.done)

    def read(self, component: ContentComponent, activity: Activity, reading: Reading) -> Activity:
        """Read title and done; `done_at` stays unknown where only a mark was set."""
        _, subject = title_mark.split(component.text("SUMMARY"))
        done = _told(component, activity, reading.previous)
        done_at = None
        if done:
            done_at = _completed(component, reading) or (
                activity.done_at if activity.done else None
            )
        return edited(activity, subject=kept(activity.subject, subject), done=done, done_at=done_at)


def is_done(component: ContentComponent) -> bool:
    """Return what the component alone says.

    In an event the title decides: people type and remove the mark, and programs keep what they
    do not know. In a to-do, either the mark or the status.
    """
    marked, _ = title_mark.split(component.text("SUMMARY"))
    if component.name == "VEVENT":
        return marked
    signals = _signals(component)
    return marked or bool(_first(signals["STATUS"], signals["COMPLETED"], signals["PERCENT"]))


def event_done(
    base: ContentComponent | None, subject: str, *, done: bool
) -> tuple[PropertyChange, ...]:
    """Return the changes that make an event say subject and done."""
    shown = "" if base is None else base.text("SUMMARY")
    changes: tuple[PropertyChange, ...] = ()
    if base is None or title_mark.split(shown) != (done, subject):
        changes = text_change(base, "SUMMARY", title_mark.join(done=done, title=subject))
    if base is not None and is_done(base) == done and _signals(base)[DONE] in (done, None):
        return changes
    if done:
        return (*changes, PropertyChange(name=DONE, lines=(make_line(DONE, "TRUE"),)))
    return changes if base is None else (*changes, PropertyChange(name=DONE))


def todo_title(
    base: ContentComponent | None, subject: str, *, done: bool
) -> tuple[PropertyChange, ...]:
    """Return the change of a to-do's title; a mark somebody typed stays while it is true."""
    marked = base is not None and title_mark.split(base.text("SUMMARY"))[0]
    return text_change(base, "SUMMARY", title_mark.join(done=marked and done, title=subject))


def todo_done(
    base: ContentComponent | None, *, done: bool, completed: datetime | None
) -> tuple[PropertyChange, ...]:
    """Return the changes that make a to-do say done or open (RFC 5545 section 3.8.1.11)."""
    if base is not None and is_done(base) == done:
        return ()
    if done:
        when = () if completed is None else (utc_line("COMPLETED", completed),)
        return (
            PropertyChange(name="STATUS", lines=(make_line("STATUS", "COMPLETED"),)),
            PropertyChange(
                name="PERCENT-COMPLETE", lines=(make_line("PERCENT-COMPLETE", _COMPLETE),)
            ),
            PropertyChange(name="COMPLETED", lines=when),
            *([PropertyChange(name=DONE)] if base is not None else []),
        )
    open_ = (PropertyChange(name="STATUS", lines=(make_line("STATUS", "NEEDS-ACTION"),)),)
    if base is None:
        return open_
    return (*open_, *(PropertyChange(name=n) for n in ("PERCENT-COMPLETE", "COMPLETED", DONE)))


def _with_time(
    changes: tuple[PropertyChange, ...], writing: Writing, done_at: datetime
) -> tuple[PropertyChange, ...]:
    """Correct COMPLETED of a to-do that was done already."""
    line = None if writing.base is None else writing.base.first("COMPLETED")
    if changes or line is None or writing.calendar is None:
        return changes
    known = read_moment(line, writing.calendar, floating_zone="UTC").value
    if isinstance(known, datetime) and known == done_at.astimezone(UTC).replace(microsecond=0):
        return changes
    return (PropertyChange(name="COMPLETED", lines=(utc_line("COMPLETED", done_at),)),)


def _signals(component: ContentComponent) -> dict[str, bool | None]:
    """What each property says about done; None where it says nothing."""
    status = component.value("STATUS").upper()
    percent = component.value("PERCENT-COMPLETE")
    told = component.value(DONE).upper()
    statuses = {"COMPLETED": True, "NEEDS-ACTION": False, "IN-PROCESS": False}
    return {
        "SUMMARY": title_mark.split(component.text("SUMMARY"))[0],
        "STATUS": statuses.get(status) if component.name == "VTODO" else None,
        "COMPLETED": component.first("COMPLETED") is not None or None,
        "PERCENT": percent == _COMPLETE if percent else None,
        DONE: {"TRUE": True, "FALSE": False}.get(told),
    }


def _told(
    component: ContentComponent, activity: Activity, previous: ContentComponent | None
) -> bool:
    now = _signals(component)
    if previous is None:
        return any(now.values())
    before = _signals(previous)
    if now["SUMMARY"] != before["SUMMARY"]:
        return bool(now["SUMMARY"])
    changed = [now[name] for name in now if now[name] != before[name]]
    told = _first(*changed)
    if told is not None:
        return told
    # COMPLETED taken away, and nothing else said, reopens a to-do. A lost X-CRM-DONE is only a
    # program that does not keep what it does not know.
    return False if before["COMPLETED"] and now["COMPLETED"] is None else activity.done


def _first(*signals: bool | None) -> bool | None:
    return next((signal for signal in signals if signal is not None), None)


def _completed(component: ContentComponent, reading: Reading) -> datetime | None:
    line = component.first("COMPLETED")
    if line is None:
        return None
    try:
        moment = read_moment(line, reading.calendar, floating_zone=reading.floating_zone)
    except ConversionError:
        # A broken COMPLETED says that it is done, only not when.
        return None
    return None if moment.is_date else moment.instant
