"""Compiled schemas of a contract."""

from __future__ import annotations

import jsonschema_rs

from chatconform.contract.document import Document
from chatconform.contract.sealing import Sealed
from chatconform.contract.violations import Violation, violations
from chatconform.errors import ContractError


class Validator:
    """A schema of a contract, compiled; formats such as `uri` are checked.

    Values are what a strict JSON parser returns. NaN is not JSON, and must be refused by whoever parses.

    Attributes:
        pointer: Where the schema lies in the contract.
    """

    __slots__ = ("_compiled", "_document", "_sealed", "pointer")

    def __init__(self, document: Document, sealed: Sealed, pointer: str) -> None:
        self.pointer = document.locate(pointer)
        self._document = document
        self._sealed = sealed
        try:
            self._compiled = jsonschema_rs.Draft202012Validator(
                document.rooted_at(pointer), validate_formats=True, offline=True
            )
        except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
            raise ContractError(f"{document.source}: {pointer} is not a schema: {error}") from error

    def is_valid(self, instance: object) -> bool:
        """Tell whether a value fits the schema."""
        try:
            return self._compiled.is_valid(instance)
        except (ValueError, RecursionError):
            return False

    def violations(self, instance: object) -> tuple[Violation, ...]:
        """Return everything that is wrong with a value, the likeliest cause first; empty if it fits."""
        if self.is_valid(instance):
            return ()
        try:
            return violations(self._document, self._sealed, self.pointer, instance)
        except (ValueError, RecursionError) as error:
            # A lone surrogate, which JSON text may escape but UTF-8 cannot hold, or a value that is not JSON.
            return (
                Violation(
                    path=(), schema_path=(), keyword="encoding", message=f"not valid JSON text: {error}"
                ),
            )
