"""The installation's secret and the keys made from it, one per purpose.

The key file holds one line of 64 hex digits. Losing it makes stored tokens, app passwords and the
ids of our Google events useless, so it is never written over. Every key is derived by HKDF; none
of them can be computed from another.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from bridge.domain.worker_token import PURPOSE, derive_key
from bridge.errors import AlreadyExists, ConfigError
from bridge.store.cipher import TokenCipher
from bridge.store.push_subscriptions import PushVault

_BYTES = 32
_FEWEST_BYTES = 16
_TOO_OPEN = 0o077

_INIT_HINT = "`crmdav init` makes one"


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationKeys:
    """The keys of one installation.

    Attributes:
        secret: The content of the key file without surrounding blanks; never shown by `repr`.
    """

    secret: bytes = field(repr=False)

    @property
    def worker(self) -> bytes:
        """Signs the worker's sign-in at the CalDAV server (design decision 1)."""
        return derive_key(self.secret, PURPOSE)

    @property
    def app_passwords(self) -> bytes:
        """Digests app passwords and API tokens."""
        return derive_key(self.secret, "app passwords")

    @property
    def calendar_links(self) -> bytes:
        """Digests the secrets of subscription links."""
        return derive_key(self.secret, "calendar links")

    @property
    def event_ids(self) -> bytes:
        """Makes and stamps our Google event ids; never rotated (design decision 26)."""
        return derive_key(self.secret, "google event ids")

    @property
    def google_channels(self) -> bytes:
        """Makes the tokens of Google's push channels."""
        return derive_key(self.secret, "google channels")

    @property
    def pages(self) -> bytes:
        """Signs one-time notices on the pages."""
        return derive_key(self.secret, "pages")

    @property
    def openid_attempts(self) -> TokenCipher:
        """Encrypts what a browser keeps on its way to the OpenID provider."""
        return TokenCipher(derive_key(self.secret, "openid attempts"))

    @property
    def push_identity(self) -> bytes:
        """Makes the key pair we are known by to push services; 64 bytes."""
        return b"".join(derive_key(self.secret, f"push identity {part}") for part in (1, 2))

    @property
    def push_topics(self) -> bytes:
        """Makes the names of calendars in push messages."""
        return derive_key(self.secret, "push topics")

    @property
    def push_subscriptions(self) -> PushVault:
        """Keeps the addresses that calendar programs gave us."""
        return PushVault(
            cipher=TokenCipher(derive_key(self.secret, "push subscriptions")),
            key=derive_key(self.secret, "push addresses"),
        )

    @property
    def tokens(self) -> TokenCipher:
        """Encrypts what Google gave us."""
        return TokenCipher(derive_key(self.secret, "stored tokens"))


def make_key_file(path: Path) -> None:
    """Write a fresh key, readable for its owner only; parents are made.

    Raises:
        AlreadyExists: There is a file; a key is never written over.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise AlreadyExists(f"there is a key file already: {path}") from error
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        # Without a line end the raw bytes and the stripped text are the same key.
        file.write(secrets.token_hex(_BYTES))
        file.flush()
        os.fsync(file.fileno())


def read_key_file(path: Path) -> InstallationKeys:
    """Return the keys of a key file.

    Raises:
        ConfigError: It is missing, too short, or others may read it.
    """
    try:
        if path.stat().st_mode & _TOO_OPEN:
            raise ConfigError(
                f"others may read the key file {path}", hint=f"run `chmod 600 {path}`"
            )
        secret = path.read_bytes().strip()
    except OSError as error:
        raise ConfigError(f"there is no key file at {path}", hint=_INIT_HINT) from error
    if len(secret) < _FEWEST_BYTES:
        raise ConfigError(f"the key file {path} is too short", hint=_INIT_HINT)
    return InstallationKeys(secret=secret)
