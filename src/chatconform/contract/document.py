"""An OpenAPI document: read once, never changed, and walked by JSON pointers."""

from __future__ import annotations

import copy
import hashlib
import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote, unquote

import yaml

from chatconform.contract.overlay import Overlay
from chatconform.errors import ContractError

# A chain of references longer than this is a circle.
_MAX_REFERENCES = 32
# What RFC 3986 allows in a fragment beside letters and digits.
_FRAGMENT = "/?:@-._~!$&'()*+,;="
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class Document:
    """An OpenAPI 3.1 or 3.2 document and the digest of its file.

    Attributes:
        source: The file as it was named.
        digest: The SHA-256 of the file's bytes, in hexadecimal.
    """

    __slots__ = ("_frozen", "_raw", "digest", "source")

    def __init__(self, raw: dict[str, Any], *, source: str, digest: str) -> None:
        self._raw = {key: _plain(value) for key, value in raw.items()}
        self._frozen: Mapping[str, Any] = _frozen(self._raw)
        self.source = source
        self.digest = digest

    @classmethod
    def read(cls, path: Path) -> Document:
        """Read a document from YAML or JSON.

        Raises:
            ContractError: The file cannot be read, is not YAML, or is not OpenAPI 3.1 or 3.2.
        """
        try:
            content = path.read_bytes()
            raw = yaml.load(content, Loader=_LOADER)  # noqa: S506 - the loader is a safe one, in C where there is one
        except OSError as error:
            raise ContractError(f"{path}: cannot be read: {error.strerror}") from error
        except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
            raise ContractError(f"{path}: is not YAML: {error}") from error
        version = raw.get("openapi") if isinstance(raw, dict) else None
        if not isinstance(version, str) or not version.startswith(("3.1.", "3.2.")):
            raise ContractError(
                f"{path}: is not an OpenAPI document of version 3.1 or 3.2",
                hint="A contract begins with a line such as `openapi: 3.2.0`.",
            )
        return cls(raw, source=str(path), digest=hashlib.sha256(content).hexdigest())

    def changed(self, *overlays: Overlay) -> Document:
        """Return the document with the actions of overlays applied; its digest is of what comes of that."""
        raw = self.copy()
        for overlay in overlays:
            overlay.apply(raw)
        text = json.dumps(raw, sort_keys=True, ensure_ascii=False, default=str)
        source = ", ".join([self.source, *(str(overlay.file) for overlay in overlays)])
        return Document(raw, source=source, digest=hashlib.sha256(text.encode()).hexdigest())

    @property
    def tree(self) -> Mapping[str, Any]:
        """The whole document, as mappings and tuples that cannot be changed."""
        return self._frozen

    def copy(self) -> dict[str, Any]:
        """Return the whole document as dicts and lists that are the caller's own."""
        return copy.deepcopy(self._raw)

    def rooted_at(self, pointer: str) -> dict[str, Any]:
        """Return a JSON Schema that means the schema at a pointer, with everything it refers to."""
        return {**self._raw, "$ref": self.locate(pointer)}

    def resolve(self, pointer: str) -> Any:
        """Return the node at a pointer, read-only, with references followed.

        A node that has a reference and more (OpenAPI allows a description or a default beside one) comes back
        as what it refers to, overlaid with what stands beside.

        Raises:
            ContractError: The pointer, or a reference on its way, leads nowhere or in a circle.
        """
        node = self._walk(pointer)[1]
        for _ in range(_MAX_REFERENCES):
            if not (isinstance(node, Mapping) and isinstance(node.get("$ref"), str)):
                return node
            beside = {key: value for key, value in node.items() if key != "$ref"}
            target = self._walk(node["$ref"])[1]
            if not beside:
                node = target
            elif isinstance(target, Mapping):
                node = MappingProxyType({**target, **beside})
            else:
                raise ContractError(f"{self.source}: {node['$ref']!r} is not an object")
        raise ContractError(f"{self.source}: the references at {pointer!r} go in a circle")

    def locate(self, pointer: str) -> str:
        """Return the pointer of the place that a pointer means once bare references are followed."""
        for _ in range(_MAX_REFERENCES):
            pointer, node = self._walk(pointer)
            if not (isinstance(node, Mapping) and node.keys() == {"$ref"}):
                return pointer
            pointer = node["$ref"]
        raise ContractError(f"{self.source}: the references at {pointer!r} go in a circle")

    def place(self, pointer: str) -> tuple[str, ...]:
        """Return the keys and positions of a node, with references on the way followed, but not its own."""
        return self._tokens(self._walk(pointer)[0])

    def node(self, place: tuple[str, ...]) -> Any:
        """Return the node at a place, read-only and as it stands there."""
        node: Any = self._frozen
        for token in place:
            node = node[int(token)] if isinstance(node, tuple) else node[token]
        return node

    def _walk(self, pointer: str) -> tuple[str, Any]:
        """Return the node at a pointer and its pointer without references on the way."""
        at: tuple[str, ...] = ()
        node: Any = self._frozen
        for token in self._tokens(pointer):
            for _ in range(_MAX_REFERENCES):
                if not isinstance(node, Mapping) or token in node or "$ref" not in node:
                    break
                at, node = self._tokens(node["$ref"]), self._walk(node["$ref"])[1]
            try:
                node = node[int(token)] if isinstance(node, tuple) else node[token]
            except (KeyError, IndexError, TypeError, ValueError):
                raise ContractError(
                    f"{self.source}: {pointer!r} leads nowhere: there is no {token!r}"
                ) from None
            at = (*at, token)
        return pointer_of(*at), node

    def _tokens(self, pointer: object) -> tuple[str, ...]:
        if not isinstance(pointer, str) or pointer.removeprefix("#")[:1] not in {"", "/"}:
            raise ContractError(f"{self.source}: {pointer!r} is not a pointer into this document (`#/...`)")
        path = unquote(pointer[1:]) if pointer.startswith("#") else pointer
        return tuple(token.replace("~1", "/").replace("~0", "~") for token in path.split("/")[1:])


def pointer_of(*tokens: str | int) -> str:
    """Return the JSON pointer, as a URI fragment, that leads along some keys and positions."""
    # RFC 6901, section 6: the pointer is percent-encoded where a fragment does not allow a character.
    return "#" + quote(plain_pointer(*tokens), safe=_FRAGMENT)


def plain_pointer(*tokens: str | int) -> str:
    """Return the JSON pointer, as it is, that leads along some keys and positions."""
    return "".join("/" + str(token).replace("~", "~0").replace("/", "~1") for token in tokens)


def _plain(node: Any) -> Any:
    """Return a node as JSON has it: YAML also reads `200:` as a number and `2026-01-01` as a date."""
    if isinstance(node, dict):
        return {str(key): _plain(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_plain(value) for value in node]
    return node.isoformat() if isinstance(node, date) else node


def _frozen(node: Any) -> Any:
    if isinstance(node, dict):
        return MappingProxyType({key: _frozen(value) for key, value in node.items()})
    if isinstance(node, list):
        return tuple(_frozen(value) for value in node)
    return node
