"""The machine codes of schema violations, as the vendor's API was seen to use them (public issue reports)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chatconform.contract import Contract, Violation
from chatconform.contract.document import pointer_of

_CODES: Mapping[str, str] = {
    "required": "missing_required_parameter",
    "type": "invalid_type",
    "maxItems": "array_above_max_length",
    "maxLength": "string_above_max_length",
    "minLength": "string_below_min_length",
    "maxProperties": "object_above_max_properties",
}
_BOUNDS: Mapping[str, str] = {"minimum": "below_min_value", "maximum": "above_max_value"}


def violation_code(contract: Contract, violation: Violation) -> str | None:
    """Return the code for a violation; None where it breaks a rule that joins members, as observed."""
    if violation.rule is not None:
        return None
    if violation.keyword == "minItems":
        return "empty_array" if _schema(contract, violation)["minItems"] == 1 else "array_below_min_length"
    if violation.keyword in _BOUNDS:
        kind = "integer" if "integer" in _schema(contract, violation).get("type", ()) else "decimal"
        return f"{kind}_{_BOUNDS[violation.keyword]}"
    return _CODES.get(violation.keyword, "invalid_value")


def _schema(contract: Contract, violation: Violation) -> Mapping[str, Any]:
    node: Mapping[str, Any] = contract.resolve(pointer_of(*violation.schema_path[:-1]))
    return node
