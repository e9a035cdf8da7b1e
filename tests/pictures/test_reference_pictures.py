"""Every page looks as it did: wide and narrow, light and dark, without overflow or tiny text.

The pictures are in `reference/`; `pictures_alike.py` states how much may differ. After a wanted
change of the looks take them anew, look at each that git shows as changed, and commit them:

    CRMDAV_UPDATE_PICTURES=1 pytest -m lane -n 0 tests/pictures

The README's pictures, in `.pictures/`, are some of them in all their colours, taken on the way.

They are drawn in DejaVu Sans alone (`fonts-dejavu-core` of Debian), whatever else is installed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image
from playwright.sync_api import Page

from page_measures import MEASURE, SMALLEST_TEXT, faults_of
from pictures_alike import difference

BASE_URL = "http://crm.example.com"
REFERENCE = Path(__file__).parent / "reference"
UPDATE = "CRMDAV_UPDATE_PICTURES"
WIDTHS = (1280, 360)
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
README = Path(__file__).parents[2] / "README.md"
SHOWN = README.parent / ".pictures"
IN_README = (
    "activities-month-1280-light",
    "sync-plan-1280-light",
    "history-change-1280-light",
    "activities-week-360-dark",
)
STEP = 8  # of 256 in each colour: what nobody sees makes a picture a third smaller
MOST_BYTES = 4_000_000
_MOST_TAKES = 6

Way = Callable[[Page], object]

pytestmark = [pytest.mark.lane, pytest.mark.timeout(300)]


def _press(*buttons: str) -> Way:
    """Return the way by buttons, one after the other, each on the page the last one led to."""

    def press(page: Page) -> None:
        for button in buttons:
            # The page it is on has long been loaded; what counts is the one it leads to.
            with page.expect_navigation():
                page.get_by_role("button", name=button, exact=True).click()

    return press


def _follow(*links: str) -> Way:
    """Return the way by links; of several with the same name it takes the last."""

    def follow(page: Page) -> None:
        for link in links:
            with page.expect_navigation():
                page.locator("main").get_by_role("link", name=link, exact=True).last.click()

    return follow


def _open_everything(page: Page) -> None:
    """Open what is folded away."""
    page.evaluate("() => document.querySelectorAll('details').forEach(each => each.open = true)")


def _leave_a_type_out(page: Page) -> None:
    page.get_by_role("group", name="Sync these activities").get_by_label("Call").uncheck()
    _press("Save")(page)


def _change(*more: str) -> Way:
    """Return the way to the newest change of one of Google's, and on by links."""

    def go(page: Page) -> None:
        page.get_by_role("link", name="Changed “Moved to the big room”").first.click()
        _follow(*more)(page)

    return go


def _undo(page: Page) -> None:
    _change()(page)
    _press("Undo this change")(page)


def _wrong_password(page: Page) -> None:
    page.get_by_label("Login", exact=True).fill("anna")
    page.get_by_label("Password", exact=True).fill("not it")
    _press("Sign in")(page)


def _add_a_rule(page: Page) -> None:
    page.get_by_label("Name", exact=True).fill("Customers are meetings")
    page.get_by_label("Title or description contains", exact=True).fill("workshop, review")
    page.get_by_label("Then", exact=True).select_option("Save it as this type")
    page.get_by_label("Type", exact=True).select_option("Meeting")
    _press("Add the rule", "Switch on", "Rehearse on the last 90 days")(page)


def _make(label: str, button: str) -> Way:
    """Return the way to a new secret of this label."""

    def make(page: Page) -> None:
        form = page.locator("form").filter(has=page.get_by_role("button", name=button, exact=True))
        form.get_by_label("Label", exact=True).fill(label)
        _press(button)(page)

    return make


def _save_too_late(page: Page) -> None:
    """Edit an activity in two windows."""
    other = page.context.new_page()
    other.goto(page.url)
    other.get_by_label("Location", exact=True).fill("At her office")
    _press("Save")(other)
    other.close()
    page.get_by_label("Location", exact=True).fill("In the café")
    page.get_by_label("Subject", exact=True).fill("Intro call with Mira and Jonas")
    _press("Save")(page)


def _take_copies_away(page: Page) -> None:
    _follow("Synced items")(page)
    page.get_by_label("Remove our copies from Google", exact=True).check()
    _press("Continue")(page)


def _old_events(company: Any, _page: Page) -> None:
    """Put what a rule would have met at Google."""
    for day, title in (("11", "Workshop with Halden"), ("18", "Design review"), ("25", "Gym")):
        times = {name: {"dateTime": f"2026-02-{day}T10:00:00Z"} for name in ("start", "end")}
        company.at_google("anna", "POST", summary=title, **times)


def _move_what_has_guests(company: Any, page: Page) -> None:
    """Give an event with guests another time in the CRM, and let the worker look."""
    times = {
        "start": {"dateTime": "2026-03-06T14:00:00Z"},
        "end": {"dateTime": "2026-03-06T15:00:00Z"},
    }
    guests = [{"email": "mira.lindqvist@halden-marine.example", "displayName": "Mira Lindqvist"}]
    company.at_google("anna", "POST", summary="Price talk", attendees=guests, **times)
    company.run("anna")
    page.goto(f"{BASE_URL}/activities?view=list")
    page.get_by_role("link", name="Meeting: Price talk").click()
    page.get_by_label("Time", exact=True).fill("17:00")
    _press("Save")(page)
    company.run("anna")


