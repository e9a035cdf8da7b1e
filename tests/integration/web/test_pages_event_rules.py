"""The page of rules: work on the list, rehearse it on real events, save it by way of the plan."""

from __future__ import annotations

import html
import json
import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from bridge.domain.rules import ActionKind, Condition, ConditionKind

SYNC = "/settings/calendar-sync"
PAGE = f"{SYNC}/rules"
HOSTILE = "<script>alert(1)</script>{{7*7}}"
OPTIONS = {
    "sync_type": "two-way",
    "incoming_type": "meeting",
    "outgoing_types": ["call", "meeting"],
    "private_events": "save-as-private",
    "sync_from": date(2026, 3, 1).isoformat(),
}


class RulesPage:
    """Anna's page of rules; the list goes from page to page."""

    def __init__(self, browser):
        self.browser = browser
        self.body = browser.text(PAGE)
        self.status = 200

    def step(self, step, **form):
        """Press a button of the page."""
        sent = self.browser.post(PAGE, step=step, rules=self.rules, **form)
        self.body, self.status = sent.get_data(as_text=True), sent.status_code
        return self

    def add(self, name="No lunches", **form):
        """Fill in the form of a rule."""
        chosen = {"rule_action": "skip", "when_words": "lunch", **form}
        return self.step("keep", rule_name=name, **chosen)

    @property
    def rules(self):
        """The list as the page carries it."""
        return html.unescape(re.search(r'name="rules" value="([^"]*)"', self.body)[1])

    @property
    def names(self):
        """The names on the list, in order."""
        return [rule["name"] for rule in json.loads(self.rules)]

    def carried(self):
        """Return the fields of the form that leads to the plan."""
        form = self.body.partition(f'action="{SYNC}/plan"')[2].partition("</form>")[0]
        pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
        fields = {}
        for name, value in pairs:
            fields.setdefault(html.unescape(name), []).append(html.unescape(value))
        fields.pop("csrf_token")
        return fields


@pytest.fixture
def started(connected):
    """A browser of somebody whose account syncs."""
    calendar = re.findall(r'<option value="([^"]+@[^"]+)"', connected.text(SYNC))[-1]
    connected.post(f"{SYNC}/confirm", google_calendar=calendar, **OPTIONS)
    return connected


@pytest.fixture
def rules_page(started):
    """The page of rules."""
    return RulesPage(started)


@pytest.fixture
def settings(database, user):
    """Return a function that reads the saved settings."""

    def read():
        with database.read() as work:
            (found,) = work.connections.of_user(user.id)
        return found.settings

    return read


@pytest.fixture
def at_google(rehearsal, database, user, started):
    """Return a function that adds an event of yesterday to the chosen calendar."""
    told = rehearsal.describe()
    with database.read() as work:
        (found,) = work.connections.of_user(user.id)
    [account] = [each for each in told.accounts if each.email == found.account_email]
    path = f"/calendar/v3/calendars/{quote(found.google_calendar_id, safe='')}/events"
    begins = datetime.now(UTC) - timedelta(days=1)

    def add(summary, *, start=begins, **fields):
        times = (start, start + timedelta(hours=1))
        first, last = ({"dateTime": at.isoformat(timespec="seconds")} for at in times)
        body = {"summary": summary, "start": first, "end": last, **fields}
        request = Request(
            told.api_url + path,
            data=json.dumps(body).encode(),
            headers={
                "Authorization": f"Bearer {account.access_token}",
                "Content-Type": "application/json",
            },
        )
        with urlopen(request, timeout=10) as answer:
            answer.read()

    return add


def test_rules_need_an_account_with_options(connected):
    """Before, the page says what to do first."""
    answer = connected.get(PAGE)
    assert answer.status_code == 400
    assert "choose its options" in answer.get_data(as_text=True)


def test_a_new_rule_is_off_readable_and_not_saved(rules_page, settings):
    """What is worked on is on the page only."""
    rules_page.add()
    assert "When title or description contains “lunch”, leave it at Google." in rules_page.body
    assert ">Off<" in rules_page.body
    assert "not saved yet" in rules_page.body
    assert settings().rules == ()


def test_rules_are_ordered_edited_switched_and_deleted(rules_page):
    """Every button does what it says to the rule beside it."""
    rules_page.add("A").add("B").add("C")
    assert rules_page.step("up-2").names == ["A", "C", "B"]
    assert rules_page.step("down-0").names == ["C", "A", "B"]
    assert rules_page.step("delete-1").names == ["C", "B"]
    assert ">On<" in rules_page.step("switch-0").body
    rules_page.step("edit-0")
    assert re.search(r'name="rule_name"[^>]* value="C"', rules_page.body)
    rules_page.add("D", rule_number="0", when_busy="free")
    changed = json.loads(rules_page.rules)[0]
    assert (changed["name"], changed["on"]) == ("D", True)
    assert changed["when"] == {"words": ["lunch"], "busy": ["free"]}


