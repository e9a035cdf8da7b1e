"""Titles, long and rich descriptions, and meeting links at Google (features D9, D10, D13, D15)."""

from dataclasses import replace

import pytest

from bridge.convert import conference_line
from bridge.convert.activity import activity_to_object
from bridge.convert.google_event import event_to_object
from bridge.convert.google_series import object_to_events
from bridge.convert.lens import GoogleLens
from bridge.convert.rich_text import plain_text
from bridge.convert.title_template import title_frame
from bridge.domain.activity import STOCK_TYPES, Organization
from bridge.ical.calendar_object import CalendarObject
from bridge.rehearsal.events.rich_text import sanitized

TEMPLATE = "{subject} · {organization}"
LINK = "https://zoom.example.com/j/1?pwd=a&b=c"
LONG = "\n".join(f"Line {number} of a long text" for number in range(500))


@pytest.fixture
def lens(settings):
    """Return a function that makes the lens of a connection with changed settings."""

    def make(**changes):
        return GoogleLens(
            settings=settings(**changes), types=STOCK_TYPES, calendar_zone="Europe/Prague"
        )

    return make


@pytest.fixture
def item(object_text):
    """Return a function that makes an object with these lines."""
    return lambda *lines: CalendarObject.parse(object_text(*lines))


def google(**fields):
    """Return Google's item of an all-day event with these fields."""
    event = {"id": "e", "start": {"date": "2026-03-10"}, **fields}
    return event_to_object([event], uid="g-1", calendar_zone="Europe/Prague")


def edited(lens, item, **fields):
    """Return the object after an edit at Google."""
    return lens.put_calendar(replace(lens.calendar_view(item), **fields), item)


@pytest.mark.parametrize(
    ("template", "title"),
    [
        ("{subject} · {organization}", "Call · Acme"),
        ("{subject} · {person} · {organization}", "Call · Acme"),
        ("{subject} ({organization}) {person}", "Call (Acme)"),
        ("[{type}] {subject}", "[Call] Call"),
        ("{person}: {subject}", "Call"),
        ("{organization} / {person}: {subject}", "Acme / Call"),
        ("{subject}!", "Call!"),
        ("{organization}", "Call"),
        ("{subject} {subject}", "Call"),
        ("{subject} {note}", "Call {note}"),
        ("", "Call"),
    ],
)
def test_words_around_a_record_that_is_not_linked_are_left_out(template, title):
    """Without the subject, or with two, a template changes no title."""
    frame = title_frame(template, {"organization": "Acme", "type": "Call"})
    assert frame.around("Call") == title
    assert frame.subject_in(title) == "Call"
    assert frame.around("") == ""


def test_a_title_edited_inside_the_template_comes_back_as_the_subject(lens, item):
    """D13: without the template's part; the mark stands outside it."""
    chosen = lens(title_template=TEMPLATE)
    call = item("SUMMARY:Call", "X-CRM-ORGANIZATION:Acme")
    assert chosen.calendar_view(call).title == "Call · Acme"
    changed = edited(chosen, call, title="Call again · Acme", done=True)
    assert changed.head().text("SUMMARY") == "✓ Call again"
    assert changed.head().first("X-CRM-TITLE-TEMPLATE") is None
    assert (
        object_to_events(chosen.new_for_google(changed)).master["summary"] == "✓ Call again · Acme"
    )


@pytest.mark.parametrize(
    ("component", "lines", "title"),
    [
        ("VEVENT", ("CATEGORIES:Call",), "Call: Ada"),
        ("VEVENT", (), "Meeting: Ada"),
        ("VTODO", ("DUE:20260310T090000Z",), "Task: Ada"),
        ("VEVENT", ("CATEGORIES:Task,Family",), "Meeting: Ada"),
    ],
)
def test_a_template_names_the_type_that_the_activity_is_of(
    lens, object_text, component, lines, title
):
    """D13: what a client made without a category is of its calendar's type, as in the CRM."""
    made = CalendarObject.parse(object_text("SUMMARY:Ada", *lines, component=component))
    assert lens(title_template="{type}: {subject}").calendar_view(made).title == title


