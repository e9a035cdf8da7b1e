"""A person with a browser on the calendar page of a rehearsal (contract section 8, threats S14)."""

import pytest
from playwright.sync_api import expect

ANNA = "anna@example.com"
BARE_PAGE = """() => ({
  wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
  small: [...document.querySelectorAll("body *")].filter((each) => each.innerText
    && each.offsetParent && parseFloat(getComputedStyle(each).fontSize) < 12).length,
  unnamed: [...document.querySelectorAll("input:not([type=hidden]), select, textarea")]
    .filter((each) => !each.labels.length).length,
})"""


@pytest.fixture
def open_page(chromium):
    """A function that opens a browser; the test fails on any word in its console.

    Violations of the content security policy and errors of scripts are told there.
    """
    contexts, said = [], []

    def run(**options):
        context = chromium.new_context(**options)
        contexts.append(context)
        opened = context.new_page()
        opened.set_default_timeout(10_000)
        opened.on("console", lambda message: said.append(message.text))
        opened.on("pageerror", lambda error: said.append(str(error)))
        return opened

    yield run
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture
def page(open_page):
    """A page of a browser with room for the whole month."""
    return open_page(viewport={"width": 1280, "height": 1000})


@pytest.fixture
def series(events, timed):
    """The id of an endless weekly series on Tuesdays from 3 March on."""
    body = timed("Weekly", day="2026-03-03", recurrence=["RRULE:FREQ=WEEKLY"])
    return events.insert(calendarId="primary", body=body).execute()["id"]


def cell(page, day):
    """Return the cell of a day."""
    return page.locator(f'td[data-day="{day}"]')


def shown(page, day):
    """Return what the sheet says on a day."""
    return [" ".join(text.split()) for text in cell(page, day).locator("a.event").all_inner_texts()]


def event(page, label):
    """Return the link of an event on the sheet; the agenda of narrow screens has one, too."""
    return page.get_by_role("table").get_by_role("link", name=label)


def wait_until_done(page):
    """Wait for the page that says what was done, and for all of it."""
    page.get_by_role("status").wait_for()
    page.wait_for_load_state()


def wait_for_title(page, title):
    """Wait for the page with this heading, and for all of it."""
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    page.wait_for_load_state()


def get(events, event_id):
    """Return an event of the primary calendar."""
    return events.get(calendarId="primary", eventId=event_id).execute()


def test_person_adds_changes_and_deletes_an_event(google, events, page):
    """The Google user of a rehearsal, with the headers a real browser sends."""
    page.goto(f"{google.root}/?month=2026-03")
    page.get_by_role("link", name="Tuesday, 10 March").click()
    page.get_by_label("Title").fill("Call Ada")
    page.get_by_role("button", name="Add").click()
    wait_until_done(page)
    assert shown(page, "2026-03-10") == ["09:00 Call Ada"]
    event(page, "09:00 Call Ada").click()
    page.get_by_label("Title").fill("Call Bob")
    page.get_by_label("Repeat").select_option("Every weekday (Monday to Friday)")
    page.get_by_label("Until").fill("2026-03-12")
    page.get_by_role("button", name="Save").click()
    wait_until_done(page)
    assert shown(page, "2026-03-12") == ["09:00 Call Bob"]
    (item,) = events.list(calendarId="primary").execute()["items"]
    assert item["start"]["dateTime"] == "2026-03-10T09:00:00+01:00"
    assert item["recurrence"] == [
        "RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20260312T225959Z;BYDAY=MO,TU,WE,TH,FR"
    ]
    cell(page, "2026-03-10").locator("a.event").click()
    page.get_by_label("All events").check()
    page.get_by_role("button", name="Delete").click()
    wait_until_done(page)
    expect(page.locator("a.event")).to_have_count(0)


def test_dragged_event_is_on_the_other_day(google, events, page, timed):
    """The API tells of the new day, the same clock time, and a higher sequence."""
    made = events.insert(calendarId="primary", body=timed("Call Ada")).execute()
    page.goto(f"{google.root}/?month=2026-03")
    cell(page, "2026-03-10").locator("a.event").drag_to(cell(page, "2026-03-31"))
    wait_until_done(page)
    assert shown(page, "2026-03-31") == ["10:00 Call Ada"]
    found = get(events, made["id"])
    assert found["start"]["dateTime"] == "2026-03-31T10:00:00+02:00"
    assert found["sequence"] == made["sequence"] + 1


