"""A baseline's text as YAML nodes, which know where they stand.

Everything is read as text: `reason: no` is a word and `since: 2026-02-30` no reason to break down. What an
editor of lines cannot keep is refused here: aliases, and lists in one line.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

from chatconform.ledger.section import Flaw, SectionError

# The one in Python, not the one in C: its marks count characters as Python does, also behind a `\r`.
_LOADER = yaml.BaseLoader


@dataclass(frozen=True, slots=True)
class Field:
    """A key of a mapping with its value."""

    key: yaml.ScalarNode
    value: yaml.Node

    @property
    def line(self) -> int:
        """Where the key stands."""
        return line_of(self.key)

    @property
    def text(self) -> str | None:
        """The value, where it is a text and not empty."""
        value = self.value.value.strip() if isinstance(self.value, yaml.ScalarNode) else ""
        return value or None

    @property
    def is_empty(self) -> bool:
        """Whether there is no value at all: nothing, `[]` or `{}`."""
        return not self.value.value


def root_of(text: str) -> yaml.Node | None:
    """The document; nothing where it holds nothing.

    Raises:
        SectionError: It is no YAML, or holds what a baseline must not hold.
    """
    try:
        flaws = tuple(_aliases(text))
        root: yaml.Node | None = yaml.compose(text, Loader=_LOADER)
        flaws += tuple(_repeated(root)) if root is not None else ()
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = mark.line + 1 if mark else 1
        raise SectionError((Flaw(line=line, reason=f"no valid YAML: {error.problem}"),)) from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        reason = f"no valid YAML: the character {error.character!r} is not allowed"
        raise SectionError((Flaw(line=line, reason=reason),)) from None
    except RecursionError:
        raise SectionError((Flaw(line=1, reason="no baseline: it is nested too deeply"),)) from None
    if flaws:
        raise SectionError(flaws)
    return root


def fields_of(node: yaml.Node) -> dict[str, Field]:
    """The fields of a mapping by their keys; none of anything else."""
    if not isinstance(node, yaml.MappingNode):
        return {}
    return {str(key.value): Field(key, value) for key, value in node.value}


def items_of(node: yaml.Node) -> list[yaml.Node]:
    """The items of a list; none of anything else."""
    return list(node.value) if isinstance(node, yaml.SequenceNode) else []


def paths_in(field: Field) -> list[str]:
    """One text, or a list of them; nothing where it is neither."""
    if isinstance(field.value, yaml.SequenceNode):
        texts = [item.value for item in field.value.value if isinstance(item, yaml.ScalarNode)]
        return texts if len(texts) == len(field.value.value) else []
    return [field.text] if field.text else []


def line_of(node: yaml.Node) -> int:
    """The line on which a node begins, from 1."""
    return int(node.start_mark.line) + 1


def begins_with_dash(node: yaml.Node) -> bool:
    """Whether a list's item begins on the line of its dash."""
    mark = node.start_mark
    return (mark.buffer or "")[mark.index - mark.column : mark.index].strip() == "-"


def _aliases(text: str) -> Iterator[Flaw]:
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            line = event.start_mark.line + 1 if event.start_mark else 1
            yield Flaw(line=line, reason=f"the alias *{event.anchor}; write out what it stands for")


def _repeated(node: yaml.Node) -> Iterator[Flaw]:
    """The keys that come twice in one mapping, at any depth."""
    if isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                yield Flaw(line=line_of(key), reason="a key has to be a word")
                continue
            if key.value in seen:
                yield Flaw(
                    line=line_of(key),
                    reason=f"the key {key.value!r} stands on line {seen[key.value]} too; keep one of them",
                )
            seen.setdefault(key.value, line_of(key))
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)
