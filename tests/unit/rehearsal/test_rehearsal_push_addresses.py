"""Where the rehearsal's messages go, and where they never go."""

import pytest

from bridge.rehearsal.calendars.palette import CALENDAR_COLOURS, nearest_calendar_colour
from bridge.rehearsal.push.post import is_dialled


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:5232/google/push",
        "https://127.8.9.10/x",
        "http://localhost:1/",
        "http://LOCALHOST",
        "http://[::1]:8080/x?y#z",
        "http://user:secret@127.0.0.1/",
    ],
)
def test_loopback_is_dialled(address):
    """Addresses of this machine, however they are written."""
    assert is_dialled(address)


@pytest.mark.parametrize(
    "address",
    [
        "https://crm.example.com/google/push",
        "http://127.0.0.1@example.com/",
        "http://127.0.0.1.example.com/",
        "http://localhost.example.com/",
        "http://example.com#@127.0.0.1/",
        "http://10.0.0.1/",
        "http://0.0.0.0/",
        "http://169.254.169.254/",
        "http://2130706433/",
        "http://0x7f000001/",
        "http://[fe80::1]/",
        "http:///x",
        "x",
    ],
)
def test_nothing_else_is_dialled(address):
    """No trick of writing makes the rehearsal knock at a stranger's door."""
    assert not is_dialled(address)


@pytest.mark.parametrize("number", CALENDAR_COLOURS)
def test_a_colour_of_the_palette_is_nearest_to_itself(number):
    """Colours by value keep the number of the palette they come from."""
    assert nearest_calendar_colour(CALENDAR_COLOURS[number].upper()) == number
