"""What the calendar sheet says of one event, taken from the event as the API shows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from bridge.rehearsal.google_error import Json

COLOURS = {
    "1": "Lavender",
    "2": "Sage",
    "3": "Grape",
    "4": "Flamingo",
    "5": "Banana",
    "6": "Tangerine",
    "7": "Peacock",
    "8": "Graphite",
    "9": "Blueberry",
    "10": "Basil",
    "11": "Tomato",
}
_REPLY_WORDS = {"declined": "declined", "tentative": "maybe", "needsAction": "not answered"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event, or an instance of a series, on the sheet.

    Attributes:
        event_id: Its id.
        title: What is shown, "(No title)" for none.
        clock_time: Start as HH:MM on the calendar's clock, "" when it lasts whole days.
        hours: Start and end as HH:MM, for one that begins and ends on one day; else `clock_time`.
        first_day: Day on which it starts, in the calendar's zone.
        last_day: Last day it touches, in the calendar's zone.
        place: Location or "".
        colour: Key of `COLOURS`, "0" for the calendar's own.
        repeats: Whether it belongs to a series.
        private: Whether others see it as busy only.
        tentative: Whether the event itself is not certain.
        cancelled: Whether it is deleted.
        reply: The viewer's own reply, "" for somebody who is no guest.
    """

    event_id: str
    title: str
    clock_time: str
    hours: str
    first_day: date
    last_day: date
    place: str = ""
    colour: str = "0"
    repeats: bool = False
    private: bool = False
    tentative: bool = False
    cancelled: bool = False
    reply: str = ""

    @property
    def is_bar(self) -> bool:
        """Whether it is drawn as a bar over its days instead of a line with a time."""
        return not self.clock_time or self.last_day > self.first_day

    @property
    def look(self) -> str:
        """CSS classes of how certain it is and in what colour."""
        looks = ["bar" if self.is_bar else "line", f"c{self.colour}"]
        if self.cancelled:
            looks.append("cancelled")
        elif self.reply == "declined":
            looks.append("declined")
        elif self.tentative or self.reply in _REPLY_WORDS:
            looks.append("tentative")
        return " ".join(looks)

    @property
    def label(self) -> str:
        """The event in words, for those who do not see the signs."""
        words = [f"{self.clock_time} {self.title}".strip()]
        signs = {
            "repeats": self.repeats,
            "private": self.private,
            "tentative": self.tentative,
            "deleted": self.cancelled,
        }
        words += [word for word, holds in signs.items() if holds]
        words += [_REPLY_WORDS[self.reply]] if self.reply in _REPLY_WORDS else []
        return ", ".join(words)

    def touches(self, day: date) -> bool:
        """Return whether it lies on a day."""
        return self.first_day <= day <= self.last_day


def entry_of(item: Json) -> Entry | None:
    """Return the entry of an event resource with times in the calendar's zone.

    A bare tombstone has no times, and so no place on the sheet.
    """
    if "start" not in item or "end" not in item:
        return None
    first, last, clock_time, hours = _days(item["start"], item["end"])
    own: Json = next((guest for guest in item.get("attendees", []) if guest.get("self")), {})
    return Entry(
        event_id=item["id"],
        title=item.get("summary") or "(No title)",
        clock_time=clock_time,
        hours=hours,
        first_day=first,
        last_day=last,
        place=item.get("location", ""),
        colour=item["colorId"] if item.get("colorId") in COLOURS else "0",
        repeats="recurringEventId" in item,
        private=item.get("visibility") in ("private", "confidential"),
        tentative=item["status"] == "tentative",
        cancelled=item["status"] == "cancelled",
        reply=own.get("responseStatus", ""),
    )


def _days(start: Json, end: Json) -> tuple[date, date, str, str]:
    if "date" in start:
        last = date.fromisoformat(end["date"]) - timedelta(days=1)
        return date.fromisoformat(start["date"]), last, "", ""
    begin, finish = (datetime.fromisoformat(each["dateTime"]) for each in (start, end))
    # An event that ends at midnight does not touch the day that begins then.
    last = max(begin, finish - timedelta(seconds=1)).date()
    clock_time = f"{begin:%H:%M}"
    on_one_day = last == begin.date() and finish > begin
    hours = f"{clock_time}\N{EN DASH}{finish:%H:%M}" if on_one_day else clock_time
    return begin.date(), last, clock_time, hours