def test_bar_dragged_by_its_middle_moves_by_as_many_days(google, events, page):
    """Who takes a three-day event on its second day and drops it a day later moves it by a day."""
    body = {"summary": "Fair", "start": {"date": "2026-03-10"}, "end": {"date": "2026-03-13"}}
    made = events.insert(calendarId="primary", body=body).execute()
    page.goto(f"{google.root}/?month=2026-03")
    cell(page, "2026-03-11").locator("a.event").drag_to(cell(page, "2026-03-12"))
    wait_until_done(page)
    found = get(events, made["id"])
    assert (found["start"], found["end"]) == ({"date": "2026-03-11"}, {"date": "2026-03-14"})


def test_dragged_instance_asks_how_far_the_move_reaches(google, events, page, series):
    """This and following, moved from Tuesday to Wednesday (facts 8)."""
    page.goto(f"{google.root}/?month=2026-03")
    cell(page, "2026-03-17").locator("a.event").drag_to(cell(page, "2026-03-18"))
    page.get_by_label("This and following events").check()
    page.get_by_role("button", name="Move").click()
    wait_until_done(page)
    assert shown(page, "2026-03-10") == ["10:00 Weekly"]
    assert shown(page, "2026-03-25") == ["10:00 Weekly"]
    assert shown(page, "2026-03-24") == []
    assert get(events, series)["recurrence"] == ["RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20260317T085959Z"]
    assert get(events, f"{series}_R20260317T090000")["recurrence"] == ["RRULE:FREQ=WEEKLY;WKST=MO"]


def test_this_and_following_edit_leaves_two_series(google, events, page, series):
    """Facts 19: the old master with UNTIL, a new one with `_R` and the new title."""
    page.goto(f"{google.root}/?month=2026-03")
    cell(page, "2026-03-17").locator("a.event").click()
    page.get_by_label("Title").fill("Weekly, online")
    page.get_by_label("This and following events").check()
    page.get_by_role("button", name="Save").click()
    wait_until_done(page)
    assert shown(page, "2026-03-10") == ["10:00 Weekly"]
    assert shown(page, "2026-03-24") == ["10:00 Weekly, online"]
    items = events.list(calendarId="primary").execute()["items"]
    assert {item["id"]: item["summary"] for item in items} == {
        series: "Weekly",
        f"{series}_R20260317T090000": "Weekly, online",
    }


def test_deleted_instance_is_struck_out_and_can_be_brought_back(google, events, page, series):
    """Facts 8: a cancelled exception item, restored by status confirmed."""
    page.goto(f"{google.root}/?month=2026-03")
    cell(page, "2026-03-17").locator("a.event").click()
    page.get_by_role("button", name="Delete").click()
    wait_until_done(page)
    assert shown(page, "2026-03-17") == []
    instance = f"{series}_20260317T090000Z"
    assert get(events, instance)["status"] == "cancelled"
    page.get_by_role("link", name="Show deleted events").click()
    event(page, "10:00 Weekly, repeats, deleted").click()
    page.get_by_role("button", name="Bring back").click()
    wait_until_done(page)
    assert get(events, instance)["status"] == "confirmed"


def test_guest_replies_to_one_event(google, events, page, timed):
    """Yes, Maybe and No are on events one is invited to (facts 9)."""
    guests = [{"email": ANNA}, {"email": "x@example.org"}]
    made = events.insert(calendarId="primary", body=timed("Board", attendees=guests)).execute()
    page.goto(f"{google.root}/?month=2026-03")
    event(page, "10:00 Board, not answered").click()
    page.get_by_role("button", name="Maybe").click()
    event(page, "10:00 Board, maybe").click()
    expect(page.get_by_role("button", name="Maybe", pressed=True)).to_be_visible()
    replies = [guest["responseStatus"] for guest in get(events, made["id"])["attendees"]]
    assert replies == ["tentative", "needsAction"]


