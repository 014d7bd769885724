"""All faults, by their ids: every module of this package that declares some has them under `ALL`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType

from chatconform.reference_server.faults.consequences import with_consequences
from chatconform.reference_server.faults.fault import Fault


def _modules() -> Iterator[ModuleType]:
    names = sorted(found.name for found in pkgutil.iter_modules([str(Path(__file__).parent)]))
    for name in names:
        # Not itself, which is being imported.
        if name != __name__.rpartition(".")[2]:
            module = importlib.import_module(f"chatconform.reference_server.faults.{name}")
            if hasattr(module, "ALL"):
                yield module


MODULES = tuple(_modules())
FAULTS: Mapping[str, Fault] = {
    fault.id: with_consequences(fault) for module in MODULES for fault in module.ALL
}