def _add_a_series(page: Page) -> None:
    """Add a series, and do, change and cancel one date each."""
    page.get_by_label("Subject", exact=True).fill("Walk with Eva")
    page.get_by_label("Time", exact=True).fill("10:00")
    page.get_by_label("Repeat", exact=True).select_option("Every week")
    page.get_by_label("After so many times", exact=True).check()
    page.get_by_label("Number of times", exact=True).fill("5")
    _press("Save")(page)
    _open_the_series(page)
    page.get_by_role("button", name=re.compile("^Done: Thursday, 5 March 2026")).click()
    page.get_by_role("button", name=re.compile("^Done: Thursday, 5 March 2026")).and_(
        page.locator("[aria-pressed=true]")
    ).wait_for()
    _follow("Thursday, 12 March 2026")(page)
    page.get_by_label("Location", exact=True).fill("In the park")
    _press("Save")(page)
    _follow("Thursday, 19 March 2026")(page)
    _open_everything(page)
    _press("Cancel this date")(page)


def _open_the_series(page: Page) -> None:
    with page.expect_navigation():
        page.get_by_role("link", name=re.compile("Walk with Eva")).first.click()


def _open_a_date(page: Page) -> None:
    """Open the date that was changed, with all that can be done to it."""
    _open_the_series(page)
    _follow("Thursday, 12 March 2026")(page)
    _open_everything(page)


def _open_a_cancelled_date(page: Page) -> None:
    _open_the_series(page)
    _follow("Thursday, 19 March 2026")(page)


SYNC = "/settings/calendar-sync"
RULES = f"{SYNC}/rules"
PROGRAMS = "/settings/calendar-programs"
HISTORY = "/settings/history"
CHANGES = f"{HISTORY}/changes?action=update"
PAGES: dict[str, tuple[str, str, Way | None]] = {
    "sign-in": ("", "/", None),
    "sign-in-refused": ("", "/", _wrong_password),
    "not-there": ("anna", "/settings/nothing", None),
    "activities-month": ("anna", "/activities", None),
    "activities-week": ("anna", "/activities?view=week", None),
    "activities-list": ("anna", "/activities?view=list", None),
    "activity-new": ("anna", "/activities/new?on=2026-03-05", None),
    "activity": ("anna", "/activities/1", _open_everything),
    "consent-denied": ("cleo", "/oauth/google/callback?error=access_denied", None),
    "sync-no-account": ("cleo", SYNC, None),
    "sync-address": ("cleo", SYNC, _press("Add new account")),
    "sync": ("anna", SYNC, _open_everything),
    "sync-needs-attention": ("ben", SYNC, None),
    "sync-plan": ("anna", SYNC, _leave_a_type_out),
    "calendar-programs": ("anna", PROGRAMS, None),
    "calendar-programs-steps": ("ben", PROGRAMS, _open_everything),
    "history": ("anna", HISTORY, None),
    "history-empty": ("cleo", HISTORY, None),
    "history-run": ("anna", HISTORY, _follow("Show")),
    "history-changes": ("anna", f"{HISTORY}/changes", None),
    "history-change": ("anna", CHANGES, _change()),
    "history-undo": ("anna", CHANGES, _undo),
    "history-item": ("anna", CHANGES, _change("Why it is where it is")),
    "account": ("cleo", "/settings/account", None),
    "admin-users": ("anna", "/admin/users", None),
    "admin-users-open": ("anna", "/admin/users", _open_everything),
    "admin-removal": ("anna", "/admin/users/3/remove", None),
    "admin-types": ("anna", "/admin/types", None),
    "admin-type": ("anna", "/admin/types/new", None),
    "admin-sharing": ("anna", "/admin/sharing", None),
    "admin-connections": ("anna", "/admin/connections", _press("Check now")),
    # From here on there are secrets, another activity, and news at Google.
    "calendar-programs-password": ("cleo", PROGRAMS, _make("Cleo's phone", "Make a password")),
    "calendar-programs-link": ("cleo", PROGRAMS, _make("Screen in the hall", "Make a link")),
    "activity-conflict": ("anna", "/activities/1", _save_too_late),
    "sync-rules": ("anna", RULES, _add_a_rule),
    "sync-held": ("anna", SYNC, None),
    "sync-first-load": ("cleo", SYNC, None),
    # From here on the sync is ended.
    "sync-stopped": ("anna", SYNC, _press("Stop syncing")),
    "sync-previous": ("anna", SYNC, None),
    "farewell-plan": ("anna", SYNC, _take_copies_away),
    # From here on Ben has a series.
    "series": ("ben", "/activities/new?view=list&on=2026-03-05", _add_a_series),
    "series-date": ("ben", "/activities?view=list&on=2026-03-05", _open_a_date),
    "series-date-cancelled": ("ben", "/activities?view=list&on=2026-03-05", _open_a_cancelled_date),
}
PREPARED: dict[str, Callable[[Any, Page], None]] = {
    "sync-rules": _old_events,
    "sync-held": _move_what_has_guests,
    "sync-first-load": lambda company, _page: company.begin("cleo", activities=70, most=45),
}