def test_a_title_that_fits_no_more_is_the_subject_and_ends_the_template(lens, item):
    """D13: for this item, until somebody takes the mark off."""
    chosen = lens(title_template=TEMPLATE)
    changed = edited(chosen, item("SUMMARY:Call", "X-CRM-ORGANIZATION:Acme"), title="Chat")
    assert changed.head().text("SUMMARY") == "Chat"
    assert changed.head().value("X-CRM-TITLE-TEMPLATE") == "OFF"
    assert chosen.calendar_view(changed).title == "Chat"
    assert edited(chosen, changed, title="Chat · Acme").head().text("SUMMARY") == "Chat · Acme"


def test_a_literal_tick_is_escaped_around_the_whole_title(lens, item):
    """Contract section 6: the mark and the template."""
    chosen = lens(title_template="{subject} ({organization})")
    listed = item("SUMMARY:\u200b✓ list", "X-CRM-ORGANIZATION:Acme")
    assert (
        object_to_events(chosen.new_for_google(listed)).master["summary"] == "\u200b✓ list (Acme)"
    )
    assert chosen.google_view(chosen.new_for_google(listed)) == chosen.calendar_view(listed)


def test_an_incoming_title_shows_as_it_is_whatever_the_template(lens):
    """It fits, or the template is off for it."""
    chosen = lens(title_template="{type}: {subject}")
    for title, subject, switch in (("Meeting: Talk", "Talk", ""), ("Talk", "Talk", "OFF")):
        _, made = chosen.new_for_calendar(google(summary=title), uid="new")
        assert made.head().text("SUMMARY") == subject
        assert made.head().value("X-CRM-TITLE-TEMPLATE") == switch
        assert chosen.calendar_view(made).title == title


def test_the_template_takes_names_from_the_activity(lens, call, now):
    """All the way from the CRM."""
    activity = call(organization=Organization(id=1, name="Acme"))
    made = activity_to_object(activity, uid="u", type_=STOCK_TYPES[0], now=now)
    assert (
        lens(title_template="{type} {subject} @ {organization}").calendar_view(made).title
        == "Call Call Ada @ Acme"
    )


def test_an_edit_before_the_mark_of_a_cut_description_comes_back(lens, object_text):
    """D15: the rest of the original stays."""
    whole = CalendarObject.parse(object_text("DESCRIPTION:" + LONG.replace("\n", "\\n")))
    view = lens().calendar_view(whole)
    assert len(view.description) <= 8192
    shown = view.description.replace("Line 3 of", "Line three of").replace(
        "Line 5 of a long text\n", ""
    )
    changed = lens().put_calendar(replace(view, description=shown), whole)
    wanted = LONG.replace("Line 3 of", "Line three of").replace("Line 5 of a long text\n", "")
    assert changed.head().text("DESCRIPTION") == wanted
    assert lens().calendar_view(changed).description == shown
    assert lens().put_calendar(lens().calendar_view(changed), whole) == changed


@pytest.mark.parametrize(
    "edit",
    [
        lambda shown: shown + " more",
        lambda shown: shown + "\nmore",
        lambda shown: shown.removesuffix("\n…"),
        lambda shown: shown.removesuffix("\n…")[:-40] + "\n…",
        lambda shown: "Something else",
        lambda shown: "\n…",
    ],
)
def test_an_edit_at_or_after_the_mark_is_put_back(lens, object_text, edit):
    """D15: the original is never cut."""
    whole = CalendarObject.parse(object_text("DESCRIPTION:" + LONG.replace("\n", "\\n")))
    view = lens().calendar_view(whole)
    changed = lens().put_calendar(replace(view, description=edit(view.description)), whole)
    assert changed is whole


def test_an_edit_in_googles_editor_before_the_mark_comes_back_as_text(lens, object_text):
    """Line ends are tags then."""
    whole = CalendarObject.parse(object_text("DESCRIPTION:" + LONG.replace("\n", "\\n")))
    view = lens().calendar_view(whole)
    shown = view.description.replace("Line 3 of", "<b>Third</b> of").replace("\n", "<br>")
    changed = lens().put_calendar(replace(view, description=shown), whole)
    assert changed.head().text("DESCRIPTION") == LONG.replace("Line 3 of", "Third of")


def test_a_text_edited_since_its_cut_is_shown_as_late_as_it_fits(lens, object_text):
    """Where it was cut holds for the text it was cut in."""
    text = "DESCRIPTION:" + LONG.replace("\n", "\\n")
    for whole, short in ((len(LONG), True), (len(LONG) + 1, False)):
        cut = CalendarObject.parse(object_text(text, f"X-CRM-DESCRIPTION-CUT:40/{whole}"))
        assert (len(lens().calendar_view(cut).description) < 50) is short


