"""The CalDAV collection against stock Radicale."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest

from bridge.caldav_calendar.client import CalDavClient
from bridge.caldav_calendar.collection import CalDavCollection
from bridge.caldav_calendar.sign_in import password_sign_in, worker_sign_in
from bridge.domain.worker_token import PURPOSE, derive_key, verify_worker_password
from bridge.errors import (
    CollectionGone,
    ItemExists,
    ItemMissing,
    ItemRejected,
    PreconditionFailed,
    SideUnavailable,
    SyncTokenExpired,
)
from bridge.ical.calendar_object import CalendarObject
from bridge.sync.model import Side


def calendar_object(uid="u1@crm", summary="Call Ada"):
    """Return a timed event; its text holds what servers like to reorder and refold."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//test//EN",
        "BEGIN:VEVENT",
        f"UID:{uid}",
        "DTSTAMP:20260301T080000Z",
        "DTSTART:20260310T090000Z",
        "DTEND:20260310T100000Z",
        f"SUMMARY:{summary}",
        "X-CRM-NOTE;X-P=q:Ä kept as it is",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return CalendarObject(uid=uid, component="VEVENT", text="\r\n".join(lines) + "\r\n")


def inserted(collection, uid="u1@crm", summary="Call Ada"):
    """Insert an event under its own name."""
    return collection.insert(collection.name_for(uid), calendar_object(uid, summary))


def test_side_and_id_are_those_it_was_bound_with(caldav_collection):
    """The engine keeps links and tokens by them."""
    assert caldav_collection.side is Side.CALENDAR
    assert caldav_collection.id == "activities"


def test_an_inserted_event_is_listed_with_its_text(caldav_collection):
    """Everything written comes back in a full listing."""
    item = inserted(caldav_collection)
    delta = caldav_collection.changes(None)
    assert delta.full
    assert [(i.name, i.etag, i.object.uid) for i in delta.items] == [
        ("u1@crm.ics", item.etag, "u1@crm")
    ]
    assert "X-CRM-NOTE;X-P=q:Ä kept as it is\r\n" in delta.items[0].object.text


def test_an_insert_demands_that_there_is_nothing_yet(caldav_collection, stock_radicale):
    """The precondition makes a lost race visible."""
    inserted(caldav_collection)
    method, path, headers = stock_radicale.application.requests[-1]
    assert (method, path) == ("PUT", "/anna/activities/u1@crm.ics")
    assert headers["HTTP_IF_NONE_MATCH"] == "*"


def test_repeating_an_insert_that_got_through_is_success(caldav_collection):
    """After a lost answer the same insert gives the stored version."""
    first = inserted(caldav_collection)
    assert inserted(caldav_collection).etag == first.etag


def test_inserting_other_content_under_a_taken_name_is_refused(caldav_collection):
    """Somebody else's resource is never written over."""
    inserted(caldav_collection)
    with pytest.raises(ItemExists):
        inserted(caldav_collection, summary="Another")
    (item,) = caldav_collection.changes(None).items
    assert "Call Ada" in item.object.text


def test_inserting_a_uid_that_another_name_has_is_refused(caldav_collection):
    """One UID is one resource (CALDAV:no-uid-conflict)."""
    inserted(caldav_collection)
    with pytest.raises(ItemExists):
        caldav_collection.insert("other.ics", calendar_object())


def test_only_what_changed_since_the_token_is_listed(caldav_collection):
    """Changed, new and removed ones, and nothing else."""
    kept, changed, dropped = (inserted(caldav_collection, f"u{n}@crm") for n in range(3))
    token = caldav_collection.changes(None).token
    new_text = calendar_object(changed.object.uid, "Changed")
    caldav_collection.update(changed.name, new_text, base=None, if_match=changed.etag)
    caldav_collection.delete(dropped.name, if_match=dropped.etag)
    inserted(caldav_collection, "new@crm")
    delta = caldav_collection.changes(token)
    assert {item.name for item in delta.items} == {changed.name, "new@crm.ics"}
    assert delta.removed == (dropped.name,)
    assert not delta.full
    assert caldav_collection.changes(delta.token).items == ()
    assert kept.name not in {item.name for item in delta.items}


