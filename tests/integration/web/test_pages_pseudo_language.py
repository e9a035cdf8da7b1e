"""Every sentence of the pages goes through a catalogue: none is left in English.

The catalogue is a pseudo one, made in memory: it puts a message's own words between brackets, and
leaves out what fills its places. People's own words are in Greek here, so that Latin letters
outside of brackets are a sentence that somebody forgot, in a template or in the code.
"""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser

import pytest
from babel.support import NullTranslations
from flask import request

from bridge.domain.activity import Activity, Attendee, Conference, Reply
from bridge.domain.spans import AllDaySpan, TimedSpan
from bridge.domain.users import GrantLevel, Role
from bridge.google_calendar.failures import of_listing, translated
from bridge.ical.calendar_object import CalendarObject
from bridge.web import languages
from catalogue_script import script

SYNC, HISTORY, RULES = (
    f"/settings/{each}" for each in ("calendar-sync", "history", "calendar-sync/rules")
)
PROGRAMS = "/settings/calendar-programs"
PASSWORD = "a password for the pages"
NO_PAGES = {"static", "activities.colours"}
SHOWN = {"aria-label", "title", "placeholder", "alt", "data-of", "label"}
# Addresses, names, keys, and the title that Google gets of what is only busy.
FACTS = re.compile(
    r"""https?://\S+|\S+@\S+|example\.com|google\.client_(?:id|secret)|\{\w+\}
    |crmdav|UTC|Europe/Prague|America/New_York|anna(?:\.\w+)?|zoe
    |Customer\ visits|Ada\ Sample|Sample\ Works|^\s*Busy\s*$
    |403rateLimitExceeded|(?:^|·)\s*(?:call|meeting|lunch|task|deadline|email)\s*$""",
    re.VERBOSE,
)
ENGLISH = re.compile(r"[A-Za-z]{2,}")


class Bracketed(NullTranslations):
    """Puts the words of every message that the catalogues have between brackets."""

    def __init__(self, known):
        super().__init__()
        self._known = known

    def ugettext(self, message):
        """Return the message, its places and tags outside of the brackets."""
        return bracketed(message) if message in self._known else message

    def ungettext(self, singular, plural, count):
        """Return one of the two as `ugettext` does."""
        said = singular if count == 1 else plural
        return bracketed(said) if (singular, plural) in self._known else said


def bracketed(message):
    """Return a message with each of its own pieces of text between brackets."""
    pieces = re.split(r"(<[^>]*>|%\(\w+\)s)", message)
    return "".join(
        f"⟦{piece}⟧" if number % 2 == 0 and piece.strip() else piece
        for number, piece in enumerate(pieces)
    )


class Texts(HTMLParser):
    """Collects what a page shows: texts, and the attributes that people are told."""

    def __init__(self):
        super().__init__()
        self.found, self._inside = [], []

    def handle_starttag(self, tag, attrs):
        """Note the attributes; of some tags the text is not a sentence."""
        told = dict(attrs)
        self.found += [value for name, value in attrs if name in SHOWN and value]
        # A language names itself; what stands in `code` is for machines.
        self._inside.append(tag in {"code", "style"} or (tag == "option" and "lang" in told))
        if tag in {"input", "meta", "link", "img", "use", "path", "rect", "br", "hr"}:
            self._inside.pop()

    def handle_endtag(self, tag):
        """Leave a tag."""
        if self._inside and tag not in {"use", "path", "rect"}:
            self._inside.pop()

    def handle_data(self, data):
        """Note a text."""
        if not any(self._inside):
            self.found.append(data)


def english_in(page):
    """Return the texts of a page that stand in no catalogue, nor are facts."""
    texts = Texts()
    texts.feed(page)
    told = (FACTS.sub("", re.sub(r"⟦[^⟧]*⟧", "", text)) for text in texts.found)
    return [" ".join(each.split()) for each in told if ENGLISH.search(each)]


@pytest.fixture(scope="module")
def known():
    """The messages that catalogues have."""
    return {one.id for one in script.extracted() if one.id}


