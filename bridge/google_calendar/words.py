"""What is told of Google's side when it fails, for people, and what to do."""

from __future__ import annotations

from bridge.domain.message import Message, template

RECONNECT = Message("open the settings page and choose Reconnect")
ANSWERED = template("Google answered %(status)s")
ANSWERED_WHY = template("Google answered %(status)s, `%(reason)s`")
UNREACHABLE = template("Google could not be reached: %(kind)s")
NO_PERMISSION = template("Google refused the saved permission: `%(code)s`")
CLIENT_REFUSED = template("Google refused the OAuth client: `%(code)s`")
ODD_ANSWER = template("Google's answer is odd: %(what)s")
TEMPLATES = (
    *(ANSWERED_WHY, ANSWERED, UNREACHABLE),
    *(NO_PERMISSION, CLIENT_REFUSED, ODD_ANSWER),
)
"""Those with places in them; what is kept as text is known again by them."""


def answered(status: int, reason: str = "") -> Message:
    """Return what is told of an error answer."""
    if reason:
        return Message(ANSWERED_WHY, status=status, reason=reason)
    return Message(ANSWERED, status=status)
