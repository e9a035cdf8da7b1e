"""Checks of single values; each returns what is wrong, in words, or None."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

Check = Callable[[Any], str | None]

_HIGHEST_PORT = 65535
_NAME = r"[a-z0-9.-]+"
_PUSH_HOST = re.compile(
    rf"\* | (\*\.)?{_NAME} | https?://({_NAME}|\[[0-9a-f:]+\])(:[0-9]{{1,5}})?",
    re.IGNORECASE | re.VERBOSE,
)


def at_least(lowest: float) -> Check:
    """Return a check for a number that may not be smaller."""

    def check(value: Any) -> str | None:
        return None if value is None or value >= lowest else f"must be at least {lowest:g}"

    return check


def one_of(*choices: str) -> Check:
    """Return a check for a closed set of words."""

    def check(value: Any) -> str | None:
        words = ", ".join(f"`{choice}`" for choice in choices)
        return None if value in choices else f"must be one of {words}"

    return check


def http_url(value: Any) -> str | None:
    """Demand an absolute http or https address, or ""."""
    if not value:
        return None
    parts = urlsplit(value)
    if parts.scheme in {"http", "https"} and parts.hostname:
        return None
    return "must be an address that begins with `http://` or `https://`"


def issuer_url(value: Any) -> str | None:
    """Demand an https address without query, or ""; http is for this machine only."""
    if not value:
        return None
    parts = urlsplit(value)
    here = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if (parts.scheme == "https" or (here and parts.scheme == "http")) and parts.hostname:
        return "must have no `?` and no `#`" if parts.query or parts.fragment else None
    return "must be an address that begins with `https://`"


def database_url(value: Any) -> str | None:
    """Demand a database this program runs on."""
    if str(value).startswith(("sqlite://", "postgresql+psycopg://")):
        return None
    return "must begin with `sqlite:///` or `postgresql+psycopg://`"


def host_and_port(value: Any) -> str | None:
    """Demand `host:port`, an IPv6 host in square brackets."""
    host, _, port = str(value).rpartition(":")
    if host and port.isdigit() and int(port) <= _HIGHEST_PORT:
        return None
    return "must be `host:port`, such as `127.0.0.1:5232`"


def push_contact(value: Any) -> str | None:
    """Demand an address a push service may write to, or "" (RFC 8292 section 2.1)."""
    if not value or str(value).startswith(("mailto:", "https://")):
        return None
    return "must begin with `mailto:` or `https://`"


def push_hosts(value: Any) -> str | None:
    """Demand host names, patterns of them, or origins."""
    for part in value:
        if not _PUSH_HOST.fullmatch(part):
            return f"holds `{part}`, which is no host name, `*.` pattern or origin"
    return None


def networks(value: Any) -> str | None:
    """Demand IP addresses or networks in CIDR notation."""
    for part in value:
        try:
            ipaddress.ip_network(part, strict=False)
        except ValueError:
            return f"holds `{part}`, which is no IP address or network"
    return None
