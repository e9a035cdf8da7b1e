"""Recordings: nobody's data in them, and the same answers when they are run again."""

import base64
import hashlib
import json
import re
import secrets
import subprocess
import sys
from http.client import HTTPException
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from urllib.request import Request, urlopen

import pytest

from bridge.cli.main import run
from bridge.errors import ConfigError
from bridge.rehearsal.recording.replay import replay
from bridge.rehearsal.server import RehearsalServer

DAY = {"start": {"date": "2026-03-10"}, "end": {"date": "2026-03-11"}}
WEEKLY = {
    "start": {"dateTime": "2026-03-10T10:00:00", "timeZone": "Europe/Berlin"},
    "end": {"dateTime": "2026-03-10T11:00:00", "timeZone": "Europe/Berlin"},
    "recurrence": ["RRULE:FREQ=WEEKLY;COUNT=4", "EXDATE;TZID=Europe/Berlin:20260317T100000"],
}
EVENTS = "/calendars/primary/events"
SCOPE = "https://www.googleapis.com/auth/calendar.events"
CALLBACK = "http://127.0.0.1:8080/oauth/google/callback"
ELSEWHERE = "https://crm.sanddornsaft.test/vogelbeere"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CANARIES = (
    "Quittenmarmelade", "Zwetschgenkuchen", "Aprikosenkonfekt", "Mirabellengeist", "Holunderblüte",
    "Schlehenlikör", "Kornelkirsche", "Maulbeerbaum", "Pfirsichkern", "Stachelbeere",
    "Brombeerhecke", "Preiselbeere", "Hagebutte", "Weinbergpfad", "Sanddornsaft", "Vogelbeere",
)  # fmt: skip
(
    TITLE, TEXT, PLACE, GUEST, NAME, KEY, VALUE, UID, ZONE, RULE, MAIL, LABEL, PATH, TAG, *_,
) = CANARIES  # fmt: skip


@pytest.fixture
def recording(tmp_path):
    """The path of the recording."""
    return tmp_path / "recording.jsonl"


@pytest.fixture
def rehearsal_server(recording):
    """A rehearsal that is recorded, in place of the usual one."""
    server = RehearsalServer(redirect_uris=[ELSEWHERE])
    server.record(recording)
    with server:
        yield server


@pytest.fixture
def alike(rehearsal_server, recording):
    """A function that ends the recording and fails unless every answer is the same again."""

    def check():
        rehearsal_server.stop()
        seen = list(replay(recording))
        assert seen, "nothing was recorded"
        assert [each for each in seen if each.differences] == []
        return seen

    return check


def consent(google, *, verifier="", redirect_uri=CALLBACK, **more):
    """Let Anna consent in the browser and return the query of the redirect."""
    challenge = hashlib.sha256(verifier.encode()).digest()
    fields = {
        "client_id": google.described.client_id,
        "redirect_uri": redirect_uri,
        "response_type": "code",
        "scope": f"openid email {SCOPE}",
        "access_type": "offline",
        "code_challenge": base64.urlsafe_b64encode(challenge).decode().rstrip("="),
        "code_challenge_method": "S256",
        **more,
    }
    google.http("GET", f"/o/oauth2/v2/auth?{urlencode(fields)}")
    answer = {**fields, "decision": "allow", "account": google.anna.email, "granted": SCOPE}
    body = urlencode(answer).encode()
    _, _, headers = google.http("POST", "/o/oauth2/v2/auth", body=body, headers=FORM)
    return {name: value[0] for name, value in parse_qs(urlsplit(headers["Location"]).query).items()}


def exchange(google, **fields):
    """Call the token address and return its JSON."""
    credentials = {
        "client_id": google.described.client_id,
        "client_secret": google.described.client_secret,
    }
    body = urlencode({**credentials, **fields}).encode()
    return json.loads(google.http("POST", "/token", body=body, headers=FORM)[1])


def sign_in(google, **more):
    """Go through the whole OAuth flow and return what the token address gave."""
    verifier = secrets.token_urlsafe(48)
    told = consent(google, verifier=verifier, **more)
    return exchange(
        google,
        grant_type="authorization_code",
        code=told["code"],
        redirect_uri=more.get("redirect_uri", CALLBACK),
        code_verifier=verifier,
    )