def test_html_of_google_is_plain_here_and_whole_there(lens):
    """D10: a change elsewhere leaves it alone, a client's own text replaces it."""
    html = 'Hi <b>you</b><br><a href="https://x.y/">here</a> &amp; there'
    there = google(description=html)
    _, made = lens().new_for_calendar(there, uid="new")
    assert made.head().text("DESCRIPTION") == "Hi you\nhere <https://x.y/> & there"
    view = lens().calendar_view(made)
    assert view.description == html
    retitled = edited(lens(), made, title="New")
    assert (
        lens().put_google(lens().calendar_view(retitled), there).head().text("DESCRIPTION") == html
    )
    typed = CalendarObject.parse(made.text.replace("Hi you", "Hello you"))
    told = "Hello you\nhere &lt;https://x.y/&gt; &amp; there"
    assert lens().calendar_view(typed).description == told
    plain = edited(lens(), made, description="Hi you\nhere <https://x.y/> & there")
    assert plain.head().first("X-ALT-DESC") is None


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<ul><li>one</li><li>two</li></ul>after", "- one\n- two\nafter"),
        ("<p>a</p><p>b</p>", "a\nb"),
        ("a<br><br><br><br>b", "a\n\nb"),
        ('<a href="mailto:a@b.c">a@b.c</a>', "a@b.c"),
        ('<a href="https://x.y"></a>', "https://x.y"),
        ("<!-- x --><b>a", "<!-- x -->a"),
        ("<a href='https://x.y'>x</a> <a href=z.y>z</a>", "x <https://x.y> z <z.y>"),
        ("<script>alert(1)</script><b>a</b>", "alert(1)a"),
        ("1 < 2 <b>and</b> 3 > 2", "1 < 2 and 3 > 2"),
    ],
)
def test_html_reads_as_text(html, text):
    """Lists, paragraphs, links, and what is no HTML."""
    assert plain_text(html) == text