@pytest.fixture(autouse=True)
def leaks(app, known, monkeypatch):
    """What the pages of a test said in English, by the path that was asked for."""
    found, pseudo = {}, Bracketed(known)
    monkeypatch.setitem(languages.LANGUAGES, "cs", "Čeština")
    monkeypatch.setattr(languages, "catalogue", lambda code: pseudo)
    monkeypatch.setattr(languages, "written_in", lambda code, when, style: f"⟦{style}⟧")
    monkeypatch.setattr(languages, "language", lambda: "cs")
    app.extensions["seen"] = set()

    @app.after_request
    def look(answer):
        app.extensions["seen"].add(request.endpoint)
        if answer.mimetype == "text/html" and answer.status_code not in {302, 308}:
            said = english_in(answer.get_data(as_text=True))
            if said:
                found[f"{request.method} {request.full_path}"] = said
        return answer

    return found


def event(uid, title, *more, start="20990310T100000Z"):
    """Return an event of the far future."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//tests//pages//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260301T000000Z",
        f"DTSTART:{start}",
        f"DTEND:{start.replace('T10', 'T11')}",
        f"SUMMARY:{title}",
        *more,
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return CalendarObject.parse("\r\n".join(lines))


@pytest.fixture
def user(make_user):
    """Anna, an admin with a Greek name."""
    return make_user("anna", name="Άννα", role=Role.ADMIN)


@pytest.fixture
def company(company, database):
    """A company whose types have Greek names."""
    with database.write() as work:
        for kind in work.types.list(company.id):
            work.types.save(company.id, replace(kind, name="Τύπος", active=kind.key != "lunch"))
    return company


@pytest.fixture
def colleagues(database, make_user, user, now):
    """Two more users, one of them switched off; all see each other's calendars."""
    zoe, off = make_user("zoe", name="Ζωή"), make_user("anna.off", name="Άλλη")
    with database.write() as work:
        work.users.set_active(off.id, active=False)
        work.grants.give(zoe, user, level=GrantLevel.READ, now=now)
        work.grants.give(user, zoe, level=GrantLevel.BUSY, now=now)
    return zoe, off


@pytest.fixture
def activities(database, user):
    """Activities of every kind around today, and one that repeats too often to be shown."""
    today = datetime.now(UTC).replace(hour=9, minute=0, second=0, microsecond=0)
    plain = Activity(company_id=user.company_id, owner_id=user.id, type_key="call", subject="Κλήση")
    guests = tuple(
        Attendee(email=f"guest{number}@example.org", reply=reply)
        for number, reply in enumerate(Reply)
    )
    with database.write([user.id]) as work:
        eva = work.contacts.add_person(user.company_id, "Εύα", email="eva@acme.example", now=today)
        deal = work.contacts.add_deal(user.company_id, "Πώληση", now=today)
        for hours, values in (
            (0, {"attendees": guests, "participants": (eva,), "deal": deal}),
            (2, {"private": True, "conference": Conference(url="https://meet.example/x")}),
            (4, {"recurrence": ("RRULE:FREQ=DAILY;COUNT=9",), "zone": "America/New_York"}),
            (6, {"type_key": "task", "done": True}),
            (8, {"recurrence": ("RRULE:FREQ=MONTHLY;BYMONTHDAY=-1,1,2",)}),
            (9, {"recurrence": ("RRULE:FREQ=SECONDLY",)}),
            (-30, {"type_key": "deadline", "person": eva}),
            (-60, {"minutes": 1500}),
        ):
            zone, minutes = values.pop("zone", user.timezone), values.pop("minutes", 30)
            begins = today + timedelta(hours=hours)
            span = TimedSpan(start=begins, end=begins + timedelta(minutes=minutes), zone=zone)
            work.activities.add(replace(plain, span=span, **values), now=today)
        first = date(today.year, today.month, 5)
        for days in (1, 3):
            span = AllDaySpan(start=first, end=first + timedelta(days=days))
            work.activities.add(replace(plain, span=span), now=today)
            work.activities.add(replace(plain, span=span, type_key="task"), now=today)
        work.activities.add(replace(plain, type_key="task"), now=today)
        return [one.id for one in work.activities.list(user.id)]


@pytest.fixture
def options(connected):
    """What Anna chooses for her account."""
    calendar = re.findall(r'<option value="([^"]+@[^"]+)"', connected.text(SYNC))[-1]
    return {
        "google_calendar": calendar,
        "sync_type": "two-way",
        "incoming_type": "meeting",
        "outgoing_types": ["call", "meeting"],
        "private_events": "save-as-private",
        "sync_from": "2026-03-01",
    }


@pytest.fixture
def connection(connected, options, database, user):
    """Anna's connection, started."""
    assert connected.post(f"{SYNC}/confirm", plan="", **options).status_code == 302
    with database.read() as work:
        return work.connections.of_user(user.id)[0]