def batch(google, *parts):
    """Send parts as one batch."""
    pieces = [f"--x\r\nContent-Type: application/http\r\n{part}\r\n" for part in parts]
    sent = {
        "Content-Type": "multipart/mixed; boundary=x",
        "Authorization": f"Bearer {google.anna.access_token}",
    }
    body = "".join([*pieces, "--x--\r\n"]).encode()
    return google.http("POST", "/batch/calendar/v3", body=body, headers=sent)


def write_events(google):
    """Send canaries wherever the API takes a text, and return what was made up in the answers."""
    body = {
        **WEEKLY,
        "summary": f"{TITLE} {TITLE.upper()}",
        "description": f'<b>{TEXT}</b> &amp; <a href="https://x.test/{PATH}">{TEXT}</a><{TAG}>',
        "location": PLACE,
        "attendees": [{"email": f"{GUEST}@{MAIL}.de", "displayName": NAME, "comment": NAME}],
        "extendedProperties": {"private": {KEY: VALUE}, "shared": {"id": VALUE, "kind": "2026"}},
        "source": {"url": f"https://{LABEL}.test/{PATH}?{KEY}={VALUE}", "title": LABEL},
    }
    made = google.api("POST", f"{EVENTS}?sendUpdates=all", body=body)[1]
    event = f"{EVENTS}/{made['id']}"
    google.api("PATCH", event, body={"summary": TITLE}, headers={"If-Match": made["etag"]})
    google.api("PATCH", event, body={"summary": TITLE}, headers={"If-Match": f'"{TITLE}"'})
    google.api("GET", f"{event}/instances?maxResults=2")
    google.api("DELETE", f"{event}_20260324T090000Z")
    google.api("GET", f"{EVENTS}?q={quote(TITLE)}&privateExtendedProperty={quote(KEY)}%3D{VALUE}")
    page = google.api("GET", f"{EVENTS}?maxResults=1&showDeleted=true")[1]
    token = quote(page["nextPageToken"])
    google.api("GET", f"{EVENTS}?maxResults=1&showDeleted=true&pageToken={token}")
    listed = google.api("GET", EVENTS)[1]
    google.api("GET", f"{EVENTS}?syncToken={quote(listed['nextSyncToken'])}")
    imported = {"iCalUID": f"{UID}@{MAIL}.de", "summary": TITLE, **DAY}
    google.api("POST", f"{EVENTS}/import", body=imported)
    google.api("GET", f"{EVENTS}?iCalUID={quote(UID)}%40{MAIL}.de")
    return {
        made["htmlLink"].partition("eid=")[2],
        page["nextPageToken"],
        listed["nextSyncToken"],
    }


def write_nonsense(google):
    """Send canaries where they are refused, as refusals like to repeat them."""
    google.api("POST", EVENTS, body={**DAY, "start": {"date": "2026-03-10", "timeZone": ZONE}})
    google.api("POST", EVENTS, body={**WEEKLY, "start": {"dateTime": TEXT, "timeZone": ZONE}})
    google.api("POST", EVENTS, body={**WEEKLY, "recurrence": [f"RRULE:FREQ={RULE};X={RULE}"]})
    google.api("GET", f"{EVENTS}?timeZone={ZONE}&{quote(KEY)}={VALUE}&timeMin={TEXT[:5]}")
    google.api("GET", f"{EVENTS}?fields=items({quote(KEY)})&orderBy={RULE}&maxResults={RULE}")
    google.api("GET", f"{EVENTS}?syncToken={TITLE}&pageToken={TITLE}&alt={TITLE}")
    google.api("GET", f"{EVENTS}/{quote(TITLE)}")
    google.api("GET", f"/{quote(PATH)}?{quote(KEY)}")
    google.api(TITLE.upper(), f"{EVENTS}?{TITLE}")
    google.api("POST", EVENTS, body=f'{{"summary": "{TITLE}"'.encode())
    google.api("POST", EVENTS, body={TITLE: TEXT, "kind": TITLE, "status": TITLE, **DAY})
    google.api("POST", EVENTS, body={**DAY, "transparency": TITLE, "reminders": {TITLE: TEXT}})
    google.api("GET", EVENTS, token=TITLE)
    google.http("POST", "/_rehearsal/switches", body={TITLE: TEXT})
    google.http("POST", f"/_rehearsal/{PATH}", body=TEXT.encode())
    google.http(
        "POST", f"/batch?{quote(KEY)}={VALUE}", body=TEXT.encode(), headers={TITLE[:5]: PLACE}
    )


