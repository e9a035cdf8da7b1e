"""Who is told of what, when, and what becomes of subscriptions that cannot be told."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime

import pytest

from bridge.application.web_push import pause_after, retry_after
from bridge.bootstrap.background import background
from bridge.bootstrap.push import push_delivery
from bridge.domain.users import GrantLevel
from bridge.errors import SideUnavailable
from bridge.web_push.connection import PushAnswer
from bridge.worker.embedded import EmbeddedWorker

P, D = "{https://bitfire.at/webdav-push}", "{DAV:}"
HOME = "/dav/anna/activities/"
BOTH = "<content-update/><property-update/>"


def set_color(client, color="#ff0000", **headers):
    """Change a property of the calendar."""
    body = (
        '<propertyupdate xmlns="DAV:"><set><prop><c:calendar-color xmlns:c="http://apple.com/ns/'
        f'ical/">{color}</c:calendar-color></prop></set></propertyupdate>'
    )
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    assert client.request("PROPPATCH", HOME, body, named).status == 207


def kinds(message):
    """Return which triggers a message names."""
    return {each.tag.removeprefix(P) for each in message} - {"topic"}


def test_a_change_is_told_with_topic_and_token(installation, phone, push_service, vapid_claims):
    """The message carries what PROPFIND tells, and our token names the push service."""
    anna = installation.client()
    assert anna.register(phone).status == 201
    assert anna.put("one").status == 201
    installation.deliver()
    (received,) = push_service.received
    message = phone.read(received)
    told = anna.properties(HOME, f"{P}topic", f"{P}transports", f"{D}sync-token")
    assert message.tag == f"{P}push-message"
    assert message.findtext(f"{P}topic") == told[f"{P}topic"].text
    token = message.findtext(f"{P}content-update/{D}sync-token")
    assert token == told[f"{D}sync-token"].text
    assert received.path == "/phone?up=1"
    headers = received.headers
    assert headers["Content-Encoding"] == "aes128gcm"
    assert int(headers["TTL"]) > 0
    assert len(headers["Topic"]) <= 32
    claims, key = vapid_claims(headers["Authorization"])
    assert (claims["aud"], claims["sub"]) == (push_service.origin, "mailto:admin@example.com")
    assert key == told[f"{P}transports"].findtext(f"{P}web-push/{P}vapid-public-key")


def test_nothing_is_told_without_a_change_or_twice(installation, phone, push_service):
    """What was there at registration is known; several changes are one message; told once."""
    anna = installation.client()
    anna.put("before")
    anna.register(phone)
    installation.deliver()
    assert push_service.received == []
    for name in ("one", "two", "three"):
        anna.put(name)
    installation.deliver()
    installation.clock.advance(seconds=5)
    installation.deliver()
    assert len(push_service.received) == 1


def test_a_change_right_after_a_message_is_told_a_second_later(installation, phone, push_service):
    """Messages keep their distance, and the last change is never lost."""
    anna = installation.client()
    anna.register(phone)
    for name in ("one", "two"):
        anna.put(name)
        installation.deliver()
    assert len(push_service.received) == 1
    installation.clock.advance(seconds=1)
    installation.deliver()
    assert len(push_service.received) == 2


def test_deletes_are_told_and_other_calendars_stay_silent(installation, phone, push_service):
    """A tombstone is a change of the content; the tasks are another collection."""
    anna = installation.client()
    anna.put("one")
    anna.register(phone, "/dav/anna/tasks/")
    anna.register(phone)
    assert anna.request("DELETE", f"{HOME}one.ics").status in {200, 204}
    installation.deliver()
    (received,) = push_service.received
    assert kinds(phone.read(received)) == {"content-update"}


@pytest.mark.parametrize(
    ("triggers", "told"),
    [
        ("<content-update/>", [{"content-update"}]),
        ("<property-update/>", [{"property-update"}]),
        (BOTH, [{"property-update"}, {"content-update"}]),
    ],
)
def test_each_is_told_what_it_asked_for(installation, phone, push_service, triggers, told):
    """A changed colour is a property update, an event a content update, and both are apart."""
    anna = installation.client()
    anna.register(phone, triggers=triggers)
    set_color(anna)
    installation.deliver()
    installation.clock.advance(seconds=2)
    anna.put("one")
    installation.deliver()
    assert [kinds(phone.read(each)) for each in push_service.received] == told


def test_both_changes_at_once_are_one_message(installation, phone, push_service):
    """Neither is lost, and the header `Topic` keeps a later one from replacing half of it."""
    anna = installation.client()
    anna.register(phone, triggers=BOTH)
    set_color(anna)
    anna.put("one")
    installation.deliver()
    installation.clock.advance(seconds=2)
    anna.put("two")
    installation.deliver()
    both, content = push_service.received
    assert kinds(phone.read(both)) == {"content-update", "property-update"}
    assert both.headers["Topic"] != content.headers["Topic"]


def test_the_writer_is_not_told_of_its_own_change(installation, phone, new_phone, push_service):
    """`Push-Dont-Notify` names a registration URL in quotes, as DAVx5 does; others are told."""
    anna, tablet = installation.client(), new_phone("tablet")
    own = anna.register(phone).headers["Location"]
    anna.register(tablet)
    anna.put("one", Push_Dont_Notify=f'"{own}"')
    set_color(anna, Push_Dont_Notify=f'"{own}"')
    anna.request("DELETE", f"{HOME}one.ics", headers={"Push-Dont-Notify": f'"{own}"'})
    installation.deliver()
    assert [each.path for each in push_service.received] == ["/tablet"]
    anna.put("two")
    installation.clock.advance(seconds=2)
    installation.deliver()
    assert sorted(each.path for each in push_service.received[1:]) == ["/phone?up=1", "/tablet"]


def test_a_silenced_change_hides_no_earlier_one(installation, phone, push_service):
    """Somebody else's change before it is told all the same."""
    anna = installation.client()
    own = anna.register(phone).headers["Location"]
    anna.put("others")
    anna.put("mine", Push_Dont_Notify=f'"{own}"')
    installation.deliver()
    assert len(push_service.received) == 1


