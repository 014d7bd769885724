"""Bodies with further members, the text of everything else left as it is."""

from __future__ import annotations

import json
from collections.abc import Mapping

from chatconform.wire.jsontext import Json, NotJson, parse


def extended(content: bytes, members: Mapping[str, Json]) -> bytes:
    """A JSON object with the members that it lacks at its end; what is no JSON object stays as it is."""
    if not members:
        return content
    try:
        body = parse(content)
    except NotJson:
        return content
    if not isinstance(body, dict):
        return content
    missing = {name: value for name, value in members.items() if name not in body}
    if not missing:
        return content
    end = content.rindex(b"}")
    added = json.dumps(missing, ensure_ascii=False).encode()[1:-1]
    return content[:end] + (b", " if body else b"") + added + content[end:]
