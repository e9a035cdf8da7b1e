"""From the command's flags to its settings and its parts."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import click

from bridge.bootstrap.core import Core
from bridge.cli.commands import CONFIG_KEY
from bridge.config import Settings, load_settings
from bridge.log import set_up_logging


def settings_of(context: click.Context, flags: Mapping[str, Any] | None = None) -> Settings:
    """Return the effective settings of this command.

    Args:
        context: Click's.
        flags: Values by `section.key`; None values count as not given.

    Raises:
        ConfigError: They are wrong.
    """
    return load_settings(context.meta.get(CONFIG_KEY), environ=os.environ, flags=flags)


@contextmanager
def core_of(
    context: click.Context,
    flags: Mapping[str, Any] | None = None,
    *,
    check_schema: bool = True,
    quiet: bool = True,
) -> Iterator[Core]:
    """Give the parts of this command and close the database at its end.

    Args:
        context: Click's.
        flags: Values by `section.key`.
        check_schema: Refuse to work on a database that is not at the newest schema.
        quiet: A short command; it logs only what a person must know.

    Raises:
        ConfigError: A setting is wrong.
        SchemaOutdated: The database needs `crmdav migrate`.
    """
    settings = settings_of(context, flags)
    level = settings.log.level
    set_up_logging(
        level="warning" if quiet and level == "info" else level, style=settings.log.format
    )
    core = Core(settings=settings)
    try:
        if check_schema:
            core.database.check_schema()
        yield core
    finally:
        core.database.dispose()
