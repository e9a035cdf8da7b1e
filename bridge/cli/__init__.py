"""The command line, `crmdav`: data on stdout, everything else on stderr."""

from bridge.cli.main import main

__all__ = ["main"]
