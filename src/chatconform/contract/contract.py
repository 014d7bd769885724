"""The contract as one value: its operations, its schemas, its rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from chatconform import resources
from chatconform.contract.document import Document
from chatconform.contract.elements import Element, elements
from chatconform.contract.operations import Operation, StreamRule, operations
from chatconform.contract.overlay import read_overlay
from chatconform.contract.reach import reached
from chatconform.contract.sealing import Sealed
from chatconform.contract.validation import Validator
from chatconform.contract.view import view_3_1
from chatconform.errors import ContractError


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """What a server has to keep, read from an OpenAPI document.

    Attributes:
        version: The contract's own version, not that of OpenAPI.
        operations: What a client may ask, in the document's order.
        stream_rules: What holds for the order of events, over all operations.
    """

    version: str
    operations: tuple[Operation, ...]
    stream_rules: tuple[StreamRule, ...]
    _document: Document = field(repr=False)
    _sealed: Sealed = field(repr=False, compare=False)
    _validators: dict[str, Validator] = field(default_factory=dict, repr=False, compare=False)

    @property
    def digest(self) -> str:
        """The SHA-256 of the document's file, in hexadecimal."""
        return self._document.digest

    @property
    def document(self) -> Mapping[str, Any]:
        """The raw document, which cannot be changed; `copy` returns one that can."""
        return self._document.tree

    def copy(self) -> dict[str, Any]:
        """Return the raw document as dicts and lists that are the caller's own."""
        return self._document.copy()

    def view_3_1(self) -> dict[str, Any]:
        """Return the document as OpenAPI 3.1, for tools that do not read 3.2."""
        return view_3_1(self._document.copy())

    def resolve(self, pointer: str) -> Any:
        """Return the node at a JSON pointer such as `#/components/schemas/Usage`, with references followed.

        Raises:
            ContractError: The pointer, or a reference on its way, leads nowhere or in a circle.
        """
        return self._document.resolve(pointer)

    def operation(self, operation_id: str) -> Operation:
        """Return the operation of an id.

        Raises:
            ContractError: There is none.
        """
        for operation in self.operations:
            if operation.operation_id == operation_id:
                return operation
        known = ", ".join(operation.operation_id for operation in self.operations)
        raise ContractError(
            f"{self._document.source}: there is no operation {operation_id!r}; known: {known}"
        )

    def elements(self) -> tuple[Element, ...]:
        """Return everything in the document that a requirement can speak for, each once."""
        return elements(self._document, self.operations)

    def reached(self, pointer: str) -> frozenset[str]:
        """Return the plain pointers of all that a requirement speaks for by pointing at a place.

        Raises:
            ContractError: The pointer leads nowhere.
        """
        return reached(self._document, pointer)

    def validator(self, pointer: str) -> Validator:
        """Return the compiled schema at a JSON pointer; a component may also be given by its bare name.

        Raises:
            ContractError: There is no schema, or it cannot be compiled.
        """
        if "/" not in pointer:
            pointer = f"#/components/schemas/{pointer}"
        if pointer not in self._validators:
            self._validators[pointer] = Validator(self._document, self._sealed, pointer)
        return self._validators[pointer]


# The contracts that stand for our own, the innermost last.
_in_force: list[Contract] = []


def load_contract(path: str | Path | None = None) -> Contract:
    """Return the contract of a file, or chatconform's own.

    Raises:
        ContractError: The file is not a usable contract; the message says where and why.
    """
    if path is not None:
        return _made(Document.read(Path(path)))
    return _in_force[-1] if _in_force else _own()


@contextmanager
def contract_in_force(contract: Contract) -> Iterator[None]:
    """Let a contract stand for chatconform's own in this process: a run with overlays is held to it."""
    _in_force.append(contract)
    try:
        yield
    finally:
        _in_force.remove(contract)


def overlaid(files: Iterable[Path]) -> Contract:
    """Return chatconform's own contract with the actions of overlays applied, one file after the other.

    Raises:
        ContractError: An overlay cannot be read or applied, or what comes of it is no contract.
    """
    overlays = [read_overlay(file) for file in files]
    return _made(_own_document().changed(*overlays)) if overlays else _own()


@cache
def _own() -> Contract:
    return _made(_own_document())


@cache
def _own_document() -> Document:
    return Document.read(resources.data("spec/openapi.yaml"))


def _made(document: Document) -> Contract:
    path = document.source
    try:
        found = tuple(operations(document))
        version = str(document.tree["info"]["version"])
    except (KeyError, AttributeError, TypeError) as error:
        raise ContractError(
            f"{path}: is not a complete OpenAPI document: {error!r}",
            hint="`openapi-spec-validator FILE` tells what is missing.",
        ) from error
    _forbid_duplicates(path, [operation.operation_id for operation in found])
    return Contract(
        version=version,
        operations=found,
        stream_rules=_stream_rules(found),
        _document=document,
        _sealed=Sealed(document),
    )


def _forbid_duplicates(path: str, ids: list[str]) -> None:
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise ContractError(f"{path}: operationId {', '.join(twice)} occurs more than once")


def _stream_rules(found: tuple[Operation, ...]) -> tuple[StreamRule, ...]:
    return tuple(
        rule
        for operation in found
        for response in operation.responses.values()
        for media_type in response.content.values()
        for rule in media_type.stream_rules
    )
