"""The History page: runs, changes and single items of one's own connections, as text."""

import re

import pytest

from bridge.ical.calendar_object import CalendarObject

PAGE = "/settings/history"
SYNC = "/settings/calendar-sync"


def event(uid, title):
    """Return an event of the far future."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tests//pages//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260301T000000Z",
        "DTSTART:20990101T100000Z",
        "DTEND:20990101T110000Z",
        f"SUMMARY:{title}",
        "X-CRM-ACTIVITY-TYPE:call",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return CalendarObject.parse("\r\n".join(lines))


@pytest.fixture
def connection(connected, database, user):
    """Anna's connection, started on two empty sides."""
    calendar = re.findall(r'<option value="([^"]+@[^"]+)"', connected.text(SYNC))[-1]
    options = {
        "google_calendar": calendar,
        "sync_type": "two-way",
        "incoming_type": "meeting",
        "outgoing_types": ["call", "meeting"],
        "private_events": "save-as-private",
        "sync_from": "2026-03-01",
    }
    assert connected.post(f"{SYNC}/confirm", plan="", **options).status_code == 302
    with database.read() as work:
        return work.connections.of_user(user.id)[0]


@pytest.fixture
def edited(sides):
    """Return a function that changes a text in every item of a side."""

    def edit(side, old, new):
        collection = getattr(sides, side)
        for name, item in collection.objects().items():
            if old in item.text:
                collection.put(name, CalendarObject.parse(item.text.replace(old, new)))

    return edit


@pytest.fixture
def conflict(connection, runner, sides, edited):
    """One item that both people called otherwise before a run."""
    sides.calendar.put("one.ics", event("one", "Offer"))
    runner.run(connection.id)
    edited("calendar", "Offer", "Offer <i>CRM</i>")
    edited("google", "Offer", "Offer {{7*7}}")
    runner.run(connection.id)


def links(page, of):
    """Return where the links of a page lead that are of a kind."""
    return [
        each.replace("&amp;", "&") for each in re.findall(rf'href="({PAGE}/{of}\?[^"]+)"', page)
    ]


def test_without_a_connection_there_is_nothing_to_tell(browser):
    """The page says where one is made; nothing fails."""
    browser.sign_in()
    for path in ("", "/changes", "?all=1", "?older=x"):
        page = browser.text(f"{PAGE}{path}")
        assert "No Google account is connected" in page
    assert browser.get(f"{PAGE}/change?id=x").status_code == 404
    assert browser.get(f"{PAGE}/item?name=x").status_code == 404


def test_runs_lead_to_their_changes_and_these_to_the_item(conflict, connected):
    """Whoever asks what happened gets there by links alone."""
    runs = connected.text(PAGE)
    assert "At Google 1 created." in runs
    assert 'aria-current="page">History</a>' in runs
    changes = connected.text(links(runs, "changes")[-1])
    assert "The run of " in changes
    change = connected.text(links(changes, "change")[0])
    assert "At Google 1 created." not in change
    item = connected.text(links(change, "item")[0])
    assert "It is on both sides, and both agree; it came from the CRM." in item
    assert len(links(item, "change")) >= 2


def test_both_values_of_a_conflict_stand_side_by_side_as_text(conflict, connected):
    """S14: what people wrote on either side is never markup nor template."""
    changes = connected.text(f"{PAGE}/changes?action=update")
    assert "1 value not kept" in changes
    (address,) = [
        each
        for each in links(changes, "change")
        if "is the one that was not kept" in connected.text(each)
    ]
    page = connected.text(address)
    assert 'data-of="Before">Offer {{7*7}}</td>' in page
    assert 'data-of="After">Offer &lt;i&gt;CRM&lt;/i&gt;</td>' in page
    assert "<i>CRM</i>" not in changes + page


def test_changes_are_filtered_by_place_kind_and_state(conflict, connected):
    """Every filter is a part of the address; one that makes no sense asks for all."""
    everything = len(links(connected.text(f"{PAGE}/changes"), "change"))
    created = len(links(connected.text(f"{PAGE}/changes?action=create"), "change"))
    assert 0 < created < everything
    assert links(connected.text(f"{PAGE}/changes?state=failed"), "change") == []
    odd = f"{PAGE}/changes?side=moon&action=%3Cb%3E&state=1&connection=x"
    assert len(links(connected.text(odd), "change")) == everything


def test_quiet_runs_are_shown_when_asked_for(conflict, connected, runner, connection):
    """A history of every minute would hide what happened."""
    runner.run(connection.id)
    assert "Nothing to do." not in connected.text(PAGE)
    assert "Nothing to do." in connected.text(f"{PAGE}?all=1")


def test_a_long_history_comes_in_parts(connection, connected, runner, sides):
    """The last row of a part leads to the next."""
    for number in range(45):
        sides.calendar.put(f"{number}.ics", event(f"e{number}", f"Title {number}"))
    runner.run(connection.id)
    first = connected.text(f"{PAGE}/changes?action=create")
    assert len(links(first, "change")) == 40
    (older,) = [each for each in links(first, "changes") if "older=" in each]
    assert "action=create" in older
    second = connected.text(older)
    assert len(links(second, "change")) == 5
    assert not [each for each in links(second, "changes") if "older=" in each]


def test_an_activity_leads_to_its_explanation(connection, connected, database, user):
    """From the Activities pages; also before any run has met it."""
    form = {"type": "call", "subject": "Ring Ben", "date": "2099-02-01", "time": "10:00"}
    assert connected.post("/activities/new", **form).status_code == 302
    with database.read() as work:
        (activity,) = work.activities.list(user.id)
    page = connected.text(f"/activities/{activity.id}")
    assert f'href="{PAGE}/activity/{activity.id}">Explain</a>' in page
    story = connected.text(connected.get(f"{PAGE}/activity/{activity.id}").headers["Location"])
    assert "It is new in the CRM, and the next sync looks at it." in story
    assert f'href="/activities/{activity.id}"' in story


def test_the_history_of_others_is_not_there(conflict, connected, app, connection, make_user):
    """S18: numbers of other people's connections, runs, changes, items and activities."""
    services = app.extensions["crmdav"]
    eve = make_user("eve")
    other = type(connected)(app.test_client())
    with services.history._database.write() as work:
        work.users.set_password(eve.id, work.users.password_of(connection.user_id).hash)
    other.sign_in("eve")
    changes = connected.text(f"{PAGE}/changes")
    for path in (
        f"{PAGE}?connection={connection.id}",
        f"{PAGE}/changes?connection={connection.id}",
        links(changes, "change")[0],
        f"{PAGE}/item?connection={connection.id}&name=one",
        f"{PAGE}/activity/1",
    ):
        assert other.get(path).status_code == 404, path


def test_a_run_or_change_nobody_knows_is_not_there(conflict, connected):
    """A typed or an old address is answered, not failed at."""
    for path in ("?older=x", "/changes?older=x", "/changes?run=x", "/change?id=x", "/item?name=x"):
        assert connected.get(f"{PAGE}{path}").status_code == 404, path
    assert connected.get(f"{PAGE}/activity/{10**6}").status_code == 404