def test_what_vanishes_between_report_and_reading_is_removed(caldav_collection, monkeypatch):
    """Another program deletes it at that very moment; the next report tells the same again."""
    kept, gone = inserted(caldav_collection, "u1"), inserted(caldav_collection, "u2")
    token = caldav_collection.changes(None).token
    for item in (kept, gone):
        changed = calendar_object(item.object.uid, "Changed")
        caldav_collection.update(item.name, changed, base=None, if_match=item.etag)
    client = caldav_collection._client
    report = client.sync_collection

    def report_and_delete(url, since):
        page = report(url, since)
        client._dav.delete(f"{url}{gone.name}")
        monkeypatch.undo()
        return page

    monkeypatch.setattr(client, "sync_collection", report_and_delete)
    delta = caldav_collection.changes(token)
    assert [item.name for item in delta.items] == [kept.name]
    assert delta.removed == (gone.name,)
    assert caldav_collection.changes(delta.token).removed == (gone.name,)


def test_an_unknown_sync_token_is_expired(caldav_collection):
    """The caller lists everything then; nothing falls back in silence."""
    with pytest.raises(SyncTokenExpired):
        caldav_collection.changes("http://radicale.org/ns/sync/" + "0" * 64)


def test_get_tells_missing_ones_as_none(caldav_collection):
    """A definite answer for each name."""
    item = inserted(caldav_collection)
    found = caldav_collection.get([item.name, "none.ics"])
    assert found[item.name].etag == item.etag
    assert found["none.ics"] is None


def test_many_names_are_read_in_few_requests(caldav_collection, stock_radicale):
    """One report for a hundred names."""
    inserted(caldav_collection)
    stock_radicale.application.requests.clear()
    found = caldav_collection.get(["u1@crm.ics", *(f"n{n}.ics" for n in range(149))])
    assert len(found) == 150
    assert [method for method, _, _ in stock_radicale.application.requests] == ["REPORT"] * 2


def test_an_update_of_a_changed_resource_is_refused(caldav_collection):
    """The version in hand is stale; nothing is written."""
    item = inserted(caldav_collection)
    name = item.name
    caldav_collection.update(name, calendar_object(summary="First"), base=None, if_match=item.etag)
    with pytest.raises(PreconditionFailed):
        caldav_collection.update(
            name, calendar_object(summary="Second"), base=None, if_match=item.etag
        )
    assert "First" in caldav_collection.get([name])[name].object.text


def test_an_update_returns_the_new_version(caldav_collection):
    """The next write can follow at once."""
    item = inserted(caldav_collection)
    updated = caldav_collection.update(
        item.name, calendar_object(summary="New"), base=item.object, if_match=item.etag
    )
    assert updated.etag != item.etag
    assert caldav_collection.get([item.name])[item.name].etag == updated.etag


def test_an_update_of_a_resource_that_is_gone_says_so(caldav_collection):
    """Gone is not the same as changed."""
    item = inserted(caldav_collection)
    caldav_collection.delete(item.name, if_match=item.etag)
    with pytest.raises(ItemMissing):
        caldav_collection.update(item.name, item.object, base=None, if_match=item.etag)


def test_deleting_twice_is_success(caldav_collection):
    """Gone is what was wanted."""
    item = inserted(caldav_collection)
    caldav_collection.delete(item.name, if_match=item.etag)
    caldav_collection.delete(item.name, if_match=item.etag)
    assert caldav_collection.changes(None).items == ()


def test_deleting_a_changed_resource_is_refused(caldav_collection):
    """An edit made since is not thrown away."""
    item = inserted(caldav_collection)
    caldav_collection.update(
        item.name, calendar_object(summary="Edited"), base=None, if_match=item.etag
    )
    with pytest.raises(PreconditionFailed):
        caldav_collection.delete(item.name, if_match=item.etag)
    assert len(caldav_collection.changes(None).items) == 1


def test_text_the_server_cannot_read_is_this_items_trouble(caldav_collection):
    """The item is refused; the collection goes on."""
    broken = CalendarObject(uid="u1@crm", component="VEVENT", text="BEGIN:VCALENDAR\r\n")
    with pytest.raises(ItemRejected):
        caldav_collection.insert("u1.ics", broken)