def test_crowded_day_opens_the_rest(google, events, page, timed):
    """Three events and a button for the others."""
    for hour in range(8, 14):
        events.insert(calendarId="primary", body=timed(f"Call {hour}", hour=hour)).execute()
    page.goto(f"{google.root}/?month=2026-03")
    last = event(page, "13:00 Call 13")
    assert not last.is_visible()
    page.get_by_text("+3 more").click()
    last.click()
    expect(page.get_by_label("Title")).to_have_value("Call 13")


def test_week_is_a_sheet_to_drag_on(google, events, page, timed):
    """An act on the week's sheet leads back to the week."""
    made = events.insert(calendarId="primary", body=timed("Call Ada")).execute()
    page.goto(f"{google.root}/?month=2026-03")
    page.get_by_role("link", name="Week", exact=True).click()
    wait_for_title(page, "23 February \N{EN DASH} 1 March 2026")
    page.goto(f"{google.root}/?week=2026-03-03")
    page.get_by_role("link", name="Week after").click()
    wait_for_title(page, "9 \N{EN DASH} 15 March 2026")
    assert shown(page, "2026-03-10") == ["10:00\N{EN DASH}10:30 Call Ada"]
    cell(page, "2026-03-10").locator("a.event").drag_to(cell(page, "2026-03-13"))
    wait_until_done(page)
    assert shown(page, "2026-03-13") == ["10:00\N{EN DASH}10:30 Call Ada"]
    assert get(events, made["id"])["start"]["dateTime"] == "2026-03-13T10:00:00+01:00"
    page.get_by_role("link", name="Month", exact=True).click()
    wait_for_title(page, "March 2026")


def test_month_account_and_calendar_are_chosen(google, page):
    """Previous, next, today; accounts and calendars."""
    page.goto(f"{google.root}/?month=2026-03")
    page.get_by_role("link", name="Month after").click()
    wait_for_title(page, "April 2026")
    page.get_by_role("link", name="Today").click()
    expect(page.locator("td[aria-current=date]")).to_have_count(1)
    page.get_by_label("Account").select_option("ben@example.com")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**account=ben*")
    page.get_by_role("link", name="Customer visits").click()
    expect(page.get_by_text("Times in America/New_York")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_pages_fit_and_every_field_has_a_name(google, events, open_page, width, scheme):
    """No sideways scrolling, no text below 12 px, and strangers' titles are text (threats S14)."""
    hostile = '<img src=x onerror=alert(1)>"><script>alert(1)</script>{{7*7}}' + "w" * 200
    days = {"start": {"date": "2026-03-06"}, "end": {"date": "2026-03-20"}}
    body = {"summary": hostile, "location": hostile, "description": hostile, **days}
    made = events.insert(calendarId="primary", body=body).execute()
    page = open_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    for query in (
        "month=2026-03",
        "week=2026-03-10",
        "month=2026-03&day=2026-03-10",
        f"month=2026-03&event={made['id']}",
        f"month=2026-03&event={made['id']}&to=2026-03-08",
    ):
        page.goto(f"{google.root}/?{query}")
        assert page.evaluate(BARE_PAGE) == {"wide": 0, "small": 0, "unnamed": 0}, query
        assert page.locator("img, main script").count() == 0


def test_series_is_edited_without_a_script(google, events, open_page, series):
    """The forms alone do everything, dragging included."""
    page = open_page(java_script_enabled=False)
    page.goto(f"{google.root}/?month=2026-03&event={series}_20260317T090000Z")
    page.get_by_label("From").fill("2026-03-19")
    page.get_by_label("To", exact=True).fill("2026-03-19")
    page.get_by_label("All events").check()
    page.get_by_role("button", name="Save").click()
    wait_until_done(page)
    assert get(events, series)["start"]["dateTime"] == "2026-03-05T10:00:00+01:00"


def test_keyboard_reaches_an_event_and_leaves_it(google, events, page, timed):
    """Tab to the event, Enter to open it, Escape to close it."""
    events.insert(calendarId="primary", body=timed("Call Ada")).execute()
    page.goto(f"{google.root}/?month=2026-03")
    page.get_by_role("link", name="Tuesday, 10 March").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Change event").wait_for()
    page.keyboard.press("Escape")
    page.get_by_role("heading", name="Change event").wait_for(state="detached")
