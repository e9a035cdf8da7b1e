"""The commented file agrees with the settings."""

import re
import tomllib
from dataclasses import fields
from pathlib import Path
from typing import get_type_hints

from bridge.config import Settings, load_settings
from bridge.config.example import example_file, shown_file, shown_values

SHIPPED = Path(__file__).parents[3] / "config" / "crmdav.example.toml"


def test_shipped_example_is_the_generated_one():
    """`python -c 'print(example_file())'` was run after the last change of a setting."""
    assert SHIPPED.read_text(encoding="utf-8") == example_file()


def test_example_names_every_setting_once_and_is_accepted_when_switched_on(tmp_path):
    """A person may remove any `#` in front of a key."""
    switched_on = re.sub(r"(?m)^#(\w+ = )", r"\1", example_file())
    document = tomllib.loads(switched_on)
    named = {(section, key) for section, keys in document.items() for key in keys}
    defined = {
        (section, item.name)
        for section, kind in get_type_hints(Settings).items()
        for item in fields(kind)
    }
    assert named == defined
    file = tmp_path / "crmdav.toml"
    file.write_text(re.sub(r"(?m)^client_secret = .*$", "", switched_on), encoding="utf-8")
    for name in ("google-client-secret", "oidc-client-secret"):
        (tmp_path / name).write_text("x")
    assert load_settings(file, environ={}).server.base_url == "https://crm.example.com"


def test_example_as_shipped_changes_nothing(tmp_path):
    """With every key switched off, the defaults hold."""
    file = tmp_path / "crmdav.toml"
    file.write_text(example_file(), encoding="utf-8")
    assert load_settings(file, environ={}) == load_settings(environ={}, folder=tmp_path)


def test_shown_settings_mask_secrets_and_passwords_in_addresses(tmp_path):
    """What `config show` prints may be pasted into a mail."""
    settings = load_settings(
        environ={
            "CRMDAV_GOOGLE__CLIENT_SECRET": "marker-one",
            "CRMDAV_DATABASE__URL": "postgresql+psycopg://crm:marker-two@db/crm",
        },
        folder=tmp_path,
    )
    text = shown_file(settings)
    assert "marker" not in text
    assert 'url = "postgresql+psycopg://crm:***@db/crm"' in text
    assert shown_values(settings)["google"]["client_secret"] == "***"
    assert tomllib.loads(text)["server"]["threads"] == 8
