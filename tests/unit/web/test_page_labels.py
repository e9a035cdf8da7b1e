"""The words of the page, exactly as the contract's section 5 has them."""

import pytest
from werkzeug.exceptions import BadGateway, Forbidden, MethodNotAllowed
from werkzeug.exceptions import NotFound as NoPage

from bridge.domain.connection import Connection, ConnectionState
from bridge.domain.sync_settings import PrivateEvents, SyncType
from bridge.errors import InvalidInput, NotFound, SideUnavailable
from bridge.web.labels import DIRECTIONS, PRIVATE_EVENTS, SYNC_TYPES, sentence, state_label
from bridge.web.problem import http_words, status_of, told


def test_choices_read_as_the_contract_says_and_none_is_missing():
    """Scripts and people choose by these words."""
    assert [label for _, label in SYNC_TYPES] == [
        "Two-way",
        "One-way: CRM to Google",
        "One-way: Google to CRM",
    ]
    assert [label for _, label in PRIVATE_EVENTS] == [
        "Save as private",
        "Save as public",
        "Do not sync",
    ]
    assert {value for value, _ in SYNC_TYPES} == set(SyncType) == set(DIRECTIONS)
    assert {value for value, _ in PRIVATE_EVENTS} == set(PrivateEvents)


@pytest.mark.parametrize(
    ("state", "label"),
    [
        (ConnectionState.NEW, "Not started yet"),
        (ConnectionState.ACTIVE, "Active"),
        (ConnectionState.PAUSED, "Paused"),
        (ConnectionState.NEEDS_ATTENTION, "Needs attention"),
        (ConnectionState.STOPPED, "Stopped"),
    ],
)
def test_every_state_has_its_word(state, label):
    """Never a state's inner name."""
    connection = Connection(
        id=1, company_id=1, user_id=1, login="anna", state=state, account_email="a@example.com"
    )
    assert state_label(connection) == label


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("choose a calendar", "Choose a calendar."),
        ("Done!", "Done!"),
        ("  ", ""),
        ("", ""),
        (None, ""),
    ],
)
def test_error_text_becomes_a_sentence(text, shown):
    """Errors are written for the command line; the page begins large and ends with a stop."""
    assert sentence(text) == shown


def test_error_and_its_cure_are_told_together():
    """What happened, then what to do."""
    error = InvalidInput("this account is not syncing", hint="choose Start syncing first")
    assert told(error) == "This account is not syncing. Choose Start syncing first."
    assert told(InvalidInput("no")) == "No."


def test_status_says_whose_fault_it_is():
    """Absent, refused, or somebody else failed."""
    assert status_of(NotFound("x")) == 404
    assert status_of(InvalidInput("x")) == 400
    assert status_of(SideUnavailable("x", side="google")) == 503


def test_hint_for_the_command_line_is_none_for_a_page():
    """Whoever reads a page has no terminal at hand."""
    error = NotFound("there is no run", hint="`crmdav history LOGIN` lists the runs")
    assert told(error) == "There is no run."


def test_http_errors_are_told_in_our_words():
    """The framework's texts are English only, and speak of servers and URLs."""
    assert http_words(NoPage()) == http_words(MethodNotAllowed()) == "there is no such page"
    assert http_words(Forbidden("This form is too old.")) == "This form is too old."
    assert http_words(Forbidden()) == http_words(BadGateway())
    assert "go back" in http_words(Forbidden())
