"""The webhook over HTTP (threats 3.8, S11 to S13)."""

import logging
import socket
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from bridge.application.google_messages import PushMessages, Reception
from bridge.domain.google_push import PushMessage

BODY = 10 * 1024 * 1024


@pytest.fixture
def opened(installation):
    """An installation with a channel that was heard, and nothing due."""
    installation.opened()
    return installation


def test_message_makes_the_connection_due(opened):
    """In the database, which is what server and worker share."""
    assert not opened.is_due()
    assert opened.post(**opened.headers()) == 204
    assert opened.is_due()


def test_first_message_of_a_channel_is_taken_and_asks_for_nothing(opened):
    """It tells of no change."""
    assert opened.post(**opened.headers(Resource_State="sync")) == 204
    assert not opened.is_due()


@pytest.mark.parametrize(
    "wrong",
    [
        {"Channel_ID": "unknown"},
        {"Channel_ID": "crmdav-1-" + "0" * 32},
        {"Channel_ID": ""},
        {"Channel_Token": "wrong"},
        {"Channel_Token": ""},
        {"Channel_Token": "é" * 300},
        {"Resource_ID": "another"},
        {"Resource_ID": ""},
    ],
)
def test_stranger_is_not_found_and_asks_for_nothing(opened, wrong):
    """S11: unknown channel, wrong or empty token, the right token with another resource."""
    assert opened.post(**opened.headers() | wrong) == 404
    assert opened.post(Resource_State="exists") == 404
    assert not opened.is_due()


def test_stranger_costs_no_statement(opened, sent):
    """Nobody fills our database's time without our key."""
    sent.clear()
    assert opened.post(**opened.headers() | {"Channel_Token": "wrong"}) == 404
    assert sent == []


def test_further_messages_before_a_run_are_one_statement_and_no_write(opened, sent):
    """S12: duplicates, and numbers that go back."""
    headers = opened.headers()
    assert opened.post(**headers) == 204
    sent.clear()
    for number in ("9", "9", "3", "x"):
        assert opened.post(**headers | {"Message_Number": number}) == 204
    assert len(sent) == 4
    assert not [each for each in sent if not each.text.startswith("SELECT")]


@dataclass
class Watchmaker:
    """Lets a stretch of time pass as quickly as the machine can, with a worker that looks."""

    installation: Any
    began: datetime
    seconds: float = 0.0
    runs: list[float] = field(default_factory=list)

    def at(self, seconds: float) -> None:
        """Set both clocks."""
        self.seconds = seconds
        self.installation.clock.standing = self.began + timedelta(seconds=seconds)

    def look(self) -> None:
        """Do what a worker does four times a second, with runs that take no time."""
        if self.installation.is_due():
            self.runs.append(self.seconds)
            self.installation.rested()


def test_ten_thousand_messages_in_ten_seconds_are_two_runs(opened):
    """S12: every one is taken, the runs are rare, and the last change is not forgotten."""
    began = opened.clock.now() + timedelta(minutes=1)
    time = Watchmaker(opened, began)
    messages = PushMessages(
        opened.core.database,
        token_key=opened.core.keys.google_channels,
        clock=opened.clock,
        monotonic=lambda: time.seconds,
    )
    told = {name.lower(): value for name, value in opened.headers().items()}
    message = PushMessage(
        channel_id=told["channel_id"],
        token=told["channel_token"],
        resource_id=told["resource_id"],
        resource_state=told["resource_state"],
    )
    for number in range(10_000):
        time.at(number / 1000)
        assert messages.receive(message) is Reception.TAKEN
        if number % 250 == 0:
            time.look()
    for quarter in range(40, 160):
        time.at(quarter / 4)
        time.look()
    assert len(time.runs) == 2, time.runs
    assert time.runs[0] < 1
    assert time.runs[1] > 10


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PROPFIND"])
def test_other_methods_are_not_allowed(opened, method):
    """Nothing is to be read here."""
    assert opened.post(method=method, **opened.headers()) == 405
    assert not opened.is_due()


def test_large_body_is_refused_and_a_small_one_ignored(opened):
    """S13: 10 MiB; and a body that tells something is not looked at."""
    assert opened.post(b'{"kind": "x"}', **opened.headers()) == 204
    opened.rested()
    fields = [f"X-Goog-{k.replace('_', '-')}: {v}" for k, v in opened.headers().items()]
    head = ["POST /google/push HTTP/1.1", "Host: x", *fields, f"Content-Length: {BODY}", "", ""]
    with socket.create_connection(("127.0.0.1", opened.server.port), timeout=20) as wire:
        wire.sendall("\r\n".join(head).encode())
        # Not a byte of the body is waited for.
        assert wire.recv(200).split()[1] == b"413"
    assert not opened.is_due()


def test_no_header_reaches_the_log(opened, caplog):
    """Ids and tokens of channels are secrets of the two sides."""
    with caplog.at_level(logging.DEBUG):
        opened.post(**opened.headers())
        opened.post(**opened.headers() | {"Channel_Token": "marker-token"})
    text = caplog.text + "".join(str(vars(record)) for record in caplog.records)
    assert "marker-token" not in text
    assert opened.headers()["Channel_Token"] not in text


def test_message_needs_no_session_and_no_origin(opened):
    """Google has neither cookie nor form."""
    assert opened.post(**opened.headers()) == 204
