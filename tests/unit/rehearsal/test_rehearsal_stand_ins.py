"""Stand-ins of a recording: consistent, of the same shape, and without the way back."""

import re
import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bridge.rehearsal.events.rich_text import sanitized
from bridge.rehearsal.recording.anonymiser import Anonymiser
from bridge.rehearsal.recording.bodies import read_body, write_body
from bridge.rehearsal.recording.stand_ins import StandIns
from bridge.rehearsal.recording.vocabulary import SCHEMES, TAGS

WORDS = re.compile(r"[^\W_]{5,}")


@pytest.fixture(scope="module")
def stand_ins():
    """The stand-ins of one recording."""
    return StandIns()


@settings(max_examples=200, deadline=None, derandomize=True)
@example("Ⱦ İstanbul ß")
@given(st.text(max_size=60))
def test_no_longer_word_of_a_text_is_left(stand_ins, text):
    """Lengths and marks stay, words go."""
    shown = stand_ins.text(text)
    assert len(shown) == len(text)
    assert len(shown.encode()) == len(text.encode())
    left = set(map(str.lower, WORDS.findall(text))) & set(map(str.lower, WORDS.findall(shown)))
    assert left <= SCHEMES | TAGS


@pytest.mark.parametrize(
    "text",
    [
        "  Call <b>Ada</b>\r\nat &lt;noon&gt; <script>steal()</script>",
        '<a href="https://crm.test/deal/7?x=y" onclick="go()">Offer</a> & more',
        "Ärger in Übersee: 会議室 3, 𠀋𠂢",
    ],
)
def test_what_the_rehearsal_does_with_texts_it_does_with_stand_ins(stand_ins, text):
    """Trimming, small letters, titles, and taking out HTML come to the same."""
    assert sanitized(stand_ins.text(text)) == stand_ins.text(sanitized(text))
    assert stand_ins.text(text).strip() == stand_ins.text(text.strip())
    assert stand_ins.text(text.lower()) == stand_ins.text(text).lower()


def test_long_texts_take_no_longer_than_they_are(stand_ins):
    """A megabyte of anything is replaced in a moment, whatever stands in it."""
    begun = time.process_time()
    for piece in ("[", "<a", "a", "a@", "&a", "a."):
        stand_ins.text(piece * (300_000 // len(piece)))
    assert time.process_time() - begun < 20


def test_names_follow_from_addresses_as_they_did(stand_ins):
    """An account's name is made from its address."""
    assert stand_ins.text("Ada Lovelace") == " ".join(
        word.title() for word in stand_ins.text("ada.lovelace@firm.test").split("@")[0].split(".")
    )


def test_different_words_get_different_stand_ins(stand_ins):
    """Two guests stay two, as far as there are words of that length."""
    words = [f"{a}{b}" for a in "abcdefghijklmno" for b in "abcdefghijklmno"]
    assert len({stand_ins.text(word) for word in words}) == len(words)


def test_two_recordings_have_nothing_in_common():
    """The key is thrown away: nobody can look a word up."""
    text = "Confidential meeting"
    assert StandIns().text(text) != StandIns().text(text)
    assert StandIns().token(text) != StandIns().token(text)


@pytest.mark.parametrize(
    "identifier",
    ["abcde12345", "abcde_20260310T090000Z", "abcde_R20260310", "primary", "11", "#a4bdfc",
     "c_0123abcd@group.calendar.google.com", "abcde@google.com",
     "5f0c1a2b-0000-4000-8000-1234567890ab"],
)  # fmt: skip
def test_ids_that_say_nothing_stay(stand_ins, identifier):
    """They are what a problem report is about."""
    assert stand_ins.identifier(identifier) == identifier


@pytest.mark.parametrize(
    "identifier",
    ["meeting-with-Ada", "ada@firm.test", "_c5i62g36d5p6qbjkclpn8", "user:ada@firm.test"],
)
def test_ids_that_say_something_do_not(stand_ins, identifier):
    """UIDs of other programs, addresses, and ids made from them."""
    shown = stand_ins.identifier(identifier)
    assert shown != identifier
    assert len(shown) == len(identifier)
    assert stand_ins.identifier(identifier) == shown


def test_instances_of_imported_series_keep_their_moment(stand_ins):
    """The id is made from the UID, with the original start behind it."""
    series = stand_ins.identifier("_c5i62g36d5p6qbjkclpn8")
    instance = stand_ins.identifier("_c5i62g36d5p6qbjkclpn8_20260310T090000Z")
    assert instance == f"{series}_20260310T090000Z"


@pytest.mark.parametrize(
    "address",
    ["https://crm.firm.test/hooks/secret", "http://127.0.0.1:8080/hooks/secret", "http://[::1/x"],
)
def test_push_addresses_lead_nowhere(address):
    """A replay sends nothing to anybody."""
    shown = Anonymiser().value("address", address)
    assert shown.split("/")[0] == address.split("/")[0]
    assert "secret" not in shown
    assert "firm" not in shown
    assert "8080" not in shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dateTime", "2026-03-10T10:00:00+01:00"), ("timeZone", "Europe/Berlin"),
        ("status", "confirmed"), ("recurrence", ["RRULE:FREQ=WEEKLY;BYDAY=-1FR;UNTIL=20260310"]),
        ("maxResults", "250"), ("singleEvents", "true"), ("fields", "items(id,etag),nextPageToken"),
        ("etag", '"3357192984186000"'), ("eventType", "outOfOffice"), ("sequence", 3),
        ("scope", "openid https://www.googleapis.com/auth/calendar"), ("kind", "calendar#event"),
        ("fault", "status:403:rateLimitExceeded"), ("path_contains", "/calendarList"),
        ("setting", "timezone"), ("colorId", "7"), ("method", "popup"),
    ],
)  # fmt: skip
def test_values_without_a_person_in_them_stay(name, value):
    """Times, zones, rules, numbers, closed sets."""
    assert Anonymiser().value(name, value) == value


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("dateTime", "tomorrow"), ("timeZone", "Secret/Zone"), ("status", "secret"),
        ("recurrence", "RRULE:FREQ=SECRET"), ("maxResults", "secret"), ("fields", "items(secret)"),
        ("etag", '"secret"'), ("kind", "secret"), ("scope", "secret"), ("fault", "secret words"),
        ("summary", "2026-03-10"), ("access_token", "secret"), ("unknown", "true"),
    ],
)  # fmt: skip
def test_the_same_places_keep_nothing_else(name, value):
    """A name alone makes no value harmless."""
    shown = Anonymiser().value(name, value)
    assert shown != value
    assert "ecret" not in shown


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("application/json", b'{"a": [1, null, "\\u00e9"]}'),
        ("application/x-www-form-urlencoded", b"a=1&a=2&b=%C3%A9&c="),
        ("", b""),
        ("multipart/mixed; boundary=x",
         b"--x\r\nContent-Type: application/http\r\nContent-ID: <1>\r\n\r\nPOST /a HTTP/1.1\r\n"
         b'If-Match: "1"\r\n\r\n{"a": 1}\r\n--x--\r\n'),
        ("text/plain", b"anything"),
    ],
)  # fmt: skip
def test_bodies_are_read_and_written(kind, content):
    """What was read can be sent again, and reads the same."""
    body = read_body(kind, content)
    written, media = write_body(body)
    assert read_body(media, written) == body
