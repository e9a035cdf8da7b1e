"""A real browser on a running demo: what a person sees, clicks and is told."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import product
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, Response

from lane_demo import Demo
from page_measures import MEASURE, SMALLEST_TEXT, faults_of

PATIENCE = 30.0
DAY = "2032-05-03"
INCOMING = "Remove activities that came from Google from the CRM"
COPIES = "Remove our copies from Google"
HOUR = {"start": {"dateTime": f"{DAY}T10:00:00Z"}, "end": {"dateTime": f"{DAY}T11:00:00Z"}}

_WIDTHS = (360, 1100)
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("dark", "light")
_HEAVIEST_PAGE = 150_000
_WEIGHT = """() => ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))
  .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""


class Watch:
    """Everything a browser complains about; a test that expects a refusal says so."""

    def __init__(self, context: BrowserContext) -> None:
        self._refused: list[str] = []
        self._complaints: list[str] = []
        context.on("console", lambda message: self._said(message.type, message.text))
        context.on("weberror", lambda error: self._complaints.append(str(error.error)))
        context.on("requestfailed", self._failed)
        context.on("response", self._answered)

    def _said(self, kind: str, text: str) -> None:
        # A refused page is told by `_answered`, with its address.
        if kind in {"error", "warning"} and "the server responded with a status of" not in text:
            self._complaints.append(text)

    def _failed(self, request: Request) -> None:
        # Who leaves a page before its icon has come gives the icon up; nothing failed.
        if request.failure != "net::ERR_ABORTED":
            self._complaints.append(f"{request.failure} {request.url}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self._refused.append(f"{response.status} {urlsplit(response.url).path}")

    @contextmanager
    def refusal(self, expected: str) -> Iterator[None]:
        """Expect exactly one answer like "400 /path" meanwhile."""
        assert self._refused == []
        yield
        assert self._refused == [expected]
        self._refused.clear()

    def assert_quiet(self) -> None:
        """See that there was no error, no CSP violation, no failed request, no refused one."""
        assert self._complaints == []
        assert self._refused == []


class Person:
    """Somebody with a browser; uses only what is visible or has an accessible name."""

    def __init__(self, page: Page, demo: Demo) -> None:
        self.page = page
        self.demo = demo

    def sign_in(self, login: str) -> None:
        """Open the address that was given and sign in."""
        self.page.goto(f"{self.demo.url}/")
        self.page.get_by_label("Login", exact=True).fill(login)
        self.page.get_by_label("Password", exact=True).fill(self.demo.passwords[login])
        self.press("Sign in")
        self.page.get_by_role("heading", name="Calendar sync", exact=True).wait_for()

    def press(self, button: str) -> None:
        """Press the only button of that name."""
        self.page.get_by_role("button", name=button, exact=True).click()

    def sees(self, text: str) -> None:
        """Wait until an element says exactly this."""
        self.page.get_by_text(text, exact=True).first.wait_for()

    def go_to_google(self, address: str) -> None:
        """Ask for a new account, up to Google's consent page."""
        self.press("Add new account")
        self.page.get_by_label("Google e-mail address", exact=True).fill(address)
        self.press("Continue")
        self.page.wait_for_url(f"{self.demo.google['root']}/**")

    def reload_until(self, text: str) -> None:
        """Load the page again until an element says exactly this."""

        def there() -> bool:
            self.page.goto(f"{self.demo.url}/settings/calendar-sync")
            return self.page.get_by_text(text, exact=True).count() > 0

        assert eventually(there), f"the page never said {text}"

    def sync_now(self) -> None:
        """Press `Sync now` and load the page again until a later run has succeeded."""
        success = self.page.locator("dt", has_text="Last success").locator("xpath=../dd")
        before = success.inner_text() if success.count() else ""
        self.press("Sync now")
        self.sees("A sync was asked for; it takes a few seconds.")

        def later() -> bool:
            self.page.goto(f"{self.demo.url}/settings/calendar-sync")
            return success.count() > 0 and success.inner_text() != before

        assert eventually(later), "no later run succeeded"

    def measure(self) -> None:
        """See that the page fits a phone and a desk, light and dark: WCAG 2.1, 1.4.3 and 1.4.10."""
        size = self.page.viewport_size
        assert size is not None
        # Without its stylesheets, which may still be on their way, a page is another one.
        self.page.wait_for_load_state("load")
        for width, scheme in product(_WIDTHS, _SCHEMES):
            self.page.set_viewport_size({"width": width, "height": size["height"]})
            self.page.emulate_media(color_scheme=scheme)
            found = self.page.evaluate(MEASURE)
            assert found["overflow"] <= 0, (self.page.url, width)
            assert found["smallest"] >= SMALLEST_TEXT
            assert found["faint"] == [], scheme
            assert found["unlabelled"] == []
            assert found["headings"] == 1
            if width == _WIDTHS[-1]:
                assert faults_of(self.page) == [], (self.page.url, scheme)
        assert self.page.evaluate(_WEIGHT) < _HEAVIEST_PAGE, self.page.url
        self.page.set_viewport_size(size)


def eventually(look: Callable[[], Any], *, seconds: float = PATIENCE) -> Any:
    """Return the first true answer, or the last one when the time is over."""
    deadline = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.25)
    return found


@pytest.fixture(name="eventually")
def _eventually() -> Callable[..., Any]:
    """Wait for what others do."""
    return eventually