def test_a_refused_write_silences_nothing(installation, phone, push_service):
    """What was rolled back marks no subscription as told."""
    anna = installation.client()
    own = anna.register(phone).headers["Location"]
    refused = anna.put("one", If_Match='"other"', Push_Dont_Notify=f'"{own}"')
    assert refused.status == 412
    anna.put("one")
    installation.deliver()
    assert len(push_service.received) == 1


def test_a_star_silences_all_of_the_writer_but_no_colleague(
    installation, phone, new_phone, push_service
):
    """`*` is for every subscription of the user who writes."""
    share(installation)
    anna, bobs = installation.client(), new_phone("bob")
    anna.register(phone)
    assert installation.client("bob").register(bobs, "/dav/bob/anna--activities/").status == 201
    anna.put("one", Push_Dont_Notify="*")
    installation.deliver()
    assert [each.path for each in push_service.received] == ["/bob"]


def share(installation, level=GrantLevel.READ):
    """Let Bob see Anna's calendars."""
    users = installation.users
    with installation.core.database.write() as work:
        work.grants.give(users["anna"], users["bob"], level=level, now=installation.clock.now())


def test_a_colleague_is_told_under_a_topic_of_his_own(installation, phone, push_service):
    """His view has other tokens, so the message names none."""
    share(installation)
    anna, bob = installation.client(), installation.client("bob")
    path = "/dav/bob/anna--activities/"
    assert bob.register(phone, path).status == 201
    anna.put("one")
    installation.deliver()
    (received,) = push_service.received
    message = phone.read(received)
    topic = message.findtext(f"{P}topic")
    assert topic == bob.properties(path, f"{P}topic")[f"{P}topic"].text
    assert topic != anna.properties(HOME, f"{P}topic")[f"{P}topic"].text
    assert message.find(f"{P}content-update") is not None
    assert message.find(f".//{D}sync-token") is None


def test_a_changed_grant_is_told_and_a_withdrawn_one_ends_it(installation, phone, push_service):
    """Another level shows other content; without a grant nothing more is told nor kept."""
    share(installation)
    bob, users = installation.client("bob"), installation.users
    assert bob.register(phone, "/dav/bob/anna--activities/").status == 201
    installation.clock.advance(seconds=10)
    share(installation, GrantLevel.BUSY)
    installation.deliver()
    assert len(push_service.received) == 1
    with installation.core.database.write() as work:
        work.grants.remove(users["anna"].id, users["bob"].id)
    installation.client().put("one")
    installation.clock.advance(seconds=10)
    installation.deliver()
    assert len(push_service.received) == 1
    assert installation.rows() == []


