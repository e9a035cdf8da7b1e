"""What is asked of both servers, and what a right answer looks like.

An operation is prepared (not timed), sent (timed) and checked: a server that skips work is not
fast, it is wrong.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count as numbers_from

from keep_alive import Answer, Connection
from sample_activities import sample, weeks_from_middle
from servers import Server

_SPACES = (
    'xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav" '
    'xmlns:CS="http://calendarserver.org/ns/"'
)
_RESPONSE = re.compile(rb"<(?:\w+:)?response[ >]")
_TOKEN = re.compile(rb"<(?:\w+:)?sync-token[^>]*>\s*([^<\s]+)\s*<")
_ETAG = re.compile(rb"<(?:\w+:)?getetag[^>]*>([^<]+)<")
_STORED = (HTTPStatus.CREATED, HTTPStatus.NO_CONTENT)
_DELETED = (HTTPStatus.OK, HTTPStatus.NO_CONTENT)
_XML = {"Content-Type": "application/xml; charset=utf-8"}
_STRIDE = 61  # so that neighbours are not asked for one after the other
_MONTH_WEEKS = 4


class WrongAnswer(Exception):
    """A server did not do what it was asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A request ready to be sent, and the check of its answer."""

    method: str
    path: str
    check: Callable[[Answer], None]
    body: str = ""
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, connection: Connection) -> Answer:
        """Send it."""
        return connection.request(self.method, self.path, self.body, self.headers)


class Calendar:
    """One filled calendar on one server."""

    def __init__(self, server: Server, login: str, count: int) -> None:
        """Connect to the calendar of a login that holds the samples 0 to `count` - 1."""
        self.server = server
        self.connection = server.connect(login)
        self._path = server.path(login)
        self._count = count
        self._steps = numbers_from(1)
        self._revisions = numbers_from(1)
        self._token = ""
        self._stale = False
        self._made: list[str] = []

    def poll(self) -> Prepared:
        """Ask for ctag and sync token."""
        return self._report("PROPFIND", _find("<CS:getctag/><D:sync-token/>"), "0", _one_told)

    def get(self) -> Prepared:
        """Read one object."""

        def check(answer: Answer) -> None:
            demand(answer.status == HTTPStatus.OK and b"BEGIN:VEVENT" in answer.body, answer)

        return Prepared(method="GET", path=self._some(), check=check)

    def put_new(self) -> Prepared:
        """Create one object."""
        made = sample(next(self._steps), f"new in {self._count}")
        path = self._path + made.name

        def check(answer: Answer) -> None:
            demand(answer.status in _STORED, answer)
            self._made.append(path)

        return self._put(path, made.text, {"If-None-Match": "*"}, check)

    def put_update(self) -> Prepared:
        """Replace one object by another version, under the condition that it is the one known."""
        number = next(self._steps) * _STRIDE % self._count
        made = sample(number, revision=next(self._revisions))
        path = self._path + made.name
        condition = {"If-Match": self._etag(path)}
        return self._put(path, made.text, condition, lambda a: demand(a.status in _STORED, a))

    def delete(self) -> Prepared:
        """Delete one object."""
        if not self._made:
            self.run(self.put_new())
        self._stale = True

        def check(answer: Answer) -> None:
            demand(answer.status in _DELETED, answer)

        return Prepared(method="DELETE", path=self._made.pop(), check=check)

    def sync_of_one(self) -> Prepared:
        """Ask what changed since a token, after one change."""
        self._catch_up()
        self.run(self.put_update())

        def check(answer: Answer) -> None:
            demand(_responses(answer) == 1, answer)
            self._token, self._stale = _token_in(answer), False

        return self._report("REPORT", self._sync_body(), "1", check)

    def multiget_of_100(self) -> Prepared:
        """Read a hundred objects by name."""
        step = max(1, self._count // 100)
        paths = [self._path + sample(number * step).name for number in range(100)]
        hrefs = "".join(f"<D:href>{path}</D:href>" for path in paths)
        body = (
            f"<C:calendar-multiget {_SPACES}><D:prop><D:getetag/><C:calendar-data/></D:prop>"
            f"{hrefs}</C:calendar-multiget>"
        )
        return self._report("REPORT", body, "1", lambda a: demand(_texts(a) == len(paths), a))

    def week_query(self) -> Prepared:
        """Read all events of one week."""
        return self._query(1, "<C:calendar-data/>", at_least=100)

    def month_query(self) -> Prepared:
        """Read all events of four weeks."""
        return self._query(_MONTH_WEEKS, "<C:calendar-data/>", at_least=400)

    def expanded_month(self) -> Prepared:
        """Read all events of four weeks, series as their instances."""
        start, end = weeks_from_middle(self._count, _MONTH_WEEKS)
        data = f'<C:calendar-data><C:expand start="{start}" end="{end}"/></C:calendar-data>'
        return self._query(_MONTH_WEEKS, data, at_least=400)

    def run(self, prepared: Prepared) -> Answer:
        """Send a request and check its answer."""
        answer = prepared.send(self.connection)
        prepared.check(answer)
        return answer

    def _query(self, weeks: int, data: str, *, at_least: int) -> Prepared:
        start, end = weeks_from_middle(self._count, weeks)
        body = (
            f"<C:calendar-query {_SPACES}><D:prop><D:getetag/>{data}</D:prop><C:filter>"
            '<C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">'
            f'<C:time-range start="{start}" end="{end}"/>'
            "</C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
        )
        return self._report("REPORT", body, "1", lambda a: demand(_texts(a) >= at_least, a))

    def _report(
        self, method: str, body: str, depth: str, check: Callable[[Answer], None]
    ) -> Prepared:
        headers = {**_XML, "Depth": depth}
        return Prepared(method=method, path=self._path, check=check, body=body, headers=headers)

    def _put(
        self, path: str, text: str, condition: dict[str, str], check: Callable[[Answer], None]
    ) -> Prepared:
        self._stale = True
        headers = {"Content-Type": "text/calendar; charset=utf-8", **condition}
        return Prepared(method="PUT", path=path, check=check, body=text, headers=headers)

    def _some(self) -> str:
        return self._path + sample(next(self._steps) * _STRIDE % self._count).name

    def _etag(self, path: str) -> str:
        headers = {**_XML, "Depth": "0"}
        answer = self.connection.request("PROPFIND", path, _find("<D:getetag/>"), headers)
        told = _ETAG.search(answer.body)
        if told is None:
            raise WrongAnswer(f"no ETag of {path}: {answer.status}")
        return html.unescape(told[1].decode())

    def _catch_up(self) -> None:
        """Take a token of the present state; other operations changed things meanwhile."""
        if not self._token:
            self._token = _token_in(self.run(self.poll()))
        elif self._stale:
            body, headers = self._sync_body(), {**_XML, "Depth": "1"}
            answer = self.connection.request("REPORT", self._path, body, headers)
            self._token = _token_in(answer)
        self._stale = False

    def _sync_body(self) -> str:
        return (
            f"<D:sync-collection {_SPACES}><D:sync-token>{self._token}</D:sync-token>"
            "<D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>"
        )


def demand(condition: bool, answer: Answer) -> None:
    """See that an answer is right.

    Raises:
        WrongAnswer: It is not.
    """
    if not condition:
        shown = answer.body[:200].decode(errors="replace")
        raise WrongAnswer(f"{answer.status}, {_responses(answer)} responses: {shown}")


def _find(properties: str) -> str:
    return f"<D:propfind {_SPACES}><D:prop>{properties}</D:prop></D:propfind>"


def _one_told(answer: Answer) -> None:
    told = b"getctag>" in answer.body and _TOKEN.search(answer.body) is not None
    demand(answer.status == HTTPStatus.MULTI_STATUS and _responses(answer) == 1 and told, answer)


def _responses(answer: Answer) -> int:
    return len(_RESPONSE.findall(answer.body))


def _texts(answer: Answer) -> int:
    return answer.body.count(b"BEGIN:VCALENDAR")


def _token_in(answer: Answer) -> str:
    token = _TOKEN.search(answer.body)
    if token is None:
        raise WrongAnswer("no sync token")
    return token[1].decode()
