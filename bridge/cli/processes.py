"""`run`, `serve` and `worker`: the programs that stay."""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Callable

import click

from bridge.cli.commands import CONFIG_KEY, Command
from bridge.cli.context import core_of
from bridge.cli.output import note
from bridge.cli.signals import stop_event
from bridge.cli.supervisor import PARENT_VARIABLE, ChildCommand, Supervisor
from bridge.cli.web_server import WebServer, demand_free_port, demand_safe_address
from bridge.worker.parent import end_with_parent

bind_option = click.option("--bind", default=None, metavar="HOST:PORT", help="Where to listen.")


@click.command(cls=Command)
@bind_option
@click.pass_context
def run(context: click.Context, bind: str | None) -> int:
    """Run server and worker until Ctrl-C; one that dies is started again.

    \b
    Example:
        crmdav run --config /etc/crmdav/crmdav.toml
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    stop = stop_event()
    with core_of(context, {"server.bind": bind}, quiet=False) as core:
        server = core.settings.server
        demand_safe_address(server)
        demand_free_port(server)
        _ = core.keys
    if bind is not None:
        # Both children have to know it: one listens there, the other dials it.
        os.environ["CRMDAV_SERVER__BIND"] = bind
    base = child_arguments(context)
    supervisor = Supervisor(
        (
            ChildCommand(name="serve", arguments=(*base, "serve")),
            ChildCommand(name="worker", arguments=(*base, "worker")),
        )
    )
    settle()
    note(f"serving {server.public_url}, CalDAV at {server.public_url}/dav/; Ctrl-C ends it")
    return supervisor.run(stop)


@click.command(cls=Command)
@bind_option
@click.option("--inherited-socket", type=int, default=None, hidden=True)
@click.pass_context
def serve(context: click.Context, bind: str | None, inherited_socket: int | None) -> None:
    """Run only the server: pages, CalDAV and health checks on one port.

    \b
    Example:
        crmdav serve --bind 127.0.0.1:8080
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    # Loaded here, as `run` and `worker` do without the pages.
    from bridge.bootstrap.server import web_application  # noqa: PLC0415

    _end_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))
    with core_of(context, {"server.bind": bind}, quiet=False) as core:
        demand_safe_address(core.settings.server)
        if inherited_socket is None:
            demand_free_port(core.settings.server)
        _ = core.keys
        core.database.dispose()
        settle()
        WebServer(lambda: web_application(core), core.settings, inherited=inherited_socket).run()


@click.command(cls=Command)
@click.pass_context
def worker(context: click.Context) -> None:
    """Run only the worker that syncs with Google; the server must be reachable.

    \b
    Example:
        crmdav worker
    """  # noqa: D301 - \b is Click's mark for text that must not be wrapped
    from bridge.bootstrap.background import background  # noqa: PLC0415 - loaded when needed
    from bridge.worker.embedded import EmbeddedWorker  # noqa: PLC0415 - loaded when needed

    stop = stop_event()
    _end_with_parent(stop.set)
    with core_of(context, quiet=False) as core:
        _ = core.keys
        jobs = background(core)
        settle()
        EmbeddedWorker(jobs, threads=core.settings.worker.threads).run(stop)


def child_arguments(context: click.Context) -> tuple[str, ...]:
    """Return how to start this program again with the same configuration file."""
    config = context.meta.get(CONFIG_KEY)
    given = ("--config", str(config)) if config is not None else ()
    return (sys.executable, "-m", "bridge", *given)


def settle() -> None:
    """Take what is loaded by now, which stays to the end, out of garbage collection.

    Otherwise the collections at the end of a process look through all modules once more: half a
    second of processor time each, one process after the other, while somebody waits for the end.
    """
    gc.freeze()


def _end_with_parent(ended: Callable[[], None]) -> None:
    """Do not outlive the supervisor, if it was one that started this process."""
    parent = os.environ.pop(PARENT_VARIABLE, "")
    if parent.isdigit():
        end_with_parent(int(parent), ended=ended)
