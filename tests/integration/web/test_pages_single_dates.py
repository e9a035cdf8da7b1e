"""Single dates of a series on the pages: listed, done, changed, cancelled, restored."""

from __future__ import annotations

import html
import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bridge.domain.identifiers import ActivityId

ZONE = ZoneInfo("Europe/Prague")
FIRST = (datetime.now(UTC).astimezone(ZONE) - timedelta(days=5)).date()


@pytest.fixture
def anna(browser):
    """A browser in which Anna is signed in."""
    browser.sign_in()
    return browser


@pytest.fixture
def object_of(database):
    """Return a function that reads the text of an activity's calendar object."""

    def read(number):
        with database.read() as work:
            return work.activities.object_of(ActivityId(number)).text

    return read


@pytest.fixture
def series(anna, database, user):
    """A daily series that began five days ago at 10:00 in Prague; its number."""
    answer = anna.post(
        "/activities/new", type="call", subject="Call Eva", date=FIRST.isoformat(),
        time="10:00", minutes="30", repeat="DAILY", location="Hall",
    )  # fmt: skip
    assert answer.status_code == 302
    with database.read() as work:
        return work.activities.list(user.id)[-1].id


def _key(day):
    at = datetime(day.year, day.month, day.day, 10, tzinfo=ZONE)
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _fields(page, action):
    """Return the fields of the form with that action as a browser would send them."""
    form = re.search(rf'<form[^>]*action="{re.escape(action)}".*?</form>', page, re.DOTALL)[0]
    fields = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = (re.search(rf' {key}="([^"]*)"', tag) for key in ("name", "value"))
        ticked = not re.search(r'type="(checkbox|radio)"', tag) or " checked" in tag
        if name and ticked:
            fields[name[1]] = html.unescape(value[1]) if value else ""
    return fields


def _path(series, key):
    return f"/activities/{series}/dates/{key}"


def test_the_page_of_a_series_lists_its_dates_around_now(anna, series):
    """The last few and the next ones; the rest is a link away, both ways."""
    page = anna.text(f"/activities/{series}")
    part = page[page.index('id="dates"') :]
    assert part.count('class="what"') == 13
    later = html.unescape(re.search(r'href="([^"]*since=[^"]*)"', part)[1])
    onward = anna.text(later.partition("#")[0])
    assert onward.count('class="what"') == 12
    assert "Dates around today" in onward
    back = html.unescape(re.search(r'href="([^"]*until=[^"]*)"', page)[1])
    earlier = anna.text(back.partition("#")[0])
    assert _path(series, _key(FIRST)) in earlier
    assert "Earlier dates" not in earlier
    single = anna.text(_path(series, _key(FIRST)))
    assert "Only this date of the series is changed." in single


def test_a_date_is_done_and_open_again(anna, series, object_of):
    """Done makes an override with the mark; taken back, nothing of it is left."""
    before = object_of(series)
    day = FIRST + timedelta(days=3)
    path = _path(series, _key(day))
    answer = anna.post(f"{path}/done", done="1")
    assert answer.headers["Location"].endswith("#dates")
    text = object_of(series)
    assert f"RECURRENCE-ID;TZID=Europe/Prague:{day:%Y%m%d}T100000" in text
    assert text.count("SUMMARY:✓ Call Eva") == 1
    assert text.count("X-CRM-DONE:TRUE") == 1
    page = anna.text(f"/activities/{series}")
    assert 'aria-pressed="true"' in page
    assert "is done." in page
    assert anna.post(f"{path}/done", done="0").status_code == 302
    after = object_of(series)
    assert "RECURRENCE-ID" not in after
    assert after.count("BEGIN:VEVENT") == before.count("BEGIN:VEVENT") == 1


def test_a_date_is_changed_and_restored(anna, series, object_of):
    """Only it gets another time, title and place; restored, it is as the series has it."""
    day = FIRST + timedelta(days=6)
    path = _path(series, _key(day))
    fields = _fields(anna.text(path), path)
    assert (fields["subject"], fields["time"], fields["location"]) == ("Call Eva", "10:00", "Hall")
    changed = {**fields, "subject": "Meet Eva", "time": "14:00", "location": "Lobby"}
    assert anna.post(path, **changed).status_code == 302
    text = object_of(series)
    assert f"DTSTART;TZID=Europe/Prague:{day:%Y%m%d}T140000" in text
    assert "SUMMARY:Meet Eva" in text
    page = anna.text(f"/activities/{series}")
    assert "Meet Eva" in page
    assert '<span class="badge new">Changed</span>' in page
    restore = _fields(anna.text(path), f"{path}/restore")
    assert anna.post(f"{path}/restore", **restore).status_code == 302
    assert "RECURRENCE-ID" not in object_of(series)


def test_a_date_is_cancelled_and_restored(anna, series, object_of):
    """It is excluded, stays in the list as cancelled, and comes back."""
    day = FIRST + timedelta(days=6)
    path = _path(series, _key(day))
    page = anna.text(path)
    assert anna.post(f"{path}/cancel", **_fields(page, f"{path}/cancel")).status_code == 302
    assert f"EXDATE;TZID=Europe/Prague:{day:%Y%m%d}T100000" in object_of(series)
    page = anna.text(f"/activities/{series}")
    assert '<span class="badge">Cancelled</span>' in page
    assert "This date does not take place." in anna.text(path)
    assert anna.post(f"{path}/done", done="1").status_code == 400
    restore = _fields(page, f"{path}/restore")
    assert anna.post(f"{path}/restore", **restore).status_code == 302
    assert "EXDATE" not in object_of(series)


def test_a_stale_form_of_a_date_stores_nothing_and_shows_both(anna, series, object_of):
    """Whoever saw another date than there is now is told; so is who cancels or restores it."""
    path = _path(series, _key(FIRST + timedelta(days=6)))
    page = anna.text(path)
    fields, cancel = _fields(page, path), _fields(page, f"{path}/cancel")
    assert anna.post(path, **{**fields, "location": "Theirs"}).status_code == 302
    before = object_of(series)
    answer = anna.post(path, **{**fields, "location": "Mine"})
    shown = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert '<td data-of="Yours">Mine</td>' in shown
    assert '<td data-of="Stored now">Theirs</td>' in shown
    refused = anna.post(f"{path}/cancel", **cancel)
    assert refused.status_code == 409
    assert "so nothing was done" in refused.get_data(as_text=True)
    assert object_of(series) == before
    again = _fields(shown, path)
    assert anna.post(path, **again).status_code == 302
    assert "LOCATION:Mine" in object_of(series)


def test_a_refused_form_of_a_date_comes_back_as_it_was_sent(anna, series, object_of):
    """With the reason; a date needs a day."""
    path = _path(series, _key(FIRST + timedelta(days=6)))
    fields = _fields(anna.text(path), path)
    before = object_of(series)
    answer = anna.post(path, **{**fields, "subject": "Mine", "date": "", "time": ""})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 400
    assert "A date of a series needs a day." in page
    assert _fields(page, path)["subject"] == "Mine"
    assert object_of(series) == before


def test_what_is_no_date_of_ones_own_series_is_not_there(anna, series):
    """Another time, nonsense, and a series that is not there."""
    day = FIRST + timedelta(days=6)
    for key in (f"{day:%Y%m%d}", f"{day:%Y%m%d}T070000Z", "x", "20260310T090000"):
        assert anna.get(_path(series, key)).status_code == 404
        assert anna.post(f"{_path(series, key)}/done", done="1").status_code == 404
    assert anna.get(_path(series + 1, _key(day))).status_code == 404