def test_an_expired_subscription_is_not_told_and_swept(installation, phone, push_service):
    """The draft: expired ones must not be used any more."""
    anna, clock = installation.client(), installation.clock
    until = clock.now() + timedelta(minutes=1)
    anna.register(phone, expires=format_datetime(until, usegmt=True))
    anna.put("one")
    clock.advance(minutes=2)
    installation.deliver()
    assert push_service.received == []
    assert installation.rows() == []


def test_users_who_may_not_sign_in_are_told_nothing(installation, phone, push_service):
    """A suspended account learns nothing, not even that something changed."""
    anna = installation.client()
    anna.register(phone)
    anna.put("one")
    with installation.core.database.write() as work:
        work.connection.exec_driver_sql("UPDATE users SET active = false")
    installation.deliver()
    assert push_service.received == []


@pytest.mark.parametrize("status", [404, 410])
def test_a_subscription_unknown_to_the_push_service_is_removed(
    installation, phone, push_service, status
):
    """RFC 8030 section 7.3: it will never be known again."""
    anna = installation.client()
    anna.register(phone)
    anna.put("one")
    push_service.status = status
    installation.deliver()
    assert len(push_service.received) == 1
    assert installation.rows() == []


def test_a_refused_message_is_repeated_later_and_later(installation, phone, push_service):
    """After 5 s, then after 10 s more; a success ends the count."""
    anna, clock = installation.client(), installation.clock
    anna.register(phone)
    anna.put("one")
    push_service.status = 500
    counts = []
    for seconds in (0, 4, 1, 9, 1):
        clock.advance(seconds=seconds)
        installation.deliver()
        counts.append(len(push_service.received))
    assert counts == [1, 1, 2, 2, 3]
    push_service.status = 201
    clock.advance(minutes=1)
    installation.deliver()
    installation.deliver()
    assert len(push_service.received) == 4
    assert installation.rows()[0].failures == 0


def test_retry_after_is_kept_to(installation, phone, push_service):
    """A push service that asks for two minutes gets them."""
    anna, clock = installation.client(), installation.clock
    anna.register(phone)
    anna.put("one")
    push_service.status, push_service.answer_headers = 429, {"Retry-After": "120"}
    installation.deliver()
    clock.advance(seconds=119)
    installation.deliver()
    assert len(push_service.received) == 1
    clock.advance(seconds=2)
    installation.deliver()
    assert len(push_service.received) == 2


def test_a_push_service_that_never_takes_anything_is_given_up(installation, phone, push_service):
    """After 25 refusals in a row the subscription goes, and nobody is asked for ever."""
    anna, clock = installation.client(), installation.clock
    until = clock.now() + timedelta(days=7)
    anna.register(phone, expires=format_datetime(until, usegmt=True))
    anna.put("one")
    push_service.status = 403
    for _ in range(30):
        installation.deliver()
        clock.advance(hours=1)
    assert len(push_service.received) == 25
    assert installation.rows() == []


def test_a_redirect_is_not_followed(installation, phone, push_service):
    """Where it leads nobody has looked at; it counts as a refusal."""
    anna = installation.client()
    anna.register(phone)
    anna.put("one")
    push_service.status = 307
    push_service.answer_headers = {"Location": f"{push_service.origin}/elsewhere"}
    installation.deliver()
    assert [each.path for each in push_service.received] == ["/phone?up=1"]
    assert installation.rows()[0].failures == 1


def test_a_host_struck_off_the_list_is_not_sent_to(install, phone, push_service):
    """The setting counts at each message, not only at registration."""
    allowed = install(enabled=True, allowed_hosts=(push_service.origin,))
    anna = allowed.client()
    anna.register(phone)
    anna.put("one")
    settings = allowed.core.settings
    object.__setattr__(settings.push, "allowed_hosts", ("ntfy.sh",))
    allowed.deliver()
    assert push_service.received == []
    assert allowed.rows() == []


def test_a_push_service_that_is_down_holds_up_nobody_else(
    installation, phone, new_phone, push_service
):
    """After one failure to reach it, the others of that service fail at once; the rest is sent."""
    asked = []

    def send(destination, headers, body):
        asked.append(destination.target)
        if destination.target.startswith("/down"):
            raise SideUnavailable("no answer", side="push service", reason="network")
        return PushAnswer(status=201, retry_after="")

    anna = installation.client()
    for name in ("down-1", "down-2"):
        anna.register(new_phone(name))
    anna.put("one")
    delivery = push_delivery(installation.core)
    delivery._parts = replace(delivery._parts, send=send)
    for _ in range(2):
        delivery.look()
        for thread in list(delivery._under_way):
            thread.join()
    assert len(asked) <= 2
    first = len(asked)
    assert [row.failures for row in installation.rows()] == [1, 1]
    anna.register(new_phone("down-3"))
    anna.put("two")
    delivery.look()
    delivery.finish()
    assert len(asked) == first
    installation.clock.advance(seconds=5)
    again = push_delivery(installation.core)
    again.look()
    again.finish()
    assert len(push_service.received) == 3