@pytest.mark.parametrize(
    "uid", ["", ".", "../../etc", "a/b", "a b", "ä", "x" * 300, "a\r\nb", "%2e", "a:b", "-._@"]
)
def test_every_uid_gets_a_safe_name(caldav_collection, uid):
    """A name is one path segment of plain characters, the same every time."""
    name = caldav_collection.name_for(uid)
    assert name == caldav_collection.name_for(uid)
    assert len(name.encode()) <= 200
    assert name.endswith(".ics")
    assert not name.startswith(".")
    assert set(name) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._@")


def test_a_generation_gives_another_name(caldav_collection):
    """A name taken by somebody else can be gone around."""
    assert caldav_collection.name_for("u1") != caldav_collection.name_for("u1", generation=1)
    assert caldav_collection.name_for("ä") != caldav_collection.name_for("ä", generation=1)


def test_a_collection_that_is_not_there_is_gone(caldav_client, stock_radicale):
    """Nothing about its items follows."""
    nowhere = CalDavCollection(caldav_client, f"{stock_radicale.root}/anna/nowhere", "nowhere")
    for ask in (lambda: nowhere.changes(None), lambda: nowhere.get(["a.ics"])):
        with pytest.raises(CollectionGone):
            ask()


def test_another_users_collection_is_not_ours(caldav_client, stock_radicale):
    """Whether the server says 403 or 404, it is no removal of items."""
    foreign = CalDavCollection(caldav_client, f"{stock_radicale.root}/bert/activities", "b")
    with pytest.raises(CollectionGone):
        foreign.changes(None)


def test_a_wrong_password_stops_the_run_with_a_hint(stock_radicale):
    """The side cannot be used until somebody mends it."""
    client = CalDavClient(stock_radicale.root + "/", password_sign_in("anna", "wrong"))
    collection = CalDavCollection(client, stock_radicale.collection_url, "activities")
    with pytest.raises(SideUnavailable) as caught:
        collection.changes(None)
    client.close()
    assert caught.value.reason == "signInRefused"
    assert caught.value.hint


def test_the_worker_sends_a_new_token_with_each_request(stock_radicale):
    """A token seen once is of no use a minute later."""
    key = derive_key(b"k" * 32, PURPOSE)
    times = iter(datetime(2026, 3, 10, 9, minute, tzinfo=UTC) for minute in range(60))
    sign_in = worker_sign_in(key, login="anna", connection_id=7, now=lambda: next(times))
    client = CalDavClient(stock_radicale.root + "/", sign_in)
    collection = CalDavCollection(client, stock_radicale.collection_url, "activities")
    stock_radicale.application.requests.clear()
    for _ in range(2):
        with pytest.raises(SideUnavailable):
            collection.changes(None)
    client.close()
    sent = [
        base64.b64decode(headers["HTTP_AUTHORIZATION"].split()[1]).decode().split(":", 1)
        for _, _, headers in stock_radicale.application.requests
    ]
    assert len({token for _, token in sent}) == 2
    for minute, (login, token) in enumerate(sent):
        now = datetime(2026, 3, 10, 9, minute, 30, tzinfo=UTC)
        assert verify_worker_password(key, login=login, password=token, now=now) == 7


def test_no_request_leaves_while_the_guard_objects(caldav_client, stock_radicale):
    """An open transaction forbids the network (design decision 3)."""

    def objects():
        raise AssertionError("a transaction is open")

    collection = CalDavCollection(
        caldav_client, stock_radicale.collection_url, "activities", guard=objects
    )
    stock_radicale.application.requests.clear()
    item = calendar_object()
    for act in (
        lambda: collection.changes(None),
        lambda: collection.get(["a.ics"]),
        lambda: collection.insert("a.ics", item),
        lambda: collection.update("a.ics", item, base=None, if_match="1"),
        lambda: collection.delete("a.ics", if_match="1"),
    ):
        with pytest.raises(AssertionError, match="transaction"):
            act()
    assert stock_radicale.application.requests == []


def test_the_clients_own_guard_is_asked_before_each_request(stock_radicale):
    """A guard given to the client holds for everything sent through it."""
    asked = []
    client = CalDavClient(
        stock_radicale.root + "/",
        password_sign_in("anna", "secret"),
        guard=lambda: asked.append("?"),
    )
    collection = CalDavCollection(client, stock_radicale.collection_url, "activities")
    with pytest.raises(CollectionGone):
        collection.changes(None)
    client.close()
    assert asked == ["?"]