def test_a_rehearsal_counts_what_each_rule_would_have_matched(rules_page, at_google, settings):
    """The last 90 days only, on or off, and titles from strangers are text."""
    at_google(f"Lunch {HOSTILE}")
    at_google("Lunch with Eva", colorId="11")
    at_google("Standup")
    at_google("Lunch long ago", start=datetime.now(UTC) - timedelta(days=120))
    rules_page.add().add("Red", when_words="", when_colour="11").step("switch-0").step("rehearse")
    assert "3 events looked at" in rules_page.body
    assert "Would have matched 2." in rules_page.body
    assert "Would have matched 1, of which a rule above decides 1." in rules_page.body
    assert html.escape(HOSTILE) in rules_page.body
    assert "<script>" not in rules_page.body
    assert "long ago" not in rules_page.body
    assert settings().rules == ()


def test_saving_goes_through_the_plan_and_keeps_the_other_options(rules_page, settings):
    """The plan says what changed; after Confirm the rule is there, and so is everything else."""
    before = settings()
    fields = rules_page.add().step("switch-0").carried()
    plan = rules_page.browser.post(f"{SYNC}/plan", **fields).get_data(as_text=True)
    assert "Was: nothing. Chosen: No lunches." in plan
    assert settings() == before
    rules_page.browser.post(f"{SYNC}/confirm", **fields)
    [rule] = settings().rules
    assert rule.on
    assert rule.conditions == (Condition(kind=ConditionKind.WORDS, values=("lunch",)),)
    assert rule.action.kind is ActionKind.SKIP
    assert (settings().outgoing_types, settings().sync_from) == (
        before.outgoing_types,
        before.sync_from,
    )
    page = rules_page.browser.text(SYNC)
    assert "1 of 1 on" in page
    carried = html.unescape(re.search(r'name="rules" value="([^"]*)"', page)[1])
    assert json.loads(carried)[0]["name"] == "No lunches"


def test_a_rule_links_to_the_only_person_of_a_name(rules_page, database, user):
    """Nobody, or two of a name, are refused beside the form."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    with database.write() as work:
        eva = work.contacts.add_person(user.company_id, "Eva", now=now)
        for _ in range(2):
            work.contacts.add_person(user.company_id, "Adam", now=now)
    rules_page.add(rule_action="person", rule_contact="Eva")
    assert json.loads(rules_page.rules)[0]["value"] == str(eva.id)
    for name, words in (("Adam", "more than one person"), ("Zoe", "no person")):
        rules_page.add("Other", rule_action="person", rule_contact=name)
        assert rules_page.status == 400
        assert words in rules_page.body
        assert rules_page.names == ["No lunches"]


@pytest.mark.parametrize(
    "form",
    [
        {"when_words": ""},
        {"when_words": "", "when_domain": "no domain"},
        {"when_words": "", "when_colour": "77"},
        {"rule_action": "type", "rule_type": "made-up"},
        {"rule_action": "delete"},
        {"name": "", "when_words": "x"},
        {"rule_number": "7"},
        {"rule_number": "-1"},
    ],
)
def test_a_refused_rule_keeps_what_was_entered(rules_page, form):
    """The page says why, and nothing is lost."""
    rules_page.add(**{"name": HOSTILE, **form})
    assert rules_page.status == 400
    assert 'role="alert" id="refusal"' in rules_page.body
    assert html.escape(form.get("name", HOSTILE)) in rules_page.body
    assert "<script>" not in rules_page.body


@pytest.mark.parametrize("text", ["", "{}", "[[[", "[1]", "[" * 100_000])
@pytest.mark.parametrize("path", [PAGE, f"{SYNC}/plan"])
def test_a_made_up_list_is_refused(started, path, text):
    """A hidden field may hold anything; the saved rules are shown again."""
    fields = {**OPTIONS, "google_calendar": "new"}
    assert started.post(path, rules=text, step="rehearse", **fields).status_code == 400


@pytest.mark.parametrize("step", ["", "up-9", "up--1", "up-x", "fly-0", "edit-"])
def test_a_made_up_step_is_refused(rules_page, step):
    """No button of the page says that."""
    rules_page.add().step(step)
    assert rules_page.status == 400
    assert rules_page.names == ["No lunches"]
