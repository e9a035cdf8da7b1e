"""Under a plain Radicale: the database and the keys that its configuration file names.

    [storage]
    type = radicale_plugin.storage
    database_url = sqlite:////var/lib/crmdav/crmdav.sqlite3
    [auth]
    type = radicale_plugin.auth
    key_file = /var/lib/crmdav/crmdav.key
    [rights]
    type = radicale_plugin.rights

Radicale makes two storages and one auth in every process; they share one `Database`.
"""

from __future__ import annotations

from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from bridge.domain.worker_token import PURPOSE, derive_key
from bridge.errors import ConfigError
from bridge.store.database import Database
from bridge.store.home_slots import slot_file_beside
from radicale_plugin.configuration import text_option

if TYPE_CHECKING:
    from radicale.config import Configuration

_databases: dict[str, Database] = {}
_making = Lock()


def database_of(configuration: Configuration) -> Database:
    """Return the process's database of `[storage] database_url`; it connects to nothing yet.

    Raises:
        ConfigError: The option is missing, or is no URL of a database we know.
    """
    url = text_option(configuration, "storage", "database_url")
    with _making:
        if url not in _databases:
            _databases[url] = Database(url, slot_file=_slot_file(configuration))
        return _databases[url]


def _slot_file(configuration: Configuration) -> Path | None:
    """Return where it is noted how far the homes are; None when no key file is named."""
    try:
        path = text_option(configuration, "auth", "key_file")
    except ConfigError:
        return None
    return slot_file_beside(Path(path).expanduser())


def keys_of(configuration: Configuration) -> tuple[bytes, bytes]:
    """Return the keys of app passwords and of the worker's sign-in, from `[auth] key_file`.

    Raises:
        ConfigError: The file is not named or cannot be read.
    """
    path = Path(text_option(configuration, "auth", "key_file")).expanduser()
    try:
        secret = path.read_bytes().strip()
    except OSError as error:
        raise ConfigError(
            f"the key file cannot be read: {path}", hint="see `key_file` in section `auth`"
        ) from error
    return derive_key(secret, "app passwords"), derive_key(secret, PURPOSE)
