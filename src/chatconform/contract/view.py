"""An OpenAPI 3.2 document seen as 3.1, for tools that do not read 3.2.

What 3.1 has no word for is dropped or renamed: `itemSchema` (a sequence keeps the schema of the whole), the
data and the serialized form of an example, and the names and kinds that 3.2 added for display.
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Any

# https://spec.openapis.org/oas/v3.2.0: fixed fields new in 3.2, by the field that holds their objects.
_NEW_IN_ENTRY = {
    "content": {"description", "itemSchema", "prefixEncoding", "itemEncoding"},
    "examples": {"dataValue", "serializedValue"},
    "responses": {"summary"},
    "securitySchemes": {"deprecated", "oauth2MetadataUrl"},
}
_NEW_IN_ITEM = {"servers": {"name"}, "tags": {"summary", "parent", "kind"}}
_NEW_AT_TOP = {"$self"}


def view_3_1(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document with everything that is new in 3.2 taken out; the argument is consumed."""
    view = {key: value for key, value in document.items() if key not in _NEW_AT_TOP}
    _take_out(view)
    return {**view, "openapi": "3.1.0"}


def _take_out(node: Any) -> None:
    if isinstance(node, list):
        for item in node:
            _take_out(item)
    elif isinstance(node, dict):
        for key, value in node.items():
            _drop(value, _NEW_IN_ENTRY.get(key, frozenset()))
            _drop(value, _NEW_IN_ITEM.get(key, frozenset()))
            _take_out(value)


def _drop(holder: Any, names: AbstractSet[str]) -> None:
    """Take members out of every object that a mapping or a list holds."""
    if isinstance(holder, dict):
        # A schema may describe a member called `content`; only a map of media types has slashes in its keys.
        holder = [entry for key, entry in holder.items() if "description" not in names or "/" in key]
    for entry in holder if isinstance(holder, list) and names else ():
        if isinstance(entry, dict):
            if "dataValue" in names & entry.keys():
                entry.setdefault("value", entry["dataValue"])
            for name in names & entry.keys():
                del entry[name]
