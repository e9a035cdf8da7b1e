"""Settings as text: the commented file for people, and the effective values with secrets masked."""

from __future__ import annotations

import json
import textwrap
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit, urlunsplit

from bridge.config.secret import Secret
from bridge.config.settings import Settings

_WIDTH = 96


def example_file() -> str:
    """Return the commented configuration file; every setting stands in it, switched off."""
    lines = [
        "# Configuration of crmdav. A key behind `#` shows its default, or an example for none.",
        "# The environment (`CRMDAV_SECTION__KEY`) overrides this file, flags override both.",
        "# Relative paths are relative to the folder of this file.",
    ]
    for name, kind in get_type_hints(Settings).items():
        lines += ["", f"# {kind.__doc__.strip()}", f"[{name}]"]
        for item in fields(kind):
            text = textwrap.wrap(item.metadata["help"], _WIDTH)
            shown = item.metadata["example"] or toml_value(item.default)
            lines += ["", *(f"# {line}" for line in text), f"#{item.name} = {shown}"]
    return "\n".join(lines) + "\n"


def shown_values(settings: Settings) -> dict[str, dict[str, Any]]:
    """Return every effective value by section and key, as JSON values, secrets as `***`."""
    return {
        section.name: {
            item.name: _shown(getattr(getattr(settings, section.name), item.name))
            for item in fields(getattr(settings, section.name))
        }
        for section in fields(settings)
    }


def shown_file(settings: Settings) -> str:
    """Return the effective settings in the form of a file, secrets as `***`."""
    lines: list[str] = []
    for section, values in shown_values(settings).items():
        lines += ["", f"[{section}]"]
        lines += [f"{key} = {toml_value(value)}" for key, value in values.items()]
    return "\n".join(lines[1:]) + "\n"


def toml_value(value: Any) -> str:
    """Return a value as TOML writes it; None, which TOML lacks, as an empty text."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(toml_value(part) for part in value) + "]"
    if isinstance(value, Secret):
        return '"***"' if value else '""'
    # A JSON text is a TOML basic string.
    return json.dumps("" if value is None else str(value), ensure_ascii=False)


def _shown(value: Any) -> Any:
    if isinstance(value, Secret):
        return "***" if value else ""
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, str) and "://" in value:
        return _without_password(value)
    return value


def _without_password(url: str) -> str:
    """Mask the password of an address, such as that of the database."""
    parts = urlsplit(url)
    if not parts.password:
        return url
    user, _, host = parts.netloc.rpartition("@")
    masked = f"{user.partition(':')[0]}:***@{host}"
    return urlunsplit((parts.scheme, masked, parts.path, parts.query, parts.fragment))
