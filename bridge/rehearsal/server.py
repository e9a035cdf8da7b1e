"""The rehearsal Google as a program or a part of one: start, describe, stop.

with RehearsalServer(port=0) as google:
    print(google.describe().to_json())
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any

from bridge.errors import ConfigError
from bridge.rehearsal.accounts import DEFAULT_ACCOUNTS, Account, all_accounts, client, settle
from bridge.rehearsal.application import Application
from bridge.rehearsal.clock import Clock
from bridge.rehearsal.control import restore_switches
from bridge.rehearsal.http_server import HttpServer
from bridge.rehearsal.push.delivery import Postman
from bridge.rehearsal.recording.recorder import Recorder
from bridge.rehearsal.state import State
from bridge.rehearsal.world import World

_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """Where a running rehearsal answers and who may sign in.

    Attributes:
        root: Address of everything, without a slash at the end; the page for people is there.
        authorization_url: OAuth authorization address.
        token_url: OAuth token address.
        revocation_url: OAuth revocation address.
        api_url: Root of the API, what `google.api_url` wants.
        client_id: The OAuth client.
        client_secret: Its secret.
        accounts: Accounts with a ready access token each.
    """

    root: str
    authorization_url: str
    token_url: str
    revocation_url: str
    api_url: str
    client_id: str
    client_secret: str
    accounts: tuple[Account, ...]

    def to_json(self) -> dict[str, Any]:
        """Return the object that `crmdav rehearse-google --json` prints."""
        return {
            "root": self.root,
            "authorization_url": self.authorization_url,
            "token_url": self.token_url,
            "revocation_url": self.revocation_url,
            "api_url": self.api_url,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "accounts": [account.to_json() for account in self.accounts],
        }


class RehearsalServer:
    """A rehearsal Google on a loopback port.

    Args:
        port: Port, 0 for any free one.
        state: File that keeps everything; None for memory only.
        redirect_uris: Redirect addresses the client accepts beside
            `http://127.0.0.1:PORT/oauth/google/callback`.
        allow_http_push: Whether push addresses may be http.
        accounts: Addresses of the accounts a new state begins with.

    Raises:
        ConfigError: The state file cannot be used.
        OSError: The port is taken.
    """

    def __init__(
        self,
        port: int = 0,
        *,
        state: Path | None = None,
        redirect_uris: Iterable[str] = (),
        allow_http_push: bool = False,
        accounts: Iterable[str] = DEFAULT_ACCOUNTS,
    ) -> None:
        self._past = state if state is not None and state.exists() else None
        self._recorder: Recorder | None = None
        self.world = World(
            state=State(state),
            clock=Clock(),
            redirect_uris=tuple(redirect_uris),
            allow_http_push=allow_http_push,
        )
        settle(self.world, tuple(accounts))
        restore_switches(self.world)
        self._postman = Postman(self.world)
        application = self._postman.looking_after(Application(self.world))
        try:
            self._http = HttpServer(application, host=_HOST, port=port)
        except OSError:
            self.world.state.close()
            raise
        self._started = self._stopped = False

    @property
    def root(self) -> str:
        """Address of everything, without a slash at the end."""
        return f"http://{_HOST}:{self._http.port}"

    def describe(self) -> Description:
        """Return addresses, client and accounts as they are now."""
        known = client(self.world)
        return Description(
            root=self.root,
            authorization_url=f"{self.root}/o/oauth2/v2/auth",
            token_url=f"{self.root}/token",
            revocation_url=f"{self.root}/revoke",
            api_url=self.root,
            client_id=known.client_id,
            client_secret=known.client_secret,
            accounts=tuple(all_accounts(self.world)),
        )

    def record(self, path: Path) -> None:
        """Write every exchange to a new file, without anybody's data; before `start`.

        Raises:
            ConfigError: The file exists or cannot be made, or the state file existed before.
        """
        if self._past is not None:
            raise ConfigError(
                f"the state file has a past that a recording would miss: `{self._past}`",
                hint="record with a new state file, or without one",
            )
        self._recorder = Recorder(path, self.world)
        self.world.observers.add(self._recorder)

    def start(self) -> RehearsalServer:
        """Begin to answer, in the background, and return itself. A second call does nothing."""
        if not self._started:
            self._started = True
            # A change may have been stored, but not told, when the last process was killed.
            self._postman.look()
            self._http.start()
        return self

    def stop(self) -> None:
        """End all connections, close port and state. A second call does nothing."""
        if self._stopped:
            return
        self._stopped = True
        self.world.stopping.set()
        self._http.stop()
        self._postman.stop()
        if self._recorder is not None:
            self._recorder.close()
        self.world.state.close()

    def serve_forever(self) -> None:
        """Answer until SIGTERM or SIGINT, then stop cleanly; for the main thread."""
        asked = threading.Event()

        def ask(_signal: int, _frame: FrameType | None) -> None:
            asked.set()

        before = {each: signal.signal(each, ask) for each in (signal.SIGTERM, signal.SIGINT)}
        try:
            self.start()
            asked.wait()
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)
            self.stop()

    def __enter__(self) -> RehearsalServer:
        return self.start()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