@pytest.fixture
def syncing(connected, connection, runner, sides):
    """An account after some runs: a conflict, a held change, a deletion, items left alone."""
    sides.calendar.put("one.ics", event("one", "Ένα", "X-CRM-ACTIVITY-TYPE:call"))
    sides.calendar.put("two.ics", event("two", "Δύο", "X-CRM-ACTIVITY-TYPE:call"))
    sides.calendar.put("task.ics", event("task", "Όχι", "X-CRM-ACTIVITY-TYPE:lunch"))
    sides.google.put("theirs", event("theirs@google.com", "Ξένο"))
    sides.google.put("review", event("review@google.com", "Έλεγχος", "ATTENDEE:mailto:e@e.org"))
    runner.run(connection.id)
    edited(sides.calendar, "Ένα", "Ένα αριστερά")
    edited(sides.google, "Ένα", "Ένα δεξιά")
    edited(sides.calendar, "Έλεγχος", "Έλεγχος", "T10", "T12")
    for name, item in sides.google.objects().items():
        if "Δύο" in item.text:
            sides.google.remove(name)
    runner.run(connection.id)
    connected.connection = connection
    return connected


def edited(collection, title, other, *more):
    """Change the title of an item, and more of it."""
    for name, item in collection.objects().items():
        if f"SUMMARY:{title}" in item.text:
            text = item.text.replace(f"SUMMARY:{title}", f"SUMMARY:{other}")
            collection.put(name, CalendarObject.parse(text.replace(*more) if more else text))


def links(page, of):
    """Return where the links of a page lead that are of a kind."""
    return [html.unescape(each) for each in re.findall(rf'href="({HISTORY}/{of}\?[^"]+)"', page)]


def test_forgotten_sentence_stands_out_wherever_it_is():
    """In a text, beside a translated one, or in what a screen reader says."""
    page = """<p title="Τίτλος">⟦Saved ⟧anna@acme.example <b>Άννα</b></p><code>x-api</code>
        <p>⟦Saved.⟧ Not saved.</p><a aria-label="Go"></a><option lang="de">Deutsch</option>"""
    assert english_in(page) == ["Not saved.", "Go"]
    assert bracketed("Hello %(name)s, <a href='%(to)s'>go</a>.") == (
        "⟦Hello ⟧%(name)s⟦, ⟧<a href='%(to)s'>⟦go⟧</a>⟦.⟧"
    )
    assert Bracketed({"known"}).ugettext("unknown") == "unknown"


def test_pages_of_somebody_who_is_not_signed_in(browser, leaks):
    """The sign-in page, refusals, and addresses that are not there."""
    for path in ("/", "/nowhere", "/sign-out", "/sign-in/openid"):
        browser.get(path)
    browser.sign_in(password="wrong")
    browser.post("/sign-out", csrf_token="old")
    for _ in range(20):
        browser.sign_in(password="wrong")
    assert leaks == {}


def test_pages_before_anything_is_connected(browser, activities, colleagues, leaks):
    """Every page has something to say about what is not there yet."""
    browser.sign_in()
    for path in (SYNC, HISTORY, f"{HISTORY}/changes", PROGRAMS, RULES, "/activities"):
        browser.get(path)
    browser.post(f"{SYNC}/account", step="ask")
    browser.post(f"{SYNC}/account", step="continue", account="nobody")
    browser.get("/oauth/google/callback?error=access_denied")
    browser.get("/oauth/google/callback?state=x&code=y")
    assert leaks == {}


def test_every_page_of_somebody_whose_account_syncs(syncing, activities, colleagues, app, leaks):
    """No address of ours is left out: each page that can be asked for is looked at."""
    browser, (zoe, _) = syncing, colleagues
    for path in (
        *("/activities", "/activities?view=week", "/activities?view=list", "/activities/new"),
        *("/activities?on=2099-03-10", "/activities?view=list&on=2099-03-10&show=open"),
        *(f"/activities/{number}" for number in activities),
        *(f"{HISTORY}/activity/{number}" for number in activities),
        *(SYNC, f"{SYNC}?stopped=1", f"{SYNC}/standing", RULES, PROGRAMS, "/settings/account"),
        *(HISTORY, f"{HISTORY}?all=1", f"{HISTORY}/changes", f"{HISTORY}/changes?state=done"),
        *("/admin/users", "/admin/users?q=nobody", f"/admin/users/{zoe.id}/remove"),
        *("/admin/sharing", "/admin/types", "/admin/types/new", "/admin/types/change?key=call"),
        *("/admin/connections", "/oauth/google/callback?error=x", "/sign-in/openid"),
        *("/oauth/openid/callback", f"{HISTORY}/change?id=x", "/admin/types/change?key=x"),
    ):
        browser.get(path)
    for number in activities:
        for address in _dates(browser, number)[:2]:
            browser.get(address)
    changes = browser.text(f"{HISTORY}/changes")
    for run in links(browser.text(HISTORY), "changes"):
        browser.get(run)
    for address in links(changes, "change"):
        for item in links(browser.text(address), "item"):
            browser.get(item)
    browser.post("/sign-out")
    browser.get("/")
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in rule.methods}
    assert pages - app.extensions["seen"] - NO_PAGES == set()
    assert leaks == {}


