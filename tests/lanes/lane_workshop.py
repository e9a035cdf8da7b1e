"""What the lanes install for themselves: environments and source distributions, kept in a cache.

Other people's tests need versions of libraries that may clash with ours, so each kind has a virtual
environment of its own, made from a file of pinned requirements.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
CACHE = Path(os.environ.get("CRMDAV_LANE_CACHE") or REPOSITORY / ".cache" / "lanes")
INSTALL_SECONDS = 240
DONE = "complete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Workshop:
    """A virtual environment with pinned packages.

    Attributes:
        folder: Where it is; everything in it may be removed.
        requirements: The file it was made from.
    """

    folder: Path
    requirements: Path

    @property
    def python(self) -> Path:
        """Its interpreter."""
        return self.folder / "venv" / "bin" / "python"

    def program(self, name: str) -> Path:
        """Return the path of a program that was installed."""
        return self.python.with_name(name)

    def sources(self, package: str, target: Path) -> Path:
        """Unpack the source distribution of a pinned package below `target`; return its root."""
        with _locked(self.folder):
            archive = self._archive(package)
        with tarfile.open(archive) as packed:
            packed.extractall(target, filter="data")
        (root,) = target.iterdir()
        return root

    def _archive(self, package: str) -> Path:
        pins = self.requirements.read_text(encoding="utf-8")
        pinned = re.search(rf"^{re.escape(package)}==\S+", pins, re.MULTILINE)
        assert pinned, f"{package} is not pinned in {self.requirements.name}"
        target = self.folder / "sources" / pinned[0]
        if not any(target.glob("*.tar.gz")):
            options = ["--no-deps", "--no-binary", package, "--dest", str(target)]
            _pip(self.python, "download", *options, pinned[0])
        (archive,) = target.glob("*.tar.gz")
        return archive


def workshop(requirements: Path) -> Workshop:
    """Return the environment of a requirements file; it is made when it is not there yet."""
    content = sys.version.encode() + requirements.read_bytes()
    key = hashlib.sha256(content).hexdigest()[:12]
    folder = CACHE / f"{requirements.stem}-{key}"
    with _locked(folder):
        if not (folder / DONE).exists():
            shutil.rmtree(folder / "venv", ignore_errors=True)
            _run([sys.executable, "-m", "venv", str(folder / "venv")])
            python = folder / "venv" / "bin" / "python"
            _pip(python, "install", "--requirement", str(requirements))
            (folder / DONE).touch()
    return Workshop(folder=folder, requirements=requirements)


def _pip(python: Path, *arguments: str) -> None:
    _run([str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments])


def _run(command: list[str]) -> None:
    """Run an installer; its variables and configuration are left as the machine has them."""
    kept = {name: value for name, value in os.environ.items() if name != "PIP_CONSTRAINT"}
    done = subprocess.run(
        command,
        env=kept,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stderr[-4000:]}"


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """Keep other test processes from making the same folder at the same time."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def node_folder(project: Path) -> Path:
    """Return a copy of a Node project with its locked packages; the packages are kept."""
    locked = (project / "package-lock.json").read_bytes()
    folder = CACHE / f"{project.name}-{hashlib.sha256(locked).hexdigest()[:12]}"
    with _locked(folder):
        for source in project.iterdir():
            shutil.copy(source, folder)
        if not (folder / DONE).exists():
            quiet = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
            _run(["npm", "ci", *quiet, "--prefix", str(folder)])
            (folder / DONE).touch()
    return folder
