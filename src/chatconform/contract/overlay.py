"""OpenAPI Overlays (1.0 and 1.1): what somebody else adds to a document, or takes out of it.

An overlay is a list of actions. Each selects nodes by a JSONPath (RFC 9535) and merges something into them,
merges a copy of another node into them, or removes them. Objects are merged at every depth, arrays grow at
their end, and anything else is replaced.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonpath import CompoundJSONPath, JSONPath, JSONPathEnvironment, JSONPathError

from chatconform.errors import ContractError

_VERSIONS = ("1.0.", "1.1.")
# Strict: what the RFC has, and nothing that only this library reads.
_PATHS = JSONPathEnvironment(strict=True)
_Query = JSONPath | CompoundJSONPath


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action: what it selects, and what becomes of that; `number` is its place in the overlay."""

    number: int
    target: _Query
    remove: bool
    update: Any
    source: _Query | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """A list of actions, in the order in which they are applied."""

    file: Path
    actions: tuple[Action, ...]

    def apply(self, tree: dict[str, Any]) -> None:
        """Change a document; raises `ContractError` where one cannot be applied, or none meets anything."""
        met = [_apply(action, tree, self.file) for action in self.actions]
        if not any(met):
            raise ContractError(
                f"{self.file}: no action meets anything in the contract",
                hint="`chatconform docs` shows it; a target is a path such as $.components.schemas.Usage",
            )


def read_overlay(file: Path) -> Overlay:
    """Read an overlay from YAML or JSON.

    Raises:
        ContractError: It cannot be read, or is no overlay; the message has every action that cannot be used.
    """
    try:
        said = yaml.safe_load(file.read_bytes())
    except OSError as error:
        raise ContractError(f"{file}: cannot be read: {error.strerror or error}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        raise ContractError(f"{file}: is not YAML: {' '.join(str(error).split())}") from None
    version = said.get("overlay") if isinstance(said, dict) else None
    if not isinstance(version, str) or not version.startswith(_VERSIONS):
        raise ContractError(
            f"{file}: is not an OpenAPI Overlay of version 1.0 or 1.1",
            hint="An overlay begins with a line such as `overlay: 1.0.0`.",
        )
    told = said.get("actions")
    if not isinstance(told, list) or not told:
        raise ContractError(f"{file}: `actions` has to be a list that is not empty")
    flaws = [f"{file}: action {n}: {reason}" for n, each in enumerate(told, 1) for reason in _flaws(each)]
    if flaws:
        raise ContractError("\n".join(flaws))
    return Overlay(file=file, actions=tuple(_action(n, each) for n, each in enumerate(told, 1)))


def _flaws(action: object) -> Iterator[str]:
    if not isinstance(action, dict):
        yield "has to be an object"
        return
    for key in ("target", "copy"):
        path = action.get(key, None if key == "target" else "$")
        if not isinstance(path, str):
            yield f"`{key}` has to be a JSONPath"
            continue
        try:
            _PATHS.compile(path)
        except JSONPathError as error:
            # Not the error as a text: the library points into the path, which fails where the path is empty.
            yield f"`{key}` is no JSONPath: {error.args[0]}"
    if not action.keys() & {"update", "remove", "copy"}:
        yield "needs `update`, `remove` or `copy`"
    if not isinstance(action.get("remove", False), bool):
        yield "`remove` has to be true or false"


def _action(number: int, said: dict[str, Any]) -> Action:
    return Action(
        number=number,
        target=_PATHS.compile(said["target"]),
        remove=said.get("remove", False),
        update=said.get("update"),
        source=_PATHS.compile(said["copy"]) if "copy" in said else None,
    )


def _apply(action: Action, tree: dict[str, Any], file: Path) -> bool:
    """Do what an action says, and tell whether it met anything."""
    # From the last to the first, so that removing one leaves the places of the others as they are.
    places = sorted((node.parts for node in action.target.finditer(tree)), key=_order, reverse=True)
    if not places:
        return False
    update = action.update if action.source is None else _copied(action, tree, file)
    for place in places:
        if not place:
            if action.remove:
                raise ContractError(f"{file}: action {action.number}: the whole document cannot be removed")
            tree.update(_merged(tree, update))
            continue
        parent = _at(tree, place[:-1])
        if action.remove:
            del parent[place[-1]]
        elif update is not None:
            parent[place[-1]] = _updated(parent[place[-1]], update)
    return True


def _copied(action: Action, tree: dict[str, Any], file: Path) -> Any:
    assert action.source is not None
    found = list(action.source.finditer(tree))
    if len(found) != 1:
        raise ContractError(f"{file}: action {action.number}: `copy` selects {len(found)} nodes, not one")
    return copy.deepcopy(found[0].obj)


def _updated(old: Any, new: Any) -> Any:
    """What becomes of a node that was selected: to an array, the update is one more entry."""
    return [*old, copy.deepcopy(new)] if isinstance(old, list) else _merged(old, new)


def _merged(old: Any, new: Any) -> Any:
    if isinstance(old, dict) and isinstance(new, dict):
        return {**old, **{key: _merged(old.get(key), value) for key, value in new.items()}}
    if isinstance(old, list) and isinstance(new, list):
        return [*old, *copy.deepcopy(new)]
    return copy.deepcopy(new)


def _at(tree: Any, place: Sequence[str | int]) -> Any:
    node = tree
    for token in place:
        node = node[token]
    return node


def _order(place: Sequence[str | int]) -> tuple[tuple[bool, int, str], ...]:
    return tuple(
        (isinstance(token, int), token if isinstance(token, int) else 0, str(token)) for token in place
    )