def test_pages_that_answer_the_forms_of_the_sync(syncing, options, leaks):
    """Plans, with and without changes; what cannot be; the end, and what is to become of it."""
    browser = syncing
    changed = {
        **options,
        "sync_type": "crm-to-google",
        "incoming_type": "call",
        "outgoing_types": ["call"],
        "private_events": "do-not-sync",
        "contact_information": "1",
        "sync_from": "2026-04-01",
        "event_types": ["birthday", "fromGmail"],
        "incoming_visibility": "only-me",
        "calendar_default": "private",
        "busy_only_types": ["call"],
        "title_template": "{subject} · {deal}",
        "guests_out": "1",
        "persons_from_guests": "1",
    }
    browser.post(f"{SYNC}/plan", **changed)
    browser.post(f"{SYNC}/confirm", plan="x", shown="x", **changed)
    for name, wrong in (
        ("google_calendar", "x"),
        ("sync_type", "x"),
        ("incoming_type", "x"),
        ("outgoing_types", "x"),
        ("sync_from", "x"),
        ("sync_from", "1000-01-01"),
        ("event_types", "x"),
        ("title_template", "{who} {subject}"),
        ("title_template", "x"),
        ("title_template", "{subject}" + "ω" * 300),
    ):
        assert browser.post(f"{SYNC}/plan", **{**options, name: wrong}).status_code == 400, name
    browser.post(f"{SYNC}/sync-now")
    browser.get(SYNC)
    browser.post(f"{SYNC}/{syncing.connection.id}/held", uid="x", question="x", answer="keep")
    browser.post(f"{SYNC}/{syncing.connection.id}/held", answer="x")
    browser.get(SYNC)
    browser.post(f"{SYNC}/stop")
    browser.get(SYNC)
    for wish in ("copies", "incoming", "x"):
        browser.post(f"{SYNC}/{syncing.connection.id}/farewell/plan", wish=wish)
    browser.get(HISTORY)
    browser.post(f"{SYNC}/{syncing.connection.id}/disconnect")
    browser.get(SYNC)
    assert leaks == {}


def test_pages_of_what_is_taken_back(syncing, leaks):
    """The plan of a run and of each change; what is not there any more."""
    browser = syncing
    pages = [browser.text(each) for each in links(browser.text(f"{HISTORY}/changes"), "change")]
    pages += [browser.text(each) for each in links(browser.text(HISTORY), "changes")]
    targets = {each for page in pages for each in re.findall(r'name="target" value="(.*?)"', page)}
    assert targets
    number = str(syncing.connection.id)
    for target in (*targets, "x"):
        answer = browser.post(f"{HISTORY}/undo", connection=number, target=target)
        plan = re.search(r'name="plan" value="(.*?)"', answer.text)
        browser.post(f"{HISTORY}/undo/confirm", connection=number, target=target, plan="x")
        if plan:
            sent = {"connection": number, "target": target, "plan": plan[1]}
            browser.post(f"{HISTORY}/undo/confirm", **sent)
            browser.get(f"{HISTORY}/changes")
    assert leaks == {}


@pytest.fixture(
    params=[
        translated(503, b""),
        translated(403, b'{"error": {"errors": [{"reason": "rateLimitExceeded"}]}}'),
        translated(401, b""),
        of_listing(translated(404, b"")),
    ]
)
def failing(syncing, runner, sides, request):
    """An account whose Google answers with an error, in a run as well."""
    sides.trouble = request.param
    runner.run(syncing.connection.id)
    return syncing


