"""Sign-in: app passwords of people, and the worker's own tokens (design decisions 1 and 11).

Nothing is cached, so a revoked password is dead at once. An unknown login costs what a wrong
password costs: one look-up by the password's prefix and one HMAC.
"""

from __future__ import annotations

import hmac
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, MutableMapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any

from radicale.auth import NO_LOGIN_NO_GROUPS, AuthContext, BaseAuth

from bridge.domain.connection import ConnectionState
from bridge.domain.throttle import Throttle
from bridge.domain.users import User
from bridge.domain.worker_token import Errand, errand_of, verify_worker_password
from bridge.errors import StoreBusy
from bridge.store.secrets import PREFIX_LENGTH, digest
from radicale_plugin.credentials import Credentials, discard_unreadable
from radicale_plugin.peer import LOOPBACK, Addresses
from radicale_plugin.plain import database_of, keys_of
from radicale_plugin.request import begin_request, current_request
from radicale_plugin.transactions import Transactions

if TYPE_CHECKING:
    from radicale.config import Configuration

    from bridge.store.app_passwords import Holder
    from bridge.store.database import Database

logger = logging.getLogger(__name__)

_TOUCH_EVERY_SECONDS = 3600.0
_TOUCH_WAIT_SECONDS = 0.05
_MOST_TOUCHED = 10_000
_NOBODY = "0" * 64


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Keys:
    """The keys sign-in needs; never shown."""

    app_passwords: bytes
    worker: bytes


LOG_NAME = "crmdav"
"""What Radicale's log calls this way of signing in."""


class Auth(BaseAuth):
    """Radicale's `[auth] type`."""

    def __init__(
        self,
        configuration: Configuration,
        *,
        database: Database | None = None,
        keys: Keys | None = None,
        trusted: Addresses | None = None,
    ) -> None:
        """Remember where to look; what is not given comes from the configuration.

        Args:
            configuration: Radicale's. A plain Radicale names `key_file` in `[auth]` and
                `database_url` in `[storage]`.
            database: The CRM's database.
            keys: Keys of app passwords and of the worker's sign-in.
            trusted: From where the worker may sign in; loopback when not given.
        """
        super().__init__(configuration)
        # Radicale writes the configured type to its log; ours is a function there.
        self._type = LOG_NAME
        self._database = database or database_of(configuration)
        self._transactions = Transactions(self._database)
        if keys is None:
            app_passwords, worker = keys_of(configuration)
            keys = Keys(app_passwords=app_passwords, worker=worker)
        self._keys = keys
        self._trusted = trusted or Addresses(LOOPBACK)
        self._throttle = Throttle()
        self._touched = LastUse()
        self._now: Callable[[], datetime] = lambda: datetime.now(UTC)

    def get_external_login(self, environ: Any) -> tuple[()]:
        """Begin the record of the request; the login itself is left to the Basic header.

        Radicale calls this once for every request, before it reads the credentials.
        """
        request = begin_request(environ)
        if isinstance(environ, MutableMapping):
            request.charset = discard_unreadable(environ)
        return ()

    def _login_ext_with_groups(
        self, login: str, password: str, context: AuthContext
    ) -> tuple[str, set[str]]:
        """Return the canonical login, or "" when the credentials are refused."""
        request = current_request()
        client = request.peer.client or context.remote_addr or ""
        user = self.sign_in(Credentials(login, password), client)
        if user is None:
            return NO_LOGIN_NO_GROUPS
        if request.secret_id is not None:
            self.note_use(request.secret_id)
        return user.login, set()

    def sign_in(self, credentials: Credentials, client: str) -> User | None:
        """Return whose credentials these are and note it in the record of the request.

        Args:
            credentials: As they came.
            client: Address that a failure is counted for.

        Returns:
            None when they are refused; `Request.retry_after` says whether unseen.
        """
        request, login = current_request(), credentials.login
        wait = self._throttle.wait_seconds(client, login, now=time.monotonic())
        if wait > 0:
            request.retry_after = wait
            return None
        user = self._user(credentials.canonical)
        if user is None:
            self._throttle.failed(client, login, now=time.monotonic())
            return None
        self._throttle.succeeded(client, login)
        request.user = user
        return user

    def _sleep_for_constant_exec_time(self, time_ns_begin: int) -> None:
        """Do nothing: both answers cost the same here.

        Radicale would sleep as long as the slowest failure ever took, in the worker's thread.
        """

    def _user(self, credentials: Credentials | None) -> User | None:
        if credentials is None:
            return None
        if errand_of(credentials.password) is not None:
            return self._worker(credentials)
        return self._person(credentials)

    def _person(self, credentials: Credentials) -> User | None:
        proof = digest(self._keys.app_passwords, credentials.password)
        prefix = credentials.password[:PREFIX_LENGTH]
        with self._transactions.work() as work:
            holders = work.app_passwords.holders(prefix)
        found = _matching(holders, credentials.login, proof)
        if found is None:
            return None
        if not found.pending:
            self._transactions.settle(found.user.id)
        current_request().secret_id = found.secret_id
        return found.user

    def _worker(self, credentials: Credentials) -> User | None:
        """Return whom the worker works for, if all that decision 1 asks of its sign-in holds."""
        peer = current_request().peer
        connection_id = verify_worker_password(
            self._keys.worker,
            login=credentials.login,
            password=credentials.password,
            now=self._now(),
        )
        if connection_id is None or peer.forwarded or peer.address not in self._trusted:
            return None
        with self._transactions.work() as work:
            connection = work.connections.get(connection_id)
            user = work.users.by_login(credentials.login)
        if connection is None or connection.login != credentials.login:
            return None
        over = connection.state is ConnectionState.STOPPED and not connection.may_run
        # A person may take back what a sync did that is over.
        allowed = errand_of(credentials.password) is Errand.UNDO or not over
        if not allowed or user is None or not user.active:
            return None
        current_request().connection_id = connection_id
        return user

    def note_use(self, secret_id: int) -> None:
        """Note the use of a password, seldom, and never at the cost of the request.

        No lock may be held: it is a short transaction of its own.
        """
        if not self._touched.due(secret_id, now=time.monotonic()):
            return
        try:
            with self._database.write(wait_seconds=_TOUCH_WAIT_SECONDS) as work:
                work.app_passwords.touch(secret_id, self._now())
        except StoreBusy:
            logger.debug("last use of an app password not noted", extra={"secret_id": secret_id})


class LastUse:
    """Says when the last use of a secret is worth a write; bounded, safe for threads."""

    def __init__(self) -> None:
        self._noted: OrderedDict[int, float] = OrderedDict()
        self._lock = Lock()

    def due(self, secret_id: int, *, now: float) -> bool:
        """Return whether to note the use now; a second call soon after says no.

        Args:
            secret_id: Which secret.
            now: Monotonic seconds.
        """
        with self._lock:
            noted = self._noted.get(secret_id)
            if noted is not None and now - noted < _TOUCH_EVERY_SECONDS:
                return False
            self._noted[secret_id] = now
            self._noted.move_to_end(secret_id)
            while len(self._noted) > _MOST_TOUCHED:
                self._noted.popitem(last=False)
            return True


def _matching(holders: Sequence[Holder], login: str, proof: str) -> Holder | None:
    """Return who holds a live secret with this proof; every candidate is compared."""
    match = None
    if not holders:
        hmac.compare_digest(_NOBODY, proof)
    for holder in holders:
        same = hmac.compare_digest(holder.digest, proof)
        if same and holder.user.login == login and holder.user.active and not holder.revoked:
            match = holder
    return match
