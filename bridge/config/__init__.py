"""Settings: one tree of frozen dataclasses is the only definition.

`settings` defines every key with type, default, unit, help and check; `loading` reads the file, the
environment and the flags into it; `example` writes the commented file from it.
"""

from bridge.config.loading import load_settings
from bridge.config.secret import Secret
from bridge.config.settings import Settings

__all__ = ["Secret", "Settings", "load_settings"]