def test_pages_while_google_fails(failing, options, leaks):
    """A plan that cannot be made, runs that ended early, an account that needs attention."""
    for path in (SYNC, HISTORY, f"{HISTORY}/changes", "/admin/connections", RULES):
        failing.get(path)
    run = links(failing.text(f"{HISTORY}?all=1"), "changes")[0]
    assert "⟦Google answered ⟧" in failing.text(run)
    failing.post(f"{SYNC}/plan", **options)
    number, target = str(failing.connection.id), run.rpartition("=")[2]
    failing.post(f"{HISTORY}/undo", connection=number, target=target)
    assert leaks == {}


def test_pages_of_rules(syncing, options, leaks):
    """Rules of every kind in words; the rehearsal; what cannot be one."""
    browser, rules = syncing, "[]"
    form = {
        "rule_name": "Πρώτος",
        "rule_action": "type",
        "rule_type": "call",
        "when_words": "ένα, δύο",
        "when_domain": "example.com",
        "when_colour": ["", "1", "11"],
        "when_event_type": ["default", "birthday", "outOfOffice"],
        "when_busy": ["busy", "free"],
        "when_reply": ["accepted", "declined", "tentative", "needs-action"],
    }
    for number, change in enumerate(
        (
            {},
            {"rule_action": "private"},
            {"rule_action": "skip"},
            {"rule_action": "person", "rule_contact": "Κανείς"},
            {"rule_action": "deal", "rule_contact": "Κανείς"},
            {"rule_name": ""},
            {"rule_action": "x"},
            {"when_domain": "-"},
        )
    ):
        sent = {**form, "rule_name": f"Ρ{number}", "rules": rules, "step": "keep", **change}
        answer = browser.post(RULES, **sent)
        rules = html.unescape(re.search(r'name="rules" value="([^"]*)"', answer.text)[1])
    for step in ("edit-0", "switch-0", "down-0", "rehearse", "delete-1", "delete-77", "x"):
        browser.post(RULES, rules=rules, step=step)
    browser.post(RULES, rules="x", step="rehearse")
    assert browser.post(f"{SYNC}/plan", **{**options, "rules": rules}).status_code == 200
    assert leaks == {}


def test_pages_that_answer_the_forms_of_an_activity(browser, activities, leaks):
    """Kept, refused field by field, and changed by somebody else meanwhile."""
    browser.sign_in()
    good = {"type": "call", "subject": "Νέα", "date": "2026-03-10", "time": "10:00"}
    for change in (
        {},
        {"date": "2026-03-29", "time": "02:30"},
        {"subject": ""},
        {"subject": "ω\x01"},
        {"subject": "ω" * 1001},
        {"type": "x"},
        {"date": "x"},
        {"time": "x"},
        {"date": ""},
        {"date": "1960-01-01"},
        {"all_day": "1", "last_date": "2026-03-01"},
        {"minutes": "x"},
        {"minutes": "999999"},
        {"busy": "x"},
        {"person": "Κανείς"},
        {"organization": "Κανείς"},
        {"deal": "Κανείς"},
        {"repeat": "x"},
        {"repeat": "WEEKLY", "interval": "0"},
        {"repeat": "WEEKLY", "weekdays": ["x"], "interval": "1"},
        {"repeat": "WEEKLY", "weekdays": ["4"], "interval": "1", "ends": "never"},
        {"repeat": "DAILY", "interval": "1", "ends": "until", "until": ""},
        {"repeat": "DAILY", "interval": "1", "ends": "until", "until": "2026-01-01"},
        {"repeat": "DAILY", "interval": "1", "ends": "x"},
        {"repeat": "DAILY", "interval": "1", "done": "1", "ends": "never"},
    ):
        browser.post("/activities/new", **{**good, **change})
    browser.get("/activities")
    for number in activities:
        for address in _dates(browser, number)[-1:]:
            _edit_a_date(browser, address, good)
    for number in activities:
        conflict = {"version": "x", "busy": "free", "private": "1", "repeat": "WEEKLY"}
        browser.post(f"/activities/{number}", **good, **conflict, weekdays=["0", "3"])
        browser.post(f"/activities/{number}/done", done="1")
        browser.post(f"/activities/{number}/delete", version="x")
        browser.get("/activities")
    version = re.search(r'name="version" value="(.*?)"', browser.text("/activities/1"))[1]
    browser.post("/activities/1/delete", version=version)
    browser.post("/activities/1", version=version, **good)
    browser.get("/activities")
    assert leaks == {}


