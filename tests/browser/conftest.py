"""A real browser on a running demo: what a person sees, clicks and is told."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from itertools import product
from pathlib import Path
from typing import Any, Literal
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import urlopen

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, Request, Response

from bridge.application.connections import list_connections
from bridge.application.google_account import stored_access
from bridge.bootstrap.core import Core
from bridge.cli.demo_data import CONFIG_FILE
from bridge.config import load_settings
from page_measures import MEASURE, SMALLEST_TEXT

REPOSITORY = Path(__file__).parents[2]
START_SECONDS = 90
PATIENCE = 20.0

_WIDTHS = (360, 1100)
_SCHEMES: tuple[Literal["light", "dark"], ...] = ("dark", "light")
_HEAVIEST_PAGE = 150_000
_WEIGHT = """() => ['navigation', 'resource'].flatMap(kind => performance.getEntriesByType(kind))
  .reduce((sum, entry) => sum + entry.encodedBodySize, 0)"""


class Demo:
    """A running demo, and the back door to its Google."""

    def __init__(self, folder: Path) -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("CRMDAV_")}
        demo = ["demo", "--json", "--port", "0", "--google-port", "0", "--data", str(folder)]
        self._config = folder / CONFIG_FILE
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bridge", *demo],
            env={**kept, "PYTHONPATH": str(REPOSITORY), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            start_new_session=True,
            bufsize=0,  # what is buffered here, `select` does not see
        )
        try:
            told: dict[str, Any] = json.loads(self._line())
            assert self._line().strip() == "ready"
        except BaseException:
            self.stop()
            raise
        self.url: str = told["web_url"]
        self.google: dict[str, Any] = told["google"]
        self.passwords = {user["login"]: user["password"] for user in told["users"]}

    def _line(self) -> str:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], START_SECONDS)
        line = self.process.stdout.readline().decode() if ready else ""
        assert line, "the demo ended, or was not ready in time"
        return line

    def stop(self) -> None:
        """Press Ctrl-C."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def calendars(self, login: str) -> dict[str, str]:
        """Return name by id of the Google calendars of this person's account."""
        listed = self._api(login, "GET", "users/me/calendarList")
        return {item["id"]: item["summary"] for item in listed["items"]}

    def events(self, login: str, calendar: str) -> dict[str, str]:
        """Return title by id of the living events of a Google calendar."""
        listed = self._api(login, "GET", f"calendars/{quote(calendar, safe='')}/events")
        return {item["id"]: item.get("summary", "") for item in listed["items"]}

    def delete_event(self, login: str, calendar: str, event: str) -> None:
        """Delete an event at Google, as its owner."""
        self._api(login, "DELETE", f"calendars/{quote(calendar, safe='')}/events/{event}")

    def retitle_event(self, login: str, calendar: str, event: str, title: str) -> None:
        """Give an event another title at Google, as its owner."""
        path = f"calendars/{quote(calendar, safe='')}/events/{event}"
        self._api(login, "PATCH", path, {"summary": title})

    def take_permission_back(self, address: str) -> None:
        """End what somebody allowed, as on the pages of that Google account."""
        core = Core(settings=load_settings(self._config, environ={}))
        try:
            (connection,) = [
                each
                for each in list_connections(core.database)
                if each.account_email == address and each.settings is not None
            ]
            access = stored_access(
                core.database, connection, google=core.google, cipher=core.keys.tokens
            )
        finally:
            core.database.dispose()
        body = urlencode({"token": access.refresh_token}).encode()
        with urlopen(self.google["revocation_url"], data=body, timeout=20) as answer:
            assert answer.status == 200

    @contextmanager
    def listings_failing(self) -> Iterator[None]:
        """Let nobody list events meanwhile, so that what happens inside is seen at once."""
        fault = {"method": "GET", "path_contains": "/events", "fault": "status:503", "times": 1000}
        self._control("POST", fault)
        try:
            yield
        finally:
            self._control("DELETE", None)

    def _control(self, method: str, fault: dict[str, Any] | None) -> None:
        connection = HTTPConnection(urlsplit(self.google["root"]).netloc, timeout=20)
        try:
            connection.request(
                method,
                "/_rehearsal/faults",
                body=json.dumps(fault) if fault else None,
                headers={"Content-Type": "application/json"},
            )
            with connection.getresponse() as answer:
                answer.read()
                assert answer.status < 300
        finally:
            connection.close()

    def _api(self, login: str, method: str, path: str, body: dict[str, str] | None = None) -> Any:
        (account,) = [
            each for each in self.google["accounts"] if each["email"].startswith(f"{login}@")
        ]
        root = urlsplit(self.google["api_url"])
        connection = HTTPConnection(root.netloc, timeout=20)
        try:
            connection.request(
                method,
                f"/calendar/v3/{path}",
                body=json.dumps(body) if body else None,
                headers={
                    "Authorization": f"Bearer {account['access_token']}",
                    "Content-Type": "application/json",
                },
            )
            answer = connection.getresponse()
            told = answer.read()
            assert answer.status < 300, told
            return json.loads(told) if told else None
        finally:
            connection.close()


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
                assert _faults(self.page) == [], (self.page.url, scheme)
        assert self.page.evaluate(_WEIGHT) < _HEAVIEST_PAGE, self.page.url
        self.page.set_viewport_size(size)


def _faults(page: Page) -> list[str]:
    """Return what axe-core finds wrong with the page for people who use it otherwise."""
    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {[node['html'] for node in one['nodes']]}" for one in found]


def eventually(look: Callable[[], Any], *, seconds: float = PATIENCE) -> Any:
    """Return the first true answer, or the last one when the time is over."""
    deadline = time.monotonic() + seconds
    while not (found := look()) and time.monotonic() < deadline:
        time.sleep(0.1)
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
    opened = chromium.new_context(viewport={"width": 1100, "height": 800}, locale="en-GB")
    opened.set_default_timeout(PATIENCE * 1000)
    yield opened
    opened.close()


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
