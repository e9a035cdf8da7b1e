"""A configuration profile that sets up Apple's Calendar and Reminders in one step.

The profile holds an app password made for it alone, so it is only ever the answer to a form of the
person it is for, is kept nowhere here, and is made useless by revoking that password. It is not
signed: Apple's programs say so and ask before they install it.

Source: Apple, Device Management, CalDAV payload (`com.apple.caldav.account`).
"""

from __future__ import annotations

import plistlib
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import NAMESPACE_URL, uuid5

MEDIA_TYPE = "application/x-apple-aspen-config"
_PORTS = {"https": 443, "http": 80}


@dataclass(frozen=True, slots=True, kw_only=True)
class CalDavAccount:
    """What a calendar program has to know.

    Attributes:
        url: Address of the user's principal.
        login: User name at that address.
        password: An app password; never shown by `repr`.
        password_id: Tells profiles of one user from each other.
    """

    url: str
    login: str
    password: str = field(repr=False)
    password_id: int


def apple_profile(account: CalDavAccount) -> bytes:
    """Return the profile as an XML property list.

    Installed again on a device it replaces the one before: the identifiers are those of server and
    login, only the UUIDs are of this password.
    """
    host = urlsplit(account.url).hostname or ""
    identifier = f"crmdav.{host}.{account.login}"
    title = f"CRM activities of {account.login}"
    profile = {
        "PayloadType": "Configuration",
        "PayloadVersion": 1,
        "PayloadIdentifier": identifier,
        "PayloadUUID": _uuid(account, "profile"),
        "PayloadDisplayName": title,
        "PayloadDescription": f"Adds the calendars and reminders of {host}.",
        "PayloadOrganization": host,
        "PayloadContent": [_caldav(account, identifier=f"{identifier}.caldav", title=title)],
    }
    return plistlib.dumps(profile)


def _caldav(account: CalDavAccount, *, identifier: str, title: str) -> dict[str, object]:
    parts = urlsplit(account.url)
    return {
        "PayloadType": "com.apple.caldav.account",
        "PayloadVersion": 1,
        "PayloadIdentifier": identifier,
        "PayloadUUID": _uuid(account, "caldav"),
        "PayloadDisplayName": title,
        "CalDAVAccountDescription": title,
        "CalDAVHostName": parts.hostname or "",
        "CalDAVPort": parts.port or _PORTS.get(parts.scheme, 443),
        "CalDAVUseSSL": parts.scheme == "https",
        "CalDAVPrincipalURL": parts.path,
        "CalDAVUsername": account.login,
        "CalDAVPassword": account.password,
    }


def _uuid(account: CalDavAccount, part: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"{account.url}#{account.password_id}-{part}")).upper()
