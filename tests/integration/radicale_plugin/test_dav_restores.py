"""An older copy of the database comes back: what a calendar program sees (design decision 13)."""

import shutil
from pathlib import Path

import pytest

from bridge.store.database import Database
from radicale_plugin.wsgi import build_application

ACTIVITIES = "/anna/activities/"
CTAG = "{http://calendarserver.org/ns/}getctag"
TOKEN = "{DAV:}sync-token"


@pytest.fixture
def dialect(request):
    """On PostgreSQL an administrator says `crmdav epoch new`, which is tested below."""
    return getattr(request, "param", "sqlite")


@pytest.fixture
def database(database_url, tmp_path):
    """A database with a slot file beside its key file."""
    opened = Database(database_url, slot_file=tmp_path / "crmdav.key.homes")
    yield opened
    opened.dispose()


@pytest.fixture
def path(database_url):
    """The database file."""
    return Path(database_url.removeprefix("sqlite:///"))


@pytest.fixture
def restart(crm, database_url, tmp_path):
    """Return a function that starts the server again on what the file holds now."""
    opened = []

    def start(client):
        again = Database(database_url, slot_file=tmp_path / "crmdav.key.homes")
        opened.append(again)
        client.application = build_application(
            database=again, secret_key=b"s" * 32, worker_key=b"w" * 32
        )

    yield start
    for each in opened:
        each.dispose()


def state(client):
    """Return ctag, sync token and the ETag of each object, as a program stores them."""
    told = client.propfind(ACTIVITIES, "<CS:getctag/><D:sync-token/>")
    listing = client.sync(ACTIVITIES)
    etags = {
        response.findtext("{DAV:}href"): response.findtext(".//{DAV:}getetag")
        for response in listing.xml.findall("{DAV:}response")
    }
    return told.text_of(CTAG), told.text_of(TOKEN), etags


def test_a_program_reads_everything_again_after_an_older_copy_came_back(
    anna, crm, event, path, restart
):
    """Its token is refused, no ETag it has fits anything, and no edit is written over blindly."""
    anna.put(f"{ACTIVITIES}kept.ics", event("kept"))
    crm.database.dispose()
    shutil.copyfile(path, path.with_name("copy"))
    anna.put(f"{ACTIVITIES}kept.ics", event("kept", "Later"))
    anna.put(f"{ACTIVITIES}new.ics", event("new"))
    ctag, token, etags = state(anna)
    crm.database.dispose()
    shutil.copyfile(path.with_name("copy"), path)
    restart(anna)

    refused = anna.sync(ACTIVITIES, token)
    assert (refused.status, refused.condition) == (403, "valid-sync-token")
    now_ctag, now_token, now_etags = state(anna)
    assert now_ctag != ctag
    assert now_token != token
    assert list(now_etags) == [f"/dav{ACTIVITIES}kept.ics"]
    assert not set(now_etags.values()) & set(etags.values())
    assert anna.get(f"{ACTIVITIES}kept.ics").body == event("kept").encode()

    # What the program holds of the time between goes in again, and never over what it has not seen.
    stale = {"If_Match": etags[f"/dav{ACTIVITIES}kept.ics"]}
    assert anna.put(f"{ACTIVITIES}kept.ics", event("kept", "Later"), **stale).status == 412
    assert anna.put(f"{ACTIVITIES}new.ics", event("new"), If_None_Match="*").status == 201
    seen = {"If_Match": now_etags[f"/dav{ACTIVITIES}kept.ics"]}
    assert anna.put(f"{ACTIVITIES}kept.ics", event("kept", "Later"), **seen).status == 204
    assert len(state(anna)[2]) == 2


def test_revisions_that_come_again_never_meet_an_old_token(anna, crm, event, path, restart):
    """After as many changes as were lost the counters are where they were; the epoch is not."""
    crm.database.dispose()
    shutil.copyfile(path, path.with_name("copy"))
    anna.put(f"{ACTIVITIES}a.ics", event("a", "Before"))
    ctag, token, etags = state(anna)
    crm.database.dispose()
    shutil.copyfile(path.with_name("copy"), path)
    restart(anna)
    anna.put(f"{ACTIVITIES}a.ics", event("a", "After"))
    again = state(anna)
    assert again[0].rpartition("-")[2] == ctag.rpartition("-")[2]
    assert again[0] != ctag
    assert again[2] != etags
    assert anna.sync(ACTIVITIES, token).condition == "valid-sync-token"


def test_a_restore_under_a_running_server_is_seen_with_the_next_request(
    anna, crm, event, tmp_path, database_url
):
    """`crmdav restore` begins the epoch in the same step."""
    anna.put(f"{ACTIVITIES}kept.ics", event("kept"))
    crm.database.backup(tmp_path / "copy")
    anna.put(f"{ACTIVITIES}new.ics", event("new"))
    token = state(anna)[1]
    Database(database_url).restore(tmp_path / "copy")
    assert anna.sync(ACTIVITIES, token).condition == "valid-sync-token"
    assert list(state(anna)[2]) == [f"/dav{ACTIVITIES}kept.ics"]
    assert anna.put(f"{ACTIVITIES}new.ics", event("new")).status == 201


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"], indirect=True)
def test_a_new_epoch_ends_every_token_and_etag(anna, crm, event):
    """What `crmdav epoch new` does, on each kind of database, under a running server."""
    anna.put(f"{ACTIVITIES}a.ics", event("a"))
    ctag, token, etags = state(anna)
    with crm.database.write() as work:
        work.installation.new_epoch()
    again = state(anna)
    assert again[0] != ctag
    assert again[1] != token
    assert not set(again[2].values()) & set(etags.values())
    assert anna.sync(ACTIVITIES, token).condition == "valid-sync-token"
