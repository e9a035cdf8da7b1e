"""Look after push channels beside the worker's other work, a few connections at a time."""

from __future__ import annotations

import logging
from threading import Lock, Thread

from bridge.application.google_channels import ChannelKeeper
from bridge.domain.identifiers import ConnectionId
from bridge.errors import StoreError

logger = logging.getLogger(__name__)

_AT_ONCE = 4


class ChannelThreads:
    """Starts a thread for each connection that is due, so that a slow Google holds up nothing."""

    def __init__(self, keeper: ChannelKeeper) -> None:
        self._keeper = keeper
        self._lock = Lock()
        self._under_way: dict[ConnectionId, Thread] = {}
        self._begun = False
        self._stopped = False

    def look(self) -> None:
        """Start to look after those that are due, as many as there are free threads.

        One statement when nobody is due.

        Raises:
            StoreBusy: The database is locked; nothing was started.
        """
        if not self._begun:
            self._keeper.begin()
            self._begun = True
        with self._lock:
            free = 0 if self._stopped else _AT_ONCE - len(self._under_way)
            busy = set(self._under_way)
        if free <= 0:
            return
        due = [each for each in self._keeper.due(free + len(busy)) if each not in busy]
        for connection_id in due[:free]:
            self._start(connection_id)

    def close(self) -> None:
        """Start nothing more; what is under way may end or not, its claim ends by itself."""
        with self._lock:
            self._stopped = True

    def finish(self) -> None:
        """Start nothing more and wait for what is under way."""
        self.close()
        with self._lock:
            threads = list(self._under_way.values())
        for thread in threads:
            thread.join()

    def _start(self, connection_id: ConnectionId) -> None:
        # A daemon: a request that hangs cannot keep the process from ending.
        thread = Thread(
            target=self._run, args=(connection_id,), name=f"channels-{connection_id}", daemon=True
        )
        with self._lock:
            if self._stopped:
                return
            self._under_way[connection_id] = thread
            thread.start()

    def _run(self, connection_id: ConnectionId) -> None:
        try:
            self._keeper.keep(connection_id)
        except StoreError as error:
            # It is due again when its claim has ended.
            fields = {"connection": connection_id, "reason": str(error)}
            logger.warning("what became of push channels could not be noted", extra=fields)
        # Nobody is above a thread: the traceback would go past the log, unredacted.
        except Exception:
            fields = {"connection": connection_id}
            logger.exception("looking after push channels broke down", extra=fields)
        finally:
            with self._lock:
                del self._under_way[connection_id]
