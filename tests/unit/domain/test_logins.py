"""Which logins there can be."""

from __future__ import annotations

import pytest

from bridge.domain.users import parse_login
from bridge.errors import InvalidInput


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("anna", "anna"),
        ("  Anna ", "anna"),
        ("anna.b+c@Acme.Example", "anna.b+c@acme.example"),
        ("Zoe\u0308", "zo\u00eb"),
        ("顾客", "顾客"),
    ],
)
def test_good_login_is_stored_in_one_form(typed: str, stored: str) -> None:
    """Trimmed, lower case and composed, so that two spellings are one login."""
    assert parse_login(typed) == stored


@pytest.mark.parametrize(
    "typed",
    ["", "  ", ".", "..", "a:b", "a,b", "a/b", "a\\b", "a b", "a\x00", "a\nb", "a\u200bb", "a?",
     "a#", "a%2f", "@a", "a@", "a@b@c", "x" * 256, "a\udc80"],
)  # fmt: skip
def test_login_that_cannot_sign_in_or_be_a_path_is_refused(typed: str) -> None:
    """Radicale would never let it in, or a path could not hold it."""
    with pytest.raises(InvalidInput) as refusal:
        parse_login(typed)
    assert refusal.value.field == "login"
