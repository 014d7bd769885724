"""All faults, by their ids: every module of this package that declares some has them under `ALL`."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from types import ModuleType

from chatconform.reference_server import faults
from chatconform.reference_server.faults.consequences import with_consequences
from chatconform.reference_server.faults.fault import Fault


def _modules() -> Iterator[ModuleType]:
    names = sorted(found.name for found in pkgutil.walk_packages(faults.__path__, f"{faults.__name__}."))
    for name in names:
        # Not itself, which is being imported.
        if name != __name__:
            module = importlib.import_module(name)
            if hasattr(module, "ALL"):
                yield module


MODULES = tuple(_modules())
FAULTS: Mapping[str, Fault] = {
    fault.id: with_consequences(fault) for module in MODULES for fault in module.ALL
}
