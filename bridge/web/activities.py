"""The Activities page: the signed-in user's own activities as month, week or list.

Nobody else's activity is ever asked for. Addresses carry the view and a day, so that a sheet can be
kept as a bookmark; an odd one shows today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, render_template, request, url_for

from bridge.application.agenda import MOST_ASIDE, SeenAgenda
from bridge.domain.activity_sync import ActivitySync, Standings
from bridge.domain.agenda import AgendaEntry
from bridge.domain.message import Message
from bridge.domain.users import User
from bridge.web import security
from bridge.web.activity_sheet import Day, Period, Placed, View, days_of, page_of, period_of
from bridge.web.activity_words import (
    NO_SUBJECT,
    TypeLook,
    TypeLooks,
    begins_at,
    contact_words,
    long_day,
    short_day,
    sync_words,
    time_words,
)
from bridge.web.languages import told, written
from bridge.web.type_colours import stylesheet_version, type_stylesheet

pages = Blueprint("activities", __name__, url_prefix="/activities")

_LONGEST_SHOWN = {View.MONTH: 80, View.WEEK: 160, View.LIST: 160}
_MOST_PAGES = 1000
VIEW_NAMES = {
    View.MONTH: Message("Month"),
    View.WEEK: Message("Week"),
    View.LIST: Message("List"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Which sheet is looked at.

    Attributes:
        day: A day on it.
        open_only: Done activities are left out.
        page: Of a list, from 0.
    """

    view: View
    day: date
    open_only: bool = False
    page: int = 0

    def address(self, **other: object) -> str:
        """Return the address of this sheet, or of one that differs in some of these."""
        told: dict[str, Any] = {
            "view": self.view.value,
            "on": self.day.isoformat(),
            "show": "open" if self.open_only else None,
            **other,
        }
        return url_for("activities.show", **told)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """An entry as the page shows it on one of its days; texts are "" where there is nothing.

    Attributes:
        day: Its first day.
        at: When it begins or is due, on the first of its days.
        when: Its time in words.
    """

    entry: AgendaEntry
    look: TypeLook
    subject: str
    day: str
    at: str
    when: str
    contact: str
    sync: ActivitySync | None
    sync_words: str
    begins: bool = True
    ends: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """What was found for the page, before it is put into words."""

    seen: SeenAgenda
    days: tuple[Day, ...]
    more: bool
    today: date


@pages.get("")
def show() -> str:
    """Show the sheet of a day."""
    user = security.required().user
    agendas = security.services().agendas
    zone = ZoneInfo(user.timezone)
    today = agendas.now().astimezone(zone).date()
    place = place_of(request.args, today)
    period = period_of(place.view, place.day)
    lists = place.view is View.LIST
    first_page = lists and place.page == 0
    seen = agendas.of(user, period.first, period.after, with_overdue=first_page)
    entries = [one for one in seen.agenda.entries if not (place.open_only and one.done)]
    days = days_of(period, entries, view=place.view, today=today, zone=zone)
    more = False
    if lists:
        days, more = page_of(days, place.page)
    return _page(user, place, period, Sheet(seen=seen, days=days, more=more, today=today))


@pages.get("/colours.css")
def colours() -> Response:
    """Return the colours of the company's types; the address changes with them."""
    types = security.services().agendas.types(security.required().user)
    answer = Response(type_stylesheet(types), mimetype="text/css")
    answer.headers["Cache-Control"] = "private, max-age=86400"
    return answer


def place_of(told: Mapping[str, str], today: date) -> Place:
    """Return the sheet that an address or a form names; today's month where it makes no sense."""
    view = told.get("view", "")
    try:
        day = date.fromisoformat(told.get("on", ""))
    except ValueError:
        day = today
    page = told.get("page", "")
    plain = page.isascii() and page.isdigit() and len(page) <= len(str(_MOST_PAGES))
    return Place(
        view=View(view) if view in set(View) else View.MONTH,
        day=day,
        open_only=told.get("show") == "open",
        page=min(int(page), _MOST_PAGES) if plain else 0,
    )


def _page(user: User, place: Place, period: Period, sheet: Sheet) -> str:
    seen, looks = sheet.seen, TypeLooks(sheet.seen.types)
    overdue = _not_listed(seen)
    aside = (*overdue, *seen.undated)
    shown = [one.entry for day in sheet.days for one in day.placed]
    states = security.services().agendas.sync_of(
        user, {entry.activity_id for entry in (*shown, *aside)}
    )
    telling = _Telling(user=user, place=place, looks=looks, states=states)
    return render_template(
        "activities.html",
        place=place,
        views=tuple(View),
        period=period,
        days=[(day, telling.all(day.placed)) for day in sheet.days],
        overdue=telling.all([Placed(entry=one) for one in overdue]),
        undated=telling.all([Placed(entry=one) for one in seen.undated]),
        most_aside=MOST_ASIDE,
        unfollowed=seen.agenda.unfollowed,
        more=sheet.more,
        today=sheet.today,
        types=[(kind, looks.of(kind.key)) for kind in seen.types if kind.active],
        syncing=states.connected,
        colours=stylesheet_version(seen.types),
        long_day=long_day,
        written=written,
        view_names=VIEW_NAMES,
        zone_name=user.timezone,
    )


def _not_listed(seen: SeenAgenda) -> list[AgendaEntry]:
    """Return what is overdue and lies on none of the days that are listed."""
    listed = {entry.activity_id for entry in seen.agenda.entries}
    return [entry for entry in seen.overdue if entry.activity_id not in listed]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Telling:
    """Puts entries into words for one page."""

    user: User
    place: Place
    looks: TypeLooks
    states: Standings

    def all(self, placed: Sequence[Placed]) -> list[Shown]:
        return [self._one(each) for each in placed]

    def _one(self, placed: Placed) -> Shown:
        entry, zone = placed.entry, ZoneInfo(self.user.timezone)
        sync = self.states.of(entry.activity_id) if self.states.connected else None
        longest = _LONGEST_SHOWN[self.place.view]
        subject = entry.subject.strip() or told(NO_SUBJECT)
        days = entry.days(zone)
        return Shown(
            entry=entry,
            day="" if days is None else short_day(days[0]),
            look=self.looks.of(entry.type_key),
            subject=subject if len(subject) <= longest else subject[: longest - 1] + "…",
            at=begins_at(entry, zone) if placed.begins else "",
            when=time_words(entry, zone),
            contact=contact_words(entry),
            sync=sync,
            sync_words="" if sync is None else sync_words(sync),
            begins=placed.begins,
            ends=placed.ends,
        )
