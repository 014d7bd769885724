"""An OpenAPI 3.2 document seen as 3.1, for tools that do not read 3.2.

What 3.1 has no word for is dropped: the schema and the encoding of a sequence's items (the schema of the
whole stays), the description of a media type, and the names and kinds that 3.2 added for display. The data of
an example becomes its value.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

# https://spec.openapis.org/oas/v3.2.0: the fixed fields that are new in 3.2, by the field that holds their
# objects, in a map or in a list.
_NEW = {
    "content": ("description", "itemSchema", "prefixEncoding", "itemEncoding"),
    "examples": ("dataValue", "serializedValue"),
    "responses": ("summary",),
    "securitySchemes": ("deprecated", "oauth2MetadataUrl"),
    "servers": ("name",),
    "tags": ("summary", "parent", "kind"),
}


def view_3_1(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document with everything that is new in 3.2 taken out; the argument is consumed."""
    _take_out(document)
    document.pop("$self", None)
    return {**document, "openapi": "3.1.0"}


def _take_out(node: Any) -> None:
    for key, child in _children(node):
        for name, entry in _children(child):
            # A schema may describe a member called `content`; the keys of a map of media types have slashes.
            if key in _NEW and isinstance(entry, dict) and (key != "content" or "/" in str(name)):
                _forget(entry, _NEW[str(key)])
        _take_out(child)


def _forget(entry: dict[str, Any], names: tuple[str, ...]) -> None:
    removed = {name: entry.pop(name) for name in names if name in entry}
    if "dataValue" in removed:
        entry["value"] = removed["dataValue"]


def _children(node: Any) -> Iterator[tuple[str | int, Any]]:
    if isinstance(node, dict):
        yield from node.items()
    elif isinstance(node, list):
        yield from enumerate(node)
