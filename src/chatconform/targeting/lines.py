"""At which line of a TOML text each of its values begins.

`tomllib` keeps no positions, and neither do the libraries that keep comments: tomlkit knows the text around a
value, but not where it stands. A parser that knows, such as tree-sitter's, would be a second opinion about
what is TOML. So the text is given to `tomllib` once more, statement by statement: a statement ends with the
first line up to which it can be read.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterator
from typing import Any

Path = tuple[str | int, ...]


def lines_of(text: str) -> dict[Path, int]:
    """The line, counted from 1, of every table and value of a valid TOML text.

    What stands within a value, as an entry of a list does, has the line at which the value begins.
    """
    found: dict[Path, int] = {(): 1}
    tables: Counter[Path] = Counter()
    here: Path = ()
    for line, statement, said in _statements(text):
        if statement.lstrip().startswith("["):
            here = _header(said, tables, is_entry=statement.lstrip().startswith("[["))
            paths = [*_upwards(here)]
        else:
            paths = [here + below for below in _paths(said)]
        for path in paths:
            found.setdefault(path, line)
    return found


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of a path, or of the innermost thing around it that has one."""
    while path not in lines:
        path = path[:-1]
    return lines[path]


def _statements(text: str) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Each statement with its first line, its text and what it says alone."""
    pending: list[str] = []
    for number, line in enumerate(text.split("\n"), start=1):
        pending.append(line)
        statement = "\n".join(pending)
        try:
            said = tomllib.loads(statement)
        except tomllib.TOMLDecodeError:
            continue
        yield number - len(pending) + 1, statement, said
        pending = []


def _header(said: dict[str, Any], tables: Counter[Path], *, is_entry: bool) -> Path:
    """The path of a table's header, its place among its equals included where they make a list."""
    keys, node = [], said
    while node:
        ((key, node),) = node.items()
        keys.append(key)
        node = node[0] if isinstance(node, list) else node
    path: Path = ()
    for number, key in enumerate(keys, start=1):
        path = (*path, key)
        if is_entry and number == len(keys):
            tables[path] += 1
        if tables[path]:
            path = (*path, tables[path] - 1)
    return path


def _upwards(path: Path) -> Iterator[Path]:
    yield from (path[:end] for end in range(1, len(path) + 1))


def _paths(value: object, path: Path = ()) -> Iterator[Path]:
    if path:
        yield path
    if isinstance(value, dict):
        for key, below in value.items():
            yield from _paths(below, (*path, key))
    elif isinstance(value, list):
        for place, below in enumerate(value):
            yield from _paths(below, (*path, place))