@pytest.fixture
def go(page, company):
    """Return the function that signs somebody in and goes where the picture is taken."""

    def go_there(name: str) -> Page:
        login, path, way = PAGES[name]
        if login:
            page.goto(BASE_URL)
            page.get_by_label("Login", exact=True).fill(login)
            page.get_by_label("Password", exact=True).fill(company.passwords[login])
            _press("Sign in")(page)
            page.get_by_role("button", name="Sign out", exact=True).wait_for()
        if name in PREPARED:
            PREPARED[name](company, page)
        page.goto(BASE_URL + path)
        if way is not None:
            way(page)
        return page

    return go_there


def _take(page: Page, name: str, folder: Path) -> dict[str, Path]:
    """Take a page's pictures, by their names, and see that it fits each time."""
    taken = {}
    page.wait_for_load_state("load")
    for scheme, width in product(SCHEMES, WIDTHS):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        page.set_viewport_size({"width": width, "height": 640})
        found = page.evaluate(MEASURE)
        assert found["overflow"] <= 0, (page.url, width)
        assert found["smallest"] >= SMALLEST_TEXT, (page.url, width)
        assert found["faint"] == [], (page.url, scheme)
        if width == WIDTHS[0]:
            assert faults_of(page) == [], (page.url, scheme)
        path = folder / f"{name}-{width}-{scheme}.png"
        path.write_bytes(_settled(page))
        taken[path.stem] = path
    return taken


def _settled(page: Page) -> bytes:
    """Return a picture that was the same twice: on a busy machine a part may not be painted yet."""
    before = b""
    for _ in range(_MOST_TAKES):
        now = page.screenshot(full_page=True, animations="disabled")
        if now == before:
            break
        before = now
    return before


def _keep(taken: Path, kept: Path) -> None:
    """Make a picture a reference, in fewer colours."""
    coarse = [min(255, round(value / STEP) * STEP) for value in range(256)]
    with Image.open(taken) as picture:
        picture.convert("RGB").point(coarse * 3).save(kept, lossless=True, method=4)


def _show(taken: Path) -> None:
    """Make a picture the README's, if it shows it."""
    if taken.stem in IN_README:
        SHOWN.mkdir(exist_ok=True)
        with Image.open(taken) as picture:
            picture.convert("RGB").save(SHOWN / f"{taken.stem}.webp", quality=80, method=6)


@pytest.mark.parametrize("name", PAGES)
def test_a_page_looks_as_it_did(name, go, tmp_path):
    """At both widths and in both themes."""
    taken = _take(go(name), name, tmp_path)
    if os.environ.get(UPDATE):
        for stem, path in taken.items():
            kept = REFERENCE / f"{stem}.webp"
            if not kept.exists() or difference(kept, path):
                _keep(path, kept)
                _show(path)
    found = {stem: difference(REFERENCE / f"{stem}.webp", path) for stem, path in taken.items()}
    assert {stem: words for stem, words in found.items() if words} == {}, f"see {tmp_path}"


CHANGED = {
    "a button moved": "document.querySelector('main button').style.marginLeft = '24px'",
    "a section is missing": "document.querySelector('main section').remove()",
    "the main button has another colour": (
        "document.querySelector('main .primary').style.background = '#17713d'"
    ),
    "a label is another one": "document.querySelector('main label').textContent = 'Calendar'",
    "a badge has another colour": "document.querySelector('.badge').className = 'badge paused'",
    "everything is in bold": "document.body.style.fontWeight = 700",
}


@pytest.mark.parametrize("change", CHANGED)
def test_a_real_change_is_seen(change, go, tmp_path):
    """The tolerance hides nothing that a person would notice."""
    page = go("sync-needs-attention" if "badge" in change else "admin-sharing")
    before, after = tmp_path / "before.png", tmp_path / "after.png"
    page.set_viewport_size({"width": 360, "height": 640})
    page.screenshot(path=before, full_page=True)
    page.evaluate(f"() => {{ {CHANGED[change]} }}")
    page.screenshot(path=after, full_page=True)
    assert difference(before, before) == ""
    assert difference(before, after) != ""


def test_every_picture_belongs_to_a_page_and_all_are_small():
    """Nothing is left of pages that are gone, and a clone stays quick."""
    kept = list(REFERENCE.iterdir())
    names = {f"{each}-{width}-{scheme}" for each, width, scheme in product(PAGES, WIDTHS, SCHEMES)}
    assert {path.stem for path in kept} == names
    assert sum(path.stat().st_size for path in kept) < MOST_BYTES


def test_the_readme_shows_what_is_there():
    """No broken picture, and none that nobody sees."""
    text = README.read_text(encoding="utf-8")
    assert {path.stem for path in SHOWN.iterdir()} == set(IN_README)
    assert [stem for stem in IN_README if f".pictures/{stem}.webp" not in text] == []
