"""Every setting: name, type, default, unit, help and check. Nothing else defines a setting.

Durations carry their unit in the key. Per-user choices are not here; they live in the database.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bridge.config.checks import (
    Check,
    at_least,
    database_url,
    host_and_port,
    http_url,
    issuer_url,
    networks,
    one_of,
    push_contact,
    push_hosts,
)
from bridge.config.secret import Secret

DATA_FOLDER = "crmdav-data"
"""Where data lives by default, beside the configuration file."""

POLL_SECONDS = 60
"""How often Google is asked where it does not tell us, unless that is set."""

PUSH_PATH = "/google/push"
"""Where Google's push messages come in."""


def option(default: Any, text: str, *, check: Check | None = None, example: str = "") -> Any:
    """Return a dataclass field that knows its documentation and its check.

    Args:
        default: The value when nobody sets it.
        text: What it means, for the commented file.
        check: Returns what is wrong with a value, or None.
        example: A TOML value to show where the default is empty.
    """
    return field(default=default, metadata={"help": text, "check": check, "example": example})


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    """The CRM's database."""

    url: str = option(
        f"sqlite:///{DATA_FOLDER}/crmdav.sqlite3",
        "SQLAlchemy URL. SQLite needs nothing else; `postgresql+psycopg://user:password@host/name`"
        " is for many users (install the extra `postgres`). A relative SQLite path is relative to"
        " the folder of this file.",
        check=database_url,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """The web server: pages, CalDAV, health, on one port."""

    bind: str = option("127.0.0.1:5232", "Address and port to listen on.", check=host_and_port)
    base_url: str = option(
        "",
        "Public address of this server, without a path; used for Google's redirect and push. Empty"
        " means `http://<server.bind>`.",
        check=http_url,
        example='"https://crm.example.com"',
    )
    behind_tls_proxy: bool = option(
        False,
        "Set it when a proxy in front ends TLS; without it the server listens on loopback only.",
    )
    trusted_proxies: tuple[str, ...] = option(
        (),
        "Addresses or networks whose forwarding headers are believed.",
        check=networks,
        example='["10.0.0.0/8"]',
    )
    processes: int = option(1, "Server processes; 1 is right for SQLite.", check=at_least(1))
    threads: int = option(8, "Threads of each process.", check=at_least(1))

    @property
    def host(self) -> str:
        """The host part of `bind`, without brackets."""
        return self.bind.rpartition(":")[0].strip("[]")

    @property
    def port(self) -> int:
        """The port part of `bind`; 0 lets the system choose."""
        return int(self.bind.rpartition(":")[2])

    @property
    def public_url(self) -> str:
        """`base_url` or what follows from `bind`, without a slash at the end."""
        return self.base_url.rstrip("/") or f"http://{self.bind}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine can reach the server."""
        if self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretsSettings:
    """Keys that must not stand in the database."""

    key_file: Path = option(  # noqa: RUF009 - `option` returns a field
        Path(DATA_FOLDER) / "crmdav.key",
        "Key for stored tokens and passwords, made by `crmdav init`. Keep a copy apart from the"
        " database; without it every connection must be made anew.",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class GoogleSettings:
    """The administrator's OAuth client and where Google is."""

    client_id: str = option("", "OAuth client id, from the Google Cloud console.")
    client_secret: Secret = option(  # noqa: RUF009 - `option` returns a field
        Secret(""), "OAuth client secret; better in a file, see below."
    )
    client_secret_file: Path | None = option(  # noqa: RUF009 - `option` returns a field
        None, "File that holds the client secret alone.", example='"google-client-secret"'
    )
    authorization_url: str = option(
        "https://accounts.google.com/o/oauth2/v2/auth", "The consent page.", check=http_url
    )
    token_url: str = option(
        "https://oauth2.googleapis.com/token", "Where codes become tokens.", check=http_url
    )
    revocation_url: str = option(
        "https://oauth2.googleapis.com/revoke", "Where grants are given back.", check=http_url
    )
    api_url: str = option("https://www.googleapis.com", "Root of the Calendar API.", check=http_url)
    publishing_status: str = option(
        "production",
        "State of the consent screen in the Google console, `testing` or `production`. Google ends"
        " grants of a screen in testing after 7 days.",
        check=one_of("testing", "production"),
    )
    push: str = option(
        "auto",
        "Whether Google tells us of changes, at `<server.base_url>/google/push`: `auto` (if"
        " `server.base_url` is https), `on` or `off`. Google demands https with a certificate it"
        " trusts, and has to reach the address from outside. Without push it is asked, see"
        " `worker.poll_interval_seconds`.",
        check=one_of("auto", "on", "off"),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcSettings:
    """Sign-in to the pages by OpenID Connect, beside logins and passwords."""

    issuer: str = option(
        "",
        "The provider's issuer; `/.well-known/openid-configuration` is below it. Empty switches"
        " this off. The provider has to know our redirect address"
        " `<server.base_url>/oauth/openid/callback`.",
        check=issuer_url,
        example='"https://login.example.com/realms/office"',
    )
    client_id: str = option("", "Client id, from the provider.", example='"crmdav"')
    client_secret: Secret = option(  # noqa: RUF009 - `option` returns a field
        Secret(""), "Client secret, empty for a public client; better in a file, see below."
    )
    client_secret_file: Path | None = option(  # noqa: RUF009 - `option` returns a field
        None, "File that holds the client secret alone.", example='"oidc-client-secret"'
    )
    scopes: str = option("openid email profile", "What is asked for, separated by blanks.")
    label: str = option("single sign-on", "The button reads `Sign in with <label>`.")
    login_claim: str = option(
        "email",
        "The claim that names the login. Choose one that people cannot change themselves at the"
        " provider: who has the name has the account. An address the provider calls unverified is"
        " refused.",
    )
    allowed_domains: tuple[str, ...] = option(
        (),
        "Domains that the claim `email` may be of; empty means all.",
        example='["example.com"]',
    )
    create_users: bool = option(
        False,
        "Whether a person whom the provider knows and we do not becomes a user. Without it only"
        " those come in whom somebody added.",
    )
    company: str = option(
        "", "Name of the company such users belong to; empty means the only one there is."
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """The worker that syncs with Google."""

    poll_interval_seconds: float | None = option(
        None,
        f"How often Google is asked for changes. Empty means every {POLL_SECONDS} s, and for"
        " connections that Google's push tells of changes (`google.push`) up to every 900 s when"
        " nothing happens there. A change on this side is written at once.",
        check=at_least(0.2),
        example=str(POLL_SECONDS),
    )
    threads: int = option(4, "How many connections are synced at the same time.", check=at_least(1))
    caldav_url: str = option(
        "",
        "Where the worker finds the CalDAV server. Empty means `http://<server.bind>/dav/`.",
        check=http_url,
    )
    trusted_addresses: tuple[str, ...] = option(
        ("127.0.0.1", "::1"),
        "Addresses or networks the worker's sign-in is accepted from.",
        check=networks,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DavSettings:
    """What calendar programs may do."""

    user_calendars: bool = option(
        True,
        "Whether users may make further calendars from a calendar program, beside Activities and"
        " Tasks. Those that exist stay, and can be deleted, when this is switched off.",
    )
    max_calendars: int = option(
        500, "Calendars in one home, the two standard ones included.", check=at_least(2)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitsSettings:
    """How much of a CalDAV request is looked at."""

    max_object_bytes: int = option(
        2 * 1024 * 1024, "Size of one calendar object.", check=at_least(10_000)
    )
    max_xml_bytes: int = option(
        1024 * 1024, "Size of a PROPFIND or REPORT body.", check=at_least(10_000)
    )
    max_hrefs: int = option(5_000, "Names in one multiget.", check=at_least(100))
    max_instances: int = option(
        10_000, "Instances that one REPORT expands to.", check=at_least(100)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSettings:
    """Messages that tell calendar programs at once of a change (WebDAV-Push, as DAVx5 knows it)."""

    enabled: bool = option(False, "Offer it. Programs that do not know it keep asking as ever.")
    contact: str = option(
        "",
        "Whom a push service can ask about these messages: a `mailto:` or `https://` address. Some"
        " services refuse messages without it.",
        check=push_contact,
        example='"mailto:admin@example.com"',
    )
    allowed_hosts: tuple[str, ...] = option(
        (
            "fcm.googleapis.com",
            "updates.push.services.mozilla.com",
            "*.push.apple.com",
            "*.notify.windows.com",
            "ntfy.sh",
        ),
        "Push services that messages may go to; users choose among them in their programs. A host"
        " name, `*.` before a name for all names below it, or `*` for every host: by https and at"
        " public addresses only. An origin such as `https://push.lan:8443` is allowed wherever it"
        " leads.",
        check=push_hosts,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """What is told, and how."""

    level: str = option(
        "info",
        "`debug`, `info`, `warning` or `error`.",
        check=one_of("debug", "info", "warning", "error"),
    )
    format: str = option(
        "text", "`text` for people, `json` for programs.", check=one_of("text", "json")
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings.

    Relative paths are made absolute by `bridge.config.loading`.
    """

    database: DatabaseSettings = field(default_factory=DatabaseSettings)
    server: ServerSettings = field(default_factory=ServerSettings)
    secrets: SecretsSettings = field(default_factory=SecretsSettings)
    google: GoogleSettings = field(default_factory=GoogleSettings)
    oidc: OidcSettings = field(default_factory=OidcSettings)
    worker: WorkerSettings = field(default_factory=WorkerSettings)
    dav: DavSettings = field(default_factory=DavSettings)
    limits: LimitsSettings = field(default_factory=LimitsSettings)
    push: PushSettings = field(default_factory=PushSettings)
    log: LogSettings = field(default_factory=LogSettings)

    @property
    def google_push_address(self) -> str | None:
        """Where Google sends push messages, None when it is not asked to."""
        wanted = self.google.push == "on" or (
            self.google.push == "auto" and self.server.public_url.lower().startswith("https://")
        )
        return self.server.public_url + PUSH_PATH if wanted else None

    @property
    def caldav_url(self) -> str:
        """Where the worker finds the CalDAV server, with a slash at the end."""
        return (self.worker.caldav_url or f"http://{self.server.bind}/dav").rstrip("/") + "/"