@pytest.mark.parametrize("piece", ["<a ", "<", '<a href="', "&", "<!--", "<br", "</", "<b><"])
def test_broken_html_is_read_quickly(piece):
    """No length of it takes more than a moment."""
    assert isinstance(plain_text(piece * (30_000 // len(piece))), str)


def test_a_meeting_link_stands_below_the_description_at_google_and_comes_back(lens, item):
    """D9: our link is no conference of Google's."""
    meeting = item("DESCRIPTION:Bring cake", f"CONFERENCE;VALUE=URI;LABEL=Zoom:{LINK}")
    there = lens().new_for_google(meeting)
    body = object_to_events(there).master
    assert body["description"] == f"Bring cake\n\nCRM meeting link: {LINK}"
    assert "conferenceData" not in body
    assert lens().google_view(there) == lens().calendar_view(meeting)
    assert lens().calendar_view(meeting).description == "Bring cake"


@pytest.mark.parametrize(
    ("edit", "description", "link"),
    [
        (lambda text: text + "\nand tea", "Bring cake\nand tea", LINK),
        (lambda text: text.replace("j/1", "j/2"), "Bring cake", LINK.replace("j/1", "j/2")),
        (lambda text: "Bring cake", "Bring cake", ""),
        (
            lambda text: text.replace("\n", "<br>").replace(LINK, f'<a href="x">{LINK}</a>'),
            "Bring cake",
            LINK,
        ),
    ],
)
def test_edits_around_the_link_come_back_as_what_they_are(lens, item, edit, description, link):
    """The line never becomes part of the text."""
    meeting = item("DESCRIPTION:Bring cake", f"CONFERENCE;VALUE=URI;LABEL=Zoom:{LINK}")
    text = object_to_events(lens().new_for_google(meeting)).master["description"]
    view = lens().google_view(google(description=edit(text)))
    assert (view.description, view.conference) == (description, link)
    changed = lens().put_calendar(view, meeting)
    assert changed.head().value("CONFERENCE") == link
    assert changed.head().text("DESCRIPTION") == description


@pytest.mark.parametrize(
    "fields",
    [
        {"hangoutLink": "https://meet.google.com/abc"},
        {
            "conferenceData": {
                "entryPoints": [
                    {"entryPointType": "phone", "uri": "tel:+1"},
                    {"entryPointType": "video", "uri": "https://meet.google.com/abc"},
                ]
            }
        },
    ],
)
def test_a_conference_of_googles_comes_in_and_is_never_taken_off(lens, fields):
    """D9: whatever the calendar says of it."""
    there = google(**fields)
    _, made = lens().new_for_calendar(there, uid="new")
    assert made.head().value("CONFERENCE") == "https://meet.google.com/abc"
    without = edited(lens(), made, conference="")
    assert made.head().first("CONFERENCE") is not None
    assert lens().put_google(lens().calendar_view(without), there) is there
    other = lens().put_google(replace(lens().calendar_view(made), conference=LINK), there)
    assert other.head().value("X-GOOGLE-CONFERENCE") == "https://meet.google.com/abc"
    assert lens().google_view(other).conference == LINK


def test_telephones_and_further_conferences_stay(lens, item):
    """Only the first web address is the meeting link."""
    lines = ["CONFERENCE;VALUE=URI;FEATURE=PHONE:tel:+1", f"X-GOOGLE-CONFERENCE:{LINK}"]
    meeting = item(*lines)
    assert lens().calendar_view(meeting).conference == LINK
    changed = edited(lens(), meeting, conference="https://x.y/")
    assert "tel:+1" in changed.text
    assert lens().calendar_view(changed).conference == "https://x.y/"
    emptied = edited(lens(), changed, conference="")
    assert "tel:+1" in emptied.text
    assert lens().calendar_view(emptied).conference == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("From: John <john@example.com>", "From: John &lt;john@example.com&gt;"),
        ("see <https://x.y/?a=1&b=2>", "see &lt;https://x.y/?a=1&amp;b=2&gt;"),
        ("if (a<b && c>d)", "if (a&lt;b &amp;&amp; c&gt;d)"),
        ("say &amp; and &lt;", "say &amp;amp; and &amp;lt;"),
        ("a < b, R&D, <3", "a < b, R&D, <3"),
        ("<b>bold</b> <john@example.com>", "<b>bold</b> &lt;john@example.com>"),
    ],
)
def test_what_looks_like_a_tag_is_sent_so_that_google_keeps_it(lens, item, text, told):
    """D1, D10: Google takes unknown tags away, and what it took would be gone here, too."""
    made = item(f"DESCRIPTION:{text.replace(',', chr(92) + ',')}")
    assert lens().calendar_view(made).description == told
    there = lens().new_for_google(made)
    assert sanitized(there.head().text("DESCRIPTION")) == there.head().text("DESCRIPTION")
    view = lens().google_view(there)
    assert lens().put_calendar(view, made) is made
    retitled = edited(lens(), made, title="New")
    assert retitled.head().text("DESCRIPTION") == text


@pytest.mark.parametrize(
    ("told", "plain"),
    [
        ("R&amp;D &lt;now&gt;", "R&D <now>"),
        ("two&nbsp;words", "two\xa0words"),
        ("write &lt;b&gt; for bold", "write <b> for bold"),
        ("From: John <john@example.com>", "From: John <john@example.com>"),
    ],
)
def test_named_characters_of_googles_editor_are_read(lens, told, plain):
    """D10: it writes them whether there are tags or not; nothing is written because of that."""
    there = google(description=told)
    _, made = lens().new_for_calendar(there, uid="new")
    assert made.head().text("DESCRIPTION") == plain
    assert lens().calendar_view(made).description == lens().google_view(there).description
    assert lens().put_google(lens().calendar_view(made), there) is there


def test_a_long_text_is_not_cut_inside_the_name_of_a_character(lens, item):
    """D15: the mark stands after a whole one."""
    made = item(f"DESCRIPTION:{'<x@y>' * 3000}")
    text = lens().new_for_google(made).head().text("DESCRIPTION")
    assert len(text) <= 8192
    assert plain_text(text.removesuffix("\n…")) in "<x@y>" * 3000


def test_a_thousand_lines_with_links_are_split_at_once():
    """One pass over the text."""
    text, link = conference_line.split("x CRM meeting link: https://a.b/\n" * 100_000)
    assert link == "https://a.b/"
    assert "meeting link" not in text
