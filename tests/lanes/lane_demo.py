"""A running demo as a process of its own, and the back doors to its Google and its CRM."""

from __future__ import annotations

import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import urlopen

import caldav

from bridge.application.connections import list_connections
from bridge.application.google_account import stored_access
from bridge.bootstrap.core import Core
from bridge.cli.demo_data import CONFIG_FILE
from bridge.config import load_settings

REPOSITORY = Path(__file__).parents[2]
START_SECONDS = 90


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
        self._caldav_url: str = told["caldav_url"]
        self._app_passwords = {user["login"]: user["app_password"] for user in told["users"]}

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
        return {item["id"]: item.get("summary", "") for item in self._listed(login, calendar)}

    def event(self, login: str, calendar: str, event: str) -> dict[str, Any]:
        """Return an event as Google tells it."""
        found: dict[str, Any] = self._api(login, "GET", f"{_events(calendar)}/{event}")
        return found

    def titled(self, login: str, calendar: str, title: str) -> dict[str, Any]:
        """Return the one living event of this title, {} when there is none."""
        found = [one for one in self._listed(login, calendar) if one.get("summary") == title]
        return found[0] if len(found) == 1 else {}

    def _listed(self, login: str, calendar: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._api(login, "GET", _events(calendar))["items"]
        return found

    def add_event(self, login: str, calendar: str, **body: Any) -> str:
        """Add an event at Google, as its owner, and return its id."""
        made: dict[str, Any] = self._api(login, "POST", _events(calendar), body)
        return str(made["id"])

    def place_event(self, login: str, calendar: str, **body: Any) -> None:
        """Let Google itself put an event into a calendar, one no program could make."""
        asked = {"email": self._account(login)["email"], "calendar_id": calendar, "event": body}
        self._control("POST", "events", asked)

    def change_event(self, login: str, calendar: str, event: str, **body: Any) -> None:
        """Change an event at Google, as its owner."""
        self._api(login, "PATCH", f"{_events(calendar)}/{event}", body)

    def remove_calendar(self, login: str, calendar: str) -> None:
        """Delete a calendar at Google with all that is in it, as its owner."""
        self._api(login, "DELETE", f"calendars/{quote(calendar, safe='')}")

    def mails(self) -> list[dict[str, Any]]:
        """Return what Google has mailed to guests."""
        found: list[dict[str, Any]] = self._control("GET", "mail")
        return found

    def renew_quotas(self) -> None:
        """Give every account all the requests of its minute again: a person is not so quick."""
        self._control("DELETE", "quotas")

    @contextmanager
    def caldav(self, login: str) -> Iterator[caldav.Calendar]:
        """Open somebody's calendar of activities as a calendar program does."""
        client = caldav.DAVClient(
            url=self._caldav_url, username=login, password=self._app_passwords[login]
        )
        with client:
            calendars = client.principal().calendars()
            (found,) = [each for each in calendars if str(each.url).endswith("/activities/")]
            yield found

    def delete_event(self, login: str, calendar: str, event: str) -> None:
        """Delete an event at Google, as its owner."""
        self._api(login, "DELETE", f"{_events(calendar)}/{event}")

    def retitle_event(self, login: str, calendar: str, event: str, title: str) -> None:
        """Give an event another title at Google, as its owner."""
        self.change_event(login, calendar, event, summary=title)

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
        self._control("POST", "faults", fault)
        try:
            yield
        finally:
            self._control("DELETE", "faults")

    def _control(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        connection = HTTPConnection(urlsplit(self.google["root"]).netloc, timeout=20)
        try:
            connection.request(
                method,
                f"/_rehearsal/{path}",
                body=json.dumps(body) if body else None,
                headers={"Content-Type": "application/json"},
            )
            with connection.getresponse() as answer:
                told = answer.read()
                assert answer.status < 300, told
                return json.loads(told)
        finally:
            connection.close()

    def _account(self, login: str) -> dict[str, Any]:
        accounts: list[dict[str, Any]] = self.google["accounts"]
        (found,) = [each for each in accounts if each["email"].startswith(f"{login}@")]
        return found

    def _api(self, login: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        root = urlsplit(self.google["api_url"])
        connection = HTTPConnection(root.netloc, timeout=20)
        try:
            connection.request(
                method,
                f"/calendar/v3/{path}",
                body=json.dumps(body) if body else None,
                headers={
                    "Authorization": f"Bearer {self._account(login)['access_token']}",
                    "Content-Type": "application/json",
                },
            )
            answer = connection.getresponse()
            told = answer.read()
            assert answer.status < 300, told
            return json.loads(told) if told else None
        finally:
            connection.close()


def _events(calendar: str) -> str:
    return f"calendars/{quote(calendar, safe='')}/events"
