"""YAML mappings that remember their lines, for data whose mistakes are reported with file and line.

PyYAML keeps the last of two equal keys and forgets where a value stood. Here a key that comes twice is a
flaw, and every key knows its line, counted from 1.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

# The parser in C is about ten times as fast; it is missing only where PyYAML was built without libyaml.
_Loader: type = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """What is wrong, and at which line."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A mapping with the line at which it and each of its keys begins."""

    line: int
    values: dict[str, object]
    lines: dict[str, int]

    def line_of(self, key: str) -> int:
        """The line of a key, or of the section where it lacks the key."""
        return self.lines.get(key, self.line)


class SectionError(Exception):
    """A document that holds no sections; every flaw that was found in it.

    Raised to the loaders only, which know what the document is for and raise the error that the user sees.
    """

    def __init__(self, flaws: tuple[Flaw, ...]) -> None:
        super().__init__("; ".join(f"line {flaw.line}: {flaw.reason}" for flaw in flaws))
        self.flaws = flaws


def read_sections(file: Path) -> tuple[Section, ...]:
    """The mappings of a document that is a list of them.

    Raises:
        SectionError: The file is unreadable, no YAML, no list of mappings, or has a key twice.
    """
    root = _checked_root(file)
    if root is None:
        return ()
    if not isinstance(root, yaml.SequenceNode):
        raise SectionError((Flaw(line=_line(root), reason="the document has to be a list of rows"),))
    odd = tuple(row for row in root.value if not isinstance(row, yaml.MappingNode))
    if odd:
        raise SectionError(tuple(Flaw(line=_line(row), reason="a row has to be a mapping") for row in odd))
    return tuple(_section(row) for row in root.value)


def read_section(file: Path) -> Section:
    """The mapping that a document consists of.

    Raises:
        SectionError: As in `read_sections`.
    """
    root = _checked_root(file)
    if not isinstance(root, yaml.MappingNode):
        raise SectionError((Flaw(line=1, reason="the document has to be a mapping"),))
    return _section(root)


def _checked_root(file: Path) -> yaml.Node | None:
    try:
        root: yaml.Node | None = yaml.compose(file.read_text(encoding="utf-8"), Loader=_Loader)
        _constructed(root)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SectionError((Flaw(line=line, reason=f"no valid YAML: {error.problem}"),)) from error
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise SectionError((Flaw(line=1, reason=f"cannot be read: {error}"),)) from error
    repeated = tuple(_repeated(root)) if root else ()
    if repeated:
        raise SectionError(repeated)
    return root


def _repeated(node: yaml.Node) -> Iterator[Flaw]:
    """The keys that come twice in one mapping, at any depth."""
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            name = str(_constructed(key))
            if name in seen:
                yield Flaw(line=_line(key), reason=f"the key {name!r} comes twice")
            seen.add(name)
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)


def _section(node: yaml.MappingNode) -> Section:
    keys = {str(_constructed(key)): (_line(key), _constructed(value)) for key, value in node.value}
    return Section(
        line=_line(node),
        values={name: value for name, (_, value) in keys.items()},
        lines={name: line for name, (line, _) in keys.items()},
    )


def _constructed(node: yaml.Node | None) -> object:
    return None if node is None else yaml.constructor.SafeConstructor().construct_document(node)


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1