def write_elsewhere(google):
    """Send canaries through batches, the page, the control surface."""
    google.control("POST", "accounts", {"email": f"{UID}@{MAIL}.de", "timezone": "Asia/Tokyo"})
    google.control("POST", "faults", {"fault": "status:503", "path_contains": PATH})
    google.control("DELETE", "faults")
    call = f"POST /calendar/v3{EVENTS}"
    other = f"{call}\r\nAuthorization: Bearer {google.ben.access_token}\r\n\r\n"
    good = json.dumps({"summary": TITLE, **DAY})
    refused = json.dumps({"colorId": TEXT, "summary": [TITLE]})
    batch(
        google,
        f"Content-ID: <{TITLE}>\r\n\r\n{call}\r\n\r\n{good}",
        f"\r\n{other}{refused}",
        f"\r\n{TITLE}\r\n",
    )
    times = {"start_date": "2026-03-12", "end_date": "2026-03-12"}
    form = {"account": google.anna.email, "calendar": google.anna.email, "summary": TITLE}
    form |= {"location": PLACE, "description": TEXT, **times}
    google.http("POST", "/events/add", body=urlencode(form).encode(), headers=FORM)
    google.http("GET", f"/?account={quote(NAME)}&month=2026-03")
    google.http("GET", f"/{PATH}?{quote(KEY)}={VALUE}")


def write_oauth(google):
    """Send canaries through OAuth and return the secrets it dealt out."""
    granted = sign_in(
        google, redirect_uri=ELSEWHERE, state=TITLE, nonce=TEXT, login_hint=f"{NAME}@{MAIL}.de"
    )
    code = consent(google, redirect_uri=CALLBACK, state=TITLE)["code"]
    consent_query = {"client_id": google.described.client_id, "redirect_uri": f"https://{MAIL}.de"}
    google.http("GET", f"/o/oauth2/v2/auth?{urlencode(consent_query)}&scope={TITLE}")
    google.http("GET", f"/calendar/v3{EVENTS}?access_token={granted['access_token']}")
    sent = {"Authorization": f"Bearer {granted['access_token']}"}
    google.http("GET", "/oauth2/v3/userinfo", headers=sent)
    exchange(google, grant_type="refresh_token", refresh_token=granted["refresh_token"])
    exchange(google, grant_type=TITLE)
    exchange(google, grant_type="authorization_code", code=TITLE, client_secret=TEXT)
    basic = f"{google.described.client_id}:{google.described.client_secret}"
    sent = {**FORM, "Authorization": f"Basic {base64.b64encode(basic.encode()).decode()}"}
    google.http("POST", "/token", body=b"grant_type=refresh_token&refresh_token=x", headers=sent)
    google.http("POST", f"/revoke?token={granted['refresh_token']}")
    return {code, basic, *(granted[name] for name in ("access_token", "refresh_token", "id_token"))}


def forms(text):
    """Return all forms in which a text might slip through, in small letters."""
    raw = text.encode()
    return {
        text.lower(),
        quote(text).lower(),
        json.dumps(text)[1:-1].lower(),
        raw.hex(),
        base64.b64encode(raw).decode().rstrip("=")[:-2].lower(),
        base64.b32hexencode(raw).decode().rstrip("=")[:-2].lower(),
    }


def test_nobodys_data_is_in_a_recording_and_it_runs_again(google, recording, alike):
    """Titles, texts, names, addresses, tokens, codes and secrets are replaced everywhere."""
    used = write_events(google)
    write_nonsense(google)
    write_elsewhere(google)
    used |= write_oauth(google)
    used |= {account.access_token for account in (google.anna, google.ben)}
    used |= {google.anna.email, google.described.client_id, google.described.client_secret}
    seen = alike()
    lines = recording.read_text("utf-8").splitlines()
    told = "\n".join(
        [*lines, *(json.dumps(json.loads(line), ensure_ascii=False) for line in lines)]
    )
    told = told.lower()
    assert [text for canary in CANARIES for text in sorted(forms(canary)) if text in told] == []
    assert [secret for secret in sorted(used) if secret.lower() in told] == []
    assert len(seen) > 45