def _dates(browser, number):
    """Return the addresses of the dates that the page of a series lists."""
    page = browser.text(f"/activities/{number}")
    return re.findall(rf'href="(/activities/{number}/dates/[^"?]+)', page)


def _edit_a_date(browser, address, good):
    """Mark it, be refused in every way, change, restore and cancel it."""

    def version():
        return re.search(r'name="version" value="(.*?)"', browser.text(address))[1]

    series = address.partition("/dates/")[0]
    for done in ("1", "0"):
        browser.post(f"{address}/done", done=done)
        browser.get(series)
    browser.post(address, version="x", **good)
    browser.post(address, version=version(), **{**good, "date": ""})
    browser.post(address, version=version(), **{**good, "location": "Εδώ"})
    browser.get(series)
    browser.post(f"{address}/cancel", version="x")
    browser.post(f"{address}/restore", version=version())
    browser.post(f"{address}/cancel", version=version())
    for path in (series, address, f"{series}?since=20990101T000000Z", f"{address}x"):
        browser.get(path)
    browser.post(f"{address}/done", done="1")
    browser.post(f"{address}/restore", version=version())
    browser.get(series)


def test_pages_that_answer_the_forms_of_access(browser, colleagues, company, leaks):
    """Passwords, links, users, shares, types: done and refused."""
    browser.sign_in()
    zoe, _ = colleagues
    users, sharing, types = "/admin/users", "/admin/sharing", "/admin/types"
    kind = {"name": "Άλλο", "order": "1", "collection": "tasks", "color": "#112233", "active": "1"}
    for path, form in (
        (f"{PROGRAMS}/passwords", {"label": "Τηλέφωνο"}),
        (f"{PROGRAMS}/passwords", {"label": ""}),
        (f"{PROGRAMS}/profile", {"label": "ω" * 101}),
        (f"{PROGRAMS}/links", {"label": "Τηλέφωνο", "types": ["call"]}),
        (f"{PROGRAMS}/links", {"label": "ω" * 101}),
        (f"{PROGRAMS}/links", {"label": "Τηλέφωνο", "types": ["x"]}),
        (f"{PROGRAMS}/passwords/1/revoke", {}),
        (f"{PROGRAMS}/links/1/revoke", {}),
        (f"{PROGRAMS}/links/77/revoke", {}),
        ("/settings/account/sessions", {}),
        ("/settings/account/password", {"present": "x", "wanted": "x", "repeated": "x"}),
        *(
            ("/settings/account/password", {"present": PASSWORD, "wanted": each, "repeated": same})
            for each, same in (("short", "short"), ("a long new password", "another"))
        ),
        (users, {"login": "anna.new", "name": "Νέα", "timezone": "Europe/Prague"}),
        (users, {"login": "zoe", "timezone": "Europe/Prague"}),
        (users, {"login": "ζωή @", "timezone": "Europe/Prague"}),
        (users, {"login": "x", "timezone": "Μέρος"}),
        *((f"{users}/{zoe.id}/role", {"role": role}) for role in ("admin", "user")),
        *((f"{users}/{zoe.id}/switch", {"active": said}) for said in ("no", "yes")),
        (f"{users}/{zoe.id}/password", {}),
        (f"{users}/1/role", {"role": "user"}),
        (f"{users}/77/role", {"role": "user"}),
        (sharing, {"owner": "anna", "grantee": "zoe", "level": "read"}),
        (sharing, {"owner": "anna", "grantee": "anna", "level": "read"}),
        (sharing, {"owner": "anna", "grantee": "zoe", "level": "x"}),
        (sharing, {"owner": "anna", "grantee": "Κανείς", "level": "read"}),
        (f"{sharing}/{zoe.id}/1/remove", {}),
        (f"{sharing}/{zoe.id}/1/remove", {}),
        (f"{types}/new", kind),
        *(
            (f"{types}/new", {**kind, **change})
            for change in (
                {"name": ""},
                {"name": "Τύπος"},
                {"order": "x"},
                {"color": "x"},
                {"icon": "x"},
                {"collection": "x"},
            )
        ),
        (f"{types}/change", {**kind, "key": "meeting", "active": ""}),
        ("/admin/connections/check", {}),
        ("/admin/connections/77/stop", {}),
        (f"{users}/{zoe.id}/remove", {}),
    ):
        browser.post(path, **form)
        browser.get(users)
    assert leaks == {}
