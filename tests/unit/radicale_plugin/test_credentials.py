"""The Authorization header, read strictly (S03, P09)."""

from __future__ import annotations

from base64 import b64encode

import pytest

from radicale_plugin.credentials import Credentials, discard_unreadable, read_basic


def basic(text: str | bytes) -> str:
    """Return a Basic header."""
    raw = text.encode() if isinstance(text, str) else text
    return "Basic " + b64encode(raw).decode()


def test_login_and_password_are_read():
    """The first colon ends the login; the password may hold more, and any letters."""
    assert read_basic(basic("anna:se:crét")) == Credentials("anna", "se:crét")


@pytest.mark.parametrize(
    "header",
    [
        "Basic",
        "Basic ???",
        "Basic YW5u",
        "Bearer abc",
        basic("no colon"),
        basic(b"anna:\xff\xfe"),
        basic(":password"),
        basic("anna:" + "x" * 5000),
    ],
)
def test_anything_else_counts_as_no_credentials(header):
    """A header that is not proper Basic never fails, it is dropped."""
    environ = {"HTTP_AUTHORIZATION": header, "CONTENT_TYPE": ""}
    discard_unreadable(environ)
    assert "HTTP_AUTHORIZATION" not in environ


@pytest.mark.parametrize(
    "login", ["alice/", "..", "alice:", "a\x00b", "a\nb", "x" * 300, "al,ice", "@a", "a@b@c"]
)
def test_logins_nobody_can_have_are_implausible(login):
    """They are refused without a look-up."""
    assert Credentials(login, "x").canonical is None


def test_a_password_over_a_kibibyte_is_implausible_and_logins_are_canonical():
    """No work is done for it."""
    assert Credentials("anna", "é" * 600).canonical is None
    longest = Credentials("Anna@Example.com ", "x" * 1024).canonical
    assert longest is not None
    assert longest.login == "anna@example.com"


def test_charset_is_taken_off_the_media_type_and_told():
    """Radicale would decode credentials in it, and fail on one it does not know."""
    environ = {"CONTENT_TYPE": 'text/calendar; charset="X-Unknown"; component=VEVENT'}
    assert discard_unreadable(environ) == "x-unknown"
    assert environ["CONTENT_TYPE"] == "text/calendar"
