"""Where Google is, as whom we come, and what we ask for.

Source: Google: Using OAuth 2.0 for Web Server Applications; Calendar API v3 discovery document.
"""

from __future__ import annotations

from dataclasses import dataclass, field

_SCOPE_ROOT = "https://www.googleapis.com/auth/"

CALENDAR_EVENTS = f"{_SCOPE_ROOT}calendar.events"
CALENDAR_LIST = f"{_SCOPE_ROOT}calendar.calendarlist.readonly"
CREATE_CALENDAR = f"{_SCOPE_ROOT}calendar.app.created"

SCOPES: tuple[str, ...] = ("openid", "email", CALENDAR_EVENTS, CALENDAR_LIST, CREATE_CALENDAR)
"""Everything we ever ask for; never `calendar` as a whole and never a mail scope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleAddresses:
    """The four addresses of contract section 3; all can point to the rehearsal Google.

    Attributes:
        authorization_url: Where the browser is sent for consent.
        token_url: Where codes and refresh tokens are exchanged.
        revocation_url: Where a grant is given back.
        api_url: The root; `/calendar/v3/`, `/batch/calendar/v3` and `/oauth2/v3/userinfo` hang
            below it.
    """

    authorization_url: str = "https://accounts.google.com/o/oauth2/v2/auth"
    token_url: str = "https://oauth2.googleapis.com/token"  # noqa: S105 - an address, no secret
    revocation_url: str = "https://oauth2.googleapis.com/revoke"
    api_url: str = "https://www.googleapis.com"

    @property
    def api_root(self) -> str:
        """`api_url` with exactly one slash at its end."""
        return self.api_url.rstrip("/") + "/"

    @property
    def userinfo_url(self) -> str:
        """Where the signed-in account is told (OpenID Connect Core section 5.3)."""
        return self.api_root + "oauth2/v3/userinfo"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleClient:
    """The administrator's OAuth client.

    Attributes:
        client_id: As the Google console shows it.
        client_secret: Never shown by `repr`.
    """

    client_id: str
    client_secret: str = field(repr=False)
