"""gunicorn with threads, set up in code: no file and no variable of its own is read."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable
from typing import Any

from gunicorn.app.base import (  # type: ignore[import-untyped]  # ships no types; wrapped here
    BaseApplication,
)

from bridge.config import Settings
from bridge.config.settings import ServerSettings
from bridge.errors import ConfigError

# The worker of our own is for epoll; elsewhere gunicorn's serves as well, at more cost.
_WORKER = "bridge.cli.web_worker.SharedPollWorker" if sys.platform == "linux" else "gthread"
_STOP_SECONDS = 3
_KEEP_ALIVE_SECONDS = 30
_REQUEST_SECONDS = 120
_LONGEST_REQUEST_LINE = 8190


class WebServer(BaseApplication):  # type: ignore[misc]  # an untyped library's base
    """Serves one WSGI application until SIGTERM or SIGINT."""

    def __init__(
        self, make: Callable[[], Any], settings: Settings, *, inherited: int | None = None
    ) -> None:
        """Prepare; nothing listens yet.

        Args:
            make: Makes the application; called in every server process, after the fork.
            settings: Where to listen and with how much.
            inherited: File descriptor of a listening socket to use instead of an own one.
        """
        self._make = make
        self._settings = settings
        self._inherited = inherited
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its settings."""
        server = self._settings.server
        address = server.bind if self._inherited is None else f"fd://{self._inherited}"
        options: dict[str, Any] = {
            "bind": [address],
            "workers": server.processes,
            "worker_class": _WORKER,
            "threads": server.threads,
            "preload_app": False,  # each process makes its own database pool
            "timeout": _REQUEST_SECONDS,
            "graceful_timeout": _STOP_SECONDS,
            "keepalive": _KEEP_ALIVE_SECONDS,
            "limit_request_line": _LONGEST_REQUEST_LINE,
            "loglevel": "error",
            "proc_name": "crmdav",
            "control_socket_disable": True,
            "forwarded_allow_ips": ",".join(server.trusted_proxies),
        }
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application."""
        return self._make()


def demand_safe_address(server: ServerSettings) -> None:
    """Refuse to listen where passwords would travel in clear.

    Raises:
        ConfigError: The address is not loopback and no TLS proxy was vouched for.
    """
    if not server.loopback and not server.behind_tls_proxy:
        raise ConfigError(
            f"`server.bind` is `{server.bind}`, and without TLS only loopback is served",
            hint="put a TLS proxy in front and set `server.behind_tls_proxy`",
        )


def demand_free_port(server: ServerSettings) -> None:
    """See that the port can be had before anything is started.

    Raises:
        ConfigError: Somebody else listens there, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in server.host else socket.AF_INET
    try:
        listening(server.host, server.port, family=family).close()
    except OSError as error:
        raise ConfigError(
            f"`{server.bind}` cannot be listened on: {error.strerror}",
            hint="set another `server.bind`, or end the other program",
        ) from error


def listening(
    host: str, port: int, *, family: socket.AddressFamily = socket.AF_INET
) -> socket.socket:
    """Return a listening socket that children may inherit.

    Raises:
        OSError: The port is taken.
    """
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
        listener.set_inheritable(True)
    except OSError:
        listener.close()
        raise
    return listener
