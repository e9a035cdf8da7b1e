"""Single dates of a series edited on the pages, and at Google, while the worker syncs them."""

from __future__ import annotations

import html
import re
from urllib.parse import urlencode

import pytest

SERIES = "series-dates"


class Pages:
    """Anna's browser, signed in."""

    def __init__(self, demo):
        self._demo = demo
        self._url = demo.description["web_url"]
        words = {"login": demo.description["login"], "password": demo.description["password"]}
        answer = self._send("POST", "/sign-in", words, {})
        self._cookie = answer.headers["set-cookie"].partition(";")[0]

    def get(self, path):
        """Return the text of a page."""
        answer = self._send("GET", path, None, {"Cookie": self._cookie})
        assert answer.status == 200, (path, answer.status)
        return answer.body

    def send(self, page, action, **changed):
        """Send the form of a page with that action, some fields changed."""
        form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)[0]
        fields = {}
        for tag in re.findall(r"<input[^>]*>", form):
            name, value = (re.search(rf' {key}="([^"]*)"', tag) for key in ("name", "value"))
            if name and (not re.search(r'type="checkbox"', tag) or " checked" in tag):
                fields[name[1]] = html.unescape(value[1]) if value else ""
        headers = {"Cookie": self._cookie}
        answer = self._send("POST", action, {**fields, **changed}, headers)
        assert answer.status == 302, answer.body

    def _send(self, method, path, form, headers):
        if form is not None:
            headers = {
                **headers,
                "Origin": self._url,
                "Content-Type": "application/x-www-form-urlencoded",
            }
        body = None if form is None else urlencode(form).encode()
        return self._demo.request(method, f"{self._url}{path}", body=body, headers=headers)


@pytest.fixture
def pages(demo):
    """The pages of the demo."""
    return Pages(demo)


def _settled(demo):
    """Return whether polls come and nothing is written any more."""

    def asked():
        return [
            f"{entry['method']} {entry['operation']}"
            for entry in demo.control("GET", "requests")
            if entry["method"] != "GET" or "/calendar/" in entry["path"]
        ]

    def polled():
        demo.control("DELETE", "requests")
        demo.eventually(lambda: len(asked()) >= 3, seconds=10)
        return asked()

    return demo.eventually(lambda: set(polled()) == {"GET calendar.events.list"}, seconds=40)


def test_dates_edited_on_the_pages_are_exceptions_at_google_and_the_other_way(demo, pages):
    """Done, changed and cancelled there; then edited at Google; in the end nobody writes."""
    text = demo.event_text(SERIES, "Every week").replace(
        b"SUMMARY:", b"RRULE:FREQ=WEEKLY;COUNT=6\r\nSUMMARY:"
    )
    assert demo.dav("PUT", f"activities/{SERIES}.ics", text).status == 201
    event = demo.eventually(lambda: demo.event("Every week"), seconds=20)
    sheet = pages.get(f"/activities?view=list&on={demo.next_week:%Y-%m-%d}")
    link = r'"(/activities/\d+)\?[^"]*"[^>]*><span[^>]*>[^<]*</span>Every week'
    address = re.search(link, sheet)[1]
    page = pages.get(address)
    paths = list(dict.fromkeys(re.findall(rf'"({address}/dates/[^/"?]+)/done"', page)))
    assert len(paths) == 6
    pages.send(page, f"{paths[0]}/done", done="1")
    pages.send(pages.get(paths[1]), paths[1], subject="Another week", location="Hall")
    pages.send(pages.get(paths[2]), f"{paths[2]}/cancel")

    def dates():
        told = demo.api("GET", f"/{event['id']}/instances?showDeleted=true")["items"]
        return sorted(told, key=lambda each: each["originalStartTime"]["dateTime"])

    def arrived():
        first, second, third, *_ = dates()
        return (
            first["summary"] == "✓ Every week"
            and (second["summary"], second.get("location")) == ("Another week", "Hall")
            and third["status"] == "cancelled"
        )

    assert demo.eventually(arrived, seconds=20), dates()
    told = dates()
    demo.api("PATCH", f"/{told[0]['id']}", {"summary": "Every week"})
    demo.api("PATCH", f"/{told[3]['id']}", {"summary": "✓ Every week"})
    demo.api("PATCH", f"/{told[4]['id']}", {"status": "cancelled"})

    def came_back():
        shown = pages.get(address)
        rows = re.findall(r"<li class=\"(.*?)</li>", shown[shown.index('id="dates"') :], re.DOTALL)
        done = ['aria-pressed="true"' in row for row in rows]
        cancelled = ['<span class="badge">Cancelled</span>' in row for row in rows]
        return (done, cancelled) == (
            [False, False, False, True, False, False],
            [False, False, True, False, True, False],
        )

    assert demo.eventually(came_back, seconds=20), pages.get(address)
    pages.send(pages.get(address), f"{paths[2]}/restore")
    assert demo.eventually(lambda: dates()[2]["status"] == "confirmed", seconds=20)
    assert _settled(demo)
