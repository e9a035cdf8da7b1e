"""Radicale's configuration, made in code, and our options in a plain Radicale's file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from radicale import config

from bridge.errors import ConfigError
from radicale_plugin.limits import DavLimits

Factory = Callable[[config.Configuration], Any]
"""Makes one part from the configuration; Radicale takes it in place of a module's name."""

REALM = "crmdav"
_SOURCE = "crmdav"


def configuration_for(
    *, auth: Factory, storage: Factory, rights: Factory, limits: DavLimits
) -> config.Configuration:
    """Return the configuration under which our own application runs; no file is read."""
    configuration = config.load()
    configuration.update(
        {
            "server": {
                "delay_on_error": 0,  # Radicale would sleep in the worker's thread
                "max_content_length": 2 * limits.max_object_bytes,
                "max_resource_size": limits.max_object_bytes,
                "validate_path_value": "none",  # names are keys here; the gateway checks them
            },
            "auth": {"type": auth, "delay": 0, "realm": REALM},
            "rights": {
                "type": rights,
                "permit_delete_collection": False,
                "permit_overwrite_collection": False,
            },
            "storage": {"type": storage, "predefined_collections": ""},
            "web": {"type": "none"},
            "sharing": {"collection_by_map": False, "collection_by_token": False},
            "logging": {"level": "warning"},
            "headers": {
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        },
        _SOURCE,
        privileged=True,
    )
    return configuration


def text_option(configuration: config.Configuration, section: str, option: str) -> str:
    """Return an option of ours from a plain Radicale's configuration.

    Raises:
        ConfigError: It is missing.
    """
    try:
        value = configuration.get(section, option)
    except KeyError:
        value = ""
    if not value:
        raise ConfigError(
            f"`{option}` is missing in section `{section}` of Radicale's configuration",
            hint=f"add `{option} = ...` below `[{section}]`",
        )
    return str(value)