def test_structure_lengths_and_times_stay(google, recording, alike):
    """What is needed to understand a problem stays: ids, times, zones, rules, reasons, lengths."""
    body = {"id": "abcde12345", "summary": "Zwei Wörter, Ada!", **WEEKLY}
    google.api("POST", EVENTS, body=body)
    google.api("GET", f"{EVENTS}/unknown1?maxAttendees=3")
    alike()
    _, inserted, asked = (json.loads(line) for line in recording.read_text().splitlines())
    sent = inserted["body"]["json"]
    assert {name: sent[name] for name in ("id", *WEEKLY)} == {"id": "abcde12345", **WEEKLY}
    assert re.fullmatch(r"[A-Z][a-z]{3} [A-Z][^ ]{5}, [A-Z][a-z]{2}!", sent["summary"])
    assert len(sent["summary"].encode()) == len(body["summary"].encode())
    assert inserted["answer"]["body"]["json"]["summary"] == sent["summary"]
    assert asked["target"].endswith("?maxAttendees=3")
    error = asked["answer"]["body"]["json"]["error"]
    assert (asked["answer"]["status"], error["errors"][0]["reason"]) == (404, "notFound")


def test_generated_ids_etags_and_tokens_are_mapped(google, alike):
    """What the rehearsal makes up is another in the replay, and still the right one."""
    path = f"/calendars/{quote(google.anna.calendars[1], safe='')}/events"
    first = google.api("GET", path)[1]["nextSyncToken"]
    made = [google.api("POST", path, body={**WEEKLY, "summary": "x"})[1] for _ in range(2)]
    etag = {"If-Match": made[0]["etag"]}
    whole = {name: made[0][name] for name in ("summary", "start", "end", "recurrence")}
    whole["location"] = "here"
    assert google.api("PUT", f"{path}/{made[0]['id']}", body=whole, headers=etag)[0] == 200
    assert google.api("PUT", f"{path}/{made[0]['id']}", body=whole, headers=etag)[0] == 412
    known = {"If-None-Match": made[1]["etag"]}
    assert google.api("GET", f"{path}/{made[1]['id']}", headers=known)[0] == 304
    instance = f"{path}/{made[1]['id']}_20260324T090000Z"
    assert google.api("PATCH", instance, body={"summary": "other"})[0] == 200
    page = google.api("GET", f"{path}?maxResults=1&syncToken={quote(first)}")[1]
    token = quote(page["nextPageToken"])
    query = f"maxResults=1&syncToken={quote(first)}&pageToken={token}"
    assert google.api("GET", f"{path}?{query}")[0] == 200
    assert google.api("GET", f"{path}?syncToken=forged")[0] == 410
    alike()


def test_time_moves_as_it_moved(google, alike):
    """The clock stands at the recorded moments; tokens and tombstones expire alike."""
    granted = sign_in(google)
    google.api("POST", EVENTS, body={"id": "abcde", **DAY})
    google.api("DELETE", f"{EVENTS}/abcde")
    token = google.api("GET", EVENTS)[1]["nextSyncToken"]
    assert google.api("GET", EVENTS, token=granted["access_token"])[0] == 200
    google.control("POST", "clock", {"advance_seconds": 40 * 86_400})
    assert google.api("GET", EVENTS, token=granted["access_token"])[0] == 401
    assert google.api("GET", f"{EVENTS}?syncToken={quote(token)}")[0] == 410
    assert google.api("GET", f"{EVENTS}/abcde")[0] == 404
    google.control("POST", "reset")
    assert google.api("GET", EVENTS)[0] == 200
    alike()


@pytest.mark.parametrize(
    "fault", ["status:503", "reset_after", "cut_json", "html", "slow:0.01", "stale", "status:410"]
)
def test_faults_strike_again(google, alike, fault):
    """A problem with a lost answer is the same problem again."""
    google.api("POST", EVENTS, body={"id": "abcde", **DAY})
    google.control("POST", "faults", {"fault": fault})
    for method, body in (("POST", {"id": "fghij", **DAY}), ("GET", None), ("GET", None)):
        try:
            google.api(method, EVENTS, body=body)
        except (OSError, ValueError, HTTPException):
            continue
    alike()


