"""The webhook's answers to what it is sent, without a database behind it."""

import pytest

from bridge.application.google_messages import Reception
from bridge.errors import StoreBusy
from bridge.web.google_push import MOST_BODY_BYTES, GooglePush


class Desk:
    """Receives messages as the test says, and keeps them."""

    def __init__(self):
        self.reception = Reception.TAKEN
        self.received = []
        self.error = None

    def receive(self, message):
        """Keep it."""
        self.received.append(message)
        if self.error is not None:
            raise self.error
        return self.reception


class NoBody:
    """A body that nobody may read."""

    def read(self, *_args):
        """Fail."""
        raise AssertionError("the body was read")


@pytest.fixture
def desk():
    """Who receives the messages."""
    return Desk()


@pytest.fixture
def ask(desk):
    """Return a function that sends a request and returns status and headers."""

    def send(**values):
        told = []
        environ = {"REQUEST_METHOD": "POST", "wsgi.input": NoBody()} | values
        body = GooglePush(desk)(environ, lambda *answer: told.extend(answer))
        assert b"".join(body) == b""
        return int(told[0].split()[0]), dict(told[1])

    return send


@pytest.mark.parametrize(
    ("reception", "status"),
    [(Reception.TAKEN, 204), (Reception.UNKNOWN, 404), (Reception.LATER, 503)],
)
def test_each_reception_has_its_status(ask, desk, reception, status):
    """Google sends again after 503 only, and takes everything else below 300 for delivered."""
    desk.reception = reception
    answer, headers = ask()
    assert answer == status
    assert headers["Cache-Control"] == "no-store"
    assert ("Retry-After" in headers) is (status == 503)


def test_message_is_what_the_headers_say(ask, desk):
    """The token stays out of every repr."""
    ask(HTTP_X_GOOG_CHANNEL_ID="c", HTTP_X_GOOG_CHANNEL_TOKEN="t", HTTP_X_GOOG_RESOURCE_ID="r")
    (message,) = desk.received
    assert (message.channel_id, message.token, message.resource_id) == ("c", "t", "r")
    assert message.resource_state == ""


def test_busy_database_asks_google_to_send_again(ask, desk):
    """A message is not lost over a lock."""
    desk.error = StoreBusy("locked")
    assert ask()[0] == 503


@pytest.mark.parametrize(
    ("length", "status"),
    [
        ("", 204),
        ("0", 204),
        (str(MOST_BODY_BYTES), 204),
        (str(MOST_BODY_BYTES + 1), 413),
        ("9" * 30, 413),
        ("nonsense", 204),
    ],
)
def test_body_is_never_read_and_a_long_one_refused(ask, desk, length, status):
    """S13: messages have none."""
    assert ask(CONTENT_LENGTH=length)[0] == status
    assert len(desk.received) == (status == 204)


def test_only_post_is_allowed(ask, desk):
    """A browser that comes by learns nothing."""
    status, headers = ask(REQUEST_METHOD="GET")
    assert (status, headers["Allow"], desk.received) == (405, "POST", [])
