"""The History page: runs, changes and single items of one's own connections, as text."""

import re

import pytest

from bridge.errors import NotConnected, NotFound
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
        if "the one that was not kept" in connected.text(each)
    ]
    page = connected.text(address)
    assert 'data-of="Before" id="before-1">Offer {{7*7}}<' in page
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


def test_a_deleted_item_is_restored_from_its_explanation(connection, connected, sides, runner):
    """It is found by the id of its event, which is nowhere else any more."""
    sides.calendar.put("one.ics", event("one", "Offer"))
    runner.run(connection.id)
    (name,) = sides.google.objects()
    sides.calendar.remove("one.ics")
    runner.run(connection.id)
    page = connected.text(f"{PAGE}/item?name={name}")
    assert "It is on neither side any more; it is in the trash until" in page
    (target,) = re.findall(r'name="target" value="([^"]+)"', page)
    plan = connected.post(f"{PAGE}/undo", connection=connection.id, target=target).text
    assert "Bring back “Offer” at Google" in plan


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


def form_of(page, words):
    """Return the fields of the form whose button says this."""
    (form,) = re.findall(rf"<form(?:(?!</form>).)*?<button[^>]*>{words}</button>", page, re.DOTALL)
    pairs = re.findall(r'name="(\w+)" value="([^"]*)"', form)
    return {name: value for name, value in pairs if name != "csrf_token"}


def titles(collection):
    """Return the titles of a side."""
    found = "".join(item.text for item in collection.objects().values())
    return re.findall(r"SUMMARY:(.*)\r", found)


@pytest.fixture
def overwritten(conflict, connected):
    """The page of the change that did not keep Google's title."""
    for address in links(connected.text(f"{PAGE}/changes?action=update"), "change"):
        page = connected.text(address)
        if "Restore this value" in page:
            return page
    raise AssertionError("no value can be restored")


def test_a_lost_value_is_restored_after_a_look_at_the_plan(overwritten, connected, sides):
    """The loser of a conflict comes back, on both sides, and nothing before `Confirm`."""
    asked = form_of(overwritten, "Restore this value")
    plan = connected.post(f"{PAGE}/undo", **asked).get_data(as_text=True)
    assert "title to Offer {{7*7}}" in plan
    assert "Nothing has been written yet." in plan
    assert titles(sides.google) == ["Offer <i>CRM</i>"]
    done = connected.post(f"{PAGE}/undo/confirm", **form_of(plan, "Confirm"))
    assert done.headers["Location"].startswith(f"{PAGE}/changes?")
    assert titles(sides.google) == titles(sides.calendar) == ["Offer {{7*7}}"]
    assert "It is taken back." in connected.text(done.headers["Location"])
    assert '<span class="badge paused">Undo</span>' in connected.text(PAGE)


def test_a_whole_run_is_taken_back(connection, connected, sides, runner):
    """A copy that a run made goes again; its original stays."""
    sides.calendar.put("one.ics", event("one", "Offer"))
    runner.run(connection.id)
    first = connected.text(links(connected.text(PAGE), "changes")[-1])
    plan = connected.post(f"{PAGE}/undo", **form_of(first, "Undo this run")).get_data(as_text=True)
    assert "Offer" in plan
    connected.post(f"{PAGE}/undo/confirm", **form_of(plan, "Confirm"))
    assert titles(sides.google) == []
    assert titles(sides.calendar) == ["Offer"]


@pytest.fixture
def brought_in(connection, runner, sides, edited):
    """The last run, which brought a title in from Google."""
    sides.calendar.put("one.ics", event("one", "Offer"))
    runner.run(connection.id)
    edited("google", "Offer", "Oops")
    return runner.run(connection.id).run_id


def test_after_a_stop_the_crm_is_restored_and_the_page_says_how_it_goes_on(
    brought_in, connected, connection, sides
):
    """Whoever ended the sync because of what it did has it back here."""
    connected.post(f"{SYNC}/stop")
    sides.trouble = NotConnected("revoked")
    asked = {"target": brought_in, "connection": connection.id}
    page = connected.post(f"{PAGE}/undo", **asked).text
    assert "The connection is stopped, so that only the CRM is changed now." in page
    answered = connected.post(f"{PAGE}/undo/confirm", **form_of(page, "Confirm"))
    told = connected.text(answered.headers["Location"])
    assert "It is taken back in the CRM, and the sync goes on from there" in told
    assert (titles(sides.calendar), titles(sides.google)) == (["Offer"], ["Oops"])


def test_what_is_at_google_waits_for_the_sync_and_the_page_says_so(
    connection, connected, sides, runner
):
    """There is nothing to confirm then."""
    sides.calendar.put("one.ics", event("one", "Offer"))
    run = runner.run(connection.id).run_id
    connected.post(f"{SYNC}/stop")
    page = connected.post(f"{PAGE}/undo", target=run, connection=connection.id).text
    assert "Nothing can be taken back" in page
    assert "because nothing is written at Google while the connection does not sync" in page
    assert "choose Start syncing or Reconnect on the Calendar sync page" in page
    assert ">Confirm<" not in page


def test_a_plan_that_is_another_one_by_now_is_shown_again(overwritten, connected, sides, edited):
    """What somebody changed meanwhile is kept, and nothing is done unseen."""
    asked = form_of(overwritten, "Restore this value")
    plan = connected.post(f"{PAGE}/undo", **asked).get_data(as_text=True)
    edited("google", "Offer <i>CRM</i>", "Later")
    again = connected.post(f"{PAGE}/undo/confirm", **form_of(plan, "Confirm"))
    page = again.get_data(as_text=True)
    assert "Something changed while you looked at the plan." in page
    assert "Nothing can be taken back" in page
    assert titles(sides.google) == ["Later"]


def test_nothing_is_taken_back_by_others_or_other_sites(
    overwritten, connected, app, connection, make_user
):
    """S15 and S18: without our token, by a link, or of somebody else's connection."""
    asked = form_of(overwritten, "Restore this value")
    for path in (f"{PAGE}/undo", f"{PAGE}/undo/confirm"):
        assert connected.get(path).status_code == 405
        assert connected.post(path, csrf_token="forged", **asked).status_code == 403
    history = app.extensions["crmdav"].history
    eve = make_user("eve")
    with pytest.raises(NotFound):
        history.connection(eve, connection.id)
    unknown = connected.post(f"{PAGE}/undo", connection=str(connection.id), target="x")
    assert unknown.status_code == 404
    wrong = connected.post(f"{PAGE}/undo", **{**asked, "fields": "location"})
    assert wrong.status_code == 400