def test_long_gets_and_batches_run_again(google, alike):
    """Forms in place of queries, and parts with bodies, heads and generated ids."""
    path = f"/calendar/v3{EVENTS}"
    sent = {
        **FORM,
        "X-HTTP-Method-Override": "GET",
        "Authorization": f"Bearer {google.anna.access_token}",
    }
    assert google.http("POST", path, body=b"maxResults=1&q=long", headers=sent)[0] == 200
    made = google.api("POST", EVENTS, body=DAY)[1]
    parts = [
        f"\r\nPATCH {path}/{made['id']} HTTP/1.1\r\nIf-Match: {made['etag']}\r\n\r\n{{}}",
        f"Content-ID: <1>\r\n\r\nDELETE {path}/{made['id']} HTTP/1.1\r\n\r\n",
        f"\r\nPOST {path}\r\n\r\n{json.dumps(DAY)}",
        "\r\nnonsense\r\n",
    ]
    status, text, _ = batch(google, *parts)
    assert (status, text.count("HTTP/1.1 204"), text.count("HTTP/1.1 200")) == (200, 1, 2)
    alike()


def test_difference_is_told_with_its_place(google, rehearsal_server, recording, capsys):
    """`replay` names line, request and member, and its exit code is 1."""
    google.api("POST", EVENTS, body={"id": "abcde", **DAY, "summary": "One"})
    google.api("GET", EVENTS)
    rehearsal_server.stop()
    assert run(["rehearse-google", "replay", str(recording)]) == 0
    assert capsys.readouterr().err.startswith("2 exchanges, 0 with another answer")
    lines = recording.read_text().splitlines()
    changed = json.loads(lines[1])
    changed["answer"]["body"]["json"]["sequence"] = 7
    recording.write_text("\n".join([lines[0], json.dumps(changed), lines[2], ""]))
    assert run(["rehearse-google", "replay", str(recording)]) == 1
    told = capsys.readouterr()
    assert told.out.splitlines() == [
        f"line 2: POST /calendar/v3{EVENTS}",
        "    .json.sequence: recorded 7, now 0",
    ]
    assert run(["rehearse-google", "replay", "--json", str(recording)]) == 1
    assert json.loads(capsys.readouterr().out)["number"] == 2


def test_every_exchange_is_on_the_disk_before_its_answer_leaves(google, recording):
    """A kill loses nothing that was answered; a half line at the end is left out."""
    for count in range(1, 4):
        google.api("GET", EVENTS)
        assert len(recording.read_bytes().splitlines()) == 1 + count
    assert recording.stat().st_mode & 0o077 == 0
    with recording.open("a") as file:
        file.write('{"moment": 17')
    assert len(list(replay(recording))) == 3


def test_command_records_and_what_it_wrote_survives_a_kill(recording):
    """`crmdav rehearse-google --record FILE`, killed, can be replayed."""
    options = ["--port", "0", "--json", "--record", str(recording)]
    process = subprocess.Popen(
        [sys.executable, "-m", "bridge", "rehearse-google", *options],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        told = json.loads(process.stdout.readline())
        sent = {"Authorization": f"Bearer {told['accounts'][0]['access_token']}"}
        request = Request(f"{told['api_url']}/calendar/v3{EVENTS}", headers=sent)
        with urlopen(request, timeout=10) as answer:
            assert answer.status == 200
    finally:
        process.kill()
        process.wait(10)
        process.stdout.close()
    assert run(["rehearse-google", "replay", str(recording)]) == 0
    assert len(recording.read_text().splitlines()) == 2


def test_recording_is_never_overwritten_nor_begun_in_the_middle(tmp_path):
    """A recording begins where its rehearsal does."""
    path, state = tmp_path / "recording.jsonl", tmp_path / "state.sqlite"
    with RehearsalServer(state=state):
        pass
    path.write_text("mine")
    for server, message in (
        (RehearsalServer(), "the recording exists"),
        (RehearsalServer(state=state), "has a past"),
    ):
        with pytest.raises(ConfigError, match=message):
            server.record(path)
        server.stop()
    assert path.read_text() == "mine"


@pytest.mark.parametrize(
    "text",
    ["", "x", "{}\n", '{"recording": 99}\n', '{"recording": 1}\n{"a": 1}\n', "[]\n", "1\n"],
)
def test_other_files_are_no_recordings(tmp_path, text):
    """Exit code 3 with a sentence, never a traceback."""
    path = tmp_path / "other.jsonl"
    path.write_text(text)
    assert run(["rehearse-google", "replay", str(path)]) == 3
    assert run(["rehearse-google", "replay", str(tmp_path / "nothing")]) == 3
