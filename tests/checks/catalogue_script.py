"""`.ci/catalogues.py` as a module: what the pages say, and what their catalogues lack."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

SCRIPT = Path(__file__).parents[2] / ".ci" / "catalogues.py"


def _loaded() -> ModuleType:
    spec = importlib.util.spec_from_file_location("crmdav_catalogues", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


script = _loaded()