def test_two_workers_send_one_message(installation, phone, push_service):
    """Who claims a subscription has it alone, on either database."""
    anna = installation.client()
    anna.register(phone)
    anna.put("one")
    deliveries = [push_delivery(installation.core) for _ in range(4)]
    threads = [threading.Thread(target=each.look) for each in deliveries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for each in deliveries:
        each.finish()
    assert len(push_service.received) == 1


def test_a_message_lost_with_its_worker_goes_once_the_claim_has_ended(
    installation, phone, push_service
):
    """A kill between claim and outcome costs a minute, never the message."""
    anna, clock = installation.client(), installation.clock
    anna.register(phone)
    anna.put("one")
    now = clock.now()
    with installation.core.database.write() as work:
        due = work.push_subscriptions.due(now, 10)
        assert work.push_subscriptions.claim(due, now=now, until=now + timedelta(minutes=1))
    installation.deliver()
    assert push_service.received == []
    clock.advance(minutes=1)
    installation.deliver()
    assert len(push_service.received) == 1


def test_a_new_epoch_is_told_to_everybody(installation, phone, push_service):
    """After a restore the revisions a program was told of may be above all there are."""
    anna = installation.client()
    anna.put("one")
    anna.register(phone)
    with installation.core.database.write() as work:
        work.installation.new_epoch()
    installation.deliver()
    (received,) = push_service.received
    told = anna.properties(HOME, f"{D}sync-token")[f"{D}sync-token"].text
    assert phone.read(received).findtext(f"{P}content-update/{D}sync-token") == told


def test_a_message_arrives_by_itself_soon_after_the_commit(installation, phone, push_service):
    """The worker as it runs: another client writes, and the phone hears of it."""
    anna = installation.client()
    anna.register(phone)
    stop = threading.Event()
    worker = EmbeddedWorker(background(installation.core), threads=1)
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        assert anna.put("one").status == 201
        # Two seconds are meant; the rest is for a machine that has other things to do.
        assert len(push_service.wait(1, seconds=4.0)) == 1
    finally:
        stop.set()
        thread.join(10)


def test_pauses_double_and_end_at_an_hour():
    """5 s, 10 s, 20 s, ...; no overflow however often it failed."""
    seconds = [pause_after(count).total_seconds() for count in (0, 1, 2, 9, 10, 1_000)]
    assert seconds == [5, 10, 20, 2560, 3600, 3600]


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("", 0),
        ("30", 30),
        ("999999999", 3600),
        ("-5", 0),
        ("soon", 0),
        (f"Mon, 02 Mar {'9' * 20} 09:01:00 GMT", 0),
        ("Mon, 02 Mar 2026 09:01:00 GMT", 60),
        ("Mon, 02 Mar 2020 09:01:00 GMT", 0),
    ],
)
def test_retry_after_is_read_as_seconds_or_date(now, value, seconds):
    """RFC 9110 section 10.2.3; nonsense asks for nothing, and nobody asks for more than an hour."""
    assert retry_after(value, now).total_seconds() == seconds


def test_a_bug_with_one_subscription_is_logged_and_counts_as_a_refusal(
    installation, new_phone, caplog
):
    """It neither comes again each minute for ever, nor ends what others are told."""
    told = []

    def send(destination, headers, body):
        if destination.target.startswith("/odd"):
            raise RuntimeError("a bug")
        told.append(destination.target)
        return PushAnswer(status=201, retry_after="")

    anna = installation.client()
    for name in ("odd", "sound"):
        anna.register(new_phone(name))
    anna.put("one")
    for seconds in (0, 4, 1):
        installation.clock.advance(seconds=seconds)
        delivery = push_delivery(installation.core)
        delivery._parts = replace(delivery._parts, send=send)
        delivery.look()
        delivery.finish()
    (sound,) = told
    assert sound.startswith("/sound")
    assert sorted(row.failures for row in installation.rows()) == [0, 2]
    broken = [each for each in caplog.records if each.getMessage() == "a push message broke down"]
    assert [each.exc_info[0] for each in broken] == [RuntimeError, RuntimeError]
