"""The profile for Apple's programs: the keys of Apple's CalDAV payload, and nothing else."""

import plistlib

import pytest

from bridge.application.apple_profile import CalDavAccount, apple_profile


def account(**other):
    """Return Anna's account."""
    told = {
        "url": "https://crm.example.com/dav/anna/",
        "login": "anna",
        "password": "a secret",
        "password_id": 7,
    }
    return CalDavAccount(**{**told, **other})


def read(account):
    """Return a profile and its one payload, as a device reads them."""
    profile = plistlib.loads(apple_profile(account))
    (payload,) = profile.pop("PayloadContent")
    return profile, payload


def test_a_device_learns_server_user_and_password():
    """What a person would type otherwise."""
    profile, payload = read(account())
    assert profile["PayloadType"] == "Configuration"
    assert payload["PayloadType"] == "com.apple.caldav.account"
    assert payload["CalDAVHostName"] == "crm.example.com"
    assert payload["CalDAVPort"] == 443
    assert payload["CalDAVUseSSL"] is True
    assert payload["CalDAVPrincipalURL"] == "/dav/anna/"
    assert payload["CalDAVUsername"] == "anna"
    assert payload["CalDAVPassword"] == "a secret"


@pytest.mark.parametrize(
    ("url", "host", "port", "encrypted"),
    [
        ("http://127.0.0.1:5232/dav/anna/", "127.0.0.1", 5232, False),
        ("https://crm.example.com:8443/dav/anna/", "crm.example.com", 8443, True),
        ("http://crm.example.com/dav/anna/", "crm.example.com", 80, False),
    ],
)
def test_port_and_tls_are_those_of_the_address(url, host, port, encrypted):
    """A port that is not said is that of the scheme."""
    _, payload = read(account(url=url))
    assert payload["CalDAVHostName"] == host
    assert payload["CalDAVPort"] == port
    assert payload["CalDAVUseSSL"] is encrypted


def test_a_new_profile_takes_the_place_of_the_one_before():
    """Devices replace by identifier; the UUIDs tell that it is another version."""
    first, second = read(account())[0], read(account(password_id=8))[0]
    assert first["PayloadIdentifier"] == second["PayloadIdentifier"]
    assert first["PayloadUUID"] != second["PayloadUUID"]
    assert read(account(login="ben"))[0]["PayloadIdentifier"] != first["PayloadIdentifier"]


def test_a_login_is_text_in_the_property_list():
    """Whatever characters a login may have."""
    odd = "o'brien<&>\"é"
    assert read(account(login=odd))[1]["CalDAVUsername"] == odd
