"""A change that guests would learn of waits on the page for one of three answers (decision 28)."""

import html
import re
from datetime import UTC, datetime

import pytest

from bridge.application.passwords import hash_password
from bridge.domain.connection import ConnectionState
from bridge.ical.calendar_object import CalendarObject

PAGE = "/settings/calendar-sync"
ANSWERS = ("Change and tell guests", "Change without telling", "Keep")


def _event(start: str = "20990310T100000Z", *, title: str = "Review") -> CalendarObject:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tests//pages//EN",
        "BEGIN:VEVENT",
        "UID:review@google.com",
        "DTSTAMP:20260301T000000Z",
        f"DTSTART:{start}",
        f"DTEND:{start.replace('T10', 'T11')}",
        f"SUMMARY:{title}",
        "ATTENDEE;CN=Eva Guest:mailto:eva@example.org",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return CalendarObject.parse("\r\n".join(lines))


class Story:
    """Anna's account with one event that has a guest, on both sides."""

    def __init__(self, browser, database, user, runner, sides):
        self.browser, self.database, self.runner, self.sides = browser, database, runner, sides
        self.user = user
        sides.google.put("review", _event())
        calendar = re.findall(r'<option value="([^"]+@[^"]+)"', browser.text(PAGE))[-1]
        browser.post(
            f"{PAGE}/confirm",
            google_calendar=calendar,
            sync_type="two-way",
            incoming_type="meeting",
            outgoing_types=["call", "meeting"],
            private_events="save-as-private",
            sync_from="2026-03-01",
        )
        self.run()
        ((self.href, self.activity),) = sides.calendar.objects().items()

    @property
    def connection(self):
        """The connection as it is stored now."""
        with self.database.read() as work:
            (found,) = work.connections.of_user(self.user.id)
        return found

    def run(self):
        """Let the worker run once."""
        return self.runner.run(self.connection.id)

    def move(self, day: int) -> None:
        """Move the activity to another day of March 2099 and let the worker run."""
        text = self.activity.text.replace("20990310", f"209903{day}")
        self.sides.calendar.put(self.href, CalendarObject.parse(text))
        self.run()

    def form(self) -> dict[str, str]:
        """Return the hidden fields of the first change that waits."""
        page = self.browser.text(PAGE)
        section = page[page.index("held-heading") :]
        pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', section)
        return {name: html.unescape(value) for name, value in pairs if name != "csrf_token"}

    def answer(self, word: str, form: dict[str, str] | None = None):
        """Press one of the three buttons and return the page that follows."""
        path = f"{PAGE}/{self.connection.id}/held"
        sent = self.browser.post(path, **(form or self.form()), answer=word)
        assert sent.status_code == 302
        return self.browser.text(PAGE)

    def start(self) -> str:
        """Return when the event at Google starts."""
        return re.search(r"DTSTART[^:]*:(\S+)", self.sides.google.objects()["review"].text)[1]


@pytest.fixture
def story(connected, database, user, runner, sides):
    """A sync of one event with a guest."""
    return Story(connected, database, user, runner, sides)


def test_a_moved_activity_with_guests_is_listed_with_both_times(story):
    """Title, both times, the guest and the three buttons; the connection stays active."""
    assert "Waiting for your answer" not in story.browser.text(PAGE)
    story.move(11)
    page = story.browser.text(PAGE)
    assert "Waiting for your answer" in page
    assert "Review" in page
    assert "At Google: Tuesday, 10 March 2099" in page
    assert "In the CRM: Wednesday, 11 March 2099" in page
    assert "Guests: Eva Guest" in page
    for words in ANSWERS:
        assert f">{words}</button>" in page
    assert story.connection.state is ConnectionState.ACTIVE
    assert story.start().startswith("20990310")


@pytest.mark.parametrize(
    ("word", "day", "mailed"),
    [
        ("tell-guests", "20990311", ["review"]),
        ("without-telling", "20990311", []),
        ("keep", "20990310", []),
    ],
)
def test_an_answer_is_carried_out_by_the_next_run(story, word, day, mailed):
    """It is due at once, and what waited is gone from the page; mails are counted."""
    story.move(11)
    page = story.answer(word)
    assert "Waiting for your answer" not in page
    connection = story.connection
    with story.database.read() as work:
        assert connection.id in work.connections.due(datetime.now(UTC), 10)
    story.run()
    assert story.start().startswith(day)
    assert story.sides.google.mailed == mailed
    (activity,) = story.sides.calendar.objects().values()
    assert f"DTSTART:{day}" in activity.text
    page = story.browser.text(PAGE)
    assert f"<dt>Mails to guests</dt><dd>{len(mailed)}" in page


def test_the_story_of_an_item_that_waits_says_so(story):
    """Whoever asks why it is where it is reads what it waits for."""
    story.move(11)
    page = story.browser.text("/settings/history/item?name=review@google.com")
    assert 'needs-attention">Waiting for your answer</span>' in page
    assert "Its new time is not written at Google before you say" in page


def test_a_deleted_activity_with_guests_is_listed_as_deleted(story):
    """Its title is told from what was deleted."""
    story.sides.calendar.remove(story.href)
    story.run()
    page = story.browser.text(PAGE)
    assert "Review" in page
    assert "In the CRM: deleted here" in page
    story.answer("keep")
    story.run()
    (activity,) = story.sides.calendar.objects().values()
    assert "SUMMARY:Review" in activity.text


def test_an_answer_to_what_waited_before_changes_nothing(story):
    """The person is asked to look again, and the present change still waits."""
    story.move(11)
    before = story.form()
    story.move(12)
    page = story.answer("tell-guests", before)
    assert "Something changed meanwhile" in page
    assert "In the CRM: Thursday, 12 March 2099" in page
    story.run()
    assert story.start().startswith("20990310")
    assert story.sides.google.mailed == []


def test_an_answer_that_is_none_of_the_three_is_refused(story):
    """Nothing is taken for a yes."""
    story.move(11)
    sent = story.browser.post(f"{PAGE}/{story.connection.id}/held", **story.form(), answer="yes")
    assert sent.status_code == 400
    story.run()
    assert story.start().startswith("20990310")


def test_somebody_elses_change_cannot_be_answered(story, make_user):
    """It is answered like one that does not exist."""
    story.move(11)
    form, connection_id = story.form(), story.connection.id
    story.browser.post("/sign-out")
    other = make_user("ben")
    with story.database.write() as work:
        work.users.set_password(other.id, hash_password("another password"))
    story.browser.sign_in("ben", "another password")
    path = f"{PAGE}/{connection_id}/held"
    assert story.browser.post(path, **form, answer="tell-guests").status_code == 404
