"""The one place where the engine reaches the folders beside it.

`spec`, `fixtures`, `suites`, `reports` and `reference_server` lie next to `src/` in a checkout and inside
the package in a wheel. `chatconform.__path__` names both, so looking along it finds them in either.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import chatconform
from chatconform.errors import HarnessError

FOLDERS = ("spec", "fixtures", "suites", "reports", "reference_server")


def folder(name: str) -> Path:
    """Return the directory of one of `FOLDERS`.

    Raises:
        HarnessError: The name is not a known folder, or the installation lacks it.
    """
    if name not in FOLDERS:
        raise HarnessError(f"{name!r} is not a folder of chatconform; known: {', '.join(FOLDERS)}")
    for root in map(Path, chatconform.__path__):
        if (root / name).is_dir():
            return root / name
    raise HarnessError(
        f"this installation has no folder {name!r} along {list(chatconform.__path__)}; reinstall it"
    )


def data(name: str) -> Path:
    """Return one file below the folders, such as `spec/openapi.yaml`.

    Raises:
        HarnessError: The file is missing from this installation, or lies outside its folder.
    """
    top, _, rest = name.partition("/")
    root = folder(top).resolve()
    file = (root / rest).resolve()
    if not file.is_relative_to(root) or not file.is_file():
        raise HarnessError(f"this installation has no file {name!r} below {root}; reinstall it")
    return file


def text(name: str) -> str:
    """Return the content of one file below the folders, decoded as UTF-8."""
    return data(name).read_text(encoding="utf-8")


def load(module: str) -> ModuleType:
    """Import `chatconform.<module>` at the time of the call, so that start-up pays only for what is used.

    Raises:
        HarnessError: The module does not exist; an import that fails inside it is passed on as it is.
    """
    name = f"chatconform.{module}"
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        # Only the absence of the asked module (or its parent) is ours to explain.
        if error.name is None or not (name == error.name or name.startswith(f"{error.name}.")):
            raise
        raise HarnessError(f"this installation has no module {name!r}; reinstall it") from error