@pytest.fixture(scope="package")
def demo(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all browser tests; each leaves it as it found it."""
    running = Demo(tmp_path_factory.mktemp("demo") / "data")
    yield running
    running.stop()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A new session without cookies."""
    opened = _window(chromium)
    yield opened
    opened.close()


def _window(chromium: Browser) -> BrowserContext:
    opened = chromium.new_context(viewport={"width": 1100, "height": 800}, locale="en-GB")
    opened.set_default_timeout(PATIENCE * 1000)
    return opened


@pytest.fixture
def watch(context: BrowserContext) -> Iterator[Watch]:
    """What the browser complains about; nothing, at the end of every test."""
    watching = Watch(context)
    yield watching
    watching.assert_quiet()


@pytest.fixture
def person(context: BrowserContext, demo: Demo, watch: Watch) -> Person:
    """Somebody with a new browser window."""
    return Person(context.new_page(), demo)


class Synced(Person):
    """Ben, whose sync with a calendar of its own runs while the tests of a module look at it.

    Attributes:
        calendar: Id of that calendar.
        day: Where events are brought in; nobody else has anything there.
        hour: When they are, in Google's words.
    """

    calendar = ""
    day = DAY
    hour = HOUR

    def start(self) -> None:
        """Connect a new calendar, and wait until it is full."""
        before = set(self.demo.calendars("ben"))
        self.sign_in("ben")
        self.go_to_google("ben@example.com")
        self.press("Allow")
        calendars = self.page.get_by_label("Google calendar", exact=True)
        calendars.select_option("Create a new calendar")
        self.press("Start syncing")
        self.press("Confirm")
        self.sees("Active")
        (self.calendar,) = set(self.demo.calendars("ben")) - before
        self.sync_now()

    def change(self, enter: Callable[[Page], object], **reaches: str) -> None:
        """Enter other options, look at the plan, say how far they reach, and confirm.

        Args:
            enter: What is entered into the form.
            reaches: Words by the name of the option, where not the usual one is wanted.
        """
        self.show_plan(enter)
        if reaches:
            for option, words in reaches.items():
                self.page.locator(f"#reach_{option}").select_option(words)
            self.press("Show the plan again")
        self.press("Confirm")
        self.sees("Saved. The sync goes on by itself from here.")

    def open(self) -> Page:
        """Load the page, as often as a test likes."""
        self.demo.renew_quotas()
        self.page.goto(f"{self.demo.url}/settings/calendar-sync")
        return self.page

    def sync_now(self) -> None:
        """Load the page, press `Sync now` and wait until a later run has succeeded."""
        self.open()
        super().sync_now()

    def show_plan(self, enter: Callable[[Page], object]) -> None:
        """Enter other options and look at the plan."""
        self.open()
        self.page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        enter(self.page)
        self.press("Save")
        self.page.get_by_role("heading", name="This is what will happen").wait_for()

    def row(self, title: str, day: str = DAY) -> Locator:
        """Return the activity of this title in the list that begins with a day."""
        self.page.goto(f"{self.demo.url}/activities?view=list&on={day}")
        return self.page.get_by_role("listitem").filter(has_text=title)

    def told(self, title: str, day: str = DAY) -> str:
        """Return what the list says of the only activity of this title, "" when it is not there."""
        row = self.row(title, day)
        return " ".join(row.inner_text().split()) if row.count() == 1 else ""

    def bring_in(self, title: str, **more: Any) -> str:
        """Add an event at Google, wait until the CRM has it, and return its id."""
        event = self.demo.add_event("ben", self.calendar, summary=title, **HOUR, **more)
        assert eventually(lambda: self.told(title)), f"{title} did not arrive"
        return event

    def end(self) -> None:
        """Leave Google and the CRM without what this sync brought about."""
        self.stop()
        self.answer(INCOMING)
        self.answer(COPIES)
        self.disconnect()

    def stop(self) -> None:
        """Press `Stop syncing`, and come to the question what is to happen."""
        self.open()
        self.press("Stop syncing")

    def answer(self, wish: str) -> None:
        """Have something taken away, and come back to the question once it is."""
        self.page.get_by_label(wish, exact=True).check()
        self.press("Continue")
        self.press("Confirm")
        self.sees("What you confirmed is being removed. It takes a while if there is much.")
        self.ask_again()

    def ask_again(self) -> None:
        """Come back to the question, as soon as nothing is being removed."""
        asks = self.page.get_by_role("link", name="Synced items", exact=True)
        assert eventually(lambda: bool(self.open()) and asks.count() == 1), "it never ended"
        asks.click()

    def disconnect(self) -> None:
        """Forget the account, and the calendar that was made for it."""
        self.press("Disconnect account")
        self.page.get_by_role("button", name="Add new account", exact=True).wait_for()
        self.demo.remove_calendar("ben", self.calendar)


@pytest.fixture(scope="module")
def ben(chromium: Browser, demo: Demo) -> Iterator[Synced]:
    """Ben with a window that stays open for the tests of a module."""
    opened = _window(chromium)
    watching = Watch(opened)
    yield Synced(opened.new_page(), demo)
    watching.assert_quiet()
    opened.close()


@pytest.fixture(scope="module")
def synced(ben: Synced) -> Iterator[Synced]:
    """Ben's running sync; what the tests brought in is gone in the end."""
    ben.start()
    yield ben
    ben.end()


@pytest.fixture
def arrive(synced: Synced) -> Callable[..., str]:
    """Return the function that adds an event at Google and waits until the CRM has it."""
    return synced.bring_in
