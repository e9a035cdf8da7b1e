"""Checks of single values; each returns what is wrong, in words, or None."""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

Check = Callable[[Any], str | None]

_HIGHEST_PORT = 65535


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


def networks(value: Any) -> str | None:
    """Demand IP addresses or networks in CIDR notation."""
    for part in value:
        try:
            ipaddress.ip_network(part, strict=False)
        except ValueError:
            return f"holds `{part}`, which is no IP address or network"
    return None
