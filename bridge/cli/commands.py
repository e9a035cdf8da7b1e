"""Click's commands as we use them: `--config` everywhere, modules loaded when called."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

CONFIG_KEY = "bridge.cli.config"


def _remember(context: click.Context, _option: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.meta[CONFIG_KEY] = value


def config_option() -> click.Option:
    """Return the option every command has; the innermost one given counts."""
    return click.Option(
        ["--config"],
        type=click.Path(path_type=Path, dir_okay=False),
        metavar="FILE",
        expose_value=False,
        callback=_remember,
        help="Configuration file; else $CRMDAV_CONFIG, else ./crmdav.toml, else the defaults.",
    )


class Command(click.Command):
    """A command that takes `--config`."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(config_option())


class Group(click.Group):
    """A group that takes `--config`, and whose commands do."""

    command_class = Command

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.append(config_option())


class LazyGroup(Group):
    """The outermost group; a command's module is loaded when the command is looked at."""

    def __init__(self, *args: Any, modules: Mapping[str, str], **kwargs: Any) -> None:
        """Take the commands.

        Args:
            args: As Click's.
            modules: `module:attribute` by command name, in the order of the help.
            kwargs: As Click's.
        """
        super().__init__(*args, **kwargs)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the help."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load and return a command, None for an unknown name."""
        if cmd_name not in self._modules:
            return None
        module, _, attribute = self._modules[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command
